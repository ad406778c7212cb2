"""Which junctions to hold, and by whom, so that nothing leaves: cuts, matchings, an exact model.

The answer is exact as soon as a smallest cut can be manned: then no plan closes more, and none
takes fewer units. Where the smallest cuts tried cannot, a mixed-integer model decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Literal

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, ParameterError
from planner.solvers.cut_best import best_plan
from planner.solvers.cut_flow import smallest_manned_cut
from planner.solvers.cut_reach import reached
from planner.solvers.cut_reduce import Puzzle, reduce, unique_pairs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Status = Literal["sealed", "partial", "impossible"]
Method = Literal["flow", "model", "none"]

# Into how many steps delays are told apart.
DELAY_STEPS = 50


@dataclass(frozen=True, eq=False)
class SealSolution:
    """Who holds which node, and what stays open.

    Parameters
    ----------
    status
        "sealed": no exit can be reached. "partial": some can, of less weight than if no unit
        moved. "impossible": no unit can close any exit that is open.
    assignment
        (j, 2) unit and node: each unit at most once, each node at most once.
    open_exits
        (o,) exits that can still be reached, ascending.
    open_weight
        Their weight.
    open_bound
        No plan leaves less weight open; equal to `open_weight` where that is proven least.
    units_bound
        No plan that seals takes fewer units; None where no plan can seal, however many units
        stand at the eligible nodes at once.
    exact
        Whether it is proven that nothing better exists, the number of units included.
    method
        "flow" where a smallest cut could be manned, "model" where the exact model decided,
        "none" where there was nothing to decide.
    """

    status: Status
    assignment: Ints = field(repr=False)
    open_exits: Ints = field(repr=False)
    open_weight: float
    open_bound: float
    units_bound: int | None
    exact: bool
    method: Method

    def summary(self) -> str:
        """Return one line: the state, the units it takes and what stays open."""
        needed = "no number of units seals" if self.units_bound is None else self.units_bound
        doubt = "" if self.exact else f", at least {self.open_bound:g}"
        return (
            f"{self.status}: {len(self.assignment)} units (a seal takes at least: {needed}); "
            f"{len(self.open_exits)} exits open, weight {self.open_weight:g}{doubt}"
        )


def seal(
    tail: npt.ArrayLike,
    head: npt.ArrayLike,
    n_nodes: int,
    source: int,
    exits: npt.ArrayLike,
    pairs: npt.ArrayLike,
    *,
    held: npt.ArrayLike = (),
    exit_weight: npt.ArrayLike | None = None,
    delay: npt.ArrayLike | None = None,
    seconds: float = 10,
) -> SealSolution:
    """Return which units hold which nodes so that the least exit weight can be reached.

    A unit holds one node, a node takes one unit; a held node lets nobody through, and an exit
    that is held is closed. Of the plans that leave the least weight open, one with the fewest
    units is taken. The source cannot be held.

    Parameters
    ----------
    tail, head
        (a,) nodes of each arc, one way; parallel arcs and loops do no harm.
    n_nodes
        Number of nodes.
    source
        Where the runner is.
    exits
        (e,) nodes that must not be reached.
    pairs
        (k, 2) unit and node: who can be where in time. Units are any numbers.
    held
        Nodes that are closed from the beginning and take no unit.
    exit_weight
        (e,) above 0; 1 each by default. An exit named twice counts with its last weight.
    delay
        (k,) how late each pair is; where a smallest cut settles it, one of little delay is taken.
    seconds
        Most time for the exact model, wherever that is needed.

    Raises
    ------
    InputError
        If a node does not exist, or arrays do not fit; all faults are named at once.
    ParameterError
        If `seconds` is not above 0.

    Examples
    --------
    Two bridges lead from the island 0; unit 7 reaches both, unit 8 the second one only:

    >>> plan = seal([0, 0, 1, 2], [1, 2, 3, 4], 5, 0, [3, 4], [[7, 1], [7, 2], [8, 2]])
    >>> plan.status, plan.assignment.tolist(), plan.units_bound
    ('sealed', [[7, 1], [8, 2]], 2)
    >>> plan = seal([0, 0, 1, 2], [1, 2, 3, 4], 5, 0, [3, 4], [[7, 1]], exit_weight=[1, 3])
    >>> plan.status, plan.open_exits.tolist(), plan.open_bound
    ('partial', [4], 3.0)
    """
    until = perf_counter() + seconds
    town = _checked(tail, head, n_nodes, source, exits, pairs, held, exit_weight)
    late = _lateness(town, pairs, delay)
    _check_seconds(seconds)
    puzzle = reduce(
        town.tail, town.head, n_nodes, source, town.exits, town.pairs, town.held, town.weight
    )
    found = _found(puzzle, until, late[puzzle.original])
    units_bound = None if puzzle.lost else found.cut
    return _solution(town, puzzle, found, units_bound)


@dataclass(frozen=True, eq=False)
class _Given:
    """The problem as it was given, checked."""

    tail: Ints
    head: Ints
    n_nodes: int
    source: int
    exits: Ints
    pairs: Ints
    held: Ints
    weight: Floats

    def open(self, nodes: Ints) -> npt.NDArray[np.bool_]:
        """Return which exits can be reached where some nodes are held as well, (e,)."""
        closed = np.append(self.held, nodes)
        there = reached(self.tail, self.head, self.n_nodes, self.source, closed)
        return np.asarray(there[self.exits])


@dataclass(frozen=True, eq=False)
class _Found:
    """A plan (unit and node as given), and what is proven of it."""

    plan: Ints
    method: Method
    exact: bool
    bound: float
    cut: int


def _found(puzzle: Puzzle, until: float, late: Ints) -> _Found:
    """Return a best plan, by the quickest step that finds one."""
    if not puzzle.to_close.any():
        return _Found(np.empty((0, 2), dtype=np.int64), "none", True, 0.0, 0)
    plan, cut = smallest_manned_cut(puzzle, late)
    if plan is not None:
        return _Found(puzzle.given(plan), "flow", True, 0.0, cut)
    best = best_plan(puzzle, until, cut)
    return _Found(best.plan, "model", best.exact, best.bound - puzzle.lost, cut)


def _solution(town: _Given, puzzle: Puzzle, found: _Found, units_bound: int | None) -> SealSolution:
    assignment = found.plan[np.argsort(found.plan[:, 0])]
    before, still = town.open(assignment[:0, 1]), town.open(assignment[:, 1])
    open_weight = float(town.weight[still].sum())
    saved = float(town.weight[before & ~still].sum())
    status: Status = "partial" if saved > 0 else "impossible"
    return SealSolution(
        status=status if still.any() else "sealed",
        assignment=assignment,
        open_exits=town.exits[still],
        open_weight=open_weight,
        open_bound=open_weight if found.exact else min(puzzle.lost + found.bound, open_weight),
        units_bound=units_bound,
        exact=found.exact,
        method=found.method,
    )


def _checked(
    tail: npt.ArrayLike,
    head: npt.ArrayLike,
    n_nodes: int,
    source: int,
    exits: npt.ArrayLike,
    pairs: npt.ArrayLike,
    held: npt.ArrayLike,
    exit_weight: npt.ArrayLike | None,
) -> _Given:
    """Return the problem with its exits ascending, each once; or raise."""
    arcs = np.asarray(tail, dtype=np.int64).ravel(), np.asarray(head, dtype=np.int64).ravel()
    ways_out = np.asarray(exits, dtype=np.int64).ravel()
    who = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    closed = np.asarray(held, dtype=np.int64).ravel()
    weight = np.ones(len(ways_out)) if exit_weight is None else np.asarray(exit_weight, np.float64)
    faults = []
    if len(arcs[0]) != len(arcs[1]):
        faults.append(f"{len(arcs[0])} tails and {len(arcs[1])} heads")
    if weight.shape != ways_out.shape:
        faults.append(f"{len(ways_out)} exits and weights of shape {weight.shape}")
    elif not (np.isfinite(weight) & (weight > 0)).all():
        faults.append("weights of exits must be above 0")
    named = {"tail": arcs[0], "head": arcs[1], "exits": ways_out, "pairs": who[:, 1]}
    named |= {"held": closed, "source": np.array([source])}
    faults += [
        f"{name}: nodes must lie within 0..{n_nodes - 1}"
        for name, nodes in named.items()
        if len(nodes) and (nodes.min() < 0 or nodes.max() >= n_nodes)
    ]
    if faults:
        raise InputError("; ".join(faults))
    last = {int(node): at for at, node in enumerate(ways_out)}
    once = np.array(sorted(last), dtype=np.int64)
    kept = weight[[last[int(node)] for node in once]]
    closed = np.setdiff1d(closed, [source])
    return _Given(*arcs, n_nodes, source, once, unique_pairs(who, n_nodes), closed, kept)


def _lateness(town: _Given, pairs: npt.ArrayLike, delay: npt.ArrayLike | None) -> Ints:
    """Return how late each node can be held at the soonest, (n,) in whole steps; 0 = soonest."""
    late = np.full(town.n_nodes, np.inf)
    if delay is None:
        return np.zeros(town.n_nodes, dtype=np.int64)
    node = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)[:, 1]
    seconds = np.asarray(delay, dtype=np.float64)
    if seconds.shape != node.shape or not np.isfinite(seconds).all():
        msg = f"{len(node)} pairs and delays of shape {seconds.shape}; they must be finite"
        raise InputError(msg)
    np.minimum.at(late, node, seconds)
    known = np.isfinite(late)
    if not known.any():
        return np.zeros(town.n_nodes, dtype=np.int64)
    low, high = late[known].min(), late[known].max()
    step = max((high - low) / DELAY_STEPS, 1e-9)
    return np.where(known, np.rint((np.where(known, late, low) - low) / step), 0).astype(np.int64)


def _check_seconds(seconds: float) -> None:
    if not seconds > 0:
        msg = f"seconds is {seconds}; it must be above 0"
        raise ParameterError(msg)
