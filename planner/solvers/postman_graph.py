"""The graph of a sweep: edges as arcs, shortest ways, pieces, and the matching of odd nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from pymatching import Matching
from scipy.sparse import coo_array, csc_array
from scipy.sparse.csgraph import connected_components

from gis.travel_kernels import search

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Where the arcs of each node begin, (n + 1,), their numbers, other ends and lengths, (a,).
Arcs = tuple[Ints, Ints, Ints, Floats]

# Largest weight of the matching, which counts in whole numbers.
LARGEST = 2**24 - 1


@dataclass(frozen=True, eq=False)
class Graph:
    """Edges of a sweep; edge e is arc 2 e along and arc 2 e + 1 backwards.

    Parameters
    ----------
    n
        Number of nodes.
    tail, head
        Nodes of each edge, (m,).
    length
        Length of each edge, 0 or more, (m,).
    oneway
        Which edges may be walked along only, (m,).
    """

    n: int
    tail: Ints = field(repr=False)
    head: Ints = field(repr=False)
    length: Floats = field(repr=False)
    oneway: Flags = field(repr=False)

    @cached_property
    def arc_ends(self) -> tuple[Ints, Ints]:
        """Return tail and head of each arc, (2 m,) each."""
        ends = np.column_stack([self.tail, self.head])
        return ends.ravel(), ends[:, ::-1].ravel()

    @cached_property
    def arc_open(self) -> Flags:
        """Return which arcs may be walked, (2 m,)."""
        return np.column_stack([np.ones(len(self.tail), np.bool_), ~self.oneway]).ravel()

    @cached_property
    def arcs_out(self) -> Arcs:
        """Return the arcs that may be walked by the node they leave."""
        return self._arcs(*self.arc_ends)

    @cached_property
    def arcs_in(self) -> Arcs:
        """Return the arcs that may be walked by the node they enter."""
        return self._arcs(*self.arc_ends[::-1])

    def _arcs(self, near: Ints, far: Ints) -> Arcs:
        arc = np.flatnonzero(self.arc_open)
        arc = arc[np.argsort(near[arc], kind="stable")]
        indptr = np.searchsorted(near[arc], np.arange(self.n + 1)).astype(np.int64)
        return indptr, arc.astype(np.int64), far[arc], self.length[arc >> 1]

    def part(self, edges: Ints) -> Graph:
        """Return only some edges, in their order; nodes keep their numbers."""
        ends = self.tail[edges], self.head[edges]
        return Graph(self.n, *ends, self.length[edges], self.oneway[edges])

    def either_way(self) -> Graph:
        """Return the same edges without one-ways."""
        return Graph(self.n, self.tail, self.head, self.length, np.zeros_like(self.oneway))


@dataclass(frozen=True, eq=False)
class Field:
    """The shortest ways from some nodes to all, or from all to some; `field_of` makes it.

    Parameters
    ----------
    far
        Length of the way, (n,); inf without one.
    via
        Arc on which the way reaches the node or, backwards, leaves it, (n,); -1 at a seed.
    seed
        Which of the seeds it is, (n,); -1 without a way.
    """

    far: Floats
    via: Ints
    seed: Ints


def field_of(graph: Graph, seeds: Ints, *, reverse: bool = False, limit: float = np.inf) -> Field:
    """Return the shortest ways from the seeds to every node, or with `reverse` to the seeds.

    Ways longer than `limit` are none.

    Examples
    --------
    >>> line = Graph(3, np.array([0, 1]), np.array([1, 2]), np.array([5.0, 7.0]), np.zeros(2, bool))
    >>> field_of(line, np.array([0])).far.tolist()
    [0.0, 5.0, 12.0]
    """
    indptr, arc, enter, length = graph.arcs_in if reverse else graph.arcs_out
    n, room = graph.n, len(arc) + len(seeds)
    far = np.full(n, np.inf)
    via, seed = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    search(
        indptr, enter, length, seeds, np.zeros(len(seeds)), limit,
        np.zeros(n, np.bool_), -1,
        far, via, seed, np.empty(n, np.int64), np.empty(room), np.empty(room, np.int64),
    )  # fmt: skip
    there = via >= 0
    via[there] = arc[via[there]]
    return Field(far, via, seed)


def way_to(graph: Graph, field: Field, node: int, *, reverse: bool = False) -> list[int]:
    """Return the arcs of the way of a field to a node or, with `reverse`, from it, as walked."""
    leave, enter = graph.arc_ends
    arcs: list[int] = []
    while field.via[node] >= 0:
        arcs.append(int(field.via[node]))
        node = int((enter if reverse else leave)[arcs[-1]])
    return arcs if reverse else arcs[::-1]


def pieces_of(graph: Graph, walked: Flags, *more: int) -> Ints:
    """Return the piece of each node, (n,), over some edges; -1 where none of them ends.

    Nodes in `more` are in a piece, if only of their own.
    """
    tail, head = graph.tail[walked], graph.head[walked]
    links = coo_array((np.ones(len(tail), bool), (tail, head)), shape=(graph.n, graph.n))
    label = connected_components(links, directed=False)[1].astype(np.int64)
    there = np.zeros(graph.n, bool)
    there[tail] = there[head] = True
    there[list(more)] = True
    piece = np.full(graph.n, -1, np.int64)
    piece[there] = np.unique(label[there], return_inverse=True)[1]
    return piece


def odd_nodes(graph: Graph, copies: Ints) -> Flags:
    """Return which nodes have an odd number of ends of edges, each counted `copies` times, (n,)."""
    ends = np.bincount(graph.tail, copies, graph.n) + np.bincount(graph.head, copies, graph.n)
    return np.asarray(ends.astype(np.int64) % 2 == 1)


def t_join(graph: Graph, odd: Flags) -> Flags:
    """Return the shortest set of edges that has an odd number of ends at just the odd nodes, (m,).

    Directions do not count. Each piece of the graph must have an even number of odd nodes.
    Lengths that are whole numbers up to `LARGEST` are taken as they are; others are rounded to
    the longest's part in some 8 to 16 million.

    Examples
    --------
    >>> ends = np.array([0, 1, 2]), np.array([1, 2, 0])
    >>> ring = Graph(3, *ends, np.array([1.0, 1, 5]), np.zeros(3, bool))
    >>> t_join(ring, np.array([True, False, True])).tolist()
    [True, True, False]
    """
    chosen = np.zeros(len(graph.tail), bool)
    if not odd.any():
        return chosen
    low, high = np.minimum(graph.tail, graph.head), np.maximum(graph.tail, graph.head)
    order = np.lexsort((graph.length, high, low))
    order = order[low[order] != high[order]]
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    edge = order[first]
    used = np.unique(np.concatenate([low[edge], high[edge]]))
    ends = np.searchsorted(used, np.concatenate([low[edge], high[edge]]))
    column = np.tile(np.arange(len(edge)), 2)
    shape = (len(used), len(edge))
    table = csc_array((np.ones(len(ends), np.uint8), (ends, column)), shape=shape)
    matching = Matching.from_check_matrix(table, weights=whole(graph.length[edge]))
    picked = matching.decode(odd[used].astype(np.uint8))
    chosen[edge[np.flatnonzero(picked)]] = True
    return chosen


def whole(lengths: Floats) -> Floats:
    """Return lengths as whole numbers up to `LARGEST`, unchanged where they are that already.

    Examples
    --------
    >>> whole(np.array([3.0, 20.0])).tolist(), whole(np.array([0.5, 4.0])).tolist()
    ([3.0, 20.0], [1048576.0, 8388608.0])
    """
    longest = float(lengths.max(initial=0.0))
    if longest == 0 or (longest <= LARGEST and (lengths == np.round(lengths)).all()):
        return lengths
    scale = 2.0 ** np.floor(np.log2(LARGEST / longest))
    return np.asarray(np.round(lengths * scale))
