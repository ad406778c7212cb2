"""Passing through a junction: gates and turn restrictions as arcs.

An arc is one direction of an edge: arc 2e runs along edge e, arc 2e + 1 against it. Where a gate
or a turn restriction stands, the node is taken apart: each arriving arc gets a node of its own,
each departing arc too, and arcs without length (connectors) say which passage each mode may
take. The node itself stays: every mode arrives there, and modes that nothing holds up pass
through it. So any shortest-path program that knows nothing of gates or turns is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gis.modes import MODES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rules:
    """What may not pass where.

    Parameters
    ----------
    gates
        Mode to the nodes that it cannot pass through; it may turn round there.
    turns
        Mode to (arriving arc, departing arc) pairs that are not allowed.
    """

    gates: Mapping[str, frozenset[int]] = field(default_factory=dict)
    turns: Mapping[str, frozenset[tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Arcs:
    """Directed arcs: two for each edge, then the connectors.

    Parameters
    ----------
    tail, head
        Nodes, (2 m + c,).
    junction
        Node of the drawing that each node belongs to, (n + extra,): itself for the first n.
    connector_s
        Mode to seconds, (c,): 0, or inf where the mode may not take the passage.
    """

    tail: Ints
    head: Ints
    junction: Ints
    connector_s: Mapping[str, Floats]


def arcs_of(tail: Ints, head: Ints, n_nodes: int, rules: Rules) -> Arcs:
    """Return the arcs of edges under rules.

    Parameters
    ----------
    tail, head
        Nodes of each edge, (m,).
    n_nodes
        Number of nodes.
    rules
        Gates and forbidden turns.

    Examples
    --------
    A gate for cars in the middle of a street of two edges:

    >>> arcs = arcs_of(np.array([0, 1]), np.array([1, 2]), 3, Rules({"car": frozenset({1})}))
    >>> arcs.junction.tolist()
    [0, 1, 2, 1, 1, 1, 1]
    >>> open_to_cars = np.isfinite(arcs.connector_s["car"])
    >>> len(open_to_cars), int(open_to_cars.sum())
    (6, 4)
    """
    arc_tail = np.column_stack([tail, head]).ravel()
    arc_head = np.column_stack([head, tail]).ravel()
    special = set().union(*rules.gates.values())
    special |= {int(arc_head[a]) for pairs in rules.turns.values() for a, _ in pairs}
    arriving = _arriving(arc_head, special)
    junction = list(range(n_nodes))
    new_tail, new_head = arc_tail.copy(), arc_head.copy()
    from_node: list[int] = []
    to_node: list[int] = []
    passage: dict[str, list[bool]] = {mode: [] for mode in MODES}

    def connect(start: int, end: int, modes: Iterable[str]) -> None:
        from_node.append(start)
        to_node.append(end)
        for mode in MODES:
            passage[mode].append(mode in modes)

    turns_at: dict[str, set[int]] = {
        mode: {int(arc_head[a]) for a, _ in pairs} for mode, pairs in rules.turns.items()
    }
    for node in sorted(special):
        held = {
            mode
            for mode in MODES
            if node in rules.gates.get(mode, ()) or node in turns_at.get(mode, ())
        }
        free = set(MODES) - held
        for arc in arriving[node]:
            new_head[arc] = len(junction)
            new_tail[arc ^ 1] = len(junction) + 1
            junction += [node, node]
            connect(int(new_head[arc]), node, MODES)
            if free:
                connect(node, int(new_tail[arc ^ 1]), free)
        for arc in arriving[node]:
            for out in (other ^ 1 for other in arriving[node]):
                modes = {mode for mode in held if _may_turn(rules, mode, node, arc, out)}
                if modes:
                    connect(int(new_head[arc]), int(new_tail[out]), modes)
    return Arcs(
        tail=np.concatenate([new_tail, np.array(from_node, dtype=np.int64)]),
        head=np.concatenate([new_head, np.array(to_node, dtype=np.int64)]),
        junction=np.array(junction, dtype=np.int64),
        connector_s={
            mode: np.where(np.array(passage[mode], dtype=bool), 0.0, np.inf) for mode in MODES
        },
    )


def _arriving(arc_head: Ints, special: set[int]) -> dict[int, list[int]]:
    arriving: dict[int, list[int]] = defaultdict(list)
    for arc in np.flatnonzero(np.isin(arc_head, np.array(sorted(special), dtype=np.int64))):
        arriving[int(arc_head[arc])].append(int(arc))
    return arriving


def _may_turn(rules: Rules, mode: str, node: int, arc: int, out: int) -> bool:
    if node in rules.gates.get(mode, ()) and out != arc ^ 1:
        return False
    return (arc, out) not in rules.turns.get(mode, ())
