from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise

import pytest
import shapely
from shapely import Point

from gis.errors import LayerFaultsError, LayerMissingError
from gis.layers import Layers
from planner.assume import complete
from planner.network import build_network
from planner.params import PatrolParams
from planner.patrol import Patrol, plan_patrol
from planner.prizes import window_s
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
    assert patrol.left_out["reason"].tolist() == ["no_time"]


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


@pytest.mark.parametrize("text", ["", "7-9", "25:00-26:00", "19:00", "19:70-20:00"])
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time window"):
        window_s(text)
