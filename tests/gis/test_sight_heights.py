from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import Polygon, affinity, box

from gis.footprints import prepare
from gis.sight import views_past

RANGE_M = 50.0
WIDE = 99.0


def look(
    solids: list[Polygon],
    tops_m: list[float],
    height_m: float,
    target_m: float = 0.0,
    fov_deg: float = 90.0,
    near_m: float = 0.0,
) -> Polygon:
    """Return what a camera at the origin that looks north sees."""
    table = np.array([[0, 0, 0, fov_deg, RANGE_M, near_m, height_m]])
    views, _ = views_past(table, prepare(solids, tops_m), chord_deg=1, target_m=target_m)
    assert views[0].is_valid
    return views[0]


def strip(low_m: float, high_m: float) -> Polygon:
    return box(-WIDE, low_m, WIDE, high_m)


@pytest.mark.parametrize(
    ("height_m", "target_m", "end_m"),
    [(6.0, 0.0, 20.0), (6.0, 1.5, 15.0), (4.0, 0.0, 40.0), (6.0, 3.0, 10.0), (9.0, 5.0, 10.0)],
    ids=["twice as high", "target", "a little higher", "target as high", "target higher"],
)
def test_a_low_wall_hides_its_strip(height_m: float, target_m: float, end_m: float) -> None:
    # A wall of 3 m from 9 to 10 m away: hidden from 9 to 10 (h - t) / (h - 3).
    view = look([strip(9, 10)], [3.0], height_m, target_m)
    open_view = look([], [], height_m)
    assert view.area == pytest.approx(open_view.difference(strip(9, end_m)).area)
    assert view.intersection(strip(9, end_m)).area == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("top_m", "height_m"),
    [(3.0, 3.0), (9.0, 6.0), (math.nan, 6.0), (3.0, math.nan), (3.0, math.inf)],
    ids=["as high", "higher", "wall unknown", "camera unknown", "camera without end"],
)
def test_other_walls_are_opaque(top_m: float, height_m: float) -> None:
    assert look([strip(9, 10)], [top_m], height_m).area == pytest.approx(81)


def test_a_wall_lower_than_the_target_hides_its_own_ground_only() -> None:
    view = look([strip(9, 10)], [1.0], 6.0, target_m=1.5)
    assert view.area == pytest.approx(look([], [], 6.0).difference(strip(9, 10)).area)


def test_a_camera_lower_than_the_target_looks_over_low_walls_without_a_shadow() -> None:
    view = look([strip(9, 10)], [3.0], 3.5, target_m=4.0)
    assert view.area == pytest.approx(look([], [], 6.0).difference(strip(9, 10)).area)


def test_a_high_wall_behind_a_low_one_ends_the_view() -> None:
    # 3 m at 10 m hides to 20 m; 9 m at 30 m hides all behind.
    view = look([strip(9, 10), strip(30, 31)], [3.0, 9.0], 6.0)
    triangle = Polygon([(0, 0), (-30, 30), (30, 30)])
    assert view.area == pytest.approx(triangle.difference(strip(9, 20)).area)


def test_a_courtyard_of_low_walls_hides_a_strip_all_round() -> None:
    yard = box(-11, -11, 11, 11).difference(box(-10, -10, 10, 10))
    view = look([yard], [3.0], 6.0, fov_deg=360)
    expected = look([], [], 6.0, fov_deg=360).difference(
        box(-22, -22, 22, 22).difference(box(-10, -10, 10, 10))
    )
    assert view.symmetric_difference(expected).area < 1e-6


