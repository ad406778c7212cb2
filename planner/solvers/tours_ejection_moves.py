"""Changes of routes by chance that break no rule: relocate, exchange and 2-opt*."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np

from gis.uncounted import uncounted
from planner.solvers.tours_ejection_routes import (
    KIND,
    LIMITED,
    NOBODY,
    Ints,
    Rules,
    Tours,
    fits,
    holds,
    overrun_joined,
    retime,
    splice,
    swap_ends,
)


@uncounted
def move_by_chance(rules: Rules, tours: Tours, room: Ints, chance: np.random.Generator) -> None:
    """Change one or two routes somewhere, if they keep all rules then."""
    vehicles, many = len(tours.many), tours.many
    one, other = int(chance.random() * vehicles), int(chance.random() * vehicles)
    if many[one] == 0:
        return
    if one == other:
        _relocate_within(rules, tours, one, room, chance)
        return
    what = chance.random()
    if what < 0.33:
        _relocate(rules, tours, one, other, room, chance)
    elif what < 0.67:
        if many[other] > 0:
            _exchange(rules, tours, one, other, room, chance)
    elif rules.teams[one, KIND] == rules.teams[other, KIND]:
        _change_ends(rules, tours, one, other, room, chance)


@uncounted
def _relocate_within(
    rules: Rules, tours: Tours, vehicle: int, room: Ints, chance: np.random.Generator
) -> None:
    many, row = tours.many[vehicle], tours.order[vehicle]
    at, place = int(chance.random() * many), int(chance.random() * many)
    stop = row[at]
    for k in range(many):
        room[k] = row[k]
    for k in range(at, many - 1):
        room[k] = room[k + 1]
    for k in range(many - 1, place, -1):
        room[k] = room[k - 1]
    room[place] = stop
    if holds(rules, vehicle, room, many):
        for k in range(many):
            row[k] = room[k]
        retime(rules, tours, vehicle)


@uncounted
def _relocate(
    rules: Rules, tours: Tours, one: int, other: int, room: Ints, chance: np.random.Generator
) -> None:
    at = int(chance.random() * tours.many[one])
    place = int(chance.random() * (tours.many[other] + 1))
    stop = tours.order[one, at]
    if (
        rules.able[stop, other]
        and fits(rules, tours, other, place, stop, place, room)
        and fits(rules, tours, one, at, NOBODY, at + 1, room)
    ):
        splice(rules, tours, one, at, NOBODY, at + 1)
        splice(rules, tours, other, place, stop, place)


@uncounted
def _exchange(
    rules: Rules, tours: Tours, one: int, other: int, room: Ints, chance: np.random.Generator
) -> None:
    at, there = int(chance.random() * tours.many[one]), int(chance.random() * tours.many[other])
    mine, others = tours.order[one, at], tours.order[other, there]
    if (
        rules.able[mine, other]
        and rules.able[others, one]
        and fits(rules, tours, one, at, others, at + 1, room)
        and fits(rules, tours, other, there, mine, there + 1, room)
    ):
        splice(rules, tours, one, at, others, at + 1)
        splice(rules, tours, other, there, mine, there + 1)


@uncounted
def _change_ends(
    rules: Rules, tours: Tours, one: int, other: int, room: Ints, chance: np.random.Generator
) -> None:
    many = tours.many
    low, high = int(chance.random() * (many[one] + 1)), int(chance.random() * (many[other] + 1))
    if overrun_joined(rules, tours, one, low, other, high) > 0:
        return
    if overrun_joined(rules, tours, other, high, one, low) > 0:
        return
    swap_ends(rules, tours, one, low, other, high)
    if rules.teams[one, LIMITED] and not (
        holds(rules, one, tours.order[one], many[one])
        and holds(rules, other, tours.order[other], many[other])
    ):
        swap_ends(rules, tours, one, low, other, high)
