"""Tours of several vehicles past the stops that are worth most (team orienteering, time windows).

Every plan that is returned has been recomputed by `planner.solvers.tours_check`.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.errors import ParameterError
from planner.solvers.tours_bound import bound, reachable_alone
from planner.solvers.tours_check import TourCheck, best_departure, check
from planner.solvers.tours_problem import UNREACHABLE, TourProblem, Vehicle
from planner.solvers.tours_search import Routes, Search, build_search

__all__ = ["UNREACHABLE", "TourProblem", "TourSolution", "Vehicle", "solve"]

Flags = npt.NDArray[np.bool_]

# One long run can settle on a poor plan; a few shorter ones from other seeds seldom all do.
STARTS = 4
DEFAULT_ITERATIONS = 4000


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
        Time to search, on each thread.
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
    _check_limits(seconds, iterations, seed, threads)
    if seconds is None and iterations is None:
        iterations = DEFAULT_ITERATIONS
    able = reachable_alone(problem)
    empty: Routes = ((),) * len(problem.vehicles)
    found = [empty]
    if able.any():
        found += _runs(build_search(problem, able), seconds, iterations, seed, threads)
    routes, departures, checked = max(
        (_sound(problem, routes) for routes in found), key=lambda plan: _rank(plan[2])
    )
    return TourSolution(routes, departures, checked.score, bound(problem, able), checked.missing)


def _check_limits(seconds: float | None, iterations: int | None, seed: int, threads: int) -> None:
    faults = []
    if seconds is not None and not 0 < seconds < np.inf:
        faults.append(f"seconds must be positive, not {seconds}")
    if iterations is not None and iterations < 1:
        faults.append(f"iterations must be 1 or more, not {iterations}")
    if not 0 <= seed < 2**32 - STARTS * 1024:
        faults.append(f"seed must be from 0 to {2**32 - STARTS * 1024 - 1}, not {seed}")
    if threads < 1:
        faults.append(f"threads must be 1 or more, not {threads}")
    if faults:
        raise ParameterError("; ".join(faults))


def _runs(
    search: Search, seconds: float | None, iterations: int | None, seed: int, threads: int
) -> Iterable[Routes]:
    """Return the plans of several starts; their routes are what a set-packing may choose from."""
    starts = STARTS
    if seconds is not None:
        # Every thread is busy all the time that was given.
        starts = -(-STARTS // threads) * threads
        seconds = seconds * threads / starts
    if iterations is not None:
        starts = min(starts, iterations)
    share = None if iterations is None else iterations // starts
    with ThreadPoolExecutor(max_workers=threads) as pool:
        jobs = [
            pool.submit(search.run, seed + k, iterations=share, seconds=seconds)
            for k in range(starts)
        ]
        return [job.result() for job in jobs]


def _sound(problem: TourProblem, routes: Routes) -> tuple[Routes, tuple[int, ...], TourCheck]:
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
