"""XLSX as text, with the row numbers of the sheet."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl

from gis.columns import layer_title
from gis.errors import Fault, FormatError
from gis.read_archive import check_archive
from gis.read_clean import unguarded
from gis.read_heads import SheetTable, clean_head, table
from gis.read_limits import check_count, limit
from gis.schema import SCHEMAS

# A sheet keeps 15 digits of a number, so of a longer code the last ones are gone.
MAX_SHEET_DIGITS = 15

_CHUNK = 1 << 20


@dataclass(frozen=True)
class SheetCells:
    """The cells of one sheet as text, row by row, and what is wrong with which (row, column)."""

    title: str
    rows: list[list[str]] = field(repr=False)
    problems: dict[tuple[int, int], str] = field(repr=False)


def read_xlsx(
    path: Path,
    layer: str,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    named: Collection[str] = (),
) -> SheetTable:
    """Return the cells of a sheet as text, and what is wrong with it.

    Faults are also numbers of more digits than a sheet keeps, cells that show an error, and
    formulas whose result was not saved.

    Parameters
    ----------
    path
        A workbook.
    layer
        Name of the layer.
    sheet
        Name of the sheet; None for the one that is called like the layer, by its name or its
        title in either language, or the first.
    header_row, named
        As `gis.read_heads.table`.

    Raises
    ------
    FormatError
        If it is no workbook, damaged, has no such sheet, or is larger than is read.
    """
    cells = sheet_cells(path, layer, sheet)
    read = table(path, cells.rows, layer, header_row=header_row, named=named)
    heads = [clean_head(cell) for cell in cells.rows[read.head_row - 1]]
    body = set(read.frame.index)
    problems = [
        Fault(row, heads[at] if at < len(heads) else None, problem)
        for (row, at), problem in cells.problems.items()
        if row in body
    ]
    return SheetTable(read.frame, read.faults + problems, read.head_row)


def sheet_cells(path: Path, layer: str, sheet: str | None = None) -> SheetCells:
    """Return the cells of one sheet.

    Parameters
    ----------
    path, layer, sheet
        As `read_xlsx`.

    Raises
    ------
    FormatError
        As `read_xlsx`.
    """
    if not zipfile.is_zipfile(path):
        msg = f"{path} is not an .xlsx workbook: save it as one (an .xls or locked file is not)"
        raise FormatError(msg)
    try:
        check_archive(path, nested=True)
        with _book(path, data_only=True) as book:
            title = _choose(path, [page.title for page in book.worksheets], layer, sheet)
            rows, problems = _cells(path, book[title])
        if _has_formulas(path):
            with _book(path, data_only=False) as book:
                problems |= _without_result(book[title], rows)
    except FormatError:
        raise
    except Exception as error:  # a damaged workbook fails in a dozen ways, at any depth
        msg = f"{path} is a damaged workbook: {error}"
        raise FormatError(msg) from error
    return SheetCells(title, rows, problems)


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


def _choose(path: Path, names: list[str], layer: str, sheet: str | None) -> str:
    if sheet is not None:
        if sheet not in names:
            msg = f"{path} has no sheet {sheet!r}; it has: {', '.join(names)}"
            raise FormatError(msg)
        return sheet
    wanted = {layer.casefold()}
    if layer in SCHEMAS:
        title = layer_title(layer)
        wanted |= {title.zh.casefold(), title.en.casefold()}
    return next((name for name in names if name.strip().casefold() in wanted), names[0])


def _cells(path: Path, page: Any) -> tuple[list[list[str]], dict[tuple[int, int], str]]:
    page.reset_dimensions()
    rows: list[list[str]] = []
    problems: dict[tuple[int, int], str] = {}
    seen = 0
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
    return rows, problems


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


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.startswith("xl/worksheets/"):
                continue
            with archive.open(entry) as part:
                before = b""
                while chunk := part.read(_CHUNK):
                    if b"<f>" in before + chunk or b"<f " in before + chunk:
                        return True
                    before = chunk[-2:]
    return False


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
