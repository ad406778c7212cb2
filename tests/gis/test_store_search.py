from __future__ import annotations

import math

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.layers import WGS84
from gis.store import open_store
from gis.store_search import CELL_RESOLUTION, cell_ranges

PLACES = [(120.4, 29.9), (8.69, 49.41), (24.94, 60.17), (-74.0, 40.7), (179.99, -16.8), (15, 78)]


def holds(ranges: list[tuple[int, int]], cells: np.ndarray) -> np.ndarray:
    low, high = np.array(ranges, dtype=np.int64).T
    at = np.searchsorted(low, cells, side="right") - 1
    return (at >= 0) & (cells <= high[np.maximum(at, 0)])


@settings(max_examples=60)
@given(
    place=st.sampled_from(PLACES),
    width=st.floats(1e-5, 0.5),
    height=st.floats(1e-5, 0.5),
    seed=st.integers(0, 2**32 - 1),
)
def test_no_point_of_a_box_is_missed(
    place: tuple[float, float], width: float, height: float, seed: int
) -> None:
    west, south = place
    box = (west, south, min(west + width, 180.0), south + height)
    random = np.random.default_rng(seed)
    points = random.uniform(box[:2], box[2:], (300, 2))
    # Most of them at the edge, where an ancestor may lie outside.
    points[:100, 0] = box[0]
    points[100:200, 1] = box[3]
    cells = [h3.str_to_int(h3.latlng_to_cell(lat, lon, CELL_RESOLUTION)) for lon, lat in points]
    assert holds(cell_ranges(box), np.array(cells)).all()


def test_a_cover_is_small_and_in_order() -> None:
    ranges = cell_ranges((8.65, 49.40, 8.664, 49.409))
    ends = [end for pair in ranges for end in pair]
    assert ends == sorted(ends)
    assert len(ranges) < 60
    cells = sum(
        1
        for lon in np.linspace(8.55, 8.764, 60)
        for lat in np.linspace(49.33, 49.479, 60)
        if holds(ranges, np.array([h3.str_to_int(h3.latlng_to_cell(lat, lon, CELL_RESOLUTION))]))
    )
    # The box is 1/253 of this area: the cover must not be much of it.
    assert 0 < cells / 3600 < 0.03


@pytest.mark.parametrize(
    "box", [(-180, -90, 180, 90), (179.9, 0, 180, 1), (0, 88, 1, 89), (8, 49, 8, 49)]
)
def test_odd_boxes_have_a_cover(box: tuple[float, float, float, float]) -> None:
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    cell = h3.str_to_int(h3.latlng_to_cell(lat, lon, CELL_RESOLUTION))
    assert holds(cell_ranges(box), np.array([cell])).all()


@pytest.fixture(scope="module")
def scattered() -> dict[str, gpd.GeoDataFrame]:
    random = np.random.default_rng(5)
    centre = random.uniform([8.6, 49.35], [8.8, 49.45], (3000, 2))
    points = shapely.points(centre)
    spans = shapely.linestrings(np.stack([centre, centre + random.normal(0, 0.004, (3000, 2))], 1))
    shapes = {
        "cameras": points,
        "streets": spans,
        "buildings": shapely.buffer(spans, 1e-4),
        "sites": np.where(np.arange(3000) % 2 == 0, points, shapely.buffer(points, 0.002)),
    }
    code = [str(i) for i in range(3000)]
    return {
        layer: gpd.GeoDataFrame({"code": code}, geometry=shape, crs=WGS84)
        for layer, shape in shapes.items()
    }


def test_a_search_finds_what_shapely_finds(scattered: dict[str, gpd.GeoDataFrame]) -> None:
    random = np.random.default_rng(6)
    with open_store("sqlite://", create=True) as store:
        store.import_layers(scattered, source="x")
        for _ in range(25):
            turn = np.sort(random.uniform(0, 2 * math.pi, 6))
            ray = random.uniform(0.0005, 0.05, 6)
            middle = random.uniform([8.6, 49.35], [8.8, 49.45])
            star = np.stack([ray * np.cos(turn), ray * np.sin(turn)], 1) + middle
            area = shapely.make_valid(shapely.Polygon(star))
            for layer, frame in scattered.items():
                expected = frame["code"][frame.intersects(area)].tolist()
                assert store.features_in(layer, area)["code"].tolist() == expected
