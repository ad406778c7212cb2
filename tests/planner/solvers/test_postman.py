"""Sweeps of multigraphs drawn at random, against every walk there is on tiny ones."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ParameterError
from planner.solvers.postman import SweepSolution, sweep
from planner.solvers.postman_graph import Graph, field_of, odd_nodes, t_join
from planner.solvers.postman_kernels import any_euler

Edges = list[tuple[int, int]]


def checked(
    found: SweepSolution,
    edges: Edges,
    lengths: list[float],
    *,
    depot: int = 0,
    required: list[bool] | None = None,
    oneway: list[bool] | None = None,
) -> None:
    """Assert that walks are closed at the depot, obey one-ways and take every required edge."""
    walked: Counter[int] = Counter()
    for walk, length in zip(found.walks, found.lengths.tolist(), strict=True):
        at = depot
        for edge, back in walk.tolist():
            begin, end = edges[edge][::-1] if back else edges[edge]
            assert begin == at
            assert not (back and oneway and oneway[edge])
            at = end
            walked[edge] += 1
        assert at == depot
        assert length == pytest.approx(sum(lengths[edge] for edge in walk[:, 0].tolist()))
    wanted = required or [True] * len(edges)
    assert all(walked[edge] for edge, want in enumerate(wanted) if want)
    assert found.lengths.max() >= found.bound * (1 - 1e-9) - 1e-9


def shortest(
    edges: Edges, lengths: list[float], depot: int, required: list[bool], oneway: list[bool]
) -> float:
    """Return the least length of a closed walk by a search over (node, edges walked)."""
    bits = {edge: bit for bit, edge in enumerate(np.flatnonzero(required).tolist())}
    arcs: dict[int, list[tuple[int, float, int]]] = {}
    for edge, (a, b) in enumerate(edges):
        flag = 1 << bits[edge] if edge in bits else 0
        arcs.setdefault(a, []).append((b, lengths[edge], flag))
        if not oneway[edge]:
            arcs.setdefault(b, []).append((a, lengths[edge], flag))
    goal = (depot, (1 << len(bits)) - 1)
    queue, done = [(0.0, depot, 0)], set()
    while queue:
        far, node, seen = heapq.heappop(queue)
        if (node, seen) == goal:
            return far
        if (node, seen) in done:
            continue
        done.add((node, seen))
        for there, length, flag in arcs.get(node, []):
            heapq.heappush(queue, (far + length, there, seen | flag))
    return float("inf")


@st.composite
def towns(draw: st.DrawFn, most: int = 7) -> tuple[Edges, list[float]]:
    """Draw a connected multigraph with loops, parallel edges and edges without length."""
    n = draw(st.integers(1, 5))
    tree = [(draw(st.integers(0, k - 1)), k) for k in range(1, n)]
    node = st.integers(0, n - 1)
    more = draw(st.lists(st.tuples(node, node), max_size=max(0, most - len(tree))))
    edges = tree + more
    length = st.one_of(st.integers(0, 9).map(float), st.floats(0.01, 99.0))
    return edges, draw(st.lists(length, min_size=len(edges), max_size=len(edges)))


@settings(deadline=None, max_examples=80)
@given(towns())
def test_one_team_walks_the_shortest_way_there_is(town: tuple[Edges, list[float]]) -> None:
    edges, lengths = town
    found = sweep(edges, lengths)
    checked(found, edges, lengths)
    every = [True] * len(edges)
    assert found.lengths[0] == pytest.approx(
        shortest(edges, lengths, 0, every, [False] * len(edges)), rel=1e-5, abs=1e-5
    )
    assert found.bound == found.lengths[0] == found.single


@settings(deadline=None, max_examples=80)
@given(towns(), st.integers(1, 4), st.integers(0, 3), st.data())
def test_several_teams_cover_what_is_required(
    town: tuple[Edges, list[float]], teams: int, seed: int, data: st.DataObject
) -> None:
    edges, lengths = town
    flags = st.lists(st.booleans(), min_size=len(edges), max_size=len(edges))
    required = data.draw(flags)
    found = sweep(edges, lengths, teams=teams, required=np.array(required, bool), seed=seed)
    checked(found, edges, lengths, required=required)
    assert len(found.walks) == teams
    assert found.lengths.max() <= found.single * (1 + 1e-9)
    least = shortest(edges, lengths, 0, required, [False] * len(edges))
    assert found.single_bound <= least * (1 + 1e-6) + 1e-6


@settings(deadline=None, max_examples=60)
@given(towns(), st.integers(1, 3), st.data())
def test_one_ways_are_obeyed(
    town: tuple[Edges, list[float]], teams: int, data: st.DataObject
) -> None:
    edges, lengths = town
    flags = st.lists(st.booleans(), min_size=len(edges), max_size=len(edges))
    oneway, required = data.draw(flags), data.draw(flags)
    given_ = {"required": np.array(required, bool), "oneway": np.array(oneway, bool)}
    least = shortest(edges, lengths, 0, required, oneway)
    if least == float("inf"):
        with pytest.raises(ParameterError, match="cannot be walked from node 0"):
            sweep(edges, lengths, teams=teams, **given_)
        return
    found = sweep(edges, lengths, teams=teams, **given_)
    checked(found, edges, lengths, required=required, oneway=oneway)
    assert found.single_bound <= least * (1 + 1e-6) + 1e-6
    assert found.single >= least * (1 - 1e-6) - 1e-6


@settings(deadline=None, max_examples=40)
@given(towns())
def test_streets_that_all_are_one_way_are_walked_at_least_length(
    town: tuple[Edges, list[float]],
) -> None:
    edges, lengths = town
    both = edges + [(b, a) for a, b in edges]
    found = sweep(both, lengths * 2, oneway=np.ones(len(both), bool))
    assert found.single == pytest.approx(2 * sum(lengths))
    ring = [(0, 1), (1, 2), (2, 0), (0, 2)]
    # 0-2 is walked once more than 0-1-2 would need: 2-0 twice.
    assert sweep(ring, [1, 1, 5, 4], oneway=np.ones(4, bool)).single == 16


def test_as_many_ways_as_an_independent_matching_finds() -> None:
    rng = np.random.default_rng(5)
    net = nx.gnm_random_graph(60, 110, seed=5)
    net = net.subgraph(max(nx.connected_components(net), key=len))
    net = nx.convert_node_labels_to_integers(net)
    edges = np.array(net.edges)
    lengths = rng.uniform(10, 300, len(edges))
    graph = Graph(len(net), *np.ascontiguousarray(edges.T), lengths, np.zeros(len(edges), bool))
    odd = odd_nodes(graph, np.ones(len(edges), np.int64))
    net.add_weighted_edges_from((*edge, w) for edge, w in zip(edges.tolist(), lengths, strict=True))
    far = dict(nx.all_pairs_dijkstra_path_length(net))
    between = nx.Graph()
    nodes = np.flatnonzero(odd).tolist()
    between.add_weighted_edges_from((a, b, far[a][b]) for a, b in itertools.combinations(nodes, 2))
    least = sum(far[a][b] for a, b in nx.min_weight_matching(between))
    assert lengths[t_join(graph, odd)].sum() == pytest.approx(least, rel=1e-6)


def test_pieces_far_apart_are_tied_by_the_shortest_ways() -> None:
    """Two squares joined by a short and a long way: there and back over the short one."""
    square = [(0, 1), (1, 2), (2, 3), (3, 0)]
    edges = square + [(a + 4, b + 4) for a, b in square] + [(2, 4), (1, 5)]
    required = [True] * 8 + [False] * 2
    found = sweep(edges, [10.0] * 8 + [3.0, 50.0], required=required)
    assert found.lengths.tolist() == [86.0]
    checked(found, edges, [10.0] * 8 + [3.0, 50.0], required=required)


def test_a_base_away_from_the_streets_is_walked_from_and_to() -> None:
    found = sweep([(0, 1), (1, 2), (2, 1)], [7, 2, 3], required=[False, True, True], teams=2)
    assert found.single == found.single_bound == 19
    # One team has to come for the edge of length 3, and passes the other on its way back.
    assert sorted(found.lengths.tolist()) == [0, 19]
    assert found.bound == 19


def lattice(size: int, seed: int) -> tuple[Edges, list[float]]:
    net = nx.grid_2d_graph(size, size)
    rng = np.random.default_rng(seed)
    net.remove_edges_from([edge for edge in net.edges if rng.random() < 0.15])
    net = nx.convert_node_labels_to_integers(
        net.subgraph(max(nx.connected_components(net), key=len))
    )
    return list(net.edges), rng.uniform(30, 200, net.number_of_edges()).tolist()


@pytest.mark.parametrize("teams", [2, 4, 8])
def test_work_is_shared_evenly(teams: int) -> None:
    edges, lengths = lattice(20, 3)
    middle = len(edges) // 4
    found = sweep(edges, lengths, teams=teams, depot=edges[middle][0])
    checked(found, edges, lengths, depot=edges[middle][0])
    assert found.lengths.max() <= 1.08 * found.bound


def test_the_same_seed_gives_the_same_walks() -> None:
    edges, lengths = lattice(9, 1)
    one, two = (sweep(edges, lengths, teams=3, seed=7) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one.walks, two.walks, strict=True))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(0, 2**62 - 1))
def test_a_walk_drawn_at_random_takes_each_arc_once(nodes: list[int], seed: int) -> None:
    tail = np.array(nodes)
    head = np.roll(tail, -1)
    mixed = np.random.default_rng(seed).permutation(len(tail))
    tail, head = tail[mixed], head[mixed]
    order = any_euler(tail, head, 5, nodes[0], seed)
    assert sorted(order.tolist()) == list(range(len(nodes)))
    assert tail[order[0]] == head[order[-1]] == nodes[0]
    assert (head[order[:-1]] == tail[order[1:]]).all()


def test_walks_drawn_with_other_seeds_differ() -> None:
    tail, head = np.zeros(20, np.int64), np.zeros(20, np.int64)
    drawn = {tuple(any_euler(tail, head, 1, 0, seed).tolist()) for seed in range(20)}
    assert len(drawn) > 10


def test_ways_beyond_a_limit_are_none() -> None:
    line = Graph(4, np.arange(3), np.arange(1, 4), np.array([5.0, 7.0, 9.0]), np.zeros(3, bool))
    found = field_of(line, np.array([0]), limit=12.0)
    assert found.far.tolist() == [0.0, 5.0, 12.0, np.inf]


def test_nothing_to_walk() -> None:
    found = sweep([], [], teams=2, depot=3)
    assert [len(walk) for walk in found.walks] == [0, 0]
    assert found.bound == 0
    assert "2 walks, the longest 0" in found.summary()


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ParameterError, match=r"lengths must be .*oneway must be .*teams is 0"):
        sweep([(0, 1)], [-1.0], teams=0, oneway=[True, False])
    with pytest.raises(ParameterError, match=r"1 required edges .* node 0 .*: edges 1$"):
        sweep([(0, 1), (2, 3)], [1, 1])
