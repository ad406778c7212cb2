"""Shortest times over arrays, compiled: Dijkstra with a binary heap, and with buckets of time.

Every kernel takes the adjacency of one mode (`indptr`, `head`, `cost`) and seeds: nodes with
the time at which the traveller is there. Equal times are settled in the order of the heap,
which depends on nothing but the input.
"""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Few buckets stay empty, and few nodes are overtaken within theirs.
BUCKET_S = 4.0
# Up to this limit there is a bucket for each second; beyond it as many as the longest arc takes.
LONG_S = 4096.0


@njit(cache=True)
def _push(keys: Floats, items: Ints, size: int, key: float, item: int) -> None:
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at], items[at] = keys[above], items[above]
        at = above
    keys[at], items[at] = key, item


@njit(cache=True)
def _drop_first(keys: Floats, items: Ints, size: int) -> None:
    """Take the first of `size` entries off the heap."""
    size -= 1
    key, item = keys[size], items[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at], items[at] = keys[below], items[below]
        at = below
    keys[at], items[at] = key, item


@njit(cache=True)
def search(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    seed_node: Ints,
    seed_s: Floats,
    limit_s: float,
    wanted: Flags,
    n_wanted: int,
    time_s: Floats,
    via: Ints,
    seed: Ints,
    order: Ints,
    keys: Floats,
    items: Ints,
) -> int:
    """Settle nodes in order of time and return how many were settled.

    Parameters
    ----------
    indptr, head, cost
        Arcs by node: (n + 1,), (a,), (a,) seconds, 0 or more.
    seed_node, seed_s
        Where the search begins, (s,).
    limit_s
        Largest time that is settled.
    wanted, n_wanted
        The search ends when this many of the wanted nodes (n,) are settled; -1 = never.
    time_s, via, seed
        Out, (n,): time, arc position (-1 at a seed) and seed of each settled node. `time_s` must
        be inf everywhere before; `forget` makes it so again.
    order
        Out, (n,): the settled nodes in order of time.
    keys, items
        Room for the heap, (a + s,): a node is pushed once for each arc into it at most.
    """
    size = 0
    for s in range(len(seed_node)):
        node = seed_node[s]
        if seed_s[s] <= limit_s and seed_s[s] < time_s[node]:
            time_s[node], via[node], seed[node] = seed_s[s], -1, s
            _push(keys, items, size, seed_s[s], node)
            size += 1
    settled = 0
    while size > 0 and n_wanted != 0:
        now, node = keys[0], items[0]
        _drop_first(keys, items, size)
        size -= 1
        # An entry that a shorter way overtook; equal ones are never pushed twice.
        if now > time_s[node]:
            continue
        order[settled] = node
        settled += 1
        if wanted[node]:
            n_wanted -= 1
        for at in range(indptr[node], indptr[node + 1]):
            there = head[at]
            then = now + cost[at]
            if then <= limit_s and then < time_s[there]:
                time_s[there], via[there], seed[there] = then, at, seed[node]
                _push(keys, items, size, then, there)
                size += 1
    # What is left on the heap was reached, but not by a way known to be the shortest.
    for at in range(size):
        if keys[at] <= time_s[items[at]]:
            time_s[items[at]] = np.inf
    return settled


@njit(cache=True)
def forget(time_s: Floats, order: Ints, settled: int) -> None:
    """Set the times of the settled nodes back to inf."""
    for at in range(settled):
        time_s[order[at]] = np.inf


@njit(cache=True)
def marked(nodes: Ints, n: int) -> Flags:
    """Return which of n nodes are among some, (n,)."""
    flags = np.zeros(n, dtype=np.bool_)
    for node in nodes:
        flags[node] = True
    return flags


