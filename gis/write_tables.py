"""Frames as CSV and XLSX: codes as text, places as lon and lat or as WKT, cells in hexadecimal.

A text that a spreadsheet might take for a formula gets an apostrophe before it, in both
formats; `gis.read_tables` takes one off again, so that a file is read back exactly.
"""

# xlsxwriter ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely
import xlsxwriter

from gis.errors import FormatError

# Limits of the workbook format.
MAX_CELL_CHARACTERS = 32_767
MAX_SHEET_ROWS = 1_048_576
MAX_SHEET_NAME = 31

# Digits enough that every float64 comes back as it was.
_EXACT = 20

_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r]")

# Names under which columns hold H3 cells.
_CELL_COLUMNS = frozenset({"h3", "cell"})


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV: UTF-8 with a byte order mark, so that spreadsheets read Chinese.

    Texts and heads that begin like a formula are `guarded`; numbers never are.
    """
    table = flat(frame)
    safe = pd.DataFrame(
        {at: _guarded_column(table.iloc[:, at]) for at in range(table.shape[1])},
        index=table.index,
    )
    heads = [guarded(str(name)) for name in table.columns]
    # Rows end as RFC 4180 says, which has a lone line feed or return within a value quoted.
    safe.to_csv(path, index=False, header=heads, encoding="utf-8-sig", lineterminator="\r\n")


def write_xlsx(frame: pd.DataFrame, path: Path, sheet: str) -> None:
    """Write a frame as one sheet: the header stays in view, text never becomes a formula.

    Texts and heads are `guarded` as in a CSV file, since people save sheets as such.

    Raises
    ------
    FormatError
        If the frame does not fit the format; the message says which row and column.
    """
    table = flat(frame)
    _check_fits(table, path)
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", "_", sheet)[:MAX_SHEET_NAME])
        bold = book.add_format({"bold": True, "bottom": 1})
        page.freeze_panes(1, 0)
        for at, name in enumerate(map(str, table.columns)):
            values = [None if missing else value for value, missing in _cells(table.iloc[:, at])]
            page.write_string(0, at, guarded(name), bold)
            page.set_column(at, at, _width(name, values))
            for row, value in enumerate(values, start=1):
                _write_cell(page, row, at, value)


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    A text that begins with =, +, -, @, a tab or a return gets an apostrophe before it, and so
    does one that begins with apostrophes and then one of these; taking one apostrophe off such
    a text gives back what it was.

    Examples
    --------
    >>> [guarded(text) for text in ("=1+1", "'=1+1", "'90s", "海东路")]
    ["'=1+1", "''=1+1", "'90s", '海东路']
    """
    return f"'{text}" if _LIKE_A_FORMULA.match(text) else text


def cells_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in which H3 cells are hexadecimal text.

    As numbers they have more digits than spreadsheets, JSON readers and float64 keep.

    Parameters
    ----------
    frame
        Any frame. Columns of whole numbers that are called `h3` or `cell`, or have the type
        uint64, are taken as cells if all their values are.

    Returns
    -------
    DataFrame
        Same index; the frame itself where it has no such column.

    Examples
    --------
    >>> cells_as_text(pd.DataFrame({"h3": [0x8C2A1072B5901FF], "n": [3]})).values.tolist()
    [['8c2a1072b5901ff', 3]]
    """
    texts = {
        at: text
        for at, name in enumerate(frame.columns)
        if (text := _cell_text(frame.iloc[:, at], str(name))) is not None
    }
    if not texts:
        return frame
    changed = frame.copy()
    for at, text in texts.items():
        changed.isetitem(at, text.array)
    return changed


def _cell_text(column: pd.Series[Any], name: str) -> pd.Series[Any] | None:
    if not pd.api.types.is_integer_dtype(column):
        return None
    if name.casefold() not in _CELL_COLUMNS and str(column.dtype).casefold() != "uint64":
        return None
    known = column.dropna()
    texts = [f"{int(cell):x}" for cell in known.tolist()]
    if not texts or not all(map(h3.is_valid_cell, texts)):
        return None
    return pd.Series(texts, index=known.index, dtype="str").reindex(column.index)


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a frame with its geometry as `lon` and `lat`, or as `wkt`.

    Parameters
    ----------
    frame
        A GeoDataFrame in EPSG:4326, or a table.

    Returns
    -------
    DataFrame
        `lon`, `lat` in degrees if all geometries are points, else `wkt`; neither for a table.
    """
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        return frame
    shapes = np.asarray(frame.geometry.array, dtype=object)
    table = pd.DataFrame(frame.drop(columns=frame.active_geometry_name))
    if shapely.is_missing(shapes).all():
        return table
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    if (is_point | shapely.is_missing(shapes)).all():
        return table.assign(lon=shapely.get_x(shapes), lat=shapely.get_y(shapes))
    return table.assign(wkt=shapely.to_wkt(shapes, rounding_precision=_EXACT))


def _check_fits(table: pd.DataFrame, path: Path) -> None:
    if len(table) >= MAX_SHEET_ROWS:
        msg = f"{path}: {len(table)} rows are more than a sheet holds; write .gpkg or .csv"
        raise FormatError(msg)
    for name in table.columns:
        lengths = table[name].astype(str).str.len().to_numpy()
        long = np.flatnonzero(lengths > MAX_CELL_CHARACTERS)
        if len(long):
            msg = (
                f"{path}, row {long[0] + 2}, column {name}: {lengths[long[0]]} characters are "
                f"more than a cell holds ({MAX_CELL_CHARACTERS}); write .gpkg or .csv"
            )
            raise FormatError(msg)


def _cells(column: pd.Series[Any]) -> list[tuple[Any, bool]]:
    return list(zip(column.tolist(), column.isna().tolist(), strict=True))


def _write_cell(page: Any, row: int, at: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(row, at, value)
    elif isinstance(value, int | float) and abs(value) < 10**15:
        page.write_number(row, at, value)
    else:
        page.write_string(row, at, guarded(str(value)))


def _guarded_column(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column
    return column.map(lambda value: guarded(value) if isinstance(value, str) else value)


def _width(name: str, values: list[Any]) -> int:
    shown = [name, *(str(value) for value in values[:200] if value is not None)]
    return min(max(map(_columns, shown)) + 2, 40)


def _columns(text: str) -> int:
    """Return how wide a text is: a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text[:40])
