"""How a runner moves: a graph of junctions of its own, and when it is where at the earliest.

The runner obeys no turn restriction and no sign, only what walls and posts force; see the switches
in `data/profiles/cordon.toml`. All its times are therefore lower bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import InputError
from gis.layers import WGS84, Layers
from gis.modes import ACCESS_COLUMN
from gis.profiles import load
from gis.snapping import EdgeIndex, points_in
from gis.streets import Streets
from gis.ticks import whole_ticks
from gis.travel_kernels import field as dijkstra

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# A gate stands on a junction if it is no farther from it.
GATE_M = 2.0
# A place this near the end of a street is the junction.
JUNCTION_M = 1.0
# How many times longer stairs take.
STAIRS = 2.0


@dataclass(frozen=True, eq=False)
class RunnerNet:
    """The streets as one way of running sees them: junctions and arcs, sorted by their tail.

    Parameters
    ----------
    mode
        "foot", "ebike" or "car".
    xy
        (n, 2) places of the junctions, metres of the network's CRS.
    indptr
        (n + 1,) where the arcs of each junction begin.
    tail, head, seconds
        (a,) each.
    edge, forward
        (a,) edge of the network that each arc runs along, and whether as it is drawn.
    index
        The edges the runner may start on.
    """

    mode: str
    xy: Floats = field(repr=False)
    indptr: Ints = field(repr=False)
    tail: Ints = field(repr=False)
    head: Ints = field(repr=False)
    seconds: Floats = field(repr=False)
    edge: Ints = field(repr=False)
    forward: Flags = field(repr=False)
    index: EdgeIndex = field(repr=False)

    @property
    def n_nodes(self) -> int:
        """Number of junctions."""
        return len(self.xy)


@dataclass(frozen=True, eq=False)
class Start:
    """Where the runner starts.

    Parameters
    ----------
    edge, fraction
        The street, and the share of its length from its tail.
    node, seconds
        (k,) the first junctions on its way, and when it is there.
    arc
        (k,) the arc that leads there; -1 where it stands on the junction.
    """

    edge: int
    fraction: float
    node: Ints
    seconds: Floats
    arc: Ints


def runner_net(
    streets: Streets, layers: Layers, mode: str, tables: Mapping[str, Any] | None = None
) -> RunnerNet:
    """Return the streets as a runner of one mode sees them.

    Parameters
    ----------
    streets
        The network; its car times count for a runner by car.
    layers
        Streets (kinds, for what cannot be used) and barriers.
    mode
        "foot", "ebike" or "car".
    tables
        How a runner moves (`planner.cordon_params.CordonParams.tables`); None = as the profile
        says.
    """
    table = load("cordon") if tables is None else tables
    n = int(streets.junction.max(initial=-1)) + 1
    along, against = _times(streets, mode, table)
    m = len(along)
    tail = np.concatenate([streets.edge_tail, streets.edge_head])
    head = np.concatenate([streets.edge_head, streets.edge_tail])
    seconds = np.concatenate([along, against])
    edge = np.tile(np.arange(m), 2)
    forward = np.arange(2 * m) < m
    open_ = np.isfinite(seconds) & ~_shut(streets, layers, mode, n, table)[tail]
    arc = np.flatnonzero(open_)
    arc = arc[np.argsort(tail[arc], kind="stable")]
    usable = np.isfinite(along) | np.isfinite(against)
    return RunnerNet(
        mode=mode,
        xy=streets.xy[:n],
        indptr=np.concatenate([[0], np.cumsum(np.bincount(tail[arc], minlength=n))]),
        tail=tail[arc].astype(np.int64),
        head=head[arc].astype(np.int64),
        seconds=seconds[arc],
        edge=edge[arc],
        forward=forward[arc],
        index=EdgeIndex.of(streets.edge_geometry, usable),
    )


def start_at(net: RunnerNet, streets: Streets, lon: float, lat: float, limit_m: float) -> Start:
    """Return where a runner at a place starts: on the nearest street it can use.

    Raises
    ------
    InputError
        If that is no place on earth, or no such street is within the limit.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        msg = f"{lon}, {lat} is no place: lon must be from -180 to 180, lat from -90 to 90"
        raise InputError(msg)
    point = points_in(gpd.GeoSeries.from_xy([lon], [lat], crs=WGS84), streets.crs)
    at, edges, _ = net.index.nearest(point, limit_m)
    if not len(at):
        msg = f"no street that one can use ({net.mode}) within {limit_m:.0f} m of {lon}, {lat}"
        raise InputError(msg)
    edge = int(edges[0])
    length = float(streets.edge_length_m[edge])
    along_m = float(shapely.line_locate_point(streets.edge_geometry[edge], point[0]))
    ends = (int(streets.edge_tail[edge]), int(streets.edge_head[edge]))
    for node, apart in zip(ends, (along_m, length - along_m), strict=True):
        if apart <= JUNCTION_M:
            fraction = 0.0 if node == ends[0] and along_m <= JUNCTION_M else 1.0
            one = np.array([node])
            return Start(edge, fraction, one, np.zeros(1), np.array([-1]))
    fraction = along_m / length
    mine = np.flatnonzero(net.edge == edge)
    share = np.where(net.forward[mine], 1 - fraction, fraction)
    seconds = whole_ticks(net.seconds[mine] * share)
    return Start(edge, fraction, net.head[mine], seconds, mine)


