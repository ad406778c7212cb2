"""Travel times: nearest, reach, matrix, path, isochrones.

All times are seconds, in whole 1/1024 s, from where a point was snapped to the street (within
150 m; see `gis.trip_ends`). A point that no street takes reaches nothing and is reached by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.errors import ParameterError
from gis.isochrones import isochrones, reachable
from gis.paths import Path, path, paths
from gis.streets import Streets
from gis.travel_kernels import field, reach_sets, times_between
from gis.trip_ends import arrivals, departures, ends_of, on_one_edge

__all__ = [
    "NearestField",
    "Path",
    "Reach",
    "isochrones",
    "matrix",
    "nearest",
    "path",
    "paths",
    "reach",
    "reachable",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class NearestField:
    """The nearest point of every node.

    Parameters
    ----------
    time_s
        Time to or from it, (n,); inf where none is within the limit.
    owner
        Its position in the points, (n,); -1 where there is none.
    """

    time_s: Floats
    owner: Ints

    def summary(self) -> str:
        """Return one line: how many nodes are reached and how late the last one."""
        there = np.isfinite(self.time_s)
        last = self.time_s[there].max(initial=0.0)
        return f"{there.sum()} of {len(there)} nodes reached, the last after {last:.0f} s"


@dataclass(frozen=True, eq=False)
class Reach:
    """The nodes each point reaches, in order of time.

    Parameters
    ----------
    indptr
        Those of point i are at indptr[i] to indptr[i + 1], (p + 1,).
    node
        Nodes, (k,).
    time_s
        Their times, (k,).
    """

    indptr: Ints
    node: Ints
    time_s: Floats

    def summary(self) -> str:
        """Return one line: how many nodes the points reach."""
        return f"{len(self.indptr) - 1} points reach {len(self.node)} nodes together"


def nearest(
    streets: Streets,
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    mode: str,
    limit_s: float = np.inf,
    reverse: bool = False,
) -> NearestField:
    """Return for every node the point from which it is reached first.

    Parameters
    ----------
    streets
        The network.
    points
        Points in any CRS.
    mode
        "foot", "ebike" or "car".
    limit_s
        Largest time.
    reverse
        True for the time from the nodes to the points, for trips that begin at the node
        (`Streets.source`).

    Returns
    -------
    NearestField
        Arrays over the nodes of the network.

    Raises
    ------
    CrsError, InputError
        If the points have no CRS, or are not points.
    ParameterError
        If there is no such mode, or the limit is not a time.

    Examples
    --------
    >>> line = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 800 0)"], crs="EPSG:32650")
    >>> line = line.translate(500_000, 3_300_000)
    >>> network = Streets.build(line.to_frame("geometry"))
    >>> post = gpd.GeoSeries.from_xy([500_200], [3_300_010], crs="EPSG:32650")
    >>> nearest(network, post, mode="foot").time_s.tolist()
    [150.0, 450.0]
    """
    _check_limit(limit_s)
    ends = ends_of(streets, points, mode)
    seeds = arrivals(streets, ends) if reverse else departures(streets, ends)
    arcs = streets.adjacency(mode, reverse=reverse)
    time_s, seed = field(
        arcs.indptr, arcs.node, arcs.seconds, seeds.node, seeds.seconds, float(limit_s)
    )
    owner = np.append(seeds.point, -1)[seed].astype(np.int64)
    if reverse:
        sooner = time_s[streets.source] < time_s
        time_s = np.where(sooner, time_s[streets.source], time_s)
        owner = np.where(sooner, owner[streets.source], owner)
    return NearestField(time_s, owner)


def reach(
    streets: Streets,
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    mode: str,
    limit_s: float,
    reverse: bool = False,
) -> Reach:
    """Return the nodes that each point reaches within a limit.

    Parameters
    ----------
    streets
        The network.
    points
        Points in any CRS.
    mode
        "foot", "ebike" or "car".
    limit_s
        Largest time.
    reverse
        True for the nodes from which each point is reached.

    Returns
    -------
    Reach
        Nodes and times, point by point, each in order of time.

    Raises
    ------
    CrsError, InputError
        If the points have no CRS, or are not points.
    ParameterError
        If there is no such mode, or the limit is not a time.
    """
    _check_limit(limit_s)
    ends = ends_of(streets, points, mode)
    seeds = arrivals(streets, ends) if reverse else departures(streets, ends)
    arcs = streets.adjacency(mode, reverse=reverse)
    found = Reach(
        *reach_sets(
            arcs.indptr, arcs.node, arcs.seconds,
            seeds.indptr, seeds.node, seeds.seconds, float(limit_s),
        )
    )  # fmt: skip
    return _with_sources(streets, found) if reverse else found


def matrix(
    streets: Streets,
    origins: gpd.GeoSeries | gpd.GeoDataFrame,
    destinations: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    mode: str,
) -> Floats:
    """Return the time from every origin to every destination.

    Parameters
    ----------
    streets
        The network.
    origins, destinations
        Points in any CRS.
    mode
        "foot", "ebike" or "car".

    Returns
    -------
    ndarray
        (n_origins, n_destinations) seconds; inf where there is no way. Parts of edges count, and
        two points on one edge need not leave it.

    Raises
    ------
    CrsError, InputError
        If the points have no CRS, or are not points.
    ParameterError
        If there is no such mode.
    """
    start, end = ends_of(streets, origins, mode), ends_of(streets, destinations, mode)
    leave, arrive = departures(streets, start), arrivals(streets, end)
    arcs = streets.adjacency(mode)
    times = times_between(
        arcs.indptr, arcs.node, arcs.seconds,
        leave.indptr, leave.node, leave.seconds,
        arrive.indptr, arrive.node, arrive.seconds,
    )  # fmt: skip
    a, b, seconds = on_one_edge(start, end)
    times[a, b] = np.minimum(times[a, b], seconds)
    return np.asarray(times)


def _with_sources(streets: Streets, found: Reach) -> Reach:
    """Return the same with the nodes from which trips begin at another that is reached."""
    apart = np.flatnonzero(streets.source != streets.node_ids)
    begins = np.full(len(streets.source), -1, dtype=np.int64)
    begins[streets.source[apart]] = apart
    more = np.flatnonzero(begins[found.node] >= 0)
    if not len(more):
        return found
    point = np.repeat(np.arange(len(found.indptr) - 1), np.diff(found.indptr))
    point = np.concatenate([point, point[more]])
    node = np.concatenate([found.node, begins[found.node[more]]])
    time_s = np.concatenate([found.time_s, found.time_s[more]])
    order = np.lexsort((time_s, node, point))
    same = (np.diff(point[order]) == 0) & (np.diff(node[order]) == 0)
    order = order[np.append(True, ~same)]
    order = order[np.lexsort((time_s[order], point[order]))]
    return Reach(
        np.searchsorted(point[order], np.arange(len(found.indptr))), node[order], time_s[order]
    )


def _check_limit(limit_s: float) -> None:
    if not limit_s >= 0:
        msg = f"limit_s is {limit_s}; it must be 0 or more seconds"
        raise ParameterError(msg)
