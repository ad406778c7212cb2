from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import Point, box

from gis.errors import FileMissingError
from gis.layers import WGS84, Layers, conform
from gis.template import write_template
from gis.template_answers import Missing
from gis.template_returned import read_returned

LEFT, RIGHT = "330602017201", "330602017202"

# Sheet, row and title of the head to what is written there.
Written = dict[tuple[str, int, str], Any]


@pytest.fixture(scope="module")
def town() -> Layers:
    villages = gpd.GeoDataFrame(
        {"code": [LEFT, RIGHT], "name": ["民生村", "光荣村"]},
        geometry=[box(120.70, 30.10, 120.71, 30.11), box(120.71, 30.10, 120.72, 30.11)],
        crs=WGS84,
    )
    cameras = gpd.GeoDataFrame(
        {
            "code": ["33060200001310000001", "=c2", "c3"],
            "name": ["北门", "'南门", None],
            "status": ["repair", "in_use", None],
            "networked": [True, False, None],
            "installed": ["2019-06-30", "1880-01-01", None],
            "height_m": [4.5, None, 6.0],
            "note": ["kept", None, None],
        },
        geometry=[Point(120.7012345678901, 30.105), Point(120.715, 30.105), Point(120.702, 30.1)],
        crs=WGS84,
    )
    sites = gpd.GeoDataFrame(
        {"code": ["s1", "s2"], "kind": ["school", "estate"]},
        geometry=[Point(120.705, 30.105), box(120.712, 30.101, 120.713, 30.102)],
        crs=WGS84,
    )
    facts = pd.DataFrame(
        {
            "code": ["Q1", "Q2"],
            "place_layer": "villages",
            "place_code": [LEFT, RIGHT],
            "key": "officers",
            "period": "2024",
            "value": ["2", "3"],
        }
    )
    frames = {"villages": villages, "cameras": cameras, "sites": sites, "facts": facts}
    return Layers("滨海新城", {name: conform(frame, name) for name, frame in frames.items()})


@pytest.fixture
def send(town: Layers, tmp_path: Path) -> Callable[..., Path]:
    """Return what gives out a template, has it filled in, and puts a copy into the folder."""

    def fill(name: str, what: str, written: Written, **more: Any) -> Path:
        folder = tmp_path / "back"
        folder.mkdir(exist_ok=True)
        path = folder / name
        write_template(path, what, town=town, **more)
        book = openpyxl.load_workbook(path)
        for (sheet, row, head), value in written.items():
            page = book[sheet]
            heads = {cell.value: cell.column for cell in page[1]}
            page.cell(row, heads[head], value)
        book.save(path)
        return folder

    return fill


def row_of(folder: Path, name: str, sheet: str, head: str, value: str) -> int:
    page = openpyxl.load_workbook(folder / name)[sheet]
    column = next(cell.column for cell in page[1] if cell.value == head)
    return next(
        c[0].row for c in page.iter_rows(min_col=column, max_col=column) if c[0].value == value
    )


@pytest.mark.parametrize("what", ["cameras", "sites", "villages"])
def test_what_nobody_touched_comes_back_exactly(
    what: str, town: Layers, send: Callable[..., Path]
) -> None:
    returned = read_returned(send("copy.xlsx", what, {}), what, town=town)
    known = conform(town[what].drop(columns="note", errors="ignore"), what)
    assert_geodataframe_equal(returned.frame, known)
    assert (returned.written, returned.faults, returned.conflicts) == (0, (), ())
    assert returned.missing == (Missing(LEFT, "民生村"), Missing(RIGHT, "光荣村"))


