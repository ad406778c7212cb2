from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import lenses

# Reach at 25, 62.5, 125 and 250 px/m of usual cameras, as printed in lens tables (+- rounding).
LENS_TABLE = [
    (1920, 70, [55, 22, 11, 5.5]),
    (2688, 80, [64, 26, 13, 6.4]),
    (3840, 51, [161, 64, 32, 16]),
]


@pytest.mark.parametrize(("resolution_px", "fov_deg", "reaches_m"), LENS_TABLE)
def test_reach_agrees_with_lens_tables(
    resolution_px: int, fov_deg: float, reaches_m: list[float]
) -> None:
    found = lenses.reach_m([25, 62.5, 125, 250], resolution_px, fov_deg)
    np.testing.assert_allclose(found, reaches_m, rtol=0.03)
    at_1_m = lenses.px_at_1_m(resolution_px, fov_deg)
    np.testing.assert_allclose(
        lenses.ground_reach_m([25, 62.5, 125, 250], at_1_m, 1.0), found, rtol=1e-12
    )


@given(
    distance_m=st.floats(1, 500), resolution_px=st.integers(320, 8000), fov_deg=st.floats(1, 170)
)
def test_reach_is_where_the_density_is_met(
    distance_m: float, resolution_px: int, fov_deg: float
) -> None:
    density = lenses.pixel_density_px_per_m(distance_m, resolution_px, fov_deg)
    assert float(lenses.reach_m(density, resolution_px, fov_deg)) == pytest.approx(distance_m)


@pytest.mark.parametrize(("height_m", "dead_m"), [(4, 5.4), (6, 8.1), (8, 10.9)])
def test_the_dead_zone_grows_with_the_mast(height_m: float, dead_m: float) -> None:
    vertical_deg = lenses.vertical_fov_deg(70, 9 / 16)
    assert float(lenses.dead_zone_m(height_m, 15, vertical_deg)) == pytest.approx(dead_m, abs=0.1)


def test_a_camera_that_looks_straight_down_has_no_dead_zone() -> None:
    assert float(lenses.dead_zone_m(5, 80, 40)) == 0


def test_a_camera_that_looks_above_the_horizon_never_sees_the_ground() -> None:
    assert math.isinf(float(lenses.dead_zone_m(5, -30, 40)))
    assert math.isnan(float(lenses.dead_zone_m(5, math.nan, 40)))


def test_the_horizon_is_seen_when_the_tilt_is_small() -> None:
    assert math.isinf(float(lenses.far_limit_m(5, 10, 30)))


@pytest.mark.parametrize(("distance_m", "loss"), [(10, 1.22), (20, 1.06)])
def test_a_high_mast_looks_along_a_longer_way(distance_m: float, loss: float) -> None:
    # 8 m high: 7 m above what it looks at, sqrt(1 + (7 / d)^2) times as far.
    low, high = lenses.ground_px_per_m(1000, distance_m, [1, 8])
    assert low / high == pytest.approx(loss, abs=0.005)
    assert low == 1000 / distance_m


def test_below_the_height_of_a_person_nothing_is_lost() -> None:
    assert lenses.ground_px_per_m(500, 10, [0.2, 1, math.nan]).tolist() == [50, 50, 50]


def test_a_density_that_ends_in_the_air_reaches_no_ground() -> None:
    # 1000 px at 1 m are 250 px/m at 4 m; the lens hangs 5 m above what it looks at, then 3 m.
    assert lenses.ground_reach_m(250, 1000, [6, 4]).tolist() == [0, pytest.approx(math.sqrt(7))]


@given(
    at_1_m=st.floats(50, 10_000),
    px_per_m=st.floats(10, 500),
    height_m=st.one_of(st.floats(0, 30), st.just(math.nan)),
)
def test_the_ground_is_as_fine_as_asked_where_the_reach_ends(
    at_1_m: float, px_per_m: float, height_m: float
) -> None:
    reach_m = lenses.ground_reach_m(px_per_m, at_1_m, height_m)
    if reach_m > 0.1:
        found = lenses.ground_px_per_m(at_1_m, reach_m, height_m)
        assert float(found) == pytest.approx(px_per_m, rel=1e-6)


@given(narrow_deg=st.floats(1, 360), wider_deg=st.floats(0, 359))
def test_a_wider_lens_never_shows_finer(narrow_deg: float, wider_deg: float) -> None:
    wide_deg = min(360.0, narrow_deg + wider_deg)
    narrow, wide = lenses.px_at_1_m(1920, [narrow_deg, wide_deg])
    assert wide <= narrow * (1 + 1e-12)


def test_a_lens_all_round_spreads_its_pixels_over_the_circle() -> None:
    # 2 pi metres around at 1 m; half of it for half the circle.
    found = lenses.px_at_1_m(3600, [360, 180, 90])
    np.testing.assert_allclose(found, [3600 / (2 * math.pi), 3600 / math.pi, 1800])
