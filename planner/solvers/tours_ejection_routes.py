"""Routes of an ejection search as arrays: their times, and what a change of them breaks."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gis.uncounted import uncounted

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# Nothing is put in.
NOBODY = -1

# Columns of `Rules.stops` and `Rules.teams`, and the first axis of `Tours.times`.
OPENS, CLOSES, SERVICE = range(3)
(START, END, EARLIEST, LATEST, UNTIL, MODE, MAX_DURATION, MAX_TRAVEL, KIND, LIMITED) = range(10)
AHEAD, BEFORE, LATE, AFTER = range(4)


class Rules(NamedTuple):
    """A problem as few arrays, as many would make each call slow.

    `time` is (modes, n, n), `able` (n, teams), `stops` (n, 3) and `teams` (teams, 10), columns as
    named above; -1 = no limit. A team must be back at `UNTIL`; teams of one `KIND` can change
    routes; those with more limits than windows are `LIMITED`.
    """

    time: Ints
    able: Flags
    stops: Ints
    teams: Ints


class Tours(NamedTuple):
    """Routes: the stops of each are the first `many` (m,) of a row of `order` (m, k).

    `times` (4, m, k + 1) are those before each place of a route: when it leaves what is before,
    and by how much it was late there; when it must be at what is after, and by how much that is
    too early for what follows. Who is late goes on as if in time.
    """

    order: Ints
    many: Ints
    times: Ints


@uncounted
def retime(rules: Rules, tours: Tours, vehicle: int) -> None:
    """Write the times of a route anew."""
    mode, row, many = rules.teams[vehicle, MODE], tours.order[vehicle], tours.many[vehicle]
    here, now, over = rules.teams[vehicle, START], rules.teams[vehicle, EARLIEST], 0
    tours.times[AHEAD, vehicle, 0], tours.times[BEFORE, vehicle, 0] = now, 0
    for at in range(many):
        stop = row[at]
        now = max(now + rules.time[mode, here, stop], rules.stops[stop, OPENS])
        over += max(now - rules.stops[stop, CLOSES], 0)
        now = min(now, rules.stops[stop, CLOSES]) + rules.stops[stop, SERVICE]
        tours.times[AHEAD, vehicle, at + 1], tours.times[BEFORE, vehicle, at + 1] = now, over
        here = stop
    there, last, over = rules.teams[vehicle, END], rules.teams[vehicle, UNTIL], 0
    tours.times[LATE, vehicle, many], tours.times[AFTER, vehicle, many] = last, 0
    for at in range(many - 1, -1, -1):
        stop = row[at]
        last = min(
            rules.stops[stop, CLOSES],
            last - rules.time[mode, stop, there] - rules.stops[stop, SERVICE],
        )
        over += max(rules.stops[stop, OPENS] - last, 0)
        last = max(last, rules.stops[stop, OPENS])
        tours.times[LATE, vehicle, at], tours.times[AFTER, vehicle, at] = last, over
        there = stop


@uncounted
def overrun(rules: Rules, tours: Tours, vehicle: int, low: int, stop: int, high: int) -> int:
    """Return by how much a route is late in all, if a stop takes the places from low to high.

    The lateness with the least change of times (Nagata, Bräysy and Dullaert 2010); `NOBODY` takes
    them = they are left out. 0 = every window and the end are kept.
    """
    mode, row = rules.teams[vehicle, MODE], tours.order[vehicle]
    here = row[low - 1] if low > 0 else rules.teams[vehicle, START]
    there = row[high] if high < tours.many[vehicle] else rules.teams[vehicle, END]
    now = tours.times[AHEAD, vehicle, low]
    over = tours.times[BEFORE, vehicle, low] + tours.times[AFTER, vehicle, high]
    if stop != NOBODY:
        now = max(now + rules.time[mode, here, stop], rules.stops[stop, OPENS])
        over += max(now - rules.stops[stop, CLOSES], 0)
        now = min(now, rules.stops[stop, CLOSES]) + rules.stops[stop, SERVICE]
        here = stop
    return int(
        over + max(now + rules.time[mode, here, there] - tours.times[LATE, vehicle, high], 0)
    )


@uncounted
def overrun_joined(rules: Rules, tours: Tours, one: int, low: int, other: int, high: int) -> int:
    """Return by how much a route is late whose end, from a place on, is that of another one."""
    mode = rules.teams[one, MODE]
    here = tours.order[one, low - 1] if low > 0 else rules.teams[one, START]
    there = tours.order[other, high] if high < tours.many[other] else rules.teams[one, END]
    gap = (
        tours.times[AHEAD, one, low]
        + rules.time[mode, here, there]
        - tours.times[LATE, other, high]
    )
    return int(tours.times[BEFORE, one, low] + tours.times[AFTER, other, high] + max(gap, 0))


@uncounted
def holds(rules: Rules, vehicle: int, row: Ints, many: int) -> bool:
    """Return whether a vehicle can drive the first stops of a row within all rules."""
    mode = rules.teams[vehicle, MODE]
    here, now, travel = rules.teams[vehicle, START], rules.teams[vehicle, EARLIEST], 0
    for at in range(many):
        stop = row[at]
        now += rules.time[mode, here, stop]
        travel += rules.time[mode, here, stop]
        now = max(now, rules.stops[stop, OPENS])
        if now > rules.stops[stop, CLOSES]:
            return False
        now += rules.stops[stop, SERVICE]
        here = stop
    back = now + rules.time[mode, here, rules.teams[vehicle, END]]
    travel += rules.time[mode, here, rules.teams[vehicle, END]]
    if back > rules.teams[vehicle, UNTIL]:
        return False
    if rules.teams[vehicle, MAX_TRAVEL] >= 0 and travel > rules.teams[vehicle, MAX_TRAVEL]:
        return False
    if rules.teams[vehicle, MAX_DURATION] < 0:
        return True
    late, there = back, rules.teams[vehicle, END]
    for at in range(many - 1, -1, -1):
        stop = row[at]
        late -= rules.time[mode, stop, there]
        late = min(late - rules.stops[stop, SERVICE], rules.stops[stop, CLOSES])
        there = stop
    late -= rules.time[mode, rules.teams[vehicle, START], there]
    return bool(
        back - min(late, rules.teams[vehicle, LATEST]) <= rules.teams[vehicle, MAX_DURATION]
    )


@uncounted
def fits(
    rules: Rules, tours: Tours, vehicle: int, low: int, stop: int, high: int, room: Ints
) -> bool:
    """Return whether a route keeps all rules if a stop takes the places from low to high."""
    if overrun(rules, tours, vehicle, low, stop, high) > 0:
        return False
    if not rules.teams[vehicle, LIMITED]:
        return True
    many = spliced(tours.order[vehicle], tours.many[vehicle], low, stop, high, room)
    return bool(holds(rules, vehicle, room, many))


@uncounted
def spliced(row: Ints, many: int, low: int, stop: int, high: int, new: Ints) -> int:
    """Write a route in which a stop takes the places from low to high; return its length.

    `new` may be the row itself.
    """
    put_in = 0 if stop == NOBODY else 1
    moved = put_in - (high - low)
    for k in range(low):
        new[k] = row[k]
    if moved > 0:
        for k in range(many - 1, high - 1, -1):
            new[k + moved] = row[k]
    else:
        for k in range(high, many):
            new[k + moved] = row[k]
    if put_in:
        new[low] = stop
    return int(many + moved)


@uncounted
def splice(rules: Rules, tours: Tours, vehicle: int, low: int, stop: int, high: int) -> None:
    """Let a stop take the places from low to high."""
    row = tours.order[vehicle]
    tours.many[vehicle] = spliced(row, tours.many[vehicle], low, stop, high, row)
    retime(rules, tours, vehicle)


@uncounted
def copy_route(order: Ints, many: Ints, vehicle: int, other: Ints, count: Ints) -> None:
    """Write the route of a vehicle elsewhere."""
    for k in range(many[vehicle]):
        other[vehicle, k] = order[vehicle, k]
    count[vehicle] = many[vehicle]


@uncounted
def swap_ends(rules: Rules, tours: Tours, one: int, low: int, other: int, high: int) -> None:
    """Let two routes change what they have from a place on."""
    many, order = tours.many, tours.order
    mine, others = many[one] - low, many[other] - high
    for k in range(max(mine, others)):
        order[one, low + k], order[other, high + k] = order[other, high + k], order[one, low + k]
    many[one], many[other] = low + others, high + mine
    retime(rules, tours, one)
    retime(rules, tours, other)
