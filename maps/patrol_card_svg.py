"""The map of a card as SVG: inside a page that has no network, and on paper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

from gis.profiles import load
from maps.patrol_card import TeamCard
from maps.patrol_card_ground import CardGround, grouped, numbers_text
from maps.patrol_card_words import said
from maps.style import team_line

Floats = npt.NDArray[np.float64]
# Widths on the ground, metres; `wider` parts of the map's width where that is more.
WIDTHS = {"main": (11.0, 190), "small": (7.0, 300), "path": (2.0, 800)}
SAME_PLACE_M = 9.0


def card_svg(card: TeamCard, ground: CardGround, *, paper: bool = False) -> Markup:
    """Return the map of a card.

    Parameters
    ----------
    card
        The team.
    ground
        What `maps.patrol_card_ground.ground_of` returned for it.
    paper
        Whether it carries a scale bar and north and cannot be moved; on a phone a script moves it.
    """
    scale = _scale(ground)
    pen = _Pen(ground, scale)
    width, height = (round(side * scale) for side in ground.size)
    letter = width / (34 if paper else 22)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" class="map"'
        f' font-family="{_fonts()}">',
        _back(pen, width, height),
        _route(card, pen, width),
        _names(ground, pen, letter * 0.62, paper),
        _marks(card, pen, letter, paper),
        _frame(pen, width, height, letter, card) if paper else "",
        "</svg>",
    ]
    return Markup("".join(parts))  # every text in it is escaped


def line_path(ground: CardGround, line: Sequence[Any]) -> str:
    """Return a way, (lon, lat) each, as the `d` of a path on the card's map; "" for none."""
    pen = _Pen(ground, _scale(ground))
    return pen.path([ground.plane.metres(line)]) if len(line) > 1 else ""


def team_stroke(position: int) -> tuple[str, tuple[float, ...]]:
    """Return colour and dashes of a team's line by its position: dash, gap, in widths of the line.

    Examples
    --------
    >>> team_stroke(0), team_stroke(8)
    (('#0072b2', ()), ('#0072b2', (3.5, 2.0)))
    """
    colour, width, dash = team_line(position)
    return colour, tuple(float(part) / width for part in dash.split())


def team_sign(position: int) -> Markup:
    """Return a piece of a team's line to stand beside its name: colour and dashes."""
    ends = 'd="M6 8H74" fill="none" stroke-linecap="round"'
    colour, dash = team_stroke(position)
    return Markup(
        '<svg class="team-sign" viewBox="0 0 80 16" width="80" height="16" aria-hidden="true">'
        f'<path {ends} stroke="#fff" stroke-width="12"/>'
        f'<path {ends} stroke="{colour}" stroke-width="6"{_dashed(dash, 6)}/></svg>'
    )


def _dashed(dash: Sequence[float], width: float) -> str:
    """Return the attributes of a dashed line; the page's script reads the second when it zooms."""
    if not dash:
        return ""
    parts = " ".join(f"{part * width:.1f}" for part in dash)
    return f' stroke-dasharray="{parts}" data-dash="{parts}"'


def _scale(ground: CardGround) -> int:
    """Return units to a metre: finer for a small map."""
    return 2 if max(ground.size) < 3000 else 1


class _Pen:
    """Turns metres and degrees into whole numbers of the drawing."""

    def __init__(self, ground: CardGround, scale: int) -> None:
        self.ground, self.scale = ground, scale

    def points(self, metres: Floats) -> npt.NDArray[np.int64]:
        """Return metres as whole units from the upper left corner, repeats left out."""
        left, top, _, _ = self.ground.box
        at = np.rint((metres - [left, top]) * self.scale).astype(np.int64)
        keep = np.r_[True, (np.diff(at, axis=0) != 0).any(axis=1)]
        return np.asarray(at[keep])

    def of_places(self, places: Sequence[Any]) -> npt.NDArray[np.int64]:
        """Return degrees as whole units."""
        return self.points(self.ground.plane.metres(places))

    def path(self, lines: Iterable[Floats], close: str = "") -> str:
        """Return lines as the `d` of one path, steps relative."""
        lines = list(lines)
        if not lines:
            return ""
        left, top, _, _ = self.ground.box
        # All at once: there are thousands of short lines.
        at = np.rint((np.concatenate(lines) - [left, top]) * self.scale).astype(np.int64)
        ends = np.cumsum([len(line) for line in lines])[:-1]
        return "".join(_moves(line) + close for line in np.split(at, ends))


