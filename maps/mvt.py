"""Vector tiles: cells and layers of the town as shapes with their values, for other programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from h3ronpy import vector

from gis import hexes
from gis.errors import NotFoundError
from gis.layers import Layers
from gis.profiles import load
from gis.schema import SCHEMAS, schema
from maps.tiles_cells import CellTiles
from maps.tiles_grid import MAX_LAT, check_tile

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
# Single incidents are never given out, as in the features service.
LEFT_OUT = ("incidents",)
LAYERS = tuple(n for n, s in SCHEMAS.items() if s.geometry != "table" and n not in LEFT_OUT)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ShapeTiles:
    """A layer of the town ready to be cut into tiles.

    Parameters
    ----------
    name
        Of the layer.
    shapes
        Its geometries in the unit square of tile 0/0/0, with an index.
    properties
        Those of each.
    """

    name: str
    shapes: shapely.STRtree = field(repr=False)
    properties: tuple[dict[str, Any], ...] = field(repr=False)

    @classmethod
    def build(cls, name: str, layers: Layers) -> ShapeTiles:
        """Return a layer of a town: its shapes, and what its schema knows of them.

        Parameters
        ----------
        name
            One of `LAYERS`.
        layers
            The town; a layer that it lacks is empty.

        Raises
        ------
        NotFoundError
            If no such layer is given out.
        """
        if name not in LAYERS:
            msg = f"no tiles of shapes called {name!r}; there are: {', '.join(LAYERS)}"
            raise NotFoundError(msg)
        frame = layers[name]
        frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
        shapes = shapely.force_2d(frame.geometry.to_numpy())
        return cls(
            name, shapely.STRtree(shapely.transform(shapes, _unit)), _properties(frame, name)
        )

    def mvt(self, z: int, x: int, y: int) -> bytes:
        """Return one tile; empty where nothing lies, or too much would.

        Raises
        ------
        NotFoundError
            If there is no such tile.
        """
        check_tile(z, x, y)
        if z < load("tiles")["shapes"]["from_zoom"].get(self.name, 0):
            return b""
        at = np.sort(self.shapes.query(_box((z, x, y))))
        shapes = _in_tile(self.shapes.geometries[at], (z, x, y))
        told = [(shape, self.properties[k]) for shape, k in zip(shapes, at, strict=True)]
        return _encoded(self.name, told)


def cells_mvt(name: str, tiles: CellTiles, z: int, x: int, y: int) -> bytes:
    """Return the cells of a theme on one tile: `h3` (text), `class` and, of the finest, `value`.

    Cells are at least as wide as `tiles.toml` says for shapes; their parents stand for smaller
    ones. Those whose value is not known are left out.

    Parameters
    ----------
    name
        Of the theme.
    tiles
        Its cells.
    z, x, y
        The tile.

    Raises
    ------
    NotFoundError
        If there is no such tile.
    """
    check_tile(z, x, y)
    ground = tiles.ground
    if not ground.touches(z, x, y):
        return _encoded(name, [])
    resolution, _ = ground.resolution_at(z, y, "shapes")
    at = np.unique(ground.rows(resolution, z, x, y))
    at = at[at >= 0]
    at = at[tiles.classes[resolution][at] >= 0]
    ids = ground.levels[resolution].ids[at]
    corners = shapely.from_wkb(np.asarray(vector.cells_to_wkb_polygons(ids)))
    shapes = _in_tile(shapely.transform(corners, _unit), (z, x, y))
    told = [
        {"h3": text, "class": int(number)}
        for text, number in zip(hexes.to_text(ids), tiles.classes[resolution][at], strict=True)
    ]
    if resolution == max(ground.levels):
        for one, value in zip(told, tiles.values[at].tolist(), strict=True):
            one["value"] = value
    return _encoded(name, list(zip(shapes, told, strict=True)))


def _unit(lon_lat: Floats) -> Floats:
    """Return places in the unit square of tile 0/0/0: x and y from 0 to 1, y southward."""
    lat = np.radians(np.clip(lon_lat[:, 1], -MAX_LAT, MAX_LAT))
    return np.column_stack([(lon_lat[:, 0] + 180) / 360, (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2])


def _box(tile: tuple[int, int, int]) -> shapely.Polygon:
    """Return the box of a tile and what it reaches past its sides."""
    z, x, y = tile
    rim = load("tiles")["shapes"]["buffer"] / load("tiles")["shapes"]["extent"]
    box: shapely.Polygon = shapely.box(
        *((v / 2**z) for v in (x - rim, y - rim, x + 1 + rim, y + 1 + rim))
    )
    return box


def _in_tile(shapes: npt.NDArray[np.object_], tile: tuple[int, int, int]) -> Any:
    """Return shapes in a tile's own whole units, cut at its rim, made simpler, rings turned."""
    table = load("tiles")["shapes"]
    z, x, y = tile
    extent, buffer = table["extent"], table["buffer"]
    moved = shapely.transform(shapes, lambda xy: xy * (extent * 2.0**z) - (x * extent, y * extent))
    simple = shapely.simplify(moved, table["simpler"])
    cut = shapely.clip_by_rect(simple, -buffer, -buffer, extent + buffer, extent + buffer)
    whole = shapely.transform(cut, np.rint)
    bad = ~shapely.is_valid(whole)
    whole[bad] = [_mended(shape) for shape in whole[bad]]
    # The outer ring of a polygon has a positive area where y runs downward.
    return shapely.orient_polygons(whole, exterior_cw=False)


def _mended(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Return a shape whose corners fell on each other, without what has no extent any more."""
    parts = shapely.get_parts(shapely.make_valid(shape))
    rank = shapely.get_dimensions(shape)
    left = [part for part in parts if shapely.get_dimensions(part) == rank]
    if not left:
        return None
    return shapely.MultiPolygon(left) if rank == 2 else shapely.MultiLineString(left)


def _properties(frame: gpd.GeoDataFrame, name: str) -> tuple[dict[str, Any], ...]:
    """Return what the schema knows of each row, without what is not known."""
    columns = [column.name for column in schema(name).columns]
    values = [frame[column].astype(object).to_list() for column in columns]
    return tuple(
        {name: _plain(v) for name, v in zip(columns, row, strict=True) if not pd.isna(v)}
        for row in zip(*values, strict=True)
    )


def _plain(value: Any) -> Any:
    """Return a value as a tile keeps it: text, flag or number."""
    return value.item() if isinstance(value, np.generic) else value


def _encoded(name: str, told: list[tuple[Any, dict[str, Any]]]) -> bytes:
    """Return shapes in a tile's own whole units as a tile of one layer."""
    features = [
        {"geometry": shape, "properties": properties}
        for shape, properties in told
        if shape is not None and not shape.is_empty
    ]
    if not features:
        return b""
    encoded: bytes = mapbox_vector_tile.encode(
        {"name": name, "features": features},
        default_options={
            "extents": load("tiles")["shapes"]["extent"],
            "y_coord_down": True,
            "check_winding_order": False,
        },
    )
    return encoded
