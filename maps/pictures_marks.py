"""Marks on a picture of the town: gaps with their rank, places by shape, names of villages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image, ImageDraw, ImageFont

from gis.layers import Layers
from gis.profiles import load
from maps.overlays_coverage import LEVELS, RANKED
from maps.style import style
from planner.results_coverage import Coverage

Pixels = Callable[[npt.ArrayLike, npt.ArrayLike], npt.NDArray[np.float64]]
Draw = ImageDraw.ImageDraw
INK = style()["tokens"]["light"]["text"]
WHITE = "#ffffff"
# A drop is drawn so much larger than a page's, which has fewer pixels to an inch.
LARGER = 0.28


@cache
def font(size: int) -> Any:
    """Return a font that has Chinese characters where the machine has one."""
    found = _chinese_font()
    return ImageFont.load_default(size) if found is None else found.font_variant(size=size)


@cache
def has_chinese() -> bool:
    """Return whether the machine has a font with Chinese characters."""
    return _chinese_font() is not None


@cache
def _chinese_font() -> ImageFont.FreeTypeFont | None:
    """Return the first font of the list, by its path or by its name in a folder of fonts."""
    for path, face in load("report")["fonts"]["files"]:
        with suppress(OSError):  # also looked for in XDG_DATA_HOME/fonts
            return ImageFont.truetype(path, index=face)
    return None


def draw_text(draw: Draw, at: tuple[float, float], text: str, size: int, **look: Any) -> None:
    """Write a text with a white rim, so that it reads on any ground."""
    look = {"fill": INK, "stroke_width": max(size // 8, 1), "stroke_fill": WHITE, **look}
    draw.text(at, text, font=font(size), **look)


def draw_villages(draw: Draw, layers: Layers, pixels: Pixels, letter: int) -> None:
    """Write the villages' names where they do not cover one another."""
    villages = layers["villages"]
    named = villages[villages["name"].notna()] if has_chinese() else villages.head(0)
    points = shapely.point_on_surface(named.geometry.to_numpy())
    size = round(letter * 0.82)
    taken: list[tuple[float, ...]] = []
    for name, (x, y) in zip(
        named["name"], pixels(shapely.get_x(points), shapely.get_y(points)), strict=True
    ):
        box = draw.textbbox((x, y), name, font=font(size), anchor="mm")
        if not any(_meet(box, other) for other in taken):
            taken.append(box)
            draw_text(draw, (x, y), name, size, anchor="mm", fill="#57606a")


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def draw_gaps(draw: Draw, coverage: Coverage, pixels: Pixels, letter: int) -> None:
    """Draw the outlines of the first gaps, and their ranks."""
    red = style()["status"]["not_met"]
    first = coverage.gaps.head(RANKED)
    for shape in first.geometry[first.geometry.notna()]:
        for part in shapely.get_parts(shape):
            ring = shapely.get_coordinates(part.exterior)
            line = [(float(x), float(y)) for x, y in pixels(ring[:, 0], ring[:, 1])]
            draw.line(line, fill=WHITE, width=max(letter // 3, 3), joint="curve")
            draw.line(line, fill=red, width=max(letter // 5, 2), joint="curve")
    for rank, (x, y) in zip(first["rank"], pixels(first["lon"], first["lat"]), strict=True):
        draw_badge(draw, (x, y), str(rank), letter)


def draw_badge(draw: Draw, at: tuple[float, float], text: str, letter: int) -> None:
    """Draw a number in a red disc."""
    (x, y), r = at, letter * 0.8
    red = style()["status"]["not_met"]
    draw.ellipse((x - r, y - r, x + r, y + r), fill=red, outline=WHITE, width=max(letter // 8, 1))
    draw.text((x, y), text, font=font(round(letter * 1.05)), fill=WHITE, anchor="mm")


def draw_sites(draw: Draw, coverage: Coverage, pixels: Pixels, letter: int) -> None:
    """Draw the places by what is seen of them, the unseen on top."""
    for level in LEVELS:
        rows = coverage.sites[coverage.sites["level"] == level]
        points = shapely.point_on_surface(rows.geometry.to_numpy())
        for x, y in pixels(shapely.get_x(points), shapely.get_y(points)):
            draw_mark(draw, (x, y), level, letter)


def draw_mark(draw: Draw, at: tuple[float, float], look: str, letter: int) -> None:
    """Draw the mark of a look of `data/profiles/style.toml`."""
    shape, radius, colour, filled = style()["marks"][look]
    (x, y), r = at, radius * letter * LARGER / 4
    fill, line = (colour if filled else WHITE), (WHITE if filled else colour)
    width = max(letter // 9, 1)
    if shape == "circle":
        draw.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline=line, width=width)
    elif shape == "triangle":
        corners = [(x, y - 1.2 * r), (x + r, y + 0.8 * r), (x - r, y + 0.8 * r)]
        draw.polygon(corners, fill=fill, outline=line, width=width)
    elif shape == "square":
        draw.rectangle((x - r, y - r, x + r, y + r), fill=fill, outline=line, width=width)
    else:
        for slope in (-1, 1):
            draw.line([(x - r, y - slope * r), (x + r, y + slope * r)], fill=colour, width=width)


def blend(colour: str, opacity: float) -> tuple[int, int, int]:
    """Return a colour as it looks upon the base map's ground.

    Examples
    --------
    >>> blend("#000000", 0.5)
    (122, 122, 122)
    """
    ground = style()["base"]["ground"]
    under = Image.new("RGB", (1, 1), (ground,) * 3)
    over = Image.new("RGB", (1, 1), colour)
    mixed = Image.blend(under, over, opacity).getpixel((0, 0))
    assert isinstance(mixed, tuple)
    return mixed[0], mixed[1], mixed[2]
