"""Cells of a camera sheet as text, below its head row, with the rows as a sheet counts them."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from gis.errors import Fault, FileMissingError, FormatError
from gis.read_tables import decode
from gis.read_workbook import workbook_cells

Cell = tuple[str, str | None]


@dataclass(frozen=True, eq=False)
class SheetCells:
    """The rows below the head row.

    Parameters
    ----------
    frame
        Text, "" where blank, columns named as the head row has them; index = row of the sheet,
        which counts from 1. Blank rows are left out.
    fields
        Column of the frame to field of the profile, for those that it knows.
    faults
        What is wrong with single cells.
    head_row
        Row of the heads.
    """

    frame: pd.DataFrame = field(repr=False)
    fields: Mapping[str, str]
    faults: tuple[Fault, ...]
    head_row: int


def read_cells(
    path: Path,
    encoding: str | None,
    heads: Mapping[str, str],
    *,
    head_rows: int,
    heads_needed: int,
) -> SheetCells:
    """Return the cells of a camera sheet: of a CSV file, or of the first sheet that is one.

    Parameters
    ----------
    path
        An .xlsx or .csv file. Rows above the head row (a title, a note) are passed over, and so
        is a second head row below it.
    encoding
        Of a CSV file; None to find out.
    heads
        Names of columns, each as `plain_head` makes it, to fields.
    head_rows, heads_needed
        The head row is the first of so many rows that names so many fields.

    Raises
    ------
    FileMissingError, FormatError, ParameterError
        If the file cannot be read, or no row is a head row.
    LayerFaultsError
        Not here: what is wrong with cells comes back in `faults`.
    """
    for rows in _sheets(path, encoding):
        for at, row in enumerate(rows[:head_rows]):
            names = [text for text, _ in row]
            if _known(names, heads) >= heads_needed:
                return _below(rows, at, heads, heads_needed)
    msg = (
        f"{path} is no camera sheet: none of the first {head_rows} rows names {heads_needed} of "
        "its columns, such as 设备编码, 设备名称, 经度, 纬度, 设备状态 (SBBM, SBMC, JD, WD, SBZT)"
    )
    raise FormatError(msg)


def plain_head(name: str) -> str:
    r"""Return the name of a column as it is looked up: no marks, brackets, blanks; lower case.

    Examples
    --------
    >>> plain_head("设备编码\n（*）"), plain_head("ＳＢＢＭ "), plain_head("建设单位/设备归属(*)")
    ('设备编码', 'sbbm', '建设单位设备归属')
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()


def _known(names: Sequence[str], heads: Mapping[str, str]) -> int:
    """Return how many different fields a row names."""
    return len({heads[plain] for plain in map(plain_head, names) if plain in heads})


def _below(
    rows: list[list[Cell]], at: int, heads: Mapping[str, str], heads_needed: int
) -> SheetCells:
    names = [re.sub(r"\s+", " ", text).strip() for text, _ in rows[at]]
    width = max(len(names), *(len(row) for row in rows[at:]))
    names += [""] * (width - len(names))
    head = at + 1
    body = {
        number: [*row, *[("", None)] * (width - len(row))]
        for number, row in enumerate(rows[head:], start=head + 1)
        if any(text.strip() for text, _ in row)
    }
    # Some sheets name each column twice, in Chinese and by initials.
    second = next(iter(body), None)
    if second == head + 1 and _known([t for t, _ in body[second]], heads) >= heads_needed:
        del body[second]
    filled = [
        i for i in range(width) if names[i] or any(row[i][0].strip() for row in body.values())
    ]
    faults = [
        Fault(head, None, f"column {i + 1} has values but no name") for i in filled if not names[i]
    ]
    named = [i for i in filled if names[i]]
    faults += list(_repeated(names, named, heads, head))
    faults += [
        Fault(number, names[i], problem)
        for number, row in body.items()
        for i in named
        if (problem := row[i][1]) is not None
    ]
    # Of two columns of one name the first counts; that there are two is told of.
    first = [i for i in named if names.index(names[i]) == i]
    frame = pd.DataFrame(
        [[row[i][0].strip() for i in first] for row in body.values()],
        index=pd.Index(list(body), dtype="int64"),
        columns=[names[i] for i in first],
        dtype="str",
    )
    fields = {names[i]: heads[plain_head(names[i])] for i in first if plain_head(names[i]) in heads}
    return SheetCells(frame, fields, tuple(faults), head)


def _repeated(
    names: list[str], named: list[int], heads: Mapping[str, str], head: int
) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for i in named:
        plain = plain_head(names[i])
        key = heads.get(plain, plain)
        if seen.setdefault(key, names[i]) != names[i] or names.index(names[i]) != i:
            yield Fault(head, names[i], f"says the same as column {seen[key]}: keep one of them")


def _sheets(path: Path, encoding: str | None) -> Iterator[list[list[Cell]]]:
    if path.is_dir():
        msg = f"{path} is a folder: a camera sheet is one file, .xlsx or .csv"
        raise FormatError(msg)
    if not path.is_file():
        msg = f"{path}: there is no such file"
        raise FileMissingError(msg)
    ending = path.suffix.lower()
    if ending == ".csv":
        yield _csv_rows(path, decode(path, encoding))
    elif ending == ".xlsx":
        for sheet in workbook_cells(path):
            yield [
                [(text, sheet.problems.get((number, at))) for at, text in enumerate(row)]
                for number, row in enumerate(sheet.rows, start=1)
            ]
    else:
        msg = f"{path}: a camera sheet is read from .xlsx or .csv, not from {ending!r}"
        raise FormatError(msg)


def _csv_rows(path: Path, text: str) -> list[list[Cell]]:
    lines = text.lstrip("\r\n").splitlines()[:20]
    separator = max(",;\t", key=lambda sign: max((line.count(sign) for line in lines), default=0))
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return [[(cell, None) for cell in row] for row in rows]
    except csv.Error as error:
        msg = f"{path} is not a CSV table: {error}"
        raise FormatError(msg) from error
