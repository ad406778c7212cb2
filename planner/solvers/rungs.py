"""The rest of a tour in less time: which stops to keep, in the order in which they were planned."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rest:
    """Stops that are kept of the rest of a tour.

    Parameters
    ----------
    kept
        Positions among the stops that were given, ascending.
    required, prize
        How many of them are required, and the sum of their prizes.
    back
        Tick at which the team is home; None where it cannot be home in time on any way, which
        leaves no stop.
    """

    kept: tuple[int, ...]
    required: int
    prize: int
    back: int | None


def best_rest(
    time: Ints,
    service: Ints,
    opens: Ints,
    closes: Ints,
    prize: Ints,
    required: npt.NDArray[np.bool_],
    *,
    now: int,
    latest: int,
) -> Rest:
    """Return the stops to keep: most required ones, then the largest prize, then soonest home.

    Exact: every choice of stops that keeps their order is considered, those that another one
    beats in time and in worth left out.

    Parameters
    ----------
    time
        (m + 2, m + 2) ticks between here, the m stops in order, and home.
    service, opens, closes, prize, required
        (m,) of the stops; service begins within [opens, closes].
    now
        Tick of leaving here.
    latest
        Tick at which the team has to be home.

    Examples
    --------
    >>> way = np.array([[0, 5, 9, 9], [5, 0, 5, 5], [9, 5, 0, 9], [9, 5, 9, 0]])
    >>> none, one = np.zeros(2, int), np.array([True, False])
    >>> best_rest(way, none, none, none + 99, np.array([1, 8]), one, now=0, latest=20)
    Rest(kept=(0, 1), required=1, prize=9, back=19)
    >>> best_rest(way, none, none, none + 99, np.array([1, 8]), one, now=0, latest=18).kept
    (0,)
    """
    count = len(prize)
    worth = prize.astype(np.int64) + np.where(required, int(prize.sum()) + 1, 0)
    arrays = [
        np.ascontiguousarray(array, np.int64) for array in (time, service, opens, closes, worth)
    ]
    kept, back = _best_rest(arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], now, latest)
    stops = tuple(kept.tolist())
    if back < 0:
        return Rest((), 0, 0, None)
    needed = sum(bool(required[stop]) for stop in stops if stop < count)
    return Rest(stops, needed, sum(int(prize[stop]) for stop in stops), int(back))


@numba.njit(cache=True)
def _best_rest(
    time: Ints, service: Ints, opens: Ints, closes: Ints, worth: Ints, now: int, latest: int
) -> tuple[Ints, np.int64]:
    """Return the stops kept and the tick at home; -1 where nobody is home in time.

    Labels are (tick of leaving, worth so far, label before); those of node k lie from `first[k]`
    to `first[k + 1]`, ticks and worth ascending.
    """
    count = len(worth)
    room = 64
    leave, value = np.empty(room, np.int64), np.empty(room, np.int64)
    before, node = np.empty(room, np.int64), np.empty(room, np.int64)
    first = np.zeros(count + 3, np.int64)
    leave[0], value[0], before[0], node[0] = now, 0, -1, 0
    first[1] = 1
    for here in range(1, count + 2):
        held = first[here]
        ticks = np.empty(held, np.int64)
        for label in range(held):
            arrive = leave[label] + time[node[label], here]
            if here <= count:
                begin = max(arrive, opens[here - 1])
                ticks[label] = begin + service[here - 1]
                if begin > closes[here - 1]:
                    ticks[label] = latest + 1
            else:
                ticks[label] = arrive
        top = held
        most = np.int64(-1)
        for label in np.argsort(ticks, kind="mergesort"):
            if ticks[label] > latest:
                break
            gained = value[label] + (worth[here - 1] if here <= count else 0)
            if gained <= most:
                continue
            if top > held and leave[top - 1] == ticks[label]:
                top -= 1
            most = gained
            if top == len(leave):
                leave, value = _twice(leave), _twice(value)
                before, node = _twice(before), _twice(node)
            leave[top], value[top], before[top], node[top] = ticks[label], gained, label, here
            top += 1
        first[here + 1] = top
    if first[count + 2] == first[count + 1]:
        return np.empty(0, np.int64), np.int64(-1)
    label = first[count + 2] - 1
    back = leave[label]
    kept = np.empty(count, np.int64)
    number = count
    label = before[label]
    while label > 0:
        number -= 1
        kept[number] = node[label] - 1
        label = before[label]
    return kept[number:], back


@numba.njit(cache=True)
def _twice(values: Ints) -> Ints:
    larger = np.empty(2 * len(values), np.int64)
    larger[: len(values)] = values
    return larger
