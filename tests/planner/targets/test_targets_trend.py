"""The trend of what cameras see: two entrances of a village, one watched for ten months only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from gis.errors import ParameterError
from gis.layers import Layers
from planner.coverage import cover
from planner.params import CoverageParams, Params
from planner.results_coverage import Coverage
from planner.results_targets import Targets
from planner.targets import evaluate
from planner.targets_profile import TargetsProfile, load_profile, profile_of
from planner.targets_then import town_then, wants_past

TODAY = date(2026, 11, 25)
DAY = "2025-11-25"
OLD, NEW = "2020-05-01", "2026-01-25"
Answer = Callable[..., Targets]


@pytest.fixture
def village(layer: Any) -> Layers:
    """Return a village of 600 x 400 m whose road has an entrance with a dome near each end."""
    ends = [Point(60, 200), Point(540, 200)]
    domes = {"kind": ["dome"] * 2, "fov_deg": [360.0] * 2, "range_m": [60.0] * 2}
    entrances = {"code": ["west", "east"], "kind": ["entrance"] * 2, "area_class": ["rural"] * 2}
    return Layers(
        "T",
        {
            "villages": layer(
                "villages",
                [box(0, 0, 600, 400)],
                {"code": ["V"], "name": ["甲村"], "rural": [True], "station": ["S"]},
            ),
            "stations": layer(
                "stations", [Point(300, 100)], {"code": ["S"], "name": ["一所"], "kind": ["police"]}
            ),
            "streets": layer(
                "streets", [LineString([(0, 200), (600, 200)])], {"highway": ["secondary"]}
            ),
            "sites": layer("sites", ends, entrances),
            "cameras": layer("cameras", ends, {**domes, "installed": [OLD, NEW]}),
        },
    )


def judged(
    town: Layers,
    asked: TargetsProfile | None = None,
    *,
    at: str | None = DAY,
) -> Targets:
    params = Params.default()
    before = None if at is None else cover(town, params.coverage, at=at)
    asked = asked or load_profile("binhai-2019")
    now = cover(town, params.coverage)
    return evaluate(town, now, None, asked, params, TODAY, before=before)


def row_of(result: Targets, target: str) -> Any:
    return result.targets.set_index("id").loc[target]


def changed(town: Layers, layer: str, **columns: Any) -> Layers:
    return town.replaced(**{layer: town[layer].assign(**columns)})


def own(**asks: Any) -> TargetsProfile:
    target = {
        "id": "X",
        "clause": "-",
        "zh": "甲",
        "en": "x",
        "scope": "village",
        "threshold": {"op": ">=", "value": 0.5},
        "needs_zh": "数",
        "needs_en": "data",
        **asks,
    }
    return profile_of({"zh": "自", "en": "own", "target": [target]}, "own")


def test_an_entrance_watched_since_ten_months_makes_it_better(village: Layers) -> None:
    found = judged(village)
    row = row_of(found, "C4")
    assert row[["value", "before", "before_on", "trend"]].tolist() == [1, 0.5, DAY, "better"]
    assert f"上年值按{DAY}的摄像机计算" in row["note_zh"]
    cards = found.scorecards[found.scorecards["target"] == "C4"]
    assert cards["scope"].tolist() == ["town", "station", "village"]
    assert cards["before"].tolist() == [0.5] * 3
    assert cards["trend"].tolist() == ["better"] * 3
    told = {row["id"]: row for row in found.document()["targets"]}["C4"]
    assert (told["before"], told["trend"]) == (0.5, "better")
    assert "no dated data" not in told["note"]["en"]


def test_a_camera_taken_down_makes_it_worse(village: Layers) -> None:
    gone = changed(
        village,
        "cameras",
        installed=[OLD, OLD],
        removed=[None, NEW],
        status=["in_use", "removed"],
    )
    row = row_of(judged(gone), "C4")
    assert row[["value", "before", "trend"]].tolist() == [0.5, 1, "worse"]


def test_without_days_of_installation_there_is_no_trend_and_the_reason_is_told(
    village: Layers,
) -> None:
    undated = changed(village, "cameras", installed=[None, None])
    found = judged(undated)
    row = row_of(found, "C4")
    assert row["value"] == 1
    assert math.isnan(row["before"])
    assert pd.isna(row["trend"])
    assert pd.isna(row["before_on"])
    assert row["note_zh"].endswith("无往年数据：摄像机的“安装日期”均未填")
    assert row["note_en"].endswith("no dated data: Cameras: Installed is filled in for none")
    assert found.scorecards["trend"].isna().all()
    assert not any("2025" in str(one.value) for one in found.assumed)


def test_a_year_earlier_that_nobody_computed_is_named(village: Layers) -> None:
    row = row_of(judged(village, at=None), "C4")
    assert pd.isna(row["trend"])
    assert row["note_en"].endswith("coverage of a year earlier has not been made")


def test_what_is_known_of_today_only_names_the_layer_or_the_column(result: Targets) -> None:
    notes = result.targets.set_index("id")["note_en"].str.split("no dated data: ").str[1]
    assert notes["C2"] == "Cameras: Networked is known as of today only"
    assert notes["R1"] == "Units: no day since when"
    assert notes["R2"] == "Road checkpoints: no day since when"
    assert notes["S1"] == "Service points: no day since when"
    assert notes["A9"].startswith("Villages and communities: no earlier year of ")
    assert pd.isna(notes["A1"])
    # Where nothing is known of today there is nothing to compare.
    told = result.targets[result.targets["value"].notna() & result.targets["trend"].isna()]
    assert told["note_zh"].str.contains("无往年数据：").all()


def test_what_the_past_takes_for_granted_is_listed(village: Layers) -> None:
    assumed = {(one.layer, one.column): one for one in judged(village).assumed}
    assert assumed["sites", "status_date"].rows == 2
    partly = changed(village, "cameras", installed=[None, NEW])
    assumed = {(one.layer, one.column): one for one in judged(partly).assumed}
    assert assumed["cameras", "installed"].value == f"before {DAY}"
    assert assumed["cameras", "installed"].rows == 1


@pytest.mark.parametrize(
    ("status", "day", "then"),
    [
        ("built", NEW, None),
        ("built", DAY, "built"),
        ("built", None, "built"),
        ("closed", NEW, "built"),
        ("closed", OLD, "closed"),
        ("planned", NEW, None),
        ("under_construction", OLD, "under_construction"),
        (None, NEW, None),
        (None, None, "unknown"),
    ],
)
def test_sites_as_of_a_day(
    village: Layers, status: str | None, day: str | None, then: str | None
) -> None:
    town = changed(village, "sites", status=["built", status], status_date=[None, day])
    sites = town_then(town, DAY)["sites"]
    listed = sites["status"].fillna("unknown").tolist()
    assert listed == ["built", *([then] if then else [])]
    assert len(town["sites"]) == 2


def test_an_entrance_that_is_new_does_not_count_a_year_earlier(village: Layers) -> None:
    town = changed(village, "sites", status=["built", "built"], status_date=[None, NEW])
    assert row_of(judged(town), "C4")[["value", "before", "trend"]].tolist() == [1, 1, "same"]
    town = changed(village, "sites", status=["built", "built"], status_date=[NEW, NEW])
    row = row_of(judged(town), "C4")
    assert math.isnan(row["before"])
    assert row["note_en"].endswith("no dated data: no place to be judged a year earlier")


def test_ground_cameras_of_a_village_and_cameras_of_sites_have_a_trend_too(
    village: Layers,
) -> None:
    ground = own(measure="share_seen", weight="open_ground_m2", places=[{"layer": "villages"}])
    row = row_of(judged(village, ground), "X")
    assert row["before"] == pytest.approx(row["value"] / 2, rel=0.05)
    counted = own(
        measure="places_where",
        places=[{"layer": "villages"}],
        where=[{"column": "cameras", "op": ">=", "value": 2}],
    )
    assert row_of(judged(village, counted), "X")[["value", "before"]].tolist() == [1, 0]
    town = changed(village, "cameras", site_code=["west", "east"], status=["in_use"] * 2)
    attached = own(
        measure="places_with_camera",
        places=[{"layer": "sites"}],
        camera={"kind": ["dome"]},
    )
    assert row_of(judged(town, attached), "X")[["value", "before"]].tolist() == [1, 0.5]


def test_only_what_reads_cameras_of_a_dated_town_wants_a_past(village: Layers) -> None:
    people = own(
        measure="places_where",
        places=[{"layer": "villages"}],
        where=[{"column": "population", "op": ">=", "value": 1}],
    )
    profile = load_profile("binhai-2019")
    assert wants_past(profile, village)
    assert not wants_past(people, village)
    assert not wants_past(profile, changed(village, "cameras", installed=[None, None]))
    assert not wants_past(profile, Layers("T", {"sites": village["sites"]}))


def test_a_coverage_of_no_day_is_refused(village: Layers) -> None:
    now = cover(village, CoverageParams.default())
    profile = load_profile("binhai-2019")
    with pytest.raises(ParameterError, match="of a day"):
        evaluate(village, now, None, profile, Params.default(), TODAY, before=now)


def test_a_site_of_which_more_is_seen_is_no_loss(
    hand_town: Layers, hand_coverage: Coverage, answer_of: Answer
) -> None:
    """Of the school's ground 20 to 100 % is seen, 60 % expected; before, 0 to 100 %, 55 %."""
    cameras = hand_town["cameras"].assign(installed=OLD)
    town = hand_town.replaced(cameras=cameras)
    sites: Any = hand_coverage.sites.assign(low=[0.0, 1, 0.1, 1, 0.5], value=[0.55, 1, 0.1, 1, 0.5])
    before = replace(hand_coverage, sites=sites, at=DAY)
    row = row_of(answer_of(town, before=before), "C1")
    assert row[["value", "before", "trend"]].tolist() == [0.75, 0.75, "same"]
    less = replace(before, sites=sites.assign(value=[0.25, 1, 0.1, 1, 0.5]))
    row = row_of(answer_of(town, before=less), "C1")
    assert row[["before", "trend"]].tolist() == [pytest.approx(0.625), "better"]


POINTS = st.tuples(st.integers(5, 595), st.integers(5, 395))
CAMERA = st.tuples(POINTS, st.one_of(st.none(), st.integers(0, 359)), st.sampled_from([OLD, NEW]))


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cameras=st.lists(CAMERA, min_size=1, max_size=6))
def test_cameras_that_are_added_never_make_it_worse(
    village: Layers, layer: Any, cameras: list[tuple[tuple[int, int], int | None, str]]
) -> None:
    places, azimuths, installed = zip(*cameras, strict=True)
    columns = {
        "kind": ["fixed"] * len(cameras),
        "azimuth_deg": [np.nan if azimuth is None else azimuth for azimuth in azimuths],
        "fov_deg": [70.0] * len(cameras),
        "range_m": [90.0] * len(cameras),
        "installed": list(installed),
    }
    town = village.replaced(cameras=layer("cameras", [Point(at) for at in places], columns))
    found = judged(town)
    assert "worse" not in found.scorecards["trend"].tolist()
    if NEW not in installed:
        known = found.scorecards[found.scorecards["target"] == "C4"]
        assert known["trend"].tolist() == ["same"] * 3
