"""Closed walks through arcs, and the closed piece of a walk that evens out two best: compiled."""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@njit(cache=True)
def euler(tail: Ints, head: Ints, item: Ints, n_items: int, n: int, start: int) -> Ints:
    """Return the order of a closed walk that takes every item once (Hierholzer), (n_items,).

    Parameters
    ----------
    tail, head
        Nodes of each way an item may be taken, (a,); where several leave a node, the later ones
        are taken first.
    item
        Which item it is, (a,): one that may be taken either way is there twice.
    n_items, n
        Numbers of items and nodes.
    start
        Node where the walk begins and ends.

    Returns
    -------
    ndarray
        Positions in the ways as walked; fewer than the items if these do not hang together.
    """
    top = np.zeros(n + 1, np.int64)
    for at in range(len(tail)):
        top[tail[at] + 1] += 1
    for node in range(n):
        top[node + 1] += top[node]
    bottom = top[:-1].copy()
    place = top[:-1].copy()
    ways = np.empty(len(tail), np.int64)
    for at in range(len(tail)):
        ways[place[tail[at]]] = at
        place[tail[at]] += 1
    taken = np.zeros(n_items, np.bool_)
    stack = np.empty(n_items + 1, np.int64)
    walk = np.empty(n_items, np.int64)
    size, found, node = 0, 0, start
    while True:
        while place[node] > bottom[node] and taken[item[ways[place[node] - 1]]]:
            place[node] -= 1
        if place[node] > bottom[node]:
            place[node] -= 1
            way = ways[place[node]]
            taken[item[way]] = True
            stack[size] = way
            size += 1
            node = head[way]
        elif size > 0:
            size -= 1
            walk[found] = stack[size]
            found += 1
            node = tail[stack[size]]
        else:
            break
    return walk[:found][::-1].copy()


@njit(cache=True)
def any_euler(tail: Ints, head: Ints, n: int, start: int, seed: int) -> Ints:
    """Return the order of a closed walk that takes every arc once, drawn at random, (k,).

    Parameters
    ----------
    tail, head
        Nodes of each arc, (k,); as many enter a node as leave it, and all hang together.
    n
        Number of nodes.
    start
        Node where the walk begins and ends.
    seed
        Of the order in which arcs leave a node; the same seed gives the same walk.
    """
    k = len(tail)
    top = np.zeros(n + 1, np.int32)
    for at in range(k):
        top[tail[at] + 1] += 1
    for node in range(n):
        top[node + 1] += top[node]
    place = top[:-1].copy()
    ways = np.empty(k, np.int32)
    for at in range(k):
        node = tail[at]
        ways[place[node]] = at
        place[node] += 1
    stack, walk = np.empty(k + 1, np.int32), np.empty(k, np.int64)
    state = np.uint64(seed)
    size, found, node = 0, k, start
    while True:
        left = place[node] - top[node]
        if left > 0:
            at = place[node] - 1
            if left > 1:
                # Knuth's linear congruence; the upper bits are the random ones.
                state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                other = top[node] + np.int64(state >> np.uint64(33)) % left
                ways[at], ways[other] = ways[other], ways[at]
            place[node] = at
            stack[size] = ways[at]
            node = head[ways[at]]
            size += 1
        elif size > 0:
            size -= 1
            found -= 1
            walk[found] = stack[size]
            node = tail[stack[size]]
        else:
            break
    return walk[found:]


@njit(cache=True)
def best_piece(
    tail: Ints, length: Floats, other: float, extra: Floats, price: float, last: Ints
) -> tuple[float, int, int]:
    """Return the closed piece of a walk whose transfer leaves the longer of two the shortest.

    Dear ways are avoided even where the walk would be shorter.

    Parameters
    ----------
    tail, length
        Node at which each arc of the walk begins, and its length, (k,). The walk is closed, and
        its first node must stay in it.
    other
        Length of the other walk.
    extra
        What it costs the other to take in a piece that begins at a node, (n,); inf = cannot.
    price
        How much longer the longer walk may rather be for each unit of that.
    last
        Room, (n,), -1 everywhere; so it is given back.

    Returns
    -------
    tuple
        The length of the longer walk then (inf without a piece), and begin and end of the piece.
    """
    k = len(tail)
    if k == 0:
        return np.inf, -1, -1
    far = np.zeros(k + 1)
    for at in range(k):
        far[at + 1] = far[at] + length[at]
    before = np.full(k + 1, -1, np.int64)
    best, least, begin, end = np.inf, np.inf, -1, -1
    for at in range(k + 1):
        node = tail[at] if at < k else tail[0]
        before[at] = last[node]
        last[node] = at
        if extra[node] == np.inf:
            continue
        back = before[at]
        while back >= 0:
            size = far[at] - far[back]
            longer = max(far[k] - size, other + size + extra[node])
            if longer + price * extra[node] < least and at - back < k:
                least = longer + price * extra[node]
                best, begin, end = longer, back, at
            if other + size + extra[node] >= far[k] - size:
                break
            back = before[back]
    for at in range(k):
        last[tail[at]] = -1
    return best, begin, end


@njit(cache=True)
def best_swap(
    tail: Ints, length: Floats, other_tail: Ints, other_length: Floats, n: int, most: int
) -> tuple[float, int, int, int, int]:
    """Return the stretches of two closed walks whose exchange leaves the longer the shortest.

    Both stretches lead from one node that both walks pass to another; the second may be empty.

    Parameters
    ----------
    tail, length
        Node at which each arc of the longer walk begins, and its length, (k,).
    other_tail, other_length
        The same of the shorter one, (l,).
    n
        Number of nodes.
    most
        How many passings of the longer walk are looked at, spread over it.

    Returns
    -------
    tuple
        Length of the longer walk then (inf without such stretches), begin and end of the stretch
        of the longer walk, and of the other.
    """
    k = len(tail)
    place = np.full(n, -1, np.int64)
    other_far = np.zeros(len(other_tail) + 1)
    for at in range(len(other_tail)):
        place[other_tail[at]] = at
        other_far[at + 1] = other_far[at] + other_length[at]
    meets = 0
    for at in range(k):
        meets += place[tail[at]] >= 0
    stride = max(1, -(-meets // most))
    mine, theirs = np.empty(meets, np.int64), np.empty(meets, np.int64)
    ahead = np.empty(meets)
    far, met, kept = 0.0, 0, 0
    for at in range(k):
        where = place[tail[at]]
        if where >= 0:
            if met % stride == 0:
                mine[kept], theirs[kept] = at, where
                ahead[kept] = far - other_far[where]
                kept += 1
            met += 1
        far += length[at]
    other = other_far[len(other_tail)]
    best, begin, end = np.inf, -1, -1
    for i in range(kept):
        for j in range(i + 1, kept):
            more = ahead[j] - ahead[i]
            longer = max(far - more, other + more)
            if longer < best and theirs[i] <= theirs[j]:
                if theirs[i] == theirs[j] and tail[mine[i]] != tail[mine[j]]:
                    continue
                best, begin, end = longer, i, j
    if begin < 0:
        return best, -1, -1, -1, -1
    return best, mine[begin], mine[end], theirs[begin], theirs[end]
