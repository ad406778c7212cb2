"""What cameras see past edges, as arrays: the index of the edges, and the sweep of each camera.

Angles run clockwise from +y, in radians.
Edges belong to dissolved footprints, so that none cross; each has its solid side on the left.
"""

# numba's decorators carry no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from gis.sight_sweep import SHOWN, add_wall, outline, set_chords

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@njit(cache=True)
def grid_index(
    edges: Floats, x0: float, y0: float, size: float, nx: int, ny: int
) -> tuple[Ints, Ints]:
    """Return the edges by square of a grid: `indptr` (nx * ny + 1,) and `edge`.

    Parameters
    ----------
    edges
        (m, 4) x and y of both ends.
    x0, y0, size, nx, ny
        South-west corner of the grid, side of its squares, and their numbers.
    """
    indptr = np.zeros(nx * ny + 1, np.int64)
    for turn in range(2):
        if turn == 1:
            filled = indptr[:-1].copy()
            found = np.empty(indptr[-1], np.int64)
        for e in range(len(edges)):
            ix0, iy0, ix1, iy1 = _squares(
                min(edges[e, 0], edges[e, 2]),
                min(edges[e, 1], edges[e, 3]),
                max(edges[e, 0], edges[e, 2]),
                max(edges[e, 1], edges[e, 3]),
                x0,
                y0,
                size,
                nx,
                ny,
            )
            for iy in range(iy0, iy1 + 1):
                for ix in range(ix0, ix1 + 1):
                    at = iy * nx + ix
                    if turn == 0:
                        indptr[at + 1] += 1
                    else:
                        found[filled[at]] = e
                        filled[at] += 1
        if turn == 0:
            for at in range(nx * ny):
                indptr[at + 1] += indptr[at]
    return indptr, found


@njit(cache=True, error_model="numpy")
def _squares(
    left: float,
    low: float,
    right: float,
    high: float,
    x0: float,
    y0: float,
    size: float,
    nx: int,
    ny: int,
) -> tuple[int, int, int, int]:
    """Return the first and last square, in x and in y, that a box touches, cut to the grid."""
    ix0 = max(0, math.floor((left - x0) / size))
    iy0 = max(0, math.floor((low - y0) / size))
    ix1 = min(nx - 1, math.floor((right - x0) / size))
    iy1 = min(ny - 1, math.floor((high - y0) / size))
    return ix0, iy0, ix1, iy1


@njit(cache=True)
def widest_opening(free: npt.NDArray[np.bool_]) -> Floats:
    """Return the middle of the widest run of True around each row (n, ways), as a place in it.

    0 where all are True, NaN where none is.
    """
    n, ways = free.shape
    middle = np.full(n, np.nan)
    for row in range(n):
        widest = 0
        run = 0
        for k in range(2 * ways):
            run = run + 1 if free[row, k % ways] else 0
            if run > widest:
                widest = run
                middle[row] = k - (run - 1) / 2
        if widest >= ways:
            middle[row] = 0.0
    return middle


