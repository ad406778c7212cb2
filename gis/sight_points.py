"""Which points lie in which polygons: many points, many small polygons, none of them prepared."""

# numba's decorators carry no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# x and y of the south-west corner, width and height of a box, boxes in x and in y.
Grid = tuple[float, float, float, float, int, int]

# Points are kept by box of a grid, this many to the height of a usual polygon; boxes are long and
# low, since an edge is met by the points at its own height. At most so many for each point.
BOXES_HIGH = 16
LONG = 8
BOXES_A_POINT = 8


def points_within(polygons: npt.NDArray[np.object_], xy: Floats) -> tuple[Ints, Ints]:
    """Return which points lie in which polygons, sorted by polygon, then point.

    A ray from the point towards +x must cross the outlines an odd number of times. So a point on an
    outline is inside where the polygon lies to its right (on a level edge: above it), and of two
    polygons that share an edge, vertex by vertex, exactly one holds a point on it.

    Parameters
    ----------
    polygons
        (n,) polygons or multipolygons, with holes or without; empty and missing ones hold nothing.
    xy
        (m, 2) points in the same CRS; NaN is nowhere.

    Returns
    -------
    polygon, point
        (p,) positions in `polygons`, and (p,) in `xy`.

    Examples
    --------
    >>> yard = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    >>> polygon, point = points_within(np.array([yard]), np.array([[1, 1], [4, 4], [8, 5], [9, 9]]))
    >>> point
    array([0, 2])
    """
    polygons, xy = np.asarray(polygons, dtype=object), np.asarray(xy, dtype=np.float64)
    parts, of_part = shapely.get_parts(polygons, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    indptr = np.searchsorted(of_part[of_ring[ring]], np.arange(len(polygons) + 1))
    if not len(vertices):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    # Only the points around the polygons are put into boxes; NaN is not among them.
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    x, y = xy[:, 0], xy[:, 1]
    there = (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
    grid = _grid(low, high, shapely.bounds(parts), int(there.sum()))
    ids = np.flatnonzero(there)
    boxes, order = _boxed(xy[ids], grid)
    return _within(vertices, ring, indptr, xy[ids[order]], ids[order], boxes, grid)


def _grid(low: Floats, high: Floats, bounds: Floats, points: int) -> Grid:
    """Return boxes over `low` to `high` fit for polygons of these bounds and so many points."""
    width, height = (float(side) for side in high - low)
    tall = max(float(np.nanmedian(bounds[:, 3] - bounds[:, 1])) / BOXES_HIGH, 1e-3, height / 1e5)
    boxes = width * height / (LONG * tall * tall)
    tall *= max(1.0, math.sqrt(boxes / (BOXES_A_POINT * points + 1000)))
    wide = max(LONG * tall, width / 1e5)
    return (float(low[0]), float(low[1]), wide, tall, int(width / wide) + 1, int(height / tall) + 1)


@njit(cache=True)
def _boxed(xy: Floats, grid: Grid) -> tuple[Ints, Ints]:
    """Return the order that puts points box by box, row by row, and where each box begins."""
    x0, y0, wide, tall, nx, ny = grid
    begin = np.zeros(nx * ny + 1, np.int64)
    box = np.empty(len(xy), np.int64)
    for k in range(len(xy)):
        box[k] = int((xy[k, 1] - y0) / tall) * nx + int((xy[k, 0] - x0) / wide)
        begin[box[k] + 1] += 1
    for b in range(nx * ny):
        begin[b + 1] += begin[b]
    order = np.empty(len(xy), np.int64)
    filled = begin[:-1].copy()
    for k in range(len(xy)):
        order[filled[box[k]]] = k
        filled[box[k]] += 1
    return begin, order


@njit(cache=True)
def _within(
    vertices: Floats, ring: Ints, indptr: Ints, xy: Floats, ids: Ints, boxes: Ints, grid: Grid
) -> tuple[Ints, Ints]:
    """Return polygon and point of each hit.

    Polygon p has `vertices` (k, 2) from `indptr[p]` on, each of a ring; points (m, 2) are sorted by
    box, `ids` are their positions before.
    """
    n, nx = len(indptr) - 1, grid[4]
    odd = np.zeros(len(xy), np.bool_)
    polygon, point = np.empty(len(xy) + 64, np.int64), np.empty(len(xy) + 64, np.int64)
    used = 0
    for p in range(n):
        mine = slice(indptr[p], indptr[p + 1])
        left, right, first, last = _cross(vertices[mine], ring[mine], xy, boxes, grid, odd)
        inside = 0
        for row in range(first, last + 1):
            for k in range(boxes[row * nx + left], boxes[row * nx + right + 1]):
                inside += odd[k]
        if used + inside > len(point):
            more = np.empty(used + inside, np.int64)
            polygon, point = np.concatenate((polygon, more)), np.concatenate((point, more))
        begin = used
        for row in range(first, last + 1):
            for k in range(boxes[row * nx + left], boxes[row * nx + right + 1]):
                if odd[k]:
                    odd[k] = False
                    polygon[used], point[used] = p, ids[k]
                    used += 1
        point[begin:used].sort()
    return polygon[:used].copy(), point[:used].copy()


@njit(cache=True)
def _cross(
    vertices: Floats,
    ring: Ints,
    xy: Floats,
    boxes: Ints,
    grid: Grid,
    odd: npt.NDArray[np.bool_],
) -> tuple[int, int, int, int]:
    """Turn `odd` of each point once for every edge to its right.

    Return the first and last column and row of the boxes around the edges: no other point is
    looked at.
    """
    x0, y0, wide, tall, nx, _ = grid
    if not len(vertices):
        return 0, 0, 0, -1
    left = int((vertices[:, 0].min() - x0) / wide)
    right = int((vertices[:, 0].max() - x0) / wide)
    first = int((vertices[:, 1].min() - y0) / tall)
    last = int((vertices[:, 1].max() - y0) / tall)
    for v in range(len(vertices) - 1):
        if ring[v] != ring[v + 1]:
            continue
        # The lower end first, so that an edge of two polygons is the same to both.
        low = v if vertices[v, 1] <= vertices[v + 1, 1] else v + 1
        ax, ay = vertices[low]
        bx, by = vertices[2 * v + 1 - low]
        most = int((max(ax, bx) - x0) / wide)
        for row in range(int((ay - y0) / tall), int((by - y0) / tall) + 1):
            for k in range(boxes[row * nx + left], boxes[row * nx + most + 1]):
                x, y = xy[k]
                if ay <= y < by and (bx - ax) * (y - ay) > (x - ax) * (by - ay):
                    odd[k] = not odd[k]
    return left, right, first, last
