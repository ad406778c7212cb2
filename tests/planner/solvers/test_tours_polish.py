"""Parts of a tour planned anew, beside every order of every choice."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.solvers.tours import TourProblem, Vehicle, solve
from planner.solvers.tours_check import best_departure, check
from planner.solvers.tours_fit import fitting
from planner.solvers.tours_polish import LENGTH, polished
from planner.solvers.tours_search import build_search


def town(seed: int, n: int, vehicle: Vehicle) -> TourProblem:
    """Return stops on a square, with windows, prizes and a few required ones."""
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 30, (n, 2))
    opens = rng.integers(0, 60, n) * rng.integers(0, 2, n)
    return TourProblem(
        np.abs(xy[:, None] - xy).sum(axis=2),
        rng.integers(0, 9, n),
        rng.integers(0, 9, n),
        opens,
        opens + rng.integers(10, 90, n),
        (rng.random(n) < 0.2) & (np.arange(n) > 0),
        (vehicle,),
    )


def free_stops(p: TourProblem, route: tuple[int, ...] = ()) -> np.ndarray:
    stops = [s for s in range(1, len(p.prize)) if s not in route and fitting(p, 0, [(s,)])[0]]
    return np.array(stops, int)


def worth(p: TourProblem, route: tuple[int, ...]) -> tuple[int, int]:
    stops = list(route)
    return int(p.required[stops].sum()), int(p.prize[stops].sum())


def is_sound(p: TourProblem, route: tuple[int, ...]) -> bool:
    departure = best_departure(p, 0, route)
    return departure is not None and check(p, [route], [departure]).is_feasible()


@settings(max_examples=80)
@given(st.integers(0, 2**20), st.integers(20, 150))
def test_a_short_tour_becomes_the_best_there_is(seed: int, latest: int) -> None:
    # Five stops can be visited before one of them in 16 ways: none is dropped.
    p = town(seed, 6, Vehicle(0, 0, 0, latest))
    stops = free_stops(p)
    every = [r for size in range(1, 6) for r in permutations(stops.tolist(), size)]
    fits = fitting(p, 0, every) if every else []
    best = max((worth(p, r) for r, fit in zip(every, fits, strict=True) if fit), default=(0, 0))
    found = polished(p, 0, (), stops)
    assert worth(p, found) == best
    assert is_sound(p, found)


@settings(max_examples=40)
@given(st.integers(0, 2**20), st.none() | st.integers(40, 300), st.integers(0, 50))
def test_a_long_tour_stays_sound_and_gets_no_worse(seed: int, duration, later: int) -> None:
    p = town(seed, 40, Vehicle(0, 0, later, later + 300, max_duration=duration))
    route: tuple[int, ...] = ()
    for stop in free_stops(p).tolist():
        if fitting(p, 0, [(*route, stop)])[0]:
            route = (*route, stop)
    found = polished(p, 0, route, free_stops(p, route))
    assert worth(p, found) >= worth(p, route)
    assert len(set(found)) == len(found)
    assert is_sound(p, found)


def test_a_part_far_back_is_planned_anew_and_the_rest_kept() -> None:
    x = np.arange(3 * LENGTH)
    last = len(x) - 1
    prize = np.where(x == last, 9, 5)
    time = np.abs(x[:, None] - x)
    none = np.zeros(len(x), int)
    p = TourProblem(
        time, prize, none, none, none + 500, none > 0, (Vehicle(0, last - 1, 0, last + 1),)
    )
    route = tuple(range(1, last - 1))
    assert polished(p, 0, route, np.array([last])) == (*route, last)


def test_a_required_stop_outweighs_every_prize() -> None:
    x = np.array([0, 10, -10])
    none = np.zeros(3, int)
    p = TourProblem(
        np.abs(x[:, None] - x), [0, 99, 0], none, none, none + 99, [False, False, True],
        (Vehicle(0, 0, 0, 20),),
    )  # fmt: skip
    assert polished(p, 0, (1,), np.array([2])) == (2,)


def test_a_tour_with_a_limit_on_travel_and_one_without_time_stay_as_they_are() -> None:
    p = town(3, 6, Vehicle(0, 0, 0, 150))
    stops = free_stops(p)
    limited = replace(p, vehicles=(replace(p.vehicles[0], max_travel=150),))
    assert polished(limited, 0, (), stops) == ()
    assert polished(p, 0, (), stops, seconds=-1.0) == ()
    assert polished(p, 0, (), stops) != ()


@pytest.mark.parametrize("seed", [0, 1])
def test_a_single_tour_is_at_least_as_good_as_each_of_its_runs(seed: int) -> None:
    p = town(5, 60, Vehicle(0, 0, 0, 300))
    search = build_search(p, np.ones((60, 1), bool) & (np.arange(60) > 0)[:, None])
    run = search.run(seed, iterations=200, seconds=None, first=search.all_with_one(seed, 0))
    plan = solve(p, iterations=2000, seed=seed)
    assert plan == solve(p, iterations=2000, seed=seed, threads=2)
    assert worth(p, plan.routes[0]) >= worth(p, run.routes[0])
