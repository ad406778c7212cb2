from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
import shapely
from shapely import Point

from gis.errors import LayerFaultsError, LayerMissingError
from gis.layers import Layers
from planner.assume import complete
from planner.network import build_network
from planner.packing import pack, unpack
from planner.params import PatrolParams
from planner.patrol import Patrol, plan_patrol
from planner.patrol_windows import window_s
from planner.solvers.tours_check import check


def plan(town: Layers, **changes: object) -> Patrol:
    town = complete(town).layers
    params = PatrolParams.default(date=date(2026, 11, 24), iterations=200, **changes)
    return plan_patrol(town, build_network(town), params)


def with_points(town: Layers, layer, points: list[Point], **columns: list) -> Layers:
    teams = layer("teams", [Point(150, 200)], {"mode": ["foot"], "shifts": ["19:00-21:00"]})
    patrol_points = layer("patrol_points", points, columns)
    return town.replaced(patrol_points=patrol_points, teams=teams)


def test_a_route_leaves_the_base_and_comes_back_on_streets(town: Layers, layer) -> None:
    patrol = plan(with_points(town, layer, [Point(0, 200), Point(150, 390)]))
    team = patrol.teams.iloc[0]
    base = Point(team["base_lon"], team["base_lat"])
    line = team.geometry
    for end in (line.coords[0], line.coords[-1]):
        assert Point(end).distance(base) < 1e-5
    streets = shapely.union_all(town["streets"].geometry.to_numpy()).buffer(1e-6)
    assert streets.covers(line)
    assert team["length_m"] >= 2 * (150 + 190) - 1


def test_the_times_are_those_of_an_independent_check(town: Layers, layer) -> None:
    patrol = plan(with_points(town, layer, [Point(0, 200), Point(500, 200)]))
    checked = check(patrol.problem, patrol.solution.routes, patrol.solution.departures)
    assert not checked.faults
    assert checked.score == patrol.score
    ticks = [visit.begin for route in checked.routes for visit in route.stops]
    midnight = datetime.fromisoformat("2026-11-24T00:00:00+08:00")
    shown = [
        (datetime.fromisoformat(arrive) - midnight).total_seconds() + wait
        for arrive, wait in zip(patrol.stops["arrive"], patrol.stops["wait_s"], strict=True)
    ]
    assert shown == ticks


def test_stops_follow_each_other_in_time_with_the_walk_between(town: Layers, layer) -> None:
    stops = plan(with_points(town, layer, [Point(0, 200), Point(600, 200)])).stops
    for earlier, later in pairwise(stops.itertuples()):
        assert datetime.fromisoformat(earlier.depart) <= datetime.fromisoformat(later.arrive)


def test_a_slow_team_needs_longer(town: Layers, layer) -> None:
    quick = with_points(town, layer, [Point(600, 200)])
    slow = quick.replaced(teams=quick["teams"].assign(speed_kmh=1.8))
    quick = quick.replaced(teams=quick["teams"].assign(speed_kmh=3.6))
    only = {"stops_per_team": 1, "max_length_m": 10_000.0}
    at = [plan(t, **only).teams.iloc[0]["duration_s"] for t in (quick, slow)]
    # 450 m out and back at 1 m/s and at half of it, and the same 120 s at the stop.
    assert at[0] == pytest.approx(900 + 120, abs=4)
    assert at[1] == pytest.approx(1800 + 120, abs=4)


def test_a_required_stop_out_of_reach_is_unmet_and_says_why(town: Layers, layer) -> None:
    patrol = plan(
        with_points(town, layer, [Point(300, 5000), Point(0, 200)], required=[True, False])
    )
    assert patrol.unmet[["code", "reason"]].to_numpy().tolist() == [
        ["patrol_points/0", "unreachable"]
    ]


def test_a_stop_closed_during_the_shift_is_left_out(town: Layers, layer) -> None:
    patrol = plan(
        with_points(town, layer, [Point(0, 200)], window=["10:00-11:00"]), max_length_m=4000.0
    )
    assert patrol.left_out["code"].tolist() == ["patrol_points/0"]
    assert patrol.left_out["reason"].tolist() == ["outside_window"]


