"""The same stops at another time: orders and departures that keep a route from being foreseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.solvers.tours_fit import fitting
from planner.solvers.tours_problem import TourProblem

Ints = npt.NDArray[np.int64]

# Visits are compared by the half hour.
SLOT_TICKS = 1800
# Departures that are tried between the first and the last possible one.
DEPARTURES = 7
# Orders that are tried beside the turned round and rotated ones.
SHUFFLES = 40


@dataclass(frozen=True)
class Timed:
    """A route with its departure, when service begins at each of its stops, and its return."""

    route: tuple[int, ...]
    departure: int
    begins: tuple[int, ...]
    back: int


def vary(
    problem: TourProblem,
    vehicle: int,
    route: Sequence[int],
    seen: Ints,
    rng: np.random.Generator,
    *,
    first_slot: int,
) -> Timed:
    """Return a route past the same stops at times that were seldom seen before.

    Orders: the route, turned round, begun at each of its stops, and with pieces moved or turned at
    random; departures spread over what the windows and the shift leave. Of all these, the one
    whose stops have been visited least in the same half hours; equal ones by chance.

    Parameters
    ----------
    problem, vehicle
        Whose rules.
    route
        Stops in order, feasible.
    seen
        (n, slots) how often each point was visited in each half hour.
    rng
        Chance.
    first_slot
        Number of the half hour, since tick 0, that the first column of `seen` stands for.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 900, 900], [900, 0, 900], [900, 900, 0]], prize=[0, 1, 1], service=[0, 0, 0],
    ...     opens=[0, 0, 0], closes=[9999] * 3, required=[False] * 3,
    ...     vehicles=(Vehicle(0, 0, earliest=0, latest=2700),),
    ... )
    >>> seen = np.zeros((3, 3), int)
    >>> seen[1, 0] = 5
    >>> vary(problem, 0, (1, 2), seen, np.random.default_rng(0), first_slot=0).route
    (2, 1)
    """
    orders = np.array(list(dict.fromkeys(_orders(tuple(route), rng))), dtype=np.int64)
    orders = orders[fitting(problem, vehicle, orders.tolist())]
    departures = _departures(problem, vehicle, orders)
    order = np.repeat(orders, departures.shape[1], axis=0)
    begins, back = _forward(problem, vehicle, order, departures.ravel())
    team = problem.vehicles[vehicle]
    kept = (begins <= problem.closes[order]).all(axis=1) & (back <= team.latest_return)
    kept &= back - departures.ravel() <= team.span
    slots = np.clip(begins // SLOT_TICKS - first_slot, 0, seen.shape[1] - 1)
    # The sum of squares grows by this: one visit more to a half hour that is common is worse.
    cost = (2 * seen[order, slots] + 1).sum(axis=1)
    best = np.lexsort((rng.random(len(cost)), np.where(kept, cost, np.iinfo(np.int64).max)))[0]
    stops, times = tuple(order[best].tolist()), tuple(begins[best].tolist())
    return Timed(stops, int(departures.ravel()[best]), times, int(back[best]))


def _orders(route: tuple[int, ...], rng: np.random.Generator) -> list[tuple[int, ...]]:
    turned = route[::-1]
    orders = [route, turned]
    for at in range(1, len(route)):
        orders += [route[at:] + route[:at], turned[at:] + turned[:at]]
    for number in range(SHUFFLES if len(route) > 2 else 0):
        base = orders[number % len(orders)]
        low, high = np.sort(rng.integers(0, len(base) + 1, 2)).tolist()
        piece = base[low:high]
        rest = base[:low] + base[high:]
        at = int(rng.integers(0, len(rest) + 1))
        orders.append(rest[:at] + (piece if rng.random() < 0.5 else piece[::-1]) + rest[at:])
    return orders


def _departures(problem: TourProblem, vehicle: int, orders: Ints) -> Ints:
    """Return departures of each order, (k, d), from the first to the last that windows leave."""
    team = problem.vehicles[vehicle]
    legs = _legs(problem, vehicle, orders)
    late = _backward(problem, legs, orders, np.full(len(orders), team.latest_return))
    late = np.clip(late, team.earliest, team.latest)
    share = np.linspace(0, 1, DEPARTURES)
    spread = team.earliest + ((late - team.earliest)[:, None] * share).astype(np.int64)
    # The shortest tour has a departure of its own: others may take longer than the team may.
    _, back = _forward(problem, vehicle, orders, np.full(len(orders), team.earliest))
    shortest = np.minimum(_backward(problem, legs, orders, back), team.latest)
    return np.column_stack([spread, shortest])


def _backward(problem: TourProblem, legs: Ints, orders: Ints, back: Ints) -> Ints:
    """Return the latest departures with which each return is not later."""
    late = back - legs[:, -1]
    for k in range(orders.shape[1] - 1, -1, -1):
        stop = orders[:, k]
        late = np.minimum(late - problem.service[stop], problem.closes[stop]) - legs[:, k]
    return late


def _forward(
    problem: TourProblem, vehicle: int, orders: Ints, departures: Ints
) -> tuple[Ints, Ints]:
    """Return when service begins at each stop, (k, stops), and each return."""
    legs = _legs(problem, vehicle, orders)
    begins, now = np.empty_like(orders), departures
    for k in range(orders.shape[1]):
        stop = orders[:, k]
        begins[:, k] = np.maximum(now + legs[:, k], problem.opens[stop])
        now = begins[:, k] + problem.service[stop]
    return begins, now + legs[:, -1]


def _legs(problem: TourProblem, vehicle: int, orders: Ints) -> Ints:
    team = problem.vehicles[vehicle]
    ends = np.ones((len(orders), 1), np.int64)
    path = np.hstack([team.start * ends, orders, team.end * ends])
    return np.asarray(problem.time[team.mode][path[:, :-1], path[:, 1:]])
