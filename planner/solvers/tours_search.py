"""Tours found by PyVRP's iterated local search.

Prizes are made lexicographic: a required stop outweighs all prizes together, and one point of
prize outweighs all the travelling there can be, so that travel only decides between equals.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import thread_time
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvrp
from pyvrp import IteratedLocalSearch, IteratedLocalSearchParams, PenaltyManager, PenaltyParams
from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)
from pyvrp.stop import MaxIterations, MultipleCriteria, NoImprovement, StoppingCriterion

from planner.solvers.tours_problem import UNREACHABLE, TourProblem

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Routes = tuple[tuple[int, ...], ...]

# Costs stay below 2**48, which leaves room in 64 bits for penalties on top of them.
COST_LIMIT = 2**48
PENALTY_LIMIT = 2**61
# What PyVRP takes for "no limit".
NO_LIMIT = 2**63 - 1
# Lateness begins at this many times what a typical prize is worth per tick of a typical way, and
# follows the search closely; a short memory of accepted costs makes short runs from several seeds
# worth more than one long one. Over 13 published instances, four runs of 1,500 steps each, the mean
# gap to the best known score is 0.6 % with a memory of 30 and 2.6 % with PyVRP's own numbers.
FIRST_PENALTY = 30
PENALTY_UPDATE = 100
TARGET_FEASIBLE = 0.4
HISTORY = 50
# Of the stops near a stop so many are tried, and so many moves at most are made by chance before a
# search. PyVRP's own numbers (50, 25) are for routes that visit every stop; with prizes, runs of
# 1.2 s of six instances come to a mean gap of 0.8 % this way and of 1.4 % that way.
NEIGHBOURS, MOST_MOVED = 12, 40
# A patient run forgets less: for one long tour that finds what the other misses, for several tours
# it is far worse.
PATIENT_HISTORY = 200
# No arc that is barred may be used even where a little lateness looks cheap.
BARRED_SPANS = 4


@dataclass(frozen=True)
class Run:
    """What one run found: its best routes, and every feasible one on the way with its vehicle.

    `iterations` is how many steps it took.
    """

    routes: Routes
    seen: tuple[tuple[int, tuple[int, ...]], ...]
    iterations: int


class CpuTime:
    """Stops after so many seconds of this thread's CPU, whatever else the machine is busy with."""

    def __init__(self, seconds: float) -> None:
        self.until = thread_time() + seconds

    def __call__(self, best_cost: float) -> bool:
        """Return whether the time is up."""
        return thread_time() >= self.until


class Collector(IteratedLocalSearchCallbacks):
    """Keeps every feasible route that a run passes, once.

    The visits of a route are read at the end only: to do so at each step takes a quarter of the
    time. Routes are told apart by a few sums first, then by comparison in PyVRP.
    """

    def __init__(self) -> None:
        self.routes: dict[tuple[int, ...], list[pyvrp.Route]] = {}

    def on_iteration(
        self,
        current: pyvrp.Solution,
        candidate: pyvrp.Solution,
        best: pyvrp.Solution,
        cost_evaluator: pyvrp.CostEvaluator,
    ) -> None:
        """Keep the feasible routes of a step."""
        for route in candidate.routes():
            if route.is_feasible():
                key = route.vehicle_type(), route.prizes(), route.distance(), route.duration()
                known = self.routes.setdefault(key, [])
                if route not in known:
                    known.append(route)