@njit(cache=True)
def _fill(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    seed_node: Ints,
    seed_s: Floats,
    limit_s: float,
    to_node: Ints,
    to_s: Floats,
    time_s: Floats,
    via: Ints,
    seed: Ints,
) -> bool:
    """Fill the times, arc positions (unless `via` is empty) and seeds, bucket by bucket of time.

    Returned is whether the room sufficed; only a great many overtakings can fill it. With some
    `to_node` it ends as soon as none of them, `to_s` behind it, can be reached sooner; times
    later than that are not final. Within a bucket nodes come in no order; one that is overtaken
    there is taken up again. A bucket is a chain of entries, and entries that are done with serve
    again; buckets lie on a wheel that holds the longest step.
    """
    longest = limit_s
    if limit_s > LONG_S:
        longest = max(cost.max() if len(cost) else 0.0, seed_s.max() if len(seed_s) else 0.0)
    size = 1
    while size < longest / BUCKET_S + 2:
        size *= 2
    first = np.full(size, -1, dtype=np.int32)
    room = len(head) + len(seed_node) + 1
    behind, item, key = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room)
    free, used, open_entries = -1, 0, 0
    for s in range(len(seed_node)):
        node = seed_node[s]
        if seed_s[s] <= limit_s and seed_s[s] < time_s[node]:
            time_s[node], seed[node] = seed_s[s], s
            if len(via):
                via[node] = -1
            bucket = int(seed_s[s] / BUCKET_S) & (size - 1)
            item[used], key[used], behind[used] = node, seed_s[s], first[bucket]
            first[bucket] = used
            used += 1
            open_entries += 1
    now = 0
    while open_entries > 0:
        bucket = now & (size - 1)
        while first[bucket] >= 0:
            entry = first[bucket]
            first[bucket] = behind[entry]
            behind[entry], free = free, entry
            open_entries -= 1
            node, then = item[entry], key[entry]
            if then > time_s[node]:
                continue
            for at in range(indptr[node], indptr[node + 1]):
                there = head[at]
                later = then + cost[at]
                if later <= limit_s and later < time_s[there]:
                    time_s[there], seed[there] = later, seed[node]
                    if len(via):
                        via[there] = at
                    if free >= 0:
                        entry, free = free, behind[free]
                    else:
                        if used == room:
                            return False
                        entry = used
                        used += 1
                    where = int(later / BUCKET_S) & (size - 1)
                    item[entry], key[entry], behind[entry] = there, later, first[where]
                    first[where] = entry
                    open_entries += 1
        now += 1
        if len(to_node):
            best = np.inf
            for at in range(len(to_node)):
                best = min(best, time_s[to_node[at]] + to_s[at])
            if best <= now * BUCKET_S:
                return True
    return True


@njit(cache=True)
def _fill_by_heap(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    seed_node: Ints,
    seed_s: Floats,
    limit_s: float,
    time_s: Floats,
    via: Ints,
    seed: Ints,
) -> None:
    n = len(indptr) - 1
    time_s[:], seed[:] = np.inf, -1
    room = len(head) + len(seed_node)
    search(
        indptr, head, cost, seed_node, seed_s, limit_s, np.zeros(n, np.bool_), -1,
        time_s, via, seed, np.empty(n, np.int64), np.empty(room), np.empty(room, np.int64),
    )  # fmt: skip


@njit(cache=True)
def field(
    indptr: Ints, head: Ints, cost: Floats, seed_node: Ints, seed_s: Floats, limit_s: float
) -> tuple[Floats, Ints]:
    """Return time and seed of every node; inf and -1 where none arrives within the limit."""
    n = len(indptr) - 1
    time_s = np.full(n, np.inf)
    seed = np.full(n, -1, dtype=np.int64)
    none, never = np.empty(0, dtype=np.int64), np.empty(0)
    if not _fill(indptr, head, cost, seed_node, seed_s, limit_s, none, never, time_s, none, seed):
        via = np.empty(n, dtype=np.int64)
        _fill_by_heap(indptr, head, cost, seed_node, seed_s, limit_s, time_s, via, seed)
    return time_s, seed


