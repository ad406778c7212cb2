"""How a layer looks in QGIS 3: colours by kind or status, names, titles and lists in Chinese."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.columns import titles, vocabulary_of, word_titles
from gis.profiles import load
from gis.schema import schema

_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.28.0"

# By dimension: what QGIS calls the symbol, and its layer.
_SYMBOLS = (("marker", "SimpleMarker"), ("line", "SimpleLine"), ("fill", "SimpleFill"))

# As QGIS itself makes the table in which it looks for the style of a layer.
_STYLES_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""


def qml(layer: str, frame: gpd.GeoDataFrame) -> str:
    """Return the style of a layer as QGIS reads it from a .qml file.

    Words have their Chinese names in the legend and in lists to choose from, columns theirs in
    the table of attributes, and rows are labelled by name.

    Parameters
    ----------
    layer
        Name of the layer.
    frame
        Its rows: the symbol fits most of their shapes.

    Raises
    ------
    NotFoundError
        If there is no such layer.

    Examples
    --------
    >>> from shapely import Point
    >>> style = qml("cameras", gpd.GeoDataFrame({"code": ["c"]}, geometry=[Point(1, 2)]))
    >>> 'attr="status"' in style, 'label="维修"' in style
    (True, True)
    """
    known = schema(layer)
    dimensions = shapely.get_dimensions(np.asarray(frame.geometry.array, dtype=object))
    most = int(max(range(3), key=lambda dimension: int((dimensions == dimension).sum())))
    root = ET.Element(
        "qgis", version=_VERSION, styleCategories="Symbology|Labeling|Fields|Forms"
    )  # fmt: skip
    _add_renderer(root, layer, most)
    if "name" in known.by_name:
        _add_labels(root)
    _add_fields(root, layer, [str(name) for name in frame.columns if name != "geometry"])
    ET.SubElement(root, "layerGeometryType").text = str(most)
    ET.indent(root)
    return _HEAD + ET.tostring(root, encoding="unicode") + "\n"


def write_style(path: Path, layer: str, table: str, style: str) -> None:
    """Keep a style in a GeoPackage as the one that QGIS opens the layer with.

    Parameters
    ----------
    path
        An existing GeoPackage.
    layer
        Name of the layer.
    table
        What the layer is called in the file.
    style
        As `qml` returns it.
    """
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(_STYLES_TABLE)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
        column = base.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
        ).fetchone()
        base.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description)"
            " VALUES ('', '', ?, ?, ?, ?, '', 1, '')",
            (table, column[0] if column else "", layer, style),
        )


def _add_renderer(root: ET.Element, layer: str, dimension: int) -> None:
    look = load("qgis")[layer]
    column = None if "by" not in look else schema(layer).by_name[look["by"]]
    vocabulary = None if column is None else vocabulary_of(column)
    if column is None or vocabulary is None:
        renderer = ET.SubElement(root, "renderer-v2", type="singleSymbol")
        symbols = ET.SubElement(renderer, "symbols")
        _add_symbol(symbols, "0", dimension, _colour(look["colour"]))
        return
    renderer = ET.SubElement(root, "renderer-v2", type="categorizedSymbol", attr=column.name)
    categories = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    spare = iter(_spare_colours())
    named = look.get("colours", {})
    for number, (word, title) in enumerate(word_titles(vocabulary).items()):
        colour = _colour(named[word]) if word in named else next(spare)
        _add_category(categories, str(number), word, title.zh)
        _add_symbol(symbols, str(number), dimension, colour)
    last = str(len(word_titles(vocabulary)))
    # Rows of which it is not known.
    _add_category(categories, last, "", "未填")
    _add_symbol(symbols, last, dimension, load("style")["status"]["cannot_tell"])


def _add_category(categories: ET.Element, symbol: str, value: str, label: str) -> None:
    ET.SubElement(
        categories, "category", symbol=symbol, value=value, label=label, render="true",
        type="string",
    )  # fmt: skip


def _add_symbol(symbols: ET.Element, name: str, dimension: int, colour: str) -> None:
    look = load("qgis")
    kind, simple = _SYMBOLS[dimension]
    solid = _rgba(colour, 1.0)
    options = (
        {
            "name": "circle",
            "color": solid,
            "outline_color": _rgba("#ffffff", 1.0),
            "size": str(look["marker_size_mm"]),
            "size_unit": "MM",
        },
        {"line_color": solid, "line_width": str(look["line_width_mm"]), "line_width_unit": "MM"},
        {
            "color": _rgba(colour, look["opacity"]),
            "outline_color": solid,
            "outline_width": str(look["outline_width_mm"]),
            "outline_width_unit": "MM",
            "style": "solid",
        },
    )[dimension]
    symbol = ET.SubElement(symbols, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1")
    part = ET.SubElement(symbol, "layer", {"class": simple, "enabled": "1", "pass": "0"})
    _add_map(part, options)
    # Older versions of QGIS 3 know only these.
    for key, value in options.items():
        ET.SubElement(part, "prop", k=key, v=value)


def _add_labels(root: ET.Element) -> None:
    tokens = load("style")["tokens"]["light"]
    labeling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    style = ET.SubElement(
        settings, "text-style", fieldName="name", isExpression="0", fontSize="8",
        fontSizeUnit="Point", textColor=_rgba(tokens["text"], 1.0),
    )  # fmt: skip
    ET.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor=_rgba("#ffffff", 1.0),
    )  # fmt: skip
    scale = str(load("qgis")["labels_from"])
    ET.SubElement(settings, "rendering", scaleVisibility="1", scaleMin=scale, scaleMax="1")


def _add_fields(root: ET.Element, layer: str, columns: list[str]) -> None:
    """Give columns their Chinese titles, and word columns a list to choose from."""
    known = schema(layer).by_name
    fields = ET.SubElement(root, "fieldConfiguration")
    aliases = ET.SubElement(root, "aliases")
    # The number of the row comes before the columns.
    for index, name in enumerate(columns, start=1):
        if name not in known:
            continue
        ET.SubElement(aliases, "alias", index=str(index), field=name, name=titles(layer)[name].zh)
        vocabulary = vocabulary_of(known[name])
        if vocabulary is not None:
            field = ET.SubElement(fields, "field", name=name)
            widget = ET.SubElement(field, "editWidget", type="ValueMap")
            choices = ET.SubElement(ET.SubElement(widget, "config"), "Option", type="Map")
            entries = ET.SubElement(choices, "Option", type="List", name="map")
            for word, title in word_titles(vocabulary).items():
                _add_map(entries, {title.zh: word})


def _add_map(parent: ET.Element, values: Mapping[str, str]) -> None:
    options = ET.SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)


def _spare_colours() -> Iterator[str]:
    colours = load("style")["teams"]["colours"]
    while True:
        yield from colours


def _colour(place: str) -> str:
    """Return a colour by its place in the table of styles, such as "teams.colours.4"."""
    part: Any = load("style")
    for name in place.split("."):
        part = part[int(name)] if isinstance(part, list) else part[name]
    return str(part)


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"
