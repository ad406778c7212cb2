"""How far one gets in a time: exactly, as parts of streets, and as areas on a map.

The exact answer is `reachable`: times run evenly along each edge. The area of a band is what lies
within 30 m of a part reached in its time and no nearer, by more than 4 m, to a part of a street
that the mode may use but does not reach by then. How deep inside a place lies is taken at the
points of a raster of 11 m, and the outline is drawn where it turns to nothing. Bands nest: what
is reached grows and what is not shrinks from band to band.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gis.errors import ParameterError
from gis.isochrones_draw import APART_M, NEAR_M, draw, draw_each
from gis.isochrones_kernels import boxes_of, cut_lines, near_edges
from gis.isochrones_outline import areas_of, no_rings
from gis.isochrones_parts import Trips, reached_parts
from gis.isochrones_times import Ground, clusters, entered, ground_of, trips
from gis.streets import Streets
from gis.trip_ends import ends_of

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]


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
    ground, found = ground_of(streets), trips(streets, ends, mode, bands[-1], merge=merge)
    areas = (_merged if merge else _each)(ground, found, np.array(bands))
    groups = [-1] if merge else list(range(len(ends.edge)))
    # Geometries that are given apart are copied and their system compared, which takes as long
    # as the search.
    return gpd.GeoDataFrame(
        {
            "point": np.repeat(groups, len(bands)).astype(np.int64),
            "band_s": np.tile(np.array(bands), len(groups)),
            "geometry": _as_points(areas, streets, points),
        },
        geometry="geometry",
        crs=points.crs,
    )


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
    edges, times = entered(trips(streets, ends, mode, limit_s, merge=True))
    edge, start, end = reached_parts(edges, times, float(limit_s))
    lines = streets.edge_geometry[edge]
    cut = np.flatnonzero((start > 0) | (end < 1))
    xy, part = cut_lines(edge[cut], start[cut], end[cut], ground_of(streets).drawing)
    lines[cut] = shapely.linestrings(xy, indices=part)
    return gpd.GeoDataFrame(
        {
            "edge": edge,
            "street": streets.edge_street[edge],
            "geometry": _as_points(lines, streets, points),
        },
        geometry="geometry",
        crs=points.crs,
    )


def _as_points(
    made: Geometries, streets: Streets, points: gpd.GeoSeries | gpd.GeoDataFrame
) -> Geometries:
    """Return geometries of the network in the CRS of the points."""
    crs = points.crs
    # A local system is never "exactly the same" as its copy, and would be reckoned to itself.
    if crs == streets.crs:
        return made
    moved = gpd.GeoSeries(made, crs=streets.crs).to_crs(CRS(crs))
    return np.asarray(moved.array, dtype=object)


def _each(ground: Ground, found: Trips, bands: Floats) -> Geometries:
    """Return the area of each band of each group, empty where nothing is reached."""
    rings = draw_each(found, ground.rough, ground.squares, bands)
    return areas_of(rings, (len(found.found_at) - 1) * len(bands))


def _merged(ground: Ground, found: Trips, bands: Floats) -> Geometries:
    """Return the area of each band of a single group."""
    edges, times = entered(found)
    boxes = boxes_of(*reached_parts(edges, times, float(bands[-1])), ground.rough)
    rings, taken = no_rings(4096, 64), np.zeros(len(found.whole) // 2, dtype=bool)
    # What lies far apart is drawn apart, or the raster would hold all the land between.
    for near in clusters(boxes, APART_M) if len(boxes) else []:
        close = near_edges(near, NEAR_M, found.whole, ground.squares, taken)
        rings = draw(near, close, times, ground.rough, bands, 0, rings)
    return areas_of(rings, len(bands))
