from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ParameterError
from planner.solvers import tours
from planner.solvers.tours import UNREACHABLE, TourProblem, TourSolution, Vehicle, solve
from planner.solvers.tours_check import check


def problem(time, prize, vehicles, *, service=0, opens=0, closes=1000, required=(), allowed=None):
    n = len(prize)
    full = [np.broadcast_to(np.asarray(a), n) for a in (service, opens, closes)]
    flags = np.isin(np.arange(n), list(required))
    return TourProblem(np.asarray(time), prize, *full, flags, tuple(vehicles), allowed)


def on_a_line(*x: int) -> np.ndarray:
    """Return times between places on a line, one tick a metre."""
    places = np.array(x)
    return np.abs(places[:, None] - places)


def sound(p: TourProblem, plan: TourSolution) -> TourSolution:
    checked = check(p, plan.routes, plan.departures)
    assert checked.faults == ()
    assert (checked.score, checked.missing) == (plan.score, plan.missing)
    assert plan.bound is None or plan.score <= plan.bound
    return plan


def solved(p: TourProblem, **options) -> TourSolution:
    return sound(p, solve(p, **{"iterations": 400, **options}))


# --- an obvious reference: every order of every choice, every departure


def possible(p: TourProblem, k: int, route: tuple[int, ...]) -> bool:
    v = p.vehicles[k]
    if p.allowed is not None and not p.allowed[list(route), k].all():
        return False
    path = [v.start, *route, v.end]
    steps = [int(p.time[v.mode, a, b]) for a, b in pairwise(path)]
    if max(steps) >= UNREACHABLE or (v.max_travel is not None and sum(steps) > v.max_travel):
        return False
    for depart in range(v.earliest, v.latest + 1):
        now, fits = depart, True
        for step, there in zip(steps, route, strict=False):
            now = max(now + step, int(p.opens[there]))
            fits = fits and now <= p.closes[there]
            now += int(p.service[there])
        now += steps[-1]
        short = v.max_duration is None or now - depart <= v.max_duration
        if fits and short and now <= v.latest:
            return True
    return False


def best_possible(p: TourProblem) -> tuple[int, int]:
    """Return the largest (required stops visited, score)."""
    depots = {x for v in p.vehicles for x in (v.start, v.end)}
    worth = [s for s in range(len(p.prize)) if p.prize[s] or p.required[s]]
    stops = [s for s in worth if s not in depots]
    sets = []
    for k in range(len(p.vehicles)):
        found = {frozenset()}
        for size in range(1, len(stops) + 1):
            for route in permutations(stops, size):
                if frozenset(route) not in found and possible(p, k, route):
                    found.add(frozenset(route))
        sets.append(found)
    best = (0, 0)
    for choice in product(*sets):
        visited = [s for part in choice for s in part]
        if len(visited) == len(set(visited)):
            kept = sum(bool(p.required[s]) for s in visited)
            best = max(best, (kept, sum(int(p.prize[s]) for s in visited)))
    return best


@st.composite
def tiny_problems(draw, teams: int) -> TourProblem:
    n = draw(st.integers(2, 6))
    modes = draw(st.integers(1, 2))
    legs = st.one_of(st.integers(0, 9), st.just(UNREACHABLE))
    time = draw(st.lists(legs, min_size=modes * n * n, max_size=modes * n * n))
    column = lambda low, high: st.lists(st.integers(low, high), min_size=n, max_size=n)  # noqa: E731
    opens, width = draw(column(0, 15)), draw(column(0, 15))
    vehicles = []
    for _ in range(teams):
        earliest, shift = draw(st.integers(0, 8)), draw(st.integers(1, 25))
        vehicles.append(
            Vehicle(
                draw(st.integers(0, min(1, n - 1))),
                draw(st.integers(0, min(1, n - 1))),
                earliest,
                earliest + shift,
                draw(st.none() | st.integers(0, 20)),
                draw(st.integers(0, modes - 1)),
                draw(st.none() | st.integers(0, 20)),
            )
        )
    depots = {x for v in vehicles for x in (v.start, v.end)}
    required = [draw(st.booleans()) and s not in depots for s in range(n)]
    allowed = draw(
        st.none()
        | st.lists(st.lists(st.booleans(), min_size=teams, max_size=teams), min_size=n, max_size=n)
    )
    return TourProblem(
        np.array(time).reshape(modes, n, n),
        np.array(draw(column(0, 5))),
        np.array(draw(column(0, 3))),
        np.array(opens),
        np.array(opens) + np.array(width),
        np.array(required),
        tuple(vehicles),
        None if allowed is None else np.array(allowed),
    )


