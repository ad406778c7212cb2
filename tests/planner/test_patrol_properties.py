"""What holds of every evening of any town, checked by the document and the streets alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from gis import travel
from gis.crs import town_crs
from gis.layers import WGS84, Layers, conform
from planner.network import build_network
from planner.params import PatrolParams
from planner.patrol import Patrol, patrol_of, plan_patrol
from planner.patrol_evening import evening_of
from planner.solvers.tours import TourSolution, explore
from planner.solvers.tours_check import best_departure, check
from planner.solvers.tours_pool import RoutePool, pack

METRES = town_crs(120.72, 30.15)
EVENING = date(2026, 11, 25)
USUAL_KMH = {"foot": 4.8, "ebike": 15.0, "car": 20.0}
# A random town is a lattice of streets with some of them left out, and much of it out of reach.
STEP_M, SIDE = 150, 4


def layer(name: str, shapes: list[Any], columns: dict[str, list[Any]]) -> gpd.GeoDataFrame:
    codes = [f"{name}/{k}" for k in range(len(shapes))]
    frame = gpd.GeoDataFrame({"code": codes, **columns}, geometry=shapes, crs=METRES)
    return conform(frame.to_crs(WGS84), name)


@st.composite
def towns(draw: st.DrawFn) -> Layers:
    ends = [
        ((x, y), there)
        for x in range(SIDE)
        for y in range(SIDE)
        for there in ((x + 1, y), (x, y + 1))
        if max(there) < SIDE
    ]
    kept = draw(st.lists(st.sampled_from(ends), min_size=10, unique=True))
    lines = [LineString(np.array(pair) * STEP_M) for pair in kept]
    kinds = draw(st.lists(st.sampled_from(["residential", "footway"]), min_size=len(lines)))
    place = st.tuples(st.integers(-300, 750), st.integers(-50, 500)).map(Point)
    points = draw(st.lists(place, min_size=1, max_size=9))
    n = len(points)

    def rows(values: st.SearchStrategy[Any], count: int) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    windows = ["19:00-19:40", "20:00-20:15", "18:00-23:00", "03:00-04:00", None]
    bases = draw(st.lists(place, min_size=1, max_size=3))
    shifts = ["19:00-21:00", "19:30-20:10", "18:00-22:00", "Sa 19:00-21:00"]
    return Layers(
        "Lattice",
        {
            "streets": layer("streets", lines, {"highway": kinds[: len(lines)]}),
            "patrol_points": layer(
                "patrol_points",
                points,
                {
                    "window": rows(st.sampled_from(windows), n),
                    "required": rows(st.sampled_from([True, False, False]), n),
                    "visits": rows(st.sampled_from([1, 1, 2]), n),
                    "dwell_s": rows(st.sampled_from([0.0, 120.0, 700.0]), n),
                },
            ),
            "teams": layer(
                "teams",
                bases,
                {
                    "mode": rows(st.sampled_from(["foot", "foot", "ebike"]), len(bases)),
                    "speed_kmh": rows(st.sampled_from([3.2, 3.6, 12.0]), len(bases)),
                    "shifts": rows(st.sampled_from(shifts), len(bases)),
                    "max_length_m": rows(st.sampled_from([None, 900.0]), len(bases)),
                },
            ),
        },
    )


def plan(town: Layers, **changes: Any) -> Patrol:
    params = PatrolParams.default(date=EVENING, iterations=40, **changes)
    return plan_patrol(town, build_network(town), params)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def seconds_between(town: Layers, team: dict[str, Any], path: list[Point]) -> list[int]:
    """Return how long the team takes between some points, by the matrix of the town's streets."""
    at = gpd.GeoSeries(path, crs=WGS84)
    times = travel.matrix(build_network(town), at, at, mode=team["mode"])
    stretch = USUAL_KMH[team["mode"]] / team["speed_kmh"]
    return [ceil(times[here, there] * stretch) for here, there in pairwise(range(len(path)))]


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(town=towns())
def test_every_time_follows_from_the_matrix_and_every_rule_is_kept(town: Layers) -> None:
    patrol = plan(town)
    document = patrol.document()
    visited = [stop["code"] for team in document["teams"] for stop in team["stops"]]
    assert len(visited) == len(set(visited))
    rows = town["teams"].set_index("code")
    for team in document["teams"]:
        stops = team["stops"]
        if not stops:
            assert (team["length_m"], team["duration_s"], team["legs"]) == (0, 0, [])
            continue
        base = Point(team["base_lon"], team["base_lat"])
        path = [base, *(Point(stop["lon"], stop["lat"]) for stop in stops), base]
        ways_s = seconds_between(town, team, path)
        now = moment(team["depart"])
        assert now >= moment(team["shift_begin"])
        for stop, way_s in zip(stops, ways_s, strict=False):
            now += timedelta(seconds=way_s)
            assert (moment(stop["arrive"]), stop["leg_s"]) == (now, way_s)
            now += timedelta(seconds=stop["wait_s"])
            if stop["opens"] is not None:
                assert moment(stop["opens"]) <= now <= moment(stop["closes"])
            now += timedelta(seconds=stop["dwell_s"])
            assert moment(stop["depart"]) == now
        now += timedelta(seconds=ways_s[-1])
        assert moment(team["return"]) == now <= moment(team["shift_end"])
        longest_m = rows.loc[team["code"], "max_length_m"]
        limit_m = longest_m if longest_m > 0 else 4000.0 if team["mode"] == "foot" else np.inf
        assert team["length_m"] <= limit_m
        assert team["length_m"] == pytest.approx(sum(leg["length_m"] for leg in team["legs"]))
        assert [leg["time_s"] for leg in team["legs"]] == ways_s
    prizes = [stop["prize"] for team in document["teams"] for stop in team["stops"]]
    assert document["score"] == sum(prizes) <= document["bound"]


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(town=towns())
def test_nothing_is_missing_without_a_reason(town: Layers) -> None:
    patrol = plan(town)
    document = patrol.document()
    visited = {stop["code"] for team in document["teams"] for stop in team["stops"]}
    left = {row["code"]: row["reason"] for row in document["left_out"]}
    assert patrol.candidates is not None
    places = {code for code in patrol.candidates["code"] if not code.startswith("break/")}
    assert visited | set(left) >= places
    assert not visited & set(left)
    required = {
        code
        for code, needed in zip(
            patrol.candidates["code"], patrol.candidates["required"], strict=True
        )
        if needed
    }
    unmet = {row["code"]: row for row in document["unmet"]}
    assert {code for code in required - visited if not code.startswith("break/")} <= set(unmet)
    for row in unmet.values():
        assert row["reason"] == left[row["code"]] != "lower_prize"
        assert row["sentence"]["zh"]
        assert row["sentence"]["en"]


