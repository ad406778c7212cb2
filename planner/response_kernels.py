"""Who comes first to places beside the streets: compiled, arrays only."""

# numba's decorators carry no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@njit(cache=True)
def buckets(xy: Floats, side_m: float) -> tuple[Ints, Ints, Floats, int, int]:
    """Return points (k, 2) by squares of a side: where those of each square begin, and the points.

    The squares are numbered row by row from the corner that is returned, with their numbers in x
    and in y.

    Examples
    --------
    >>> first, point, corner, across, up = buckets(np.array([[0.0, 0], [25, 0], [5, 0]]), 10.0)
    >>> first.tolist(), point.tolist(), across, up
    ([0, 2, 2, 3], [0, 2, 1], 3, 1)
    """
    corner = np.array([xy[:, 0].min(), xy[:, 1].min()])
    across = int((xy[:, 0].max() - corner[0]) // side_m) + 1
    up = int((xy[:, 1].max() - corner[1]) // side_m) + 1
    first = np.zeros(across * up + 1, np.int64)
    square = np.empty(len(xy), np.int64)
    for k in range(len(xy)):
        column, row = (xy[k, 0] - corner[0]) // side_m, (xy[k, 1] - corner[1]) // side_m
        square[k] = int(row) * across + int(column)
        first[square[k] + 1] += 1
    first = np.cumsum(first)
    free = first[:-1].copy()
    point = np.empty(len(xy), np.int64)
    for k in range(len(xy)):
        point[free[square[k]]] = k
        free[square[k]] += 1
    return first, point, corner, across, up


@njit(cache=True)
def first_two_beside(
    places: Floats,
    own: Ints,
    xy: Floats,
    name: Ints,
    first_s: Floats,
    second_s: Floats,
    owner: Ints,
    own_ms: float,
    other_ms: float,
    limit_m: float,
) -> tuple[Floats, Floats, Ints]:
    """Return the first and second time at each place (n, 2), and who is first, -1 = nobody.

    Parameters
    ----------
    places
        Where, metres.
    own
        (n,) name of the piece of street that each belongs to, -1 = nobody comes.
    xy, name
        (k, 2) and (k,) the pieces that are reached.
    first_s, second_s, owner
        (k,) when the first two are there, and who is the first.
    own_ms, other_ms
        Speed from the own piece, and from any other, m/s.
    limit_m
        Farther pieces do not count.

    Examples
    --------
    >>> one, two = np.array([10.0, 20.0]), np.array([np.inf, 30.0])
    >>> streets, owner = np.array([[0.0, 0.0], [30.0, 0.0]]), np.array([7, 8])
    >>> found = first_two_beside(
    ...     np.array([[10.0, 0.0]]), np.array([5]), streets, np.array([5, 6]),
    ...     one, two, owner, 2.0, 1.0, 100.0)
    >>> [part.tolist() for part in found]
    [[15.0], [40.0], [7]]
    """
    n = len(places)
    soon, next_s = np.full(n, np.inf), np.full(n, np.inf)
    who = np.full(n, -1, np.int64)
    if not len(xy):
        return soon, next_s, who
    side_m = limit_m / 4
    starts, piece, corner, across, up = buckets(xy, side_m)
    for i in range(n):
        if own[i] < 0:
            continue
        column = int(np.floor((places[i, 0] - corner[0]) / side_m))
        row = int(np.floor((places[i, 1] - corner[1]) / side_m))
        one, two, best = np.inf, np.inf, -1
        for r in range(max(row - 4, 0), min(row + 5, up)):
            left, right = max(column - 4, 0), min(column + 5, across)
            if left >= right:
                break
            for at in range(starts[r * across + left], starts[r * across + right]):
                k = piece[at]
                apart_m = np.hypot(xy[k, 0] - places[i, 0], xy[k, 1] - places[i, 1])
                if apart_m > limit_m:
                    continue
                walk_s = apart_m / (own_ms if name[k] == own[i] else other_ms)
                time_s = first_s[k] + walk_s
                if owner[k] == best:
                    one = min(one, time_s)
                    two = min(two, second_s[k] + walk_s)
                elif time_s < one:
                    one, two, best = time_s, min(one, second_s[k] + walk_s), owner[k]
                else:
                    two = min(two, time_s)
        soon[i], next_s[i], who[i] = one, two, best
    return soon, next_s, who
