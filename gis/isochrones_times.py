"""The edges of a network as arrays: how they are drawn, and when trips from points enter them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.isochrones_kernels import Drawing, Times, enter_edges, near_edges
from gis.sight_kernels import grid_index
from gis.streets import Streets
from gis.travel_kernels import reach_sets
from gis.trip_ends import Ends, departures

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SQUARE_M = 100.0
MOST_SQUARES = 4_000_000


@dataclass(frozen=True, eq=False)
class Ground:
    """Where the edges of a network lie.

    Parameters
    ----------
    drawing
        Their vertices.
    grid
        South-west corner, side of the squares, columns and rows of their index, (5,).
    indptr, member
        Edges by square.
    """

    drawing: Drawing
    grid: Floats
    indptr: Ints
    member: Ints


_GROUNDS: WeakKeyDictionary[Streets, Ground] = WeakKeyDictionary()


def ground_of(streets: Streets) -> Ground:
    """Return where the edges of a network lie; made once for each network."""
    if streets not in _GROUNDS:
        _GROUNDS[streets] = _ground(streets)
    return _GROUNDS[streets]


def _ground(streets: Streets) -> Ground:
    xy, edge = shapely.get_coordinates(streets.edge_geometry, return_index=True)
    first = np.searchsorted(edge, np.arange(len(streets.edge_tail) + 1)).astype(np.int64)
    step = np.append(0.0, np.hypot(*np.diff(xy, axis=0).T)) if len(xy) else np.empty(0)
    step[first[:-1]] = 0.0
    run = np.cumsum(step)
    run -= run[first[edge]]
    length = run[first[1:] - 1]
    share = np.divide(run, length[edge], out=np.zeros_like(run), where=length[edge] > 0)
    share[first[1:] - 1] = np.where(length > 0, 1.0, 0.0)
    bounds = shapely.bounds(streets.edge_geometry)
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    size = max(SQUARE_M, float(np.sqrt(np.prod(high - low) / MOST_SQUARES)))
    columns, rows = ((high - low) // size).astype(np.int64) + 1
    indptr, member = grid_index(bounds, low[0], low[1], size, columns, rows)
    grid = np.array([*low, size, columns, rows], dtype=np.float64)
    return Ground(Drawing(first, xy, share), grid, indptr, member)


def near(ground: Ground, boxes: Floats, times: Times, reach_m: float) -> Ints:
    """Return the permitted edges within a distance of boxes (k, 4), and some beyond."""
    return near_edges(boxes, reach_m, times, ground.indptr, ground.member, ground.grid)


def clusters(boxes: Floats, apart_m: float) -> list[Floats]:
    """Return boxes (k, 4) in groups whose own boxes are farther apart than a distance."""
    group: Ints = np.arange(len(boxes))
    hulls = boxes
    while True:
        grown = np.asarray(shapely.box(*(hulls + np.array([-1, -1, 1, 1]) * apart_m / 2).T))
        one, other = shapely.STRtree(grown).query(grown, predicate="intersects")
        pairs = coo_array((np.ones(len(one), dtype=bool), (one, other)), shape=(len(hulls),) * 2)
        count, label = connected_components(pairs, directed=False)
        group = label[group].astype(np.int64)
        order = np.argsort(group, kind="stable")
        groups = np.split(boxes[order], np.cumsum(np.bincount(group, minlength=count))[:-1])
        if count == len(hulls):
            return groups
        hulls = np.array([[*own[:, :2].min(axis=0), *own[:, 2:].max(axis=0)] for own in groups])


@dataclass(frozen=True, eq=False)
class Trips:
    """When trips from some points enter edges.

    Parameters
    ----------
    edge
        The edges that are entered or begun on, (k,).
    times
        Arrays over all edges.
    """

    edge: Ints
    times: Times


def trips(
    streets: Streets, ends: Ends, mode: str, limit_s: float, *, merge: bool
) -> Iterator[Trips]:
    """Yield when trips from each of the ends, or from all of them, enter edges within a limit.

    What was yielded changes with the next step: the arrays are used again.
    """
    seeds, arcs = departures(streets, ends), streets.adjacency(mode)
    indptr = np.array([0, len(seeds.node)]) if merge else seeds.indptr
    found_at, node, time_s = reach_sets(
        arcs.indptr, arcs.node, arcs.seconds, indptr, seeds.node, seeds.seconds, float(limit_s)
    )
    # Copies of an edge enter it too; a passage of a junction is on no edge.
    way = 2 * streets.arc_edge[arcs.arc] + ~streets.arc_forward[arcs.arc]
    way[streets.arc_edge[arcs.arc] < 0] = -1
    n_edges = len(streets.edge_tail)
    whole = streets.seconds[mode][: 2 * n_edges]
    enter, touched = np.full(2 * n_edges, np.inf), np.empty(n_edges, dtype=np.int64)
    for group in range(len(indptr) - 1):
        mine = slice(None) if merge else slice(group, group + 1)
        own = np.flatnonzero(ends.edge[mine] >= 0)
        own = own[np.argsort(ends.edge[mine][own], kind="stable")]
        own_edge, own_fraction = ends.edge[mine][own], ends.fraction[mine][own]
        part = slice(found_at[group], found_at[group + 1])
        count = enter_edges(arcs.indptr, way, node[part], time_s[part], enter, touched)
        edge = np.union1d(touched[:count], own_edge)
        yield Trips(edge, Times(enter, whole, own_edge, own_fraction))
        enter[2 * edge], enter[2 * edge + 1] = np.inf, np.inf
