"""What an upload is: found out by its ending, its first bytes and the heads of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from api.uploads import Upload
from gis.camera_sheet_cells import plain_head
from gis.columns import column_named, layer_title, vocabulary_of, word_named
from gis.errors import FengqiaoError, FormatError
from gis.personal import personal_columns
from gis.profiles import load
from gis.read_heads import clean_head, known_heads
from gis.read_raw import read_raw
from gis.read_workbook import sheet_names
from gis.schema import SCHEMAS, LayerSchema
from gis.template_sheets import KNOWN_SHEET

# What is read besides single layers.
OTHERS = ("osm", "gb28181", "cameras-sheet")
KINDS = (*SCHEMAS, *OTHERS)
_OSM = (".osm", ".osm.xml", ".osm.gz", ".osm.bz2", ".pbf")
_LOOKED_AT = 4096
# Layers whose head row is looked for: each finds its own, most find that of another.
_TRIED = ("cameras", "facts", "sites", "streets")


def kind_of(upload: Upload) -> str:
    """Return what an upload is: a name out of `KINDS`.

    Raises
    ------
    FormatError
        If nobody can tell; say it then.
    """
    path = upload.paths[0]
    found = _by_content(path) or _by_heads(path, upload.names[0])
    if found is None:
        msg = f"{upload.title()}: nobody can tell which layer this is: choose it"
        raise FormatError(msg)
    return found


def template_of(path: Path) -> str | None:
    """Return the layer that a returned workbook was made for; None where it is no such workbook."""
    if path.suffix.lower() != ".xlsx":
        return None
    known = [name for name in sheet_names(path) if name.startswith(KNOWN_SHEET)]
    layer = known[0].removeprefix(KNOWN_SHEET) if known else ""
    return layer if layer in SCHEMAS else None


def _by_content(path: Path) -> str | None:
    name = path.name.lower()
    if name.endswith(_OSM):
        return "osm"
    if name.endswith(".xml"):
        with path.open("rb") as file:
            return "osm" if b"<osm" in file.read(_LOOKED_AT) else "gb28181"
    return template_of(path)


def _by_heads(path: Path, name: str) -> str | None:
    """Return the layer, or the camera sheet, of which a file has most columns."""
    frame = _rows(path)
    if frame is None:
        return None
    heads = [str(head) for head in frame.columns if str(head) != "geometry"]
    if _is_camera_sheet(heads):
        return "cameras-sheet"
    scores = {one: _score(frame, heads, known, name) for one, known in SCHEMAS.items()}
    best = max(scores, key=lambda one: scores[one])
    return best if scores[best] >= load("planner")["uploads"]["detected"] else None


def _rows(path: Path) -> pd.DataFrame | None:
    """Return the rows of a file below the head row that most columns of some layer are named in."""
    best, most = None, -1
    for layer in _TRIED:
        try:
            frame = read_raw(path, layer).frame
        except FengqiaoError:
            continue
        known = max(known_heads([str(one) for one in frame.columns], name) for name in SCHEMAS)
        if known > most:
            most, best = known, frame
        if path.suffix.lower() not in (".csv", ".xlsx"):
            break  # only sheets have a head row to look for
    return best


def _shape(frame: pd.DataFrame, heads: Sequence[str]) -> str | None:
    """Return what the shapes of a file are: "point", "line", "polygon"; None where it has none."""
    if not isinstance(frame, gpd.GeoDataFrame):
        named = {column_named("cameras", clean_head(head)) for head in heads}
        return "point" if {"lon", "lat"} <= named else None
    kinds = frame.geom_type.dropna()
    name = str(kinds.iloc[0]).lower() if len(kinds) else ""
    return next((one for one in ("point", "line", "polygon") if one in name), None)


def _is_camera_sheet(heads: Sequence[str]) -> bool:
    """Return whether heads are those of a camera sheet rather than of the layer of cameras."""
    sheet = load("camera_sheet")
    known = {plain_head(name) for one in sheet["fields"].values() for name in one["heads"]}
    own = sum(plain_head(head) in known for head in heads)
    return own >= sheet["heads_needed"] and own > known_heads(heads, "cameras")


def _score(frame: pd.DataFrame, heads: Sequence[str], known: LayerSchema, name: str) -> float:
    """Return how well a file fits a layer: the share of its heads that the layer knows, and more.

    A column that the layer needs and the file lacks, and words of kinds that mean nothing there,
    speak against it; the name of the file may speak for it.
    """
    shape = _shape(frame, heads)
    if shape is not None and shape not in known.geometry:
        return -1.0
    personal = personal_columns(heads, known.by_name)
    told = [head for head in heads if head not in personal]
    fits = known_heads(told, known.name) / max(len(told), 1)
    needed = [column.name for column in known.columns if column.required]
    lacking = sum(_of_column(heads, known.name, column) is None for column in needed)
    title = layer_title(known.name)
    called = any(word in name.lower() for word in (known.name, title.zh, title.en.lower()))
    return fits - 0.3 * lacking - 0.4 * _strange(frame, heads, known) + 0.6 * called


def _strange(frame: pd.DataFrame, heads: Sequence[str], known: LayerSchema) -> float:
    """Return the share of the words in columns of kinds that mean nothing in a layer."""
    shares = [0.0]
    for column in known.columns:
        head, vocabulary = _of_column(heads, known.name, column.name), vocabulary_of(column)
        if head is not None and vocabulary is not None:
            said = {str(one) for one in frame[head].dropna().head(_LOOKED_AT)}
            unknown = sum(word_named(vocabulary, one) is None for one in said)
            shares.append(unknown / max(len(said), 1))
    return max(shares)


def _of_column(heads: Sequence[str], layer: str, column: str) -> str | None:
    """Return the head that means a column of a layer."""
    return next((one for one in heads if column_named(layer, clean_head(one)) == column), None)
