"""A way on foot in words, by what one sees: bridge, canal, gate, shop; left, right, minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely import LineString, Point
from shapely.ops import substring

from gis.layers import WGS84
from gis.profiles import load
from gis.streets import Streets
from gis.ways_to import Leg, line_of
from planner.directions import Lang, Step, Turn, compass_text, length_text, steps_of
from planner.landmarks import Marks

# Parts of a minute below which a length says more.
SHORT_MINUTES = 0.75
# Landmarks one does not walk past: they are crossed, walked along, or stand where one turns.
NOT_PASSED = frozenset({"canal", "pond", "bridge", "lights"})


@dataclass(frozen=True)
class WalkStep:
    """One step of a way on foot.

    Parameters
    ----------
    turn
        "start", "straight", "left", "right" or "u_turn": what is done at its beginning.
    street
        Name of the street, None where it has none.
    landmark
        What names its beginning, None without.
    length_m, minutes
        How far and how long it goes.
    lon, lat
        Where it begins, EPSG:4326.
    text
        The step as a sentence.
    """

    turn: Turn
    street: str | None
    landmark: str | None
    length_m: float
    minutes: float
    lon: float
    lat: float
    text: str

    def document(self) -> dict[str, Any]:
        """Return the step as it is given out as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Seen:
    """A step and the landmarks, by position, that tell it; -1 = none."""

    step: Step
    begin: tuple[float, float]
    at: int
    crossed: bool
    along: int
    passed: int
    passed_side: str
    goal_side: str | None


def walk_steps(
    streets: Streets,
    names: Mapping[str, str],
    marks: gpd.GeoDataFrame | Marks,
    legs: Sequence[Leg],
    lang: Lang = "zh",
    *,
    stretch: float = 1.0,
    goal: str | None = None,
    goal_point: Point | None = None,
) -> list[WalkStep]:
    """Return the steps of a way on foot, told by landmarks.

    Parameters
    ----------
    streets
        The network.
    names
        Street code to its name; a street that is not there has none.
    marks
        What `planner.landmarks.landmarks_of` returns; `Marks.of` it if there are many ways.
    legs
        The way, piece by piece (`gis.ways_to.Leg`).
    lang
        "zh" or "en".
    stretch
        The walker's time over that of the legs.
    goal, goal_point
        Name of the place at the end and, EPSG:4326, where it is, to tell on which side.

    Returns
    -------
    list of WalkStep
        Empty for a way without length.

    Examples
    --------
    >>> lines = ["LINESTRING (0 0, 90 0)", "LINESTRING (90 0, 90 240)"]
    >>> geometry = gpd.GeoSeries.from_wkt(lines, crs="EPSG:32650").translate(500_000, 3_300_000)
    >>> network = Streets.build(gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=geometry))
    >>> shop = gpd.GeoDataFrame(
    ...     {"code": ["s"], "name": ["Blue Shop"], "kind": ["shop"], "rank": [1]},
    ...     geometry=gpd.GeoSeries.from_xy([500_095], [3_300_010], crs="EPSG:32650"),
    ... )
    >>> way = Leg(0, 0.0, 1.0, 90.0), Leg(1, 0.0, 1.0, 240.0)
    >>> for step in walk_steps(network, {"a": "Long Road"}, shop, way, "en"):
    ...     print(step.text)
    Walk east along Long Road, about 2 min
    At Blue Shop turn left and follow the street, about 4 min
    """
    seen = _seen(streets, names, marks, legs, goal_point)
    found = marks if isinstance(marks, Marks) else Marks.of(streets, marks)
    return [_told(one, found, lang, stretch, goal) for one in seen]


def both(
    streets: Streets,
    names: Mapping[str, str],
    marks: gpd.GeoDataFrame | Marks,
    legs: Sequence[Leg],
    *,
    stretch: float = 1.0,
    goal: str | None = None,
    goal_point: Point | None = None,
) -> list[dict[str, Any]]:
    """Return the steps as JSON with text and landmark in both languages; see `walk_steps`."""
    found = marks if isinstance(marks, Marks) else Marks.of(streets, marks)
    steps = []
    for one in _seen(streets, names, found, legs, goal_point):
        zh, en = (_told(one, found, lang, stretch, goal) for lang in ("zh", "en"))
        landmark = None if zh.landmark is None else {"zh": zh.landmark, "en": en.landmark}
        steps.append(
            {**zh.document(), "landmark": landmark, "text": {"zh": zh.text, "en": en.text}}
        )
    return steps


