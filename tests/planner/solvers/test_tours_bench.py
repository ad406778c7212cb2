"""Published instances of team orienteering, where they are kept beside the project."""

from __future__ import annotations

import csv
import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from planner.solvers.tours import TourProblem, TourSolution, Vehicle, solve
from planner.solvers.tours_check import check

BENCH = Path(__file__).parents[4] / "shared" / "bench"
TICKS = 10_000  # to the unit: a coarser grid, rounded up, would lose the last stop of a full route


@pytest.fixture(scope="module")
def instances() -> ModuleType:
    if not (BENCH / "instances.py").is_file():
        pytest.skip("the published instances (../shared/bench) are not beside the project")
    spec = importlib.util.spec_from_file_location("bench_instances", BENCH / "instances.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_instances"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def best_known(file: str, teams: int) -> float:
    with (BENCH / "best_known.csv").open() as table:
        rows = {(row["file"], int(row["m"])): row["best_known"] for row in csv.DictReader(table)}
    return float(rows[file, teams])


def orienteering(inst: Any) -> TourProblem:
    n = len(inst.xy)
    steps = [[math.ceil(inst.dist(a, b) * TICKS) for b in range(n)] for a in range(n)]
    limit = math.floor(inst.tmax * TICKS)
    none = np.zeros(n, int)
    team = Vehicle(inst.start, inst.end, 0, limit, max_duration=limit)
    return TourProblem(
        np.array(steps), inst.score, none, none, none + limit, none > 0, (team,) * inst.m
    )


def with_windows(inst: Any) -> TourProblem:
    n = len(inst.xy)
    steps = [[inst.idist_down(a, b) for b in range(n)] for a in range(n)]
    opens, closes = np.rint(np.array(inst.tw).T * inst.scale).astype(int)
    service = np.rint(np.array(inst.service) * inst.scale).astype(int)
    team = Vehicle(0, 0, 0, int(closes[0]))
    return TourProblem(
        np.array(steps), inst.score, service, opens, closes, np.zeros(n, bool), (team,) * inst.m
    )


def near_the_best(
    instances: ModuleType, inst: Any, problem: TourProblem, best: float
) -> TourSolution:
    plan = solve(problem, iterations=3000, threads=2)
    assert check(problem, plan.routes, plan.departures).faults == ()
    score, _ = instances.check(inst, [list(route) for route in plan.routes])
    assert score == plan.score
    assert 0.95 * best <= score <= best
    return plan


@pytest.mark.parametrize("name", ["p5.3.x", "p7.2.g", "p2.4.k"])
def test_team_orienteering_comes_near_the_best_known(instances: ModuleType, name: str) -> None:
    inst = instances.load_top(BENCH / "top" / f"{name}.txt")
    near_the_best(instances, inst, orienteering(inst), best_known(f"top/{name}.txt", inst.m))


@pytest.mark.parametrize(("name", "teams"), [("c101", 1), ("pr07", 1), ("r112", 9)])
def test_time_windows_come_near_the_best_known(
    instances: ModuleType, name: str, teams: int
) -> None:
    inst = instances.load_toptw(BENCH / "toptw" / f"{name}.txt", teams)
    best = best_known(f"toptw/{name}.txt", teams)
    plan = near_the_best(instances, inst, with_windows(inst), best)
    assert plan.bound is not None
    assert plan.bound >= best
