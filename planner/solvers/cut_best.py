"""The best plan where no smallest cut can be manned: a search, then the exact model."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import numpy.typing as npt

from planner.solvers.cut_dominance import with_pairs, without_dominated
from planner.solvers.cut_model import fewest, least_open, worthwhile
from planner.solvers.cut_part import open_weight
from planner.solvers.cut_reduce import Puzzle
from planner.solvers.cut_search import grain, search

Ints = npt.NDArray[np.int64]

# The share of the time that the search is given at most where the model follows, and where not.
SEARCH_SHARE, ALONE_SHARE = 0.25, 0.9


@dataclass(frozen=True, eq=False)
class Best:
    """A plan, and what is proven of it.

    Parameters
    ----------
    plan
        (j, 2) unit and node of the given graph.
    bound
        No plan leaves less open, exits that nobody can close included.
    exact
        Whether nothing leaves less open, and nothing with fewer units as little.
    """

    plan: Ints = field(repr=False)
    bound: float
    exact: bool


def best_plan(puzzle: Puzzle, until: float, cut: int) -> Best:
    """Return the plan that leaves the least weight open, of those one with the fewest units.

    Parameters
    ----------
    puzzle
        A reduced graph with exits to close.
    until
        When to stop, by `time.perf_counter`.
    cut
        No plan that closes every exit takes fewer units.
    """
    small = without_dominated(puzzle)
    now = perf_counter()
    follows = worthwhile(len(small.tail), (1 - SEARCH_SHARE) * (until - now))
    share = SEARCH_SHARE if follows else ALONE_SHARE
    plan, bound, lost = search(small, now + share * (until - now))
    left = open_weight(small, plan[:, 1])
    tiny = 1e-6 * max(1.0, float(small.weight.sum()))
    if left > bound + tiny:
        plan, bound = _lower(small, until, plan, bound, lost)
        left = open_weight(small, plan[:, 1])
    proven = left <= bound + tiny
    if proven:
        plan, exact = _fewer(small, until, plan, left, cut if left == 0 else 1)
    whole = small.lost + (left if proven else bound)
    return Best(small.given(plan), whole, proven and exact)


def _lower(small: Puzzle, until: float, plan: Ints, bound: float, lost: Ints) -> tuple[Ints, float]:
    """Return a plan that leaves less open if the model finds one, and a bound."""
    left = open_weight(small, plan[:, 1])
    rest = with_pairs(small, ~np.isin(small.pairs[:, 1], lost))
    given_up = rest.lost - small.lost
    step = grain(small)
    most = left - given_up - (step or 1e-5 * left)
    if most < 0 or not rest.to_close.any():
        return plan, left
    other, least = least_open(rest, until, most)
    # Nodes that were given up are in no plan that is better than the one known.
    least = min(least + given_up, left)
    if step:
        least = float(np.ceil(least / step - 1e-6) * step)
    if other is not None:
        plan = _at_home(small, rest, other)
        left = open_weight(small, plan[:, 1])
    return plan, min(max(bound, least), left)


def _fewer(small: Puzzle, until: float, plan: Ints, left: float, least: int) -> tuple[Ints, bool]:
    """Return a plan with fewer units if the model finds one, and whether none takes fewer."""
    if len(plan) <= least:
        return plan, True
    other, exact = fewest(small, until, left, len(plan))
    return (plan if other is None else other), exact


def _at_home(small: Puzzle, rest: Puzzle, plan: Ints) -> Ints:
    """Return a plan of what was reduced further in nodes of what that came from."""
    home = np.full(int(small.original.max()) + 1, -1, dtype=np.int64)
    held = np.flatnonzero(small.original >= 0)
    home[small.original[held]] = held
    there = rest.given(plan)
    return np.column_stack([there[:, 0], home[there[:, 1]]])