def _seen(
    streets: Streets,
    names: Mapping[str, str],
    marks: gpd.GeoDataFrame | Marks,
    legs: Sequence[Leg],
    goal_point: Point | None,
) -> list[_Seen]:
    """Return the steps with the landmarks that tell them."""
    steps = steps_of(streets, names, legs)
    if not steps:
        return []
    table = load("landmarks")["told"]
    found = marks if isinstance(marks, Marks) else Marks.of(streets, marks)
    line = line_of(streets, legs)
    ends_m = np.cumsum([step.length_m for step in steps])
    starts_m = ends_m - [step.length_m for step in steps]
    bridges = _bridges_crossed(streets, found, legs)
    places = [line.interpolate(float(far_m)) for far_m in starts_m]
    lons, lats = _between(streets.crs, WGS84).transform(*shapely.get_coordinates(places).T)
    side = _goal_side(streets, line, goal_point, table["here_m"])
    seen, used = [], set[int]()
    for k, step in enumerate(steps):
        at, crossed = -1, False
        if k:
            at, crossed = _names_turn(found, places[k], float(starts_m[k]), bridges, table)
        used.add(at)
        piece = _part(line, float(starts_m[k]), float(ends_m[k]))
        along = _water_along(found, piece, table)
        passed, passed_side = _passed(found, piece, used, step.length_m, table)
        used.add(passed)
        begin = (float(lons[k]), float(lats[k]))
        last = side if k == len(steps) - 1 else None
        seen.append(_Seen(step, begin, at, crossed, along, passed, passed_side, last))
    return seen


def _part(line: LineString, start_m: float, end_m: float) -> LineString:
    """Return a part of a line, two equal vertices where it has no length."""
    part = substring(line, start_m, end_m)
    return part if isinstance(part, LineString) else LineString([part, part])


def _bridges_crossed(
    streets: Streets, marks: Marks, legs: Sequence[Leg]
) -> list[tuple[float, int]]:
    """Return how far along the way each bridge ends, and which landmark it is."""
    crossed, far_m = [], 0.0
    for leg in legs:
        far_m += abs(leg.end - leg.start) * float(streets.edge_length_m[leg.edge])
        bridge = marks.bridges.get(str(streets.edge_street[leg.edge]))
        if bridge is not None and leg.start != leg.end:
            crossed.append((far_m, bridge))
    return crossed


def _names_turn(
    marks: Marks,
    place: Point,
    far_m: float,
    bridges: list[tuple[float, int]],
    table: Mapping[str, Any],
) -> tuple[int, bool]:
    """Return the landmark that names a turn, and whether it is a bridge behind one."""
    for end_m, bridge in reversed(bridges):
        if 0 <= far_m - end_m + 0.01 <= table["after_m"]:
            return bridge, True
    near = [at for at in marks.near(place, table["turn_m"]) if marks.kind[at] != "pond"]
    return (near[0] if near else -1), False


def _water_along(marks: Marks, piece: LineString, table: Mapping[str, Any]) -> int:
    """Return the canal that a step follows, -1 without one."""
    if piece.length < table["beside_least_m"]:
        return -1
    far_m = np.arange(0.0, piece.length, table["beside_every_m"])
    places = shapely.line_interpolate_point(piece, far_m)
    for at in marks.near(piece, table["beside_m"]):
        if marks.kind[at] == "canal":
            beside = shapely.dwithin(marks.shapes[at], places, table["beside_m"])
            if np.mean(beside) >= table["beside_share"]:
                return at
    return -1


