from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, affinity, box

from gis.errors import ParameterError
from gis.footprints import Footprints, dissolve, prepare, step_outside


def heights(footprints: Footprints) -> dict[float, float]:
    """Return the ground by height, square metres."""
    areas = shapely.area(footprints.polygons)
    tops = footprints.polygon_top_m
    return {float(top): float(areas[tops == top].sum()) for top in np.unique(tops)}


def test_where_footprints_overlap_the_higher_one_stands() -> None:
    pieces = prepare([box(0, 0, 4, 4), box(2, 0, 6, 4)], [3.0, 9.0])
    assert heights(pieces) == {3.0: 8.0, 9.0: 16.0}


def test_an_unknown_height_is_above_all() -> None:
    pieces = prepare([box(0, 0, 4, 4), box(2, 0, 6, 4)], [30.0, math.nan])
    assert heights(pieces) == {30.0: 8.0, math.inf: 16.0}
    assert set(prepare([box(0, 0, 1, 1)]).top_m) == {math.inf}


def test_a_tower_on_a_podium_leaves_a_ring() -> None:
    pieces = prepare([box(0, 0, 10, 10), box(3, 3, 6, 6)], [6.0, 60.0])
    assert heights(pieces) == {6.0: 91.0, 60.0: 9.0}
    lower_inside = prepare([box(0, 0, 10, 10), box(3, 3, 6, 6)], [60.0, 6.0])
    assert heights(lower_inside) == {60.0: 100.0}


def test_neighbours_of_one_height_become_one() -> None:
    row = [box(x, 0, x + 5, 8) for x in range(0, 20, 5)]
    assert len(prepare(row, [6.0] * 4).polygons) == 1
    assert len(dissolve(row).polygons) == 1
    assert len(prepare(row, [6.0, 6.0, 9.0, 6.0]).polygons) == 3


def test_only_the_higher_side_of_a_shared_wall_is_a_wall() -> None:
    low, high = box(0, 0, 4, 4), box(4, 0, 8, 4)
    pieces = prepare([low, high], [3.0, 9.0])
    shared = (pieces.edges[:, [0, 2]] == 4).all(axis=1)
    assert pieces.top_m[shared].tolist() == [9.0]
    assert len(pieces.edges) == 7


def test_solids_lie_on_the_left_of_their_edges() -> None:
    yard = box(0, 0, 9, 9).difference(box(3, 3, 6, 6))
    pieces = prepare([affinity.scale(yard, -1, 1)], [3.0])
    middle = (pieces.edges[:, :2] + pieces.edges[:, 2:]) / 2
    along = pieces.edges[:, 2:] - pieces.edges[:, :2]
    left = (
        middle + 0.1 * np.stack([-along[:, 1], along[:, 0]], axis=1) / np.hypot(*along.T)[:, None]
    )
    assert shapely.contains_xy(pieces.polygons[0], left[:, 0], left[:, 1]).all()


def test_what_is_missing_empty_or_broken_is_passed_over_or_mended() -> None:
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    several = MultiPolygon([box(10, 0, 11, 1), box(12, 0, 13, 1)])
    given_shapes = np.array([None, Polygon(), bow_tie, several], dtype=object)
    before = given_shapes.copy()
    pieces = prepare(given_shapes, [1.0, 2.0, 3.0, 4.0])
    assert heights(pieces) == {3.0: 2.0, 4.0: 2.0}
    assert all(one is other for one, other in zip(given_shapes, before, strict=True))


def test_no_buildings_make_no_edges() -> None:
    nothing = prepare([], [])
    assert nothing.summary() == "0 footprints, 0 of known height, 0 edges"


def test_each_building_needs_a_height() -> None:
    with pytest.raises(ParameterError, match="2 buildings"):
        prepare([box(0, 0, 1, 1), box(5, 5, 6, 6)], [3.0])


