"""A smaller graph with the same answer: only what lies between the source and the exits.

Nodes that nobody can hold are reached together with those they hang together with, so each such
group becomes one node; what the source reaches past all that can be held becomes the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from planner.solvers.cut_reach import reached

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Puzzle:
    """The reduced graph.

    Parameters
    ----------
    tail, head
        (a,) nodes of each arc; none enters the source, 0, none is a loop, none occurs twice.
    n_nodes
        Number of nodes, the source included.
    original
        (n,) node of the given graph that can be held, or -1 for a group that nobody holds.
    weight
        (n,) weight of the exits in each node.
    pairs
        (k, 2) unit and reduced node.
    lost
        Weight of the exits that are reached whatever is held.
    """

    tail: Ints = field(repr=False)
    head: Ints = field(repr=False)
    n_nodes: int
    original: Ints = field(repr=False)
    weight: Floats = field(repr=False)
    pairs: Ints = field(repr=False)
    lost: float

    @property
    def to_close(self) -> Flags:
        """Nodes that hold exits which can be closed, (n,)."""
        return self.weight > 0

    @property
    def n_units(self) -> int:
        """How many units can hold something here."""
        return len(np.unique(self.pairs[:, 0]))

    def given(self, pairs: Ints) -> Ints:
        """Return pairs of unit and reduced node with the nodes of the given graph."""
        return np.column_stack([pairs[:, 0], self.original[pairs[:, 1]]])


def reduce(
    tail: Ints,
    head: Ints,
    n_nodes: int,
    source: int,
    exits: Ints,
    pairs: Ints,
    held: Ints,
    weight: Floats,
) -> Puzzle:
    """Return the reduced graph of a problem as `planner.solvers.cut.seal` takes it.

    Examples
    --------
    >>> path = np.arange(4), np.arange(1, 5)
    >>> one = np.array([[9, 2]])
    >>> small = reduce(*path, 5, 0, np.array([4]), one, np.array([], int), np.ones(1))
    >>> small.n_nodes, small.original.tolist(), small.weight.tolist()
    (4, [-1, 2, -1, -1], [0.0, 0.0, 1.0, 0.0])
    """
    of_node = np.zeros(n_nodes)
    of_node[exits] = weight
    there = reached(tail, head, n_nodes, source, held)
    there[held] = False
    can_hold = np.zeros(n_nodes, dtype=bool)
    can_hold[pairs[:, 1]] = True
    can_hold &= there
    can_hold[source] = False
    lost = reached(tail, head, n_nodes, source, np.append(held, np.flatnonzero(can_hold)))
    between = there & (_leading(tail, head, n_nodes, exits[~lost[exits]], there) | lost)
    inside = between[tail] & between[head] & ~lost[head] & (tail != head)
    group, original = _groups(tail[inside], head[inside], between, lost, can_hold)
    ends = np.column_stack([group[tail[inside]], group[head[inside]]])
    ends = unique_pairs(ends, len(original))
    ends = ends[ends[:, 0] != ends[:, 1]]
    sums = np.zeros(len(original))
    open_to_choice = between & ~lost
    np.add.at(sums, group[open_to_choice], of_node[open_to_choice])
    mine = pairs[can_hold[pairs[:, 1]] & between[pairs[:, 1]]]
    return Puzzle(
        tail=ends[:, 0],
        head=ends[:, 1],
        n_nodes=len(original),
        original=original,
        weight=sums,
        pairs=np.column_stack([mine[:, 0], group[mine[:, 1]]]),
        lost=float(of_node[lost].sum()),
    )


def unique_pairs(pairs: Ints, size: int) -> Ints:
    """Return each pair once, ascending, (k, 2); the second numbers are below a size.

    Examples
    --------
    >>> unique_pairs(np.array([[7, 1], [-1, 2], [7, 1]]), 3).tolist()
    [[-1, 2], [7, 1]]
    """
    return np.column_stack(np.divmod(np.unique(pairs[:, 0] * size + pairs[:, 1]), size))


def _leading(tail: Ints, head: Ints, n_nodes: int, exits: Ints, there: Flags) -> Flags:
    """Return the nodes from which an exit can be reached, (n,)."""
    # One more node stands for all exits, and every arc is taken backwards.
    back_tail = np.concatenate([head, np.full(len(exits), n_nodes)])
    back_head = np.concatenate([tail, exits])
    shut = np.flatnonzero(~there)
    return reached(back_tail, back_head, n_nodes + 1, n_nodes, shut)[:n_nodes]


def _groups(
    tail: Ints, head: Ints, between: Flags, lost: Flags, can_hold: Flags
) -> tuple[Ints, Ints]:
    """Return the reduced node of each node (-1 = left out), and what each stands for."""
    n = len(between)
    firm = ~can_hold[tail] & ~can_hold[head] & ~lost[tail]
    links = csr_array((np.ones(int(firm.sum()), np.int8), (tail[firm], head[firm])), shape=(n, n))
    _, piece = connected_components(links, directed=True, connection="strong")
    piece = np.where(lost, -1, piece)
    group = np.full(n, -1, dtype=np.int64)
    _, group[between] = np.unique(piece[between], return_inverse=True)
    original = np.full(int(group.max()) + 1, -1, dtype=np.int64)
    single = np.flatnonzero(between & can_hold)
    original[group[single]] = single
    return group, original
