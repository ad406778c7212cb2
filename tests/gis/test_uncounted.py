"""Functions that make no array are compiled without counting references, others are refused."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core.errors import NumbaError

from gis.uncounted import uncounted


def twice(values: np.ndarray) -> None:
    for k in range(len(values)):
        values[k] *= 2


def made(values: np.ndarray) -> float:
    return float(np.zeros(3)[0] + values[0])


def test_arrays_that_are_handed_over_stay_whole() -> None:
    values = np.arange(5)
    double = uncounted(twice)
    for _ in range(20):
        double(values[1:])
    assert values.tolist() == [0, 2**20, 2 * 2**20, 3 * 2**20, 4 * 2**20]


def test_a_function_that_makes_an_array_is_refused() -> None:
    with pytest.raises(NumbaError):
        uncounted(made)(np.ones(1))
