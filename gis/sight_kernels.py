"""The angular sweep: what a point sees past edges, as arrays.

Angles run clockwise from +y, in radians, and are measured from the start of each camera's sector.
Edges belong to dissolved footprints, so that none cross; each has its solid side on the left.
"""

# numba's decorators carry no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Narrower than this an interval of angles holds nothing: 1e-12 rad is 0.1 nm at 100 m.
NARROW = 1e-12


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


@njit(cache=True)
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
def sweep(
    cameras: Floats,
    arcs: Ints,
    edges: Floats,
    grid: Floats,
    indptr: Ints,
    members: Ints,
) -> tuple[Floats, Ints]:
    """Return the visibility polygon of each camera.

    Parameters
    ----------
    cameras
        (n, 5) x, y, start of the sector (rad), its width (rad), range.
    arcs
        (n,) number of chords of the far limit.
    edges
        (m, 4) x and y of both ends, solid on the left.
    grid, indptr, members
        (5,) x0, y0, size, nx, ny of the grid; its index, from `grid_index`.

    Returns
    -------
    xy, start
        (p, 2) vertices of all rings, not closed, clockwise, relative to the camera; and where
        each camera's begin, (n + 1,).
    """
    x0, y0, size, nx, ny = grid[0], grid[1], grid[2], int(grid[3]), int(grid[4])
    n = len(cameras)
    start = np.zeros(n + 1, np.int64)
    out = np.empty((max(64, 64 * n), 2), np.float64)
    stamp = np.full(len(edges), -1, np.int64)
    near = np.empty(64, np.int64)
    used = 0
    for c in range(n):
        px, py, reach = cameras[c, 0], cameras[c, 1], cameras[c, 4]
        sides = _sides(cameras[c, 2], cameras[c, 3])
        ix0, iy0, ix1, iy1 = _squares(
            px - reach, py - reach, px + reach, py + reach, x0, y0, size, nx, ny
        )
        count = 0
        for iy in range(iy0, iy1 + 1):
            for ix in range(ix0, ix1 + 1):
                for k in range(indptr[iy * nx + ix], indptr[iy * nx + ix + 1]):
                    e = members[k]
                    if stamp[e] == c:
                        continue
                    stamp[e] = c
                    if _faces(edges[e], px, py, reach) and _in_sector(edges[e], px, py, sides):
                        if count == len(near):
                            near = np.concatenate((near, np.empty(count, np.int64)))
                        near[count] = e
                        count += 1
        # At most two events an edge (cut at the start of the circle: four) and one an arc vertex;
        # an interval adds at most three vertices, and a sector its own tip.
        most = 3 * (4 * count + arcs[c] + 2) + 1
        if used + most > len(out):
            grown = np.empty((max(2 * len(out), used + most), 2), np.float64)
            grown[:used] = out[:used]
            out = grown
        used += _one(cameras[c], arcs[c], edges, near[:count], out[used : used + most])
        start[c + 1] = used
    return out[:used].copy(), start


@njit(cache=True)
def _faces(edge: Floats, px: float, py: float, reach: float) -> bool:
    """Return whether an edge turns its outer side to a point and comes within reach of it."""
    ax, ay, bx, by = edge[0] - px, edge[1] - py, edge[2] - px, edge[3] - py
    if ax * by - ay * bx >= 0:
        return False
    dx, dy = bx - ax, by - ay
    # The square of a tiny edge may be zero; either of its ends will do then.
    t = min(1.0, max(0.0, -(ax * dx + ay * dy) / max(dx * dx + dy * dy, 1e-300)))
    x, y = ax + t * dx, ay + t * dy
    return bool(x * x + y * y < reach * reach)


@njit(cache=True)
def _sides(begin: float, width: float) -> tuple[float, float, float, float]:
    """Return the directions of both sides of a sector; all zero where it is not convex."""
    if width > math.pi:
        return 0.0, 0.0, 0.0, 0.0
    end = begin + width
    return math.sin(begin), math.cos(begin), math.sin(end), math.cos(end)


@njit(cache=True)
def _in_sector(
    edge: Floats, px: float, py: float, sides: tuple[float, float, float, float]
) -> bool:
    """Return False where both ends lie beyond one side of the sector: most edges do."""
    ax, ay, bx, by = edge[0] - px, edge[1] - py, edge[2] - px, edge[3] - py
    x, y, u, v = sides
    before = x * ay - y * ax > 0 and x * by - y * bx > 0
    after = u * ay - v * ax < 0 and u * by - v * bx < 0
    return not (before or after)


