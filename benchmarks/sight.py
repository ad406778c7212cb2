"""Cameras a second past the buildings of three towns, beside shapely and CGAL in the same run.

    python -P benchmarks/sight.py [--peers PYTHON]

Range 70 m, 90 degrees, chords of 1 degree, three cameras in four on a facade; one thread. All give
the outline of the same view. `sweep` gives it as vertices; turning them into shapely's polygons is
timed apart. Shapely's way cuts the united shadows of the near walls out of the sector. CGAL's
(triangular expansion) runs in the environment of `--peers`, which has `pyvispoly`; what it is
given, the open ground within the sector, is made before its clock starts. Each of its views is
compared with ours. The best of `RUNS` is given (CGAL's is one run of all its cameras); how many
times as fast is told by CPU seconds, which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis import crs as coordinates
from gis.footprints import Footprints, dissolve, prepare, step_outside
from gis.osm import read_osm
from gis.sample import make_sample
from gis.sight import views_past
from gis.sight_kernels import sweep
from gis.sight_points import points_within

RUNS = 5
CAMERAS, SHAPELY_CAMERAS, CGAL_CAMERAS = 20_000, 300, 2_000
RANGE_M, FOV_DEG, CHORD_DEG, HEIGHT_M = 70.0, 90.0, 1.0, 6.0
ARCS = int(FOV_DEG / CHORD_DEG)
DATA = Path(__file__).parents[2] / "shared" / "data"


def towns() -> dict[str, gpd.GeoDataFrame]:
    """Return the buildings of each town that is there, with height_m, in degrees."""
    found = {"sample": make_sample()["buildings"]}
    lujiazui, manhattan = DATA / "lujiazui" / "buildings.geojson", DATA / "manhattan.osm.pbf"
    if lujiazui.exists() and manhattan.exists():
        found["Lujiazui"] = gpd.read_file(lujiazui).rename(columns={"height": "height_m"})
        found["Manhattan"] = read_osm(manhattan)["buildings"]
    else:
        print(f"Lujiazui and Manhattan are left out: {DATA} is not there")
    return found


def place(footprints: Footprints, count: int) -> np.ndarray:
    """Return cameras x, y, azimuth (count, 3): three in four on a facade, the rest in the open."""
    random = np.random.default_rng(1)
    walls = shapely.get_exterior_ring(footprints.polygons)
    length = shapely.length(walls)
    wall = random.choice(len(walls), 2 * count, p=length / length.sum())
    on = shapely.line_interpolate_point(walls[wall], random.random(2 * count), normalized=True)
    xy = shapely.get_coordinates(on)
    free = np.arange(2 * count) % 4 == 3
    xy[free] += random.normal(0, 15, (int(free.sum()), 2))
    xy = step_outside(xy, footprints, 0.01)
    xy = xy[~np.isnan(xy[:, 0])][:count]
    return np.column_stack([xy, random.uniform(0, 360, len(xy))])


def best_of(call: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return the quickest wall and CPU seconds of several runs, and what the call gave."""
    given = call()
    times = []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall_s, cpu_s = np.min(times, axis=0)
    return float(wall_s), float(cpu_s), given


