"""Seconds of one evening of the sample town, from layers to routes that are told in full.

    python -P benchmarks/evening.py [--runs K] [--iterations N]

Nine teams, 90 patrol points, 200 sites and 150 further stops: gaps of coverage, places of many
incidents, and streets nobody walked lately, as if only one had been walked before. Gaps are given.
Every run is a process of its own, after one that compiles; the best and all others are shown.
Figures depend on the machine and its load, which is printed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest import mock

from gis.layers import Layers
from gis.sample import make_sample
from planner import patrol
from planner.assume import complete
from planner.coverage import cover
from planner.network import build_network
from planner.params import Params
from planner.prizes import candidates

RUNS = 3
# Further stops; so many more are candidates, as no team can reach some within its shift.
FURTHER, SPARE, STREETS = 150, 6, 60
DAY = "2026-11-24"
ASKED_S = 20.0
FURTHER_KINDS = ("gap", "incidents", "street")
# The parts of `plan_patrol` that are timed; the rest is putting tables together.
COUNTS = ("stops", "visits", "further", "visited", "unmet", "score", "bound")
PARTS = {"evening_of": "ready", "solve": "search", "told_in_full": "telling"}


@contextmanager
def timed(name: str, part: str, seconds: dict[str, float]) -> Iterator[None]:
    """Note how long a step of `plan_patrol` takes."""
    real = getattr(patrol, name)

    def call(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return real(*given, **named)
        finally:
            seconds[part] = time.perf_counter() - began

    with mock.patch.object(patrol, name, call):
        yield


def asked_params(town: Layers, walked: Mapping[str, date], changes: dict[str, Any]) -> Params:
    """Return numbers with which the further stops are as many as asked, however many are gaps."""
    many = {"gap_stops": 0, "stops_per_team": 500, "lately": {"stops": STREETS}, **changes}
    params = Params.from_toml({"patrol": many})
    stops = candidates(town, params.patrol, walked=walked)
    gaps = FURTHER + SPARE - int(stops["kind"].isin(FURTHER_KINDS).sum())
    return replace(params, patrol=replace(params.patrol, gap_stops=gaps))


def measure(changes: dict[str, Any]) -> dict[str, Any]:
    """Return seconds of the whole and of each part, and counts."""
    layers = make_sample()
    usual = Params.from_toml({})
    town = complete(layers, usual.response.tiers_min).layers
    gaps = cover(town, usual.coverage).gaps
    before = date.fromisoformat(DAY) - timedelta(days=1)
    walked = {str(layers["streets"]["code"].iloc[0]): before}
    params = asked_params(town, walked, {"date": DAY, **changes}).patrol
    seconds: dict[str, float] = {}
    with ExitStack() as stack:
        for name, part in PARTS.items():
            stack.enter_context(timed(name, part, seconds))
        began, cpu = time.perf_counter(), time.process_time()
        streets = build_network(town)
        plan = patrol.plan_patrol(town, streets, params, coverage_gaps=gaps, walked=walked)
        whole, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert plan.candidates is not None
    kinds = plan.candidates["kind"]
    return {
        **seconds,
        "whole": whole,
        "cpu": cpu,
        "stops": int((kinds != "break").sum()),
        "visits": int((kinds == "patrol_point").sum()),
        "further": int(kinds.isin(FURTHER_KINDS).sum()),
        "visited": int((plan.stops["kind"] != "break").sum()),
        "unmet": len(plan.unmet),
        "score": plan.score,
        "bound": plan.bound,
    }


def main() -> None:
    """Print the runs and the quickest of them."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--runs", type=int, default=RUNS, metavar="K", help="after one that compiles")
    ask.add_argument("--iterations", type=int, metavar="N", help="steps of the search")
    asked = ask.parse_args()
    changes = {"iterations": asked.iterations} if asked.iterations else {}
    load = f"{os.getloadavg()[0]:.2f}, {os.cpu_count()} cores; asked: {ASKED_S:g} s"
    print(f"best of {asked.runs}, load {load}\n")
    heads = ["s", *PARTS.values(), "CPU s", *COUNTS, "of the bound"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    best: dict[str, Any] | None = None
    for number in range(asked.runs + 1):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply(measure, (changes,))
        if number:
            print(row(found), flush=True)
            best = found if best is None or found["whole"] < best["whole"] else best
    if best is not None:
        print(f"\nbest: {best['whole']:.1f} s, load {os.getloadavg()[0]:.2f}")


def row(found: Mapping[str, Any]) -> str:
    """Return a run as a row of the table."""
    times = [f"{found[name]:.1f}" for name in ("whole", *PARTS.values(), "cpu")]
    counts = [str(found[name]) for name in COUNTS]
    return "| " + " | ".join([*times, *counts, f"{found['score'] / found['bound']:.1%}"]) + " |"


if __name__ == "__main__":
    main()
