"""What can be reached in a graph of arcs."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def reached(tail: Ints, head: Ints, n_nodes: int, source: int, closed: Ints) -> Flags:
    """Return which nodes can be reached from a source past closed ones, (n,).

    Parameters
    ----------
    tail, head
        (a,) nodes of each arc.
    n_nodes
        Number of nodes.
    source
        Reached itself, closed or not.
    closed
        Nodes that cannot be entered.

    Examples
    --------
    >>> reached(np.array([0, 1]), np.array([1, 2]), 3, 0, np.array([1])).tolist()
    [True, False, False]
    """
    shut = np.zeros(n_nodes, dtype=bool)
    shut[closed] = True
    arcs = np.ascontiguousarray(tail), np.ascontiguousarray(head)
    there: Flags = _walk(*arcs, n_nodes, source, shut)
    return there


@njit(cache=True)
def _walk(tail: Ints, head: Ints, n_nodes: int, source: int, shut: Flags) -> Flags:
    """Return what a walk finds: arcs sorted by their tail, then from node to node."""
    first = np.zeros(n_nodes + 1, dtype=np.int64)
    for node in tail:
        first[node + 1] += 1
    for node in range(n_nodes):
        first[node + 1] += first[node]
    behind = np.empty(len(tail), dtype=np.int64)
    last = first.copy()
    for arc in range(len(tail)):
        behind[last[tail[arc]]] = head[arc]
        last[tail[arc]] += 1
    there = np.zeros(n_nodes, dtype=np.bool_)
    there[source] = True
    todo = np.empty(n_nodes, dtype=np.int64)
    todo[0] = source
    size = 1
    while size > 0:
        size -= 1
        node = todo[size]
        for at in range(first[node], first[node + 1]):
            other = behind[at]
            if not there[other] and not shut[other]:
                there[other] = True
                todo[size] = other
                size += 1
    return there