def test_what_is_written_comes_back_typed(town: Layers, send: Callable[..., Path]) -> None:
    folder = send(
        "民生村（填好）.xlsx",
        "cameras",
        {
            ("民生村", 2, "设备状态"): "In use",
            ("民生村", 2, "安装日期"): datetime(2020, 1, 2),
            ("民生村", 2, "方位角（度）"): "135",
            ("民生村", 4, "设备编码（*）"): "33060200001310000009",
            ("民生村", 4, "设备类型"): "球机",
            ("民生村", 4, "是否高清"): "有",
            ("民生村", 4, "经度（*）"): 120.7051,
            ("民生村", 4, "纬度（*）"): "30.1051",
        },
    )
    returned = read_returned(folder, "cameras", town=town)
    frame = returned.frame.set_index("code")
    assert list(frame.index) == ["33060200001310000001", "=c2", "c3", "33060200001310000009"]
    first, new = frame.iloc[0], frame.iloc[3]
    assert (first["status"], first["installed"], first["azimuth_deg"]) == (
        "in_use", "2020-01-02", 135.0
    )  # fmt: skip
    assert first["height_m"] == 4.5
    assert (new["kind"], new["hd"], new.geometry) == ("dome", True, Point(120.7051, 30.1051))
    assert returned.missing == (Missing(RIGHT, "光荣村"),)
    assert returned.written == 6


def test_copies_of_one_workbook_are_joined(town: Layers, send: Callable[..., Path]) -> None:
    send("a.xlsx", "cameras", {("民生村", 2, "设备名称"): "北大门"})
    folder = send("b.xlsx", "cameras", {("光荣村", 2, "设备状态"): "维修"})
    shutil.copy(folder / "a.xlsx", folder / "~$a.xlsx")
    (folder / "note.txt").write_text("x")
    returned = read_returned(folder, "cameras", town=town)
    assert returned.files == ("a.xlsx", "b.xlsx")
    assert returned.frame["name"].tolist()[0] == "北大门"
    assert returned.frame["status"].tolist()[1] == "repair"
    assert returned.missing == ()


def test_a_template_given_out_long_ago_takes_nothing_back(
    town: Layers, send: Callable[..., Path]
) -> None:
    folder = send("a.xlsx", "cameras", {("民生村", 2, "设备名称"): "北大门"})
    cameras = town["cameras"].assign(height_m=[9.0, None, 6.0])
    returned = read_returned(folder, "cameras", town=town.replaced(cameras=cameras))
    assert returned.frame["height_m"].tolist()[0] == 9.0, "the store's newer value was undone"
    assert returned.frame["name"].tolist()[0] == "北大门"


def test_a_workbook_that_lost_its_hidden_sheet_is_compared_with_the_town(
    town: Layers, send: Callable[..., Path]
) -> None:
    folder = send("a.xlsx", "cameras", {("民生村", 2, "设备名称"): "北大门"})
    book = openpyxl.load_workbook(folder / "a.xlsx")
    del book["_known_cameras"]
    book.save(folder / "a.xlsx")
    returned = read_returned(folder, "cameras", town=town)
    assert (returned.written, returned.conflicts) == (1, ())
    assert returned.missing == (Missing(RIGHT, "光荣村"),)


def test_two_that_say_different_things_are_both_shown_and_none_is_taken(
    town: Layers, send: Callable[..., Path]
) -> None:
    send("a.xlsx", "cameras", {("民生村", 2, "安装高度（米）"): 5})
    send("b.xlsx", "cameras", {("民生村", 2, "安装高度（米）"): 7})
    folder = send("c.xlsx", "cameras", {("民生村", 2, "安装高度（米）"): 5})
    returned = read_returned(folder, "cameras", town=town)
    (conflict,) = returned.conflicts
    assert [(value, place.file, place.row) for value, place in conflict.said] == [
        (5.0, "a.xlsx", 2), (7.0, "b.xlsx", 2)
    ]  # fmt: skip
    assert returned.frame["height_m"].tolist()[0] == 4.5
    assert json.dumps(returned.document(), ensure_ascii=False)


