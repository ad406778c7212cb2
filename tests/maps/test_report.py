"""What a report says is what the documents say, number by number, in all three formats."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from gis.errors import FormatError
from gis.layers import Layers
from maps.report import build_report, write_report
from maps.report_model import Report, ReportLang
from maps.report_pdf import report_html

# What stands near the first gap of the documents.
FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def documents() -> dict[str, Any]:
    """Return documents of a town of two villages, most of their numbers unlike each other."""
    text = (Path(__file__).parents[1] / "data" / "report.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture
def report(documents: dict[str, Any], town: Layers) -> Report:
    return build_report(town, documents, day="2026-11-25")


def numbers(part: Any) -> Iterator[float]:
    """Yield every number of a part of a document."""
    if isinstance(part, dict):
        for value in part.values():
            yield from numbers(value)
    elif isinstance(part, list):
        for value in part:
            yield from numbers(value)
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield float(part)


def sheet_numbers(path: Path) -> dict[str, set[float]]:
    book = openpyxl.load_workbook(path)
    return {
        page.title: {
            float(cell.value)
            for row in page.iter_rows()
            for cell in row
            if isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
        }
        for page in book
    }


def table_rows(path: Path) -> list[list[str]]:
    document = docx.Document(str(path))
    return [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]


SHEETS = {
    "指标 targets": ("targets", "targets"),
    "派出所 stations": ("targets", "scorecards"),
    "各村指标 village targets": ("targets", "scorecards"),
    "村社区 villages": ("coverage", "villages"),
    "场所 places": ("coverage", "sites"),
    "盲区 gaps": ("coverage", "gaps"),
    "摄像机 cameras": ("coverage", "cameras"),
    "整改清单 rectification": ("rectification", "items"),
    "到达圈 response": ("response", "bands"),
    "警力 units": ("response", "units"),
    "摘要 summary": ("coverage", "totals"),
}


def test_a_workbook_holds_every_number_of_the_documents_as_it_is(
    report: Report, documents: dict[str, Any], tmp_path: Path
) -> None:
    found = sheet_numbers(write_report(report, tmp_path / "r.xlsx"))
    for sheet, (kind, part) in SHEETS.items():
        rows = documents[kind][part]
        if part == "targets":  # their places stand on a sheet of their own
            rows = [{**row, "failing": [], "missing": []} for row in rows]
        if part == "totals":
            rows["build_counts"]["cameras"].pop("built")
        if part == "bands":  # the bands themselves are in the heads
            rows = [{**row, "band_s": None} for row in rows if row["scope"] == "village"]
        assert set(numbers(rows)) <= found[sheet], sheet
    assert {1.0, 2.0} <= found["未达标地点 failing places"]
    assert {0.386, 22.0, 57.0} <= found["摘要 summary"]
    # And nothing else but counts of rows.
    known = set(numbers(documents)) | {0.0, 1.0, 2.0, 3.0}
    assert set().union(*found.values()) <= known


def test_a_row_of_the_targets_is_whole(report: Report, tmp_path: Path) -> None:
    rows = table_rows(write_report(report, tmp_path / "r.docx"))
    first = next(row for row in rows if row[0] == "C1" and len(row) == 10)
    assert first[2:9] == [
        *("重点公共区域 Key public", "76.3\u202f% (71.1–83.5)", "19 / 25", "≥ 98.0\u202f%"),
        *("47.0\u202f%", "好转 better", "▲ 未达标 not met"),
    ]
    unknown = next(row for row in rows if row[0] == "A6" and len(row) == 10)
    assert unknown[3] == "–"
    assert unknown[9] == "缺走访"  # remarks on paper are in Chinese where both are asked for
    assert any("西村（差 2\u202f人）" in row[-1] for row in rows)


def test_texts_are_no_formulas_and_no_links(report: Report, tmp_path: Path) -> None:
    path = write_report(report, tmp_path / "r.xlsx")
    page = openpyxl.load_workbook(path)["盲区 gaps"]
    places = [row[1].value for row in page.iter_rows(min_row=6) if row[1].value]
    assert f"'{FORMULA}" in places
    with zipfile.ZipFile(path) as packed:
        sheets = [packed.read(n).decode() for n in packed.namelist() if "/sheet" in n]
    assert not any("<f>" in sheet or "hyperlink" in sheet for sheet in sheets)


def test_lists_keep_their_heads_in_view_and_can_be_filtered(report: Report, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_report(report, tmp_path / "r.xlsx"))
    for page in book:
        assert page.freeze_panes is not None
        assert page["A1"].value == "视频监控覆盖与指标报告 Report on CCTV coverage and targets"
        assert page["A3"].value == "示例数据 made-up data"
    lists = [page for page in book if page.title not in ("摘要 summary", "说明 notes")]
    assert len(lists) == 12
    assert all(page.auto_filter.ref for page in lists if page.max_row > 6)
    share = next(
        cell for row in book["指标 targets"].iter_rows() for cell in row if cell.value == 0.7625
    )
    assert share.number_format == "0.0%"


@pytest.mark.parametrize(("lang", "words"), [("zh", "未达标"), ("en", "not met")])
def test_a_report_speaks_one_language(
    documents: dict[str, Any], town: Layers, lang: ReportLang, words: str
) -> None:
    html = report_html(build_report(town, documents, day="2026-11-25", lang=lang))
    assert f"▲ {words}<" in html
    # Titles of columns are the program's own, so that none is left in the other language.
    heads = "".join(re.findall(r"<(?:th|h2)[^>]*>([^<]*)<", html))
    heads = heads.replace("枫桥派出所", "")  # names are as the town has them
    other = "[A-Za-z]{4}" if lang == "zh" else "[\u4e00-\u9fff]"
    assert len(heads) > 400
    assert not re.search(other, heads)


def test_every_page_says_that_data_are_made_up(report: Report, tmp_path: Path) -> None:
    from pypdf import PdfReader

    pages = PdfReader(write_report(report, tmp_path / "r.pdf")).pages
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        text = page.extract_text()
        assert "示例数据 made-up data" in text
        assert f"page {number} of {len(pages)}" in text


def test_what_was_not_made_says_how_to_get_it(documents: dict[str, Any], town: Layers) -> None:
    html = report_html(build_report(town, {"coverage": documents["coverage"]}, day="2026-11-25"))
    for kind in ("targets", "response", "rectification"):
        assert f"fengqiao {kind}" in html


def test_another_ending_is_refused(report: Report, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"\.xlsx, \.docx, \.pdf"):
        write_report(report, tmp_path / "r.odt")
    assert not list(tmp_path.iterdir())
