"""A report as a workbook: real numbers, one sheet a list, heads that stay in view."""

# xlsxwriter ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from gis.profiles import load
from gis.write_tables import MAX_CELL_CHARACTERS, MAX_SHEET_NAME, guarded
from maps.report_cells import number_format, status_shape, status_word, tell
from maps.report_model import (
    Block,
    Cell,
    Limit,
    Lines,
    Mark,
    Number,
    Part,
    Picture,
    Report,
    ReportLang,
    Said,
    Span,
    Status,
    Table,
)
from maps.report_paper import mark_text
from maps.report_words import told, unit_word

# What a kind of column becomes on a sheet: heads of its parts; other kinds are one column.
PARTS: dict[str, tuple[str, ...]] = {
    "span": ("value_one", "low", "high"),
    "part": ("part", "whole"),
    "limit": ("op", "value_one"),
    "mark": ("status", "value_one"),
}
WIDEST, NARROWEST = 48, 7
# So many rows are measured to find how wide a column must be.
MEASURED = 300


def write_xlsx_report(report: Report, path: Path) -> None:
    """Write a report as .xlsx: numbers as the documents have them, texts that are no formulas.

    Parameters
    ----------
    report
        What `maps.report.build_report` returned.
    path
        Where to.
    """
    with xlsxwriter.Workbook(path) as book:
        book.set_properties(
            {"title": tell(report.title, report.lang), "comments": mark_text(report)}
        )
        sheets: dict[Said, _Sheet] = {}
        for block in _blocks(report):
            if block.sheet is None:
                continue
            if block.sheet not in sheets:
                sheets[block.sheet] = _Sheet(book, block.sheet, report)
            sheets[block.sheet].add(block)
        for sheet in sheets.values():
            sheet.finish()


def _blocks(report: Report) -> Iterator[Table | Lines]:
    blocks: list[Block] = [block for section in report.sections for block in section.blocks]
    yield from (block for block in blocks if not isinstance(block, Picture))


