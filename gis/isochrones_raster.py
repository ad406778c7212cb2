"""How near the places of a raster are to what bands reach and to what none does, compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from gis.isochrones_kernels import Drawing
from gis.isochrones_parts import Times, parts_of, room_for

Floats = npt.NDArray[np.float64]
Halves = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


NOWHERE = np.float32(1e12)
# So many places of a row are taken at once; rows have as many to spare.
LANES = 8
# Cells beyond what is near, and a little more: the outermost places are surely outside.
BEYOND = 1.01


class Raster(NamedTuple):
    """Places at whole multiples of a cell: the first one's column and row, and their numbers."""

    left: int
    bottom: int
    columns: int
    rows: int


@njit(cache=True)
def raster_around(boxes: Floats, far: float, cell_m: float) -> Raster:
    """Return the places within some cells of boxes, (k, 4) in metres, and a few more."""
    left = int(np.floor(boxes[:, 0].min() / cell_m - far)) - 2
    bottom = int(np.floor(boxes[:, 1].min() / cell_m - far)) - 2
    right = int(np.ceil(boxes[:, 2].max() / cell_m + far)) + 2
    top = int(np.ceil(boxes[:, 3].max() / cell_m + far)) + 2
    return Raster(left, bottom, right - left + 1, top - bottom + 1)


@njit(cache=True)
def nearness(
    edges: Ints,
    drawing: Drawing,
    times: Times,
    bands: Floats,
    far: float,
    favour: float,
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
    far, favour
        As for `surface`.
    cell
        Side of a cell, metres.
    raster
        The places.

    Returns
    -------
    tuple of ndarray
        Squared distances in cells, (b + 1, rows, columns + 8), the last of what no band reaches;
        `NOWHERE` if far. And for each of them the first and last row and column with something
        near, (b + 1, 4).
    """
    n_bands = len(bands)
    out = np.full((n_bands + 1, raster.rows, raster.columns + LANES), NOWHERE)
    window = np.empty((n_bands + 1, 4), dtype=np.int64)
    window[:, 0], window[:, 1] = raster.rows, -1
    window[:, 2], window[:, 3] = raster.columns, -1
    parts = room_for(n_bands, times)
    for edge in edges:
        count = parts_of(edge, times, bands, parts)
        part = 0
        for v in range(drawing.first[edge], drawing.first[edge + 1] - 1):
            a, b = drawing.share[v], drawing.share[v + 1]
            x, y = drawing.xy[v, 0] / cell - raster.left, drawing.xy[v, 1] / cell - raster.bottom
            run_x = drawing.xy[v + 1, 0] / cell - raster.left - x
            run_y = drawing.xy[v + 1, 1] / cell - raster.bottom - y
            done = a
            while done < b:
                while part < count - 1 and parts.end[part] <= done:
                    part += 1
                stop, band = min(b, parts.end[part]), parts.band[part]
                span = far - favour if band == n_bands else far + BEYOND
                w0, w1 = (done - a) / (b - a), (stop - a) / (b - a)
                _stamp(
                    x + w0 * run_x, y + w0 * run_y, x + w1 * run_x, y + w1 * run_y,
                    span, out[band], window[band],
                )  # fmt: skip
                done = stop
    return out, window


@njit(cache=True)
def _stamp(
    x0: float, y0: float, x1: float, y1: float, far: float, out: Halves, window: Ints
) -> None:
    """Lower the squared distances around a segment."""
    rows, columns = out.shape[0], out.shape[1] - LANES
    bottom, top = max(0, int(np.ceil(min(y0, y1) - far))), min(rows - 1, int(max(y0, y1) + far))
    left, right = max(0, int(np.ceil(min(x0, x1) - far))), min(columns - 1, int(max(x0, x1) + far))
    if bottom > top or left > right:
        return
    window[0], window[1] = min(window[0], bottom), max(window[1], top)
    window[2], window[3] = min(window[2], left), max(window[3], right)
    length = np.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2)
    to_x, to_y = ((x1 - x0) / length, (y1 - y0) / length) if length > 0 else (1.0, 0.0)
    end = left + (right - left + LANES) // LANES * LANES
    for row in range(bottom, top + 1):
        x, y = left - x0, row - y0
        _lower(
            out[row, left:end], np.float32(x * to_x + y * to_y), np.float32(y * to_x - x * to_y),
            np.float32(to_x), np.float32(to_y), np.float32(length),
        )  # fmt: skip


@njit(cache=True, fastmath=True)
def _lower(
    out: Halves, along: np.float32, aside: np.float32, to_x: np.float32, to_y: np.float32,
    length: np.float32,
) -> None:  # fmt: skip
    """Lower the squared distances along a row, given where it begins beside a segment."""
    # With a counter of 32 bits eight places are taken at a time.
    for column in range(np.int32(len(out))):
        step = np.float32(column)
        past = along + step * to_x
        past -= min(length, max(np.float32(0), past))
        away = aside - step * to_y
        square = past * past + away * away
        # Written as a min it is stored only where it is lower, which takes far longer.
        out[column] = -max(-out[column], -square)


@njit(cache=True)
def surface(
    square: Halves, window: Ints, band: int, far: float, favour: float, hair: float
) -> Halves:
    """Return how deep inside the area of a band places lie, in cells; below 0 outside.

    A place is inside if it is within `far` of what is reached and not nearer, by more than
    `favour`, to what is not. Depths are kept a hair's breadth off 0, so that no two outlines touch.

    Parameters
    ----------
    square
        As `nearness` gives them.
    window
        The first and last row and column that are wanted, (4,).
    band
        Position of the band.
    far, favour, hair
        In cells.
    """
    n_bands = len(square) - 1
    first, last = window[2], window[3] + 1
    out = np.empty((window[1] - window[0] + 1, last - first), np.float32)
    missed = np.empty(last - first, np.float32)
    for at in range(len(out)):
        row, reached = window[0] + at, out[at]
        # Rows are cut out one by one, so that they are known to lie in one piece.
        reached[:], missed[:] = square[0, row, first:last], square[n_bands, row, first:last]
        for layer in range(1, band + 1):
            _least(reached, square[layer, row, first:last])
        for layer in range(band + 1, n_bands):
            _least(missed, square[layer, row, first:last])
        _deep(reached, missed, np.float32(far), np.float32(favour), np.float32(hair))
    return out


@njit(cache=True, fastmath=True)
def _least(out: Halves, other: Halves) -> None:
    """Lower numbers to others."""
    for at in range(len(out)):
        out[at] = -max(-out[at], -other[at])


@njit(cache=True, fastmath=True)
def _deep(
    out: Halves, missed: Halves, far: np.float32, favour: np.float32, hair: np.float32
) -> None:
    """Turn squared distances to what is reached into depths."""
    least, zero = np.float32(-1), np.float32(0)
    for at in range(len(out)):
        away = np.sqrt(out[at])
        depth = min(far - away, np.sqrt(missed[at]) - away + favour)
        depth = max(depth, hair) if depth >= zero else min(depth, -hair)
        out[at] = max(depth, least)
