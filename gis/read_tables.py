"""CSV and XLSX as text, with the row numbers of the sheet, and places out of their columns."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from collections.abc import Iterable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import shapely
from pyproj import CRS

from gis.errors import Fault, FormatError, ParameterError
from gis.validate_values import PLAIN_NUMBER, quoted

POSITION_COLUMNS = (("lon", "lat"), ("longitude", "latitude"), ("lng", "lat"), ("经度", "纬度"))
WKT_COLUMNS = ("wkt", "geometry")

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

# A sheet keeps 15 digits of a number, so of a longer code the last ones are gone.
MAX_SHEET_DIGITS = 15

# A small archive can unpack to more than the memory holds.
MAX_UNPACKED_BYTES = 1_000_000_000


def read_csv(path: Path, encoding: str | None) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the cells of a CSV file as text, and what is wrong with its sheet.

    Parameters
    ----------
    path
        A file whose first row names the columns; separated by comma, semicolon or tab.
    encoding
        Its encoding; None to take a byte order mark, then UTF-8, then GB 18030.

    Returns
    -------
    DataFrame
        Text, "" where blank; index = row of the sheet (the header is row 1). Blank rows and
        blank columns are left out.
    list
        Faults, by row.
    """
    text = decode(path, encoding)
    header = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=header.count)
    try:
        cells = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        msg = f"{path} is not a CSV table: {str(error).strip()}"
        raise FormatError(msg) from error
    return _table(path, cells.fillna("").to_numpy().tolist())


