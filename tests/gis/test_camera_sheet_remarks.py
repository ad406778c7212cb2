"""A camera sheet full of mistakes: refused with all of them, or read as far as it goes."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from gis.camera_sheet import read_camera_sheet
from gis.errors import CrsError, FormatError, LayerFaultsError, ParameterError

HEADS = ["SBBM", "SBMC", "SXJLX", "SXJGNLX", "JD", "WD", "JSFW", "LWSX", "SBZT", "AZSJ"]


def code(serial: int) -> str:
    return f"33060201001320{serial:06}"


def row(first: str | int, **values: object) -> list[object]:
    given = {"SBBM": first, "SBMC": "a", "SXJLX": 3, "SXJGNLX": 5, "JD": 120.7, "WD": 30.1}
    given |= {"JSFW": 1, "LWSX": 1, "SBZT": 1, "AZSJ": "2024-05-06", **values}
    return [given[head] for head in HEADS]


@pytest.fixture
def sheet(tmp_path):
    def write(*rows: list[object], heads: list[str] = HEADS) -> Path:
        book = openpyxl.Workbook()
        for one in (heads, *rows):
            book.active.append(one)
        path = tmp_path / "cameras.xlsx"
        book.save(path)
        return path

    return write


def test_faults_are_told_by_the_heads_of_the_sheet_and_once(sheet):
    odd = ["3.3060E+19", "", "12", "3.3e19", 33060201001320000009]
    path = sheet(row(code(1)), row(code(1)), *map(row, odd))
    with pytest.raises(LayerFaultsError) as raised:
        read_camera_sheet(path, crs="wgs84")
    assert [(fault.row, fault.column) for fault in raised.value.faults] == [
        (3, "SBBM"),
        (4, "SBBM"),
        (5, "SBBM"),
        (6, "SBBM"),
        (7, "SBBM"),
        (8, "SBBM"),
    ]
    path = sheet(row(code(1)), row(code(2)), row(code(3), JD=30.1, WD=120.7))
    with pytest.raises(LayerFaultsError, match=r"row 4, column JD, WD: .*swapped"):
        read_camera_sheet(path, crs="wgs84")


def test_what_is_wrong_is_left_out_and_counted_for_a_comparison(sheet):
    path = sheet(
        row(code(1), AZSJ="soon", JSFW=12),
        row(code(1), SBMC="again"),
        row("3.3060E+19"),
        row(33060201001320000009),
        row("", SBMC="no code"),
        row("330602010013200000"),
        row(code(2), JD="E120"),
        row(code(3), JD=30.1, WD=120.7),
    )
    read = read_camera_sheet(path, crs="wgs84", strict=False)
    assert read.frame["code"].tolist() == [code(1), "330602010013200000"]
    assert read.frame["azimuth_deg"].isna().tolist() == [True, False]
    assert read.without_place.index.tolist() == [8, 9]
    assert "swapped" in read.without_place["reason"].iloc[1]
    wrong = read.wrong_codes
    assert wrong.index.tolist() == [3, 4, 5, 6]
    assert wrong["reason"].iloc[0] == f'"{code(1)}" is already the code of row 2'
    assert "spreadsheet" in wrong["reason"].iloc[1]
    assert "spreadsheet" in wrong["reason"].iloc[2]
    assert wrong["name"].tolist() == ["again", "a", "a", "no code"]
    assert wrong.geometry.notna().all()
    assert read.left_out() == {
        "cameras without a place": 2,
        "rows whose code names no camera": 4,
    }
    told = "values that cannot be read are left out: JSFW 1, AZSJ 1, JD 1"
    assert read.warnings[0].startswith(told)
    assert read.listed.index.tolist() == list(range(2, 10))
    assert read.listed["code_problem"].notna().sum() == 4


def test_a_sheet_in_which_no_code_can_be_used(sheet):
    read = read_camera_sheet(sheet(row("3.3060E+19")), crs="wgs84", strict=False)
    assert (len(read.frame), len(read.wrong_codes), len(read.listed)) == (0, 1, 1)


def test_columns_without_which_a_sheet_is_none(sheet):
    path = sheet(row(code(1)), heads=["X", *HEADS[1:4], "Y", *HEADS[5:]])
    with pytest.raises(LayerFaultsError) as raised:
        read_camera_sheet(path, crs="wgs84")
    assert {fault.problem for fault in raised.value.faults} == {
        "the sheet has no column 设备编码 (SBBM)",
        "the sheet has no column 经度 (JD)",
    }


def test_function_codes_of_two_standards_are_never_mixed(sheet):
    path = sheet(row(code(1), SXJGNLX="01"), row(code(2), SXJGNLX="01/03"))
    with pytest.raises(LayerFaultsError, match=r"row 2, column SXJGNLX: .*1 vehicle_checkpoint"):
        read_camera_sheet(path, crs="wgs84")
    read = read_camera_sheet(path, crs="wgs84", profile="0-networked,function-28181")
    assert read.frame["function_type"].tolist() == ["face", "face/vehicle"]
    assert read.frame["networked"].tolist() == [False, False]
    path = sheet(row(code(1), SXJGNLX=1))
    assert read_camera_sheet(path, crs="wgs84").frame["function_type"].tolist() == [
        "vehicle_checkpoint"
    ]
    with pytest.raises(LayerFaultsError, match="01 face"):
        read_camera_sheet(path, crs="wgs84", profile="function-28181")
    with pytest.raises(ParameterError, match=r"'x'.*function-28181"):
        read_camera_sheet(path, crs="wgs84", profile="function-28181, x")


def test_signs_for_not_known_are_blank_and_counted(sheet):
    path = sheet(
        row(code(1), SXJLX="／", JSFW="—", AZSJ="未知"),
        row(code(2), JD="/", WD="-", SBMC="/", JSFW="N/A"),
    )
    read = read_camera_sheet(path, crs="wgs84")
    told = 'signs for "not known" are taken as blank: SXJLX 1, JD 1, WD 1, JSFW 2, AZSJ 1'
    assert told in read.warnings
    assert read.frame[["ptz_type", "azimuth_deg", "installed"]].isna().all(axis=None)
    assert read.without_place["name"].tolist() == ["/"]


def test_degrees_that_were_declared_to_be_metres(sheet):
    with pytest.raises(CrsError, match="counts in metres"):
        read_camera_sheet(sheet(row(code(1))), crs="EPSG:4549")


def test_a_folder_is_no_sheet(tmp_path):
    with pytest.raises(FormatError, match="is a folder"):
        read_camera_sheet(tmp_path, crs="wgs84")


def test_a_few_rows_of_other_devices_are_named_and_the_rest_counted(sheet):
    nvrs = [row(f"33060201001180{n:06}") for n in range(7)]
    read = read_camera_sheet(sheet(*nvrs[:2]), crs="wgs84")
    assert any(text.endswith("2 NVR (rows 2, 3)") for text in read.warnings)
    read = read_camera_sheet(sheet(*nvrs), crs="wgs84")
    assert any(text.endswith("(rows 2, 3, 4, 5, 6 and 2 more)") for text in read.warnings)
