"""One layer or document -> GeoPackage, GeoJSON, CSV, XLSX or JSON, all of it or nothing."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gis.crs import to_wgs84
from gis.errors import FileMissingError, FormatError
from gis.merge_base import write_base
from gis.schema import SCHEMAS, schema
from gis.write_qml import qml, write_style
from gis.write_tables import cells_as_text, write_csv, write_xlsx

ENDINGS = (".gpkg", ".geojson", ".csv", ".xlsx")
# Formats that QGIS opens with a look of their own.
STYLED = (".gpkg", ".geojson")


def write_layer(
    frame: pd.DataFrame,
    path: Path | str,
    layer: str | None = None,
    *,
    revision: int | None = None,
    styles: bool = True,
) -> Path:
    r"""Write a layer to a file, in WGS 84; an earlier file stays whole until the new one is.

    `gis.read.read_layer` gives the same rows back from each format; from XLSX numbers come
    back to 16 digits, as sheets keep no more.

    Parameters
    ----------
    frame
        Rows of a layer, in any CRS, or a table without geometry.
    path
        Where to; the ending tells the format: .gpkg, .geojson, .csv or .xlsx.
    layer
        Name of the layer inside the file, or of the sheet; None for the name of the file.
    revision
        Revision of the store that the rows are from. A GeoPackage then keeps what it was made
        from (`gis.merge_base`), so that it can be edited and merged; other formats keep nothing.
    styles
        Whether a layer of the town brings its look in QGIS (`gis.write_qml`): inside a
        GeoPackage, and in a .qml file beside it or beside a GeoJSON file.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CrsError
        If the frame has geometry and no CRS.
    LayerFaultsError
        If a revision is given and codes are missing or there twice.
    FileMissingError
        If the file cannot be written there.
    FormatError
        If the ending is not known, or the frame does not fit the format.

    Examples
    --------
    >>> table = pd.DataFrame({"code": ["001"], "key": ["staff"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_layer(table, Path(folder) / "facts.csv").read_text("utf-8-sig")
    'code,key\n001,staff\n'
    """
    path = Path(path)
    name = layer or path.stem
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        msg = f"{path}: the ending {path.suffix!r} is not one of {', '.join(ENDINGS)}"
        raise FormatError(msg)
    ready = _ready(frame)
    style = _style(ready, name) if styles and ending in STYLED else None
    with replacing(path) as place:
        if ending == ".gpkg":
            _write_gpkg(ready, place, name)
            if revision is not None:
                write_base(place, ready, schema(name).name, revision)
            if style is not None:
                write_style(place, name, name, style)
        elif ending == ".geojson":
            _write_geojson(ready, place, name)
        elif ending == ".csv":
            write_csv(ready, place)
        else:
            write_xlsx(ready, place, name)
    if style is not None:
        with replacing(path.with_suffix(".qml")) as place:
            place.write_text(style, encoding="utf-8")
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a place to write to, and put what is there in the place of `path` at the end.

    The new file is on the disk before it takes the name, so that a crash leaves the old one or
    the new one. An error inside leaves the old one.

    Raises
    ------
    FileMissingError
        If the file cannot be written there.
    """
    try:
        # A folder beside it: the same disk, so that the last step is a rename.
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
            place = Path(folder) / path.name
            yield place
            _sync(place)
            place.replace(path)
            _sync(path.parent)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror or error}"
        raise FileMissingError(msg) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _ready(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame in WGS 84, as a plain table where no row has a geometry."""
    frame = cells_as_text(frame)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        return pd.DataFrame(frame)
    if len(frame) and frame.geometry.isna().all():
        return pd.DataFrame(frame.drop(columns=frame.active_geometry_name))
    return to_wgs84(frame)


def _style(frame: pd.DataFrame, name: str) -> str | None:
    """Return the look of a layer of the town that has shapes."""
    if name not in SCHEMAS or not isinstance(frame, gpd.GeoDataFrame):
        return None
    return qml(name, frame) if schema(name).geometry != "table" else None


def _write_gpkg(frame: pd.DataFrame, path: Path, name: str) -> None:
    options: dict[str, Any] = {}
    if isinstance(frame, gpd.GeoDataFrame):
        # Left to itself the writer turns all polygons into multipolygons if one is.
        kinds = set(frame.geom_type.dropna())
        options = {"geometry_type": kinds.pop() if len(kinds) == 1 else "Unknown"}
    pyogrio.write_dataframe(
        frame, path, layer=name, driver="GPKG", promote_to_multi=False, **options
    )


def _write_geojson(frame: pd.DataFrame, path: Path, name: str) -> None:
    shapes = np.full(len(frame), None, dtype=object)
    table = frame
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = np.asarray(frame.geometry.array, dtype=object)
        table = pd.DataFrame(frame.drop(columns=frame.active_geometry_name))
    names = [str(column) for column in table.columns]
    columns = [_plain(table.iloc[:, at]) for at in range(len(names))]
    records = zip(*columns, strict=True) if columns else [()] * len(table)
    lines = (
        json.dumps(_feature(shape, dict(zip(names, record, strict=True))), ensure_ascii=False)
        for shape, record in zip(shapes, records, strict=True)
    )
    head = json.dumps({"type": "FeatureCollection", "name": name}, ensure_ascii=False)[:-1]
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{head}, "features": [\n')
        file.write(",\n".join(lines))
        file.write("\n]}\n")


def _feature(shape: BaseGeometry | None, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = None if shape is None else mapping(shape)
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Return the values as JSON knows them: None where missing, dates as ISO text."""
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.map(lambda moment: moment.isoformat(), na_action="ignore")
    values = zip(column.tolist(), column.isna().tolist(), strict=True)
    return [
        None if missing else value.item() if isinstance(value, np.generic) else value
        for value, missing in values
    ]
