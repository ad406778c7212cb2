"""Mend chosen faults of a polygon layer, on a copy; nothing is mended unless it is asked for."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.crs import to_wgs84
from gis.errors import InputError
from gis.layers import WGS84
from gis.topology_kernels import as_one

# Kinds of fault for which there is a way; those of the second line need a polygon to give to.
_CUT_OR_REPAIRED = frozenset({"outside", "invalid"})
_GIVEN = frozenset({"overlap", "gap", "scattered"})
# A tenth of a millimetre: on this grid borders that met before still meet.
_GRID_DEG = 1e-9


def mend(frame: gpd.GeoDataFrame, faults: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a copy of a polygon layer with the chosen faults mended as they suggest.

    An overlap is taken from all but the polygon in `give_to`; a gap or a far part is added to
    it; what lies outside is cut off; an invalid shape is replaced by its repair. Look at the
    result, and check it again: mending one fault may touch another.

    Parameters
    ----------
    frame
        The layer that was checked, in any CRS; its codes must be unique.
    faults
        Rows of its table of faults; those of other kinds are passed over.

    Returns
    -------
    GeoDataFrame
        Same index, columns and CRS. Borders that were mended are rounded to 0.1 mm.

    Raises
    ------
    InputError
        If a fault names a code that the frame has not got, or has more than once.

    Examples
    --------
    >>> from gis.topology import check_polygons
    >>> squares = [shapely.box(120.0, 30, 120.0101, 30.01), shapely.box(120.01, 30, 120.02, 30.01)]
    >>> grids = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4326)
    >>> len(check_polygons(mend(grids, check_polygons(grids, "grids")), "grids"))
    0
    """
    shapes = np.asarray(to_wgs84(frame).geometry.array, dtype=object).copy()
    rows = frame["code"].astype(str).reset_index(drop=True)
    changed: set[int] = set()
    chosen = faults[mendable(faults)]
    for kind, codes, give_to, piece in zip(
        chosen["kind"], chosen["codes"], chosen["give_to"], chosen.geometry, strict=True
    ):
        for code in dict.fromkeys((*codes, *([] if pd.isna(give_to) else [give_to]))):
            at = _row_of(rows, code)
            mended = _mended(kind, shapes[at], piece, gets=code == give_to)
            if mended is not shapes[at]:
                shapes[at] = mended
                changed.add(at)
    whole = np.asarray(frame.geometry.array, dtype=object).copy()
    order = sorted(changed)
    back = gpd.GeoSeries(shapes[order], crs=WGS84).to_crs(frame.crs or WGS84)
    whole[order] = np.asarray(back.array, dtype=object)
    return frame.set_geometry(gpd.GeoSeries(whole, index=frame.index, crs=frame.crs))


def mendable(faults: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return for which faults of a table `mend` has a way, (n,)."""
    given = faults["kind"].isin(_GIVEN) & faults["give_to"].notna()
    return np.asarray(given | faults["kind"].isin(_CUT_OR_REPAIRED), dtype=bool)


def _row_of(codes: pd.Series[str], code: str) -> int:
    at = np.flatnonzero(codes == code)
    if len(at) != 1:
        msg = f"{len(at)} rows have the code {code!r}, where one is to be mended: give it to one"
        raise InputError(msg)
    return int(at[0])


def _mended(
    kind: str, shape: shapely.Geometry, piece: shapely.Geometry, *, gets: bool
) -> shapely.Geometry:
    if kind == "invalid":
        return piece
    # The overlap is its keeper's already; a gap was nobody's.
    if kind == ("overlap" if gets else "gap"):
        return shape
    change = shapely.union if gets else shapely.difference
    return as_one(change(shape, piece, grid_size=_GRID_DEG))
