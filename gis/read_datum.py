"""What the coordinates of a file are: what it says, what the user says, and what speaks for it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gis.datum import Declared, unshifted
from gis.datum_declared import check_declared
from gis.datum_evidence import doubt, undeclared
from gis.errors import CrsError, DatumUndeclaredError, Fault
from gis.layers import Layers
from gis.read_tables import place_rows
from gis.schema import schema

# Degrees that are taken as equal for planning.
_DEGREES = (4326, 4490)

Floats = npt.NDArray[np.float64]


def placed(
    path: Path, frame: pd.DataFrame, layer: str, said: Declared | None
) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the rows with their geometry, in the CRS that the file or the user says.

    Parameters
    ----------
    path
        The file, for messages.
    frame
        Its rows: a GeoDataFrame, or text cells with lon and lat or WKT.
    layer
        Name of the layer.
    said
        What the user says that the coordinates are; None if nothing.

    Returns
    -------
    DataFrame
        The same index; a GeoDataFrame if there is geometry, without CRS if nobody says which.
    list
        Faults, by row.

    Raises
    ------
    CrsError
        If the user contradicts the file, or says of metres that they are GCJ-02 or BD-09.
    """
    if isinstance(frame, gpd.GeoDataFrame):
        if said is None:
            return frame, []
        if frame.crs is None:
            return frame.set_crs(said.crs), []
        file_crs = CRS(frame.crs)
        if said.shift and file_crs.to_epsg() not in _DEGREES:
            msg = f"{path} says that it is in {file_crs.name}: only degrees can be in {said.name}"
            raise CrsError(msg)
        if not said.shift and not _same(file_crs, said.crs):
            msg = f"{path} says that it is in {file_crs.name}, not in {said.crs.name}"
            raise CrsError(msg)
        return frame, []
    # Two columns of one name are a fault that validate tells; there is no place to make.
    if schema(layer).geometry == "table" or frame.columns.has_duplicates:
        return frame, []
    return place_rows(frame, None if said is None else said.crs)


def has_places(frame: pd.DataFrame, layer: str) -> bool:
    """Return whether some row of a layer with geometry has one, but no CRS is known."""
    return (
        isinstance(frame, gpd.GeoDataFrame)
        and schema(layer).geometry != "table"
        and frame.crs is None
        and bool(frame.geometry.notna().any())
    )


def datum_error(
    path: Path, frame: pd.DataFrame, layer: str, town: Layers | None
) -> DatumUndeclaredError:
    """Return the error for a file that does not say what its coordinates are, with evidence."""
    x, y = _middles(gpd.GeoDataFrame(frame).geometry)
    return undeclared(str(path), x, y, town, layer=layer)


def check_said(path: Path, frame: pd.DataFrame, said: Declared | None, town: Layers | None) -> None:
    """Refuse what the user says of all coordinates where that cannot be.

    Raises
    ------
    CrsError
        As `gis.datum_declared.check_declared`.
    """
    if said is not None and isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None:
        check_declared(str(path), said, *_middles(frame.geometry), town)


def settled(
    frame: gpd.GeoDataFrame, layer: str, said: Declared | None, town: Layers | None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return a validated layer in true WGS 84, and a warning where its datum is in doubt.

    Parameters
    ----------
    frame
        Validated rows, EPSG:4326: degrees as the file has them.
    layer
        Name of the layer.
    said
        What the user says that they are; None if the file says it.
    town
        What to compare with; None for nothing.

    Returns
    -------
    GeoDataFrame
        The same index; the shift of a Chinese web map undone.
    list
        Warnings.
    """
    if schema(layer).geometry == "table" or frame.empty:
        return frame, []
    warnings = []
    if town is not None:
        lon, lat = _middles(frame.geometry)
        # Metres that were turned into degrees are judged as those.
        name = said.name if said is not None and said.crs.is_geographic else "wgs84"
        warnings = [text for text in [doubt(name, lon, lat, town, layer=layer)] if text]
    if said is None or not said.shift:
        return frame, warnings
    return frame.set_geometry(unshifted(frame.geometry, said.shift)), warnings


def _middles(shapes: gpd.GeoSeries) -> tuple[Floats, Floats]:
    """Return the middle of each geometry's box as x and y, without those that have none."""
    boxes = shapely.bounds(np.asarray(shapes.array, dtype=object))
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    return (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2


def _same(one: CRS, other: CRS) -> bool:
    """Return whether two systems are one for planning, whatever the order of their axes."""
    codes = {one.to_epsg(), other.to_epsg()}
    return (
        codes <= set(_DEGREES)
        or one.equals(other, ignore_axis_order=True)
        or (None not in codes and len(codes) == 1)
    )
