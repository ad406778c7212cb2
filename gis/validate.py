"""A frame against the schema of its layer: every fault, with row ids, raised once."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from gis.errors import Fault, LayerFaultsError
from gis.layers import conform
from gis.read_limits import limit
from gis.schema import LayerSchema, schema
from gis.validate_geometry import check_geometry
from gis.validate_values import cast, quoted


def validate(
    frame: pd.DataFrame,
    layer: str,
    *,
    source: str | None = None,
    extent: BaseGeometry | None = None,
    faults: Sequence[Fault] = (),
) -> gpd.GeoDataFrame:
    """Return a frame checked and cast to the schema of its layer.

    Values may be spelled as files spell them: numbers, dates and flags as text, words in any
    case, `code` as a whole number. Columns that the schema does not know stay as they are.

    Parameters
    ----------
    frame
        Rows of one layer in any CRS. The index is what messages call a row.
    layer
        Name of the layer.
    source
        File or place it came from, for the message.
    extent
        Known area of the town, EPSG:4326, to tell swapped coordinates by.
    faults
        What the reader of the file found already; reported together with the rest.

    Returns
    -------
    GeoDataFrame
        Same index, EPSG:4326, columns as `gis.layers.conform` orders them. Dates are ISO text;
        a time of day in a date column is dropped, as are heights of the geometry.

    Raises
    ------
    LayerFaultsError
        If anything is wrong; it holds every fault found, of one column at most as many as
        `data/profiles/limits.toml` says, and then one that says that there are more.
    NotFoundError
        If there is no such layer.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": [7.0], "place_layer": "sites", "place_code": "a", "key": "k"})
    >>> validate(rows, "facts")["code"].tolist()
    ['7']
    """
    known = schema(layer)
    rows = _row_ids(frame)
    found = [*faults, *_frame_faults(frame, known)]
    plain = _first_of_each(frame)
    values, value_faults = _cast_all(plain, known, rows)
    found += value_faults
    shapes, shape_faults = _geometry(frame, known, rows, extent)
    told = {fault.row for fault in faults}
    found += [f for f in shape_faults if f.problem != "no geometry" or f.row not in told]
    if found:
        order = {row: position for position, row in reversed(list(enumerate(rows)))}
        found.sort(key=lambda fault: -1 if fault.row is None else order.get(fault.row, -1))
        raise LayerFaultsError(layer, found, source)
    checked = plain.assign(**{str(name): column for name, column in values.items()})
    return conform(checked if shapes is None else checked.assign(geometry=shapes), layer)


def _row_ids(frame: pd.DataFrame) -> list[int | str]:
    return [row if isinstance(row, int | str) else str(row) for row in frame.index.tolist()]


def _first_of_each(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns as a plain frame: no geometry, of two with one name the first."""
    active = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    kept = ~frame.columns.duplicated() & ~frame.columns.isin([active, "geometry"])
    return pd.DataFrame(frame.loc[:, kept]).rename(columns=str)


def _frame_faults(frame: pd.DataFrame, known: LayerSchema) -> list[Fault]:
    faults = [] if len(frame) else [Fault(None, None, "the layer has no rows")]
    twice = frame.columns[frame.columns.duplicated()].unique()
    faults += [Fault(None, str(name), "two columns have this name") for name in twice]
    names = [str(name) for name in frame.columns]
    faults += [
        Fault(None, column.name, f"this column is missing; {_hint(column.name, names)}")
        for column in known.columns
        if column.required and column.name not in names
    ]
    return faults


def _hint(name: str, names: list[str]) -> str:
    plain = {other.casefold().strip(): other for other in names}
    near = difflib.get_close_matches(name, plain, n=1, cutoff=0.8)
    if near:
        return f"rename the column {quoted(plain[near[0]])}, or map it"
    return f"the file has: {', '.join(names) or 'no columns'}"


def _cast_all(
    frame: pd.DataFrame, known: LayerSchema, rows: list[int | str]
) -> tuple[dict[str, pd.Series[Any]], list[Fault]]:
    values: dict[str, pd.Series[Any]] = {}
    faults: list[Fault] = []
    most = limit("layer", "faults")
    for column in known.columns:
        if column.name not in frame:
            continue
        values[column.name], problems = cast(frame[column.name], column, most)
        # Where too many are wrong the rest was not looked at, so it is blank without meaning it.
        if column.required and len(problems) <= most:
            blank = np.flatnonzero(values[column.name].isna()).tolist()
            problems |= {at: "is missing" for at in blank[: most + 1] if at not in problems}
        if column.name == "code":
            problems |= _repeated(values["code"], rows, most)
        found = [Fault(rows[at], column.name, problem) for at, problem in problems.items()]
        faults += _bounded(found, column.name, most)
    return values, faults


def _bounded(faults: list[Fault], column: str, most: int) -> list[Fault]:
    """Return the first faults of a column, and one more if there are more."""
    if len(faults) <= most:
        return faults
    more = f"more than {most:,} faults: the first are told, the rest was not looked at"
    return [Fault(None, column, more), *faults[:most]]


def _repeated(codes: pd.Series[Any], rows: list[int | str], most: int) -> dict[int, str]:
    """Return which codes were there before; of very many the first."""
    first: dict[str, int] = {}
    problems: dict[int, str] = {}
    for at in np.flatnonzero(codes.notna()).tolist():
        code = codes.iloc[at]
        if first.setdefault(code, at) != at:
            problems[at] = f"{quoted(code)} is already the code of row {rows[first[code]]}"
            if len(problems) > most:
                break
    return problems


def _geometry(
    frame: pd.DataFrame,
    known: LayerSchema,
    rows: list[int | str],
    extent: BaseGeometry | None,
) -> tuple[gpd.GeoSeries | None, list[Fault]]:
    if known.geometry == "table" or frame.empty:
        return None, []
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        problem = (
            f"there is no geometry, where each row is a {known.geometry}; "
            "a table needs the columns lon and lat, or wkt"
        )
        return None, [Fault(None, "geometry", problem)]
    box = None if extent is None else extent.bounds
    shapes, problems = check_geometry(frame.geometry, known, box)
    most = limit("layer", "faults")
    faults = [
        Fault(None if at is None else rows[at], "geometry", problem)
        for at, problem in problems[: most + 1]
    ]
    return shapes, _bounded(faults, "geometry", most)
