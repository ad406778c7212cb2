"""Patrol routes beside OR-Tools on published instances: gaps to the best scores known.

    python -P benchmarks/tours.py [--full] [--seconds S] [--seeds K] [--only NAME ...] [-o FILE]
    python -P benchmarks/tours.py --bound NAME ...

Team orienteering (sets p1 to p7; two to four tours) and its variant with time windows (c1, r1, pr;
one tour, or as many as can visit every point). Every run has one thread and so many CPU seconds;
every plan is checked from the file alone by the checker that comes with the instances, and one
refused plan fails the whole. Without `--full`: 16 instances, three seeds, 10 s, OR-Tools beside
ours. With it: all instances, one seed, 60 s, ours alone; `-o` keeps each row, and what is in the
file already is not run again.

A few best scores known come from limits that were not rounded, or visit more than can be visited;
they are named apart and are not in the means. With `--bound`: what instances with windows can be
worth at most, by column generation.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import math
import multiprocessing
import os
import re
import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from planner.solvers.tours import TourProblem, Vehicle, solve

BENCH = Path(__file__).parents[2] / "shared" / "bench"
TICKS = 10_000  # to the unit: a coarser grid, rounded up, would lose the last stop of a full route
QUICK = (
    "p4.2.k", "p4.3.m", "p4.4.o", "p5.2.x", "p5.3.t", "p5.4.y", "p7.2.q", "p7.3.o", "p7.4.s",
    "c104.m1", "c107.m10", "r107.m1", "r112.m9", "pr03.m1", "pr09.m1", "pr07.m5",
)  # fmt: skip
DOUBTFUL = ("p1.3.h", "p1.3.o", "p2.3.h", "p5.3.e", "pr01.m3")
# Its five tours cannot visit every point, as is said of them: 946 of 948 at most (`--bound`).
NOT_ALL = ("pr07.m5",)
BOUND_S = 300.0
QUICK_S, FULL_S = 10.0, 60.0
KINDS = ("plain", "one", "many")  # without windows; with them, one tour or several
QUICK_SEEDS, FULL_SEEDS = 3, 1


@dataclass(frozen=True)
class Task:
    """One run: which instance, by whom, from which seed, for how many CPU seconds."""

    name: str
    file: str
    teams: int
    best: float
    solver: str
    seed: int
    seconds: float


@dataclass(frozen=True)
class Row:
    """What came of a task; `fault` is what the checker said."""

    name: str
    solver: str
    seed: int
    seconds: float
    best: float
    score: float
    bound: float | None
    cpu_s: float
    fault: str | None

    @property
    def gap(self) -> float:
        """Return the share of the best score known that is missing; below 0 where it is beaten."""
        return 1 - self.score / self.best if self.best else 0.0


def loaded(name: str, path: Path) -> ModuleType:
    """Return a module that lies in no package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # its dataclasses look themselves up
        spec.loader.exec_module(module)
    return sys.modules[name]


def orienteering(inst: Any) -> TourProblem:
    """Return an instance without windows; ways are rounded up to a fine grid, so that all hold."""
    n = len(inst.xy)
    steps = [[math.ceil(inst.dist(a, b) * TICKS) for b in range(n)] for a in range(n)]
    limit = math.floor(inst.tmax * TICKS)
    none = np.zeros(n, int)
    team = Vehicle(inst.start, inst.end, 0, limit, max_duration=limit)
    return TourProblem(
        np.array(steps), inst.score, none, none, none + limit, none > 0, (team,) * inst.m
    )


def with_windows(inst: Any) -> TourProblem:
    """Return an instance with windows, whose ways are rounded as its authors say."""
    n = len(inst.xy)
    steps = [[inst.idist_down(a, b) for b in range(n)] for a in range(n)]
    opens, closes = np.rint(np.array(inst.tw).T * inst.scale).astype(int)
    service = np.rint(np.array(inst.service) * inst.scale).astype(int)
    team = Vehicle(0, 0, 0, int(closes[0]))
    return TourProblem(
        np.array(steps), inst.score, service, opens, closes, np.zeros(n, bool), (team,) * inst.m
    )


