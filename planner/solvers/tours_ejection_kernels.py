"""Ejection search on arrays, compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# Stops ejected for one at most, and moves by chance after each ejection. From routes of more than
# so many stops no more than two are: three of 50 can be chosen in 19,600 ways.
MOST_EJECTED = 3
LONG_ROUTE = 20
MOVES = 1000
# No stop of a route leaves it.
NOBODY = (-1, -1, -1)


class Rules(NamedTuple):
    """A problem as arrays: of points (n,), of vehicles (m,); -1 = no limit.

    `time` is (modes, n, n), `able` (n, m); `until` is when a vehicle must be back.
    """

    time: Ints
    service: Ints
    opens: Ints
    closes: Ints
    able: Flags
    start: Ints
    end: Ints
    earliest: Ints
    latest: Ints
    until: Ints
    mode: Ints
    max_duration: Ints
    max_travel: Ints


class State(NamedTuple):
    """Where a search stands: `worth` of each point, and how `hard` it was to place so far, (n,).

    The stops of each route are the first `many` (m,) of a row of `order` (m, k); the first
    `size` (1,) of `waiting` are left out, the last of them is placed next. `best*` is what was
    worth most so far, `work` (3, k + 1) room for a route and its times.
    """

    worth: Ints
    hard: Ints
    order: Ints
    many: Ints
    waiting: Ints
    size: Ints
    best_order: Ints
    best_many: Ints
    best: Ints
    work: Ints


@njit(cache=True)
def _fits(rules: Rules, vehicle: int, row: Ints, many: int) -> bool:
    """Return whether a vehicle can drive the first stops of a row within all rules."""
    time = rules.time[rules.mode[vehicle]]
    here, now, travel = rules.start[vehicle], rules.earliest[vehicle], 0
    for at in range(many):
        stop = row[at]
        now += time[here, stop]
        travel += time[here, stop]
        now = max(now, rules.opens[stop])
        if now > rules.closes[stop]:
            return False
        now += rules.service[stop]
        here = stop
    back = now + time[here, rules.end[vehicle]]
    travel += time[here, rules.end[vehicle]]
    if back > rules.until[vehicle]:
        return False
    if rules.max_travel[vehicle] >= 0 and travel > rules.max_travel[vehicle]:
        return False
    if rules.max_duration[vehicle] < 0:
        return True
    late, there = back, rules.end[vehicle]
    for at in range(many - 1, -1, -1):
        stop = row[at]
        late -= time[stop, there]
        late = min(late - rules.service[stop], rules.closes[stop])
        there = stop
    late -= time[rules.start[vehicle], there]
    return bool(back - min(late, rules.latest[vehicle]) <= rules.max_duration[vehicle])


@njit(cache=True)
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
    order, count, waiting, hard = state.order, state.many, state.waiting, state.hard
    visited = 0
    for vehicle in range(len(count)):
        visited += state.worth[order[vehicle, : count[vehicle]]].sum()
    for _ in range(rounds):
        if state.size[0] == 0:
            return
        state.size[0] -= 1
        stop = waiting[state.size[0]]
        placed = _insert(rules, order, count, stop, state.work, chance)
        if not placed:
            hard[stop] += 1
            vehicle, place, out = _ejection(rules, order, count, stop, hard, state.work, chance)
            placed = vehicle >= 0
            if placed:
                for at in range(count[vehicle]):
                    if at in out:
                        waiting[state.size[0]] = order[vehicle, at]
                        state.size[0] += 1
                        visited -= state.worth[order[vehicle, at]]
                _change(order, count, vehicle, stop, place, out, state.work[0])
            else:
                # No two or three make room for it: what else waits is placed first.
                waiting[1 : state.size[0] + 1] = waiting[: state.size[0]].copy()
                waiting[0] = stop
                state.size[0] += 1
            for _move in range(MOVES):
                _move_by_chance(rules, order, count, state.work[0], chance)
        if placed:
            visited += state.worth[stop]
        if visited > state.best[0]:
            state.best[0] = visited
            state.best_order[:], state.best_many[:] = order, count


@njit(cache=True)
def _insert(
    rules: Rules, order: Ints, count: Ints, stop: int, work: Ints, chance: np.random.Generator
) -> bool:
    """Put a stop in one of the places where it fits, by chance; return whether there was one."""
    _, ahead, late = work
    found, chosen, chosen_place = 0, -1, -1
    for vehicle in range(len(count)):
        if not rules.able[stop, vehicle]:
            continue
        many = count[vehicle]
        _times(rules, vehicle, order[vehicle], many, ahead, late)
        for place in range(many + 1):
            if _changed_fits(rules, vehicle, order[vehicle], many, stop, place, NOBODY, work):
                found += 1
                if chance.random() * found < 1.0:
                    chosen, chosen_place = vehicle, place
    if found == 0:
        return False
    _change(order, count, chosen, stop, chosen_place, NOBODY, work[0])
    return True


@njit(cache=True)
def _change(
    order: Ints,
    count: Ints,
    vehicle: int,
    stop: int,
    place: int,
    out: tuple[int, int, int],
    row: Ints,
) -> None:
    """Put a stop in a route and take others out."""
    many = _changed(order[vehicle], count[vehicle], stop, place, out, row)
    order[vehicle, :many] = row[:many]
    count[vehicle] = many


@njit(cache=True)
def _ejection(
    rules: Rules,
    order: Ints,
    count: Ints,
    stop: int,
    hard: Ints,
    work: Ints,
    chance: np.random.Generator,
) -> tuple[int, int, tuple[int, int, int]]:
    """Return where a stop fits if up to three others leave, those that are the least hard.

    The place and those that leave are positions in the route as it is; -1 = nobody.
    """
    _, ahead, late = work
    least, found = np.int64(2**60), 0
    chosen, chosen_place, leaving = -1, -1, NOBODY
    for size in range(1, MOST_EJECTED + 1):
        for vehicle in range(len(count)):
            if not rules.able[stop, vehicle]:
                continue
            many, row = count[vehicle], order[vehicle]
            if size > 2 and many > LONG_ROUTE:
                continue
            _times(rules, vehicle, row, many, ahead, late)
            for a in range(many - size + 1):
                if hard[row[a]] > least:
                    continue
                for b in range(a + 1, many) if size > 1 else range(a, a + 1):
                    both = hard[row[a]] + (hard[row[b]] if size > 1 else 0)
                    if both > least:
                        continue
                    for c in range(b + 1, many) if size > 2 else range(b, b + 1):
                        total = both + (hard[row[c]] if size > 2 else 0)
                        if total > least:
                            continue
                        out = (a, b, c)
                        for place in range(many + 1):
                            if place - 1 in out:
                                continue  # the same as the place before the one that leaves
                            if not _changed_fits(rules, vehicle, row, many, stop, place, out, work):
                                continue
                            if total < least:
                                least, found = total, 0
                            found += 1
                            if chance.random() * found < 1.0:
                                chosen, chosen_place, leaving = vehicle, place, out
    return chosen, chosen_place, leaving


@njit(cache=True)
def _times(rules: Rules, vehicle: int, row: Ints, many: int, ahead: Ints, late: Ints) -> None:
    """Write when a route leaves what is before each place, and must be at each place at last."""
    time = rules.time[rules.mode[vehicle]]
    here, now = rules.start[vehicle], rules.earliest[vehicle]
    ahead[0] = now
    for at in range(many):
        stop = row[at]
        now = max(now + time[here, stop], rules.opens[stop]) + rules.service[stop]
        ahead[at + 1], here = now, stop
    there, last = rules.end[vehicle], rules.until[vehicle]
    late[many] = last
    for at in range(many - 1, -1, -1):
        stop = row[at]
        last = min(rules.closes[stop], last - time[stop, there] - rules.service[stop])
        late[at], there = last, stop


@njit(cache=True)
def _changed_fits(
    rules: Rules,
    vehicle: int,
    row: Ints,
    many: int,
    stop: int,
    place: int,
    out: tuple[int, int, int],
    work: Ints,
) -> bool:
    """Return whether a route can be driven with a stop put in and up to three taken out.

    `work` holds the times of the route as it is.
    """
    new, ahead, late = work
    time = rules.time[rules.mode[vehicle]]
    begin = place if out[0] < 0 else min(out[0], place)
    last = max(out[2] + 1, place)
    here, now = rules.start[vehicle] if begin == 0 else row[begin - 1], ahead[begin]
    for at in range(begin, last + 1):
        if at == place:
            now = max(now + time[here, stop], rules.opens[stop])
            if now > rules.closes[stop]:
                return False
            now, here = now + rules.service[stop], stop
        if at < last and at not in out:
            there = row[at]
            now = max(now + time[here, there], rules.opens[there])
            if now > rules.closes[there]:
                return False
            now, here = now + rules.service[there], there
    if now + time[here, row[last] if last < many else rules.end[vehicle]] > late[last]:
        return False
    if rules.max_travel[vehicle] < 0 and rules.max_duration[vehicle] < 0:
        return True
    return _fits(rules, vehicle, new, _changed(row, many, stop, place, out, new))


@njit(cache=True)
def _changed(
    row: Ints, many: int, stop: int, place: int, out: tuple[int, int, int], new: Ints
) -> int:
    """Write a route with a stop put in and others taken out; return how many stops it has."""
    size = 0
    for at in range(many + 1):
        if at == place:
            new[size] = stop
            size += 1
        if at < many and at not in out:
            new[size] = row[at]
            size += 1
    return size


@njit(cache=True)
def _move_by_chance(
    rules: Rules, order: Ints, count: Ints, row: Ints, chance: np.random.Generator
) -> None:
    """Move a stop to another place, or let two change places, where that breaks no rule."""
    vehicles = len(count)
    one, other = int(chance.random() * vehicles), int(chance.random() * vehicles)
    if count[one] == 0:
        return
    at = int(chance.random() * count[one])
    stop = order[one, at]
    if not rules.able[stop, other]:
        return
    if one != other and count[other] > 0 and chance.random() < 0.5:
        there = int(chance.random() * count[other])
        change = order[other, there]
        if rules.able[change, one]:
            order[one, at], order[other, there] = change, stop
            if not (
                _fits(rules, one, order[one], count[one])
                and _fits(rules, other, order[other], count[other])
            ):
                order[one, at], order[other, there] = stop, change
        return
    left = count[one] - 1
    if one == other:
        place = int(chance.random() * (left + 1))
        row[: left + 1] = order[one, : left + 1]
        for k in range(at, left):
            row[k] = row[k + 1]
        for k in range(left, place, -1):
            row[k] = row[k - 1]
        row[place] = stop
        if _fits(rules, one, row, left + 1):
            order[one, : left + 1] = row[: left + 1]
        return
    place = int(chance.random() * (count[other] + 1))
    many = _changed(order[other], count[other], stop, place, NOBODY, row)
    if _fits(rules, other, row, many):
        count[other] = many
        order[other, : count[other]] = row[: count[other]]
        for k in range(at, left):
            order[one, k] = order[one, k + 1]
        count[one] = left
