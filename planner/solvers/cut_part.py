"""Plans that close a part: what a plan leaves open, and who of it is idle."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planner.solvers.cut_reach import reached
from planner.solvers.cut_reduce import Puzzle

Ints = npt.NDArray[np.int64]


def open_weight(puzzle: Puzzle, nodes: Ints) -> float:
    """Return the weight of the exits that are reached past held nodes.

    Exits that nobody can close are not counted.
    """
    there = reached(puzzle.tail, puzzle.head, puzzle.n_nodes, 0, nodes)
    return float(puzzle.weight[there].sum())


def without_idle(puzzle: Puzzle, plan: Ints) -> Ints:
    """Return a plan without the units that change nothing, (j, 2) unit and reduced node."""
    left = open_weight(puzzle, plan[:, 1])
    for unit in plan[:, 0].tolist():
        rest = plan[plan[:, 0] != unit]
        if open_weight(puzzle, rest[:, 1]) <= left:
            plan = rest
    return plan
