"""Plans filled up and bettered one post after another.

What a single further post closes is known for all nodes at once, from the tree of the nodes that
every way passes; which nodes can still be manned, from who could move over. So posts are taken
off a plan, a few at a time, and the best ones are put in their place.
"""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.solvers.cut_dominance import by_end, dominators
from planner.solvers.cut_reduce import Puzzle

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Most posts that are taken off at once.
MOST_OFF = 8
# A gain counts so much more or less, so that not always the same post is taken.
NOISE = 0.3
# What is closed by less than this is not closed.
LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Board:
    """A reduced graph and its units as arrays that compiled code reads.

    Parameters
    ----------
    ways
        Where the arcs out of each node begin, their heads; the same for those into it, tails.
    weight
        (n,) of the exits in each node.
    who
        Where the units of each node begin, and those units, 0..u-1.
    units
        (u,) what the units are called.
    """

    ways: tuple[Ints, Ints, Ints, Ints] = field(repr=False)
    weight: Floats = field(repr=False)
    who: tuple[Ints, Ints] = field(repr=False)
    units: Ints = field(repr=False)

    def open_weight(self, post: Ints) -> float:
        """Return what a plan leaves open."""
        return float(_left(*self.ways, self.weight, _shut(len(self.weight), post)))

    def post_of(self, plan: Ints) -> Ints:
        """Return a plan, (j, 2) unit and reduced node, as the node of each unit, -1 = none."""
        post = np.full(len(self.units), -1, dtype=np.int64)
        post[np.searchsorted(self.units, plan[:, 0])] = plan[:, 1]
        return post

    def plan_of(self, post: Ints) -> Ints:
        """Return the node of each unit as a plan, (j, 2) unit and reduced node."""
        out = np.flatnonzero(post >= 0)
        return np.column_stack([self.units[out], post[out]])


def board_of(puzzle: Puzzle) -> Board:
    """Return a reduced graph as compiled code reads it."""
    n = puzzle.n_nodes
    out_first, out = by_end(np.ascontiguousarray(puzzle.tail), n)
    in_first, into = by_end(np.ascontiguousarray(puzzle.head), n)
    units, unit = np.unique(puzzle.pairs[:, 0], return_inverse=True)
    who_first, order = by_end(np.ascontiguousarray(puzzle.pairs[:, 1]), n)
    return Board(
        (out_first, puzzle.head[out], in_first, puzzle.tail[into]),
        puzzle.weight,
        (who_first, unit[order].astype(np.int64)),
        units,
    )


def filled(board: Board, post: Ints, nodes: Ints) -> Ints:
    """Return a plan with as many of some nodes as can be manned, and what closes most besides.

    Parameters
    ----------
    board
        The graph.
    post
        (u,) node of each unit, -1 = none.
    nodes
        (c,) reduced nodes to hold; posts that close nothing are taken off again.
    """
    mine = post.copy()
    _man_all(*board.who, mine, nodes)
    _rest(*board.ways, board.weight, mine)
    _fill(*board.ways, board.weight, *board.who, mine, 0.0)
    _rest(*board.ways, board.weight, mine)
    return mine


def bettered(board: Board, post: Ints, rounds: int, seed: int) -> Ints:
    """Return a plan that leaves no more open, after so many rounds of posts off and others on.

    Parameters
    ----------
    board
        The graph.
    post
        (u,) node of each unit, -1 = none.
    rounds
        How often.
    seed
        For what is left to chance.
    """
    return np.asarray(
        _better(*board.ways, board.weight, *board.who, post.copy(), rounds, seed, MOST_OFF)
    )


@njit(cache=True)
def _shut(n: int, post: Ints) -> Flags:
    shut = np.zeros(n, dtype=np.bool_)
    for node in post:
        if node >= 0:
            shut[node] = True
    return shut


@njit(cache=True)
def _left(
    out_first: Ints, out: Ints, in_first: Ints, into: Ints, weight: Floats, shut: Flags
) -> float:
    """Return the weight of the exits that are reached past shut nodes."""
    n = len(weight)
    there, todo = np.zeros(n, dtype=np.bool_), np.empty(n, dtype=np.int64)
    there[0], todo[0], size, left = True, 0, 1, 0.0
    while size > 0:
        size -= 1
        node = todo[size]
        left += weight[node]
        for k in range(out_first[node], out_first[node + 1]):
            if not there[out[k]] and not shut[out[k]]:
                there[out[k]] = True
                todo[size] = out[k]
                size += 1
    return left


@njit(cache=True)
def _gains(above: Ints, order: Ints, weight: Floats) -> Floats:
    """Return what each node closes if it is held as well, (n,); see `dominators`."""
    sums = np.zeros(len(weight))
    for k in range(len(order) - 1, 0, -1):
        node = order[k]
        sums[node] += weight[node]
        sums[above[node]] += sums[node]
    sums[order[0]] = 0.0  # nobody holds the source
    return sums


@njit(cache=True)
def _count_in(above: Ints, order: Ints, gains: Floats, node: int) -> None:
    """Take what a node closes off those above it, and let those below close nothing more."""
    gain, over = gains[node], above[node]
    while over > 0:
        gains[over] -= gain
        over = above[over]
    below = np.zeros(len(above), dtype=np.bool_)
    below[node] = True
    for other in order:
        if other == node or (other != 0 and below[above[other]]):
            below[other] = True
            gains[other] = 0.0


