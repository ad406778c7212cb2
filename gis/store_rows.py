"""Frames to the rows that the store keeps, and exactly back. No database here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.errors import CrsError, Fault, LayerFaultsError
from gis.hexes import cell_of_points
from gis.layers import DTYPES, WGS84, conform
from gis.schema import schema

# Fine enough (an edge of 9 m) that a range of cells hardly ever returns a row in vain.
CELL_RESOLUTION = 12

# The types of numpy that cannot say "unknown", and those of pandas that can.
WITH_GAPS = {"bool": "boolean"} | {
    f"{sign}{size}": f"{sign.upper().replace('INT', 'Int')}{size}"
    for sign in ("int", "uint")
    for size in (8, 16, 32, 64)
}


@dataclass(frozen=True, eq=False)
class LayerRows:
    """One layer as the store keeps it: a list for each column of the table.

    Parameters
    ----------
    extra
        Name to dtype of the columns that the schema does not know, in their order.
    code
        Unique codes, in the order of the frame.
    cell
        H3 id of the middle of each box at `CELL_RESOLUTION`; None without geometry.
    box
        (west, south, east, north) of each geometry, degrees; four None without geometry.
    geometry
        WKB, or None.
    attributes
        One JSON object for each row; a value that is missing is left out.
    """

    extra: dict[str, str]
    code: list[str]
    cell: list[int | None]
    box: list[tuple[float | None, ...]]
    geometry: list[bytes | None]
    attributes: list[str]

    def __len__(self) -> int:
        return len(self.code)


def encode(frame: pd.DataFrame, layer: str, source: str) -> LayerRows:
    """Return the rows of a frame.

    Parameters
    ----------
    frame
        Rows of one layer, EPSG:4326, checked by `gis.validate`. Its index is not kept.
    layer
        Name of the layer.
    source
        Where the frame came from, for the message of an error.

    Raises
    ------
    CrsError
        If the frame has another coordinate system.
    LayerFaultsError
        If a code is missing or there twice, a column is there twice, or a value is of a kind
        that text cannot keep (infinite numbers, bytes, further geometries).
    """
    frame = _plain(frame, layer, source)
    faults = _column_faults(frame) or _code_faults(frame)
    if faults:
        raise LayerFaultsError(layer, faults, source)
    full = conform(frame.reset_index(drop=True), layer)
    known = schema(layer).by_name
    columns = [name for name in full.columns if name not in ("code", "geometry")]
    geometry = np.asarray(full.geometry.array, dtype=object)
    return LayerRows(
        extra={name: _dtype(full[name]) for name in columns if name not in known},
        code=full["code"].tolist(),
        cell=_cells(geometry),
        box=_boxes(geometry),
        geometry=shapely.to_wkb(geometry).tolist(),
        attributes=_attributes(full, columns, layer, source),
    )


def decode(
    layer: str,
    extra: Mapping[str, str],
    code: Sequence[str],
    geometry: Sequence[bytes | None],
    attributes: Sequence[str],
) -> gpd.GeoDataFrame:
    """Return the frame that `encode` was given, conformed, with a fresh index.

    Parameters
    ----------
    layer
        Name of the layer.
    extra, code, geometry, attributes
        As in `LayerRows`.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, the columns of the schema, then those of `extra`, then `geometry`.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a", "b"], "key": ["x", "y"], "seen": [True, False]})
    >>> rows = encode(frame, "facts", "an example")
    >>> rows.attributes[0]
    '{"key":"x","seen":true}'
    >>> decode("facts", rows.extra, rows.code, rows.geometry, rows.attributes)["seen"].tolist()
    [True, False]
    """
    # One document for all rows: twice as fast as one for each.
    documents = json.loads(f"[{','.join(attributes)}]")
    dtypes = {c.name: DTYPES[c.type] for c in schema(layer).columns if c.name != "code"}
    columns = {"code": pd.Series(list(code), dtype=DTYPES["text"])}
    for name, dtype in (dtypes | dict(extra)).items():
        values = [document.get(name) for document in documents]
        columns[name] = pd.Series(values, dtype=dtype)
    shapes = gpd.GeoSeries(shapely.from_wkb(np.array(geometry, dtype=object)), crs=WGS84)
    return conform(gpd.GeoDataFrame(columns, geometry=shapes, crs=WGS84), layer)


def merge_extra(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the dtypes of the further columns of two frames, one below the other.

    A column that one of them lacks, or that is of different types, gets a type that can hold
    what is missing.

    Examples
    --------
    >>> merge_extra({"lanes": "int64", "note": "str"}, {"note": "str"})
    {'lanes': 'Int64', 'note': 'str'}
    """
    merged = {}
    for name in [*old, *(name for name in new if name not in old)]:
        dtypes = {side[name] for side in (old, new) if name in side}
        dtype = dtypes.pop() if len(dtypes) == 1 else "object"
        merged[name] = dtype if name in old and name in new else WITH_GAPS.get(dtype, dtype)
    return merged