def _moves(at: npt.NDArray[np.int64]) -> str:
    places: list[list[int]] = at.tolist()
    steps = [(x - a, y - b) for (a, b), (x, y) in pairwise(places)]
    told = " ".join(f"{x}{y:+d}" for x, y in steps if x or y)
    return f"M{places[0][0]} {places[0][1]}l{told}" if told else ""


def _back(pen: _Pen, width: int, height: int) -> str:
    """Return ground, water, buildings and streets, quiet and in this order."""
    look = load("publish")["colours"]
    made = [f'<path d="M0 0H{width}V{height}H0z" fill="{look["ground"]}"/>']
    for rings, fill, line in (
        (pen.ground.water, look["water"], look["water_line"]),
        (pen.ground.buildings, look["building"], look["building"]),
    ):
        if rings:
            made.append(
                f'<path d="{pen.path(rings, "z")}" fill="{fill}" fill-rule="evenodd"'
                f' stroke="{line}"/>'
            )
    drawn = []
    for kind in ("path", "small", "main"):
        lines, (metres, parts) = pen.ground.streets[kind], WIDTHS[kind]
        if not lines:
            continue
        wide = max(metres * pen.scale, width / parts)
        edge = wide * 1.35
        colour = look["path"] if kind == "path" else look["street"]
        path = pen.path(lines)
        made.append(
            f'<path id="w-{kind}" d="{path}" fill="none" stroke-linecap="round"'
            f' stroke-linejoin="round" stroke="{look["street_edge"]}" stroke-width="{edge:.1f}"/>'
        )
        drawn.append(
            f'<path d="{path}" fill="none" stroke-linecap="round"'
            f' stroke-linejoin="round" stroke="{colour}" stroke-width="{wide:.1f}"/>'
        )
    return "".join(made + drawn)


def _route(card: TeamCard, pen: _Pen, width: int) -> str:
    """Return the way with a white casing and arrowheads; the page's script thickens one leg."""
    if len(card.line) < 2:
        return ""
    team, dash = team_stroke(card.position)
    line = pen.ground.plane.metres(card.line)
    path = pen.path([line])
    made = []
    for name, colour, parts, gaps in (("casing", "#fff", 62, ()), ("route", team, 110, dash)):
        made.append(
            f'<path class="{name}" d="{path}" fill="none" stroke="{colour}"'
            f' stroke-width="{width / parts:.1f}" stroke-linejoin="round" stroke-linecap="round"'
            f"{_dashed(gaps, width / parts)}/>"
        )
    made.append('<path id="leg" fill="none"/>')
    size = width / 45
    head = f"M{size / 2:.1f} 0L{-size / 2:.1f} {size / 2:.1f}V{-size / 2:.1f}z"
    made.append(
        f'<defs><path id="head" d="{head}" fill="{team}" stroke="#fff"'
        f' stroke-width="{width / 500:.1f}"/></defs>'
    )
    made += _heads(pen.points(line), size, width / 11)
    return "".join(made)


def _heads(at: npt.NDArray[np.int64], size: float, apart: float) -> Iterable[str]:
    """Yield arrowheads along a line, every so far, each the way its piece of the line goes."""
    along = np.r_[0, np.hypot(*np.diff(at.astype(float), axis=0).T).cumsum()]
    for middle in np.arange(apart / 2, along[-1], apart):
        reach = [middle - size / 2, middle + size / 2]
        tail, tip = np.column_stack([np.interp(reach, along, axis) for axis in at.T.astype(float)])
        ahead = tip - tail
        if np.hypot(*ahead) < size * 0.8:  # a corner
            continue
        (x, y), turn = (tip + tail) / 2, math.degrees(math.atan2(ahead[1], ahead[0]))
        place = f"translate({x:.0f} {y:.0f}) rotate({turn:.0f})"
        yield f'<use class="m" href="#head" transform="{place}"/>'


