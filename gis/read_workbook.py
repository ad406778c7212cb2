"""The sheets of a workbook as text: what their cells show, also those that are merged."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from openpyxl.utils import range_boundaries

from gis.errors import FormatError
from gis.read_archive import check_archive
from gis.read_clean import unguarded
from gis.read_limits import check_count, limit

# A sheet keeps 15 digits of a number, so of a longer code the last ones are gone.
MAX_SHEET_DIGITS = 15

# How old workbooks begin, and those that are locked with a password.
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# What lists the sheets of a workbook takes some 100 bytes for each.
_MAX_INDEX_BYTES = 4_000_000

_CHUNK = 1 << 20
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_LONGEST_MARK = 64


@dataclass(frozen=True)
class SheetCells:
    """One sheet as text.

    Parameters
    ----------
    title
        Name of the sheet.
    rows
        Its cells, row by row. Of cells that are merged downwards each has the text of the
        uppermost.
    problems
        What is wrong with which cell; (row from 1, column from 0).
    merged
        Cells that have their text from one above, alike.
    """

    title: str
    rows: list[list[str]] = field(repr=False)
    problems: dict[tuple[int, int], str] = field(repr=False)
    merged: frozenset[tuple[int, int]] = field(default=frozenset(), repr=False)


def workbook_cells(
    path: Path, choose: Callable[[list[str]], Sequence[str]] | None = None
) -> list[SheetCells]:
    """Return the cells of sheets of a workbook, opened once.

    Parameters
    ----------
    path
        A workbook.
    choose
        What picks the wanted of the names of all sheets, hidden ones too; None for all of them.

    Raises
    ------
    FormatError
        If it is no workbook, old, locked, damaged, or larger than is read.
    """
    _check_kind(path)
    try:
        check_archive(path, nested=True)
        with _book(path, data_only=True) as book:
            names = [page.title for page in book.worksheets]
            wanted = names if choose is None else list(choose(names))
            sheets, seen = [], 0
            for name in wanted:
                rows, problems, seen = _cells(path, book[name], seen)
                has_formulas, merged = _marks(path, book[name])
                if has_formulas:
                    with _book(path, data_only=False) as raw:
                        problems |= _without_result(raw[name], rows)
                filled = _fill_down(path, rows, merged)
                sheets.append(SheetCells(name, rows, problems, filled))
            return sheets
    except FormatError:
        raise
    except Exception as error:  # a damaged workbook fails in a dozen ways, at any depth
        msg = f"{path} is a damaged workbook: {error}"
        raise FormatError(msg) from error


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets of a workbook, hidden ones too; none if it is no workbook.

    Parameters
    ----------
    path
        Any file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo("xl/workbook.xml")
            if entry.file_size > _MAX_INDEX_BYTES:
                return []
            root = fromstring(archive.read(entry), forbid_dtd=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, ParseError, DefusedXmlException):
        return []
    return [
        name for node in root.iter() if node.tag.endswith("}sheet") and (name := node.get("name"))
    ]


def _check_kind(path: Path) -> None:
    """Raise if a file is no workbook as they are now, and say what it may be."""
    if zipfile.is_zipfile(path):
        return
    with path.open("rb") as file:
        is_old = file.read(len(_OLD_OR_LOCKED)) == _OLD_OR_LOCKED
    msg = f"{path} is not an .xlsx workbook: it is damaged or was cut off, so get it once more"
    if is_old:
        msg = (
            f"{path} is not an .xlsx workbook: it is an old .xls, or locked with a password; open "
            "it in a spreadsheet, take the password off, and save it as .xlsx"
        )
    raise FormatError(msg)


@contextmanager
def _book(path: Path, *, data_only: bool) -> Iterator[openpyxl.Workbook]:
    with warnings.catch_warnings():
        # Styles and extensions that openpyxl does not know do not touch the values.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, read_only=True, data_only=data_only, keep_links=False)
        try:
            yield book
        finally:
            book.close()


def _cells(
    path: Path, page: Any, seen: int
) -> tuple[list[list[str]], dict[tuple[int, int], str], int]:
    """Return the cells of a sheet, their problems, and how many were seen so far in the file."""
    page.reset_dimensions()
    rows: list[list[str]] = []
    problems: dict[tuple[int, int], str] = {}
    for number, row in enumerate(page.iter_rows(), start=1):
        seen += len(row) + 1
        if seen > limit("table", "cells"):
            check_count(path, seen, "table", "cells")
        texts = []
        for at, cell in enumerate(row):
            text, problem = ("", None) if cell.value is None else _shown(cell)
            texts.append(text)
            if problem is not None:
                problems[number, at] = problem
        rows.append(texts)
    return rows, problems, seen


def _marks(path: Path, page: Any) -> tuple[bool, list[str]]:
    """Return whether a sheet has formulas, and which of its cells are merged."""
    has_formulas = False
    merged: dict[bytes, None] = {}
    with zipfile.ZipFile(path) as archive, archive.open(page._worksheet_path) as part:
        before = b""
        while chunk := part.read(_CHUNK):
            text = before + chunk
            has_formulas = has_formulas or _FORMULA.search(text) is not None
            merged |= dict.fromkeys(_MERGED.findall(text))
            before = text[-_LONGEST_MARK:]
    return has_formulas, [cells.decode("ascii") for cells in merged]


def _fill_down(path: Path, rows: list[list[str]], merged: list[str]) -> frozenset[tuple[int, int]]:
    """Write the text of merged cells into the blank ones below it; return where."""
    filled: set[tuple[int, int]] = set()
    steps = 0
    for cells in merged:
        column, top, _, bottom = (bound or 1 for bound in range_boundaries(cells))
        at = column - 1
        text = rows[top - 1][at] if top <= len(rows) and at < len(rows[top - 1]) else ""
        if not text.strip():
            continue
        below = range(top + 1, min(bottom, len(rows)) + 1)
        steps += len(below)
        check_count(path, steps, "table", "cells")
        for number in below:
            row = rows[number - 1]
            row += [""] * (column - len(row))
            if not row[at].strip():
                row[at] = text
                filled.add((number, at))
    return frozenset(filled)


def _without_result(page: Any, rows: list[list[str]]) -> dict[tuple[int, int], str]:
    """Return the formulas whose cell came out blank: a spreadsheet never worked them out."""
    page.reset_dimensions()
    problem = "holds a formula without its result: open the file in a spreadsheet and save it"
    return {
        (number, at): problem
        for number, (row, texts) in enumerate(zip(page.iter_rows(), rows, strict=False), start=1)
        for at, cell in enumerate(row)
        if cell.data_type == "f" and at < len(texts) and not texts[at]
    }


def _shown(cell: Any) -> tuple[str, str | None]:
    """Return a cell of a workbook as text, and what is wrong with it."""
    value = cell.value
    if cell.data_type == "e":
        return str(value), f"the cell shows {value}"
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, int | float):
        return _shown_number(value, str(cell.number_format))
    if isinstance(value, datetime):
        day = value.time() == time()
        return value.date().isoformat() if day else value.isoformat(" "), None
    return unguarded(str(value)), None


def _shown_number(value: float, shape: str) -> tuple[str, str | None]:
    if abs(value) >= 10**MAX_SHEET_DIGITS:
        return str(value), "a number of more than 15 digits lost the last ones: keep it as text"
    if value != int(value):
        return str(value), None
    # A code such as 00017 may be the number 17 in five places.
    places = len(shape) if set(shape) == {"0"} else 0
    return str(int(value)).zfill(places), None
