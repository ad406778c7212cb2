"""KML as a frame: places, their names and their further data; nothing it refers to is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import defusedxml.ElementTree
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from defusedxml.common import DefusedXmlException
from shapely.geometry.base import BaseGeometry

from gis.errors import Fault, FormatError
from gis.read_clean import shown
from gis.read_limits import check_count
from gis.read_tables import decode
from gis.validate_values import quoted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_DEEPEST = 8


def read_kml(path: Path, encoding: str | None) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return the placemarks of a KML file, and what is wrong with their geometry.

    Parameters
    ----------
    path
        A .kml file.
    encoding
        As `gis.read_tables.decode`; what the file's first line claims is not believed.

    Returns
    -------
    GeoDataFrame
        Text columns: id, name, description, then those of ExtendedData, each only where a
        placemark has it; index = number of the placemark, from 1. Without CRS: the standard
        says WGS 84, but maps made in China write their own.
    list
        Faults, by row.

    Raises
    ------
    FormatError
        If it is not KML, is damaged, or defines entities of its own.
    """
    placemarks = [e for e in _root(path, encoding).iter() if _plain(e) == "Placemark"]
    faults: list[Fault] = []
    shapes = np.full(len(placemarks), None, dtype=object)
    for at, placemark in enumerate(placemarks):
        try:
            shapes[at] = _first_shape(placemark)
        except ValueError as error:
            faults.append(Fault(at + 1, "geometry", str(error)))
    check_count(path, int(shapely.get_num_coordinates(shapes).sum()), "layer", "vertices")
    rows = pd.RangeIndex(1, len(placemarks) + 1)
    records = [dict(_texts(placemark)) for placemark in placemarks]
    frame = pd.DataFrame(records, index=rows, dtype=object)
    frame = frame.drop(columns="geometry", errors="ignore")
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=rows)), faults


def _root(path: Path, encoding: str | None) -> Element:
    text = decode(path, encoding, ends=b"<", run="xml_run_bytes")
    # Every tag and attribute becomes an object in memory.
    check_count(path, text.count("<") + text.count("="), "text", "xml_marks")
    try:
        root: Element = defusedxml.ElementTree.fromstring(
            _DECLARATION.sub("", text, count=1), forbid_dtd=True
        )
    except DefusedXmlException as error:
        msg = f"{path} defines a document type or entities of its own, which are not read"
        raise FormatError(msg) from error
    except (defusedxml.ElementTree.ParseError, ValueError) as error:
        msg = f"{path} is not KML: {error}"
        raise FormatError(msg) from error
    if _plain(root) not in ("kml", "Document", "Folder", "Placemark"):
        msg = f"{path} is not KML, but XML of the type {quoted(_plain(root))}"
        raise FormatError(msg)
    return root


def _plain(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _texts(placemark: Element) -> Iterator[tuple[str, str]]:
    """Yield the columns of a placemark; where two have one name, the later counts."""
    if placemark.get("id"):
        yield "id", str(placemark.get("id"))
    for child in placemark:
        if _plain(child) in ("name", "description"):
            yield _plain(child), child.text or ""
        elif _plain(child) == "ExtendedData":
            for part in child.iter():
                if _plain(part) == "Data":
                    values = [value.text or "" for value in part if _plain(value) == "value"]
                    yield shown(part.get("name", "")), "".join(values[:1])
                elif _plain(part) == "SimpleData":
                    yield shown(part.get("name", "")), part.text or ""


def _first_shape(placemark: Element) -> BaseGeometry | None:
    shape = next((child for child in placemark if _plain(child) in SHAPES), None)
    return None if shape is None else _shape(shape)


def _shape(element: Element, depth: int = 0) -> BaseGeometry:
    kind = _plain(element)
    if depth > _DEEPEST:
        msg = f"is nested deeper than {_DEEPEST} levels"
        raise ValueError(msg)
    try:
        # NaN is told of by validate, with the rest.
        with np.errstate(invalid="ignore"):
            if kind == "Point":
                return shapely.Point(_positions(element)[0])
            if kind in ("LineString", "LinearRing"):
                return shapely.LineString(_positions(element))
            if kind == "Polygon":
                return _polygon(element)
    except (IndexError, shapely.errors.ShapelyError) as error:
        msg = f"is not a {kind}: {error}"
        raise ValueError(msg) from error
    return _joined([_shape(child, depth + 1) for child in element if _plain(child) in SHAPES])


def _polygon(element: Element) -> shapely.Polygon:
    rings: dict[str, list[Any]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
    for side in element:
        if _plain(side) in rings:
            rings[_plain(side)] += [_positions(r) for r in side if _plain(r) == "LinearRing"]
    if len(rings["outerBoundaryIs"]) != 1:
        msg = f"is a Polygon with {len(rings['outerBoundaryIs'])} outer rings"
        raise ValueError(msg)
    return shapely.Polygon(rings["outerBoundaryIs"][0], rings["innerBoundaryIs"])


def _positions(element: Element) -> list[tuple[float, ...]]:
    text = next((child.text or "" for child in element if _plain(child) == "coordinates"), "")
    positions = []
    for part in text.split():
        try:
            position = tuple(map(float, part.split(",")))
        except ValueError:
            position = ()
        if len(position) not in (2, 3):
            msg = f"{quoted(part)} is not a position: lon,lat or lon,lat,height is needed"
            raise ValueError(msg)
        positions.append(position)
    return positions


def _joined(shapes: list[BaseGeometry]) -> BaseGeometry:
    """Return the parts of a MultiGeometry as one shape."""
    if len(shapes) == 1:
        return shapes[0]
    kinds = {shape.geom_type for shape in shapes}
    together: Any = shapely.geometrycollections
    if kinds == {"Point"}:
        together = shapely.multipoints
    elif kinds == {"LineString"}:
        together = shapely.multilinestrings
    elif kinds == {"Polygon"}:
        together = shapely.multipolygons
    whole: BaseGeometry = together(shapes)
    return whole
