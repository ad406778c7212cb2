from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box
from shapely.geometry import shape

from gis import hexes
from gis.errors import NotFoundError
from gis.layers import Layers
from maps.mvt import LAYERS, ShapeTiles, cells_mvt
from maps.tiles import CellTiles
from maps.tiles_grid import tile_of

PLACE = box(120.72, 30.15, 120.73, 30.16)
EXTENT = 4096


def decoded(tile: bytes, layer: str) -> list[dict[str, Any]]:
    told = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    assert list(told) == [layer]
    assert told[layer]["extent"] == EXTENT
    return list(told[layer]["features"])


def lon_lat(x: float, y: float, tile: tuple[int, int, int]) -> tuple[float, float]:
    """Return where a point of a tile is."""
    z, column, row = tile
    up = np.pi * (1 - 2 * (row + y / EXTENT) / 2**z)
    return 360 * (column + x / EXTENT) / 2**z - 180, float(np.degrees(np.arctan(np.sinh(up))))


@pytest.fixture(scope="module")
def tiles() -> CellTiles:
    ids = hexes.cells_in(PLACE, 12)
    value = np.arange(len(ids)) / (len(ids) - 1)
    return CellTiles.build(pd.DataFrame({"open_m2": 300.0, "value": value}, index=ids))


def test_cells_come_with_their_id_value_class_and_place(tiles: CellTiles) -> None:
    tile = (17, *tile_of(120.725, 30.155, 17))
    features = decoded(cells_mvt("cells", tiles, *tile), "cells")
    ids = tiles.ground.levels[12].ids
    for one in features:
        cell, properties = hexes.from_text([one["properties"]["h3"]]), one["properties"]
        at = int(np.searchsorted(ids, cell[0]))
        assert ids[at] == cell[0]
        assert properties["value"] == pytest.approx(at / (len(ids) - 1), abs=1e-6)
        assert properties["class"] == np.searchsorted([0.2, 0.4, 0.6, 0.8], properties["value"])
        lon, lat = lon_lat(*shape(one["geometry"]).centroid.coords[0], tile)
        if not shape(one["geometry"]).within(box(0, 0, EXTENT, EXTENT)):
            continue
        centre = [float(v[0]) for v in hexes.centres(cell)]
        assert (lon, lat) == pytest.approx(centre, abs=2e-6)
    # Every cell whose middle lies on the tile is there, once.
    places = [hexes.centres(ids)[k] for k in (0, 1)]
    here = [tile_of(lon, lat, 17) == tile[1:] for lon, lat in zip(*places, strict=True)]
    told = [one["properties"]["h3"] for one in features]
    assert len(told) == len(set(told))
    assert set(hexes.to_text(ids[here])) <= set(told)


def test_parents_stand_for_small_cells_and_have_a_class_only(tiles: CellTiles) -> None:
    tile = (13, *tile_of(120.725, 30.155, 13))
    features = decoded(cells_mvt("cells", tiles, *tile), "cells")
    assert {int(h3["properties"]["h3"][1], 16) for h3 in features} == {10}
    assert {tuple(sorted(one["properties"])) for one in features} == {("class", "h3")}


def test_nothing_where_no_cell_is_or_none_is_known(tiles: CellTiles) -> None:
    assert cells_mvt("cells", tiles, 15, *tile_of(120.9, 30.3, 15)) == b""
    ids = hexes.cells_in(PLACE, 12)
    unknown = CellTiles.build(pd.DataFrame({"open_m2": 300.0, "value": np.nan}, index=ids))
    assert cells_mvt("cells", unknown, 15, *tile_of(120.725, 30.155, 15)) == b""
    with pytest.raises(NotFoundError):
        cells_mvt("cells", tiles, 3, 8, 0)


def test_a_layer_comes_with_what_its_schema_knows(town: Layers) -> None:
    tile = (16, *tile_of(120.7232, 30.1526, 16))
    one = next(
        feature
        for feature in decoded(ShapeTiles.build("cameras", town).mvt(*tile), "cameras")
        if feature["properties"]["code"] == "c1"
    )
    assert one["properties"]["azimuth_deg"] == 90.0
    assert one["properties"]["status"] == "in_use"
    assert lon_lat(*one["geometry"]["coordinates"], tile) == pytest.approx(
        (120.7232, 30.1526), abs=2e-6
    )
    other = {**town["cameras"].iloc[1]}
    assert np.isnan(other["azimuth_deg"])
    two = decoded(
        ShapeTiles.build("cameras", town).mvt(14, *tile_of(120.722, 30.1524, 14)), "cameras"
    )
    assert (
        "azimuth_deg" not in next(o for o in two if o["properties"]["code"] == "c2")["properties"]
    )


def test_columns_that_the_schema_does_not_know_are_not_told(town: Layers) -> None:
    more = town["cameras"].assign(owner="somebody")
    tile = (16, *tile_of(120.7232, 30.1526, 16))
    told = decoded(ShapeTiles.build("cameras", town.replaced(cameras=more)).mvt(*tile), "cameras")
    assert all("owner" not in one["properties"] for one in told)


def test_polygons_are_cut_at_the_rim_and_turned_as_the_format_says(town: Layers) -> None:
    x, y = tile_of(120.7225, 30.1525, 18)
    features = decoded(ShapeTiles.build("villages", town).mvt(18, x, y), "villages")
    assert features
    for one in features:
        outline = shape(one["geometry"])
        assert outline.is_valid
        assert outline.within(box(-64, -64, EXTENT + 64, EXTENT + 64))
        ring = np.array(outline.exterior.coords)
        area = (ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1]).sum()
        assert area > 0


def test_what_falls_on_one_point_is_left_out(town: Layers) -> None:
    spot = Point(120.7232, 30.1526).buffer(1e-9)
    dot = town["villages"].head(1).set_geometry([spot], crs=town["villages"].crs)
    tiny = ShapeTiles.build("villages", town.replaced(villages=dot))
    assert tiny.mvt(14, *tile_of(120.7232, 30.1526, 14)) == b""


def test_large_layers_are_left_out_of_small_zooms(town: Layers) -> None:
    tiles = ShapeTiles.build("buildings", town)
    assert tiles.mvt(12, *tile_of(120.7215, 30.1532, 12)) != b""
    assert tiles.mvt(11, *tile_of(120.7215, 30.1532, 11)) == b""


@pytest.mark.parametrize("layer", ["incidents", "facts", "restrictions", "people", "base"])
def test_layers_that_are_not_given_out(layer: str, town: Layers) -> None:
    assert layer not in LAYERS
    with pytest.raises(NotFoundError, match="villages"):
        ShapeTiles.build(layer, town)
