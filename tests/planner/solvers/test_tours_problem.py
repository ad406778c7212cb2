"""What a tour problem refuses, and that it keeps to itself."""

from __future__ import annotations

import numpy as np
import pytest

from gis.errors import InputError, ParameterError
from planner.solvers.tours_problem import TourProblem, Vehicle

TIME = np.array([[0, 10], [10, 0]])


def problem(time, prize, vehicles, *, required=()) -> TourProblem:
    n = len(prize)
    none, flags = np.zeros(n, int), np.isin(np.arange(n), list(required))
    return TourProblem(time, prize, none, none, none + 1000, flags, tuple(vehicles))


def test_every_fault_of_a_problem_is_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        TourProblem(
            np.array([[0, -1], [1, 0]]), np.array([1.5, 2.0]), np.array([0, -3]), np.array([0]),
            np.array([9, 9]), np.array([True, 2]), (Vehicle(5, 0, 0, 9, mode=1),),
            np.ones((2, 2), bool),
        )  # fmt: skip
    for word in ("prize", "service", "opens", "required", "time", "start 5", "mode 1", "allowed"):
        assert word in str(caught.value)


def test_a_matrix_that_is_not_square_is_refused() -> None:
    with pytest.raises(InputError, match=r"time must be \(n, n\)"):
        problem(np.zeros((2, 3), int), [0, 1], [])


def test_a_required_start_is_refused() -> None:
    with pytest.raises(InputError, match="point 0 is required but is a start or end"):
        problem(TIME, [0, 1], [Vehicle(0, 0, 0, 9)], required=[0])


def test_every_fault_of_a_vehicle_is_named_at_once() -> None:
    with pytest.raises(ParameterError, match=r"start.*max_duration.*latest 3 is before earliest 9"):
        Vehicle(-1, 0, 9, 3, max_duration=-5)
    with pytest.raises(ParameterError, match="earliest must be a whole number"):
        Vehicle(0, 0, 0.5, 3)


def test_the_callers_arrays_stay_as_they_are() -> None:
    time, prize = TIME.copy(), np.array([0, 1])
    p = problem(time, prize, [Vehicle(0, 0, 0, 30)])
    prize[1] = time[0, 1] = 99
    assert (p.prize[1], p.time[0, 0, 1]) == (1, 10)
    with pytest.raises(ValueError, match="read-only"):
        p.prize[1] = 5
