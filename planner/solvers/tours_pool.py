"""The best plan that can be put together from routes already known (set packing, by HiGHS)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, ParameterError
from planner.solvers.tours_fit import fitting
from planner.solvers.tours_packing import Effort, Packing, build_packing
from planner.solvers.tours_problem import TourProblem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Routes = tuple[tuple[int, ...], ...]

# The largest gain of a column beside which a gain of 1 still counts.
ONE_AIM = 2e5


@dataclass(frozen=True, eq=False)
class RoutePool:
    """Routes worth choosing from, best first; no vehicle has one of them twice.

    Parameters
    ----------
    vehicles
        (k,) whom each route was made for.
    routes
        One tuple of stops a route, in order, without start and end; none is empty.
    """

    vehicles: Ints = field(repr=False)
    routes: Routes = field(repr=False)

    def __post_init__(self) -> None:
        vehicles = np.array(self.vehicles, np.int64).reshape(-1)
        if len(vehicles) != len(self.routes):
            msg = f"route pool: {len(vehicles)} vehicles for {len(self.routes)} routes"
            raise InputError(msg)
        faults = [r for r in self.routes if not r or len(set(r)) != len(r)]
        if faults:
            msg = f"route pool: {faults[0]} is empty or visits a stop twice"
            raise InputError(msg)
        vehicles.flags.writeable = False
        object.__setattr__(self, "vehicles", vehicles)

    def __len__(self) -> int:
        return len(self.routes)

    def __iter__(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Return the vehicle and the stops of each route."""
        return zip(self.vehicles.tolist(), self.routes, strict=True)

    def prizes(self, problem: TourProblem) -> Ints:
        """Return what each route is worth, (k,)."""
        return np.array([problem.prize[list(r)].sum() for r in self.routes], np.int64)

    def summary(self) -> str:
        """Return one line: how many routes, for how many vehicles."""
        return f"{len(self)} routes of {len(np.unique(self.vehicles))} vehicles"


def pooled(problem: TourProblem, seen: Iterable[tuple[int, Sequence[int]]]) -> RoutePool:
    """Return the pool of routes seen: of the same stops by the same vehicle only the shortest.

    Parameters
    ----------
    problem
        What was to be solved.
    seen
        Vehicle and stops of each route; those without stops are left out.
    """
    known: dict[tuple[int, frozenset[int]], tuple[int, tuple[int, ...]]] = {}
    for vehicle, stops in seen:
        route = tuple(stops)
        if route:
            key = vehicle, frozenset(route)
            travel = _travel(problem, vehicle, route)
            if key not in known or (travel, route) < known[key]:
                known[key] = travel, route
    ranked = sorted(
        (_rank(problem, route), travel, vehicle, route)
        for (vehicle, _), (travel, route) in known.items()
    )
    return RoutePool(
        np.array([vehicle for _, _, vehicle, _ in ranked], np.int64),
        tuple(route for *_, route in ranked),
    )


