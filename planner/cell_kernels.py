"""What several cameras see of the children of cells, and of the cells: compiled, arrays only."""

# numba's decorators carry no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@njit(cache=True)
def count_runs(point: Ints) -> tuple[int, int]:
    """Return how many different points (m,), ascending, there are, and of how many sevens.

    Examples
    --------
    >>> count_runs(np.array([0, 0, 6, 7]))
    (3, 2)
    """
    points, sevens, before, beyond = 0, 0, -1, 0
    for place in point:
        if place != before:
            points += 1
            if place >= beyond:
                sevens += 1
                beyond = 7 * (place // 7 + 1)
            before = place
    return points, sevens


@njit(cache=True)
def add_up_cells(
    camera: Ints, point: Ints, chance: Floats, px: Floats, counts: Floats
) -> tuple[Ints, Floats, Ints, Floats, Ints, Floats]:
    """Return what the cameras see of each child that any looks at, and of the cells of these.

    Parameters
    ----------
    camera, point, chance, px
        (p,) of each look, by point; a point is seven times its cell, plus its digit.
    counts
        (cameras, v) how far each counts, 0 to 1, in each variant; the first one is the main one.

    Returns
    -------
    places, parts
        (k,) children, ascending, and (v + 2, k): low, value, high of the main variant, then
        the value of each other.
    rows, sevenths
        (c,) cells, ascending, and (v + 2, c): the same summed over their children.
    cameras, px
        (c,) the most cameras that may see one child, and the best density for certain, both of
        the main variant.

    Examples
    --------
    >>> camera, point, chance = np.array([0, 1]), np.array([8, 9]), np.array([1, 0.5])
    >>> told = add_up_cells(camera, point, chance, np.array([9.0, 7]), np.ones((2, 1)))
    >>> told[2].tolist(), told[3].ravel().tolist()
    ([1], [1.0, 1.5, 2.0])
    """
    k, c = count_runs(point)
    variants = counts.shape[1]
    places, parts = np.zeros(k, np.int64), np.zeros((variants + 2, k))
    rows, sevenths = np.zeros(c, np.int64), np.zeros((variants + 2, c))
    cameras, best = np.zeros(c, np.int64), np.zeros(c)
    missed = np.zeros(variants)
    child, cell, at, beyond = -1, -1, 0, 0
    while at < len(point):
        place = point[at]
        child += 1
        if place >= beyond:
            cell += 1
            rows[cell] = place // 7
            beyond = 7 * (rows[cell] + 1)
        places[child] = place
        missed[:] = 1.0
        low, high, seeing = 0.0, 0.0, 0
        while at < len(point) and point[at] == place:
            for v in range(variants):
                missed[v] *= 1 - chance[at] * counts[camera[at], v]
            weight = counts[camera[at], 0]
            if weight > 0:
                seeing += 1
                high = 1.0
                if chance[at] * weight == 1:
                    low = 1.0
                    best[cell] = max(best[cell], px[at])
            at += 1
        parts[0, child], parts[1, child], parts[2, child] = low, 1 - missed[0], high
        for v in range(1, variants):
            parts[v + 2, child] = 1 - missed[v]
        for part in range(variants + 2):
            sevenths[part, cell] += parts[part, child]
        cameras[cell] = max(cameras[cell], seeing)
    return places, parts, rows, sevenths, cameras, best
