"""Outlines of where surfaces are above 0, and the areas they bound; tracing is compiled.

A surface is known at the places of a raster and taken as even along their joints. An outline
crosses a joint where one end is above 0 and the other is not, and goes from crossing to crossing
with what is above 0 on its left: round areas against the clock, round holes with it.
"""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

Floats = npt.NDArray[np.float64]
Halves = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Geometries = npt.NDArray[np.object_]

SOUTH, EAST, NORTH, WEST = range(4)
# By the corners that are above 0 (1 = south-west, 2 south-east, 4 north-east, 8 north-west): from
# which joint an outline comes and to which it goes, twice where two pass. 5 and 10 have two
# corners across; with a middle above 0 they are 16 and 17.
PASSES = np.full((18, 4), -1)
for _corners, _pass in {
    1: (SOUTH, WEST),
    2: (EAST, SOUTH),
    3: (EAST, WEST),
    4: (NORTH, EAST),
    5: (SOUTH, WEST, NORTH, EAST),
    6: (NORTH, SOUTH),
    7: (NORTH, WEST),
    8: (WEST, NORTH),
    9: (SOUTH, NORTH),
    10: (EAST, SOUTH, WEST, NORTH),
    11: (EAST, NORTH),
    12: (WEST, EAST),
    13: (SOUTH, EAST),
    14: (WEST, SOUTH),
    16: (SOUTH, EAST, NORTH, WEST),
    17: (WEST, SOUTH, EAST, NORTH),
}.items():
    PASSES[_corners, : len(_pass)] = _pass


class Rings(NamedTuple):
    """Closed outlines one behind the other, with room for more.

    Parameters
    ----------
    used
        How many vertices and how many rings there are, (2,).
    xy
        Vertices, (v, 2), the last of a ring its first again.
    size
        How many vertices each ring has, (r,).
    shell
        The ring that each lies in as a hole, itself if it is none, (r,).
    area
        The area each is of, (r,).
    """

    used: Ints
    xy: Floats
    size: Ints
    shell: Ints
    area: Ints


@njit(cache=True)
def no_rings(vertices: int, rings: int) -> Rings:
    """Return room for outlines."""
    return Rings(
        np.zeros(2, np.int64),
        np.empty((vertices, 2)),
        np.empty(rings, np.int64),
        np.empty(rings, np.int64),
        np.empty(rings, np.int64),
    )


@njit(cache=True)
def _with_room(rings: Rings, vertices: int, more: int) -> Rings:
    """Return the same with room for so many more vertices and rings."""
    v, r = rings.used
    if v + vertices <= len(rings.xy) and r + more <= len(rings.size):
        return rings
    grown = no_rings(2 * (v + vertices), 2 * (r + more))
    grown.used[:] = rings.used
    grown.xy[:v] = rings.xy[:v]
    grown.size[:r], grown.shell[:r], grown.area[:r] = (
        rings.size[:r], rings.shell[:r], rings.area[:r],
    )  # fmt: skip
    return grown