def test_a_window_is_kept_by_waiting(town: Layers, layer) -> None:
    patrol = plan(with_points(town, layer, [Point(160, 200)], window=["20:30-20:40"]))
    stop = patrol.stops.set_index("code").loc["patrol_points/0"]
    begins = datetime.fromisoformat(stop["arrive"]).timestamp() + stop["wait_s"]
    opens = datetime.fromisoformat("2026-11-24T20:30:00+08:00").timestamp()
    assert opens <= begins <= opens + 600


def test_walkers_go_no_farther_than_they_may(town: Layers, layer) -> None:
    patrol = plan(with_points(town, layer, [Point(0, 200), Point(590, 200)]), max_length_m=400.0)
    assert patrol.teams["length_m"].max() <= 400
    assert "patrol_points/1" in patrol.left_out["code"].tolist()


def test_a_shift_that_is_no_time_is_named(town: Layers, layer) -> None:
    town = with_points(town, layer, [Point(0, 200)])
    late = town.replaced(teams=town["teams"].assign(shifts="evening"))
    with pytest.raises(LayerFaultsError, match=r"row teams/0, column shifts: 'evening'"):
        plan(late)


def test_a_town_without_streets_says_so(town: Layers) -> None:
    plain = Layers("T", {k: v for k, v in town.frames.items() if k != "streets"})
    with pytest.raises(LayerMissingError) as caught:
        plan(plain)
    assert caught.value.layers == ("streets",)


def test_two_visits_are_two_stops_with_windows_apart(town: Layers, layer) -> None:
    patrol = plan(with_points(town, layer, [Point(160, 200)], visits=[2]))
    stops = patrol.stops.set_index("code")
    halfway = datetime.fromisoformat("2026-11-24T20:00:00+08:00")
    first = datetime.fromisoformat(stops.loc["patrol_points/0", "arrive"])
    second = datetime.fromisoformat(stops.loc["patrol_points/0#2", "depart"])
    assert first < halfway <= second


def test_the_same_seed_gives_the_same_routes(town: Layers, layer) -> None:
    town = with_points(town, layer, [Point(x, 200) for x in range(0, 600, 60)])
    first, again = plan(town, seed=4), plan(town, seed=4)
    assert first.stops["code"].tolist() == again.stops["code"].tolist()


def test_places_too_far_to_visit_take_no_room_from_those_near(town: Layers, layer) -> None:
    sites = layer(
        "sites",
        [Point(590, 200), Point(160, 200)],
        {"kind": ["school", "shop"], "area_class": ["key_public", "other"]},
    )
    town = with_points(town, layer, []).replaced(sites=sites)
    patrol = plan(town, stops_per_team=1, max_length_m=400.0)
    assert patrol.stops["code"].tolist() == ["sites/1"]


def test_a_stop_says_what_it_is_worth_and_the_way_to_it(town: Layers, layer) -> None:
    town = with_points(town, layer, [Point(0, 200)], landmark=["old tree"], window=["19:00-20:00"])
    stop = plan(town).document()["teams"][0]["stops"][0]
    assert stop["parts"] == [{"part": "patrol_point", "points": 20}]
    assert (stop["landmark"], stop["leg_m"]) == ("old tree", pytest.approx(150, abs=0.5))
    assert (stop["opens"][11:16], stop["closes"][11:16]) == ("19:00", "20:00")


def test_legs_lead_from_stop_to_stop_and_home(town: Layers, layer) -> None:
    document = plan(with_points(town, layer, [Point(0, 200), Point(150, 390)])).document()
    team = document["teams"][0]
    assert [leg["order"] for leg in team["legs"]] == list(range(1, len(team["stops"]) + 2))
    for leg, after in pairwise(team["legs"]):
        assert leg["geometry"]["coordinates"][-1] == after["geometry"]["coordinates"][0]
    assert team["legs"][0]["geometry"]["coordinates"][0] == team["geometry"]["coordinates"][0]


def test_a_team_is_told_the_way_and_what_to_do_when_the_plan_fails(town: Layers, layer) -> None:
    town = with_points(town, layer, [Point(0, 200), Point(150, 390)], required=[True, False])
    team = plan(town).document()["teams"][0]
    ways = [leg["steps"] for leg in team["legs"]]
    assert all(way or leg["length_m"] == 0 for way, leg in zip(ways, team["legs"], strict=True))
    codes = {stop["code"] for stop in team["stops"]}
    assert {code for rung in team["ladder"] for code in rung["stops"]} <= codes
    assert {leg["from"] for leg in team["ladder_legs"]} <= {*codes, "base"}
    costs = {stop["code"]: "cost" in stop for stop in team["stops"]}
    assert costs == {code: code == "patrol_points/0" for code in codes}


