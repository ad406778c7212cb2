from __future__ import annotations

import math

import pandas as pd
import pytest
from shapely import Point, box

from gis.layers import Layers
from planner.camera_list import camera_assumptions, camera_table
from planner.camera_views import camera_views
from planner.params import CoverageParams
from planner.results import Assumed

PARAMS = CoverageParams.default()


def table_of(layers: Layers, **changes: str) -> pd.DataFrame:
    params = CoverageParams.default(**changes)
    return camera_table(layers, camera_views(layers, params), params)


def test_every_camera_is_one_row_in_the_order_of_the_layer(town: Layers, layer) -> None:
    cameras = layer(
        "cameras",
        [Point(100, 300), Point(420, 260), Point(420, 239.9), Point(100, 300), None],
        {
            "name": list("abcde"),
            "kind": ["fixed"] * 5,
            "azimuth_deg": [0.0, 0.0, 180.0, 90.0, None],
            "azimuth_doubt_deg": [None, 2.0, 22.5, None, None],
            "fov_deg": [90.0] * 5,
            "range_m": [40.0] * 5,
            "status": ["in_use", "in_use", "repair", "removed", "in_use"],
            "sign_posted": [True, False, None, True, True],
            "online_share": [0.99, 0.99, 0.99, 0.99, None],
        },
    ).iloc[[4, 3, 2, 1, 0]]
    table = table_of(town.replaced(cameras=cameras))
    assert table.index.tolist() == list(range(5))
    assert table["name"].tolist() == list("edcba")
    assert table["state"].tolist() == ["no_place", "removed", "repair", "no_place", "in_use"]
    assert table["village"].tolist()[1:] == [f"villages/{at}" for at in (0, 1, 1, 0)]
    assert pd.isna(table["village"].iloc[0])
    assert table["doubt_deg"].tolist() == [180, 0, 22.5, 2, 0]
    quarter_m2 = math.pi * 40**2 / 4
    # The removed one has no view, the block stands around the fourth.
    expected = [0, 0, quarter_m2 * 1.5, 0, quarter_m2]
    assert table["view_m2"].tolist() == pytest.approx(expected, rel=0.001)
    assert table["in_service"].tolist()[1:] == [False, False, True, True]
    assert pd.isna(table["in_service"].iloc[0])
    assert table["sign_posted"].tolist()[3:] == [False, True]
    assert table["reach_observe_m"].tolist() == pytest.approx([16] * 5)


def test_the_columns_are_those_of_the_answer_and_of_the_ladder(town: Layers) -> None:
    table = table_of(town, ladder="vss_2025", picture_class="outline", site_class="discern")
    reach = [name for name in table if name.startswith("reach_")]
    assert reach == [
        f"reach_{step}_m"
        for step in (
            *("overview", "outline", "discern", "perceive"),
            *("characterise", "validate", "scrutinise"),
        )
    ]
    assert [name for name in table if name not in reach] == [
        *("code", "name", "state", "village", "builder", "point_class", "police_unit"),
        *("azimuth_deg", "doubt_deg", "fov_deg", "range_m", "near_m", "height_m", "px_at_1_m"),
        *("view_m2", "moved_m", "past_walls", "private_m2", "private", "consent"),
        *("networked", "in_service", "sign_posted"),
    ]
    # 40 m at 25 px/m are 25 m at 40.
    assert table["range_m"].iloc[0] == table["reach_outline_m"].iloc[0] == pytest.approx(25)


def test_a_camera_that_looks_into_private_ground_is_listed_with_the_area(
    town: Layers, layer
) -> None:
    areas = layer("areas", [box(60, 300, 140, 340)], {"kind": ["no_camera"]})
    row = table_of(town.replaced(areas=areas)).iloc[0]
    half_m2 = math.pi * 40**2 / 2
    assert row["private"] == "areas/0"
    assert row["private_m2"] == pytest.approx(half_m2, rel=0.001)
    assert row["view_m2"] == pytest.approx(half_m2, rel=0.001)


