"""The sheets of returned workbooks as rows of typed cells, and what is wrong with which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyproj import CRS

from gis.columns import column_named, vocabulary_of, word_named
from gis.errors import Fault, FormatError
from gis.layers import WGS84
from gis.personal import personal_columns
from gis.read_cells import plain_cells
from gis.read_clean import shown
from gis.read_heads import clean_head, head_row, table
from gis.read_tables import place_rows
from gis.read_workbook import SheetCells, workbook_cells
from gis.schema import Column, schema
from gis.template_facts import PERIOD_EXAMPLES, PERIODS, Key, fact_keys, facts_fields
from gis.template_sheets import KNOWN_SHEET, LISTS_SHEET, VILLAGE
from gis.validate_values import cast, quoted

RowId = tuple[str, ...]

# What tells the rows of a layer apart, and of facts.
CODE: tuple[str, ...] = ("code",)
FACT: tuple[str, ...] = ("place_layer", "place_code", "key", "period")


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a returned sheet.

    Parameters
    ----------
    key
        What tells it apart: its code, or layer and code of the place, key and period.
    number
        Row of the sheet, from 1.
    cells
        Name of the column to its value, typed; "geometry" for the position. Blank cells are not
        in it.
    village
        Code of the village that the template says it is of, or "".
    """

    key: RowId
    number: int
    cells: Mapping[str, Any] = field(repr=False)
    village: str = ""


@dataclass(frozen=True, eq=False)
class ReturnedSheet:
    """One sheet that came back.

    Parameters
    ----------
    file, title
        Name of the file and of the sheet.
    rows
        Its rows without those that cannot be told apart.
    faults
        What is wrong, by row of the sheet.
    dropped
        Columns about persons, left out.
    unknown
        Other columns that no layer has, left out.
    notes
        Which cells were not written plainly, and how they were read.
    """

    file: str
    title: str
    rows: tuple[Row, ...] = field(repr=False)
    faults: tuple[Fault, ...] = ()
    dropped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_workbook(path: Path, layer: str) -> tuple[list[ReturnedSheet], ReturnedSheet | None]:
    """Return the sheets of a returned workbook, and what it held when it was given out.

    Sheets without the columns that tell rows apart, such as notes of the village, are left out.

    Parameters
    ----------
    path
        A workbook made from a template; sheets may be renamed, columns moved, rows added.
    layer
        Layer that was asked for; "facts" for facts.

    Raises
    ------
    FormatError
        If it is no workbook, damaged, larger than is read, or made from another template.
    """
    sheets = {sheet.title: _clean(sheet) for sheet in workbook_cells(path)}
    known = [name for name in sheets if name.startswith(KNOWN_SHEET)]
    if known and f"{KNOWN_SHEET}{layer}" not in known:
        asked = known[0].removeprefix(KNOWN_SHEET)
        msg = f"{path.name} was made from the template of {asked}, not of {layer}"
        raise FormatError(msg)
    read = {name: _read_sheet(path, cells, layer) for name, cells in sheets.items()}
    origin = read.get(f"{KNOWN_SHEET}{layer}")
    found = [
        sheet
        for name, sheet in read.items()
        if sheet is not None and name not in known and name != LISTS_SHEET
    ]
    if not found:
        asked = " and ".join(_telling(layer))
        msg = f"{path.name} has no sheet with the columns of {layer}: {asked}"
        raise FormatError(msg)
    return found, origin


def _clean(cells: SheetCells) -> SheetCells:
    """Return a sheet without the characters that nobody sees."""
    return replace(cells, rows=[[shown(text) for text in row] for row in cells.rows])


def _telling(layer: str) -> tuple[str, ...]:
    return FACT if layer == "facts" else CODE


def _read_sheet(path: Path, cells: SheetCells, layer: str) -> ReturnedSheet | None:
    """Return a sheet, or None if it has not the columns that tell rows apart."""
    at = head_row(cells.rows, layer, (VILLAGE,))
    top = cells.rows[at] if cells.rows else []
    if not any(head.strip() for head in top):
        return None
    body = table(path, cells.rows, layer, header_row=at + 1)
    heads = list(dict.fromkeys(body.frame.columns))
    named = {head: column_named(layer, head) for head in heads}
    columns = [name for name in named.values() if name is not None]
    if not set(columns).issuperset(_telling(layer)):
        return None
    # Of two columns with one title the first counts; the fault says so.
    frame = body.frame.loc[:, ~body.frame.columns.duplicated()]
    faults = [*body.faults, *_cell_faults(cells, top, frame)]
    doubled = [named[head] or head for head in body.frame.columns if head]
    twice = [name for name in dict.fromkeys(doubled) if doubled.count(name) > 1]
    faults += [Fault(None, name, "two columns have this title: keep one") for name in twice]
    personal = personal_columns(heads, schema(layer).by_name)
    kept = {name: head for head, name in reversed(named.items()) if name and head not in personal}
    plain, notes = plain_cells(frame[list(kept.values())].set_axis(list(kept), axis=1), layer)
    villages = frame[VILLAGE].tolist() if VILLAGE in frame else [""] * len(frame)
    rows, row_faults = _rows(plain, layer, villages)
    explained = {one.title for one in facts_fields()} | {VILLAGE, "", *personal}
    return ReturnedSheet(
        file=path.name,
        title=cells.title,
        rows=tuple(rows),
        faults=tuple(sorted([*faults, *row_faults], key=_row_order)),
        dropped=tuple(personal),
        unknown=tuple(head for head in heads if named[head] is None and head not in explained),
        notes=tuple(notes),
    )


