from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from gis.errors import FileMissingError, FormatError, NotFoundError
from gis.layers import WGS84, Layers, conform
from gis.schema import SCHEMAS, Column
from gis.template import write_template
from gis.template_facts import fact_keys, town_code
from gis.template_plan import Field, Sheet, layer_sheets, sheet_name
from gis.template_sheets import draw

LONG_CODE = "33060200001310000001"


@pytest.fixture(scope="module")
def town() -> Layers:
    """Two villages side by side, of which the names are the same but for what a sheet may hold."""
    villages = gpd.GeoDataFrame(
        {"code": ["330602017201", "330602017202"], "name": ["民生村", "民生村"], "kind": "village"},
        geometry=[box(120.70, 30.10, 120.71, 30.11), box(120.71, 30.10, 120.72, 30.11)],
        crs=WGS84,
    )
    cameras = gpd.GeoDataFrame(
        {
            "code": [LONG_CODE, "c2", "c3"],
            "name": ["=北门", None, "外面"],
            "status": ["repair", "in_use", None],
            "networked": [True, False, None],
            "installed": ["2019-06-30", "1880-01-01", None],
            "height_m": [4.5, None, 6.0],
        },
        geometry=[Point(120.7012345678901, 30.105), Point(120.715, 30.105), Point(121, 31)],
        crs=WGS84,
    )
    facts = pd.DataFrame(
        {
            "code": ["Q1", "Q2", "Q3"],
            "place_layer": ["villages", "villages", "town"],
            "place_code": ["330602017201", "330602017201", "330602017"],
            "key": ["officers", "mediation_head", "service_items"],
            "period": ["2024", "2024", "2024"],
            "value": ["2", "yes", "128"],
        }
    )
    frames = {"villages": villages, "cameras": cameras, "facts": facts}
    return Layers("滨海新城", {name: conform(frame, name) for name, frame in frames.items()})


def test_one_sheet_for_each_village_with_its_rows(town: Layers, tmp_path: Path) -> None:
    path = write_template(tmp_path / "cameras.xlsx", "cameras", town=town)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "填表说明", "民生村", "民生村 (2)", "其他位置", "_known_cameras",
    ]  # fmt: skip
    assert [book[name]["A2"].value for name in book.sheetnames[1:4]] == [LONG_CODE, "c2", "c3"]
    assert book["_known_cameras"].sheet_state == "veryHidden"


def test_cells_are_of_the_kind_that_spreadsheets_keep(town: Layers, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write_template(tmp_path / "a.xlsx", "cameras", town=town))[
        "民生村"
    ]
    heads = {cell.value: cell.column for cell in sheet[1]}
    row = {head: sheet.cell(2, at) for head, at in heads.items()}
    assert row["设备编码（*）"].number_format == "@"
    assert row["设备编码（*）"].data_type == "s"
    assert row["设备名称"].value == "'=北门"
    assert row["设备状态"].value == "维修"
    assert row["是否联网"].value == "是"
    assert row["安装日期"].value == datetime(2019, 6, 30)
    assert row["安装高度（米）"].value == 4.5
    assert row["经度（*）"].value == 120.701234568
    assert sheet.freeze_panes == "C2"
    assert sheet.page_setup.orientation == "landscape"
    assert str(sheet.page_setup.paperSize) == "9"
    comment = sheet.cell(1, heads["设备编码（*）"]).comment
    assert comment is not None
    assert comment.text.startswith("code\nCamera code\n")


def test_lists_limits_and_dates_are_held_by_rules(town: Layers, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_template(tmp_path / "a.xlsx", "cameras", town=town))
    rules = {
        str(rule.sqref).split(":")[0]: rule
        for rule in book["民生村"].data_validations.dataValidation
    }
    heads = {cell.value: cell.column_letter for cell in book["民生村"][1]}
    assert rules[f"{heads['设备状态']}2"].formula1 == '"在用,维修,已拆除"'
    assert rules[f"{heads['是否联网']}2"].formula1 == '"是,否"'
    height = rules[f"{heads['安装高度（米）']}2"]
    assert (height.type, height.formula1, height.formula2) == ("decimal", "0", "300")
    assert rules[f"{heads['安装日期']}2"].type == "date"


