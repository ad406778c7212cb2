from __future__ import annotations

import numpy as np
import pytest

from planner.solvers.tours_check import best_departure, check
from planner.solvers.tours_problem import UNREACHABLE, TourProblem, Vehicle

TIME = np.array([[0, 10, 20, UNREACHABLE], [10, 0, 10, 9], [20, 10, 0, 9], [9, 9, 9, 0]])
VEHICLES = (Vehicle(0, 0, 0, 100, max_duration=70, max_travel=45), Vehicle(0, 0, 50, 90))


@pytest.fixture
def problem() -> TourProblem:
    return TourProblem(
        TIME,
        prize=[0, 1, 2, 4],
        service=[0, 5, 5, 5],
        opens=[0, 30, 0, 0],
        closes=[0, 60, 40, 99],
        required=[False, False, True, False],
        vehicles=VEHICLES,
        allowed=np.array([[1, 1], [1, 1], [1, 0], [1, 1]], bool),
    )


def test_times_by_hand(problem: TourProblem) -> None:
    checked = check(problem, [(1, 2), ()], [3, 50])
    route = checked.routes[0]
    times = [(s.stop, s.arrive, s.wait, s.begin, s.leave) for s in route.stops]
    assert times == [(1, 13, 17, 30, 35), (2, 45, 0, 45, 50)]
    assert (route.depart, route.back, route.duration, route.travel) == (3, 70, 67, 40)
    assert checked.faults == ("vehicle 0 begins at 2 at 45, after 40",)
    assert checked.score == 3


@pytest.mark.parametrize(
    ("routes", "departures", "fault"),
    [
        ([(3,), ()], [0, 50], "no way from 0 to 3"),
        ([(), (2,)], [0, 50], "vehicle 1 is not allowed at 2"),
        ([(1,), (1,)], [20, 50], "stop 1 is visited 2 times"),
        ([(1, 1), ()], [20, 50], "stop 1 is visited 2 times"),
        ([(2,), (0,)], [0, 50], "vehicle 1 stops at 0, a start or end"),
        ([(2, 1), ()], [-5, 50], "departs at -5, outside 0 to 100"),
        ([(1, 3, 2), ()], [20, 50], "is under way for 48, longer than 45"),
        ([(1,), ()], [0, 50], None),
        ([(2,), (1,)], [0, 66], "vehicle 1 begins at 1 at 76, after 60"),
        ([(2, 1), ()], [0, 50], None),
        ([(1,), (3,)], [20, 50], "vehicle 1 has no way from 0 to 3"),
        ([(9,), ()], [0, 50], "unknown points [9]"),
        ([(1,)], [0], "1 routes and 1 departures for 2 vehicles"),
    ],
)
def test_every_broken_rule_is_named(problem: TourProblem, routes, departures, fault) -> None:
    checked = check(problem, routes, departures)
    if fault is None:
        assert checked.is_feasible()
    else:
        assert fault in checked.summary()


def test_late_returns_and_long_tours_are_named() -> None:
    time = np.array([[0, 10], [10, 0]])
    team = Vehicle(0, 0, 0, 30, max_duration=15)
    problem = TourProblem(time, [0, 1], [0, 15], [0, 0], [9, 99], [False] * 2, (team,))
    faults = check(problem, [(1,)], [0]).faults
    assert faults == (
        "vehicle 0 is back at 35, after 30",
        "vehicle 0 is out for 35, longer than 15",
    )


def test_a_missing_required_stop_is_no_fault(problem: TourProblem) -> None:
    checked = check(problem, [(), ()], [0, 50])
    assert checked.is_feasible()
    assert checked.missing == (2,)


def test_the_best_departure_neither_waits_nor_returns_later(problem: TourProblem) -> None:
    assert best_departure(problem, 0, (1,)) == 20
    assert best_departure(problem, 1, ()) == 50
    # From 2, which closes at 40, vehicle 0 goes on to 1, which opens at 30.
    departure = best_departure(problem, 0, (2, 1))
    assert departure == 0
    assert check(problem, [(2, 1), ()], [departure, 50]).routes[0].back == 50
