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
    ones = _arrays(old)
    others = _arrays(new if len(new) else old.iloc[:0])
    columns = {name: _joined(one, others[name], rows) for name, one in ones.items()}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(rows)), copy=False)
    return _with_geometry(frame) if isinstance(old, gpd.GeoDataFrame) else frame


def _arrays(frame: Any) -> dict[str, Any]:
    """Return the arrays of a table's columns."""
    # Through `frame[name]` each column costs more than all the rest of the work.
    return {name: frame._mgr.iget_values(at) for at, name in enumerate(frame.columns)}


def _joined(one: Any, other: Any, rows: Ints) -> Any:
    """Return rows of two columns, those of the second numbered behind the first."""
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