@dataclass(frozen=True, eq=False)
class Search:
    """A tour problem in PyVRP's terms; build it once, run it with many seeds.

    Parameters
    ----------
    data
        The instance: one client per stop that somebody can reach, one type per vehicle.
    stops
        Point of each client.
    vehicles
        How many vehicles there are.
    first_penalty, max_penalty
        Cost of a tick of lateness or of too long a way, at first and at most.
    """

    data: pyvrp.ProblemData
    stops: Ints
    vehicles: int
    first_penalty: float
    max_penalty: float

    def all_with_one(self, seed: int, vehicle: int) -> Routes:
        """Return all stops, in random order, given to one vehicle.

        Dealt out at random, stops that are worth more together stay apart where moving a single
        one gains nothing.
        """
        routes: list[tuple[int, ...]] = [()] * self.vehicles
        order = np.random.default_rng(seed).permutation(self.stops)
        routes[vehicle] = tuple(order.tolist())
        return tuple(routes)

    def run(
        self,
        seed: int,
        *,
        iterations: int | None,
        seconds: float | None,
        first: Routes,
        patient: bool = False,
        stalled: int | None = None,
    ) -> Run:
        """Return the best routes of one run; what the search left too long is not cut.

        Parameters
        ----------
        seed
            Where the search begins; with `iterations` alone, the same seed gives the same routes.
        iterations, seconds
            When to stop, whichever comes first; seconds of this thread's CPU.
        first
            The plan to begin with, which may break limits.
        patient
            Whether to remember longer.
        stalled
            Steps without a better plan after which the run ends too.
        """
        limits: list[StoppingCriterion] = []
        if seconds is not None:
            limits.append(CpuTime(seconds))
        if iterations is not None:
            limits.append(MaxIterations(iterations))
        if stalled is not None:
            limits.append(NoImprovement(stalled))
        search = self._local_search(seed, first, patient)
        collector = Collector()
        search.params.callbacks = collector
        found = search.run(MultipleCriteria(limits), collect_stats=False, display=False)
        routes: list[tuple[int, ...]] = [()] * self.vehicles
        for route in found.best.routes():
            routes[route.vehicle_type()] = self._visits(route)
        seen = [
            (route.vehicle_type(), self._visits(route))
            for alike in collector.routes.values()
            for route in alike
        ]
        return Run(tuple(routes), tuple(seen), found.num_iterations)

    def _visits(self, route: pyvrp.Route) -> tuple[int, ...]:
        clients = [visit.idx for visit in route if visit.is_client()]
        return tuple(self.stops[clients].tolist())

    def _local_search(self, seed: int, first: Routes, patient: bool) -> IteratedLocalSearch:
        """Return the search as `pyvrp.solve` puts it together, with penalties of our own."""
        rng = pyvrp.RandomNumberGenerator(seed=seed)
        moves = LocalSearch(
            self.data,
            rng,
            compute_neighbours(self.data, NeighbourhoodParams(num_neighbours=NEIGHBOURS)),
            PerturbationManager(PerturbationParams(max_perturbations=MOST_MOVED)),
        )
        for operator in OPERATORS:
            if operator.supports(self.data):
                moves.add_operator(operator(self.data))
        penalties = PenaltyManager(
            ([], self.first_penalty, self.first_penalty),
            PenaltyParams(
                solutions_between_updates=PENALTY_UPDATE,
                target_feasible=TARGET_FEASIBLE,
                max_penalty=self.max_penalty,
            ),
        )
        begin = moves(self._plan(first), penalties.max_cost_evaluator(), exhaustive=True)
        params = IteratedLocalSearchParams(history_length=PATIENT_HISTORY if patient else HISTORY)
        return IteratedLocalSearch(self.data, penalties, moves, begin, params)

    def _plan(self, routes: Routes) -> pyvrp.Solution:
        client = dict(zip(self.stops.tolist(), range(len(self.stops)), strict=True))
        return pyvrp.Solution(
            self.data,
            [
                pyvrp.Route(self.data, [client[stop] for stop in route], k)
                for k, route in enumerate(routes)
                if route
            ],
        )


