"""What a report says, whatever it is written as: sections of tables, sentences and pictures.

Every number stands here as its document has it; `maps.report_cells` alone says how it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ReportLang = Literal["zh", "en", "both"]
Kind = Literal["text", "remark", "number", "span", "part", "status", "mark", "limit", "mixed"]


@dataclass(frozen=True)
class Said:
    """One text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Number:
    """A number and its unit, a key of `[units]` in `data/profiles/report.toml`."""

    value: float | None
    unit: str = "count"


@dataclass(frozen=True)
class Span:
    """A number with its doubt: expected, at least, at most."""

    value: float | None
    low: float | None
    high: float | None
    unit: str = "share"


@dataclass(frozen=True)
class Part:
    """So many of so many."""

    part: float | None
    whole: float | None
    unit: str = "count"


@dataclass(frozen=True)
class Status:
    """Whether a target is met: "met", "not_met", "cannot_tell" or "report_only"; None = blank."""

    status: str | None


@dataclass(frozen=True)
class Mark:
    """A status with the number it stands for, in one cell.

    Parameters
    ----------
    status, value
        Both of them; a status of None is a blank cell.
    trend
        "better", "worse" or "same" than a year before; None where nobody knows.
    lacks
        How many places fail; None where they are not counted.
    """

    status: str | None
    value: Number
    trend: str | None = None
    lacks: int | None = None


@dataclass(frozen=True)
class Limit:
    """What a target asks for: an operator such as ">=", and a number or a day."""

    op: str
    value: float | str | None
    unit: str = "share"


Cell = Said | Number | Span | Part | Status | Mark | Limit | str | None


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    head
        What stands above it.
    width
        How wide it is on paper beside the others of its table.
    kind
        What its cells are ("mixed" = texts and numbers); a span, a part, a mark or a limit takes
        several columns of a sheet. A "remark" is a long text, or one told before: where a report
        has both languages, paper has it in Chinese alone.
    on_paper
        False for what only a sheet has room for.
    on_sheet
        False for what a sheet has in columns of their own.
    """

    head: Said
    width: float = 1.0
    kind: Kind = "text"
    on_paper: bool = True
    on_sheet: bool = True


@dataclass(frozen=True)
class Table:
    """Rows of one kind.

    Parameters
    ----------
    title
        What the rows are.
    columns
        Its columns.
    rows
        One cell for each column.
    sheet
        Name of the sheet it stands on; None for a table on paper only.
    paper_rows
        So many of the first rows are on paper, and how many more there are; None for all,
        0 for a table of sheets only.
    total
        How many there are where `rows` holds not even all of them; None for the length of `rows`.
    empty
        What to say where there is no row.
    """

    title: Said
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]] = field(repr=False)
    sheet: Said | None = None
    paper_rows: int | None = None
    total: int | None = None
    empty: Said | None = None


@dataclass(frozen=True)
class Lines:
    """Sentences, one below the other; a list where `listed`."""

    lines: tuple[Said, ...]
    listed: bool = False
    sheet: Said | None = None


@dataclass(frozen=True)
class Picture:
    """A picture as PNG, for paper only.

    Parameters
    ----------
    name
        Which of the report's pictures: they are drawn in its language, once.
    caption
        What it shows.
    """

    name: str
    caption: Said


Block = Table | Lines | Picture


@dataclass(frozen=True)
class Section:
    """A part of the report under one heading.

    Parameters
    ----------
    title
        Its heading.
    blocks
        What stands in it, in order.
    landscape
        Whether its pages lie on their side.
    """

    title: Said
    blocks: tuple[Block, ...]
    landscape: bool = False


@dataclass(frozen=True, eq=False)
class Report:
    """Everything a report says.

    Parameters
    ----------
    title, subtitle
        What it is; the town, the day and the revision it rests on.
    day
        The day it was written, YYYY-MM-DD.
    town
        Name of the town.
    made_up
        Whether its data are made up; then every page says so.
    sections
        Its parts, in order.
    lang
        The language or languages it is written in.
    pictures
        Name to PNG.
    """

    title: Said
    subtitle: Said
    day: str
    town: str
    made_up: bool
    sections: tuple[Section, ...]
    lang: ReportLang
    pictures: dict[str, bytes] = field(default_factory=dict, repr=False)

    def tables(self) -> list[Table]:
        """Return every table, in order."""
        blocks: list[Any] = [block for section in self.sections for block in section.blocks]
        return [block for block in blocks if isinstance(block, Table)]
