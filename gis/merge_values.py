"""Cells of two states of a layer compared: blank, the same, moved how far. Arrays in and out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.crs import crs_of_frames, to_metres
from gis.layers import WGS84
from gis.validate_values import PLAIN_NUMBER

Objects = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]

# Sheets keep 15 to 17 digits of a number, so the last ones of a float64 may differ.
RELATIVE = 1e-12

# 0.1 mm; a map program may move a vertex by less when it only saves. Points lose more where a
# sheet or a platform keeps six decimals: 5 cm.
SAME_PLACE_DEG = 1e-9
SAME_POINT_DEG = 5e-7

_SINGLE = {
    shapely.GeometryType.MULTIPOINT,
    shapely.GeometryType.MULTILINESTRING,
    shapely.GeometryType.MULTIPOLYGON,
}


def cells_of(frame: pd.DataFrame, codes: Sequence[str], column: str) -> Objects:
    """Return the cells of a column in the order of some codes.

    Parameters
    ----------
    frame
        Rows with unique codes in the column `code`.
    codes
        Wanted codes.
    column
        Name of a column; may be absent.

    Returns
    -------
    ndarray
        (n,) objects; None where the value is missing, or there is no such row or column.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a", "b"], "size": [1.5, float("nan")]})
    >>> cells_of(frame, ["b", "a", "c"], "size").tolist()
    [None, 1.5, None]
    """
    cells: Objects = np.full(len(codes), None, dtype=object)
    if column in frame:
        place = {code: at for at, code in enumerate(frame["code"].tolist())}
        at = [place.get(code, -1) for code in codes]
        known = np.full(len(frame) + 1, None, dtype=object)
        known[:-1] = frame[column].tolist()
        known[:-1][frame[column].isna().to_numpy()] = None
        cells[:] = known[at]  # -1, no such row, is the last
    return cells


def is_blank(cells: Objects) -> Bools:
    """Return where a cell holds nothing, (n,)."""
    return np.array([cell is None for cell in cells.tolist()], dtype=bool)


def same_cells(first: Objects, second: Objects, column: str) -> Bools:
    """Return where two columns hold the same, (n,).

    Numbers are the same to 12 digits, however they are spelled; texts if they differ by blanks
    at their ends only. Shapes (column "geometry") are the same if no vertex is farther than
    0.1 mm from its place (5 cm for points), wherever a ring begins; a multipolygon of one part
    is that part.

    Examples
    --------
    >>> same_cells(np.array(["2", None, "x"], object), np.array([2, "y", "x "], object), "a")
    array([ True, False,  True])
    """
    if column == "geometry":
        return _same_shapes(first, second)
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    return np.array([a is b or _same(a, b) for a, b in pairs], dtype=bool)


def same_cell(first: object, second: object, column: str) -> bool:
    """Return whether two cells hold the same; see `same_cells`.

    Examples
    --------
    >>> same_cell("2.0", 2, "size"), same_cell("a", None, "name")
    (True, False)
    """
    if column != "geometry":
        return first is second or _same(first, second)
    pair = np.array([first, None]), np.array([second, None])
    return bool(_same_shapes(*pair)[0])


def moved_m(first: Objects, second: Objects) -> npt.NDArray[np.float64]:
    """Return how far shapes are from each other in metres, (n,); NaN where one is missing.

    The distance is that of Hausdorff: between points their distance, between other shapes the
    farthest that any part of one is from the other.

    Parameters
    ----------
    first, second
        (n,) shapes in EPSG:4326, or None.
    """
    here, there = (gpd.GeoSeries(list(shapes), crs=WGS84) for shapes in (first, second))
    if here.isna().all() or there.isna().all():
        return np.full(len(first), np.nan)
    crs = crs_of_frames(gpd.GeoDataFrame(geometry=here), gpd.GeoDataFrame(geometry=there))
    metric = (np.asarray(to_metres(shapes, crs).array, dtype=object) for shapes in (here, there))
    return np.asarray(shapely.hausdorff_distance(*metric), dtype=np.float64)


def _same(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return False
    if isinstance(a, str) and isinstance(b, str):
        return a == b or a.strip() == b.strip()
    x, y = _number(a), _number(b)
    if x is not None and y is not None:
        return x == y or math.isclose(x, y, rel_tol=RELATIVE)
    return bool(str(a).strip().lower() == str(b).strip().lower())


def _number(value: Any) -> float | None:
    """Return what a value is as a number; None for a flag or another text."""
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, int | float | np.number):
        return float(value)
    spelled = isinstance(value, str) and PLAIN_NUMBER.fullmatch(value.strip())
    return float(value) if spelled else None


def _same_shapes(first: Objects, second: Objects) -> Bools:
    here, there = _single(first), _single(second)
    points = shapely.get_type_id(here) == shapely.GeometryType.POINT
    same = shapely.equals_exact(here, there, np.where(points, SAME_POINT_DEG, SAME_PLACE_DEG))
    # The direction of a street means something, that of a ring does not.
    rings = np.flatnonzero(~same & (shapely.get_dimensions(here) == 2))
    one, other = shapely.normalize(here[rings]), shapely.normalize(there[rings])
    same[rings] = shapely.equals_exact(one, other, SAME_PLACE_DEG)
    return np.asarray(same | (is_blank(first) & is_blank(second)), dtype=bool)


def _single(shapes: Objects) -> Objects:
    """Return the shapes, one part in place of a multiple shape of one part."""
    single = shapes.copy()
    kinds = shapely.get_type_id(single)
    lone = np.isin(kinds, list(_SINGLE)) & (shapely.get_num_geometries(single) == 1)
    single[lone] = shapely.get_geometry(single[lone], 0)
    return single
