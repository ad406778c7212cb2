"""What stands around points: against distances and overlaps taken one by one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from gis.crs import to_metres, town_crs
from gis.datum_ground import ROADSIDE_M, ground_of
from gis.layers import Layers

LINES = [
    LineString([(10.0, 50.0), (10.002, 50.001)]),
    LineString([(10.001, 50.0), (10.001, 50.002)]),
]
HOUSES = [box(10.0, 50.0005, 10.0005, 50.001), box(10.0015, 50.0, 10.002, 50.0005)]
POINT = st.tuples(st.floats(9.999, 10.003), st.floats(49.999, 50.003))


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4326")


TOWN = Layers("drawn", {"streets": frame(LINES), "buildings": frame(HOUSES)})


@given(st.lists(POINT, min_size=1, max_size=8))
@settings(max_examples=25)
def test_every_point_is_seen_as_one_by_one(places):
    lon, lat = np.array(places).T
    seen = ground_of(TOWN).look(lon, lat)
    crs = town_crs(10.001, 50.001)
    lines = to_metres(gpd.GeoSeries(LINES, crs="EPSG:4326"), crs)
    for row, place in enumerate(places):
        here = to_metres(gpd.GeoSeries([Point(place)], crs="EPSG:4326"), crs).iloc[0]
        nearest_m = min(line.distance(here) for line in lines)
        assert seen.road_m[row] == pytest.approx(nearest_m, abs=1e-6)
        assert seen.near[row] == (seen.road_m[row] <= ROADSIDE_M)
        if all(abs(Point(place).distance(house.exterior)) > 1e-9 for house in HOUSES):
            assert seen.built[row] == any(house.contains(Point(place)) for house in HOUSES)


def test_points_that_are_nowhere():
    seen = ground_of(TOWN).look(np.array([np.inf, 10.0, 572_293.0]), np.array([np.inf, 50.0, 1e6]))
    assert seen.road_m.tolist() == [np.inf, 0.0, np.inf]
    assert seen.home.tolist() == [False, True, False]
    assert seen.built.tolist() == [False, False, False]


def test_the_town_is_its_villages_else_its_extent_else_what_is_there():
    place = np.array([10.0005, 10.01]), np.array([50.0, 50.0])
    streets = frame(LINES[1:2])
    extent = box(9.99, 49.99, 10.02, 50.02)
    villages = frame([box(10.005, 49.99, 10.02, 50.01), None], code=["1", "2"])
    assert ground_of(Layers("a", {"streets": streets})).look(*place).home.tolist() == [True, False]
    by_extent = Layers("b", {"streets": streets}, extent)
    assert ground_of(by_extent).look(*place).home.tolist() == [True, True]
    by_villages = by_extent.replaced(villages=villages)
    assert ground_of(by_villages).look(*place).home.tolist() == [False, True]


def test_only_water_is_water():
    areas = frame([box(10, 50, 10.001, 50.001), box(10, 50, 11, 51)], kind=["water", "no_camera"])
    ground = ground_of(Layers("pond", {"areas": areas}))
    seen = ground.look(np.array([10.0005, 10.5]), np.array([50.0005, 50.5]))
    assert seen.wet.tolist() == [True, False]
    assert (seen.road_m, seen.near, seen.built) == (None, None, None)


def test_nothing_there():
    assert ground_of(Layers("nothing", {})) is None
    assert ground_of(Layers("empty", {"streets": frame([None])})) is None
