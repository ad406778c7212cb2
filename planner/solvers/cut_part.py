"""Plans that close a part: what a plan leaves open, and a quick one to begin with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planner.solvers.cut_flow import man, smallest_cuts
from planner.solvers.cut_reach import reached
from planner.solvers.cut_reduce import Puzzle

Ints = npt.NDArray[np.int64]

# How many prices of a held node are tried, from all exits closed to none.
PRICES = 12


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


def quick_plan(puzzle: Puzzle) -> Ints:
    """Return a plan that closes much, (j, 2) unit and reduced node.

    At each price of a held node the cut that weighs open exits against held nodes is exact; the
    best of those cuts, each manned as far as units go, is taken.
    """
    best = np.empty((0, 2), dtype=np.int64)
    mark = (open_weight(puzzle, best[:, 1]), 0)
    highest = float(puzzle.weight.sum())
    lowest = float(puzzle.weight[puzzle.to_close].min()) / 4
    for price in np.geomspace(lowest, highest, PRICES):
        for cut in smallest_cuts(puzzle, price=float(price)):
            plan = without_idle(puzzle, man(puzzle.pairs, cut)[0])
            now = (open_weight(puzzle, plan[:, 1]), len(plan))
            if now < mark:
                best, mark = plan, now
    return best
