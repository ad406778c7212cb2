"""Small blocks joined to their neighbours, and pieces tied together, before regions are drawn."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def join_small(
    area_m2: Floats,
    households: Ints,
    first: Ints,
    second: Ints,
    border_m: Floats,
    wanted_m: Floats,
    *,
    min_area_m2: float,
    max_households: float,
    contact_m: float,
) -> Ints:
    """Return the block that each face belongs to, (n,), 0..k-1, in order of their first face.

    The smallest face is joined first, to the neighbour with which it shares the most border that
    nobody wants as a border of regions; a neighbour with which it would hold too many households
    is taken only if there is no other and the face is a sliver without firm contact.

    Parameters
    ----------
    area_m2, households
        (n,) of each face.
    first, second
        (m,) faces that touch, each pair once.
    border_m
        (m,) length shared.
    wanted_m
        (m,) how much of it, in metres, had better be a border of regions.
    min_area_m2
        Smaller blocks are joined.
    max_households
        That a joined block should not exceed.
    contact_m
        A block none of whose borders is as long as this is joined whatever its area.

    Examples
    --------
    >>> three = dict(area_m2=np.array([9.0, 1, 9]), households=np.array([3, 0, 3]))
    >>> row = dict(first=np.array([0, 1]), second=np.array([1, 2]), border_m=np.array([6.0, 7]))
    >>> join_small(**three, **row, wanted_m=np.zeros(2), min_area_m2=2, max_households=5,
    ...            contact_m=5).tolist()
    [0, 1, 1]
    """
    n = len(area_m2)
    area, held = area_m2.tolist(), households.tolist()
    owner = list(range(n))
    touching: list[dict[int, tuple[float, float]]] = [{} for _ in range(n)]
    for a, b, length, wanted in zip(
        first.tolist(), second.tolist(), border_m.tolist(), wanted_m.tolist(), strict=True
    ):
        touching[a][b] = touching[b][a] = (length, wanted)
    queue = [(size, face) for face, size in enumerate(area)]
    heapq.heapify(queue)
    while queue:
        size, face = heapq.heappop(queue)
        around = touching[face]
        if owner[face] != face or size != area[face] or not around:
            continue
        loose = max(length for length, _ in around.values()) < contact_m
        if size >= min_area_m2 and not loose:
            continue
        # Length beside what is wanted: a short border is joined over before a wanted one.
        fits = [k for k in around if held[k] + held[face] <= max_households]
        if not fits and not loose:
            continue
        into = max(fits or around, key=lambda k: (around[k][0] - around[k][1], -k))
        owner[face] = into
        area[into] += area[face]
        held[into] += held[face]
        del touching[into][face]
        for k, (length, wanted) in around.items():
            if k == into:
                continue
            del touching[k][face]
            old_length, old_wanted = touching[into].get(k, (0.0, 0.0))
            touching[into][k] = touching[k][into] = (old_length + length, old_wanted + wanted)
        touching[face] = {}
        heapq.heappush(queue, (area[into], into))
    roots = np.array([_root(owner, face) for face in range(n)], np.int64)
    _, start, block = np.unique(roots, return_index=True, return_inverse=True)
    # Numbered by their first face.
    firsts = np.full(len(start), n)
    np.minimum.at(firsts, block, np.arange(n))
    return np.argsort(np.argsort(firsts))[block].astype(np.int64)


def _root(owner: list[int], face: int) -> int:
    while owner[face] != face:
        owner[face] = owner[owner[face]]
        face = owner[face]
    return face


def pair_sums(n: int, one: Ints, two: Ints, values: Floats) -> tuple[Ints, Ints, Floats]:
    """Return each pair of different positions once, and the sums of its values.

    Parameters
    ----------
    n
        Positions are 0..n-1.
    one, two
        (m,) pairs, in any order and repeated.
    values
        (v, m) values.

    Returns
    -------
    first, second, sums
        (p,) first < second, ascending; (v, p).

    Examples
    --------
    >>> first, second, sums = pair_sums(3, np.array([2, 0]), np.array([0, 2]), np.ones((1, 2)))
    >>> first.tolist(), second.tolist(), sums.tolist()
    ([0], [2], [[2.0]])
    """
    apart = one != two
    keys = np.minimum(one, two)[apart] * n + np.maximum(one, two)[apart]
    pairs, pair = np.unique(keys, return_inverse=True)
    added = [np.bincount(pair, value, len(pairs)) for value in values[:, apart]]
    return pairs // n, pairs % n, np.array(added, np.float64)


def firm_contacts(n: int, first: Ints, second: Ints, border_m: Floats, contact_m: float) -> Flags:
    """Return which pairs of blocks count as neighbours, (m,).

    Those that share at least `contact_m`; shorter contacts only where parts of the place would
    not hang together without them, the longest first.

    Examples
    --------
    >>> ring = np.array([0, 1, 0]), np.array([1, 2, 2])
    >>> firm_contacts(3, *ring, np.array([9.0, 1.0, 2.0]), 5.0).tolist()
    [True, False, True]
    """
    firm = border_m >= contact_m
    owner = _pieces(n, first[firm], second[firm]).tolist()
    for pair in np.argsort(-border_m, kind="stable").tolist():
        a, b = _root(owner, owner[first[pair]]), _root(owner, owner[second[pair]])
        if a != b:
            owner[a] = b
            firm[pair] = True
    return firm


def tie_pieces(x: Floats, y: Floats, first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Return further pairs of blocks over which the pieces of a place hang together.

    Each piece, from the second largest on, is tied to the nearest block of those before it;
    without such ties an island would have to be a region of its own.

    Parameters
    ----------
    x, y
        (n,) middle of each block, metres.
    first, second
        (m,) pairs of blocks that touch firmly.

    Returns
    -------
    first, second
        One pair for each piece but the largest.

    Examples
    --------
    >>> tie_pieces(np.array([0.0, 1, 9]), np.zeros(3), np.array([0]), np.array([1]))
    (array([1]), array([2]))
    """
    piece = _pieces(len(x), first, second)
    order = np.argsort(-np.bincount(piece), kind="stable")
    order = order[np.isin(order, piece)]
    ties = np.zeros((len(order) - 1, 2), np.int64)
    for k in range(1, len(order)):
        inside = np.flatnonzero(np.isin(piece, order[:k]))
        outside = np.flatnonzero(piece == order[k])
        apart = np.hypot(x[inside][:, None] - x[outside], y[inside][:, None] - y[outside])
        a, b = np.unravel_index(apart.argmin(), apart.shape)
        ties[k - 1] = inside[a], outside[b]
    return ties[:, 0], ties[:, 1]


def _pieces(n: int, first: Ints, second: Ints) -> Ints:
    """Return for each block the number of one block of its piece, the same for the whole piece."""
    links = coo_array((np.ones(len(first), bool), (first, second)), shape=(n, n))
    label = connected_components(links, directed=False)[1]
    return np.unique(label, return_index=True)[1][label].astype(np.int64)
