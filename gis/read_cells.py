"""Cells as people write them, made plain: blanks, numbers with units, days as numbers, widths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import pandas as pd

from gis.profiles import load
from gis.read_tables import POSITION_COLUMNS
from gis.schema import Column, schema
from gis.validate_values import CODES, FLAGS, PLAIN_NUMBER, quoted

# Examples that a warning gives.
EXAMPLES = 3

# Day 0 of spreadsheets, which count a 29 February 1900 that never was.
_DAY_0 = date(1899, 12, 30)

_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")
_DAY = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")


@dataclass
class _Told:
    """What was read in another way than it is written, of one kind."""

    count: int = 0
    columns: dict[str, None] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)


def plain_cells(frame: pd.DataFrame, layer: str) -> tuple[pd.DataFrame, list[str]]:
    """Return rows whose cells are written plainly, and what was read in another way.

    In columns of numbers, dates, flags and words, and in codes, full-width characters become
    plain ones. A sign for "not known" becomes blank, but for "无" in a column of whole numbers,
    where it may mean 0. A number loses its separators of thousands and the unit of its column; a
    date may be the number of a day, or eight digits. Columns of text are left alone, and so is
    what is not known, for `gis.validate` to tell.

    Parameters
    ----------
    frame
        Rows under the names of the layer; may have a position in columns.
    layer
        Name of the layer.

    Returns
    -------
    DataFrame
        The same index and columns; a copy where anything changed.
    list
        A warning for each kind of change, with its count, examples and columns.

    Examples
    --------
    >>> rows = pd.DataFrame({"height_m": ["6米", "/"], "installed": ["45000", "2025/3/1"]})
    >>> plain, notes = plain_cells(rows, "cameras")
    >>> plain["height_m"].tolist(), plain["installed"].tolist()
    (['6', ''], ['2023-03-15', '2025/3/1'])
    >>> for note in notes:
    ...     print(note)
    read as numbers: "6米" as 6 (1 cell: height_m)
    read as blank: "/" (1 cell: height_m)
    read as dates: "45000" as 2023-03-15 (1 cell: installed)
    """
    told: dict[str, _Told] = {}
    changed: dict[str, pd.Series[str]] = {}
    for column in _columns(frame, layer):
        cells = frame[column.name].tolist()
        plain: dict[str, tuple[str, str]] = {}
        texts = list(cells)
        for at, cell in enumerate(cells):
            if not isinstance(cell, str):
                continue
            if cell not in plain:
                plain[cell] = _plain(cell, column)
            text, kind = plain[cell]
            if kind:
                texts[at] = text
                seen = told.setdefault(kind, _Told())
                seen.count += 1
                seen.columns[column.name] = None
                if len(seen.examples) < EXAMPLES:
                    seen.examples[cell.strip()] = text
        if any(kind for _, kind in plain.values()):
            changed[column.name] = pd.Series(texts, index=frame.index, dtype=object)
    notes = [_note(kind, seen) for kind, seen in told.items()]
    return (frame.assign(**changed), notes) if changed else (frame, [])


def without_row_numbers(frame: pd.DataFrame, layer: str) -> tuple[pd.DataFrame, list[str]]:
    """Return rows without the numbers that map programs give them, and a warning if any had.

    They tell nothing of the town and change with each saving. Where rows have no code they stay,
    as a mapping may want to make codes of them.

    Parameters
    ----------
    frame
        Rows under the names of the layer.
    layer
        Name of the layer.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": ["a"], "fid": [7]})
    >>> without_row_numbers(rows, "cameras")[1]
    ['row numbers of a map program left out: fid']
    """
    names = [
        str(name)
        for name in frame.columns
        if str(name).casefold() in load("cells")["row_numbers"]["names"]
        and name not in schema(layer).by_name
    ]
    if not names or "code" not in frame.columns:
        return frame, []
    told = f"row numbers of a map program left out: {', '.join(names)}"
    return frame.drop(columns=names), [told]


def _columns(frame: pd.DataFrame, layer: str) -> Iterable[Column]:
    """Yield the columns of a frame whose cells are more than text, once each."""
    known = schema(layer).by_name
    places = {name for pair in POSITION_COLUMNS for name in pair}
    for name in frame.columns[~frame.columns.duplicated(keep=False)]:
        column = known.get(name)
        if column is None and str(name).casefold() in places:
            column = Column(str(name), "number")
        if column is None or (column.type == "text" and not _is_code(column)):
            continue
        if pd.api.types.is_object_dtype(frame[name]) or pd.api.types.is_string_dtype(frame[name]):
            yield column


def _is_code(column: Column) -> bool:
    return column.name in CODES or column.name.endswith("_code")


def _plain(cell: str, column: Column) -> tuple[str, str]:
    """Return a cell written plainly, and what kind of change that was; "" for none."""
    text = unicodedata.normalize("NFKC", cell).strip()
    is_number = column.type in ("number", "integer")
    if not text or (is_number and PLAIN_NUMBER.fullmatch(cell.strip())):
        return cell, ""
    if column.type == "text":
        same = text == cell.strip()
        return (cell, "") if same else (text, "written in plain characters")
    if column.type == "flag":
        flag = text if text.lower() in FLAGS else _ticks().get(text.casefold())
        if flag is not None:
            return (cell, "") if flag == cell.strip() else (flag, "read as yes or no")
    if text in column.words:
        return cell, ""
    if text.casefold() in _blanks(column.type == "integer"):
        return "", "read as blank"
    if is_number:
        number = _number(text, column.name)
        return (cell, "") if number is None else (number, "read as numbers")
    day = _day(text) if column.type == "date" else None
    return (cell, "") if day is None else (day, "read as dates")


@cache
def _blanks(whole: bool) -> frozenset[str]:
    table = load("cells")["blank"]
    words = [*table["unknown"], *([] if whole else table["nothing"])]
    return frozenset(unicodedata.normalize("NFKC", word).casefold() for word in words)


@cache
def _ticks() -> dict[str, str]:
    table = load("cells")["flags"]
    return {text.casefold(): flag for flag, texts in table.items() for text in texts}


def _number(text: str, name: str) -> str | None:
    """Return a number without unit and separators, or None if it is none."""
    bare = text.casefold()
    units = load("cells")["units"]
    for unit in units.get(name, units.get(name.rpartition("_")[2], ())):
        if bare.endswith(unit):
            bare = bare.removesuffix(unit).strip()
            break
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    return bare if PLAIN_NUMBER.fullmatch(bare) else None


def _day(text: str) -> str | None:
    """Return a date that is written as eight digits, or as the number of a day."""
    limits = load("cells")["serial_days"]
    if _SERIAL.fullmatch(text) and limits["low"] <= float(text) <= limits["high"]:
        return (_DAY_0 + timedelta(days=int(float(text)))).isoformat()
    digits = _DAY.fullmatch(text)
    try:
        return None if digits is None else date(*map(int, digits.groups())).isoformat()
    except ValueError:
        return None


def _note(kind: str, told: _Told) -> str:
    texts = [quoted(cell) + (f" as {text}" if text else "") for cell, text in told.examples.items()]
    cells = "1 cell" if told.count == 1 else f"{told.count} cells"
    return f"{kind}: {', '.join(texts)} ({cells}: {', '.join(told.columns)})"
