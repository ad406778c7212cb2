"""Passing through a junction: gates, turn restrictions and turn costs as arcs.

An arc is one direction of an edge: arc 2e runs along edge e, arc 2e + 1 against it. Where a rule
holds a mode, the node is taken apart: each arriving arc that the mode may use gets a node of its
own (its end), each departing arc too (its start), and arcs without length (connectors) say which
passage each mode may take, and what it costs. The node itself stays: every mode arrives there.
Modes that nothing holds pass through it; where the ends of their arc are taken apart for others
they use a copy of the arc from node to node. A second new node, the source, is where trips from
the junction begin: nobody arrives there, and it leads to all starts. A rule over several arcs
("not from a over b to c") has copies of the arcs between, that only those who came from a drive
on. So any shortest-path program that knows nothing of gates or turns is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gis.junction_states import State, States, states_of
from gis.modes import MODES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# The mode to which turns cost time.
PRICED = "car"


@dataclass(frozen=True, eq=False)
class Rules:
    """What may not pass where, and what passing costs.

    Parameters
    ----------
    gates
        Mode to the nodes that it cannot pass through; it may turn round there.
    turns
        Mode to rows of two or more arcs that it may not drive one after the other.
    priced
        Nodes at which turns cost cars time, (n,); None = nowhere.
    price_s
        From arriving and departing arcs, (k,) each, to seconds, (k,).
    """

    gates: Mapping[str, frozenset[int]] = field(default_factory=dict)
    turns: Mapping[str, frozenset[tuple[int, ...]]] = field(default_factory=dict)
    priced: Flags | None = None
    price_s: Callable[[Ints, Ints], Floats] | None = None


@dataclass(frozen=True, eq=False)
class Arcs:
    """Directed arcs: two for each edge, then copies of some, then the connectors.

    Parameters
    ----------
    tail, head
        Nodes, (2 m + copies + connectors,).
    junction
        Node of the drawing that each node belongs to, (n + extra,): itself for the first n.
    source
        Where to begin at a node, (n + extra,): the node itself, or where nobody arrives.
    base
        The arc of which each is a copy, its own number for the first 2 m, -1 for connectors.
    open
        Mode to which arcs it may take besides what `permitted` says of the base, (all,).
    turn_s
        Mode to what a connector costs, 0 on other arcs, (all,).
    """

    tail: Ints
    head: Ints
    junction: Ints
    source: Ints
    base: Ints
    open: Mapping[str, Flags]
    turn_s: Mapping[str, Floats]

    def seconds(self, mode: str, along: Floats) -> Floats:
        """Return the time of every arc from that of the first 2 m, inf = not permitted."""
        whole = np.append(along, 0.0)[self.base] + self.turn_s[mode]
        return np.where(self.open[mode], whole, np.inf)


def arcs_of(
    tail: Ints, head: Ints, n_nodes: int, rules: Rules, permitted: Mapping[str, Flags] | None = None
) -> Arcs:
    """Return the arcs of edges under rules.

    Parameters
    ----------
    tail, head
        Nodes of each edge, (m,).
    n_nodes
        Number of nodes.
    rules
        Gates, forbidden turns, and prices of turns.
    permitted
        Mode to which arcs it may use, (2 m,); by default all.

    Examples
    --------
    A gate for cars in the middle of a street of two edges:

    >>> arcs = arcs_of(np.array([0, 1]), np.array([1, 2]), 3, Rules({"car": frozenset({1})}))
    >>> arcs.junction.tolist()
    [0, 1, 2, 1, 1, 1, 1, 1]
    >>> arcs.tail[4:8].tolist(), arcs.head[4:8].tolist(), arcs.base[4:8].tolist()
    ([1, 1, 3, 4], [0, 2, 1, 1], [1, 2, -1, -1])
    """
    town = _Town.of(tail, head, n_nodes, rules, permitted)
    states = states_of(rules.turns)
    nodes = _Nodes.of(town, states)
    blocks = [
        _base(town, nodes),
        _copies_for_the_free(town),
        _copies_for_states(town, states, nodes),
        _arrivals(town, states, nodes),
        _passages(town, states, nodes),
        _passages_of_states(town, states, nodes),
        _ways_in(town, nodes),
    ]
    tails, heads, bases, opens, costs = (
        np.concatenate([getattr(block, part) for block in blocks])
        for part in ("tail", "head", "base", "open", "turn_s")
    )
    return Arcs(
        tail=tails,
        head=heads,
        junction=nodes.junction,
        source=nodes.source,
        base=bases,
        open={mode: opens[:, k] for k, mode in enumerate(MODES)},
        turn_s={mode: costs if mode == PRICED else np.zeros(len(costs)) for mode in MODES},
    )


@dataclass(frozen=True, eq=False)
class _Town:
    """Arcs and who is held where; flags of modes are columns in the order of `MODES`."""

    tail: Ints
    head: Ints
    permitted: Flags  # (2 m, modes)
    held: Flags  # (n, modes)
    gate: Flags  # (n, modes)
    rules: Rules

    @classmethod
    def of(
        cls,
        tail: Ints,
        head: Ints,
        n_nodes: int,
        rules: Rules,
        permitted: Mapping[str, Flags] | None,
    ) -> _Town:
        arc_tail = np.column_stack([tail, head]).ravel()
        arc_head = np.column_stack([head, tail]).ravel()
        gate = np.zeros((n_nodes, len(MODES)), dtype=bool)
        held = np.zeros((n_nodes, len(MODES)), dtype=bool)
        may = np.ones((len(arc_tail), len(MODES)), dtype=bool)
        for k, mode in enumerate(MODES):
            gate[sorted(rules.gates.get(mode, ())), k] = True
            passed = [arc for row in rules.turns.get(mode, ()) for arc in row[:-1]]
            held[arc_head[np.array(passed, dtype=np.int64)], k] = True
            if permitted is not None:
                may[:, k] = permitted[mode]
        held |= gate
        if rules.priced is not None:
            held[:, MODES.index(PRICED)] |= rules.priced
        return cls(arc_tail, arc_head, may, held, gate, rules)

    @property
    def own_end(self) -> Flags:
        """Which arcs end at a node of their own, (2 m,)."""
        return np.asarray((self.held[self.head] & self.permitted).any(axis=1))

    @property
    def own_start(self) -> Flags:
        """Which arcs start at a node of their own, (2 m,)."""
        return np.asarray((self.held[self.tail] & self.permitted).any(axis=1))


@dataclass(frozen=True, eq=False)
class _Nodes:
    """Where arcs and states end and start: numbers of nodes."""

    end: Ints  # (2 m,)
    start: Ints  # (2 m,)
    source: Ints  # (n + extra,)
    junction: Ints  # (n + extra,)
    of_state: Mapping[State, tuple[int, int]]  # start and end

    @classmethod
    def of(cls, town: _Town, states: States) -> _Nodes:
        n = len(town.held)
        ends, starts = np.flatnonzero(town.own_end), np.flatnonzero(town.own_start)
        sources = np.flatnonzero(town.held.any(axis=1))
        rows = states.all()
        last = np.array([row[-1] for row in rows], dtype=np.int64)
        parts = (town.head[ends], town.tail[starts], sources, town.tail[last], town.head[last])
        junction = np.concatenate([np.arange(n), *parts]).astype(np.int64)
        first = n + np.cumsum([0, *(len(part) for part in parts)])
        end, start, source = town.head.copy(), town.tail.copy(), np.arange(len(junction))
        end[ends] = first[0] + np.arange(len(ends))
        start[starts] = first[1] + np.arange(len(starts))
        source[sources] = first[2] + np.arange(len(sources))
        of_state = {row: (int(first[3] + k), int(first[4] + k)) for k, row in enumerate(rows)}
        return cls(end, start, source.astype(np.int64), junction, of_state)


@dataclass(frozen=True, eq=False)
class _Block:
    """Arcs of one sort."""

    tail: Ints
    head: Ints
    base: Ints
    open: Flags  # (k, modes)
    turn_s: Floats

    @classmethod
    def connectors(cls, tail: Ints, head: Ints, may: Flags, turn_s: Floats | None = None) -> _Block:
        """Return arcs without length, those that some mode may take."""
        some = may.any(axis=1)
        cost = np.zeros(len(tail)) if turn_s is None else turn_s
        base = np.full(int(some.sum()), -1, dtype=np.int64)
        return cls(tail[some], head[some], base, may[some], cost[some])

    @classmethod
    def listed(cls, rows: Mapping[tuple[int, int, int, float], Flags]) -> _Block:
        """Return arcs given as tail, head, base and seconds with the modes that may take them."""
        parts = np.array(list(rows), dtype=np.float64).reshape(-1, 4)
        tail, head, base = parts[:, :3].astype(np.int64).T
        may = np.array(list(rows.values()), dtype=bool).reshape(-1, len(MODES))
        return cls(tail, head, base, may, parts[:, 3])


def _base(town: _Town, nodes: _Nodes) -> _Block:
    every = np.ones_like(town.permitted)
    return _Block(nodes.start, nodes.end, np.arange(len(every)), every, np.zeros(len(every)))


def _copies_for_the_free(town: _Town) -> _Block:
    """Return copies from node to node for modes that nothing holds at either."""
    free = ~town.held[town.tail] & ~town.held[town.head] & town.permitted
    arc = np.flatnonzero(town.own_start & free.any(axis=1))
    return _Block(town.tail[arc], town.head[arc], arc, free[arc], np.zeros(len(arc)))


def _copies_for_states(town: _Town, states: States, nodes: _Nodes) -> _Block:
    return _Block.listed(
        {
            (*nodes.of_state[row], row[-1], 0.0): _modes_of(row, states) & town.permitted[row[-1]]
            for row in states.all()
        }
    )


def _arrivals(town: _Town, states: States, nodes: _Nodes) -> _Block:
    """Return the connectors from the ends of arcs to their node."""
    own = np.flatnonzero(town.own_end)
    rows = states.all()
    last = np.array([row[-1] for row in rows], dtype=np.int64)
    ends = np.array([nodes.of_state[row][1] for row in rows], dtype=np.int64)
    may = np.array([_modes_of(row, states) for row in rows], dtype=bool).reshape(-1, len(MODES))
    return _Block.connectors(
        np.concatenate([nodes.end[own], ends]),
        np.concatenate([town.head[own], town.head[last]]),
        np.concatenate([town.permitted[own], may]),
    )


def _passages(town: _Town, states: States, nodes: _Nodes) -> _Block:
    """Return the connectors from ends of arcs to starts of arcs that held modes may take."""
    come, go = _pairs(town)
    node = town.head[come]
    may = town.held[node] & town.permitted[come] & town.permitted[go]
    may &= ~town.gate[node] | (go == come ^ 1)[:, None]
    code = come * len(town.head) + go
    for k, mode in enumerate(MODES):
        rows = states.forbidden.get(mode, frozenset()) | states.begun.get(mode, frozenset())
        pairs = [a * len(town.head) + b for a, b in (row for row in rows if len(row) == 2)]
        may[np.isin(code, np.array(pairs, dtype=np.int64)), k] = False
    some = may.any(axis=1)
    come, go = come[some], go[some]
    return _Block.connectors(nodes.end[come], nodes.start[go], may[some], _price(town, come, go))


def _passages_of_states(town: _Town, states: States, nodes: _Nodes) -> _Block:
    """Return the connectors into the copies of arcs between, and from them."""
    leaving: dict[int, list[int]] = {}
    begins = states.all()
    heads = town.head[np.array([row[-1] for row in begins], dtype=np.int64)]
    for arc in np.flatnonzero(np.isin(town.tail, heads)).tolist():
        leaving.setdefault(int(town.tail[arc]), []).append(arc)
    rows: dict[tuple[int, int, int, float], Flags] = {}

    def connect(k: int, state: State, arc: int) -> None:
        last, after = state[-1], states.after(MODES[k], state, arc)
        node = town.head[last]
        if after is None or not town.permitted[arc, k] or (town.gate[node, k] and arc != last ^ 1):
            return
        start = nodes.end[last] if len(state) == 1 else nodes.of_state[state][1]
        end = nodes.start[arc] if len(after) == 1 else nodes.of_state[after][0]
        cost = _price(town, np.array([last]), np.array([arc]))[0]
        rows.setdefault((int(start), int(end), -1, float(cost)), np.zeros(len(MODES), bool))[k] = (
            True
        )

    for k, mode in enumerate(MODES):
        for state in sorted(states.begun.get(mode, ())):
            if len(state) == 2:
                connect(k, state[:1], state[1])
            for arc in leaving.get(int(town.head[state[-1]]), []):
                connect(k, state, arc)
    return _Block.listed(rows)


def _ways_in(town: _Town, nodes: _Nodes) -> _Block:
    """Return the connectors by which trips begin, and by which free modes come to a held one."""
    own = np.flatnonzero(town.own_start)
    here, there = town.tail[own], town.head[own]
    begin = town.held[here] & ~town.gate[here] & town.permitted[own]
    enter = ~town.held[here] & town.held[there] & town.permitted[own]
    apart = np.flatnonzero(town.held.any(axis=1))
    return _Block.connectors(
        np.concatenate([nodes.source[here], here, nodes.source[apart]]),
        np.concatenate([nodes.start[own], nodes.start[own], apart]),
        np.concatenate([begin, enter, ~town.held[apart]]),
    )


def _pairs(town: _Town) -> tuple[Ints, Ints]:
    """Return all pairs of an arc with an own end and one with an own start at its node."""
    come, go = np.flatnonzero(town.own_end), np.flatnonzero(town.own_start)
    go = go[np.argsort(town.tail[go], kind="stable")]
    count = np.bincount(town.tail[go], minlength=len(town.held))
    first = np.cumsum(count) - count
    size = count[town.head[come]]
    owner = np.repeat(np.arange(len(come)), size)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    return come[owner], go[first[town.head[come]][owner] + offset]


def _price(town: _Town, come: Ints, go: Ints) -> Floats:
    """Return what turns cost, 0 at nodes without prices."""
    seconds = np.zeros(len(come))
    if town.rules.priced is not None and town.rules.price_s is not None:
        priced = town.rules.priced[town.head[come]]
        seconds[priced] = town.rules.price_s(come[priced], go[priced])
    return seconds


def _modes_of(state: State, states: States) -> Flags:
    return np.array([state in states.begun.get(mode, ()) for mode in MODES], dtype=bool)
