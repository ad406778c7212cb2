"""Pairs that need not be tried, because their unit can hold a node that is as good.

If every way from the source through a node to an exit passes a second node, then a unit that can
hold both need never hold the first: at the second it closes as much, and where somebody else holds
that one already, the unit is not wanted at the first either. So that pair is taken off the list.
"""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.solvers.cut_reduce import Puzzle, reduce

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

# How often to look again: what is taken off joins groups, and then others can go.
ROUNDS = 4
WORD = 64


def without_dominated(puzzle: Puzzle) -> Puzzle:
    """Return the puzzle without the pairs that others are as good as, and the smaller for it.

    A best plan of what is returned is a best plan of the puzzle, with as many units; its `original`
    nodes are those of the graph that the puzzle came from.
    """
    for _ in range(ROUNDS):
        keep = ~dominated(puzzle)
        if keep.all():
            break
        puzzle = with_pairs(puzzle, keep)
    return puzzle


def with_pairs(puzzle: Puzzle, keep: Flags) -> Puzzle:
    """Return the puzzle with some of its pairs only, (k,), and the smaller for it.

    Its `original` nodes are those of the graph that the puzzle came from; `lost` counts what
    nobody can close any more as well.
    """
    small = reduce(
        puzzle.tail, puzzle.head, puzzle.n_nodes, 0, np.flatnonzero(puzzle.to_close),
        puzzle.pairs[keep], np.empty(0, dtype=np.int64), puzzle.weight[puzzle.to_close],
    )  # fmt: skip
    original = np.append(puzzle.original, -1)[small.original]
    return replace(small, original=original, lost=puzzle.lost + small.lost)


