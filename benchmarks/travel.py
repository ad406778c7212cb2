"""Travel on heidelberg-region beside networkx, scipy, OSMnx's hulls and OSRM, on one graph.

    python -P benchmarks/travel.py [--osrm PYTHON]

The graph is `Streets.graph`; networkx searches it with the weights of the mode, scipy the same arcs
as a matrix (of parallel ones the quickest). Posts stand on junctions, so all begin at the same
nodes. "kernel" is the search alone, what networkx and scipy do; "whole call" has the points put
on the streets too and, for paths, their geometry. Slow peers are run on every tenth post and
reckoned up. CPU seconds, the best of a few runs.

OSMnx's hulls are made as its example for isochrones makes them: the nodes of `networkx.ego_graph`
by time, united, their convex hull. Quality: places every 10 m on the streets the mode may use,
weighed by the length they stand for, with exact times; recall is the reached length inside the
area by the reached length, false the length inside that is not reached by the length inside.
OSRM runs in the environment of `--osrm`, with a contraction hierarchy and its own car profile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import scipy.sparse
import shapely
from scipy.sparse.csgraph import dijkstra

from gis import travel
from gis.osm import read_osm
from gis.sample import make_sample
from gis.streets import Streets
from gis.travel_kernels import field, reach_sets, times_between
from gis.trip_ends import ends_of

DATA = Path(__file__).parents[2] / "shared" / "data"
POSTS, MANY, EVERY, LIMIT_S = 50, 500, 10, 300.0
BANDS_S = (60, 180, 300)
QUALITY_POSTS, SAMPLE_M = 20, 10.0


def cpu_s(call: Callable[[], Any], runs: int = 3) -> float:
    """Return the CPU seconds of the quickest of some runs, the first not counted."""
    call()
    times = []
    for _ in range(runs):
        begin = time.process_time()
        call()
        times.append(time.process_time() - begin)
    return min(times)


def once_s(call: Callable[[], Any]) -> float:
    """Return the CPU seconds of one run."""
    begin = time.process_time()
    call()
    return time.process_time() - begin


def network(name: str) -> Streets:
    """Return the network of a town by name; "sample" is the made one."""
    town = make_sample() if name == "sample" else read_osm(DATA / f"{name}.osm.pbf")
    layers = {layer: town[layer] for layer in ("barriers", "restrictions")}
    return Streets.build(town["streets"], **layers)


def posts_on(streets: Streets, mode: str, count: int) -> tuple[np.ndarray, gpd.GeoSeries]:
    """Return posts on junctions that a mode can get away from: nodes, and points."""
    random = np.random.default_rng(1)
    edges = np.flatnonzero(streets.mainland(mode).usable)
    node = streets.junction[streets.edge_tail[random.permutation(edges)]]
    node = node[np.sort(np.unique(node, return_index=True)[1])][:count]
    return node, gpd.GeoSeries.from_xy(*streets.xy[node].T, crs=streets.crs)


def as_matrix(streets: Streets, mode: str) -> scipy.sparse.csr_matrix:
    """Return the arcs of a mode as scipy wants them; times of 0 become a tiny one."""
    arcs = streets.adjacency(mode)
    tail = streets.arc_tail[arcs.arc]
    order = np.lexsort((arcs.seconds, arcs.node, tail))
    tail, head, seconds = tail[order], arcs.node[order], arcs.seconds[order]
    keep = np.append(True, (np.diff(tail) != 0) | (np.diff(head) != 0))
    values = np.maximum(seconds[keep], 1e-9)
    return scipy.sparse.csr_matrix((values, (tail[keep], head[keep])), shape=(len(streets.xy),) * 2)


def searches(streets: Streets, graph: Any, mode: str) -> pd.DataFrame:
    """Return milliseconds of each search, ours and theirs, and how many times as fast."""
    weight, arcs = f"{mode}_s", streets.adjacency(mode)
    net = (arcs.indptr, arcs.node, arcs.seconds)
    node, points = posts_on(streets, mode, MANY)
    few, few_points = node[:POSTS], points.iloc[:POSTS]
    zeros, each = np.zeros(MANY), np.arange(MANY + 1)
    table = as_matrix(streets, mode)
    lengths = nx.single_source_dijkstra_path_length
    some = [int(n) for n in node[::EVERY]]
    scale = MANY / len(some)
    pairs = list(pairwise(some))[:20]
    pair_points = points.iloc[::EVERY].iloc[:21]

    def one_path(pair: tuple[int, int]) -> Any:
        try:
            way = nx.dijkstra_path(graph, *pair, weight=weight)
        except nx.NetworkXNoPath:
            return None
        steps = pairwise(way)
        best = (min(graph[u][v].values(), key=lambda d: d.get(weight, np.inf)) for u, v in steps)
        return shapely.line_merge(shapely.union_all([d["geometry"] for d in best]))

    rows = {
        f"nearest of {POSTS}, {LIMIT_S:.0f} s": (
            cpu_s(lambda: field(*net, few, zeros[:POSTS], LIMIT_S), 20),
            cpu_s(lambda: travel.nearest(streets, few_points, mode=mode, limit_s=LIMIT_S)),
            cpu_s(
                lambda: nx.multi_source_dijkstra(
                    graph, set(few.tolist()), cutoff=LIMIT_S, weight=weight
                )
            ),
            cpu_s(lambda: dijkstra(table, indices=few, min_only=True, limit=LIMIT_S), 10),
        ),
        f"reach of {MANY}, {LIMIT_S:.0f} s": (
            cpu_s(lambda: reach_sets(*net, each, node, zeros, LIMIT_S)),
            cpu_s(lambda: travel.reach(streets, points, mode=mode, limit_s=LIMIT_S)),
            scale
            * once_s(lambda: [lengths(graph, n, cutoff=LIMIT_S, weight=weight) for n in some]),
            scale * cpu_s(lambda: [dijkstra(table, indices=n, limit=LIMIT_S) for n in some]),
        ),
        f"matrix {MANY} x {MANY}": (
            cpu_s(lambda: times_between(*net, each, node, zeros, each, node, zeros), 1),
            cpu_s(lambda: travel.matrix(streets, points, points, mode=mode), 1),
            10 * scale * once_s(lambda: [lengths(graph, n, weight=weight) for n in some[::10]]),
            scale * once_s(lambda: dijkstra(table, indices=some)),
        ),
        "one path with geometry": (
            np.nan,
            cpu_s(
                lambda: [
                    travel.path(streets, a, b, mode=mode)
                    for a, b in zip(pair_points, pair_points.iloc[1:], strict=False)
                ]
            )
            / len(pairs),
            once_s(lambda: [one_path(pair) for pair in pairs]) / len(pairs),
            np.nan,
        ),
    }
    columns = ["kernel", "whole call", "networkx", "scipy"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns) * 1000
    ours = frame["kernel"].fillna(frame["whole call"])
    frame["x networkx"], frame["x scipy"] = frame["networkx"] / ours, frame["scipy"] / ours
    frame["x networkx, whole"] = frame["networkx"] / frame["whole call"]
    return frame


def hull(graph: Any, node: int, mode: str, band_s: float) -> Any:
    """Return the area of a post as the example of OSMnx makes it."""
    near = nx.ego_graph(graph, node, radius=band_s, distance=f"{mode}_s")
    points = [shapely.Point(place["x"], place["y"]) for _, place in near.nodes(data=True)]
    return gpd.GeoSeries(points).union_all().convex_hull


def areas(streets: Streets, graph: Any, mode: str) -> dict[str, Any]:
    """Return how quickly areas are made, ours and OSMnx's."""
    node, points = posts_on(streets, mode, POSTS)
    ours_s = cpu_s(lambda: travel.isochrones(streets, points, mode=mode, bands_s=BANDS_S), 10)
    # By car a hull takes half a second; on foot they differ too much for every fifth to tell.
    some = node[:: 5 if mode == "car" else 1].tolist()
    hulls_s = cpu_s(lambda: [hull(graph, n, mode, band) for n in some for band in BANDS_S], 3)
    hulls_s *= POSTS / len(some)
    # The hulls begin at nodes that are given; this much of ours is looking for the streets.
    snapped_s = cpu_s(lambda: ends_of(streets, points, mode), 10)
    merged_s = cpu_s(lambda: travel.isochrones(streets, points, mode=mode, merge=True))
    parts_s = cpu_s(lambda: travel.reachable(streets, points, mode=mode, limit_s=LIMIT_S))
    return {
        "mode": mode,
        f"ours, {POSTS * len(BANDS_S)} areas, s": ours_s,
        "OSMnx's hulls, s": hulls_s,
        "x": hulls_s / ours_s,
        "x, from given places": hulls_s / (ours_s - snapped_s),
        "merged, s": merged_s,
        "reachable parts of all, s": parts_s,
    }


