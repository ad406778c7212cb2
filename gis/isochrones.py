"""How far one gets in a time: exactly, as parts of streets, and as areas on a map.

The exact answer is `reachable`: times run evenly along each edge. The area of a band is what lies
within 30 m of a part reached in its time and no nearer, by more than 2 m, to a part of a street
that the mode may use but does not reach by then. How deep inside a place lies is taken at the
points of a raster of 8 m, and the outline is drawn where it turns to nothing. Bands nest: what
is reached grows and what is not shrinks from band to band.
"""

from __future__ import annotations

from collections.abc import Sequence

import contourpy
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely import MultiPolygon, Polygon

from gis.errors import ParameterError
from gis.isochrones_kernels import Times, boxes_of, cut_lines, reached_parts
from gis.isochrones_raster import Raster, nearness, surface
from gis.isochrones_times import Ground, Trips, clusters, ground_of, near, trips
from gis.streets import Streets
from gis.trip_ends import ends_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

CELL_M = 8.0
FAR_M = 30.0
# Between a street that is reached and one that is not, the area leans to the first.
FAVOUR_M = 2.0
HAIR_M = 0.001


def isochrones(
    streets: Streets,
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    mode: str,
    bands_s: Sequence[float] = (60, 180, 300),
    merge: bool = False,
) -> gpd.GeoDataFrame:
    """Return the areas reached from points within each of some times.

    Parameters
    ----------
    streets
        The network.
    points
        Points in any CRS.
    mode
        "foot", "ebike" or "car".
    bands_s
        Times. The area of a band holds those of the shorter ones.
    merge
        True for the areas reached from any of the points.

    Returns
    -------
    GeoDataFrame
        In the CRS of the points: point (position in the points; -1 if merged), band_s, geometry
        (polygons with their holes, empty for a point that no street takes), bands in rising order.

    Raises
    ------
    CrsError, InputError
        If the points have no CRS, or are not points.
    ParameterError
        If there is no such mode, or a band is not a time above 0.
    """
    bands = sorted({float(band) for band in bands_s})
    if not bands or not all(0 < band < np.inf for band in bands):
        msg = f"bands_s is {tuple(bands_s)}; it must be times above 0 s"
        raise ParameterError(msg)
    ends = ends_of(streets, points, mode)
    ground, times_s = ground_of(streets), np.array(bands)
    each = trips(streets, ends, mode, bands[-1], merge=merge)
    areas = [area for one in each for area in _areas(ground, one, times_s, merge)]
    groups = [-1] if merge else list(range(len(ends.edge)))
    frame = gpd.GeoDataFrame(
        {
            "point": np.repeat(groups, len(bands)).astype(np.int64),
            "band_s": np.tile(np.array(bands), len(groups)),
        },
        geometry=gpd.GeoSeries(areas, crs=streets.crs),
    )
    return frame.to_crs(CRS(points.crs))


def reachable(
    streets: Streets,
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    mode: str,
    limit_s: float,
) -> gpd.GeoDataFrame:
    """Return the parts of streets reached from any of the points within a time.

    Parameters
    ----------
    streets
        The network.
    points
        Points in any CRS.
    mode
        "foot", "ebike" or "car".
    limit_s
        The time.

    Returns
    -------
    GeoDataFrame
        In the CRS of the points: edge, street (code), geometry; an edge reached from both ends
        but not in its middle has two rows.

    Raises
    ------
    CrsError, InputError
        If the points have no CRS, or are not points.
    ParameterError
        If there is no such mode, or the limit is not a time.

    Examples
    --------
    >>> line = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 800 0)"], crs="EPSG:32650")
    >>> line = line.translate(500_000, 3_300_000)
    >>> network = Streets.build(line.to_frame("geometry"))
    >>> post = gpd.GeoSeries.from_xy([500_200], [3_300_010], crs="EPSG:32650")
    >>> reachable(network, post, mode="foot", limit_s=60).length.round().tolist()
    [160.0]
    """
    if not 0 <= limit_s < np.inf:
        msg = f"limit_s is {limit_s}; it must be 0 or more seconds"
        raise ParameterError(msg)
    ends = ends_of(streets, points, mode)
    one = next(iter(trips(streets, ends, mode, limit_s, merge=True)))
    edge, start, end = reached_parts(one.edge, one.times, float(limit_s))
    lines = streets.edge_geometry[edge]
    cut = np.flatnonzero((start > 0) | (end < 1))
    xy, part = cut_lines(edge[cut], start[cut], end[cut], ground_of(streets).drawing)
    lines[cut] = shapely.linestrings(xy, indices=part)
    frame = gpd.GeoDataFrame(
        {"edge": edge, "street": streets.edge_street[edge]},
        geometry=gpd.GeoSeries(lines, crs=streets.crs),
    )
    return frame.to_crs(CRS(points.crs))


