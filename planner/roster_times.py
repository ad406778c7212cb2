"""When a route is walked, stop by stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.solvers.tours_check import check
from planner.solvers.tours_problem import TourProblem

# Visits are compared by the half hour.
SLOT_TICKS = 1800


@dataclass(frozen=True)
class Timed:
    """A route with its departure, when service begins at each of its stops, and its return."""

    route: tuple[int, ...]
    departure: int
    begins: tuple[int, ...]
    back: int


def timed(
    problem: TourProblem, routes: Sequence[tuple[int, ...]], departures: Sequence[int]
) -> tuple[Timed | None, ...]:
    """Return each vehicle's route with its times, None for those who stay.

    Parameters
    ----------
    problem, routes, departures
        As for `planner.solvers.tours_check.check`.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 10], [10, 0]], prize=[0, 5], service=[0, 3], opens=[0, 20], closes=[99, 99],
    ...     required=[False, False], vehicles=(Vehicle(0, 0, earliest=0, latest=90),) * 2,
    ... )
    >>> timed(problem, ((), (1,)), (0, 4))
    (None, Timed(route=(1,), departure=4, begins=(20,), back=33))
    """
    times = check(problem, routes, departures).routes
    return tuple(
        Timed(route, time.depart, tuple(stop.begin for stop in time.stops), time.back)
        if route
        else None
        for route, time in zip(routes, times, strict=True)
    )
