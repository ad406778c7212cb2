from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from shapely import box

from gis import hexes
from gis.errors import LayerMissingError, NotFoundError
from gis.layers import WGS84, Layers, conform
from maps.scales import scale
from maps.style import contrast, rgb, style
from maps.tiles import (
    COVERAGE_THEMES,
    BaseTiles,
    CellTiles,
    build_tiles,
    drawn_themes,
    scale_of,
)
from maps.tiles_cells import HATCH_OPACITY
from maps.tiles_grid import tile_count, tile_of, tiles_within, widened
from planner.results_coverage import Coverage

PLACE = box(120.72, 30.15, 120.73, 30.16)
MIDDLE = (17, *tile_of(120.725, 30.155, 17))


def pixels(tile: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(tile))
    assert image.size == (256, 256)
    return np.asarray(image.convert("RGBA"))


def drawn_at_all(tiles: CellTiles) -> bool:
    return any((classes >= 0).any() for classes in tiles.classes.values())


def cells(value: float) -> pd.DataFrame:
    return pd.DataFrame({"open_m2": 1.0, "value": value}, index=hexes.cells_in(PLACE, 12))


@pytest.mark.parametrize("zoom", [13, 15, 17, 19])
@pytest.mark.parametrize(("value", "number"), [(0.0, 0), (0.5, 2), (1.0, 4)])
def test_middle_of_the_town_has_the_colour_of_its_class(
    zoom: int, value: float, number: int
) -> None:
    seen = pixels(CellTiles.build(cells(value)).png(zoom, *tile_of(120.725, 30.155, zoom)))
    colours = {tuple(int(v) for v in c[:3]) for c in seen.reshape(-1, 4) if c[3] > 0}
    assert rgb(style()["seen"]["colours"][number]) in colours
    assert len(colours) <= 2  # the class, and its outline


def test_nothing_is_drawn_where_no_cell_is() -> None:
    tiles = CellTiles.build(cells(1.0))
    assert not pixels(tiles.png(15, *tile_of(120.9, 30.3, 15)))[..., 3].any()
    nothing = CellTiles.build(cells(1.0).head(0))
    assert not pixels(nothing.png(15, *tile_of(120.725, 30.155, 15)))[..., 3].any()


def test_unknown_and_built_up_cells_are_left_out() -> None:
    table = cells(0.5)
    blank = pd.concat([table.head(10).assign(value=np.nan), table.tail(10).assign(open_m2=0.0)])
    assert not drawn_at_all(CellTiles.build(blank))


@settings(max_examples=25)
@given(st.floats(120.7205, 120.7295), st.floats(30.1505, 30.1595), st.integers(16, 20))
def test_a_pixel_shows_the_cell_it_lies_in(lon: float, lat: float, zoom: int) -> None:
    table = cells(0.0)
    table["value"] = np.arange(len(table)) % 2
    x, y = tile_of(lon, lat, zoom)
    left, top = lon_lat_of(x, y, zoom)
    right, bottom = lon_lat_of(x + 1, y + 1, zoom)
    column = min(int((lon - left) / (right - left) * 256), 255)
    row = min(int((top - lat) / (top - bottom) * 256), 255)
    centre_lon = left + (column + 0.5) / 256 * (right - left)
    centre_lat = top + (row + 0.5) / 256 * (bottom - top)
    drawn = pixels(CellTiles.build(table).png(zoom, x, y))[row, column]
    cell = hexes.cell_of_points([centre_lon], [centre_lat], 12)[0]
    if cell in table.index:
        fill = rgb(style()["seen"]["colours"][4 if table.loc[cell, "value"] else 0])
        line = style()["seen"]["outline_opacity"]
        edge = [round(f * (1 - line) + 255 * line) for f in fill]
        assert tuple(drawn[:3]) in (fill, tuple(edge))
    else:
        assert drawn[3] == 0


def lon_lat_of(x: int, y: int, z: int) -> tuple[float, float]:
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / 2**z))))
    return 360 * x / 2**z - 180, float(lat)


def test_base_map_shows_streets_and_buildings(town: Layers) -> None:
    tiles = BaseTiles.build(town)
    zoom, ground = 17, style()["base"]["ground"]
    street = pixels(tiles.png(zoom, *tile_of(120.723, 30.1525, zoom)))
    assert (street[..., 0] == 255).any()
    house = pixels(tiles.png(zoom, *tile_of(120.7215, 30.15325, zoom)))
    assert (house[..., 0] == style()["base"]["building"]).any()
    assert (pixels(tiles.png(zoom, *tile_of(121.5, 30.9, zoom)))[..., 0] == ground).all()