def arrivals(net: RunnerNet, start: Start, limit_s: float, closed: Flags | None = None) -> Floats:
    """Return when the runner is at each junction at the earliest, (n,) s since it set out.

    Parameters
    ----------
    net
        The streets.
    start
        Where it starts.
    limit_s
        Later than this counts as never, inf.
    closed
        (a,) arcs that it cannot take.
    """
    seconds = net.seconds if closed is None else np.where(closed, np.inf, net.seconds)
    way = np.ones(len(start.node), dtype=bool)
    if closed is not None:
        way = (start.arc < 0) | ~closed[start.arc]
    time_s = dijkstra(
        net.indptr, net.head, seconds, start.node[way], start.seconds[way], float(limit_s)
    )[0]
    return np.asarray(time_s)


def _times(streets: Streets, mode: str, table: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """Return the runner's seconds along and against each edge, (m,) each; inf = not at all."""
    m = len(streets.edge_tail)
    permitted = np.isfinite(streets.seconds[mode][: 2 * m]).reshape(m, 2)
    if mode == "car":
        times = streets.seconds["car"][: 2 * m].reshape(m, 2) * table["car"]["time_share"]
        usable = permitted.any(axis=1)
    else:
        # Whoever flees on foot asks neither for whom a street is nor whether it is closed today.
        usable = ~np.isin(streets.edge_kind.astype(str), table["never"][mode])
        slow = np.where(streets.edge_kind == "steps", STAIRS, 1.0)
        times = np.repeat((streets.edge_length_m * slow / table["speed_ms"][mode])[:, None], 2, 1)
    if table["against_oneway"][mode]:
        fastest = times.min(axis=1, initial=np.inf, where=np.isfinite(times))
        both = np.column_stack([fastest, fastest])
    else:
        nowhere = ~np.asarray(permitted.any(axis=1))
        both = np.where(permitted | nowhere[:, None], times, np.inf)
    open_s = np.where(np.asarray(usable)[:, None], both, np.inf)
    return whole_ticks(open_s[:, 0]), whole_ticks(open_s[:, 1])


def _shut(streets: Streets, layers: Layers, mode: str, n: int, table: Mapping[str, Any]) -> Flags:
    """Return the junctions with a gate that stops the runner, (n,)."""
    shut = np.zeros(n, dtype=bool)
    barriers = layers["barriers"]
    gates = barriers[barriers[ACCESS_COLUMN[mode]].eq("no").fillna(False).to_numpy(bool)]
    if not table["barriers_stop"][mode] or not len(gates) or not n:
        return shut
    tree = shapely.STRtree(np.asarray(shapely.points(streets.xy[:n])))
    _, node = tree.query_nearest(
        gates.geometry.to_crs(streets.crs).to_numpy(), max_distance=GATE_M, all_matches=False
    )
    shut[node] = True
    return shut
