from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gis import optics
from gis.crs import town_crs
from gis.errors import ParameterError
from gis.profiles import load

LENS_4_MM = {"sensor_width_mm": 5.6, "focal_mm": 4.0, "resolution_px": 1920.0}


def one(ladder: str | None = None, picture_class: str | None = None, **told: Any) -> pd.Series:
    frame = pd.DataFrame({name: [value] for name, value in told.items()} | {"code": ["a"]})
    return optics.camera_optics(frame, ladder=ladder, picture_class=picture_class).iloc[0]


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
    before = cameras.copy()
    lens = optics.camera_optics(cameras)
    pd.testing.assert_frame_equal(cameras, before)
    assert lens.index.tolist() == list("abcd")
    assert lens.loc["a", ["fov_deg", "range_m"]].tolist() == [60.0, 33.0]
    assert lens.loc["b", "fov_deg"] == pytest.approx(70, abs=0.1)
    assert lens.loc["b", "range_m"] == pytest.approx(55, abs=0.5)
    assert lens["fov_assumed"].tolist() == [False, False, True, True]
    assert lens["range_assumed"].tolist() == [False, False, True, True]
    assert lens["resolution_assumed"].tolist() == [False, False, True, True]


def test_the_reach_by_class_agrees_with_lens_tables() -> None:
    lens = one(kind="fixed", **LENS_4_MM)
    found = lens[["reach_detect_m", "reach_observe_m", "reach_recognise_m", "reach_identify_m"]]
    np.testing.assert_allclose(found.astype(float), [55, 22, 11, 5.5], rtol=0.01)
    assert lens["range_m"] == lens["reach_detect_m"]
    assert one("dori_2014", "observe", kind="fixed", **LENS_4_MM)["range_m"] == pytest.approx(
        21.9, abs=0.1
    )


def test_the_slant_shortens_the_reach_along_the_ground() -> None:
    lens = one(kind="fixed", height_m=8.0, **LENS_4_MM)
    # 10.97 m at 125 px/m, 7 m above what it looks at: sqrt(10.97^2 - 7^2).
    assert lens["reach_recognise_m"] == pytest.approx(8.45, abs=0.01)
    assert lens["reach_identify_m"] == 0


def test_a_stated_range_is_the_reach_of_a_detection_and_scales_to_the_other_steps() -> None:
    lens = one(kind="fixed", fov_deg=80.0, range_m=50.0)
    assert lens["range_m"] == 50
    assert lens["px_at_1_m"] == 25 * 50
    assert lens[["reach_monitor_m", "reach_observe_m", "reach_identify_m"]].tolist() == [100, 20, 5]
    assert not lens["range_assumed"]
    assert not lens["resolution_assumed"]
    # 116 px/m and finer would end in the air: the lens hangs 11 m above what it looks at.
    high = one(kind="fixed", range_m=50.0, height_m=12.0)
    assert high["range_m"] == pytest.approx(50)
    assert high["px_at_1_m"] == pytest.approx(25 * math.hypot(50, 11))
    assert high["reach_identify_m"] == 0


@pytest.mark.parametrize(("stated_m", "range_m"), [(30.0, 30.0), (90.0, 54.85)])
def test_of_the_lens_and_the_stated_range_the_lower_one_counts(
    stated_m: float, range_m: float
) -> None:
    lens = one(kind="fixed", range_m=stated_m, **LENS_4_MM)
    assert lens["range_m"] == pytest.approx(range_m, abs=0.01)
    assert lens["reach_observe_m"] == pytest.approx(range_m * 25 / 62.5, abs=0.01)


def test_half_a_lens_does_not_overrule_what_is_stated() -> None:
    assert one(kind="fixed", range_m=90.0, focal_mm=4.0, sensor_width_mm=5.6)["range_m"] == 90


def test_a_kind_that_turns_covers_all_round_with_the_density_of_its_lens() -> None:
    table = load("optics")["defaults"]["dome"]
    own = one(kind="dome", azimuth_deg=45.0, **LENS_4_MM)
    assert own["fov_deg"] == 360
    assert own["range_m"] == pytest.approx(54.85, abs=0.01)
    usual = one(kind="dome", fov_deg=360.0)
    assert usual["lens_assumed"]
    assert not usual["fov_assumed"]
    spread = 2 * math.tan(math.radians(table["lens_fov_deg"]) / 2)
    assert usual["px_at_1_m"] == pytest.approx(table["resolution_px"] / spread)
    narrow = one(kind="dome", fov_deg=60.0, resolution_px=1920.0)
    assert narrow["fov_deg"] == 360
    assert narrow["px_at_1_m"] == pytest.approx(1920 / (2 * math.tan(math.radians(30))))


def test_what_is_said_to_see_all_round_and_is_no_panorama_turns() -> None:
    turning, panorama = one(kind=None, fov_deg=360.0), one(kind="panorama", fov_deg=360.0)
    assert turning["px_at_1_m"] == pytest.approx(1920 / (2 * math.tan(math.radians(40))))
    assert panorama["px_at_1_m"] == pytest.approx(4096 / (2 * math.pi))
    assert one(kind="panorama", fov_deg=180.0)["fov_deg"] == 180