def build_search(problem: TourProblem, able: Flags) -> Search:
    """Return the problem as PyVRP sees it.

    Parameters
    ----------
    problem
        At least one stop must be reachable.
    able
        (n, vehicles) which stops each vehicle can reach at all.
    """
    stops = np.flatnonzero(able.any(axis=1))
    depots = sorted({point for v in problem.vehicles for point in (v.start, v.end)})
    points = np.concatenate([depots, stops]).astype(np.int64)
    zero = min(v.earliest for v in problem.vehicles)
    horizon = max(v.latest_return for v in problem.vehicles) - zero
    barred = BARRED_SPANS * (max(v.span for v in problem.vehicles) + 1)
    profiles, durations = _durations(problem, able, points, barred)
    prizes, coarse = _lexicographic(problem, stops)
    distances: list[Any] = [-(-matrix // coarse) for matrix in durations]
    opens = np.clip(problem.opens[stops] - zero, 0, horizon)
    closes = np.clip(problem.closes[stops] - zero, 0, horizon)
    clients = [
        pyvrp.Client(
            len(depots) + k,
            service_duration=int(problem.service[stop]),
            tw_early=int(opens[k]),
            tw_late=int(closes[k]),
            prize=prizes[k],
            required=False,
        )
        for k, stop in enumerate(stops)
    ]
    types = []
    for k, team in enumerate(problem.vehicles):
        limit = NO_LIMIT if team.max_travel is None else team.max_travel // coarse
        types.append(
            pyvrp.VehicleType(
                start_depot=depots.index(team.start),
                end_depot=depots.index(team.end),
                tw_early=team.earliest - zero,
                tw_late=team.latest_return - zero,
                start_late=team.latest - zero,
                shift_duration=team.span,
                profile=profiles[k],
                max_distance=limit,
            )
        )
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in points],
        clients,
        [pyvrp.Depot(k) for k in range(len(depots))],
        types,
        distances,
        durations,
    )
    latest = (barred + horizon) * (len(points) + 2 * len(types))
    most = max(PENALTY_LIMIT // latest, 1)
    ways = np.concatenate([matrix[matrix < barred] for matrix in durations])
    typical = float(np.median(prizes)) / max(float(np.median(ways)), 1.0)
    return Search(
        data,
        stops,
        len(types),
        first_penalty=min(FIRST_PENALTY * typical, most),
        max_penalty=float(most),
    )


def _durations(
    problem: TourProblem, able: Flags, points: Ints, barred: int
) -> tuple[list[int], list[Any]]:
    """Return the matrix each vehicle goes by, and the matrices.

    Vehicles of one mode that can visit the same stops share a matrix; the way to a stop that a
    vehicle cannot visit is barred.
    """
    profiles: list[int] = []
    known: dict[tuple[int, bytes], int] = {}
    matrices: list[Any] = []
    depots = len(points) - int(able.any(axis=1).sum())
    for k, team in enumerate(problem.vehicles):
        mine = able[points[depots:], k]
        key = (team.mode, mine.tobytes())
        if key not in known:
            known[key] = len(matrices)
            matrix = problem.time[team.mode][np.ix_(points, points)]
            matrix = np.where(matrix >= UNREACHABLE, barred, np.minimum(matrix, barred))
            matrix[:, depots:][:, ~mine] = barred
            np.fill_diagonal(matrix, 0)
            matrices.append(matrix)
        profiles.append(known[key])
    return profiles, matrices


def _lexicographic(problem: TourProblem, stops: Ints) -> tuple[list[int], int]:
    """Return the prize of each stop in units of travel, and the ticks one such unit stands for.

    Where the prizes are so large that sums might leave 64 bits, travel is counted in coarser
    units first; then small differences between prizes are given up.
    """
    worth = [int(p) for p in problem.prize[stops]]
    tier = sum(worth) + 1
    worth = [w + tier * bool(r) for w, r in zip(worth, problem.required[stops], strict=True)]
    total = sum(worth)
    travel = sum(v.span for v in problem.vehicles)
    arcs = len(stops) + len(problem.vehicles)
    coarse = max(1, -(-travel * total // (COST_LIMIT // 2)))
    unit = travel // coarse + arcs + 1
    shrink = max(1, -(-unit * total // COST_LIMIT))
    return [max(1, w // shrink) * unit for w in worth], coarse
