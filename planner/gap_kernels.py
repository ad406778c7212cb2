"""Which cells hang together, and whether walls stand between two points: compiled, arrays only."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@njit(cache=True)
def smallest_joined(first: Ints, second: Ints, kind: Ints) -> Ints:
    """Return the smallest node that each node hangs together with, through those of its kind.

    Parameters
    ----------
    first, second
        (m,) nodes that touch.
    kind
        (n,) of each node; a node of kind 0 hangs together with none.

    Returns
    -------
    ndarray
        (n,) -1 where the kind is 0.

    Examples
    --------
    >>> smallest_joined(np.array([1, 2]), np.array([2, 3]), np.array([0, 5, 5, 6])).tolist()
    [-1, 1, 1, 3]
    """
    root = np.arange(len(kind))
    for k in range(len(first)):
        a, b = first[k], second[k]
        if kind[a] == kind[b] and kind[a] != 0:
            # Each points at a smaller one, so that the last in a chain is the smallest.
            while root[a] != a:
                root[a] = root[root[a]]
                a = root[a]
            while root[b] != b:
                root[b] = root[root[b]]
                b = root[b]
            root[max(a, b)] = min(a, b)
    for k in range(len(kind)):
        root[k] = -1 if kind[k] == 0 else root[root[k]]
    return root


@njit(cache=True)
def nearest_of(xy: Floats, other: Floats, order: Ints) -> tuple[Ints, Floats]:
    """Return which of other points is nearest to each point, the first of equals, and how far off.

    Parameters
    ----------
    xy, other
        (n, 2) and (c, 2) metres; c above 0.
    order
        (c,) positions of the others by x.

    Examples
    --------
    >>> places, posts = np.array([[0.0, 0], [9, 1]]), np.array([[9.0, 0], [1, 0], [9, 0]])
    >>> nearest, away_m = nearest_of(places, posts, np.argsort(posts[:, 0]))
    >>> nearest.tolist(), away_m.tolist()
    ([1, 0], [1.0, 1.0])
    """
    count = len(order)
    nearest, away_m = np.zeros(len(xy), np.int64), np.zeros(len(xy))
    for k in range(len(xy)):
        right = 0
        begin, end = 0, count
        while begin < end:
            right = (begin + end) // 2
            if other[order[right], 0] < xy[k, 0]:
                begin = right + 1
            else:
                end = right
        left, right = begin - 1, begin
        best, least = -1, np.inf
        # From the point on to both sides, until the way in x alone is too far.
        while left >= 0 or right < count:
            for side in range(2):
                at = left if side == 0 else right
                if at < 0 or at >= count:
                    continue
                c = order[at]
                dx, dy = other[c, 0] - xy[k, 0], other[c, 1] - xy[k, 1]
                off = dx * dx + dy * dy
                if off < least or (off == least and c < best):
                    best, least = c, off
                if dx * dx > least:
                    left, right = (-1, right) if side == 0 else (left, count)
                elif side == 0:
                    left -= 1
                else:
                    right += 1
        nearest[k], away_m[k] = best, math.sqrt(least)
    return nearest, away_m


@njit(cache=True)
def clear_lines(
    lines: Floats,
    height_m: Floats,
    edges: Floats,
    top_m: Floats,
    grid: Floats,
    indptr: Ints,
    members: Ints,
) -> Bools:
    """Return which lines of sight no wall crosses that is as high as the eye.

    Parameters
    ----------
    lines
        (n, 4) x and y of the eye, then of what it looks at.
    height_m
        (n,) of the eye; NaN where it is unknown: then every wall counts.
    edges, top_m
        (m, 4) both ends of each wall, and (m,) its height.
    grid, indptr, members
        Index of the walls by square, as `gis.footprints.Footprints` holds it.

    Examples
    --------
    >>> wall, index = np.array([[5.0, -1, 5, 1]]), np.array([0.0, -1, 40, 1, 1])
    >>> lines = np.array([[0.0, 0, 9, 0], [0, 0, 4, 0], [0, 3, 9, 3]])
    >>> one, two = np.array([0, 1]), np.array([0])
    >>> clear_lines(lines, np.full(3, np.nan), wall, np.full(1, 9.0), index, one, two).tolist()
    [False, True, True]
    """
    x0, y0, size = grid[0], grid[1], grid[2]
    nx, ny = int(grid[3]), int(grid[4])
    clear = np.ones(len(lines), np.bool_)
    for k in range(len(lines)):
        ax, ay, bx, by = lines[k]
        ix = max(0, math.floor((min(ax, bx) - x0) / size))
        last_x = min(nx - 1, math.floor((max(ax, bx) - x0) / size))
        while clear[k] and ix <= last_x:
            # The part of the line in this column of squares, a little widened.
            low, high = min(ay, by), max(ay, by)
            if ax != bx:
                left = min(max(x0 + ix * size, min(ax, bx)), max(ax, bx))
                right = min(max(x0 + (ix + 1) * size, min(ax, bx)), max(ax, bx))
                one = ay + (by - ay) * (left - ax) / (bx - ax)
                two = ay + (by - ay) * (right - ax) / (bx - ax)
                low, high = min(one, two) - 1e-6, max(one, two) + 1e-6
            iy = max(0, math.floor((low - y0) / size))
            last_y = min(ny - 1, math.floor((high - y0) / size))
            while clear[k] and iy <= last_y:
                at = iy * nx + ix
                for m in range(indptr[at], indptr[at + 1]):
                    e = members[m]
                    if top_m[e] < height_m[k]:
                        continue
                    if _cross(ax, ay, bx, by, edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]):
                        clear[k] = False
                        break
                iy += 1
            ix += 1
    return clear


@njit(cache=True)
def _cross(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float
) -> bool:
    """Return whether two lines cross or touch."""
    one = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    two = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    three = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    four = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    return one * two <= 0 and three * four <= 0 and (one != two or three != four)
