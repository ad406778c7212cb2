"""Plans by prices and by posts off and on: never worse than they say, never below their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from time import perf_counter
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.solvers.cut import seal
from planner.solvers.cut_fill import bettered, board_of, filled
from planner.solvers.cut_network import ENDLESS, STEPS, cheapest_cut, cut_net
from planner.solvers.cut_part import open_weight
from planner.solvers.cut_prices import hopeless, node_prices, priced
from planner.solvers.cut_reduce import Puzzle, reduce
from planner.solvers.cut_search import grain, search

Ints = npt.NDArray[np.int64]
NOBODY = np.empty(0, dtype=np.int64)


def puzzle_of(seed: int, n: int = 9, units: int = 3) -> Puzzle:
    """Return a small graph with exits of weight 1 to 3 and units at some nodes."""
    rng = np.random.default_rng(seed)
    arcs = rng.integers(0, n, (3 * n, 2))
    exits = np.unique(rng.integers(1, n, 4))
    pairs = np.column_stack([rng.integers(0, units, 2 * n), rng.integers(1, n, 2 * n)])
    weight = rng.integers(1, 4, len(exits)).astype(float)
    return reduce(arcs[:, 0], arcs[:, 1], n, 0, exits, np.unique(pairs, axis=0), NOBODY, weight)


def least_open(puzzle: Puzzle) -> float:
    """Return the least weight that any assignment leaves open, by trying all."""
    return min(left for left, _ in plans_of(puzzle))


def plans_of(puzzle: Puzzle) -> list[tuple[float, set[int]]]:
    """Return what each assignment of units leaves open, and the nodes it holds."""
    units = np.unique(puzzle.pairs[:, 0])
    choices: list[list[Any]] = [
        [None, *puzzle.pairs[puzzle.pairs[:, 0] == unit, 1].tolist()] for unit in units
    ]
    found = []
    for chosen in product(*choices):
        nodes = [node for node in chosen if node is not None]
        if len(set(nodes)) == len(nodes):
            held = np.array(nodes, dtype=np.int64)
            found.append((open_weight(puzzle, held), set(nodes)))
    return found


seeds = st.integers(0, 10_000).filter(lambda seed: bool(puzzle_of(seed).to_close.any()))


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_a_search_lies_between_the_best_plan_and_its_bound(seed: int) -> None:
    puzzle = puzzle_of(seed)
    plan, bound, lost = search(puzzle, perf_counter() + 0.2)
    left, best = open_weight(puzzle, plan[:, 1]), least_open(puzzle)
    assert bound <= best <= left
    assert set(map(tuple, plan.tolist())) <= set(map(tuple, puzzle.pairs.tolist()))
    assert len(set(plan[:, 0])) == len(plan) == len(set(plan[:, 1]))
    for other, nodes in plans_of(puzzle):
        assert other >= left or not nodes & set(lost.tolist())


@given(seeds, st.integers(1, 3 * STEPS))
@settings(max_examples=60, deadline=None)
def test_a_cut_costs_what_networkx_says(seed: int, each: int) -> None:
    puzzle = puzzle_of(seed)
    price = np.where(puzzle.original >= 0, each, ENDLESS)
    cut = cheapest_cut(cut_net(puzzle), price)
    graph: Any = nx.DiGraph()
    graph.add_nodes_from([(0, "out"), "end"])
    for node in range(puzzle.n_nodes):
        graph.add_edge((node, "in"), (node, "out"), capacity=int(price[node]))
        if puzzle.weight[node]:
            graph.add_edge((node, "out"), "end", capacity=int(puzzle.weight[node] * STEPS))
    for tail, head in zip(puzzle.tail.tolist(), puzzle.head.tolist(), strict=True):
        graph.add_edge((tail, "out"), (head, "in"), capacity=ENDLESS)
    assert cut.cost == nx.maximum_flow_value(graph, (0, "out"), "end")
    for side in (cut.near, cut.far):
        assert cut.cost == each * len(side) + STEPS * open_weight(puzzle, side)


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_prices_bound_every_plan(seed: int) -> None:
    puzzle = puzzle_of(seed)
    board, net = board_of(puzzle), cut_net(puzzle)
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 2 * STEPS, len(board.units))
    cut = cheapest_cut(net, node_prices(board, cost))
    assert (cut.cost - cost.sum()) / STEPS <= least_open(puzzle) + 1e-9
    best = priced(board, net, perf_counter() + 0.05, grain(puzzle))
    assert best.bound <= least_open(puzzle) + 1e-9
    few = set(hopeless(best, net, best.left).tolist())
    assert all(left >= best.left or not nodes & few for left, nodes in plans_of(puzzle))


@given(seeds, st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_posts_off_and_on_leave_no_more_open(seed: int, luck: int) -> None:
    puzzle = puzzle_of(seed)
    board = board_of(puzzle)
    none = np.full(len(board.units), -1, dtype=np.int64)
    first = filled(board, none, NOBODY)
    then = bettered(board, first, 5, luck)
    marks = [board.open_weight(post) for post in (none, first, then)]
    assert marks == sorted(marks, reverse=True)
    for post in (first, then):
        plan = board.plan_of(post)
        assert board.open_weight(post) == open_weight(puzzle, plan[:, 1])
        assert board.post_of(plan).tolist() == post.tolist()
        assert set(map(tuple, plan.tolist())) <= set(map(tuple, puzzle.pairs.tolist()))


def test_units_move_over_for_one_another() -> None:
    # Unit 0 comes to both ends of the road, unit 1 only to the end that unit 0 would take first.
    road: Mapping[str, Any] = {"tail": [0, 0], "head": [1, 2], "pairs": [[0, 1], [0, 2], [1, 1]]}
    plan = seal(
        road["tail"], road["head"], 3, 0, [1, 2], road["pairs"], exit_weight=[5, 1], seconds=1
    )
    assert plan.assignment.tolist() == [[0, 2], [1, 1]]
    small = reduce(
        np.array(road["tail"]), np.array(road["head"]), 3, 0, np.array([1, 2]),
        np.array(road["pairs"]), NOBODY, np.array([5.0, 1.0]),
    )  # fmt: skip
    board = board_of(small)
    assert board.open_weight(filled(board, np.full(2, -1), NOBODY)) == 0
    assert grain(small) == 1


def test_weights_that_are_no_whole_numbers_have_no_grain() -> None:
    arcs = np.array([0, 0]), np.array([1, 2])
    pairs = np.array([[0, 1], [1, 2]])
    halves = reduce(*arcs, 3, 0, np.array([1, 2]), pairs, NOBODY, np.array([0.5, 2.0]))
    fours = reduce(*arcs, 3, 0, np.array([1, 2]), pairs, NOBODY, np.array([4.0, 8.0]))
    assert (grain(halves), grain(fours)) == (0, 4)
