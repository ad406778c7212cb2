from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point, box

from gis.layers import Layers
from planner.camera_views import (
    Views,
    building_footprints,
    camera_states,
    camera_views,
    town_metres,
    views_frame,
)
from planner.params import CoverageParams

PARAMS = CoverageParams.default()
# A fixed camera that says enough of itself: 90 degrees, 40 m.
NORTH = {"kind": "fixed", "azimuth_deg": 0.0, "fov_deg": 90.0, "range_m": 40.0, "status": "in_use"}
CIRCLE_M2 = math.pi * 40**2


@pytest.fixture
def with_cameras(town: Layers, layer):
    """Return the town with these cameras in place of its own: a place and what is told of it."""

    def build(*cameras: tuple[Point | None, dict[str, Any]], **layers: Any) -> Layers:
        told = pd.DataFrame([{**NORTH, **more} for _, more in cameras])
        columns = {name: told[name].tolist() for name in told}
        places = [place for place, _ in cameras]
        return town.replaced(cameras=layer("cameras", places, columns), **layers)

    return build


def views_of(layers: Layers, **changes: Any) -> Views:
    return camera_views(layers, CoverageParams.default(**changes))


def test_a_dome_in_the_open_sees_its_circle(town: Layers) -> None:
    views = views_of(town)
    row = views.cameras.iloc[0]
    assert row["view_m2"] == pytest.approx(CIRCLE_M2, rel=0.001)
    assert (row["fov_deg"], row["doubt_deg"], row["range_m"]) == (360, 0, pytest.approx(40))
    assert math.isnan(row["azimuth_deg"])
    assert views_frame(views)["certain"].tolist() == [True]


@pytest.mark.parametrize(
    ("azimuth_deg", "stated_deg", "doubt_deg", "seen_deg", "certain"),
    [
        (0.0, None, 0, 90, True),
        (0.0, 2.0, 2, 94, True),
        (45.0, 22.5, 22.5, 135, False),
        (45.0, 170.0, 170, 360, False),
        (None, None, 180, 360, False),
        (None, 5.0, 180, 360, False),
    ],
)
def test_a_view_is_all_that_a_camera_may_see(
    with_cameras, azimuth_deg, stated_deg, doubt_deg, seen_deg, certain
) -> None:
    told = {"azimuth_deg": azimuth_deg, "azimuth_doubt_deg": stated_deg}
    views = views_of(with_cameras((Point(100, 300), told)))
    row = views.cameras.iloc[0]
    assert row["view_m2"] == pytest.approx(CIRCLE_M2 * seen_deg / 360, rel=0.001)
    assert (row["doubt_deg"], row["fov_deg"]) == (doubt_deg, 90)
    assert views_frame(views)["certain"].tolist() == [certain]


def test_where_a_camera_that_turns_rests_is_no_direction(with_cameras) -> None:
    told = {"kind": "dome", "azimuth_deg": 45.0, "azimuth_doubt_deg": 22.5}
    row = views_of(with_cameras((Point(100, 300), told))).cameras.iloc[0]
    assert math.isnan(row["azimuth_deg"])
    assert (row["doubt_deg"], row["fov_deg"]) == (0, 360)
    assert row["view_m2"] == pytest.approx(CIRCLE_M2, rel=0.001)


def test_the_sector_lies_where_the_camera_looks(with_cameras) -> None:
    views = views_of(with_cameras((Point(100, 300), {"azimuth_deg": 90.0})))
    x, y = views.cameras[["x", "y"]].iloc[0]
    west, south, east, north = shapely.bounds(views.polygons[0]) - [x, y, x, y]
    assert west == pytest.approx(0, abs=0.01)
    assert east == pytest.approx(40, abs=0.05)
    assert (-south, north) == (pytest.approx(28.3, abs=0.1), pytest.approx(28.3, abs=0.1))


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(doubt_deg=st.floats(0, 180), more_deg=st.floats(0, 90), azimuth_deg=st.floats(0, 360))
def test_more_doubt_takes_nothing_from_a_view(
    with_cameras, doubt_deg: float, more_deg: float, azimuth_deg: float
) -> None:
    doubts = [doubt_deg, min(180.0, doubt_deg + more_deg)]
    cameras = [
        (Point(380, 250), {"azimuth_deg": azimuth_deg, "azimuth_doubt_deg": doubt})
        for doubt in doubts
    ]
    less, more = views_of(with_cameras(*cameras)).polygons
    # The chords of the wider arc may lie inside those of the narrower one.
    sagitta_m2 = CIRCLE_M2 * (1 - math.sin(math.radians(3)) / math.radians(3))
    assert less.difference(more).area <= sagitta_m2


