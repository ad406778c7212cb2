"""What a request for features asks: its query, checked as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from api.ogc import CRS84
from gis.errors import ParameterError
from gis.profiles import load
from gis.schema import Column, schema
from gis.store_boxes import Box
from gis.store_features import FeatureQuery, Value

# What is no column of a layer.
OWN = ("bbox", "bbox-crs", "crs", "limit", "after", "datetime", "f", "lang")
OPEN = ("", "..")
FLAGS = {"true": True, "false": False}
LONGEST = 500


def feature_query(layer: str, asked: Iterable[tuple[str, str]]) -> FeatureQuery:
    """Return which features a query asks for.

    Parameters
    ----------
    layer
        Name of the layer.
    asked
        Names and values of the query, each name once.

    Raises
    ------
    ParameterError
        If anything is not as it should be, or nothing is called so; all faults are named.

    Examples
    --------
    >>> feature_query("cameras", [("bbox", "120,30,120.1,30.1"), ("status", "in_use")]).where
    {'status': 'in_use'}
    """
    pairs = list(asked)
    values, faults = dict(pairs), []
    faults += [
        f"{name}: is given twice" for name in values if [p[0] for p in pairs].count(name) > 1
    ]
    where: dict[str, Value] = {}
    columns = schema(layer).by_name
    for name, text in values.items():
        if name in OWN:
            continue
        if name not in columns:
            faults.append(f"{name}: no such parameter, and no column of {layer}")
        elif (value := _value(columns[name], text)) is None:
            faults.append(f"{name}: {text[:50]!r} is no {columns[name].type}")
        else:
            where[name] = value
    faults += [
        f"{name}: there is only {CRS84}"
        for name in ("bbox-crs", "crs")
        if values.get(name, CRS84) != CRS84
    ]
    boxes = _boxes(values.get("bbox"), faults)
    _check_datetime(values.get("datetime"), faults)
    limit = _limit(values.get("limit"), faults)
    if faults:
        raise ParameterError("; ".join(faults))
    return FeatureQuery(layer, boxes, where, values.get("after", ""), limit)


def _value(column: Column, text: str) -> Value | None:
    """Return the value that a column must have; None where the text says none."""
    if column.type == "flag":
        return FLAGS.get(text)
    if column.type in ("number", "integer"):
        return _number(text)
    return text if len(text) <= LONGEST and text.isprintable() else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _limit(text: str | None, faults: list[str]) -> int:
    """Return how many; more than there may be is no fault, by the standard."""
    known = load("ogc")
    if text is None:
        return int(known["limit"])
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        faults.append("limit: must be a whole number above 0")
        return int(known["limit"])
    return min(int(text), int(known["most"]))


def _boxes(text: str | None, faults: list[str]) -> tuple[Box, ...]:
    """Return the box, in two parts where it crosses the 180th meridian."""
    if text is None:
        return ()
    numbers = [_number(part) for part in text.split(",")]
    sides = [number for number in numbers if number is not None]
    if len(sides) != len(numbers) or len(sides) not in (4, 6):
        faults.append("bbox: must be west,south,east,north in degrees")
        return ()
    west, south, east, north = sides if len(sides) == 4 else (*sides[:2], *sides[3:5])
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
        faults.append("bbox: must be west,south,east,north in degrees, south below north")
        return ()
    if west > east:
        return ((west, south, 180.0, north), (-180.0, south, east, north))
    return ((west, south, east, north),)


def _check_datetime(text: str | None, faults: list[str]) -> None:
    """Note a datetime that is none. No layer has a time of its own, so that any selects all."""
    if text is None:
        return
    ends = text.split("/")
    moments = [_moment(end) for end in ends if len(ends) == 1 or end not in OPEN]
    known = [moment for moment in moments if moment is not None]
    if len(ends) > 2 or len(known) < len(moments) or not (known or len(ends) == 2):
        faults.append(
            "datetime: must be a moment such as 2026-11-26T20:00:00Z, or two with / between"
        )
    elif len(known) == 2 and known[0] > known[1]:
        faults.append("datetime: begins after its end")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A day alone is RFC 3339's full-date; a time must say its offset.
    return moment.astimezone() if moment.tzinfo or len(text) == len("2026-11-26") else None
