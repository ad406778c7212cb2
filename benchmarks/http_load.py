"""Requests a second for the features in boxes of 1 km, by many clients at once.

    python -P benchmarks/http_load.py [--workers N] [--seconds S] [--keep FOLDER]

Makes two towns of 200,000 cameras: spread over a county, so that a box holds some ninety, and over
a city, where every answer is a full page of 100. Serves each by two processes, waits until both
keep the layer in memory, and asks with wrk (Debian's package `wrk`) from 16 connections on the same
machine, three times. Goals: 1,000 requests a second, and 99 of 100 within 75 ms.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from api.workspace import CONFIG, create_workspace

FENGQIAO = Path(sys.executable).with_name("fengqiao")
ASKING = Path(__file__).with_suffix(".lua")
CAMERAS, CLIENTS, RUNS = 200_000, 16, 3
LON, LAT = 120.2, 29.7
DEGREE_M = 111_195.0
BOX_M = 1000.0
# Sides of the towns, metres.
TOWNS = {"county": 48_000.0, "city": 20_000.0}
STATUS = np.array(["in_use"] * 18 + ["repair", "removed"])


def degrees(metres: float) -> tuple[float, float]:
    """Return a length as degrees of longitude and of latitude."""
    return metres / DEGREE_M / math.cos(math.radians(LAT)), metres / DEGREE_M


def cameras(side_m: float) -> gpd.GeoDataFrame:
    """Return the cameras of a square town, made up."""
    rng = np.random.default_rng(7)
    lon, lat = (
        start + rng.uniform(0, length, CAMERAS)
        for start, length in zip((LON, LAT), degrees(side_m), strict=True)
    )
    columns: dict[str, Any] = {
        "code": [f"3306810000131{at:07d}" for at in range(CAMERAS)],
        "name": [f"路口 {at} 号枪机" for at in range(CAMERAS)],
        "status": STATUS[rng.integers(0, len(STATUS), CAMERAS)],
        "azimuth_deg": np.round(rng.uniform(0, 359, CAMERAS)),
        "fov_deg": np.full(CAMERAS, 90.0),
        "range_m": np.full(CAMERAS, 70.0),
        "height_m": np.round(rng.uniform(3, 8, CAMERAS), 1),
    }
    # Rounded as catalogues have them.
    points = gpd.points_from_xy(np.round(lon, 6), np.round(lat, 6))
    return gpd.GeoDataFrame(columns, geometry=points, crs=4326)


def make_town(folder: Path, side_m: float) -> None:
    """Make the workspace of a town, unless it is there."""
    if (folder / CONFIG).exists():
        return
    with create_workspace(folder, "Load").open_store() as store:
        store.set_town(made_up=True)
        store.import_layers({"cameras": cameras(side_m)}, source="generated")


@contextmanager
def serving(folder: Path, workers: int) -> Iterator[str]:
    """Give the address of a server whose processes all answer."""
    command = [str(FENGQIAO), "serve", "-w", str(folder), "--port", "0", "--no-worker"]
    with subprocess.Popen(
        [*command, "--workers", str(workers)], stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        found = re.search(r"http://\S+", server.stderr.readline())
        assert found is not None
        try:
            wait_for(server.pid, workers, found.group())
            yield found.group()
        finally:
            server.terminate()


def wait_for(server: int, workers: int, address: str) -> None:
    """Wait until every process has the town ready: until none of them computes any more."""
    asked = f"{address}/ogc/collections/cameras/items?bbox={LON},{LAT},{LON + 0.01},{LAT + 0.01}"
    for _ in range(20 * workers):  # each on a connection of its own: all processes get some
        urllib.request.urlopen(asked).read()
    before = -1.0
    while (now := cpu_seconds(server)) - before > 0.05 * workers:
        before = now
        time.sleep(1)


def cpu_seconds(server: int) -> float:
    """Return the CPU seconds that the processes of a server have used."""
    own = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    fields = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in own]
    return sum(int(part[11]) + int(part[12]) for part in fields) / os.sysconf("SC_CLK_TCK")


def ask(address: str, side_m: float, seconds: int) -> dict[str, float]:
    """Return what wrk measures."""
    (width, height), box = degrees(side_m), degrees(BOX_M)
    town = (LON, LAT, LON + width, LAT + height, *box)
    command = ["wrk", "-t2", f"-c{CLIENTS}", f"-d{seconds}s", "-s", str(ASKING), address, "--"]
    done = subprocess.run([*command, *map(str, town)], capture_output=True, text=True, check=True)
    found = re.search(r"^FIGURES (.*)$", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    figures: dict[str, float] = json.loads(found.group(1))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--keep", type=Path, help="folder of the towns, kept for another run")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("load over HTTP is not measured: wrk is not installed (Debian: apt install wrk)")
        return
    print(
        f"{CAMERAS:,} cameras, {options.workers} processes, {CLIENTS} clients, "
        f"{os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, side_m in TOWNS.items():
            town = (options.keep or Path(folder)) / name
            make_town(town, side_m)
            print(f"{name}, {side_m / 1000:.0f} km across, load before {os.getloadavg()[0]:.2f}")
            with serving(town, options.workers) as address:
                for _ in range(RUNS):
                    tell(ask(address, side_m, options.seconds))


def tell(figures: dict[str, float]) -> None:
    """Print the figures of one run."""
    each = figures["bytes"] / max(figures["requests"], 1)
    print(
        f"  {figures['requests'] / figures['seconds']:,.0f} requests/s, median "
        f"{figures['p50_ms']:.1f} ms, 99 of 100 within {figures['p99_ms']:.1f} ms, worst "
        f"{figures['worst_ms']:.0f} ms, {figures['failed']:.0f} failed, {each / 1e3:.1f} kB each"
    )


if __name__ == "__main__":
    main()