def test_cameras_that_watch_no_open_ground_have_no_view(with_cameras) -> None:
    place = Point(100, 300)
    layers = with_cameras(
        (place, {}),
        (place, {"status": "repair"}),
        (place, {"status": "removed"}),
        (place, {"indoor": True}),
        (place, {"mobile": True}),
        (None, {}),
        (place, {"status": None, "indoor": None, "mobile": None}),
        (place, {"status": "removed", "indoor": True}),
        (place, {"status": "not_yet"}),
    )
    assert camera_states(layers["cameras"]).tolist() == [
        *("in_use", "repair", "removed", "indoor", "mobile", "no_place", "in_use", "removed"),
        "not_yet",
    ]
    views = views_of(layers)
    assert views.cameras["code"].tolist() == ["cameras/0", "cameras/1", "cameras/6"]
    assert views.cameras["repair"].tolist() == [False, True, False]
    assert views.cameras["view_m2"].tolist() == pytest.approx([CIRCLE_M2 / 4] * 3, rel=0.001)
    assert views_frame(views)["repair"].tolist() == [False, True, False]


def test_a_camera_on_a_facade_steps_out_and_one_deep_inside_has_no_place(with_cameras) -> None:
    # The block lies at (400, 240)-(440, 280).
    layers = with_cameras(
        (Point(420, 239), {"azimuth_deg": 180.0}),
        (Point(420, 241), {"azimuth_deg": 180.0}),
        (Point(420, 250), {"azimuth_deg": 180.0}),
    )
    views = views_of(layers)
    assert views.cameras["code"].tolist() == ["cameras/0", "cameras/1"]
    before, facade = views.cameras.to_dict("records")
    assert before["moved_m"] == 0
    assert facade["moved_m"] == pytest.approx(1, abs=0.001)
    assert before["y"] - facade["y"] == pytest.approx(-1, abs=0.01)
    assert facade["view_m2"] == pytest.approx(CIRCLE_M2 / 4, rel=0.001)


@pytest.mark.parametrize(
    ("wall_m", "height_m", "hidden_from_m", "hidden_to_m", "past_walls"),
    [
        (3.0, 6.0, 10, 20, True),  # from the wall to twice as far
        (3.0, 2.0, 10, 40, True),
        (None, 6.0, 10, 40, False),
        (3.0, None, 10, 40, False),
    ],
)
def test_a_low_wall_hides_its_strip_and_an_unknown_one_everything_behind(
    with_cameras, layer, wall_m, height_m, hidden_from_m, hidden_to_m, past_walls
) -> None:
    wall = layer("buildings", [box(0, 310, 300, 310.5)], {"height_m": [wall_m]})
    layers = with_cameras((Point(100, 300), {"height_m": height_m}), buildings=wall)
    row = views_of(layers).cameras.iloc[0]

    def sector_m2(to_m: float) -> float:
        """Return the area of the 90 degree sector of 40 m up to a line across."""
        if to_m >= 40 / math.sqrt(2):
            half = math.acos(min(1.0, to_m / 40))
            return CIRCLE_M2 / 4 - (40**2 * half - to_m * 40 * math.sin(half))
        return to_m**2

    hidden_to_m *= 1.05 if hidden_to_m < 40 else 1  # the wall's far side, 0.5 m further
    hidden_m2 = sector_m2(min(hidden_to_m, 40)) - sector_m2(hidden_from_m)
    assert row["view_m2"] == pytest.approx(CIRCLE_M2 / 4 - hidden_m2, rel=0.005)
    assert row["past_walls"] == past_walls


def test_the_dead_zone_is_cut_from_the_view(with_cameras) -> None:
    told = {"height_m": 4.0, "tilt_deg": 15.0, "fov_deg": 70.0}
    views = views_of(with_cameras((Point(100, 300), told)))
    row = views.cameras.iloc[0]
    assert row["near_m"] == pytest.approx(5.4, abs=0.1)
    start = Point(row["x"], row["y"])
    assert views.polygons[0].distance(start) == pytest.approx(row["near_m"], abs=0.01)
    assert row["view_m2"] == pytest.approx(
        math.pi * (40**2 - row["near_m"] ** 2) * 70 / 360, rel=0.001
    )


def test_a_camera_whose_ground_begins_behind_its_range_sees_nothing(with_cameras) -> None:
    told = {"height_m": 10.0, "tilt_deg": -10.0, "fov_deg": 60.0}
    views = views_of(with_cameras((Point(100, 300), told), (Point(100, 300), {})))
    assert views.cameras["view_m2"].tolist() == pytest.approx([0, CIRCLE_M2 / 4], rel=0.001)