@njit(cache=True)
def _one(camera: Floats, arcs: int, edges: Floats, near: Ints, out: Floats) -> int:
    """Write the visibility polygon of one camera and return its number of vertices."""
    px, py, begin, width, reach = camera
    full = width >= 2 * math.pi - NARROW
    pieces = np.empty((2 * len(near), 2), np.float64)
    walls = np.empty((2 * len(near), 5), np.float64)
    count = 0
    for k in range(len(near)):
        e = near[k]
        ax, ay, bx, by = edges[e, 0] - px, edges[e, 1] - py, edges[e, 2] - px, edges[e, 3] - py
        u = (math.atan2(ax, ay) - begin) % (2 * math.pi)
        v = (math.atan2(bx, by) - begin) % (2 * math.pi)
        # An edge subtends less than half a turn. Where the camera is in line with it, rounding may
        # swap its ends: taken as it is, it would run around the whole circle.
        if 0 < u - v < math.pi or v - u > math.pi:
            continue
        # An edge across the start of the sector is two: its end, and its beginning.
        for part in range(2):
            if u <= v:
                if part == 1:
                    break
                low, high = u, v
            elif part == 0:
                low, high = 0.0, v
            else:
                low, high = u, 2 * math.pi
            high = min(high, width)
            if high - low > NARROW:
                pieces[count, 0], pieces[count, 1] = low, high
                end_a, end_b = math.hypot(ax, ay), math.hypot(bx, by)
                walls[count, 0] = ax * by - ay * bx
                walls[count, 1], walls[count, 2] = bx - ax, by - ay
                walls[count, 3], walls[count, 4] = min(end_a, end_b), max(end_a, end_b)
                count += 1
    step = width / arcs
    events = np.empty(arcs + 1 + 2 * count, np.float64)
    for k in range(arcs + 1):
        events[k] = k * step
    events[arcs] = width
    for k in range(count):
        events[arcs + 1 + 2 * k] = pieces[k, 0]
        events[arcs + 2 + 2 * k] = pieces[k, 1]
    events.sort()
    order = np.argsort(pieces[:count, 0])
    active = np.empty(count, np.int64)
    n_active = 0
    entering = 0
    size = 0
    last = -1
    if not full:
        out[0, 0], out[0, 1] = 0.0, 0.0
        size = 1
    previous = events[0]
    x1, y1 = math.sin(begin + previous), math.cos(begin + previous)
    for event in range(1, len(events)):
        t0, t1 = previous, events[event]
        if t1 - t0 <= NARROW:
            continue
        previous = t1
        x0, y0 = x1, y1
        x1, y1 = math.sin(begin + t1), math.cos(begin + t1)
        middle = 0.5 * (t0 + t1)
        while entering < count and pieces[order[entering], 0] < middle:
            active[n_active] = order[entering]
            n_active += 1
            entering += 1
        mx, my = math.sin(begin + middle), math.cos(begin + middle)
        best, best_r = -1, math.inf
        k = 0
        while k < n_active:
            w = active[k]
            if pieces[w, 1] <= middle:
                n_active -= 1
                active[k] = active[n_active]
                continue
            r = _radius(walls[w], mx, my)
            if r < best_r:
                best, best_r = w, r
            k += 1
        chord = min(int(middle / step), arcs - 1)
        half = 0.5 * step
        centre = (chord + 0.5) * step
        far0 = reach * math.cos(half) / math.cos(t0 - centre)
        far1 = reach * math.cos(half) / math.cos(t1 - centre)
        if best < 0:
            size = _add(
                out, size, last == count + chord, x0 * far0, y0 * far0, x1 * far1, y1 * far1
            )
            last = count + chord
            continue
        wall = walls[best]
        r0, r1 = _radius(wall, x0, y0), _radius(wall, x1, y1)
        if r0 <= far0 and r1 <= far1:
            size = _add(out, size, last == best, x0 * r0, y0 * r0, x1 * r1, y1 * r1)
            last = best
        elif r0 >= far0 and r1 >= far1:
            size = _add(
                out, size, last == count + chord, x0 * far0, y0 * far0, x1 * far1, y1 * far1
            )
            last = count + chord
        else:
            # Both are straight and cross once: at equal share of the differences.
            share = (far0 - r0) / ((far0 - r0) - (far1 - r1))
            cx, cy = _crossing(
                x0 * far0,
                y0 * far0,
                x1 * far1,
                y1 * far1,
                x0 * r0,
                y0 * r0,
                x1 * r1,
                y1 * r1,
                share,
            )
            if r0 < far0:
                size = _add(out, size, last == best, x0 * r0, y0 * r0, cx, cy)
                size = _add(out, size, False, cx, cy, x1 * far1, y1 * far1)
                last = count + chord
            else:
                size = _add(out, size, last == count + chord, x0 * far0, y0 * far0, cx, cy)
                size = _add(out, size, False, cx, cy, x1 * r1, y1 * r1)
                last = best
    return size


@njit(cache=True)
def _radius(wall: Floats, dx: float, dy: float) -> float:
    """Return how far a ray goes to the line of a wall.

    A wall is the cross product of its ends, its vector, and its ends' distances, nearer first.
    """
    cross, ex, ey, low, high = wall
    across = dx * ey - dy * ex
    if across == 0.0:
        return float(low)
    # The nearest point of a wall may lie nearer than both ends, so only the far side is cut.
    return float(min(max(cross / across, 0.0), high))


@njit(cache=True)
def _crossing(
    ax: float,
    ay: float,
    bx: float,
    by: float,
    cx: float,
    cy: float,
    dx: float,
    dy: float,
    share: float,
) -> tuple[float, float]:
    """Return where segment a-b meets segment c-d; by `share` of a-b where they are parallel."""
    ux, uy, vx, vy = bx - ax, by - ay, dx - cx, dy - cy
    across = ux * vy - uy * vx
    t = share
    if abs(across) > 1e-300:
        t = min(1.0, max(0.0, ((cx - ax) * vy - (cy - ay) * vx) / across))
    return ax + t * ux, ay + t * uy


@njit(cache=True)
def _add(out: Floats, size: int, goes_on: bool, x0: float, y0: float, x1: float, y1: float) -> int:
    """Write a straight piece of the outline; where it goes on along the last one, move its end."""
    if not goes_on:
        if size == 0 or abs(out[size - 1, 0] - x0) > 1e-9 or abs(out[size - 1, 1] - y0) > 1e-9:
            out[size, 0], out[size, 1] = x0, y0
            size += 1
        out[size, 0], out[size, 1] = x1, y1
        return size + 1
    out[size - 1, 0], out[size - 1, 1] = x1, y1
    return size
