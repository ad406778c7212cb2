from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString

from gis.noding import node_lines

places = st.tuples(st.integers(0, 4), st.integers(0, 3))
drawings = st.lists(st.lists(places, min_size=2, max_size=7), min_size=1, max_size=8)


def pieces(drawn: list[list[tuple[int, int]]]) -> Counter[tuple[tuple[int, int], ...]]:
    """Return the edges, vertex by vertex: the slow, obvious reference."""
    lines = []
    for line in drawn:
        steps = [line[0], *(b for a, b in pairwise(line) if a != b)]
        if len(steps) > 1:
            lines.append(steps)
    uses = Counter(place for line in lines for place in line)
    junctions = {place for place, count in uses.items() if count > 1}
    junctions |= {line[k] for line in lines for k in (0, -1)}
    found: Counter[tuple[tuple[int, int], ...]] = Counter()
    for line in lines:
        piece = [line[0]]
        for place in line[1:]:
            piece.append(place)
            if place in junctions:
                found[tuple(piece)] += 1
                piece = [place]
    return found


@given(drawings)
def test_edges_equal_a_walk_along_each_line(drawn: list[list[tuple[int, int]]]) -> None:
    noded = node_lines(np.array([LineString(line) for line in drawn]), tolerance_m=0)
    got = Counter(tuple((int(x), int(y)) for x, y in line.coords) for line in noded.geometry)
    assert got == pieces(drawn)
    for edge, line in enumerate(noded.geometry):
        ends = shapely.get_coordinates(line)[[0, -1]]
        assert (noded.xy[[noded.tail[edge], noded.head[edge]]] == ends).all()
    assert len(np.unique(noded.xy, axis=0)) == len(noded.xy)


def dense(line: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a line with a vertex at every place of the lattice it passes."""
    steps = [line[0]]
    for (x, y), (u, v) in pairwise(line):
        count = max(math.gcd(u - x, v - y), 1)
        steps += [(x + (u - x) * k // count, y + (v - y) * k // count) for k in range(1, count + 1)]
    return steps


@given(drawings.map(lambda drawn: [dense(line) for line in drawn]), st.integers(0, 2**32 - 1))
def test_loose_ends_find_back_what_small_gaps_tore_apart(
    drawn: list[list[tuple[int, int]]], seed: int
) -> None:
    whole = node_lines(np.array([LineString(3 * np.array(line)) for line in drawn]), tolerance_m=0)
    gap = np.random.default_rng(seed).uniform(-0.1, 0.1, (len(whole.geometry), 2, 2))
    torn = []
    for line, shift in zip(whole.geometry, gap, strict=True):
        coords = shapely.get_coordinates(line)
        coords[[0, -1]] += shift
        torn.append(LineString(coords))
    before = Counter(zip(whole.tail, whole.head, strict=True))
    after = node_lines(np.array(torn), tolerance_m=0.3)
    # Every pair of ends that was one place is at most 0.29 apart: the same network comes back,
    # unless one line alone begins and ends there. Other lines are 3/5 m away or more.
    if all(a != b for a, b in before):
        assert len(after.xy) == len(whole.xy)
        assert sorted(np.bincount(np.r_[after.tail, after.head])) == sorted(
            np.bincount(np.r_[whole.tail, whole.head])
        )


def test_breaks_cut_at_vertices_and_between_them() -> None:
    line = np.array([LineString([(0, 0), (4, 0), (10, 0)])])
    breaks = np.array([(4.0, 0.0), (7.0, 0.2), (7.0, 3.0)])
    noded = node_lines(line, breaks=breaks, tolerance_m=0.5)
    assert shapely.length(noded.geometry).tolist() == [4.0, 3.0, 3.0]
    assert noded.xy[noded.break_node[:2]].tolist() == [[4.0, 0.0], [7.0, 0.0]]
    assert noded.break_node[2] == -1


def test_nothing_gives_nothing() -> None:
    noded = node_lines(np.empty(0, dtype=object), breaks=np.zeros((1, 2)))
    assert (len(noded.xy), len(noded.tail), noded.break_node.tolist()) == (0, 0, [-1])


def test_nodes_are_numbered_by_strips_from_south_to_north() -> None:
    ends = [[(0, 900), (900, 905)], [(800, 10), (900, 905)], [(10, 20), (800, 10)]]
    noded = node_lines(np.array([LineString(line) for line in ends], dtype=object))
    assert noded.xy.tolist() == [[10, 20], [800, 10], [0, 900], [900, 905]]
    assert list(zip(noded.tail.tolist(), noded.head.tolist(), strict=True)) == [
        (2, 3),
        (1, 3),
        (0, 1),
    ]
