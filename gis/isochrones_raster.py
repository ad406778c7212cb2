"""How near the places of a raster are to what bands reach and to what none does, compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from gis.isochrones_kernels import Drawing, Times, band_at, cuts_of, owned

Floats = npt.NDArray[np.float64]
Halves = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Raster(NamedTuple):
    """Places at whole multiples of a cell: the first one's column and row, and their numbers."""

    left: int
    bottom: int
    columns: int
    rows: int


@njit(cache=True)
def nearness(
    edges: Ints,
    drawing: Drawing,
    times: Times,
    bands: Floats,
    far: float,
    cell: float,
    raster: Raster,
) -> tuple[Halves, Ints]:
    """Return how far each raster place is from what each band adds, and where it is near.

    Parameters
    ----------
    edges
        Edges that are reached or near such, (k,).
    drawing, times
        The edges.
    bands
        Times in rising order, (b,).
    far
        Distance up to which places count, in cells.
    cell
        Side of a cell, metres.
    raster
        The places.

    Returns
    -------
    tuple of ndarray
        Squared distances in cells, (b + 1, rows, columns), the last of what no band reaches; inf
        if far. And for each of them the first and last row and column with something near,
        (b + 1, 4).
    """
    n_bands = len(bands)
    out = np.full((n_bands + 1, raster.rows, raster.columns), np.inf, dtype=np.float32)
    window = np.empty((n_bands + 1, 4), dtype=np.int64)
    window[:, 0], window[:, 1] = raster.rows, -1
    window[:, 2], window[:, 3] = raster.columns, -1
    cuts = np.empty(2 * n_bands + (2 * n_bands + 1) * len(times.own_edge))
    for e in edges:
        low, high = owned(times, e)
        n = cuts_of(e, low, high, times, bands, cuts)
        at = 0
        for v in range(drawing.first[e], drawing.first[e + 1] - 1):
            a, b = drawing.share[v], drawing.share[v + 1]
            x, y = drawing.xy[v, 0] / cell - raster.left, drawing.xy[v, 1] / cell - raster.bottom
            run_x = drawing.xy[v + 1, 0] / cell - raster.left - x
            run_y = drawing.xy[v + 1, 1] / cell - raster.bottom - y
            done = a
            while done < b:
                while at < n and cuts[at] <= done:
                    at += 1
                stop = min(b, cuts[at]) if at < n else b
                band = band_at((done + stop) / 2, e, low, high, times, bands)
                w0, w1 = (done - a) / (b - a), (stop - a) / (b - a)
                _stamp(
                    x + w0 * run_x, y + w0 * run_y, x + w1 * run_x, y + w1 * run_y,
                    far, out[band], window[band],
                )  # fmt: skip
                done = stop
    return out, window


@njit(cache=True)
def _stamp(
    x0: float, y0: float, x1: float, y1: float, far: float, out: Halves, window: Ints
) -> None:
    """Lower the squared distances around a segment."""
    rows, columns = out.shape
    bottom, top = max(0, int(np.ceil(min(y0, y1) - far))), min(rows - 1, int(max(y0, y1) + far))
    left, right = max(0, int(np.ceil(min(x0, x1) - far))), min(columns - 1, int(max(x0, x1) + far))
    if bottom > top or left > right:
        return
    window[0], window[1] = min(window[0], bottom), max(window[1], top)
    window[2], window[3] = min(window[2], left), max(window[3], right)
    run_x, run_y = x1 - x0, y1 - y0
    square = run_x * run_x + run_y * run_y
    scale = 1 / square if square > 0 else 0.0
    for row in range(bottom, top + 1):
        _lower(
            out[row, left : right + 1], np.float32(left - x0), np.float32(row - y0),
            np.float32(run_x), np.float32(run_y), np.float32(scale),
        )  # fmt: skip


@njit(cache=True, fastmath=True)
def _lower(
    out: Halves, x: np.float32, y: np.float32, run_x: np.float32, run_y: np.float32,
    scale: np.float32,
) -> None:  # fmt: skip
    """Lower the squared distances along a row that begins (x, y) from the start of a segment."""
    zero, one = np.float32(0), np.float32(1)
    for column in range(len(out)):
        here = x + np.float32(column)
        w = min(one, max(zero, (here * run_x + y * run_y) * scale))
        away_x, away_y = here - w * run_x, y - w * run_y
        out[column] = min(out[column], away_x * away_x + away_y * away_y)


@njit(cache=True)
def surface(square: Halves, band: int, far: float, favour: float, hair: float) -> Halves:
    """Return how deep inside the area of a band places lie, in cells; below 0 outside.

    A place is inside if it is within `far` of what is reached and not nearer, by more than
    `favour`, to what is not. Depths are kept a hair's breadth off 0, so that no two outlines touch.

    Parameters
    ----------
    square
        As `nearness` gives them.
    band
        Position of the band.
    far, favour, hair
        In cells.
    """
    layers, rows, columns = square.shape
    out = np.full((rows, columns), np.float32(-1))
    for row in range(rows):
        for column in range(columns):
            reached = missed = np.float32(np.inf)
            for k in range(band + 1):
                reached = min(reached, square[k, row, column])
            if reached == np.inf:
                continue
            for k in range(band + 1, layers):
                missed = min(missed, square[k, row, column])
            away = np.sqrt(reached)
            depth = np.float32(far) - away
            if missed < np.inf:
                depth = min(depth, np.sqrt(missed) - away + np.float32(favour))
            if abs(depth) < hair:
                depth = np.float32(hair if depth >= 0 else -hair)
            out[row, column] = max(depth, np.float32(-1))
    return out
