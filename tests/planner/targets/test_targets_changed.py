"""The town of `conftest.py` with one thing changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from gis.layers import Layers, conform
from planner.results import Interval
from planner.results_coverage import Coverage
from planner.results_targets import Targets
from planner.targets_profile import profile_of

Answer = Callable[..., Targets]


def row_of(result: Targets, target: str) -> Any:
    return result.targets.set_index("id").loc[target]


def test_a_village_of_exactly_1000_may_follow_either_reading(
    result: Targets, hand_town: Layers, answer_of: Answer
) -> None:
    row = row_of(result, "A10")
    assert "乙村" in row["note_zh"]
    assert "either of which is accepted" in row["note_en"]
    facts = hand_town["facts"]
    members = (facts["place_code"] == "V2") & (facts["key"] == "mediation_members")
    full_time = (facts["place_code"] == "V2") & (facts["key"] == "mediators_full_time")
    for few, some, holds in (("2", "0", 1), ("2", "1", 2), ("6", "0", 1), ("5", "0", 2)):
        value = facts["value"].mask(members, few).mask(full_time, some)
        changed = answer_of(hand_town.replaced(facts=facts.assign(value=value)))
        assert row_of(changed, "A10")["part"] == holds


def test_a_way_out_is_guarded_if_both_directions_are(hand_town: Layers, answer_of: Answer) -> None:
    # The town's one road leaves it in the west, where the checkpoint stands, and in the east.
    for directions, both, outward in (("in", 0, 0), ("出城", 0, 1), ("both", 1, 1), (None, 1, 1)):
        posts = hand_town["road_checkpoints"].assign(directions=directions)
        result = answer_of(hand_town.replaced(road_checkpoints=conform(posts, "road_checkpoints")))
        row = row_of(result, "R2")
        assert (row["status"], row["part"], row["whole"]) == ("report_only", both, 2)
        beside = result.beside.set_index(["target", "name"])
        assert beside.loc[("R2", "outward"), "part"] == outward
    bare = answer_of(hand_town.replaced(road_checkpoints=hand_town["road_checkpoints"].iloc[:0]))
    assert math.isnan(row_of(bare, "R2")["value"])
    lacking = bare.lacking.set_index("target").loc["R2"]
    assert lacking["layer"] == "road_checkpoints"


def test_small_totals_are_hidden_in_what_is_shown(
    result: Targets, hand_town: Layers, answer_of: Answer
) -> None:
    row = result.failing.set_index("target").loc["A17"]
    assert row["code"] == "V3"
    assert math.isnan(row["value"])
    assert math.isnan(row["short"])
    assert "2" not in row["note_en"]
    facts = hand_town["facts"]
    then = (facts["key"] == "incidents_total") & (facts["period"] == "2024")
    more = facts["value"].mask(then & facts["place_code"].eq("V3"), "5")
    row = answer_of(hand_town.replaced(facts=facts.assign(value=more))).failing
    row = row.set_index("target").loc["A17"]
    assert (row["value"], row["short"]) == (6, 2)


def test_a_deadline_that_is_still_to_come_fails_nobody(
    hand_town: Layers, answer_of: Answer
) -> None:
    facts = hand_town["facts"]
    early = facts.assign(period=facts["period"].str.replace("2025", "2022"))
    town = hand_town.replaced(facts=early)
    for today, status, word in (
        (date(2022, 12, 31), "cannot_tell", "2024-08-07"),
        (date(2024, 8, 6), "cannot_tell", "2024-08-07"),
        (date(2024, 8, 7), "not_met", ""),
    ):
        found = answer_of(town, today=today)
        assert row_of(found, "A15")["status"] == status
        said = found.lacking[found.lacking["target"] == "A15"]["en"].tolist()
        assert any(word in text for text in said) == bool(word)


@pytest.mark.parametrize("day", ["2024-12-30", "2024-12-29"])
def test_a_check_counts_for_a_year(day: str, hand_town: Layers, answer_of: Answer) -> None:
    """The facts speak of 2025, so the year ends with it."""
    facts = hand_town["facts"]
    value = facts["value"].mask(facts["key"] == "checked_on", day)
    found = answer_of(hand_town.replaced(facts=facts.assign(value=value)))
    assert row_of(found, "R3")["status"] == ("met" if day == "2024-12-30" else "not_met")


def test_without_a_layer_nobody_can_tell_and_the_layer_is_named(
    hand_town: Layers, answer_of: Answer
) -> None:
    town = hand_town
    frames = {k: v for k, v in town.frames.items() if k not in ("teams", "facts", "stations")}
    found = answer_of(Layers("T", frames), coverage=None, response=None)
    assert set(found.targets["status"]) <= {"cannot_tell", "not_met", "report_only"}
    named = found.lacking.groupby("target")["layer"].agg(set)
    assert named["A7"] == {"stations"}
    assert named["R3"] == {"facts"}
    assert found.lacking.set_index("target")["column"]["R3"] == "key_element"
    assert named["A9"] == {"facts"}
    assert named["C1"] == {"coverage"}
    assert named["R1"] == {"response"}
    assert row_of(found, "C2")["status"] == "not_met"
    assert "target A7" in {m.figure for m in found.missing}
    assert not len(answer_of(Layers("T", {}), coverage=None, response=None).failing)


def test_totals_handed_in_serve_where_the_layers_tell_nothing(
    hand_town: Layers, answer_of: Answer
) -> None:
    facts = hand_town["facts"]
    more = [
        ("town", "330602017", "public_cameras", "2025", "8"),
        ("town", "330602017", "public_cameras_networked", "2025", "6"),
        ("stations", "ST1", "self_service_points", "2025", "2"),
        ("stations", "ST2", "self_service_points", "2025", "1"),
    ]
    columns = ["place_layer", "place_code", "key", "period", "value"]
    extra = conform(pd.DataFrame(more, columns=columns).assign(code=list("abcd")), "facts")
    frames = {**hand_town.frames, "facts": pd.concat([facts, extra], ignore_index=True)}
    frames = {k: v for k, v in frames.items() if k not in ("cameras", "service_points")}
    found = answer_of(Layers("T", frames))
    assert row_of(found, "C2")["value"] == 0.75
    assert "填报" in row_of(found, "C2")["note_zh"]
    assert row_of(found, "S1")["status"] == "met"
    assert ("facts", "self_service_points") in {(a.layer, a.column) for a in found.assumed}


def test_a_place_of_unknown_kind_keeps_a_target_from_being_met(
    hand_town: Layers, answer_of: Answer
) -> None:
    town = hand_town
    facts = town["facts"]
    filled = facts["value"].mask(facts["key"] == "auxiliaries", "2")
    villages = town["villages"].assign(kind=["village", "village", None])
    found = answer_of(town.replaced(facts=facts.assign(value=filled), villages=villages))
    row = row_of(found, "A3")
    assert (row["status"], row["value"]) == ("cannot_tell", 1)
    lacking = found.lacking[found.lacking["target"] == "A3"]
    assert lacking[["layer", "column", "places"]].values.tolist() == [["villages", "kind", 1]]


def test_a_village_without_a_station_goes_to_the_nearest(
    hand_town: Layers, answer_of: Answer
) -> None:
    town = hand_town
    bare = town["villages"].assign(station=[None, "ST1", None])
    found = answer_of(town.replaced(villages=bare))
    cards = found.scorecards.set_index(["scope", "code", "target"])
    assert cards.loc[("station", "ST2", "A2"), "whole"] == 1
    assert ("villages", "station", 2) in {(a.layer, a.column, a.rows) for a in found.assumed}


def test_a_new_target_is_a_few_lines_of_data(answer_of: Answer) -> None:
    table = {
        "zh": "自定",
        "en": "own",
        "target": [
            {
                "id": "X1",
                "clause": "-",
                "zh": "每网格一名辅警的村",
                "en": "Villages with two officers",
                "measure": "places_where",
                "scope": "village",
                "places": [{"layer": "villages"}],
                "where": [{"fact": "officers", "op": ">=", "value": 1}],
                "threshold": {"op": ">=", "value": 0.3},
                "needs_zh": "岗位数",
                "needs_en": "posts",
            }
        ],
    }
    found = answer_of(targets=profile_of(table, "own"))
    row = row_of(found, "X1")
    assert (row["status"], row["value"], row["low"]) == ("met", 1, pytest.approx(1 / 3))
    assert found.profile == "own"


def test_places_with_a_camera_of_some_kind_can_be_asked(
    hand_town: Layers, answer_of: Answer
) -> None:
    cameras = hand_town["cameras"]
    cameras = cameras.assign(
        site_code=["school", "square", "bank", None], lens=["a", None, "a", "a"]
    )
    target = {
        "id": "X1",
        "clause": "-",
        "zh": "有甲型镜头的场所",
        "en": "Sites with a lens of kind a",
        "measure": "places_with_camera",
        "camera": {"lens": ["a"]},
        "scope": "site",
        "places": [{"layer": "sites", "only": {"status": ["built", ""]}}],
        "threshold": {"op": ">=", "value": 1},
        "needs_zh": "摄像机",
        "needs_en": "cameras",
    }
    profile = profile_of({"zh": "自", "en": "own", "target": [target]}, "own")
    found = answer_of(hand_town.replaced(cameras=cameras), targets=profile)
    row = row_of(found, "X1")
    # The school's camera has it; the square's is in repair; one that hangs at no known site
    # may belong to any.
    assert (row["value"], row["low"], row["high"]) == (
        pytest.approx(1 / 6),
        pytest.approx(1 / 6),
        1,
    )


def test_the_chance_of_a_step_is_that_of_the_class(
    hand_town: Layers, hand_coverage: Coverage, answer_of: Answer
) -> None:
    town = hand_town
    coverage = hand_coverage
    sites: Any = coverage.sites.assign(at_class=["perhaps", "no", "no", "no", "no"])
    rates = {"key_public": {"at_class": Interval(0.1, 0.0, 0.5)}}
    told = replace(coverage, sites=sites, totals={"site_rate_by_class": rates})
    beside = answer_of(town, coverage=told).beside.set_index(["target", "name"])
    assert beside.loc[("C1", "at_class"), "value"] == pytest.approx(0.2 / 2)
