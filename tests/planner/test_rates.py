from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from gis.layers import Layers
from planner.frames import columns_of
from planner.params import CoverageParams
from planner.rates import camera_groups, existing, place_rates, share_of, village_cameras
from planner.results import UNKNOWN, Interval
from planner.results_coverage import STEPS
from planner.sites_seen import SiteLevels

PARAMS = CoverageParams.default()


@pytest.fixture
def five(town: Layers, layer) -> Layers:
    """A town of five sites, the last of which is only planned."""
    sites = layer(
        "sites",
        [Point(50 * k, 50) for k in range(5)],
        {
            "kind": ["school", "bank", "entrance", "entrance", "junction"],
            "area_class": ["key_public", "key_industry", "rural", "rural", "rural"],
            "status": ["built", None, "built", "built", "planned"],
        },
    )
    return town.replaced(sites=sites)


def levels_of(layers: Layers, words: list[str | None], chances: list[float]) -> SiteLevels:
    """Return sites that stand alike on every step."""
    sites = layers["sites"][["code", "kind", "area_class"]]
    steps = {step: pd.Series(words, index=sites.index, dtype="str") for step in STEPS}
    known = dict.fromkeys(STEPS, np.array(chances, float))
    return SiteLevels(columns_of(sites.assign(**steps)), known, sites.index)


def table(**columns: list[object]) -> pd.DataFrame:
    flags = {name: pd.array(columns[name], "boolean") for name in ("networked", "in_service")}
    return pd.DataFrame({**columns, **flags})


def test_rates_stand_side_by_side_and_count_what_exists(five: Layers) -> None:
    levels = levels_of(five, ["yes", "perhaps", "yes", "no", "yes"], [1, 0.2, 1, 0, 1])
    cameras = table(
        state=["in_use", "in_use", "repair", "no_place"],
        village=["villages/0", "villages/0", "villages/1", None],
        networked=[True, None, False, True],
        in_service=[True, True, False, None],
        point_class=["1", "1", None, "3"],
        builder=["government"] * 3 + ["operator"],
        police_unit=["a", "b", "b", "b"],
    )
    assert existing(five).tolist() == [True, True, True, True, False]
    rates = place_rates(five, levels, cameras, PARAMS)
    assert rates["site_rate"]["at_class"] == Interval(0.55, 0.5, 0.75)
    by_class = rates["site_rate_by_class"]
    assert list(by_class) == ["key_industry", "key_public", "rural"]
    assert by_class["key_industry"]["near"] == Interval(0.2, 0.0, 1.0)
    assert by_class["rural"]["in_view"] == Interval(0.5, 0.5, 0.5)
    assert rates["entrance_rate"] == Interval(0.5, 0.5, 0.5)
    assert rates["junction_rate"] == UNKNOWN
    assert rates["village_rate"] == Interval(0.5, 0.5, 0.5)
    assert rates["cameras_by"]["builder"][0] == {
        "value": "government",
        "cameras": 3,
        "in_use": 2,
        "networked": 1,
        "in_service": 2,
        "networked_unknown": 1,
        "in_service_unknown": 0,
    }


def test_a_village_counts_from_the_number_of_cameras_asked_for(five: Layers) -> None:
    cameras = pd.DataFrame(
        {
            "state": ["in_use", "in_use", "no_place", "repair", "indoor", "mobile", "removed"],
            "village": ["villages/0"] * 2 + ["villages/1"] * 5,
        }
    )
    assert village_cameras(five, cameras).tolist() == [2, 1]
    levels = levels_of(five, ["no"] * 5, [0.0] * 5)
    blank = dict.fromkeys(("networked", "in_service"), pd.array([None] * 7, "boolean"))
    blank |= dict.fromkeys(("point_class", "builder", "police_unit"), pd.array([None] * 7, "str"))
    for least, share in ((1, 1.0), (2, 0.5), (3, 0.0)):
        params = CoverageParams.default(cameras_per_village=least)
        found = place_rates(five, levels, cameras.assign(**blank), params)
        assert found["village_rate"] == Interval(share, share, share)


def test_cameras_are_counted_by_group_with_what_is_unknown_apart() -> None:
    cameras = table(
        state=["in_use", "indoor", "removed", "not_yet", "repair"],
        point_class=["2", "2", "2", "2", None],
        networked=[True, None, True, True, True],
        in_service=[None, None, True, True, False],
    )
    two, blank = camera_groups(cameras, "point_class")
    assert two == {
        "value": "2",
        "cameras": 2,
        "in_use": 1,
        "networked": 1,
        "in_service": 0,
        "networked_unknown": 1,
        "in_service_unknown": 2,
    }
    assert (blank["value"], blank["cameras"], blank["in_use"], blank["networked"]) == (
        None,
        1,
        0,
        1,
    )


def test_without_sites_or_cameras_rates_are_unknown(five: Layers) -> None:
    none = pd.Series([None, None], dtype="str")
    assert share_of(none) == share_of(none.iloc[:0]) == UNKNOWN
    blind = Layers("T", {k: v for k, v in five.frames.items() if k != "cameras"})
    levels = levels_of(blind, [None] * 5, [float("nan")] * 5)
    cameras = table(
        state=[],
        village=[],
        networked=[],
        in_service=[],
        point_class=[],
        builder=[],
        police_unit=[],
    )
    rates = place_rates(blind, levels, cameras, PARAMS)
    assert rates["village_rate"] == rates["site_rate"]["near"] == UNKNOWN
    assert rates["cameras_by"] == {"point_class": [], "builder": [], "police_unit": []}


WORD = st.sampled_from(["yes", "perhaps", "no", None])


@given(st.lists(st.tuples(WORD, st.floats(0, 1)), min_size=1))
def test_a_rate_lies_within_its_doubt(places: list[tuple[str | None, float]]) -> None:
    words = pd.Series([word for word, _ in places], dtype="str")
    given = [{"yes": 1.0, "no": 0.0, "perhaps": p}.get(w, float("nan")) for w, p in places]
    share = share_of(words, pd.Series(given))
    if words.isna().all():
        assert share == UNKNOWN
        return
    assert share.low is not None
    assert share.high is not None
    assert share.value is not None
    assert 0 <= share.low <= share.value <= share.high <= 1
    assert share.low * len(places) == pytest.approx(sum(w == "yes" for w, _ in places))
    assert share.high * len(places) == pytest.approx(sum(w != "no" for w, _ in places))
    known = [chance for chance in given if chance == chance]
    assert share.value == pytest.approx(sum(known) / len(known))
