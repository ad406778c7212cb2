from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from planner.camera_views import Views
from planner.frames import columns_of
from planner.looks import Looks, counted, look, look_at_each, score

METRIC = CRS(32651)


def views(polygons: list[shapely.Polygon], **columns: list[Any]) -> Views:
    n = len(polygons)
    table = {
        "code": [f"c{k}" for k in range(n)],
        "x": [0.0] * n,
        "y": [0.0] * n,
        "azimuth_deg": [math.nan] * n,
        "doubt_deg": [0.0] * n,
        "fov_deg": [360.0] * n,
        "height_m": [math.nan] * n,
        "px_at_1_m": [1000.0] * n,
        "repair": [False] * n,
        "networked": pd.array([True] * n, "boolean"),
        "in_service": pd.array([True] * n, "boolean"),
        **columns,
    }
    return Views(columns_of(pd.DataFrame(table)), np.array(polygons, object), METRIC)


def test_a_certain_view_is_told_by_its_polygon() -> None:
    square = shapely.box(-10, -10, 10, 10)
    seen = look(views([square]), np.array([[5.0, 0.0], [11.0, 0.0], [0.0, -8.0]]))
    assert seen.point.tolist() == [0, 2]
    assert seen.chance.tolist() == [1, 1]
    assert seen.px_per_m.tolist() == [1000 / 5, 1000 / 8]


def test_a_picture_from_a_mast_loses_by_the_slant() -> None:
    # 8 m high, aimed at 1 m: at 10 m the way is the root of 149, 22 % longer.
    far = shapely.box(-99, -99, 99, 99)
    seen = look(views([far], height_m=[8.0]), np.array([[0.0, 10.0], [0.0, 20.0]]))
    assert seen.px_per_m == pytest.approx([1000 / math.sqrt(149), 1000 / math.sqrt(449)])


def test_a_direction_in_doubt_is_a_chance() -> None:
    # Looks north with 60 degrees, 22.5 degrees unsure: for certain 7.5 degrees to either side.
    circle = shapely.Point(0, 0).buffer(50)
    camera = views([circle], azimuth_deg=[0.0], doubt_deg=[22.5], fov_deg=[60.0])
    off_deg = np.radians([0, 7, -7, 30, 52, 180])
    seen = look(camera, 20 * np.stack([np.sin(off_deg), np.cos(off_deg)], axis=1))
    assert seen.point.tolist() == [0, 1, 2, 3, 4]
    assert seen.chance[:3].tolist() == [1, 1, 1]
    assert seen.chance[3] == pytest.approx(0.5)
    assert 0 < seen.chance[4] < 0.02


def test_an_unknown_direction_is_the_share_of_the_circle() -> None:
    circle = shapely.Point(0, 0).buffer(50)
    camera = views([circle], doubt_deg=[180.0], fov_deg=[90.0])
    assert look(camera, np.array([[3.0, -4.0]])).chance.tolist() == [0.25]


def test_looks_are_sorted_by_point_then_camera() -> None:
    wide, narrow = shapely.box(-9, -9, 9, 9), shapely.box(-2, -2, 2, 2)
    seen = look(views([wide, narrow]), np.array([[5.0, 5.0], [1.0, 1.0]]))
    assert list(zip(seen.point.tolist(), seen.camera.tolist(), strict=True)) == [
        (0, 0),
        (1, 0),
        (1, 1),
    ]


def test_several_sets_of_points_are_looked_at_as_each_alone() -> None:
    two = views([shapely.box(-9, -9, 9, 9), shapely.box(-2, -2, 2, 2)])
    sets = [np.array([[5.0, 5.0], [1.0, 1.0]]), np.zeros((0, 2)), np.array([[20.0, 0.0], [0.0, 1]])]
    for together, xy in zip(look_at_each(two, *sets), sets, strict=True):
        alone = look(two, xy)
        for name in ("camera", "point", "chance", "px_per_m"):
            assert getattr(together, name).tolist() == getattr(alone, name).tolist()


