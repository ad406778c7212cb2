from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, Point

from gis.errors import InputError
from gis.snapping import points_in
from gis.streets import Streets

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000


def town() -> Streets:
    """Return a square of streets, a footway across it, and an island of 50 m to the east."""
    rows = {
        "south": [(0, 0), (1000, 0)],
        "east": [(1000, 0), (1000, 1000)],
        "north": [(1000, 1000), (0, 1000)],
        "west": [(0, 1000), (0, 0)],
        "across": [(0, 400), (1000, 400)],
        "island": [(1200, 300), (1250, 300)],
    }
    return Streets.build(
        gpd.GeoDataFrame(
            {
                "code": list(rows),
                "highway": ["footway" if code == "across" else "residential" for code in rows],
            },
            geometry=[LineString(np.array(row) + np.array([X0, Y0])) for row in rows.values()],
            crs=UTM,
        )
    )


def at(*places: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries([Point(X0 + x, Y0 + y) for x, y in places], crs=UTM)


TOWN = town()


def test_reasons_by_hand() -> None:
    points = pd.concat([at((500, -10), (500, 500), (1225, 320), (400, 700)), at((0, 0))])
    points.iloc[4] = None
    found = TOWN.snap(points.set_axis([*"abcde"]), mode="car")
    assert found.index.tolist() == [*"abcde"]
    assert found["reason"].tolist() == ["", "forbidden", "island", "too_far", "no_point"]
    assert (found["edge"] >= 0).tolist() == [True, False, False, False, False]
    assert found["offset_m"].tolist()[0] == 10.0
    assert found.loc["b":, ["fraction", "offset_m"]].isna().all(axis=None)
    assert TOWN.snap(points, mode="foot")["reason"].tolist()[1] == ""


def test_a_usable_street_within_the_limit_wins_over_a_nearer_one_that_is_refused() -> None:
    found = TOWN.snap(at((1110, 300)), mode="car")
    assert TOWN.edge_street[found["edge"].iloc[0]] == "east"
    assert found["offset_m"].tolist() == [pytest.approx(110.0)]


@given(st.lists(st.tuples(st.floats(-200, 1400), st.floats(-200, 1200)), max_size=8))
def test_the_nearest_usable_edge_by_looking_at_all(places: list[tuple[float, float]]) -> None:
    points, usable = at(*places), np.flatnonzero(TOWN.mainland("car").usable)
    found = TOWN.snap(points, mode="car", limit_m=120)
    for row, point in enumerate(points):
        apart = shapely.distance(TOWN.edge_geometry[usable], point)
        edge = int(found["edge"].iloc[row])
        assert (edge >= 0) == (apart.min() <= 120)
        assert (found["reason"].iloc[row] == "") == (edge >= 0)
        if edge >= 0:
            assert edge in usable
            assert found["offset_m"].iloc[row] == apart.min()
            assert TOWN.edge_geometry[edge].distance(point) == apart.min()


def test_the_arrays_are_the_columns_of_the_table() -> None:
    points = at((500, -10), (1225, 320), (0, 5000))
    places, found = (call(points, mode="car") for call in (TOWN.places, TOWN.snap))
    for name in found.columns:
        np.testing.assert_array_equal(getattr(places, name), found[name].to_numpy())


def test_points_are_not_changed_and_those_nowhere_are_missing() -> None:
    points = gpd.GeoSeries([Point(X0, Y0), None, Point(), Point(math.inf, 0)], crs=UTM)
    for crs in (points.crs, CRS(UTM), CRS("EPSG:4326")):
        moved = points_in(points, crs)
        assert shapely.is_missing(moved).tolist() == [False, True, True, True]
    assert points.iloc[2].is_empty
    assert points.iloc[3].x == math.inf


def test_lines_are_refused_with_their_rows() -> None:
    mixed = gpd.GeoSeries([Point(X0, Y0), LineString([(0, 0), (1, 1)])], index=[3, 8], crs=UTM)
    with pytest.raises(InputError, match="1 of the points are not points: rows 8"):
        points_in(mixed, CRS(UTM))