@pytest.mark.parametrize(
    ("told", "resolution_px"),
    [
        ({"hd": True}, 1920),
        ({"hd": False}, 1280),
        ({"hd": None}, 1920),
        ({"hd": False, "resolution_px": 704.0}, 704),
        ({"hd": True, "kind": "panorama"}, 4096),
    ],
)
def test_high_definition_tells_of_the_pixels(told: dict[str, Any], resolution_px: float) -> None:
    lens = one(**{"kind": "fixed", **told})
    assert lens["resolution_px"] == resolution_px
    assert lens["resolution_assumed"] == ("resolution_px" not in told)


def test_the_dead_zone_and_the_top_of_the_picture_need_height_tilt_and_lens() -> None:
    told = {"kind": "fixed", "height_m": 6.0, "tilt_deg": 15.0, **LENS_4_MM}
    assert one(**told)["near_m"] == pytest.approx(8.1, abs=0.1)
    # Tilted by 40 degrees the top of the picture meets the ground 6 / tan(40 - 21.5) away.
    steep = one(**{**told, "tilt_deg": 40.0})
    assert steep["range_m"] == pytest.approx(17.9, abs=0.1)
    assert steep["reach_monitor_m"] == steep["reach_detect_m"] == steep["range_m"]
    for lacking in ("height_m", "tilt_deg", "focal_mm"):
        lens = one(**{**told, lacking: None})
        assert lens["near_m"] == 0
        assert lens["near_assumed"]
    assert math.isinf(one(**{**told, "tilt_deg": -30.0})["near_m"])


def test_a_stated_vertical_angle_goes_before_the_shape_of_the_picture() -> None:
    lens = one(kind="fixed", height_m=6.0, tilt_deg=15.0, vertical_fov_deg=60.0, fov_deg=70.0)
    assert lens["near_m"] == pytest.approx(6.0)  # straight down by 45 degrees


def test_what_turns_also_tilts() -> None:
    lens = one(kind="panning", height_m=6.0, tilt_deg=40.0, **LENS_4_MM)
    assert lens["near_m"] == 0
    assert not lens["near_assumed"]
    assert lens["range_m"] == pytest.approx(54.6, abs=0.1)


def test_no_range_goes_beyond_the_longest_and_the_answer_says_so() -> None:
    longest_m = load("optics")["range_class"]["longest_m"]
    zoom = one(kind="fixed", focal_mm=200.0, sensor_width_mm=5.6, resolution_px=1920.0)
    assert zoom["range_m"] == zoom["reach_recognise_m"] == longest_m
    assert zoom["range_capped"]
    assert not one(kind="fixed", **LENS_4_MM)["range_capped"]
    assert one(kind="fixed", range_m=900.0)["range_capped"]


def test_a_stated_range_stands_for_the_same_density_on_either_ladder() -> None:
    lens = one("vss_2025", "outline", kind="fixed", range_m=40.0)
    # 25 px/m at 40 m are 40 px/m at 25 m.
    assert lens["range_m"] == lens["reach_outline_m"] == 25
    assert lens["reach_overview_m"] == 50
    assert lens["reach_validate_m"] == 2
    assert "reach_detect_m" not in lens


@pytest.mark.parametrize("ladder", ["dori_2014", "vss_2025"])
def test_the_ladders_rise_and_say_what_is_verified(ladder: str) -> None:
    steps = optics.ladder_steps(ladder)
    densities = [step.px_per_m for step in steps]
    assert densities == sorted(set(densities))
    assert any(step.verified for step in steps)
    assert not all(step.verified for step in steps)


def test_of_the_ladder_of_2025_only_validate_was_seen_in_print() -> None:
    verified = [step for step in optics.ladder_steps("vss_2025") if step.verified]
    assert verified == [("validate", 500.0, True)]


def test_unknown_ladders_and_steps_are_named_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match="dori_2014, vss_2025"):
        optics.ladder_steps("dori")
    with pytest.raises(ParameterError, match="monitor, detect, observe"):
        optics.step_px_per_m("dori_2014", "outline")


def test_a_table_without_rows_or_columns_is_fine() -> None:
    none = optics.camera_optics(pd.DataFrame({"code": []}))
    assert len(none) == 0
    assert optics.camera_optics(pd.DataFrame({"code": ["a"]}))["kind"].tolist() == ["unknown"]


def test_true_north_is_map_north_in_the_middle_of_the_town() -> None:
    crs = town_crs(120.72, 30.15)
    assert optics.grid_azimuth_deg([45.0, np.nan], [120.72] * 2, [30.15] * 2, crs)[
        0
    ] == pytest.approx(45)
    # East of the middle the map's north lies west of true north: directions grow smaller.
    assert optics.grid_azimuth_deg([45.0], [120.9], [30.15], crs)[0] < 45
    assert optics.grid_azimuth_deg([], [], [], crs).tolist() == []


@pytest.mark.parametrize("kind", load("kinds")["camera"])
def test_every_kind_has_an_angle_and_a_range_of_its_own(kind: str) -> None:
    lens = one(kind=kind)
    assert 0 < lens["lens_fov_deg"] <= lens["fov_deg"] <= 360
    assert 20 < lens["range_m"] < 100
    assert lens["fov_assumed"]
    assert lens["range_assumed"]
