from __future__ import annotations

import importlib.util
import itertools
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError, ParameterError
from planner.solvers.tours import UNREACHABLE, TourProblem, TourSolution, Vehicle, solve
from planner.solvers.tours_check import check

ITERATIONS = 300


def problem_of(time: list[list[int]], vehicles: tuple[Vehicle, ...], **columns) -> TourProblem:
    n = len(time)
    defaults = {
        "prize": [0] + [1] * (n - 1),
        "service": [0] * n,
        "opens": [0] * n,
        "closes": [10_000] * n,
        "required": [False] * n,
    }
    arrays = {name: np.array(columns.pop(name, value)) for name, value in defaults.items()}
    return TourProblem(np.array(time), vehicles=vehicles, **arrays, **columns)


def line(*places: int) -> list[list[int]]:
    return [[abs(a - b) for b in places] for a in places]


@st.composite
def problems(draw: st.DrawFn) -> TourProblem:
    n = draw(st.integers(2, 5))
    numbers = st.integers(0, 30)
    time = np.array(
        draw(st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=n, max_size=n))
    )
    np.fill_diagonal(time, 0)
    opens = np.array(draw(st.lists(st.integers(0, 40), min_size=n, max_size=n)))
    vehicle = st.builds(
        Vehicle,
        start=st.integers(0, n - 1),
        end=st.integers(0, n - 1),
        earliest=st.integers(0, 20),
        latest=st.integers(20, 90),
        max_duration=st.none() | st.integers(10, 80),
        max_travel=st.none() | st.integers(10, 80),
    )
    vehicles = tuple(draw(st.lists(vehicle, min_size=1, max_size=2)))
    flags = st.lists(st.booleans(), min_size=n, max_size=n)
    required = np.array(draw(flags)) & np.array(draw(flags))
    required[[place for v in vehicles for place in (v.start, v.end)]] = False
    return TourProblem(
        time,
        np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))),
        np.array(draw(st.lists(st.integers(0, 10), min_size=n, max_size=n))),
        opens,
        opens + np.array(draw(st.lists(st.integers(0, 60), min_size=n, max_size=n))),
        required,
        vehicles,
        np.array([draw(flags) for _ in vehicles]).T if draw(st.booleans()) else None,
    )


def best_by_trying_all(problem: TourProblem) -> tuple[int, int]:
    """Return (required stops visited, score) of the best plan, by every order and departure."""
    n = problem.time.shape[-1]
    depots = {place for v in problem.vehicles for place in (v.start, v.end)}
    stops = [s for s in range(n) if s not in depots]
    orders = [o for k in range(len(stops) + 1) for o in itertools.permutations(stops, k)]
    feasible: list[list[tuple[int, ...]]] = []
    for number, vehicle in enumerate(problem.vehicles):
        alone = replace(
            problem,
            vehicles=(vehicle,),
            allowed=None if problem.allowed is None else problem.allowed[:, [number]],
        )
        feasible.append(
            [
                o
                for o in orders
                if any(
                    not check(alone, [o], [leave]).faults
                    for leave in range(vehicle.earliest, vehicle.latest + 1)
                )
            ]
        )
    best = (0, 0)
    for plan in itertools.product(*feasible):
        visited = [s for route in plan for s in route]
        if len(set(visited)) == len(visited):
            found = (int(problem.required[visited].sum()), int(problem.prize[visited].sum()))
            best = max(best, found)
    return best


def value(problem: TourProblem, solution: TourSolution) -> tuple[int, int]:
    return int(problem.required.sum()) - len(solution.missing), solution.score


@given(problem=problems())
@settings(max_examples=60)
def test_the_plan_holds_and_is_the_best_there_is(problem: TourProblem) -> None:
    solution = solve(problem, iterations=ITERATIONS)
    checked = check(problem, solution.routes, solution.departures)
    assert not checked.faults
    assert checked.score == solution.score <= solution.bound
    assert value(problem, solution) == best_by_trying_all(problem)


def test_the_same_seed_gives_the_same_plan() -> None:
    rng = np.random.default_rng(3)
    xy = rng.integers(0, 1000, (40, 2))
    time = np.hypot(*(xy[:, None] - xy[None]).T).astype(int).T
    problem = problem_of(time.tolist(), (Vehicle(0, 0, 0, 3000), Vehicle(0, 0, 0, 3000)))
    first, again = solve(problem, iterations=200, seed=5), solve(problem, iterations=200, seed=5)
    assert first.routes == again.routes
    assert first.departures == again.departures


