"""GeoPackage and GeoJSON as frames, with the row numbers of the file."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry import shape

from gis.errors import CrsError, Fault, FormatError
from gis.layers import WGS84
from gis.read_tables import decode

# How deep the lists of each type go down to a position.
DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


_DAMAGED = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    shapely.errors.ShapelyError,
    UnicodeDecodeError,
)


def read_geojson(
    path: Path, encoding: str | None, declared: CRS | None
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return the features of a GeoJSON file, and what is wrong with their geometry.

    Read with the JSON parser, not with GDAL, which opens other files and hosts where a file
    only claims to be GeoJSON, and turns coordinates it does not like into nothing.

    Parameters
    ----------
    path
        A FeatureCollection or one Feature.
    encoding
        As `gis.read_tables.decode`.
    declared
        What the coordinates are where the file has no `crs` member; None for WGS 84, as the
        standard says.

    Returns
    -------
    GeoDataFrame
        Index = number of the feature, from 1. Lists and objects among the properties are JSON
        text.
    list
        Faults, by row.

    Raises
    ------
    FormatError
        If the file is not GeoJSON.
    CrsError
        If its `crs` member is not known.
    """
    document = _parse(path, encoding)
    features = _features(path, document)
    faults: list[Fault] = []
    shapes = np.full(len(features), None, dtype=object)
    for at, feature in enumerate(features):
        if feature.get("geometry") is not None:
            try:
                shapes[at] = _shape(feature["geometry"])
            except ValueError as error:
                faults.append(Fault(at + 1, "geometry", str(error)))
    rows = pd.RangeIndex(1, len(features) + 1)
    records = [_properties(feature) for feature in features]
    # As objects: a whole number beside a blank must not pass through a float.
    frame = pd.DataFrame(records, index=rows, dtype=object).drop(
        columns="geometry", errors="ignore"
    )
    geometry = gpd.GeoSeries(shapes, index=rows)
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=_crs(path, document, declared)), faults


def read_gpkg(path: Path, layer: str) -> tuple[pd.DataFrame, list[str]]:
    """Return one layer of a GeoPackage, and the warnings met on the way.

    Parameters
    ----------
    path
        The file. Its layer of the same name is read, or the only one it has.
    layer
        Name of the layer.

    Returns
    -------
    DataFrame
        Index = fid of the file; a GeoDataFrame if it has geometry, without CRS if the file
        leaves it undefined.
    list
        Warnings.

    Raises
    ------
    FormatError
        If the file is not a GeoPackage, or holds several layers of other names.
    """
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            msg = f"{path} is not a GeoPackage"
            raise FormatError(msg)
    place = path.resolve()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            names = [str(name) for name in pyogrio.list_layers(place)[:, 0]]
            chosen = _choose(path, names, layer)
            frame = pyogrio.read_dataframe(place, layer=chosen, fid_as_index=True)
        except _DAMAGED as error:
            msg = f"{path} is a damaged GeoPackage: {error}"
            raise FormatError(msg) from error
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None and _undefined(frame.crs):
        frame = frame.set_geometry(gpd.GeoSeries(np.asarray(frame.geometry), index=frame.index))
    return frame, [str(warning.message) for warning in caught]


def _parse(path: Path, encoding: str | None) -> dict[str, Any]:
    try:
        document = json.loads(decode(path, encoding))
    except (json.JSONDecodeError, RecursionError) as error:
        msg = f"{path} is not JSON: {error}"
        raise FormatError(msg) from error
    if not isinstance(document, dict):
        msg = f"{path} is not GeoJSON: it holds a {type(document).__name__}"
        raise FormatError(msg)
    return document


def _features(path: Path, document: dict[str, Any]) -> list[dict[str, Any]]:
    kind = document.get("type")
    features = [document] if kind == "Feature" else document.get("features")
    if kind not in ("Feature", "FeatureCollection") or not isinstance(features, list):
        msg = f"{path} is not a GeoJSON FeatureCollection, but of type {kind!r}"
        raise FormatError(msg)
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            msg = f"{path}: entry {number} of its features is not a Feature"
            raise FormatError(msg)
    return features


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
        for name, value in properties.items()
    }


def _shape(geometry: Any) -> shapely.Geometry:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in DEPTHS:
        msg = f"is of type {kind!r}, where one of {', '.join(DEPTHS)} is needed"
        raise ValueError(msg)
    coordinates = geometry.get("coordinates")
    if not _sound(coordinates, DEPTHS[kind]):
        msg = f"the coordinates are not the lists of numbers that a {kind} has"
        raise ValueError(msg)
    try:
        # NaN is told of by validate, with the rest.
        with np.errstate(invalid="ignore"):
            return shape(geometry)
    except (ValueError, TypeError, IndexError, shapely.errors.ShapelyError) as error:
        msg = f"is not a {kind}: {error}"
        raise ValueError(msg) from error


def _sound(part: Any, depth: int) -> bool:
    """Return whether these are lists of that depth with positions of two to four numbers."""
    if not isinstance(part, list):
        return False
    if depth:
        return all(_sound(inner, depth - 1) for inner in part)
    numbers = all(type(number) in (int, float) for number in part)
    return numbers and (2 <= len(part) <= 4 or not part)


def _crs(path: Path, document: dict[str, Any], declared: CRS | None) -> CRS | None:
    if "crs" not in document:
        return declared or CRS(WGS84)
    if document["crs"] is None:
        return None
    try:
        name = str(document["crs"]["properties"]["name"])
        return CRS(WGS84) if name.endswith("CRS84") else CRS.from_user_input(name)
    except (TypeError, KeyError, CRSError) as error:
        msg = f"{path}: its crs member names no coordinate system that is known"
        raise CrsError(msg) from error


def _choose(path: Path, names: list[str], layer: str) -> str:
    if layer in names:
        return layer
    if len(names) == 1:
        return names[0]
    msg = f"{path} has no layer {layer}; it has: {', '.join(names) or 'none'}"
    raise FormatError(msg)


def _undefined(crs: CRS) -> bool:
    return crs.name.lower().startswith(("undefined", "unknown", "unnamed"))
