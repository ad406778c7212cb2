"""GeoPackage, GeoJSON, Shapefile, KML, CSV and XLSX -> one validated layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from gis.columns import POSITION
from gis.datum import declared
from gis.errors import LayerFaultsError
from gis.layers import Layers
from gis.mapping import FileMapping, as_mapping, mapped
from gis.personal import personal_columns, without_personal_values
from gis.read_cells import plain_cells, without_row_numbers
from gis.read_datum import check_said, datum_error, has_places, placed, settled
from gis.read_raw import read_raw
from gis.schema import schema
from gis.validate import validate
from gis.validate_geometry import NO_CRS


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
    columns
        Columns that the file has, under the names of the layer; `frame` has every column of the
        schema.
    """

    layer: str
    frame: gpd.GeoDataFrame = field(repr=False)
    source: str
    dropped_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.frame)

    def summary(self) -> str:
        """Return one line: the file, the layer, its rows, and what was dropped."""
        dropped = ", ".join(self.dropped_columns)
        without = f"; personal columns dropped: {dropped}" if dropped else ""
        return f"{self.source}: {self.rows} rows of {self.layer}{without}"


def read_layer(
    path: Path | str,
    layer: str,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: FileMapping | Mapping[str, str] | None = None,
    extent: BaseGeometry | None = None,
    town: Layers | None = None,
) -> ReadResult:
    """Return one layer of a town, read from a file and validated.

    Columns that tell of persons, by their names or their cells, are dropped and named. Columns
    and words are known by their names, titles and aliases in Chinese and English
    (`gis.columns`), and by the mapping; cells are read as people write them (`gis.read_cells`).
    Characters that nobody sees are taken out, and counted in a warning. What a file may ask of
    the machine is in `data/profiles/limits.toml`.

    Parameters
    ----------
    path
        A .gpkg, .geojson, .json, .csv, .xlsx or .kml file, or a Shapefile: a .zip, or its loose
        .shp, .dbf or .shx.
    layer
        Name of the layer.
    crs
        "wgs84", "cgcs2000", "gcj02", "bd09" or "EPSG:<number>". A table with coordinates, a
        KML file and a Shapefile without .prj must be given one; other files may be where they
        say that they are in degrees, as many of those hold GCJ-02.
    encoding
        Of a text file; None to find out.
    mapping
        A mapping file, or only column of the file to column of the schema (or `lon`, `lat`,
        `wkt`). `crs` and `encoding` go before what it says.
    extent
        Known area of the town, EPSG:4326, to tell swapped coordinates by; None for that of the
        town.
    town
        What the town knows so far, to weigh by what the coordinates are.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If the file is of another format than its ending says, damaged, not one of those read,
        or asks for more than the limits.
    CrsError
        If `crs` does not exist, contradicts what the file says, or cannot be what its coordinates
        are.
    DatumUndeclaredError
        If nobody says what the coordinates are and nothing else is wrong; with the evidence.
    ParameterError
        If `crs` or `encoding` is not known, or `mapping` does not fit the file.
    LayerFaultsError
        If anything is wrong with the rows; it holds every fault, with its row and column.
    """
    path = Path(path)
    known = schema(layer)
    plan = as_mapping(mapping)
    name = crs or plan.crs
    said = None if name is None else declared(name)
    raw = read_raw(
        path,
        layer,
        encoding=encoding or plan.encoding,
        crs=None if said is None else said.crs,
        sheet=plan.sheet,
        header_row=plan.header_row,
        named=plan.columns,
    )
    # Before the mapping, so that no personal column gets in under another name.
    personal = personal_columns(map(str, raw.frame.columns), known.by_name)
    rows, doubles = mapped(path, raw.frame.drop(columns=personal), layer, plan, cut=raw.cut)
    rows, told, notes = without_personal_values(rows, {*known.by_name, *POSITION})
    personal += told
    rows, numbered = without_row_numbers(rows, layer)
    rows, changed = plain_cells(rows, layer)
    notes += numbered + changed
    frame, homeless = placed(path, rows, layer, said)
    check_said(path, frame, said, town)
    area = extent if extent is not None or town is None else town.extent
    try:
        checked = validate(
            frame,
            layer,
            source=str(path),
            extent=area,
            faults=[*raw.faults, *doubles, *homeless],
        )
    except LayerFaultsError as error:
        if has_places(frame, layer) and all(f.problem == NO_CRS for f in error.faults):
            raise datum_error(path, frame, layer, town) from None
        raise
    final, doubts = settled(checked, layer, said, town)
    notes = [*raw.warnings, *notes]
    if personal:
        notes.append(f"personal columns dropped: {', '.join(personal)}")
    shaped = isinstance(frame, gpd.GeoDataFrame) and frame.geometry.notna().any()
    if known.geometry == "table" and shaped:
        notes.append(f"{layer} is a table: its geometry was left out")
    has = tuple(map(str, frame.columns))
    return ReadResult(layer, final, str(path), tuple(personal), (*notes, *doubts), has)
