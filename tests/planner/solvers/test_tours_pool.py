"""Putting plans together from known routes, beside trying every combination."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis.errors import InputError, ParameterError
from planner.solvers.tours import TourProblem, Vehicle, explore
from planner.solvers.tours_check import best_departure, check
from planner.solvers.tours_fit import fitting
from planner.solvers.tours_pool import RoutePool, pack, pooled


def on_a_line(x, prize, vehicles, required=(), opens=0, closes=1000, allowed=None) -> TourProblem:
    places = np.array(x)
    n = len(places)
    return TourProblem(
        np.abs(places[:, None] - places),
        prize,
        np.zeros(n, int),
        np.broadcast_to(opens, n),
        np.broadcast_to(closes, n),
        np.isin(np.arange(n), required),
        tuple(vehicles),
        allowed,
    )


@st.composite
def problems(draw) -> TourProblem:
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    teams, n = draw(st.integers(1, 3)), draw(st.integers(3, 7))
    opens = rng.integers(0, 30, n) * rng.integers(0, 2, n)
    vehicles = [
        Vehicle(
            int(rng.integers(0, 2)), 0, int(start := rng.integers(0, 5)),
            int(start + rng.integers(0, 40)), int(rng.integers(5, 40)),
            max_travel=int(rng.integers(5, 40)),
        )
        for _ in range(teams)
    ]  # fmt: skip
    return TourProblem(
        rng.integers(0, 12, (n, n)),
        rng.integers(0, 9, n),
        rng.integers(0, 4, n),
        opens,
        opens + rng.integers(0, 30, n),
        (rng.random(n) < 0.3) & (np.arange(n) > 1),
        tuple(vehicles),
        rng.random((n, teams)) < 0.8,
    )


def some_routes(p: TourProblem) -> list[tuple[int, ...]]:
    stops = range(2, min(len(p.prize), 6))
    return [r for size in (1, 2, 3) for r in permutations(stops, size)]


def drivable(p: TourProblem, k: int, route: tuple[int, ...]) -> bool:
    """Return what the check says of the route at the departure it names, or at the earliest."""
    routes: list[tuple[int, ...]] = [()] * len(p.vehicles)
    routes[k] = route
    departures = [v.earliest for v in p.vehicles]
    found = best_departure(p, k, route)
    for departure in {departures[k], departures[k] if found is None else found}:
        departures[k] = departure
        if check(p, routes, departures).is_feasible():
            return True
    return False


def best_of(p: TourProblem, pool: RoutePool, worth, least: float) -> tuple[int, float] | None:
    """Return the most required stops and the largest sum, trying every combination."""
    choices = []
    for k, team in enumerate(p.vehicles):
        alike = [
            r for v, r in pool
            if (p.vehicles[v].start, p.vehicles[v].end) == (team.start, team.end)
        ]  # fmt: skip
        choices.append([(), *(r for r in dict.fromkeys(alike) if drivable(p, k, r))])
    best = None
    for plan in product(*choices):
        stops = [s for r in plan for s in r]
        if len(set(stops)) == len(stops) and p.prize[stops].sum() >= least:
            value = (int(p.required[stops].sum()), float(sum(worth[s] for s in stops)))
            best = value if best is None else max(best, value)
    return best


# --- which routes fit


@settings(max_examples=80)
@given(problems())
def test_routes_fit_as_the_check_says(p: TourProblem) -> None:
    routes = some_routes(p)
    assume(routes)
    for k in range(len(p.vehicles)):
        assert fitting(p, k, routes).tolist() == [drivable(p, k, r) for r in routes]


def test_a_fixed_departure_may_wait_under_way() -> None:
    p = on_a_line([0, 5], [0, 1], [Vehicle(0, 0, 7, 7, max_duration=20)], opens=20, closes=22)
    assert fitting(p, 0, [(1,)]).tolist() == [True]
    assert best_departure(p, 0, (1,)) == 7
    assert explore(p, iterations=50)[0].routes == ((1,),)


def test_unknown_points_starts_and_ends_do_not_fit() -> None:
    p = on_a_line([0, 1, 2], [0, 1, 1], [Vehicle(0, 0, 0, 50)])
    assert fitting(p, 0, [(9,), (0,), (1, 2), (-3,)]).tolist() == [False, False, True, False]
    assert fitting(p, 0, []).tolist() == []


# --- the pool


def test_of_the_same_stops_only_the_shortest_way_is_kept() -> None:
    p = on_a_line([0, 1, 2, 9], [0, 1, 1, 5], [Vehicle(0, 0, 0, 50)] * 2)
    pool = pooled(p, [(0, (2, 1, 3)), (0, (1, 2, 3)), (1, (1, 2)), (1, ()), (0, (3,))])
    assert list(pool) == [(0, (1, 2, 3)), (0, (3,)), (1, (1, 2))]
    assert pool.prizes(p).tolist() == [7, 5, 2]
    assert pool.summary() == "3 routes of 2 vehicles"


@pytest.mark.parametrize(
    ("vehicles", "routes", "fault"),
    [([0], (), "1 vehicles for 0 routes"), ([0], ((),), "empty"), ([0], ((1, 1),), "twice")],
)
def test_faulty_pools_are_refused(vehicles, routes, fault) -> None:
    with pytest.raises(InputError, match=fault):
        RoutePool(np.array(vehicles), routes)


def test_explore_hands_over_feasible_routes_and_the_plan_of_solve() -> None:
    rng = np.random.default_rng(3)
    x = rng.integers(0, 300, 25)
    p = on_a_line(x, rng.integers(1, 9, 25), [Vehicle(0, 0, 0, 500), Vehicle(1, 1, 50, 400)])
    plan, pool = explore(p, iterations=300, seed=5)
    assert all(drivable(p, v, r) for v, r in pool)
    assert len({(v, frozenset(r)) for v, r in pool}) == len(pool)
    prizes = pool.prizes(p).tolist()
    assert prizes == sorted(prizes, reverse=True)
    again = pack(p, pool)
    assert sum(p.prize[list(r)].sum() for r in again) <= plan.score
    twice = explore(p, iterations=300, seed=5, threads=2)
    assert (twice[0], list(twice[1])) == (plan, list(pool))


# --- packing


@settings(max_examples=60)
@given(problems(), st.integers(0, 2**20), st.booleans())
def test_packing_is_as_good_as_every_combination(p: TourProblem, seed: int, noisy: bool) -> None:
    rng = np.random.default_rng(seed)
    routes = some_routes(p)
    assume(routes)
    rows = rng.choice(len(routes), min(len(routes), 12), replace=False)
    seen = [(int(rng.integers(0, len(p.vehicles))), routes[row]) for row in rows]
    pool = pooled(p, seen)
    worth = rng.random(len(p.prize)) if noisy else p.prize.astype(float)
    least = float(rng.integers(0, 12)) if noisy else 0.0
    best = best_of(p, pool, worth, least)
    if best is None:
        with pytest.raises(ParameterError, match="reaches a score"):
            pack(p, pool, prize=worth, least_score=least)
        return
    plan = pack(p, pool, prize=worth if noisy else None, least_score=least, seconds=None)
    stops = [s for r in plan for s in r]
    assert len(set(stops)) == len(stops)
    assert all(drivable(p, k, r) for k, r in enumerate(plan) if r)
    assert p.prize[stops].sum() >= least
    assert int(p.required[stops].sum()) == best[0]
    assert sum(worth[s] for s in stops) == pytest.approx(best[1])


@settings(max_examples=40)
@given(problems(), st.data())
def test_more_vehicles_or_time_never_lower_the_score(p: TourProblem, data) -> None:
    free = replace(p, required=np.zeros(len(p.prize), bool))
    routes = some_routes(free)
    assume(routes)
    pool = pooled(free, [(k % len(p.vehicles), r) for k, r in enumerate(routes)])

    def score(problem: TourProblem) -> int:
        return sum(int(problem.prize[list(r)].sum()) for r in pack(problem, pool, seconds=None))

    k = data.draw(st.integers(0, len(p.vehicles) - 1))
    team = p.vehicles[k]
    assert team.max_duration is not None
    longer = replace(team, latest=team.latest + 9, max_duration=team.max_duration + 9)
    vehicles = [longer if j == k else v for j, v in enumerate(p.vehicles)]
    if team.earliest < team.latest:
        assert score(replace(free, vehicles=tuple(vehicles))) >= score(free)
    allowed = np.column_stack([free.allowed, free.allowed[:, k]])
    assert score(replace(free, vehicles=(*p.vehicles, team), allowed=allowed)) >= score(free)


def test_a_route_goes_to_another_vehicle_with_the_same_base() -> None:
    p = on_a_line([0, 5, 9], [0, 3, 4], [Vehicle(0, 0, 0, 20), Vehicle(0, 0, 0, 12)])
    assert pack(p, RoutePool(np.array([0, 0]), ((1,), (2,)))) == ((2,), (1,))
    assert pack(p, RoutePool(np.array([1]), ((2,),))) == ((2,), ())


def test_required_stops_come_before_any_prize() -> None:
    p = on_a_line([0, 5, -5, 6], [0, 9, 0, 9], [Vehicle(0, 0, 0, 30)], required=[2])
    pool = RoutePool(np.array([0, 0]), ((1, 3), (2,)))
    assert pack(p, pool) == ((2,),)
    assert pack(p, pool, least_score=18) == ((1, 3),)


def test_nothing_to_choose_from_is_an_empty_plan() -> None:
    p = on_a_line([0, 5], [0, 9], [Vehicle(0, 0, 0, 30)])
    assert pack(p, pooled(p, [])) == ((),)
    nobody = on_a_line([0, 5], [0, 9], [])
    assert pack(nobody, pooled(nobody, [])) == ()
    with pytest.raises(ParameterError, match="0 known routes"):
        pack(p, pooled(p, []), least_score=1)
    with pytest.raises(InputError, match="finite"):
        pack(p, pooled(p, []), prize=[1.0])


def test_large_pools_are_packed_over_few_columns_at_a_time() -> None:
    """Of 9 stops, every pair and triple for four alike vehicles: the best is to visit all."""
    p = on_a_line([0, *range(1, 10)], [0, *range(1, 10)], [Vehicle(0, 0, 0, 99)] * 4)
    routes = [r for size in (2, 3) for r in combinations(range(1, 10), size)]
    pool = pooled(p, [(k, r) for k in range(4) for r in routes])
    plan = pack(p, pool, seconds=None)
    assert sum(sum(r) for r in plan) == 45
