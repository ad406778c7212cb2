"""The way between a point and the streets: its own street, and the others near by.

The own street of a point is the nearest on the map that its mode can use, whatever is closed. The
way there is straight. The way to any other street is not: it leads along the closed street, round
water and walls, and is told so slow that no short cut comes of it. Which street is whose own
depends on no closure, so that closing a street makes nobody sooner.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.snapping import JUNCTION_M, EdgeIndex, points_in
from gis.streets import Streets
from gis.ticks import whole_ticks
from gis.travel_kernels import field as dijkstra
from gis.trip_ends import Seeds, arrivals, departures, ends_at, on_one_edge

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Beside:
    """Streets beside points, point after point.

    Parameters
    ----------
    n
        Number of points.
    point, edge, fraction
        (k,) position of the point, its street, and where on it (share from the edge's tail).
    seconds
        (k,) time between point and street, whole 1/1024 s.
    """

    n: int
    point: Ints
    edge: Ints = field(repr=False)
    fraction: Floats = field(repr=False)
    seconds: Floats = field(repr=False)

    def rows(self, chosen: Bools | Ints) -> Beside:
        """Return some of the rows; the points keep their numbers."""
        return Beside(
            self.n,
            self.point[chosen],
            self.edge[chosen],
            self.fraction[chosen],
            self.seconds[chosen],
        )

    def later(self, by_s: Floats) -> Beside:
        """Return the same with so many seconds more for each point, (n,)."""
        return Beside(self.n, self.point, self.edge, self.fraction, self.seconds + by_s[self.point])

    def snapped(self) -> pd.DataFrame:
        """Return the rows as places on edges, as `Streets.snap` has them."""
        return pd.DataFrame({"edge": self.edge, "fraction": self.fraction})

    def places(self, streets: Streets) -> gpd.GeoSeries:
        """Return the points on the streets, in the CRS of the network."""
        lines = streets.edge_geometry[self.edge]
        on = shapely.line_interpolate_point(lines, self.fraction, normalized=True)
        return gpd.GeoSeries(on, crs=streets.crs)

    def summary(self) -> str:
        """Return one line: how many points have a street."""
        return f"{len(np.unique(self.point))} of {self.n} points have a street"


def beside(
    streets: Streets,
    drawn: Streets,
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    mode: str,
    paces_ms: tuple[float, float],
    *,
    limit_m: float,
    index: EdgeIndex | None = None,
) -> Beside:
    """Return the streets beside some points, and how long the way there takes.

    Parameters
    ----------
    streets
        The network, with its closures.
    drawn
        The same with nothing closed (`planner.network.drawn`).
    points
        (n,) points, any CRS.
    mode
        "foot", "ebike" or "car".
    paces_ms
        Speed to the own street, and to any other, m/s.
    limit_m
        Farther streets do not count.
    index
        From `permitted`, for many questions.

    Returns
    -------
    Beside
        By point, the soonest first; a point has no row where no street is near.

    Examples
    --------
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 90 0)", "LINESTRING (0 50, 90 50)"])
    >>> frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=lines, crs="EPSG:32650")
    >>> network = Streets.build(frame.translate(500_000, 3_300_000).to_frame("geometry"))
    >>> post = gpd.GeoSeries.from_xy([500_045], [3_300_020], crs="EPSG:32650")
    >>> found = beside(network, network, post, "foot", (1.25, 0.5), limit_m=40)
    >>> found.edge.tolist(), found.seconds.tolist()
    ([0, 1], [16.0, 60.0])
    """
    metres = points_in(points, streets.crs)
    own = drawn.places(points, mode=mode, limit_m=limit_m)
    index = permitted(streets, mode) if index is None else index
    point, at = index.tree.query(metres, predicate="dwithin", distance=limit_m)
    edge = index.edge[at]
    lines = streets.edge_geometry[edge]
    apart_m = shapely.distance(lines, metres[point])
    fraction = _fractions(streets, edge, shapely.line_locate_point(lines, metres[point]))
    # Where no street of its own is near, nobody comes: the others are but a way round.
    near = own.edge[point] >= 0
    pace = np.where(edge == own.edge[point], *paces_ms)
    seconds = whole_ticks(apart_m / pace)
    order = np.lexsort((edge, seconds, point))
    order = order[near[order]]
    return Beside(len(metres), point[order], edge[order], fraction[order], seconds[order])


def permitted(streets: Streets, mode: str) -> EdgeIndex:
    """Return an index over the edges that a mode may use in some direction."""
    m = len(streets.edge_tail)
    some = np.isfinite(streets.seconds[mode][: 2 * m]).reshape(m, 2).any(axis=1)
    return EdgeIndex.of(streets.edge_geometry, np.asarray(some))


def node_times(streets: Streets, starts: Beside, mode: str, *, limit_s: float = np.inf) -> Floats:
    """Return when travellers from points are at each node, (points, nodes) seconds, inf = never.

    Parameters
    ----------
    streets
        The network, at any hour.
    starts
        The streets beside the points.
    mode
        "foot", "ebike" or "car".
    limit_s
        Later than this counts as never.
    """
    seeds = departures(streets, ends_at(streets, starts.snapped(), mode))
    seconds = seeds.seconds + starts.seconds[seeds.point]
    first = np.searchsorted(starts.point[seeds.point], np.arange(starts.n + 1))
    arcs = streets.adjacency(mode)
    time_s = np.empty((starts.n, len(streets.xy)))
    for row in range(starts.n):
        mine = slice(first[row], first[row + 1])
        time_s[row] = dijkstra(
            arcs.indptr, arcs.node, arcs.seconds, seeds.node[mine], seconds[mine], float(limit_s)
        )[0]
    return time_s


def nearest_times(
    streets: Streets, starts: Beside, mode: str, *, limit_s: float, reverse: bool = False
) -> Floats:
    """Return when the first traveller is at each node, or from each node at a point, (nodes,).

    Parameters
    ----------
    streets, starts, mode, limit_s
        As for `node_times`.
    reverse
        True for the time from the nodes to the nearest point, for trips that begin there.
    """
    ends = ends_at(streets, starts.snapped(), mode)
    seeds: Seeds = arrivals(streets, ends) if reverse else departures(streets, ends)
    seconds = seeds.seconds + starts.seconds[seeds.point]
    arcs = streets.adjacency(mode, reverse=reverse)
    time_s = dijkstra(arcs.indptr, arcs.node, arcs.seconds, seeds.node, seconds, float(limit_s))[0]
    return np.minimum(time_s, time_s[streets.source]) if reverse else time_s


def times_between(
    streets: Streets, starts: Beside, node_s: Floats, stops: Beside, mode: str
) -> Floats:
    """Return when travellers from points are at each street beside some places, (points, stops).

    The way from the street to the place is not in it.

    Parameters
    ----------
    streets
        The network.
    starts, node_s
        The streets beside the points, and `node_times` from there on this network.
    stops
        (k,) the streets beside the places.
    mode
        "foot", "ebike" or "car".
    """
    end = ends_at(streets, stops.snapped(), mode)
    seeds = arrivals(streets, end)
    time_s = np.full((starts.n, len(stops.edge)), np.inf)
    reached = np.flatnonzero(np.diff(seeds.indptr))
    if len(reached):
        through = node_s[:, seeds.node] + seeds.seconds
        time_s[:, reached] = np.minimum.reduceat(through, seeds.indptr[reached], axis=1)
    shared = np.isin(starts.edge, stops.edge)
    if not shared.any():
        return time_s
    starts = starts.rows(shared)
    begin = ends_at(streets, starts.snapped(), mode)
    here, there, seconds = on_one_edge(begin, end)
    np.minimum.at(time_s, (starts.point[here], there), starts.seconds[here] + seconds)
    return time_s


def soonest_of(stops: Beside, time_s: Floats) -> Floats:
    """Return the soonest time to each place, (points, places): by any street beside it.

    Parameters
    ----------
    stops
        (k,) the streets beside the places.
    time_s
        (points, k) times to each of them.
    """
    found = np.full((len(time_s), stops.n), np.inf)
    if len(stops.point):
        first = np.flatnonzero(np.append(True, np.diff(stops.point) != 0))
        whole = time_s + stops.seconds
        found[:, stops.point[first]] = np.minimum.reduceat(whole, first, axis=1)
    return found


def _fractions(streets: Streets, edge: Ints, along_m: Floats) -> Floats:
    """Return places along edges as shares of their length; near an end they are on the junction."""
    length_m = streets.edge_length_m[edge]
    along_m = np.where(along_m <= JUNCTION_M, 0.0, along_m)
    whole = (along_m > 0) & (along_m >= length_m - JUNCTION_M)
    return np.where(whole, 1.0, np.minimum(along_m / length_m, 1.0))
