"""The angular sweep around one camera: the outline of what it sees past walls, as arrays.

Everything is turned so that the sector begins on the first axis and runs to the second: a place is
(along, across), a direction such a pair of length 1, and an angle is measured in quarters of a
diamond: it grows with the turn, from 0 to 4 once around, and needs no trigonometry. Walls do not
cross, so the nearest one changes only where a wall begins before it, or where it ends.
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
# Numba keeps `gis.sight_kernels.sweep` compiled with what it calls here, and does not see when this
# file changes: save that one too.

# Angle, and direction.
Ray = tuple[float, float, float]

# Narrower than this an interval of angles holds nothing: 1e-12 is 0.1 nm at 100 m.
NARROW = 1e-12
# Vertices nearer than this are one.
SAME_M = 1e-9
# Directions are turned on from one to the next this often before sine and cosine are asked again.
ANEW = 32
# Up to so many walls are sorted by insertion.
FEW = 100
# Columns of a wall: angles, direction of both ends, line (cross product of the ends and vector),
# distances of both ends, the longer one before it was cut at a side of the sector, and 1 once the
# outline follows it.
LOW, HIGH, AX, AY, BX, BY, CROSS, EX, EY, NEAR, FAR, MOST, SHOWN = range(13)
# Columns of a chord: angle and direction where it begins, direction of its middle.
AT, CX, CY, MX, MY = range(5)


@njit(cache=True, error_model="numpy")
def angle(along: float, across: float) -> float:
    """Return the angle of a place, 0 up to 4."""
    length = abs(along) + abs(across)
    if length == 0.0:
        return 0.0
    share = across / length
    if along < 0.0:
        return 2.0 - share
    return share if across >= 0.0 else 4.0 + share


@njit(cache=True, error_model="numpy")
def set_chords(width: float, arcs: int, chords: Floats) -> None:
    """Write the chords (arcs + 1, 5) of a far limit `width` radians wide; the last row ends it."""
    step = width / arcs
    turn_x, turn_y = math.cos(step), math.sin(step)
    half_x, half_y = math.cos(0.5 * step), math.sin(0.5 * step)
    x, y = 1.0, 0.0
    for k in range(arcs + 1):
        if k % ANEW == 0:
            x, y = math.cos(k * step), math.sin(k * step)
        chords[k, AT], chords[k, CX], chords[k, CY] = angle(x, y), x, y
        chords[k, MX], chords[k, MY] = x * half_x - y * half_y, x * half_y + y * half_x
        x, y = x * turn_x - y * turn_y, x * turn_y + y * turn_x
    chords[0, AT] = 0.0
    if width >= 2 * math.pi - NARROW:
        chords[arcs, AT] = 4.0
        chords[arcs, CX], chords[arcs, CY] = 1.0, 0.0


@njit(cache=True, error_model="numpy")
def add_wall(ax: float, ay: float, bx: float, by: float, end: Ray, walls: Floats, n: int) -> int:
    """Write the wall from a to b, cut to the sector that ends at `end`; return how many there are.

    One across the start of the sector is two: its end, and its beginning.
    """
    u, v = angle(ax, ay), angle(bx, by)
    # A wall subtends less than half a turn. Where the camera is in line with it, rounding may swap
    # its ends: taken as it is, it would run around the whole circle.
    if 0.0 < u - v < 2.0 or v - u > 2.0:
        return n
    length_a, length_b = math.hypot(ax, ay), math.hypot(bx, by)
    cross, ex, ey = ax * by - ay * bx, bx - ax, by - ay
    for part in range(2 if u > v else 1):
        low = 0.0 if u > v and part == 0 else u
        high = 4.0 if u > v and part == 1 else v
        if min(high, end[0]) - low <= NARROW:
            continue
        wall = walls[n]
        wall[LOW], wall[HIGH] = low, min(high, end[0])
        wall[CROSS], wall[EX], wall[EY] = cross, ex, ey
        wall[MOST], wall[SHOWN] = max(length_a, length_b), 0.0
        if low == u:
            wall[AX], wall[AY], wall[NEAR] = ax / length_a, ay / length_a, length_a
        else:
            wall[AX], wall[AY], wall[NEAR] = 1.0, 0.0, distance(wall, 1.0, 0.0)
        if wall[HIGH] == v:
            wall[BX], wall[BY], wall[FAR] = bx / length_b, by / length_b, length_b
        elif wall[HIGH] == 4.0:
            wall[BX], wall[BY], wall[FAR] = 1.0, 0.0, distance(wall, 1.0, 0.0)
        else:
            wall[BX], wall[BY], wall[FAR] = end[1], end[2], distance(wall, end[1], end[2])
        n += 1
    return n


@njit(cache=True, error_model="numpy")
def distance(wall: Floats, x: float, y: float) -> float:
    """Return how far a ray goes to the line of a wall."""
    across = x * wall[EY] - y * wall[EX]
    if across == 0.0:
        return float(wall[MOST])
    # The nearest point of a wall may lie nearer than both ends, so only the far side is cut.
    return float(min(max(wall[CROSS] / across, 0.0), wall[MOST]))


@njit(cache=True, error_model="numpy")
def outline(
    walls: Floats,
    chords: Floats,
    arcs: int,
    reach: float,
    order: Ints,
    active: Ints,
    out: Floats,
) -> int:
    """Write the vertices of the far limit as walls cut it; return how many.

    Parameters
    ----------
    walls, chords
        (n, 13) and (arcs + 1, 5), see the columns above.
    order, active
        (n,) room to work in; `active` is left with nothing of use, `order` by start.
    out
        Room for 3 * (arcs + 2 * n + 2) vertices.
    """
    _sort(walls, order)
    n = len(walls)
    inner = reach * (chords[0, CX] * chords[0, MX] + chords[0, CY] * chords[0, MY])
    end = chords[arcs, AT]
    here = (0.0, 1.0, 0.0)
    best, entered, there = -1, 0, 0
    out[0, 0], out[0, 1] = 0.0, 0.0
    state = (1 if end < 4.0 else 0, 0, -1)
    while True:
        start = walls[order[entered], LOW] if entered < n else math.inf
        if best >= 0 and walls[best, HIGH] <= start:
            # The nearest wall ends: the next one is any of those that have begun.
            ray = (walls[best, HIGH], walls[best, BX], walls[best, BY])
            state = _add(walls, best, chords, arcs, inner, here, ray, out, state)
            here, best, k = ray, -1, 0
            while k < there:
                w = active[k]
                if walls[w, HIGH] <= here[0] + NARROW:
                    there -= 1
                    active[k] = active[there]
                    continue
                if best < 0 or _nearer(walls[w], walls[best], here[0], here[1], here[2]):
                    best = w
                k += 1
        elif entered < n:
            w = order[entered]
            active[there] = w
            entered, there = entered + 1, there + 1
            ray = (walls[w, LOW], walls[w, AX], walls[w, AY])
            if best < 0 or _nearer(walls[w], walls[best], ray[0], ray[1], ray[2]):
                state = _add(walls, best, chords, arcs, inner, here, ray, out, state)
                here, best = ray, w
        else:
            ray = (end, chords[arcs, CX], chords[arcs, CY])
            return _add(walls, best, chords, arcs, inner, here, ray, out, state)[0]


@njit(cache=True, error_model="numpy")
def _sort(walls: Floats, order: Ints) -> None:
    """Write the order of walls by start; those of one footprint mostly come in order."""
    if len(walls) > FEW:
        order[:] = np.argsort(walls[:, LOW])
        return
    for k in range(len(walls)):
        low = walls[k, LOW]
        at = k
        while at > 0 and walls[order[at - 1], LOW] > low:
            order[at] = order[at - 1]
            at -= 1
        order[at] = k


@njit(cache=True, error_model="numpy")
def _nearer(one: Floats, other: Floats, low: float, x: float, y: float) -> bool:
    """Return whether one of two walls is the nearer, from a ray on where both are.

    They are compared in the middle of what they share: where they touch it is at an end.
    """
    first = one if one[HIGH] < other[HIGH] else other
    if first[HIGH] - low <= NARROW:
        return bool(one[HIGH] > other[HIGH])
    mx, my = x + first[BX], y + first[BY]
    across_one = mx * one[EY] - my * one[EX]
    across_other = mx * other[EY] - my * other[EX]
    # All four are below zero: cross / across, without dividing.
    return bool(one[CROSS] * across_other < other[CROSS] * across_one)


@njit(cache=True, error_model="numpy")
def _add(
    walls: Floats,
    best: int,
    chords: Floats,
    arcs: int,
    inner: float,
    ray0: Ray,
    ray1: Ray,
    out: Floats,
    state: tuple[int, int, int],
) -> tuple[int, int, int]:
    """Write the outline between two rays, where `best` is the nearest wall (-1 = none).

    The state goes from call to call: vertices written, chord reached, and the line that the last
    one lies on (a chord, or arcs + a wall).
    """
    size, chord, last = state
    t0, x0, y0 = ray0
    if ray1[0] - t0 <= NARROW:
        return state
    r0, r1 = math.inf, math.inf
    if best >= 0:
        wall = walls[best]
        r0 = wall[NEAR] if t0 == wall[LOW] else distance(wall, x0, y0)
        r1 = wall[FAR] if ray1[0] == wall[HIGH] else distance(wall, ray1[1], ray1[2])
        if r0 <= inner and r1 <= inner:
            wall[SHOWN] = 1.0
            size = _line(out, size, False, x0 * r0, y0 * r0, ray1[1] * r1, ray1[2] * r1)
            return size, chord, arcs + best
    last_r = r1
    while ray1[0] - t0 > NARROW:
        while chord < arcs - 1 and chords[chord + 1, AT] <= t0 + NARROW:
            chord += 1
        if chord == arcs - 1 or chords[chord + 1, AT] >= ray1[0]:
            t1, x1, y1 = ray1
            r1 = last_r
        else:
            t1, x1, y1 = chords[chord + 1, AT], chords[chord + 1, CX], chords[chord + 1, CY]
            r1 = distance(walls[best], x1, y1) if best >= 0 else math.inf
        mx, my = chords[chord, MX], chords[chord, MY]
        far0, far1 = inner / (x0 * mx + y0 * my), inner / (x1 * mx + y1 * my)
        ax, ay, bx, by = x0 * far0, y0 * far0, x1 * far1, y1 * far1
        if r0 >= far0 and r1 >= far1:
            size = _line(out, size, last == chord, ax, ay, bx, by)
            last = chord
            t0, x0, y0, r0 = t1, x1, y1, r1
            continue
        walls[best, SHOWN] = 1.0
        if r0 <= far0 and r1 <= far1:
            size = _line(out, size, last == arcs + best, x0 * r0, y0 * r0, x1 * r1, y1 * r1)
            last = arcs + best
        else:
            # Both are straight and cross once.
            share = (far0 - r0) / ((far0 - r0) - (far1 - r1))
            wx, wy, vx, vy = x0 * r0, y0 * r0, x1 * r1, y1 * r1
            cx, cy = _crossing(ax, ay, bx, by, wx, wy, vx, vy, share)
            if r0 < far0:
                size = _line(out, size, last == arcs + best, wx, wy, cx, cy)
                size = _line(out, size, False, cx, cy, bx, by)
                last = chord
            else:
                size = _line(out, size, last == chord, ax, ay, cx, cy)
                size = _line(out, size, False, cx, cy, vx, vy)
                last = arcs + best
        t0, x0, y0, r0 = t1, x1, y1, r1
    return size, chord, last


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
def _line(out: Floats, size: int, goes_on: bool, x0: float, y0: float, x1: float, y1: float) -> int:
    """Write a straight piece of the outline; where it goes on along the last one, move its end."""
    if goes_on and size > 1:
        out[size - 1, 0], out[size - 1, 1] = x1, y1
        return size
    if size == 0 or abs(out[size - 1, 0] - x0) > SAME_M or abs(out[size - 1, 1] - y0) > SAME_M:
        out[size, 0], out[size, 1] = x0, y0
        size += 1
    out[size, 0], out[size, 1] = x1, y1
    return size + 1
