"""Nights drawn one after another: rules of every evening, turns, fair hours, times that differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.roster_drawn import nearly_best
from planner.roster_figures import Visits, habits, hours_of, overlap, visits_of, waits
from planner.roster_nights import NightRules, Stops, draw_nights
from planner.solvers.tours import solve
from planner.solvers.tours_check import TourCheck, check
from planner.solvers.tours_problem import TourProblem, Vehicle

Floats = npt.NDArray[np.float64]

RULES = NightRules(
    within=0.03, iterations=60, first_iterations=200, nodes=50, steps=1500, noise=0.02,
    idle_worth=0.3, teams_a_night=0, most_nights_a_week=7,
)  # fmt: skip


def town(seed: int = 0, stops: int = 12, required: int = 4) -> TourProblem:
    """Return three teams at two bases and some stops within twenty minutes of them."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 600, (stops + 2, 2))
    n = stops + 2
    return TourProblem(
        np.abs(places[:, None] - places[None]).sum(axis=2),
        prize=[0, 0, *rng.integers(1, 9, stops)], service=[0, 0, *[120] * stops],
        opens=[0] * n, closes=[99_999] * n,
        required=[2 <= point < 2 + required for point in range(n)],
        vehicles=(Vehicle(0, 0, 68_400, 75_600), Vehicle(0, 0, 68_400, 75_600),
                  Vehicle(1, 1, 70_200, 77_400)),
    )  # fmt: skip


def every_night(problem: TourProblem, gap: float = np.inf) -> Stops:
    n = len(problem.prize)
    return Stops(np.arange(n), np.ones(n, np.int64), np.full(n, gap))


def test_every_night_keeps_the_rules_and_is_worth_nearly_the_best() -> None:
    problem = town()
    drawn = list(
        draw_nights(problem, [problem.vehicles] * 6, every_night(problem), RULES, range(6))
    )
    for night in drawn:
        departures = [
            vehicle.earliest if tour is None else tour.departure
            for tour, vehicle in zip(night.tours, problem.vehicles, strict=True)
        ]
        checked = check(problem, night.routes, departures)
        assert checked.faults == ()
        assert checked.missing == ()
        assert checked.score == night.score >= 0.97 * night.best
        for tour, times in zip(night.tours, checked.routes, strict=True):
            if tour is not None:
                assert tour.begins == tuple(visit.begin for visit in times.stops)
                assert tour.back == times.back


def test_the_same_seeds_draw_the_same_nights() -> None:
    problem = town(stops=30)
    stops = every_night(problem)
    first, again, other = (
        [night.tours for night in draw_nights(problem, [problem.vehicles] * 3, stops, RULES, seeds)]
        for seeds in ([7, 8, 9], [7, 8, 9], [7, 8, 10])
    )
    assert first == again
    assert first != other


def test_turns_and_longest_gaps_are_kept() -> None:
    problem = town(stops=10)
    n = len(problem.prize)
    every = np.where(problem.required, 3, 1)
    gap = np.where(np.arange(n) >= 6, 4.0, np.inf)
    drawn = list(
        draw_nights(problem, [problem.vehicles] * 12, Stops(np.arange(n), every, gap), RULES,
                    range(12))
    )  # fmt: skip
    assert [night.overdue for night in drawn] == [()] * 12
    nights = {stop: [k for k, x in enumerate(drawn) for r in x.routes if stop in r]
              for stop in range(2, n)}  # fmt: skip
    for stop, when in nights.items():
        longest = np.diff([-1, *when, 12]).max()
        assert longest <= (3 if problem.required[stop] else 4)


def test_hours_are_fair_and_no_team_goes_too_often() -> None:
    problem = town()
    rules = replace(RULES, teams_a_night=1, most_nights_a_week=3)
    drawn = list(
        draw_nights(problem, [problem.vehicles] * 9, every_night(problem), rules, range(9))
    )
    assert {len(night.teams) for night in drawn} == {1}
    assert all(tour is None for x in drawn for k, tour in enumerate(x.tours) if k not in x.teams)
    hours = hours_of(drawn, 3)
    assert hours["nights"].tolist() == [3, 3, 3]
    assert hours["hours"].max() - hours["hours"].min() <= 2.0


def test_a_team_that_is_not_out_stays() -> None:
    problem = town()
    away = (*problem.vehicles[:2], Vehicle(1, 1, 70_200, 70_200))
    first, second = draw_nights(
        problem, [problem.vehicles, away], every_night(problem), RULES, [1, 2]
    )
    assert (first.teams, second.teams) == ((0, 1, 2), (0, 1))
    assert second.tours[2] is None


