"""Which points lie in which polygons, and how near to their borders: compiled, arrays only.

The borders of each polygon are sorted into horizontal strips, so that a point looks at those of
its own height alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
# Strips: lowest y of each polygon, strips in a unit of y, first strip of each polygon (n+1,),
# first entry of each strip (k+1,), and the segment of each entry.
Strips = tuple[Floats, Floats, Ints, Ints, Ints]

# What a pair can be.
OUTSIDE, INSIDE, NEAR = 0, 1, 2

_SEGMENTS_A_STRIP = 3


@njit(cache=True)
def bin_segments(segments: Floats, first: Ints) -> Strips:
    """Return the segments of each polygon sorted into strips.

    Parameters
    ----------
    segments
        (m, 4) x1, y1, x2, y2, by polygon.
    first
        (n+1,) where the segments of each polygon begin; each has three at least.
    """
    n = len(first) - 1
    low, rate = np.empty(n), np.empty(n)
    strip = np.zeros(n + 1, np.int64)
    for k in range(n):
        mine = segments[first[k] : first[k + 1]]
        low[k] = min(mine[:, 1].min(), mine[:, 3].min())
        height = max(mine[:, 1].max(), mine[:, 3].max()) - low[k]
        count = 1 + len(mine) // _SEGMENTS_A_STRIP
        strip[k + 1] = strip[k] + count
        rate[k] = count / height if height > 0 else 0.0
    start = np.zeros(strip[n] + 1, np.int64)
    for k in range(n):
        for s in range(first[k], first[k + 1]):
            a, b = _strips_of(segments[s, 1], segments[s, 3], low[k], rate[k], strip, k)
            for at in range(a, b + 1):
                start[at + 1] += 1
    for at in range(strip[n]):
        start[at + 1] += start[at]
    fill = start[:-1].copy()
    entry = np.empty(start[-1], np.int64)
    for k in range(n):
        for s in range(first[k], first[k + 1]):
            a, b = _strips_of(segments[s, 1], segments[s, 3], low[k], rate[k], strip, k)
            for at in range(a, b + 1):
                entry[fill[at]] = s
                fill[at] += 1
    return low, rate, strip, start, entry


@njit(cache=True)
def _strips_of(
    y1: float, y2: float, low: float, rate: float, strip: Ints, k: int
) -> tuple[int, int]:
    """Return the first and last strip of polygon k that a stretch of y meets, inside its range."""
    last = strip[k + 1] - strip[k] - 1
    a = min(max(int((min(y1, y2) - low) * rate), 0), last)
    b = min(max(int((max(y1, y2) - low) * rate), 0), last)
    return strip[k] + a, strip[k] + b


@njit(cache=True)
def classify(
    x: Floats,
    y: Floats,
    point: Ints,
    polygon: Ints,
    narrowing: Floats,
    radius: float,
    segments: Floats,
    strips: Strips,
) -> Bytes:
    """Return for each pair of point and polygon: outside, inside, or near the border, (k,).

    Parameters
    ----------
    x, y
        Points.
    point, polygon
        (k,) positions of each pair.
    narrowing
        (n,) what one unit of x is in units of y, for each polygon.
    radius
        Distance from a border, in units of y, up to which a point is near; below zero, none is.
    segments, strips
        The borders, and what `bin_segments` made of them.
    """
    low, rate, strip, start, entry = strips
    state = np.zeros(len(point), np.uint8)
    for at in range(len(point)):
        px, py, k = x[point[at]], y[point[at]], polygon[at]
        scale = narrowing[k]
        a, b = _strips_of(py - max(radius, 0.0), py + max(radius, 0.0), low[k], rate[k], strip, k)
        own, _ = _strips_of(py, py, low[k], rate[k], strip, k)
        inside = near = False
        for where in range(a, b + 1):
            for e in range(start[where], start[where + 1]):
                x1, y1, x2, y2 = segments[entry[e]]
                if where == own and (y1 > py) != (y2 > py):
                    inside ^= px < (x2 - x1) * (py - y1) / (y2 - y1) + x1
                if (
                    radius >= 0
                    and _distance2((x1 - px) * scale, y1 - py, (x2 - px) * scale, y2 - py)
                    <= radius * radius
                ):
                    near = True
                    break
            if near:
                break
        state[at] = NEAR if near else INSIDE if inside else OUTSIDE
    return state


@njit(cache=True)
def _distance2(ax: float, ay: float, bx: float, by: float) -> float:
    """Return the squared distance of the origin from a segment."""
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    along = 0.0 if length2 == 0 else min(max(-(ax * dx + ay * dy) / length2, 0.0), 1.0)
    cx, cy = ax + along * dx, ay + along * dy
    return cx * cx + cy * cy
