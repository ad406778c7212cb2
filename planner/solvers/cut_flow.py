"""Smallest cuts by maximum flow, and the units that can man them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from planner.solvers.cut_network import CutNet, cheapest_cut, cut_net
from planner.solvers.cut_reduce import Puzzle

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Cuts of equal size are many: how often to ask for another one where units are wanting; the search
# that follows finds most of the rest.
ROUNDS = 4


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
    net = cut_net(puzzle, close_all=True)
    plain = smallest_cuts(puzzle, net=net)
    size = len(plain[0])
    if size > puzzle.n_units:
        return None, size
    shunned = np.zeros(puzzle.n_nodes, dtype=np.int64) if late is None else late
    # What is wanting weighs as much as the latest of all.
    heavy = 1 + int(shunned.max(initial=0))
    for turn in range(ROUNDS):
        cuts = smallest_cuts(puzzle, shunned, net=net) if shunned.any() else plain
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
    puzzle: Puzzle, shunned: Ints | None = None, *, net: CutNet | None = None
) -> list[Ints]:
    """Return two cuts of the least size that close every exit: near the source, near the exits.

    Parameters
    ----------
    puzzle
        The reduced graph.
    shunned
        (n,) how little a node is wanted; decides between cuts of one size, if that is no more than
        there are units.
    net
        Its network with all exits to be closed, if that is made already.

    Returns
    -------
    list of ndarray
        Two times (c,) reduced nodes, ascending; often the same.
    """
    net = cut_net(puzzle, close_all=True) if net is None else net
    extra = np.zeros(puzzle.n_nodes, dtype=np.int64) if shunned is None else shunned
    # A node counts so much that what is shunned only decides between cuts of one size, as long as
    # those have no more nodes than there are units.
    whole = 1 + int(extra.max(initial=0)) * (puzzle.n_units + 1)
    cut = cheapest_cut(net, whole + extra)
    return [cut.near, cut.far]