def places_on(streets: Streets, mode: str) -> gpd.GeoDataFrame:
    """Return the middles of equal pieces of streets: edge, fraction, length_m, geometry."""
    whole = streets.seconds[mode][: 2 * len(streets.edge_tail)].reshape(-1, 2)
    edge = np.flatnonzero(np.isfinite(whole).any(axis=1))
    pieces = np.maximum(1, np.ceil(streets.edge_length_m[edge] / SAMPLE_M)).astype(np.int64)
    first = np.repeat(np.cumsum(pieces) - pieces, pieces)
    edge, pieces = np.repeat(edge, pieces), np.repeat(pieces, pieces)
    fraction = (np.arange(len(edge)) - first + 0.5) / pieces
    geometry = shapely.line_interpolate_point(
        streets.edge_geometry[edge], fraction, normalized=True
    )
    length_m = streets.edge_length_m[edge] / pieces
    return gpd.GeoDataFrame(
        {"edge": edge, "fraction": fraction, "length_m": length_m}, geometry=geometry
    )


def exact_s(streets: Streets, points: gpd.GeoSeries, mode: str, places: gpd.GeoDataFrame) -> Any:
    """Return when each place is reached from one post, by its edge's ends and the post's edge."""
    node_s = travel.nearest(streets, points, mode=mode, limit_s=max(BANDS_S)).time_s
    seconds, on_edge = streets.seconds[mode], streets.arc_edge >= 0
    entry = np.full(2 * len(streets.edge_tail), np.inf)
    arc = np.flatnonzero(on_edge & np.isfinite(seconds))
    slot = 2 * streets.arc_edge[arc] + ~streets.arc_forward[arc]
    np.minimum.at(entry, slot, node_s[streets.arc_tail[arc]])
    whole = seconds[: len(entry)]
    edge, fraction = places["edge"].to_numpy(), places["fraction"].to_numpy()
    with np.errstate(invalid="ignore"):
        ways = np.column_stack(
            [
                entry[2 * edge] + fraction * whole[2 * edge],
                entry[2 * edge + 1] + (1 - fraction) * whole[2 * edge + 1],
            ]
        )
        end = ends_of(streets, points, mode)
        gone = fraction - end.fraction[0]
        direct = np.where(gone >= 0, gone * whole[2 * edge], -gone * whole[2 * edge + 1])
    direct[edge != end.edge[0]] = np.inf
    return np.fmin(np.fmin(*ways.T), direct)


