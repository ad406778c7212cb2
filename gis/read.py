"""GeoPackage, GeoJSON, CSV and XLSX -> one validated layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from gis.crs import crs_named
from gis.errors import CrsError, Fault, FileMissingError, FormatError, ParameterError
from gis.personal import personal_columns
from gis.read_shapes import read_geojson, read_gpkg
from gis.read_tables import place_rows, read_csv, read_xlsx
from gis.schema import schema
from gis.validate import validate

ENDINGS = (".gpkg", ".geojson", ".json", ".csv", ".xlsx")


@dataclass(frozen=True, eq=False)
class ReadResult:
    """One layer read from one file.

    Parameters
    ----------
    layer
        Name of the layer.
    frame
        Its rows, validated, EPSG:4326; the index counts rows as a reader of the file does:
        sheet rows from 2 (the header is 1), features from 1, or the fid of a GeoPackage.
    source
        The file.
    dropped_columns
        Columns that told of persons and were left out.
    warnings
        What else the reader should know.
    """

    layer: str
    frame: gpd.GeoDataFrame = field(repr=False)
    source: str
    dropped_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.frame)

    def summary(self) -> str:
        """Return one line: the file, the layer, its rows, and what was dropped."""
        dropped = ", ".join(self.dropped_columns)
        without = f"; personal columns dropped: {dropped}" if dropped else ""
        return f"{self.source}: {self.rows} rows of {self.layer}{without}"


@dataclass(frozen=True, eq=False)
class _Raw:
    frame: pd.DataFrame
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_layer(
    path: Path | str,
    layer: str,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    extent: BaseGeometry | None = None,
) -> ReadResult:
    """Return one layer of a town, read from a file and validated.

    Columns that tell of persons are dropped and named.

    Parameters
    ----------
    path
        A .gpkg, .geojson, .json, .csv or .xlsx file.
    layer
        Name of the layer.
    crs
        "wgs84", "cgcs2000" or "EPSG:<number>". A table with coordinates must be given one, as
        nothing in it says what they are; other files where they do not say.
    encoding
        Of a text file; None to find out.
    mapping
        Column of the file to column of the schema (or `lon`, `lat`, `wkt`).
    extent
        Known area of the town, EPSG:4326, to tell swapped coordinates by.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If the file is of another format than its ending says, damaged or not one of those read.
    CrsError
        If `crs` does not exist, or contradicts what the file says.
    ParameterError
        If `crs` or `encoding` is not known, or `mapping` does not fit the file.
    LayerFaultsError
        If anything is wrong with the rows; it holds every fault, with its row and column.
    """
    path = Path(path)
    known = schema(layer)
    _check_file(path)
    declared = None if crs is None else crs_named(crs)
    raw = _read_raw(path, layer, declared, encoding)
    # Before the mapping, so that no personal column gets in under another name.
    personal = personal_columns(map(str, raw.frame.columns), known.by_name)
    rows = _mapped(path, raw.frame.drop(columns=personal), mapping or {})
    placed, place_faults = _placed(path, rows, layer, declared)
    frame = validate(
        placed, layer, source=str(path), extent=extent, faults=[*raw.faults, *place_faults]
    )
    notes = [*raw.warnings]
    if personal:
        notes.append(f"personal columns dropped: {', '.join(personal)}")
    if known.geometry == "table" and isinstance(placed, gpd.GeoDataFrame):
        notes.append(f"{layer} is a table: its geometry was left out")
    return ReadResult(layer, frame, str(path), tuple(personal), tuple(notes))


def _check_file(path: Path) -> None:
    if not path.exists():
        msg = f"{path}: there is no such file"
        raise FileMissingError(msg)
    if not path.is_file():
        msg = f"{path} is not a file"
        raise FormatError(msg)
    if path.suffix.lower() not in ENDINGS:
        msg = f"{path}: the ending {path.suffix!r} is not one of {', '.join(ENDINGS)}"
        raise FormatError(msg)
    try:
        with path.open("rb") as file:
            if not file.read(1):
                msg = f"{path} has no bytes in it"
                raise FormatError(msg)
    except OSError as error:
        msg = f"{path} cannot be opened: {error.strerror}"
        raise FileMissingError(msg) from error


def _read_raw(path: Path, layer: str, crs: CRS | None, encoding: str | None) -> _Raw:
    ending = path.suffix.lower()
    if ending == ".gpkg":
        frame, warnings = read_gpkg(path, layer)
        return _Raw(frame, warnings=warnings)
    if ending == ".csv":
        return _Raw(*read_csv(path, encoding))
    if ending == ".xlsx":
        return _Raw(*read_xlsx(path, layer))
    return _Raw(*read_geojson(path, encoding, crs))


def _mapped(path: Path, frame: pd.DataFrame, mapping: Mapping[str, str]) -> pd.DataFrame:
    names = [str(name) for name in frame.columns]
    absent = [name for name in mapping if name not in names]
    if absent:
        msg = f"{path} has no column {', '.join(absent)} to map; it has: {', '.join(names)}"
        raise ParameterError(msg)
    return frame.rename(columns=dict(mapping))


def _placed(
    path: Path, frame: pd.DataFrame, layer: str, crs: CRS | None
) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the rows with their geometry, in the CRS that the file or the caller says."""
    if isinstance(frame, gpd.GeoDataFrame):
        if crs is None:
            return frame, []
        if frame.crs is not None and frame.crs != crs:
            msg = f"{path} says that it is in {frame.crs.name}, not in {crs.name}"
            raise CrsError(msg)
        return frame.set_crs(crs), []
    is_sheet = path.suffix.lower() in (".csv", ".xlsx")
    # Two columns of one name are a fault that validate tells; there is no place to make.
    if not is_sheet or schema(layer).geometry == "table" or frame.columns.has_duplicates:
        return frame, []
    return place_rows(frame, crs)
