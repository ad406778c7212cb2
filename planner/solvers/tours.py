"""Tours of several vehicles past the stops that are worth most (team orienteering, time windows).

Every plan that is returned has been recomputed by `planner.solvers.tours_check`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from time import thread_time

import numpy as np
import numpy.typing as npt

from gis.errors import ParameterError
from planner.solvers.tours_bound import bound, reachable_alone
from planner.solvers.tours_check import TourCheck, best_departure, check
from planner.solvers.tours_ejection import completed
from planner.solvers.tours_polish import polished
from planner.solvers.tours_pool import RoutePool, pack, pooled
from planner.solvers.tours_problem import UNREACHABLE, TourProblem, Vehicle
from planner.solvers.tours_search import Routes, Run, Search, build_search
from planner.solvers.tours_small import every_route

__all__ = ["UNREACHABLE", "TourProblem", "TourSolution", "Vehicle", "explore", "solve"]

Flags = npt.NDArray[np.bool_]

# Rounds of runs: how many, what share of the effort they have together, and whether each begins
# anew. One long run can settle on a poor plan; a few shorter ones from other seeds seldom all do.
# After each round the best plan is put together from all routes seen so far; runs that do not
# begin anew go on from it. What the shares leave is for putting together.
ROUNDS = ((4, 0.58, True), (1, 0.15, False))
# Steps without a better plan after which a run that began anew is begun once more, elsewhere.
# Of runs of p4.2.k, twice the time made the median no better: most had settled for good.
STALLED = 500
# A single tour has nothing to be put together from: parts of it are planned anew instead. Each
# plan of a round may take this share of the effort for it, where seconds are given.
SINGLE_ROUNDS = ((4, 0.46, True), (2, 0.16, False))
POLISH_SHARE = 0.06
# Where no more than so many stops are left out of several tours, a search of another kind tries to
# place them before the last round, with this share of the effort, which that round then lacks: of
# two shares tried (0.09, 0.13) the larger left less out.
FEW_LEFT_OUT = 8
EJECTION_SHARE = 0.13
DEFAULT_ITERATIONS = 4000
# What putting together may take: a share of the seconds given, or a size where steps are given.
PACK_SHARE = 0.015
PACK_NODES = 50
PACK_COLUMNS = 1000

# Routes, departures, and what the check says of them.
Plan = tuple[Routes, tuple[int, ...], TourCheck]


@dataclass(frozen=True)
class _Effort:
    """How long to search, from which seed, with how many threads."""

    seconds: float | None
    iterations: int | None
    seed: int
    threads: int


@dataclass(frozen=True)
class TourSolution:
    """Who visits what, and when each departs.

    Parameters
    ----------
    routes
        One tuple of stops a vehicle, in order, without its start and end; () if unused.
    departures
        When each vehicle departs, ticks; its earliest if unused.
    score
        Sum of the prizes visited.
    bound
        No plan can score more; None if unknown.
    missing
        Required stops that are not visited.
    """

    routes: Routes
    departures: tuple[int, ...]
    score: int
    bound: int | None
    missing: tuple[int, ...] = ()

    def is_feasible(self) -> bool:
        """Return whether every required stop is visited; all other rules always hold."""
        return not self.missing

    def summary(self) -> str:
        """Return one line: stops, score, bound, required stops left out."""
        stops = sum(map(len, self.routes))
        used = sum(map(bool, self.routes))
        limit = "unknown" if self.bound is None else self.bound
        line = f"{stops} stops on {used} of {len(self.routes)} tours, score {self.score} of {limit}"
        return f"{line}; required but missing: {list(self.missing)}" if self.missing else line


def solve(
    problem: TourProblem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    threads: int = 1,
) -> TourSolution:
    """Return a plan that visits required stops first, then the most prize, then travels least.

    Parameters
    ----------
    problem
        What to visit, by whom, when.
    seconds
        CPU time to search, on each thread.
    iterations
        Steps of the search, all starts together. Without `seconds`, the same seed gives the same
        plan, whatever the number of threads. Neither given: a few thousand.
    seed
        Where the search begins.
    threads
        How many starts are searched at once.

    Raises
    ------
    ParameterError
        If a limit is not positive or the seed is negative.

    Examples
    --------
    >>> time = [[0, 10, 40], [10, 0, 40], [40, 40, 0]]
    >>> problem = TourProblem(
    ...     time, prize=[0, 5, 7], service=[0, 3, 3], opens=[0, 20, 0], closes=[99, 99, 99],
    ...     required=[False] * 3, vehicles=(Vehicle(0, 0, earliest=0, latest=50),),
    ... )
    >>> plan = solve(problem, iterations=100)
    >>> plan.routes, plan.departures, plan.score, plan.bound
    (((1,),), (10,), 5, 5)
    """
    plan, _ = explore(problem, seconds=seconds, iterations=iterations, seed=seed, threads=threads)
    return plan


def explore(
    problem: TourProblem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    threads: int = 1,
    bounded: bool = True,
) -> tuple[TourSolution, RoutePool]:
    """Return the plan that `solve` gives, and every feasible route that was seen, best first.

    Parameters and errors are those of `solve`; without `bounded` no bound is computed.

    Examples
    --------
    >>> time = [[0, 10, 40], [10, 0, 40], [40, 40, 0]]
    >>> problem = TourProblem(
    ...     time, prize=[0, 5, 7], service=[0, 3, 3], opens=[0, 20, 0], closes=[99, 99, 99],
    ...     required=[False] * 3, vehicles=(Vehicle(0, 0, earliest=0, latest=50),),
    ... )
    >>> explore(problem, iterations=100)[1].routes
    ((1,),)
    """
    _check_limits(seconds, iterations, seed, threads)
    if seconds is None and iterations is None:
        iterations = DEFAULT_ITERATIONS
    effort = _Effort(seconds, iterations, seed, threads)
    limits: list[Future[int]] = []
    with ThreadPoolExecutor(max_workers=1) as aside:

        def begin_bound() -> None:
            """Begin with the bound, once."""
            if bounded and not limits:
                limits.append(aside.submit(bound, problem))

        (routes, departures, checked), pool = _searched(problem, effort, begin_bound)
        begin_bound()
        most = limits[0].result() if limits else None
    return TourSolution(routes, departures, checked.score, most, checked.missing), pool


def _searched(
    problem: TourProblem, effort: _Effort, meanwhile: Callable[[], None]
) -> tuple[Plan, RoutePool]:
    """Return the best plan and all routes seen; of a tiny problem, the best there is."""
    able = reachable_alone(problem)
    everything = every_route(problem, able)
    if everything is not None:
        pool = pooled(problem, everything)
        return _sound(problem, pack(problem, pool, seconds=None, shortest=True)), pool
    nothing = _sound(problem, ((),) * len(problem.vehicles))
    return _rounds(problem, able, build_search(problem, able), nothing, effort, meanwhile)


def _rounds(
    problem: TourProblem,
    able: Flags,
    search: Search,
    best: Plan,
    effort: _Effort,
    meanwhile: Callable[[], None],
) -> tuple[Plan, RoutePool]:
    """Return the best plan and all routes seen after the rounds of runs.

    `meanwhile` is called when runs end, as cores are free while routes are put together.
    """
    pool, number = pooled(problem, ()), 0
    single = len(problem.vehicles) == 1
    for starts, share, anew in SINGLE_ROUNDS if single else ROUNDS:
        if not anew and not single and 0 < _left_out(search, best) <= FEW_LEFT_OUT:
            best, share = _completed(problem, able, best, effort), share - EJECTION_SHARE
            pool = pooled(problem, chain(pool, enumerate(best[0])))
        first = None if anew else best[0]
        runs = _runs(search, effort, share, range(number, number + starts), first)
        meanwhile()
        number += starts
        seen = chain(pool, (route for run in runs for route in run.seen))
        plans = [best, *(_sound(problem, run.routes) for run in runs)]
        if single:
            plans = [_polished(problem, search, plan, effort) for plan in plans[1:]] + plans
            pool = pooled(problem, chain(seen, ((0, plan[0][0]) for plan in plans)))
        else:
            pool = pooled(problem, seen)
            plans.append(_sound(problem, _packed(problem, pool, effort)))
        best = max(plans, key=lambda plan: _rank(plan[2]))
    return best, pool


def _polished(problem: TourProblem, search: Search, plan: Plan, effort: _Effort) -> Plan:
    """Return the plan of one vehicle with the parts of its tour planned anew."""
    ((route,), _, _) = plan
    timed = effort.iterations is None and effort.seconds is not None
    limit_s = POLISH_SHARE * effort.seconds if timed and effort.seconds is not None else None
    free = np.setdiff1d(search.stops, np.array(route, np.int64))
    return _sound(problem, (polished(problem, 0, route, free, seconds=limit_s),))


def _left_out(search: Search, plan: Plan) -> int:
    """Return how many stops that somebody could visit a plan leaves out."""
    return len(search.stops) - sum(map(len, plan[0]))


def _completed(problem: TourProblem, able: Flags, plan: Plan, effort: _Effort) -> Plan:
    """Return the plan with stops that it leaves out, where they can be placed."""
    seconds, iterations = effort.seconds, effort.iterations
    routes = completed(
        problem,
        plan[0],
        able,
        seed=effort.seed,
        rounds=None if iterations is None else math.ceil(EJECTION_SHARE * iterations),
        seconds=None if seconds is None else EJECTION_SHARE * seconds,
    )
    return max(plan, _sound(problem, routes), key=lambda one: _rank(one[2]))


def _packed(problem: TourProblem, pool: RoutePool, effort: _Effort) -> Routes:
    if effort.iterations is None and effort.seconds is not None:
        limit_s = max(PACK_SHARE * effort.seconds, 0.01)
        return pack(problem, pool, seconds=limit_s, columns=PACK_COLUMNS)
    return pack(problem, pool, seconds=None, nodes=PACK_NODES, columns=PACK_COLUMNS)


def _check_limits(seconds: float | None, iterations: int | None, seed: int, threads: int) -> None:
    faults = []
    if seconds is not None and not 0 < seconds < np.inf:
        faults.append(f"seconds must be positive, not {seconds}")
    if iterations is not None and iterations < 1:
        faults.append(f"iterations must be 1 or more, not {iterations}")
    if seed < 0:
        faults.append(f"seed must be 0 or more, not {seed}")
    if threads < 1:
        faults.append(f"threads must be 1 or more, not {threads}")
    if faults:
        raise ParameterError("; ".join(faults))


def _runs(
    search: Search, effort: _Effort, share: float, numbers: range, first: Routes | None
) -> list[Run]:
    """Return what several starts find with a share of the effort."""
    seconds, iterations = effort.seconds, effort.iterations
    starts = len(numbers)
    if seconds is not None:
        # Every thread is busy all the time that was given.
        starts = -(-starts // effort.threads) * effort.threads
        seconds *= share * effort.threads / starts
    if iterations is not None:
        iterations = max(1, math.ceil(iterations * share / starts))

    def run(number: int) -> list[Run]:
        return _start(search, (effort.seed, number), seconds, iterations, first)

    with ThreadPoolExecutor(max_workers=effort.threads) as workers:
        each = workers.map(run, range(numbers.start, numbers.start + starts))
        return list(chain.from_iterable(each))


def _start(
    search: Search,
    seed: tuple[int, int],
    seconds: float | None,
    iterations: int | None,
    first: Routes | None,
) -> list[Run]:
    """Return the runs of one start: one that begins anew is begun again wherever it stalls."""
    until = None if seconds is None else thread_time() + seconds
    number = seed[1]
    again = first is None and search.vehicles > 1
    runs: list[Run] = []
    while True:
        own = int(np.random.SeedSequence([*seed, len(runs)]).generate_state(1)[0])
        begin = search.all_with_one(own, (number + len(runs)) % search.vehicles)
        runs.append(
            search.run(
                own,
                iterations=iterations,
                seconds=None if until is None else until - thread_time(),
                first=begin if first is None else first,
                patient=search.vehicles == 1 and number % 2 == 1,
                stalled=STALLED if again else None,
            )
        )
        if iterations is not None:
            iterations -= runs[-1].iterations
        out_of_steps = iterations is not None and iterations < 1
        if not again or out_of_steps or (until is not None and thread_time() >= until):
            return runs


def _sound(problem: TourProblem, routes: Routes) -> Plan:
    """Return a plan with its departures and check, without the routes that break a rule."""
    kept, departures = [], []
    for k, (route, team) in enumerate(zip(routes, problem.vehicles, strict=True)):
        departure = best_departure(problem, k, route)
        alone: list[tuple[int, ...]] = [()] * len(routes)
        alone[k] = route
        times = [v.earliest for v in problem.vehicles]
        times[k] = team.earliest if departure is None else departure
        sound = departure is not None and check(problem, alone, times).is_feasible()
        kept.append(route if sound else ())
        departures.append(times[k] if sound else team.earliest)
    checked = check(problem, kept, departures)
    assert checked.is_feasible(), checked.summary()
    return tuple(kept), tuple(departures), checked


def _rank(plan: TourCheck) -> tuple[int, int, int]:
    travel = sum(route.travel for route in plan.routes if route.stops)
    return -len(plan.missing), plan.score, -travel
