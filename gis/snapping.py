"""Points to the nearest street a mode may use, and which streets are islands."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import STRtree

from gis.errors import CrsError, InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

# A separate piece of network is worth standing on from this length of street; the largest always.
ISLAND_M = 1000.0
# Streets from which, or to which, less than this share of their piece is open are traps.
TRAP_SHARE = 0.05
# A point this near the end of an edge stands on the junction.
JUNCTION_M = 1e-3


def points_in(points: gpd.GeoSeries | gpd.GeoDataFrame, crs: CRS) -> Geometries:
    """Return points in another CRS, (n,); missing and empty ones as None.

    Raises
    ------
    CrsError
        If the points have no CRS.
    InputError
        If a geometry is not a point; the message names the rows.
    """
    geometry = points.geometry
    if geometry.crs is None:
        msg = "the points have no coordinate system: set one with .set_crs()"
        raise CrsError(msg)
    wrong = ~(geometry.isna() | geometry.is_empty | (geometry.geom_type == "Point"))
    if wrong.any():
        rows = ", ".join(map(str, geometry.index[wrong][:10]))
        msg = f"{int(wrong.sum())} of the points are not points: rows {rows}"
        raise InputError(msg)
    moved = np.array(geometry.to_crs(crs).array, dtype=object)
    finite = np.isfinite(shapely.get_coordinates(moved[~shapely.is_missing(moved)])).all()
    moved[shapely.is_empty(moved)] = None
    if not finite:
        there = np.flatnonzero(~shapely.is_missing(moved))
        bad = there[~np.isfinite(shapely.get_coordinates(moved[there])).all(axis=1)]
        moved[bad] = None
    return moved


@dataclass(frozen=True, eq=False)
class Mainland:
    """The edges a mode can stand on.

    Parameters
    ----------
    usable
        Edges that are neither island nor trap, (m,).
    islands
        How many separate pieces of network are left out.
    left_out_m
        Length of the permitted edges left out, islands and traps.
    """

    usable: Flags
    islands: int
    left_out_m: float


def mainland(tail: Ints, head: Ints, seconds: Floats, length_m: Floats, n_nodes: int) -> Mainland:
    """Return the edges from and to which a mode can get somewhere.

    The largest connected piece of network counts, and others with a kilometre of street. Within
    a piece, an edge is a trap if less than a kilometre (or 5 % of the piece, if that is less)
    is open from it, or leads to it: one-way stubs, as at the border of a file.

    Parameters
    ----------
    tail, head, seconds
        Arcs: nodes and seconds (inf = not permitted), (a,); two for each edge come first.
    length_m
        Length of the edges, (m,).
    n_nodes
        Number of nodes.
    """
    m = len(length_m)
    permitted = np.isfinite(seconds)
    if not permitted[: 2 * m].any():
        return Mainland(np.zeros(m, dtype=bool), 0, 0.0)
    start, end = tail[permitted], head[permitted]
    links = coo_array((np.ones(len(start)), (start, end)), shape=(n_nodes, n_nodes))
    pieces, piece = connected_components(links, directed=False)
    knots, knot = connected_components(links, directed=True, connection="strong")

    permitted_edge = permitted[: 2 * m].reshape(m, 2).any(axis=1)
    of_edge = piece[tail[: 2 * m : 2]]
    total = np.bincount(of_edge[permitted_edge], length_m[permitted_edge], pieces)
    large = total >= ISLAND_M
    large[np.argmax(total)] = True

    arc = np.flatnonzero(permitted)
    arc_m = np.where(arc < 2 * m, length_m[np.minimum(arc // 2, m - 1)], 0.0)
    needed = np.minimum(ISLAND_M, TRAP_SHARE * total)
    needed_knot = np.zeros(knots)
    needed_knot[knot] = needed[piece]
    own = np.zeros(knots)
    inside = (knot[start] == knot[end]) & (arc < 2 * m)
    edge_inside, first = np.unique(arc[inside] // 2, return_index=True)
    np.add.at(own, knot[start[inside][first]], length_m[edge_inside])
    between = knot[start] != knot[end]
    a, b, step = knot[start[between]], knot[end[between]], arc_m[between]
    ahead = _open_m(own, a, b, step, needed_knot)
    behind = _open_m(own, b, a, step, needed_knot)
    extra = np.where(between, arc_m, 0.0)
    need = needed[piece[start]]
    good = (extra + ahead[knot[end]] >= need) & (extra + behind[knot[start]] >= need)
    good &= large[piece[start]] & (arc < 2 * m)
    usable = np.zeros(m, dtype=bool)
    usable[arc[good] // 2] = True
    left_out = permitted_edge & ~usable
    return Mainland(usable, int(((total > 0) & ~large).sum()), float(length_m[left_out].sum()))


def _open_m(own: Floats, start: Ints, end: Ints, step: Floats, enough: Floats) -> Floats:
    """Return the length of street on the best way out of each knot, as far as it matters."""
    reach = np.minimum(own, enough)
    while True:
        best = np.zeros_like(own)
        np.maximum.at(best, start, step + reach[end])
        longer = np.minimum(own + best, enough)
        if np.array_equal(longer, reach):
            return reach
        reach = longer


@dataclass(frozen=True, eq=False)
class EdgeIndex:
    """A spatial index over some edges."""

    edge: Ints
    tree: STRtree

    @classmethod
    def of(cls, geometry: Geometries, chosen: Flags) -> EdgeIndex:
        """Return the index over the chosen edges."""
        edge = np.flatnonzero(chosen)
        return cls(edge, STRtree(geometry[edge]))

    def nearest(self, points: Geometries, limit_m: float) -> tuple[Ints, Ints, Floats]:
        """Return which points are near an edge, the nearest edge, and how far it is."""
        if not len(self.edge) or not len(points):
            none = np.empty(0, dtype=np.int64)
            return none, none, np.empty(0)
        (point, at), apart = self.tree.query_nearest(
            points,
            max_distance=max(limit_m, 1e-9) if np.isfinite(limit_m) else None,
            return_distance=True,
            all_matches=False,
        )
        near = apart <= limit_m
        return point[near], self.edge[at[near]], apart[near]


def snap_points(
    points: Geometries,
    geometry: Geometries,
    length_m: Floats,
    index: EdgeIndex,
    refused: tuple[tuple[str, EdgeIndex], ...],
    limit_m: float,
) -> pd.DataFrame:
    """Return the nearest indexed edge of each point, or why there is none.

    Parameters
    ----------
    points
        Points or None, (k,), in the CRS of the edges.
    geometry, length_m
        All edges, (m,).
    index
        The edges that may be chosen.
    refused
        Reasons, and the edges to which each applies: what the nearest edge would have been.
    limit_m
        Farthest distance.

    Returns
    -------
    DataFrame
        edge (-1 = none), fraction from the edge's tail, offset_m, reason ("" = snapped).
    """
    edge = np.full(len(points), -1, dtype=np.int64)
    fraction = np.full(len(points), np.nan)
    offset_m = np.full(len(points), np.nan)
    reason = np.full(len(points), "too_far", dtype=object)
    reason[shapely.is_missing(points)] = "no_point"
    for word, others in reversed(refused):
        reason[others.nearest(points, limit_m)[0]] = word
    at, found, apart = index.nearest(points, limit_m)
    edge[at], offset_m[at], reason[at] = found, apart, ""
    along = shapely.line_locate_point(geometry[found], points[at])
    along = np.where(along <= JUNCTION_M, 0.0, along)
    whole = along >= length_m[found] - JUNCTION_M
    fraction[at] = np.where((along > 0) & whole, 1.0, np.minimum(along / length_m[found], 1.0))
    return pd.DataFrame(
        {
            "edge": edge,
            "fraction": fraction,
            "offset_m": offset_m,
            "reason": pd.Series(reason, dtype="str"),
        }
    )
