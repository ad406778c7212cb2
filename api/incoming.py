"""Files of every kind as what an import brings: checked layers that are not stored yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import MultiPolygon, Polygon

from gis.camera_sheet import DEFAULT_PROFILE, CameraSheetRead, read_camera_sheet
from gis.errors import Fault, FileMissingError, FormatError, LayerFaultsError
from gis.gb28181 import CatalogueRead, read_catalogue
from gis.layers import Layers
from gis.mapping import FileMapping
from gis.merge_base import read_base
from gis.osm import read_town
from gis.read import read_layer
from gis.read_datum import settled
from gis.read_shapes import read_geojson, read_gpkg
from gis.store_merge import MergeRules
from gis.template_returned import read_returned

OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
# How many of the cameras that are left out a report names; the document lists all.
NAMED = 10


@dataclass(frozen=True, eq=False)
class Incoming:
    """What one import would bring.

    Parameters
    ----------
    source
        The file or folder.
    frames
        Layer to its rows, validated, EPSG:4326.
    nothing_of
        Layers that the file could have told of and does not; the town's own stay as they are.
    rules
        Layer to how it is merged, where that is not the usual way.
    left_out
        Reason to number of things that were left out.
    dropped_columns
        Columns of the file that told of persons.
    warnings
        What the reader must know; names the dropped columns too.
    extent, attribution
        As in `gis.store.Store.import_layers`.
    details
        Further parts of the JSON document.
    """

    source: str
    frames: Mapping[str, gpd.GeoDataFrame] = field(repr=False)
    nothing_of: tuple[str, ...] = ()
    rules: Mapping[str, MergeRules] = field(default_factory=dict, repr=False)
    left_out: Mapping[str, int] = field(default_factory=dict)
    dropped_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    extent: Polygon | MultiPolygon | None = field(default=None, repr=False)
    attribution: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)


def from_osm(path: Path, boundary: gpd.GeoDataFrame | None, *, whole: bool) -> Incoming:
    """Return the layers of an OpenStreetMap file.

    Parameters
    ----------
    path
        The file.
    boundary
        What to read of it; None for all.
    whole
        Whether layers of which the file has nothing come too, empty.
    """
    town = read_town(path, boundary)
    # A layer of which the file has nothing stays unknown, unless it takes the place of another.
    frames = {name: frame for name, frame in town.layers.items() if whole or len(frame)}
    return Incoming(
        path.name,
        frames,
        tuple(name for name in town.layers if name not in frames),
        left_out=town.dropped,
        extent=town.clip,
        attribution=(OSM_ATTRIBUTION,),
    )


def from_file(
    path: Path,
    layer: str,
    town: Layers,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: FileMapping | None = None,
) -> Incoming:
    """Return one layer of a file.

    Parameters
    ----------
    path
        A file as `gis.read.read_layer` takes it. A GeoPackage that this program exported tells
        what it was made from, so that edits on both sides are told apart.
    layer
        Name of the layer.
    town
        What coordinates are compared with.
    crs, encoding, mapping
        What the file does not say of itself.
    """
    read = read_layer(path, layer, crs=crs, encoding=encoding, mapping=mapping, town=town)
    base = read_base(path, layer)
    rules = {} if base is None else {layer: MergeRules(base.frame, read.columns)}
    return Incoming(
        path.name,
        {layer: read.frame},
        rules=rules,
        dropped_columns=read.dropped_columns,
        warnings=read.warnings,
    )


def from_returned(path: Path, layer: str, town: Layers) -> Incoming:
    """Return what villages filled into templates.

    Parameters
    ----------
    path
        A folder of returned workbooks, or one of them.
    layer
        Name of the layer.
    town
        Its villages are who must return something.

    Raises
    ------
    LayerFaultsError
        If a cell is wrong, or two sheets say different things of one; it names file, sheet and row
        of all of them, and at its end what is missing. That alone does not stop the rest.
    """
    read = read_returned(path, layer, town=town)
    problems = [*map(str, read.faults), *(f"sheets disagree on {one}" for one in read.conflicts)]
    if problems:
        faults = [Fault(None, None, one) for one in problems]
        # Whoever asks for corrections asks for what is missing in the same letter.
        raise LayerFaultsError(layer, faults, str(path), notes=read.waited_for())
    # Templates ask for WGS 84; people take places from web maps all the same.
    frame, doubts = settled(read.frame, layer, None, town)
    return Incoming(
        path.name,
        {layer: frame},
        dropped_columns=read.dropped_columns,
        warnings=(*read.warnings, *doubts),
        details=read.document(),
    )


def from_catalogue(paths: Sequence[Path], town: Layers, *, crs: str | None = None) -> Incoming:
    """Return the cameras of a GB/T 28181 catalogue.

    Parameters
    ----------
    paths
        XML files or folders of them.
    town
        What coordinates are compared with.
    crs
        What the coordinates are.
    """
    read = read_catalogue(paths, crs=crs, town=town)
    return _cameras(read, tuple(read.dropped), _listed("cameras of wrong code", read.wrong_codes))


def from_camera_sheet(
    path: Path,
    town: Layers,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    profile: str | None = None,
) -> Incoming:
    """Return the cameras of a one-camera-one-file sheet.

    Parameters
    ----------
    path
        A .xlsx or .csv file.
    town
        What coordinates are compared with.
    crs, encoding
        What the file does not say of itself.
    profile
        Which of the code tables in use it follows; None for the usual one.
    """
    read = read_camera_sheet(
        path, crs=crs, encoding=encoding, profile=profile or DEFAULT_PROFILE, town=town
    )
    return _cameras(read, tuple(read.dropped_columns))


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


def _cameras(
    read: CatalogueRead | CameraSheetRead, dropped: tuple[str, ...], told: Sequence[str] = ()
) -> Incoming:
    without = _listed("cameras without a place", read.without_place)
    warnings = [*read.warnings, *told, *without]
    if dropped:
        warnings.append(f"secret or personal fields dropped: {', '.join(dropped)}")
    return Incoming(
        Path(read.source).name,
        {"cameras": read.frame},
        left_out=read.left_out(),
        dropped_columns=dropped,
        warnings=tuple(warnings),
        details=read.document(),
    )


def _listed(what: str, rows: pd.DataFrame) -> list[str]:
    """Return one line that names cameras which are left out, and why."""
    if not len(rows):
        return []
    named = [f"{code} ({reason})" for code, reason in rows[["code", "reason"]].head(NAMED).values]
    more = f", and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return [f"{what}: {', '.join(named)}{more}"]
