"""How often each edge is walked so that one closed walk covers what is required: no one-ways.

Where the required edges and the start hang together, the shortest set of edges that makes every
number of ends even (T-join) gives the shortest walk there is. Where they do not, pieces are tied
together by a spanning tree of shortest ways, before or after the matching, and what is not needed
is taken away again; that is a heuristic.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from planner.solvers.postman_graph import (
    Field,
    Graph,
    field_of,
    odd_nodes,
    pieces_of,
    t_join,
    way_to,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Spanning trees tried, the shortest first, and by how much lengths are changed for the others.
TREES, NOISE = 9, 0.5
# Edges above which only the shortest tree is tried.
MANY = 2000


def cover(graph: Graph, depot: int, required: Flags, *, seed: int = 0, trees: int = TREES) -> Ints:
    """Return how often each edge is walked, (m,): every end even, all in one piece with the depot.

    Parameters
    ----------
    graph
        Edges that may be walked either way.
    depot
        Node where the walk begins and ends.
    required
        Edges to be walked at least once, (m,); all can be reached from the depot.
    seed
        Of the spanning trees that are tried.
    trees
        How many of them are tried before the matching; 0 = pieces are tied after it only, which
        is quick.

    Examples
    --------
    >>> path = Graph(3, np.array([0, 1]), np.array([1, 2]), np.array([5.0, 7.0]), np.zeros(2, bool))
    >>> cover(path, 0, np.array([False, True])).tolist()
    [2, 2]
    """
    once = required.astype(np.int64)
    if not required.any():
        return once
    matched = even(graph, once)
    piece = pieces_of(graph, matched > 0, depot)
    # In one piece it is the shortest: no closed walk has fewer copies.
    if piece.max() == 0:
        return matched
    plans = [matched + 2 * tie(graph, piece), *_tied_first(graph, depot, required, seed, trees)]
    plans = [needed(graph, depot, required, plan) for plan in plans]
    best = min(plans, key=lambda plan: total(graph, plan))
    if trees == 0 and len(required) > MANY:
        return best
    return _settled(graph, depot, required, best)


def even(graph: Graph, copies: Ints) -> Ints:
    """Return the copies with those added that make every number of ends even at least length."""
    return copies + t_join(graph, odd_nodes(graph, copies))


def total(graph: Graph, copies: Ints) -> float:
    """Return the length of all copies."""
    return float(graph.length @ copies)


def _tied_first(graph: Graph, depot: int, required: Flags, seed: int, trees: int) -> Iterator[Ints]:
    """Give ways of covering: tied by the shortest tree, then by others, each then matched."""
    piece, once = pieces_of(graph, required, depot), required.astype(np.int64)
    rng = np.random.default_rng(seed)
    for tree in range(min(trees, 1) if len(required) > MANY else trees):
        noise = rng.uniform(1 - NOISE, 1 + NOISE, len(graph.tail)) if tree else None
        yield even(graph, once + tie(graph, piece, noise))


def _settled(graph: Graph, depot: int, required: Flags, copies: Ints) -> Ints:
    """Return a plan matched anew with only the ways that tie its pieces, while that helps."""
    while True:
        link = required.astype(np.int64) + _links(graph, depot, required, copies)
        again = needed(graph, depot, required, even(graph, link))
        if total(graph, again) >= total(graph, copies) * (1 - 1e-12):
            return copies
        copies = again


def tie(graph: Graph, piece: Ints, noise: Floats | None = None) -> Flags:
    """Return the edges, (m,), of ways that tie all pieces together: a shortest spanning tree.

    Parameters
    ----------
    graph
        Edges; directions do not count.
    piece
        The piece of each node, (n,); -1 = none.
    noise
        Factors on the edges' lengths when the tree is chosen, (m,).
    """
    both = graph.either_way()
    if noise is not None:
        both = Graph(graph.n, graph.tail, graph.head, graph.length * noise, both.oneway)
    seeds = np.flatnonzero(piece >= 0)
    near = field_of(both, seeds)
    tied = np.zeros(len(graph.tail), bool)
    # Without a way to a piece, owner[-1] is asked for and thrown away with its infinite length.
    owner = piece[seeds][near.seed]
    between = near.far[graph.tail] + both.length + near.far[graph.head]
    apart = (owner[graph.tail] != owner[graph.head]) & np.isfinite(between)
    edges = np.flatnonzero(apart)
    forest = list(range(int(piece.max()) + 1))
    for edge in edges[np.argsort(between[edges], kind="stable")].tolist():
        if _join(forest, int(owner[graph.tail[edge]]), int(owner[graph.head[edge]])):
            tied[[edge, *_ways_from(both, near, edge)]] = True
    return tied


def _ways_from(graph: Graph, near: Field, edge: int) -> list[int]:
    """Return the edges from both ends of an edge to the pieces nearest to them."""
    ends = int(graph.tail[edge]), int(graph.head[edge])
    return [arc >> 1 for end in ends for arc in way_to(graph, near, end)]


def needed(graph: Graph, depot: int, required: Flags, copies: Ints) -> Ints:
    """Return the copies without pairs that neither cover nor tie anything."""
    least = required.astype(np.int64)
    least += (copies - least) % 2
    spare = (copies > 0) & (least == 0)
    tied = spanning(graph, depot, least > 0, spare)
    plan = least + 2 * tied
    # Ways round of no length hang together with nothing.
    piece = pieces_of(graph, plan > 0, depot)
    return np.where(piece[graph.tail] == piece[depot], plan, 0)


def _links(graph: Graph, depot: int, required: Flags, copies: Ints) -> Flags:
    """Return the edges of a plan that tie its required pieces, the shortest that do."""
    return spanning(graph, depot, required, (copies > 0) & ~required)


def spanning(graph: Graph, depot: int, kept: Flags, spare: Flags) -> Flags:
    """Return the spare edges, (m,), the shortest first, that tie what is kept; no dead ends."""
    piece = pieces_of(graph, kept | spare, depot)
    held = pieces_of(graph, kept, depot)
    label = np.where(held >= 0, held, held.max() + 1 + np.arange(graph.n))
    forest = list(range(int(label.max()) + 1))
    chosen = np.zeros(len(graph.tail), bool)
    spares = np.flatnonzero(spare & (piece[graph.tail] == piece[depot]))
    for edge in spares[np.argsort(graph.length[spares], kind="stable")].tolist():
        chosen[edge] = _join(forest, int(label[graph.tail[edge]]), int(label[graph.head[edge]]))
    return _without_dead_ends(graph, chosen, label, held >= 0)


def _without_dead_ends(graph: Graph, chosen: Flags, label: Ints, held: Flags) -> Flags:
    """Return the edges of a forest without the branches that lead to nothing that is held."""
    fixed = np.zeros(int(label.max()) + 1, bool)
    fixed[label[held]] = True
    ends = label[graph.tail], label[graph.head]
    while True:
        count = np.bincount(ends[0][chosen], minlength=len(fixed))
        count += np.bincount(ends[1][chosen], minlength=len(fixed))
        loose = (count == 1) & ~fixed
        dead = chosen & (loose[ends[0]] | loose[ends[1]])
        if not dead.any():
            return chosen
        chosen = chosen & ~dead


def _join(forest: list[int], one: int, two: int) -> bool:
    """Join two sets; return whether they were two."""
    one, two = _root(forest, one), _root(forest, two)
    forest[max(one, two)] = min(one, two)
    return one != two


def _root(forest: list[int], at: int) -> int:
    while forest[at] != at:
        forest[at] = forest[forest[at]]
        at = forest[at]
    return at
