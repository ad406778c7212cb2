"""Cheapest cuts of a reduced graph at given prices of its nodes, by maximum flow.

Each node that can be held is an arc from where one comes in to where one goes out; its price is
what the arc can carry. Dinitz: "Algorithm for solution of a problem of maximum flow", 1970.
"""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.solvers.cut_reduce import Puzzle

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# A price that no cut pays.
ENDLESS = 2**40
# Weights and prices in so many steps, so that flows are whole numbers.
STEPS = 4096


@dataclass(frozen=True, eq=False)
class CutNet:
    """A graph ready for many cuts; arc 2i and arc 2i + 1 are each other's way back.

    Parameters
    ----------
    first, arcs
        Where the arcs of each end begin, and those arcs.
    to
        Where each leads.
    room
        What each carries, in steps of a weight; those of the nodes are filled in cut by cut.
    node
        (h,) reduced nodes that can be held.
    out
        (n,) where one leaves each reduced node.
    priced
        (h,) their arcs.
    """

    first: Ints = field(repr=False)
    arcs: Ints = field(repr=False)
    to: Ints = field(repr=False)
    room: Ints = field(repr=False)
    node: Ints = field(repr=False)
    out: Ints = field(repr=False)
    priced: Ints = field(repr=False)


@dataclass(frozen=True, eq=False)
class Cut:
    """A cheapest cut.

    Parameters
    ----------
    cost
        What its nodes cost together with the exits it leaves open, in steps.
    near, far
        (c,) its reduced nodes, ascending: the cut next to the source, and the one next to the
        exits; often the same.
    through
        (h,) what flows through each node that can be held.
    """

    cost: int
    near: Ints
    far: Ints
    through: Ints = field(repr=False)


def cut_net(puzzle: Puzzle, *, close_all: bool = False) -> CutNet:
    """Return the network of a reduced graph.

    Parameters
    ----------
    puzzle
        The reduced graph.
    close_all
        Whether no exit may stay open, whatever it weighs.
    """
    n = puzzle.n_nodes
    can_hold, doors = puzzle.original >= 0, np.flatnonzero(puzzle.to_close)
    node, out = np.flatnonzero(can_hold), np.where(can_hold, np.arange(n) + n, np.arange(n))
    begin = np.concatenate([out[puzzle.tail], node, out[doors]])
    end = np.concatenate([puzzle.head, out[node], np.full(len(doors), 2 * n)])
    room = np.zeros(2 * len(begin), dtype=np.int64)
    room[: 2 * len(puzzle.tail) : 2] = ENDLESS
    # Rounded down, so that what is counted as open is never more than it is.
    weight = np.floor(puzzle.weight[doors] * STEPS).astype(np.int64)
    room[2 * (len(puzzle.tail) + len(node)) :: 2] = ENDLESS if close_all else weight
    ends = np.column_stack([begin, end]).ravel()
    first = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=2 * n + 1))])
    return CutNet(
        first=first.astype(np.int64),
        arcs=np.argsort(ends, kind="stable"),
        to=np.column_stack([end, begin]).ravel(),
        room=room,
        node=node,
        out=out,
        priced=2 * (len(puzzle.tail) + np.arange(len(node))),
    )


def cheapest_cut(net: CutNet, price: Ints) -> Cut:
    """Return the cut whose nodes and open exits cost least.

    Parameters
    ----------
    net
        The network.
    price
        (n,) what each node costs in steps of a weight; 0 = it is held already, `ENDLESS` = nobody
        holds it.
    """
    room = net.room.copy()
    room[net.priced] = price[net.node]
    n_ends = len(net.first) - 1
    cost = int(_push(net.first, net.arcs, net.to, room, n_ends - 1))
    near = _around(net.first, net.arcs, net.to, room, 0, 0)
    far = _around(net.first, net.arcs, net.to, room, n_ends - 1, 1)
    node, out = net.node, net.out[net.node]
    return Cut(
        cost, node[near[node] & ~near[out]], node[~far[node] & far[out]], room[net.priced + 1]
    )


@njit(cache=True)
def _push(first: Ints, arcs: Ints, to: Ints, room: Ints, sink: int) -> int:
    """Send the most from end 0 to the last one; what is left of the rooms stays in `room`."""
    n = len(first) - 1
    level, at = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    queue, way = np.empty(n, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    total = 0
    while True:
        for node in range(n):
            level[node], at[node] = -1, first[node]
        level[sink], queue[0] = 0, sink
        size, turn = 1, 0
        while turn < size and level[0] < 0:
            node = queue[turn]
            turn += 1
            for k in range(first[node], first[node + 1]):
                arc = arcs[k]
                if level[to[arc]] < 0 and room[arc ^ 1] > 0:
                    level[to[arc]] = level[node] + 1
                    queue[size] = to[arc]
                    size += 1
        if level[0] < 0:
            return total
        node, depth = 0, 0
        while True:
            if node == sink:
                least, full = room[way[0]], 0
                for k in range(1, depth):
                    least = min(least, room[way[k]])
                for k in range(depth - 1, -1, -1):
                    room[way[k]] -= least
                    room[way[k] ^ 1] += least
                    if room[way[k]] == 0:
                        full = k
                total += least
                depth = full
                node = to[way[depth] ^ 1]
            elif at[node] < first[node + 1]:
                arc = arcs[at[node]]
                if room[arc] > 0 and level[to[arc]] == level[node] - 1:
                    way[depth] = arc
                    depth += 1
                    node = to[arc]
                else:
                    at[node] += 1
            elif depth == 0:
                break
            else:
                depth -= 1
                node = to[way[depth] ^ 1]
                at[node] += 1


@njit(cache=True)
def _around(first: Ints, arcs: Ints, to: Ints, room: Ints, begin: int, back: int) -> Flags:
    """Return what can be reached from an end where there is room; backwards if `back` is 1."""
    there = np.zeros(len(first) - 1, dtype=np.bool_)
    queue = np.empty(len(first) - 1, dtype=np.int64)
    there[begin], queue[0] = True, begin
    size, turn = 1, 0
    while turn < size:
        node = queue[turn]
        turn += 1
        for k in range(first[node], first[node + 1]):
            arc = arcs[k]
            if room[arc ^ back] > 0 and not there[to[arc]]:
                there[to[arc]] = True
                queue[size] = to[arc]
                size += 1
    return there