def test_base_map_shows_water_below_everything(town: Layers) -> None:
    lake = gpd.GeoDataFrame(
        {"code": ["lake"], "kind": ["water"]}, geometry=[PLACE.buffer(0.1)], crs=WGS84
    )
    tiles = BaseTiles.build(town.replaced(areas=conform(lake, "areas")))
    seen = pixels(tiles.png(17, *tile_of(120.723, 30.1525, 17)))[..., 0]
    assert (seen == 255).any()
    assert not (seen == style()["base"]["ground"]).any()
    middle = pixels(tiles.png(17, *tile_of(120.78, 30.1, 17)))[..., 0]
    assert (middle == style()["base"]["water"]).all()


@pytest.mark.parametrize("tile", [(-1, 0, 0), (3, 8, 0), (3, 0, -1), (21, 0, 0)])
def test_tile_outside_the_world_is_refused(tile: tuple[int, int, int], town: Layers) -> None:
    with pytest.raises(NotFoundError):
        BaseTiles.build(town).png(*tile)
    with pytest.raises(NotFoundError):
        CellTiles.build(cells(1.0)).png(*tile)


def test_themes(town: Layers, coverage: Coverage) -> None:
    for theme in ("base", *COVERAGE_THEMES):
        tile = build_tiles(theme, town, coverage).png(16, *tile_of(120.723, 30.1525, 16))
        assert pixels(tile)[..., 3].any()
    with pytest.raises(NotFoundError, match="cells_low"):
        build_tiles("satellite", town)
    for theme in ("cells", "cells_cameras", "change"):
        with pytest.raises(LayerMissingError):
            build_tiles(theme, town)


def test_themes_of_which_nothing_is_known_are_not_drawn(coverage: Coverage) -> None:
    assert drawn_themes(coverage) == COVERAGE_THEMES
    blank = replace(coverage, cells=coverage.cells.assign(networked=np.nan))
    assert drawn_themes(blank) == tuple(t for t in COVERAGE_THEMES if t != "cells_networked")


@pytest.mark.parametrize(
    ("theme", "column", "value", "number"),
    [
        ("cells_cameras", "cameras", 2, 2),
        ("cells_cameras", "cameras", 9, 3),
        ("cells_picture", "px_per_m", 0.0, 0),
        ("cells_picture", "px_per_m", 130.0, 3),
        ("cells_in_service", "in_service", 0.3, 1),
    ],
)
def test_each_theme_has_the_colours_of_its_own_classes(
    town: Layers, coverage: Coverage, theme: str, column: str, value: float, number: int
) -> None:
    alike = replace(coverage, cells=coverage.cells.assign(**{column: value}))
    seen = pixels(build_tiles(theme, town, alike).png(17, *tile_of(120.723, 30.1525, 17)))
    colours = {tuple(int(v) for v in c[:3]) for c in seen.reshape(-1, 4) if c[3] > 0}
    assert rgb(scale_of(theme, alike).colours[number]) in colours
    assert len(colours) <= 2


def test_what_is_seen_less_is_hatched_and_what_did_not_change_is_left_out() -> None:
    for delta, hatched in ((-0.3, True), (0.3, False)):
        seen = pixels(CellTiles.build(cells(delta), "value", scale("change")).png(*MIDDLE))
        lines = (seen == [255, 255, 255, HATCH_OPACITY]).all(axis=2)
        assert lines.any() == hatched
    assert not drawn_at_all(CellTiles.build(cells(0.001), "value", scale("change")))


def test_a_change_is_found_from_afar() -> None:
    table = cells(0.0)
    table["value"] = np.where(np.arange(len(table)) == len(table) // 2, -1.0, 0.0)
    far = CellTiles.build(table, "value", scale("change"))
    for zoom in (11, 13, 15):
        tiles = [far.png(zoom, *tile) for tile in tiles_within(PLACE.bounds, zoom)]
        assert any(pixels(tile)[..., 3].any() for tile in tiles)


def test_tiles_within_a_box_are_counted_and_listed_alike() -> None:
    bounds = widened((120.72, 30.15, 120.73, 30.16))
    for zoom in range(8, 18):
        assert len(set(tiles_within(bounds, zoom))) == tile_count(bounds, zoom)


def test_signs_stand_out_from_the_base_map() -> None:
    ground = style()["base"]["ground"]
    base = f"#{ground:02x}{ground:02x}{ground:02x}"
    # A sign with an outline is told from the ground by that, or by its filling.
    looks = [[look[2], *look[4:]] for look in style()["marks"].values()]
    lines = [max(colours, key=lambda colour: contrast(colour, base)) for colours in looks]
    lines += [*style()["teams"]["colours"], style()["rings"]["line"]]
    too_faint = [c for c in lines if contrast(c, base) < 3]
    # Okabe and Ito's orange, sky blue and pink are pale: their casing and arrowheads carry them.
    assert set(too_faint) <= {"#e69f00", "#56b4e9", "#cc79a7"}
