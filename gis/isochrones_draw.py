"""Areas of bands around what trips reach, drawn from arrays, compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from gis.isochrones_kernels import (
    Drawing,
    Squares,
    Times,
    boxes_of,
    cut_lines,
    enter_edges,
    near_edges,
    reached_parts,
)
from gis.isochrones_outline import Rings, no_rings, trace
from gis.isochrones_raster import Raster, nearness, surface

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CELL_M = 8.0
FAR_M = 30.0
# Between a street that is reached and one that is not, the area leans to the first.
FAVOUR_M = 2.0
HAIR_M = 0.001


class Trips(NamedTuple):
    """What trips of several groups of points reach.

    Parameters
    ----------
    found_at, node, time_s
        Nodes reached by group i and when are at found_at[i] to found_at[i + 1], (g + 1,), (k,).
    own_at, own_edge, own_fraction
        Points of group i, in order of their edges, are at own_at[i] to own_at[i + 1]: where they
        stand, (g + 1,), (p,).
    indptr, way
        Arcs by node, (n + 1,), and for each 2 e or 2 e + 1 of its edge, (a,); -1 = on none.
    whole
        What whole edges take, along at 2 e and against at 2 e + 1, (2 m,); inf = not permitted.
    """

    found_at: Ints
    node: Ints
    time_s: Floats
    own_at: Ints
    own_edge: Ints
    own_fraction: Floats
    indptr: Ints
    way: Ints
    whole: Floats


@njit(cache=True)
def draw_each(trips: Trips, drawing: Drawing, squares: Squares, bands: Floats) -> Rings:
    """Return the outlines of the bands of each group; area b i + k is band k of group i.

    Parameters
    ----------
    trips
        What is reached.
    drawing
        The edges.
    squares
        The edges by place.
    bands
        Times in rising order, (b,).
    """
    n_edges = len(trips.whole) // 2
    enter, touched = np.full(2 * n_edges, np.inf), np.empty(n_edges, np.int64)
    rings = no_rings(4096, 64)
    for group in range(len(trips.found_at) - 1):
        own = slice(trips.own_at[group], trips.own_at[group + 1])
        found = slice(trips.found_at[group], trips.found_at[group + 1])
        count = enter_edges(
            trips.indptr, trips.way, trips.node[found], trips.time_s[found], enter, touched
        )
        edges = np.concatenate((touched[:count], trips.own_edge[own]))
        times = Times(enter, trips.whole, trips.own_edge[own], trips.own_fraction[own])
        edge, start, end = reached_parts(np.unique(edges), times, bands[-1])
        xy, part = cut_lines(edge, start, end, drawing)
        boxes = boxes_of(xy, part, len(edge))
        rings = draw(boxes, times, drawing, squares, bands, group * len(bands), rings)
        for e in edges:
            enter[2 * e], enter[2 * e + 1] = np.inf, np.inf
    return rings


@njit(cache=True)
def draw(
    boxes: Floats,
    times: Times,
    drawing: Drawing,
    squares: Squares,
    bands: Floats,
    area: int,
    rings: Rings,
) -> Rings:
    """Return the rings with the outlines of bands within and around boxes behind them.

    Parameters
    ----------
    boxes
        South-west and north-east corners of what is reached, (k, 4).
    times, drawing, squares, bands
        As for `draw_each`.
    area
        Number of the first band's area.
    rings
        Those before; not to be used any more.
    """
    if not len(boxes):
        return rings
    far = FAR_M / CELL_M
    left = int(np.floor(boxes[:, 0].min() / CELL_M - far)) - 2
    bottom = int(np.floor(boxes[:, 1].min() / CELL_M - far)) - 2
    columns = int(np.ceil(boxes[:, 2].max() / CELL_M + far)) + 3 - left
    rows = int(np.ceil(boxes[:, 3].max() / CELL_M + far)) + 3 - bottom
    close = near_edges(boxes, 2 * FAR_M + CELL_M, times, squares)
    raster = Raster(left, bottom, columns, rows)
    square, window = nearness(close, drawing, times, bands, far + 1, CELL_M, raster)
    low_row, low_column = rows, columns
    high_row = high_column = -1
    for band in range(len(bands)):
        low_row, high_row = min(low_row, window[band, 0]), max(high_row, window[band, 1])
        low_column = min(low_column, window[band, 2])
        high_column = max(high_column, window[band, 3])
        if high_row < 0:
            continue
        depth = surface(
            square[:, low_row : high_row + 1, low_column : high_column + 1],
            band, far, FAVOUR_M / CELL_M, HAIR_M / CELL_M,
        )  # fmt: skip
        rings = trace(depth, left + low_column, bottom + low_row, CELL_M, area + band, rings)
    return rings