def test_a_list_too_long_for_a_rule_stands_in_a_hidden_sheet(tmp_path: Path) -> None:
    words = tuple(f"很长的一个类别{number}" for number in range(60))
    fields = (Field(Column("code"), "编码"), Field(Column("kind"), "类别", words=words))
    draw(tmp_path / "a.xlsx", "sites", [Sheet("一", "", fields, [])], "")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    (rule,) = book["一"].data_validations.dataValidation
    assert rule.formula1.lstrip("=") == "_lists!$A$1:$A$60"
    assert book["_lists"].sheet_state == "veryHidden"
    assert book["_lists"]["A60"].value == words[-1]


def test_the_first_sheet_tells_every_column_in_both_languages(tmp_path: Path) -> None:
    guide = openpyxl.load_workbook(write_template(tmp_path / "a.xlsx", "cameras"))["填表说明"]
    told = "\n".join(str(cell.value) for row in guide.iter_rows() for cell in row if cell.value)
    for title in ("设备编码（*）", "Mounting height (m)", "azimuth_deg", "个人信息", "persons"):
        assert title in told
    assert "本镇" in told and "the town" in told


def test_facts_ask_every_key_of_a_village_and_show_what_is_known(
    town: Layers, tmp_path: Path
) -> None:
    path = write_template(tmp_path / "facts.xlsx", "facts", town=town, periods=["2025", "2025-03"])
    sheet = openpyxl.load_workbook(path)["民生村"]
    heads = [cell.value for cell in sheet[1]]
    rows = [dict(zip(heads, line, strict=True)) for line in sheet.iter_rows(2, values_only=True)]
    asked = {key.name for key in fact_keys().values() if "villages" in key.layers}
    assert {row["指标"] for row in rows} == asked
    known = {(row["指标"], row["统计期"]): row["数值（*）"] for row in rows}
    assert known["officers", "2024"] == 2
    assert known["mediation_head", "2024"] == "是"
    assert known["officers", "2025"] is None
    assert {row["对象编码"] for row in rows} == {"330602017201"}
    assert openpyxl.load_workbook(path).sheetnames[-2:] == ["全镇", "_known_facts"]


def test_the_code_of_the_town_is_that_of_its_facts_else_of_its_villages(town: Layers) -> None:
    assert town_code(town) == "330602017"
    assert town_code(town.replaced(facts=town["facts"].iloc[:0])) == "330602017"
    assert town_code(Layers("枫桥", {})) == "枫桥"


def test_a_template_of_a_made_up_town_says_so_on_its_first_sheet(
    town: Layers, tmp_path: Path
) -> None:
    for made_up in (True, False):
        path = write_template(tmp_path / "facts.xlsx", "facts", town=replace(town, made_up=made_up))
        title = openpyxl.load_workbook(path).worksheets[0]["A1"].value
        assert ("示例数据" in title) == made_up


@pytest.mark.parametrize("layer", SCHEMAS)
def test_a_blank_template_of_every_layer(layer: str, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_template(tmp_path / "a.xlsx", layer))
    assert f"_known_{layer}" in book.sheetnames
    assert book.worksheets[1].max_column > 2


def test_a_street_is_in_one_village_only(town: Layers) -> None:
    streets = gpd.GeoDataFrame(
        {"code": ["long"]}, geometry=[LineString([(120.70, 30.105), (120.72, 30.105)])], crs=WGS84
    )
    sheets = layer_sheets("streets", town.replaced(streets=conform(streets, "streets")))
    assert sum(len(sheet.rows) for sheet in sheets) == 1


@given(st.lists(st.text(st.characters(exclude_categories=["C"]), max_size=40), max_size=8))
def test_names_of_sheets_are_legal_and_unique(names: list[str]) -> None:
    taken: list[str] = []
    for name in names:
        taken.append(sheet_name(name, taken))
    assert len({name.casefold() for name in taken}) == len(names)
    for name in taken:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'") and not name.endswith("'")


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no layer 'people'"):
        write_template(tmp_path / "a.xlsx", "people")
    with pytest.raises(FormatError, match=r"end its name in \.xlsx"):
        write_template(tmp_path / "a.xls", "cameras")
    with pytest.raises(FileMissingError, match="cannot be written"):
        write_template(tmp_path / "no" / "a.xlsx", "cameras")
