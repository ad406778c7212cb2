"""Why required stops are missing, and what they cost: by hand, and every relaxation tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.patrol_clock import Clock
from planner.patrol_explained import Relaxation, StopCost, explain
from planner.patrol_reasons import unmet_sentence
from planner.solvers.tours import solve
from planner.solvers.tours_check import check
from planner.solvers.tours_fit import fitting
from planner.solvers.tours_problem import UNREACHABLE, TourProblem, Vehicle

NAMES = ["一队", "老桥头", "码头", "幼儿园", "菜场"]


CLOCK = Clock(date(2026, 11, 25), "Asia/Shanghai")
HOUR = Vehicle(0, 0, 0, 3600)


def line(required, *, vehicle=HOUR, opens=None, closes=None) -> TourProblem:
    """Return a base and four stops on one street, ten minutes apart, two minutes at each."""
    at = np.arange(5)
    return TourProblem(
        np.abs(at[:, None] - at[None]) * 600,
        prize=[0, 5, 7, 11, 13], service=[0, 120, 120, 120, 120],
        opens=opens or [0] * 5, closes=closes or [99_999] * 5,
        required=[stop in required for stop in range(5)], vehicles=(vehicle,),
    )  # fmt: skip


def test_a_stop_too_far_for_one_shift() -> None:
    problem = line({4})
    (unmet,) = explain(problem, check(problem, [()], [0])).unmet
    # 40 minutes there, 2 there, 40 back.
    assert (unmet.cause, unmet.conflicts) == ("alone", ())
    assert unmet.relaxation == Relaxation("later_home", 0, 4920 - 3600)
    assert unmet_sentence(unmet, problem, NAMES, CLOCK)["en"] == (
        "菜场 is left out: no team could make it even if it went nowhere else. "
        "It fits if 一队 comes home 22 min later, at 01:22."
    )


def test_two_stops_whose_windows_do_not_go_together() -> None:
    problem = line({1, 3}, vehicle=Vehicle(0, 0, 0, 7200), opens=[0, 900, 0, 900, 0],
                   closes=[0, 1000, 0, 1800, 0])  # fmt: skip
    (unmet,) = explain(problem, check(problem, [(1,)], [300])).unmet
    # After the first stop, 900 + 120 + 1200 = 2220 is 420 s after the window of the other.
    assert (unmet.cause, unmet.conflicts) == ("conflict", (1,))
    assert unmet.relaxation == Relaxation("window_closes_later", 0, 420)
    assert unmet_sentence(unmet, problem, NAMES, CLOCK)["zh"] == (
        "幼儿园没有排进去:和别的必到点挤在一起,时间不够。"
        "它的时段晚 7 分钟结束(00:37),一队就排得下。或者今晚不去老桥头。"
    )


def test_a_window_that_closes_before_the_team_comes() -> None:
    vehicle = Vehicle(0, 0, 3600, 9999)
    problem = line({2}, vehicle=vehicle, closes=[0, 0, 4000, 0, 0])
    (unmet,) = explain(problem, check(problem, [()], [3600])).unmet
    assert unmet.relaxation == Relaxation("earlier_start", 0, 800)
    assert "早 14 分钟出发(00:46)" in unmet_sentence(unmet, problem, NAMES, CLOCK)["zh"]


def test_a_window_that_opens_too_late_to_be_home() -> None:
    problem = line({1}, opens=[0, 3300, 0, 0, 0])
    (unmet,) = explain(problem, check(problem, [()], [0])).unmet
    assert unmet.relaxation == Relaxation("later_home", 0, 420)
    # The window may as well open earlier, by as much; of two equal changes the team's comes first.


def test_a_way_longer_than_the_team_walks() -> None:
    problem = line({2}, vehicle=Vehicle(0, 0, 0, 9999, max_travel=2000))
    (unmet,) = explain(problem, check(problem, [()], [0])).unmet
    assert unmet.relaxation == Relaxation("longer_way", 0, 400)
    assert unmet_sentence(unmet, problem, NAMES, CLOCK, [3.6])["zh"].endswith(
        "一队多走 400 米就排得下。"
    )


def test_a_stop_without_a_way() -> None:
    time = np.array([[0, UNREACHABLE], [10, 0]])
    problem = TourProblem(time, [0, 1], [0, 0], [0, 0], [9, 9], [False, True],
                          (Vehicle(0, 0, 0, 99),))  # fmt: skip
    (unmet,) = explain(problem, check(problem, [()], [0])).unmet
    assert (unmet.cause, unmet.relaxation, unmet.conflicts) == ("no_way", None, ())
    assert (
        unmet_sentence(unmet, problem, NAMES, CLOCK)["en"]
        == "老桥头 is left out: no team has a way there."
    )


def test_a_required_stop_costs_its_time_and_what_would_fit_instead() -> None:
    problem = line({2}, vehicle=Vehicle(0, 0, 0, 3960))
    costs = explain(problem, check(problem, [(1, 2)], [0])).costs
    # Without it the tour is 1200 s of way and its 120 s shorter; the third stop then takes 3600 +
    # 240, the fourth 4800.
    assert costs == (StopCost(2, 0, 1320, 11),)


@st.composite
def crowded(draw) -> TourProblem:
    """Return two teams with little time and up to six required stops on a plane."""
    count = 7
    ways = st.integers(0, 900)
    places = np.array(draw(st.lists(st.tuples(ways, ways), min_size=count, max_size=count)))
    time = np.abs(places[:, None] - places[None]).sum(axis=2)
    opens = np.array(draw(st.lists(st.integers(0, 3000), min_size=count, max_size=count)))
    spans = np.array(draw(st.lists(st.integers(0, 3000), min_size=count, max_size=count)))
    begin = draw(st.integers(0, 2000))
    limit = draw(st.none() | st.integers(500, 3000))
    vehicles = (
        Vehicle(0, 0, begin, begin + draw(st.integers(600, 3600)), max_travel=limit),
        Vehicle(1, 1, 600, 4000, max_duration=draw(st.integers(600, 3600))),
    )
    needed = [False, False, *draw(st.lists(st.booleans(), min_size=5, max_size=5))]
    return TourProblem(
        time, [3] * count, [0, 0, *[300] * 5], opens, opens + spans, needed, vehicles
    )


def relaxed(problem: TourProblem, stop: int, change: Relaxation) -> TourProblem:
    """Return the evening after a change."""
    opens, closes = problem.opens.copy(), problem.closes.copy()
    vehicles = list(problem.vehicles)
    team, more = vehicles[change.team], change.seconds
    longer = None if team.max_duration is None else team.max_duration + more
    if change.kind == "later_home":
        vehicles[change.team] = replace(team, latest=team.latest + more, max_duration=longer)
    elif change.kind == "earlier_start":
        vehicles[change.team] = replace(team, earliest=team.earliest - more, max_duration=longer)
    elif change.kind == "longer_way":
        vehicles[change.team] = replace(team, max_travel=team.max_travel + more)
    elif change.kind == "window_closes_later":
        closes[stop] += more
    else:
        opens[stop] -= more
    return replace(problem, opens=opens, closes=closes, vehicles=tuple(vehicles))


def required_of(problem: TourProblem, plan, team: int) -> tuple[int, ...]:
    return tuple(v.stop for v in plan.routes[team].stops if problem.required[v.stop])


def fits_somewhere(problem: TourProblem, team: int, route: tuple[int, ...], stop: int) -> bool:
    longer = [(*route[:at], stop, *route[at:]) for at in range(len(route) + 1)]
    return bool(fitting(problem, team, longer).any())


@given(crowded())
@settings(max_examples=60)
def test_what_is_proposed_lets_the_stop_in(problem: TourProblem) -> None:
    found = solve(problem, iterations=100)
    plan = check(problem, found.routes, found.departures)
    for unmet in explain(problem, plan).unmet:
        if unmet.relaxation is not None:
            team = unmet.relaxation.team
            eased = relaxed(problem, unmet.stop, unmet.relaxation)
            assert fits_somewhere(eased, team, required_of(problem, plan, team), unmet.stop)
        for other in unmet.conflicts:
            team = next(k for k, r in enumerate(plan.routes) if other in [v.stop for v in r.stops])
            route = tuple(s for s in required_of(problem, plan, team) if s != other)
            assert fits_somewhere(problem, team, route, unmet.stop)


@given(crowded())
@settings(max_examples=60)
def test_a_cost_is_the_difference_of_two_tours(problem: TourProblem) -> None:
    found = solve(problem, iterations=100)
    plan = check(problem, found.routes, found.departures)
    costs = {cost.stop: cost for cost in explain(problem, plan).costs}
    visited = {v.stop for r in plan.routes for v in r.stops if problem.required[v.stop]}
    assert costs.keys() == visited
    for cost in costs.values():
        # A stop between two windows may fill a wait, and then costs nothing.
        assert 0 <= cost.seconds <= plan.routes[cost.team].duration


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_stop_and_no_change_is_without_words(lang: str) -> None:
    problem = line({1, 4}, closes=[0, 700, 0, 0, 700])
    (unmet,) = explain(problem, check(problem, [(1,)], [0])).unmet
    assert unmet.relaxation is None
    assert NAMES[4] in unmet_sentence(unmet, problem, NAMES, CLOCK)[lang]
