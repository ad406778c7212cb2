"""Every sheet of a workbook as text, opened once."""

from __future__ import annotations

import warnings
import zipfile
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from gis.errors import FormatError
from gis.read_archive import check_archive
from gis.read_clean import shown, unguarded
from gis.read_limits import check_count
from gis.read_xlsx import MAX_SHEET_DIGITS, SheetCells

# What lists the sheets of a workbook takes some 100 bytes for each.
_MAX_INDEX_BYTES = 4_000_000


def workbook_cells(path: Path) -> list[SheetCells]:
    """Return the cells of every sheet of a workbook, hidden ones too, in their order.

    Parameters
    ----------
    path
        A workbook.

    Raises
    ------
    FormatError
        If it is no workbook, damaged, or larger than is read.
    """
    if not zipfile.is_zipfile(path):
        msg = f"{path.name} is not an .xlsx workbook: save it as one"
        raise FormatError(msg)
    check_archive(path, nested=True)
    try:
        with warnings.catch_warnings():
            # Styles and extensions that openpyxl does not know do not touch the values.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                return _sheets(path, book)
            finally:
                book.close()
    except FormatError:
        raise
    except Exception as error:  # a damaged workbook fails in a dozen ways, at any depth
        msg = f"{path.name} is a damaged workbook: {error}"
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


def _sheets(path: Path, book: openpyxl.Workbook) -> list[SheetCells]:
    sheets = []
    seen = 0
    for page in book.worksheets:
        page.reset_dimensions()
        rows: list[list[str]] = []
        problems: dict[tuple[int, int], str] = {}
        for number, row in enumerate(page.iter_rows(), start=1):
            seen += len(row) + 1
            check_count(path.name, seen, "table", "cells")
            rows.append([_text(cell) for cell in row])
            for at, cell in enumerate(row):
                problem = _problem(cell)
                if problem is not None:
                    problems[number, at] = problem
        sheets.append(SheetCells(page.title, rows, problems))
    return sheets


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**MAX_SHEET_DIGITS:
        return str(int(value))
    return shown(unguarded(str(value)))


def _problem(cell: Any) -> str | None:
    value = cell.value
    if value is None or isinstance(value, bool):
        return None
    if cell.data_type == "e":
        return f"the cell shows {value}"
    if isinstance(value, int | float) and abs(value) >= 10**MAX_SHEET_DIGITS:
        return "a number of more than 15 digits lost the last ones: keep it as text"
    return None
