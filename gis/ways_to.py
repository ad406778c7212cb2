"""The ways of many travellers to one place: one search backwards serves them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely import LineString
from shapely.ops import substring

from gis.streets import Adjacency, Streets
from gis.travel_kernels import search
from gis.trip_ends import Ends, Seeds, arrivals, departures, ends_at, on_one_edge

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Leg:
    """A piece of an edge, from one share of its length to another, and the time on it.

    The time at the junction before it, such as of a turn, is in it.
    """

    edge: int
    start: float
    end: float
    seconds: float


@dataclass(frozen=True, eq=False)
class WaysTo:
    """The fastest ways of travellers to one place on a street; `ways_to` makes it.

    Parameters
    ----------
    time_s
        Time of each, (p,); inf without a way.
    """

    time_s: Floats
    _streets: Streets = field(repr=False)
    _mode: str = field(repr=False)
    _start: Ends = field(repr=False)
    _leave: Seeds = field(repr=False)
    _arrive: Seeds = field(repr=False)
    _end: tuple[int, float] = field(repr=False)
    _direct: Floats = field(repr=False)
    _first: Ints = field(repr=False)
    _next_arc: Ints = field(repr=False)
    _seed: Ints = field(repr=False)

    def legs(self, traveller: int) -> tuple[Leg, ...]:
        """Return the way of one traveller, piece by piece; empty without a way."""
        if not np.isfinite(self.time_s[traveller]):
            return ()
        edge, here = int(self._start.edge[traveller]), float(self._start.fraction[traveller])
        first = int(self._first[traveller])
        if first < 0:
            return (Leg(edge, here, self._end[1], float(self._direct[traveller])),)
        legs: list[Leg] = []
        out = int(self._leave.way[first])
        if out < 2:
            legs.append(Leg(edge, here, 1.0 - out, float(self._leave.seconds[first])))
        node, waited = int(self._leave.node[first]), 0.0
        while self._next_arc[node] >= 0:
            arc = int(self._next_arc[node])
            seconds = float(self._streets.seconds[self._mode][arc])
            if self._streets.arc_edge[arc] < 0:
                waited += seconds
            else:
                back = 0.0 if self._streets.arc_forward[arc] else 1.0
                legs.append(
                    Leg(int(self._streets.arc_edge[arc]), back, 1.0 - back, seconds + waited)
                )
                waited = 0.0
            node = int(self._streets.arc_head[arc])
        last = int(self._seed[node])
        into = int(self._arrive.way[last])
        if into < 2:
            seconds = float(self._arrive.seconds[last]) + waited
            legs.append(Leg(self._end[0], float(into), self._end[1], seconds))
        return tuple(legs) or (Leg(edge, here, here, 0.0),)

    def summary(self) -> str:
        """Return one line: how many arrive, and the first after how long."""
        there = self.time_s[np.isfinite(self.time_s)]
        first = f", the first after {there.min():.0f} s" if len(there) else ""
        return f"{len(there)} of {len(self.time_s)} have a way{first}"


def ways_to(
    streets: Streets, snapped: pd.DataFrame, edge: int, fraction: float, *, mode: str
) -> WaysTo:
    """Return the fastest ways from many points to one place on a street.

    Parameters
    ----------
    streets
        The network.
    snapped
        The points, (p,), as `Streets.snap` gives them for the mode.
    edge, fraction
        The place: an edge that the mode may use, and a share of its length from its tail.
    mode
        "foot", "ebike" or "car".

    Returns
    -------
    WaysTo
        The times of `gis.travel.matrix`, and each way on demand.

    Examples
    --------
    >>> import geopandas as gpd
    >>> line = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 800 0)"], crs="EPSG:32650")
    >>> network = Streets.build(line.translate(500_000, 3_300_000).to_frame("geometry"))
    >>> posts = gpd.GeoSeries.from_xy([500_200, 500_600], [3_300_000] * 2, crs="EPSG:32650")
    >>> ways = ways_to(network, network.snap(posts, mode="foot"), 0, 0.5, mode="foot")
    >>> ways.time_s.tolist(), ways.legs(1)
    ([150.0, 150.0], (Leg(edge=0, start=0.75, end=0.5, seconds=150.0),))
    """
    start = ends_at(streets, snapped, mode)
    place = pd.DataFrame({"edge": [edge], "fraction": [fraction]})
    end = ends_at(streets, place, mode)
    leave, arrive = departures(streets, start), arrivals(streets, end)
    arcs = streets.adjacency(mode, reverse=True)
    node_s, via, seed = _times_and_tree(arcs, arrive)
    next_arc = np.full(len(via), -1, np.int64)
    there = via >= 0
    next_arc[there] = arcs.arc[via[there]]
    count = len(start.edge)
    direct = np.full(count, np.inf)
    if (start.edge == edge).any():
        row, _, seconds = on_one_edge(start, end)
        direct[row] = seconds
    total = leave.seconds + node_s[leave.node]
    first, around = np.full(count, -1, np.int64), np.full(count, np.inf)
    # The last of the worse ones is overwritten by the best: seeds from the slowest to the soonest.
    order = np.argsort(-total, kind="stable")
    order = order[np.isfinite(total[order])]
    first[leave.point[order]], around[leave.point[order]] = order, total[order]
    first[direct <= around] = -1
    return WaysTo(
        np.minimum(direct, around),
        *(streets, mode, start, leave, arrive, (edge, fraction), direct, first, next_arc),
        seed,
    )


def _times_and_tree(arcs: Adjacency, seeds: Seeds) -> tuple[Floats, Ints, Ints]:
    """Return time, arc position (-1 at a seed) and seed of every node, (n,)."""
    n, room = len(arcs.indptr) - 1, len(arcs.node) + len(seeds.node)
    time_s = np.full(n, np.inf)
    via, seed = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    search(
        arcs.indptr, arcs.node, arcs.seconds, seeds.node, seeds.seconds, np.inf,
        np.zeros(n, np.bool_), -1,
        time_s, via, seed, np.empty(n, np.int64), np.empty(room), np.empty(room, np.int64),
    )  # fmt: skip
    return time_s, via, seed


def line_of(streets: Streets, legs: Sequence[Leg]) -> LineString:
    """Return the geometry of a way, in the CRS of the network; empty without a way."""
    if not legs:
        return LineString()
    coords = np.vstack([leg_coords(streets, leg) for leg in legs])
    keep = np.append(True, (np.diff(coords, axis=0) != 0).any(axis=1))
    kept = coords[keep]
    return LineString(kept if len(kept) > 1 else np.repeat(kept, 2, axis=0))


def leg_coords(streets: Streets, leg: Leg) -> Floats:
    """Return the vertices of one piece in the direction of travel, (v, 2)."""
    line = streets.edge_geometry[leg.edge]
    if {leg.start, leg.end} == {0.0, 1.0}:
        coords = shapely.get_coordinates(line)
        return coords if leg.start == 0.0 else coords[::-1]
    return shapely.get_coordinates(substring(line, leg.start, leg.end, normalized=True))
