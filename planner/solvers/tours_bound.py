"""Which stops each vehicle could visit at all, and the bound on the score that follows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planner.solvers.tours_problem import UNREACHABLE, TourProblem
from planner.solvers.tours_relaxed import LP_STEPS, relaxed

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Later than any shift can end, and still far from where sums leave 64 bits.
NEVER = 2**60
# What sums of floats may be off, as a share.
ROUNDING = 1e-9


def reachable_alone(problem: TourProblem) -> Flags:
    """Return which stops each vehicle can visit if it visits nothing else, (n, vehicles).

    Times are taken over the fastest chain of points, so that what is not reachable alone is not
    reachable on any tour, even where the matrix breaks the triangle inequality.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 10, 40], [10, 0, 40], [40, 40, 0]], prize=[0, 5, 7], service=[0, 3, 3],
    ...     opens=[0, 0, 0], closes=[99, 99, 99], required=[False] * 3,
    ...     vehicles=(Vehicle(0, 0, earliest=0, latest=50),),
    ... )
    >>> reachable_alone(problem)[:, 0].tolist()
    [False, True, False]
    """
    return _alone(problem)[0]


def _alone(problem: TourProblem) -> tuple[Flags, Ints]:
    """Return who can visit what, and when each could begin there at the earliest."""
    able = np.zeros((len(problem.prize), len(problem.vehicles)), bool)
    earliest = np.full(able.shape, NEVER, np.int64)
    stops = problem.stops
    to_stop: dict[tuple[int, int], Ints] = {}
    for k, team in enumerate(problem.vehicles):
        matrix = problem.time[team.mode]
        for place, way in ((team.start, matrix), (~team.end, matrix.T)):
            if (team.mode, place) not in to_stop:
                to_stop[team.mode, place] = _shortest(way, max(place, ~place))
        out, home = (to_stop[team.mode, p][stops] for p in (team.start, ~team.end))
        opens, closes, service = (
            a[stops] for a in (problem.opens, problem.closes, problem.service)
        )
        begin = np.maximum(team.earliest + out, opens)
        back = begin + service + home
        # The latest departure that begins service no later than the earliest possible one.
        duration = np.maximum(out + service + home, back - team.latest)
        travel = np.inf if team.max_travel is None else team.max_travel
        able[stops, k] = (
            problem.may_visit(k)[stops]
            & (begin <= closes)
            & (back <= team.latest_return)
            & (duration <= team.span)
            & (out + home <= travel)
        )
        earliest[stops, k] = begin
    return able, earliest


def bound(problem: TourProblem, steps: int = LP_STEPS) -> int:
    """Return a score no plan can exceed: of a linear relaxation with reachability and duration.

    Never more than the prizes of all stops that some vehicle could visit alone.

    Parameters
    ----------
    problem
        What is to be solved.
    steps
        Most steps of the linear model; where they do not do, the sum of prizes is left.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 10, 10], [10, 0, 20], [10, 20, 0]], prize=[0, 5, 5], service=[0, 0, 0],
    ...     opens=[0, 0, 0], closes=[99, 99, 99], required=[False] * 3,
    ...     vehicles=(Vehicle(0, 0, earliest=0, latest=30),),
    ... )
    >>> bound(problem)
    7
    """
    able, earliest = _alone(problem)
    everything = int(problem.prize[able.any(axis=1)].sum())
    model = relaxed(problem, able, earliest.astype(float), steps)
    slack = ROUNDING * max(1, everything)
    return everything if model >= everything else int(min(everything, model + slack))


def _shortest(time: Ints, source: int) -> Ints:
    """Return the shortest time from one point to all others over any chain of points."""
    steps = np.where(time >= UNREACHABLE, NEVER, time)
    best: Ints = steps[source].copy()
    best[source] = 0
    while True:
        closer: Ints = np.minimum(best, (best[:, None] + steps).min(axis=0))
        if (closer == best).all():
            return best
        best = closer
