"""Every rung of a ladder can be walked from where it starts, and is what its rule says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.profiles import load
from planner.ladder import build_ladder
from planner.solvers.tours import solve
from planner.solvers.tours_check import check
from planner.solvers.tours_problem import TourProblem, Vehicle

KINDS = ["", "", "site", "gap", "patrol_point", "break", "site", "gap", "patrol_point"]


@st.composite
def evenings(draw) -> TourProblem:
    """Return two teams and up to seven stops on a plane, in seconds of an evening."""
    count = len(KINDS)
    ways = st.integers(0, 1500)
    places = np.array(draw(st.lists(st.tuples(ways, ways), min_size=count, max_size=count)))
    time = np.abs(places[:, None] - places[None]).sum(axis=2)
    opens = np.array(draw(st.lists(st.integers(0, 4000), min_size=count, max_size=count)))
    spans = np.array(draw(st.lists(st.integers(0, 6000), min_size=count, max_size=count)))
    prizes = draw(st.lists(st.integers(1, 20), min_size=count, max_size=count))
    needed = np.array([False, False, *draw(st.lists(st.booleans(), min_size=7, max_size=7))])
    service = [0, 0, *draw(st.lists(st.integers(0, 900), min_size=7, max_size=7))]
    limit = draw(st.none() | st.integers(2000, 6000))
    vehicles = (
        Vehicle(0, 0, 0, 7200, max_travel=limit),
        Vehicle(1, 1, 1800, 9000, max_duration=draw(st.integers(1800, 7200))),
    )
    return TourProblem(time, prizes, service, opens, opens + spans, needed, vehicles)


@given(evenings())
@settings(max_examples=40)
def test_every_rung_holds_from_where_it_starts(problem: TourProblem) -> None:
    found = solve(problem, iterations=200)
    plan = check(problem, found.routes, found.departures)
    ladder = build_ladder(problem, plan, KINDS)
    used = [team for team, route in enumerate(plan.routes) if route.stops]
    expected = sum((len(plan.routes[team].stops) + 1) * len(load("ladder")) for team in used)
    assert len(ladder.rungs) == expected
    for rung in ladder.rungs:
        walked_again(problem, plan, rung)


def walked_again(problem, plan, rung) -> None:
    """Walk a rung step by step, by the rules of its table and of the evening."""
    rule, route = load("ladder")[rung.name], plan.routes[rung.team]
    vehicle = problem.vehicles[rung.team]
    done = [visit.stop for visit in route.stops[: rung.after]]
    ahead = [visit.stop for visit in route.stops[rung.after + rule.get("skip", 0) :]]
    positions = [ahead.index(stop) for stop in rung.stops]
    assert positions == sorted(positions)
    assert not {KINDS[stop] for stop in rung.stops} & set(rule.get("without", ()))
    start = now = route.stops[rung.after - 1].leave if rung.after else route.depart
    here = done[-1] if done else vehicle.start
    for stop in rung.stops:
        begin = max(now + problem.time[0, here, stop], problem.opens[stop])
        assert begin <= problem.closes[stop]
        now = begin + min(problem.service[stop], rule.get("longest_dwell_s", np.inf))
        here = stop
    now += problem.time[0, here, vehicle.end]
    assert rung.back == now - start
    assert now <= vehicle.latest_return
    assert now - route.depart <= vehicle.span
    assert rung.score == problem.prize[list(rung.stops)].sum()
    walk = [vehicle.start, *done, *rung.stops, vehicle.end]
    travel = sum(int(problem.time[0, a, b]) for a, b in itertools.pairwise(walk))
    assert vehicle.max_travel is None or travel <= vehicle.max_travel
    if "limit_min" in rule:
        assert (rung.back <= 60 * rule["limit_min"]) != rung.late
        assert not (rung.late and rung.stops)


@pytest.fixture
def street() -> TourProblem:
    """Return a base and four stops on one straight street, ten minutes from each other."""
    at = np.arange(5)
    return TourProblem(
        np.abs(at[:, None] - at[None]) * 600,
        prize=[0, 2, 9, 2, 2], service=[0, 120, 900, 120, 120], opens=[0] * 5,
        closes=[99_999] * 5, required=[False] * 5, vehicles=(Vehicle(0, 0, 0, 99_999),),
    )  # fmt: skip


def test_rungs_of_a_straight_street_by_hand(street: TourProblem) -> None:
    plan = check(street, [(1, 2, 3, 4)], [0])
    ladder = build_ladder(street, plan, ["", "site", "patrol_point", "gap", "site"])
    rungs = {(rung.name, rung.after): rung for rung in ladder.rungs}
    # After the second stop: 20 minutes from home, so that 20 minutes leave time for none.
    assert (rungs["left_20", 2].stops, rungs["left_20", 2].back) == ((), 1200)
    assert not rungs["left_20", 2].late
    # The third stop is 10 minutes on and 30 from home: 40 minutes walking leave no time to stop.
    assert rungs["left_40", 2].stops == ()
    # From the base within 40 minutes: the second stop takes 20 + 15 + 20, the first 10 + 2 + 10.
    assert (rungs["left_40", 0].stops, rungs["left_40", 0].score) == ((1,), 2)
    assert rungs["rain", 3].late
    assert rungs["rain", 3].back == 1800
    assert rungs["skip", 0].stops == (2, 3, 4)
    # A gap is no place for two people, and their presence is a check-in of two minutes.
    assert rungs["fewer", 0].stops == (1, 2, 4)
    assert rungs["fewer", 0].back == 8 * 600 + 3 * 120


def test_the_document_speaks_of_codes(street: TourProblem) -> None:
    plan = check(street, [(1, 2)], [0])
    ladder = build_ladder(street, plan, ["", "site", "site", "site", "site"])
    rows = ladder.document(0, ["base", "A", "B", "C", "D"])
    assert rows[0] == {
        "rung": "fewer", "after": 0, "stops": ["A", "B"], "back": 2640, "score": 11,
        "reason": None,
    }  # fmt: skip
    assert ladder.document(1, []) == []
    assert ladder.summary() == "15 rungs, 2 ways beside the routes"


def test_teams_that_stay_have_no_rungs(street: TourProblem) -> None:
    assert build_ladder(street, check(street, [()], [0]), [""] * 5).rungs == ()
