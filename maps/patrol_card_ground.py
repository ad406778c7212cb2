"""The ground around one team's way, as lines and outlines on a plane: streets, water, buildings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.layers import Layers
from gis.profiles import load
from maps.patrol_card import Place, TeamCard

Floats = npt.NDArray[np.float64]

METRES_PER_DEG = 111_319.49
# A map's height by its width: what a phone has between its bars.
PHONE = 1.6
LEAST_M = 240.0
# Room around a route as a part of its length: numbers of stops stand beside their places.
ROOM = 0.1


@dataclass(frozen=True)
class Plane:
    """Metres east and south of a place: what a map as small as a walk is drawn on."""

    lon: float
    lat: float

    def metres(self, places: npt.ArrayLike) -> Floats:
        """Return (n, 2) metres x (east), y (south) of (n, 2) degrees lon, lat.

        Examples
        --------
        >>> Plane(120.0, 0.0).metres([(120.001, -0.001)]).round(1).tolist()
        [[111.3, 111.3]]
        """
        at = np.asarray(places, float).reshape(-1, 2)
        east = (at[:, 0] - self.lon) * METRES_PER_DEG * math.cos(math.radians(self.lat))
        return np.column_stack([east, (self.lat - at[:, 1]) * METRES_PER_DEG])


@dataclass(frozen=True)
class StreetName:
    """A street's name, where it stands and how it is turned, degrees clockwise."""

    text: str
    at: tuple[float, float]
    turn_deg: float
    room_m: float


@dataclass(frozen=True)
class CardGround:
    """What a card's map shows beneath the way.

    Parameters
    ----------
    plane
        Where its metres are measured from.
    box
        Left, top, right, bottom, metres.
    water, buildings
        Rings, (n, 2) metres; holes are rings of their own.
    streets
        By "main", "small", "path": lines, (n, 2) metres.
    names
        Names of streets, the longest street first.
    """

    plane: Plane
    box: tuple[float, float, float, float]
    water: tuple[Floats, ...] = field(repr=False)
    buildings: tuple[Floats, ...] = field(repr=False)
    streets: dict[str, tuple[Floats, ...]] = field(repr=False)
    names: tuple[StreetName, ...] = field(repr=False)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height, metres."""
        left, top, right, bottom = self.box
        return right - left, bottom - top


def ground_of(card: TeamCard, layers: Layers, *, aspect: float = PHONE) -> CardGround:
    """Return the ground around a team's way.

    Parameters
    ----------
    card
        The team.
    layers
        The town; a layer that it lacks is left out of the map.
    aspect
        Height of the map by its width; that of a phone's page unless said.
    """
    places = shown_places(card)
    plane = Plane(*np.mean(places, axis=0).tolist())
    box = _box(plane.metres(places), aspect)
    numbers = load("publish")["map"]
    widest = max(box[2] - box[0], box[3] - box[1])
    window = _window(plane, box)
    detail_m = widest / 1500
    areas = _within(layers["areas"], window)
    houses = layers["buildings"] if widest <= numbers["buildings_to_m"] else None
    streets = _within(layers["streets"], window)
    if widest > numbers["small_streets_to_m"]:
        streets = streets[streets["highway"].isin(numbers["large"])]
    return CardGround(
        plane,
        box,
        _rings(areas[areas["kind"] == "water"], plane, detail_m, window),
        () if houses is None else _rings(_within(houses, window), plane, detail_m, window),
        _streets(streets, plane, detail_m, window),
        _names(streets, plane, window),
    )


def shown_places(card: TeamCard) -> Floats:
    """Return (n, 2) lon, lat of everything that a card's map must show."""
    return np.array([card.base, *(stop.place for stop in card.stops), *card.line], float)


def _box(at: Floats, aspect: float) -> tuple[float, float, float, float]:
    """Return a box of a shape around points with room around them."""
    margin = load("publish")["map"]["margin_m"]
    low, high = at.min(axis=0), at.max(axis=0)
    margin = max(margin, ROOM * float((high - low).max()))
    wide, high_m = np.maximum((high - low) / 2 + margin, LEAST_M)
    wide = max(wide, high_m / aspect)
    half = np.array([wide, wide * aspect])
    left, top = (low + high) / 2 - half
    right, bottom = (low + high) / 2 + half
    return float(left), float(top), float(right), float(bottom)


