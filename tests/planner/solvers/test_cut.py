"""Seals drawn by hand, and every small one against all cuts and all assignments there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError, ParameterError
from planner.solvers.cut import SealSolution, seal
from planner.solvers.cut_dominance import closed_by_each, without_dominated
from planner.solvers.cut_man import man_soonest
from planner.solvers.cut_reduce import reduce

Arc = tuple[int, int]


def both_ways(*edges: Arc) -> list[Arc]:
    return [*edges, *((head, tail) for tail, head in edges)]


def sealed(
    arcs: Sequence[Arc], n: int, exits: Sequence[int], pairs: Any, **more: Any
) -> SealSolution:
    tail, head = [arc[0] for arc in arcs], [arc[1] for arc in arcs]
    return seal(tail, head, n, 0, exits, np.array(pairs).reshape(-1, 2), **more)


# An island (0, 1) with two bridges, 2 and 3, to the mainland 4 and 5.
BRIDGES = both_ways((0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 5))


def test_two_bridges_take_two_units() -> None:
    plan = sealed(BRIDGES, 6, [4, 5], [(7, 2), (7, 3), (8, 3)])
    assert plan.status == "sealed"
    assert plan.assignment.tolist() == [[7, 2], [8, 3]]
    assert (plan.units_bound, plan.open_bound, plan.open_exits.tolist()) == (2, 0.0, [])
    assert plan.method == "flow"


def test_one_unit_cannot_hold_two_bridges_and_both_ends_stay_open() -> None:
    # Over the open bridge the runner gets to both ends, so that one unit closes nothing.
    plan = sealed(BRIDGES, 6, [4, 5], [(7, 2), (7, 3)])
    assert plan.status == "impossible"
    assert plan.assignment.tolist() == []
    assert plan.open_exits.tolist() == [4, 5]
    assert plan.units_bound == 2


def test_a_bridge_that_is_held_already_takes_no_unit() -> None:
    plan = sealed(BRIDGES, 6, [4, 5], [(7, 3)], held=[2])
    assert (plan.status, plan.assignment.tolist(), plan.units_bound) == ("sealed", [[7, 3]], 1)


def test_an_exit_can_be_held_itself() -> None:
    plan = sealed([(0, 1)], 2, [1], [(3, 1)])
    assert (plan.status, plan.assignment.tolist()) == ("sealed", [[3, 1]])


def test_a_way_in_is_no_way_out() -> None:
    plan = sealed([(2, 0), (0, 1), (1, 3)], 4, [2, 3], [(5, 1)])
    assert (plan.status, plan.assignment.tolist()) == ("sealed", [[5, 1]])


def test_the_source_on_an_exit_is_open_whatever_happens() -> None:
    plan = sealed([(0, 1)], 2, [0, 1], [(3, 1), (3, 0)])
    assert plan.status == "partial"
    assert plan.open_exits.tolist() == [0]
    assert (plan.units_bound, plan.open_bound) == (None, 1.0)


def test_nothing_to_reach_is_sealed_by_nobody() -> None:
    plan = sealed([(1, 0)], 3, [2], [(1, 1)])
    assert (plan.status, len(plan.assignment), plan.units_bound) == ("sealed", 0, 0)


def test_the_heavier_exit_is_closed_first() -> None:
    fan = [(0, 1), (0, 2), (0, 3)]
    plan = sealed(fan, 4, [1, 2, 3], [(9, 1), (9, 2), (9, 3)], exit_weight=[1, 5, 2])
    assert plan.assignment.tolist() == [[9, 2]]
    assert (plan.open_weight, plan.open_bound, plan.exact) == (3.0, 3.0, True)


def test_of_smallest_cuts_the_one_that_can_be_manned_is_found() -> None:
    # Two lanes of three junctions each; unit 1 reaches the first two of both, unit 2 the second
    # of the upper lane only: neither cut next to the source nor next to the exits has two units.
    lanes = [(0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 7)]
    pairs = [(1, 1), (1, 4), (1, 3), (1, 6), (2, 2)]
    plan = sealed(lanes, 8, [7], pairs)
    assert (plan.status, plan.method) == ("sealed", "flow")
    assert {node for unit, node in plan.assignment.tolist() if unit == 2} == {2}


def test_a_larger_cut_is_taken_where_the_smallest_cannot_be_manned() -> None:
    # One junction would do, but its one unit does not exist; two behind it have a unit each.
    arcs = [(0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 5), (3, 6), (4, 6)]
    pairs = [(1, 1), (1, 2), (1, 3), (2, 5), (3, 6)]
    plan = sealed(arcs, 7, [5, 6], pairs)
    assert plan.status == "sealed"
    assert plan.assignment.tolist() == [[2, 5], [3, 6]]


def test_faults_are_told_at_once() -> None:
    with pytest.raises(
        InputError, match=r"2 tails and 1 heads.*exits: nodes must lie within 0\.\.2"
    ):
        seal([0, 1], [1], 3, 0, [9], [])
    with pytest.raises(InputError, match="above 0"):
        seal([0], [1], 2, 0, [1], [], exit_weight=[0])
    with pytest.raises(ParameterError, match="seconds"):
        seal([0], [1], 2, 0, [1], [], seconds=0)


def test_no_time_leaves_a_plan_with_its_doubt() -> None:
    rng = np.random.default_rng(5)
    arcs = rng.integers(0, 120, (420, 2))
    pairs = np.column_stack([rng.integers(0, 9, 300), rng.integers(1, 120, 300)])
    plan = seal(arcs[:, 0], arcs[:, 1], 120, 0, np.arange(60, 120), pairs, seconds=0.01)
    assert plan.open_bound <= plan.open_weight
    assert plan.exact or "at least" in plan.summary()


@st.composite
def puzzles(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(2, 8))
    node = st.integers(0, n - 1)
    arcs = draw(st.lists(st.tuples(node, node), max_size=2 * n))
    if draw(st.booleans()):
        arcs = both_ways(*arcs)
    exits = draw(st.lists(node, max_size=4, unique=True))
    return {
        "arcs": arcs,
        "n": n,
        "exits": sorted(exits),
        "pairs": sorted(draw(st.sets(st.tuples(st.integers(0, 2), node), max_size=8))),
        "held": draw(st.lists(node, max_size=1)),
        "exit_weight": draw(st.lists(st.integers(1, 3), min_size=len(exits), max_size=len(exits))),
    }


def open_of(puzzle: dict[str, Any], closed: set[int]) -> list[int]:
    """Return the exits a walk from node 0 finds."""
    seen, todo = {0}, [0]
    while todo:
        here = todo.pop()
        for tail, head in puzzle["arcs"]:
            if tail == here and head not in closed | seen:
                seen.add(head)
                todo.append(head)
    return [node for node in puzzle["exits"] if node in seen]


def best_of(puzzle: dict[str, Any]) -> tuple[float, int]:
    """Return the least open weight, and the fewest units that reach it, over all assignments."""
    weight = dict(zip(puzzle["exits"], puzzle["exit_weight"], strict=True))
    held = set(puzzle["held"]) - {0}
    choices = [
        [None, *(node for unit, node in puzzle["pairs"] if unit == one and node)]
        for one in {unit for unit, _ in puzzle["pairs"]}
    ]
    marks = []
    for chosen in product(*choices):
        nodes = [node for node in chosen if node is not None]
        if len(set(nodes)) == len(nodes):
            still = open_of(puzzle, held | set(nodes))
            marks.append((float(sum(weight[node] for node in still)), len(nodes)))
    return min(marks)


@given(puzzles())
@settings(max_examples=300)
def test_all_assignments_agree(puzzle: dict[str, Any]) -> None:
    plan = sealed(**puzzle)
    open_weight, units = best_of(puzzle)
    assert (plan.open_weight, len(plan.assignment)) == (open_weight, units)
    assert plan.exact
    assert plan.open_bound == plan.open_weight
    held = set(puzzle["held"]) - {0} | set(plan.assignment[:, 1].tolist())
    assert plan.open_exits.tolist() == open_of(puzzle, held)
    assert set(map(tuple, plan.assignment.tolist())) <= set(puzzle["pairs"])
    assert len(set(plan.assignment[:, 0].tolist())) == len(plan.assignment)
    still, before = plan.open_exits.tolist(), open_of(puzzle, set(puzzle["held"]) - {0})
    expected = "sealed" if not still else "impossible" if still == before else "partial"
    assert plan.status == expected


@given(puzzles())
@settings(max_examples=150)
def test_the_bound_of_units_is_the_smallest_vertex_cut(puzzle: dict[str, Any]) -> None:
    plan = sealed(**puzzle)
    held = set(puzzle["held"]) - {0}
    holdable = {node for _, node in puzzle["pairs"]} - held - {0}
    graph: Any = nx.DiGraph()
    graph.add_nodes_from([(0, "out"), "end"])
    for node in range(puzzle["n"]):
        if node not in held:
            capacity = {"capacity": 1} if node in holdable else {}
            graph.add_edge((node, "in"), (node, "out"), **capacity)
    for tail, head in puzzle["arcs"]:
        if not held & {tail, head} and head:
            graph.add_edge((tail, "out"), (head, "in"))
    for node in puzzle["exits"]:
        if node not in held:
            graph.add_edge((node, "out"), "end")
    try:
        size = nx.minimum_cut_value(graph, (0, "out"), "end")
    except nx.NetworkXUnbounded:
        size = None
    assert plan.units_bound == size


@given(puzzles())
@settings(max_examples=100)
def test_reduction_keeps_what_can_be_reached(puzzle: dict[str, Any]) -> None:
    arcs = np.array(puzzle["arcs"], dtype=np.int64).reshape(-1, 2)
    pairs = np.array(puzzle["pairs"], dtype=np.int64).reshape(-1, 2)
    held = np.array(sorted(set(puzzle["held"]) - {0}), dtype=np.int64)
    small = reduce(
        arcs[:, 0], arcs[:, 1], puzzle["n"], 0, np.array(puzzle["exits"], dtype=np.int64),
        pairs, held, np.array(puzzle["exit_weight"], dtype=float),
    )  # fmt: skip
    weight = dict(zip(puzzle["exits"], puzzle["exit_weight"], strict=True))
    before = open_of(puzzle, set(held.tolist()))
    assert small.lost + small.weight.sum() == sum(weight[node] for node in before)
    assert small.n_nodes <= puzzle["n"]
    assert not (small.tail == small.head).any()
    assert not (small.head == 0).any()


@given(puzzles())
@settings(max_examples=150)
def test_taking_off_what_others_stand_in_for_keeps_the_best_plan(puzzle: dict[str, Any]) -> None:
    arcs = np.array(puzzle["arcs"], dtype=np.int64).reshape(-1, 2)
    pairs = np.array(puzzle["pairs"], dtype=np.int64).reshape(-1, 2)
    whole = reduce(
        arcs[:, 0], arcs[:, 1], puzzle["n"], 0, np.array(puzzle["exits"], dtype=np.int64),
        pairs, np.empty(0, dtype=np.int64), np.array(puzzle["exit_weight"], dtype=float),
    )  # fmt: skip
    small = without_dominated(whole)
    left = set(map(tuple, small.given(small.pairs).tolist()))
    assert left <= set(map(tuple, whole.given(whole.pairs).tolist()))
    every = {**puzzle, "held": []}
    assert best_of({**every, "pairs": sorted(left)}) == best_of(every)


@given(puzzles())
@settings(max_examples=150)
def test_what_each_node_closes_against_holding_it(puzzle: dict[str, Any]) -> None:
    arcs = np.array(puzzle["arcs"], dtype=np.int64).reshape(-1, 2)
    exits, held = np.array(puzzle["exits"], dtype=np.int64), set(puzzle["held"]) - {0}
    weight = dict(zip(puzzle["exits"], puzzle["exit_weight"], strict=True))
    found = closed_by_each(
        arcs[:, 0], arcs[:, 1], puzzle["n"], 0, np.array(sorted(held), dtype=np.int64),
        exits, np.array(puzzle["exit_weight"], dtype=float),
    )  # fmt: skip
    before = open_of(puzzle, held)
    for node in range(1, puzzle["n"]):
        after = open_of(puzzle, held | {node})
        assert found[node] == sum(weight[one] for one in before if one not in after)


def test_the_last_unit_stands_as_soon_as_possible() -> None:
    pairs = np.array([[1, 5], [1, 6], [2, 5], [2, 6], [3, 6]])
    times = np.array([10.0, 70.0, 60.0, 90.0, 65.0])
    assert man_soonest(pairs, times, np.array([6, 5])).tolist() == [4, 0]


@given(st.integers(0, 10_000))
@settings(max_examples=60)
def test_soonest_units_against_all_permutations(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = np.arange(int(rng.integers(1, 4)))
    pairs = np.array([(unit, node) for unit in range(4) for node in nodes.tolist()])
    times = rng.integers(1, 50, len(pairs)).astype(float)
    table = times.reshape(4, len(nodes))
    chosen = man_soonest(pairs, times, nodes)
    found = (times[chosen].max(), times[chosen].sum())
    others = [
        (max(row), sum(row))
        for units in product(range(4), repeat=len(nodes))
        if len(set(units)) == len(units)
        for row in [[table[unit, node] for node, unit in enumerate(units)]]
    ]
    assert found == min(others)
    assert pairs[chosen, 1].tolist() == nodes.tolist()
