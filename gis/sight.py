"""What a camera sees past the buildings: exact visibility polygons.

The far limit is a chord polygon, the walls are straight, so the answer is exact: the part of the
sector from which a straight line to the camera meets no footprint (two dimensions, opaque walls).
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gis.errors import CrsError, Fault, LayerFaultsError, ParameterError
from gis.footprints import Footprints, dissolve, prepare, step_outside
from gis.sight_heights import without_low_walls
from gis.sight_kernels import sweep

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

# A camera this deep inside a footprint hangs on its facade; deeper, its position is wrong.
FACADE_M = 2.0
# So many cameras are looked through at a time.
AT_ONCE = 4096


def visible(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    chord_deg: float = 1.0,
) -> gpd.GeoSeries:
    """Return what each camera sees past the buildings.

    Parameters
    ----------
    cameras
        Points in a projected CRS (metres). Columns azimuth_deg (clockwise from +y; NaN or absent
        = all round), fov_deg (absent or 360 = all round), range_m, near_m (absent = 0).
    buildings
        Footprints in the same CRS; overlapping ones are dissolved first.
    chord_deg
        Longest step of the far limit's vertices, which lie at
        azimuth - fov / 2 + k * fov / ceil(fov / chord_deg).

    Returns
    -------
    GeoSeries
        Polygons with the index and CRS of `cameras`, without the footprints; empty where a
        camera is more than 2 m inside a footprint. One up to 2 m inside sees from its facade.

    Raises
    ------
    CrsError
        If a CRS is missing, not in metres, or not the same for both.
    LayerFaultsError
        If a geometry is no point or a number is missing or out of its limits: all rows at once.
    ParameterError
        If `chord_deg` is not from 0.01 to 90.

    Examples
    --------
    >>> camera = gpd.GeoDataFrame(
    ...     {"azimuth_deg": [0.0], "fov_deg": [90.0], "range_m": [50.0]},
    ...     geometry=gpd.points_from_xy([0], [0]), crs=32651,
    ... )
    >>> wall = gpd.GeoSeries([shapely.box(-100, 10, 100, 20)], crs=32651)
    >>> float(visible(camera, wall).area.iloc[0].round(6))
    100.0
    """
    _check_crs(cameras, buildings)
    if not 0.01 <= chord_deg <= 90:
        msg = f"chord_deg must be from 0.01 to 90, not {chord_deg}"
        raise ParameterError(msg)
    table = _camera_table(cameras)
    footprints = dissolve(_within_reach(buildings.geometry.to_numpy(), table))
    table[:, :2] = step_outside(table[:, :2], footprints, FACADE_M)
    opaque = np.column_stack([table, np.full(len(table), np.nan)])
    views, _ = views_past(opaque, footprints, chord_deg=chord_deg)
    return gpd.GeoSeries(views, index=cameras.index, crs=cameras.crs)


def views_past(
    table: Floats, footprints: Footprints, *, chord_deg: float, target_m: float = 0.0
) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """Return what cameras see past walls, over those lower than the camera where both are known.

    Parameters
    ----------
    table
        (n, 7) x, y, azimuth_deg (from +y clockwise, NaN = all round), fov_deg (360 = all round),
        range_m, near_m (below range_m; 0 = none), height_m (NaN = below every wall). A row with
        another number missing, or a range of 0, sees nothing.
    footprints
        From `gis.footprints.prepare`; cameras stand outside, see `step_outside`.
    chord_deg
        Longest step of the far limit's vertices.
    target_m
        What must be seen stands so high above the ground.

    Returns
    -------
    polygons, past_walls
        (n,) polygons without any footprint, maybe empty; and (n,) True where the camera's height
        is known and no wall of unknown height, which is taken as opaque, bounds the view.

    Examples
    --------
    >>> from gis.footprints import prepare
    >>> wall = prepare([shapely.box(-99, 9, 99, 10)], [3.0])
    >>> camera = np.array([[0, 0, 0, 90, 50, 0, 6.0]])  # twice as high: hides 10 to 20 m
    >>> views, past_walls = views_past(camera, wall, chord_deg=1)
    >>> round(views[0].intersection(shapely.box(-99, 0, 99, 20)).area, 6), past_walls
    (81.0, array([ True]))
    """
    views = np.full(len(table), shapely.Polygon(), dtype=object)
    past_walls = np.isfinite(table[:, 6])
    numbers = np.isfinite(table[:, [0, 1, 3, 4, 5]]).all(axis=1)
    rows = np.flatnonzero(numbers & (table[:, 4] > 0) & (table[:, 3] > 0))
    # Piece by piece, so that what is needed on the way does not grow with the cameras.
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        views[some], known = _past(table[some], footprints, chord_deg, target_m)
        past_walls[some] &= known
    return views, past_walls


def _past(
    table: Floats, footprints: Footprints, chord_deg: float, target_m: float
) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """Return the views of cameras whose numbers are sound, and if known walls alone bound each."""
    table[:, 6] = np.where(np.isfinite(table[:, 6]), table[:, 6], np.nan)
    kernel, arcs = _sectors(table, chord_deg)
    seen, unknown = _swept(kernel, arcs, footprints)
    seen = without_low_walls(seen, table[:, :2], table[:, 4], table[:, 6], footprints, target_m)
    close = table[:, 5] > 0
    if close.any():
        # Without edges in reach the sweep draws the near sector itself, on the same chords.
        near = kernel[close]
        near[:, 4] = table[close, 5]
        dead, _ = _swept(near, arcs[close], _no_walls())
        seen[close] = shapely.difference(seen[close], dead)
    return seen, ~unknown


@cache
def _no_walls() -> Footprints:
    """Return footprints without any."""
    return prepare(np.zeros(0, object))


def _sectors(table: Floats, chord_deg: float) -> tuple[Floats, Ints]:
    """Return the sweep's cameras and the chords of each far limit."""
    azimuth_deg = np.where(np.isnan(table[:, 2]), 0.0, table[:, 2])
    fov_deg = np.where(np.isnan(table[:, 2]), 360.0, np.minimum(table[:, 3], 360.0))
    start = np.radians(azimuth_deg - fov_deg / 2)
    kernel = np.column_stack([table[:, :2], start, np.radians(fov_deg), table[:, 4], table[:, 6]])
    return kernel, np.ceil(fov_deg / chord_deg).astype(np.int64)