def _window(plane: Plane, box: tuple[float, float, float, float]) -> shapely.Polygon:
    """Return the box as degrees."""
    left, top, right, bottom = box
    per_lon = METRES_PER_DEG * math.cos(math.radians(plane.lat))
    return shapely.box(
        plane.lon + left / per_lon,
        plane.lat - bottom / METRES_PER_DEG,
        plane.lon + right / per_lon,
        plane.lat - top / METRES_PER_DEG,
    )


def _within(frame: gpd.GeoDataFrame, window: shapely.Polygon) -> gpd.GeoDataFrame:
    return frame.iloc[np.sort(frame.sindex.query(window, predicate="intersects"))]


def _cut(shapes: Iterable[Any], window: shapely.Polygon, detail_m: float) -> Any:
    """Return the parts of shapes inside the window, no finer than the map shows."""
    cut = shapely.intersection(np.asarray(list(shapes), dtype=object), window)
    thin = shapely.simplify(cut, detail_m / METRES_PER_DEG)
    return shapely.get_parts(shapely.get_parts(thin))


def _rings(
    frame: gpd.GeoDataFrame, plane: Plane, detail_m: float, window: shapely.Polygon
) -> tuple[Floats, ...]:
    parts = _cut(frame.geometry, window, detail_m)
    parts = parts[shapely.get_dimensions(parts) == 2] if len(parts) else parts
    rings: Any = shapely.get_rings(parts) if len(parts) else []
    return tuple(plane.metres(shapely.get_coordinates(ring)) for ring in rings)


def _streets(
    frame: gpd.GeoDataFrame, plane: Plane, detail_m: float, window: shapely.Polygon
) -> dict[str, tuple[Floats, ...]]:
    numbers = load("publish")["map"]
    main = frame["highway"].isin(numbers["main"])
    small = frame["highway"].isin(numbers["large"]) & ~main
    kinds = {"path": ~main & ~small, "small": small, "main": main}
    return {
        kind: tuple(
            plane.metres(shapely.get_coordinates(part))
            for part in _cut(frame.geometry[rows], window, detail_m)
            if shapely.get_dimensions(part) == 1
        )
        for kind, rows in kinds.items()
    }


def _names(
    frame: gpd.GeoDataFrame, plane: Plane, window: shapely.Polygon
) -> tuple[StreetName, ...]:
    """Return one place for each name: the middle of the longest piece of its streets."""
    named = frame[frame["name"].notna()]
    found = []
    for name, rows in named.geometry.groupby(named["name"], sort=True):
        merged = shapely.line_merge(shapely.union_all(shapely.intersection(list(rows), window)))
        pieces = [plane.metres(shapely.get_coordinates(p)) for p in shapely.get_parts(merged)]
        best = max((_straight(piece) for piece in pieces if len(piece) > 1), default=None)
        if best is not None:
            room, x, y, turn = best
            found.append(StreetName(str(name), (x, y), turn, room))
    found.sort(key=lambda one: (-one.room_m, one.text))
    return tuple(found[: load("publish")["map"]["names"]])


def _straight(line: Floats) -> tuple[float, float, float, float]:
    """Return room, middle and turn of a name along a line: its third in the middle, as a chord."""
    along = np.r_[0, np.hypot(*np.diff(line, axis=0).T).cumsum()]
    reach = along[-1] * np.array([1 / 3, 1 / 2, 2 / 3])
    start, middle, end = np.column_stack([np.interp(reach, along, axis) for axis in line.T])
    step = end - start
    turn = math.degrees(math.atan2(step[1], step[0]))
    # A name is never upside down.
    turn = (turn + 90) % 180 - 90
    return float(np.hypot(*step)) * 3, float(middle[0]), float(middle[1]), turn


def grouped(card: TeamCard, apart_m: float) -> list[tuple[tuple[int, ...], Place]]:
    """Return the orders of stops with their place, those closer than `apart_m` together."""
    groups: list[tuple[list[int], Place]] = []
    for stop in card.stops:
        near = (orders for orders, place in groups if _apart_m(place, stop.place) < apart_m)
        orders = next(near, None)
        if orders is None:
            groups.append(([stop.order], stop.place))
        else:
            orders.append(stop.order)
    return [(tuple(orders), place) for orders, place in groups]


def numbers_text(numbers: Sequence[int]) -> str:
    """Return rising numbers as spans.

    Examples
    --------
    >>> numbers_text([3, 4, 5, 9]), numbers_text([2, 3])
    ('3-5,9', '2,3')
    """
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ",".join(
        f"{span[0]}-{span[-1]}" if len(span) > 2 else ",".join(map(str, span)) for span in spans
    )


def _apart_m(one: Place, other: Place) -> float:
    return float(np.hypot(*Plane(*one).metres([other])[0]))
