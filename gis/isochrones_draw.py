"""Areas of bands around what trips reach, drawn from arrays, compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from gis.isochrones_kernels import Drawing, Squares, boxes_of, near_edges
from gis.isochrones_outline import Rings, no_rings, trace
from gis.isochrones_parts import Times, Trips, enter_edges, reached_parts
from gis.isochrones_raster import nearness, raster_around, surface

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CELL_M = 11.0
FAR_M = 30.0
# Between a street that is reached and one that is not, the area leans to the first.
FAVOUR_M = 4.0
HAIR_M = 0.001
# What is farther from a reached part makes no difference to the area around it.
NEAR_M = 2 * FAR_M + CELL_M
# Rasters of what lies farther apart have no place in common.
APART_M = 2 * FAR_M + 8 * CELL_M


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
    taken = np.zeros(n_edges, np.bool_)
    rings = no_rings(4096, 64)
    for group in range(len(trips.found_at) - 1):
        edges, times = enter_edges(trips, group, enter, touched)
        boxes = boxes_of(*reached_parts(edges, times, bands[-1]), drawing)
        if len(boxes):
            close = near_edges(boxes, NEAR_M, trips.whole, squares, taken)
            rings = draw(boxes, close, times, drawing, bands, group * len(bands), rings)
        for edge in edges:
            enter[2 * edge], enter[2 * edge + 1] = np.inf, np.inf
    return rings


@njit(cache=True)
def draw(
    boxes: Floats,
    close: Ints,
    times: Times,
    drawing: Drawing,
    bands: Floats,
    area: int,
    rings: Rings,
) -> Rings:
    """Return the rings with the outlines of bands within and around boxes behind them.

    Parameters
    ----------
    boxes
        South-west and north-east corners of what is reached, (k, 4), k > 0.
    close
        The edges less than `NEAR_M` from a box.
    times, drawing, bands
        As for `draw_each`.
    area
        Number of the first band's area.
    rings
        Those before; not to be used any more.
    """
    far, favour = FAR_M / CELL_M, FAVOUR_M / CELL_M
    raster = raster_around(boxes, far, CELL_M)
    square, window = nearness(close, drawing, times, bands, far, favour, CELL_M, raster)
    wide = window[0].copy()
    for band in range(len(bands)):
        wide[0], wide[2] = min(wide[0], window[band, 0]), min(wide[2], window[band, 2])
        wide[1], wide[3] = max(wide[1], window[band, 1]), max(wide[3], window[band, 3])
        if wide[1] < 0:
            continue
        depth = surface(square, wide, band, far, favour, HAIR_M / CELL_M)
        left, bottom = raster.left + wide[2], raster.bottom + wide[0]
        rings = trace(depth, left, bottom, CELL_M, area + band, rings)
    return rings
