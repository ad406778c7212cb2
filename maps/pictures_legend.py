"""What explains a picture of the town: legend, scale bar, north, sources."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from PIL import ImageDraw

from gis.layers import Layers
from gis.made_up import MARK
from maps.overlays_coverage import LEVELS
from maps.pictures_marks import (
    INK,
    WHITE,
    blend,
    draw_badge,
    draw_mark,
    draw_text,
    font,
    has_chinese,
)
from maps.report_cells import tell
from maps.report_model import ReportLang, Said
from maps.report_words import term, told
from maps.scales import picture_steps
from maps.style import seen_labels, style
from maps.tiles import scale_of
from planner.results_coverage import Coverage

Draw = ImageDraw.ImageDraw
Box = tuple[int, int, int, int]
MUTED = style()["tokens"]["light"]["muted"]
# A scale bar is about so many letters long.
BAR_LETTERS = 11


def draw_legend(
    draw: Draw,
    coverage: Coverage,
    theme: str,
    marks: Sequence[str],
    lang: ReportLang,
    box: Box,
    letter: int,
) -> None:
    """Draw what colours and marks mean, from the top of a box down."""
    pen = _Pen(draw, box, letter, lang if has_chinese() else "en")
    pen.text(told("legend"), round(letter * 1.25), gap=0.9)
    if theme != "base":
        title, note, classes = _classes(theme, coverage)
        pen.text(title, letter)
        if note:
            pen.text(note, round(letter * 0.8), colour=MUTED)
        for colour, label in classes:
            pen.swatch(colour, label)
        pen.space()
    if "gaps" in marks and len(coverage.gaps):
        pen.row(told("legend_gap"), lambda at: draw_badge(draw, at, "1", letter))
        pen.space()
    if "sites" in marks:
        pen.text(told("legend_sites"), letter)
        for looks in _levels(coverage):
            pen.levels(looks)


def draw_north(draw: Draw, lang: ReportLang, width: int, letter: int) -> None:
    """Draw an arrow to the north in the upper right corner of the map."""
    x, y, r = width - 2.2 * letter, 1.2 * letter, letter
    draw.polygon(
        [(x, y), (x + 0.6 * r, y + 2 * r), (x, y + 1.5 * r), (x - 0.6 * r, y + 2 * r)],
        fill=INK,
        outline=WHITE,
    )
    text = _say(told("north"), lang)
    draw_text(draw, (x, y + 3 * r), text, letter, anchor="mm")


def draw_scale(draw: Draw, lang: ReportLang, px_m: float, height: int, letter: int) -> None:
    """Draw a scale bar of a round length in the lower left corner of the map."""
    length_m = round_length(BAR_LETTERS * letter * px_m)
    x, y = 1.2 * letter, height - 1.5 * letter
    end = x + length_m / px_m
    for colour, width in ((WHITE, 7), (INK, 3)):
        line = [(x, y - letter / 2), (x, y), (end, y), (end, y - letter / 2)]
        draw.line(line, fill=colour, width=width)
    key, number = ("scale_km", length_m / 1000) if length_m >= 1000 else ("scale_m", length_m)
    text = _say(told(key, n=f"{number:g}"), lang)
    draw_text(draw, ((x + end) / 2, y - 0.7 * letter), text, letter, anchor="mm")


def round_length(metres: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20, ... metres that is not longer.

    Examples
    --------
    >>> round_length(730.0), round_length(1999.0), round_length(20.0)
    (500.0, 1000.0, 20.0)
    """
    power = 10.0 ** math.floor(math.log10(metres))
    return float(max(step * power for step in (0.5, 1, 2, 5) if step * power <= metres))


def draw_sources(draw: Draw, layers: Layers, size: tuple[int, int], letter: int) -> None:
    """Write what the map is made from in the lower right corner, and the mark of made-up data."""
    names = list(dict.fromkeys([*layers.attribution, *([MARK] if layers.made_up else [])]))
    text = " · ".join(names if has_chinese() else [n for n in names if n.isascii()])
    at = (size[0] - 0.6 * letter, size[1] - 0.6 * letter)
    draw_text(draw, at, text, round(letter * 0.75), anchor="rs", fill=MUTED)


