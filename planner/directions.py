"""A way in words: where to turn, into which street, how far."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from gis.profiles import load
from gis.streets import Streets
from gis.ways_to import Leg, leg_coords

Turn = Literal["start", "straight", "left", "right", "u_turn"]
Lang = Literal["zh", "en"]


@dataclass(frozen=True)
class Step:
    """One step of a way.

    Parameters
    ----------
    turn
        "start", "straight", "left", "right" or "u_turn": what is done at its beginning.
    street
        Name of the street, None where it has none.
    kind
        Its class (`highway`), None where unknown.
    length_m, seconds
        How far and how long it goes.
    heading_deg
        Direction at its beginning, clockwise from the north of the map.
    text
        The step as a sentence.
    """

    turn: Turn
    street: str | None
    kind: str | None
    length_m: float
    seconds: float
    heading_deg: float
    text: str = ""

    def document(self) -> dict[str, Any]:
        """Return the step as it is given out as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Piece:
    """A leg with what is needed to tell turns: directions in degrees from grid north."""

    name: str | None
    kind: str | None
    length_m: float
    seconds: float
    enters_deg: float
    leaves_deg: float
    arms: int


def directions(
    streets: Streets, names: Mapping[str, str], legs: Sequence[Leg], lang: Lang = "zh"
) -> list[Step]:
    """Return the steps of a way.

    Pieces of one street are one step, whatever its bends; where it turns off at a junction
    (`stay_deg` of `data/profiles/directions.toml`) that is a step of its own. A short piece
    without a name, as between two carriageways, joins the step after it; a short step joins what
    lies straight behind it.

    Parameters
    ----------
    streets
        The network.
    names
        Street code to its name; a street that is not there has none.
    legs
        The way, as `gis.ways_to.WaysTo.legs` gives it.
    lang
        "zh" or "en".

    Returns
    -------
    list of Step
        Empty for a way without length.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from gis.ways_to import ways_to
    >>> lines = ["LINESTRING (0 0, 90 0)", "LINESTRING (90 0, 90 60)"]
    >>> geometry = gpd.GeoSeries.from_wkt(lines, crs="EPSG:32650").translate(500_000, 3_300_000)
    >>> network = Streets.build(gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=geometry))
    >>> post = gpd.GeoSeries.from_xy([500_010], [3_300_000], crs="EPSG:32650")
    >>> ways = ways_to(network, network.snap(post, mode="foot"), 1, 1.0, mode="foot")
    >>> for step in directions(network, {"a": "Long Road"}, ways.legs(0), "en"):
    ...     print(step.text)
    Head east on Long Road, 80 m
    Turn left into the street, 60 m
    """
    return said(steps_of(streets, names, legs), lang)


def steps_of(streets: Streets, names: Mapping[str, str], legs: Sequence[Leg]) -> list[Step]:
    """Return the steps of a way without their sentences; see `directions`."""
    table = load("directions")
    steps: list[Step] = []
    left_deg, waiting = 0.0, None
    pieces = _pieces(streets, names, legs, table["look_m"])
    for at, piece in enumerate(pieces):
        small = piece.name is None and piece.length_m < table["short_m"]
        if small and 0 < at < len(pieces) - 1:
            waiting = _joined(waiting, piece)
            continue
        if not steps and waiting is None:
            first = (piece.name, piece.kind, piece.length_m, piece.seconds, piece.enters_deg)
            steps.append(Step("start", *first))
        else:
            angle = (piece.enters_deg - left_deg + 180.0) % 360.0 - 180.0
            whole = piece if waiting is None else _joined(waiting, piece, like=piece)
            crossing = max(piece.arms, 0 if waiting is None else 3)
            _add(steps, whole, angle, crossing, table)
        left_deg, waiting = piece.leaves_deg, None
    return _without_tiny(steps, table["short_m"])


def _without_tiny(steps: Sequence[Step], short_m: float) -> list[Step]:
    """Return the steps with short ones joined to what lies straight behind them.

    As on a wide road that is crossed: one turns into the street on its other side.
    """
    kept: list[Step] = []
    for step in steps:
        if kept and step.turn == "straight" and kept[-1].length_m < short_m:
            before = kept.pop()
            step = replace(
                step,
                turn=before.turn,
                length_m=before.length_m + step.length_m,
                seconds=before.seconds + step.seconds,
                heading_deg=before.heading_deg,
            )
        kept.append(step)
    return kept


