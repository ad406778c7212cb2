"""The cells of a town and their parents, level by level: what all themes of cells share."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gis import hexes
from gis.hexes import Cells
from gis.profiles import load
from maps.tiles_grid import SIZE_PX, Bounds, metres_per_px, middle_lat, tile_of
from maps.tiles_lattice import Floats, Lattice, Rows, build_lattice

# A regular hexagon of width w has the area sqrt(3) / 2 w^2, and a parent has seven children.
AREA_BY_WIDTH = math.sqrt(3) / 2
WIDTH_STEP = math.sqrt(7)
METRES_PER_DEG = 111_000.0


@dataclass(frozen=True, eq=False)
class Level:
    """Cells of one resolution.

    Parameters
    ----------
    ids
        (n,) ascending.
    """

    ids: Cells = field(repr=False)

    @cached_property
    def lattice(self) -> Lattice | None:
        """Where the cells lie, made when it is first needed."""
        return build_lattice(self.ids)

    def rows(self, lon: Floats, lat: Floats) -> Rows:
        """Return the position in `ids` of the cell at each crossing, (lat, lon); -1 for none."""
        if self.lattice is not None:
            return self.lattice.positions(lon, lat)
        resolution = int(hexes.resolution_of(self.ids[:1])[0])
        across, down = np.meshgrid(lon, lat)
        wanted = hexes.cell_of_points(across.ravel(), down.ravel(), resolution)
        at = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        found = np.where(self.ids[at] == wanted, at, -1)
        return found.astype(np.int32).reshape(across.shape)


@dataclass(frozen=True, eq=False)
class CellGround:
    """Cells and their parents.

    Parameters
    ----------
    order
        (n,) positions that put the cells as they were given in ascending order.
    width_m
        Width of a cell of the finest resolution.
    bounds
        Box around the cells: west, south, east, north, degrees.
    levels
        Resolution to its cells, the finest first; empty where there are none.
    """

    order: npt.NDArray[np.int64] = field(repr=False)
    width_m: float
    bounds: Bounds
    levels: dict[int, Level] = field(repr=False)

    @classmethod
    def build(cls, cells: Cells) -> CellGround:
        """Return cells of one resolution with as many coarser levels as `tiles.toml` says.

        Parameters
        ----------
        cells
            (n,) different cells, in any order.

        Examples
        --------
        >>> ground = CellGround.build(hexes.cell_of_points([120.72, 120.73], [30.15, 30.15], 12))
        >>> [(resolution, len(level.ids)) for resolution, level in ground.levels.items()][:3]
        [(12, 2), (11, 2), (10, 2)]
        """
        ids = np.asarray(cells, np.uint64)
        order = np.argsort(ids, kind="stable")
        ids = ids[order]
        if not len(ids):
            return cls(order, 1.0, (0.0, 0.0, 0.0, 0.0), {})
        finest = int(hexes.resolution_of(ids[:1])[0])
        levels = {finest: Level(ids)}
        coarsest = max(finest - _table("cells")["coarser"], 0)
        for resolution in range(finest - 1, coarsest - 1, -1):
            ids = _first_of_each(hexes.parents(ids, resolution))
            levels[resolution] = Level(ids)
        area_m2 = float(hexes.areas_m2(levels[finest].ids[:1])[0])
        width_m = math.sqrt(area_m2 / AREA_BY_WIDTH)
        return cls(order, width_m, _bounds_of(ids), levels)

    def resolution_at(self, z: int, y: int, use: str = "cells") -> tuple[int, float]:
        """Return the finest resolution whose cells are large enough on a tile, and their width, px.

        Parameters
        ----------
        z, y
            Zoom and row of the tile.
        use
            Section of `tiles.toml` that says how large: "cells" or "shapes".
        """
        finest, px_m = max(self.levels), metres_per_px(middle_lat(z, y), z)
        for resolution in self.levels:
            width_px = self.width_m * WIDTH_STEP ** (finest - resolution) / px_m
            if width_px >= _table(use)["least_px"]:
                return resolution, width_px
        return min(self.levels), width_px

    def touches(self, z: int, x: int, y: int) -> bool:
        """Return whether a tile touches the box of the cells."""
        west, south, east, north = self.bounds
        left, top = tile_of(west, north, z)
        right, bottom = tile_of(east, south, z)
        return bool(self.levels) and left <= x <= right and top <= y <= bottom

    def rows(self, resolution: int, z: int, x: int, y: int, rim: int = 1) -> Rows:
        """Return the cell of each pixel of a tile: its position among those of a resolution.

        Parameters
        ----------
        resolution
            One of `levels`.
        z, x, y
            The tile.
        rim
            So many more rows and columns, on the upper and left side.
        """
        return self.levels[resolution].rows(*pixel_places(z, x, y, rim))

    def parent_rows(self, resolution: int) -> npt.NDArray[np.int64]:
        """Return the position of each finest cell's ancestor among those of a resolution, (n,)."""
        ancestors = hexes.parents(self.levels[max(self.levels)].ids, resolution)
        return np.cumsum(np.append(False, ancestors[1:] != ancestors[:-1]))


def pixel_places(z: int, x: int, y: int, rim: int = 1) -> tuple[Floats, Floats]:
    """Return lon of the columns and lat of the rows of a tile's pixels, at their middles.

    Parameters
    ----------
    z, x, y
        The tile.
    rim
        So many more, on the upper and left side.
    """
    steps = (np.arange(-rim, SIZE_PX) + 0.5) / SIZE_PX
    lon = np.clip(360 * (x + steps) / 2**z - 180, -180, 180)
    return lon, np.degrees(np.arctan(np.sinh(math.pi * (1 - 2 * (y + steps) / 2**z))))


def _table(use: str) -> dict[str, Any]:
    section: dict[str, Any] = load("tiles")[use]
    return section


def _first_of_each(ids: Cells) -> Cells:
    """Return ids without repetitions; they are ascending, as parents of ascending ids are."""
    return np.asarray(ids[np.append(True, ids[1:] != ids[:-1])])


def _bounds_of(cells: Cells) -> Bounds:
    """Return a box around cells, with room for the largest of them."""
    lon, lat = hexes.centres(cells)
    room = 1.2 * math.sqrt(float(hexes.areas_m2(cells[:1])[0])) / METRES_PER_DEG
    wide = room / max(math.cos(math.radians(float(np.abs(lat).max()))), 0.01)
    west, south = float(lon.min()) - wide, float(lat.min()) - room
    return west, south, float(lon.max()) + wide, float(lat.max()) + room