def test_a_wall_in_the_dead_zone_still_hides_its_strip() -> None:
    view = look([strip(9, 10)], [3.0], 6.0, near_m=12.0)
    assert view.intersection(strip(9, 20)).area == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("tops_m", "height_m", "expected"),
    [
        ([3.0, 9.0], 6.0, True),
        ([3.0, math.nan], 6.0, False),
        ([math.nan, 9.0], 6.0, False),
        ([9.0, math.nan], 6.0, True),
        ([3.0, 9.0], math.nan, False),
    ],
    ids=["all known", "bounded by unknown", "unknown before known", "unknown hidden", "no height"],
)
def test_past_walls_tells_whether_heights_settle_the_view(
    tops_m: list[float], height_m: float, expected: bool
) -> None:
    table = np.array([[0, 0, 0, 90, RANGE_M, 0, height_m]])
    footprints = prepare([strip(9, 10), strip(30, 31)], tops_m)
    assert views_past(table, footprints, chord_deg=1)[1].tolist() == [expected]


def test_a_row_without_a_place_or_a_range_sees_nothing() -> None:
    sound = [0, 0, math.nan, 90, RANGE_M, 0, 6.0]
    table = np.array([sound, [math.nan, *sound[1:]], [*sound[:4], 0, 0, 6.0]])
    views, _ = views_past(table, prepare([]), chord_deg=1)
    assert [view.is_empty for view in views] == [False, True, True]


def shadow(solid: Polygon, top_m: float, height_m: float, target_m: float) -> Polygon:
    """Return what a convex solid hides: all its copies scaled about the camera, at 0, 0."""
    opaque = math.isnan(top_m) or math.isnan(height_m) or top_m >= height_m
    stretch = 1e3 if opaque else 1.0
    if not opaque and height_m > target_m:
        stretch = max(1.0, (height_m - target_m) / (height_m - top_m))
    far = affinity.scale(solid, stretch, stretch, origin=(0, 0))
    return shapely.union(solid, far).convex_hull


blocks = st.builds(
    lambda width, turn, x, y: affinity.translate(
        affinity.rotate(box(0, 0, width, 7), turn), x / 1e3, y / 1e3
    ),
    width=st.sampled_from([3.0, 10.0, 40.0]),
    turn=st.sampled_from([0.0, 0.0, 17.0, 45.0, 80.0]),
    x=st.integers(-45_000, 45_000),
    y=st.integers(-45_000, 45_000),
)
tops = st.sampled_from([1.0, 2.5, 4.0, 9.0, math.nan])


@given(
    scene=st.lists(st.tuples(blocks, tops), max_size=7),
    height_m=st.sampled_from([2.0, 3.0, 6.0, math.nan]),
    target_m=st.sampled_from([0.0, 1.5, 3.0]),
    fov_deg=st.sampled_from([60.0, 200.0, 360.0]),
)
@example(
    # The camera stands hard by a low wall, one of whose sides it looks along.
    scene=[(box(0.01, -3, 10, 4), 2.5), (box(10, -3, 20, 4), 9.0)],
    height_m=3.0,
    target_m=0.0,
    fov_deg=200.0,
)
def test_the_view_is_the_sector_without_the_shadows_of_all_walls(
    scene: list[tuple[Polygon, float]], height_m: float, target_m: float, fov_deg: float
) -> None:
    solids = [solid for solid, _ in scene]
    if any(solid.distance(shapely.Point(0, 0)) < 1e-3 for solid in solids):
        return
    view = look(solids, [top for _, top in scene], height_m, target_m, fov_deg)
    shadows = [shadow(solid, top, height_m, target_m) for solid, top in scene]
    expected = look([], [], math.nan, 0.0, fov_deg).difference(shapely.union_all(shadows))
    assert view.symmetric_difference(expected).area <= 1e-6 * max(expected.area, 1.0)


def test_cameras_beyond_one_round_are_looked_through_too(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.column_stack(
        [np.arange(7) * 3.0, np.zeros(7), *np.tile([[0, 90, 50, 2, 6.0]], (7, 1)).T]
    )
    walls = prepare([strip(9, 10)], [3.0])
    views, past = views_past(table, walls, chord_deg=3)
    monkeypatch.setattr("gis.sight.AT_ONCE", 2)
    again, past_again = views_past(table, walls, chord_deg=3)
    assert shapely.equals_exact(views, again).all()
    assert past.tolist() == past_again.tolist() == [True] * 7