def test_renamed_sheets_and_moved_columns_are_understood(
    town: Layers, send: Callable[..., Path]
) -> None:
    folder = send("a.xlsx", "cameras", {("民生村", 2, "设备名称"): "北大门"})
    book = openpyxl.load_workbook(folder / "a.xlsx")
    page = book["民生村"]
    page.title = "Sheet 9"
    page.move_range("B1:B3", cols=40)
    page.insert_rows(1)
    page["A1"] = "民生村摄像机一览表"
    page["AZ2"], page["AZ3"] = "联系电话", "1380000"
    page["BA2"], page["BA3"] = "备注", "x"
    page["BB2"], page["BB3"] = "备注", "y"
    book.save(folder / "a.xlsx")
    returned = read_returned(folder, "cameras", town=town)
    assert returned.frame["name"].tolist()[:2] == ["北大门", "'南门"]
    assert returned.missing == (Missing(RIGHT, "光荣村"),)
    assert returned.dropped_columns == ("联系电话",)
    assert returned.unknown_columns == ("备注",)
    assert [str(fault) for fault in returned.faults] == [
        "a.xlsx, sheet Sheet 9, column 备注: two columns have this title: keep one"
    ]


def test_every_fault_is_told_by_file_sheet_and_row(
    town: Layers, send: Callable[..., Path], tmp_path: Path
) -> None:
    folder = send(
        "a.xlsx",
        "cameras",
        {
            ("民生村", 2, "安装高度（米）"): "很高",
            ("民生村", 2, "设备状态"): "坏",
            ("民生村", 4, "设备编码（*）"): "new",  # without a place
            ("民生村", 5, "设备名称"): "无编码",
            ("民生村", 6, "设备编码（*）"): "new",
        },
    )
    (folder / "b.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    write_template(folder / "c.xlsx", "sites", town=town)
    returned = read_returned(folder, "cameras", town=town)
    told = {(f.place.file, f.place.row, f.column) for f in returned.faults}
    assert told == {
        ("a.xlsx", 2, "height_m"),
        ("a.xlsx", 2, "status"),
        ("a.xlsx", 4, "geometry"),
        ("a.xlsx", 5, "code"),
        ("a.xlsx", 6, "code"),
        ("b.xlsx", None, None),
        ("c.xlsx", None, None),
    }
    assert returned.frame["code"].tolist() == ["33060200001310000001", "=c2", "c3"]
    assert returned.frame["height_m"].tolist()[0] == 4.5
    assert any("template of sites, not of cameras" in warning for warning in returned.warnings)


def test_facts_come_back_by_place_key_and_period(town: Layers, send: Callable[..., Path]) -> None:
    folder = send("a.xlsx", "facts", {}, periods=["2025"])
    rows = {
        key: row_of(folder, "a.xlsx", "民生村", "指标", key)
        for key in ("officers", "auxiliaries", "mediation_head", "mediators_full_time")
    }
    folder = send(
        "a.xlsx",
        "facts",
        {
            ("民生村", rows["officers"], "数值（*）"): 4,  # 2024, which is known
            ("民生村", rows["auxiliaries"], "数值（*）"): "2.0",
            ("民生村", rows["mediation_head"], "数值（*）"): "否",
            ("民生村", rows["mediators_full_time"], "数值（*）"): "三人",
        },
        periods=["2025"],
    )
    returned = read_returned(folder, "facts", town=town)
    found = returned.frame.set_index("code")[["place_code", "key", "period", "value"]]
    assert found.to_numpy().tolist() == [
        [LEFT, "officers", "2024", "4"],
        [RIGHT, "officers", "2024", "3"],
        [LEFT, "auxiliaries", "2025", "2"],
        [LEFT, "mediation_head", "2025", "no"],
    ]
    assert list(found.index)[:3] == ["Q1", "Q2", f"villages/{LEFT}/auxiliaries/2025"]
    (fault,) = returned.faults
    assert (fault.place.sheet, fault.problem) == ("民生村", '"三人" is not a number')
    missing = {(one.village, one.column) for one in returned.missing}
    assert (RIGHT, None) in missing
    assert (LEFT, "mediators_full_time") in missing
    assert (LEFT, "auxiliaries") not in missing


def test_a_year_left_open_is_filled_in_or_told(town: Layers, send: Callable[..., Path]) -> None:
    folder = send("a.xlsx", "facts", {})
    rows = {
        key: row_of(folder, "a.xlsx", "民生村", "指标", key)
        for key in ("auxiliaries", "mediators_full_time")
    }
    folder = send(
        "a.xlsx",
        "facts",
        {
            ("民生村", rows["auxiliaries"], "统计期"): 2025,
            ("民生村", rows["auxiliaries"], "数值（*）"): 1,
            ("民生村", rows["mediators_full_time"], "数值（*）"): 1,
        },
    )
    returned = read_returned(folder, "facts", town=town)
    found = returned.frame.set_index("key")[["period", "value"]]
    assert found.loc["auxiliaries"].tolist() == ["2025", "1"]
    assert [(fault.column, fault.problem) for fault in returned.faults] == [
        ("period", "is no year: write one such as 2025")
    ]
    assert "mediators_full_time" not in found.index
    missing = {one.column for one in returned.missing}
    assert "auxiliaries" not in missing
    assert "mediators_full_time" in missing


def test_a_fact_of_a_place_that_there_is_not(town: Layers, send: Callable[..., Path]) -> None:
    folder = send(
        "a.xlsx",
        "facts",
        {
            ("民生村", 200, "指标"): "officers",
            ("民生村", 200, "对象图层"): "villages",
            ("民生村", 200, "对象编码"): "330602017999",
            ("民生村", 200, "统计期"): "2025",
            ("民生村", 200, "数值（*）"): 1,
        },
    )
    returned = read_returned(folder, "facts", town=town)
    assert [str(fault) for fault in returned.faults] == [
        "a.xlsx, sheet 民生村, row 200, column place_code: "
        "there is no 330602017999 in the layer villages"
    ]
    assert "330602017999" not in returned.frame["place_code"].tolist()


def test_without_a_town_the_workbooks_speak_for_themselves(send: Callable[..., Path]) -> None:
    folder = send("a.xlsx", "cameras", {("民生村", 2, "安装高度（米）"): 5})
    returned = read_returned(folder / "a.xlsx", "cameras")
    assert returned.frame["height_m"].tolist()[0] == 5.0
    assert len(returned.frame) == 3
    assert [one.village for one in returned.missing] == [RIGHT]


def test_cells_not_written_plainly_and_files_that_are_not_read(
    town: Layers, send: Callable[..., Path]
) -> None:
    folder = send(
        "a.xlsx",
        "cameras",
        {("民生村", 2, "安装高度（米）"): "5米", ("民生村", 3, "方位角（度）"): "/"},
    )
    (folder / "旧表.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (folder / "加密.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    returned = read_returned(folder, "cameras", town=town)
    assert returned.frame["height_m"].tolist()[0] == 5.0
    assert returned.written == 1
    assert returned.notes == (
        'a.xlsx, sheet 民生村: read as blank: "/" (1 cell: azimuth_deg)',
        'a.xlsx, sheet 民生村: read as numbers: "5米" as 5 (1 cell: height_m)',
    )
    assert returned.passed_over == ("旧表.xls",)
    assert [str(fault) for fault in returned.faults] == [
        "加密.xlsx: is not an .xlsx workbook: it is an old .xls, or locked with a password; open "
        "it in a spreadsheet, take the password off, and save it as .xlsx"
    ]
    assert returned.waited_for() == [
        "nothing came back from 1: 光荣村",
        "not read, as only .xlsx is (open and save as that): 旧表.xls",
    ]


def test_who_wrote_only_what_is_wrong_was_not_silent(
    town: Layers, send: Callable[..., Path]
) -> None:
    folder = send("a.xlsx", "cameras", {("民生村", 2, "安装高度（米）"): "高"})
    returned = read_returned(folder, "cameras", town=town)
    assert len(returned.faults) == 1
    assert returned.silent == ("光荣村",)


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match=r"holds no \.xlsx workbook"):
        read_returned(tmp_path, "cameras")
    with pytest.raises(FileMissingError, match="no such file or folder"):
        read_returned(tmp_path / "no", "cameras")
