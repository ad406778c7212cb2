"""Plans worth nearly the best that come at times seldom seen before (simulated annealing)."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from numpy.random import Generator

from gis.uncounted import uncounted
from planner.roster_moves import Plan, Town, changed
from planner.roster_times import SLOT_TICKS
from planner.solvers.tours_bound import reachable_alone
from planner.solvers.tours_problem import UNREACHABLE, TourProblem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Routes = tuple[tuple[int, ...], ...]

# Stops that are tried beside a stop.
NEAR = 30
# What a prize below the least score, a tick too late, and a required stop left out cost, where a
# visit at another half hour gains up to 1; and the first and last temperature.
SHORT, LATE, NEEDED = 0.3, 0.05, 1000.0
HOT, COLD = 2.0, 0.02
# A gain that is no more than rounding.
NOTHING = 1e-9
# Searches that run side by side; chance moves the gain of where a tour is begun by so much.
THREADS, CHANCE = 2, 0.3


@dataclass(frozen=True)
class Drawn:
    """Routes with their departures, what their visits gain, and how many required ones there are.

    The gain is -inf where no plan was found that is worth enough.
    """

    routes: Routes
    departures: tuple[int, ...]
    gain: float
    needed: int


def nearly_best(
    problem: TourProblem,
    routes: Sequence[Sequence[int]],
    departures: Sequence[int],
    gain: Floats,
    *,
    least_score: float,
    steps: int,
    seed: int,
    first_slot: int,
    earlier: Sequence[Sequence[int]] | None = None,
) -> Drawn:
    """Return a plan whose visits gain much by their half hours, of those worth enough.

    The search begins with tours past the same stops that are begun elsewhere or turned round,
    though they take too long, and leaves out, moves and adds stops until all rules are kept.

    Parameters
    ----------
    problem
        Whose rules; as many required stops are visited as can be, before any gain.
    routes, departures
        A plan to begin with, feasible and worth enough.
    gain
        (n, slots) of a visit to each point in each half hour.
    least_score
        Sum of the prizes that the plan must reach.
    steps
        Moves that are tried.
    seed
        Chance.
    first_slot
        Number of the half hour, since tick 0, of the first column of `gain`.
    earlier
        Another plan to begin with, which may break rules: that of the night before.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 900, 900], [900, 0, 900], [900, 900, 0]], prize=[0, 1, 1], service=[0, 0, 0],
    ...     opens=[0, 0, 0], closes=[9999] * 3, required=[False] * 3,
    ...     vehicles=(Vehicle(0, 0, earliest=0, latest=2700),),
    ... )
    >>> gain = np.array([[0.0, 0], [-1, 0], [0, -1]])
    >>> nearly_best(
    ...     problem, [(1, 2)], [0], gain, least_score=2, steps=500, seed=1, first_slot=0
    ... ).routes
    ((2, 1),)
    """
    town, worth = _town(problem), np.ascontiguousarray(gain, np.float64)
    if not town.near.shape[2]:  # nobody can visit anything
        return Drawn(tuple(map(tuple, routes)), tuple(departures), 0.0, 0)
    visited = [stop for route in routes for stop in route]
    needed = int(problem.required[visited].sum())
    share = max(1, steps // THREADS)

    def anneal(number: int) -> Drawn:
        chance = np.random.default_rng([seed, number])
        first = routes, departures
        if number < THREADS:
            before = routes if number or earlier is None else earlier
            begun = [
                _begun_anew(town, worth, first_slot, k, route, chance)
                for k, route in enumerate(before)
            ]
            first = begun, town.earliest.tolist()
        plan = _plan(problem, *first)
        return _plan_of(
            _annealed(town, plan, worth, first_slot, float(least_score), needed, share, chance)
        )

    with ThreadPoolExecutor(max_workers=THREADS) as workers:
        found = max(workers.map(anneal, range(THREADS)), key=lambda one: (one.needed, one.gain))
    # Tours begun anew may stay too long; the plan itself is known to be within the rules.
    return found if np.isfinite(found.gain) else anneal(THREADS)


def _plan_of(found: tuple[Ints, Ints, Ints, float, float]) -> Drawn:
    table, length, departure, gain, needed = found
    routes = tuple(tuple(row[:size].tolist()) for row, size in zip(table, length, strict=True))
    return Drawn(routes, tuple(departure.tolist()), gain, int(needed))


def _begun_anew(
    town: Town, gain: Floats, first_slot: int, k: int, route: Sequence[int], rng: Generator
) -> tuple[int, ...]:
    """Return a route begun at another stop, perhaps turned round, where that gains most.

    It may take too long: the search then leaves out what it has no time for.
    """
    there = tuple(stop for stop in route if town.allowed[stop, k])
    ways = [there, there[::-1]]
    orders = [way[at:] + way[:at] for way in ways for at in range(len(way))]
    into, gains = np.zeros(4), np.zeros(len(orders))
    for row, order in enumerate(orders):
        stops = np.array(order, np.int64)
        _judge(town, gain, first_slot, k, stops, len(stops), int(town.earliest[k]), into)
        gains[row] = into[0]
    chance = rng.gumbel(0.0, CHANCE, len(orders))
    return orders[int(np.argmax(gains + chance))] if orders else ()


def _town(problem: TourProblem) -> Town:
    """Return the problem as arrays."""
    teams = problem.vehicles
    able = reachable_alone(problem)
    longest = [UNREACHABLE if v.max_travel is None else v.max_travel for v in teams]
    return Town(
        time=np.minimum(problem.time, UNREACHABLE),
        mode=np.array([v.mode for v in teams]),
        start=np.array([v.start for v in teams]),
        end=np.array([v.end for v in teams]),
        earliest=np.array([v.earliest for v in teams]),
        latest=np.array([v.latest for v in teams]),
        back=np.array([v.latest_return for v in teams]),
        span=np.array([v.span for v in teams]),
        travel=np.array(longest),
        opens=problem.opens,
        closes=problem.closes,
        service=problem.service,
        prize=problem.prize,
        required=problem.required,
        allowed=able,
        near=_near(problem, np.flatnonzero(able.any(axis=1))),
    )


def _near(problem: TourProblem, stops: Ints) -> Ints:
    """Return the stops near each point, (modes, n, q), by the shorter of both directions."""
    way = np.minimum(problem.time, problem.time.transpose(0, 2, 1))[:, :, stops]
    way = np.where(np.arange(len(problem.prize))[:, None] == stops, UNREACHABLE, way)
    order = np.argsort(way, axis=2, kind="stable")[:, :, :NEAR]
    return np.asarray(stops[order])


def _plan(problem: TourProblem, routes: Sequence[Sequence[int]], departures: Sequence[int]) -> Plan:
    """Return a plan as arrays."""
    n = len(problem.prize)
    table = np.zeros((len(routes), n), np.int64)
    owner, at = np.full(n, -1, np.int64), np.zeros(n, np.int64)
    for k, route in enumerate(routes):
        stops = np.array(route, np.int64)
        table[k, : len(stops)] = stops
        owner[stops], at[stops] = k, np.arange(len(stops))
    length = np.array([len(route) for route in routes], np.int64)
    return Plan(table, length, np.array(departures, np.int64), owner, at)


@uncounted
def _judge(
    town: Town,
    gain: Floats,
    first_slot: int,
    k: int,
    route: Ints,
    length: int,
    depart: int,
    into: Floats,
) -> None:
    """Write gain, prize and required stops of a route, and by how much it breaks the rules."""
    worth, prize, needed, broken = 0.0, 0, 0, 0
    way, now, here = 0, depart, town.start[k]
    for place in range(length):
        stop = route[place]
        step = town.time[town.mode[k], here, stop]
        if not town.allowed[stop, k]:
            broken += UNREACHABLE
        way += step
        now = max(now + step, town.opens[stop])
        broken += max(0, now - town.closes[stop])
        slot = min(max(now // SLOT_TICKS - first_slot, 0), gain.shape[1] - 1)
        worth += gain[stop, slot]
        prize += town.prize[stop]
        needed += town.required[stop]
        now += town.service[stop]
        here = stop
    if length:
        step = town.time[town.mode[k], here, town.end[k]]
        way, now = way + step, now + step
        broken += max(0, now - town.back[k]) + max(0, now - depart - town.span[k])
        broken += max(0, way - town.travel[k])
    into[0], into[1], into[2], into[3] = worth, prize, needed, broken


@uncounted
def _taken(plan: Plan, k: int, route: Ints, length: int) -> None:
    """Write a route into the plan."""
    for place in range(length):
        stop = route[place]
        plan.routes[k, place] = stop
        plan.owner[stop], plan.at[stop] = k, place
    plan.length[k] = length


@uncounted
def _left(plan: Plan, k: int) -> None:
    """Take all stops of a route out of the plan."""
    for place in range(plan.length[k]):
        plan.owner[plan.routes[k, place]] = -1


@njit(cache=True, nogil=True)
def _annealed(
    town: Town,
    plan: Plan,
    gain: Floats,
    first_slot: int,
    least: float,
    needed: float,
    steps: int,
    rng: Generator,
) -> tuple[Ints, Ints, Ints, float, float]:
    """Return routes, lengths, departures, gain and required stops of the best plan passed."""
    k_all = len(plan.length)
    # Gain, prize, required stops and broken rules of each route, and of all.
    each, total = np.zeros((k_all, 4)), np.zeros(4)
    for k in range(k_all):
        route, length, depart = plan.routes[k], plan.length[k], plan.departure[k]
        _judge(town, gain, first_slot, k, route, length, depart, each[k])
        _add(total, each[k], 1.0)
    best = plan.routes.copy(), plan.length.copy(), plan.departure.copy()
    best_gain, best_needed = -np.inf, float(needed)
    if total[3] == 0 and total[1] >= least and total[2] >= needed:
        best_gain, best_needed = total[0], total[2]
    one, two = np.zeros(plan.routes.shape[1], np.int64), np.zeros(plan.routes.shape[1], np.int64)
    heat, cooling = HOT, (COLD / HOT) ** (1.0 / steps)
    new, other, then = np.zeros(4), np.zeros(4), np.zeros(4)
    for _ in range(steps):
        heat *= cooling
        k = int(rng.random() * k_all)
        length, k_other, length_other, depart = changed(town, plan, k, one, two, rng)
        if length < 0:
            continue
        _judge(town, gain, first_slot, k, one, length, depart, new)
        then[:] = total
        _add(then, new, 1.0)
        _add(then, each[k], -1.0)
        if k_other >= 0:
            depart_other = plan.departure[k_other]
            _judge(town, gain, first_slot, k_other, two, length_other, depart_other, other)
            _add(then, other, 1.0)
            _add(then, each[k_other], -1.0)
        better = _valued(then, least) - _valued(total, least)
        if better < 0 and rng.random() >= np.exp(better / heat):
            continue
        _left(plan, k)
        if k_other >= 0:
            _left(plan, k_other)
            _taken(plan, k_other, two, length_other)
            each[k_other] = other
        _taken(plan, k, one, length)
        plan.departure[k] = depart
        each[k], total[:] = new, then
        if total[3] > 0 or total[1] < least or total[2] < best_needed:
            continue
        if total[2] > best_needed or total[0] > best_gain + NOTHING:
            best_gain, best_needed = total[0], total[2]
            for k in range(k_all):
                best[1][k], best[2][k] = plan.length[k], plan.departure[k]
                best[0][k, : plan.length[k]] = plan.routes[k, : plan.length[k]]
    return best[0], best[1], best[2], best_gain, best_needed


@uncounted
def _add(total: Floats, part: Floats, sign: float) -> None:
    """Add four figures to others, or take them away."""
    for place in range(4):
        total[place] += sign * part[place]


@uncounted
def _valued(total: Floats, least: float) -> float:
    """Return what a plan is worth to the search."""
    short = max(0.0, least - total[1])
    return float(total[0] - SHORT * short + NEEDED * total[2] - LATE * total[3])
