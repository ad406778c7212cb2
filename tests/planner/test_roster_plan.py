"""Rosters of a tiny town: plans that hold, tables that add up, a night walked as drawn."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from shapely import Point

from gis.errors import ParameterError
from gis.layers import Layers
from planner.answers_ahead import answer_drawn, answer_roster, planned_nights_of
from planner.params import Params, PatrolParams
from planner.roster import Roster
from planner.roster_params import RosterParams
from planner.solvers.tours_check import check

FIRST = date(2026, 11, 23)
NUMBERS = RosterParams.default(nights=4, iterations=40, first_iterations=80, steps=2000)


@pytest.fixture
def patrolled(town: Layers, layer) -> Layers:
    """Return a town with two teams, of which the second stays at home on Tuesdays."""
    teams = layer(
        "teams", [Point(150, 200), Point(0, 200)],
        {"mode": ["foot", "foot"], "shifts": ["19:00-21:00", "Mo,We-Su 19:00-21:00"]},
    )  # fmt: skip
    points = layer(
        "patrol_points", [Point(0, 200), Point(150, 390), Point(500, 200)],
        {"required": [True, True, False], "every_nights": [1, 2, None]},
    )  # fmt: skip
    return town.replaced(patrol_points=points, teams=teams)


@pytest.fixture
def params() -> Params:
    usual = Params.from_toml({})
    return replace(usual, patrol=PatrolParams.default(date=FIRST, iterations=40, seed=5))


def roster_of(layers: Layers, params: Params) -> Roster:
    result = answer_roster(layers, params, NUMBERS).result
    assert isinstance(result, Roster)
    return result


def test_every_night_is_a_plan_that_holds(patrolled: Layers, params: Params) -> None:
    roster = roster_of(patrolled, params)
    assert [plan.date for plan in roster.plans] == [f"2026-11-{day}" for day in (23, 24, 25, 26)]
    for plan in roster.plans:
        assert plan.problem is not None
        assert plan.solution is not None
        checked = check(plan.problem, plan.solution.routes, plan.solution.departures)
        assert checked.faults == ()
        assert len(plan.stops)
    # On Tuesday only the first team is out.
    tuesday = roster.plans[1]
    assert set(tuesday.stops["team"]) <= {tuesday.teams["code"].iloc[0]}
    assert roster.nights["overdue"].sum() == len(roster.overdue) == 0


def test_the_tables_add_up(patrolled: Layers, params: Params) -> None:
    roster = roster_of(patrolled, params)
    walked_km = sum(plan.teams["length_m"].sum() for plan in roster.plans) / 1000
    assert roster.teams["km"].sum() == pytest.approx(walked_km)
    assert roster.stops["visits"].sum() == roster.nights["stops"].sum()
    assert (roster.nights["score"] >= 0.97 * roster.nights["best"]).all()
    assert roster.figures["fixed"]["common_share_mean"] == 1.0
    document = answer_roster(patrolled, params, NUMBERS).document
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["params"]["nights"] == 4


def test_tonight_is_walked_as_it_was_drawn(patrolled: Layers, params: Params) -> None:
    roster = roster_of(patrolled, params)
    nights = planned_nights_of(patrolled, params, roster)
    kept = json.loads(json.dumps(nights[2].document))
    wednesday = replace(params, patrol=replace(params.patrol, date=date(2026, 11, 25)))
    answer = answer_drawn(patrolled, wednesday, NUMBERS, kept)
    assert answer is not None
    for told, drawn in zip(answer.document["teams"], kept["teams"], strict=True):
        assert told["depart"] == drawn["depart"]
        assert [stop["code"] for stop in told["stops"]] == [s["code"] for s in drawn["stops"]]
        assert [stop["arrive"] for stop in told["stops"]] == [s["arrive"] for s in drawn["stops"]]
    assert answer.document["drawn"]
    assert answer.document["seed"] == nights[2].seed


def test_a_night_that_no_longer_fits_is_not_walked(patrolled: Layers, params: Params) -> None:
    nights = planned_nights_of(patrolled, params, roster_of(patrolled, params))
    fewer = patrolled.replaced(patrol_points=patrolled["patrol_points"].iloc[1:])
    assert answer_drawn(fewer, params, NUMBERS, nights[0].document) is None
    alone = patrolled.replaced(teams=patrolled["teams"].iloc[:1])
    assert answer_drawn(alone, params, NUMBERS, nights[0].document) is None


def test_a_town_without_streets_says_what_it_lacks(patrolled: Layers, params: Params) -> None:
    bare = patrolled.replaced(streets=patrolled["streets"].iloc[:0])
    answer = answer_roster(bare, params, NUMBERS)
    assert "streets" in answer.summary()
    assert answer.document["nights"] == []
    json.dumps(answer.document, allow_nan=False)


def test_numbers_out_of_limits_are_named_together() -> None:
    with pytest.raises(ParameterError, match=r"within must be .*; noise must be"):
        RosterParams.default(within=0.9, noise=-1)
    with pytest.raises(ParameterError, match="do not know nigths"):
        RosterParams.default(nigths=3)
    with pytest.raises(ParameterError, match=r"longest_gap_nights\.rural must be from 1"):
        RosterParams.default(longest_gap_nights={"rural": 0})
