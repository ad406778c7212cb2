"""One closed walk shared out among teams: closed pieces of it move until the longest is short."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.solvers.postman_graph import Field, Graph, field_of, way_to
from planner.solvers.postman_kernels import any_euler, best_piece, best_swap, euler

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_Pair = tuple[Ints, Ints]

# Ways of walking the same arcs that are looked at for a first piece, and without a better one.
FIRST, PATIENCE = 30, 20
# How much more an unevenness that can be mended costs than a way that nobody needs.
DEAR = 30.0
NEAR = 30.0
# Pieces looked at when a walk is led to one; useless such moves in a row.
OFFERS, LEADS = 6, 16
# What the price is multiplied by after each of those.
EASING = 0.7
# Passings of a walk that are looked at for an exchange.
MEETS = 400
# Share of the bound by which the longest may stay above it.
CLOSE = 5e-4


def walk_of(graph: Graph, copies: Ints, depot: int) -> Ints:
    """Return the arcs of a closed walk, (k,), that takes each edge so often, either way.

    Examples
    --------
    >>> path = Graph(2, np.array([0]), np.array([1]), np.array([5.0]), np.zeros(1, bool))
    >>> walk_of(path, np.array([2]), 0).tolist()
    [0, 1]
    """
    edge = np.repeat(np.arange(len(copies)), copies)
    arcs = np.column_stack([2 * edge, 2 * edge + 1]).ravel()
    item = np.repeat(np.arange(len(edge)), 2)
    leave, enter = graph.arc_ends
    order = euler(leave[arcs], enter[arcs], item, len(edge), graph.n, depot)
    return arcs[order]


def rewalk(graph: Graph, arcs: Ints, depot: int, rng: np.random.Generator | None = None) -> Ints:
    """Return the same arcs as another closed walk, (k,); at random with a generator."""
    leave, enter = graph.arc_ends
    ends = leave[arcs], enter[arcs]
    if rng is not None:
        return arcs[any_euler(*ends, graph.n, depot, int(rng.integers(2**62)))]
    return arcs[euler(*ends, np.arange(len(arcs)), len(arcs), graph.n, depot)]


@dataclass(frozen=True, eq=False)
class Base:
    """Where the teams begin and end, and the shortest ways from there and back; `base_of` makes it.

    Parameters
    ----------
    graph, depot
        The edges, and a node.
    leave
        Node at which each arc begins, (2 m,).
    out, back
        Ways from the depot to every node, and from every node to it.
    """

    graph: Graph
    depot: int
    leave: Ints
    out: Field
    back: Field

    def ways_of(self, walk: Ints, limit: float = np.inf) -> tuple[Field, Field]:
        """Return the ways from a walk to every node within a limit, and back.

        With one-ways all but the walk's own nodes are reached by way of the depot, so that it
        stays closed.
        """
        passed = np.append(self.leave[walk], self.depot)
        if self.graph.oneway.any():
            return _with_own(self.out, passed), _with_own(self.back, passed)
        out = field_of(self.graph, passed, limit=limit)
        return out, _turned(out)

    def length(self, walk: Ints) -> float:
        """Return the length of a walk of arcs."""
        return float(self.graph.length[walk >> 1].sum())


def _with_own(ways: Field, passed: Ints) -> Field:
    """Return ways with none needed to the nodes passed."""
    far, via = ways.far.copy(), ways.via.copy()
    far[passed], via[passed] = 0.0, -1
    return Field(far, via, ways.seed)


def _turned(ways: Field) -> Field:
    """Return the same ways in the other direction."""
    return Field(ways.far, np.where(ways.via >= 0, ways.via ^ 1, -1), ways.seed)


def base_of(graph: Graph, depot: int) -> Base:
    """Return a depot with the ways from it and to it."""
    here = np.array([depot])
    ways = field_of(graph, here), field_of(graph, here, reverse=True)
    return Base(graph, depot, graph.arc_ends[0], *ways)


def share(base: Base, walk: Ints, teams: int, bound: float, rng: np.random.Generator) -> list[Ints]:
    """Return closed walks of so many teams, made of the pieces of one and of ways to them.

    Parameters
    ----------
    base
        Where all walks begin and end.
    walk
        Arcs of a closed walk, (k,).
    teams
        How many.
    bound
        Length that the longest cannot be below.
    rng
        Chooses among the ways of walking the same arcs.

    Returns
    -------
    list of ndarray
        Arcs of each team's walk; empty for a team that would not make the longest shorter.
    """
    nothing = np.empty(0, np.int64)
    walks = [walk] + [nothing] * (teams - 1)
    ways = base.ways_of(nothing)
    for team in range(1, teams):
        # As if the other walk were so long that a piece of an equal share made both even.
        other = base.length(walks[0]) - 2 * bound
        offers = [_offer(base, walks[0], ways, other, rng, DEAR) for _ in range(FIRST)]
        best = min(offers, key=lambda offer: offer.longer + DEAR * offer.extra)
        if best.longer >= base.length(walks[0]):
            break
        walks[0], walks[team] = best.walks(base, nothing)
    return even_out(base, walks, bound, rng)


def even_out(base: Base, walks: list[Ints], bound: float, rng: np.random.Generator) -> list[Ints]:
    """Return the walks after moves of closed pieces from longer to shorter ones.

    Stretches between nodes that two walks pass are exchanged, which costs nothing. When no such
    exchange helps, a short walk is led to a piece of the longest that is near it, and so on.
    """
    best = walks = _exchanged(base, walks, bound, rng)
    idle = 0
    while idle < LEADS and _longest(base, best) > bound * (1 + CLOSE):
        order = sorted(range(len(walks)), key=lambda team: base.length(walks[team]))
        giver, taker = order[-1], order[idle % (len(walks) - 1)]
        pair = _lead(base, walks[giver], walks[taker], NEAR * EASING**idle, rng)
        idle += 1
        if pair is not None:
            walks = list(walks)
            walks[giver], walks[taker] = pair
            walks = _exchanged(base, walks, bound, rng)
        if _longest(base, walks) < _longest(base, best) * (1 - 1e-9):
            best, idle = walks, 0
    return best


def _longest(base: Base, walks: list[Ints]) -> float:
    return max(base.length(walk) for walk in walks)


def _exchanged(base: Base, walks: list[Ints], bound: float, rng: np.random.Generator) -> list[Ints]:
    """Return the walks after exchanges between two of them, until many in a row were none."""
    walks, lengths = list(walks), [base.length(walk) for walk in walks]
    idle = 0
    while idle < PATIENCE and max(lengths) > bound * (1 + CLOSE):
        order = np.argsort(lengths, kind="stable").tolist()
        giver = order[-1] if idle % 2 == 0 else int(rng.choice(order[1:]))
        idle += 1
        for taker in order:
            if lengths[giver] - lengths[taker] <= CLOSE * bound:
                break
            pair = _swap(base, walks[giver], walks[taker], rng)
            if pair is not None:
                walks[giver], walks[taker] = pair
                lengths[giver], lengths[taker] = (base.length(walks[k]) for k in (giver, taker))
                idle = 0
                break
    return walks


def _swap(base: Base, giver: Ints, taker: Ints, rng: np.random.Generator) -> _Pair | None:
    """Return two walks after an exchange of stretches, None without one that shortens the first."""
    one = rewalk(base.graph, giver, base.depot, rng)
    two = rewalk(base.graph, taker, base.depot, rng)
    length = base.graph.length
    best, i, j, p, q = best_swap(
        base.leave[one], length[one >> 1], base.leave[two], length[two >> 1], base.graph.n, MEETS
    )
    if best >= base.length(one) * (1 - 1e-9):
        return None
    return np.concatenate([one[:i], two[p:q], one[j:]]), np.concatenate(
        [two[:p], one[i:j], two[q:]]
    )


def _lead(
    base: Base, giver: Ints, taker: Ints, price: float, rng: np.random.Generator
) -> _Pair | None:
    """Return two walks after a piece of the first came to the second, None if that is no use."""
    length = base.length(taker)
    # A longer way there and back than the difference would leave the longer walk no shorter.
    ways = base.ways_of(taker, (base.length(giver) - length) / 2)
    offers = [_offer(base, giver, ways, length, rng, price) for _ in range(OFFERS)]
    best = min(offers, key=lambda offer: offer.longer + price * offer.extra)
    if best.longer >= base.length(giver) * (1 - 1e-9):
        return None
    return best.walks(base, taker)


@dataclass(frozen=True, eq=False)
class _Offer:
    """A closed piece of a walk, arcs `begin` to `end`, and the `extra` way another has to it."""

    walk: Ints
    begin: int
    end: int
    longer: float
    extra: float
    ways: tuple[Field, Field]

    def walks(self, base: Base, taker: Ints) -> tuple[Ints, Ints]:
        """Return the walk without the piece, and the other with it."""
        rest = np.concatenate([self.walk[: self.begin], self.walk[self.end :]])
        piece = self.walk[self.begin : self.end]
        node = int(base.leave[piece[0]])
        out = np.array(way_to(base.graph, self.ways[0], node), np.int64)
        back = np.array(way_to(base.graph, self.ways[1], node, reverse=True), np.int64)
        first = int(base.leave[out[0]]) if len(out) else node
        at = int(np.argmax(base.leave[taker] == first)) if len(taker) else 0
        return rest, np.concatenate([taker[:at], out, piece, back, taker[at:]])


def _offer(
    base: Base,
    giver: Ints,
    ways: tuple[Field, Field],
    other: float,
    rng: np.random.Generator,
    price: float,
) -> _Offer:
    """Return the best piece of one walk for another, in some order of walking the first.

    `ways` lead from the other walk, `other` long, to every node and back.
    """
    walk = rewalk(base.graph, giver, base.depot, rng)
    extra = ways[0].far + ways[1].far
    last = np.full(base.graph.n, -1, np.int64)
    tail, length = base.leave[walk], base.graph.length[walk >> 1]
    longer, begin, end = best_piece(tail, length, other, extra, price, last)
    dear = float(extra[tail[begin]]) if begin >= 0 else np.inf
    return _Offer(walk, begin, end, longer, dear, ways)