def _swept(
    kernel: Floats, arcs: Ints, footprints: Footprints
) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """Return the views past high walls, and whether a wall of unknown height bounds each."""
    xy, first, unknown = sweep(
        kernel,
        arcs,
        footprints.edges,
        footprints.top_m,
        footprints.grid,
        footprints.indptr,
        footprints.members,
    )
    owner = np.repeat(np.arange(len(kernel)), np.diff(first))
    return _polygons(xy + kernel[owner, :2], owner, len(kernel)), unknown


def _polygons(xy: Floats, owner: Ints, count: int) -> Shapes:
    """Return valid polygons of rings given as vertices; fewer than three make an empty one."""
    views = np.full(count, shapely.Polygon(), dtype=object)
    enough = np.bincount(owner, minlength=count) >= 3
    kept = enough[owner]
    number = (np.cumsum(enough) - 1)[owner[kept]]
    views[enough] = shapely.polygons(shapely.linearrings(xy[kept], indices=number))
    wrong = np.flatnonzero(~shapely.is_valid(views))
    for at in wrong:
        mended = shapely.get_parts(shapely.make_valid(views[at], method="structure"))
        solid = mended[shapely.get_dimensions(mended) == 2]
        views[at] = shapely.union_all(solid) if len(solid) else shapely.Polygon()
    return views


def _within_reach(geometry: Any, table: Floats) -> Shapes:
    """Return the footprints that some camera could reach."""
    buildings = np.asarray(geometry, dtype=object)
    x, y, reach = table[:, 0], table[:, 1], table[:, 4] + FACADE_M
    boxes = shapely.box(x - reach, y - reach, x + reach, y + reach)
    _, hit = shapely.STRtree(buildings).query(boxes)
    near: Shapes = buildings[np.unique(hit)]
    return near


def _check_crs(cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | gpd.GeoSeries) -> None:
    for name, frame in (("cameras", cameras), ("buildings", buildings)):
        if frame.crs is None:
            msg = f"{name} have no CRS: put both into one CRS in metres"
            raise CrsError(msg)
        crs = CRS(frame.crs)
        if not crs.is_projected or not math.isclose(crs.axis_info[0].unit_conversion_factor, 1.0):
            msg = f"{name} are not in metres: put both into one CRS in metres (gis.crs.to_metres)"
            raise CrsError(msg)
    if CRS(cameras.crs) != CRS(buildings.crs):
        msg = "cameras and buildings are in different CRS: put both into one, in metres"
        raise CrsError(msg)


def _camera_table(cameras: gpd.GeoDataFrame) -> Floats:
    """Return x, y, azimuth, fov, range, near of each camera (n, 6), every number checked."""
    points = cameras.geometry.to_numpy()
    x, y = shapely.get_x(points), shapely.get_y(points)
    faults = [
        Fault(row, "geometry", "must be a point with finite coordinates")
        for row in cameras.index[~(np.isfinite(x) & np.isfinite(y))]
    ]

    def column(name: str, default: float) -> Floats:
        if name not in cameras:
            return np.full(len(cameras), default)
        numbers = pd.to_numeric(cameras[name], errors="coerce")
        words = cameras.index[numbers.isna() & cameras[name].notna()]
        faults.extend(Fault(row, name, "must be a number") for row in words)
        return np.asarray(numbers.to_numpy(dtype=float, na_value=math.nan))

    azimuth_deg, fov_deg = column("azimuth_deg", math.nan), column("fov_deg", 360.0)
    range_m, near_m = column("range_m", math.nan), column("near_m", 0.0)
    limits = {
        "azimuth_deg": (np.isinf(azimuth_deg), "must be finite, or NaN for all round"),
        "fov_deg": (~((fov_deg > 0) & (fov_deg <= 360)), "must be above 0 and at most 360"),
        "range_m": (~((range_m > 0) & np.isfinite(range_m)), "must be a positive number of metres"),
        "near_m": (~(near_m >= 0) | (near_m >= range_m), "must be from 0 to below range_m"),
    }
    faults += [
        Fault(row, name, problem)
        for name, (wrong, problem) in limits.items()
        for row in cameras.index[wrong]
    ]
    if faults:
        raise LayerFaultsError("cameras", faults)
    fov_deg = np.where(np.isnan(azimuth_deg), 360.0, fov_deg)
    azimuth_deg = np.where(np.isnan(azimuth_deg), 0.0, azimuth_deg)
    return np.column_stack([x, y, azimuth_deg, fov_deg, range_m, near_m])