def test_each_default_is_told_by_column_and_kind(town: Layers, layer) -> None:
    cameras = layer(
        "cameras",
        [Point(100, 300)] * 5,
        {
            "kind": ["dome", "dome", "fixed", None, "fixed"],
            "fov_deg": [360.0, None, None, None, None],
            "range_m": [40.0, None, None, 30.0, None],
            "hd": [None, None, False, None, None],
            "height_m": [6.0, 6.0, 6.0, None, 6.0],
            "status": ["in_use", "repair", "in_use", "in_use", "removed"],
        },
    )
    found = camera_assumptions(town.replaced(cameras=cameras), PARAMS)
    assert found == (
        Assumed("cameras", "fov_deg", "dome: 360 degrees", 1),
        Assumed("cameras", "fov_deg", "fixed: 80 degrees", 1),
        Assumed("cameras", "fov_deg", "unknown: 80 degrees", 1),
        Assumed("cameras", "focal_mm", "dome: 75 degrees", 1),
        Assumed("cameras", "resolution_px", "dome: 1920 px", 1),
        Assumed("cameras", "resolution_px", "fixed: 1280 px", 1),
        Assumed("cameras", "range_m", "dome: 50.0 m", 1),
        Assumed("cameras", "range_m", "fixed: 30.5 m", 1),
        Assumed("cameras", "azimuth_deg", "every direction as likely", 2),
        Assumed("cameras", "tilt_deg", "no dead zone", 2),
        Assumed("cameras", "height_m", "below every wall", 1),
        Assumed("buildings", "height_m", "above every camera", 1),
    )


def test_cameras_of_one_kind_that_differ_share_a_row(town: Layers, layer) -> None:
    told = {"kind": ["dome", "dome", "fixed"], "hd": [True, False, None]}
    cameras = layer("cameras", [Point(100, 300)] * 3, told)
    found = camera_assumptions(town.replaced(cameras=cameras), PARAMS)
    rows = {(one.column, one.value): one.rows for one in found}
    assert rows["resolution_px", "dome: 1280-1920 px"] == 2
    assert rows["range_m", "dome: 33.4-50.0 m"] == 2  # 1280 and 1920 px over 75 degrees, 25 px/m
    assert rows["focal_mm", "dome: 75 degrees"] == 2
    assert rows["range_m", "fixed: 45.8 m"] == 1


def test_a_step_that_nobody_has_verified_and_a_range_cut_short_are_told(
    town: Layers, layer
) -> None:
    cameras = layer(
        "cameras",
        [Point(100, 300)],
        {"kind": ["fixed"], "fov_deg": [60.0], "range_m": [900.0], "azimuth_deg": [0.0]},
    )
    params = CoverageParams.default(
        ladder="vss_2025", picture_class="overview", site_class="validate"
    )
    found = {a.value: a.rows for a in camera_assumptions(town.replaced(cameras=cameras), params)}
    assert found["overview: 20 px/m, not verified"] == 1
    assert found["at most 300 m"] == 1
    assert not any("validate" in str(value) for value in found)


def test_a_camera_that_says_all_leaves_nothing_to_assume(town: Layers, layer) -> None:
    told = {"kind": "fixed", "azimuth_deg": 0.0, "focal_mm": 4.0, "sensor_width_mm": 5.6}
    told |= {"resolution_px": 1920.0, "height_m": 6.0, "tilt_deg": 15.0, "status": "in_use"}
    cameras = layer("cameras", [Point(100, 300)], {name: [one] for name, one in told.items()})
    buildings = layer("buildings", [box(400, 240, 440, 280)], {"height_m": [9.0]})
    assert camera_assumptions(town.replaced(cameras=cameras, buildings=buildings), PARAMS) == ()
    assert camera_assumptions(Layers("T", {"villages": town["villages"]}), PARAMS) == ()