boxes = st.builds(
    lambda x, y, width, depth, turn: affinity.rotate(
        box(x, y, x + width, y + depth), turn, origin=(0, 0)
    ),
    x=st.integers(-12, 12),
    y=st.integers(-12, 12),
    width=st.integers(1, 9),
    depth=st.integers(1, 9),
    turn=st.sampled_from([0.0, 0.0, 30.0]),
)


@given(st.lists(st.tuples(boxes, st.sampled_from([3.0, 6.0, math.nan])), max_size=9))
def test_every_place_has_the_height_of_the_highest_over_it(
    buildings: list[tuple[Polygon, float]],
) -> None:
    pieces = prepare([solid for solid, _ in buildings], [top for _, top in buildings])
    expected: dict[float, float] = {}
    above = Polygon()
    for top in (math.inf, 6.0, 3.0):
        of_top = [s for s, t in buildings if t == top or (math.isnan(t) and math.isinf(top))]
        ground = shapely.union_all(of_top) if of_top else Polygon()
        area = ground.difference(above).area
        if area > 1e-9:
            expected[top] = area
        above = above.union(ground)
    found = {top: area for top, area in heights(pieces).items() if area > 1e-9}
    assert found == pytest.approx(expected)
    # Together they cover as much as one: no two overlap.
    assert shapely.area(pieces.polygons).sum() == pytest.approx(above.area)


def out(solids: list[Polygon], x: float, y: float, tops: list[float] | None = None) -> tuple:
    moved = step_outside(np.array([[x, y]]), prepare(solids, tops), 2.0)
    return float(moved[0, 0]), float(moved[0, 1])


def test_a_point_inside_steps_to_the_nearest_wall() -> None:
    x, y = out([box(0, 0, 10, 10)], 5.0, 8.5)
    assert (x, y) == (pytest.approx(5.0, abs=1e-6), pytest.approx(10.0, abs=2e-6))
    assert y > 10


def test_a_point_outside_stays() -> None:
    assert out([box(0, 0, 10, 10)], 5.0, 10.5) == (5.0, 10.5)
    assert out([], 5.0, 10.5) == (5.0, 10.5)


def test_a_point_too_deep_has_no_place() -> None:
    assert math.isnan(out([box(0, 0, 10, 10)], 5.0, 5.0)[0])


def test_a_shared_wall_is_no_way_out() -> None:
    # Half a metre from the neighbour, which is lower; one and a half from the street.
    x, y = out([box(0, 0, 10, 10), box(10, 0, 20, 10)], 9.5, 8.5, [9.0, 3.0])
    assert (x, y) == (pytest.approx(9.5, abs=1e-6), pytest.approx(10.0, abs=2e-6))
    assert y > 10
    hair = 1e-5  # a gap too narrow to look out of
    x, y = out([box(0, 0, 10, 10), box(10 + hair, 0, 20, 10)], 9.5, 8.5, [9.0, 3.0])
    assert y > 10


def test_one_between_two_high_neighbours_is_too_deep() -> None:
    row = [box(0, 0, 10, 10), box(10, 0, 20, 10)]
    assert math.isnan(out(row, 9.9, 5.0, [9.0, 3.0])[0])


def test_all_are_moved_as_each_alone() -> None:
    row = [box(x, 0, x + 5, 8) for x in range(0, 50, 5)]
    footprints = prepare(row, [3.0 + k % 2 for k in range(10)])
    random = np.random.default_rng(1)
    points = random.uniform([-1, -1], [51, 9], (200, 2))
    before = points.copy()
    together = step_outside(points, footprints, 2.0)
    alone = np.concatenate([step_outside(point[None], footprints, 2.0) for point in points])
    np.testing.assert_allclose(together, alone, atol=1e-9)
    np.testing.assert_array_equal(points, before)
    there = together[~np.isnan(together[:, 0])]
    assert len(there) < 200
    assert not shapely.intersects_xy(footprints.polygons[:, None], there[:, 0], there[:, 1]).any()