def quality(name: str, mode: str) -> dict[str, Any]:
    """Return recall and false share of each band: mean of the posts, and of the worst post."""
    streets = network(name)
    random = np.random.default_rng(2)
    edges = np.flatnonzero(streets.mainland(mode).usable)
    edges = random.choice(edges, QUALITY_POSTS, replace=False)
    stand = shapely.line_interpolate_point(streets.edge_geometry[edges], 0.4, normalized=True)
    points = gpd.GeoSeries(stand, crs=streets.crs)
    places = places_on(streets, mode)
    tree, length_m = shapely.STRtree(places.geometry.to_numpy()), places["length_m"].to_numpy()
    made = travel.isochrones(streets, points, mode=mode, bands_s=BANDS_S)
    found = []
    for at in range(len(points)):
        seconds = exact_s(streets, points.iloc[[at]], mode, places)
        for band, area in made.loc[made["point"] == at, ["band_s", "geometry"]].itertuples(
            index=False
        ):
            inside = np.zeros(len(places), dtype=bool)
            inside[tree.query(area, predicate="intersects")] = True
            reached = seconds <= band
            both = length_m[inside & reached].sum()
            found.append((band, both / length_m[reached].sum(), 1 - both / length_m[inside].sum()))
    frame = pd.DataFrame(found, columns=["band", "recall", "false"]).groupby("band")
    row: dict[str, Any] = {"town": name, "mode": mode}
    for title, numbers in {
        "recall": frame["recall"].mean(),
        "recall, worst post": frame["recall"].min(),
        "false": frame["false"].mean(),
        "false, nine of ten posts": frame["false"].quantile(0.9),
        "false, worst post": frame["false"].max(),
    }.items():
        row[title] = " / ".join(f"{value:.3f}" for value in numbers)
    return row


def osrm(python: str, points: gpd.GeoSeries) -> dict[str, float]:
    """Return OSRM's seconds on the same points."""
    peer = Path(__file__).with_name("osrm_peer.py")
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "points.json"
        degrees = points.to_crs("EPSG:4326")
        given.write_text(json.dumps([[p.x, p.y] for p in degrees]))
        told = subprocess.run(
            [python, "-P", str(peer), str(DATA / "heidelberg-region.osm.pbf"), str(given), folder],
            check=True,
            capture_output=True,
            text=True,
        )
    return dict(json.loads(told.stdout.splitlines()[-1]))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--osrm", metavar="PYTHON", help="a Python 3.12 that has osrm-bindings")
    python = ask.parse_args().osrm
    if not (DATA / "heidelberg-region.osm.pbf").exists():
        print(f"heidelberg-region is left out: {DATA} is not there")
        return
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores")
    streets = network("heidelberg-region")
    graph = streets.graph
    print(streets.summary(), f"; graph of {len(graph)} nodes, {graph.number_of_edges()} arcs")
    for mode in ("car", "foot"):
        print(f"\n{mode}, ms\n{searches(streets, graph, mode).round(2).to_string()}", flush=True)
    made = [areas(streets, graph, mode) for mode in ("car", "foot")]
    print("\n" + pd.DataFrame(made).round(3).to_string(index=False), flush=True)
    towns = ("heidelberg-region", "tsinghua", "sample")
    judged = [quality(name, mode) for name in towns for mode in ("car", "foot")]
    print("\n" + pd.DataFrame(judged).to_string(index=False), flush=True)
    if python is None:
        print("\nOSRM is left out: name a Python 3.12 that has osrm-bindings with --osrm")
    else:
        theirs = osrm(python, posts_on(streets, "car", MANY)[1])
        print("\nOSRM, the same 500 posts, its own car profile: ", end="")
        print(", ".join(f"{key} {value:.4g}" for key, value in theirs.items()))
    print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main()