def _areas(ground: Ground, one: Trips, bands: Floats, merged: bool) -> list[Polygon | MultiPolygon]:
    """Return the area of each band, empty where nothing is reached."""
    edge, start, end = reached_parts(one.edge, one.times, float(bands[-1]))
    boxes = boxes_of(*cut_lines(edge, start, end, ground.drawing), len(edge))
    if not len(boxes):
        return [Polygon()] * len(bands)
    # What lies far apart is drawn apart, or the raster would hold all the land between.
    groups = clusters(boxes, 2 * FAR_M + 8 * CELL_M) if merged else [boxes]
    drawn = [_polygons(ground, group, one.times, bands) for group in groups]
    return [_whole(np.concatenate(parts)) for parts in zip(*drawn, strict=True)]


def _whole(parts: Geometries) -> Polygon | MultiPolygon:
    return parts[0] if len(parts) == 1 else MultiPolygon(list(parts))


def _polygons(ground: Ground, boxes: Floats, times: Times, bands: Floats) -> list[Geometries]:
    """Return the polygons of each band within and around the boxes of what is reached."""
    far = FAR_M / CELL_M
    low = np.floor(boxes[:, :2].min(axis=0) / CELL_M - far) - 2
    high = np.ceil(boxes[:, 2:].max(axis=0) / CELL_M + far) + 3
    raster = Raster(*low.astype(int).tolist(), *(high - low).astype(int).tolist())
    close = near(ground, boxes, times, 2 * FAR_M + CELL_M)
    square, windows = nearness(close, ground.drawing, times, bands, far + 1, CELL_M, raster)
    polygons = []
    for band in range(len(bands)):
        ends = windows[: band + 1]
        bottom, top = ends[:, 0].min(), ends[:, 1].max()
        left, right = ends[:, 2].min(), ends[:, 3].max()
        depth = surface(
            square[:, bottom : top + 1, left : right + 1],
            band, far, FAVOUR_M / CELL_M, HAIR_M / CELL_M,
        )  # fmt: skip
        x = (raster.left + np.arange(left, right + 1)) * CELL_M
        y = (raster.bottom + np.arange(bottom, top + 1)) * CELL_M
        polygons.append(_outlined(depth, x, y))
    return polygons


def _outlined(depth: Floats, x: Floats, y: Floats) -> Geometries:
    """Return polygons of where a surface is above 0."""
    if not depth.size:
        return np.empty(0, dtype=object)
    # `contour_generator` makes the same, and looks for what is masked, which takes it longer.
    contours = contourpy.SerialContourGenerator(
        np.broadcast_to(x, depth.shape),
        np.broadcast_to(y[:, None], depth.shape),
        depth,
        np.zeros((), dtype=bool),  # nothing is masked
        corner_mask=False,
        line_type=contourpy.LineType.ChunkCombinedOffset,
        fill_type=contourpy.FillType.ChunkCombinedOffsetOffset,
        quad_as_tri=False,
        z_interp=contourpy.ZInterp.Linear,
    )
    points, rings, polygons = (part[0] for part in contours.filled(0.0, np.inf))
    if points is None or rings is None or polygons is None:
        return np.empty(0, dtype=object)
    offsets = (rings.astype(np.int64), polygons.astype(np.int64))
    return shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, offsets)
