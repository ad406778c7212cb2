"""The bound beside the best of all plans there are, and by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.solvers import tours_relaxed
from planner.solvers.tours import UNREACHABLE, TourProblem, Vehicle, solve
from planner.solvers.tours_bound import bound, reachable_alone
from planner.solvers.tours_fit import fitting


@st.composite
def problems(draw) -> TourProblem:
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    teams, n = draw(st.integers(1, 3)), draw(st.integers(3, 7))
    opens = rng.integers(0, 30, n) * rng.integers(0, 2, n)
    time = rng.integers(0, 12, (2, n, n))
    time[rng.random(time.shape) < 0.1] = UNREACHABLE
    one = Vehicle(0, int(rng.integers(0, 2)), 0, 25)
    vehicles = [
        one if rng.random() < 0.5 else replace(
            one, latest=int(rng.integers(0, 40)), mode=int(rng.integers(0, 2)),
            max_duration=int(rng.integers(5, 40)), max_travel=int(rng.integers(5, 40)),
        )
        for _ in range(teams)
    ]  # fmt: skip
    return TourProblem(
        time,
        rng.integers(0, 9, n),
        rng.integers(0, 4, n),
        opens,
        opens + rng.integers(0, 30, n),
        np.zeros(n, bool),
        tuple(vehicles),
        rng.random((n, teams)) < 0.8,
    )


def best_score(p: TourProblem) -> int:
    """Return the best score there is, trying every set of stops for every vehicle."""
    stops = p.stops.tolist()
    routes = [r for size in range(1, len(stops) + 1) for r in permutations(stops, size)]
    sets = []
    for k in range(len(p.vehicles)):
        fits = fitting(p, k, routes) if routes else []
        sets.append(
            {frozenset(r) for r, able in zip(routes, fits, strict=True) if able} | {frozenset()}
        )
    best = 0
    for plan in product(*sets):
        visited = [s for part in plan for s in part]
        if len(visited) == len(set(visited)):
            best = max(best, int(p.prize[visited].sum()))
    return best


@settings(max_examples=150)
@given(problems(), st.sampled_from([1, 2, 8]))
def test_no_plan_scores_more_than_the_bound(p: TourProblem, ways: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tours_relaxed, "WAYS", ways)
        assert best_score(p) <= bound(p) <= p.prize[reachable_alone(p).any(axis=1)].sum()


def square(prize, shift: int, **limits) -> TourProblem:
    """Return stops at the ends of a cross, each 10 from its middle; between two of them 20."""
    time = np.full((5, 5), 20)
    time[0, :] = time[:, 0] = 10
    n = len(prize)
    none = np.zeros(n, int)
    team = Vehicle(0, 0, 0, shift, **limits)
    return TourProblem(time, prize, none, none, none + 999, none > 0, (team,))


def test_time_keeps_the_bound_below_the_sum_of_prizes() -> None:
    p = square([0, 5, 5, 5, 5], 40)
    assert solve(p, iterations=50).score == 10
    # Two tours of half their size each would be no better: every stop takes 20.
    assert bound(p) == 10


def test_travel_alone_may_be_what_limits() -> None:
    p = square([0, 5, 5, 5, 5], 900, max_travel=60)
    assert bound(p) == 15


def test_waiting_that_cannot_be_avoided_takes_time() -> None:
    p = square([0, 5, 5, 0, 0], 900, max_duration=100)
    p = replace(p, opens=np.array([0, 0, 500, 0, 0]), closes=np.array([20, 20, 520, 0, 0]))
    # From 20 at the latest at one stop to 500 at the other are 480 of at most 100.
    assert solve(p, iterations=50).score == 5
    assert bound(p) == 5


def test_windows_that_forbid_a_way_count() -> None:
    p = square([0, 5, 5, 0, 0], 900)
    p = replace(p, closes=np.array([0, 12, 12, 0, 0]))
    assert bound(p) < 10


def test_nobody_and_nothing_have_the_bound_0() -> None:
    assert bound(replace(square([0, 5, 5, 5, 5], 40), vehicles=())) == 0
    assert bound(square([0, 5, 5, 5, 5], 19)) == 0
    assert bound(replace(square([0, 0, 0, 0, 0], 99), required=np.arange(5) == 2)) == 0


def test_without_steps_for_the_model_the_sum_of_prizes_is_left() -> None:
    assert bound(square([0, 5, 5, 5, 5], 40), steps=0) == 20
