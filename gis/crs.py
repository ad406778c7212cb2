"""WGS 84 at the edges, one metric transverse Mercator centred on the town inside."""

from __future__ import annotations

import math
import re
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from gis.errors import CrsError, ParameterError
from gis.layers import WGS84

Frame = TypeVar("Frame", gpd.GeoDataFrame, gpd.GeoSeries)

# Transverse Mercator has no scale worth the name nearer to a pole.
MAX_LATITUDE_DEG = 84.0

# What a file's coordinates may be said to be, beside any EPSG code.
NAMED_CRS = {"wgs84": WGS84, "cgcs2000": "EPSG:4490"}


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
    # NaN fails every comparison, so it is refused here too.
    if not (abs(lon) <= 180 and abs(lat) <= MAX_LATITUDE_DEG):
        msg = f"no town can be centred at lon {lon}, lat {lat}: are the axes swapped?"
        raise CrsError(msg)
    # Adding zero turns -0.0 into 0.0: one place, one name.
    lon, lat = round(lon, 3) + 0.0, round(lat, 3) + 0.0
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

    Examples
    --------
    >>> corners = gpd.GeoSeries.from_xy([120.7, 120.8], [30.1, 30.2], crs=WGS84)
    >>> crs_of_frames(corners.to_frame("geometry")) == town_crs(120.75, 30.15)
    True
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
        If the frame has no CRS, or one that cannot be turned into degrees.

    Examples
    --------
    >>> to_wgs84(gpd.GeoSeries.from_xy([120.7], [30.1], crs="EPSG:4490")).crs.to_epsg()
    4326
    """
    crs = _known(frame)
    if crs.to_epsg() in (4326, 4490):
        return frame.set_crs(WGS84, allow_override=True)
    try:
        return frame.to_crs(degrees_under(crs)).set_crs(WGS84, allow_override=True)
    except ProjError as error:
        msg = f"{crs.name} cannot be turned into {WGS84}: say which CRS it is"
        raise CrsError(msg) from error


def degrees_under(crs: CRS) -> str:
    """Return the degrees, WGS 84 or CGCS2000, that a system is turned into.

    The two are taken as equal, and PROJ searches a third of a second for the way from CGCS2000
    to WGS 84, to move nothing.

    Examples
    --------
    >>> degrees_under(CRS("EPSG:4549")), degrees_under(CRS("EPSG:32651"))
    ('EPSG:4490', 'EPSG:4326')
    """
    own = crs.geodetic_crs
    cgcs2000 = NAMED_CRS["cgcs2000"]
    return cgcs2000 if own is not None and own == CRS.from_user_input(cgcs2000) else WGS84


def to_metres(frame: Frame, crs: CRS) -> Frame:
    """Return a frame in a town's metric CRS.

    Raises
    ------
    CrsError
        If the frame has no CRS, or `crs` is not in metres.

    Examples
    --------
    >>> from shapely import Point
    >>> place = gpd.GeoSeries.from_xy([120.7], [30.1], crs=WGS84)
    >>> to_metres(place, town_crs(120.7, 30.1)).distance(Point(0, 0)).round(6).tolist()
    [0.0]
    """
    if not crs.is_projected or not math.isclose(crs.axis_info[0].unit_conversion_factor, 1.0):
        msg = f"{crs.name} is not in metres: take gis.crs.town_crs"
        raise CrsError(msg)
    _known(frame)
    return frame.to_crs(crs)


def crs_named(name: str) -> CRS:
    """Return the CRS that a user named.

    Parameters
    ----------
    name
        "wgs84", "cgcs2000" or an EPSG code such as "EPSG:4549"; case does not matter.

    Raises
    ------
    ParameterError
        If the name is not of that form; the message says what is.
    CrsError
        If there is no such EPSG code.

    Examples
    --------
    >>> crs_named("wgs84").to_epsg(), crs_named("epsg:4490").to_epsg()
    (4326, 4490)
    """
    plain = name.strip().lower()
    code = re.fullmatch(r"(?:epsg:)?([0-9]{4,6})", plain)
    if code is None and plain not in NAMED_CRS:
        known = ", ".join(NAMED_CRS)
        msg = f"unknown coordinate system {name!r}; known are: {known}, EPSG:<number>"
        raise ParameterError(msg)
    try:
        return CRS.from_user_input(NAMED_CRS[plain] if code is None else f"EPSG:{code[1]}")
    except CRSError as error:
        msg = f"there is no coordinate system EPSG:{code[1] if code else plain}"
        raise CrsError(msg) from error


def check_lonlat(
    boxes: npt.NDArray[np.float64], extent: tuple[float, float, float, float] | None = None
) -> dict[int, str]:
    """Return what is wrong with the position of each box that cannot be where it says.

    A box is wrong if it leaves the earth. It is taken as swapped if it lies outside the
    extent of the town, while with lon and lat exchanged it lies inside. A place that merely
    lies outside is not a fault.

    Parameters
    ----------
    boxes
        (n, 4) west, south, east, north in degrees, all finite.
    extent
        (west, south, east, north) of the town, degrees; without it, 1 degree around the
        median of the boxes, so that a few swapped rows among many are still found.

    Returns
    -------
    dict
        Position of the box to the problem.

    Examples
    --------
    >>> check_lonlat(np.array([[120.7, 30.1, 120.7, 30.1], [30.1, 120.7, 30.1, 120.7]]))
    {1: 'lon 30.1, lat 120.7 is not on earth: lon and lat look swapped'}
    """
    if not len(boxes):
        return {}
    swapped = boxes[:, [1, 0, 3, 2]]
    earth = (-180.0, -90.0, 180.0, 90.0)
    on_earth = _inside(boxes, earth)
    town = extent or _around(boxes[on_earth])
    problems = {}
    for row in np.flatnonzero(~on_earth | (~_touches(boxes, town) & _inside(swapped, town))):
        lon, lat = boxes[row, :2]
        place = f"lon {lon:.7g}, lat {lat:.7g}"
        if on_earth[row]:
            problems[int(row)] = f"{place} is outside the town, but not if lon and lat are swapped"
        elif _inside(swapped[[row]], earth)[0]:
            problems[int(row)] = f"{place} is not on earth: lon and lat look swapped"
        else:
            problems[int(row)] = f"{place} is out of range: not in degrees? say which CRS it is"
    return problems


def _inside(
    boxes: npt.NDArray[np.float64], outer: tuple[float, float, float, float]
) -> npt.NDArray[np.bool_]:
    west, south, east, north = outer
    low = (boxes[:, 0] >= west) & (boxes[:, 1] >= south)
    return low & (boxes[:, 2] <= east) & (boxes[:, 3] <= north)


def _touches(
    boxes: npt.NDArray[np.float64], outer: tuple[float, float, float, float]
) -> npt.NDArray[np.bool_]:
    west, south, east, north = outer
    low = (boxes[:, 2] >= west) & (boxes[:, 3] >= south)
    return low & (boxes[:, 0] <= east) & (boxes[:, 1] <= north)


def _around(boxes: npt.NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return 1 degree around the median of the boxes: the town, if most rows are right."""
    if not len(boxes):
        return (0.0, 0.0, 0.0, 0.0)
    west, south, east, north = np.median(boxes, axis=0)
    return (float(west - 1), float(south - 1), float(east + 1), float(north + 1))


def _known(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> CRS:
    if frame.crs is None:
        msg = "the frame has no CRS: set it, such as frame.set_crs('EPSG:4326')"
        raise CrsError(msg)
    return CRS(frame.crs)
