"""heidelberg-region from its file to a networkx graph, beside `osmnx.graph_from_xml`.

    python -P benchmarks/streets_load.py [--peers PYTHON]

OSMnx reads .osm, which the file is turned into before its clock starts; it runs in the environment
of `--peers`. Ours reads the .pbf with all its layers, builds the network and its graph. Each load
is a process of its own; its memory is the peak of the whole process, and beside it what loading
added to the libraries. The best of `RUNS` is given.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import osmium
import pandas as pd

RUNS = 3
DATA = Path(__file__).parents[2] / "shared" / "data"
PEER = Path(__file__).with_name("streets_load_peer.py")


def load(python: str, side: str, file: Path) -> dict[str, Any]:
    """Return the best of several loads."""
    loads = [
        json.loads(
            subprocess.run(
                [python, "-P", str(PEER), side, str(file)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout.splitlines()[-1]
        )
        for _ in range(RUNS)
    ]
    return min(loads, key=lambda row: row["cpu_s"])


def as_xml(file: Path, folder: str) -> Path:
    """Return a copy of a file of OpenStreetMap as .osm."""
    copy = Path(folder) / "town.osm"
    with osmium.SimpleWriter(str(copy)) as writer:
        for thing in osmium.FileProcessor(str(file)):
            writer.add(thing)
    return copy


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--peers", metavar="PYTHON", help="a Python that has osmnx")
    python = ask.parse_args().peers
    file = DATA / "heidelberg-region.osm.pbf"
    if not file.exists():
        print(f"heidelberg-region is left out: {DATA} is not there")
        return
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores, best of {RUNS}")
    rows = {"ours": load(sys.executable, "ours", file)}
    if python is None:
        print("OSMnx is left out: name a Python that has it with --peers")
    else:
        with tempfile.TemporaryDirectory() as folder:
            rows["osmnx"] = load(python, "osmnx", as_xml(file, folder))
    for row in rows.values():
        row["added_mb"] = row["peak_mb"] - row["idle_mb"]
    print(pd.DataFrame(rows).round(1).to_string())
    if python is not None:
        ours, theirs = rows["ours"], rows["osmnx"]
        print(
            f"{theirs['cpu_s'] / ours['cpu_s']:.1f} x as fast, memory "
            f"{ours['peak_mb'] / theirs['peak_mb']:.2f} of theirs "
            f"(added: {ours['added_mb'] / theirs['added_mb']:.2f})"
        )


if __name__ == "__main__":
    main()
