"""A card as one tall picture for a chat group: head, map, stops with times, what to do if."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from gis.profiles import load
from maps.patrol_card import CardStop, TeamCard
from maps.patrol_card_draw import draw_map, draw_team_line
from maps.patrol_card_ground import CardGround, numbers_text
from maps.patrol_card_page import day_text, leg_text, stay_text
from maps.patrol_card_svg import team_stroke
from maps.patrol_card_words import clock_of, minutes_of, said, way_text
from maps.pictures_marks import font

# A phone shows the picture's width on some 390 points: 56 pixels are then 20 points.
WIDTH = 1080
EDGE = 40
SMALL, BODY, LARGE, HUGE = 56, 62, 76, 92
COLOURS = 128
# Height of the strip with the team's line beneath the head, and of the line.
STRIP, STRIP_LINE = 44, 18
# Height of the map by its width.
ASPECT = 1.0
# Signs below this stand in words that are not broken; these never begin a line.
LATIN_TO = 0x2E80
CLOSING = ",。、:;)】"

Draw = ImageDraw.ImageDraw


@dataclass(frozen=True)
class _Line:
    """A text on the picture: how large, in which colour, how far from the left edge."""

    text: str
    size: int = BODY
    colour: str = "#1b1f24"
    left: int = EDGE
    bold: bool = False

    @property
    def height(self) -> int:
        return round(self.size * 1.36)


@dataclass(frozen=True)
class _Block:
    """Lines together, on a ground of a colour, and what is drawn beside them."""

    lines: tuple[_Line, ...]
    ground: str = "#ffffff"
    badge: str = ""
    team: str = ""
    rule: bool = False

    @property
    def height(self) -> int:
        return sum(line.height for line in self.lines) + EDGE


def card_picture(card: TeamCard, ground: CardGround) -> bytes:
    """Return the card of a team as a PNG, 1,080 pixels wide and as tall as it needs.

    Parameters
    ----------
    card
        The team; without a font that has Chinese characters it should be an English one.
    ground
        What `maps.patrol_card_ground.ground_of` returned for it with `aspect=ASPECT`.
    """
    map_px = round(WIDTH * ground.size[1] / ground.size[0])
    above, below = [_head(card)], [*_stops(card), *_ladder(card), _foot(card)]
    height = map_px + STRIP + sum(block.height for block in [*above, *below])
    picture = Image.new("RGB", (WIDTH, height), "#ffffff")
    draw = ImageDraw.Draw(picture)
    y = _paint(draw, above, 0) + STRIP
    ends = [(EDGE, y - STRIP / 2), (WIDTH - EDGE, y - STRIP / 2)]
    draw_team_line(draw, ends, STRIP_LINE, card.position)
    picture.paste(draw_map(card, ground, (WIDTH, map_px)), (0, y))
    _paint(draw, below, y + map_px)
    # The palette of the map will do for all: a tall picture takes long to be looked through.
    palette = picture.crop((0, 0, WIDTH, y + map_px)).quantize(COLOURS, dither=Image.Dither.NONE)
    place = io.BytesIO()
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(place, "PNG")
    return place.getvalue()


def _head(card: TeamCard) -> _Block:
    lang, white = card.lang, "#ffffff"
    when = f"{day_text(card.date, lang)} {clock_of(card.depart)}–{clock_of(card.back)}"
    facts = [said("n_stops", lang, n=len(card.stops)), way_text(card.length_m, lang)]
    if card.size:
        facts.append(said("people", lang, n=card.size))
    lines = _wrapped(card.title, HUGE, white, bold=True)
    lines += _wrapped(when, LARGE, white) + _wrapped(" · ".join(facts), BODY, white)
    if card.made_up:
        lines += _wrapped(f"【{said('made_up', lang)}】", BODY, "#ffb4ab", bold=True)
    return _Block(tuple(lines), "#1b1f24")


def _stops(card: TeamCard) -> list[_Block]:
    """Return what is said of the start, each stop and the way home."""
    lang, muted = card.lang, load("publish")["colours"]["muted"]
    start = f"{clock_of(card.depart)} {said('start_at', lang)}: {said('base', lang)}"
    blocks = [_Block(tuple(_wrapped(start, BODY, bold=True)), "#f4f4f4", rule=True)]
    codes = list(card.planned_legs())
    for stop, way in zip(card.stops, codes, strict=False):
        blocks.append(_stop(card, stop, leg_text(card.legs[way], lang)))
    home = f"{clock_of(card.back)} {said('home', lang)}"
    lines = _wrapped(leg_text(card.legs[codes[-1]], lang), SMALL, muted)
    return [*blocks, _Block(tuple(lines + _wrapped(home, BODY, bold=True)), "#f4f4f4", rule=True)]


def _stop(card: TeamCard, stop: CardStop, way: str) -> _Block:
    lang, muted, left = card.lang, load("publish")["colours"]["muted"], 190
    must = f" · {said('required', lang)}" if stop.required else ""
    lines = _wrapped(f"↓ {way}", SMALL, muted, left) if way else []
    lines += _wrapped(f"{clock_of(stop.arrive)}  {stop.title}", BODY, left=left, bold=True)
    near = f"{said('near', lang, mark=stop.landmark)} · " if stop.landmark else ""
    lines += _wrapped(f"{near}{stay_text(stop, lang)}{must}", SMALL, muted, left)
    team, _ = team_stroke(card.position)
    return _Block(tuple(lines), "#ffffff", str(stop.order), team, rule=True)


def _ladder(card: TeamCard) -> list[_Block]:
    """Return what to do if something changes before the team sets out."""
    rungs = [rung for rung in card.rungs if rung.after == 0]
    if not rungs:
        return []
    lang, orders = card.lang, {stop.code: stop.order for stop in card.stops}
    lines = _wrapped(f"{said('if_changed', lang)} ({said('at_base', lang)})", LARGE, bold=True)
    words = load("publish")["words"]
    for rung in rungs:
        name = said(rung.name, lang) if rung.name in words else rung.name
        kept = numbers_text([orders[code] for code in rung.stops])
        way = " → ".join([*([kept] if kept else []), said("base", lang)])
        total = said("minutes", lang, n=minutes_of(rung.back_s))
        lines += _wrapped(f"{name}: {way}, {total}", SMALL)
    return [_Block(tuple(lines), "#eef4fa", rule=True)]


def _foot(card: TeamCard) -> _Block:
    words = said("in_danger", card.lang)
    return _Block(tuple(_wrapped(words, BODY, "#ffffff", bold=True)), "#b3261e")


def _paint(draw: Draw, blocks: Sequence[_Block], y: int) -> int:
    """Draw blocks one beneath the other, and return where the last one ends."""
    for block in blocks:
        draw.rectangle((0, y, WIDTH, y + block.height), fill=block.ground)
        if block.rule:
            draw.line((0, y, WIDTH, y), fill="#d0d7de", width=2)
        if block.badge:
            _badge(draw, (105, y + block.height / 2), block.badge, block.team)
        at = y + EDGE // 2
        for line in block.lines:
            draw.text(
                (line.left, at + line.height / 2), line.text, line.colour, font(line.size), "lm",
                stroke_width=int(line.bold),
            )  # fmt: skip
            at += line.height
        y += block.height
    return y


def _badge(draw: Draw, at: tuple[float, float], text: str, colour: str) -> None:
    (x, y), r = at, 56
    draw.ellipse((x - r, y - r, x + r, y + r), fill="#ffffff", outline=colour, width=8)
    draw.text((x, y), text, font=font(60), fill="#1b1f24", anchor="mm", stroke_width=1)


def _wrapped(
    text: str, size: int, colour: str = "#1b1f24", left: int = EDGE, *, bold: bool = False
) -> list[_Line]:
    """Return a text as lines that fit: broken between words, within them only if need be."""
    room = WIDTH - left - EDGE
    lines = wrapped(text, lambda part: float(font(size).getlength(part)), room)
    return [_Line(line, size, colour, left, bold) for line in lines if line]


def wrapped(text: str, width_of: Callable[[str], float], room: float) -> list[str]:
    """Return a text in lines no wider than there is room.

    Examples
    --------
    >>> wrapped("one two three", len, 7), wrapped("沥海农贸市场", len, 4)
    (['one two', 'three'], ['沥海农贸', '市场'])
    """
    lines, line = [], ""
    for piece in _pieces(text):
        if line and width_of((line + piece).rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        while width_of(piece.rstrip()) > room:
            cut = next(k for k in range(len(piece), 0, -1) if width_of(piece[:k]) <= room or k == 1)
            lines.append(piece[:cut])
            piece = piece[cut:]
        line = (line + piece).lstrip() if not line else line + piece
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    """Return what must not be broken: words with the blank behind them, Chinese signs singly."""
    pieces: list[str] = []
    for sign in text:
        before = pieces[-1][-1] if pieces else " "
        in_word = ord(sign) < LATIN_TO > ord(before) and before != " "
        if pieces and (in_word or sign in CLOSING):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces
