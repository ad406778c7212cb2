"""The units for nodes that must all be held, so that the last one stands as soon as possible."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def man_soonest(pairs: Ints, time_s: Floats, nodes: Ints) -> Ints:
    """Return units for some nodes: the last stands soonest, then their sum is least.

    Parameters
    ----------
    pairs
        (k, 2) unit and node: who can hold what.
    time_s
        (k,) when.
    nodes
        (c,) nodes to hold, each once; units for all of them exist.

    Returns
    -------
    ndarray
        (c,) positions in `pairs`, in the order of the nodes.

    Examples
    --------
    >>> pairs = np.array([[7, 0], [7, 1], [8, 0], [8, 1]])
    >>> man_soonest(pairs, np.array([10.0, 90, 50, 60]), np.array([0, 1])).tolist()
    [0, 3]
    """
    mine = np.flatnonzero(np.isin(pairs[:, 1], nodes))
    units, column = np.unique(pairs[mine, 0], return_inverse=True)
    order = np.argsort(nodes)
    row = order[np.searchsorted(nodes, pairs[mine, 1], sorter=order)]
    table = np.full((len(nodes), len(units)), np.inf)
    table[row, column] = time_s[mine]
    position = np.full(table.shape, -1, dtype=np.int64)
    position[row, column] = mine
    steps = np.unique(time_s[mine])
    low, high = 0, len(steps) - 1
    while low < high:  # the least time by which all can stand
        middle = (low + high) // 2
        if _can_all(table <= steps[middle]):
            high = middle
        else:
            low = middle + 1
    if not len(steps):
        return np.empty(0, dtype=np.int64)
    never = float(steps[low]) * (len(nodes) + 1) + 1
    at, unit = linear_sum_assignment(np.where(table <= steps[low], table, never))
    return position[at, unit]


def _can_all(allowed: npt.NDArray[np.bool_]) -> bool:
    at, unit = linear_sum_assignment(~allowed)
    return bool(len(at) == len(allowed) and allowed[at, unit].all())
