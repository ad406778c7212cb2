"""When each part of an edge is reached, over arrays, compiled.

An edge is entered from its tail, from its head, or begun at a point on it; the time at a fraction
of its length is the least of these. So it is cut at few places into parts that each belong to one
band: the first whose time they are reached within, or behind the last.
"""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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


class Times(NamedTuple):
    """When edges are entered, and what it takes to pass them.

    Parameters
    ----------
    enter
        At 2 e when one can set out along edge e, at 2 e + 1 against it, (2 m,); inf = never.
    whole
        What the whole edge takes that way, (2 m,); inf = not permitted.
    own_edge, own_fraction
        Points at which trips begin, by edge, (p,).
    """

    enter: Floats
    whole: Floats
    own_edge: Ints
    own_fraction: Floats


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
def enter_edges(
    indptr: Ints, way: Ints, node: Ints, time_s: Floats, enter: Floats, touched: Ints
) -> int:
    """Note the least time at which each way of an edge is entered; return how many edges are.

    Parameters
    ----------
    indptr, way
        Arcs by node, (n + 1,), and 2 e or 2 e + 1 for each, (a,); -1 = not on an edge.
    node, time_s
        Nodes reached and when, (k,).
    enter
        Out, (2 m,); inf everywhere before.
    touched
        Out, (m,): the edges that are entered.
    """
    count = 0
    for at in range(len(node)):
        for arc in range(indptr[node[at]], indptr[node[at] + 1]):
            w = way[arc]
            if w < 0:
                continue
            if enter[w] == np.inf and enter[w ^ 1] == np.inf:
                touched[count] = w >> 1
                count += 1
            if time_s[at] < enter[w]:
                enter[w] = time_s[at]
    return count


@njit(cache=True)
def near_edges(boxes: Floats, reach_m: float, times: Times, squares: Squares) -> Ints:
    """Return the permitted edges close to some boxes, judged by the squares they lie in.

    Parameters
    ----------
    boxes
        x and y of the south-west and north-east corner of each, (k, 4).
    reach_m
        No edge that is closer is missed.
    times
        Of all edges.
    squares
        Where they lie.
    """
    size, columns = squares.size_m, squares.columns
    n_edges = len(times.whole) // 2
    taken = np.zeros(n_edges, dtype=np.bool_)
    out = np.empty(n_edges, dtype=np.int64)
    count = 0
    for box in boxes:
        left = max(0, int((box[0] - reach_m - squares.left) / size))
        right = min(columns - 1, int((box[2] + reach_m - squares.left) / size))
        bottom = max(0, int((box[1] - reach_m - squares.bottom) / size))
        top = min(squares.rows - 1, int((box[3] + reach_m - squares.bottom) / size))
        for row in range(bottom, top + 1):
            for at in range(
                squares.indptr[row * columns + left], squares.indptr[row * columns + right + 1]
            ):
                edge = squares.member[at]
                whole = min(times.whole[2 * edge], times.whole[2 * edge + 1])
                if not taken[edge] and whole < np.inf:
                    taken[edge] = True
                    out[count] = edge
                    count += 1
    return out[:count].copy()


@njit(cache=True)
def boxes_of(xy: Floats, part: Ints, n_parts: int) -> Floats:
    """Return the south-west and north-east corner of parts given as vertices, (k, 4).

    A part without length has no vertices and is left out.
    """
    boxes = np.empty((n_parts, 4))
    count = 0
    for at in range(len(xy)):
        x, y = xy[at]
        if at == 0 or part[at] != part[at - 1]:
            boxes[count] = x, y, x, y
            count += 1
        box = boxes[count - 1]
        box[0], box[1] = min(box[0], x), min(box[1], y)
        box[2], box[3] = max(box[2], x), max(box[3], y)
    return boxes[:count]