def test_a_closed_street_is_not_walked(town: Layers, layer) -> None:
    town = complete(with_points(town, layer, [Point(0, 200), Point(150, 390)])).layers
    params = PatrolParams.default(date=date(2026, 11, 24), iterations=100)
    patrol = plan_patrol(town, build_network(town), params, closures=["streets/1"])
    assert patrol.streets == {"teams/0": ("streets/0",)}
    left = dict(zip(patrol.left_out["code"], patrol.left_out["reason"], strict=True))
    assert left["patrol_points/1"] == "unreachable"


def test_what_is_beyond_the_most_stops_is_left_out_because_others_are_worth_more(
    town: Layers, layer
) -> None:
    town = with_points(town, layer, [Point(160, 200), Point(140, 200)], required=[True, False])
    patrol = plan(town, stops_per_team=1)
    left = dict(zip(patrol.left_out["code"], patrol.left_out["reason"], strict=True))
    assert patrol.stops["code"].tolist() == ["patrol_points/0"]
    assert left["patrol_points/1"] == "lower_prize"


def test_a_plan_read_from_a_store_says_the_same(town: Layers, layer) -> None:
    patrol = plan(
        with_points(town, layer, [Point(0, 200), Point(500, 200)], required=[True, False])
    )
    plain, tables = pack(patrol)
    again = unpack(Patrol, json.loads(json.dumps(plain)), tables)
    assert json.dumps(again.document()) == json.dumps(patrol.document())
    assert (again.problem, again.candidates) == (None, None)


def evening_of_four_hours(town: Layers, layer, dwell_s: float) -> Patrol:
    along = [Point(x, 200) for x in range(170, 600, 50)]
    town = with_points(town, layer, along, dwell_s=[dwell_s] * len(along), required=[True] * 9)
    stall = layer("service_points", [Point(470, 200)], {"kind": ["other"], "name": ["Stall"]})
    long = town["teams"].assign(shifts="18:00-22:00", speed_kmh=3.6)
    town = town.replaced(teams=long, service_points=stall, sites=town["sites"].iloc[:0])
    return plan(town)


def test_who_is_out_for_long_rests_at_mid_shift(town: Layers, layer) -> None:
    patrol = evening_of_four_hours(town, layer, 1200.0)
    assert patrol.stops["kind"].tolist().count("patrol_point") == 9
    rest = patrol.stops[patrol.stops["kind"] == "break"].iloc[0]
    assert (rest["dwell_s"], rest["prize"], rest["reason"]) == (600, 0, "break")
    begin = datetime.fromisoformat(rest["arrive"]) + timedelta(seconds=int(rest["wait_s"]))
    hours = (begin - datetime.fromisoformat("2026-11-24T18:00:00+08:00")).total_seconds() / 3600
    # Of four hours less ten minutes, the middle third.
    assert 1.26 <= hours <= 2.57
    assert patrol.teams["break_s"].tolist() == [600]


def test_who_is_soon_home_needs_no_rest(town: Layers, layer) -> None:
    patrol = evening_of_four_hours(town, layer, 300.0)
    assert patrol.stops["kind"].tolist() == ["patrol_point"] * 9
    assert not patrol.left_out["code"].str.startswith("break/").any()
    assert len(patrol.unmet) == 0


def test_a_team_with_nothing_to_do_does_not_leave_for_its_rest(town: Layers, layer) -> None:
    town = with_points(town, layer, [Point(0, 200)], window=["10:00-11:00"])
    town = town.replaced(
        teams=town["teams"].assign(shifts="18:00-22:00"), sites=town["sites"].iloc[:0]
    )
    patrol = plan(town)
    assert len(patrol.stops) == 0
    assert len(patrol.unmet) == 0
    assert patrol.teams["duration_s"].tolist() == [0]


@pytest.mark.parametrize("text", ["", "7-9", "25:00-26:00", "19:00", "19:70-20:00"])
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time window"):
        window_s(text)
