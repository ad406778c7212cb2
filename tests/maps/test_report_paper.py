"""What holds of every document and page: fonts, heads, sides of pages, nothing from outside."""

from __future__ import annotations

import builtins
import io
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from PIL import Image

from gis.errors import DependencyError
from maps.report import write_report
from maps.report_model import (
    Column,
    Lines,
    Mark,
    Number,
    Picture,
    Report,
    Said,
    Section,
    Status,
    Table,
)
from maps.report_paper import on_paper
from maps.report_pdf import report_html

NASTY = '<img src="http://example.org/x.png">&\x0b'


def picture() -> bytes:
    place = io.BytesIO()
    Image.new("RGB", (40, 20), "#123456").save(place, "PNG")
    return place.getvalue()


@pytest.fixture
def report() -> Report:
    columns = (
        Column(Said("名称", "Name"), 3),
        Column(Said("数", "No."), 1, "number"),
        Column(Said("状态", "Status"), 2, "status"),
        Column(Said("标记", "Mark"), 1, "mark"),
        Column(Said("编号", "Id"), 1, on_paper=False),
    )
    rows = [
        (NASTY, Number(n / 3), Status("not_met"), Mark("met", Number(0.5, "share")), "hidden")
        for n in range(7)
    ]
    table = Table(Said("表", "Table"), columns, rows, paper_rows=5)
    empty = Table(Said("空", "Empty"), columns, [], empty=Said("没有", "none"))
    lines = Lines((Said("头", "Head"), Said("一", "one")), listed=True)
    shown = Picture("map", Said("图", "Picture"))
    absent = Picture("absent", Said("缺", "Absent"))
    sections = (
        Section(Said("甲", "First"), (lines, shown, absent, table)),
        Section(Said("乙", "Second"), (table, empty), landscape=True),
        Section(Said("丙", "Third"), (lines,)),
    )
    title = Said("报告", "Report")
    return Report(title, title, "2026-11-25", "枫桥", False, sections, "both", {"map": picture()})


def test_paper_leaves_out_what_only_sheets_have_room_for(report: Report) -> None:
    first = on_paper(report)[0]
    assert [block.kind for block in first.blocks] == ["lines", "picture", "table"]
    table: Any = first.blocks[-1]
    assert [head.text for head in table.heads] == [
        "名称\nName",
        "数\nNo.",
        "状态\nStatus",
        "标记\nMark",
    ]
    # Seven of fourteen: a short table, so that numbers stand near their names.
    assert sum(table.widths) == pytest.approx(50, abs=0.05)
    assert len(table.rows) == 5
    assert table.more == "另有 2 条，见表格文件 2 more in the workbook"
    assert [cell.text for cell in table.rows[2]] == [
        *(NASTY, "1", "▲ 未达标 not met", "● 50.0\u202f%")
    ]
    assert on_paper(report)[1].blocks[1].empty == "没有 none"  # type: ignore[union-attr]


def test_a_document_repeats_heads_and_turns_wide_pages(report: Report, tmp_path: Path) -> None:
    document = docx.Document(str(write_report(report, tmp_path / "r.docx")))
    assert len(document.tables) == 2
    for table in document.tables:
        marked = [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows]
        assert marked == [True] + [False] * 5
        assert table.cell(1, 0).text == NASTY.rstrip("\x0b")
    sides = [section.orientation for section in document.sections]
    assert sides == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]
    assert len(document.inline_shapes) == 1
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]  # type: ignore[union-attr]
    assert headings == ["甲 First", "乙 Second", "丙 Third"]
    footer = document.sections[0].footer.paragraphs[0]._p.xml
    assert 'w:instr="PAGE"' in footer
    assert 'w:instr="NUMPAGES"' in footer


def test_a_document_names_a_font_for_chinese(report: Report, tmp_path: Path) -> None:
    document = docx.Document(str(write_report(report, tmp_path / "r.docx")))
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "Microsoft YaHei"
        assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_tables_are_as_wide_as_their_share_of_the_page(report: Report, tmp_path: Path) -> None:
    document = docx.Document(str(write_report(report, tmp_path / "r.docx")))
    for table, width_mm in zip(document.tables, (90, 133.5), strict=True):
        grid = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid]
        assert sum(grid) / 1440 * 25.4 == pytest.approx(width_mm, abs=0.1)


def test_names_cannot_add_markup_or_links(report: Report, tmp_path: Path) -> None:
    html = report_html(report)
    assert '<img src="http' not in html
    assert "&lt;img" in html
    assert 'src="picture:map"' in html
    assert write_report(report, tmp_path / "r.pdf").stat().st_size > 1000


def test_a_page_that_asks_for_the_network_is_refused(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from weasyprint.urls import FatalURLFetchingError

    from maps import report_pdf

    page = '<html><body><img src="http://example.org/x.png"></body></html>'
    monkeypatch.setattr(report_pdf, "report_html", lambda report: page)
    with pytest.raises(FatalURLFetchingError, match=r"nothing from outside: http://example\.org"):
        write_report(report, tmp_path / "r.pdf")
    assert not list(tmp_path.iterdir())


def test_a_system_without_pango_is_told_what_to_install(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def lacking(name: str, *rest: Any) -> Any:
        if name == "weasyprint":
            msg = "cannot load library 'libpango-1.0-0'"
            raise OSError(msg)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(DependencyError, match="apt-get install libpango"):
        write_report(report, tmp_path / "r.pdf")
    assert not list(tmp_path.iterdir())
