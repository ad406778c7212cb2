"""Rings and clipping against slow, obvious references."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from gis.osm_clip import clip_area, polygonal, whole_segments
from gis.osm_rings import CROSSED, UNCLOSED, RingError, area_of_lines, polygons_through

SIZE = 5
CELLS = [(x, y) for x in range(SIZE) for y in range(SIZE)]


@st.composite
def chopped(draw: st.DrawFn) -> tuple[Polygon, list[LineString]]:
    """Return squares of a board as one area, and its borders as ways, cut anywhere, shuffled."""
    cells = draw(st.sets(st.sampled_from(CELLS), min_size=1))
    area = shapely.union_all([box(x, y, x + 1, y + 1) for x, y in cells])
    ways: list[LineString] = []
    for part in shapely.get_parts(area):
        for ring in (part.exterior, *part.interiors):
            corners = shapely.get_coordinates(ring)
            cuts = draw(st.sets(st.integers(1, len(corners) - 2)))
            ends = [0, *sorted(cuts), len(corners) - 1]
            pieces = [corners[a : b + 1] for a, b in pairwise(ends)]
            ways += [LineString(p[:: draw(st.sampled_from((1, -1)))]) for p in pieces]
    return area, draw(st.permutations(ways))


@given(chopped())
def test_ways_make_the_area_they_were_cut_from(case: tuple[Polygon, list[LineString]]) -> None:
    area, ways = case
    built = area_of_lines(np.array(ways, dtype=object))
    assert built.is_valid
    assert built.equals(area)


@given(chopped())
def test_a_way_that_is_missing_leaves_no_area(case: tuple[Polygon, list[LineString]]) -> None:
    _, ways = case
    open_way = next((w for w in ways if not w.is_closed), None)
    assume(open_way is not None)
    with pytest.raises(RingError, match=UNCLOSED):
        area_of_lines(np.array([w for w in ways if w is not open_way], dtype=object))


@given(st.sets(st.sampled_from(CELLS), min_size=1))
def test_rings_side_by_side_are_one_area(cells: set[tuple[int, int]]) -> None:
    # Each square drawn whole, as outer rings that touch: shared sides cancel out.
    squares = [box(x, y, x + 1, y + 1) for x, y in cells]
    built = area_of_lines(np.array([s.exterior for s in squares], dtype=object))
    assert built.equals(shapely.union_all(squares))


def test_rings_that_cross_are_refused() -> None:
    bow_tie = LineString([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])
    with pytest.raises(RingError, match=CROSSED):
        area_of_lines(np.array([bow_tie]))


def test_a_line_there_and_back_is_no_ring() -> None:
    with pytest.raises(RingError, match=UNCLOSED):
        area_of_lines(np.array([LineString([(0, 0), (1, 0), (0, 0)])]))


@pytest.mark.parametrize(
    ("corners", "area"),
    [
        ([(0, 0), (2, 0), (2, 2), (0, 0)], 2.0),
        ([(0, 0), (2, 0), (2, 2)], 2.0),
        ([(0, 0), (1, 0), (2, 0)], None),
        ([(0, 0), (1, 0), (0, 0)], None),
        ([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)], 2.0),
    ],
)
def test_polygons_through_vertices(corners: list[tuple[float, float]], area: float | None) -> None:
    (shape,) = polygons_through(np.array([LineString(corners)]))
    assert (shape.area if shape is not None else None) == area


def test_polygonal_keeps_order_and_refuses_lines() -> None:
    shapes = [box(0, 0, 1, 1), None, Point(0, 0), Polygon(), LineString([(0, 0), (1, 1)])]
    assert [shape is None for shape in polygonal(shapes)] == [False, True, True, True, True]


coordinate = st.integers(0, 8).map(float)
lines = st.lists(
    st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=8).filter(
        lambda points: all(a != b for a, b in pairwise(points))
    ),
    max_size=4,
)
L_SHAPE = Polygon([(1, 1), (7, 1), (7, 3), (4, 3), (4, 7), (1, 7)])


@given(lines, st.sampled_from([box(2, 2, 6, 6), L_SHAPE, box(20, 20, 21, 21)]))
def test_segments_with_both_ends_inside_are_kept_uncut(
    drawn: list[list[tuple[float, float]]], clip: Polygon
) -> None:
    given_lines = np.array([*map(LineString, drawn), None], dtype=object)[:-1]
    kept = whole_segments(clip, given_lines)
    assert len(kept) == len(drawn)
    for points, line in zip(drawn, kept, strict=True):
        expected = [
            (a, b)
            for a, b in pairwise(points)
            if clip.intersects(Point(a)) and clip.intersects(Point(b))
        ]
        found = [
            (a, b)
            for part in (shapely.get_parts(line) if line is not None else [])
            for a, b in pairwise(part.coords)
        ]
        assert found == expected


def test_clip_area_of_nodes_in_one_row_has_room_for_them() -> None:
    area = clip_area(None, None, (120, 30, 121, 30), 0.5)
    assert area.is_valid
    assert area.covers(LineString([(120, 30), (121, 30)]))


def test_boundary_that_crosses_itself_is_repaired() -> None:
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    area = clip_area(bow_tie, None, (0, 0, 1, 1), 0.5)
    assert area.is_valid
    assert area.area == 2
