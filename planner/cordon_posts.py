"""Who can hold what: road checkpoints where they stand, units where they come in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.layers import Layers
from gis.profiles import load
from gis.snapping import points_in
from gis.streets import Streets
from planner.cordon_params import CordonParams
from planner.cordon_roads import directions_of, stops_traffic
from planner.cordon_runner import RunnerNet, Start
from planner.tiers import EVERYDAY, turnouts_at, units_at, units_on
from planner.week import on_duty

if TYPE_CHECKING:
    from planner.cordon_town import CordonTown

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Farther than this from any street a checkpoint is none.
CHECKPOINT_M = 100.0


@dataclass(frozen=True, eq=False)
class Checkpoints:
    """Road checkpoints that can stop a runner, where they stand.

    Parameters
    ----------
    row
        (c,) position in the layer road_checkpoints.
    node
        (c,) junction that each holds, or -1 where it stands on a street between two.
    edge, fraction
        (c,) its street, and how far along.
    ready_s
        (c,) seconds from now until it stops traffic.
    inward, outward
        (c,) whether it stops who goes into the town, and who goes out.
    """

    row: Ints
    node: Ints
    edge: Ints
    fraction: Floats
    ready_s: Floats
    inward: Flags
    outward: Flags

    def from_s(self, row: int) -> float:
        """Return from when the checkpoint in a row of the layer stops traffic, s from now."""
        return float(self.ready_s[self.row == row][0])

    def share(self, row: int, forward: bool, tail: int) -> float:
        """Return how far along one direction of its street a checkpoint stands, 0..1."""
        at = int(np.flatnonzero(self.row == row)[0])
        if self.node[at] == tail:
            return 0.0
        return float(self.fraction[at] if forward else 1 - self.fraction[at])


@dataclass(frozen=True, eq=False)
class Holds:
    """What the checkpoints hold in time against one runner.

    Parameters
    ----------
    node
        (h,) junctions that are held in every direction.
    arc
        (a,) arcs of the runner's network that cannot be taken.
    by_node, by_arc
        Junction, and arc, to the position of its checkpoint in the layer.
    """

    node: Ints
    arc: Flags = field(repr=False)
    by_node: Mapping[int, int] = field(repr=False)
    by_arc: Mapping[int, int] = field(repr=False)


def checkpoints_at(
    rows: gpd.GeoDataFrame,
    net: RunnerNet,
    streets: Streets,
    minute: int | None,
    table: Mapping[str, Any] | None = None,
) -> Checkpoints:
    """Return the road checkpoints that stop a runner at a minute of the week (None = all).

    What each kind does tells `table`, [checkpoints] of the cordon; None = that of the profile.
    """
    table = load("cordon")["checkpoints"] if table is None else table
    holds = stops_traffic(rows["kind"], table)
    if minute is not None:
        holds = holds & on_duty(
            _texts(rows["hours"]),
            minute,
            codes=rows["code"].tolist(),
            layer="road_checkpoints",
            column="hours",
        )
    own = rows["setup_s"].to_numpy(float)
    usual = rows["kind"].map(table["setup_s"]).fillna(0.0).to_numpy(float)
    at_once = rows["kind"].eq("staffed").fillna(False).to_numpy(bool)
    ready = np.where(at_once, 0.0, np.where(np.isnan(own), usual, own))
    places = points_in(rows, streets.crs)
    at, edge, _ = net.index.nearest(places, CHECKPOINT_M)
    keep = holds[at]
    at, edge = at[keep], edge[keep]
    along = shapely.line_locate_point(streets.edge_geometry[edge], places[at])
    length = streets.edge_length_m[edge]
    apart = np.minimum(along, length - along)
    node = np.where(along <= length / 2, streets.edge_tail[edge], streets.edge_head[edge])
    node = np.where(apart <= table["at_junction_m"], node, -1)
    inward, outward = directions_of(rows["directions"], table)
    return Checkpoints(at, node, edge, along / length, ready[at], inward[at], outward[at])


def holds_of(
    points: Checkpoints,
    net: RunnerNet,
    start: Start,
    time_s: Floats,
    to_border_s: Floats,
    head_start_s: float,
) -> Holds:
    """Return what the checkpoints hold before the runner can be there.

    One that stops both directions holds its junction. One that stops a single direction holds the
    arcs that lead out of the town from there (towards the nearest way out), or into it.

    Parameters
    ----------
    points
        The checkpoints.
    net, start, time_s
        The runner: its network, where it starts, its earliest arrivals (n,).
    to_border_s
        (n,) seconds to the nearest way out of the town.
    head_start_s
        How long it has moved already.
    """
    arc = np.zeros(len(net.tail), dtype=bool)
    by_node: dict[int, int] = {}
    by_arc: dict[int, int] = {}
    with np.errstate(invalid="ignore"):  # inf - inf where no way out can be reached
        outwards = to_border_s[net.head] < to_border_s[net.tail]
    for k, row in enumerate(points.row.tolist()):
        node = int(points.node[k])
        both = points.inward[k] and points.outward[k]
        late = points.ready_s[k] + head_start_s
        if node >= 0 and both:
            if time_s[node] >= late:
                by_node[node] = row
            continue
        if node >= 0:
            mine = np.arange(net.indptr[node], net.indptr[node + 1])
            in_time = np.full(len(mine), time_s[node] >= late)
        else:
            mine = np.flatnonzero(net.edge == points.edge[k])
            in_time = _passing_s(points, k, net, start, time_s, mine) >= late
        wanted = outwards[mine] if points.outward[k] else ~outwards[mine]
        wanted |= both
        arc[mine[wanted & in_time]] = True
        by_arc |= dict.fromkeys(mine[wanted & in_time].tolist(), row)
    return Holds(np.array(sorted(by_node), dtype=np.int64), arc, by_node, by_arc)


def _passing_s(
    points: Checkpoints, k: int, net: RunnerNet, start: Start, time_s: Floats, arcs: Ints
) -> Floats:
    """Return when the runner passes a checkpoint between junctions, by arc, (k,)."""
    share = np.where(net.forward[arcs], points.fraction[k], 1 - points.fraction[k])
    passes = time_s[net.tail[arcs]] + share * net.seconds[arcs]
    if start.edge == points.edge[k]:
        ahead = np.where(net.forward[arcs], 1.0, -1.0) * (points.fraction[k] - start.fraction)
        direct = np.where(ahead >= 0, ahead * net.seconds[arcs], np.inf)
        passes = np.minimum(passes, direct)
    return np.asarray(passes)


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Units at junctions.

    Parameters
    ----------
    unit
        (k,) position in the layer units.
    node
        (k,) junction.
    arrives_s, holds_s
        (k,) seconds from now until it is there, and until nobody passes.
    """

    unit: Ints
    node: Ints
    arrives_s: Floats
    holds_s: Floats


