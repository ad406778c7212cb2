"""The geometry of a layer against its schema: every shape that cannot be used, by row."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.crs import check_lonlat, to_wgs84
from gis.errors import CrsError
from gis.layers import WGS84
from gis.schema import LayerSchema

Problems = list[tuple[int | None, str]]

NO_CRS = "no coordinate system: say which, such as --crs wgs84 or --crs EPSG:4549"

_REASON = re.compile(r"(.+)\[(\S+) (\S+)\]")


def check_geometry(
    shapes: gpd.GeoSeries,
    schema: LayerSchema,
    extent: tuple[float, float, float, float] | None = None,
) -> tuple[gpd.GeoSeries, Problems]:
    """Return the shapes in WGS 84, two-dimensional, and what is wrong with which.

    Parameters
    ----------
    shapes
        Geometry of the rows, in any CRS. A MultiPoint of one point is taken as that point.
    schema
        Layer they should fit.
    extent
        (west, south, east, north) of the town, degrees, to tell swapped coordinates by.

    Returns
    -------
    GeoSeries
        Same index, EPSG:4326.
    list
        (position 0..n-1, problem); position None where it concerns every row.

    Examples
    --------
    >>> from gis.schema import schema
    >>> bow_tie = gpd.GeoSeries.from_wkt(["POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"], crs=WGS84)
    >>> check_geometry(bow_tie, schema("areas"))[1]
    [(0, 'Self-intersection at lon 0.5, lat 0.5: the shape is not valid, redraw it there')]
    """
    array = np.asarray(shapes.array, dtype=object)
    flat, problems = _there(array)
    flat = _single_points(shapely.force_2d(flat))
    problems += _type_problems(flat, schema)
    placed, declared = _placed(gpd.GeoSeries(flat, index=shapes.index, crs=shapes.crs))
    problems += declared
    degrees, lost = _finite(np.asarray(placed.array, dtype=object))
    problems += [(row, "lies outside the area that its CRS is made for") for row in lost]
    problems += _validity_problems(degrees)
    if shapes.crs is not None or _mostly_degrees(degrees):
        rows = np.flatnonzero(~shapely.is_missing(degrees))
        off = check_lonlat(shapely.bounds(degrees[rows]), extent)
        problems += [(int(rows[at]), problem) for at, problem in off.items()]
    return placed, problems


def _there(array: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], Problems]:
    """Return the shapes that can be looked at (None for the rest), and why not the others."""
    missing = shapely.is_missing(array)
    empty = shapely.is_empty(array)
    kept, lost = _finite(array)
    kept[empty] = None
    problems: Problems = [(int(row), "no geometry") for row in np.flatnonzero(missing)]
    problems += [(int(row), "empty geometry") for row in np.flatnonzero(empty)]
    problems += [(row, "a coordinate is not a finite number") for row in lost if not empty[row]]
    return kept, problems


def _finite(array: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], list[int]]:
    """Return the shapes without those that hold NaN or infinity, and the rows of these."""
    # The box of a polygon does not tell: it may pass over a NaN.
    coordinates, rows = shapely.get_coordinates(array, return_index=True)
    lost = np.unique(rows[~np.isfinite(coordinates).all(axis=1)])
    kept = array.copy()
    kept[lost] = None
    return kept, lost.tolist()


def _single_points(array: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    is_multi = shapely.get_type_id(array) == shapely.GeometryType.MULTIPOINT
    single = is_multi & (shapely.get_num_geometries(array) == 1)
    points = array.copy()
    points[single] = shapely.get_geometry(array[single], 0)
    return points


def _type_problems(array: npt.NDArray[np.object_], schema: LayerSchema) -> Problems:
    types = pd.Series([shape.geom_type for shape in array if shape is not None], dtype=str)
    rows = np.flatnonzero(~shapely.is_missing(array))
    wrong = ~types.isin(schema.geometry_types)
    return [
        (int(row), f"is a {kind}, where a {schema.geometry} is needed")
        for row, kind in zip(rows[wrong], types[wrong], strict=True)
    ]


def _placed(shapes: gpd.GeoSeries) -> tuple[gpd.GeoSeries, Problems]:
    if shapes.crs is None:
        return shapes.set_crs(WGS84), [(None, NO_CRS)]
    try:
        return to_wgs84(shapes), []
    except CrsError as error:
        return shapes.set_crs(WGS84, allow_override=True), [(None, str(error))]


def _validity_problems(array: npt.NDArray[np.object_]) -> Problems:
    wrong = np.flatnonzero(~shapely.is_missing(array) & ~shapely.is_valid(array))
    return [(int(row), _reason(shapely.is_valid_reason(array[row]))) for row in wrong]


def _reason(text: str) -> str:
    match = _REASON.fullmatch(text)
    where = f"{match[1]} at lon {match[2]}, lat {match[3]}" if match else text
    return f"{where}: the shape is not valid, redraw it there"


def _mostly_degrees(array: npt.NDArray[np.object_]) -> bool:
    """Return whether coordinates without a CRS can only be meant as degrees."""
    boxes = shapely.bounds(array[~shapely.is_missing(array)])
    return bool(len(boxes)) and bool((np.median(np.abs(boxes), axis=0) <= 180).all())
