"""A good plan in little time: prices of units first, then posts off and others on, in turn."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import numpy.typing as npt

from planner.solvers.cut_fill import Board, bettered, board_of, filled
from planner.solvers.cut_network import ENDLESS, CutNet, cheapest_cut, cut_net
from planner.solvers.cut_prices import Priced, hopeless, priced
from planner.solvers.cut_reduce import Puzzle

Ints = npt.NDArray[np.int64]

# The share of the time for prices; the rest is for bettering.
PRICES_SHARE = 0.4
# Rounds of posts off and on between two fillings by a cut.
ROUNDS = 20
# The share of the posts that such a filling takes off.
OFF_SHARE = 0.4
# After so many turns without a better plan there is hardly one; in small graphs after fewer.
PATIENCE, ARCS_A_TURN = 60, 16


def search(puzzle: Puzzle, until: float) -> tuple[Ints, float, Ints]:
    """Return a good plan, a bound, and the nodes that no better plan holds.

    Parameters
    ----------
    puzzle
        A reduced graph with exits to close and units.
    until
        When to stop, by `time.perf_counter`.

    Returns
    -------
    tuple
        (j, 2) unit and reduced node; the weight that any plan leaves open at least; and the
        reduced nodes that no plan holds which leaves less open than this one.
    """
    board, net, step = board_of(puzzle), cut_net(puzzle), grain(puzzle)
    begun = perf_counter()
    best = priced(board, net, begun + PRICES_SHARE * (until - begun), step)
    turns = min(PATIENCE, len(puzzle.tail) // ARCS_A_TURN)
    best = _bettered(board, net, best, until, step, turns)
    bound = float(np.ceil(best.bound / step - 1e-6) * step) if step else best.bound
    lost = hopeless(best, net, best.left - step + 1e-6 * max(1.0, best.left))
    return board.plan_of(best.post), min(bound, best.left), lost


def grain(puzzle: Puzzle) -> float:
    """Return by how much two plans differ at least if they leave not the same open.

    1 where all weights are whole numbers (or what divides them all), else 0.
    """
    weight = puzzle.weight[puzzle.to_close]
    whole = np.rint(weight)
    return float(np.gcd.reduce(whole.astype(np.int64))) if np.array_equal(weight, whole) else 0.0


def _bettered(
    board: Board, net: CutNet, best: Priced, until: float, step: float, turns: int
) -> Priced:
    """Return a plan that leaves less open, if one is found in time and before `turns` in vain."""
    post, left, idle = best.post, best.left, 0
    rng = np.random.default_rng(0)
    while idle < turns and perf_counter() < until and left >= best.bound + max(step, 1e-9) - 1e-9:
        other = bettered(board, post, ROUNDS, int(rng.integers(2**31)))
        other = _refilled(board, net, other, best.price, rng)
        now = board.open_weight(other)
        idle = 0 if now < left else idle + 1
        if now <= left:
            post, left = other, now
    return replace(best, post=post, left=left)


def _refilled(board: Board, net: CutNet, post: Ints, price: Ints, rng: np.random.Generator) -> Ints:
    """Return a plan with a part of it taken off and what a cut at some prices says in its place."""
    off = rng.random(len(post)) < OFF_SHARE
    rest = np.where(off, -1, post)
    ask = np.where(price < ENDLESS, price * rng.uniform(0.4, 1.6), price).astype(np.int64)
    ask[rest[rest >= 0]] = 0
    cut = cheapest_cut(net, np.maximum(ask, 0))
    options = [post, *(filled(board, rest, nodes) for nodes in (cut.near, cut.far))]
    return min(options, key=board.open_weight)