def _classes(theme: str, coverage: Coverage) -> tuple[Said, Said | None, list[tuple[Any, Said]]]:
    """Return the title of a theme, a note, and colour and label of its classes."""
    scale = scale_of(theme, coverage)
    colours = [blend(c, o) for c, o in zip(scale.colours, scale.opacities, strict=True)]
    if scale.name == "cameras":
        labels = [Said(n, n) for n in ("0", "1", "2")] + [told("three_or_more")]
        return told("legend_cameras"), None, list(zip(colours, labels, strict=True))
    if scale.name == "picture":
        steps = [term("ladder_step", step) for step in picture_steps(coverage.picture_class)]
        labels = [term("level", "unseen"), *steps]
        return told("legend_picture"), None, list(zip(colours, labels, strict=True))
    edges = ["0", *seen_labels()]
    labels = [Said(text, text) for text in map("–".join, pairwise(edges))]
    return told("legend_seen"), told("dark_unseen"), list(zip(colours, labels, strict=True))


def _levels(coverage: Coverage) -> list[list[str]]:
    """Return the levels that places have, the worst first; those that look alike together."""
    there = [level for level in reversed(LEVELS) if coverage.sites["level"].eq(level).any()]
    by_look: dict[tuple[Any, ...], list[str]] = {}
    for level in there:
        by_look.setdefault(tuple(style()["marks"][level]), []).append(level)
    return list(by_look.values())


def _say(said: Said, lang: ReportLang) -> str:
    return tell(said, lang if has_chinese() else "en")


class _Pen:
    """A place in the legend that moves down with each line."""

    def __init__(self, draw: Draw, box: Box, letter: int, lang: ReportLang) -> None:
        self.draw, self.letter, self.lang = draw, letter, lang
        self.left, self.right = box[0] + letter, box[2] - letter
        self.y = box[1] + float(letter)

    def text(
        self, said: Said, size: int, *, indent: float = 0, gap: float = 0.35, colour: str = INK
    ) -> None:
        """Write a text, each language on lines of its own."""
        for part in tell(said, self.lang, "\n").split("\n"):
            for line in wrapped(part, size, self.right - self.left - indent):
                self.draw.text((self.left + indent, self.y), line, font=font(size), fill=colour)
                self.y += 1.3 * size
        self.y += gap * self.letter

    def row(self, said: Said, mark: Any) -> None:
        """Draw a mark and write its meaning beside it."""
        mark((self.left + self.letter, self.y + 0.7 * self.letter))
        self.text(said, self.letter, indent=2.6 * self.letter)

    def levels(self, levels: Sequence[str]) -> None:
        """Draw the mark that places of these levels share."""
        words = [term("level", level) for level in levels]
        said = Said(" / ".join(w.zh for w in words), " / ".join(w.en for w in words))
        self.row(said, lambda at: draw_mark(self.draw, at, levels[0], round(self.letter * 1.3)))

    def swatch(self, colour: Any, label: Said) -> None:
        """Draw one class of colour and its label."""
        high = 1.35 * self.letter
        corner = (self.left, self.y, self.left + 2.1 * self.letter, self.y + high)
        self.draw.rectangle(corner, fill=colour, outline=MUTED)
        at = (self.left + 2.8 * self.letter, self.y + high / 2)
        text = tell(label, self.lang)
        self.draw.text(at, text, font=font(self.letter), fill=INK, anchor="lm")
        self.y += high + 0.25 * self.letter

    def space(self) -> None:
        """Leave some room."""
        self.y += 1.1 * self.letter


def wrapped(text: str, size: int, width: float) -> list[str]:
    """Return a text in lines no wider than so many pixels; Chinese breaks anywhere."""
    units = text.split(" ") if text.isascii() else list(text)
    between = " " if text.isascii() else ""
    lines: list[str] = []
    for unit in units:
        longer = f"{lines[-1]}{between}{unit}" if lines else unit
        if lines and font(size).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(unit)
    return lines
