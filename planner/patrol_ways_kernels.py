"""Ways chosen by one cost and timed by another, compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from gis.travel_kernels import forget, marked, search

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def chosen_times(
    indptr: Ints,
    head: Ints,
    tail: Ints,
    cost: Floats,
    real_s: Floats,
    from_indptr: Ints,
    from_node: Ints,
    from_cost: Floats,
    from_real_s: Floats,
    to_indptr: Ints,
    to_node: Ints,
    to_cost: Floats,
    to_real_s: Floats,
) -> tuple[Floats, Floats]:
    """Return cost and real time from each origin to each destination through nodes, (p, q) twice.

    Parameters
    ----------
    indptr, head, tail, cost, real_s
        Arcs by the node they leave: (n + 1,), then (a,) each; the way is chosen by `cost`.
    from_indptr, from_node, from_cost, from_real_s
        Where each origin's ways begin: (p + 1,), then (s,) each.
    to_indptr, to_node, to_cost, to_real_s
        Where those to each destination end.
    """
    n = len(indptr) - 1
    p, q = len(from_indptr) - 1, len(to_indptr) - 1
    at_cost, at_real = np.full(n, np.inf), np.empty(n)
    via, seed = np.empty(n, np.int64), np.empty(n, np.int64)
    order = np.empty(n, np.int64)
    room = len(head) + len(from_node)
    keys, items = np.empty(room), np.empty(room, np.int64)
    wanted = marked(to_node, n)
    n_wanted = wanted.sum()
    costs, times = np.full((p, q), np.inf), np.full((p, q), np.inf)
    for origin in range(p):
        first, last = from_indptr[origin], from_indptr[origin + 1]
        settled = search(
            indptr, head, cost, from_node[first:last], from_cost[first:last], np.inf,
            wanted, n_wanted, at_cost, via, seed, order, keys, items,
        )  # fmt: skip
        for at in range(settled):
            node = order[at]
            arc = via[node]
            if arc < 0:
                at_real[node] = from_real_s[first + seed[node]]
            else:
                at_real[node] = at_real[tail[arc]] + real_s[arc]
        for destination in range(q):
            for at in range(to_indptr[destination], to_indptr[destination + 1]):
                there = at_cost[to_node[at]] + to_cost[at]
                if there < costs[origin, destination]:
                    costs[origin, destination] = there
                    times[origin, destination] = at_real[to_node[at]] + to_real_s[at]
        forget(at_cost, order, settled)
    return costs, times


@njit(cache=True, nogil=True)
def chosen_tree(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    from_node: Ints,
    from_cost: Floats,
    wanted: npt.NDArray[np.bool_],
) -> tuple[Floats, Ints, Ints]:
    """Return cost of each node, the arc into it (-1 at a seed) and the seed, (n,) each.

    `wanted` are the ends of all destinations together, so that ties fall as in `chosen_times`.
    """
    n = len(indptr) - 1
    at_cost = np.full(n, np.inf)
    via, seed = np.empty(n, np.int64), np.empty(n, np.int64)
    room = len(head) + len(from_node)
    search(
        indptr, head, cost, from_node, from_cost, np.inf, wanted, wanted.sum(),
        at_cost, via, seed, np.empty(n, np.int64), np.empty(room), np.empty(room, np.int64),
    )  # fmt: skip
    return at_cost, via, seed


@njit(cache=True)
def chosen_arcs(
    tail: Ints, at_cost: Floats, via: Ints, seed: Ints, to_node: Ints, to_cost: Floats
) -> tuple[Ints, int, int]:
    """Return the way that `chosen_times` takes: arc positions, its first and its last seed.

    `at_cost`, `via` and `seed` are those of `chosen_tree`.
    """
    best, last = np.inf, -1
    for at in range(len(to_node)):
        there = at_cost[to_node[at]] + to_cost[at]
        if there < best:
            best, last = there, at
    if last < 0:
        return np.empty(0, np.int64), -1, -1
    steps, node = 0, to_node[last]
    while via[node] >= 0:
        steps, node = steps + 1, tail[via[node]]
    arcs = np.empty(steps, np.int64)
    node = to_node[last]
    while via[node] >= 0:
        steps -= 1
        arcs[steps] = via[node]
        node = tail[via[node]]
    return arcs, seed[node], last
