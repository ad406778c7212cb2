"""Which parts of cells lie in which polygons, and what several cameras add up to: arrays only."""

# numba's decorators carry no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@njit(cache=True)
def children_within(
    edges: Floats,
    first_edge: Ints,
    xy: Floats,
    order: Ints,
    bands: Ints,
    low: float,
    height: float,
    block: Ints,
    offsets: Floats,
    reach: float,
) -> tuple[Ints, Ints]:
    """Return which children of cells have their centre in which polygons, by polygon.

    Parameters
    ----------
    edges, first_edge
        (m, 4) x1, y1, x2, y2 of the outlines, and (p + 1,) where those of each polygon begin.
    xy
        (n, 2) centres of the cells.
    order, bands
        (n,) the cells by band of y, then x; (b + 1,) where each band begins in it.
    low, height
        Where the lowest band begins, and how high each is.
    block, offsets
        (n,) block of each cell, and (blocks, 7, 2) from the centre of a cell to its children's.
    reach
        No offset is longer.

    Returns
    -------
    polygon, place
        (k,) positions, and seven times the cell plus the number of the child.
    """
    p = len(first_edge) - 1
    boxes = np.empty((p, 4))
    size = 0
    for count in range(2):
        if count == 1:
            polygon, place = np.empty(size, np.int64), np.empty(size, np.int64)
        at = 0
        for k in range(p):
            mine = edges[first_edge[k] : first_edge[k + 1]]
            if not len(mine):
                continue
            if count == 0:
                boxes[k, 0] = min(mine[:, 0].min(), mine[:, 2].min())
                boxes[k, 1] = min(mine[:, 1].min(), mine[:, 3].min())
                boxes[k, 2] = max(mine[:, 0].max(), mine[:, 2].max())
                boxes[k, 3] = max(mine[:, 1].max(), mine[:, 3].max())
            left, bottom, right, top = boxes[k]
            lowest = max(0, math.floor((bottom - reach - low) / height))
            highest = min(len(bands) - 2, math.floor((top + reach - low) / height))
            for band in range(lowest, highest + 1):
                for e in range(
                    _from(xy, order, bands[band], bands[band + 1], left - reach), bands[band + 1]
                ):
                    row = order[e]
                    if xy[row, 0] > right + reach:
                        break
                    for child in range(7):
                        x = xy[row, 0] + offsets[block[row], child, 0]
                        y = xy[row, 1] + offsets[block[row], child, 1]
                        if left <= x <= right and bottom <= y <= top:
                            if count == 0:
                                size += 1
                            elif _inside(mine, x, y):
                                polygon[at], place[at] = k, 7 * row + child
                                at += 1
    return polygon[:at], place[:at]


@njit(cache=True)
def _from(xy: Floats, order: Ints, begin: int, end: int, x: float) -> int:
    """Return the first position in `order`, from `begin` to `end`, that is not left of x."""
    while begin < end:
        middle = (begin + end) // 2
        if xy[order[middle], 0] < x:
            begin = middle + 1
        else:
            end = middle
    return begin


@njit(cache=True)
def _inside(edges: Floats, x: float, y: float) -> bool:
    """Return whether a ray to the right crosses the outline an odd number of times."""
    odd = False
    for e in range(len(edges)):
        x1, y1, x2, y2 = edges[e]
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


@njit(cache=True)
def add_up(
    camera: Ints, chance: Floats, px: Floats, first: Ints, counts: Floats, least: float
) -> tuple[Floats, Floats, Floats, Ints, Floats]:
    """Return what the cameras that count see together of each point.

    Parameters
    ----------
    camera, chance, px
        (p,) of each look, by point.
    first
        (k + 1,) where the looks at each point begin.
    counts
        (cameras,) how far each counts, 0 to 1.
    least
        Looks with fewer pixels do not count.

    Returns
    -------
    low, value, high, cameras, px
        (k,) each, as `planner.looks.Scores` names them.

    Examples
    --------
    >>> parts = add_up(
    ...     np.array([0, 1]), np.array([0.5, 1]), np.array([9.0, 8]), np.array([0, 2]),
    ...     np.array([1.0, 1.0]), 0.0,
    ... )
    >>> [float(part[0]) for part in parts]
    [1.0, 1.0, 1.0, 2.0, 8.0]
    """
    k = len(first) - 1
    low, value, high = np.zeros(k), np.zeros(k), np.zeros(k)
    cameras, best = np.zeros(k, np.int64), np.zeros(k)
    for point in range(k):
        missed = 1.0
        for at in range(first[point], first[point + 1]):
            weight = counts[camera[at]]
            if weight <= 0 or px[at] < least:
                continue
            seen = chance[at] * weight
            missed *= 1 - seen
            cameras[point] += 1
            high[point] = 1
            if seen == 1:
                low[point] = 1
                best[point] = max(best[point], px[at])
        value[point] = 1 - missed
    return low, value, high, cameras, best


@njit(cache=True)
def merge_looks(
    camera: Ints,
    point: Ints,
    chance: Floats,
    px: Floats,
    to: Ints,
    more_camera: Ints,
    more_point: Ints,
    more_chance: Floats,
    more_px: Floats,
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return two sets of looks as one, by point, then camera.

    Parameters
    ----------
    camera, point, chance, px
        (p,) the first ones, by point, then camera.
    to
        (cameras,) new numbers of their cameras, ascending; -1 leaves a camera's looks out.
    more_camera, more_point, more_chance, more_px
        (q,) the others, in the same order, with new numbers.

    Examples
    --------
    >>> one, two = np.array([0, 1]), np.ones(2)
    >>> many = merge_looks(
    ...     one, np.array([3, 3]), two, two, np.array([-1, 0]), one, np.array([2, 3]), two, two
    ... )
    >>> many[0].tolist(), many[1].tolist()
    ([0, 0, 1], [2, 3, 3])
    """
    kept = 0
    for at in range(len(camera)):
        kept += to[camera[at]] >= 0
    size = kept + len(more_camera)
    cameras, points = np.zeros(size, np.int64), np.zeros(size, np.int64)
    chances, pixels = np.zeros(size), np.zeros(size)
    old, new = 0, 0
    for k in range(size):
        while old < len(camera) and to[camera[old]] < 0:
            old += 1
        first = new == len(more_camera) or (
            old < len(camera)
            and (point[old], to[camera[old]]) < (more_point[new], more_camera[new])
        )
        if first:
            cameras[k], points[k] = to[camera[old]], point[old]
            chances[k], pixels[k] = chance[old], px[old]
            old += 1
        else:
            cameras[k], points[k] = more_camera[new], more_point[new]
            chances[k], pixels[k] = more_chance[new], more_px[new]
            new += 1
    return cameras, points, chances, pixels
