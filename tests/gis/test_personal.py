from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from gis.columns import titles
from gis.personal import personal_columns, without_personal_values
from gis.read import read_layer
from gis.schema import SCHEMAS
from gis.write import write_layer

DATA = Path(__file__).parents[1] / "data"


def names_of(file):
    lines = (DATA / file).read_text("utf-8").splitlines()
    return [line.replace("\\u200b", "\u200b") for line in lines if line and line[0] != "#"]


PERSONS = names_of("columns_of_persons.txt")
PLACES = names_of("columns_of_places.txt")


@pytest.mark.parametrize("name", PERSONS)
def test_columns_of_persons(name):
    assert personal_columns([name]) == [name]


def test_there_are_enough_of_them():
    assert sum(not name.isascii() for name in PERSONS) >= 60
    assert sum(name.isascii() for name in PERSONS) >= 60


@pytest.mark.parametrize("name", PLACES)
def test_columns_of_places(name):
    assert personal_columns([name]) == []


@given(st.text(max_size=12))
def test_any_name_can_be_asked(name):
    assert personal_columns([name]) in ([], [name])


def test_no_title_of_a_column_is_dropped():
    for layer, schema in SCHEMAS.items():
        for title in titles(layer).values():
            heads = [title.zh, title.en, *title.aliases]
            assert personal_columns(heads, schema.by_name) == [], (layer, title.name)


def test_no_column_of_the_schema_is_dropped():
    for schema in SCHEMAS.values():
        names = [column.name for column in schema.columns]
        assert personal_columns([*names, "Mobile", "tel"], schema.by_name) == (
            ["tel"] if "mobile" in names else ["Mobile", "tel"]
        )


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".csv", ".xlsx"])
def test_none_gets_in_from_any_format(tmp_path, ending):
    frame = gpd.GeoDataFrame(
        {"code": ["a"], "contact_ph": ["1"], "SFZH": ["2"], "村民姓名": ["3"], "note": ["kept"]},
        geometry=[Point(120.7, 30.1)],
        crs=4326,
    )
    path = write_layer(frame, tmp_path / f"cameras{ending}", "cameras")
    result = read_layer(path, "cameras", crs="wgs84")
    assert result.dropped_columns == ("contact_ph", "SFZH", "村民姓名")
    assert result.frame["note"].tolist() == ["kept"]


IDENTITY = "11010519491231002X"  # the example of GB 11643


@pytest.mark.parametrize(
    "cell",
    [
        "13800000000",
        13800000000,
        13800000000.0,
        f"号{IDENTITY}",
        IDENTITY.lower(),
        "浙D12345",
        "浙D·D12345",
        "00:1a:2B:3c:4d:5E",
        "ring 13800000000 first",
    ],
)
def test_cells_of_persons(cell):
    frame = pd.DataFrame({"remark": pd.Series([cell, None], dtype=object), "code": ["a", "b"]})
    left, dropped, warnings = without_personal_values(frame, {"code"})
    assert dropped == ["remark"]
    assert list(left.columns) == ["code"]
    assert warnings == []


@pytest.mark.parametrize(
    "cell",
    [
        "33060200001310000001",
        "330602017201",
        "3306020172010031",
        "330602194912310021",  # the check digit is wrong
        "120.7138000000",
        "2024-01-05 10:00",
        "浙东新区12345号",
        True,
        1.5,
        "a13800000000",
    ],
)
def test_cells_of_places(cell):
    frame = pd.DataFrame({"remark": pd.Series([cell], dtype=object)})
    assert without_personal_values(frame)[1:] == ([], [])


def test_a_number_in_a_remark_is_put_out(tmp_path):
    path = tmp_path / "cameras.csv"
    lines = ["code,lon,lat,remark", "a,120.7,30.1,by the gate", "b,120.7,30.1,behind the shop"]
    path.write_text("\n".join([*lines, f"13900000000,120.7,30.1,ring 13800000000 or {IDENTITY}"]))
    result = read_layer(path, "cameras", crs="wgs84")
    assert result.frame["remark"].tolist()[-1] == "ring *** or ***"
    assert result.frame["code"].tolist()[-1] == "13900000000"
    assert result.warnings == ("numbers of persons were taken out of 1 cells of remark",)
