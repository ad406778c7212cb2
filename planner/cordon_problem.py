"""One cordon as arrays: the runner, the ways out, and who is where in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from planner.cordon_exits import Exits, exits_of
from planner.cordon_params import CordonParams
from planner.cordon_posts import (
    Arrivals,
    Checkpoints,
    Holds,
    arrivals_of,
    holds_of,
    units_that_come,
)
from planner.cordon_runner import Start, arrivals, start_at
from planner.cordon_town import CordonTown, RunnerTown
from planner.solvers.cut import SealSolution, seal

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# How often what checkpoints hold may delay the runner so that others are in time as well.
ROUNDS = 3


@dataclass(frozen=True, eq=False)
class CordonProblem:
    """One cordon as arrays: nodes 0..k-1 are `nodes`, node k is where the runner starts.

    Parameters
    ----------
    town, seen, params
        The town, the town as the runner sees it, the numbers.
    lon, lat
        The place, degrees.
    start
        The place on the streets.
    time_s
        (n,) the runner's earliest arrival at each junction, checkpoints in its way counted.
    exits, checkpoints, holds, units
        Ways out, road checkpoints, what those hold, which units are where in time; junctions of
        the town.
    nodes
        (k,) the junctions that count, ascending: within the horizon, and the exits.
    tail, head
        Arcs between them, those that checkpoints close left out.
    """

    town: CordonTown
    seen: RunnerTown
    params: CordonParams
    lon: float
    lat: float
    start: Start
    time_s: Floats = field(repr=False)
    exits: Exits = field(repr=False)
    checkpoints: Checkpoints = field(repr=False)
    holds: Holds = field(repr=False)
    units: Arrivals = field(repr=False)
    nodes: Ints = field(repr=False)
    tail: Ints = field(repr=False)
    head: Ints = field(repr=False)

    def local(self, junctions: Ints) -> Ints:
        """Return the numbers here of some of the junctions that count."""
        return np.searchsorted(self.nodes, junctions)

    @property
    def runner_s(self) -> Floats:
        """When the runner is at each junction, s from now, (n,); negative = it was there."""
        return np.asarray(self.time_s - self.params.head_start_s)

    def sealed_by(self, pairs: Ints, holds_s: Floats | None = None) -> SealSolution:
        """Return the best plan if these (unit, junction) pairs are in time, in numbers here.

        Of equal plans, one whose posts stand early, if it is known when (`holds_s`, seconds).
        """
        return seal(
            self.tail,
            self.head,
            len(self.nodes) + 1,
            len(self.nodes),
            self.local(self.exits.node),
            np.column_stack([pairs[:, 0], self.local(pairs[:, 1])]),
            held=self.local(self.holds.node[np.isin(self.holds.node, self.nodes)]),
            exit_weight=self.exits.weight,
            delay=holds_s,
            seconds=self.params.seconds,
        )


def problem_at(
    town: CordonTown,
    lon: float,
    lat: float,
    params: CordonParams,
    *,
    states: Mapping[str, str] | None = None,
    minute: int | None = None,
) -> CordonProblem:
    """Return a cordon as arrays, before anybody is sent; parameters as for `cordon`."""
    seen = town.seen_by(params.mode)
    net, streets = seen.net, town.streets
    start = start_at(net, streets, lon, lat, params.snap_m)
    limit_s = params.limit_s
    free_s = arrivals(net, start, limit_s)
    exits = exits_of(
        net, seen.weight, free_s, seen.border, horizon_s=params.ring_s, kinds=params.exits
    )
    points = town.checkpoints(params.mode, minute)
    time_s, holds = _delayed(points, seen, start, free_s, params)
    inside = (free_s <= min(params.ring_s, limit_s)) & np.isfinite(free_s) | exits.pocket
    nodes = np.union1d(np.flatnonzero(inside), exits.node)
    time_s = _far_too(seen, start, holds, exits, free_s, time_s)
    deadline_s = np.full(net.n_nodes, -np.inf)
    deadline_s[nodes] = np.where(np.isinf(time_s[nodes]), -np.inf, time_s[nodes])
    deadline_s -= params.head_start_s
    comes = units_that_come(town.layers, states, minute, params)
    units = arrivals_of(town, comes, params, deadline_s)
    tail, head = arcs_between(seen, start, nodes, exits, holds, inside)
    return CordonProblem(
        town, seen, params, lon, lat, start, time_s, exits, points, holds, units, nodes, tail, head
    )


def best_plan(problem: CordonProblem) -> SealSolution:
    """Return the best plan with the units that the town has, in numbers of the problem."""
    return problem.sealed_by(pairs_of(problem), problem.units.holds_s)


def pairs_of(problem: CordonProblem) -> Ints:
    """Return which units can hold which junctions in time, (k, 2) unit and junction."""
    return np.column_stack([problem.units.unit, problem.units.node])


def _delayed(
    points: Checkpoints, seen: RunnerTown, start: Start, free_s: Floats, params: CordonParams
) -> tuple[Floats, Holds]:
    """Return the runner's arrivals past the checkpoints, and what those hold.

    What one holds delays the runner, so that another may be in time as well.
    """
    net = seen.net
    time_s, known = free_s, -1
    stands_on = start.node[start.arc < 0]
    for _ in range(ROUNDS):
        holds = holds_of(points, net, start, time_s, seen.to_border_s, params.head_start_s)
        # A runner that stands on a junction has got past whoever holds it.
        holds = replace(holds, node=np.setdiff1d(holds.node, stands_on))
        count = len(holds.node) + int(holds.arc.sum())
        if count == known:
            break
        known = count
        shut = holds.arc | np.isin(net.tail, holds.node)
        time_s = arrivals(net, start, params.limit_s, shut) if shut.any() else free_s
    return time_s, holds


def _far_too(
    seen: RunnerTown, start: Start, holds: Holds, exits: Exits, free_s: Floats, time_s: Floats
) -> Floats:
    """Return the arrivals with those at exits behind the limit, at the end of long streets."""
    net = seen.net
    far = exits.node[np.isinf(free_s[exits.node])]
    if not len(far):
        return time_s
    arc = np.flatnonzero(np.isin(net.head, far) & np.isfinite(free_s[net.tail]))
    latest = float((free_s[net.tail[arc]] + net.seconds[arc]).max(initial=0.0))
    shut = holds.arc | np.isin(net.tail, holds.node)
    later = time_s.copy()
    later[far] = arrivals(net, start, latest, shut if shut.any() else None)[far]
    return later


def arcs_between(
    seen: RunnerTown, start: Start, nodes: Ints, exits: Exits, holds: Holds, inside: Flags
) -> tuple[Ints, Ints]:
    """Return the arcs between the junctions that count, those from the start behind them."""
    net = seen.net
    ends = np.zeros(net.n_nodes, dtype=bool)
    ends[exits.node] = True
    counts = np.zeros(net.n_nodes, dtype=bool)
    counts[nodes] = True
    arc = np.flatnonzero(inside[net.tail] & ~ends[net.tail] & counts[net.head] & ~holds.arc)
    first = (start.arc < 0) | ~holds.arc[start.arc]
    first &= counts[start.node]
    tail = np.searchsorted(nodes, net.tail[arc])
    head = np.searchsorted(nodes, net.head[arc])
    begin = np.full(int(first.sum()), len(nodes))
    return (
        np.concatenate([tail, begin]),
        np.concatenate([head, np.searchsorted(nodes, start.node[first])]),
    )
