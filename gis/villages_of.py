"""Which village the rows of a layer lie in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gis.crs import to_wgs84
from gis.layers import WGS84

_DEGREES = CRS(WGS84)


def village_of(
    lon: npt.ArrayLike, lat: npt.ArrayLike, villages: gpd.GeoDataFrame
) -> npt.NDArray[np.int64]:
    """Return the position of the village that each point lies in, (n,); -1 for none.

    Parameters
    ----------
    lon, lat
        (n,) degrees; NaN lies nowhere.
    villages
        Layer villages. Where two overlap, the first one counts.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    found = np.full(len(lon), -1, np.int64)
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if len(known) and len(villages):
        shapes = np.asarray(_in_degrees(villages.geometry).array, dtype=object)
        points = np.asarray(shapely.points(lon[known], lat[known]), dtype=object)
        village, point = shapely.STRtree(points).query(shapes, predicate="intersects")
        order = np.argsort(-village, kind="stable")
        found[known[point[order]]] = village[order]
    return found


def _in_degrees(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return shapes in EPSG:4326; where they are, as they are, which costs nothing."""
    return shapes if shapes.crs == _DEGREES else to_wgs84(shapes)


def village_of_rows(frame: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> list[str | None]:
    """Return the code of the village that each row lies in, (n,); None where it lies in none.

    A row without a shape is in the village that its column `village` names. A shape lies where a
    point inside it lies; on a common border the village that comes first has it.

    Parameters
    ----------
    frame
        Rows of any layer, EPSG:4326.
    villages
        The layer of villages, EPSG:4326.

    Examples
    --------
    >>> from shapely import Point, box
    >>> halves = gpd.GeoDataFrame(
    ...     {"code": ["w", "e"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(1.5, 0.5), Point(1, 0.5), Point(9, 9)], crs=4326
    ... )
    >>> village_of_rows(places, halves)
    ['e', 'w', None]
    """
    codes = [*villages["code"].tolist(), None]  # position -1 is no village
    inner = shapely.point_on_surface(np.asarray(frame.geometry.array, dtype=object))
    x, y = shapely.get_x(inner), shapely.get_y(inner)
    owners = [codes[at] for at in village_of(x, y, villages).tolist()]
    if "village" in frame:
        named = zip(owners, np.isnan(x).tolist(), frame["village"].tolist(), strict=True)
        known = set(codes[:-1])
        owners = [(name if name in known else None) if bare else own for own, bare, name in named]
    return owners
