"""Cells of whole layers: the same as cell by cell, nothing twice, nothing lost."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from gis import hexes
from gis.errors import CrsError, InputError, ParameterError
from gis.hexes_fill import fill_polygons
from gis.hexes_index import index_layer
from gis.hexes_kernels import INSIDE, NEAR, OUTSIDE, bin_segments, classify

LON, LAT = 120.72, 30.15


def voronoi(count: int, seed: int, size: float = 0.05) -> gpd.GeoDataFrame:
    """Return a square town of `size` degrees cut into villages."""
    random = np.random.default_rng(seed)
    town = box(LON, LAT, LON + size, LAT + size)
    seats = shapely.multipoints(random.uniform([LON, LAT], [LON + size, LAT + size], (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seats, extend_to=town))
    return gpd.GeoDataFrame(geometry=shapely.intersection(cells, town), crs=4326)


def pairs(found: tuple[hexes.Cells, hexes.Ints]) -> list[tuple[int, int]]:
    return sorted(zip(found[0].tolist(), found[1].tolist(), strict=True))


def same_as_cell_by_cell(shapes: np.ndarray, resolution: int) -> bool:
    slow = hexes.cells_of_polygons(shapes, resolution)
    return pairs(fill_polygons(shapes, resolution)) == pairs(slow)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 30),
    resolution=st.integers(8, 12),
    tooth=st.floats(0, 0.003),
)
def test_families_give_the_same_cells_as_cell_by_cell(
    seed: int, count: int, resolution: int, tooth: float
) -> None:
    shapes = shapely.segmentize(voronoi(count, seed).geometry.to_numpy(), 0.004)
    # The same waves on both sides of a border, so that it stays one.
    wavy = shapely.transform(shapes, lambda xy: xy + tooth * np.sin(700 * xy[:, ::-1]))
    assert same_as_cell_by_cell(wavy[shapely.is_valid(wavy)], resolution)


@pytest.mark.parametrize(
    "shape",
    [
        box(0, 0, 0.2, 0.2).difference(box(0.05, 0.05, 0.15, 0.151)),
        MultiPolygon([box(0, 0, 0.1, 0.1), box(0.12, 0, 0.2, 0.1)]),
        box(-0.1, 75.0, 0.9, 75.2),
        box(-70.1, -54.0, -69.9, -53.9),
        box(0, 0, 0.00001, 5),
    ],
    ids=["hole", "parts", "far north", "far south", "strip of one metre"],
)
def test_odd_shapes_are_filled_as_cell_by_cell(shape: Polygon) -> None:
    assert same_as_cell_by_cell(np.array([shape], dtype=object), 10)


def test_a_country_and_the_ground_around_a_pentagon_are_filled_as_cell_by_cell() -> None:
    country = box(100, 20, 110, 30)
    assert same_as_cell_by_cell(np.array([country], dtype=object), 5)
    # Base cell 14 is a pentagon (H3 core library, base cells).
    lon, lat = hexes.centres(hexes.from_text(["811c3ffffffffff"]))
    sea = shapely.Point(lon[0], lat[0]).buffer(1)
    assert same_as_cell_by_cell(np.array([sea], dtype=object), 6)
    assert same_as_cell_by_cell(np.array([sea], dtype=object), 0)


def test_missing_empty_and_wrong_shapes_are_treated_as_cell_by_cell() -> None:
    shapes = np.array([None, Polygon(), box(LON, LAT, LON + 0.05, LAT + 0.05)], dtype=object)
    assert set(fill_polygons(shapes, 11)[1].tolist()) == {2}
    assert len(fill_polygons(shapes[:0], 11)[0]) == 0
    with pytest.raises(InputError, match="not on earth"):
        fill_polygons(np.array([box(500, 30, 501, 31)], dtype=object), 9)
    with pytest.raises(InputError, match="polygons only"):
        fill_polygons(np.array([shapely.Point(1, 1)], dtype=object), 9)
    with pytest.raises(ParameterError):
        fill_polygons(shapes, 16)


@given(
    ring=st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=3, max_size=40),
    x=st.floats(-3, 13),
    y=st.floats(-3, 13),
    radius=st.one_of(st.just(-1.0), st.floats(0, 3)),
)
def test_a_point_is_classified_as_shapely_does(
    ring: list[tuple[float, float]], x: float, y: float, radius: float
) -> None:
    hull = shapely.convex_hull(shapely.multipoints(ring))
    if hull.geom_type != "Polygon":
        return
    away = hull.boundary.distance(shapely.Point(x, y))
    if abs(away - max(radius, 0)) < 1e-9:
        return  # either answer is right
    xy = shapely.get_coordinates(hull)
    segments, first = np.hstack([xy[:-1], xy[1:]]), np.array([0, len(xy) - 1])
    one, zero = np.ones(1), np.zeros(1, np.int64)
    state = classify(
        one * x, one * y, zero, zero, one, radius, segments, bin_segments(segments, first)
    )
    inside = INSIDE if hull.contains(shapely.Point(x, y)) else OUTSIDE
    assert state[0] == (NEAR if away < radius else inside)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 30), resolution=st.integers(8, 11))
def test_neighbours_share_no_cell_and_their_cells_are_those_of_their_union(
    seed: int, count: int, resolution: int
) -> None:
    town = voronoi(count, seed)
    index = index_layer(town, resolution)
    own = index.cells[~index.shared]
    assert len(np.unique(own)) == len(own)
    union = box(LON, LAT, LON + 0.05, LAT + 0.05)
    assert own.tolist() == hexes.cells_in(union, resolution).tolist()
    assert set(index.owner.tolist()) == set(range(len(town)))
    assert (np.diff(index.cells.astype(object)) >= 0).all()


@given(
    slivers=st.lists(
        st.tuples(st.floats(0, 0.01), st.floats(0, 0.01), st.floats(1e-7, 1e-4), st.floats(0, 180)),
        min_size=1,
        max_size=8,
    )
)
def test_slivers_and_huts_keep_one_cell_each_and_take_none_away(
    slivers: list[tuple[float, float, float, float]],
) -> None:
    village = box(LON, LAT, LON + 0.01, LAT + 0.01)
    thin = [
        shapely.affinity.rotate(box(LON + x, LAT + y, LON + x + w, LAT + y + 1e-6), turn)
        for x, y, w, turn in slivers
    ]
    index = index_layer(gpd.GeoDataFrame(geometry=[village, *thin], crs=4326), 11)
    assert set(index.owner.tolist()) == set(range(len(thin) + 1))
    alone = index_layer(gpd.GeoDataFrame(geometry=[village], crs=4326), 11)
    assert index.cells[index.owner == 0].tolist() == alone.cells.tolist()
    for at in np.flatnonzero(index.shared):
        shape = [village, *thin][index.owner[at]]
        assert hexes.outline(index.cells[[at]]).distance(shape.representative_point()) == 0


def test_of_two_on_one_place_the_first_has_the_cells_and_the_second_one_shared() -> None:
    square = box(LON, LAT, LON + 0.005, LAT + 0.005)
    index = index_layer(gpd.GeoDataFrame(geometry=[square, square], crs=4326), 11)
    assert int(index.shared.sum()) == 1
    assert index.owner[index.shared].tolist() == [1]


def test_a_layer_without_shapes_has_no_cells_and_one_without_crs_is_refused() -> None:
    empty = index_layer(gpd.GeoDataFrame(geometry=[None, Polygon()], crs=4326), 12)
    assert len(empty.cells) == 0
    with pytest.raises(CrsError):
        index_layer(gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)]), 5)
    with pytest.raises(ParameterError):
        index_layer(voronoi(2, 1), -1)
