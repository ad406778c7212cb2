"""Ejection search on arrays, compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gis.uncounted import uncounted
from planner.solvers.tours_ejection_moves import move_by_chance
from planner.solvers.tours_ejection_routes import (
    AFTER,
    AHEAD,
    BEFORE,
    CLOSES,
    END,
    LATE,
    LIMITED,
    MODE,
    NOBODY,
    OPENS,
    SERVICE,
    START,
    Ints,
    Rules,
    Tours,
    copy_route,
    fits,
    holds,
    retime,
    splice,
)
from planner.solvers.tours_ejection_squeeze import Old, squeeze

# Stops ejected for one at most, and moves by chance after each ejection. From routes of more than
# so many stops no more than two are: three of 50 can be chosen in 19,600 ways.
MOST_EJECTED = 3
LONG_ROUTE = 20
MOVES = 3000
# More than all stops were hard to place.
MOST_HARD = 2**60
# What `_ejection` writes: how hard those are that leave, how many such ways were seen, the
# vehicle, the place of what is put in, and up to three positions in the route with it; -1 = none.
LEAST, SEEN, VEHICLE, PLACE, FIRST, SECOND, THIRD = range(7)


class State(NamedTuple):
    """Where a search stands: `worth` of each point, and how `hard` it was to place so far, (n,).

    The first `size` (1,) of `waiting` are left out, the last of them is placed next. `best*` is
    what was worth most so far; `room` (k,) is for a route, `pick` (7,)
    for what `_ejection` writes.
    """

    worth: Ints
    hard: Ints
    tours: Tours
    waiting: Ints
    size: Ints
    best_order: Ints
    best_many: Ints
    best: Ints
    old: Old
    room: Ints
    pick: Ints


@uncounted
def search(rules: Rules, state: State, rounds: int, chance: np.random.Generator) -> None:
    """Go on for some ejections at most; `best*` are changed when what is visited is worth more.

    Parameters
    ----------
    rules
        The problem.
    state
        Where the search stands; all of it but `worth` is changed.
    rounds
        Ejections at most.
    chance
        What is left to it.
    """
    tours, hard, room, pick = state.tours, state.hard, state.room, state.pick
    visited = 0
    for vehicle in range(len(tours.many)):
        for at in range(tours.many[vehicle]):
            visited += state.worth[tours.order[vehicle, at]]
        retime(rules, tours, vehicle)
    for _ in range(rounds):
        if state.size[0] == 0:
            return
        state.size[0] -= 1
        stop = state.waiting[state.size[0]]
        placed = _insert(rules, tours, stop, room, chance)
        placed = placed or squeeze(rules, tours, stop, state.old, chance)
        if not placed:
            hard[stop] += 1
            _ejection(rules, tours, stop, hard, room, chance, pick)
            placed = pick[VEHICLE] >= 0
            if placed:
                visited -= _eject(rules, state, stop)
            else:
                _wait_longer(state, stop)
            for _move in range(MOVES):
                move_by_chance(rules, tours, room, chance)
        if placed:
            visited += state.worth[stop]
        if visited > state.best[0]:
            state.best[0] = visited
            for vehicle in range(len(tours.many)):
                copy_route(tours.order, tours.many, vehicle, state.best_order, state.best_many)


@uncounted
def _eject(rules: Rules, state: State, stop: int) -> int:
    """Put a stop in as `pick` says, let others wait for it, and return what those are worth."""
    tours, pick, lost = state.tours, state.pick, 0
    vehicle, place = pick[VEHICLE], pick[PLACE]
    splice(rules, tours, vehicle, place, stop, place)
    for which in range(THIRD, FIRST - 1, -1):
        at = pick[which]
        if at >= 0:
            gone = tours.order[vehicle, at]
            state.waiting[state.size[0]] = gone
            state.size[0] += 1
            lost += state.worth[gone]
            splice(rules, tours, vehicle, at, NOBODY, at + 1)
    return lost


@uncounted
def _wait_longer(state: State, stop: int) -> None:
    """Let a stop wait for which no two or three make room: what else waits is placed first."""
    for k in range(state.size[0], 0, -1):
        state.waiting[k] = state.waiting[k - 1]
    state.waiting[0] = stop
    state.size[0] += 1


@uncounted
def _insert(rules: Rules, tours: Tours, stop: int, room: Ints, chance: np.random.Generator) -> bool:
    """Put a stop in one of the places where it fits, by chance; return whether there was one."""
    found, chosen, chosen_place = 0, -1, -1
    for vehicle in range(len(tours.many)):
        if not rules.able[stop, vehicle]:
            continue
        for place in range(tours.many[vehicle] + 1):
            if fits(rules, tours, vehicle, place, stop, place, room):
                found += 1
                if chance.random() * found < 1.0:
                    chosen, chosen_place = vehicle, place
    if found == 0:
        return False
    splice(rules, tours, chosen, chosen_place, stop, chosen_place)
    return True


@uncounted
def _ejection(
    rules: Rules,
    tours: Tours,
    stop: int,
    hard: Ints,
    room: Ints,
    chance: np.random.Generator,
    pick: Ints,
) -> None:
    """Write where a stop fits if up to three others leave, those that are the least hard.

    It is put in at each place for a while; the routes are as they were when this ends.
    """
    pick[LEAST], pick[SEEN], pick[VEHICLE] = MOST_HARD, 0, -1
    for size in range(1, MOST_EJECTED + 1):
        for vehicle in range(len(tours.many)):
            many = tours.many[vehicle]
            if not rules.able[stop, vehicle] or (size > 2 and many > LONG_ROUTE):
                continue
            for place in range(many + 1):
                splice(rules, tours, vehicle, place, stop, place)
                _leave(rules, tours, vehicle, place, size, hard, room, chance, pick)
                splice(rules, tours, vehicle, place, NOBODY, place + 1)


@uncounted
def _leave(
    rules: Rules,
    tours: Tours,
    vehicle: int,
    place: int,
    size: int,
    hard: Ints,
    room: Ints,
    chance: np.random.Generator,
    pick: Ints,
) -> None:
    """Write which stops may leave a route with a stop put in, as many as `size`.

    Those that leave are chosen in the order of the route, and the time goes along: where it is
    too late for one that stays, none behind it can help (Nagata and Bräysy 2009).
    """
    row, many = tours.order[vehicle], tours.many[vehicle]
    ahead, before = tours.times[AHEAD, vehicle], tours.times[BEFORE, vehicle]
    late, after = tours.times[LATE, vehicle], tours.times[AFTER, vehicle]
    mode, end = rules.teams[vehicle, MODE], rules.teams[vehicle, END]
    for a in range(many):
        if before[a] > 0:
            return
        # That what leaves stood just before the new stop, or just after it, is the same.
        if a in (place - 1, place) or hard[row[a]] > pick[LEAST]:
            continue
        now, here = ahead[a], row[a - 1] if a > 0 else rules.teams[vehicle, START]
        if size == 1:
            there = row[a + 1] if a + 1 < many else end
            if after[a + 1] == 0 and now + rules.time[mode, here, there] <= late[a + 1]:
                _choose(rules, tours, vehicle, (place, a, -1, -1), hard, room, chance, pick)
            continue
        for b in range(a + 1, many):
            if b not in (place - 1, place) and hard[row[a]] + hard[row[b]] <= pick[LEAST]:
                if size == 2:
                    there = row[b + 1] if b + 1 < many else end
                    if after[b + 1] == 0 and now + rules.time[mode, here, there] <= late[b + 1]:
                        _choose(rules, tours, vehicle, (place, a, b, -1), hard, room, chance, pick)
                else:
                    then, at = now, here
                    for c in range(b + 1, many):
                        if c not in (place - 1, place):
                            there = row[c + 1] if c + 1 < many else end
                            kept = after[c + 1] == 0
                            if kept and then + rules.time[mode, at, there] <= late[c + 1]:
                                way = (place, a, b, c)
                                _choose(rules, tours, vehicle, way, hard, room, chance, pick)
                        then = max(then + rules.time[mode, at, row[c]], rules.stops[row[c], OPENS])
                        if then > rules.stops[row[c], CLOSES]:
                            break
                        then, at = then + rules.stops[row[c], SERVICE], row[c]
            now = max(now + rules.time[mode, here, row[b]], rules.stops[row[b], OPENS])
            if now > rules.stops[row[b], CLOSES]:
                break
            now, here = now + rules.stops[row[b], SERVICE], row[b]


@uncounted
def _choose(
    rules: Rules,
    tours: Tours,
    vehicle: int,
    way: tuple[int, int, int, int],
    hard: Ints,
    room: Ints,
    chance: np.random.Generator,
    pick: Ints,
) -> None:
    """Take one way in which a stop fits in time, unless others are less hard or chance is."""
    row, many = tours.order[vehicle], tours.many[vehicle]
    place, a, b, c = way
    total = hard[row[a]] + (hard[row[b]] if b >= 0 else 0) + (hard[row[c]] if c >= 0 else 0)
    if total > pick[LEAST]:
        return
    if rules.teams[vehicle, LIMITED]:
        size = 0
        for at in range(many):
            if at not in (a, b, c):
                room[size] = row[at]
                size += 1
        if not holds(rules, vehicle, room, size):
            return
    if total < pick[LEAST]:
        pick[LEAST], pick[SEEN] = total, 0
    pick[SEEN] += 1
    if chance.random() * pick[SEEN] < 1.0:
        pick[VEHICLE], pick[PLACE], pick[FIRST], pick[SECOND], pick[THIRD] = vehicle, place, a, b, c
