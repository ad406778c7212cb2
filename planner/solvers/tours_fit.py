"""Which routes a vehicle could drive within every rule, for thousands of routes at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from planner.solvers.tours_problem import UNREACHABLE, TourProblem

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Routes in one block: keeps the working arrays within a few MB.
BLOCK = 4096


def fitting(problem: TourProblem, vehicle: int, routes: Sequence[Sequence[int]]) -> Flags:
    """Return which routes one vehicle can drive within its rules and all windows, (k,).

    Parameters
    ----------
    problem, vehicle
        Whose rules.
    routes
        Stops in order, without start and end; none of them is empty.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 10, 30], [10, 0, 20], [30, 20, 0]], prize=[0, 1, 1], service=[0, 0, 0],
    ...     opens=[0, 0, 0], closes=[9, 9, 99], required=[False] * 3,
    ...     vehicles=(Vehicle(0, 0, earliest=0, latest=60),),
    ... )
    >>> fitting(problem, 0, [(1,), (2,), (2, 1)]).tolist()
    [False, True, False]
    """
    lengths = np.fromiter(map(len, routes), np.int64, len(routes))
    order = np.argsort(lengths, kind="stable")
    fits = np.zeros(len(routes), bool)
    for begin in range(0, len(routes), BLOCK):
        rows = order[begin : begin + BLOCK]
        table = np.full((len(rows), int(lengths[rows].max())), -1, np.int64)
        for at, row in enumerate(rows.tolist()):
            table[at, : lengths[row]] = routes[row]
        fits[rows] = _fitting(problem, vehicle, table)
    return fits


def _fitting(problem: TourProblem, vehicle: int, table: Ints) -> Flags:
    """Return which rows, stops followed by -1, the vehicle can drive."""
    team = problem.vehicles[vehicle]
    time = problem.time[team.mode]
    n = len(problem.prize)
    there = (table >= 0) & (table < n)
    fits = (there | (table == -1)).all(axis=1)
    stops = np.where(there, table, 0)
    barred = np.zeros(n, bool)
    barred[[point for v in problem.vehicles for point in (v.start, v.end)]] = True
    barred |= ~problem.may_visit(vehicle)
    fits &= ~(barred[stops] & there).any(axis=1)
    # After the last stop the vehicle is at its end and stays there, at no time.
    path = np.column_stack([np.where(there, table, team.end), np.full(len(table), team.end)])
    path = np.column_stack([np.full(len(table), team.start), path])
    legs = time[path[:, :-1], path[:, 1:]]
    legs[:, 1:][~there] = 0
    fits &= (legs < UNREACHABLE).all(axis=1)
    legs = np.minimum(legs, UNREACHABLE)
    now = np.full(len(table), team.earliest, np.int64)
    for k in range(table.shape[1]):
        here = there[:, k]
        now = now + legs[:, k]
        begin = np.maximum(now, problem.opens[stops[:, k]])
        fits &= ~here | (begin <= problem.closes[stops[:, k]])
        now = np.where(here, begin + problem.service[stops[:, k]], now)
    back = now + legs[:, -1]
    late = back - legs[:, -1]
    for k in range(table.shape[1] - 1, -1, -1):
        served = np.minimum(late - problem.service[stops[:, k]], problem.closes[stops[:, k]])
        late = np.where(there[:, k], served, late) - legs[:, k]
    depart = np.minimum(late, team.latest)
    fits &= (depart >= team.earliest) & (back <= team.latest_return)
    if team.max_duration is not None:
        fits &= back - depart <= team.max_duration
    if team.max_travel is not None:
        fits &= legs.sum(axis=1) <= team.max_travel
    return np.asarray(fits)