def units_that_come(
    layers: Layers,
    states: Mapping[str, str] | None,
    minute: int | None,
    params: CordonParams | None = None,
) -> Flags:
    """Return which units can be sent, (units,): ready, or on duty where no state is known.

    Only kinds that count at the level of duty are sent, and those it recalls are on duty at any
    hour; see `planner.tiers.units_on`.
    """
    level, levels = (EVERYDAY, None) if params is None else (params.level, params.levels)
    hours = units_on(layers, level, minute, levels)
    if states is None:
        return hours
    known = [states.get(code) for code in layers["units"]["code"]]
    ready = np.array(
        [on if state is None else state == "ready" for state, on in zip(known, hours, strict=True)],
        dtype=bool,
    )
    return ready & units_at(layers, level, levels)


def arrivals_of(
    town: CordonTown, comes: Flags, params: CordonParams, deadline_s: Floats
) -> Arrivals:
    """Return which units are at which junctions, and hold them, by a deadline.

    Parameters
    ----------
    town
        The town made ready.
    comes
        (units,) which can be sent.
    params
        Numbers of the cordon.
    deadline_s
        (n,) seconds from now by which a junction must be held; -inf where nobody need come.
    """
    units = town.layers["units"]
    turnout_s = turnouts_at(town.layers, params.turnout_s, params.level, params.levels)
    nodes = np.flatnonzero(deadline_s >= params.setup_s)
    latest = float(deadline_s.max(initial=-np.inf)) - params.setup_s
    modes = units["mode"].fillna("car").to_numpy(object)
    arrives_s = np.full((len(units), len(nodes)), np.inf)
    for mode in sorted(set(modes[comes])):
        rows = np.flatnonzero(comes & (modes == mode) & (turnout_s <= latest))
        if len(rows):
            limit_s = latest - float(turnout_s[rows].min())
            times = town.unit_times(units.iloc[rows].geometry, nodes, str(mode), limit_s)
            arrives_s[rows] = times + turnout_s[rows][:, None]
    unit, at = np.nonzero(arrives_s + params.setup_s <= deadline_s[nodes])
    there = arrives_s[unit, at]
    return Arrivals(unit, nodes[at], there, there + params.setup_s)


def _texts(column: pd.Series[Any]) -> list[str | None]:
    return [None if pd.isna(text) else str(text) for text in column]
