"""Where edges lie: near which others, in what boxes, and cut to parts; over arrays, compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Drawing(NamedTuple):
    """Edges as vertices.

    Parameters
    ----------
    first
        Vertices of edge e are at first[e] to first[e + 1], (m + 1,).
    xy
        Places, (v, 2).
    share
        How much of its edge's length lies before each vertex, 0..1, (v,).
    """

    first: Ints
    xy: Floats
    share: Floats


class Squares(NamedTuple):
    """Edges by the squares of a grid they lie in.

    Parameters
    ----------
    left, bottom
        South-west corner.
    size_m, columns, rows
        Side and numbers of the squares.
    indptr, member
        Edges of square (row, column) are at indptr[row * columns + column] and on.
    """

    left: float
    bottom: float
    size_m: float
    columns: int
    rows: int
    indptr: Ints
    member: Ints


@njit(cache=True)
def near_edges(
    boxes: Floats, reach_m: float, whole: Floats, squares: Squares, taken: Flags
) -> Ints:
    """Return the permitted edges close to some boxes, judged by the squares they lie in.

    Parameters
    ----------
    boxes
        x and y of the south-west and north-east corner of each, (k, 4).
    reach_m
        No edge that is closer is missed.
    whole
        What whole edges take, along at 2 e and against at 2 e + 1, (2 m,); inf = not permitted.
    squares
        Where they lie.
    taken
        Room, (m,): False everywhere, before and after.
    """
    near = _near_squares(boxes, reach_m, squares)
    room = 0
    for square in near:
        room += squares.indptr[square + 1] - squares.indptr[square]
    out = np.empty(room, dtype=np.int64)
    count = 0
    for square in near:
        for at in range(squares.indptr[square], squares.indptr[square + 1]):
            edge = squares.member[at]
            if not taken[edge] and min(whole[2 * edge], whole[2 * edge + 1]) < np.inf:
                taken[edge] = True
                out[count] = edge
                count += 1
    for edge in out[:count]:
        taken[edge] = False
    return out[:count]


@njit(cache=True)
def _near_squares(boxes: Floats, reach_m: float, squares: Squares) -> Ints:
    """Return the positions of the squares that are close to some boxes, each once."""
    size = squares.size_m
    spans = np.empty((len(boxes), 4), dtype=np.int64)
    for at in range(len(boxes)):
        west, south, east, north = boxes[at]
        spans[at, 0] = max(0, int((west - reach_m - squares.left) / size))
        spans[at, 1] = max(0, int((south - reach_m - squares.bottom) / size))
        spans[at, 2] = min(squares.columns - 1, int((east + reach_m - squares.left) / size))
        spans[at, 3] = min(squares.rows - 1, int((north + reach_m - squares.bottom) / size))
    left, bottom = spans[:, 0].min(), spans[:, 1].min()
    near = np.zeros((spans[:, 3].max() + 1 - bottom, spans[:, 2].max() + 1 - left), np.bool_)
    for west, south, east, north in spans:
        near[south - bottom : north + 1 - bottom, west - left : east + 1 - left] = True
    row, column = np.nonzero(near)
    found: Ints = (row + bottom) * squares.columns + column + left
    return found


@njit(cache=True)
def boxes_of(edge: Ints, start: Floats, end: Floats, drawing: Drawing) -> Floats:
    """Return the south-west and north-east corner of parts of edges, (k, 4).

    A part without length is left out.
    """
    boxes = np.empty((len(edge), 4))
    count = 0
    for at in range(len(edge)):
        west = south = np.inf
        east = north = -np.inf
        for v in range(drawing.first[edge[at]], drawing.first[edge[at] + 1] - 1):
            a, b = drawing.share[v], drawing.share[v + 1]
            if b <= start[at] or a >= end[at] or a == b:
                continue
            for share in (max(a, start[at]), min(b, end[at])):
                x, y = _place(share, v, drawing)
                west, south, east, north = min(west, x), min(south, y), max(east, x), max(north, y)
        if west < np.inf:
            boxes[count] = west, south, east, north
            count += 1
    return boxes[:count]


@njit(cache=True)
def cut_lines(edge: Ints, start: Floats, end: Floats, drawing: Drawing) -> tuple[Floats, Ints]:
    """Return parts of edges as vertices, (v, 2), and the part each belongs to, (v,)."""
    room = 0
    for e in edge:
        room += drawing.first[e + 1] - drawing.first[e] + 2
    xy, part = np.empty((room, 2)), np.empty(room, dtype=np.int64)
    count = 0
    for at in range(len(edge)):
        first, last = drawing.first[edge[at]], drawing.first[edge[at] + 1] - 1
        for v in range(first, last):
            a, b = drawing.share[v], drawing.share[v + 1]
            if b <= start[at] or a >= end[at] or a == b:
                continue
            if a <= start[at]:
                xy[count] = _place(start[at], v, drawing)
                part[count] = at
                count += 1
            xy[count] = _place(min(b, end[at]), v, drawing)
            part[count] = at
            count += 1
    return xy[:count], part[:count]


@njit(cache=True)
def thinned(drawing: Drawing, off_m: float) -> Drawing:
    """Return edges without the vertices that lie so close to the line between others."""
    keep = np.zeros(len(drawing.xy), dtype=np.bool_)
    first = np.zeros_like(drawing.first)
    for edge in range(len(first) - 1):
        start, last = drawing.first[edge], drawing.first[edge + 1] - 1
        keep[start], keep[last] = True, True
        for v in range(start + 2, last + 1):
            if _bulge(drawing.xy, start, v) > off_m:
                start = v - 1
                keep[start] = True
        first[edge + 1] = first[edge] + keep[drawing.first[edge] : last + 1].sum()
    return Drawing(first, drawing.xy[keep], drawing.share[keep])


@njit(cache=True)
def _bulge(xy: Floats, start: int, end: int) -> float:
    """Return how far the vertices between two are at most from the segment that joins these."""
    x, y = xy[start]
    run_x, run_y = xy[end, 0] - x, xy[end, 1] - y
    square = run_x * run_x + run_y * run_y
    worst = 0.0
    for v in range(start + 1, end):
        there_x, there_y = xy[v, 0] - x, xy[v, 1] - y
        w = (there_x * run_x + there_y * run_y) / square if square > 0 else 0.0
        w = min(1.0, max(0.0, w))
        worst = max(worst, np.hypot(there_x - w * run_x, there_y - w * run_y))
    return worst


@njit(cache=True)
def _place(share: float, v: int, drawing: Drawing) -> tuple[float, float]:
    """Return the place at a share of an edge, on the segment behind vertex v."""
    w = (share - drawing.share[v]) / (drawing.share[v + 1] - drawing.share[v])
    x0, y0 = drawing.xy[v]
    x1, y1 = drawing.xy[v + 1]
    if w <= 0:
        return x0, y0
    if w >= 1:
        return x1, y1
    return x0 + w * (x1 - x0), y0 + w * (y1 - y0)
