"""H3 cells as PNG tiles, coloured by the share of their open ground that is seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from gis import hexes
from maps.style import rgb, seen_class, style
from maps.tiles_grid import SIZE_PX, Bounds, check_tile, metres_per_px, middle_lat, png, tile_of

# A cell drawn smaller than this (side, px) is shown by its parent instead.
LEAST_SIDE_PX = 2.5
# From this side on cells carry an outline.
OUTLINED_SIDE_PX = 8.0
# So many resolutions above that of the cells are kept for the small zooms.
COARSER = 6
# A regular hexagon of side s has the area 3 sqrt(3) / 2 s^2, and a parent has seven children.
AREA_BY_SIDE = 1.5 * math.sqrt(3)
SIDE_STEP = math.sqrt(7)
# Values of the picture: 0 nothing, then each class, then each class where it meets another cell.
CLASSES = 5
METRES_PER_DEG = 111_000.0

Floats = npt.NDArray[np.float64]
Level = tuple[npt.NDArray[np.uint64], npt.NDArray[np.int8]]


@dataclass(frozen=True, eq=False)
class CellTiles:
    """Cells ready to be drawn at any zoom.

    Parameters
    ----------
    side_m
        Side of a cell of the finest resolution.
    bounds
        Box around the cells: west, south, east, north, degrees.
    levels
        Resolution to (ids ascending, class of each).
    """

    side_m: float
    bounds: Bounds
    levels: dict[int, Level] = field(repr=False)

    @classmethod
    def build(cls, cells: pd.DataFrame, share: str = "value") -> CellTiles:
        """Return the cells with their parents' mean shares, weighted by open ground.

        Parameters
        ----------
        cells
            As `planner.results.Coverage.cells`.
        share
            Which share to draw: "low", "value" or "high".
        """
        known = cells[cells[share].notna() & (cells["open_m2"] > 0)].sort_index()
        ids = known.index.to_numpy(np.uint64)
        if not len(ids):
            return cls(1.0, (0.0, 0.0, 0.0, 0.0), {})
        finest = int(hexes.resolution_of(ids[:1])[0])
        weight, seen = known["open_m2"].to_numpy(), known[share].to_numpy()
        levels: dict[int, Level] = {finest: (ids, seen_class(seen))}
        for resolution in range(finest - 1, max(finest - COARSER, 0) - 1, -1):
            parents, row = np.unique(hexes.parents(ids, resolution), return_inverse=True)
            mean = np.bincount(row, weight * seen) / np.bincount(row, weight)
            levels[resolution] = (parents, seen_class(mean))
        side_m = math.sqrt(float(hexes.areas_m2(ids[:1])[0]) / AREA_BY_SIDE)
        return cls(side_m, _bounds_of(levels[min(levels)][0]), levels)

    def png(self, z: int, x: int, y: int) -> bytes:
        """Return one tile.

        Raises
        ------
        NotFoundError
            If there is no such tile.
        """
        check_tile(z, x, y)
        if not self.levels:
            return EMPTY_PNG
        resolution, side_px = self._level(metres_per_px(middle_lat(z, y), z))
        ids, classes = self.levels[resolution]
        if not self._near(z, x, y):
            return EMPTY_PNG
        pixel = _pixel_cells(resolution, z, x, y)
        at = np.minimum(np.searchsorted(ids, pixel), len(ids) - 1)
        shown = np.where(ids[at] == pixel, classes[at] + 1, 0).reshape(SIZE_PX + 1, SIZE_PX + 1)
        values = shown[1:, 1:].astype(np.uint8)
        if not values.any():
            return EMPTY_PNG
        if side_px >= OUTLINED_SIDE_PX:
            grid = pixel.reshape(shown.shape)
            edge = (grid[1:, 1:] != grid[:-1, 1:]) | (grid[1:, 1:] != grid[1:, :-1])
            values[edge & (values > 0)] += CLASSES
        return _picture(values)

    def _near(self, z: int, x: int, y: int) -> bool:
        """Return whether a tile touches the box of the cells."""
        west, south, east, north = self.bounds
        left, top = tile_of(west, north, z)
        right, bottom = tile_of(east, south, z)
        return left <= x <= right and top <= y <= bottom

    def _level(self, px_m: float) -> tuple[int, float]:
        """Return the finest resolution whose cells are large enough to see, and their side."""
        finest = max(self.levels)
        for resolution in sorted(self.levels, reverse=True):
            side_px = self.side_m * SIDE_STEP ** (finest - resolution) / px_m
            if side_px >= LEAST_SIDE_PX:
                return resolution, side_px
        return min(self.levels), LEAST_SIDE_PX


def _bounds_of(cells: npt.NDArray[np.uint64]) -> Bounds:
    """Return a box around cells, with room for the largest of them."""
    lon, lat = hexes.centres(cells)
    room = 1.2 * math.sqrt(float(hexes.areas_m2(cells[:1])[0])) / METRES_PER_DEG
    wide = room / max(math.cos(math.radians(float(np.abs(lat).max()))), 0.01)
    west, south = float(lon.min()) - wide, float(lat.min()) - room
    return west, south, float(lon.max()) + wide, float(lat.max()) + room


@lru_cache(maxsize=16)
def _pixel_cells(resolution: int, z: int, x: int, y: int) -> npt.NDArray[np.uint64]:
    """Return the cell each pixel lies in; the themes of one place ask for the same ones."""
    return hexes.cell_of_points(*_pixel_places(z, x, y), resolution)


def _pixel_places(z: int, x: int, y: int) -> tuple[Floats, Floats]:
    """Return lon and lat of the pixels' centres, with one row and column more up and left."""
    steps = (np.arange(-1, SIZE_PX) + 0.5) / SIZE_PX
    lon = np.clip(360 * (x + steps) / 2**z - 180, -180, 180)
    row = math.pi * (1 - 2 * (y + steps) / 2**z)
    lat = np.degrees(np.arctan(np.sinh(row)))
    grid_lon, grid_lat = np.meshgrid(lon, lat)
    return grid_lon.ravel(), grid_lat.ravel()


def _palette() -> tuple[list[int], bytes]:
    """Return the colours of the picture's values, and how opaque each is."""
    table = style()["seen"]
    line, share = rgb(table["outline"]), table["outline_opacity"]
    fills = [rgb(colour) for colour in table["colours"]]
    edges = [
        tuple(round(f * (1 - share) + e * share) for f, e in zip(fill, line, strict=True))
        for fill in fills
    ]
    colours = [0, 0, 0, *(part for colour in [*fills, *edges] for part in colour)]
    opaque = [round(255 * opacity) for opacity in table["opacities"]]
    return colours, bytes([0, *opaque, *opaque])


def _picture(values: npt.NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(values).convert("P")
    colours, opaque = _palette()
    image.putpalette(colours)
    image.info["transparency"] = opaque
    return png(image)


EMPTY_PNG = _picture(np.zeros((SIZE_PX, SIZE_PX), np.uint8))