@njit(cache=True)
def _movable(who_first: Ints, who: Ints, post: Ints) -> Ints:
    """Return who would take over from each unit, (u,): itself if idle, -1 where nobody can."""
    heir = np.full(len(post), -1, dtype=np.int64)
    for unit in range(len(post)):
        if post[unit] < 0:
            heir[unit] = unit
    grown = True
    while grown:
        grown = False
        for unit in range(len(post)):
            if heir[unit] >= 0:
                continue
            for k in range(who_first[post[unit]], who_first[post[unit] + 1]):
                if heir[who[k]] >= 0:
                    heir[unit] = who[k]
                    grown = True
                    break
    return heir


@njit(cache=True)
def _man(who_first: Ints, who: Ints, post: Ints, heir: Ints, node: int) -> None:
    """Put a unit at a node, others moving over as `_movable` says."""
    unit = -1
    for k in range(who_first[node], who_first[node + 1]):
        one = who[k]
        if heir[one] == one:
            unit = one
            break
        if heir[one] >= 0 and unit < 0:
            unit = one
    while True:
        was, post[unit] = post[unit], node
        if was < 0:
            return
        node, unit = was, heir[unit]


@njit(cache=True)
def _man_all(who_first: Ints, who: Ints, post: Ints, nodes: Ints) -> None:
    for node in nodes:
        held = False
        for unit in range(len(post)):
            held |= post[unit] == node
        if held:
            continue
        heir = _movable(who_first, who, post)
        for k in range(who_first[node], who_first[node + 1]):
            if heir[who[k]] >= 0:
                _man(who_first, who, post, heir, node)
                break


@njit(cache=True)
def _fill(
    out_first: Ints, out: Ints, in_first: Ints, into: Ints, weight: Floats,
    who_first: Ints, who: Ints, post: Ints, noise: float,
) -> None:  # fmt: skip
    """Add the posts that close most, one after another, as long as there is one."""
    shut, luck = _shut(len(weight), post), np.empty(len(weight))
    while True:
        above, order = dominators(out_first, out, in_first, into, 0, shut)
        gains = _gains(above, order, weight)
        for node in range(len(weight)):
            luck[node] = 1.0 + noise * np.random.random()  # noqa: NPY002
        added = False
        while True:  # what one post closes does not change what others do elsewhere
            heir = _movable(who_first, who, post)
            best = _most(who_first, who, heir, order, gains, luck)
            if best < 0:
                break
            _man(who_first, who, post, heir, best)
            _count_in(above, order, gains, best)
            shut[best] = added = True
        if not added:
            return


@njit(cache=True)
def _most(who_first: Ints, who: Ints, heir: Ints, order: Ints, gains: Floats, luck: Floats) -> int:
    """Return the node that closes most of those that can still be manned, -1 if there is none."""
    best, most = -1, LEAST
    for node in order:
        if gains[node] <= LEAST or gains[node] * luck[node] <= most:
            continue
        for k in range(who_first[node], who_first[node + 1]):
            if heir[who[k]] >= 0:
                best, most = node, gains[node] * luck[node]
                break
    return best


@njit(cache=True)
def _rest(
    out_first: Ints, out: Ints, in_first: Ints, into: Ints, weight: Floats, post: Ints
) -> None:
    """Take the posts off that change nothing."""
    shut = _shut(len(weight), post)
    left = _left(out_first, out, in_first, into, weight, shut)
    for unit in range(len(post)):
        if post[unit] >= 0:
            shut[post[unit]] = False
            if _left(out_first, out, in_first, into, weight, shut) > left + LEAST:
                shut[post[unit]] = True
            else:
                post[unit] = -1


@njit(cache=True)
def _take_off(
    out_first: Ints, out: Ints, in_first: Ints, into: Ints, post: Ints, count: int
) -> None:
    """Take off a post and those next to it along the streets."""
    n = len(out_first) - 1
    unit_at = np.full(n, -1, dtype=np.int64)
    held = np.empty(len(post), dtype=np.int64)
    size = 0
    for unit in range(len(post)):
        if post[unit] >= 0:
            unit_at[post[unit]] = unit
            held[size] = post[unit]
            size += 1
    if size == 0:
        return
    queue, seen = np.empty(n, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    queue[0] = held[np.random.randint(size)]  # noqa: NPY002
    seen[queue[0]] = True
    size, turn = 1, 0
    while turn < size and count > 0:
        node = queue[turn]
        turn += 1
        if unit_at[node] >= 0:
            post[unit_at[node]] = -1
            count -= 1
        for k in range(out_first[node], out_first[node + 1]):
            if not seen[out[k]]:
                seen[out[k]] = True
                queue[size] = out[k]
                size += 1
        for k in range(in_first[node], in_first[node + 1]):
            if not seen[into[k]] and into[k] != 0:  # everything is next to the source
                seen[into[k]] = True
                queue[size] = into[k]
                size += 1


@njit(cache=True)
def _better(
    out_first: Ints, out: Ints, in_first: Ints, into: Ints, weight: Floats,
    who_first: Ints, who: Ints, post: Ints, rounds: int, seed: int, most_off: int,
) -> Ints:  # fmt: skip
    np.random.seed(seed)  # noqa: NPY002 -- the generator of compiled code, not numpy's own
    n = len(weight)
    left = _left(out_first, out, in_first, into, weight, _shut(n, post))
    for _ in range(rounds):
        other = post.copy()
        count = 1 + np.random.randint(most_off)  # noqa: NPY002
        _take_off(out_first, out, in_first, into, other, count)
        _fill(out_first, out, in_first, into, weight, who_first, who, other, NOISE)
        now = _left(out_first, out, in_first, into, weight, _shut(n, other))
        if now <= left + LEAST:
            post, left = other, now
    _rest(out_first, out, in_first, into, weight, post)
    return post
