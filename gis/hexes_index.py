"""Polygons of a layer as H3 cells: which polygon each cell belongs to, with nothing lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.crs import to_wgs84
from gis.hexes import Cells, Floats, Ints, areas_m2, cell_of_points
from gis.hexes_fill import fill_polygons

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CellIndex:
    """The cells of the polygons of one layer.

    Parameters
    ----------
    resolution
        H3 resolution.
    polygons
        Number of polygons, n.
    cells
        (m,) ids, ascending. A cell whose centre lies in a polygon comes once; a shared one stands
        behind it.
    owner
        (m,) position 0..n-1 of the polygon each belongs to. Where polygons overlap, the first one
        has the cell.
    shared
        (m,) True where the centre of the cell is not its owner's: the one cell of a polygon that
        holds no centre, being smaller than a cell, a thin strip or covered by an earlier one.
    """

    resolution: int
    polygons: int
    cells: Cells = field(repr=False)
    owner: Ints = field(repr=False)
    shared: Bools = field(repr=False)

    @cached_property
    def area_m2(self) -> Floats:
        """Area of each cell on the sphere, (m,); worked out when it is first asked for."""
        return areas_m2(self.cells)

    def summary(self) -> str:
        """Return one line: how many cells, of how many polygons."""
        return (
            f"{len(self.cells)} cells of resolution {self.resolution} in {self.polygons} polygons, "
            f"{int(self.shared.sum())} of them shared"
        )


def index_layer(frame: gpd.GeoDataFrame, resolution: int) -> CellIndex:
    """Return the cells of a polygon layer, by the rule of the centre.

    Polygons that partition the town partition its cells. A polygon in which no centre lies still
    has one cell, that of a point inside it, flagged as shared.

    Parameters
    ----------
    frame
        Polygons in any CRS; rows without a shape have no cells.
    resolution
        H3 resolution, 0 to 15.

    Raises
    ------
    CrsError
        If the frame has no CRS.
    InputError
        If a shape is no polygon or not on earth, or there is no such resolution.

    Examples
    --------
    >>> village, hut = shapely.box(120.72, 30.15, 120.73, 30.16), shapely.box(120, 30, 120.0001, 30)
    >>> index_layer(gpd.GeoDataFrame(geometry=[village, hut.buffer(1e-5)], crs=4326), 11).summary()
    '642 cells of resolution 11 in 2 polygons, 1 of them shared'
    """
    shapes = to_wgs84(frame).geometry.to_numpy()
    cells, owner = fill_polygons(shapes, resolution)
    # Each cell to the first of its polygons: the sort is stable, and these come by position.
    order = np.lexsort((owner, cells))
    cells, owner = cells[order], owner[order]
    first = np.ones(len(cells), dtype=bool)
    first[1:] = cells[1:] != cells[:-1]
    cells, owner = cells[first], owner[first]
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    without = np.setdiff1d(np.flatnonzero(there), owner)
    points = shapely.point_on_surface(shapes[without])
    lent = cell_of_points(shapely.get_x(points), shapely.get_y(points), resolution)
    shared = np.repeat([False, True], [len(cells), len(lent)])
    cells, owner = np.concatenate([cells, lent]), np.concatenate([owner, without])
    order = np.lexsort((owner, shared, cells))
    return CellIndex(resolution, len(frame), cells[order], owner[order], shared[order])
