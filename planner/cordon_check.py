"""A cordon replayed: whether anybody who runs gets out past the posts.

Knows nothing of how posts were chosen: it runs through the streets second by second, is stopped
where somebody stands already, and passes where nobody stands yet.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from planner.cordon_problem import CordonProblem
from planner.results_cordon import Cordon


@dataclass(frozen=True)
class Leak:
    """A way out that should be closed.

    Parameters
    ----------
    node
        The exit.
    runner_s
        When it is reached, s from now.
    way
        Junctions from the first to the exit.
    """

    node: int
    runner_s: float
    way: tuple[int, ...]


@dataclass(frozen=True)
class Road:
    """One direction of a street: where it leads, how long it takes, and who stands on it.

    Parameters
    ----------
    to, seconds
        The junction at its end, and the time to it.
    stopped_from_s
        From when nobody passes, s from now; None = nobody stands there.
    stopped_at
        How far along that is, 0..1.
    """

    to: int
    seconds: float
    stopped_from_s: float | None = None
    stopped_at: float = 0.0


def run_out(
    roads: Mapping[int, list[Road]],
    starts: Mapping[int, float],
    posts: Mapping[int, float],
    exits: frozenset[int],
) -> dict[int, Leak]:
    """Return the exits that a runner gets to, each with the fastest way there.

    Parameters
    ----------
    roads
        Junction to the roads that leave it.
    starts
        Junction to when the runner is there first, s from now (negative = it was).
    posts
        Junction to from when it is held, s from now: who comes then or later is stopped.
    exits
        Junctions where the run ends.

    Examples
    --------
    >>> roads = {0: [Road(1, 10.0)], 1: [Road(2, 10.0)]}
    >>> list(run_out(roads, {0: 0.0}, {1: 10.0}, frozenset({2})))
    []
    >>> run_out(roads, {0: 0.0}, {1: 11.0}, frozenset({2}))[2].runner_s
    20.0
    """
    out: dict[int, Leak] = {}
    settled: set[int] = set()
    queue: list[tuple[float, int, tuple[int, ...]]]
    queue = [(when, node, (node,)) for node, when in starts.items()]
    heapq.heapify(queue)
    while queue:
        when, node, way = heapq.heappop(queue)
        if node in settled or when >= posts.get(node, float("inf")):
            continue
        settled.add(node)
        if node in exits:
            out[node] = Leak(node, when, way)
            continue
        for road in roads.get(node, []):
            passes = when + road.stopped_at * road.seconds
            if road.stopped_from_s is None or passes < road.stopped_from_s:
                heapq.heappush(queue, (when + road.seconds, road.to, (*way, road.to)))
    return out


def leaks_of(problem: CordonProblem, cordon: Cordon) -> list[Leak]:
    """Return the ways out that a cordon calls closed and a runner finds open.

    Parameters
    ----------
    problem
        The streets as the runner sees them, where it starts, the exits.
    cordon
        Who holds what from when, and which exits are said to be open.
    """
    posts: dict[int, float] = {}
    units = cordon.holders[cordon.holders["kind"] == "unit"]
    for node, holds_s in zip(units["node"].tolist(), units["holds_s"].tolist(), strict=True):
        posts[node] = min(holds_s, posts.get(node, holds_s))
    points = problem.checkpoints
    # One that stands all the time is there when the runner comes, whenever that was counted from.
    for node, row in problem.holds.by_node.items():
        posts[node] = min(points.from_s(row), posts.get(node, float("inf")))
    starts: dict[int, float] = {}
    begin, late = problem.start, problem.params.head_start_s
    for node, seconds, arc in zip(
        begin.node.tolist(), begin.seconds.tolist(), begin.arc.tolist(), strict=True
    ):
        if arc < 0 or arc not in problem.holds.by_arc:
            starts[node] = min(seconds - late, starts.get(node, float("inf")))
    out = run_out(_roads(problem), starts, posts, frozenset(problem.exits.node.tolist()))
    named_open = set(cordon.open_exits["node"].tolist())
    return [leak for node, leak in sorted(out.items()) if node not in named_open]


def _roads(problem: CordonProblem) -> dict[int, list[Road]]:
    """Return every road of the runner's network, those a checkpoint closes with its time."""
    net, points = problem.seen.net, problem.checkpoints
    roads: dict[int, list[Road]] = defaultdict(list)
    for arc, (tail, head, seconds) in enumerate(
        zip(net.tail.tolist(), net.head.tolist(), net.seconds.tolist(), strict=True)
    ):
        row = problem.holds.by_arc.get(arc)
        if row is None:
            roads[tail].append(Road(head, seconds))
        else:
            share = points.share(row, bool(net.forward[arc]), tail)
            roads[tail].append(Road(head, seconds, points.from_s(row), share))
    return roads
