"""Smallest cuts by maximum flow, and the units that can man them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_bipartite_matching, maximum_flow

from planner.solvers.cut_reduce import Puzzle

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Cuts of equal size are many: how often to ask for another one where units are wanting.
ROUNDS = 12
# A capacity that no cut of single nodes reaches.
ENDLESS = 2**30
# A price in these many steps, so that flows are whole numbers.
PRICE_STEPS = 1000


def smallest_manned_cut(puzzle: Puzzle, late: Ints | None = None) -> tuple[Ints | None, int]:
    """Return a smallest cut with units to man it, and the size of a smallest cut.

    Smallest cuts are tried in turn: the one next to the source, the one next to the exits, and
    others that shun the nodes for which units were wanting.

    Parameters
    ----------
    puzzle
        A reduced graph in which every exit can be closed.
    late
        (n,) whole numbers: of two cuts of one size the one with less of them comes first.

    Returns
    -------
    tuple
        (j, 2) unit and reduced node, or None where no cut tried could be manned; and the least
        number of nodes that closes every exit.
    """
    plain = smallest_cuts(puzzle)
    size = len(plain[0])
    if size > puzzle.n_units:
        return None, size
    shunned = np.zeros(puzzle.n_nodes, dtype=np.int64) if late is None else late
    # What is wanting weighs as much as the latest of all.
    heavy = 1 + int(shunned.max(initial=0))
    for turn in range(ROUNDS):
        cuts = smallest_cuts(puzzle, shunned) if shunned.any() else plain
        wanting = np.zeros(puzzle.n_nodes, dtype=np.int64)
        for cut in cuts:
            pairs, short = man(puzzle.pairs, cut)
            if not len(short):
                return pairs, size
            wanting[short] += 1
        if turn == 0:
            wanting += _scarcity(puzzle)
        shunned = shunned + heavy * wanting
    return None, size


def man(pairs: Ints, nodes: Ints) -> tuple[Ints, Ints]:
    """Return units for as many of the nodes as possible, and the nodes that compete in vain.

    Parameters
    ----------
    pairs
        (k, 2) unit and node: who can hold what.
    nodes
        (c,) nodes to hold, each once, ascending.

    Returns
    -------
    tuple
        (j, 2) unit and node; and the nodes of which at least one must go without, by Hall's
        theorem: together they have fewer units than they are. Empty where all have one.

    Examples
    --------
    >>> pairs, short = man(np.array([[5, 1], [5, 2], [6, 3]]), np.array([1, 2, 3]))
    >>> pairs[:, 0].tolist(), short.tolist()
    ([5, 6], [1, 2])
    """
    mine = pairs[np.isin(pairs[:, 1], nodes)]
    if not len(mine):
        return np.empty((0, 2), dtype=np.int64), nodes
    units, unit = np.unique(mine[:, 0], return_inverse=True)
    row = np.searchsorted(nodes, mine[:, 1])
    table = csr_array(
        (np.ones(len(mine), dtype=np.int8), (row, unit)), shape=(len(nodes), len(units))
    )
    partner = maximum_bipartite_matching(table, perm_type="column").astype(np.int64)
    has = partner >= 0
    found = np.column_stack([units[partner[has]], nodes[has]])
    short: Ints = nodes[_in_vain(row, unit, partner)]
    return found, short


def _in_vain(row: Ints, unit: Ints, partner: Ints) -> Flags:
    """Return the rows that an alternating path joins to one without a partner, (c,)."""
    seen = partner < 0
    holder = np.full(int(unit.max()) + 1, -1)
    holder[partner[partner >= 0]] = np.flatnonzero(partner >= 0)
    while True:
        asked = holder[unit[seen[row]]]
        grown = seen.copy()
        grown[asked[asked >= 0]] = True
        if np.array_equal(grown, seen):
            return np.asarray(seen)
        seen = grown


def _scarcity(puzzle: Puzzle) -> Ints:
    """Return 1 for nodes that a single unit reaches, 0 for others, (n,)."""
    units = np.bincount(puzzle.pairs[:, 1], minlength=puzzle.n_nodes)
    return np.where(units == 1, 1, 0)


def smallest_cuts(
    puzzle: Puzzle, shunned: Ints | None = None, *, price: float | None = None
) -> list[Ints]:
    """Return two cuts of the least size: next to the source, and next to the exits.

    Parameters
    ----------
    puzzle
        The reduced graph.
    shunned
        (n,) how little a node is wanted; decides between cuts of one size, if that is no more than
        there are units.
    price
        What holding a node costs in weight of exits: an exit may then stay open for its weight.
        Without it every exit is closed.

    Returns
    -------
    list of ndarray
        Two times (c,) reduced nodes, ascending; often the same.
    """
    n = puzzle.n_nodes
    held, doors = puzzle.original >= 0, np.flatnonzero(puzzle.to_close)
    capacity, of_door = _capacities(puzzle, shunned, price)
    out = np.where(held, np.arange(n) + n, np.arange(n))
    sink, node = 2 * n, np.flatnonzero(held)
    start = np.concatenate([out[puzzle.tail], node, out[doors]])
    end = np.concatenate([puzzle.head, out[node], np.full(len(doors), sink)])
    most = np.concatenate([np.full(len(puzzle.tail), ENDLESS), capacity[node], of_door])
    links = csr_array((most.astype(np.int32), (start, end)), shape=(sink + 1, sink + 1))
    left = csr_array(links - maximum_flow(links, 0, sink).flow)
    left.eliminate_zeros()
    near, far = _around(left, 0), _around(csr_array(left.T), sink)
    return [node[near[node] & ~near[out[node]]], node[~far[node] & far[out[node]]]]


def _capacities(puzzle: Puzzle, shunned: Ints | None, price: float | None) -> tuple[Ints, Ints]:
    """Return what holding each node and leaving each exit open costs, in whole numbers."""
    weight = puzzle.weight[puzzle.to_close]
    if price is not None:
        step = max(price, float(weight.max())) / PRICE_STEPS
        at_least = max(1, round(price / step))
        return np.full(puzzle.n_nodes, at_least), np.maximum(1, np.rint(weight / step)).astype(int)
    extra = np.zeros(puzzle.n_nodes, dtype=np.int64) if shunned is None else shunned
    # A node counts so much that what is shunned only decides between cuts of one size, as long as
    # those have no more nodes than there are units.
    whole = 1 + int(extra.max(initial=0)) * (puzzle.n_units + 1)
    return whole + extra, np.full(len(weight), ENDLESS)


def _around(links: csr_array, node: int) -> Flags:
    there = np.zeros(links.shape[0], dtype=bool)
    there[breadth_first_order(links, node, return_predecessors=False)] = True
    return there