def test_which_cameras_count() -> None:
    square = shapely.box(0, 0, 1, 1)
    five = views(
        [square] * 4,
        repair=[False, False, False, True],
        networked=pd.array([True, False, None, True], "boolean"),
        in_service=pd.array([None, True, False, False], "boolean"),
    )
    assert counted(five, "in_use").tolist() == [1, 1, 1, 0]
    assert counted(five, "repaired").tolist() == [1, 1, 1, 1]
    assert counted(five, "networked").tolist() == [1, 0, 0.5, 0]
    assert counted(five, "linked").tolist() == [1, 0, 1, 0]
    assert counted(five, "in_service").tolist() == [0.5, 1, 0, 0]


def test_scores_by_hand() -> None:
    looks = Looks(
        np.array([0, 1, 0, 1]),
        np.array([0, 0, 2, 3]),
        np.array([0.5, 0.25, 1.0, 0.25]),
        np.array([50.0, 90.0, 30.0, 90.0]),
    )
    both = score(looks, 4, [1, 1])
    assert both.low.tolist() == [0, 0, 1, 0]
    assert both.value.tolist() == [1 - 0.5 * 0.75, 0, 1, 0.25]
    assert both.high.tolist() == [1, 0, 1, 1]
    assert both.cameras.tolist() == [2, 0, 1, 1]
    assert both.px_per_m.tolist() == [0, 0, 30, 0]
    assert both.shares.shape == (3, 4)


def test_a_camera_of_which_nobody_knows_is_left_out_at_least_and_counts_at_most() -> None:
    looks = Looks(np.array([0]), np.array([0]), np.array([1.0]), np.array([80.0]))
    half = score(looks, 1, [0.5])
    assert (half.low[0], half.value[0], half.high[0], half.px_per_m[0]) == (0, 0.5, 1, 0)


def test_a_coarse_picture_does_not_count_where_a_finer_is_asked_for() -> None:
    looks = Looks(np.zeros(2, int), np.array([0, 1]), np.ones(2), np.array([62.5, 62.4]))
    assert score(looks, 2, [1], least_px=62.5).low.tolist() == [1, 0]


chances = st.floats(0.01, 1.0)
pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), chances), max_size=25)


def looks_of(rows: list[tuple[int, int, float]]) -> Looks:
    first = {(point, camera): chance for camera, point, chance in rows}
    keys = sorted(first)
    point = np.array([p for p, _ in keys], np.int64)
    camera = np.array([c for _, c in keys], np.int64)
    return Looks(camera, point, np.array([first[k] for k in keys]), np.full(len(keys), 40.0))


@given(pairs, st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=5, max_size=5))
def test_scores_are_those_of_the_slow_way(
    rows: list[tuple[int, int, float]], counts: list[float]
) -> None:
    looks = looks_of(rows)
    scores = score(looks, 6, counts)
    for point in range(6):
        mine = [
            chance * counts[camera]
            for camera, at, chance in zip(looks.camera, looks.point, looks.chance, strict=True)
            if at == point and counts[camera] > 0
        ]
        assert scores.low[point] == any(chance == 1 for chance in mine)
        assert scores.value[point] == pytest.approx(1 - math.prod(1 - c for c in mine))
        assert scores.high[point] == bool(mine)
        assert scores.cameras[point] == len(mine)
    assert (scores.low <= scores.value).all()
    assert (scores.value <= scores.high).all()


@given(pairs, st.tuples(st.just(4), st.integers(0, 5), chances))
def test_another_camera_never_lowers_what_is_seen(
    rows: list[tuple[int, int, float]], more: tuple[int, int, float]
) -> None:
    few = [row for row in rows if row[0] != 4]
    before, after = (score(looks_of(r), 6, [1.0] * 5) for r in (few, [*few, more]))
    assert (after.shares >= before.shares - 1e-12).all()
    assert (after.px_per_m >= before.px_per_m).all()
