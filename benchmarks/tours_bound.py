"""What so many tours can visit at most: a bound by column generation, with a proof in integers.

For tours with windows, all of one kind of vehicle. Stops have prices; no tours are worth more than
all prices and, for each tour, the most that one can gain over the prices of its stops. That is
found by labels (node, time, gain, what may not be visited again) over ng-routes, which may return
to a stop once they are far from it (Baldacci, Mingozzi and Roberti 2011) and so are more than there
are. Prices come from a linear program over the routes found so far; whatever they are, the bound
holds, as prices and gains are integers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy.optimize import linprog
from scipy.sparse import csc_array

from planner.solvers.tours import TourProblem

Ints = npt.NDArray[np.int64]

SCALE = 10**6  # to the point of prize
NEAR = 6  # stops near one, to which a route does not return from it
MOST_POINTS = 128  # two words of bits, the start among them
MOST_LABELS = 8_000_000


@dataclass(frozen=True)
class Bound:
    """No tours are worth more than `most`; `relaxed` is the last linear program's value."""

    most: int
    relaxed: float
    routes: int
    seconds: float


def bound(problem: TourProblem, seconds: float) -> Bound:
    """Return a bound on the prizes of all tours, when no better price is found or time is up."""
    began, teams, n = time.monotonic(), len(problem.vehicles), len(problem.prize)
    (team,) = set(problem.vehicles)
    if n > MOST_POINTS:
        msg = f"{n - 1} stops: what a route remembers has bits for {MOST_POINTS - 1}"
        raise ValueError(msg)
    closes = np.minimum(problem.closes, team.latest_return or team.latest)
    ways, near = np.ascontiguousarray(problem.time[0]), near_bits(problem.time[0])
    routes = [(stop,) for stop in range(1, n)]
    known, best, best_prices, relaxed = set(routes), SCALE**2, None, np.inf
    while time.monotonic() - began < seconds:
        relaxed, prices = relaxation(routes, problem.prize, teams)
        tried = [prices] if best_prices is None else [(prices + best_prices) / 2, prices]
        fresh: list[tuple[int, ...]] = []
        for some in tried:
            whole = np.rint(some * SCALE).astype(np.int64)
            gain = problem.prize * SCALE - whole
            found = best_routes(ways, problem.service, problem.opens, closes, gain, near)
            most = max(int(gain[list(route)].sum()) for route in found)
            here = int(whole[1:].sum()) + teams * max(most, 0)
            if here < best:
                best, best_prices = here, some
            fresh = [route for route in found if route not in known]
            if fresh:
                break
        known.update(fresh)
        routes += fresh
        if not fresh or best / SCALE < relaxed + 1e-4:
            break
    return Bound(best // SCALE, relaxed, len(routes), time.monotonic() - began)


def relaxation(
    routes: list[tuple[int, ...]], prize: Ints, teams: int
) -> tuple[float, npt.NDArray[np.float64]]:
    """Return the value of the linear program over some routes, and the price of each stop."""
    column = np.repeat(np.arange(len(routes)), [len(route) for route in routes])
    stop = np.concatenate([np.array(route) for route in routes])
    visits = csc_array((np.ones(len(stop)), (stop, column)), (len(prize), len(routes)))
    worth = np.array([prize[list(route)].sum() for route in routes])
    rows = csc_array(np.vstack([visits.toarray(), np.ones(len(routes))]))
    limits = np.append(np.ones(len(prize)), teams)
    solved = linprog(-worth, A_ub=rows, b_ub=limits, method="highs")
    return -solved.fun, np.maximum(-solved.ineqlin.marginals[:-1], 0)


def near_bits(ways: Ints) -> npt.NDArray[np.uint64]:
    """Return (n, 2) bits: what each stop remembers, the stops near it and itself."""
    n = len(ways)
    bits = np.zeros((n, 2), np.uint64)
    order = np.argsort(ways + ways.T, axis=1, kind="stable")
    for stop in range(1, n):
        others = [other for other in order[stop].tolist() if other not in (0, stop)]
        for other in (stop, *others[:NEAR]):
            bits[stop, other // 64] |= np.uint64(1) << np.uint64(other % 64)
    return bits


def best_routes(
    ways: Ints, service: Ints, opens: Ints, closes: Ints, gain: Ints, near: npt.NDArray[np.uint64]
) -> list[tuple[int, ...]]:
    """Return for each stop the route that gains most and ends there, the best of all among them."""
    last, node, before, many = labels(ways, service, opens, closes, gain, near, MOST_LABELS)
    if many < 0:
        raise MemoryError("too many labels")
    found = []
    for label in last[last >= 0].tolist():
        route = []
        while label >= 0:
            route.append(int(node[label]))
            label = before[label]
        found.append(tuple(reversed(route)))
    return found


@njit(cache=True)
def labels(
    ways: Ints,
    service: Ints,
    opens: Ints,
    closes: Ints,
    gain: Ints,
    near: npt.NDArray[np.uint64],
    most: int,
) -> tuple[Ints, Ints, Ints, int]:
    """Return the best label of each stop, the stop of each label, the one before it, how many.

    In the order of time. A label that is later, gains no more and remembers no less is dropped.
    """
    n, horizon = len(service), closes[0]
    node, at = np.zeros(most, np.int64), np.zeros(most, np.int64)
    kept, worth = np.zeros((most, 2), np.uint64), np.zeros(most, np.int64)
    before, gone = np.full(most, -1), np.zeros(most, np.bool_)
    # Labels of one time, and those of one stop, as chains.
    of_time, next_of_time = np.full(horizon + 1, -1), np.full(most, -1)
    of_stop, next_of_stop = np.full(n, -1), np.full(most, -1)
    last = np.full(n, -1)
    many, label, moment, one = 0, -1, 0, np.uint64(1)
    here, now, total, first, second = 0, opens[0], 0, np.uint64(0), np.uint64(0)
    while True:
        for stop in range(1, n):
            word = first if stop < 64 else second
            bit = one << np.uint64(stop % 64)
            then = max(now + ways[here, stop], opens[stop])
            if stop == here or word & bit or then > closes[stop]:
                continue
            if then + service[stop] + ways[stop, 0] > horizon:
                continue
            more = total + gain[stop]
            low, high = first & near[stop, 0], second & near[stop, 1]
            if stop < 64:
                low |= bit
            else:
                high |= bit
            other, previous, needed = of_stop[stop], -1, True
            while other >= 0:
                following = next_of_stop[other]
                better = at[other] <= then and worth[other] >= more
                if better and not (kept[other, 0] & ~low or kept[other, 1] & ~high):
                    needed = False
                    break
                worse = then <= at[other] and more >= worth[other]
                if worse and not (low & ~kept[other, 0] or high & ~kept[other, 1]):
                    gone[other] = True
                    if previous < 0:
                        of_stop[stop] = following
                    else:
                        next_of_stop[previous] = following
                else:
                    previous = other
                other = following
            if not needed:
                continue
            if many == most:
                return last, node, before, -1
            node[many], at[many], worth[many], before[many] = stop, then, more, label
            kept[many, 0], kept[many, 1] = low, high
            next_of_stop[many], of_stop[stop] = of_stop[stop], many
            next_of_time[many], of_time[then] = of_time[then], many
            many += 1
        label = -1
        while moment <= horizon and label < 0:
            label = of_time[moment]
            if label < 0:
                moment += 1
                continue
            of_time[moment] = next_of_time[label]
            if gone[label]:
                label = -1
        if label < 0:
            return last, node, before, many
        here, total = node[label], worth[label]
        now, first, second = at[label] + service[here], kept[label, 0], kept[label, 1]
        if last[here] < 0 or total > worth[last[here]]:
            last[here] = label
