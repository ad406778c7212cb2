"""H3 cells as PNG tiles, coloured by classes of one of their values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from gis.profiles import load
from maps.scales import Bytes, Scale, scale
from maps.style import rgb, style
from maps.tiles_grid import SIZE_PX, check_tile, png
from maps.tiles_ground import CellGround

# Hatching: lines so many pixels apart (a divisor of a tile's side) and so wide.
HATCH_STEP_PX = 8
HATCH_LINE_PX = 2
HATCH_OPACITY = 170


@dataclass(frozen=True, eq=False)
class CellTiles:
    """Cells ready to be drawn at any zoom.

    Parameters
    ----------
    ground
        The cells and their parents.
    classes
        Resolution to the class of each of its cells, -1 for those that are not drawn.
    values
        (n,) value of each cell of the finest resolution, in the order of `ground`.
    scale
        What the classes are.
    """

    ground: CellGround = field(repr=False)
    classes: dict[int, Bytes] = field(repr=False)
    values: npt.NDArray[np.float32] = field(repr=False)
    scale: Scale

    @classmethod
    def build(
        cls,
        cells: pd.DataFrame,
        column: str = "value",
        classes: Scale | None = None,
        ground: CellGround | None = None,
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
        ground
            The same cells ready, for several themes to share; None makes it.
        """
        classes = classes or scale("seen")
        ground = ground or CellGround.build(cells.index.to_numpy(np.uint64))
        value = cells[column].to_numpy(float, na_value=np.nan)[ground.order]
        open_m2 = cells["open_m2"].to_numpy(float) if "open_m2" in cells else np.ones(len(cells))
        weight = open_m2[ground.order]
        drawn = (np.abs(value) >= classes.least) & (weight > 0)  # unknown ones are not
        found = {
            resolution: _classes_at(ground, resolution, value, weight, drawn, classes)
            for resolution in ground.levels
        }
        return cls(ground, found, value.astype(np.float32), classes)

    def png(self, z: int, x: int, y: int) -> bytes:
        """Return one tile.

        Raises
        ------
        NotFoundError
            If there is no such tile.
        """
        check_tile(z, x, y)
        if not self.ground.touches(z, x, y):
            return EMPTY_PNG
        resolution, width_px = self.ground.resolution_at(z, y)
        cell = self.ground.rows(resolution, z, x, y)
        values = np.append(self.classes[resolution] + 1, 0).astype(np.uint8)[cell[1:, 1:]]
        if not values.any():
            return EMPTY_PNG
        if width_px >= load("tiles")["cells"]["outlined_px"]:
            edge = (cell[1:, 1:] != cell[:-1, 1:]) | (cell[1:, 1:] != cell[1:, :-1])
            values[edge & (values > 0)] += len(self.scale.colours)
        if any(self.scale.hatched):
            hatch = (0, *self.scale.hatched, *self.scale.hatched)
            values[np.array(hatch, bool)[values] & HATCHING] = 2 * len(self.scale.colours) + 1
        return _picture(values, self.scale)


def _classes_at(
    ground: CellGround,
    resolution: int,
    value: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
    drawn: npt.NDArray[np.bool_],
    classes: Scale,
) -> Bytes:
    """Return the class of each cell of a resolution: what those of its cells that are drawn say."""
    found = np.full(len(ground.levels[resolution].ids), -1, np.int8)
    if resolution == max(ground.levels):
        found[drawn] = classes.classes(value[drawn])
    elif drawn.any():
        row = ground.parent_rows(resolution)[drawn]
        new = np.append(True, row[1:] != row[:-1])
        number = np.cumsum(new) - 1
        found[row[new]] = classes.classes_of_parents(value[drawn], weight[drawn], number)
    return found


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
