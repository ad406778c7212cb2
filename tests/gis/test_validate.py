from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon, box, from_wkt

from gis.errors import LayerFaultsError, NotFoundError
from gis.validate import validate

SQUARE = Polygon([(120.70, 30.10), (120.72, 30.10), (120.72, 30.12), (120.70, 30.12)])
BOW_TIE = Polygon([(120.72, 30.10), (120.74, 30.12), (120.74, 30.10), (120.72, 30.12)])


def odd_wkt(text):
    with np.errstate(invalid="ignore"):
        return from_wkt(text)


def cameras(**columns):
    """Two right cameras in rows 2 and 3, with columns replaced."""
    rows = {"code": ["a", "b"], "geometry": [Point(120.70, 30.10), Point(120.71, 30.11)]} | columns
    shapes = rows.pop("geometry")
    return gpd.GeoDataFrame(rows, index=[2, 3], geometry=shapes, crs="EPSG:4326")


def faults_of(frame, layer, **options):
    with pytest.raises(LayerFaultsError) as raised:
        validate(frame, layer, **options)
    return [(fault.row, fault.column, fault.problem) for fault in raised.value.faults]


def test_a_right_frame_comes_back_conformed_and_untouched():
    frame = cameras(note=["kept", "too"], height_m=["4.5", None])
    before = frame.copy()
    checked = validate(frame, "cameras")
    assert list(checked.index) == [2, 3]
    assert checked["height_m"].tolist()[0] == 4.5
    assert checked["note"].tolist() == ["kept", "too"]
    assert checked["networked"].dtype == "boolean"
    pd.testing.assert_frame_equal(frame, before)


def test_every_message_names_source_layer_row_and_column():
    with pytest.raises(LayerFaultsError) as raised:
        validate(cameras(code=["a", None]), "cameras", source="town.csv")
    assert str(raised.value).splitlines() == [
        "town.csv, layer cameras: 1 fault; nothing was changed",
        "  row 3, column code: is missing",
    ]
    assert isinstance(raised.value, ValueError)


def test_faults_come_by_row_whatever_found_them():
    frame = cameras(code=["a", "a"], height_m=["tall", 3], geometry=[None, Point(120, 30)])
    assert [f[:2] for f in faults_of(frame, "cameras")] == [
        (2, "height_m"),
        (2, "geometry"),
        (3, "code"),
    ]


def test_rows_may_be_named_by_text():
    frame = cameras(code=["a", "a"]).set_axis(["way/1", "way/2"])
    assert faults_of(frame, "cameras") == [
        ("way/2", "code", '"a" is already the code of row way/1')
    ]


def test_codes_that_became_numbers():
    frame = cameras(code=[3306020170.0, 7.0], site_code=[330602017001, 1])
    checked = validate(frame, "cameras")
    assert checked["code"].tolist() == ["3306020170", "7"]
    assert checked["site_code"].tolist() == ["330602017001", "1"]
    [fault] = faults_of(cameras(code=[3.3060201001310000001e19, 1.0]), "cameras")
    assert fault[:2] == (2, "code")
    assert "lost its last digits" in fault[2]


def test_seven_and_seven_point_nought_are_one_code():
    frame = cameras(code=pd.Series([7.0, "7"], index=[2, 3], dtype=object))
    assert faults_of(frame, "cameras") == [(3, "code", '"7" is already the code of row 2')]


def test_geometry_of_the_wrong_type():
    frame = cameras(geometry=[LineString([(120, 30), (120, 31)]), MultiPoint([(120.7, 30.1)])])
    assert faults_of(frame, "cameras") == [
        (2, "geometry", "is a LineString, where a point is needed")
    ]


def test_one_point_of_a_multipoint_is_a_point_and_heights_go():
    checked = validate(
        cameras(geometry=[MultiPoint([(120.7, 30.1, 5.0)]), Point(120.7, 30.1, 3.0)]), "cameras"
    )
    assert [shape.wkt for shape in checked.geometry] == ["POINT (120.7 30.1)"] * 2


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        (None, "no geometry"),
        (Polygon(), "empty geometry"),
        (odd_wkt("POLYGON ((0 0, 1 0, NaN 1, 0 0))"), "a coordinate is not a finite number"),
        (odd_wkt("POLYGON ((0 0, 1 0, Inf 1, 0 0))"), "a coordinate is not a finite number"),
        (BOW_TIE, "Self-intersection"),
        (MultiPolygon([SQUARE, SQUARE]), "Self-intersection"),
    ],
)
def test_polygons_that_cannot_be_used(shape, problem):
    frame = gpd.GeoDataFrame(
        {"code": ["a", "b"], "kind": "planned"}, geometry=[SQUARE, shape], crs="EPSG:4326"
    )
    found = faults_of(frame, "areas")
    assert [(row, column) for row, column, _ in found] == [(1, "geometry")]
    assert found[0][2].partition(" at ")[0] == problem


