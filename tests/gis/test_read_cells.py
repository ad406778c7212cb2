"""Cells as people write them: read as they are meant, and told."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from gis.errors import LayerFaultsError
from gis.read import read_layer
from gis.read_cells import plain_cells, without_row_numbers


def cells(column: str, *texts: str, layer: str = "cameras") -> list[object]:
    plain, _ = plain_cells(pd.DataFrame({column: list(texts)}, dtype=object), layer)
    return plain[column].tolist()


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ("height_m", "6米", "6"),
        ("height_m", "６．５ m", "6.5"),
        ("range_m", "1,200", "1200"),
        ("range_m", "1,200.5米", "1200.5"),
        ("azimuth_deg", "90°", "90"),
        ("lon", "120.7°", "120.7"),
        ("azimuth_deg", "—", ""),
        ("azimuth_deg", "N/A", ""),
        ("height_m", "无", ""),
        ("status", "未知", ""),
        ("installed", "45000", "2023-03-15"),
        ("installed", "45000.75", "2023-03-15"),
        ("installed", "20250301", "2025-03-01"),
        ("networked", "√", "yes"),
        ("networked", "×", "no"),
        ("code", "３３０６０２ａ", "330602a"),
        ("site_code", "Ｓ１", "S1"),
    ],
)
def test_what_is_meant(column: str, written: str, read: str) -> None:
    assert cells(column, written) == [read]


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("range_m", "12,00"),  # no thousands
        ("range_m", "120-150"),
        ("height_m", "六米"),
        ("height_m", "600厘米"),
        ("height_m", "6°"),  # not its unit
        ("installed", "2025年3月"),
        ("installed", "20251301"),
        ("installed", "123"),
        ("installed", "2025/3/1"),  # plain enough
        ("networked", "无"),  # means no
        ("kind", "unknown"),
        ("name", "/"),
        ("name", "１号"),
        ("code", "/"),
    ],
)
def test_what_stays_as_it_is(column: str, written: str) -> None:
    assert cells(column, written) == [written]


def test_none_of_a_count_may_be_0_and_is_told_as_a_fault() -> None:
    assert cells("households", "无", "/", "910户", layer="villages") == ["无", "", "910"]


def test_everything_is_told_with_its_count() -> None:
    frame = pd.DataFrame({"height_m": ["/", "-", " / ", "6米"], "azimuth_deg": ["/", "", "3", "4"]})
    before = frame.copy()
    _, notes = plain_cells(frame, "cameras")
    assert notes == [
        'read as blank: "/", "-" (4 cells: height_m, azimuth_deg)',
        'read as numbers: "6米" as 6 (1 cell: height_m)',
    ]
    pd.testing.assert_frame_equal(frame, before)


def test_a_sheet_of_a_spreadsheet_in_gbk(tmp_path: Path) -> None:
    path = tmp_path / "cameras.csv"
    rows = [
        "编码,名称,经度,纬度,安装高度,安装时间,方位角,可视距离,是否联网",
        '３３０６０２0001,北门,120.70,30.15,6米,2025/3/1,/,"1,200",√',
        "3306020002 ,/,120.70,30.15,无,45000,90°,—,有",
        ",,,,,,,,",
    ]
    path.write_bytes("\r\n".join(rows).encode("gbk"))
    read = read_layer(path, "cameras", crs="wgs84")
    frame = read.frame
    assert frame["code"].tolist() == ["3306020001", "3306020002"]
    assert frame["name"].tolist() == ["北门", "/"]
    assert frame["installed"].tolist() == ["2025-03-01", "2023-03-15"]
    assert frame["height_m"].dropna().tolist() == [6.0]
    assert frame["azimuth_deg"].dropna().tolist() == [90.0]
    assert frame["range_m"].dropna().tolist() == [1200.0]
    assert frame["networked"].tolist() == [True, True]
    assert sum(note.startswith("read as") for note in read.warnings) == 4


def test_merged_cells_have_the_value_of_the_uppermost(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (
        ["网格一览表"],
        ["网格编码", "所属村编码", "名称", "坐标", None],
        [None, None, None, "经度", "纬度"],
        ["g1", "330602017201", "一", 120.7, 30.1],
        ["g2", None, "二", 120.7, 30.1],
        ["g3", "330602017202", "三", 120.7, 30.1],
    ):
        page.append(row)
    for cells_ in ("A1:E1", "A2:A3", "B2:B3", "C2:C3", "D2:E2", "B4:B5", "A9:C9"):
        page.merge_cells(cells_)
    path = tmp_path / "a.xlsx"
    book.save(path)
    read = read_layer(path, "addresses", crs="wgs84", mapping={"网格编码": "code"})
    assert read.frame["village"].tolist() == ["330602017201", "330602017201", "330602017202"]
    assert read.frame.index.tolist() == [4, 5, 6]
    assert "cells merged with one above have its value (1): 所属村编码" in read.warnings


def test_a_merged_code_is_a_code_twice(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["编码", "经度", "纬度"], ["a", 120.7, 30.1], [None, 120.8, 30.1]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(LayerFaultsError, match='row 3, column code: "a" is already the code'):
        read_layer(tmp_path / "a.xlsx", "cameras", crs="wgs84")


def test_row_numbers_of_a_map_program_are_left_out_where_rows_have_a_code(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("fid,OBJECTID,code,lon,lat,note\n1,7,a,120.7,30.1,x\n", encoding="utf-8")
    read = read_layer(path, "cameras", crs="wgs84")
    assert {"fid", "OBJECTID"} & set(read.frame.columns) == set()
    assert read.frame["note"].tolist() == ["x"]
    assert "row numbers of a map program left out: fid, OBJECTID" in read.warnings
    rows = pd.DataFrame({"fid": [1]})
    assert without_row_numbers(rows, "cameras")[0] is rows  # codes may be made of them
    mapped = read_layer(path, "cameras", crs="wgs84", mapping={"fid": "pole_no"})
    assert mapped.frame["pole_no"].tolist() == ["1"]


def test_a_table_as_geojson_has_no_geometry_to_leave_out(tmp_path: Path) -> None:
    feature = '{"type": "Feature", "geometry": %s, "properties": {"code": "a", "key": "k", '
    feature += '"place_layer": "sites", "place_code": "s"}}'
    notes = []
    for shape in ("null", '{"type": "Point", "coordinates": [120.7, 30.1]}'):
        path = tmp_path / "facts.geojson"
        path.write_text('{"type": "FeatureCollection", "features": [%s]}' % (feature % shape))
        notes.append(read_layer(path, "facts").warnings)
    assert notes == [(), ("facts is a table: its geometry was left out",)]
