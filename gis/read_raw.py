"""A file of any format as rows under its own names, before anything is known of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from pyproj import CRS

from gis.errors import Fault, FileMissingError, FormatError
from gis.read_clean import without_unseen
from gis.read_kml import read_kml
from gis.read_shapefile import read_shapefile
from gis.read_shapes import read_geojson, read_gpkg
from gis.read_tables import read_csv
from gis.read_xlsx import read_xlsx

ENDINGS = (
    ".gpkg", ".geojson", ".json", ".csv", ".xlsx", ".kml", ".zip", ".shp", ".dbf", ".shx",
)  # fmt: skip

# What to do with files that are met often and not read.
_SAVE_AS = "open it in a spreadsheet and save it as .xlsx"
_INSTEAD = {
    **dict.fromkeys((".xls", ".et", ".ods", ".xlsm", ".xlsb"), f": {_SAVE_AS}"),
    **dict.fromkeys((".kmz", ".rar", ".7z"), ": unpack it first"),
    ".dwg": ": export it as a Shapefile from the drawing program",
    ".txt": ": if it is a table with separators, name it .csv",
}

_SHAPEFILE = (".zip", ".shp", ".dbf", ".shx")


@dataclass(frozen=True, eq=False)
class RawRows:
    """The rows of a file as they are.

    Parameters
    ----------
    frame
        Rows under the file's own names; the index counts them as a reader of the file does.
    faults
        What is wrong with the file itself.
    warnings
        What was met on the way.
    cut
        Whether the format cuts names to ten bytes.
    head_row
        Number of the head row of a sheet, from 1; None for other formats.
    """

    frame: pd.DataFrame = field(repr=False)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cut: bool = False
    head_row: int | None = None


def read_raw(
    path: Path,
    layer: str,
    *,
    encoding: str | None = None,
    crs: CRS | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    named: Collection[str] = (),
) -> RawRows:
    """Return the rows of a file, read by the reader of its format.

    Parameters
    ----------
    path
        The file; its ending says the format.
    layer
        Name of the layer, to find its sheet, its table, or its head row.
    encoding
        Of a text file; None to find out.
    crs
        What the coordinates of a GeoJSON file are where it does not say.
    sheet, header_row
        Where the table of a workbook is; None to find out.
    named
        Column names that a head row may have beside those known.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If it is of another format than its ending says, damaged, or not one of those read.
    CrsError
        If it names a CRS that is not known.
    """
    check_file(path)
    ending = path.suffix.lower()
    cut = False
    head_row: int | None = None
    faults: list[Fault] = []
    notes: list[str] = []
    frame: pd.DataFrame
    if ending == ".gpkg":
        frame, notes = read_gpkg(path, layer)
    elif ending == ".csv":
        read = read_csv(path, encoding, layer, header_row=header_row, named=named)
        frame, faults, head_row = read.frame, read.faults, read.head_row
    elif ending == ".xlsx":
        read = read_xlsx(path, layer, sheet=sheet, header_row=header_row, named=named)
        frame, faults, head_row = read.frame, read.faults, read.head_row
        notes = list(read.warnings)
    elif ending == ".kml":
        frame, faults = read_kml(path, encoding)
    elif ending in _SHAPEFILE:
        frame, notes = read_shapefile(path, layer, encoding)
        cut = True
    else:
        frame, faults = read_geojson(path, encoding, crs)
    clean, unseen = without_unseen(frame)
    return RawRows(clean, faults, [*notes, *unseen], cut, head_row)


def check_file(path: Path) -> None:
    """Raise if a file is not there, is empty, or has an ending that is not read.

    Raises
    ------
    FileMissingError
        If there is no such file, or it cannot be opened.
    FormatError
        If it is no file, has no bytes, or another ending.
    """
    if not path.exists():
        msg = f"{path}: there is no such file"
        raise FileMissingError(msg)
    if not path.is_file():
        msg = f"{path} is not a file"
        raise FormatError(msg)
    if path.suffix.lower() not in ENDINGS:
        hint = _INSTEAD.get(path.suffix.lower(), "")
        msg = f"{path}: the ending {path.suffix!r} is not one of {', '.join(ENDINGS)}{hint}"
        raise FormatError(msg)
    try:
        with path.open("rb") as file:
            if not file.read(1):
                msg = f"{path} has no bytes in it"
                raise FormatError(msg)
    except OSError as error:
        msg = f"{path} cannot be opened: {error.strerror}"
        raise FileMissingError(msg) from error
