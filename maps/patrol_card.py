"""What a team takes along, as every card, sheet and file shows it: stops, ways, rungs in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from gis.errors import NotFoundError
from gis.profiles import load
from maps.patrol_card_words import reason_text, stop_title, team_title
from maps.words import Lang
from planner.checkin_code import CodePlan, code_plan, noon

Place = tuple[float, float]
BASE = "base"
# A way shorter than this is none: one is there already.
LEAST_WAY_M = 5.0


@dataclass(frozen=True)
class CardStop:
    """One stop: where, when and why; times ISO 8601, position in degrees of WGS 84."""

    order: int
    code: str
    title: str
    kind: str
    landmark: str
    why: str
    arrive: str
    depart: str
    wait_s: float
    dwell_s: float
    required: bool
    opens: str | None
    closes: str | None
    place: Place

    def summary(self) -> str:
        """Return one line: order, time and name."""
        return f"{self.order} {self.arrive[11:16]} {self.title}"


@dataclass(frozen=True)
class CardLeg:
    """The way from one stop to another.

    Parameters
    ----------
    seconds, metres
        How long it takes and is; None for a length that nobody told.
    heading
        In which of eight directions its end lies, in words.
    bearing_deg
        The same clockwise from north.
    steps
        What to do on the way, a sentence each; none if nobody told.
    line
        (lon, lat) along the streets; none if nobody told.
    """

    seconds: float
    metres: float | None
    heading: str
    bearing_deg: float
    steps: tuple[str, ...] = ()
    line: tuple[Place, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class CardRung:
    """What to do instead once `after` stops are done: stops in order, and seconds until home."""

    name: str
    after: int
    stops: tuple[str, ...]
    back_s: float
    score: float


@dataclass(frozen=True)
class TeamCard:
    """All that one team takes along.

    Parameters
    ----------
    lang
        Language of its words.
    town, date, made_up, attribution
        What it is about; the day on whose evening it begins.
    position, code, title
        The team: its place in the answer, its code, what it is called.
    size, mode, depart, back, length_m
        How many are planned, how they move, times ISO 8601, length of the way.
    base
        Where they start and end, (lon, lat).
    line
        The whole way, (lon, lat).
    stops, legs, rungs
        In order; legs by (code, code), "base" for the base.
    plan, noon_ms
        What a code of check-ins is measured against; noon in milliseconds of Unix time.
    zone
        The town's time zone, None where nobody told.
    """

    lang: Lang
    town: str
    date: str
    made_up: bool
    attribution: tuple[str, ...]
    position: int
    code: str
    title: str
    size: int
    mode: str
    depart: str
    back: str
    length_m: float
    base: Place
    line: tuple[Place, ...] = field(repr=False)
    stops: tuple[CardStop, ...] = field(repr=False)
    legs: Mapping[tuple[str, str], CardLeg] = field(repr=False)
    rungs: tuple[CardRung, ...] = field(repr=False)
    plan: CodePlan = field(repr=False)
    noon_ms: int = 0
    zone: str | None = None

    def summary(self) -> str:
        """Return one line: the team, its times and how many stops."""
        return f"{self.title} {self.depart[11:16]}-{self.back[11:16]}, {len(self.stops)} stops"

    def planned_legs(self) -> Iterator[tuple[str, str]]:
        """Yield the ways of the plan in order: (from, to), the way home last."""
        yield from pairwise([BASE, *(stop.code for stop in self.stops), BASE])


def team_cards(
    document: Mapping[str, Any], lang: Lang = "zh", team: str | None = None
) -> tuple[TeamCard, ...]:
    """Return what each team takes along; teams that stay have no card.

    Parameters
    ----------
    document
        The answer as `fengqiao patrol --json` prints it.
    lang
        Language of the cards.
    team
        Code of the only team wanted; None = all.

    Raises
    ------
    NotFoundError
        If there is no such team, or it has no stops tonight.
    """
    rows = list(enumerate(document["teams"]))
    wanted = [(at, row) for at, row in rows if row["stops"] and team in (None, row["code"])]
    if team is not None and not wanted:
        going = ", ".join(row["code"] for _, row in rows if row["stops"]) or "none"
        msg = f"team {team!r} has no route on {document['date']}; teams with one: {going}"
        raise NotFoundError(msg)
    return tuple(_card(document, at, row, lang) for at, row in wanted)


def heading_deg(start: Place, end: Place) -> float:
    """Return the bearing from one place to another, degrees clockwise from north, 0 to 360.

    Examples
    --------
    >>> heading_deg((120.0, 30.0), (120.1, 30.0)), heading_deg((0.0, 0.0), (0.0, -1.0))
    (90.0, 180.0)
    """
    east = (end[0] - start[0]) * math.cos(math.radians((start[1] + end[1]) / 2))
    return math.degrees(math.atan2(east, end[1] - start[1])) % 360


def heading_text(bearing_deg: float, lang: Lang) -> str:
    """Return a bearing as one of eight directions.

    Examples
    --------
    >>> heading_text(44.0, "zh"), heading_text(350.0, "en")
    ('东北', 'north')
    """
    names: list[str] = load("publish")["directions"][lang]
    return names[round(bearing_deg / 45) % 8]


def _card(document: Mapping[str, Any], position: int, row: dict[str, Any], lang: Lang) -> TeamCard:
    base = (float(row["base_lon"]), float(row["base_lat"]))
    stops = tuple(_stop(stop, lang) for stop in row["stops"])
    return TeamCard(
        lang=lang,
        town=str(document.get("town") or ""),
        date=document["date"],
        made_up=bool(document.get("made_up")),
        attribution=tuple(document.get("attribution") or ()),
        position=position,
        code=row["code"],
        title=team_title(row, lang),
        size=int(row.get("size") or 0),
        mode=str(row.get("mode") or "foot"),
        depart=row["depart"],
        back=row["return"],
        length_m=float(row["length_m"]),
        base=base,
        line=_places(row.get("geometry")),
        stops=stops,
        legs=_legs(row, stops, base, lang),
        rungs=tuple(_rung(rung) for rung in row.get("ladder") or ()),
        plan=code_plan(document, position),
        noon_ms=round(noon(document).timestamp() * 1000),
        zone=document.get("params", {}).get("timezone"),
    )


def _stop(row: dict[str, Any], lang: Lang) -> CardStop:
    title = stop_title(row, lang)
    landmark = str(row.get("landmark") or "")
    return CardStop(
        order=int(row["order"]),
        code=row["code"],
        title=title,
        kind=str(row.get("kind") or ""),
        landmark="" if landmark in title else landmark,
        why=reason_text(row, lang),
        arrive=row["arrive"],
        depart=row["depart"],
        wait_s=float(row.get("wait_s") or 0),
        dwell_s=float(row.get("dwell_s") or 0),
        required=bool(row.get("required")),
        opens=row.get("opens"),
        closes=row.get("closes"),
        place=(float(row["lon"]), float(row["lat"])),
    )


def _rung(row: Mapping[str, Any]) -> CardRung:
    return CardRung(
        row["rung"], int(row["after"]), tuple(row["stops"]), float(row["back"]), float(row["score"])
    )


def _legs(
    row: dict[str, Any], stops: Sequence[CardStop], base: Place, lang: Lang
) -> dict[tuple[str, str], CardLeg]:
    """Return every way that the card may need: those of the plan, then those of its rungs."""
    places = {BASE: base, **{stop.code: stop.place for stop in stops}}
    codes = [BASE, *(stop.code for stop in stops), BASE]
    told = {int(leg["order"]): leg for leg in row.get("legs") or ()}
    leaves = [row["depart"], *(stop.depart for stop in stops)]
    reaches = [*(stop.arrive for stop in stops), row["return"]]
    made = {}
    for order, (start, end) in enumerate(pairwise(codes), 1):
        known = told.get(order) or {"time_s": _seconds(leaves[order - 1], reaches[order - 1])}
        made[start, end] = _leg(known, places[start], places[end], lang)
    for leg in row.get("ladder_legs") or ():
        start, end = leg["from"], leg["to"]
        if start in places and end in places:
            made.setdefault((start, end), _leg(leg, places[start], places[end], lang))
    return made


def _leg(row: Mapping[str, Any], start: Place, end: Place, lang: Lang) -> CardLeg:
    bearing = heading_deg(start, end)
    metres = row.get("length_m")
    there = metres is not None and metres < LEAST_WAY_M
    steps = tuple(_step_text(step, lang) for step in (not there and row.get("steps")) or ())
    return CardLeg(
        float(row["time_s"]),
        None if metres is None else float(metres),
        heading_text(bearing, lang),
        bearing,
        tuple(text for text in steps if text),
        _places(row.get("geometry")),
    )


def _step_text(step: Mapping[str, Any], lang: Lang) -> str:
    text = step.get("text") or ""
    return str(text.get(lang) or "") if isinstance(text, Mapping) else str(text)


def _seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def _places(geometry: Mapping[str, Any] | None) -> tuple[Place, ...]:
    """Return the places of a line, of several lines one after the other."""
    if not geometry or not geometry.get("coordinates"):
        return ()
    lines = geometry["coordinates"]
    if geometry["type"] == "LineString":
        lines = [lines]
    if geometry["type"] == "Point":
        return ()
    return tuple((float(x), float(y)) for line in lines for x, y, *_ in line)