class _Exact(float):
    """A number that a workbook holds with all its digits; xlsxwriter writes 16 of up to 17."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


class _Sheet:
    """One sheet that is filled from the top; state that xlsxwriter needs held together."""

    def __init__(self, book: Any, name: Said, report: Report) -> None:
        self.book, self.report, self.lang = book, report, report.lang
        self.page = book.add_worksheet(sheet_name(name, report.lang))
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.widths: dict[int, int] = {}
        self.row = 0
        self.tables = 0
        self.first: tuple[int, int, int] | None = None
        self._head(tell(report.title, self.lang), size=14)
        self._head(tell(report.subtitle, self.lang))
        if report.made_up:
            self._head(mark_text(report), colour=load("report")["status"]["not_met"]["ink"])
        self.row += 1

    def add(self, block: Table | Lines) -> None:
        """Write a block below what there is."""
        if isinstance(block, Lines):
            for line in block.lines:
                self._text(self.row, 0, tell(line, self.lang), {}, measure=False)
                self.row += 1
            self.row += 1
            return
        if self.tables or not _alone(block, self.report):
            self._head(tell(block.title, self.lang), bold=True)
        self._table(block)

    def finish(self) -> None:
        """Set what needs the whole sheet: widths, filter, heads that stay, print setup."""
        for at, width in self.widths.items():
            self.page.set_column(at, at, min(max(width + 2, NARROWEST), WIDEST))
        self.page.set_landscape()
        self.page.set_paper(9)
        self.page.fit_to_pages(1, 0)
        self.page.set_footer(f"&L{_footer(self.report)}&R&P / &N")
        if self.tables == 1 and self.first is not None:
            top, bottom, right = self.first
            self.page.freeze_panes(top + 1, min(1, right))
            self.page.repeat_rows(top)
            if bottom > top:
                self.page.autofilter(top, 0, bottom, right)
        else:
            self.page.freeze_panes(2, 0)

    def _head(self, text: str, size: int = 11, **look: Any) -> None:
        given = {"font_color": look.pop("colour")} if "colour" in look else {}
        self._text(self.row, 0, text, {"bold": True, "font_size": size, **given}, measure=False)
        self.row += 1

    def _table(self, table: Table) -> None:
        top, at = self.row, 0
        style = {
            "bold": True,
            "bottom": 1,
            "text_wrap": True,
            "valign": "top",
            "bg_color": "#eceef1",
        }
        for n, column in enumerate(table.columns):
            if not column.on_sheet:
                continue
            width = 0
            for part in PARTS.get(column.kind, ("",)):
                whole = "" if column.head in _plain_heads() else tell(column.head, self.lang, "\n")
                head = [whole, tell(told(part), self.lang) if part else ""]
                self._text(top, at + width, "\n".join(filter(None, head)), style)
                width += 1
            for k, row in enumerate(table.rows, start=1):
                self._cell(top + k, at, row[n], column.kind, measure=k <= MEASURED)
            at += width
        bottom = top + len(table.rows)
        if not table.rows and table.empty is not None:
            bottom += 1
            self._text(bottom, 0, tell(table.empty, self.lang), {}, measure=False)
        self.first = self.first or (top, top + len(table.rows), at - 1)
        self.tables += 1
        self.row = bottom + 2

    def _cell(self, row: int, at: int, cell: Cell, kind: str, *, measure: bool) -> None:
        """Write one cell of a table as one or several of the sheet."""
        if isinstance(cell, Number):
            self._number(row, at, cell.value, cell.unit)
        elif isinstance(cell, Span):
            for k, value in enumerate((cell.value, cell.low, cell.high)):
                self._number(row, at + k, value, cell.unit)
        elif isinstance(cell, Part):
            self._number(row, at, cell.part, cell.unit)
            self._number(row, at + 1, cell.whole, cell.unit)
        elif isinstance(cell, Status):
            self._status(row, at, cell.status)
        elif isinstance(cell, Mark):
            self._status(row, at, cell.status)
            self._number(row, at + 1, cell.value.value, cell.value.unit)
        elif isinstance(cell, Limit):
            self._text(row, at, load("report")["operators"].get(cell.op, cell.op), {})
            if isinstance(cell.value, str):
                self._text(row, at + 1, cell.value, {})
            else:
                self._number(row, at + 1, cell.value, cell.unit)
        elif cell is not None:
            text = tell(cell, self.lang) if isinstance(cell, Said) else cell
            self._text(row, at, text, {"text_wrap": True, "valign": "top"}, measure=measure)

    def _status(self, row: int, at: int, status: str | None) -> None:
        if status is not None:
            look = load("report")["status"][status]
            text = f"{status_shape(status)} {tell(status_word(status), self.lang)}"
            self._text(row, at, text, {"font_color": look["ink"], "bg_color": look["ground"]})

    def _number(self, row: int, at: int, value: float | None, unit: str) -> None:
        if value is None:
            return
        shown = number_format(value, unit)
        word = tell(unit_word(unit), self.lang).replace('"', "")
        if word:
            shown += f'" {word}"'
        self.page.write_number(
            row, at, _Exact(value), self._format({"num_format": shown, "valign": "top"})
        )
        self._measure(at, f"{value:,.5g} {word}")

    def _text(
        self, row: int, at: int, text: str, look: dict[str, Any], *, measure: bool = True
    ) -> None:
        if text:
            self.page.write_string(row, at, guarded(text)[:MAX_CELL_CHARACTERS], self._format(look))
        if measure:
            self._measure(at, text)

    def _measure(self, at: int, text: str) -> None:
        widest = max(map(text_columns, text.split("\n")), default=0)
        self.widths[at] = max(self.widths.get(at, 0), widest)

    def _format(self, look: dict[str, Any]) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(look)
        return self.formats[key]


def _plain_heads() -> tuple[Said, ...]:
    """Return the heads that say no more than those of their parts."""
    return told("value"), told("count")


def sheet_name(name: Said, lang: ReportLang) -> str:
    """Return the name of a sheet, short enough.

    Examples
    --------
    >>> sheet_name(Said("盲区", "gaps"), "both")
    '盲区 gaps'
    """
    return tell(name, lang)[:MAX_SHEET_NAME]


def text_columns(text: str) -> int:
    """Return how wide a text is in columns; a Chinese character takes two.

    Examples
    --------
    >>> text_columns("盲区 gap")
    8
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _alone(table: Table, report: Report) -> bool:
    """Return whether a table has its sheet to itself."""
    return sum(one.sheet == table.sheet for one in report.tables()) == 1


def _footer(report: Report) -> str:
    parts: Sequence[str] = (report.town, report.day, mark_text(report))
    return " · ".join(part for part in parts if part).replace("&", "&&")
