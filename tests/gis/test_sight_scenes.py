"""Scenes worked out by hand, and what must hold whatever the scene."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon, affinity, box

from gis.sight import visible

CRS = 32651
RANGE_M = 50.0


def views(
    buildings: list[Polygon],
    azimuth_deg: float,
    fov_deg: float,
    at: list[tuple[float, float]],
    chord_deg: float = 1.0,
) -> gpd.GeoSeries:
    """Return what cameras alike at several places see."""
    cameras = gpd.GeoDataFrame(
        {"azimuth_deg": azimuth_deg, "fov_deg": fov_deg, "range_m": RANGE_M},
        index=range(len(at)),
        geometry=[Point(place) for place in at],
        crs=CRS,
    )
    return visible(cameras, gpd.GeoSeries(buildings, crs=CRS), chord_deg=chord_deg)


def view(buildings: list[Polygon], azimuth_deg: float = 0.0, fov_deg: float = 90.0) -> Polygon:
    return views(buildings, azimuth_deg, fov_deg, [(0.0, 0.0)]).iloc[0]


def disc_m2(fov_deg: float = 360.0, chord_deg: float = 1.0) -> float:
    """Return the area of a sector as its chords bound it."""
    step = fov_deg / math.ceil(fov_deg / chord_deg)
    return fov_deg / step * 0.5 * RANGE_M**2 * math.sin(math.radians(step))


def test_a_corner_hides_the_quarter_behind_it() -> None:
    # A block fills all north-east of (10, 10). Of a view from 0 to 90 degrees, what is left of
    # x = 10 and what is below y = 10 stays: two strips that share a square.
    seen = view([box(10, 10, 99, 99)], azimuth_deg=45)
    # One strip of a circle: integral of sqrt(r^2 - x^2) from 0 to 10.
    strip_m2 = 0.5 * (10 * math.sqrt(RANGE_M**2 - 10**2) + RANGE_M**2 * math.asin(10 / RANGE_M))
    chords_m2 = math.pi * RANGE_M**2 - disc_m2()  # all that the chords cut off a whole circle
    assert seen.area == pytest.approx(2 * strip_m2 - 10 * 10, abs=chords_m2)


def test_behind_the_end_of_a_wall_the_view_opens_again() -> None:
    # A wall from (0, 10) to the right: left of its end all is seen, right of it nothing beyond.
    seen = view([box(0, 10, 99, 11)], fov_deg=90)
    left = disc_m2(45)
    right = 10 * 10 / 2
    assert seen.area == pytest.approx(left + right)


def test_a_footprint_nested_in_another_changes_nothing() -> None:
    outer, inner = box(-8, 10, 8, 30), box(-2, 15, 2, 20)
    assert view([outer, inner]).equals_exact(view([outer]), 1e-9)
    assert view([inner, outer]).equals_exact(view([outer]), 1e-9)


def test_a_sector_across_north_is_one_sector() -> None:
    # From 359 to 1 degree.
    north = view([], azimuth_deg=0, fov_deg=2)
    assert north.area == pytest.approx(disc_m2(2))
    assert north.contains(Point(0, 40))
    assert north.bounds[0] == pytest.approx(-RANGE_M * math.sin(math.radians(1)))
    halved = view([box(0, 10, 9, 11)], azimuth_deg=360, fov_deg=2)
    assert halved.area == pytest.approx(disc_m2(1) + 10 * 10 * math.tan(math.radians(1)) / 2)


@pytest.mark.parametrize("azimuth_deg", [0.0, 90.0, 179.5, 359.0, -90.0, 720.0])
def test_a_full_circle_beside_a_wall_misses_what_is_behind_it(azimuth_deg: float) -> None:
    # The start of the circle is turned into, onto and out of the wall; a dome has no azimuth, and
    # this one a field of view of nearly all round.
    wall = [box(-99, 10, 99, 12)]
    behind_m2 = RANGE_M**2 * math.acos(10 / RANGE_M) - 10 * math.sqrt(RANGE_M**2 - 10**2)
    seen = views(wall, math.nan, 360.0, [(0.0, 0.0)], chord_deg=0.01).iloc[0]
    assert seen.area == pytest.approx(math.pi * RANGE_M**2 - behind_m2, rel=1e-6)
    turned = views(wall, azimuth_deg, 360.0, [(0.0, 0.0)], chord_deg=0.01).iloc[0]
    assert turned.area == pytest.approx(seen.area, rel=1e-6)


def test_ten_thousand_buildings_are_seen_past() -> None:
    # 100 by 100 blocks of 6 m, 10 m apart; cameras at the crossings look north along the street.
    blocks = [
        box(10 * i + 2, 10 * j + 2, 10 * i + 8, 10 * j + 8) for i in range(100) for j in range(100)
    ]
    at = [(10.0 * i, 500.0) for i in range(5, 95)]
    seen = views(blocks, 0.0, 90.0, at)
    assert seen.area.to_numpy() == pytest.approx(np.full(len(at), seen.area.iloc[0]))
    here = affinity.translate(seen.iloc[0], -at[0][0], -at[0][1])
    near = [
        affinity.translate(block, -50, -500)
        for block in blocks
        if block.distance(Point(50, 500)) < 60
    ]
    assert here.equals_exact(view(near), 1e-6)
    assert here.contains(Point(0, 49))
    assert not here.intersects(Point(5, 9))


def test_many_walls_in_one_view() -> None:
    # Seven hundred stakes of 1 cm around a circle: each hides what it spans.
    stakes = [
        affinity.rotate(box(-0.005, 20, 0.005, 20.01), turn, origin=(0, 0))
        for turn in np.arange(700) * 360 / 700
    ]
    seen = view(stakes, math.nan, 360.0)
    # The wedge of half a centimetre at 20 m, from there to the range, on both sides.
    half = math.atan2(0.005, 20)
    hidden = 700 * (half * RANGE_M**2 - 20 * 0.005)
    assert seen.area == pytest.approx(disc_m2() - hidden, rel=1e-4)


towers = st.builds(
    lambda x, y, width, depth, turn: affinity.rotate(box(x, y, x + width, y + depth), turn),
    x=st.integers(-45, 40),
    y=st.integers(-45, 40),
    width=st.integers(1, 25),
    depth=st.integers(1, 25),
    turn=st.sampled_from([0.0, 30.0, 77.0]),
)


@given(buildings=st.lists(towers, max_size=6), more=towers, fov_deg=st.sampled_from([60.0, 360.0]))
def test_another_building_never_shows_more(
    buildings: list[Polygon], more: Polygon, fov_deg: float
) -> None:
    here = Point(0, 0)
    if min(one.distance(here) for one in [*buildings, more]) < 0.01:
        return
    before, after = view(buildings, 20.0, fov_deg), view([*buildings, more], 20.0, fov_deg)
    assert after.difference(before).area <= 1e-6
    assert after.intersection(more).area <= 1e-6


@given(
    buildings=st.lists(towers, max_size=6),
    azimuth_deg=st.floats(0, 360),
    fov_deg=st.sampled_from([10.0, 45.5, 90.0, 200.0]),
    wider_deg=st.sampled_from([0.5, 31.0, 150.0]),
)
def test_a_wider_angle_sees_all_that_a_narrower_one_does(
    buildings: list[Polygon], azimuth_deg: float, fov_deg: float, wider_deg: float
) -> None:
    if any(one.distance(Point(0, 0)) < 0.01 for one in buildings):
        return
    narrow = view(buildings, azimuth_deg, fov_deg)
    wide = view(buildings, azimuth_deg, fov_deg + wider_deg)
    # Their chords differ: by the sagitta at most, along the far limit.
    sagitta_m = RANGE_M * (1 - math.cos(math.radians(0.5)))
    beyond = narrow.difference(wide)
    assert beyond.area <= RANGE_M * math.radians(fov_deg) * sagitta_m
    within = Point(0, 0).buffer(RANGE_M - sagitta_m)
    assert beyond.intersection(within).area <= 1e-6
