"""Files into the store of a town, with a report of what came in and what did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from gis.errors import FileMissingError, FormatError, LayerFaultsError
from gis.osm import read_town
from gis.read import read_layer
from gis.read_shapes import read_geojson, read_gpkg
from gis.store import Store

OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


@dataclass(frozen=True)
class Imported:
    """What one import brought.

    Parameters
    ----------
    source
        The file.
    revision
        Revision of the store after it.
    rows
        Layer to its new rows.
    left_out
        Reason to number of things that were left out.
    dropped_columns
        Columns of the file that told of persons.
    warnings
        What the reader must know; names the dropped columns too.
    """

    source: str
    revision: int
    rows: Mapping[str, int]
    left_out: Mapping[str, int]
    dropped_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return a few lines a person can read."""
        rows = ", ".join(f"{layer} {count}" for layer, count in self.rows.items())
        lines = [f"{self.source}: {rows} (revision {self.revision})"]
        if self.left_out:
            counts = ", ".join(f"{count} {reason}" for reason, count in self.left_out.items())
            lines.append(f"Left out: {counts}")
        return "\n".join([*lines, *self.warnings])

    def document(self) -> dict[str, Any]:
        """Return the report as `fengqiao import --json` prints it."""
        return {
            "source": self.source,
            "rows": dict(self.rows),
            "left_out": dict(self.left_out),
            "dropped_columns": list(self.dropped_columns),
            "warnings": list(self.warnings),
        }


def import_osm(
    store: Store,
    path: Path,
    boundary: gpd.GeoDataFrame | None = None,
    *,
    replace: bool = False,
) -> Imported:
    """Import the layers of an OpenStreetMap file.

    Parameters
    ----------
    store
        The town's store.
    path
        The file.
    boundary
        What to read of it; None for all.
    replace
        Replace what the layers hold, instead of adding to it.
    """
    town = read_town(path, boundary)
    # A layer of which the file has nothing stays unknown, unless it takes the place of another.
    frames = {name: frame for name, frame in town.layers.items() if replace or len(frame)}
    revision = store.import_layers(
        frames,
        source=path.name,
        mode="replace" if replace else "append",
        extent=town.clip,
        attribution=(OSM_ATTRIBUTION,),
    )
    rows = {name: len(frame) for name, frame in town.layers.items()}
    return Imported(path.name, revision, rows, town.dropped)


def import_file(
    store: Store,
    layer: str,
    path: Path,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    replace: bool = False,
) -> Imported:
    """Import one layer from a GeoPackage, GeoJSON, CSV or Excel file.

    Parameters
    ----------
    store
        The town's store.
    layer
        Name of the layer.
    path
        The file.
    crs, encoding, mapping
        What the file does not say of itself; see `gis.read.read_layer`.
    replace
        Replace what the layer holds, instead of adding to it.
    """
    extent = store.town.extent
    read = read_layer(path, layer, crs=crs, encoding=encoding, mapping=mapping, extent=extent)
    revision = store.import_layers(
        {layer: read.frame}, source=path.name, mode="replace" if replace else "append"
    )
    return Imported(
        path.name,
        revision,
        {layer: len(read.frame)},
        {},
        tuple(read.dropped_columns),
        tuple(read.warnings),
    )


def read_boundary(path: Path) -> gpd.GeoDataFrame:
    """Return the polygons of a GeoJSON file or GeoPackage, in the CRS of the file.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If it is of another format.
    LayerFaultsError
        If a geometry cannot be read.
    """
    if not path.is_file():
        msg = f"{path}: there is no such file"
        raise FileMissingError(msg)
    ending = path.suffix.lower()
    if ending == ".gpkg":
        frame, _ = read_gpkg(path, "boundary")
    elif ending in (".geojson", ".json"):
        frame, faults = read_geojson(path, None, None)
        if faults:
            raise LayerFaultsError("boundary", faults, str(path))
    else:
        msg = f"{path}: a boundary is read from .geojson, .json or .gpkg"
        raise FormatError(msg)
    if not isinstance(frame, gpd.GeoDataFrame):
        msg = f"{path} has no geometry"
        raise FormatError(msg)
    return frame.set_geometry(frame.make_valid())