def _names(ground: CardGround, pen: _Pen, letter: float, paper: bool) -> str:
    look = load("publish")["colours"]
    made: list[str] = []
    taken: list[tuple[float, float, float]] = []
    for name in ground.names:
        half = letter * len(name.text) / 2
        if name.room_m * pen.scale < half * (1.2 if paper else 0.9):
            continue
        x, y = (float(value) for value in pen.points(np.array([name.at]))[0])
        if any(abs(x - a) < half + h and abs(y - b) < letter * 1.6 for a, b, h in taken):
            continue
        taken.append((x, y, half))
        place = f"translate({x:.0f} {y:.0f}) rotate({name.turn_deg:.0f})"
        text = _haloed(escape(name.text), 'dy=".35em"', letter, look["muted"])
        made.append(f'<g class="m" transform="{place}">{text}</g>')
    return f'<g class="names" text-anchor="middle">{"".join(made)}</g>'


def _haloed(text: str, place: str, letter: float, colour: str, weight: int = 400) -> str:
    """Return a text with a white rim, which is a text of its own beneath it."""
    look = f'{place} font-size="{letter:.0f}" font-weight="{weight}"'
    rim = f'stroke="#fff" stroke-width="{letter / 4:.1f}" stroke-linejoin="round" fill="#fff"'
    return f'<text {look} {rim}>{text}</text><text {look} fill="{colour}">{text}</text>'


def _marks(card: TeamCard, pen: _Pen, letter: float, paper: bool) -> str:
    """Return the base and the numbered stops; on a phone each keeps its size when zoomed."""
    look = load("publish")["colours"]
    x, y = pen.of_places([card.base])[0]
    word = escape(said("base", card.lang))
    wide = letter * (0.55 * sum(1 if ord(sign) < 256 else 1.8 for sign in str(word)) + 0.8)
    base = (
        f'<g class="m" transform="translate({x} {y})"><rect x="{-wide / 2:.0f}"'
        f' y="{-letter * 0.8:.0f}" width="{wide:.0f}" height="{letter * 1.6:.0f}"'
        f' rx="{letter * 0.3:.0f}" fill="{look["base"]}" stroke="#fff"'
        f' stroke-width="{letter / 9:.1f}"/><text dy=".35em" text-anchor="middle" fill="#fff"'
        f' font-size="{letter * 0.95:.0f}">{word}</text></g>'
    )
    groups = grouped(card, SAME_PLACE_M)
    true = pen.ground.plane.metres([card.base, *(place for _, place in groups)])
    apart = spread(true, letter * 1.9 / pen.scale)
    at = [pen.points(place[None])[0] for place in true[1:]]
    moved = [pen.points(place[None])[0] for place in apart[1:]]
    lines = [_pointer(*ends, letter) for ends in zip(at, moved, strict=True)]
    marks = [
        _mark(orders, true_at, moved_to, letter, team_stroke(card.position)[0])
        for (orders, _), true_at, moved_to in zip(groups, at, moved, strict=True)
    ]
    return "".join([*lines, base, *marks])


def _pointer(true: Any, moved: Any, letter: float) -> str:
    """Return a line from where a stop is to where its number had room."""
    ink = load("publish")["colours"]["ink"]
    return (
        f'<path class="pointer" data-true="{true[0]} {true[1]}"'
        f' data-moved="{moved[0]} {moved[1]}" stroke="{ink}"'
        f' d="M{true[0]} {true[1]}L{moved[0]} {moved[1]}" stroke-width="{letter / 8:.1f}"/>'
    )