def _plain(frame: pd.DataFrame, layer: str, source: str) -> pd.DataFrame:
    """Return the frame with text for column names and its geometry under that name."""
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None:
        if frame.crs is not None and frame.crs != WGS84:
            msg = f"{source}, layer {layer}: the store keeps {WGS84}, not {frame.crs.to_string()}"
            raise CrsError(msg)
        if frame.active_geometry_name != "geometry":
            frame = frame.rename_geometry("geometry")
    return frame.rename(columns=str)


def _column_faults(frame: pd.DataFrame) -> list[Fault]:
    twice = frame.columns[frame.columns.duplicated()].unique()
    return [Fault(None, str(name), "the layer has this column twice") for name in twice]


def _code_faults(frame: pd.DataFrame) -> list[Fault]:
    if "code" not in frame:
        return [Fault(None, "code", "the column is missing")]
    code = frame["code"]
    # Rows are counted from 1: without a code there is nothing better to name them by.
    missing = np.flatnonzero(code.isna()) + 1
    faults = [Fault(int(row), "code", "is missing") for row in missing]
    repeated = code[code.notna() & code.duplicated()].unique()
    return faults + [Fault(str(one), "code", "is there more than once") for one in repeated]


def _dtype(column: pd.Series[Any]) -> str:
    """Return the type to give a column back in; what JSON has no word for stays an object."""
    kept = (
        pd.api.types.is_bool_dtype(column)
        or pd.api.types.is_integer_dtype(column)
        or pd.api.types.is_float_dtype(column)
        or pd.api.types.is_datetime64_any_dtype(column)
        or isinstance(column.dtype, pd.StringDtype)
    )
    return str(column.dtype) if kept else "object"


def _boxes(geometry: npt.NDArray[np.object_]) -> list[tuple[float | None, ...]]:
    bounds = shapely.bounds(geometry)
    boxes = np.where(np.isnan(bounds), np.array(None), bounds)
    return [tuple(box) for box in boxes.tolist()]


def _cells(geometry: npt.NDArray[np.object_]) -> list[int | None]:
    west, south, east, north = shapely.bounds(geometry).T
    lon, lat = (west + east) / 2, (south + north) / 2
    known = np.isfinite(lon) & np.isfinite(lat)
    cells = np.full(len(geometry), None, dtype=object)
    cells[known] = cell_of_points(lon[known], lat[known], CELL_RESOLUTION).tolist()
    return cells.tolist()


def _attributes(
    frame: gpd.GeoDataFrame, columns: Sequence[str], layer: str, source: str
) -> list[str]:
    """Return one JSON object for each row, without what is missing."""
    values = [frame[name].astype(object).where(frame[name].notna(), None) for name in columns]
    texts, faults = [], []
    for code, *row in zip(frame["code"], *values, strict=True):
        attributes = {k: v for k, v in zip(columns, row, strict=True) if v is not None}
        try:
            texts.append(_json(attributes))
        except (TypeError, ValueError):
            faults += _value_faults(code, attributes)
    if faults:
        raise LayerFaultsError(layer, faults, source)
    return texts


def _value_faults(code: str, attributes: Mapping[str, object]) -> list[Fault]:
    faults = []
    for name, value in attributes.items():
        try:
            _json(value)
        except (TypeError, ValueError):
            faults.append(Fault(code, name, f"{value!r:.60} cannot be kept: use text or a number"))
    return faults


def _json_value(value: object) -> object:
    """Return what JSON has a word for: numbers of numpy as numbers, dates as ISO text."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, date):  # also datetime and the Timestamp of pandas
        return value.isoformat()
    msg = f"no JSON for {type(value).__name__}"
    raise TypeError(msg)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_json_value
)


def _json(value: object) -> str:
    text = _ENCODER.encode(value)
    # Half a character, which no database takes as text; ASCII is quick to tell.
    if not text.isascii():
        text.encode()
    return text
