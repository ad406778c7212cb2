"""OpenStreetMap's tag values as the values of a column; what cannot be read is missing."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

Tags = Mapping[str, str]

M_PER_FOOT = 0.3048
M_PER_INCH = 0.0254
KM_PER_MILE = 1.609344

POINTS_OF_COMPASS = (
    *("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    *("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)
BEARINGS = {letters: 22.5 * i for i, letters in enumerate(POINTS_OF_COMPASS)} | {
    word: 90.0 * i for i, word in enumerate(("NORTH", "EAST", "SOUTH", "WEST"))
}

_NUMBER = r"\d+(?:\.\d+)?"
_LENGTH = re.compile(rf"({_NUMBER})\s*(m|ft|')?")
_FEET_INCHES = re.compile(rf"({_NUMBER})\s*'\s*({_NUMBER})\s*\"")
_SPEED = re.compile(rf"({_NUMBER})\s*(mph|km/h|kmh|kph)?")
_DIRECTION = re.compile(rf"(-?{_NUMBER}|[A-Z]+)\s*°?(?:\s*-\s*({_NUMBER}|[A-Z]+)\s*°?)?")


def first(tags: Tags, keys: Iterable[str]) -> str | None:
    """Return the value of the first of these keys that is there, None where none is."""
    return next((tags[key] for key in keys if key in tags), None)


def metres(value: str | None) -> float:
    """Return a length in metres; plain numbers are metres, feet and inches are converted.

    Examples
    --------
    >>> [metres(v) for v in ("12 m", "7.5", "10 ft", "tall", None)]
    [12.0, 7.5, 3.048, nan, nan]
    """
    text = (value or "").strip()
    if match := _FEET_INCHES.fullmatch(text):
        return float(match[1]) * M_PER_FOOT + float(match[2]) * M_PER_INCH
    if match := _LENGTH.fullmatch(text):
        return float(match[1]) * (M_PER_FOOT if match[2] in ("ft", "'") else 1.0)
    return math.nan


def speed_kmh(value: str | None) -> float:
    """Return a speed limit in km/h; walk, none and the codes of countries are missing.

    Examples
    --------
    >>> [round(speed_kmh(v), 2) for v in ("30", "20 mph", "walk", "CN:urban", "0")]
    [30.0, 32.19, nan, nan, nan]
    """
    match = _SPEED.fullmatch((value or "").strip())
    if not match:
        return math.nan
    speed = float(match[1]) * (KM_PER_MILE if match[2] == "mph" else 1.0)
    return speed if 0 < speed <= 200 else math.nan


def angle(value: str | None, low: float, high: float) -> float:
    """Return an angle in degrees within limits, missing for anything else.

    Examples
    --------
    >>> [angle(v, -90, 90) for v in ("15", "-5°", "120", "steep")]
    [15.0, -5.0, nan, nan]
    """
    match = re.fullmatch(rf"(-?{_NUMBER})\s*°?", (value or "").strip())
    degrees = float(match[1]) if match else math.nan
    return degrees if low <= degrees <= high else math.nan


def integer(value: str | None, low: int, high: int) -> int | None:
    """Return a whole number within limits, None for anything else.

    Examples
    --------
    >>> [integer(v, -10, 10) for v in ("-1", "1;2", "99", None)]
    [-1, None, None, None]
    """
    text = (value or "").strip()
    if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
        return None
    return int(text) if low <= int(text) <= high else None


def flag(value: str | None, yes: Container[str | None], no: Container[str | None]) -> bool | None:
    """Return True or False for a value in either list, None for anything else."""
    if value in yes:
        return True
    return False if value in no else None


def direction(value: str | None) -> tuple[float, float]:
    """Return the bearing of a camera, and the sector it turns over where one is stated.

    A range goes clockwise from its first to its second bearing; its middle is the bearing.

    Returns
    -------
    tuple
        Degrees clockwise from north in [0, 360) and width of the sector in degrees, NaN where
        missing. The whole circle has no bearing.

    Examples
    --------
    >>> direction("NNE"), direction("270-90"), direction("0-360"), direction("left")
    ((22.5, nan), (0.0, 180.0), (nan, 360.0), (nan, nan))
    """
    match = _DIRECTION.fullmatch((value or "").strip().upper())
    if not match:
        return math.nan, math.nan
    start = _bearing(match[1])
    if match[2] is None:
        return start % 360, math.nan
    end = _bearing(match[2])
    # 0-359 is how some editors write the whole circle.
    if end - start >= 359:
        return math.nan, 360.0
    width = (end - start) % 360
    # N-N says as little as a NaN at either end.
    return ((start + width / 2) % 360, width) if width > 0 else (math.nan, math.nan)


def _bearing(text: str) -> float:
    if text in BEARINGS:
        return BEARINGS[text]
    try:
        degrees = float(text)
    except ValueError:
        return math.nan
    return degrees if -360 <= degrees <= 360 else math.nan


def access(tags: Tags, mode: str, rules: Mapping[str, Any]) -> str | None:
    """Return whether a mode may pass by its tags: "yes", "no", or None where they do not say.

    The most specific key with a known value wins (foot before access, motorcar before
    motor_vehicle before vehicle before access). Private ways are "no": the rule is that of the
    public, which patrols and walkers follow; a crew on a call may be let through by others.

    Parameters
    ----------
    tags
        Tags of a street or barrier.
    mode
        "foot", "bicycle" or "car".
    rules
        Table `access` of `data/profiles/osm.toml`.

    Examples
    --------
    >>> from gis.profiles import load
    >>> rules = load("osm")["access"]
    >>> tags = {"access": "private", "vehicle": "permissive", "motor_vehicle": "unknown"}
    >>> [access(tags, mode, rules) for mode in ("foot", "bicycle", "car")]
    ['no', 'yes', 'yes']
    """
    for key in rules[mode]:
        value = tags.get(key)
        if value in rules["yes"]:
            return "yes"
        if value in rules["no"]:
            return "no"
    if tags.get("motorroad") == "yes" and mode in rules["motorroad_closed_to"]:
        return "no"
    return None


def oneway(tags: Tags, rules: Mapping[str, Any]) -> str:
    """Return the direction of traffic along the line: "no", "yes" or "reverse".

    Without a known tag, roundabouts and motorways are "yes" and everything else is "no".

    Examples
    --------
    >>> from gis.profiles import load
    >>> rules = load("osm")["streets"]
    >>> [oneway(tags, rules) for tags in ({"oneway": "-1"}, {"junction": "roundabout"}, {})]
    ['reverse', 'yes', 'no']
    """
    stated = rules["oneway"].get(tags.get("oneway"))
    if stated is not None:
        return str(stated)
    implied = (
        tags.get("junction") in rules["oneway_junctions"]
        or tags.get("highway") in rules["oneway_highways"]
    )
    return "yes" if implied else "no"


def oneway_bicycle(tags: Tags, rules: Mapping[str, Any]) -> str:
    """Return the direction of cycling along the line: that of traffic unless tags free it.

    Examples
    --------
    >>> from gis.profiles import load
    >>> rules = load("osm")["streets"]
    >>> oneway_bicycle({"oneway": "yes", "cycleway:left": "opposite_lane"}, rules)
    'no'
    """
    stated = rules["oneway"].get(tags.get("oneway:bicycle"))
    if stated is not None:
        return str(stated)
    sides = ("cycleway", "cycleway:both", "cycleway:left", "cycleway:right")
    if any(tags.get(side, "").startswith("opposite") for side in sides):
        return "no"
    return oneway(tags, rules)
