"""Blocks cut by straight lines: where, and where not."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from gis.profiles import load
from planner.grids_cuts import cut_lines

NO_PLACES = np.zeros((0, 2)), np.zeros(0, np.int64)


def pieces(block: Polygon, lines: list[Any]) -> list[Polygon]:
    edges = shapely.union_all([block.boundary, *lines])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    return [face for face in faces if block.contains(face.point_on_surface())]


def cut(
    block: Polygon,
    places: Any = NO_PLACES,
    buildings: tuple[Polygon, ...] = (),
    max_area_m2: float = np.inf,
    max_households: float = np.inf,
) -> list[Polygon]:
    lines = cut_lines(
        block,
        *places,
        shapely.STRtree(list(buildings)),
        max_area_m2=max_area_m2,
        max_households=max_households,
        table=load("grids")["cut"],
    )
    return pieces(block, lines)


def test_a_small_block_is_not_cut() -> None:
    assert len(cut(box(0, 0, 100, 50), max_area_m2=5000)) == 1


def test_a_long_block_is_cut_across() -> None:
    halves = cut(box(0, 0, 100, 20), max_area_m2=1000)
    assert sorted(half.bounds[0] for half in halves) == [0, 50]
    assert [round(half.area) for half in halves] == [1000, 1000]


def test_a_cut_runs_between_buildings() -> None:
    # A building stands in the middle; the gap is at 60-65.
    walls = (box(40, 5, 60, 25), box(65, 5, 90, 25))
    halves = cut(box(0, 0, 100, 30), buildings=walls, max_area_m2=2000)
    assert len(halves) == 2
    for wall in walls:
        assert sum(half.intersects(wall) for half in halves) == 1


def test_a_crowded_block_is_cut_where_it_halves_the_households() -> None:
    places = np.array([[61.0, 5], [63, 5], [91, 5], [96, 5]]), np.array([10, 10, 10, 10])
    west, east = sorted(
        cut(box(0, 0, 100, 20), places, max_households=20), key=lambda half: half.bounds[0]
    )
    assert 63 < west.bounds[2] < 91
    assert east.bounds[0] == west.bounds[2]


def test_a_building_alone_is_never_cut_for_its_households() -> None:
    places = np.array([[50.0, 10]]), np.array([700])
    assert len(cut(box(0, 0, 100, 20), places, max_households=50)) == 1


def test_places_on_one_spot_are_left_together() -> None:
    places = np.full((3, 2), 50.0), np.array([40, 40, 40])
    assert len(cut(box(0, 0, 100, 100), places, max_households=50)) == 1


def test_a_block_around_a_hole_is_cut_through_both_sides() -> None:
    ring = box(0, 0, 90, 60) - box(30, 20, 60, 40)
    parts = cut(ring, max_area_m2=2500)
    assert len(parts) >= 2
    assert sum(part.area for part in parts) > ring.area - 1
    assert all(not part.interiors for part in parts)


@given(
    st.lists(st.tuples(st.floats(0, 200), st.floats(0, 120)), min_size=3, max_size=12),
    st.floats(300, 3000),
)
@settings(max_examples=40)
def test_pieces_are_small_enough_and_fill_the_block(
    corners: list[tuple[float, float]], limit_m2: float
) -> None:
    block = shapely.MultiPoint(corners).convex_hull.buffer(5)
    parts = cut(block, max_area_m2=limit_m2)
    assert max(part.area for part in parts) <= limit_m2 + 1
    assert abs(sum(part.area for part in parts) - block.area) < 1e-6 * block.area
