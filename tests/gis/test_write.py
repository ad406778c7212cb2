from __future__ import annotations

import json
import sqlite3
import unicodedata

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon, box

from gis.errors import CrsError, FileMissingError, FormatError
from gis.layers import conform
from gis.read import read_layer
from gis.schema import Column, schema
from gis.validate_values import CODES
from gis.write import replacing, write_layer

ENDINGS = (".gpkg", ".geojson", ".csv", ".xlsx")

# What a cell can hold: no control characters, and no space at the ends, as readers cut it.
TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
# Codes are read in plain characters.
CODE = TEXT.filter(lambda text: unicodedata.normalize("NFKC", text) == text)
LON = st.floats(120, 121)
LAT = st.floats(30, 31)


def values_of(column: Column) -> st.SearchStrategy:
    low, high = column.low or 0, column.high or 1e6
    kinds = {
        "text": TEXT,
        "number": st.floats(low, high).map(lambda n: float(f"{n:.12g}")).filter(lambda n: n >= low),
        "integer": st.integers(int(low), int(high)),
        "flag": st.booleans(),
        "date": st.dates().map(str),
        "word": st.sampled_from(column.words or ("-",)),
    }
    kind = kinds[column.type]
    if column.name in CODES or column.name.endswith("_code"):
        kind = CODE
    return kind if column.required else st.none() | kind


@st.composite
def squares(draw):
    x, y, size = draw(LON), draw(LAT), draw(st.floats(1e-6, 0.1))
    return box(x, y, x + size, y + size)


@st.composite
def multipolygons(draw):
    left, right = draw(squares()), draw(squares())
    moved = Polygon([(x + 2, y) for x, y in right.exterior.coords])
    return MultiPolygon([left, moved])


POINTS = st.builds(Point, LON, LAT)
LINES = st.lists(st.tuples(LON, LAT), min_size=2, max_size=4, unique=True).map(LineString)
SHAPES = {
    "point": POINTS,
    "line": LINES | st.lists(LINES, min_size=1, max_size=2).map(MultiLineString),
    "polygon": squares() | multipolygons(),
    "point or polygon": POINTS | squares() | multipolygons(),
    "table": st.none(),
}


@st.composite
def frames(draw, layer):
    known = schema(layer)
    count = draw(st.integers(1, 4))
    columns = {
        column.name: draw(st.lists(values_of(column), min_size=count, max_size=count))
        for column in known.columns
        if column.name != "code"
    }
    codes = draw(
        st.lists(
            CODE | st.from_regex(r"0[0-9]{3,19}", fullmatch=True),
            min_size=count,
            max_size=count,
            unique=True,
        )
    )
    shapes = draw(st.lists(SHAPES[known.geometry], min_size=count, max_size=count))
    frame = gpd.GeoDataFrame({"code": codes, **columns}, geometry=shapes, crs="EPSG:4326")
    return conform(frame, layer)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("layer", ["cameras", "villages", "streets", "facts", "sites"])
@settings(max_examples=5)
@given(data=st.data())
def test_what_is_written_is_read_back(layer, ending, data, tmp_path_factory):
    frame = data.draw(frames(layer))
    path = tmp_path_factory.mktemp("there") / f"{layer}{ending}"
    assert write_layer(frame, path, layer) == path
    crs = "wgs84" if ending in (".csv", ".xlsx") else None
    back = read_layer(path, layer, crs=crs).frame.reset_index(drop=True)
    if ending == ".xlsx":
        # A sheet keeps 16 digits of a number.
        assert (back.geometry.isna() == frame.geometry.isna()).all()
        close = back.geometry.geom_equals_exact(frame.geometry, 1e-12)
        assert (close | frame.geometry.isna()).all()
        back = back.set_geometry(frame.geometry)
    assert_geodataframe_equal(back, frame, check_less_precise=False)
    assert back.geometry.to_wkb().equals(frame.geometry.to_wkb()), "a coordinate moved"


@pytest.fixture
def cameras():
    frame = gpd.GeoDataFrame(
        {"code": ["001", "=1+1"], "name": ["北门", "@SUM(A1)"], "note": ["+1", "-1"]},
        geometry=[Point(120.7, 30.1), Point(120.8, 30.2)],
        crs="EPSG:4326",
    )
    return conform(frame, "cameras")


def test_cells_of_a_workbook_never_become_formulas(cameras, tmp_path):
    sheet = openpyxl.load_workbook(write_layer(cameras, tmp_path / "a.xlsx", "cameras"))["cameras"]
    kinds = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert [kinds[v] for v in ("001", "'=1+1", "'@SUM(A1)", "'+1", "'-1")] == ["s"] * 5
    assert kinds[120.7] == "n"
    assert sheet.freeze_panes == "A2"


def test_text_and_heads_like_formulas_are_guarded_in_csv_and_numbers_are_not(tmp_path):
    table = pd.DataFrame({"code": ["-a", "\t=1", "'+1", "'s"], "=head": [-1.5, 2, -3, 4]})
    text = write_layer(table, tmp_path / "a.csv").read_bytes().decode("utf-8-sig")
    assert text.split("\r\n") == [
        "code,'=head", "'-a,-1.5", "'\t=1,2.0", "''+1,-3.0", "'s,4.0", ""
    ]  # fmt: skip


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_guarded_cells_are_read_back_as_they_were(ending, tmp_path):
    codes = ["=1+1", "+86", "-1", "@x", "'=1", "''=1", "'s", "a'=1"]
    table = conform(
        pd.DataFrame({"code": codes, "place_layer": "a", "place_code": "b", "key": "c"}), "facts"
    )
    path = write_layer(table, tmp_path / f"facts{ending}", "facts")
    assert read_layer(path, "facts").frame["code"].tolist() == codes


