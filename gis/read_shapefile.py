"""Shapefiles, loose or in a zip, as frames."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import CrsError, FormatError
from gis.read_archive import unpack
from gis.read_dbf import read_dbf
from gis.read_gdal import read_through_gdal
from gis.schema import SCHEMAS

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")

_PRJ_BYTES = 65_536


def read_shapefile(path: Path, layer: str, encoding: str | None) -> tuple[pd.DataFrame, list[str]]:
    """Return one Shapefile, and the warnings met on the way.

    The shapes go through GDAL (`gis.read_gdal`), the attributes do not: so numbers keep every
    digit, and the encoding is found from the text.

    Parameters
    ----------
    path
        A .zip with a Shapefile in it, or any of the loose .shp, .shx, .dbf; of several in one
        zip the one named like the layer is read.
    layer
        Name of the layer.
    encoding
        As `gis.read_dbf.read_dbf`.

    Returns
    -------
    DataFrame
        Attributes as text; index = number of the record, from 1; a GeoDataFrame if there are
        shapes, without CRS if there is no .prj.
    list
        Warnings.

    Raises
    ------
    FormatError
        If a part is missing or damaged, or several Shapefiles are there.
    CrsError
        If the .prj names no coordinate system that is known.
    """
    if path.suffix.lower() != ".zip":
        beside = path.parent.iterdir()
        parts = {
            p.suffix.lower(): p for p in beside if p.stem == path.stem and p.suffix.lower() in PARTS
        }
        return _read(path, parts, layer, encoding)
    with tempfile.TemporaryDirectory(prefix="fengqiao-") as folder:
        groups = unpack(path, PARTS, Path(folder))
        chosen = _choose(path, groups, layer)
        return _read(path, {part.suffix: part for part in chosen}, layer, encoding)


def _choose(path: Path, groups: Mapping[str, list[Path]], layer: str) -> list[Path]:
    whole = {
        name: parts
        for name, parts in groups.items()
        if {p.suffix for p in parts} & {".shp", ".dbf"}
    }
    named = [parts for name, parts in whole.items() if name.rpartition("/")[2] == layer]
    if len(named) == 1 or len(whole) == 1:
        return (named or list(whole.values()))[0]
    msg = f"{path} has no Shapefile {layer}; it has: {', '.join(whole) or 'none'}"
    raise FormatError(msg)


def _read(
    path: Path, parts: Mapping[str, Path], layer: str, encoding: str | None
) -> tuple[pd.DataFrame, list[str]]:
    is_table = layer in SCHEMAS and SCHEMAS[layer].geometry == "table"
    if ".shp" not in parts and not (is_table and ".dbf" in parts):
        msg = f"{path}: there is no .shp of this name; the parts of a Shapefile belong together"
        raise FormatError(msg)
    attributes: pd.DataFrame | None = None
    kept: npt.NDArray[np.bool_] | slice = slice(None)
    warnings = ["there is no .dbf beside it: the shapes have no attributes"]
    if ".dbf" in parts:
        cpg = parts[".cpg"].read_bytes()[:100] if ".cpg" in parts else b""
        page = cpg.decode("ascii", "ignore").strip()
        attributes, deleted, warnings = read_dbf(parts[".dbf"], encoding, page or None)
        kept = ~deleted
    if ".shp" in parts:
        attributes = _with_shapes(path, parts, attributes)
    return pd.DataFrame() if attributes is None else attributes[kept], warnings


def _with_shapes(
    path: Path, parts: Mapping[str, Path], attributes: pd.DataFrame | None
) -> gpd.GeoDataFrame:
    opened = [parts[ending] for ending in (".shp", ".shx") if ending in parts]
    read = read_through_gdal(path, opened, "ESRI Shapefile", None, attributes=False).frame
    if not isinstance(read, gpd.GeoDataFrame):
        msg = f"{path} has no shapes in its .shp"
        raise FormatError(msg)
    rows = pd.RangeIndex(1, len(read) + 1)
    if attributes is None:
        attributes = pd.DataFrame(index=rows)
    if len(attributes) != len(read):
        msg = f"{path} has {len(read)} shapes, but {len(attributes)} records in its .dbf"
        raise FormatError(msg)
    shapes = gpd.GeoSeries(np.asarray(read.geometry), index=rows)
    attributes = attributes.drop(columns="geometry", errors="ignore")
    crs = _crs(path, parts[".prj"]) if ".prj" in parts else None
    return gpd.GeoDataFrame(attributes, geometry=shapes, crs=crs)


def _crs(path: Path, prj: Path) -> CRS | None:
    text = prj.read_bytes()[:_PRJ_BYTES].decode("utf-8", "replace").strip("\ufeff\0 \r\n\t")
    if not text:
        return None
    try:
        crs = CRS.from_wkt(text)
    except CRSError as error:
        msg = f"{path}: its .prj names no coordinate system that is known"
        raise CrsError(msg) from error
    # The number, where there is one, so that it can be compared with what a user says.
    code = crs.to_epsg(min_confidence=70)
    return CRS.from_epsg(code) if code else crs
