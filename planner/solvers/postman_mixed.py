"""How often each edge is walked either way where some are one-way.

With one-ways only, the least cost flow that evens out every node is exact. With both kinds, the
numbers of ends are made even first (T-join, directions left aside), then edges are turned and
arcs repeated at least cost: a flow, exact for an even graph, but not for what was added to make it
so (Frederickson's first heuristic). Pieces are tied by a spanning tree of shortest ways.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from planner.solvers.postman_cover import even, spanning, tie
from planner.solvers.postman_graph import Graph, pieces_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def cover_mixed(graph: Graph, depot: int, required: Flags) -> Ints:
    """Return how often each arc is walked, (2 m,): as often into each node as out of it.

    Parameters
    ----------
    graph
        Edges, some of them one-way.
    depot
        Node where the walk begins and ends.
    required
        Edges to be walked at least once, (m,); all lie between the depot and the depot.
    """
    if not required.any():
        return np.zeros(2 * len(required), np.int64)
    copies: Flags = required | tie(graph, pieces_of(graph, required, depot))
    pairs = not graph.oneway.all()
    counts = even(graph, copies.astype(np.int64)) if pairs else copies.astype(np.int64)
    walked = _flow(graph, counts, 2 if pairs else 1)
    return _lean(graph, depot, required, walked)


def least_mixed(graph: Graph, required: Flags) -> float:
    """Return a length no closed walk over the required edges can beat: a relaxation's optimum."""
    m = len(required)
    open_arc = graph.arc_open
    cost = np.repeat(graph.length, 2)
    either = csr_array((np.ones(2 * m), (np.repeat(np.arange(m), 2), np.arange(2 * m))))
    rows = [
        LinearConstraint(either, required.astype(float), np.inf),
        LinearConstraint(_incidence(graph), 0, 0),
    ]
    solved = milp(cost, constraints=rows, bounds=Bounds(0, np.where(open_arc, np.inf, 0.0)))
    return float(solved.fun) if solved.status == 0 else float(graph.length @ required)


def _incidence(graph: Graph) -> csr_array:
    """Return +1 where an arc leaves a node and -1 where it enters one, (n, 2 m)."""
    leave, enter = graph.arc_ends
    arcs = np.arange(len(leave))
    sign = np.repeat([1.0, -1.0], len(arcs))
    ends = (np.concatenate([leave, enter]), np.concatenate([arcs, arcs]))
    return csr_array((sign, ends), shape=(graph.n, len(arcs)))


def _flow(graph: Graph, counts: Ints, unit: int) -> Ints:
    """Return the arcs walked: copies turned, and arcs repeated `unit` times, at least cost."""
    m = len(counts)
    # Half of an edge's copies go each way to begin with, one over goes along.
    against = np.where(graph.oneway, 0, counts // 2)
    arcs = np.column_stack([counts - against, against]).ravel()
    incidence = _incidence(graph)
    # A copy turned round changes what is uneven by two at both ends.
    turn = incidence[:, 1::2] - incidence[:, 0::2]
    free = ~graph.oneway
    low = np.concatenate([np.zeros(2 * m), np.where(free, -against, 0)])
    high = np.concatenate(
        [np.where(graph.arc_open, np.inf, 0.0), np.where(free, counts - against, 0)]
    )
    uneven = (incidence @ arcs) / unit
    solved = milp(
        np.concatenate([np.repeat(graph.length, 2) * unit, np.zeros(m)]),
        constraints=LinearConstraint(hstack([incidence * unit, turn]) / unit, -uneven, -uneven),
        bounds=Bounds(low, high),
    )
    assert solved.x is not None
    flow = np.round(solved.x).astype(np.int64)
    turned = flow[2 * m :]
    walked = arcs + flow[: 2 * m] * unit + np.column_stack([-turned, turned]).ravel()
    return np.asarray(walked, dtype=np.int64)


def _lean(graph: Graph, depot: int, required: Flags, walked: Ints) -> Ints:
    """Return the arcs without ways there and back that neither cover nor tie anything."""
    along, against = walked[0::2], walked[1::2]
    pairs = np.minimum(along, against)
    rest = along + against - 2 * pairs
    kept = np.asarray((rest > 0) | required)
    tied = spanning(graph, depot, kept, (pairs > 0) & ~kept)
    pairs = np.where(rest == 0, required | tied, 0)
    once = np.minimum(pairs, np.minimum(along, against))
    lean = np.column_stack(
        [along - np.minimum(along, against) + once, against - np.minimum(along, against) + once]
    )
    piece = pieces_of(graph, lean.sum(axis=1) > 0, depot)
    return np.asarray(np.where(piece[graph.tail] == piece[depot], lean.T, 0).T.ravel())
