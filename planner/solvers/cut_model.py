"""The exact model: where the runner gets, which nodes are held, who holds them.

For each node x = 1 if it is reached and y = 1 if it is held. Nodes with the same units are one
class, and z says how many of a class each unit holds. Only y must be whole: given y, the least x
is reachability, and z is a flow. Solved by HiGHS, which is only asked for what is better than the
plan that is known.
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

# The share of the time left that one run is given: it looks at the clock now and then only.
SHARE = 0.85
# So many rows a second are worth a run; where there are more, its first bound comes too late.
ROWS_PER_S = 12_000
OPTIMAL, INFEASIBLE = 0, 2
# Two sums of weights closer than this share of the larger one are one.
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class _Model:
    """Rows A v >= low over v = (x of each node, y of each holdable node, z of class and unit)."""

    rows: csr_array
    low: Floats
    n_nodes: int
    holdable: Ints
    to_close: npt.NDArray[np.bool_]

    @property
    def n_variables(self) -> int:
        return int(self.rows.shape[1])

    def held(self) -> slice:
        """Return which variables say that a node is held."""
        return slice(self.n_nodes, self.n_nodes + len(self.holdable))

    def costs(self, weight: Floats) -> tuple[Floats, Floats]:
        """Return the weight of what is open, and the number of units, as sums of variables."""
        open_, units = np.zeros(self.n_variables), np.zeros(self.n_variables)
        open_[: self.n_nodes] = weight
        units[self.held()] = 1
        return open_, units


def worthwhile(n_rows: int, seconds: float) -> bool:
    """Return whether a model of so many rows can tell anything in so many seconds."""
    return n_rows <= ROWS_PER_S * SHARE * seconds


def least_open(puzzle: Puzzle, until: float, below: float) -> tuple[Ints | None, float]:
    """Return a plan that leaves least open, if any leaves so little, and what none goes below.

    Parameters
    ----------
    puzzle
        The reduced graph.
    until
        When to stop, by `time.perf_counter`.
    below
        Plans that leave more than this open do not count.

    Returns
    -------
    tuple
        (j, 2) unit and reduced node, None where none was found; and the least weight that a plan
        leaves open which leaves no more than `below`: inf where it is proven that there is none.
    """
    model = _model(puzzle)
    open_, _ = model.costs(puzzle.weight)
    slack = _slack(puzzle)
    result = _run(puzzle, model, open_, until, below + slack)
    if result is None:
        return None, 0.0
    bound = np.inf if result.status == INFEASIBLE else max(0.0, _bound(result))
    return _plan(puzzle, model, result, below + slack), bound


def fewest(puzzle: Puzzle, until: float, left: float, fewer_than: int) -> tuple[Ints | None, bool]:
    """Return a plan with the fewest units that leaves no more open than is said.

    Parameters
    ----------
    puzzle
        The reduced graph.
    until
        When to stop, by `time.perf_counter`.
    left
        Weight that may be left open.
    fewer_than
        Plans with so many units do not count.

    Returns
    -------
    tuple
        (j, 2) unit and reduced node, None where there is none of fewer units or none was found;
        and whether it is proven that no fewer do.
    """
    model = _model(puzzle)
    open_, units = model.costs(puzzle.weight)
    slack = _slack(puzzle)
    most = (units, fewer_than - 1.0)
    result = _run(puzzle, model, units, until, fewer_than - 1.0, also=(open_, left + slack))
    if result is None:
        return None, False
    if result.status == INFEASIBLE:
        return None, True
    plan = _plan(puzzle, model, result, left + slack)
    if plan is None or len(plan) > most[1]:
        return None, False
    return plan, result.status == OPTIMAL and _bound(result) > len(plan) - 0.5


def _slack(puzzle: Puzzle) -> float:
    return TOLERANCE * max(1.0, float(puzzle.weight.sum()))


def _plan(puzzle: Puzzle, model: _Model, result: OptimizeResult, most: float) -> Ints | None:
    """Return what a result holds without idle units, None if that leaves more open than `most`."""
    if result.x is None:
        return None
    plan, _ = man(puzzle.pairs, model.holdable[result.x[model.held()] > 0.5])
    plan = without_idle(puzzle, plan)
    return None if open_weight(puzzle, plan[:, 1]) > most else plan  # a solver's rounding


def _model(puzzle: Puzzle) -> _Model:
    n, holdable = puzzle.n_nodes, np.flatnonzero(puzzle.original >= 0)
    y = np.full(n, -1, dtype=np.int64)
    y[holdable] = n + np.arange(len(holdable))
    units, unit = np.unique(puzzle.pairs[:, 0], return_inverse=True)
    comes = np.zeros((n, len(units)), dtype=bool)
    comes[puzzle.pairs[:, 1], unit] = True
    classes, of_class = np.unique(comes[holdable], axis=0, return_inverse=True)
    in_class, who = np.nonzero(classes)
    z = n + len(holdable) + np.arange(len(who))
    arcs, last = np.arange(len(puzzle.tail)), y[puzzle.head]
    to_held = np.flatnonzero(last >= 0)
    manned, once = len(arcs), len(arcs) + len(classes)
    entries = [
        (arcs, puzzle.head, 1.0),  # x of the head + y of the head >= x of the tail
        (arcs, puzzle.tail, -1.0),
        (arcs[to_held], last[to_held], 1.0),
        (manned + of_class.ravel(), y[holdable], -1.0),  # what is held of a class is manned
        (manned + in_class, z, 1.0),
        (once + who, z, -1.0),  # a unit holds one node
    ]
    row = np.concatenate([at for at, _, _ in entries])
    column = np.concatenate([at for _, at, _ in entries])
    value = np.concatenate([np.full(len(at), sign) for at, _, sign in entries])
    low = np.zeros(once + len(units))
    low[once:] = -1
    shape = (len(low), n + len(holdable) + len(z))
    return _Model(csr_array((value, (row, column)), shape=shape), low, n, holdable, puzzle.to_close)


def _run(
    puzzle: Puzzle,
    model: _Model,
    cost: Floats,
    until: float,
    most: float,
    also: tuple[Floats, float] | None = None,
) -> OptimizeResult | None:
    """Return what HiGHS finds that costs no more than `most`; None where time is too short."""
    left_s = until - perf_counter()
    if not worthwhile(len(model.low), left_s):
        return None
    lower, upper = np.zeros(model.n_variables), np.ones(model.n_variables)
    lower[0] = 1  # the source is reached
    whole = np.zeros(model.n_variables, dtype=np.int64)
    whole[model.held()] = 1
    whole[: model.n_nodes][model.to_close] = 1  # tells the solver that open weights are sums
    limits = [
        LinearConstraint(model.rows, model.low, np.full(len(model.low), np.inf)),
        LinearConstraint(csr_array(cost[None]), -np.inf, most),
    ]
    if also is not None:
        limits.append(LinearConstraint(csr_array(also[0][None]), -np.inf, also[1]))
        if also[1] < puzzle.weight[puzzle.to_close].min():
            upper[: model.n_nodes][model.to_close] = 0
    return milp(
        cost,
        integrality=whole,
        bounds=Bounds(lower, upper),
        constraints=limits,
        options={"time_limit": SHARE * left_s, "mip_rel_gap": 0.0},
    )


def _bound(result: OptimizeResult) -> float:
    """Return what no solution goes below, as far as the solver got."""
    bound = getattr(result, "mip_dual_bound", None)
    return -np.inf if bound is None or not np.isfinite(bound) else float(bound)
