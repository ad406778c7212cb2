"""Stops left out are placed by ejecting others: towns whose stops all fit, and hard rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.solvers.tours import TourProblem, Vehicle, explore
from planner.solvers.tours_bound import reachable_alone
from planner.solvers.tours_check import best_departure, check
from planner.solvers.tours_ejection import completed

Routes = tuple[tuple[int, ...], ...]


def all_fit(seed: int, teams: int = 3, stops: int = 5) -> tuple[TourProblem, Routes]:
    """Return stops with narrow windows around the times of a plan that visits all, and the plan."""
    rng = np.random.default_rng(seed)
    n = 1 + teams * stops
    xy = rng.integers(0, 40, (n, 2))
    time = np.abs(xy[:, None] - xy).sum(axis=2)
    service = rng.integers(0, 6, n)
    opens, closes = np.zeros(n, int), np.full(n, 999)
    plan, vehicles = rng.permutation(np.arange(1, n)).reshape(teams, stops), []
    for route in plan.tolist():
        now, here = 0, 0
        for stop in route:
            now += int(time[here, stop])
            opens[stop], closes[stop] = (now + rng.integers(0, 12, 2) * [-1, 1]).tolist()
            now, here = now + int(service[stop]), stop
        vehicles.append(Vehicle(0, 0, 0, now + int(time[here, 0])))
    prize, none = rng.integers(1, 9, n), np.zeros(n, bool)
    problem = TourProblem(time, prize, service, opens, closes, none, tuple(vehicles))
    return problem, tuple(map(tuple, plan.tolist()))


def with_rules(seed: int) -> TourProblem:
    """Return a few stops and two vehicles, with every rule that there is."""
    rng = np.random.default_rng(seed)
    n = 9
    xy = rng.integers(0, 30, (n, 2))
    time = np.abs(xy[:, None] - xy).sum(axis=2)
    time = np.array([time, 2 * time])
    time[1, rng.integers(1, n), rng.integers(1, n)] = 2**31
    opens = rng.integers(0, 60, n)
    allowed = rng.random((n, 2)) < 0.8
    required = (rng.random(n) < 0.2) & (np.arange(n) > 0) & allowed.any(axis=1)
    vehicles = (
        Vehicle(0, 0, 0, 150, max_duration=int(rng.integers(60, 160))),
        Vehicle(0, 0, 10, 150, mode=1, max_travel=int(rng.integers(40, 160))),
    )
    return TourProblem(
        time, rng.integers(1, 9, n), rng.integers(0, 9, n), opens,
        opens + rng.integers(10, 90, n), required, vehicles, allowed=allowed,
    )  # fmt: skip


def is_sound(p: TourProblem, routes: Routes) -> bool:
    departures = [best_departure(p, k, route) for k, route in enumerate(routes)]
    return None not in departures and check(p, routes, departures).is_feasible()


def worth(p: TourProblem, routes: Routes) -> tuple[int, int]:
    stops = [stop for route in routes for stop in route]
    return int(p.required[stops].sum()), int(p.prize[stops].sum())


@pytest.mark.parametrize("seed", range(40))
def test_where_all_fit_all_are_placed(seed: int) -> None:
    p, plan = all_fit(seed)
    assert is_sound(p, plan)
    able = reachable_alone(p)
    # Every other stop of the plan is missing, and what is left is in no one's way.
    begun = tuple(route[::2] for route in plan)
    for begin in (((),) * len(plan), begun):
        routes = completed(p, begin, able, seed=seed, rounds=3000)
        assert is_sound(p, routes)
        assert sorted(stop for route in routes for stop in route) == list(range(1, len(p.prize)))


@settings(max_examples=60)
@given(st.integers(0, 2**20))
def test_every_rule_holds_and_nothing_is_lost(seed: int) -> None:
    p = with_rules(seed)
    able = reachable_alone(p)
    begin = explore(p, iterations=3, seed=seed, bounded=False)[0].routes
    some = tuple(route[: len(route) // 2] for route in begin)
    for routes in (begin, ((), ()), some if is_sound(p, some) else begin):
        found = completed(p, routes, able, seed=seed, rounds=60)
        assert is_sound(p, found)
        assert worth(p, found) >= worth(p, routes)


def test_the_same_seed_gives_the_same_routes() -> None:
    p, plan = all_fit(7, teams=4, stops=6)
    able = reachable_alone(p)
    begin = tuple(route[::3] for route in plan)
    first, again = (completed(p, begin, able, seed=5, rounds=40) for _ in range(2))
    assert first == again
    assert first != begin


def test_nothing_is_done_where_nothing_is_left_out() -> None:
    p, plan = all_fit(3)
    assert completed(p, plan, reachable_alone(p), seed=0, rounds=None) is plan


def test_it_ends_when_its_time_is_up() -> None:
    # Two stops, one at a time: the second never fits.
    p = TourProblem(
        [[0, 9, 9], [9, 0, 9], [9, 9, 0]], [0, 1, 2], [0] * 3, [0, 9, 9], [99, 9, 9],
        [False] * 3, (Vehicle(0, 0, 0, 99),),
    )  # fmt: skip
    found = completed(p, ((1,),), reachable_alone(p), seed=0, rounds=None, seconds=0.05)
    assert found == ((2,),)