def test_the_class_asked_for_sets_the_range(with_cameras) -> None:
    layers = with_cameras((Point(100, 300), {}))
    found = views_of(layers, picture_class="observe").cameras.iloc[0]
    assert found["range_m"] == pytest.approx(16)
    assert found["view_m2"] == pytest.approx(math.pi * 16**2 / 4, rel=0.001)


def test_private_ground_is_cut_out_and_told(with_cameras, layer) -> None:
    areas = layer(
        "areas",
        [
            box(60, 310, 140, 350),  # all of the sector north of y = 310
            box(60, 310, 140, 320),  # lies in the first: counts once
            box(200, 300, 240, 340),  # far away
            box(60, 270, 140, 310),
            box(60, 300, 140, 340),  # no ground to keep out of
        ],
        {"kind": ["no_camera", "no_camera", "no_camera", "consent_needed", "key_public"]},
    )
    views = views_of(with_cameras((Point(100, 300), {}), (Point(20, 20), {}), areas=areas))
    into, beside = views.cameras.to_dict("records")
    assert into["private"] == "areas/0/areas/1"
    assert into["consent"] == "areas/3"
    assert into["view_m2"] == pytest.approx(10**2, rel=0.001)
    assert into["private_m2"] == pytest.approx(CIRCLE_M2 / 4 - 10**2, rel=0.001)
    assert (beside["private"], beside["consent"], beside["private_m2"]) == ("", "", 0)
    assert beside["view_m2"] == pytest.approx(CIRCLE_M2 / 4, rel=0.001)


def test_a_private_area_that_only_touches_a_view_is_not_listed(with_cameras, layer) -> None:
    areas = layer("areas", [box(60, 260, 140, 300)], {"kind": ["no_camera"]})
    row = views_of(with_cameras((Point(100, 300), {}), areas=areas)).cameras.iloc[0]
    assert row["private"] == ""


@pytest.mark.parametrize(
    ("told", "networked", "in_service"),
    [
        ({"networked": True, "online_share": 0.95}, True, True),
        ({"networked": False, "online_share": 0.94}, False, False),
        ({}, pd.NA, pd.NA),
        ({"status": "repair", "online_share": 0.99}, pd.NA, False),
        ({"status": "repair"}, pd.NA, False),
    ],
)
def test_networked_and_in_service_may_be_unknown(with_cameras, told, networked, in_service) -> None:
    row = views_of(with_cameras((Point(100, 300), told))).cameras.iloc[0]
    for found, expected in [(row["networked"], networked), (row["in_service"], in_service)]:
        assert found is expected or found == expected


def test_some_of_the_cameras_give_the_same_views_as_all_of_them(with_cameras, layer) -> None:
    areas = layer("areas", [box(380, 200, 460, 230)], {"kind": ["no_camera"]})
    buildings = layer(
        "buildings", [box(400, 240, 440, 280), box(440, 240, 460, 260)], {"height_m": [9.0, 3.0]}
    )
    layers = with_cameras(
        (Point(420, 230), {"azimuth_deg": 10.0, "height_m": 5.0}),
        (Point(420, 241), {"azimuth_deg": 190.0, "azimuth_doubt_deg": 22.5}),
        (Point(450, 265), {"azimuth_deg": None, "height_m": 6.0}),
        (Point(20, 20), {"kind": "dome", "status": "repair"}),
        areas=areas,
        buildings=buildings,
    )
    crs = town_metres(layers)
    footprints = building_footprints(layers, crs)
    whole = camera_views(layers, PARAMS)
    for at in range(4):
        alone = layers.replaced(cameras=layers["cameras"].iloc[[at]])
        views = camera_views(alone, PARAMS, footprints, crs=crs)
        assert shapely.equals_exact(views.polygons[0], whole.polygons[at])
        pd.testing.assert_frame_equal(
            views.cameras, whole.cameras.iloc[[at]].reset_index(drop=True)
        )


def test_a_town_without_cameras_or_buildings_has_its_tables(town: Layers) -> None:
    blind = Layers("T", {"villages": town["villages"]})
    views = views_of(blind)
    assert len(views.cameras) == len(views.polygons) == len(views_frame(views)) == 0
    assert views.cameras.columns.tolist() == views_of(town).cameras.columns.tolist()
    assert views.cameras["repair"].dtype == np.bool_
    assert "0 views" in views.summary()