@settings(max_examples=120)
@given(tiny_problems(teams=1), st.integers(0, 3))
def test_one_vehicle_gets_the_optimum_of_a_tiny_problem(p: TourProblem, seed: int) -> None:
    plan = solved(p, seed=seed)
    kept = int(p.required.sum()) - len(plan.missing)
    assert (kept, plan.score) == best_possible(p)


@settings(max_examples=60)
@given(tiny_problems(teams=2))
def test_two_vehicles_get_the_optimum_of_a_tiny_problem(p: TourProblem) -> None:
    plan = solved(p)
    assert (int(p.required.sum()) - len(plan.missing), plan.score) == best_possible(p)


def none_where_any(_: TourProblem, able: np.ndarray) -> list | None:
    return None if able.any() else []


@settings(max_examples=40)
@given(tiny_problems(teams=2))
def test_the_search_never_beats_the_optimum(p: TourProblem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tours, "every_route", none_where_any)
        plan = solved(p, iterations=100)
    assert (int(p.required.sum()) - len(plan.missing), plan.score) <= best_possible(p)


def test_the_search_finds_the_optimum_of_nearly_all_tiny_problems(monkeypatch) -> None:
    monkeypatch.setattr(tours, "every_route", none_where_any)
    optimal = 0
    rng = np.random.default_rng(20)
    for _ in range(30):
        xy, opens = rng.integers(0, 8, (6, 2)), rng.integers(0, 16, 6)
        time = np.abs(xy[:, None] - xy).sum(axis=2)
        shifts = rng.integers(10, 25, 2).tolist()
        p = problem(
            time, rng.integers(0, 6, 6), [Vehicle(k, 0, 0, shifts[k]) for k in (0, 1)],
            service=rng.integers(0, 4, 6), opens=opens, closes=opens + rng.integers(0, 16, 6),
        )  # fmt: skip
        optimal += (0, solved(p).score) == best_possible(p)
    # A local search may stick in one of a hundred; more would be a fault.
    assert optimal >= 29