def pack(
    problem: TourProblem,
    pool: RoutePool,
    *,
    prize: npt.ArrayLike | None = None,
    least_score: float | None = None,
    seconds: float | None = 2.0,
    nodes: int | None = None,
    columns: int | None = None,
    gap: float = 0.0,
    shortest: bool = False,
) -> Routes:
    """Return the best plan of routes of a pool: one or none a vehicle, each stop once.

    As many required stops as possible, then the largest sum of `prize`. A vehicle may also take
    a route that was made for another one, if both start and end alike and it keeps the rules.

    Parameters
    ----------
    problem
        What is to be solved; routes that do not fit it are not used.
    pool
        Routes to choose from.
    prize
        (n,) what a visit is worth here; None = `problem.prize`.
    least_score
        The sum of `problem.prize` must not be below this.
    seconds
        Longest time for each of at most four models; then the best plan found so far is returned,
        which is the best there is only if none of them needed longer.
    nodes, columns
        Most nodes of a search tree, and most pairs of route and vehicle that a model may have. The
        same answer on any machine, if `seconds` is None.
    gap
        A plan that is proven to be worth all but this share of the best is good enough.
    shortest
        Whether to take the plan that travels least among the best ones: one more model.

    Raises
    ------
    InputError
        If `prize` does not fit the points.
    ParameterError
        If no plan of the pool was found that reaches `least_score`.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 9, 9, 9], [9, 0, 1, 1], [9, 1, 0, 1], [9, 1, 1, 0]], prize=[0, 2, 3, 4],
    ...     service=[0] * 4, opens=[0] * 4, closes=[99] * 4, required=[False] * 4,
    ...     vehicles=(Vehicle(0, 0, earliest=0, latest=19),) * 2,
    ... )
    >>> pack(problem, RoutePool([0, 0, 0], ((2, 3), (1, 2), (3,))))
    ((1, 2), (3,))
    >>> pack(problem, RoutePool([0, 0, 0], ((2, 3), (1, 2), (3,))), prize=[0, 0, 9, 4])
    ((2, 3), ())
    """
    worth = np.asarray(problem.prize if prize is None else prize, np.float64)
    if worth.shape != problem.prize.shape or not np.isfinite(worth).all():
        msg = f"prize must be {problem.prize.shape} finite numbers"
        raise InputError(msg)
    model = build_packing(problem, pool.vehicles, pool.routes)
    effort = Effort(seconds, nodes, columns, gap)
    aims = _aims(model, worth, problem.required)
    if shortest:
        aims.append(-_travels(problem, model))
    floors = [] if least_score is None else [(model.worth(problem.prize), float(least_score))]
    chosen = _one_after_another(model, aims, floors, effort)
    if chosen is not None:
        return model.assigned(chosen, pool.vehicles)
    if least_score is None:
        return _greedy(problem, pool)
    msg = f"no plan of {len(pool)} known routes reaches a score of {least_score}"
    raise ParameterError(msg)


def _aims(model: Packing, worth: Floats, required: npt.NDArray[np.bool_]) -> list[Floats]:
    """Return what is to be as large as possible, one after another.

    One required stop more outweighs everything else, which is one aim, where the numbers are small
    enough for a solver to tell the least of them from nothing.
    """
    gain, needed = model.worth(worth), model.worth(required)
    if not needed.any():
        return [gain]
    more = float(np.abs(worth).sum()) + 1.0
    if more * float(needed.max()) <= ONE_AIM:
        return [gain + more * needed]
    return [needed, gain]


def _one_after_another(
    model: Packing, aims: list[Floats], floors: list[tuple[Floats, float]], effort: Effort
) -> Ints | None:
    """Return the columns that are best for the first aim, then for the next, or None."""
    chosen = None
    for aim in aims:
        found = model.best(aim, floors, effort)
        if found is None:
            break
        chosen = found
        floors = [*floors, (aim, float(aim[found].sum()))]
    return chosen


def _travels(problem: TourProblem, model: Packing) -> Floats:
    """Return the time under way of each column."""
    return np.array(
        [
            _travel(problem, model.kinds[kind][0], model.routes[route])
            for route, kind in zip(model.route, model.kind, strict=True)
        ],
        np.float64,
    )


def _greedy(problem: TourProblem, pool: RoutePool) -> Routes:
    """Return a plan of the best routes, one after another, where no model ended in time."""
    routes: list[tuple[int, ...]] = [()] * len(problem.vehicles)
    visited: set[int] = set()
    for vehicle, route in zip(pool.vehicles.tolist(), pool.routes, strict=True):
        free = not routes[vehicle] and visited.isdisjoint(route)
        if free and fitting(problem, vehicle, [route])[0]:
            routes[vehicle] = route
            visited.update(route)
    return tuple(routes)


def _rank(problem: TourProblem, route: tuple[int, ...]) -> tuple[int, int]:
    stops = list(route)
    return -int(problem.required[stops].sum()), -int(problem.prize[stops].sum())


def _travel(problem: TourProblem, vehicle: int, route: tuple[int, ...]) -> int:
    team = problem.vehicles[vehicle]
    time = problem.time[team.mode]
    path = [team.start, *route, team.end]
    return int(time[path[:-1], path[1:]].sum())
