"""Stops left out are put in by ejecting others, which then find another place: ejection search.

After Nagata and Bräysy, "A powerful route minimization heuristic for the vehicle routing problem
with time windows", Operations Research Letters 37 (2009): what was hard to place before is the
less ejected. A local search of single moves seldom places the last few stops where all fit.
"""

from __future__ import annotations

from time import thread_time

import numpy as np

from planner.solvers.tours_ejection_kernels import State, search
from planner.solvers.tours_ejection_routes import Flags, Ints, Rules, Tours
from planner.solvers.tours_ejection_squeeze import Old
from planner.solvers.tours_problem import LARGEST, UNREACHABLE, TourProblem

Routes = tuple[tuple[int, ...], ...]

# Ejections between two looks at the clock, and after which a search begins anew from the best
# routes so far: half of those that end well do so before, those that go on seldom do.
CHUNK = 100
TRIAL = 4000
# Later than any window closes.
BARRED = 4 * LARGEST


def completed(
    problem: TourProblem,
    routes: Routes,
    able: Flags,
    *,
    seed: int,
    rounds: int | None,
    seconds: float | None = None,
) -> Routes:
    """Return routes whose stops are worth at least as much: required ones first, then prize.

    Parameters
    ----------
    problem
        What is to be visited.
    routes
        One tuple of stops a vehicle, within all rules.
    able
        (n, vehicles) which stops each vehicle could visit alone.
    seed
        Where the search begins; with `rounds` alone the same seed gives the same routes.
    rounds, seconds
        Ejections at most, and CPU time of this thread; None = no limit, not both.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> way = abs(np.array([0, 10, 20, 30])[:, None] - [0, 10, 20, 30])
    >>> problem = TourProblem(
    ...     way, prize=[0, 1, 1, 1], service=[0] * 4, opens=[0, 0, 0, 30], closes=[99, 99, 20, 30],
    ...     required=[False] * 4, vehicles=(Vehicle(0, 0, earliest=0, latest=60),),
    ... )
    >>> completed(problem, ((1, 3),), np.array([[False], [True], [True], [True]]), seed=0, rounds=9)
    ((1, 2, 3),)
    """
    stops = np.flatnonzero(able.any(axis=1))
    if len(stops) == sum(map(len, routes)):
        return routes
    rules, state = _rules(problem, able), _state(problem, routes, stops)
    until = None if seconds is None else thread_time() + seconds
    chance, done = np.random.default_rng(seed), 0
    while state.size[0] and (rounds is None or done < rounds):
        if until is not None and thread_time() >= until:
            break
        some = CHUNK if rounds is None else min(CHUNK, rounds - done)
        search(rules, state, some, chance)
        done += some
        if done % TRIAL == 0 and state.size[0]:
            state = _state(problem, _best(state), stops)
    return _best(state)


def _best(state: State) -> Routes:
    rows = zip(state.best_order.tolist(), state.best_many.tolist(), strict=True)
    return tuple(tuple(row[:many]) for row, many in rows)


def _state(problem: TourProblem, routes: Routes, stops: Ints) -> State:
    """Return where the search begins: the routes, and what waits, the last one placed first."""
    worth = problem.prize + problem.required * (int(problem.prize.sum()) + 1)
    visited = np.array([stop for route in routes for stop in route], np.int64)
    out, most = np.setdiff1d(stops, visited), len(stops)
    order = np.zeros((len(routes), most + 1), np.int64)
    for k, route in enumerate(routes):
        order[k, : len(route)] = route
    many = np.array([len(route) for route in routes], np.int64)
    waiting = np.zeros(most, np.int64)
    waiting[: len(out)] = out[np.argsort(-worth[out], kind="stable")]
    return State(
        worth=worth,
        hard=np.ones(len(worth), np.int64),
        tours=Tours(order, many, np.zeros((4, len(routes), most + 2), np.int64)),
        waiting=waiting,
        size=np.array([len(out)], np.int64),
        best_order=order.copy(),
        best_many=many.copy(),
        best=worth[visited].sum(keepdims=True),
        old=Old(order.copy(), many.copy(), np.zeros_like(many)),
        room=np.zeros(most + 1, np.int64),
        pick=np.zeros(7, np.int64),
    )


def _rules(problem: TourProblem, able: Flags) -> Rules:
    teams = problem.vehicles

    def each(name: str) -> Ints:
        given = [getattr(team, name) for team in teams]
        return np.array([-1 if one is None else one for one in given], np.int64)

    columns = map(each, ("start", "end", "earliest", "latest", "latest_return", "mode"))
    duration, travel = each("max_duration"), each("max_travel")
    alike = {(team, *able[:, k]): k for k, team in enumerate(teams)}
    kind = np.array([alike[team, *able[:, k]] for k, team in enumerate(teams)], np.int64)
    limited = (np.maximum(duration, travel) >= 0).astype(np.int64)
    return Rules(
        np.where(problem.time < UNREACHABLE, problem.time, BARRED),
        np.ascontiguousarray(able),
        np.column_stack((problem.opens, problem.closes, problem.service)),
        np.column_stack((*columns, duration, travel, kind, limited)),
    )
