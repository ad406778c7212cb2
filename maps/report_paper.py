"""A report as paper shows it, documents and pages alike: texts, widths, how many rows are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from maps.report_cells import BELOW, cell_text, tell
from maps.report_model import (
    Block,
    Cell,
    Column,
    Lines,
    Mark,
    Picture,
    Report,
    ReportLang,
    Section,
    Status,
    Table,
)
from maps.report_words import told

# A table whose columns are together as wide as this takes the whole page; a shorter one its share,
# so that numbers stand near the names they belong to.
WHOLE = 14.0


@dataclass(frozen=True)
class PaperCell:
    """A text and what it is: the kind of its column, and its status where it has one."""

    text: str
    kind: str


@dataclass(frozen=True)
class PaperTable:
    """A table of texts.

    Parameters
    ----------
    title
        Its heading.
    heads, rows
        Cells.
    widths
        Per cent of the page's width for each column; together less than 100 for a short table.
    more
        How many rows there are besides, in words; "" for none.
    empty
        What to say where there is no row.
    """

    title: str
    heads: tuple[PaperCell, ...]
    rows: tuple[tuple[PaperCell, ...], ...] = field(repr=False)
    widths: tuple[float, ...]
    more: str
    empty: str
    kind: str = "table"


@dataclass(frozen=True)
class PaperLines:
    """Sentences under a heading, "" for none."""

    head: str
    lines: tuple[str, ...]
    listed: bool
    kind: str = "lines"


@dataclass(frozen=True)
class PaperPicture:
    """A picture and its caption."""

    name: str
    caption: str
    kind: str = "picture"


PaperBlock = PaperTable | PaperLines | PaperPicture


@dataclass(frozen=True)
class PaperSection:
    """A part of the report as paper shows it."""

    title: str
    blocks: tuple[PaperBlock, ...]
    landscape: bool


def on_paper(report: Report) -> list[PaperSection]:
    """Return the sections of a report as texts, without what only sheets have room for."""
    return [_section(section, report) for section in report.sections]


def mark_text(report: Report) -> str:
    """Return what marks made-up data on every page and sheet; "" for real data."""
    return tell(told("made_up"), report.lang) if report.made_up else ""


def _section(section: Section, report: Report) -> PaperSection:
    blocks = tuple(
        _block(block, report)
        for block in section.blocks
        if not (isinstance(block, Table) and block.paper_rows == 0)
        and not (isinstance(block, Picture) and block.name not in report.pictures)
    )
    return PaperSection(tell(section.title, report.lang), blocks, section.landscape)


def _block(block: Block, report: Report) -> PaperBlock:
    lang = report.lang
    if isinstance(block, Picture):
        return PaperPicture(block.name, tell(block.caption, lang, BELOW))
    if isinstance(block, Lines):
        lines = tuple(tell(line, lang, BELOW) for line in block.lines)
        return PaperLines("", lines, False) if not block.listed else _listed(block, lang)
    return paper_table(block, lang)


def _listed(block: Lines, lang: ReportLang) -> PaperLines:
    """Return a list; its first sentence is its heading."""
    head, *lines = block.lines
    return PaperLines(tell(head, lang), tuple(tell(line, lang, BELOW) for line in lines), True)


def paper_table(table: Table, lang: ReportLang) -> PaperTable:
    """Return a table as texts."""
    shown = [n for n, column in enumerate(table.columns) if column.on_paper]
    columns = [table.columns[n] for n in shown]
    rows = table.rows if table.paper_rows is None else table.rows[: table.paper_rows]
    left = (len(table.rows) if table.total is None else table.total) - len(rows)
    return PaperTable(
        tell(table.title, lang),
        tuple(PaperCell(_head(column, lang), column.kind) for column in columns),
        tuple(tuple(_cell(row[n], table.columns[n], lang) for n in shown) for row in rows),
        _widths(columns),
        tell(told("more", n=left), lang) if left > 0 else "",
        tell(table.empty, lang) if table.empty is not None else "",
    )


def _head(column: Column, lang: ReportLang) -> str:
    return tell(column.head, lang, BELOW)


def _cell(cell: Cell, column: Column, lang: ReportLang) -> PaperCell:
    kinds: list[str] = [column.kind]
    if isinstance(cell, Status | Mark) and cell.status is not None:
        kinds.append(cell.status)
    if column.kind == "remark" and lang == "both":
        lang = "zh"
    return PaperCell(cell_text(cell, lang), " ".join(kinds))


def _widths(columns: Sequence[Column]) -> tuple[float, ...]:
    whole = max(sum(column.width for column in columns), WHOLE)
    return tuple(round(100 * column.width / whole, 2) for column in columns)
