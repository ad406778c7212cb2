"""A million cells out of villages, and a million points to cells, beside plain loops over h3-py.

    python -P benchmarks/cells.py

Each peer gives the same cells in the same run; the best of `RUNS` runs is given, and the machine's
load. The loop is timed with ids as text (what `import h3` gives) and as numbers
(`h3.api.numpy_int`); polygons are turned into h3-py's own shapes before the clock starts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import h3
import h3.api.numpy_int as h3_numbers
import numpy as np
import shapely

from gis.hexes import cell_of_points, cells_of_polygons
from gis.hexes_fill import fill_polygons

RUNS = 5
RESOLUTION = 12
POINTS = 1_000_000
# 240 km2 in 400 villages are a million cells of resolution 12.
WEST, SOUTH, EAST, NORTH = 120.6, 30.05, 120.765, 30.1865
VILLAGES = 400
# Borders as people draw them have a point every ten metres or so.
VERTEX_EVERY_DEG = 1e-4


def villages() -> Any:
    """Return a town cut into villages with straight borders, (n,) polygons."""
    random = np.random.default_rng(1)
    town = shapely.box(WEST, SOUTH, EAST, NORTH)
    seats = random.uniform([WEST, SOUTH], [EAST, NORTH], (VILLAGES, 2))
    cells = shapely.voronoi_polygons(shapely.multipoints(seats), extend_to=town)
    return shapely.intersection(shapely.get_parts(cells), town)


def race(calls: Mapping[str, Callable[[], Any]]) -> dict[str, tuple[float, float, Any]]:
    """Return the quickest run of each call: seconds, seconds of CPU, and what it gave.

    They take turns, so that a busy machine is busy for all; a first round, which compiles, does
    not count.
    """
    quickest = {name: (float("inf"), float("inf"), call()) for name, call in calls.items()}
    for _ in range(RUNS):
        for name, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            before = quickest[name]
            quickest[name] = (min(wall, before[0]), min(cpu, before[1]), before[2])
    return quickest


def show(found: Mapping[str, tuple[float, float, Any]], text: str, numbers: str) -> None:
    """Print each time, with how many times quicker it is than either loop."""
    print(f"  {'':<44} {'s':>7} {'CPU s':>7}   beside the two loops")
    for name, (wall, cpu, _) in found.items():
        peers = () if name in (text, numbers) else (text, numbers)
        times = "".join(f"{found[peer][0] / wall:7.1f} x" for peer in peers)
        print(f"  {name:<44} {wall:7.3f} {cpu:7.3f} {times}")


def fill(title: str, polygons: Any) -> None:
    shapes = [h3.geo_to_h3shape(polygon) for polygon in polygons]
    text, numbers = "h3.polygon_to_cells", "h3.api.numpy_int.polygon_to_cells"
    found = race(
        {
            text: lambda: [h3.polygon_to_cells(shape, RESOLUTION) for shape in shapes],
            numbers: lambda: [h3_numbers.polygon_to_cells(shape, RESOLUTION) for shape in shapes],
            "gis.hexes.cells_of_polygons": lambda: cells_of_polygons(polygons, RESOLUTION),
            "gis.hexes_fill.fill_polygons": lambda: fill_polygons(polygons, RESOLUTION),
        }
    )
    cells = found["gis.hexes_fill.fill_polygons"][2][0]
    assert np.array_equal(np.sort(cells), np.sort(np.concatenate(found[numbers][2])))
    corners = shapely.get_num_coordinates(polygons).mean()
    print(f"{title}: {len(cells)} cells of {len(polygons)} villages, {corners:.0f} vertices each")
    show(found, text, numbers)


def points() -> None:
    random = np.random.default_rng(2)
    lon, lat = random.uniform(WEST, EAST, POINTS), random.uniform(SOUTH, NORTH, POINTS)
    text, numbers = "h3.latlng_to_cell", "h3.api.numpy_int.latlng_to_cell"

    def loop(latlng_to_cell: Callable[..., Any]) -> list[Any]:
        return [
            latlng_to_cell(y, x, RESOLUTION)
            for y, x in zip(lat.tolist(), lon.tolist(), strict=True)
        ]

    halves = (slice(0, POINTS // 2), slice(POINTS // 2, None))
    with ThreadPoolExecutor(2) as pool:
        found = race(
            {
                text: lambda: loop(h3.latlng_to_cell),
                numbers: lambda: loop(h3_numbers.latlng_to_cell),
                "gis.hexes.cell_of_points": lambda: cell_of_points(lon, lat, RESOLUTION),
                "  the same in two threads": lambda: list(
                    pool.map(lambda half: cell_of_points(lon[half], lat[half], RESOLUTION), halves)
                ),
            }
        )
    cells = found["gis.hexes.cell_of_points"][2]
    assert np.array_equal(cells, np.array(found[numbers][2], dtype=np.uint64))
    print(f"{POINTS} points to cells")
    show(found, text, numbers)


def main() -> None:
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores, best of {RUNS}")
    straight = villages()
    fill("Straight borders", straight)
    fill("Drawn borders", shapely.segmentize(straight, VERTEX_EVERY_DEG))
    points()
    print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main()
