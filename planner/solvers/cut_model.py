"""The exact model: where the runner gets, which nodes are held, who holds them.

For each node x = 1 if it is reached and y = 1 if it is held; z says who holds it. Only y must be
whole: given y, the least x is reachability, and z is a flow. Solved by HiGHS.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array

from planner.solvers.cut_flow import man
from planner.solvers.cut_part import open_weight, without_idle
from planner.solvers.cut_reduce import Puzzle

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Least time that the solver is given at all.
LEAST_S = 0.05
# The share of the time left that one run is given: it looks at the clock now and then only.
SHARE = 0.85
OPTIMAL, INFEASIBLE = 0, 2
# Two sums of weights closer than this share of the larger one are one.
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class _Model:
    """Rows A v >= low over v = (x of each node, y of each holdable node, z of each pair)."""

    rows: csr_array
    low: Floats
    n_nodes: int
    holdable: Ints
    to_close: npt.NDArray[np.bool_]

    @property
    def n_variables(self) -> int:
        return int(self.rows.shape[1])

    def chosen(self, result: OptimizeResult) -> Ints:
        """Return the nodes that a result holds."""
        y = result.x[self.n_nodes : self.n_nodes + len(self.holdable)]
        return np.asarray(self.holdable[y > 0.5])


def least_units(puzzle: Puzzle, until: float) -> tuple[Ints | None, bool]:
    """Return the fewest units that close everything that can be closed.

    Parameters
    ----------
    puzzle
        The reduced graph.
    until
        When to stop, by `time.perf_counter`.

    Returns
    -------
    tuple
        (j, 2) unit and reduced node, or None where none was found; and whether it is proven that
        no fewer do, or that there is none.
    """
    model = _model(puzzle)
    upper = np.ones(model.n_variables)
    upper[: puzzle.n_nodes][puzzle.to_close] = 0
    cost = np.zeros(model.n_variables)
    cost[puzzle.n_nodes : puzzle.n_nodes + len(model.holdable)] = 1
    result = _run(model, cost, upper, until)
    if result.x is None:
        return None, result.status == INFEASIBLE
    plan, short = man(puzzle.pairs, model.chosen(result))
    if len(short) or open_weight(puzzle, plan[:, 1]) > 0:  # a solver's rounding
        return None, False
    return plan, result.status == OPTIMAL


def least_open(puzzle: Puzzle, until: float, first: Ints) -> tuple[Ints, bool, float]:
    """Return the plan that leaves the least weight open, of those one with the fewest units.

    Parameters
    ----------
    puzzle
        The reduced graph.
    until
        When to stop, by `time.perf_counter`.
    first
        A plan to be bettered, (j, 2) unit and reduced node.

    Returns
    -------
    tuple
        (j, 2) unit and reduced node; whether it is proven best; and the least weight that any
        plan leaves open, exits that nobody can close not counted.
    """
    model = _model(puzzle)
    weight = np.zeros(model.n_variables)
    weight[: puzzle.n_nodes] = puzzle.weight
    units = np.zeros(model.n_variables)
    units[puzzle.n_nodes : puzzle.n_nodes + len(model.holdable)] = 1
    upper = np.ones(model.n_variables)
    begun = perf_counter()
    result = _run(model, weight, upper, until)
    spent_s = perf_counter() - begun
    best = _better(puzzle, model, result, first)
    bound = max(0.0, _bound(result))
    slack = TOLERANCE * max(1.0, float(puzzle.weight.sum()))
    left = open_weight(puzzle, best[:, 1])
    if left > bound + slack:
        return best, False, bound
    if until - perf_counter() < SHARE * spent_s:
        return best, False, left
    # Nothing leaves less open: now as few units as do the same.
    result = _run(model, units, upper, until, at_most=(weight, left + slack))
    best = _better(puzzle, model, result, best)
    return best, result.status == OPTIMAL and _bound(result) > len(best) - 0.5, left


def _better(puzzle: Puzzle, model: _Model, result: OptimizeResult, plan: Ints) -> Ints:
    """Return what a result holds if it leaves less open, or as much with fewer units."""
    if result.x is None:
        return plan
    other, _ = man(puzzle.pairs, model.chosen(result))
    other = without_idle(puzzle, other)
    marks = [(round(open_weight(puzzle, p[:, 1]), 9), len(p)) for p in (plan, other)]
    return other if marks[1] < marks[0] else plan


def _model(puzzle: Puzzle) -> _Model:
    n, holdable = puzzle.n_nodes, np.flatnonzero(puzzle.original >= 0)
    y = np.full(n, -1, dtype=np.int64)
    y[holdable] = n + np.arange(len(holdable))
    z = n + len(holdable) + np.arange(len(puzzle.pairs))
    units, unit = np.unique(puzzle.pairs[:, 0], return_inverse=True)
    arcs, last = np.arange(len(puzzle.tail)), y[puzzle.head]
    to_held = np.flatnonzero(last >= 0)
    manned = len(arcs) + np.arange(len(holdable))
    once = len(arcs) + len(holdable) + unit
    entries = [
        (arcs, puzzle.head, 1.0),  # x of the head + y of the head >= x of the tail
        (arcs, puzzle.tail, -1.0),
        (arcs[to_held], last[to_held], 1.0),
        (manned, y[holdable], -1.0),  # a node is held by a unit
        (manned[np.searchsorted(holdable, puzzle.pairs[:, 1])], z, 1.0),
        (once, z, -1.0),  # a unit holds one node
    ]
    row = np.concatenate([at for at, _, _ in entries])
    column = np.concatenate([at for _, at, _ in entries])
    value = np.concatenate([np.full(len(at), sign) for at, _, sign in entries])
    n_rows = len(arcs) + len(holdable) + len(units)
    low = np.zeros(n_rows)
    low[len(arcs) + len(holdable) :] = -1
    shape = (n_rows, n + len(holdable) + len(puzzle.pairs))
    return _Model(csr_array((value, (row, column)), shape=shape), low, n, holdable, puzzle.to_close)


def _run(
    model: _Model,
    cost: Floats,
    upper: Floats,
    until: float,
    at_most: tuple[Floats, float] | None = None,
) -> OptimizeResult:
    lower = np.zeros(model.n_variables)
    lower[0] = 1  # the source is reached
    whole = np.zeros(model.n_variables, dtype=np.int64)
    whole[model.n_nodes : model.n_nodes + len(model.holdable)] = 1
    whole[: model.n_nodes][model.to_close] = 1  # tells the solver that open weights are sums
    limits = [LinearConstraint(model.rows, model.low, np.full(len(model.low), np.inf))]
    if at_most is not None:
        limits.append(LinearConstraint(csr_array(at_most[0][None]), -np.inf, at_most[1]))
    return milp(
        cost,
        integrality=whole,
        bounds=Bounds(lower, upper),
        constraints=limits,
        options={"time_limit": max(LEAST_S, SHARE * (until - perf_counter())), "mip_rel_gap": 0.0},
    )


def _bound(result: OptimizeResult) -> float:
    """Return what no solution goes below, as far as the solver got."""
    bound = getattr(result, "mip_dual_bound", None)
    return -np.inf if bound is None or not np.isfinite(bound) else float(bound)
