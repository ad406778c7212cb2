"""Points a second and closure of the Chinese datums, beside coordtransform in the same run.

    python -P benchmarks/datum.py

Points are random over Zhejiang. The best of `RUNS` is given;
the load of the machine is printed, since absolute figures depend on it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import coordTransform
import numpy as np
from shapely import get_coordinates

from gis import datum
from gis.datum_evidence import undeclared
from gis.layers import Layers
from gis.osm import read_town

RUNS = 3
POINTS = 1_000_000
ZHEJIANG = (118.0, 27.0, 123.0, 31.2)
M_A_DEGREE = 111_320.0
PAIRS = (
    ("wgs84_to_gcj02", "gcj02_to_wgs84"),
    ("gcj02_to_bd09", "bd09_to_gcj02"),
    ("wgs84_to_bd09", "bd09_to_wgs84"),
)
TOWN = Path(__file__).parents[2] / "shared" / "data" / "tsinghua.osm.pbf"


def best_of(move: Callable[..., Any], *places: Any) -> tuple[float, np.ndarray]:
    """Return the quickest seconds of several runs, and the degrees that came out, (2, n)."""
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        moved = move(*places)
        seconds.append(time.perf_counter() - begin)
    return min(seconds), np.array(moved)


def main() -> None:
    random = np.random.default_rng(1)
    west, south, east, north = ZHEJIANG
    lon, lat = random.uniform(west, east, POINTS), random.uniform(south, north, POINTS)
    print(
        f"{POINTS:,} points, best of {RUNS}, load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores"
    )
    print("\n| step | who | there M/s | back M/s | round trip max m | way there differs by deg |")
    print("|---|---|---|---|---|---|")
    for there, back in PAIRS:
        moved: dict[str, np.ndarray] = {}
        for who, package in (("gis.datum", datum), ("coordtransform", coordTransform)):
            there_s, moved[who] = best_of(getattr(package, there), lon, lat)
            back_s, again = best_of(getattr(package, back), *moved[who])
            trip_m = np.hypot(again[0] - lon, again[1] - lat).max() * M_A_DEGREE
            off = np.abs(moved[who] - moved["gis.datum"]).max()
            speeds = f"{POINTS / there_s / 1e6:.2f} | {POINTS / back_s / 1e6:.2f}"
            print(f"| {there} | {who} | {speeds} | {trip_m:.1e} | {off:.1e} |")
    if TOWN.is_file():
        found = read_town(TOWN)
        town = Layers(TOWN.name, found.layers, found.clip)
        lon, lat = get_coordinates(town["streets"].geometry).T
        begin = time.perf_counter()
        undeclared("cameras.csv", *datum.wgs84_to_gcj02(lon, lat), town)
        seconds = time.perf_counter() - begin
        print(f"\nevidence for {len(lon):,} points in {TOWN.name}: {seconds:.2f} s")


if __name__ == "__main__":
    main()
