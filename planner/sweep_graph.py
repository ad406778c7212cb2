"""The streets of an area as a graph to be swept, and walks over it as ways along streets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.streets import Streets
from gis.ways_to import Leg

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SweepGraph:
    """Streets as nodes and edges, the base one of the nodes; `sweep_graph` makes it.

    Parameters
    ----------
    ends
        Nodes of each edge, (m, 2).
    length_m
        Length of each, (m,).
    oneway
        Which are open from the first to the second node only, (m,).
    edge, start, stop
        The edge of the network each is part of, and the shares of its length at its two ends,
        (m,).
    base
        The node of the base.
    """

    ends: Ints
    length_m: Floats
    oneway: Flags
    edge: Ints = field(repr=False)
    start: Floats = field(repr=False)
    stop: Floats = field(repr=False)
    base: int

    def legs(self, walk: Ints, speed_ms: float) -> tuple[Leg, ...]:
        """Return a walk, (k, 2) edges and 1 where backwards, as pieces of the network's edges."""
        legs = []
        for at, back in walk.tolist():
            shares = float(self.start[at]), float(self.stop[at])
            begin, end = shares[::-1] if back else shares
            legs.append(Leg(int(self.edge[at]), begin, end, float(self.length_m[at]) / speed_ms))
        return tuple(legs)


def sweep_graph(streets: Streets, mode: str, base_edge: int, base_fraction: float) -> SweepGraph:
    """Return the streets one mode can get to and away from, with a base on one of them.

    Which turns are forbidden does not count: nodes between which the mode can pass at a junction
    are one.

    Parameters
    ----------
    streets
        The network.
    mode
        "foot", "ebike" or "car".
    base_edge, base_fraction
        Where the base is: an edge of the network, and a share of its length.
    """
    node = _joined_nodes(streets, mode)
    usable = np.flatnonzero(streets.mainland(mode).usable)
    way = np.isfinite(streets.seconds[mode][: 2 * len(streets.edge_tail)]).reshape(-1, 2)[usable]
    # One that is open against its drawn direction only is turned round.
    turned = ~way[:, 0]
    ends = np.column_stack([node[streets.edge_tail], node[streets.edge_head]])[usable]
    ends[turned] = ends[turned, ::-1]
    start = np.where(turned, 1.0, 0.0)
    single: Flags = np.asarray(~way.all(axis=1))
    parts = ends, single, usable.astype(np.int64), start, 1.0 - start
    at = int(np.searchsorted(usable, base_edge))
    if base_fraction in (0.0, 1.0):
        base = int(ends[at, 0] if base_fraction == start[at] else ends[at, 1])
    else:
        base = int(node.max()) + 1
        parts = _cut(*parts, at, base, base_fraction)
    both, _, edge, begin, stop = parts
    length_m = streets.edge_length_m[edge] * np.abs(stop - begin)
    return SweepGraph(both, length_m, parts[1], edge, begin, stop, base)


def inside(streets: Streets, area: shapely.Geometry, border_m: float, least_share: float) -> Flags:
    """Return which edges of the network belong to an area in its CRS, (m,)."""
    region = shapely.buffer(area, border_m)
    shapely.prepare(region)
    lines = streets.edge_geometry
    belongs = np.asarray(shapely.covers(region, lines))
    crossing = np.flatnonzero(shapely.intersects(region, lines) & ~belongs)
    kept_m = shapely.length(shapely.intersection(lines[crossing], region))
    belongs[crossing] = kept_m >= least_share * streets.edge_length_m[crossing]
    return belongs


def _joined_nodes(streets: Streets, mode: str) -> Ints:
    """Return the same number for nodes that the mode can pass between at a junction, (n,)."""
    n = len(streets.xy)
    open_arc = (streets.arc_edge < 0) & np.isfinite(streets.seconds[mode])
    ends = streets.arc_tail[open_arc], streets.arc_head[open_arc]
    links = coo_array((np.ones(len(ends[0]), bool), ends), shape=(n, n))
    return connected_components(links, directed=False)[1].astype(np.int64)


def _cut(
    ends: Ints,
    oneway: Flags,
    edge: Ints,
    start: Floats,
    stop: Floats,
    at: int,
    node: int,
    share: float,
) -> tuple[Ints, Flags, Ints, Floats, Floats]:
    """Return the edges with one cut in two at a share of the network's edge."""
    ends, stop = ends.copy(), stop.copy()
    rest = np.array([[node, ends[at, 1]]])
    both = np.concatenate([ends, rest])
    both[at, 1] = node
    last = stop[at]
    stop[at] = share
    return (
        both,
        np.append(oneway, oneway[at]),
        np.append(edge, edge[at]),
        np.append(start, share),
        np.append(stop, last),
    )