@njit(cache=True)
def trace(depth: Halves, left: int, bottom: int, cell_m: float, area: int, rings: Rings) -> Rings:
    """Return the rings with the outlines of one surface behind them.

    Parameters
    ----------
    depth
        The surface, (rows, columns), below 0 at the border and nowhere 0.
    left, bottom
        Where its first place lies, in cells.
    cell_m
        Side of a cell.
    area
        What to note for the new rings.
    rings
        Those before; not to be used any more.
    """
    shift = _shift(depth.shape[1])
    ahead, starts, crossings = _passes(depth, shift)
    # No outline has fewer than four crossings; each has a vertex more, its first again.
    rings = _with_room(rings, crossings + crossings // 4, crossings // 4)
    before = -1
    for joint in starts:
        if ahead[joint] >= 0:
            ring = rings.used[1]
            _follow(joint, ahead, shift, depth, left, bottom, cell_m, rings)
            rings.area[ring] = area
            # The lowest crossing farthest left leads out of what a hole lies in.
            row, column = _place(joint, shift)
            rings.shell[ring] = rings.shell[before] if depth[row, column] > 0 else ring
        before = -2 - ahead[joint]
    return rings


@njit(cache=True)
def _shift(columns: int) -> int:
    """Return how many bits a column takes."""
    bits = 1
    while 1 << bits < columns:
        bits += 1
    return bits


@njit(cache=True)
def _place(joint: int, shift: int) -> tuple[int, int]:
    """Return the row and column of the place from which a joint leads east (even) or north."""
    return joint >> (shift + 1), (joint >> 1) & ((1 << shift) - 1)


@njit(cache=True)
def _passes(depth: Halves, shift: int) -> tuple[Shorts, Shorts, int]:
    """Return the next joint of the outline, where one crosses; crossed ones to the east; how many.

    Joints are numbered as `_place` reads them. What is not crossed has no next joint at all, not
    even -1. Those to the east come row by row.
    """
    rows, columns = depth.shape
    ahead = np.empty((rows << shift) * 2, dtype=np.int32)
    starts = np.empty(rows * columns, dtype=np.int32)
    cases, joints = np.empty(columns - 1, dtype=np.uint8), np.empty(4, dtype=np.int32)
    crossings = n_starts = 0
    for row in range(rows - 1):
        _cases(depth[row], depth[row + 1], cases)
        for column in range(columns - 1):
            case = cases[column]
            if case == 0 or case == 15:
                continue
            if case == 5 or case == 10:
                middle = (
                    depth[row, column] + depth[row + 1, column + 1]
                    + depth[row, column + 1] + depth[row + 1, column]
                )  # fmt: skip
                if middle > 0:
                    case = 16 if case == 5 else 17
            here = 2 * ((row << shift) + column)
            joints[SOUTH], joints[EAST] = here, here + 3
            joints[NORTH], joints[WEST] = here + (2 << shift), here + 1
            for at in range(0, 4, 2):
                if PASSES[case, at] >= 0:
                    ahead[joints[PASSES[case, at]]] = joints[PASSES[case, at + 1]]
                    crossings += 1
            if (case ^ (case >> 1)) & 1 or case >= 16:
                starts[n_starts] = here
                n_starts += 1
    return ahead, starts[:n_starts], crossings


@njit(cache=True)
def _cases(south: Halves, north: Halves, out: Bytes) -> None:
    """Write which corners of a row of cells are above 0: 1 = south-west, against the clock."""
    none, one, two = np.uint8(0), np.uint8(1), np.uint8(2)
    four, eight, zero = np.uint8(4), np.uint8(8), np.float32(0)
    for at in range(len(out)):
        lower = (one if south[at] > zero else none) | (two if south[at + 1] > zero else none)
        upper = (eight if north[at] > zero else none) | (four if north[at + 1] > zero else none)
        out[at] = lower | upper


@njit(cache=True)
def _follow(
    joint: int,
    ahead: Shorts,
    shift: int,
    depth: Halves,
    left: int,
    bottom: int,
    cell_m: float,
    rings: Rings,
) -> None:
    """Write the ring that begins at a joint; its joints note it as -2 - its number."""
    first, ring = rings.used
    at = first
    while ahead[joint] >= 0:
        row, column = _place(joint, shift)
        here = depth[row, column]
        x, y = left + np.float64(column), bottom + np.float64(row)
        if joint & 1:
            y += here / (here - depth[row + 1, column])
        else:
            x += here / (here - depth[row, column + 1])
        rings.xy[at, 0], rings.xy[at, 1] = x * cell_m, y * cell_m
        at += 1
        after = ahead[joint]
        ahead[joint] = -2 - ring
        joint = after
    rings.xy[at] = rings.xy[first]
    rings.size[ring] = at + 1 - first
    rings.used[0], rings.used[1] = at + 1, ring + 1


def areas_of(rings: Rings, count: int) -> Geometries:
    """Return areas as polygons or several, empty where there is no ring, (count,)."""
    out = np.full(count, shapely.Polygon(), dtype=object)
    vertices, n_rings = rings.used.tolist()
    if not n_rings:
        return out
    size, shell, area = (part[:n_rings] for part in (rings.size, rings.shell, rings.area))
    ring = np.repeat(np.arange(n_rings), size)
    lines: Geometries = np.asarray(shapely.linearrings(rings.xy[:vertices], indices=ring))
    # Shells come before their holes.
    order = np.argsort(shell, kind="stable")
    first = shell[order] == order
    polygons: Geometries = np.asarray(shapely.polygons(lines[order], indices=np.cumsum(first) - 1))
    of = area[order[first]]
    parts = np.bincount(of, minlength=count)
    alone = parts[of] == 1
    out[of[alone]] = polygons[alone]
    rank = np.argsort(of[~alone], kind="stable")
    if len(rank):
        shapely.multipolygons(polygons[~alone][rank], indices=of[~alone][rank], out=out)
    return out