def read_xlsx(path: Path, layer: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the cells of a sheet as text, and what is wrong with it.

    Parameters
    ----------
    path
        A workbook. The sheet named like the layer is read, or the first.
    layer
        Name of the layer.

    Returns
    -------
    DataFrame, list
        As `read_csv`. Numbers of more digits than a sheet keeps and cells that show an error
        are faults.
    """
    if not zipfile.is_zipfile(path):
        msg = f"{path} is not an .xlsx workbook: save it as one (an .xls or locked file is not)"
        raise FormatError(msg)
    try:
        rows = _sheet_rows(path, layer)
    except FormatError:
        raise
    except Exception as error:  # a damaged workbook fails in a dozen ways, at any depth
        msg = f"{path} is a damaged workbook: {error}"
        raise FormatError(msg) from error
    frame, faults = _table(path, [[text for text, _ in row] for row in rows])
    return frame, faults + [
        Fault(number, rows[0][at][0].strip() if at < len(rows[0]) else None, problem)
        for number, row in enumerate(rows, start=1)
        for at, (_, problem) in enumerate(row)
        if problem is not None
    ]


def decode(path: Path, encoding: str | None) -> str:
    """Return the text of a file.

    Raises
    ------
    FormatError
        If the bytes are not text in that encoding, or in none of those tried.
    ParameterError
        If there is no such encoding.
    """
    data = path.read_bytes()
    # A file with a mark is not guessed at: a broken one must not turn into other characters.
    marked = [name for mark, name in _MARKS.items() if data.startswith(mark)]
    tried = [encoding] if encoding else marked or ["utf-8", "gb18030"]
    for name in tried:
        try:
            text = data.decode(name)
        except LookupError as error:
            msg = f"there is no encoding {name!r}; common ones are utf-8, gb18030, utf-16"
            raise ParameterError(msg) from error
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.removeprefix("\ufeff")
    msg = f"{path} is not text in {' or '.join(tried)}: name its encoding with --encoding"
    raise FormatError(msg)


def place_rows(
    frame: pd.DataFrame, crs: CRS | None
) -> tuple[pd.DataFrame | gpd.GeoDataFrame, list[Fault]]:
    """Return the rows with a geometry made of their lon/lat or WKT columns.

    Parameters
    ----------
    frame
        Text cells, with columns `lon` and `lat` (or `longitude`, `latitude`; `lng`, `lat`;
        `经度`, `纬度`), `wkt` or `geometry`, in any case. Where a row has both, its WKT counts.
    crs
        What the coordinates are, axis order x (lon, easting), y (lat, northing).

    Returns
    -------
    DataFrame
        The same index, without those columns; a GeoDataFrame if there were any.
    list
        Faults, by row.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": ["a"], "Lon": ["120.7"], "Lat": ["30.1"]})
    >>> place_rows(rows, CRS("EPSG:4326"))[0].geometry.to_wkt().tolist()
    ['POINT (120.7 30.1)']
    """
    names = {str(name).casefold(): str(name) for name in frame.columns}
    pair = next((p for p in POSITION_COLUMNS if p[0] in names and p[1] in names), None)
    wkt = next((names[name] for name in WKT_COLUMNS if name in names), None)
    if pair is None and wkt is None:
        return frame, []
    shapes = np.full(len(frame), None, dtype=object)
    faults: list[Fault] = []
    used = [] if pair is None else [names[name] for name in pair]
    if used:
        x, y = (_coordinates(frame, name, faults) for name in used)
        known = ~np.isnan(x) & ~np.isnan(y)
        shapes[known] = shapely.points(x[known], y[known])
        faults += _half_positions(frame, used)
    if wkt is not None:
        used.append(wkt)
        for at, text in enumerate(frame[wkt].tolist()):
            if text.strip():
                shapes[at] = _shape(text, frame.index[at], wkt, faults)
    rest = pd.DataFrame(frame.drop(columns=used))
    return gpd.GeoDataFrame(rest, geometry=gpd.GeoSeries(shapes, rest.index), crs=crs), faults


def _table(path: Path, rows: list[list[str]]) -> tuple[pd.DataFrame, list[Fault]]:
    if not rows or not any(name.strip() for name in rows[0]):
        msg = f"{path} has no column names in its first row"
        raise FormatError(msg)
    header = [name.strip() for name in rows[0]]
    width = max(map(len, rows))
    header += [""] * (width - len(header))
    body = {
        number: row + [""] * (width - len(row))
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    }
    cells = pd.DataFrame(list(body.values()), index=list(body), columns=range(width), dtype=str)
    filled = [at for at in range(width) if header[at] or cells[at].str.strip().ne("").any()]
    faults = [
        Fault(1, None, f"column {at + 1} has values but no name") for at in filled if not header[at]
    ]
    cells = cells[filled]
    return cells.set_axis([header[at] for at in filled], axis=1), faults


def _sheet_rows(path: Path, layer: str) -> list[list[tuple[str, str | None]]]:
    """Return the cells of the sheet, each with what is wrong with it."""
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > MAX_UNPACKED_BYTES:
        msg = f"{path} unpacks to {size / 1e9:.1f} GB, more than a sheet of a town can need"
        raise FormatError(msg)
    with warnings.catch_warnings():
        # Styles and extensions that openpyxl does not know do not touch the values.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            names = [sheet.title for sheet in book.worksheets]
            sheet = book[layer] if layer in names else book.worksheets[0]
            sheet.reset_dimensions()
            return [[_shown(cell) for cell in row] for row in sheet.iter_rows()]
        finally:
            book.close()


def _shown(cell: Any) -> tuple[str, str | None]:
    """Return a cell of a workbook as text, and what is wrong with it."""
    value = cell.value
    if value is None:
        return "", None
    if cell.data_type == "e":
        return str(value), f"the cell shows {value}"
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, int | float):
        return _shown_number(value, str(cell.number_format))
    if isinstance(value, datetime):
        day = value.time() == time()
        return value.date().isoformat() if day else value.isoformat(" "), None
    return str(value), None


def _shown_number(value: float, shape: str) -> tuple[str, str | None]:
    if abs(value) >= 10**MAX_SHEET_DIGITS:
        return str(value), "a number of more than 15 digits lost the last ones: keep it as text"
    if value != int(value):
        return str(value), None
    # A code such as 00017 may be the number 17 in five places.
    places = len(shape) if set(shape) == {"0"} else 0
    return str(int(value)).zfill(places), None


def _coordinates(frame: pd.DataFrame, name: str, faults: list[Fault]) -> np.ndarray[Any, Any]:
    numbers = np.full(len(frame), np.nan)
    for at, text in enumerate(frame[name].str.strip().tolist()):
        if PLAIN_NUMBER.fullmatch(text) and math.isfinite(float(text)):
            numbers[at] = float(text)
        elif text:
            faults.append(Fault(frame.index[at], name, f"{quoted(text)} is not a number"))
    return numbers


def _half_positions(frame: pd.DataFrame, pair: list[str]) -> Iterable[Fault]:
    blank = frame[pair].apply(lambda cells: cells.str.strip().eq(""))
    for row in blank.index[blank.sum(axis=1) == 1].tolist():
        name = pair[0] if blank.loc[row, pair[0]] else pair[1]
        yield Fault(row, name, "is missing")


def _shape(text: str, row: int, name: str, faults: list[Fault]) -> shapely.Geometry | None:
    try:
        # NaN is told of by validate, with the rest.
        with np.errstate(invalid="ignore"):
            return shapely.from_wkt(text)
    except shapely.errors.ShapelyError as error:
        reason = str(error).partition("\n")[0]
        faults.append(Fault(row, name, f"{quoted(text)} is not WKT: {reason}"))
        return None