@njit(cache=True)
def reach_sets(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    seed_indptr: Ints,
    seed_node: Ints,
    seed_s: Floats,
    limit_s: float,
) -> tuple[Ints, Ints, Floats]:
    """Return the nodes each point reaches, in order of time: indptr (p + 1,), nodes, times."""
    n = len(indptr) - 1
    p = len(seed_indptr) - 1
    time_s = np.full(n, np.inf)
    via = np.empty(n, dtype=np.int64)
    seed = np.empty(n, dtype=np.int64)
    order = np.empty(n, dtype=np.int64)
    room = len(head) + len(seed_node)
    keys = np.empty(room)
    items = np.empty(room, dtype=np.int64)
    wanted = np.zeros(n, dtype=np.bool_)
    out_indptr = np.zeros(p + 1, dtype=np.int64)
    out_node = np.empty(1024, dtype=np.int64)
    out_s = np.empty(1024)
    for point in range(p):
        first, last = seed_indptr[point], seed_indptr[point + 1]
        settled = search(
            indptr, head, cost, seed_node[first:last], seed_s[first:last], limit_s, wanted, -1,
            time_s, via, seed, order, keys, items,
        )  # fmt: skip
        start = out_indptr[point]
        end = start + settled
        if end > len(out_node):
            grown_node = np.empty(max(end, 2 * len(out_node)), dtype=np.int64)
            grown_s = np.empty(len(grown_node))
            grown_node[:start] = out_node[:start]
            grown_s[:start] = out_s[:start]
            out_node, out_s = grown_node, grown_s
        for at in range(settled):
            out_node[start + at] = order[at]
            out_s[start + at] = time_s[order[at]]
        out_indptr[point + 1] = end
        forget(time_s, order, settled)
    return out_indptr, out_node[: out_indptr[p]].copy(), out_s[: out_indptr[p]].copy()


@njit(cache=True)
def times_between(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    from_indptr: Ints,
    from_node: Ints,
    from_s: Floats,
    to_indptr: Ints,
    to_node: Ints,
    to_s: Floats,
) -> Floats:
    """Return the time from each origin to each destination through nodes, (p, q)."""
    n = len(indptr) - 1
    p, q = len(from_indptr) - 1, len(to_indptr) - 1
    time_s = np.full(n, np.inf)
    via = np.empty(n, dtype=np.int64)
    seed = np.empty(n, dtype=np.int64)
    order = np.empty(n, dtype=np.int64)
    room = len(head) + len(from_node)
    keys = np.empty(room)
    items = np.empty(room, dtype=np.int64)
    wanted = marked(to_node, n)
    n_wanted = wanted.sum()
    out = np.full((p, q), np.inf)
    for origin in range(p):
        first, last = from_indptr[origin], from_indptr[origin + 1]
        settled = search(
            indptr, head, cost, from_node[first:last], from_s[first:last], np.inf, wanted, n_wanted,
            time_s, via, seed, order, keys, items,
        )  # fmt: skip
        for destination in range(q):
            for at in range(to_indptr[destination], to_indptr[destination + 1]):
                there = time_s[to_node[at]] + to_s[at]
                if there < out[origin, destination]:
                    out[origin, destination] = there
        forget(time_s, order, settled)
    return out


@njit(cache=True)
def route(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    arc: Ints,
    tail: Ints,
    from_node: Ints,
    from_s: Floats,
    to_node: Ints,
    to_s: Floats,
) -> tuple[float, Ints, int, int]:
    """Return the shortest way from some seeds to others: seconds, arcs, both seeds.

    `arc` is the number of each arc, (a,), and `tail` the node that an arc of a number leaves.
    Without a way: inf, no arcs, -1, -1.
    """
    n = len(indptr) - 1
    time_s = np.full(n, np.inf)
    via = np.empty(n, dtype=np.int64)
    seed = np.empty(n, dtype=np.int64)
    if not _fill(indptr, head, cost, from_node, from_s, np.inf, to_node, to_s, time_s, via, seed):
        _fill_by_heap(indptr, head, cost, from_node, from_s, np.inf, time_s, via, seed)
    best, last = np.inf, -1
    for at in range(len(to_node)):
        there = time_s[to_node[at]] + to_s[at]
        if there < best:
            best, last = there, at
    if last < 0:
        return best, np.empty(0, dtype=np.int64), -1, -1
    steps = 0
    node = to_node[last]
    while via[node] >= 0:
        node = tail[arc[via[node]]]
        steps += 1
    arcs = np.empty(steps, dtype=np.int64)
    node = to_node[last]
    while via[node] >= 0:
        steps -= 1
        arcs[steps] = arc[via[node]]
        node = tail[arc[via[node]]]
    return best, arcs, seed[node], last
