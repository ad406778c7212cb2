"""Layers: the frozen bundle of one town's layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import MultiPolygon, Polygon

from gis.schema import SCHEMAS, schema

WGS84 = "EPSG:4326"

# Text that is missing is NaN, flags and integers keep "unknown" as NA.
DTYPES: Mapping[str, Any] = {
    "text": "str",
    "word": "str",
    "date": "str",
    "number": "float64",
    "integer": "Int64",
    "flag": "boolean",
}


def empty_layer(layer: str) -> gpd.GeoDataFrame:
    """Return a layer without rows, with every column of its schema.

    Parameters
    ----------
    layer
        Name of a layer. A table (restrictions, facts) has a geometry column of nulls, so that
        every layer is handled alike.

    Returns
    -------
    GeoDataFrame
        In EPSG:4326, columns in schema order, `geometry` last.

    Examples
    --------
    >>> list(empty_layer("areas").columns)
    ['code', 'name', 'kind', 'geometry']
    """
    columns = {c.name: pd.Series(dtype=DTYPES[c.type]) for c in schema(layer).columns}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=WGS84), crs=WGS84)


def conform(frame: pd.DataFrame, layer: str) -> gpd.GeoDataFrame:
    """Return a copy with every column of the schema, in its type and order.

    Columns that the schema does not know stay, behind those it does; nothing is checked
    (`gis.validate` does that), so values must already be of the right kind.

    Parameters
    ----------
    frame
        Rows of one layer; a geometry column in EPSG:4326 if it has one.
    layer
        Name of the layer.

    Returns
    -------
    GeoDataFrame
        Same index, EPSG:4326, `geometry` last.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a"], "key": ["x"], "note": ["kept"]})
    >>> conform(frame, "facts")[["code", "key", "note"]].values.tolist()
    [['a', 'x', 'kept']]
    """
    known = schema(layer).columns
    columns = {
        c.name: frame[c.name].astype(DTYPES[c.type])
        if c.name in frame
        else pd.Series(None, index=frame.index, dtype=DTYPES[c.type])
        for c in known
    }
    extra = [name for name in frame.columns if name not in columns and name != "geometry"]
    columns |= {name: frame[name] for name in extra}
    geometry = (
        gpd.GeoSeries(frame["geometry"], index=frame.index, crs=WGS84)
        if "geometry" in frame
        else gpd.GeoSeries(pd.Series(None, index=frame.index, dtype=object), crs=WGS84)
    )
    return gpd.GeoDataFrame(columns, index=frame.index, geometry=geometry, crs=WGS84)


@dataclass(frozen=True, eq=False)
class Layers:
    """Everything known about one town, as it was at one revision.

    Parameters
    ----------
    town
        Name of the town.
    frames
        Layer name to its frame, conformed, EPSG:4326. A layer that is absent here is unknown,
        which is not the same as empty.
    extent
        Area the files cover, EPSG:4326, or None.
    made_up
        True if any of it is made-up data.
    revision
        Number of the last change of the store.
    attribution
        Whom the maps must name, such as "© OpenStreetMap contributors".
    """

    town: str
    frames: Mapping[str, gpd.GeoDataFrame] = field(repr=False)
    extent: Polygon | MultiPolygon | None = field(default=None, repr=False)
    made_up: bool = False
    revision: int = 0
    attribution: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.frames:
            schema(name)

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        """Return one layer; without rows where the town has not got it."""
        schema(layer)
        return self.frames[layer] if layer in self.frames else empty_layer(layer)

    def has(self, layer: str) -> bool:
        """Return whether the layer is there with at least one row."""
        return len(self[layer]) > 0

    def missing(self, *layers: str) -> list[str]:
        """Return which of these layers are absent or without rows."""
        return [layer for layer in layers if not self.has(layer)]

    def replaced(self, **frames: gpd.GeoDataFrame) -> Layers:
        """Return the same town with some layers replaced."""
        return Layers(
            self.town,
            {**self.frames, **frames},
            self.extent,
            self.made_up,
            self.revision,
            self.attribution,
        )

    def summary(self) -> str:
        """Return one line: the town, its revision and the rows of each layer."""
        rows = ", ".join(f"{name} {len(self[name])}" for name in SCHEMAS if self.has(name))
        return f"{self.town}, revision {self.revision}: {rows or 'no layers yet'}"