def repacked(town: Layers, pool: Any, **changes: Any) -> int:
    """Return the best score of routes of a pool for a town that has been changed."""
    problem = evening_of(town, build_network(town), params_of(**changes)).problem
    routes = pack(problem, pool, seconds=None, nodes=200)
    departures = [best_departure(problem, k, route) for k, route in enumerate(routes)]
    checked = check(problem, routes, [0 if tick is None else tick for tick in departures])
    assert checked.is_feasible(), checked.summary()
    return checked.score


def params_of(**changes: Any) -> PatrolParams:
    return PatrolParams.default(
        date=EVENING, iterations=40, stagger_s=0, rest={"break_s": 0}, **changes
    )


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(town=towns())
def test_a_longer_shift_never_lowers_the_score(town: Layers) -> None:
    town = town.replaced(
        teams=town["teams"].assign(shifts="19:00-20:30"),
        patrol_points=town["patrol_points"].assign(visits=1, required=False),
    )
    evening = evening_of(town, build_network(town), params_of())
    before, pool = explore(evening.problem, iterations=40)
    longer = town.replaced(teams=town["teams"].assign(shifts="18:40-21:10"))
    assert repacked(longer, pool) >= before.score


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(town=towns())
def test_another_team_never_lowers_the_score(town: Layers) -> None:
    town = town.replaced(patrol_points=town["patrol_points"].assign(visits=1, required=False))
    evening = evening_of(town, build_network(town), params_of())
    before, pool = explore(evening.problem, iterations=40)
    more = town["teams"].iloc[[0]].assign(code="another")
    teams = gpd.GeoDataFrame(pd.concat([town["teams"], more], ignore_index=True), crs=WGS84)
    # One more base stands before the stops.
    routes = tuple(tuple(stop + 1 for stop in route) for route in pool.routes)
    moved = RoutePool(pool.vehicles, routes)
    assert repacked(town.replaced(teams=teams), moved) >= before.score


def test_nothing_reachable_is_a_score_of_zero_with_the_reason() -> None:
    far = [Point(5000, 5000), Point(5200, 5000)]
    town = Layers(
        "Far",
        {
            "streets": layer("streets", [LineString([(0, 0), (400, 0)])], {}),
            "patrol_points": layer("patrol_points", far, {"required": [True, False]}),
            "teams": layer("teams", [Point(0, 0)], {"mode": ["foot"], "shifts": ["19:00-21:00"]}),
        },
    )
    document = plan(town).document()
    assert (document["score"], document["bound"]) == (0, 0)
    assert {row["reason"] for row in document["left_out"]} == {"unreachable"}
    assert [row["code"] for row in document["unmet"]] == ["patrol_points/0"]
    assert "没有一队能走到" in document["unmet"][0]["sentence"]["zh"]


def test_a_team_off_the_streets_stays_and_says_so() -> None:
    town = Layers(
        "Island",
        {
            "streets": layer("streets", [LineString([(0, 0), (400, 0)])], {}),
            "patrol_points": layer("patrol_points", [Point(100, 0)], {}),
            "teams": layer(
                "teams", [Point(4000, 0)], {"mode": ["foot"], "shifts": ["18:00-22:00"]}
            ),
        },
    )
    document = plan(town).document()
    assert document["score"] == 0
    assert [row["reason"] for row in document["left_out"]] == ["unreachable"]


def test_any_plan_of_an_evening_becomes_an_answer() -> None:
    town = Layers(
        "Row",
        {
            "streets": layer("streets", [LineString([(0, 0), (900, 0)])], {}),
            "patrol_points": layer("patrol_points", [Point(x, 0) for x in (300, 600)], {}),
            "teams": layer("teams", [Point(0, 0)], {"mode": ["foot"], "shifts": ["19:00-21:00"]}),
        },
    )
    evening = evening_of(town, build_network(town), params_of())
    backwards = TourSolution(((2, 1),), (68_400,), 40, None)
    patrol = patrol_of(evening, backwards)
    assert patrol.stops["code"].tolist() == ["patrol_points/1", "patrol_points/0"]
    assert patrol.teams["length_m"].iloc[0] == pytest.approx(1200, abs=1)
    assert replace(patrol, seed=7).document()["teams"][0]["streets"] == ["streets/0"]
