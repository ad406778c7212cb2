"""Every route there is, where there are few."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planner.solvers.tours_fit import fitting
from planner.solvers.tours_problem import UNREACHABLE, TourProblem, kinds_of

Flags = npt.NDArray[np.bool_]

# Beginnings of routes looked at: six stops in every order by two kinds of vehicle are 3,912.
MOST_ROUTES = 5000


def every_route(
    problem: TourProblem, able: Flags, most: int = MOST_ROUTES
) -> list[tuple[int, tuple[int, ...]]] | None:
    """Return every feasible route with its vehicle, of vehicles that are alike only the first.

    Parameters
    ----------
    problem
        What is to be solved.
    able
        (n, vehicles) which stops each vehicle could visit alone.
    most
        None is returned where more beginnings of routes than this keep their windows.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 10, 30], [10, 0, 20], [30, 20, 0]], prize=[0, 1, 1], service=[0, 0, 0],
    ...     opens=[0, 0, 0], closes=[99, 29, 99], required=[False] * 3,
    ...     vehicles=(Vehicle(0, 0, earliest=0, latest=60),),
    ... )
    >>> every_route(problem, np.array([[False], [True], [True]]))
    [(0, (1,)), (0, (2,)), (0, (1, 2))]
    """
    found: list[tuple[int, tuple[int, ...]]] = []
    for vehicle, *_ in kinds_of(problem):
        stops = np.flatnonzero(able[:, vehicle]).tolist()
        begun = _beginnings(problem, vehicle, stops, most - len(found))
        if begun is None:
            return None
        fits = fitting(problem, vehicle, begun)
        found += [(vehicle, route) for route, fit in zip(begun, fits, strict=True) if fit]
    return found


def _beginnings(
    problem: TourProblem, vehicle: int, stops: list[int], most: int
) -> list[tuple[int, ...]] | None:
    """Return every order of some stops that keeps their windows, whenever it would end."""
    team = problem.vehicles[vehicle]
    time = problem.time[team.mode]
    opens, closes, service = problem.opens, problem.closes, problem.service
    begun: list[tuple[tuple[int, ...], int]] = [((), team.earliest)]
    # The list grows while it is read: each beginning is made longer by one stop.
    for route, now in begun:
        here = route[-1] if route else team.start
        for there in stops:
            step = int(time[here, there])
            begin = max(now + step, int(opens[there]))
            if there not in route and step < UNREACHABLE and begin <= closes[there]:
                begun.append(((*route, there), begin + int(service[there])))
        if len(begun) > most + 1:
            return None
    return [route for route, _ in begun[1:]]
