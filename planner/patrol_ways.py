"""Ways between the points of a patrol: chosen on one network, timed on another.

The two are the same streets; on the one that ways are chosen by, what walkers had better avoid
takes longer. What is told of a way is its real time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from shapely import LineString

from gis.streets import Adjacency, Streets
from gis.travel_kernels import marked
from gis.trip_ends import Ends, Seeds, arrivals, departures, ends_at, on_one_edge
from gis.ways_to import Leg, line_of
from planner.patrol_ways_kernels import chosen_arcs, chosen_times, chosen_tree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# Cost of each node, the arc into it and the seed that its way begins with.
Tree = tuple[Floats, Ints, Ints]

# Points whose ways are looked for at once: shares of them, the same ways with any number.
THREADS = 2


@dataclass(frozen=True, eq=False)
class Side:
    """One network as seen from the points: arcs by node, and where ways begin and end."""

    seconds: Floats
    leave: Seeds
    arrive: Seeds
    direct_s: Floats


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways between some points, each to each; `ways_between` makes it.

    Parameters
    ----------
    time_s
        Real seconds from row to column, (n, n); inf without a way.
    reason
        Why a point is on no street, (n,): "" or as `gis.streets.Streets.snap` says.
    """

    time_s: Floats
    reason: npt.NDArray[np.object_]
    _streets: Streets = field(repr=False)
    _mode: str = field(repr=False)
    _ends: Ends = field(repr=False)
    _cost: Side = field(repr=False)
    _real: Side = field(repr=False)
    _around: Floats = field(repr=False)
    # Ways that were asked for, and the tree of the last start that was: many ways begin there.
    _known: dict[tuple[int, int], tuple[Leg, ...]] = field(default_factory=dict, repr=False)
    _trees: dict[int, Tree] = field(default_factory=dict, repr=False)

    def legs(self, start: int, end: int) -> tuple[Leg, ...]:
        """Return the way between two points, piece by piece, with real times; empty without one."""
        if (start, end) not in self._known:
            self._known[start, end] = self._legs(start, end)
        return self._known[start, end]

    def _legs(self, start: int, end: int) -> tuple[Leg, ...]:
        if not np.isfinite(self.time_s[start, end]):
            return ()
        edge, here = int(self._ends.edge[start]), float(self._ends.fraction[start])
        last_edge, there = int(self._ends.edge[end]), float(self._ends.fraction[end])
        if self._cost.direct_s[start, end] <= self._around[start, end]:
            return (Leg(edge, here, there, float(self._real.direct_s[start, end])),)
        arcs, first, last = self._search(start, end)
        leave, arrive = self._real.leave, self._real.arrive
        legs = []
        if (out := int(leave.way[first])) < 2:
            legs.append(Leg(edge, here, 1.0 - out, float(leave.seconds[first])))
        waited = 0.0
        for arc in arcs.tolist():
            seconds = float(self._streets.seconds[self._mode][arc])
            on_edge = int(self._streets.arc_edge[arc])
            if on_edge < 0:
                waited += seconds
                continue
            back = 0.0 if self._streets.arc_forward[arc] else 1.0
            legs.append(Leg(on_edge, back, 1.0 - back, seconds + waited))
            waited = 0.0
        if (into := int(arrive.way[last])) < 2:
            seconds = float(arrive.seconds[last]) + waited
            legs.append(Leg(last_edge, float(into), there, seconds))
        return tuple(legs) or (Leg(edge, here, here, 0.0),)

    def line(self, legs: tuple[Leg, ...]) -> LineString:
        """Return the geometry of a way, in the CRS of the network."""
        return line_of(self._streets, legs)

    def length_m(self, legs: tuple[Leg, ...]) -> float:
        """Return the length of a way."""
        lengths_m = self._streets.edge_length_m
        return float(sum(abs(leg.end - leg.start) * lengths_m[leg.edge] for leg in legs))

    def summary(self) -> str:
        """Return one line: how many points, and how many pairs have a way."""
        n = len(self.time_s)
        return f"{n} points, {int(np.isfinite(self.time_s).sum())} of {n * n} ways"

    def _search(self, start: int, end: int) -> tuple[Ints, int, int]:
        """Return arcs and both seeds of a way through nodes, as the matrix took it."""
        arcs, arrive = self._streets.adjacency(self._mode), self._cost.arrive
        theirs = slice(arrive.indptr[end], arrive.indptr[end + 1])
        found, first, last = chosen_arcs(
            _tails(arcs.indptr), *self._tree(start), arrive.node[theirs], arrive.seconds[theirs]
        )
        return arcs.arc[found], int(self._cost.leave.indptr[start]) + first, theirs.start + last

    def _tree(self, start: int) -> Tree:
        """Return the ways from one point to all nodes."""
        tree = self._trees.get(start)
        if tree is None:
            arcs, leave = self._streets.adjacency(self._mode), self._cost.leave
            mine = slice(leave.indptr[start], leave.indptr[start + 1])
            tree = chosen_tree(
                arcs.indptr, arcs.node, self._cost.seconds, leave.node[mine], leave.seconds[mine],
                marked(self._cost.arrive.node, len(arcs.indptr) - 1),
            )  # fmt: skip
            self._trees.clear()
            self._trees[start] = tree
        return tree


