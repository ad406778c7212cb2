from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod
from shapely import Point, box

from gis.crs import check_lonlat, crs_named, crs_of_frames, to_metres, to_wgs84, town_crs
from gis.errors import CrsError, ParameterError

LON = st.floats(-179, 179)
LAT = st.floats(-80, 80)


@given(LON, LAT, st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_distances_near_the_centre_are_those_on_the_ellipsoid(lon, lat, dlon, dlat):
    places = gpd.GeoSeries.from_xy([lon, lon + dlon], [lat, lat + dlat], crs="EPSG:4326")
    here, there = to_metres(places, town_crs(lon, lat))
    true = Geod(ellps="WGS84").inv(lon, lat, lon + dlon, lat + dlat)[2]
    assert here.distance(there) == pytest.approx(true, rel=2e-6, abs=1e-6)


def test_y_points_north_and_x_east():
    places = gpd.GeoSeries.from_xy([10, 10, 10.001], [50, 50.001, 50], crs="EPSG:4326")
    origin, north, east = to_metres(places, town_crs(10, 50))
    assert abs(origin.x) < 1e-6
    assert abs(north.x) < 1e-6
    assert 111 < north.y < 111.5
    assert 71 < east.x < 72


def test_one_town_keeps_one_crs():
    assert town_crs(120.72, 30.15) == town_crs(120.72049, 30.15049)
    assert town_crs(-0.0001, 0.0) == town_crs(0.0001, 0.0)
    assert town_crs(120.72, 30.15) != town_crs(120.73, 30.15)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(30.1, 120.7), (0, 85), (181, 0), (float("nan"), 0), (0, float("inf"))],
)
def test_no_town_off_the_earth_or_at_a_pole(lon, lat):
    with pytest.raises(CrsError, match="no town can be centred"):
        town_crs(lon, lat)


def test_centre_of_all_frames_in_any_crs():
    west = gpd.GeoDataFrame(geometry=[Point(24.9, 60.1)], crs="EPSG:4326")
    east = gpd.GeoDataFrame(geometry=[Point(25.1, 60.3)], crs="EPSG:4326").to_crs(3857)
    table = gpd.GeoDataFrame({"code": ["a"]}, geometry=[None], crs="EPSG:4326")
    assert crs_of_frames(west, table, east) == town_crs(25.0, 60.2)


def test_no_geometry_no_crs():
    with pytest.raises(CrsError, match="import a layer"):
        crs_of_frames(gpd.GeoDataFrame(geometry=[], crs="EPSG:4326"))
    with pytest.raises(CrsError, match="has no CRS"):
        crs_of_frames(gpd.GeoDataFrame(geometry=[Point(1, 2)]))
    with pytest.raises(CrsError, match="has no CRS"):
        to_metres(gpd.GeoSeries([Point(1, 2)]), town_crs(1, 2))


def test_degrees_of_cgcs2000_are_kept_to_the_last_bit():
    places = gpd.GeoSeries([Point(0.1 + 0.2, 30)], crs="EPSG:4490")
    assert to_wgs84(places).iloc[0].equals(Point(0.1 + 0.2, 30))
    assert places.crs.to_epsg() == 4490, "the caller's object was changed"


def test_metres_are_asked_for():
    places = gpd.GeoSeries([Point(120, 30)], crs="EPSG:4326")
    for wrong in ("EPSG:4326", "EPSG:2263"):
        with pytest.raises(CrsError, match="not in metres"):
            to_metres(places, CRS(wrong))


def test_names_of_coordinate_systems():
    assert crs_named(" WGS84 ").to_epsg() == 4326
    assert crs_named("4549") == crs_named("epsg:4549")
    for unknown in ("gcj02", "bd09", "", "EPSG:", "+proj=longlat"):
        with pytest.raises(ParameterError, match="known are: wgs84, cgcs2000, EPSG"):
            crs_named(unknown)
    with pytest.raises(CrsError, match="EPSG:99999"):
        crs_named("EPSG:99999")


def test_swapped_is_told_by_the_extent_where_both_are_on_earth():
    helsinki = box(24.8, 60.1, 25.2, 60.3).bounds
    boxes = np.array([Point(60.2, 24.9).bounds, Point(24.9, 60.2).bounds, Point(2, 3).bounds])
    assert list(check_lonlat(boxes, helsinki)) == [0]
    assert check_lonlat(boxes[:0], helsinki) == {}


@given(LON, LAT, st.integers(3, 20), st.data())
def test_a_few_swapped_rows_are_found_without_an_extent(lon, lat, count, data):
    places = np.array([lon, lat]) + np.linspace(-0.1, 0.1, count)[:, None]
    odd = data.draw(st.sets(st.integers(0, count - 1), max_size=(count - 1) // 2))
    places[list(odd)] = places[list(odd)][:, ::-1]
    found = check_lonlat(np.hstack([places, places]))
    # Near the diagonal lon = lat, swapped places cannot be told, and lie in the town anyway.
    assert set(found) == (odd if abs(lon - lat) > 1.3 else set(found) & odd)