def instances() -> dict[str, tuple[str, int, float]]:
    """Return file, teams and best score known of each instance, by name."""
    found = {}
    with (BENCH / "best_known.csv").open() as table:
        for row in csv.DictReader(table):
            if row["set"] in {"top", "toptw"}:
                windows = f".m{row['m']}" if row["set"] == "toptw" else ""
                best = float(row["best_known"])
                found[row["instance"] + windows] = row["file"], int(row["m"]), best
    return found


def run(task: Task) -> Row:
    """Return one run, checked from the file alone."""
    bench = loaded("bench_instances", BENCH / "instances.py")
    path = BENCH / task.file
    if task.file.startswith("toptw"):
        inst = bench.load_toptw(path, task.teams)
        problem = with_windows(inst)
    else:
        inst = bench.load_top(path)
        problem = orienteering(inst)
    began = time.process_time()
    bound: float | None = None
    if task.solver == "peer":
        peer = loaded("tours_peer", Path(__file__).with_name("tours_peer.py"))
        routes = peer.peer_routes(problem, task.seconds)
    else:
        plan = solve(problem, seconds=task.seconds, seed=task.seed)
        routes, bound = [list(route) for route in plan.routes], plan.bound
    cpu_s = time.process_time() - began
    score, fault = 0.0, None
    try:
        # A team without stops stays at home: some limits are shorter than the way to the end.
        score, _ = bench.check(inst, [route for route in routes if route])
    except AssertionError as refused:
        fault = str(refused)
    return Row(
        task.name, task.solver, task.seed, task.seconds, task.best, score, bound, cpu_s, fault
    )


def tasks(names: Iterable[str], seeds: int, seconds: float, peer: bool) -> list[Task]:
    """Return all runs: ours from each seed, and OR-Tools, which has no seed, once."""
    known = instances()
    todo = [("ours", seed) for seed in range(seeds)] + [("peer", 0)] * peer
    return [
        Task(name, *known[name], solver, seed, seconds) for solver, seed in todo for name in names
    ]


