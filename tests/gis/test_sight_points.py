from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, affinity, box

from gis.sight_points import points_within

YARD = Polygon(box(0, 0, 9, 9).exterior, [box(3, 3, 6, 6).exterior.coords[::-1]])


def hits(polygons: list[Polygon | MultiPolygon | None], xy: list[tuple[float, float]]) -> list:
    polygon, point = points_within(np.array(polygons, dtype=object), np.array(xy, float))
    return list(zip(polygon.tolist(), point.tolist(), strict=True))


def test_holes_and_parts_are_told_apart() -> None:
    two = MultiPolygon([box(20, 0, 22, 2), box(24, 0, 26, 2)])
    xy = [(25, 1), (1, 1), (4.5, 4.5), (21, 1), (23, 1), (8, 8)]
    assert hits([YARD, two], xy) == [(0, 1), (0, 5), (1, 0), (1, 3)]


def test_a_point_on_a_shared_edge_or_corner_belongs_to_one_polygon() -> None:
    tiles = [box(x, y, x + 1, y + 1) for x in range(3) for y in range(3)]
    xy = [(1.0, 0.5), (0.5, 1.0), (1.0, 1.0), (2.0, 2.0), (1.5, 1.5)]
    assert sorted(point for _, point in hits(tiles, xy)) == [0, 1, 2, 3, 4]


def test_the_lower_and_left_sides_of_a_box_are_its_own() -> None:
    sides = [(0, 5), (5, 0), (0, 0), (9, 5), (5, 9), (9, 9)]
    assert hits([box(0, 0, 9, 9)], sides) == [(0, 0), (0, 1), (0, 2)]


def test_nothing_comes_of_nothing() -> None:
    assert hits([], [(0, 0)]) == []
    assert len(points_within(np.array([YARD]), np.zeros((0, 2)))[0]) == 0
    assert hits([None, Polygon()], [(0, 0)]) == []
    assert hits([YARD], [(np.nan, 1), (1, np.nan), (np.inf, 1), (1, 1)]) == [(0, 3)]
    assert hits([YARD], [(-50, -50)]) == []


shapes = st.builds(
    lambda shape, turn, size, x, y: affinity.translate(
        affinity.rotate(affinity.scale(shape, size, size), turn), x, y
    ),
    shape=st.sampled_from([YARD, box(0, 0, 30, 1), MultiPolygon([YARD, box(9, 9, 12, 12)])]),
    turn=st.floats(0, 360),
    size=st.floats(0.1, 8),
    x=st.floats(-40, 40),
    y=st.floats(-40, 40),
)


@given(polygons=st.lists(shapes, max_size=8), seed=st.integers(0, 9999), far=st.booleans())
def test_it_is_what_shapely_finds_point_by_point(
    polygons: list[Polygon], seed: int, far: bool
) -> None:
    random = np.random.default_rng(seed)
    xy = random.normal(0, 30, (400, 2))
    if far:  # metres of a projected town, with one view across all of it
        polygons = [affinity.translate(one, 500_000, 3_340_000) for one in polygons]
        polygons.append(box(490_000, 3_330_000, 510_000, 3_350_000))
        xy += [500_000, 3_340_000]
        xy[:200] = random.uniform([489_000, 3_329_000], [511_000, 3_351_000], (200, 2))
    solids = np.array([*polygons, None], dtype=object)[:-1]
    outlines = shapely.boundary(solids)[:, None]
    # Within rounding of an outline either answer is right.
    near = shapely.dwithin(outlines, shapely.points(xy), 1e-6)
    inside = shapely.contains_xy(solids[:, None], xy[:, 0], xy[:, 1])
    polygon, point = points_within(solids, xy)
    assert (np.lexsort([point, polygon]) == np.arange(len(point))).all()
    found = np.zeros_like(inside)
    found[polygon, point] = True
    assert np.array_equal(found[~near], inside[~near])
