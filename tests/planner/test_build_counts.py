from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from gis.layers import Layers
from planner.build_counts import STAGES, build_counts, camera_stages
from planner.ground import measure_ground
from planner.params import CoverageParams
from planner.results import UNKNOWN, Interval
from planner.sites_seen import SiteGround, site_ground

PARAMS = CoverageParams.default()


def exact(number: int) -> Interval:
    return Interval(float(number), number, number)


def table(rows: list[tuple[str, bool | None, bool | None]]) -> pd.DataFrame:
    states, networked, in_service = ([row[k] for row in rows] for k in range(3))
    return pd.DataFrame(
        {
            "state": states,
            "networked": pd.array(networked, "boolean"),
            "in_service": pd.array(in_service, "boolean"),
        }
    )


@pytest.fixture
def six(town: Layers, layer) -> Layers:
    """A town of six sites 200 m apart, each but the third with one camera 10 m off."""
    places = [Point(100 * k, 40 + 200 * (k % 2)) for k in range(6)]
    sites = layer(
        "sites",
        places,
        {
            "kind": ["school"] * 6,
            "area_class": ["key_public"] * 5 + ["rural"],
            "status": ["built", None, "built", "built", "built", "under_construction"],
        },
    )
    cameras = layer(
        "cameras",
        [Point(p.x + 10, p.y) for k, p in enumerate(places) if k != 2],
        {"online_share": [0.99, 0.5, None, 0.0, 0.99]},
    )
    return town.replaced(sites=sites, cameras=cameras)


def fronts_of(town: Layers) -> SiteGround:
    return site_ground(town, measure_ground(town, 12), PARAMS)


def test_each_stage_asks_for_more_than_the_one_before_it(six: Layers) -> None:
    cameras = table(
        [
            ("in_use", True, True),
            ("in_use", True, False),  # online half of the time: not in service
            ("in_use", None, None),
            ("repair", True, False),
            ("in_use", True, True),
        ]
    )
    counts = build_counts(six, fronts_of(six), cameras, PARAMS)["sites"]
    assert counts["all"] == counts["key_public"]  # the rural one is still being built
    assert "rural" not in counts
    assert counts["all"] == {
        "required": 5,
        "built": exact(4),
        "networked": Interval(3.5, 3, 4),
        "online": Interval(2.5, 2, 3),
        "in_service": Interval(1.5, 1, 2),
    }


def test_a_camera_that_carries_the_code_serves_a_site_from_afar(six: Layers, layer) -> None:
    far = layer("cameras", [Point(590, 390)], {"site_code": ["sites/2"], "online_share": [1.0]})
    town = six.replaced(cameras=far)
    counts = build_counts(town, fronts_of(town), table([("in_use", True, True)]), PARAMS)
    assert counts["sites"]["all"]["in_service"] == exact(1)


def test_cameras_are_counted_with_their_denominator(six: Layers) -> None:
    cameras = table(
        [
            ("in_use", True, True),
            ("removed", True, True),
            ("indoor", None, None),
            ("repair", True, False),
            ("not_yet", True, True),
        ]
    )
    stages = camera_stages(six, cameras)
    assert stages["built"] == 3
    assert stages["networked"] == {
        "part": 2,
        "unknown": 1,
        "whole": 3,
        "rate": Interval(1.0, 2 / 3, 1.0),
    }
    assert stages["in_service"]["part"] == 1
    assert stages["in_service"]["rate"] == Interval(0.5, 1 / 3, 2 / 3)


def test_without_cameras_what_is_required_is_still_known(six: Layers) -> None:
    blind = Layers("T", {k: v for k, v in six.frames.items() if k != "cameras"})
    counts = build_counts(blind, fronts_of(blind), table([]), PARAMS)
    assert counts["sites"]["all"] == {"required": 5, **dict.fromkeys(STAGES, UNKNOWN)}
    assert counts["cameras"] == dict.fromkeys(STAGES)


FLAG = st.sampled_from([True, False, None])
CAMERA = st.tuples(st.sampled_from(["in_use", "repair", "removed", "no_place"]), FLAG, FLAG)
FIVE = st.lists(CAMERA, min_size=5, max_size=5)


def test_numbers_never_rise_from_stage_to_stage(six: Layers) -> None:
    fronts = fronts_of(six)

    @settings(deadline=None)
    @given(FIVE)
    def check(rows: list[tuple[str, bool | None, bool | None]]) -> None:
        counts = build_counts(six, fronts, table(rows), PARAMS)["sites"]["all"]
        low = high = counts["required"]
        for stage in STAGES:
            number = counts[stage]
            assert number.low <= number.value <= number.high
            assert number.low <= low
            assert number.high <= high
            low, high = number.low, number.high

    check()