@pytest.mark.parametrize("ending", ENDINGS)
def test_cells_are_hexadecimal_in_every_format(ending, tmp_path):
    ids = [0x8C2A1072B5901FF, 0x8C2A1072B5903FF]
    table = pd.DataFrame(
        {
            "code": ["a", "b"],
            "place_layer": "x",
            "place_code": "y",
            "key": "k",
            "H3": pd.array(ids, dtype="Int64"),
            "where": np.array(ids, dtype=np.uint64),
            "cell": [1, 2],
        }
    )
    path = write_layer(table, tmp_path / f"facts{ending}", "facts")
    back = read_layer(path, "facts").frame
    assert back["H3"].tolist() == back["where"].tolist() == ["8c2a1072b5901ff", "8c2a1072b5903ff"]
    assert back["cell"].astype(str).tolist() == ["1", "2"], "a count is no cell"
    assert table["where"].dtype == np.uint64, "the caller's frame was changed"


def test_long_numbers_stay_text_in_a_workbook(tmp_path):
    table = pd.DataFrame({"code": ["a"], "serial": [1234567890123456789]})
    sheet = openpyxl.load_workbook(write_layer(table, tmp_path / "a.xlsx"))["a"]
    assert sheet["B2"].value == "1234567890123456789"


def test_csv_opens_with_chinese_in_a_spreadsheet(cameras, tmp_path):
    data = write_layer(cameras, tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfcode,name")
    assert "北门".encode() in data


def test_other_crs_are_written_in_wgs84(cameras, tmp_path):
    path = write_layer(cameras.to_crs(3857), tmp_path / "a.geojson")
    first = json.loads(path.read_text(encoding="utf-8"))["features"][0]
    assert first["geometry"]["coordinates"] == pytest.approx([120.7, 30.1], abs=1e-9)
    with pytest.raises(CrsError, match="no CRS"):
        write_layer(cameras.set_crs(None, allow_override=True), path)


def test_points_and_polygons_of_one_layer_keep_their_types(tmp_path):
    shapes = [Point(120.7, 30.1), box(120, 30, 121, 31), MultiPolygon([box(0, 0, 1, 1)])]
    frame = gpd.GeoDataFrame(
        {"code": ["a", "b", "c"], "kind": "school"}, geometry=shapes, crs="EPSG:4326"
    )
    for ending in ENDINGS:
        path = write_layer(frame, tmp_path / f"sites{ending}", "sites")
        crs = "wgs84" if ending in (".csv", ".xlsx") else None
        back = read_layer(path, "sites", crs=crs).frame
        assert back.geom_type.tolist() == ["Point", "Polygon", "MultiPolygon"]


def test_geojson_keeps_what_pandas_and_numpy_hold(tmp_path):
    table = pd.DataFrame(
        {
            "code": ["a"],
            "day": [pd.Timestamp("2024-01-05")],
            "n": pd.array([None], dtype="Int64"),
            "odd": pd.Series([np.int64(3)], dtype=object),
        }
    )
    document = json.loads(write_layer(table, tmp_path / "a.geojson").read_text("utf-8"))
    assert document["features"][0] == {
        "type": "Feature",
        "properties": {"code": "a", "day": "2024-01-05T00:00:00", "n": None, "odd": 3},
        "geometry": None,
    }


def test_an_empty_layer_can_be_written(cameras, tmp_path):
    for ending in ENDINGS:
        assert write_layer(cameras.iloc[:0], tmp_path / f"a{ending}").stat().st_size


def test_a_name_that_a_sheet_may_not_have(cameras, tmp_path):
    path = write_layer(cameras, tmp_path / ("a[1]" + "x" * 40 + ".xlsx"))
    assert len(openpyxl.load_workbook(path).sheetnames[0]) == 31


def test_a_shape_too_long_for_a_cell(tmp_path):
    village = gpd.GeoDataFrame(
        {"code": ["a"]}, geometry=[Point(120, 30).buffer(0.1, quad_segs=500)], crs="EPSG:4326"
    )
    with pytest.raises(FormatError, match=r"row 2, column wkt: \d+ characters are more"):
        write_layer(village, tmp_path / "villages.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_earlier_file(tmp_path):
    path = tmp_path / "a.txt"
    with replacing(path) as place:
        place.write_text("whole")
    with pytest.raises(RuntimeError, match="half way"), replacing(path) as place:
        place.write_text("half")
        msg = "half way"
        raise RuntimeError(msg)
    assert path.read_text() == "whole"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_an_earlier_geopackage_is_replaced_not_added_to(cameras, tmp_path):
    path = write_layer(cameras, tmp_path / "a.gpkg", "first")
    write_layer(cameras, path, "second")
    with sqlite3.connect(path) as base:
        names = base.execute("select table_name from gpkg_contents").fetchall()
    base.close()
    assert names == [("second",)]


@pytest.mark.parametrize(
    ("name", "error", "match"),
    [
        ("a.parquet", FormatError, r"'.parquet' is not one of .gpkg, .geojson, .csv, .xlsx"),
        ("no/a.csv", FileMissingError, "cannot be written: No such file or directory"),
    ],
)
def test_places_that_cannot_be_written(cameras, tmp_path, name, error, match):
    with pytest.raises(error, match=match):
        write_layer(cameras, tmp_path / name)


def test_a_folder_in_the_way(cameras, tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(FileMissingError, match=r"a.csv cannot be written"):
        write_layer(cameras, tmp_path / "a.csv")
