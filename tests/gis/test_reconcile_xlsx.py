"""The workbook of a reconciliation, read back as a Chinese reader opens it."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from gis.camera_codes import near_codes, parse_codes
from gis.errors import FormatError
from gis.layers import conform
from gis.profiles import load
from gis.reconcile import TITLES, reconcile
from gis.reconcile_xlsx import in_chinese, write_reconciliation

FIRST, SECOND, THIRD = (f"3306020100132000000{n}" for n in (1, 2, 3))
PLATFORM = pd.DataFrame(
    {
        "code": [FIRST, SECOND],
        "name": ["东门", "西门"],
        "platform_online": pd.array([True, True], dtype="boolean"),
    }
)


def cameras(table: pd.DataFrame, *east: float) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy([120.7 + metres / 96_390 for metres in east], [30.1] * len(east))
    return conform(gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326"), "cameras")


@pytest.fixture(scope="module")
def found():
    sheet = pd.DataFrame(
        {
            "code": [FIRST, THIRD, "33060201001320000"],
            "name": ['=HYPERLINK("http://192.0.2.1")', "北门", "短码"],
            "status": ["removed", "in_use", None],
        },
        index=[4, 5, 6],
    )
    return reconcile(cameras(sheet, 0, 500, 800), cameras(PLATFORM, 249, 505))


@pytest.fixture(scope="module")
def book(found, tmp_path_factory) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("lists") / "lists.xlsx"
    return openpyxl.load_workbook(
        write_reconciliation(found, path, notes=["台账 a.xlsx", "items are missing"])
    )


def rows_of(book: openpyxl.Workbook, name: str) -> list[dict[str, object]]:
    page = next(page for page in book if page.title.split()[-1] == name)
    heads, *rows = page.values
    return [dict(zip((head.split()[-1] for head in heads), row, strict=True)) for row in rows]


def test_a_sheet_for_each_list_with_heads_in_both_languages(book):
    assert [page.title.split()[-1] for page in book] == ["summary", *TITLES]
    for page in book:
        assert page.freeze_panes == "B2"
        for head in next(page.values):
            chinese, english = head.split()
            assert re.search("[\u4e00-\u9fff]", chinese)
            assert re.fullmatch("[a-z_]+", english)
    assert book["位置不符 moved"].auto_filter.ref == "A1:K2"


def test_each_row_says_in_both_languages_what_is_wrong(book):
    (moved,) = rows_of(book, "moved")
    assert (moved["what"], moved["what_zh"]) == (
        "the platform has it 249 m away",
        "平台上的位置相距 249 米",
    )
    assert (moved["code"], moved["sheet_row"], moved["distance_m"]) == (FIRST, 4, 249.0)
    (status,) = rows_of(book, "status")
    assert status["what_zh"] == "台账为拆除，平台在线"
    (wrong,) = rows_of(book, "wrong_codes")
    assert (wrong["source"], wrong["sheet_row"]) == ("台账 sheet", 6)
    assert wrong["what_zh"] == "编码只有 17 位（旧规则 B），应改为 20 位"
    assert rows_of(book, "near")[0]["what_zh"] == "台账第 20 位为 3，平台为 2"


def test_the_summary_has_each_rate_with_what_it_is_a_share_of_and_the_notes(book):
    rows = rows_of(book, "summary")
    assert "建档率" in rows[0]["figure"]
    assert (rows[0]["value"], rows[0]["of"]) == (0.5, 2)
    assert rows[1]["value"] == pytest.approx(1 / 3)
    assert rows[1]["of"] == 3
    assert book["汇总 summary"]["B2"].number_format == "0.0%"
    assert [row["figure"] for row in rows[-2:]] == ["提示 台账 a.xlsx", "提示 items are missing"]


def test_text_of_a_file_is_no_formula(book):
    cell = book["位置不符 moved"]["B2"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://192.0.2.1")', "s")


def test_a_workbook_is_written_as_such(found, tmp_path):
    with pytest.raises(FormatError, match=r"written as \.xlsx"):
        write_reconciliation(found, tmp_path / "lists.csv")


def test_every_sentence_of_a_list_has_a_chinese_one():
    slips = [(FIRST, SECOND), ("12", "21"), ("123", "12"), ("12", "123")]
    codes = ["330602010013200001", "33060201001320000017", "1", "A", "3.3060E+19", "2"]
    problems = parse_codes(pd.Series([*codes, None]))["problem"].dropna()
    source = Path(reconcile.__code__.co_filename).read_text("utf-8")
    contradictions = re.findall('"(the sheet says [^"]+)":', source)
    sentences = [
        *problems,
        *contradictions,
        *(TITLES[name] for name in ("sheet_only", "platform_only")),
        *(f"on file, {near_codes(a, b)} on the platform" for a, b in slips),
        '"330602" is already the code of row 12',
        "the code is that of a region",
        "the code is that of another device: NVR",
        "the platform calls it 西门",
        "on file and on the platform",
    ]
    assert len(contradictions) == 5
    assert [one for one in sentences if in_chinese(one) == one] == []
    assert in_chinese("something new") == "something new"


def test_no_sentence_of_the_table_is_a_broken_pattern():
    for rule in load("reconcile")["sentences"]:
        assert len(re.findall(r"\\[0-9]", rule["zh"])) <= re.compile(rule["en"]).groups