def _cell_faults(cells: SheetCells, heads: list[str], frame: pd.DataFrame) -> list[Fault]:
    """Return what is wrong with single cells below the head row."""
    body = set(frame.index)
    return [
        Fault(row, clean_head(heads[at]) if at < len(heads) else None, problem)
        for (row, at), problem in cells.problems.items()
        if row in body
    ]


def _row_order(fault: Fault) -> int:
    return fault.row if isinstance(fault.row, int) else 0


def _rows(frame: pd.DataFrame, layer: str, villages: list[str]) -> tuple[list[Row], list[Fault]]:
    """Return the rows of a sheet, typed, and what is wrong with them."""
    numbers = frame.index.tolist()
    columns, faults = _columns(frame, layer)
    rows: list[Row] = []
    seen: dict[RowId, int] = {}
    for at, number in enumerate(numbers):
        cells = {name: column[at] for name, column in columns.items() if column[at] is not None}
        told = {name: str(cells.get(name, "")) for name in _telling(layer)}
        blank = [name for name, part in told.items() if not part and name != "period"]
        key = tuple(told.values())
        if blank:
            # A row that only begins to say what it is about says nothing yet.
            if set(cells) - set(told):
                faults += [Fault(number, name, "is missing") for name in blank]
        elif key in seen:
            faults.append(Fault(number, next(iter(told)), f"is the same as row {seen[key]}"))
        else:
            seen[key] = number
            rows.append(Row(key, number, cells, villages[at]))
    return rows, faults


def _columns(frame: pd.DataFrame, layer: str) -> tuple[dict[str, list[Any]], list[Fault]]:
    """Return the columns of a sheet, typed, None where a cell is blank or wrong; and faults."""
    faults: list[Fault] = []
    known = schema(layer).by_name
    columns = {
        name: _typed(frame[name], known[name], faults) for name in frame.columns if name in known
    }
    if layer == "facts":
        columns["value"] = _values(columns, frame.index.tolist(), faults)
    elif schema(layer).geometry != "table":
        placed, place_faults = place_rows(frame, CRS(WGS84))
        faults += place_faults
        if "geometry" in placed:
            columns["geometry"] = np.asarray(placed["geometry"].array, dtype=object).tolist()
    return columns, faults


def _typed(cells: pd.Series[Any], column: Column, faults: list[Fault]) -> list[Any]:
    """Return a column in its type, words in any language; None where it is blank or wrong."""
    vocabulary = vocabulary_of(column)
    if vocabulary is not None:
        cells = cells.map(lambda text: word_named(vocabulary, text) or text)
    values, problems = cast(cells, column)
    numbers = cells.index.tolist()
    faults += [Fault(numbers[at], column.name, problem) for at, problem in problems.items()]
    return values.astype(object).where(values.notna(), None).tolist()


def _values(columns: Mapping[str, list[Any]], numbers: list[int], faults: list[Fault]) -> list[Any]:
    """Return the values of facts as text, each checked by the type of its key."""
    keys, texts = columns["key"], columns.get("value", [None] * len(numbers))
    checked: list[Any] = [None] * len(keys)
    places: dict[str, list[int]] = {}
    for at, name in enumerate(keys):
        if name is not None:
            places.setdefault(name, []).append(at)
    periods = columns.get("period", [None] * len(numbers))
    for name, rows in places.items():
        if name not in fact_keys():
            problem = f"{quoted(name)} is not a known key"
            faults += [Fault(numbers[at], "key", problem) for at in rows]
            continue
        key = fact_keys()[name]
        filled = [at for at in rows if texts[at] is not None]
        undated = [at for at in filled if not _is_dated(key, periods[at])]
        problem = f"is no {key.period}: write one such as {PERIOD_EXAMPLES.get(key.period, '')}"
        faults += [Fault(numbers[at], "period", problem) for at in undated]
        dated = [at for at in filled if _is_dated(key, periods[at])]
        cells: pd.Series[Any] = pd.Series([texts[at] for at in dated], dtype=object)
        values, problems = cast(cells, key.column)
        faults += [Fault(numbers[dated[n]], "value", told) for n, told in problems.items()]
        for at, value in zip(dated, values.astype(object).tolist(), strict=True):
            checked[at] = None if pd.isna(value) else _fact_text(value)
    return checked


def _is_dated(key: Key, period: str | None) -> bool:
    """Return whether a period says which year or month a value is of, if the key wants one."""
    pattern = PERIODS.get(key.period)
    return pattern is None or pattern.fullmatch(period or "") is not None


def _fact_text(value: Any) -> str:
    """Return a value as facts keep it: "yes", "no", or the number or date as text."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
