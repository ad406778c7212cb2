"""The layers of a town as one list of places with names."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.crs import to_wgs84
from gis.layers import Layers
from gis.profiles import load
from gis.villages_of import village_of

COLUMNS = ("layer", "kind", "code", "name", "lon", "lat", "village", "aliases")

_BETWEEN_ALIASES = re.compile(r"[;；,，、|]")


def place_rows(layers: Layers, junctions: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """Return every place of a town that can be found by words.

    Parameters
    ----------
    layers
        The town. Which layers are searched, in which order, and which columns are further names:
        `data/profiles/places.toml`. Streets of one name are one place; a street, a building or
        a junction without a name is none.
    junctions
        Junctions of the network (`gis.proposals_junctions`), to be found beside those that are
        sites already; EPSG:4326, columns code, name.

    Returns
    -------
    DataFrame
        layer, kind, code, name, lon, lat (degrees, of a point inside or halfway along), village
        (code), aliases (list of text); what is unknown is None or NaN. Junctions are of layer
        "streets" and kind "junction".
    """
    parts = [
        _rows(_with_names(layers[layer], layer), layer, columns)
        for layer, columns in load("places")["layers"].items()
        if layers.has(layer)
    ]
    if junctions is not None and len(junctions):
        parts.append(_rows(junctions.assign(kind="junction"), "streets", ()))
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    rows = pd.concat(parts, ignore_index=True)
    named = rows["name"].notna() | ~rows["layer"].isin(["streets", "buildings"])
    return _with_villages(rows[named].reset_index(drop=True), layers["villages"])


def _rows(frame: gpd.GeoDataFrame, layer: str, alias_columns: tuple[str, ...]) -> pd.DataFrame:
    shapes = np.asarray(to_wgs84(frame).geometry.array, dtype=object)
    points = shapely.point_on_surface(shapes)
    lines = shapely.get_dimensions(shapes) == 1
    points[lines] = _halfway(shapes[lines])
    columns = {name: _text(frame, name) for name in ("kind", "code", "name", "village")}
    if layer == "villages":
        columns["village"] = columns["code"]
    elif layer == "streets" and "highway" in frame:
        columns["kind"] = _text(frame, "highway")
    aliases: list[list[str]] = [[] for _ in range(len(frame))]
    for column in alias_columns:
        for names, text in zip(aliases, _text(frame, column), strict=True):
            names += [] if text is None else _BETWEEN_ALIASES.split(text)
    places = {"lon": shapely.get_x(points), "lat": shapely.get_y(points), "aliases": aliases}
    # As objects, or None would become NaN.
    texts = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    return pd.DataFrame({"layer": layer, **texts, **places})[list(COLUMNS)]


def _text(frame: pd.DataFrame, name: str) -> list[str | None]:
    """Return a column as text, None where it is blank or not there."""
    if name not in frame:
        return [None] * len(frame)
    there = frame[name].notna().tolist()
    words = [
        str(value).strip() if known else ""
        for value, known in zip(frame[name].tolist(), there, strict=True)
    ]
    return [word or None for word in words]


def _halfway(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return the middle of the longest part of each line."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    order = np.argsort(shapely.length(parts), kind="stable")
    longest = np.zeros(len(lines), np.int64)
    longest[owner[order]] = order
    return np.asarray(shapely.line_interpolate_point(parts[longest], 0.5, normalized=True))


def _with_names(frame: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Return the rows that can be found: of streets and of many thousand buildings the named."""
    if layer == "streets":
        return _named_once(frame)
    return frame[frame["name"].notna()] if layer == "buildings" else frame


def _named_once(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the longest piece of each named street."""
    named = streets[streets["name"].notna()]
    order = np.argsort(-shapely.length(named.geometry.to_numpy()), kind="stable")
    return named.iloc[order].drop_duplicates("name").sort_index()


def _with_villages(rows: pd.DataFrame, villages: gpd.GeoDataFrame) -> pd.DataFrame:
    at = village_of(rows["lon"], rows["lat"], villages)
    codes = np.array([*villages["code"], None], dtype=object)
    own = rows["village"].to_numpy(dtype=object)
    villages_of_all = np.where(pd.isna(own), codes[at], own)
    return rows.assign(village=pd.Series(villages_of_all, rows.index, dtype=object))
