"""Prices of units: a bound on what any plan leaves open, and cuts that make good plans.

Each unit has a price, and a node costs what its cheapest unit does. The cut that is cheapest at
those prices, less the prices of all units, is a bound; prices rise where units are wanting and
fall where they idle (a subgradient of that bound, with Polyak's step).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import numpy.typing as npt

from planner.solvers.cut_fill import Board, filled
from planner.solvers.cut_network import ENDLESS, STEPS, Cut, CutNet, cheapest_cut

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Most cuts at one price for all units, and at prices of their own.
EQUAL, OWN = 8, 600
# After so many cuts that raise the bound no more, steps are half as long.
PATIENCE = 5
# Steps shorter than this lead nowhere.
SHORTEST = 1e-3


@dataclass(frozen=True, eq=False)
class Priced:
    """A plan, and a bound with what proves it.

    Parameters
    ----------
    post
        (u,) node of each unit, -1 = none.
    left
        Weight that this leaves open.
    bound
        No plan leaves less open.
    price, cut
        The prices that prove the bound, (n,) in steps of a weight, and their cut.
    """

    post: Ints
    left: float
    bound: float
    price: Ints = field(repr=False)
    cut: Cut = field(repr=False)


def priced(board: Board, net: CutNet, until: float, grain: float) -> Priced:
    """Return a good plan and a bound, as good as they get until a time.

    Parameters
    ----------
    board, net
        The reduced graph.
    until
        When to stop, by `time.perf_counter`.
    grain
        Weights left open differ by at least so much: below that a gap is closed.
    """
    best: Priced | None = None
    tried: set[bytes] = set()
    moves = _prices(board, net)
    cost = next(moves)
    while True:
        price = node_prices(board, cost)
        cut = cheapest_cut(net, price)
        bound = (cut.cost - int(cost.sum())) / STEPS
        post, left = _best_of(board, cut, tried, best)
        if best is None or bound > best.bound:
            best = Priced(post, left, max(bound, 0.0), price, cut)
        elif left < best.left:
            best = Priced(post, left, best.bound, best.price, best.cut)
        if best.left < best.bound + grain - 1e-9 or perf_counter() >= until:
            return best
        try:
            cost = moves.send((cut, bound, best.left))
        except StopIteration:
            return best


def node_prices(board: Board, cost: Ints) -> Ints:
    """Return what each node costs, (n,): as much as its cheapest unit, `ENDLESS` without one."""
    first, unit = board.who
    price = np.full(len(first) - 1, ENDLESS)
    some = np.flatnonzero(np.diff(first))
    price[some] = np.minimum.reduceat(cost[unit], first[some])
    return price


def hopeless(best: Priced, net: CutNet, most: float) -> Ints:
    """Return the reduced nodes that no plan holds which leaves less than `most` open.

    Whoever holds such a node pays more for it than it can save.
    """
    node = net.node
    least = best.bound + (best.price[node] - best.cut.through) / STEPS
    return node[least >= most]


def _best_of(board: Board, cut: Cut, tried: set[bytes], best: Priced | None) -> tuple[Ints, float]:
    """Return the best plan known after the two sides of a cut were manned."""
    post = np.full(len(board.units), -1, dtype=np.int64) if best is None else best.post
    left = board.open_weight(post) if best is None else best.left
    for nodes in (cut.near, cut.far):
        if nodes.tobytes() in tried:
            continue
        tried.add(nodes.tobytes())
        other = filled(board, np.full(len(board.units), -1, dtype=np.int64), nodes)
        now = board.open_weight(other)
        if now < left:
            post, left = other, now
    return post, left


def _prices(board: Board, net: CutNet) -> Generator[Ints, tuple[Cut, float, float]]:
    """Yield prices of the units, (u,); what comes back is (cut, bound, least left open)."""
    n = len(board.units)
    best, price = -np.inf, np.full(n, 1, dtype=np.int64)
    few, many = (float(board.weight.sum()), 0), None
    for _ in range(EQUAL):
        cut, bound, _ = yield price
        if bound > best:
            best, start = bound, price
        for nodes in (cut.near, cut.far):
            post = np.full(max(n, len(nodes)), -1, dtype=np.int64)
            post[: len(nodes)] = nodes
            mark = board.open_weight(post), len(nodes)
            if mark[1] <= n and mark[1] >= few[1]:
                few = mark
            elif mark[1] > n and (many is None or mark[1] < many[1]):
                many = mark
        if many is None or many[1] == few[1]:
            break
        # Where a cut of few nodes and one of many cost the same.
        even = round((few[0] - many[0]) / (many[1] - few[1]) * STEPS)
        if even < 1 or even == price[0]:
            break
        price = np.full(n, even, dtype=np.int64)
    price, reach, stalled = start, 1.0, 0
    for turn in range(OWN):
        cut, bound, left = yield price
        stalled = 0 if bound > best + 1e-9 else stalled + 1
        best = max(best, bound)
        if stalled >= PATIENCE:
            reach, stalled = reach / 2, 0
        wanted = _wanted(board, price, cut.near if turn % 2 else cut.far) - 1.0
        wanted[(price <= 0) & (wanted < 0)] = 0.0
        size = float((wanted**2).sum())
        if not size or reach < SHORTEST:
            return
        step = reach * max(left - bound, 1.0) * STEPS / size
        price = np.maximum(0, price + step * wanted).astype(np.int64)


def _wanted(board: Board, price: Ints, nodes: Ints) -> Floats:
    """Return how many of some nodes each unit is the cheapest for, (u,), shared out evenly."""
    first, unit = board.who
    load = np.zeros(len(price))
    for node in nodes.tolist():
        mine = unit[first[node] : first[node + 1]]
        cheapest = mine[price[mine] == price[mine].min()]
        load[cheapest[np.argmin(load[cheapest])]] += 1
    return load