def test_times_spread_where_the_plan_alone_would_repeat_itself() -> None:
    problem = town(stops=8, required=8)
    drawn = list(
        draw_nights(problem, [problem.vehicles] * 16, every_night(problem), RULES, range(16))
    )
    table = habits(visits_of(drawn, len(problem.prize)))
    assert table["common_share"].max() <= 0.6
    assert table["common_share"].mean() <= 0.45


@given(st.integers(0, 2**31), st.integers(2, 9), st.floats(0.0, 0.4))
@settings(max_examples=60)
def test_a_drawn_plan_keeps_the_rules_and_is_worth_enough(
    seed: int, count: int, within: float
) -> None:
    rng = np.random.default_rng(seed)
    problem = town(seed, stops=count, required=2)
    opens = rng.integers(68_400, 72_000, count + 2)
    closes = opens + rng.integers(3600, 9999, count + 2)
    problem = replace(problem, opens=opens, closes=closes)
    plan = solve(problem, iterations=30, seed=1)
    gain = rng.standard_normal((count + 2, 6))
    drawn = nearly_best(
        problem, plan.routes, plan.departures, gain,
        least_score=(1 - within) * plan.score, steps=2000, seed=seed % 1000, first_slot=38,
    )  # fmt: skip
    found = check(problem, drawn.routes, drawn.departures)
    begun = check(problem, plan.routes, plan.departures)
    assert found.faults == ()
    assert found.score >= (1 - within) * plan.score
    assert len(found.missing) <= len(begun.missing)
    assert drawn.gain == pytest.approx(gained(found, gain))


def gained(checked: TourCheck, gain: Floats) -> float:
    return sum(
        float(gain[visit.stop, min(max(visit.begin // 1800 - 38, 0), gain.shape[1] - 1)])
        for route in checked.routes
        for visit in route.stops
    )


def test_where_nothing_can_be_visited_the_plan_stays() -> None:
    problem = replace(town(), allowed=np.zeros((14, 3), bool))
    drawn = nearly_best(
        problem, [(), (), ()], [68_400, 68_400, 70_200], np.zeros((14, 6)),
        least_score=0, steps=50, seed=0, first_slot=38,
    )  # fmt: skip
    assert (drawn.routes, drawn.gain) == (((), (), ()), 0.0)


def test_a_tour_without_time_to_spare_is_turned_round() -> None:
    # A ring of four stops in an hour: nothing but the other direction changes a time.
    ring = np.array([[0, 1, 2, 2, 1], [1, 0, 1, 2, 2], [2, 1, 0, 1, 2], [2, 2, 1, 0, 1],
                     [1, 2, 2, 1, 0]]) * 720  # fmt: skip
    problem = TourProblem(
        ring, prize=[0, 1, 1, 1, 1], service=[0] * 5, opens=[0] * 5, closes=[3600] * 5,
        required=[False] * 5, vehicles=(Vehicle(0, 0, 0, 3600),),
    )  # fmt: skip
    gain = np.zeros((5, 2))
    gain[1, 0] = gain[4, 1] = -1.0
    drawn = nearly_best(
        problem, [(1, 2, 3, 4)], [0], gain, least_score=4, steps=2000, seed=3, first_slot=0
    )
    assert (drawn.routes, drawn.departures) == (((4, 3, 2, 1),), (0,))


def visits(*rows: tuple[int, int, int, int], nights: int, points: int) -> Visits:
    night, team, stop, tick = np.array(rows, np.int64).reshape(-1, 4).T
    return Visits(night, team, stop, tick, nights, points)


def test_waits_by_hand() -> None:
    # 19:00 on the first and third night, the second point of the same place on the second.
    seen = visits((0, 0, 0, 68_400), (1, 0, 1, 72_000), (2, 0, 0, 68_400), nights=3, points=3)
    table = waits(seen, np.array([0, 0, 1]))
    assert table.loc[0].tolist() == pytest.approx([3, 18.0, 25.0])
    assert table.loc[1].tolist() == pytest.approx([0, 72.0, 72.0])


def test_habits_and_overlap_by_hand() -> None:
    seen = visits((0, 0, 1, 68_400), (0, 0, 2, 70_000), (1, 0, 1, 68_500), (2, 0, 2, 72_100),
                  nights=4, points=3)  # fmt: skip
    table = habits(seen)
    assert table.loc[1, ["common_slot", "common_share"]].tolist() == [68_400, 1.0]
    assert table.loc[2, ["common_slot", "common_share"]].tolist() == [68_400, 0.5]
    assert table.loc[2, "spread_min"] == pytest.approx(17.5)
    assert overlap(seen).tolist() == pytest.approx([np.nan, 1.0, 0.0, np.nan], nan_ok=True)


def test_nobody_ever_goes() -> None:
    nothing = visits(nights=2, points=2)
    assert waits(nothing, np.array([0, 1]))["worst_idle_h"].tolist() == [48.0, 48.0]
    assert habits(nothing).empty