def said(steps: Sequence[Step], lang: Lang) -> list[Step]:
    """Return steps with their sentences, in Chinese ("zh") or English ("en")."""
    return [replace(step, text=_text(step, lang)) for step in steps]


def _add(
    steps: list[Step], piece: _Piece, angle: float, arms: int, table: Mapping[str, Any]
) -> None:
    """Lengthen the last step by a piece, or begin a new one with it."""
    last, size = steps[-1], abs(angle)
    same = piece.name == last.street and (piece.name is not None or piece.kind == last.kind)
    bend = arms < 3 or size < table["stay_deg"]
    if same and bend and size < table["u_turn_deg"]:
        longer = last.length_m + piece.length_m, last.seconds + piece.seconds
        steps[-1] = replace(last, length_m=longer[0], seconds=longer[1])
        return
    turn: Turn = "left" if angle < 0 else "right"
    if size < table["straight_deg"]:
        turn = "straight"
    elif size >= table["u_turn_deg"]:
        turn = "u_turn"
    about = (piece.name, piece.kind, piece.length_m, piece.seconds, piece.enters_deg)
    steps.append(Step(turn, *about))


def _joined(first: _Piece | None, then: _Piece, like: _Piece | None = None) -> _Piece:
    """Return two pieces as one, named like one of them."""
    if first is None:
        return then
    return replace(
        like or first,
        length_m=first.length_m + then.length_m,
        seconds=first.seconds + then.seconds,
    )


def _pieces(
    streets: Streets, names: Mapping[str, str], legs: Sequence[Leg], look_m: float
) -> list[_Piece]:
    ends = np.concatenate(
        [streets.junction[streets.edge_tail], streets.junction[streets.edge_head]]
    )
    arms = np.bincount(ends)
    pieces = []
    for leg in legs:
        length_m = abs(leg.end - leg.start) * float(streets.edge_length_m[leg.edge])
        if length_m <= 0:
            continue
        coords = leg_coords(streets, leg).tolist()
        ahead = leg.end > leg.start
        node = (streets.edge_tail if ahead else streets.edge_head)[leg.edge]
        whole = leg.start in (0.0, 1.0)
        pieces.append(
            _Piece(
                names.get(str(streets.edge_street[leg.edge])),
                streets.edge_kind[leg.edge],
                length_m,
                leg.seconds,
                _heading(coords, look_m),
                (_heading(coords[::-1], look_m) + 180.0) % 360.0,
                int(arms[streets.junction[node]]) if whole else 2,
            )
        )
    return pieces


def _heading(coords: list[list[float]], look_m: float) -> float:
    """Return the direction from the first vertex to what lies so far along, degrees."""
    x0, y0 = x, y = coords[0]
    left = look_m
    for ahead_x, ahead_y in coords[1:]:
        step = math.hypot(ahead_x - x, ahead_y - y)
        if step >= left:
            x, y = x + (ahead_x - x) * left / step, y + (ahead_y - y) * left / step
            break
        x, y, left = ahead_x, ahead_y, left - step
    return math.degrees(math.atan2(x - x0, y - y0)) % 360.0


def _text(step: Step, lang: Lang) -> str:
    table = load("directions")
    kinds = table["kinds"]
    street = step.street or kinds.get(step.kind, kinds["other"])[lang]
    return str(
        table[lang][step.turn].format(
            street=street,
            length=length_text(step.length_m, lang),
            compass=compass_text(step.heading_deg, lang),
        )
    )


def length_text(length_m: float, lang: Lang) -> str:
    """Return a length as people say it: metres below 1 km, then km.

    Examples
    --------
    >>> length_text(84.4, "en"), length_text(246.0, "en"), length_text(1234.0, "zh")
    ('84 m', '250 m', '1.2 公里')
    """
    words = load("directions")[lang]
    metres = round(length_m) if length_m < 100 else round(length_m / 10) * 10
    if metres < 1000:
        return str(words["metres"].format(metres))
    return str(words["kilometres"].format(f"{length_m / 1000:.1f}"))


def compass_text(degrees: float, lang: Lang) -> str:
    """Return which of eight directions an angle clockwise from north is.

    Examples
    --------
    >>> compass_text(350.0, "zh"), compass_text(136.0, "en")
    ('北', 'south-east')
    """
    words: list[str] = load("directions")[lang]["compass"]
    return words[round(degrees / 45) % 8]
