"""GeoPackage and GeoJSON as frames, with the row numbers of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry import shape

from gis.errors import CrsError, Fault, FormatError
from gis.layers import WGS84
from gis.read_clean import shown
from gis.read_gdal import read_through_gdal
from gis.read_limits import check_count
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
    check_count(path, int(shapely.get_num_coordinates(shapes).sum()), "layer", "vertices")
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
    for beside in ("-wal", "-journal"):
        log = path.with_name(path.name + beside)
        if log.is_file() and log.stat().st_size:
            msg = f"{path} is open in another program ({log.name} lies beside it): close it there"
            raise FormatError(msg)
    read = read_through_gdal(path, [path], "GPKG", layer)
    frame = read.frame
    if isinstance(frame, gpd.GeoDataFrame) and read.crs is not None:
        crs = _gpkg_crs(path, read.crs)
        frame = frame if crs is None else frame.set_crs(crs)
    return frame, list(read.warnings)


def _gpkg_crs(path: Path, text: str) -> CRS | None:
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        msg = f"{path} names no coordinate system that is known: {text[:100]}"
        raise CrsError(msg) from error
    undefined = crs.name.lower().startswith(("undefined", "unknown", "unnamed"))
    return None if undefined else crs


def _parse(path: Path, encoding: str | None) -> dict[str, Any]:
    text = decode(path, encoding, ends=b",", run="json_run_bytes")
    # Every value becomes an object in memory, and commas part them.
    check_count(path, text.count(","), "text", "json_marks")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
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
        shown(name): json.dumps(value, ensure_ascii=False)
        if isinstance(value, list | dict)
        else value
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