def dominated(puzzle: Puzzle) -> Flags:
    """Return which pairs need not be tried, (k,).

    Examples
    --------
    On one road, unit 7 comes to node 1 and to node 2 in time, unit 8 to node 1 only:

    >>> pairs = np.array([[7, 1], [7, 2], [8, 1]])
    >>> road = np.arange(3), np.arange(1, 4)
    >>> small = reduce(*road, 4, 0, np.array([3]), pairs, np.empty(0, int), np.ones(1))
    >>> small.given(small.pairs[dominated(small)]).tolist()
    [[7, 1]]
    """
    n = puzzle.n_nodes
    doors = np.flatnonzero(puzzle.to_close)
    before = _above(puzzle.tail, puzzle.head, 0, np.zeros(n, dtype=bool))
    # Backwards, from one more node that stands for all exits.
    back = np.concatenate([puzzle.head, np.full(len(doors), n)])
    nobody = np.zeros(n + 1, dtype=bool)
    behind = _above(back, np.concatenate([puzzle.tail, doors]), n, nobody)
    units, unit = np.unique(puzzle.pairs[:, 0], return_inverse=True)
    # The units of each node as bits.
    masks = np.zeros((n, len(units) // WORD + 1), dtype=np.uint64)
    bit = np.left_shift(np.uint64(1), (unit % WORD).astype(np.uint64))
    cell = puzzle.pairs[:, 1], unit // WORD
    np.bitwise_or.at(masks, cell, bit)
    _take_off(before, behind, masks)
    return np.asarray(masks[cell] & bit == 0)


def closed_by_each(
    tail: Ints, head: Ints, n_nodes: int, source: int, closed: Ints, exits: Ints, weight: Floats
) -> Floats:
    """Return the weight of exits that each single node closes if it is held as well, (n,).

    Parameters
    ----------
    tail, head
        (a,) nodes of each arc.
    n_nodes
        Number of nodes.
    source
        Where the runner is.
    closed
        Nodes that are held already.
    exits, weight
        (e,) nodes that must not be reached, and what each weighs.

    Examples
    --------
    Node 1 is on the way to both exits, node 2 on the way to one:

    >>> arcs = np.array([0, 1, 1, 2]), np.array([1, 2, 3, 4])
    >>> closed_by_each(*arcs, 5, 0, np.empty(0, int), np.array([3, 4]), np.array([1.0, 5])).tolist()
    [6.0, 6.0, 5.0, 1.0, 5.0]
    """
    shut = np.zeros(n_nodes, dtype=bool)
    shut[closed] = True
    above = _above(tail, head, source, shut)
    sums = np.zeros(n_nodes)
    there = (above[exits] >= 0) | (exits == source)
    node, left = exits[there], weight[there]
    while len(node):
        np.add.at(sums, node, left)
        node = above[node]
        left, node = left[node >= 0], node[node >= 0]
    return sums


@njit(cache=True)
def by_end(end: Ints, n: int) -> tuple[Ints, Ints]:
    """Return where the arcs of each node begin, (n + 1,), and the arcs in that order, (a,)."""
    first = np.zeros(n + 1, dtype=np.int64)
    for node in end:
        first[node + 1] += 1
    for node in range(n):
        first[node + 1] += first[node]
    at = first.copy()
    order = np.empty(len(end), dtype=np.int64)
    for arc in range(len(end)):
        order[at[end[arc]]] = arc
        at[end[arc]] += 1
    return first, order


@njit(cache=True)
def dominators(
    out_first: Ints, out: Ints, in_first: Ints, into: Ints, root: int, shut: Flags
) -> tuple[Ints, Ints]:
    """Return the node next to each that every way from the root to it passes.

    Cooper, Harvey and Kennedy: "A simple, fast dominance algorithm", 2001.

    Parameters
    ----------
    out_first, out
        Where the arcs out of each node begin, and their heads.
    in_first, into
        Where the arcs into each node begin, and their tails.
    root
        Where all ways begin.
    shut
        (n,) nodes that no way enters.

    Returns
    -------
    tuple
        (n,) the node above each, -1 at the root and where no way leads; and the nodes that are
        reached, the root first, each behind the one above it.
    """
    n = len(out_first) - 1
    number = np.full(n, -1, dtype=np.int64)  # from the last one finished to the first
    order = np.empty(n, dtype=np.int64)
    stack, at = np.empty(n, dtype=np.int64), out_first.copy()
    seen = shut.copy()
    stack[0], seen[root], size, left = root, True, 1, n
    while size > 0:
        node = stack[size - 1]
        if at[node] < out_first[node + 1]:
            there = out[at[node]]
            at[node] += 1
            if not seen[there]:
                seen[there] = True
                stack[size] = there
                size += 1
        else:
            size -= 1
            left -= 1
            order[left], number[node] = node, left
    above = np.full(n, -1, dtype=np.int64)
    above[root] = root
    changed = True
    while changed:
        changed = False
        for place in range(left + 1, n):
            node, best = order[place], -1
            for k in range(in_first[node], in_first[node + 1]):
                other = into[k]
                if above[other] < 0:
                    continue
                if best < 0:
                    best = other
                    continue
                while best != other:
                    while number[other] > number[best]:
                        other = above[other]
                    while number[best] > number[other]:
                        best = above[best]
            if above[node] != best:
                above[node], changed = best, True
    above[root] = -1
    return above, order[left:]


def _above(tail: Ints, head: Ints, root: int, shut: Flags) -> Ints:
    """Return the node next to each that every way from a root past shut nodes passes, (n,)."""
    out_first, out = by_end(np.ascontiguousarray(tail), len(shut))
    in_first, into = by_end(np.ascontiguousarray(head), len(shut))
    above: Ints = dominators(out_first, head[out], in_first, tail[into], root, shut)[0]
    return above


@njit(cache=True)
def _take_off(before: Ints, behind: Ints, masks: Words) -> None:
    """Take units off the nodes that they need not hold, one node after another."""
    n, words = masks.shape
    for node in range(n):
        for side in range(2):
            above = behind if side == 0 else before
            other = above[node]
            while 0 <= other < n:
                for word in range(words):
                    masks[node, word] &= ~masks[other, word]
                other = above[other]
