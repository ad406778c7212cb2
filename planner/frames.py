"""Tables put together from columns that exist, without copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from geopandas.array import from_shapely
from pandas.arrays import ArrowStringArray

from gis.layers import WGS84

Ints = npt.NDArray[np.int64]
# Columns of a table by name, (n,) arrays each; text may be an array of objects.
Columns = dict[str, Any]

# Up to so many rows in another's place are looked at, to leave the columns that stay as they are.
_FEW = 4


def columns_of(frame: pd.DataFrame | Columns) -> Columns:
    """Return the arrays of a table's columns, by name; they are not to be written to.

    What is given as columns comes back as it is.

    Examples
    --------
    >>> columns_of(pd.DataFrame({"a": [1, 2]}))
    {'a': array([1, 2])}
    """
    if isinstance(frame, dict):
        return frame
    # Through `frame[name]` each column costs more than all the rest of the work.
    inside: Any = frame
    return {name: inside._mgr.iget_values(at) for at, name in enumerate(frame.columns.tolist())}


def table(columns: Mapping[str, Any], index: pd.Index[Any] | None = None) -> pd.DataFrame:
    """Return a table of columns that are shared with whoever made them.

    Parameters
    ----------
    columns
        (n,) arrays, each of the type that its column shall have, or Series of them.
    index
        Its index; absent = 0..n-1.

    Examples
    --------
    >>> table({"a": np.array([1, 2])})["a"].tolist()
    [1, 2]
    """
    arrays = [c.array if isinstance(c, pd.Series) else c for c in columns.values()]
    if index is None:
        index = pd.RangeIndex(len(arrays[0]))
    # The usual way looks at each column again, to learn its type.
    whole: Any = pd.DataFrame
    frame: pd.DataFrame = whole._from_arrays(
        arrays, columns=_names(tuple(columns)), index=index, verify_integrity=False
    )
    return frame


@lru_cache(maxsize=64)
def _names(names: tuple[str, ...]) -> pd.Index[Any]:
    """Return the index of a table's columns; none is ever changed, and to make one is dear."""
    return pd.Index(names, dtype="str")


def found_at(values: Sequence[Any], among: Sequence[Any]) -> Ints:
    """Return where each value stands among others, none of them twice; -1 for those that do not.

    For a few values this is many times quicker than an index of pandas.

    Examples
    --------
    >>> found_at(["b", "x"], ["a", "b"]).tolist()
    [1, -1]
    """
    at = dict(zip(among, range(len(among)), strict=True))
    return np.array([at.get(value, -1) for value in values], np.int64)


def geo_frame(columns: Mapping[str, Any], index: pd.Index[Any]) -> gpd.GeoDataFrame:
    """Return a GeoDataFrame of columns that are shared with whoever made them.

    Parameters
    ----------
    columns
        (n,) each: arrays, or Series with this index; "geometry" is an array of geometries, whose
        CRS the frame has.
    index
        Its index.

    Examples
    --------
    >>> from geopandas.array import from_wkt
    >>> place = from_wkt(["POINT (1 2)"], crs=4326)
    >>> code = pd.array(["a"], dtype="str")
    >>> geo_frame({"code": code, "geometry": place}, pd.RangeIndex(1)).geometry.x.tolist()
    [1.0]
    """
    return _with_geometry(table(columns, index))


def framed(columns: Columns, index: pd.Index[Any] | None = None) -> Any:
    """Return columns as a table, arrays of objects as text, shapes among them as geometry.

    Parameters
    ----------
    columns
        (n,) arrays; with "geometry", shapes in EPSG:4326 or an array of geometries, the table is a
        GeoDataFrame.
    index
        Its index; absent = 0..n-1.

    Examples
    --------
    >>> framed({"code": np.array(["a", None], object)})["code"].isna().tolist()
    [False, True]
    """
    told = {name: _as_column(name, values) for name, values in columns.items()}
    frame = table(told, index)
    return _with_geometry(frame) if "geometry" in told else frame


def _as_column(name: str, values: Any) -> Any:
    if values.dtype != object:
        # Numbers are copied, since whoever has the table may write to it.
        return values.copy()
    return from_shapely(values, crs=WGS84) if name == "geometry" else pd.array(values, dtype="str")


def rows_of_both(old: Columns, new: Columns, rows: Ints) -> Columns:
    """Return rows of two sets of the same columns, those of the second numbered behind the first.

    Examples
    --------
    >>> rows_of_both({"a": np.array([1])}, {"a": np.array([3])}, np.array([1, 0]))
    {'a': array([3, 1])}
    """
    count = len(next(iter(old.values())))
    # Of columns without rows the types may not be what they are with some.
    if not len(next(iter(new.values()))):
        return {name: values[rows] for name, values in old.items()}
    if not count:
        return {name: values[rows] for name, values in new.items()}
    return {name: joined(values, new[name], rows) for name, values in old.items()}


def taken(old: pd.DataFrame, new: pd.DataFrame, rows: Ints) -> Any:
    """Return rows of two tables with the same columns, numbered 0..m-1.

    Parameters
    ----------
    old, new
        (n,) and (k,) rows.
    rows
        (m,) positions; those of the second table are numbered from n on.

    Returns
    -------
    DataFrame
        A GeoDataFrame where the first table is one.

    Examples
    --------
    >>> one, two = pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [3]})
    >>> taken(one, two, np.array([0, 2, 1]))["a"].tolist()
    [1, 3, 2]
    """
    ones, others = columns_of(old), columns_of(new if len(new) else old.iloc[:0])
    swapped = _swapped(rows, len(old))
    columns = {name: _taken(one, others[name], rows, swapped) for name, one in ones.items()}
    frame = table(columns, pd.RangeIndex(len(rows)))
    return _with_geometry(frame) if isinstance(old, gpd.GeoDataFrame) else frame


def _swapped(rows: Ints, count: int) -> list[tuple[int, int]] | None:
    """Return the few rows that take the place of one, and which: None where more has changed."""
    at = np.flatnonzero(rows[:count] != np.arange(len(rows[:count])))
    other = rows[at] - count
    if len(rows) != count or len(at) > _FEW or (other < 0).any():
        return None
    return list(zip(at.tolist(), other.tolist(), strict=True))


def _taken(one: Any, other: Any, rows: Ints, swapped: list[tuple[int, int]] | None) -> Any:
    """Return rows of two columns; where only `swapped` differ, text that is the same is shared."""
    same = swapped is not None and isinstance(one, ArrowStringArray) and one.dtype == other.dtype
    if same and all(one[at : at + 1].equals(other[k : k + 1]) for at, k in swapped or ()):
        return one.view()
    return joined(one, other, rows)


def joined(one: Any, other: Any, rows: Ints) -> Any:
    """Return rows of two columns, those of the second numbered behind the first.

    Examples
    --------
    >>> joined(np.array([1, 2]), np.array([3]), np.array([2, 0])).tolist()
    [3, 1]
    """
    if one.dtype != other.dtype:
        return pd.concat([pd.Series(one), pd.Series(other)]).array.take(rows)
    if isinstance(one, np.ndarray):
        return np.concatenate([one, other])[rows]
    return one._concat_same_type([one, other]).take(rows)


def _with_geometry(frame: Any) -> gpd.GeoDataFrame:
    """Return a table as one with the geometry, and the CRS, of its column geometry."""
    # The usual way is ten times dearer: it sets the geometry, and compares its CRS, three times.
    kind: Any = gpd.GeoDataFrame
    whole: gpd.GeoDataFrame = kind._from_mgr(frame._mgr, frame.axes)
    whole._geometry_column_name = "geometry"
    return whole
