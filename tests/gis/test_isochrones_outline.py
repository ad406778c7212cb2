"""Outlines of small surfaces worked out by hand, and of any against what is above 0."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.isochrones_kernels import Drawing, thinned
from gis.isochrones_outline import areas_of, no_rings, trace


def outlined(rows: list[str]) -> shapely.Geometry:
    """Return the area of a drawing, south at its foot, where # is 1 above 0 and . 1 below."""
    depth = np.array([[1 if c == "#" else -1 for c in row] for row in rows[::-1]], dtype=np.float32)
    return areas_of(trace(depth, 0, 0, 10.0, 0, no_rings(0, 0)), 1)[0]


def test_one_place_is_a_diamond() -> None:
    area = outlined(["...", ".#.", "..."])
    assert area.equals(shapely.Polygon([(10, 5), (15, 10), (10, 15), (5, 10)]))
    assert shapely.is_ccw(area.exterior)


def test_a_hole_holds_an_island_of_its_own() -> None:
    area = outlined([".......", ".#####.", ".#...#.", ".#.#.#.", ".#...#.", ".#####.", "......."])
    ring, island = sorted(area.geoms, key=lambda part: -part.area)
    assert [len(part.interiors) for part in (ring, island)] == [1, 0]
    assert shapely.is_ccw(ring.exterior)
    assert not shapely.is_ccw(ring.interiors[0])
    assert area.is_valid
    assert island.area == 50


def test_of_two_holes_side_by_side_both_are_cut_out() -> None:
    area = outlined([".......", ".#####.", ".#.#.#.", ".#####.", "......."])
    assert len(area.interiors) == 2
    assert area.is_valid


def test_places_across_are_joined_where_the_middle_is_above() -> None:
    depth = np.full((4, 4), -1, dtype=np.float32)
    depth[1, 1] = depth[2, 2] = 2
    assert areas_of(trace(depth, 0, 0, 1.0, 0, no_rings(0, 0)), 1)[0].geom_type == "Polygon"
    depth[1, 1] = depth[2, 2] = 0.5
    assert areas_of(trace(depth, 0, 0, 1.0, 0, no_rings(0, 0)), 1)[0].geom_type == "MultiPolygon"


def test_areas_without_rings_are_empty() -> None:
    assert [area.is_empty for area in areas_of(no_rings(4, 4), 2)] == [True, True]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=6))
def test_areas_are_valid_and_hold_just_the_places_above(inside: list[list[bool]]) -> None:
    above = np.pad(np.array(inside), 1)
    depth = np.where(above, 0.75, -0.25).astype(np.float32)
    area = areas_of(trace(depth, 3, 5, 2.0, 0, no_rings(0, 0)), 1)[0]
    row, column = np.indices(above.shape)
    assert area.is_valid
    held = shapely.intersects_xy(area, (3 + column.ravel()) * 2.0, (5 + row.ravel()) * 2.0)
    assert held.tolist() == above.ravel().tolist()


def test_thinned_edges_keep_their_ends_and_bends() -> None:
    xy = np.array([[0, 0], [50, 0.5], [100, 0], [100, 100], [7, 7], [9, 9]], dtype=float)
    share = np.array([0, 0.25, 0.5, 1, 0, 1])
    rough = thinned(Drawing(np.array([0, 4, 6]), xy, share), 1.0)
    assert rough.first.tolist() == [0, 3, 5]
    assert rough.xy.tolist() == [[0, 0], [100, 0], [100, 100], [7, 7], [9, 9]]
    assert rough.share.tolist() == [0, 0.5, 1, 0, 1]
