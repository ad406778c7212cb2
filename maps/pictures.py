"""Pictures of a whole town for paper: the map's own tiles in a frame, with all that explains them.

A page in the browser can be moved and clicked; paper cannot. So a picture carries its marks, its
legend, a scale and north itself.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from gis.layers import Layers
from maps.pictures_legend import draw_legend, draw_north, draw_scale, draw_sources
from maps.pictures_marks import draw_gaps, draw_sites, draw_villages
from maps.report_model import ReportLang
from maps.tiles import Tiles, build_tiles
from maps.tiles_grid import (
    MAX_LAT,
    MAX_ZOOM,
    SIZE_PX,
    Bounds,
    metres_per_px,
    png,
    tile_count,
    tiles_within,
)
from maps.views import town_bounds
from planner.results_coverage import Coverage

Floats = npt.NDArray[np.float64]
Marks = Literal["gaps", "sites"]

# Ground shown around the town, as a share of its size.
ROOM = 0.03
# A picture is made of no more tiles than this; beyond it, they are enlarged.
MOST_TILES = 180
LEGEND_SHARE = 0.24
WIDE = (1500, 900)
# Beyond so many metres to a pixel, buildings are too small to be told apart.
BUILDINGS_TO_M = 5.0
FRAME = "#57606a"
COLOURS = 256


@dataclass(frozen=True)
class Sight:
    """Where a picture's map lies on the ground, and on the picture.

    Parameters
    ----------
    centre
        Middle of the map in the unit square of tile 0/0/0: x eastward, y southward.
    per_unit
        Pixels of the map for one side of that square.
    width, height
        Of the map, pixels.
    """

    centre: tuple[float, float]
    per_unit: float
    width: int
    height: int

    def pixels(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
        """Return (n, 2) pixels x, y from the map's upper left corner, of places in degrees."""
        at = np.column_stack([*unit_square(np.asarray(lon, float), np.asarray(lat, float))])
        middle = np.array([self.width, self.height]) / 2
        return np.asarray((at - self.centre) * self.per_unit + middle, np.float64)

    def metres_per_px(self) -> float:
        """Return the ground length of a pixel in the middle of the map."""
        zoom = math.log2(self.per_unit / SIZE_PX)
        lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * self.centre[1]))))
        return metres_per_px(lat, zoom)

    def bounds(self) -> Bounds:
        """Return west, south, east, north of the map, degrees."""
        half = np.array([self.width, self.height]) / 2 / self.per_unit
        left, top = np.subtract(self.centre, half)
        right, bottom = np.add(self.centre, half)
        south, north = (
            math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y)))) for y in (bottom, top)
        )
        return 360 * left - 180, south, 360 * right - 180, north


@dataclass(frozen=True)
class Wanted:
    """What one picture shows.

    Parameters
    ----------
    theme
        What colours the ground: one of `maps.tiles.THEMES`; "base" for none.
    marks
        "gaps" for the first three with their ranks, "sites" for the places by what is seen of
        them.
    """

    theme: str = "cells"
    marks: tuple[Marks, ...] = ("gaps",)


def town_picture(
    layers: Layers,
    coverage: Coverage,
    theme: str = "cells",
    *,
    marks: Sequence[Marks] = ("gaps",),
    lang: ReportLang = "both",
    size_px: tuple[int, int] = WIDE,
) -> bytes:
    """Return the town as one PNG: map, marks, legend, scale bar and north.

    Parameters
    ----------
    layers
        The town.
    coverage
        What its cameras see.
    theme, marks
        What it shows; see `Wanted`.
    lang
        Language or languages of the legend; English alone where no font has Chinese characters.
    size_px
        Width and height of the whole.
    """
    wanted = {"one": Wanted(theme, tuple(marks))}
    return town_pictures(layers, coverage, wanted, lang=lang, size_px=size_px)["one"]


def town_pictures(
    layers: Layers,
    coverage: Coverage,
    wanted: Mapping[str, Wanted],
    *,
    lang: ReportLang = "both",
    size_px: tuple[int, int] = WIDE,
) -> dict[str, bytes]:
    """Return several pictures of one town by name, their base map drawn once.

    Parameters
    ----------
    layers, coverage, lang, size_px
        As of `town_picture`.
    wanted
        Name to what the picture shows.
    """
    sight = sight_of(town_bounds(layers), round(size_px[0] * (1 - LEGEND_SHARE)), size_px[1])
    zoom = _zoom(sight)
    shown = layers
    if sight.metres_per_px() > BUILDINGS_TO_M:
        shown = layers.replaced(buildings=layers["buildings"].iloc[:0])
    base = _mosaic(build_tiles("base", shown), sight, zoom)
    pictures = {}
    for name, about in wanted.items():
        ground = base.copy()
        if about.theme != "base":
            tiles = build_tiles(about.theme, layers, coverage)
            ground.alpha_composite(_mosaic(tiles, sight, max(zoom - 1, 0)))
        _draw_marks(ground, layers, coverage, about, sight, lang)
        pictures[name] = _framed(ground, coverage, about, lang, size_px)
    return pictures


