"""H3 cells as PNG tiles, coloured by classes of one of their values."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from gis import hexes
from maps.scales import Scale, scale
from maps.style import rgb, style
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
METRES_PER_DEG = 111_000.0
# Hatching: lines so many pixels apart (a divisor of a tile's side) and so wide.
HATCH_STEP_PX = 8
HATCH_LINE_PX = 2
HATCH_OPACITY = 170

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
    scale
        The classes.
    """

    side_m: float
    bounds: Bounds
    levels: dict[int, Level] = field(repr=False)
    scale: Scale

    @classmethod
    def build(
        cls, cells: pd.DataFrame, column: str = "value", classes: Scale | None = None
    ) -> CellTiles:
        """Return the cells and their parents, weighted by open ground.

        Parameters
        ----------
        cells
            As `planner.results_coverage.Coverage.cells`, or `planner.compare.Change.cells`, whose
            cells all weigh the same.
        column
            Which value to draw.
        classes
            Its classes; None for those of a seen share.
        """
        classes = classes or scale("seen")
        value = cells[column].to_numpy(float, na_value=np.nan)
        drawn = np.abs(value) >= classes.least  # unknown ones are not
        open_m2 = cells["open_m2"].to_numpy(float) if "open_m2" in cells else np.ones(len(cells))
        drawn &= open_m2 > 0
        order = np.argsort(cells.index.to_numpy(np.uint64)[drawn])
        value, weight = value[drawn][order], open_m2[drawn][order]
        ids = cells.index.to_numpy(np.uint64)[drawn][order]
        if not len(ids):
            return cls(1.0, (0.0, 0.0, 0.0, 0.0), {}, classes)
        finest = int(hexes.resolution_of(ids[:1])[0])
        levels: dict[int, Level] = {finest: (ids, classes.classes(value))}
        for resolution in range(finest - 1, max(finest - COARSER, 0) - 1, -1):
            parents, row = np.unique(hexes.parents(ids, resolution), return_inverse=True)
            levels[resolution] = (parents, classes.classes_of_parents(value, weight, row))
        side_m = math.sqrt(float(hexes.areas_m2(ids[:1])[0]) / AREA_BY_SIDE)
        return cls(side_m, _bounds_of(levels[min(levels)][0]), levels, classes)

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
            values[edge & (values > 0)] += len(self.scale.colours)
        if any(self.scale.hatched):
            hatch = (0, *self.scale.hatched, *self.scale.hatched)
            values[np.array(hatch, bool)[values] & HATCHING] = 2 * len(self.scale.colours) + 1
        return _picture(values, self.scale)

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


def _hatching() -> npt.NDArray[np.bool_]:
    """Return the pixels of slanting lines that go on from tile to tile."""
    rows, columns = np.indices((SIZE_PX, SIZE_PX))
    return np.asarray((rows + columns) % HATCH_STEP_PX < HATCH_LINE_PX)


HATCHING = _hatching()


@cache
def _palette(classes: Scale) -> tuple[list[int], bytes]:
    """Return the colours of the picture's values, and how opaque each is.

    They are: nothing, each class, each class where it meets another cell, hatching.
    """
    table = style()["seen"]
    line, share = rgb(table["outline"]), table["outline_opacity"]
    fills = [rgb(colour) for colour in classes.colours]
    edges = [
        tuple(round(f * (1 - share) + e * share) for f, e in zip(fill, line, strict=True))
        for fill in fills
    ]
    colours = [0, 0, 0, *(part for colour in [*fills, *edges, line] for part in colour)]
    opaque = [round(255 * opacity) for opacity in classes.opacities]
    return colours, bytes([0, *opaque, *opaque, HATCH_OPACITY])


def _picture(values: npt.NDArray[np.uint8], classes: Scale) -> bytes:
    image = Image.fromarray(values).convert("P")
    colours, opaque = _palette(classes)
    image.putpalette(colours)
    image.info["transparency"] = opaque
    return png(image)


EMPTY_PNG = _picture(np.zeros((SIZE_PX, SIZE_PX), np.uint8), scale("seen"))
