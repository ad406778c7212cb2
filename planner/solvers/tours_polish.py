"""Parts of a tour planned anew, by labels: what a local search of single moves does not see."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from time import thread_time

import numba
import numpy as np
import numpy.typing as npt

from planner.solvers.tours_check import best_departure
from planner.solvers.tours_problem import TourProblem

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

# Stops of a part, and labels kept beside better ones at a stop: a quick pass, then a thorough one.
LENGTH = 10
PASSES = (4, 16)
# Most labels of a part: 20 MB, a second. Parts of ten stops of 150 seldom need a fifth of it.
MOST_LABELS = 300_000


def polished(
    problem: TourProblem,
    vehicle: int,
    route: tuple[int, ...],
    free: Ints,
    *,
    seconds: float | None = None,
) -> tuple[int, ...]:
    """Return a tour at least as good: parts of it are planned anew as long as that helps.

    Required stops come first, then prize. Departure stays as it is; a limit on travel is not
    looked at, so that such a tour is returned as it is.

    Parameters
    ----------
    problem, vehicle
        Whose tour.
    route
        Stops in order; within all rules.
    free
        Stops that it may visit too: reachable for the vehicle, in no other tour, not in `route`.
    seconds
        CPU time of this thread after which no further part is begun; None = no limit.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> way = abs(np.array([0, 10, 20, -30])[:, None] - [0, 10, 20, -30])
    >>> problem = TourProblem(
    ...     way, prize=[0, 1, 1, 5], service=[0] * 4, opens=[0] * 4, closes=[99] * 4,
    ...     required=[False] * 4, vehicles=(Vehicle(0, 0, earliest=0, latest=60),),
    ... )
    >>> polished(problem, 0, (1, 2), np.array([3]))
    (3,)
    """
    departure = best_departure(problem, vehicle, route)
    if problem.vehicles[vehicle].max_travel is not None or departure is None:
        return route
    until = np.inf if seconds is None else thread_time() + seconds
    worth = problem.prize + np.where(problem.required, int(problem.prize.sum()) + 1, 0)
    stops = np.union1d(free, np.array(route, np.int64))
    for keep in PASSES:
        better = True
        while better:
            before = int(worth[list(route)].sum())
            for first in _firsts(len(route)):
                if thread_time() >= until:
                    return route
                new = _replanned(problem, vehicle, route, first, departure, stops, worth, keep)
                if worth[list(new)].sum() >= worth[list(route)].sum():
                    route = new
            better = int(worth[list(route)].sum()) > before
    return route


def _firsts(length: int) -> Iterator[int]:
    """Return where parts begin; they overlap by two thirds."""
    yield from range(0, max(1, length - LENGTH // 2), LENGTH // 3)


def _replanned(
    problem: TourProblem,
    vehicle: int,
    route: tuple[int, ...],
    first: int,
    departure: int,
    stops: Ints,
    worth: Ints,
    keep: int,
) -> tuple[int, ...]:
    """Return the tour with the part from `first` on replaced by the best that labels find."""
    team = problem.vehicles[vehicle]
    time = problem.time[team.mode]
    head, tail = route[:first], route[first + LENGTH :]
    now, here = departure, team.start
    for stop in head:
        begin = max(now + int(time[here, stop]), int(problem.opens[stop]))
        now, here = begin + int(problem.service[stop]), stop
    latest, there = team.latest_return, team.end
    if team.max_duration is not None:
        latest = min(latest, departure + team.max_duration)
    for stop in reversed(tail):
        leave = latest - int(time[stop, there])
        latest, there = min(leave - int(problem.service[stop]), int(problem.closes[stop])), stop
    open_to = np.setdiff1d(stops, np.array(head + tail, np.int64))
    begin = np.maximum(now + time[here, open_to], problem.opens[open_to])
    back = begin + problem.service[open_to] + time[open_to, there]
    open_to = open_to[(begin <= problem.closes[open_to]) & (back <= latest)]
    points = np.concatenate([open_to, np.array([here, there])])
    marks = np.random.default_rng(0).integers(-(2**62), 2**62, (2, len(open_to)))
    part = _best_part(
        np.ascontiguousarray(time[np.ix_(points, points)]),
        problem.service[open_to],
        problem.opens[open_to],
        problem.closes[open_to],
        worth[open_to],
        marks,
        now,
        latest,
        np.full((len(open_to), keep), -1),
        MOST_LABELS,
    )
    return head + tuple(open_to[part].tolist()) + tail


@numba.njit(cache=True)
def _best_part(
    time: Ints,
    service: Ints,
    opens: Ints,
    closes: Ints,
    worth: Ints,
    marks: Ints,
    now: int,
    latest: int,
    best: Ints,
    most: int,
) -> Ints:
    """Return the stops worth most between two points, the last two of `time`, in order.

    Labels are taken by time. One that comes to a stop goes on only if fewer labels than `best`
    has columns have left that stop before it with as much: with columns enough that is exact. Of
    labels that have visited the same stops, told by the sum of their marks, only the first goes on.
    """
    count = len(worth)
    leave, value = np.empty(most, np.int64), np.empty(most, np.int64)
    before, node = np.empty(most, np.int64), np.empty(most, np.int64)
    mark = np.empty(most, np.int64)
    visited = np.zeros((most, count // 64 + 1), np.uint64)
    leave[0], value[0], before[0], node[0], mark[0] = now, 0, -1, count, 0
    queue = [(np.int64(now), np.int64(0))]
    seen = {np.int64(0)}
    held, top = 1, np.int64(0)
    while len(queue) > 0:
        ready, label = heapq.heappop(queue)
        here = node[label]
        if here < count:
            same = mark[label] ^ marks[1, here]
            if same in seen or value[label] <= best[here, 0]:
                continue
            seen.add(same)
            _put(best[here], value[label])
        if here < count and (top == 0 or value[label] > value[top]):
            top = label
        for there in range(count):
            bit = np.uint64(1) << np.uint64(there % 64)
            begin = max(ready + time[here, there], opens[there])
            end = begin + service[there]
            late = begin > closes[there] or end + time[there, count + 1] > latest
            gained = value[label] + worth[there]
            poor = gained <= best[there, 0]
            if late or poor or visited[label, there // 64] & bit or held == most:
                continue
            leave[held], value[held], before[held], node[held] = end, gained, label, there
            mark[held] = mark[label] ^ marks[0, there]
            visited[held] = visited[label]
            visited[held, there // 64] |= bit
            heapq.heappush(queue, (end, np.int64(held)))
            held += 1
    part = np.empty(count, np.int64)
    begins = count
    while top > 0:
        begins -= 1
        part[begins] = node[top]
        top = before[top]
    return part[begins:]


@numba.njit(cache=True)
def _put(heap: Ints, value: int) -> None:
    """Replace the least of a heap."""
    at = 0
    while True:
        child = 2 * at + 1
        if child + 1 < len(heap) and heap[child + 1] < heap[child]:
            child += 1
        if child >= len(heap) or heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value
