"""WGS 84 at the edges, one metric transverse Mercator centred on the town inside."""

from __future__ import annotations

import math
from typing import TypeVar

import geopandas as gpd
import numpy as np
from pyproj import CRS

from gis.errors import CrsError
from gis.layers import WGS84

Frame = TypeVar("Frame", gpd.GeoDataFrame, gpd.GeoSeries)

# Transverse Mercator has no scale worth the name nearer to a pole.
MAX_LATITUDE_DEG = 84.0


def town_crs(lon: float, lat: float) -> CRS:
    """Return the metric transverse Mercator centred on a place.

    The centre is rounded to 0.001 degree, so that one town keeps one CRS from run to run.

    Parameters
    ----------
    lon, lat
        Centre in degrees.

    Raises
    ------
    CrsError
        If the place is not on earth, or within 6 degrees of a pole.

    Examples
    --------
    >>> town_crs(120.72, 30.15).axis_info[0].unit_name
    'metre'
    """
    if not (abs(lon) <= 180 and abs(lat) <= MAX_LATITUDE_DEG):
        msg = f"no town can be centred at lon {lon}, lat {lat}: are the axes swapped?"
        raise CrsError(msg)
    return CRS.from_proj4(
        f"+proj=tmerc +lat_0={lat:.3f} +lon_0={lon:.3f} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m"
    )


def crs_of_frames(*frames: gpd.GeoDataFrame) -> CRS:
    """Return the metric CRS of the town that these frames lie in.

    Parameters
    ----------
    frames
        Frames in any CRS; those without a geometry are passed over.

    Raises
    ------
    CrsError
        If a frame has no CRS, or no frame holds a geometry.
    """
    boxes = [to_wgs84(frame).total_bounds for frame in frames if len(frame)]
    known = [box for box in boxes if np.isfinite(box).all()]
    if not known:
        msg = "no geometry tells where the town is: import a layer with places first"
        raise CrsError(msg)
    west, south = np.min(known, axis=0)[:2]
    east, north = np.max(known, axis=0)[2:]
    return town_crs(float(west + east) / 2, float(south + north) / 2)


def to_wgs84(frame: Frame) -> Frame:
    """Return a frame in EPSG:4326, axis order lon, lat; CGCS2000 degrees are taken as equal.

    Raises
    ------
    CrsError
        If the frame has no CRS.
    """
    crs = _known(frame)
    if crs.to_epsg() in (4326, 4490):
        return frame.set_crs(WGS84, allow_override=True)
    return frame.to_crs(WGS84)


def to_metres(frame: Frame, crs: CRS) -> Frame:
    """Return a frame in a town's metric CRS.

    Raises
    ------
    CrsError
        If the frame has no CRS, or `crs` is not in metres.
    """
    if not crs.is_projected or not math.isclose(crs.axis_info[0].unit_conversion_factor, 1.0):
        msg = f"{crs.name} is not in metres: take gis.crs.town_crs"
        raise CrsError(msg)
    _known(frame)
    return frame.to_crs(crs)


def _known(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> CRS:
    if frame.crs is None:
        msg = "the frame has no CRS: set it, such as frame.set_crs('EPSG:4326')"
        raise CrsError(msg)
    return CRS(frame.crs)
