"""Milliseconds of cordons: runner and arrivals, flow and matching, the exact model and its gap.

    python -P benchmarks/cordon.py [PLACES]

On the region of Heidelberg (`../shared/data`, where it is there) with 40 units by car at seeded
junctions, and on the sample town with its own units. Once for a town, an hour and the posts of its
units: networks of the runners, and when each unit is at each junction. For each place, and that is
what is timed: the runner, exits, pairs, plan, names and sentences. Where flow and matching settle
it, CPU time tells; else the exact model is given 0.1 s at each place, as a page does first, and
8 s at one, by the clock. Its gap is the share of the exits' weight between the plan and what no
plan can better.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from gis.layers import WGS84, Layers, conform
from gis.osm import read_town
from gis.sample import make_sample
from planner.assume import complete
from planner.cordon import answer
from planner.cordon_check import leaks_of
from planner.cordon_params import Preset, presets
from planner.cordon_problem import CordonProblem, best_plan, problem_at
from planner.cordon_town import CordonTown, prepare_cordon
from planner.network import build_network
from planner.solvers.cut import SealSolution

REGION = Path(__file__).parents[2] / "shared" / "data" / "heidelberg-region.osm.pbf"
UNITS = 40
# How near to the place they are in the second run on the region.
NEAR_M = 2500.0
PLACES = 3
QUICK_S, MODEL_S = 0.1, 7.0


def region(path: Path, rng: np.random.Generator) -> CordonTown:
    """Return the region with units at seeded junctions that cars can use."""
    read = read_town(path)
    bare = Layers(path.name, read.layers, read.clip)
    streets = build_network(bare)
    assert streets is not None
    usable = np.flatnonzero(streets.mainland("car").usable)
    at = places(
        streets.xy[streets.edge_tail[rng.choice(usable, UNITS, replace=False)]], streets.crs
    )
    units = {"code": [f"U{k}" for k in range(UNITS)], "mode": ["car"] * UNITS}
    frame = conform(gpd.GeoDataFrame(units, geometry=at, crs=WGS84), "units")
    return prepare_cordon(bare.replaced(units=frame), streets).warmed()


def around(town: CordonTown, lon: float, lat: float, rng: np.random.Generator) -> CordonTown:
    """Return the town with as many units at seeded junctions within `NEAR_M` of a place."""
    streets = town.streets
    here = gpd.GeoSeries.from_xy([lon], [lat], crs=WGS84).to_crs(streets.crs)
    near = np.hypot(*(streets.xy - [here.x.iloc[0], here.y.iloc[0]]).T) <= NEAR_M
    edges = np.flatnonzero(streets.mainland("car").usable & near[streets.edge_tail])
    chosen = rng.choice(edges, UNITS, replace=len(edges) < UNITS)
    frame = town.layers["units"].set_geometry(
        places(streets.xy[streets.edge_tail[chosen]], streets.crs).to_numpy(), crs=WGS84
    )
    return town.with_units(town.layers.replaced(units=frame))


def places(xy: np.ndarray[Any, np.dtype[np.float64]], crs: Any) -> gpd.GeoSeries:
    """Return points in degrees."""
    return gpd.GeoSeries.from_xy(xy[:, 0], xy[:, 1], crs=crs).to_crs(WGS84)


@dataclass
class Row:
    """What is measured of one preset, place by place."""

    size: list[tuple[int, int, int]] = field(default_factory=list)
    settled_ms: list[float] = field(default_factory=list)
    quick_gap: list[float] = field(default_factory=list)
    quick_s: list[float] = field(default_factory=list)
    full: tuple[float, float] | None = None
    leaks: int = 0

    def text(self, name: str) -> str:
        """Return the row as it is printed."""
        size = " ".join(f"{value:6.0f}" for value in np.median(self.size, axis=0))
        settled = worst = "-"
        if self.settled_ms:
            settled, worst = (f"{f(self.settled_ms):.0f}" for f in (np.median, max))
        quick = f"{max(self.quick_s):.2f} s {max(self.quick_gap):4.0%}" if self.quick_s else "-"
        full = "-" if self.full is None else f"{self.full[0]:.1f} s {self.full[1]:4.0%}"
        return (
            f"{name:10} {size} | {len(self.settled_ms)} {settled:>4} {worst:>4} | "
            f"{len(self.quick_s)} {quick:>12} | {full:>12} | {self.leaks}"
        )


def measure(
    whole: CordonTown, wanted: int, rng: np.random.Generator, *, near: bool = False
) -> None:
    """Print a row for each preset, over some places."""
    streets = whole.streets
    usable = np.flatnonzero(streets.mainland("car").usable)
    at = places(
        streets.xy[streets.edge_tail[rng.choice(usable, wanted, replace=False)]], streets.crs
    )
    spread = f"within {NEAR_M / 1000:g} km of the place" if near else "where they are"
    print(f"\n{len(whole.layers['units'])} units {spread}; {wanted} places; {streets.summary()}")
    spots = list(zip(at.x, at.y, strict=True))
    towns = [around(whole, *spot, rng) if near else whole for spot in spots]
    begun = time.process_time()
    for town, (lon, lat) in zip(towns, spots, strict=True):
        problem_at(town, lon, lat, presets()[0].params())
    print(f"prepared once for each place of units: {time.process_time() - begun:.2f} s CPU")
    print("           nodes  exits  pairs | settled: n, CPU ms, worst | model in 0.1 s: n, worst, "
          "gap | model at one place, gap | leaks")  # fmt: skip
    for one in presets():
        row = Row()
        for town, (lon, lat) in zip(towns, spots, strict=True):
            _ask(row, town, lon, lat, one)
        print(row.text(one.id), flush=True)


def _ask(row: Row, town: CordonTown, lon: float, lat: float, one: Preset) -> None:
    begun, wall = time.process_time(), time.perf_counter()
    problem = problem_at(town, lon, lat, one.params(seconds=QUICK_S))
    plan = best_plan(problem)
    found = answer(problem, plan)
    spent_s, took_s = time.process_time() - begun, time.perf_counter() - wall
    row.size.append((len(problem.nodes), len(problem.exits.node), len(problem.units.unit)))
    row.leaks += len(leaks_of(problem, found))
    if plan.method != "model":
        row.settled_ms.append(1e3 * spent_s)
        return
    row.quick_s.append(took_s)
    row.quick_gap.append(_gap(problem, plan))
    if row.full is None:
        wall = time.perf_counter()
        problem = problem_at(town, lon, lat, one.params(seconds=MODEL_S))
        plan = best_plan(problem)
        found = answer(problem, plan)
        row.full = time.perf_counter() - wall, _gap(problem, plan)
        row.leaks += len(leaks_of(problem, found))


def _gap(problem: CordonProblem, plan: SealSolution) -> float:
    """Return what is open and might be closed, as a share of all exits."""
    total = float(problem.exits.weight.sum())
    return (plan.open_weight - plan.open_bound) / total if total else 0.0


def main() -> None:
    """Measure both towns."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else PLACES
    layers = complete(make_sample()).layers
    streets = build_network(layers)
    assert streets is not None
    measure(prepare_cordon(layers, streets).warmed(), wanted, np.random.default_rng(1))
    if REGION.exists():
        rng = np.random.default_rng(2)
        town = region(REGION, rng)
        measure(town, wanted, rng)
        measure(town, wanted, rng, near=True)
    else:
        print(f"{REGION.name} is not there")


if __name__ == "__main__":
    main()
