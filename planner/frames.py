"""Tables put together from columns that exist, without copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]


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
    >>> geo_frame({"code": ["a"], "geometry": place}, pd.RangeIndex(1)).geometry.x.tolist()
    [1.0]
    """
    return _with_geometry(pd.DataFrame(dict(columns), index=index, copy=False))


def taken(old: pd.DataFrame, new: pd.DataFrame, rows: Ints) -> Any:
    """Return rows of two tables with the same columns, numbered 0..m-1.

    Columns that do not change are shared with the first table.

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
    geometric = isinstance(old, gpd.GeoDataFrame)
    old = pd.DataFrame(old)
    new = pd.DataFrame(new)[old.columns] if len(new) else old.iloc[:0]
    n = len(old)
    swapped = np.flatnonzero(rows != np.arange(len(rows)))
    if len(rows) == n and (rows[swapped] >= n).all():
        frame = old.reset_index(drop=True)
        for at in _changed(old.iloc[swapped], new.iloc[rows[swapped] - n]):
            frame.isetitem(at, _joined(old, new, at).take(rows))
    else:
        columns = {name: _joined(old, new, at).take(rows) for at, name in enumerate(old.columns)}
        frame = pd.DataFrame(columns, index=pd.RangeIndex(len(rows)), copy=False)
    return _with_geometry(frame) if geometric else frame


def _with_geometry(frame: Any) -> gpd.GeoDataFrame:
    """Return a table as one with the geometry, and the CRS, of its column geometry."""
    # The usual way is ten times dearer: it sets the geometry, and compares its CRS, three times.
    kind: Any = gpd.GeoDataFrame
    whole: gpd.GeoDataFrame = kind._from_mgr(frame._mgr, frame.axes)
    whole._geometry_column_name = "geometry"
    return whole


def _changed(mine: pd.DataFrame, its: pd.DataFrame) -> list[int]:
    """Return the positions of the columns in which some rows differ."""
    one, other = mine.to_numpy(object), its.to_numpy(object)
    one[pd.isna(one)], other[pd.isna(other)] = None, None
    return np.flatnonzero(~np.asarray(one == other, bool).all(axis=0)).tolist()


def _joined(old: pd.DataFrame, new: pd.DataFrame, at: int) -> Any:
    """Return one column of both tables, one behind the other."""
    one, other = (frame.iloc[:, at].array for frame in (old, new))
    if one.dtype == other.dtype:
        return one._concat_same_type([one, other])
    return pd.concat([pd.Series(one), pd.Series(other)]).array