def ways_between(
    streets: Streets, chosen: Streets, points: gpd.GeoSeries | gpd.GeoDataFrame, *, mode: str
) -> Ways:
    """Return the ways from every point to every other, as people choose them.

    Parameters
    ----------
    streets
        The network with its real times.
    chosen
        The same with the times that the way is chosen by.
    points
        (n,) points in any CRS.
    mode
        "foot", "ebike" or "car".

    Examples
    --------
    >>> lines = ["LINESTRING (0 0, 90 0)", "LINESTRING (90 0, 90 60)"]
    >>> geometry = gpd.GeoSeries.from_wkt(lines, crs="EPSG:32650").translate(500_000, 3_300_000)
    >>> network = Streets.build(gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=geometry))
    >>> ends = gpd.GeoSeries.from_xy([500_010, 500_090], [3_300_000, 3_300_040], crs="EPSG:32650")
    >>> ways = ways_between(network, network, ends, mode="foot")
    >>> ways.time_s.tolist(), ways.length_m(ways.legs(0, 1))
    ([[0.0, 90.0], [90.0, 0.0]], 120.0)
    """
    snapped = streets.snap(points, mode=mode)
    ends = ends_at(streets, snapped, mode)
    cost = _side(chosen, ends_at(chosen, snapped, mode), mode)
    real = _side(streets, ends, mode)
    around, around_s = _times(streets.adjacency(mode), cost, real)
    time_s = np.where(cost.direct_s <= around, real.direct_s, around_s)
    reason = snapped["reason"].to_numpy(dtype=object)
    return Ways(time_s, reason, streets, mode, ends, cost, real, around)


def _times(arcs: Adjacency, cost: Side, real: Side) -> tuple[Floats, Floats]:
    """Return cost and real time from each point to each other through nodes, on all threads."""
    tail, starts = _tails(arcs.indptr), len(cost.leave.indptr) - 1
    bounds = np.linspace(0, starts, THREADS + 1).astype(np.int64)

    def of_some(first: int, last: int) -> tuple[Floats, Floats]:
        found: tuple[Floats, Floats] = chosen_times(
            arcs.indptr, arcs.node, tail, cost.seconds, real.seconds,
            cost.leave.indptr[first : last + 1], cost.leave.node, cost.leave.seconds,
            real.leave.seconds,
            cost.arrive.indptr, cost.arrive.node, cost.arrive.seconds, real.arrive.seconds,
        )  # fmt: skip
        return found

    with ThreadPoolExecutor(max_workers=THREADS) as workers:
        parts = list(workers.map(of_some, bounds[:-1], bounds[1:]))
    around, around_s = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return around, around_s


def _side(streets: Streets, ends: Ends, mode: str) -> Side:
    """Return one network as seen from the points."""
    direct_s = np.full((len(ends.edge), len(ends.edge)), np.inf)
    start, end, seconds = on_one_edge(ends, ends)
    direct_s[start, end] = seconds
    arcs = streets.adjacency(mode)
    return Side(arcs.seconds, departures(streets, ends), arrivals(streets, ends), direct_s)


def _tails(indptr: Ints) -> Ints:
    """Return the node that each arc leaves."""
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