def test_a_required_stop_comes_before_any_prize() -> None:
    problem = problem_of(
        line(0, 50, -40, -45),
        (Vehicle(0, 0, 0, 100),),
        prize=[0, 1, 900, 900],
        required=[False, True, False, False],
    )
    assert solve(problem, iterations=ITERATIONS).routes == ((1,),)


def test_required_stops_that_cannot_all_be_met_are_named() -> None:
    problem = problem_of(
        line(0, 50, -50),
        (Vehicle(0, 0, 0, 100),),
        prize=[0, 5, 5],
        required=[False, True, True],
    )
    solution = solve(problem, iterations=ITERATIONS)
    assert len(solution.missing) == 1
    assert not solution.is_feasible()


def test_leaving_later_avoids_waiting() -> None:
    problem = problem_of(line(0, 10), (Vehicle(0, 0, 0, 500, max_duration=30),), opens=[0, 300])
    solution = solve(problem, iterations=ITERATIONS)
    assert solution.routes == ((1,),)
    assert solution.departures[0] >= 280


def test_nothing_reachable_scores_nothing_and_raises_nothing() -> None:
    far = [[0, UNREACHABLE], [UNREACHABLE, 0]]
    solution = solve(problem_of(far, (Vehicle(0, 0, 0, 100),)), iterations=10)
    assert solution.routes == ((),)
    assert solution.score == solution.bound == 0


def test_each_vehicle_keeps_to_its_own_stops_mode_and_travel() -> None:
    slow = np.array([line(0, 10, 20), line(0, 100, 200)])
    problem = TourProblem(
        slow,
        np.array([0, 1, 1]),
        *(np.zeros(3, int) for _ in range(2)),
        np.full(3, 10_000),
        np.zeros(3, bool),
        (Vehicle(0, 0, 0, 1000, max_travel=25), Vehicle(0, 0, 0, 1000, mode=1)),
        np.array([[True, True], [True, False], [True, True]]),
    )
    assert solve(problem, iterations=ITERATIONS).routes == ((1,), (2,))


def test_faults_of_a_problem_are_named_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        problem_of(line(0, 1), (Vehicle(0, 7, 2, 5),), prize=[0, 1, 2], service=[-1, 0])
    for word in ("prize must be (2,)", "end 7 is not among", "service is outside"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "limits", [{"seconds": 0.0}, {"iterations": 0}, {"seed": -1}, {"threads": 0}]
)
def test_limits_that_cannot_be_are_refused(limits: dict) -> None:
    with pytest.raises(ParameterError):
        solve(problem_of(line(0, 1), (Vehicle(0, 0, 0, 9),)), **limits)


@pytest.mark.parametrize(
    ("routes", "departures", "word"),
    [
        (((1, 1),), (0,), "visited 2 times"),
        (((1,),), (-5,), "departs at -5"),
        (((2,),), (0,), "begins at 2 at 30, after 5"),
        (((1, 2, 1),), (0,), "longer than 50"),
    ],
)
def test_the_checker_sees_what_is_wrong(routes, departures, word: str) -> None:
    problem = problem_of(
        line(0, 10, 30), (Vehicle(0, 0, 0, 1000, max_duration=50),), closes=[1000, 1000, 5]
    )
    assert word in check(problem, routes, departures).summary()


@pytest.mark.real
@pytest.mark.parametrize(("name", "best"), [("p5.3.m", 650), ("p5.2.p", 1150)])
def test_a_published_instance_is_solved_to_a_few_per_cent(
    shared_data: Path, name: str, best: int
) -> None:
    bench = shared_data.parent / "bench"
    published = _published(bench)
    instance = published.load_top(bench / "top" / f"{name}.txt")
    scale = 10_000
    xy = np.array(instance.xy)
    # Rounded up, so that no route is longer than it may be.
    time = np.ceil(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) * scale).astype(int)
    n, limit = len(xy), int(instance.tmax * scale)
    prize = np.array(instance.score)
    prize[[instance.start, instance.end]] = 0
    flat = np.zeros(n, int)
    team = Vehicle(instance.start, instance.end, 0, limit)
    problem = TourProblem(time, prize, flat, flat, flat + limit, flat > 0, (team,) * instance.m)
    solution = solve(problem, iterations=6000)
    score, _ = published.check(instance, [list(route) for route in solution.routes])
    assert score == solution.score
    assert 0.95 * best <= score <= best


def _published(bench: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("instances", bench / "instances.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up by name.
    sys.modules["instances"] = module
    spec.loader.exec_module(module)
    return module
