from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import optics
from gis.crs import town_crs

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
    found = optics.reach_m([25, 62.5, 125, 250], resolution_px, fov_deg)
    np.testing.assert_allclose(found, reaches_m, rtol=0.03)


@given(
    distance_m=st.floats(1, 500), resolution_px=st.integers(320, 8000), fov_deg=st.floats(1, 170)
)
def test_reach_is_where_the_density_is_met(
    distance_m: float, resolution_px: int, fov_deg: float
) -> None:
    density = optics.pixel_density_px_per_m(distance_m, resolution_px, fov_deg)
    assert float(optics.reach_m(density, resolution_px, fov_deg)) == pytest.approx(distance_m)


@pytest.mark.parametrize(("height_m", "dead_m"), [(4, 5.4), (6, 8.1), (8, 10.9)])
def test_the_dead_zone_grows_with_the_mast(height_m: float, dead_m: float) -> None:
    assert float(optics.dead_zone_m(height_m, 15, 43)) == pytest.approx(dead_m, abs=0.1)


def test_a_camera_that_looks_straight_down_has_no_dead_zone() -> None:
    assert float(optics.dead_zone_m(5, 80, 40)) == 0


def test_a_camera_that_looks_above_the_horizon_never_sees_the_ground() -> None:
    assert math.isinf(float(optics.dead_zone_m(5, -30, 40)))
    assert math.isnan(float(optics.dead_zone_m(5, math.nan, 40)))


def test_the_horizon_is_seen_when_the_tilt_is_small() -> None:
    assert math.isinf(float(optics.far_limit_m(5, 10, 30)))


def test_own_numbers_go_before_the_lens_and_the_lens_before_the_kind() -> None:
    cameras = pd.DataFrame(
        {
            "kind": ["fixed", "fixed", "fixed", None],
            "fov_deg": [60.0, None, None, None],
            "range_m": [33.0, None, None, None],
            "sensor_width_mm": [None, 5.6, None, None],
            "focal_mm": [None, 4.0, None, None],
            "resolution_px": [None, 1920.0, None, None],
        },
        index=list("abcd"),
    )
    lens = optics.camera_optics(cameras)
    assert lens.index.tolist() == list("abcd")
    assert lens.loc["a", ["fov_deg", "range_m"]].tolist() == [60.0, 33.0]
    assert lens.loc["b", "fov_deg"] == pytest.approx(70, abs=0.1)
    assert lens.loc["b", "range_m"] == pytest.approx(55, abs=0.5)
    assert lens["fov_assumed"].tolist() == [False, False, True, True]
    assert lens["range_assumed"].tolist() == [False, False, True, True]


def test_true_north_is_map_north_in_the_middle_of_the_town() -> None:
    crs = town_crs(120.72, 30.15)
    assert optics.grid_azimuth_deg([45.0, np.nan], [120.72] * 2, [30.15] * 2, crs)[
        0
    ] == pytest.approx(45)
    # East of the middle the map's north lies west of true north: directions grow smaller.
    assert optics.grid_azimuth_deg([45.0], [120.9], [30.15], crs)[0] < 45