def swept(cameras: np.ndarray, footprints: Footprints) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices of all views, relative to their cameras, and where each begins."""
    n = len(cameras)
    kernel = np.full((n, 6), np.nan)
    kernel[:, :2] = cameras[:, :2]
    kernel[:, 2] = np.radians(cameras[:, 2] - FOV_DEG / 2)
    kernel[:, 3], kernel[:, 4] = np.radians(FOV_DEG), RANGE_M
    walls = (footprints.edges, footprints.top_m)
    index = (footprints.grid, footprints.indptr, footprints.members)
    return sweep(kernel, np.full(n, ARCS), *walls, *index)[:2]


def table(cameras: np.ndarray, height_m: float) -> np.ndarray:
    """Return cameras as `views_past` takes them, (n, 7)."""
    alike = np.tile([FOV_DEG, RANGE_M, 0.0, height_m], (len(cameras), 1))
    return np.column_stack([cameras, alike])


def sectors(cameras: np.ndarray) -> np.ndarray:
    """Return the sector of each camera, as if it stood at 0, 0."""
    turns = np.radians(cameras[:, 2:] - FOV_DEG / 2 + np.arange(ARCS + 1) * FOV_DEG / ARCS)
    arcs = RANGE_M * np.stack([np.sin(turns), np.cos(turns)], axis=-1)
    return shapely.polygons(np.concatenate([np.zeros((len(cameras), 1, 2)), arcs], axis=1))


def shadow_unions(cameras: np.ndarray, footprints: Footprints) -> list[Any]:
    """Return the views as shapely makes them: sectors without the united shadows of near walls."""
    edges = footprints.edges
    tree = shapely.STRtree(shapely.linestrings(edges.reshape(-1, 2, 2)))
    views = []
    for (x, y, _), sector in zip(cameras, sectors(cameras), strict=True):
        near = edges[tree.query(shapely.affinity.translate(sector, x, y), predicate="intersects")]
        a, b = near[:, :2] - (x, y), near[:, 2:] - (x, y)
        faces = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] < 0
        a, b = a[faces], b[faces]
        middle = (a + b) / 2
        far_a, far_middle, far_b = (
            end * (4 * RANGE_M / np.hypot(*end.T))[:, None] for end in (a, middle, b)
        )
        shadows = shapely.polygons(np.stack([a, far_a, far_middle, far_b, b], axis=1))
        views.append(shapely.difference(sector, shapely.union_all(shadows)))
    return views


def grounds(cameras: np.ndarray, footprints: Footprints) -> np.ndarray:
    """Return the open ground within each sector that its camera, at 0, 0, stands on."""
    tree = shapely.STRtree(footprints.polygons)
    found = []
    for (x, y, _), sector in zip(cameras, sectors(cameras), strict=True):
        near = footprints.polygons[tree.query(shapely.box(x - 71, y - 71, x + 71, y + 71))]
        solids = shapely.transform(near, lambda xy, x=x, y=y: xy - (x, y))
        parts = shapely.get_parts(shapely.difference(sector, shapely.union_all(solids)))
        found.append(parts[shapely.distance(parts, shapely.Point(0, 0)).argmin()])
    return shapely.orient_polygons(np.array(found), exterior_cw=False)


def cgal(python: str, scenes: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return CGAL's views, and its seconds: those of the views, those of turning polygons."""
    rings, scene = shapely.get_rings(scenes, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.flatnonzero(np.r_[ring[1:] != ring[:-1], True])
    open_xy, ring = np.delete(xy, last, axis=0), np.delete(ring, last)
    with tempfile.TemporaryDirectory() as folder:
        given, views = Path(folder) / "scenes.npz", Path(folder) / "views.npz"
        np.savez(
            given,
            xy=open_xy,
            ring_end=np.cumsum(np.bincount(ring)),
            scene_end=np.cumsum(np.bincount(scene)),
        )
        peer = Path(__file__).with_name("sight_peer.py")
        subprocess.run([python, "-P", str(peer), str(given), str(views)], check=True)
        found = np.load(views)
        polygons = np.array(
            [shapely.Polygon(ring) for ring in np.split(found["xy"], found["end"][:-1])]
        )
        return polygons, float(found["seconds"].sum()), float(found["turning"].sum())


def as_polygons(vertices: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return views given as vertices as valid polygons; fewer than three are empty."""
    rings = np.split(vertices, first[1:-1])
    polygons = np.array([shapely.Polygon(ring if len(ring) > 2 else None) for ring in rings])
    return shapely.make_valid(polygons, method="structure")


def race(name: str, buildings: gpd.GeoDataFrame, python: str | None) -> dict[str, object]:
    """Return a row of the table for one town."""
    buildings = buildings[shapely.get_dimensions(buildings.geometry.to_numpy()) == 2]
    solids = coordinates.to_metres(buildings, coordinates.crs_of_frames(buildings)).geometry
    footprints = dissolve(solids.to_numpy())
    heights = prepare(solids.to_numpy(), buildings["height_m"].to_numpy(float))
    cameras = place(footprints, CAMERAS)
    wall_s, cpu_s, (vertices, first) = best_of(lambda: swept(cameras, footprints))
    flat, raised = table(cameras, np.nan), table(cameras, HEIGHT_M)
    flat_s = best_of(lambda: views_past(flat, footprints, chord_deg=CHORD_DEG))[0]
    raised_s = best_of(lambda: views_past(raised, heights, chord_deg=CHORD_DEG))[0]
    few = cameras[:: CAMERAS // SHAPELY_CAMERAS]
    shapely_s = best_of(lambda: shadow_unions(few, footprints))[1] / len(few)
    row = {
        "town": name,
        "walls": len(footprints.edges),
        "cameras": len(cameras),
        "a second": round(len(cameras) / wall_s),
        "a CPU second": round(len(cameras) / cpu_s),
        "as polygons": round(len(cameras) / flat_s),
        f"past heights, at {HEIGHT_M:g} m": round(len(cameras) / raised_s),
        "x shapely": round(len(cameras) / cpu_s * shapely_s),
    }
    if python is None:
        return row
    some = np.arange(0, len(cameras), max(1, len(cameras) // CGAL_CAMERAS))
    theirs, cgal_s, turning_s = cgal(python, grounds(cameras[some], footprints))
    ours = as_polygons(vertices, first)[some]
    area = shapely.area(theirs)
    apart = shapely.area(shapely.symmetric_difference(ours, shapely.make_valid(theirs)))
    return row | {
        "x CGAL": round(len(cameras) / cpu_s * cgal_s / len(some)),
        "x with its polygons": round(len(cameras) / cpu_s * (cgal_s + turning_s) / len(some)),
        "compared": len(some),
        "worst difference, of the area": f"{(apart / area).max():.1e}",
    }


def memory(buildings: gpd.GeoDataFrame) -> str:
    """Return how much more memory ten times the cameras take, their views looked at and let go."""
    solids = coordinates.to_metres(buildings, coordinates.crs_of_frames(buildings)).geometry
    footprints = dissolve(solids.to_numpy())
    some = place(footprints, CAMERAS)
    peak_mb = []
    for times in (1, 10):
        for _ in range(times):
            for begin in range(0, len(some), 4096):
                views, _ = views_past(
                    table(some[begin : begin + 4096], np.nan), footprints, chord_deg=CHORD_DEG
                )
                shapely.area(views).sum()
        peak_mb.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return f"memory at its peak: {peak_mb[0]:.0f} MB, after ten times the cameras {peak_mb[1]:.0f}"


def points(buildings: gpd.GeoDataFrame) -> str:
    """Return how long 250 points or so in each of 1,400 views take to find."""
    solids = coordinates.to_metres(buildings, coordinates.crs_of_frames(buildings)).geometry
    footprints = dissolve(solids.to_numpy())
    cameras = place(footprints, 1_400)
    views, _ = views_past(table(cameras, np.nan), footprints, chord_deg=3)
    random = np.random.default_rng(2)
    around = np.repeat(cameras[:, :2], 1_000, axis=0)
    xy = around + random.uniform(-RANGE_M, RANGE_M, around.shape)
    wall_s, cpu_s, (view, _) = best_of(lambda: points_within(views, xy))
    return f"{len(xy)} points, 1,400 views, {len(view)} hits: {wall_s:.3f} s, CPU {cpu_s:.3f} s"


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--peers", metavar="PYTHON", help="a Python that has pyvispoly and numpy")
    python = ask.parse_args().peers
    if python is None:
        print("CGAL is left out: name a Python that has pyvispoly with --peers")
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores, best of {RUNS}")
    found = towns()
    rows = []
    for name, buildings in found.items():
        rows.append(race(name, buildings, python))
        print(pd.Series(rows[-1]).to_string(), end="\n\n")
    print(points(found["sample"]))
    print(memory(found["sample"]))
    print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main()
