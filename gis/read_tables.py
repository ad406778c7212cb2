"""Text of files, CSV as text with the row numbers of the sheet, and places out of columns."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gis.errors import Fault, FormatError, ParameterError
from gis.read_clean import unguarded
from gis.read_heads import SheetTable, known_heads, table
from gis.read_limits import check_count, limit, read_bytes
from gis.validate_values import PLAIN_NUMBER, quoted

POSITION_COLUMNS = (("lon", "lat"), ("longitude", "latitude"), ("lng", "lat"), ("经度", "纬度"))
WKT_COLUMNS = ("wkt", "geometry")

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SEPARATORS = ",;\t"


def read_csv(
    path: Path,
    encoding: str | None,
    layer: str,
    *,
    header_row: int | None = None,
    named: Collection[str] = (),
) -> SheetTable:
    """Return the cells of a CSV file as text, and what is wrong with its sheet.

    Parameters
    ----------
    path
        A file separated by comma, semicolon or tab.
    encoding
        Its encoding; None to take a byte order mark, then UTF-8, then GB 18030.
    layer
        Name of the layer, by whose titles the head row is known.
    header_row
        Number of the head row, from 1; None to find it among the first rows.
    named
        Further names that a head may have.

    Raises
    ------
    FormatError
        If it is not text, not a CSV table, or larger than is read.
    ParameterError
        If there is no such encoding.
    """
    rows = _csv_rows(path, encoding, layer, named)
    return table(path, rows, layer, header_row=header_row, named=named, ragged=False)


def _csv_rows(
    path: Path, encoding: str | None, layer: str, named: Collection[str]
) -> list[list[str]]:
    text = decode(path, encoding, ends=b"\n\r", run="csv_run_bytes")
    # One setting for the whole process: only ever raised, to the longest line that is read.
    csv.field_size_limit(max(csv.field_size_limit(), limit("text", "csv_run_bytes")))
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_separator(text, layer, named), strict=True
    )
    rows: list[list[str]] = []
    cells = 0
    guarded = "'" in text
    try:
        for row in reader:
            rows.append([unguarded(cell) for cell in row] if guarded else row)
            cells += len(row)
            if cells > limit("table", "cells"):
                check_count(path, cells, "table", "cells")
    except csv.Error as error:
        msg = f"{path} is not a CSV table: {error}, in line {reader.line_num}"
        raise FormatError(msg) from error
    return rows


def decode(path: Path, encoding: str | None, *, ends: bytes = b"", run: str = "") -> str:
    """Return the text of a file.

    Parameters
    ----------
    path
        The file.
    encoding
        Its encoding; None to take a byte order mark, then UTF-8, then GB 18030.
    ends, run
        As `gis.read_limits.read_bytes`.

    Raises
    ------
    FormatError
        If the bytes are not text in that encoding, or in none of those tried, or are too many.
    ParameterError
        If there is no such encoding.
    """
    data = read_bytes(path, ends=ends, run=run)
    # A file with a mark is not guessed at: a broken one must not turn into other characters.
    marked = [name for mark, name in _MARKS.items() if data.startswith(mark)]
    tried = [encoding] if encoding else marked or ["utf-8", "gb18030"]
    where = ""
    for name in tried:
        try:
            text = data.decode(name)
        except LookupError as error:
            msg = f"there is no encoding {name!r}; common ones are utf-8, gb18030, utf-16"
            raise ParameterError(msg) from error
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            where = f" (as {name} it breaks off in line {line}, byte {error.start:,})"
            continue
        if "\0" not in text:
            return text.removeprefix("\ufeff")
        where = f" (byte {data.find(0):,} is zero)"
    msg = f"{path} is not text in {' or '.join(tried)}{where}: name its encoding with --encoding"
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
    used, wkt = position_columns([str(name) for name in frame.columns])
    if not used and wkt is None:
        return frame, []
    shapes = np.full(len(frame), None, dtype=object)
    faults: list[Fault] = []
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


def position_columns(names: Sequence[str]) -> tuple[list[str], str | None]:
    """Return the two columns with a position (none if there are none), and the one with WKT.

    Examples
    --------
    >>> position_columns(["code", "Lng", "lat", "lon"])
    (['lon', 'lat'], None)
    """
    plain = {name.casefold(): name for name in names}
    pair = next((p for p in POSITION_COLUMNS if p[0] in plain and p[1] in plain), ())
    wkt = next((plain[name] for name in WKT_COLUMNS if name in plain), None)
    return [plain[name] for name in pair], wkt


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


def _separator(text: str, layer: str, named: Collection[str]) -> str:
    """Return the separator that makes most known heads in one of the first lines."""
    lines = text[: 1 << 20].lstrip("\r\n").splitlines()[: limit("table", "head_rows")]
    first = lines[0] if lines else ""

    def known(separator: str) -> int:
        heads = ([part.strip(' "') for part in line.split(separator)] for line in lines)
        return max((known_heads(cells, layer, named) for cells in heads), default=0)

    return max(_SEPARATORS, key=lambda separator: (known(separator), first.count(separator)))
