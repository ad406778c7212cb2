"""Tag values as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.osm_tags import (
    access,
    angle,
    direction,
    integer,
    metres,
    oneway,
    oneway_bicycle,
    speed_kmh,
)
from gis.profiles import load
from gis.schema import schema

RULES = load("osm")
MISSING = math.nan


def same(found: float, expected: float) -> bool:
    return (math.isnan(found) and math.isnan(expected)) or found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "azimuth", "sector"),
    [
        ("0", 0, MISSING),
        ("360", 0, MISSING),
        ("-45", 315, MISSING),
        ("90°", 90, MISSING),
        (" nnw ", 337.5, MISSING),
        ("west", 270, MISSING),
        ("90-180", 135, 90),
        ("W-E", 0, 180),
        ("350 - 10", 0, 20),
        ("0-360", MISSING, 360),
        ("0-359", MISSING, 360),
        ("N-N", MISSING, MISSING),
        ("N-left", MISSING, MISSING),
        ("400", MISSING, MISSING),
        ("90;270", MISSING, MISSING),
        ("forward", MISSING, MISSING),
        ("", MISSING, MISSING),
        (None, MISSING, MISSING),
    ],
)
def test_directions(value: str | None, azimuth: float, sector: float) -> None:
    found = direction(value)
    assert same(found[0], azimuth)
    assert same(found[1], sector)


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("12", 12),
        ("12.5m", 12.5),
        ("12 m", 12),
        ("40 ft", 12.192),
        ("40'", 12.192),
        ("6'6\"", 1.9812),
        ("12,5", MISSING),
        ("-3", MISSING),
        ("2;3", MISSING),
        ("1e3", MISSING),
        (None, MISSING),
    ],
)
def test_lengths(value: str | None, length: float) -> None:
    assert same(metres(value), length)


@pytest.mark.parametrize(
    ("value", "speed"),
    [("50", 50), ("50 km/h", 50), ("30mph", 48.28032), ("250", MISSING), ("none", MISSING)],
)
def test_speeds(value: str, speed: float) -> None:
    assert same(speed_kmh(value), speed)


@given(st.text())
def test_nothing_that_people_write_breaks_the_readers(value: str) -> None:
    azimuth, sector = direction(value)
    assert math.isnan(azimuth) or 0 <= azimuth < 360
    assert math.isnan(sector) or 0 < sector <= 360
    assert math.isnan(speed_kmh(value)) or 0 < speed_kmh(value) <= 200
    assert math.isnan(metres(value)) or metres(value) >= 0
    assert math.isnan(angle(value, -90, 90)) or -90 <= angle(value, -90, 90) <= 90
    level = integer(value, -10, 10)
    assert level is None or -10 <= level <= 10


@pytest.mark.parametrize(
    ("tags", "foot", "bicycle", "car"),
    [
        ({}, None, None, None),
        ({"access": "no"}, "no", "no", "no"),
        ({"access": "no", "foot": "designated"}, "yes", "no", "no"),
        ({"access": "yes", "motor_vehicle": "private"}, "yes", "yes", "no"),
        ({"motor_vehicle": "no", "motorcar": "yes"}, None, None, "yes"),
        ({"vehicle": "destination", "access": "private"}, "no", "yes", "yes"),
        ({"bicycle": "use_sidepath"}, None, "no", None),
        ({"foot": "perhaps", "access": "customers"}, "yes", "yes", "yes"),
        ({"motorroad": "yes"}, "no", "no", None),
        ({"motorroad": "yes", "bicycle": "yes"}, "no", "yes", None),
    ],
)
def test_most_specific_access_wins(
    tags: dict[str, str], foot: str | None, bicycle: str | None, car: str | None
) -> None:
    found = [access(tags, mode, RULES["access"]) for mode in ("foot", "bicycle", "car")]
    assert found == [foot, bicycle, car]


@pytest.mark.parametrize(
    ("tags", "traffic", "cycling"),
    [
        ({"oneway": "true"}, "yes", "yes"),
        ({"oneway": "reverse", "oneway:bicycle": "yes"}, "reverse", "yes"),
        ({"oneway": "reversible"}, "no", "no"),
        ({"junction": "roundabout", "oneway": "no"}, "no", "no"),
        ({"junction": "circular"}, "yes", "yes"),
        ({"highway": "motorway_link"}, "no", "no"),
        ({"oneway": "yes", "cycleway": "opposite_track"}, "yes", "no"),
    ],
)
def test_oneway(tags: dict[str, str], traffic: str, cycling: str) -> None:
    assert oneway(tags, RULES["streets"]) == traffic
    assert oneway_bicycle(tags, RULES["streets"]) == cycling


def test_tables_use_the_words_of_the_layers() -> None:
    kinds = {kind for table in RULES["sites"].values() for kind in table.values() if kind}
    words = schema("sites").by_name
    assert kinds <= set(words["kind"].words)
    assert set(RULES["area_class"]) <= set(words["area_class"].words)
    assert {kind for listed in RULES["area_class"].values() for kind in listed} <= set(
        words["kind"].words
    )
    assert set(RULES["stations"].values()) <= set(schema("stations").by_name["kind"].words)
    assert set(RULES["cameras"]["kind"].values()) <= set(schema("cameras").by_name["kind"].words)
    assert not set(RULES["access"]["yes"]) & set(RULES["access"]["no"])
    assert all(len(passes) == 3 for passes in RULES["barriers"].values())