@njit(cache=True)
def owned(times: Times, edge: int) -> tuple[int, int]:
    """Return where the points on an edge begin and end."""
    low, high = 0, len(times.own_edge)
    while low < high:
        middle = (low + high) // 2
        if times.own_edge[middle] < edge:
            low = middle + 1
        else:
            high = middle
    end = low
    while end < len(times.own_edge) and times.own_edge[end] == edge:
        end += 1
    return low, end


@njit(cache=True)
def _time_at(fraction: float, edge: int, low: int, high: int, times: Times) -> float:
    along, against = times.whole[2 * edge], times.whole[2 * edge + 1]
    best = np.inf
    if along < np.inf:
        best = times.enter[2 * edge] + fraction * along
    if against < np.inf:
        best = min(best, times.enter[2 * edge + 1] + (1 - fraction) * against)
    for own in range(low, high):
        ahead = fraction - times.own_fraction[own]
        if ahead >= 0 and along < np.inf:
            best = min(best, ahead * along)
        if ahead <= 0 and against < np.inf:
            best = min(best, -ahead * against)
    return best


@njit(cache=True)
def cuts_of(edge: int, low: int, high: int, times: Times, bands: Floats, out: Floats) -> int:
    """Write the fractions at which an edge is cut, in order, and return their number."""
    along, against = times.whole[2 * edge], times.whole[2 * edge + 1]
    n = 0
    for source in range(low - 1, high):
        ahead = behind = 0.0
        start = end = 0.0
        if source < low:
            start, end = times.enter[2 * edge], times.enter[2 * edge + 1]
            ahead, behind = 0.0, 1.0
        else:
            ahead = behind = times.own_fraction[source]
            out[n] = ahead
            n += 1
        for band in bands:
            if 0 < along < np.inf and start < band:
                out[n] = ahead + (band - start) / along
                n += 1
            if 0 < against < np.inf and end < band:
                out[n] = behind - (band - end) / against
                n += 1
    out[:n].sort()
    return n


@njit(cache=True)
def band_at(fraction: float, edge: int, low: int, high: int, times: Times, bands: Floats) -> int:
    """Return the first band within whose time a place on an edge is reached, or their number."""
    seconds = _time_at(fraction, edge, low, high, times)
    band = 0
    while band < len(bands) and seconds > bands[band]:
        band += 1
    return band


@njit(cache=True)
def reached_parts(edges: Ints, times: Times, limit_s: float) -> tuple[Ints, Floats, Floats]:
    """Return the parts of edges reached within a time: edge, start, end (fractions), (k,) each."""
    room = 3 * len(edges) + 2 * len(times.own_edge)
    edge, start, end = np.empty(room, dtype=np.int64), np.empty(room), np.empty(room)
    bands = np.array([limit_s])
    cuts = np.empty(2 + 3 * len(times.own_edge))
    count = 0
    for e in edges:
        low, high = owned(times, e)
        n = cuts_of(e, low, high, times, bands, cuts)
        done, joined = 0.0, False
        for at in range(n + 1):
            stop = min(cuts[at], 1.0) if at < n else 1.0
            if stop <= done:
                continue
            here = band_at((done + stop) / 2, e, low, high, times, bands) == 0
            if here and joined:
                end[count - 1] = stop
            elif here:
                edge[count], start[count], end[count] = e, done, stop
                count += 1
            done, joined = stop, here
    return edge[:count], start[:count], end[:count]


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
                _place(start[at], v, drawing, xy[count])
                part[count] = at
                count += 1
            _place(min(b, end[at]), v, drawing, xy[count])
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
def _place(share: float, v: int, drawing: Drawing, out: Floats) -> None:
    """Write the place at a share of an edge, on the segment behind vertex v."""
    a, b = drawing.share[v], drawing.share[v + 1]
    w = (share - a) / (b - a)
    for axis in range(2):
        p, q = drawing.xy[v, axis], drawing.xy[v + 1, axis]
        out[axis] = p if w <= 0 else q if w >= 1 else p + w * (q - p)