def _draw_marks(
    ground: Image.Image,
    layers: Layers,
    coverage: Coverage,
    about: Wanted,
    sight: Sight,
    lang: ReportLang,
) -> None:
    draw, letter = ImageDraw.Draw(ground, "RGBA"), _letter(sight.height)
    draw_villages(draw, layers, sight.pixels, letter)
    if "sites" in about.marks:
        draw_sites(draw, coverage, sight.pixels, letter)
    if "gaps" in about.marks:
        draw_gaps(draw, coverage, sight.pixels, letter)
    draw_north(draw, lang, sight.width, letter)
    draw_scale(draw, lang, sight.metres_per_px(), sight.height, letter)
    draw_sources(draw, layers, (sight.width, sight.height), letter)


def _framed(
    ground: Image.Image,
    coverage: Coverage,
    about: Wanted,
    lang: ReportLang,
    size_px: tuple[int, int],
) -> bytes:
    """Return the map with its legend beside it, in a frame."""
    width, height = size_px
    picture = Image.new("RGB", size_px, "#ffffff")
    picture.paste(ground.convert("RGB"), (0, 0))
    draw = ImageDraw.Draw(picture)
    box = (ground.width, 0, width, height)
    draw_legend(draw, coverage, about.theme, about.marks, lang, box, _letter(height))
    draw.rectangle((0, 0, width - 1, height - 1), outline=FRAME, width=2)
    draw.line([(ground.width, 0), (ground.width, height)], fill=FRAME, width=2)
    return png(picture.quantize(COLOURS, dither=Image.Dither.NONE))


def _letter(height: int) -> int:
    """Return the size of letters on a picture of so many pixels."""
    return max(round(height / 42), 9)


def unit_square(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return places as x and y of the unit square of tile 0/0/0.

    Examples
    --------
    >>> [float(v) for v in unit_square(np.array(0.0), np.array(0.0))]
    [0.5, 0.5]
    """
    radians = np.radians(np.clip(lat, -MAX_LAT, MAX_LAT))
    return (lon + 180) / 360, (1 - np.arcsinh(np.tan(radians)) / math.pi) / 2


def sight_of(bounds: Bounds, width: int, height: int) -> Sight:
    """Return the map of so many pixels that shows all of a box of degrees, and some room."""
    west, south, east, north = bounds
    x, y = unit_square(np.array([west, east]), np.array([north, south]))
    wide, high = max(x[1] - x[0], 1e-7), max(y[1] - y[0], 1e-7)
    per_unit = min(width / wide, height / high) / (1 + 2 * ROOM)
    return Sight((float(x.mean()), float(y.mean())), float(per_unit), width, height)


def _zoom(sight: Sight) -> int:
    """Return the zoom whose tiles are at least as fine as the map, as far as they are few."""
    wanted = math.ceil(math.log2(sight.per_unit / SIZE_PX) - 0.2)
    zoom = min(max(wanted, 0), MAX_ZOOM)
    while zoom > 0 and tile_count(sight.bounds(), zoom) > MOST_TILES:
        zoom -= 1
    return zoom


def _mosaic(tiles: Tiles, sight: Sight, zoom: int) -> Image.Image:
    """Return the tiles of a zoom as one picture of the map's own size."""
    found = list(tiles_within(sight.bounds(), zoom))
    left, top = (min(tile[k] for tile in found) for k in (0, 1))
    right, bottom = (max(tile[k] for tile in found) + 1 for k in (0, 1))
    side = ((right - left) * SIZE_PX, (bottom - top) * SIZE_PX)
    whole = Image.new("RGBA", side)
    for x, y in found:
        tile = Image.open(io.BytesIO(tiles.png(zoom, x, y))).convert("RGBA")
        whole.paste(tile, ((x - left) * SIZE_PX, (y - top) * SIZE_PX))
    scale = SIZE_PX * 2**zoom
    half = np.array([sight.width, sight.height]) / 2 / sight.per_unit
    first = (np.subtract(sight.centre, half) * scale) - np.array([left, top]) * SIZE_PX
    last = (np.add(sight.centre, half) * scale) - np.array([left, top]) * SIZE_PX
    box = tuple(np.clip([*first, *last], 0, [*side, *side]).tolist())
    return whole.resize((sight.width, sight.height), Image.Resampling.LANCZOS, box=box)
