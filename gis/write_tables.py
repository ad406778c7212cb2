"""Frames as CSV and XLSX: codes as text, places as lon and lat or as WKT."""

# xlsxwriter ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import geopandas as gpd
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


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV: UTF-8 with a byte order mark, so that spreadsheets read Chinese.

    Values are written as they are, without a guard against cells that begin like a formula:
    a CSV file is read back exactly. To hand a table to people, write XLSX.
    """
    flat(frame).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def write_xlsx(frame: pd.DataFrame, path: Path, sheet: str) -> None:
    """Write a frame as one sheet: the header stays in view, text never becomes a formula.

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
            page.write_string(0, at, name, bold)
            page.set_column(at, at, _width(name, values))
            for row, value in enumerate(values, start=1):
                _write_cell(page, row, at, value)


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
        page.write_string(row, at, str(value))


def _width(name: str, values: list[Any]) -> int:
    shown = [name, *(str(value) for value in values[:200] if value is not None)]
    return min(max(map(_columns, shown)) + 2, 40)


def _columns(text: str) -> int:
    """Return how wide a text is: a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text[:40])