@njit(cache=True, error_model="numpy")
def sweep(
    cameras: Floats,
    arcs: Ints,
    edges: Floats,
    top_m: Floats,
    grid: Floats,
    indptr: Ints,
    members: Ints,
) -> tuple[Floats, Ints, npt.NDArray[np.bool_]]:
    """Return the visibility polygon of each camera past the walls at least as high as it.

    Parameters
    ----------
    cameras
        (n, 6) x, y, start of the sector (rad), its width (rad), range, height; NaN = below all.
    arcs
        (n,) number of chords of the far limit.
    edges
        (m, 4) x and y of both ends, solid on the left.
    top_m
        (m,) height of each wall, inf if unknown.
    grid, indptr, members
        (5,) x0, y0, size, nx, ny of the grid; its index, from `grid_index`.

    Returns
    -------
    xy, start
        (p, 2) vertices of all rings, not closed, clockwise, relative to the camera; and where
        each camera's begin, (n + 1,).
    unknown
        (n,) whether a wall of unknown height bounds the view.
    """
    x0, y0, size, nx, ny = grid[0], grid[1], grid[2], int(grid[3]), int(grid[4])
    n = len(cameras)
    start = np.zeros(n + 1, np.int64)
    unknown = np.zeros(n, np.bool_)
    out = np.empty((max(64, 48 * n), 2), np.float64)
    stamp = np.full(len(edges), -1, np.int64)
    # Room for the walls of one camera: grows, and is used again.
    walls, number = np.empty((128, 13), np.float64), np.empty((3, 128), np.int64)
    chords = np.empty((1, 5), np.float64)
    width, steps = -1.0, 0
    used = 0
    for c in range(n):
        px, py, begin = cameras[c, 0], cameras[c, 1], cameras[c, 2]
        reach, height = cameras[c, 4], cameras[c, 5]
        if cameras[c, 3] != width or arcs[c] != steps:
            width, steps = cameras[c, 3], arcs[c]
            chords = np.empty((steps + 1, 5), np.float64)
            set_chords(width, steps, chords)
        cos, sin = math.cos(begin), math.sin(begin)
        sides = _sides(begin, width)
        left, low, right, high = _box(begin, width, sides, reach)
        ix0, iy0, ix1, iy1 = _squares(
            px + left, py + low, px + right, py + high, x0, y0, size, nx, ny
        )
        end = (chords[steps, 0], chords[steps, 1], chords[steps, 2])
        count = 0
        # Away from all edges ix1 is before ix0.
        for iy in range(iy0, iy1 + 1 if ix0 <= ix1 else iy0):
            for k in range(indptr[iy * nx + ix0], indptr[iy * nx + ix1 + 1]):
                e = members[k]
                if stamp[e] == c or top_m[e] < height:
                    continue
                stamp[e] = c
                ax, ay, bx, by = (
                    edges[e, 0] - px,
                    edges[e, 1] - py,
                    edges[e, 2] - px,
                    edges[e, 3] - py,
                )
                if not (_faces(ax, ay, bx, by, reach) and _in_sector(ax, ay, bx, by, sides)):
                    continue
                # Turned, so that the sector begins ahead.
                more = add_wall(
                    ay * cos + ax * sin,
                    ax * cos - ay * sin,
                    by * cos + bx * sin,
                    bx * cos - by * sin,
                    end,
                    walls,
                    count,
                )
                number[0, count:more] = e
                count = more
                if count + 2 > len(walls):
                    walls = np.concatenate((walls, np.empty_like(walls)))
                    number = np.concatenate((number, np.empty_like(number)), axis=1)
        # An outline changes its wall at most twice for each; each time, and at each chord, it adds
        # at most three vertices; and a sector has its own tip.
        most = 3 * (2 * count + steps + 2) + 1
        if used + most > len(out):
            grown = np.empty((max(2 * len(out), used + most), 2), np.float64)
            grown[:used] = out[:used]
            out = grown
        ring = out[used : used + most]
        vertices = outline(
            walls[:count], chords, steps, reach, number[1, :count], number[2, :count], ring
        )
        for k in range(vertices):
            along, across = ring[k, 0], ring[k, 1]
            ring[k, 0], ring[k, 1] = along * sin + across * cos, along * cos - across * sin
        for k in range(count):
            unknown[c] |= walls[k, SHOWN] == 1.0 and top_m[number[0, k]] == math.inf
        used += vertices
        start[c + 1] = used
    return out[:used].copy(), start, unknown


@njit(cache=True, error_model="numpy")
def _faces(ax: float, ay: float, bx: float, by: float, reach: float) -> bool:
    """Return whether an edge turns its outer side to the camera and comes within its reach."""
    if ax * by - ay * bx >= 0:
        return False
    dx, dy = bx - ax, by - ay
    # The square of a tiny edge may be zero; either of its ends will do then.
    t = min(1.0, max(0.0, -(ax * dx + ay * dy) / max(dx * dx + dy * dy, 1e-300)))
    x, y = ax + t * dx, ay + t * dy
    return bool(x * x + y * y < reach * reach)


@njit(cache=True, error_model="numpy")
def _sides(begin: float, width: float) -> tuple[float, float, float, float]:
    """Return the directions of both sides of a sector; all zero where it is not convex."""
    if width > math.pi:
        return 0.0, 0.0, 0.0, 0.0
    end = begin + width
    return math.sin(begin), math.cos(begin), math.sin(end), math.cos(end)


@njit(cache=True, error_model="numpy")
def _box(
    begin: float, width: float, sides: tuple[float, float, float, float], reach: float
) -> tuple[float, float, float, float]:
    """Return the box around a sector: left, low, right, high of its camera."""
    if width > math.pi:
        return -reach, -reach, reach, reach
    x, y, u, v = sides
    left, right = min(0.0, x, u), max(0.0, x, u)
    low, high = min(0.0, y, v), max(0.0, y, v)
    quarter = 0.5 * math.pi
    for turn in range(4):
        if (turn * quarter - begin) % (4 * quarter) <= width:
            if turn == 0:
                high = 1.0
            elif turn == 1:
                right = 1.0
            elif turn == 2:
                low = -1.0
            else:
                left = -1.0
    return left * reach, low * reach, right * reach, high * reach


@njit(cache=True, error_model="numpy")
def _in_sector(
    ax: float, ay: float, bx: float, by: float, sides: tuple[float, float, float, float]
) -> bool:
    """Return False where both ends lie beyond one side of the sector: most edges do."""
    x, y, u, v = sides
    before = x * ay - y * ax > 0 and x * by - y * bx > 0
    after = u * ay - v * ax < 0 and u * by - v * bx < 0
    return not (before or after)
