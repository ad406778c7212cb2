"""A stop is pressed in where it makes a route late, and the lateness is then moved away."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gis.uncounted import uncounted
from planner.solvers.tours_ejection_routes import (
    AHEAD,
    CLOSES,
    KIND,
    LATE,
    LIMITED,
    NOBODY,
    OPENS,
    SERVICE,
    Ints,
    Rules,
    Tours,
    copy_route,
    overrun,
    overrun_joined,
    retime,
    splice,
    swap_ends,
)


class Old(NamedTuple):
    """Room for routes as they were, as in `Tours`, and for how late each is (m,)."""

    order: Ints
    many: Ints
    late: Ints


# Kinds of moves.
NONE, RELOCATE, EXCHANGE, ENDS = range(4)


@uncounted
def squeeze(
    rules: Rules,
    tours: Tours,
    stop: int,
    old: Old,
    chance: np.random.Generator,
) -> bool:
    """Put a stop in and change routes until nothing is late; return whether that was possible.

    Only teams without further limits are asked. Where it was not possible, nothing changes.
    """
    late = old.late
    for k in range(len(late)):
        late[k] = 0
        copy_route(tours.order, tours.many, k, old.order, old.many)
    vehicle, place = _least_late(rules, tours, stop, chance)
    if vehicle < 0:
        return False
    splice(rules, tours, vehicle, place, stop, place)
    late[vehicle] = overrun(rules, tours, vehicle, 0, NOBODY, 0)
    while True:
        one, seen = -1, 0
        for k in range(len(late)):
            if late[k] > 0:
                seen += 1
                if chance.random() * seen < 1.0:
                    one = k
        if one < 0:
            return True
        kind, at, other, place = _best_move(rules, tours, one, late, chance)
        if kind == NONE:
            for k in range(len(late)):
                copy_route(old.order, old.many, k, tours.order, tours.many)
                retime(rules, tours, k)
            return False
        _move(rules, tours, kind, one, at, other, place)
        for k in (one, other):
            late[k] = overrun(rules, tours, k, 0, NOBODY, 0)


@uncounted
def _least_late(
    rules: Rules, tours: Tours, stop: int, chance: np.random.Generator
) -> tuple[int, int]:
    """Return the vehicle and the place where a stop makes a route the least late."""
    least, found, vehicle, at = 2**60, 0, -1, -1
    for k in range(len(tours.many)):
        if rules.teams[k, LIMITED] or not rules.able[stop, k]:
            continue
        for place in range(tours.many[k] + 1):
            late = overrun(rules, tours, k, place, stop, place)
            if late > least:
                continue
            if late < least:
                least, found = late, 0
            found += 1
            if chance.random() * found < 1.0:
                vehicle, at = k, place
    return vehicle, at


@uncounted
def _best_move(
    rules: Rules, tours: Tours, one: int, late: Ints, chance: np.random.Generator
) -> tuple[int, int, int, int]:
    """Return the move of a late route by which two routes are the least late; it must gain.

    Nothing is tried of a stop without which the route would be as late, and no place where the
    times alone say that too little is gained.
    """
    best, found = 1, 0
    chosen = (NONE, -1, -1, -1)
    many, ahead, behind = tours.many, tours.times[AHEAD], tours.times[LATE]
    for at in range(many[one]):
        freed = late[one] - overrun(rules, tours, one, at, NOBODY, at + 1)
        stop = tours.order[one, at]
        if freed < best:
            continue
        closes = rules.stops[stop, CLOSES]
        done = rules.stops[stop, OPENS] + rules.stops[stop, SERVICE]
        for other in range(len(many)):
            if other == one or rules.teams[other, LIMITED] or not rules.able[stop, other]:
                continue
            most = freed + late[other]
            for place in range(many[other] + 1):
                if max(ahead[other, place] - closes, done - behind[other, place]) > most - best:
                    continue
                gain = most - overrun(rules, tours, other, place, stop, place)
                if gain >= best:
                    found = 1 if gain > best else found + 1
                    best = gain
                    if chance.random() * found < 1.0:
                        chosen = (RELOCATE, at, other, place)
            for place in range(many[other]):
                change = tours.order[other, place]
                if max(ahead[other, place] - closes, done - behind[other, place + 1]) > most - best:
                    continue
                gain = most - overrun(rules, tours, other, place, stop, place + 1)
                if gain < best or not rules.able[change, one]:
                    continue
                gain += late[one] - freed - overrun(rules, tours, one, at, change, at + 1)
                if gain >= best:
                    found = 1 if gain > best else found + 1
                    best = gain
                    if chance.random() * found < 1.0:
                        chosen = (EXCHANGE, at, other, place)
    for other in range(len(many)):
        if other == one or rules.teams[one, KIND] != rules.teams[other, KIND]:
            continue
        most = late[one] + late[other]
        for at in range(many[one] + 1):
            for place in range(many[other] + 1):
                least = max(ahead[one, at] - behind[other, place], 0)
                if least + max(ahead[other, place] - behind[one, at], 0) > most - best:
                    continue
                gain = most - overrun_joined(rules, tours, one, at, other, place)
                if gain < best:
                    continue
                gain -= overrun_joined(rules, tours, other, place, one, at)
                if gain >= best:
                    found = 1 if gain > best else found + 1
                    best = gain
                    if chance.random() * found < 1.0:
                        chosen = (ENDS, at, other, place)
    return chosen


@uncounted
def _move(rules: Rules, tours: Tours, kind: int, one: int, at: int, other: int, place: int) -> None:
    stop = tours.order[one, at]
    if kind == RELOCATE:
        splice(rules, tours, one, at, NOBODY, at + 1)
        splice(rules, tours, other, place, stop, place)
    elif kind == EXCHANGE:
        change = tours.order[other, place]
        splice(rules, tours, one, at, change, at + 1)
        splice(rules, tours, other, place, stop, place + 1)
    else:
        swap_ends(rules, tours, one, at, other, place)
