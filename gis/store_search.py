"""Which rows may touch a box: the part of a spatial search that plain SQL can answer.

A point is found by the id of its H3 cell, since the descendants of a cell are one range of
numbers. A line or polygon is found by its bounding box, which is exact for any geometry; but an
index uses only one side of it, and so reads a strip across the town.

A point may lie outside the ancestor of its cell, by up to 0.14 edges of that ancestor; the box
that is covered with cells is therefore widened by 0.35 edges.
"""

from __future__ import annotations

import math

import h3.api.basic_int as h3
from sqlalchemy import ColumnElement, and_, between, or_

from gis.hexes import id_range
from gis.schema import schema
from gis.store_rows import CELL_RESOLUTION
from gis.store_tables import features

WIDENED_BY_EDGES = 0.35
METRES_PER_DEGREE = 111_195.0

# A cover of about two dozen cells: finer ones read fewer rows in vain, but ask more questions.
CELLS_ACROSS = 5


def may_touch(layer: str, box: tuple[float, float, float, float]) -> ColumnElement[bool]:
    """Return a condition that holds for every row of a layer whose bounding box meets a box.

    It may hold for a few rows more, which the caller sorts out.

    Parameters
    ----------
    layer
        Name of the layer.
    box
        (west, south, east, north), degrees.
    """
    table = features.c
    if schema(layer).geometry == "point":
        # The layer in every part, or SQLite does not use the index for each of them.
        return or_(
            *(
                and_(table.layer == layer, between(table.cell, low, high))
                for low, high in cell_ranges(box)
            )
        )
    west, south, east, north = box
    return and_(
        table.layer == layer,
        table.west <= east,
        table.east >= west,
        table.south <= north,
        table.north >= south,
    )


def cell_ranges(box: tuple[float, float, float, float]) -> list[tuple[int, int]]:
    """Return ranges of H3 ids that together hold the cell of every point of a box.

    Parameters
    ----------
    box
        (west, south, east, north), degrees.

    Returns
    -------
    list of (int, int)
        First and last id at `gis.store_rows.CELL_RESOLUTION`, in order, apart from each other;
        one range of all ids for a box of continental size or at a pole.

    Examples
    --------
    >>> len(cell_ranges((8.69, 49.40, 8.70, 49.41))) < 30
    True
    """
    west, south, east, north = box
    middle = (south + north) / 2
    metres_per_lon = METRES_PER_DEGREE * math.cos(math.radians(middle))
    longest_m = max((east - west) * metres_per_lon, (north - south) * METRES_PER_DEGREE)
    resolution = _resolution(longest_m)
    cell = h3.latlng_to_cell(middle, (west + east) / 2, resolution)
    margin_m = WIDENED_BY_EDGES * max(
        h3.edge_length(edge, unit="m") for edge in h3.origin_to_directed_edges(cell)
    )
    lon, lat = margin_m / metres_per_lon, margin_m / METRES_PER_DEGREE
    west, south, east, north = west - lon, south - lat, east + lon, north + lat
    if longest_m > 1_000_000 or west < -180 or east > 180 or abs(middle) > 80:
        return [(0, 2**63 - 1)]
    corners = [(south, west), (south, east), (north, east), (north, west)]
    cover = h3.h3shape_to_cells_experimental(h3.LatLngPoly(corners), resolution, contain="overlap")
    return sorted(id_range(cell, CELL_RESOLUTION) for cell in cover)


def _resolution(longest_m: float) -> int:
    """Return the finest resolution whose cells are few across the box."""
    fitting = (
        resolution
        for resolution in range(CELL_RESOLUTION, 0, -1)
        if h3.average_hexagon_edge_length(resolution, unit="m") * CELLS_ACROSS >= longest_m
    )
    return next(fitting, 0)
