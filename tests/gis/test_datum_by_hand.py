"""GCJ-02 and BD-09 beside a slow one of our own: one point at a time, undone by search."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import datum

Place = tuple[float, float]
# All of Zhejiang, its islands too.
LON, LAT = st.floats(118.0, 123.2), st.floats(27.0, 31.3)
METRES = 111_320.0


def gcj02(place: Place) -> Place:
    """Return a place of WGS 84 in GCJ-02, written down term by term."""
    east, north = place[0] - 105.0, place[1] - 35.0
    two_thirds = 2.0 / 3.0
    both = 20.0 * math.sin(6.0 * math.pi * east) + 20.0 * math.sin(2.0 * math.pi * east)
    d_north = -100.0 + 2.0 * east + 3.0 * north
    d_north += 0.2 * north**2 + 0.1 * east * north + 0.2 * math.sqrt(abs(east))
    d_north += two_thirds * both
    d_north += two_thirds * (
        20.0 * math.sin(math.pi * north) + 40.0 * math.sin(math.pi * north / 3.0)
    )
    d_north += two_thirds * (
        160.0 * math.sin(math.pi * north / 12.0) + 320.0 * math.sin(math.pi * north / 30.0)
    )
    d_east = 300.0 + east + 2.0 * north
    d_east += 0.1 * east**2 + 0.1 * east * north + 0.1 * math.sqrt(abs(east))
    d_east += two_thirds * both
    d_east += two_thirds * (20.0 * math.sin(math.pi * east) + 40.0 * math.sin(math.pi * east / 3.0))
    d_east += two_thirds * (
        150.0 * math.sin(math.pi * east / 12.0) + 300.0 * math.sin(math.pi * east / 30.0)
    )
    # Krasovsky 1940: radii of curvature across and along the meridian.
    a, e2 = 6_378_245.0, 0.00669342162296594323
    phi = math.radians(place[1])
    w = math.sqrt(1.0 - e2 * math.sin(phi) ** 2)
    along, across = a * (1.0 - e2) / w**3, a / w
    return (
        place[0] + math.degrees(d_east / (across * math.cos(phi))),
        place[1] + math.degrees(d_north / along),
    )


def bd09(place: Place) -> Place:
    """Return a place of GCJ-02 in BD-09, by a complex number."""
    wave = math.pi * 3000.0 / 180.0
    at = complex(*place)
    length = abs(at) + 0.00002 * math.sin(place[1] * wave)
    angle = math.atan2(at.imag, at.real) + 0.000003 * math.cos(place[0] * wave)
    return length * math.cos(angle) + 0.0065, length * math.sin(angle) + 0.006


def both(place: Place) -> Place:
    return bd09(gcj02(place))


def undone(move: Callable[[Place], Place], target: Place) -> Place:
    """Return the place that is moved to this one: the best of nine, ever closer."""
    place, step = target, 0.008
    while step > 1e-15:
        tries = [(place[0] + i * step, place[1] + j * step) for i in (0, -1, 1) for j in (0, -1, 1)]
        best = min(tries, key=lambda one: math.dist(move(one), target))
        if best == place:
            step /= 2
        place = best
    return place


MOVES = {
    "wgs84_to_gcj02": (gcj02, "gcj02_to_wgs84"),
    "gcj02_to_bd09": (bd09, "bd09_to_gcj02"),
    "wgs84_to_bd09": (both, "bd09_to_wgs84"),
}


@pytest.mark.parametrize("there", MOVES)
@given(lon=LON, lat=LAT)
def test_the_way_there_is_the_formula(there, lon, lat):
    slow = MOVES[there][0]((lon, lat))
    fast = [float(x[0]) for x in getattr(datum, there)([lon], [lat])]
    assert math.dist(slow, fast) * METRES <= 1e-8


@pytest.mark.parametrize("there", MOVES)
@settings(max_examples=20)
@given(lon=LON, lat=LAT)
def test_the_way_back_is_what_a_search_finds(there, lon, lat):
    move, back = MOVES[there]
    slow = undone(move, (lon, lat))
    fast = [float(x[0]) for x in getattr(datum, back)([lon], [lat])]
    # Degrees of this size are told apart to 1.4e-14, some 1.6e-9 m, by either.
    assert math.dist(slow, fast) * METRES <= 2e-8


@pytest.mark.parametrize("there", MOVES)
def test_there_by_hand_and_back_by_arrays_closes_all_over_zhejiang(there):
    move, back = MOVES[there]
    grid = [(lon, lat) for lon in np.linspace(118, 123.2, 40) for lat in np.linspace(27, 31.3, 40)]
    lon, lat = np.array(grid).T
    moved = np.array([move(place) for place in grid]).T
    again = getattr(datum, back)(*moved)
    assert (np.hypot(again[0] - lon, again[1] - lat) * METRES).max() <= 1e-8
