"""GCJ-02 and BD-09: against another implementation, there and back, and at every edge."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString, MultiPolygon, Point, box

from gis import datum
from gis.datum import declared, unshifted
from gis.errors import CrsError, ParameterError

GEOD = Geod(ellps="WGS84")
PAIRS = [
    ("wgs84_to_gcj02", "gcj02_to_wgs84"),
    ("gcj02_to_bd09", "bd09_to_gcj02"),
    ("wgs84_to_bd09", "bd09_to_wgs84"),
]
ZHEJIANG = (118.0, 27.0, 123.0, 31.2)
LON = st.floats(73.661, 135.049)
LAT = st.floats(3.861, 53.549)


def scattered(count, west, south, east, north):
    random = np.random.default_rng(4)
    return random.uniform(west, east, count), random.uniform(south, north, count)


def apart_m(one, other):
    return GEOD.inv(*one, *other)[2]


@pytest.mark.parametrize("there", [there for there, _ in PAIRS])
def test_the_way_there_is_that_of_another_implementation(there):
    peer = pytest.importorskip("coordTransform")
    for region in (ZHEJIANG, (70.0, 0.0, 140.0, 60.0)):
        lon, lat = scattered(20_000, *region)
        expected = np.array(getattr(peer, there)(lon, lat))
        assert np.abs(np.array(getattr(datum, there)(lon, lat)) - expected).max() <= 1e-12


@pytest.mark.parametrize(("there", "back"), PAIRS)
def test_the_way_back_closes_to_a_hundred_millionth_of_a_metre(there, back):
    lon, lat = scattered(200_000, *ZHEJIANG)
    again = getattr(datum, back)(*getattr(datum, there)(lon, lat))
    assert (np.hypot(again[0] - lon, again[1] - lat) * 111_320).max() <= 1e-8


@pytest.mark.parametrize(("there", "back"), PAIRS)
@given(lon=LON, lat=LAT)
def test_the_way_back_closes_all_over_china(there, back, lon, lat):
    again = getattr(datum, back)(*getattr(datum, there)([lon], [lat]))
    # At 105 E the formula has the root of a distance in it, and loses a digit there.
    assert max(abs(again[0][0] - lon), abs(again[1][0] - lat)) * 111_320 <= 1e-6


def test_shifts_are_those_measured_for_shaoxing():
    lon, lat = scattered(10_000, 120.3, 29.8, 121.1, 30.5)
    far_m = apart_m((lon, lat), datum.wgs84_to_gcj02(lon, lat))
    assert far_m.min() > 485
    assert far_m.max() < 510
    place = np.array([120.75]), np.array([30.10])
    gcj02, bd09 = datum.wgs84_to_gcj02(*place), datum.wgs84_to_bd09(*place)
    assert apart_m(gcj02, bd09) == pytest.approx(907, abs=1)
    assert apart_m(place, bd09) == pytest.approx(1106, abs=1)


@pytest.mark.parametrize("move", ["wgs84_to_gcj02", "gcj02_to_wgs84"])
@pytest.mark.parametrize("foreign_first", [True, False])
def test_each_point_is_outside_china_or_not_by_itself(move, foreign_first):
    lon, lat = np.array([24.94, 120.75]), np.array([60.17, 30.10])
    order = [0, 1] if foreign_first else [1, 0]
    new_lon, new_lat = getattr(datum, move)(lon[order], lat[order])
    foreign, town = order.index(0), order.index(1)
    assert (new_lon[foreign], new_lat[foreign]) == (24.94, 60.17)
    assert abs(new_lon[town] - 120.75) > 0.004
    assert abs(new_lat[town] - 30.10) > 0.002


def test_places_at_the_edge_of_the_rectangle_come_back():
    # North of 48 the shift takes the second across the eastern edge, and the third is outside.
    lon, lat = np.array([73.6601, 135.0499, 135.06, 73.65]), np.array([40.0, 48, 48, 40])
    shifted = datum.wgs84_to_gcj02(lon, lat)
    assert shifted[0][1] > 135.05
    assert shifted[0][2:].tolist() == lon[2:].tolist()
    again = datum.gcj02_to_wgs84(*shifted)
    assert np.abs(np.array(again) - [lon, lat]).max() < 1e-13


@pytest.mark.parametrize("move", [move for pair in PAIRS for move in pair])
def test_what_is_no_place_stays_as_it_is(move):
    lon = np.array([np.nan, 120.75, np.inf, 572_293.0])
    lat = np.array([30.10, np.nan, -np.inf, 3_331_367.0])
    new_lon, new_lat = getattr(datum, move)(lon, lat)
    assert np.array_equal(new_lon, lon, equal_nan=True)
    assert np.array_equal(new_lat, lat, equal_nan=True)


@pytest.mark.parametrize("move", [move for pair in PAIRS for move in pair])
def test_any_shape_comes_back_and_the_callers_arrays_stay(move):
    lon = np.linspace(120.0, 121.0, 20_000).reshape(2, 10_000)
    lat = np.full_like(lon, 30.1)
    kept = lon.copy()
    flat = getattr(datum, move)(lon.ravel(), lat.ravel())
    shaped = getattr(datum, move)(lon, lat)
    assert np.array_equal(shaped[0], flat[0].reshape(2, 10_000))
    assert np.array_equal(lon, kept)
    assert not np.shares_memory(shaped[1], lat)
    assert getattr(datum, move)(120.75, 30.1)[0].shape == ()
    assert getattr(datum, move)([], [])[0].shape == (0,)
    with pytest.raises(ParameterError, match="one shape"):
        getattr(datum, move)([120.75, 120.76], [30.1])


@pytest.mark.parametrize(
    ("name", "canonical", "epsg", "shift"),
    [
        (" WGS-84 ", "wgs84", 4326, ""),
        ("CGCS2000", "cgcs2000", 4490, ""),
        ("Gcj_02", "gcj02", 4326, "gcj02"),
        ("BD09", "bd09", 4326, "bd09"),
        ("epsg:4549", "EPSG:4549", 4549, ""),
        ("4528", "EPSG:4528", 4528, ""),
    ],
)
def test_names_in_any_case(name, canonical, epsg, shift):
    said = declared(name)
    assert (said.name, said.crs.to_epsg(), said.shift) == (canonical, epsg, shift)
    assert said.summary().startswith(canonical)


def test_names_that_are_not_known():
    for unknown in ("", "gcj03", "EPSG:", "+proj=longlat"):
        with pytest.raises(ParameterError, match="wgs84, cgcs2000, gcj02, bd09, EPSG:<number>"):
            declared(unknown)
    with pytest.raises(CrsError, match="EPSG:99999"):
        declared("EPSG:99999")


def test_every_sort_of_shape_is_unshifted():
    block = box(120.70, 30.10, 120.71, 30.11).difference(box(120.703, 30.103, 120.706, 30.106))
    shapes = gpd.GeoSeries(
        [
            block,
            MultiPolygon([box(120.8, 30.1, 120.9, 30.2)]),
            None,
            Point(),
            Point(120.7, 30.1, 9),
            LineString([(120.7, 30.1, 5), (120.8, 30.2, 6)]),
        ],
        index=list("abcdef"),
        crs="EPSG:4490",
        name="place",
    )
    before = shapes.to_wkb().tolist()
    undone = unshifted(shapes, "bd09")
    assert (undone.crs.to_epsg(), undone.name) == (4326, "place")
    assert undone.index.tolist() == list("abcdef")
    assert undone.geom_type.tolist() == shapes.geom_type.tolist()
    assert len(undone["a"].interiors) == 1
    assert undone["d"].is_empty
    assert (undone["e"].z, undone["f"].coords[1][2]) == (9, 6)
    lon, lat = datum.bd09_to_wgs84([120.7], [30.1])
    assert (undone["e"].x, undone["e"].y) == (lon[0], lat[0])
    assert shapes.to_wkb().tolist() == before, "the caller's shapes were changed"


def test_nothing_to_unshift():
    shapes = gpd.GeoSeries.from_xy([120.7], [30.1], crs="EPSG:4490")
    assert unshifted(shapes, "").iloc[0].equals(shapes.iloc[0])
    assert unshifted(shapes[:0], "gcj02").empty
    with pytest.raises(ParameterError, match="known are: gcj02, bd09"):
        unshifted(shapes, "wgs84")
    with pytest.raises(CrsError, match="3-degree"):
        unshifted(shapes.to_crs(4549), "gcj02")
    with pytest.raises(CrsError, match="no coordinate system"):
        unshifted(shapes.set_crs(None, allow_override=True), "gcj02")