def kept_rows(path: Path | None) -> list[Row]:
    """Return the rows that a file of an earlier run holds."""
    if path is None or not path.is_file():
        return []
    return [Row(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def run_all(todo: list[Task], path: Path | None, jobs: int) -> list[Row]:
    """Return a row for each task, those first that the file has already; each is shown at once."""
    wanted = {(t.name, t.solver, t.seed, t.seconds): t for t in todo}
    rows = [
        row
        for row in kept_rows(path)
        if wanted.pop((row.name, row.solver, row.seed, row.seconds), None)
    ]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for row in pool.imap_unordered(run, wanted.values()):
            rows.append(row)
            print(
                f"  {len(rows)}/{len(todo)} {row.name} {row.solver} {row.seed}: {row.score:g} of "
                f"{row.best:g}, {100 * row.gap:.2f} %, {row.cpu_s:.1f} s",
                row.fault or "",
                flush=True,
            )
            if path is not None:
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
    return rows


def figures(rows: list[Row]) -> str:
    """Return one line of a table: gaps, proven optima, all visited; doubtful ones left out."""
    sure = [row for row in rows if row.name not in DOUBTFUL]
    plain, one, many = ([row for row in sure if _kind(row) == kind] for kind in KINDS)
    many = [row for row in many if row.name not in NOT_ALL]
    optima, visited = (sum(row.gap <= 0 for row in some) for some in (one, many))
    worst = max(plain, key=_gap, default=None)
    named = "" if worst is None else f"{100 * worst.gap:.2f} % ({worst.name})"
    return (
        f"{100 * statistics.fmean(map(_gap, sure)):.2f} % | {named} "
        f"| {optima} of {len(one)} | {visited} of {len(many)} |"
    )


def _kind(row: Row) -> str:
    """Return one of `KINDS`; p4.2.m is no instance with windows, c101.m10 is one."""
    windows = re.search(r"\.m(\d+)$", row.name)
    if windows is None:
        return "plain"
    return "one" if windows[1] == "1" else "many"


def _gap(row: Row) -> float:
    return row.gap


def by_instance(rows: list[Row]) -> list[str]:
    """Return a table: best known, the best and the mean gap of ours, the gap of OR-Tools."""
    lines = ["| instance | best known | best | mean gap | OR-Tools |", "|---|---|---|---|---|"]
    for name in dict.fromkeys(row.name for row in rows):
        mine = [row for row in rows if row.name == name]
        ours = [row for row in mine if row.solver == "ours"]
        peer = [f"{100 * row.gap:.2f} %" for row in mine if row.solver == "peer"]
        lines.append(
            f"| {name} | {mine[0].best:g} | {max(row.score for row in ours):g} | "
            f"{100 * statistics.fmean(map(_gap, ours)):.2f} % | {''.join(peer)} |"
        )
    return lines


def print_bounds(names: Iterable[str], seconds: float) -> None:
    """Print what the tours of each instance can be worth at most."""
    bench, known = loaded("bench_instances", BENCH / "instances.py"), instances()
    bounds = loaded("tours_bound_by_columns", Path(__file__).with_name("tours_bound.py"))
    print(f"load {os.getloadavg()[0]:.2f}")
    for name in names:
        file, teams, best = known[name]
        problem = with_windows(bench.load_toptw(BENCH / file, teams))
        found = bounds.bound(problem, seconds)
        print(
            f"{name}: at most {found.most} of {int(problem.prize.sum())} in {teams} tours, best "
            f"score of the file {best:g} (relaxation {found.relaxed:.3f}, {found.routes} routes, "
            f"{found.seconds:.0f} s)",
            flush=True,
        )


def main() -> None:
    """Run the instances asked for and print gaps; leave with 1 if a plan was refused."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--full", action="store_true", help="all instances, 60 s")
    ask.add_argument("--seconds", type=float, metavar="S", help="CPU seconds of each run")
    ask.add_argument("--seeds", type=int, metavar="K", help="runs of each instance")
    ask.add_argument("--only", nargs="+", metavar="NAME", help="p4.2.k or pr03.m1")
    ask.add_argument("--no-peer", action="store_true", help="without OR-Tools")
    ask.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at once")
    ask.add_argument("-o", type=Path, metavar="FILE", help="keep rows, and go on from them")
    ask.add_argument("--bound", nargs="+", metavar="NAME", help="pr07.m5: what it is at most")
    asked = ask.parse_args()
    if asked.bound:
        print_bounds(asked.bound, asked.seconds or BOUND_S)
        return
    names = asked.only or (list(instances()) if asked.full else QUICK)
    seeds = asked.seeds or (FULL_SEEDS if asked.full else QUICK_SEEDS)
    seconds = asked.seconds or (FULL_S if asked.full else QUICK_S)
    todo = tasks(names, seeds, seconds, peer=not (asked.full or asked.no_peer))
    print(f"{len(todo)} runs of {seconds:g} CPU s, load {os.getloadavg()[0]:.2f}", flush=True)
    if asked.o is not None:
        asked.o.parent.mkdir(parents=True, exist_ok=True)
    rows = run_all(todo, asked.o, asked.jobs)
    print("\n".join(["", *by_instance(rows), ""]))
    print("| solver | mean gap | worst without windows | proven optima | all visited |")
    print("|---|---|---|---|---|")
    for solver in dict.fromkeys(row.solver for row in rows):
        print(f"| {solver} |", figures([row for row in rows if row.solver == solver]))
    doubtful = sorted({row.name for row in rows} & set(DOUBTFUL))
    if doubtful:
        print("left out of these figures:", ", ".join(doubtful))
    refused = [f"{row.name} {row.solver} {row.seed}: {row.fault}" for row in rows if row.fault]
    if refused:
        sys.exit("refused by the checker:\n" + "\n".join(refused))


if __name__ == "__main__":
    main()
