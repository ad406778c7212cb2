"""The edges of a network as arrays: how they are drawn, and when trips from points enter them."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.isochrones_kernels import Drawing, Squares, thinned
from gis.isochrones_parts import Times, Trips, enter_edges
from gis.sight_kernels import grid_index
from gis.streets import Streets
from gis.travel_kernels import reach_sets
from gis.trip_ends import Ends, departures

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SQUARE_M = 100.0
MOST_SQUARES = 4_000_000
# Less than an area leans to what is reached.
ROUGH_M = 1.5


@dataclass(frozen=True, eq=False)
class Ground:
    """Where the edges of a network lie.

    Parameters
    ----------
    drawing
        Their vertices.
    rough
        The same without those that make no difference to an area.
    squares
        The edges by place.
    """

    drawing: Drawing
    rough: Drawing
    squares: Squares


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
    left, bottom = low.tolist()
    squares = Squares(left, bottom, float(size), int(columns), int(rows), indptr, member)
    drawing = Drawing(first, xy, share)
    return Ground(drawing, thinned(drawing, ROUGH_M), squares)


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


def trips(streets: Streets, ends: Ends, mode: str, limit_s: float, *, merge: bool) -> Trips:
    """Return what trips from each of the ends, or from all of them, reach within a limit."""
    seeds, arcs = departures(streets, ends), streets.adjacency(mode)
    indptr = np.array([0, len(seeds.node)]) if merge else seeds.indptr
    found_at, node, time_s = reach_sets(
        arcs.indptr, arcs.node, arcs.seconds, indptr, seeds.node, seeds.seconds, float(limit_s)
    )
    group = np.zeros(len(ends.edge), np.int64) if merge else np.arange(len(ends.edge))
    order = np.lexsort((ends.edge, group))
    order = order[ends.edge[order] >= 0]
    return Trips(
        found_at=found_at,
        node=node,
        time_s=time_s,
        own_at=np.searchsorted(group[order], np.arange(len(indptr))),
        own_edge=ends.edge[order],
        own_fraction=ends.fraction[order],
        indptr=arcs.indptr,
        arc=arcs.arc,
        arc_edge=streets.arc_edge,
        arc_forward=streets.arc_forward,
        whole=streets.seconds[mode][: 2 * len(streets.edge_tail)],
    )


def entered(trips: Trips) -> tuple[Ints, Times]:
    """Return the edges that trips of a single group enter, in order, and when."""
    n_edges = len(trips.whole) // 2
    enter, touched = np.full(2 * n_edges, np.inf), np.empty(n_edges, dtype=np.int64)
    edges, times = enter_edges(trips, 0, enter, touched)
    return np.sort(edges), Times(*times)
