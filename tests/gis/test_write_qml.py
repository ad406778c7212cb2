from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely import LineString, Point, box

from gis.layers import WGS84, conform, empty_layer
from gis.profiles import load
from gis.schema import SCHEMAS, schema
from gis.write import write_layer
from gis.write_qml import qml

PLACED = [name for name, known in SCHEMAS.items() if known.geometry != "table"]
SHAPES = {
    "point": Point(120.7, 30.1),
    "line": LineString([(120.7, 30.1), (120.8, 30.1)]),
    "polygon": box(120.7, 30.1, 120.8, 30.2),
    "point or polygon": Point(120.7, 30.1),
}


def one_row(layer: str) -> gpd.GeoDataFrame:
    shape = SHAPES[schema(layer).geometry]
    frame = gpd.GeoDataFrame({"code": ["a"], "name": ["<&\"'>"]}, geometry=[shape], crs=WGS84)
    return conform(frame, layer)


@pytest.mark.parametrize("layer", PLACED)
def test_every_layer_has_a_style_whose_symbols_are_there(layer: str) -> None:
    text = qml(layer, one_row(layer))
    assert text.startswith("<!DOCTYPE qgis")
    root = ET.fromstring(text.partition("\n")[2])
    renderer = root.find("renderer-v2")
    assert renderer is not None
    symbols = {symbol.get("name") for symbol in renderer.iterfind("symbols/symbol")}
    used = {category.get("symbol") for category in renderer.iterfind("categories/category")}
    assert used <= symbols if used else symbols == {"0"}
    kinds = {"point": "marker", "line": "line", "polygon": "fill"}
    kind = kinds.get(schema(layer).geometry, "marker")
    assert {symbol.get("type") for symbol in renderer.iterfind("symbols/symbol")} == {kind}
    if "by" in load("qgis")[layer]:
        assert renderer.get("attr") in schema(layer).by_name
        words = schema(layer).by_name[str(renderer.get("attr"))].words
        values = [str(category.get("value")) for category in renderer.iter("category")]
        assert values == [*words, ""]


def test_a_layer_of_polygons_and_points_takes_the_symbol_of_most() -> None:
    frame = one_row("sites")
    frame = conform(frame.set_geometry([box(0, 0, 1, 1)]).set_crs(WGS84), "sites")
    assert 'type="fill"' in qml("sites", frame)
    assert 'type="marker"' in qml("sites", empty_layer("sites"))


def test_columns_have_chinese_titles_and_words_a_list() -> None:
    root = ET.fromstring(qml("cameras", one_row("cameras")).partition("\n")[2])
    aliases = {alias.get("field"): alias.get("name") for alias in root.iter("alias")}
    assert aliases["height_m"] == "安装高度（米）"
    field = root.find("fieldConfiguration/field[@name='status']/editWidget")
    assert field is not None
    assert field.get("type") == "ValueMap"
    choices = {option.get("name"): option.get("value") for option in field.iter("Option")}
    assert choices["维修"] == "repair"


def test_a_geopackage_brings_its_style_inside_and_beside(tmp_path: Path) -> None:
    path = write_layer(one_row("cameras"), tmp_path / "out.gpkg", "cameras", revision=3)
    with closing(sqlite3.connect(path)) as base:
        (row,) = base.execute(
            "select f_table_name, f_geometry_column, useAsDefault, styleQML from layer_styles"
        ).fetchall()
    assert row[:3] == ("cameras", "geom", 1)
    assert (tmp_path / "out.qml").read_text("utf-8") == row[3]
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["cameras", "layer_styles"]
    assert len(pyogrio.read_dataframe(path, layer="cameras")) == 1


def test_no_style_where_none_is_wanted_or_known(tmp_path: Path) -> None:
    write_layer(one_row("cameras"), tmp_path / "a.gpkg", "cameras", styles=False)
    write_layer(one_row("cameras"), tmp_path / "b.gpkg", "faults")
    write_layer(one_row("cameras"), tmp_path / "c.csv", "cameras")
    assert {path.name for path in tmp_path.iterdir()} == {"a.gpkg", "b.gpkg", "c.csv"}
    write_layer(one_row("cameras"), tmp_path / "d.geojson", "cameras")
    assert (tmp_path / "d.qml").is_file()
