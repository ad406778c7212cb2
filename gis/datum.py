"""GCJ-02 and BD-09 to and from WGS 84, and what a file's coordinates may be declared to be.

Chinese web maps shift what they show: GCJ-02 (Amap, Tencent) lies some 500 m from WGS 84, BD-09
(Baidu) a further 900 m from that. Both formulas were found out by others and published without
the authority that made them, so a shifted map may itself be a few metres off; what is exact here
is that the way back undoes the way there. CGCS2000 is taken as equal to WGS 84 for planning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from gis.crs import NAMED_CRS, crs_named, degrees_under
from gis.datum_kernels import CHINA, by_blocks, from_bd09, from_gcj02, to_bd09, to_gcj02, within
from gis.errors import CrsError, ParameterError
from gis.layers import WGS84

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return places of WGS 84 in GCJ-02.

    Each point is looked at by itself: outside the rectangle 73.66-135.05 E, 3.86-53.55 N
    GCJ-02 is not applied, and the point comes back as it was (also one that is not finite).

    Parameters
    ----------
    lon, lat
        Degrees, of one shape; lists and single numbers will do.

    Returns
    -------
    lon, lat
        Degrees, new arrays of that shape.

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02([120.75, 24.94], [30.10, 60.17])
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([120.754268, 24.94], [30.097546, 60.17])
    """
    return by_blocks(to_gcj02, lon, lat)


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return places of GCJ-02 in WGS 84, the exact inverse of `wgs84_to_gcj02`.

    The usual single step back errs by a metre or two; this one is repeated until it closes. A
    point that no place in the rectangle of `wgs84_to_gcj02` is moved to comes back as it was.

    Parameters and returns as for `wgs84_to_gcj02`.

    Examples
    --------
    >>> lon, lat = gcj02_to_wgs84([120.754268], [30.097546])
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([120.75], [30.1])
    """
    return by_blocks(from_gcj02, lon, lat)


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return places of GCJ-02 in BD-09; unlike GCJ-02 this step is applied everywhere.

    Parameters and returns as for `wgs84_to_gcj02`.

    Examples
    --------
    >>> lon, lat = gcj02_to_bd09([120.754268], [30.097546])
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([120.76077], [30.103461])
    """
    return by_blocks(to_bd09, lon, lat)


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return places of BD-09 in GCJ-02, the exact inverse of `gcj02_to_bd09`.

    Parameters and returns as for `wgs84_to_gcj02`.

    Examples
    --------
    >>> lon, lat = bd09_to_gcj02([120.76077], [30.103461])
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([120.754268], [30.097546])
    """
    return by_blocks(from_bd09, lon, lat)


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return places of WGS 84 in BD-09, by way of GCJ-02.

    Parameters and returns as for `wgs84_to_gcj02`.
    """
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return places of BD-09 in WGS 84, the exact inverse of `wgs84_to_bd09`.

    Parameters and returns as for `wgs84_to_gcj02`.
    """
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


UNSHIFTS: Mapping[str, Callable[[npt.ArrayLike, npt.ArrayLike], Pair]] = MappingProxyType(
    {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
)


# What projected coordinates in China mostly are: WGS 84 seen as a sphere, UTM, and Gauss-Kruger
# on CGCS2000 in zones of 3 and 6 degrees, with and without the zone before the easting.
WEB_MERCATOR = 3857
MERIDIANS_DEG = range(75, 136, 3)
# Zhejiang's own meridian. Eastings of six digits end four degrees from theirs.
HOME_DEG, REACH_DEG = 120.0, 4.5
# A file may reach beyond what is known of the town by this much, about 10 km.
TOWN_EDGE_DEG = 0.1
ENOUGH = 0.5
SAMPLE = 2000
SWAPPED = " swapped"


@dataclass(frozen=True)
class Declared:
    """What someone said a file's coordinates are.

    Parameters
    ----------
    name
        "wgs84", "cgcs2000", "gcj02", "bd09", or "EPSG:4549" and the like.
    crs
        System of the numbers as they stand in the file.
    shift
        What `unshifted` must undo once the numbers are degrees: "", "gcj02" or "bd09".
    """

    name: str
    crs: CRS = field(repr=False)
    shift: str = ""

    def summary(self) -> str:
        """Return one line: the name, and what is undone."""
        return f"{self.name}, unshifted to WGS 84" if self.shift else self.name


def declared(name: str) -> Declared:
    """Return what a user declared the coordinates of a file to be.

    Parameters
    ----------
    name
        "wgs84", "cgcs2000", "gcj02", "bd09" or an EPSG code such as "EPSG:4549"; case, hyphens
        and blanks do not matter.

    Raises
    ------
    ParameterError
        If the name is not of that form; the message says what is.
    CrsError
        If there is no such EPSG code.

    Examples
    --------
    >>> declared("GCJ-02"), declared("epsg:4549").crs.to_epsg()
    (Declared(name='gcj02', shift='gcj02'), 4549)
    """
    plain = re.sub(r"[\s_-]", "", name).lower()
    if plain in UNSHIFTS:
        return Declared(plain, CRS.from_user_input(WGS84), plain)
    try:
        crs = crs_named(plain)
    except ParameterError:
        known = ", ".join([*NAMED_CRS, *UNSHIFTS])
        msg = f"unknown coordinate system {name!r}; known are: {known}, EPSG:<number>"
        raise ParameterError(msg) from None
    return Declared(plain if plain in NAMED_CRS else f"EPSG:{plain.removeprefix('epsg:')}", crs)


def unshifted(shapes: gpd.GeoSeries, shift: str) -> gpd.GeoSeries:
    """Return shapes with the shift of a Chinese web map undone, vertex by vertex.

    Parameters
    ----------
    shapes
        Any geometry types, in degrees: EPSG:4326 or EPSG:4490, axis order lon, lat. Missing and
        empty ones stay; heights are kept.
    shift
        "gcj02", "bd09", or "" for none, as `Declared.shift` has it.

    Returns
    -------
    GeoSeries
        Same index and name, EPSG:4326.

    Raises
    ------
    ParameterError
        If there is no such shift.
    CrsError
        If the shapes are in another CRS, or none: only degrees are shifted.

    Examples
    --------
    >>> shapes = gpd.GeoSeries.from_xy([120.754268], [30.097546], crs=WGS84)
    >>> unshifted(shapes, "gcj02").get_coordinates().round(6).values.tolist()
    [[120.75, 30.1]]
    """
    if shift and shift not in UNSHIFTS:
        msg = f"unknown shift {shift!r}; known are: {', '.join(UNSHIFTS)}, or none"
        raise ParameterError(msg)
    if shapes.crs is None or shapes.crs.to_epsg() not in (4326, 4490):
        system = "no coordinate system" if shapes.crs is None else shapes.crs.name
        msg = f"only degrees are shifted by {shift or 'a web map'}, and these are in {system}"
        raise CrsError(msg)
    if not shift:
        return shapes.set_crs(WGS84, allow_override=True)
    undo = UNSHIFTS[shift]

    def moved(vertices: Floats) -> Floats:
        lon, lat = undo(vertices[:, 0], vertices[:, 1])
        return np.column_stack([lon, lat, vertices[:, 2:]])

    array = np.array(shapes.array, dtype=object)
    for high in (False, True):
        rows = shapely.has_z(array) == high
        array[rows] = shapely.transform(array[rows], moved, include_z=high)
    return gpd.GeoSeries(array, index=shapes.index, crs=WGS84, name=shapes.name)


def guess_projected(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    extent: tuple[float, float, float, float] | None = None,
) -> tuple[str, ...]:
    """Return the systems in which coordinates that are no degrees would lie where they should.

    Tried are EPSG:3857, UTM on WGS 84, and Gauss-Kruger on CGCS2000: by the zone before the
    easting where there is one (40,xxx,xxx is EPSG:4528), else by central meridian (EPSG:4549).
    Xi'an 1980 and Beijing 1954 have the same numbers within some 100 m, so they cannot be told.

    Parameters
    ----------
    x, y
        (n,) the two numbers of each point as the file has them.
    extent
        (west, south, east, north) of the town, degrees. Without it all of China will do, and
        bare eastings are taken as Zhejiang's: meridians 120, 117 and 123 E.

    Returns
    -------
    tuple
        Names, likeliest first, such as "EPSG:4549", or "EPSG:4549 swapped" where x is the
        northing; none if nothing fits or the numbers are degrees.

    Examples
    --------
    >>> guess_projected([40_572_293.0], [3_331_367.0])
    ('EPSG:4528',)
    >>> guess_projected([3_331_367.0], [572_293.0], (120.6, 30.0, 120.9, 30.2))
    ('EPSG:4549 swapped',)
    """
    across, along = sampled(x, y)
    if not len(across) or are_degrees(across, along):
        return ()
    box, edge_deg = (CHINA, 0.0) if extent is None else (extent, TOWN_EDGE_DEG)
    middle = HOME_DEG if extent is None else (extent[0] + extent[2]) / 2
    found = []
    for suffix, east, north in (("", across, along), (SWAPPED, along, across)):
        for code in _codes(float(np.median(east)), middle):
            lon, lat = degrees_of(CRS.from_epsg(code), east, north)
            if within(box, lon, lat, edge_deg).mean() >= ENOUGH:
                share = float(within(box, lon, lat).mean())
                found.append((share, f"EPSG:{code}{suffix}"))
    return tuple(name for _, name in sorted(found, key=lambda guess: -guess[0]))


def sampled(x: npt.ArrayLike, y: npt.ArrayLike) -> Pair:
    """Return at most 2,000 of the points, evenly through the file, the same ones every time.

    Those that are not finite, or stand at 0, 0 for want of a place, are passed over.
    """
    across, along = np.ravel(np.asarray(x, float)), np.ravel(np.asarray(y, float))
    rows = np.flatnonzero(np.isfinite(across) & np.isfinite(along) & ((across != 0) | (along != 0)))
    if len(rows) > SAMPLE:
        rows = rows[np.linspace(0, len(rows) - 1, SAMPLE).astype(int)]
    return across[rows], along[rows]


def are_degrees(x: Floats, y: Floats) -> bool:
    """Return whether most of these points, (n,) and at least one, can be degrees."""
    return bool(np.median(np.maximum(np.abs(x), np.abs(y))) <= 180)


def degrees_of(crs: CRS, east: Floats, north: Floats) -> Pair:
    """Return coordinates of any system, (n,) each, as degrees; infinite where that cannot be."""
    turn = Transformer.from_crs(crs, degrees_under(crs), always_xy=True)
    lon, lat = turn.transform(east, north)
    return np.asarray(lon), np.asarray(lat)


def _codes(easting: float, middle: float) -> list[int]:
    """Return the EPSG codes of systems with such eastings, the likeliest at a longitude first."""
    codes = []
    zone = int(easting // 1e6)
    if 25 <= zone <= 45:
        codes.append(4513 + zone - 25)
    if 8.1e6 < easting < 15.1e6:
        codes.append(WEB_MERCATOR)
    if 13 <= zone <= 23:
        codes.append(4491 + zone - 13)
    if 1e5 < easting < 9e5:
        near = sorted(
            (deg for deg in MERIDIANS_DEG if abs(deg - middle) <= REACH_DEG),
            key=lambda deg: abs(deg - middle),
        )
        gauss = [4534 + (deg - 75) // 3 for deg in near]
        utm = [32631 + deg // 6 for deg in near if deg % 6 == 3]
        # A zone of 3 degrees ends some 160 km from its meridian, one of UTM at twice that.
        codes += gauss + utm if abs(easting - 5e5) < 1.6e5 else utm + gauss
    return codes
