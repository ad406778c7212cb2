"""The map of a card drawn in pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from gis.profiles import load
from maps.patrol_card import TeamCard
from maps.patrol_card_ground import CardGround, grouped, numbers_text
from maps.patrol_card_svg import SAME_PLACE_M, WIDTHS, scale_bar_m, spread, team_stroke
from maps.patrol_card_words import said
from maps.pictures_marks import draw_text, font

Floats = npt.NDArray[np.float64]
# Drawn so much larger and made smaller again: smooth lines.
FINER = 2
Draw = ImageDraw.ImageDraw


def draw_map(card: TeamCard, ground: CardGround, size_px: tuple[int, int]) -> Image.Image:
    """Return the map of a card as a picture.

    Parameters
    ----------
    card, ground
        The team and the ground around its way.
    size_px
        Width and height; of the shape that the ground has.
    """
    width, height = (side * FINER for side in size_px)
    per_m = width / ground.size[0]
    look = load("publish")["colours"]
    picture = Image.new("RGB", (width, height), look["ground"])
    draw = ImageDraw.Draw(picture)
    _draw_ground(draw, ground, per_m)
    if len(card.line) > 1:
        at = _px(ground, ground.plane.metres(card.line), per_m)
        _draw_route(draw, at, width, card.position)
    picture = picture.resize(size_px, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    per_m /= FINER
    letter = round(size_px[0] / 24)
    _draw_names(picture, ground, per_m, round(letter * 0.72))
    _draw_marks(draw, card, ground, per_m, letter)
    _draw_scale(draw, card, ground, per_m, letter)
    return picture


def _px(ground: CardGround, metres: Floats, per_m: float) -> list[tuple[float, float]]:
    at = (metres - [ground.box[0], ground.box[1]]) * per_m
    return [(float(x), float(y)) for x, y in at]


def _draw_ground(draw: Draw, ground: CardGround, per_m: float) -> None:
    look = load("publish")["colours"]
    for rings, fill in ((ground.water, "water"), (ground.buildings, "building")):
        for ring in rings:
            draw.polygon(_px(ground, ring, per_m), fill=look[fill])
    for edge in (1.4, 1.0):
        for kind in ("path", "small", "main"):
            metres, parts = WIDTHS[kind]
            wide = max(metres * per_m, ground.size[0] * per_m / parts, 2)
            colour = look["path"] if kind == "path" else look["street"]
            for line in ground.streets[kind]:
                fill = look["street_edge"] if edge > 1 else colour
                at = _px(ground, line, per_m)
                draw.line(at, fill=fill, width=round(wide * edge), joint="curve")


def draw_team_line(
    draw: Draw, at: Sequence[tuple[float, float]], width: int, position: int
) -> None:
    """Draw a line through points, (x, y) each, in the colour and with the dashes of a team."""
    colour, dash = team_stroke(position)
    if not dash:
        draw.line(at, fill=colour, width=width, joint="curve")
        return
    points = np.array(at, float)
    along = np.r_[0, np.hypot(*np.diff(points, axis=0).T).cumsum()]
    # Ends are round, as on pages: each is longer by half the line's width.
    edges = np.cumsum(np.tile(dash, int(along[-1] / (sum(dash) * width)) + 1)) * width
    for start, end in zip(np.r_[0, edges[1::2]], edges[::2], strict=False):
        inner = along[(along > start) & (along < min(end, along[-1]))]
        reach = np.r_[start, inner, min(end, along[-1])]
        piece = np.column_stack([np.interp(reach, along, axis) for axis in points.T])
        draw.line([(x, y) for x, y in piece], fill=colour, width=width, joint="curve")
        for x, y in piece[[0, -1]]:
            draw.circle((x, y), width / 2, fill=colour)


def _draw_route(draw: Draw, at: Sequence[tuple[float, float]], width: int, position: int) -> None:
    team, _ = team_stroke(position)
    draw.line(at, fill="#ffffff", width=round(width / 58), joint="curve")
    draw_team_line(draw, at, round(width / 100), position)
    size, apart = width / 42, width / 11
    points = np.array(at)
    along = np.r_[0, np.hypot(*np.diff(points, axis=0).T).cumsum()]
    for middle in np.arange(apart / 2, along[-1], apart):
        reach = [middle - size / 2, middle + size / 2]
        tail, tip = np.column_stack([np.interp(reach, along, axis) for axis in points.T])
        ahead = tip - tail
        if np.hypot(*ahead) < size * 0.8:  # a corner
            continue
        side = np.array([-ahead[1], ahead[0]]) / 2
        corners = [tuple(tip), tuple(tail + side), tuple(tail - side)]
        draw.polygon(corners, fill=team, outline="#ffffff", width=2)


def _draw_names(picture: Image.Image, ground: CardGround, per_m: float, letter: int) -> None:
    """Write the names of streets along them where there is room."""
    taken: list[tuple[float, float, float]] = []
    for name in ground.names:
        half = font(letter).getlength(name.text) / 2
        (x, y), room = _px(ground, np.array([name.at]), per_m)[0], name.room_m * per_m
        if room < half * 2 or any(abs(x - a) < half + h and abs(y - b) < half for a, b, h in taken):
            continue
        taken.append((x, y, half))
        side = math.ceil(half * 2 + letter * 2)
        label = Image.new("RGBA", (side, side))
        place = (side / 2, side / 2)
        draw_text(ImageDraw.Draw(label), place, name.text, letter, anchor="mm", fill="#57606a")
        label = label.rotate(-name.turn_deg, Image.Resampling.BICUBIC)
        picture.paste(label, (round(x - side / 2), round(y - side / 2)), label)


def _draw_marks(draw: Draw, card: TeamCard, ground: CardGround, per_m: float, letter: int) -> None:
    look, (team, _) = load("publish")["colours"], team_stroke(card.position)
    groups = grouped(card, SAME_PLACE_M)
    true = ground.plane.metres([card.base, *(place for _, place in groups)])
    moved = spread(true, letter * 2.1 / per_m)
    at, to = _px(ground, true, per_m), _px(ground, moved, per_m)
    for start, end in zip(at[1:], to[1:], strict=True):
        draw.line([start, end], fill=look["ink"], width=4)
    _draw_box(draw, to[0], said("base", card.lang), letter, look["base"], "#ffffff", "#ffffff")
    for (orders, _), place in zip(groups, to[1:], strict=True):
        _draw_box(draw, place, numbers_text(orders), letter, "#ffffff", look["ink"], team)


def _draw_box(draw: Draw, at: Any, text: str, letter: int, fill: str, ink: str, line: str) -> None:
    """Draw a text in a box with round ends."""
    (x, y), high = at, letter * 0.92
    wide = max(font(letter).getlength(text) / 2 + letter * 0.4, high)
    box = (x - wide, y - high, x + wide, y + high)
    draw.rounded_rectangle(box, radius=high, fill=fill, outline=line, width=max(letter // 7, 2))
    draw.text((x, y), text, font=font(letter), fill=ink, anchor="mm", stroke_width=1)


def _draw_scale(draw: Draw, card: TeamCard, ground: CardGround, per_m: float, letter: int) -> None:
    """Draw a scale bar and north."""
    bar = scale_bar_m(ground.size[0])
    far = said("km", card.lang, n=f"{bar / 1000:.0f}") if bar >= 1000 else None
    text = far or said("metres", card.lang, n=f"{bar:.0f}")
    x, y, long = letter, ground.size[1] * per_m - letter, bar * per_m
    line = [(x, y - letter / 2), (x, y), (x + long, y), (x + long, y - letter / 2)]
    for colour, width in (("#ffffff", 12), ("#1b1f24", 5)):
        for ends in pairwise(line):
            draw.line(ends, fill=colour, width=width)
    draw_text(draw, (x + letter / 3, y - letter / 3), text, round(letter * 0.8), anchor="ls")
    nx, ny = ground.size[0] * per_m - letter * 1.3, letter * 1.3
    draw.polygon(
        [(nx, ny - letter * 0.8), (nx + letter / 2, ny + letter / 2), (nx, ny + letter / 4),
         (nx - letter / 2, ny + letter / 2)],
        fill="#1b1f24", outline="#ffffff",
    )  # fmt: skip
    north = said("north", card.lang)
    draw_text(draw, (nx, ny + letter * 0.7), north, round(letter * 0.8), anchor="mt")
