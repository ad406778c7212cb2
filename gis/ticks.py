"""Whole ticks: times as multiples of 1/1024 s, so that sums of them are exact in any order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TICKS_PER_S = 1024


def whole_ticks(seconds: Floats) -> Floats:
    """Return seconds rounded to the nearest 1/1024 s.

    Examples
    --------
    >>> whole_ticks(np.array([0.1, np.inf])).tolist()
    [0.099609375, inf]
    """
    return np.asarray(np.rint(seconds * TICKS_PER_S) / TICKS_PER_S)
