"""Moves of a search for plans that are hard to foresee: one changes one or two routes, compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from gis.uncounted import uncounted

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Kinds of moves: beside a near stop (more often than the others), trade, join, and five of one
# route alone.
BESIDE, TRADE, JOIN, DROP, TURN, BEGIN, SHIFT, DEPART, KINDS = 3, 4, 5, 6, 7, 8, 9, 10, 10
# Stops that are moved to another route, or within one, at most.
FEW, MANY = 3, 8
# A departure is moved by so many ticks at most, or anywhere the shift leaves.
LATER = 900


class Town(NamedTuple):
    """A tour problem as arrays: n points, k vehicles.

    Parameters
    ----------
    time
        (modes, n, n) ticks.
    mode, start, end, earliest, latest, back, span, travel
        (k,) of each vehicle; `travel` is the longest time under way.
    opens, closes, service, prize, required
        (n,) of each point.
    allowed
        (n, k) who can visit what.
    near
        (modes, n, q) stops near each point.
    """

    time: Ints
    mode: Ints
    start: Ints
    end: Ints
    earliest: Ints
    latest: Ints
    back: Ints
    span: Ints
    travel: Ints
    opens: Ints
    closes: Ints
    service: Ints
    prize: Ints
    required: Flags
    allowed: Flags
    near: Ints


class Plan(NamedTuple):
    """Routes that a search changes in place.

    Parameters
    ----------
    routes
        (k, room) stops of each vehicle in order; after the first `length` anything.
    length, departure
        (k,) of each route.
    owner, at
        (n,) whose route a point is on, -1 for nobody's, and where on it.
    """

    routes: Ints
    length: Ints
    departure: Ints
    owner: Ints
    at: Ints


@uncounted
def changed(
    town: Town, plan: Plan, k: int, one: Ints, two: Ints, rng: Generator
) -> tuple[int, int, int, int]:
    """Write what a random move makes of route `k` to `one`, and of another one to `two`.

    Returns
    -------
    tuple
        Length of `one` (-1: there is no such move), the other route (-1: none), length of `two`,
        departure of `k`.
    """
    length = plan.length[k]
    depart = plan.departure[k]
    kind = _up_to(rng, KINDS) + 1
    if length == 0:
        one[0] = town.near[town.mode[k], town.start[k], _up_to(rng, town.near.shape[2])]
        free = plan.owner[one[0]] < 0 and town.allowed[one[0], k]
        return (1 if free else -1), -1, 0, depart
    if kind <= JOIN:
        at = _up_to(rng, length)
        near = town.near[town.mode[k], plan.routes[k, at]]
        stop = near[_up_to(rng, len(near))]
        if not town.allowed[stop, k]:
            return -1, -1, 0, depart
        if kind <= BESIDE:
            return (*_beside(plan, k, at, stop, one, two, rng), depart)
        if kind == TRADE:
            return (*_trade(plan, k, at, stop, one, two), depart)
        return (*_join(plan, k, at, stop, one, two), depart)
    if kind == DEPART:
        _copied(plan.routes[k], 0, length, 0, one, 0)
        return length, -1, 0, _other_departure(town, k, depart, rng)
    return _alone(plan, k, kind, one, rng), -1, 0, depart


@uncounted
def _beside(
    plan: Plan, k: int, at: int, stop: int, one: Ints, two: Ints, rng: Generator
) -> tuple[int, int, int]:
    """Put a stop, and perhaps some that follow it, beside that at a place of the route."""
    route, length, owner = plan.routes[k], plan.length[k], plan.owner[stop]
    after = _up_to(rng, 2)
    if owner < 0:
        if length + 1 > len(one):
            return -1, -1, 0
        cut = at + after
        _copied(route, 0, cut, 0, one, 0)
        one[cut] = stop
        _copied(route, cut, length, 0, one, cut + 1)
        return length + 1, -1, 0
    first = plan.at[stop]
    last = min(first + 1 + _up_to(rng, FEW), plan.length[owner])
    if (owner == k and first <= at < last) or length + last - first > len(one):
        return -1, -1, 0
    turned, filled = _up_to(rng, 2), 0
    for place in range(length):
        if owner == k and first <= place < last:
            continue
        if place == at and not after:
            filled = _copied(plan.routes[owner], first, last, turned, one, filled)
        one[filled] = route[place]
        filled += 1
        if place == at and after:
            filled = _copied(plan.routes[owner], first, last, turned, one, filled)
    if owner == k:
        return filled, -1, 0
    _copied(plan.routes[owner], 0, first, 0, two, 0)
    rest = _copied(plan.routes[owner], last, plan.length[owner], 0, two, first)
    return filled, owner, rest


@uncounted
def _trade(plan: Plan, k: int, at: int, stop: int, one: Ints, two: Ints) -> tuple[int, int, int]:
    """Put a stop in the place of another one, which takes its place if it had one."""
    length, owner = plan.length[k], plan.owner[stop]
    _copied(plan.routes[k], 0, length, 0, one, 0)
    one[at] = stop
    if owner == k:
        one[plan.at[stop]] = plan.routes[k, at]
    if owner < 0 or owner == k:
        return length, -1, 0
    other = plan.length[owner]
    _copied(plan.routes[owner], 0, other, 0, two, 0)
    two[plan.at[stop]] = plan.routes[k, at]
    return length, owner, other


@uncounted
def _join(plan: Plan, k: int, at: int, stop: int, one: Ints, two: Ints) -> tuple[int, int, int]:
    """Let a stop follow another one: what lies between is turned, or the tails change routes."""
    length, owner, there = plan.length[k], plan.owner[stop], plan.at[stop]
    if owner < 0:
        return -1, -1, 0
    if owner == k:
        first, last = (at + 1, there) if there > at else (there, at - 1)
        _copied(plan.routes[k], 0, length, 0, one, 0)
        _copied(plan.routes[k], first, last + 1, 1, one, first)
        return (length if first < last else -1), -1, 0
    other = plan.length[owner]
    head, tail = at + 1, length - at - 1
    if head + other - there > len(one) or there + tail > len(two):
        return -1, -1, 0
    _copied(plan.routes[k], 0, head, 0, one, 0)
    _copied(plan.routes[owner], there, other, 0, one, head)
    _copied(plan.routes[owner], 0, there, 0, two, 0)
    _copied(plan.routes[k], head, length, 0, two, there)
    return head + other - there, owner, there + tail


@uncounted
def _alone(plan: Plan, k: int, kind: int, one: Ints, rng: Generator) -> int:
    """Drop a stop, turn a part or all, begin elsewhere, or move a part."""
    route, length = plan.routes[k], plan.length[k]
    first = _up_to(rng, length)
    if kind == DROP:
        _copied(route, 0, first, 0, one, 0)
        _copied(route, first + 1, length, 0, one, first)
        return int(length - 1)
    if kind == TURN:
        second = _up_to(rng, length)
        low, high = min(first, second), max(first, second)
        if _up_to(rng, MANY) == 0:
            low, high = 0, length - 1
        _copied(route, 0, length, 0, one, 0)
        _copied(route, low, high + 1, 1, one, low)
        return int(length) if low < high else -1
    if kind == BEGIN:
        turned = _up_to(rng, 2)
        for place in range(length):
            one[place] = route[(first - place if turned else first + place) % length]
        return int(length)
    return int(_moved(route, length, first, one, rng))


@uncounted
def _moved(route: Ints, length: int, first: int, one: Ints, rng: Generator) -> int:
    """Move a part of a route, perhaps turned, to elsewhere on it."""
    last = min(length, first + 1 + _up_to(rng, MANY))
    size = last - first
    to = _up_to(rng, length - size + 1)
    turned, filled = _up_to(rng, 2), 0
    for place in range(length):
        if first <= place < last:
            continue
        if filled == to:
            filled = _copied(route, first, last, turned, one, filled)
        one[filled] = route[place]
        filled += 1
    if filled == to and filled < length:
        filled = _copied(route, first, last, turned, one, filled)
    return filled


@uncounted
def _copied(route: Ints, first: int, last: int, turned: int, to: Ints, at: int) -> int:
    """Copy a part of a route, perhaps turned, and return where it ends."""
    for place in range(last - first):
        to[at + place] = route[last - 1 - place if turned else first + place]
    return at + last - first


@uncounted
def _other_departure(town: Town, k: int, depart: int, rng: Generator) -> int:
    """Return another departure within the shift."""
    if _up_to(rng, 2):
        depart += _up_to(rng, 2 * LATER + 1) - LATER
    else:
        depart = town.earliest[k] + _up_to(rng, town.span[k] + 1)
    return int(min(max(depart, town.earliest[k]), town.latest[k]))


@uncounted
def _up_to(rng: Generator, count: int) -> int:
    """Return a random number from 0 to below `count`."""
    return int(rng.random() * count)
