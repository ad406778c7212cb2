"""What a GeoPackage was made from, kept inside it, so that edits on both sides are told apart."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from gis.errors import FormatError
from gis.schema import schema
from gis.store_rows import decode, encode

TABLE = "fengqiao_export"

# Grows when the table or what its rows mean changes.
VERSION = 1

_COLUMNS = {
    "layer": "TEXT NOT NULL",
    "revision": "INTEGER NOT NULL",
    "version": "INTEGER NOT NULL",
    "code": "TEXT NOT NULL",
    "attributes": "TEXT NOT NULL",
    "geometry": "BLOB",
}

# A file from elsewhere may be made to take all memory or time.
_MAX_ROWS = 2_000_000
_MAX_VALUE_BYTES = 64_000_000
_MAX_SECONDS = 30.0
_STEPS_A_LOOK = 100_000


@dataclass(frozen=True, eq=False)
class Base:
    """What a file was made from.

    Parameters
    ----------
    layer
        Name of the layer.
    revision
        Revision of the store that it was exported from.
    frame
        Its rows as they were then, conformed, EPSG:4326.
    """

    layer: str
    revision: int
    frame: gpd.GeoDataFrame = field(repr=False)


def write_base(path: Path, frame: pd.DataFrame, layer: str, revision: int) -> None:
    """Keep in a GeoPackage what it was made from.

    Parameters
    ----------
    path
        An existing GeoPackage.
    frame
        Rows of the layer as the store has them, EPSG:4326, with unique codes.
    layer
        Name of the layer.
    revision
        Revision of the store.

    Raises
    ------
    LayerFaultsError
        If codes are missing or there twice.
    """
    rows = encode(frame, layer, str(path))
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    values = zip(rows.code, rows.attributes, rows.geometry, strict=True)
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(f"CREATE TABLE {TABLE} ({columns})")
        base.executemany(
            f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?, ?)",
            [(layer, revision, VERSION, *row) for row in values],
        )


def read_base(path: Path | str, layer: str) -> Base | None:
    """Return what a file was made from, or None if it does not tell.

    The file may come from anywhere: it is opened to read only, no function or view of its own
    is run, and time and memory are bounded.

    Parameters
    ----------
    path
        A file of any format.
    layer
        Name of the layer.

    Raises
    ------
    FormatError
        If the file tells it in a way that is damaged, too large, or of a newer program.
    NotFoundError
        If there is no such layer.
    """
    known = schema(layer).name
    path = Path(path)
    try:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                return None
        rows = _rows(path, known)
        if not rows:
            return None
        return _base(rows, known)
    except (sqlite3.Error, ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        msg = f"{path}: what it was made from ({TABLE}) is damaged: {error}"
        raise FormatError(msg) from error
    except shapely.errors.ShapelyError as error:
        msg = f"{path}: a shape that it was made from ({TABLE}) is damaged: {error}"
        raise FormatError(msg) from error


def _rows(path: Path, layer: str) -> list[tuple[int, int, str, str, bytes | None]]:
    """Return revision, version, code, attributes and geometry of each row of a layer."""
    until = time.monotonic() + _MAX_SECONDS
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
        base.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS_A_LOOK)
        base.execute("PRAGMA trusted_schema = OFF")
        # Only a plain table: a view, a virtual table or a computed column would run what the
        # file says.
        about = base.execute(
            "SELECT type, sql FROM sqlite_master WHERE name = ?", (TABLE,)
        ).fetchall()
        if not about:
            return []
        columns = [row[1] for row in base.execute(f"PRAGMA table_xinfo({TABLE})")]
        hidden = [row[6] for row in base.execute(f"PRAGMA table_xinfo({TABLE})")]
        plain = about[0][0] == "table" and str(about[0][1]).upper().startswith("CREATE TABLE")
        if len(about) != 1 or not plain or columns != list(_COLUMNS) or any(hidden):
            msg = "it is not the table that an export writes"
            raise ValueError(msg)
        rows = base.execute(
            f"SELECT revision, version, code, attributes, geometry FROM {TABLE} WHERE layer = ?",
            (layer,),
        ).fetchmany(_MAX_ROWS + 1)
    if len(rows) > _MAX_ROWS:
        msg = f"it has more than {_MAX_ROWS:,} rows"
        raise ValueError(msg)
    return rows


def _base(rows: list[tuple[int, int, str, str, bytes | None]], layer: str) -> Base:
    revisions, versions, codes, attributes, shapes = map(list, zip(*rows, strict=True))
    if set(versions) != {VERSION}:
        msg = f"it is of version {versions[0]}, this program knows {VERSION}: update the program"
        raise ValueError(msg)
    texts = [*codes, *attributes]
    if len(set(revisions)) != 1 or not all(isinstance(text, str) for text in texts):
        msg = "its rows do not belong together"
        raise ValueError(msg)
    if len(set(codes)) != len(codes):
        msg = "a code is there twice"
        raise ValueError(msg)
    if not all(isinstance(shape, bytes | None) for shape in shapes):
        msg = "a geometry is no WKB"
        raise ValueError(msg)
    documents = [json.loads(text) for text in attributes]
    if not all(isinstance(document, dict) for document in documents):
        msg = "a row is no JSON object"
        raise ValueError(msg)
    names = dict.fromkeys(name for document in documents for name in document)
    extra = {name: "object" for name in names if name not in schema(layer).by_name}
    frame = decode(layer, extra, codes, shapes, attributes)
    return Base(layer, int(revisions[0]), frame)