def _mark(orders: Sequence[int], true: Any, at: Any, letter: float, colour: str) -> str:
    """Return the number of a stop, of several at one place."""
    look, label = load("publish")["colours"], numbers_text(orders)
    wide = letter * max(1.7, 0.62 * len(label) + 0.7)
    return (
        f'<g class="m" data-n="{" ".join(map(str, orders))}" data-true="{true[0]} {true[1]}"'
        f' data-moved="{at[0]} {at[1]}"'
        f' transform="translate({at[0]} {at[1]})">'
        f'<rect x="{-wide / 2:.1f}" y="{-letter * 0.85:.1f}" width="{wide:.1f}"'
        f' height="{letter * 1.7:.1f}" rx="{letter * 0.85:.1f}" fill="#fff"'
        f' stroke="{colour}" stroke-width="{letter / 6:.1f}"/>'
        f'<text dy=".36em" text-anchor="middle" font-weight="700" font-size="{letter:.0f}"'
        f' fill="{look["ink"]}">{label}</text></g>'
    )


def spread(points: Floats, apart: float, rounds: int = 60) -> Floats:
    """Return points pushed apart until they keep a distance, as far as that goes quickly.

    The first point stays where it is, the others make room.

    Examples
    --------
    >>> spread(np.array([[0.0, 0.0], [4.0, 0.0], [50.0, 0.0]]), 10.0).round().tolist()
    [[0.0, 0.0], [10.0, 0.0], [50.0, 0.0]]
    """
    # Plain numbers: arrays of two take ten times as long.
    x, y = points.astype(float).T.tolist()
    for _ in range(rounds):
        moved = False
        for n, other in combinations(range(len(x)), 2):
            east, south = x[other] - x[n], y[other] - y[n]
            far = math.hypot(east, south)
            if far >= apart - 1e-6:
                continue
            east, south = (east / far, south / far) if far > 1e-6 else (0.0, 1.0)
            share = 0.5 if n else 0.0
            back, ahead = (apart - far) * share, (apart - far) * (1 - share)
            x[n], y[n] = x[n] - east * back, y[n] - south * back
            x[other], y[other] = x[other] + east * ahead, y[other] + south * ahead
            moved = True
        if not moved:
            break
    return np.column_stack([x, y])


def scale_bar_m(width_m: float) -> float:
    """Return a round length that takes about a quarter of a map.

    Examples
    --------
    >>> scale_bar_m(1500.0), scale_bar_m(900.0)
    (200.0, 200.0)
    """
    rounds = [k * 10**power for power in range(1, 6) for k in (1, 2, 5)]
    return float(max((r for r in rounds if r <= width_m / 4), default=10))


def _frame(pen: _Pen, width: int, height: int, letter: float, card: TeamCard) -> str:
    """Return scale bar and north."""
    bar = scale_bar_m(pen.ground.size[0])
    metres = said("metres", card.lang, n=f"{bar:.0f}")
    if bar >= 1000:
        metres = said("km", card.lang, n=f"{bar / 1000:.0f}")
    long, x, y = bar * pen.scale, letter, height - letter
    north = escape(said("north", card.lang))
    nx, ny = width - letter * 1.6, letter * 2.4
    return (
        f'<path d="M{x:.0f} {y - letter / 2:.0f}v{letter / 2:.0f}h{long:.0f}v{-letter / 2:.0f}"'
        f' fill="none" stroke="#1b1f24" stroke-width="{letter / 6:.1f}"/>'
        + _haloed(escape(metres), f'x="{x:.0f}" y="{y - letter * 0.8:.0f}"', letter, "#1b1f24", 700)
        + f'<path d="M{nx:.0f} {ny - letter:.0f}l{letter * 0.6:.0f} {letter * 1.6:.0f}'
        f'l{-letter * 0.6:.0f} {-letter * 0.4:.0f}l{-letter * 0.6:.0f} {letter * 0.4:.0f}z"'
        f' fill="#1b1f24" stroke="#fff" stroke-width="{letter / 12:.1f}"/>'
        + _haloed(
            north,
            f'x="{nx:.0f}" y="{ny + letter * 1.8:.0f}" text-anchor="middle"',
            letter,
            "#1b1f24",
            700,
        )
    )


def _fonts() -> str:
    names: list[str] = load("report")["fonts"]["pages"]
    return ", ".join([*(f"'{name}'" for name in names), "sans-serif"])