@st.composite
def towns(draw) -> TourProblem:
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    n, teams = draw(st.integers(8, 30)), draw(st.integers(1, 3))
    xy = rng.integers(0, 600, (n, 2))
    time = np.ceil(np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1))).astype(int)
    opens = rng.integers(0, 4000, n) * rng.integers(0, 2, n)
    shift = draw(st.integers(200, 4000))
    return TourProblem(
        time,
        rng.integers(0, 20, n),
        rng.integers(0, 200, n),
        opens,
        opens + rng.integers(0, 3000, n),
        (rng.random(n) < 0.1) & (np.arange(n) > 1),
        tuple(Vehicle(k % 2, 0, 100 * k, 100 * k + shift, shift // 2) for k in range(teams)),
    )


def greedy_score(p: TourProblem) -> int:
    """Return what appending the best prize that still fits gives, team after team."""
    left = [s for s in p.stops.tolist() if not p.required[s]]
    score = 0
    for k, team in enumerate(p.vehicles):
        route: list[int] = []
        departures = [v.earliest for v in p.vehicles]
        while True:
            plans = [[*route, s] for s in left]
            alone = [[[] if j != k else r for j in range(len(p.vehicles))] for r in plans]
            fits = [
                r for r, a in zip(plans, alone, strict=True) if not check(p, a, departures).faults
            ]
            if not fits:
                break
            route = max(fits, key=lambda r: int(p.prize[r[-1]]))
            left.remove(route[-1])
            assert team.earliest == departures[k]
        score += sum(int(p.prize[s]) for s in route)
    return score


@settings(max_examples=25)
@given(towns())
def test_plans_are_sound_and_no_worse_than_greedy(p: TourProblem) -> None:
    free = replace(p, required=np.zeros(len(p.prize), bool))
    assert solved(free, iterations=300).score >= greedy_score(free)
    solved(p, iterations=300)


# --- single rules, by hand


def test_the_larger_prize_wins_where_only_one_fits() -> None:
    p = problem(on_a_line(0, 10, -10), [0, 5, 6], [Vehicle(0, 0, 0, 20)])
    plan = solved(p)
    assert (plan.routes, plan.score, plan.bound) == (((2,),), 6, 6)


def test_equal_scores_take_the_shorter_way() -> None:
    p = problem(on_a_line(0, 10, 20, 30), [0, 1, 1, 1], [Vehicle(0, 3, 0, 1000)])
    p = replace(p, prize=np.array([0, 1, 1, 0]))
    assert solved(p).routes == ((1, 2),)


def test_a_late_departure_saves_waiting() -> None:
    vehicle = Vehicle(0, 0, 0, 500, max_duration=30)
    p = problem(on_a_line(0, 10), [0, 1], [vehicle], service=5, opens=200)
    assert solved(p).departures == (190,)


def test_waiting_counts_into_the_duration() -> None:
    p = problem(
        on_a_line(0, 10, 20), [0, 1, 1], [Vehicle(0, 0, 0, 500, 60)],
        opens=[0, 100, 300], closes=[0, 110, 310],
    )  # fmt: skip
    assert solved(p).score == 1


def test_a_window_is_about_the_start_of_service() -> None:
    p = problem(on_a_line(0, 10), [0, 1], [Vehicle(0, 0, 0, 500)], service=100, closes=10)
    assert solved(p).score == 1
    assert solved(replace(p, closes=np.array([0, 9]))).score == 0


def test_the_return_is_within_the_shift() -> None:
    p = problem(on_a_line(0, 10), [0, 1], [Vehicle(0, 0, 0, 19)])
    assert solved(p).routes == ((),)


def test_a_fixed_departure_is_limited_by_the_duration_alone() -> None:
    p = problem(on_a_line(0, 10, 20), [0, 1, 1], [Vehicle(0, 0, 7, 7, max_duration=20)])
    plan = solved(p)
    assert (plan.routes, plan.departures) == (((1,),), (7,))


def test_required_stops_come_before_any_prize() -> None:
    p = problem(on_a_line(0, 10, -10), [0, 10**9, 0], [Vehicle(0, 0, 0, 20)], required=[2])
    plan = solved(p)
    assert (plan.routes, plan.score, plan.missing) == (((2,),), 0, ())


def test_two_required_stops_that_do_not_fit_leave_the_poorer_one() -> None:
    p = problem(on_a_line(0, 10, -10, 5), [0, 1, 2, 4], [Vehicle(0, 0, 0, 20)], required=[1, 2])
    plan = solved(p)
    assert plan.missing in {(1,), (2,)}
    assert not plan.is_feasible()
    # Stop 3 lies on the way to stop 1: together they are worth more than stop 2.
    assert (plan.score, plan.missing) == (5, (2,))
    assert "missing: [2]" in plan.summary()


def test_a_break_is_a_required_stop_for_one_vehicle() -> None:
    allowed = np.array([[1, 1], [1, 1], [0, 1]], bool)
    p = problem(
        on_a_line(0, 10, 0), [0, 3, 0], [Vehicle(0, 0, 0, 60)] * 2,
        service=[0, 0, 30], opens=[0, 0, 20], closes=[0, 60, 25], required=[2], allowed=allowed,
    )  # fmt: skip
    plan = solved(p)
    assert 2 in plan.routes[1]
    assert plan.score == 3


def test_each_vehicle_goes_by_its_own_mode_and_depots() -> None:
    slow, fast = on_a_line(0, 0, 50, 50), on_a_line(0, 0, 5, 5)
    vehicles = [Vehicle(0, 0, 0, 20, mode=0), Vehicle(1, 1, 0, 20, mode=1)]
    plan = solved(problem(np.stack([slow, fast]), [0, 0, 1, 1], vehicles))
    assert plan.routes[0] == ()
    assert sorted(plan.routes[1]) == [2, 3]


def test_no_way_is_never_taken() -> None:
    time = on_a_line(0, 1, 2)
    time[0, 1] = time[2, 1] = UNREACHABLE
    plan = solved(problem(time, [0, 9, 1], [Vehicle(0, 0, 0, 2**33)], closes=2**34))
    assert plan.routes == ((2,),)
    assert plan.bound == 1


def test_a_limit_on_travel_leaves_service_and_waiting_out() -> None:
    vehicle = Vehicle(0, 0, 0, 900, max_travel=20)
    p = problem(on_a_line(0, 10, 11), [0, 1, 5], [vehicle], service=300, opens=50)
    assert solved(p).routes == ((1,),)


def test_prizes_too_large_for_64_bits_are_kept_in_order() -> None:
    prize = [0, 2**40, 2**40 - 1, 2**39]
    p = problem(on_a_line(0, 100, -100, 50), prize, [Vehicle(0, 0, 0, 200)], required=[3])
    assert solved(p).routes in {((1, 3),), ((3, 1),)}


@pytest.mark.parametrize(
    "vehicles",
    [(), (Vehicle(0, 0, 0, 0),), (Vehicle(0, 0, 5, 5), Vehicle(0, 0, 0, 3))],
    ids=["nobody goes", "no shift", "short shifts"],
)
def test_nothing_reachable_gives_empty_routes(vehicles) -> None:
    plan = solved(problem(on_a_line(0, 10), [0, 1], vehicles, required=[1]))
    assert (plan.score, plan.bound, plan.missing) == (0, 0, (1,))
    assert plan.routes == ((),) * len(vehicles)
    assert plan.departures == tuple(v.earliest for v in vehicles)


def test_a_stop_that_closes_before_it_opens_is_left_out() -> None:
    p = problem(on_a_line(0, 1, 2), [0, 1, 1], [Vehicle(0, 0, 0, 9)], opens=5, closes=[9, 4, 9])
    assert solved(p).routes == ((2,),)


def test_windows_at_the_ends_of_64_bits_mean_no_window() -> None:
    ends = np.iinfo(np.int64)
    p = problem(on_a_line(0, 1), [0, 1], [Vehicle(0, 0, 0, 9)], opens=ends.min, closes=ends.max)
    assert solved(p).score == 1


def test_the_same_seed_gives_the_same_plan_on_any_number_of_threads() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 500, 30)
    p = problem(on_a_line(*x), rng.integers(1, 9, 30), [Vehicle(0, 0, 0, 700)] * 2, service=20)
    first = solved(p, seed=7)
    assert first == solved(p, seed=7) == solved(p, seed=7, threads=2)


def test_seconds_bound_the_search() -> None:
    p = problem(on_a_line(*range(20)), [1] * 20, [Vehicle(0, 0, 0, 30)])
    assert solved(p, seconds=0.2, iterations=None).score == 15


@pytest.mark.parametrize(
    "options", [{"seconds": 0}, {"iterations": 0}, {"seed": -1}, {"threads": 0}]
)
def test_limits_of_the_search_are_checked(options) -> None:
    with pytest.raises(ParameterError, match=next(iter(options))):
        solve(problem(on_a_line(0, 1), [0, 1], [Vehicle(0, 0, 0, 9)]), **options)