def _passed(
    marks: Marks, piece: LineString, used: set[int], length_m: float, table: Mapping[str, Any]
) -> tuple[int, str]:
    """Return a landmark to pass on the way along a step, in its second half, and on which side."""
    if length_m < table["pass_least_m"]:
        return -1, ""
    half = _part(piece, 0.4 * piece.length, 0.85 * piece.length)
    for at in marks.near(half, table["pass_m"]):
        if at not in used and marks.kind[at] not in NOT_PASSED:
            shown = shapely.get_point(shapely.shortest_line(half, marks.shapes[at]), 1)
            side = _side(half, shown, table["here_m"])
            if side:
                return at, side
    return -1, ""


def _goal_side(streets: Streets, line: LineString, goal: Point | None, here_m: float) -> str | None:
    """Return "left" or "right", where the goal is; "" = neither, None = nobody knows."""
    if goal is None:
        return None
    there = Point(*_between(WGS84, streets.crs).transform(goal.x, goal.y))
    return _side(line, there, here_m)


@lru_cache(maxsize=8)
def _between(given: CRS | str, wanted: CRS | str) -> Transformer:
    """Return what turns x and y of one system into those of another: made once, ways are many."""
    return Transformer.from_crs(given, wanted, always_xy=True)


def _side(line: LineString, place: shapely.Geometry, here_m: float) -> str:
    """Return on which side of a line a point is, "" where it is on it."""
    x, y = shapely.get_coordinates(place)[0]
    far_m = shapely.line_locate_point(line, shapely.Point(x, y))
    if shapely.distance(line, shapely.Point(x, y)) < here_m:
        return ""
    begin, end = shapely.line_interpolate_point(line, [max(far_m, 5.0) - 5.0, max(far_m, 5.0)])
    cross = (end.x - begin.x) * (y - begin.y) - (end.y - begin.y) * (x - begin.x)
    return "left" if cross > 0 else "right"


def _told(one: _Seen, marks: Marks, lang: Lang, stretch: float, goal: str | None) -> WalkStep:
    """Return a step with its sentence."""
    words, step = load("landmarks")[lang], one.step
    landmark = None if one.at < 0 else _called(marks, one.at, lang)
    minutes = step.seconds * stretch / 60
    at = "" if landmark is None else words["after" if one.crossed else "at"].format(name=landmark)
    text = words[step.turn].format(
        at=at,
        along=_along(one, marks, lang),
        compass=compass_text(step.heading_deg, lang),
        how_long=_how_long(step.length_m, minutes, lang),
    )
    if one.passed >= 0:
        name = _called(marks, one.passed, lang)
        text += words["passing"].format(name=name, side=words["sides"][one.passed_side])
    if goal is not None and one.goal_side:
        text += words["goal"].format(name=goal, side=words["sides"][one.goal_side])
    elif goal is not None and one.goal_side == "":
        text += words["goal_here"].format(name=goal)
    lon, lat = one.begin
    text = text[0].upper() + text[1:]
    return WalkStep(step.turn, step.street, landmark, step.length_m, minutes, lon, lat, text)


def _along(one: _Seen, marks: Marks, lang: Lang) -> str:
    """Return what a step follows: a named street, else a canal, else what kind of street it is."""
    if one.step.street is not None:
        return one.step.street
    if one.along >= 0:
        return _called(marks, one.along, lang)
    kinds = load("directions")["kinds"]
    return str(kinds.get(one.step.kind, kinds["other"])[lang])


def _called(marks: Marks, at: int, lang: Lang) -> str:
    """Return what a landmark is called."""
    table = load("landmarks")
    name, kind = marks.name[at], marks.kind[at]
    if name is not None:
        return str(table[lang]["gate_of"].format(name)) if kind == "gate" else name
    words = table["kinds"].get(kind) or load("words")["site"].get(kind)
    return str(words[lang]) if words else kind


def _how_long(length_m: float, minutes: float, lang: Lang) -> str:
    """Return a walk in whole minutes, a short one in metres."""
    if minutes < SHORT_MINUTES:
        metres = length_text(length_m, lang)
        return f" {metres}" if lang == "zh" else metres
    return str(load("landmarks")[lang]["minutes"].format(max(1, round(minutes))))