def test_bow_tie_is_placed_in_degrees_whatever_the_crs():
    frame = gpd.GeoDataFrame({"code": ["a"], "kind": "planned"}, geometry=[BOW_TIE], crs=4326)
    [(_, _, problem)] = faults_of(frame.to_crs(3857), "areas")
    assert problem.startswith("Self-intersection at lon 120.73")


def test_no_crs_is_told_with_the_rest():
    frame = cameras(code=["a", "a"]).set_crs(None, allow_override=True)
    found = faults_of(frame, "cameras")
    assert found[0][:2] == (None, "geometry")
    assert "no coordinate system: say which" in found[0][2]
    assert found[1][:2] == (3, "code")


def test_metres_without_crs_are_one_fault():
    frame = cameras(geometry=[Point(312000, 3337000), Point(312010, 3337000)])
    assert len(faults_of(frame.set_crs(None, allow_override=True), "cameras")) == 1
    assert len(faults_of(frame, "cameras")) == 2


def test_swapped_by_the_extent_of_the_town():
    frame = cameras(geometry=[Point(60.17, 24.94), Point(60.18, 24.95)])
    assert len(validate(frame, "cameras")) == 2
    found = faults_of(frame, "cameras", extent=box(24.8, 60.1, 25.2, 60.3))
    assert [row for row, _, _ in found] == [2, 3]
    assert all("lon and lat are swapped" in problem for _, _, problem in found)


def test_another_crs_is_turned_into_degrees():
    checked = validate(cameras().to_crs(3857), "cameras")
    assert checked.crs.to_epsg() == 4326
    assert checked.geometry.iloc[0].distance(Point(120.70, 30.10)) < 1e-9


def test_tables_have_no_geometry():
    rows = pd.DataFrame({"code": ["a"], "place_layer": "sites", "place_code": "s", "key": "k"})
    checked = validate(rows, "facts")
    assert checked.geometry.isna().all()
    drawn = gpd.GeoDataFrame(rows, geometry=[BOW_TIE])
    assert validate(drawn, "facts").geometry.isna().all()


def test_a_table_where_places_are_needed():
    [(row, column, problem)] = faults_of(pd.DataFrame({"code": ["a"]}), "cameras")
    assert (row, column) == (None, "geometry")
    assert "each row is a point; a table needs the columns lon and lat" in problem


def test_nothing_at_all():
    assert [f[1:] for f in faults_of(pd.DataFrame(), "areas")] == [
        (None, "the layer has no rows"),
        ("code", "this column is missing; the file has: no columns"),
        ("kind", "this column is missing; the file has: no columns"),
    ]
    with pytest.raises(NotFoundError, match="no layer 'camera'"):
        validate(pd.DataFrame(), "camera")


def test_two_columns_of_one_name():
    frame = cameras(other=["x", "y"]).rename(columns={"other": "code"})
    assert faults_of(frame, "cameras") == [(None, "code", "two columns have this name")]


def test_another_name_of_the_geometry_column():
    checked = validate(cameras().rename_geometry("geom"), "cameras")
    assert checked.active_geometry_name == "geometry"
    assert "geom" not in checked


def test_the_message_is_short_and_the_error_whole():
    frame = gpd.GeoDataFrame(
        {"code": ["a"] * 200}, geometry=gpd.points_from_xy([120.7] * 200, [30.1] * 200), crs=4326
    )
    with pytest.raises(LayerFaultsError, match="rows 1, 2, 3 and 196 more, column code") as raised:
        validate(frame, "cameras")
    assert len(raised.value.faults) == 199


@pytest.mark.parametrize(("rows", "told"), [(1_001, 1_000), (1_002, 1_001), (5_000, 1_001)])
def test_very_many_faults_of_one_column_are_cut_off(rows, told):
    columns = dict.fromkeys(("code", "place_layer", "place_code", "key"), "a")
    with pytest.raises(LayerFaultsError) as raised:
        validate(pd.DataFrame(columns, index=range(rows)), "facts")
    faults = raised.value.faults
    assert len(faults) == told
    assert (faults[0].row is None) == (told > 1_000)
    assert [f.row for f in faults if f.row is not None] == list(range(1, 1_001))


def test_a_column_that_was_not_looked_through_is_not_called_blank():
    columns = dict.fromkeys(("place_layer", "place_code", "key"), "a")
    frame = pd.DataFrame({"code": [1.5e300] * 1_500, **columns})
    with pytest.raises(LayerFaultsError, match="more than 1,000 faults") as raised:
        validate(frame, "facts")
    assert not [f for f in raised.value.faults if f.problem == "is missing"]
