"""Streets that a mode cannot get to or away from: islands and traps."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

# A separate piece of network is worth standing on from this length of street; the largest always.
ISLAND_M = 1000.0
# Streets from which, or to which, less than this share of their piece is open are traps.
TRAP_SHARE = 0.05

CUT_OFF, NO_WAY_OUT, NO_WAY_IN = "cut off", "no way out", "no way in"


@dataclass(frozen=True, eq=False)
class Mainland:
    """The edges a mode can stand on.

    Parameters
    ----------
    usable
        Edges that are neither island nor trap, (m,).
    reason
        Why a permitted edge is left out, "" for all others, (m,): "cut off" (a separate piece),
        "no way out" or "no way in" (a trap).
    islands
        How many separate pieces of network are left out.
    left_out_m
        Length of the permitted edges left out, islands and traps.
    """

    usable: Flags
    reason: Geometries
    islands: int
    left_out_m: float


def mainland(
    tail: Ints, head: Ints, edge: Ints, seconds: Floats, length_m: Floats, n_nodes: int
) -> Mainland:
    """Return the edges from and to which a mode can get somewhere.

    The largest connected piece of network counts, and others with a kilometre of street. Within
    a piece, an edge is a trap if less than a kilometre (or 5 % of the piece, if that is less)
    is open from it, or leads to it: one-way stubs, as at the border of a file.

    Parameters
    ----------
    tail, head, edge, seconds
        Arcs: nodes, edge (-1 = connector) and seconds (inf = not permitted), (a,).
    length_m
        Length of the edges, (m,).
    n_nodes
        Number of nodes.
    """
    m = len(length_m)
    open_arc = np.isfinite(seconds)
    tail, head, edge = tail[open_arc], head[open_arc], edge[open_arc]
    street = edge >= 0
    if not street.any():
        return Mainland(np.zeros(m, dtype=bool), np.full(m, "", dtype=object), 0, 0.0)
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(n_nodes, n_nodes))
    pieces, piece = connected_components(links, directed=False)
    knots, knot = connected_components(links, directed=True, connection="strong")

    known, first = np.unique(edge[street], return_index=True)
    of_edge = piece[tail[street][first]]
    total = np.bincount(of_edge, length_m[known], pieces)
    large = total >= ISLAND_M
    large[np.argmax(total)] = True

    arc_m = np.where(street, length_m[edge], 0.0)
    needed = np.minimum(ISLAND_M, TRAP_SHARE * total)
    needed_knot = np.zeros(knots)
    needed_knot[knot] = needed[piece]
    own = np.zeros(knots)
    inside = (knot[tail] == knot[head]) & street
    # Both directions of an edge, and its copies, are one street.
    alone = np.unique(np.column_stack([knot[tail[inside]], edge[inside]]), axis=0)
    np.add.at(own, alone[:, 0], length_m[alone[:, 1]])
    between = knot[tail] != knot[head]
    a, b, step = knot[tail[between]], knot[head[between]], arc_m[between]
    extra = np.where(between, arc_m, 0.0)
    need = needed[piece[tail]]
    out = extra + _open_m(own, a, b, step, needed_knot)[knot[head]] >= need
    in_ = extra + _open_m(own, b, a, step, needed_knot)[knot[tail]] >= need

    flags = np.zeros((3, m), dtype=bool)
    for row, good in zip(flags, (out & in_, out, np.ones_like(out)), strict=True):
        row[edge[good & large[piece[tail]] & street]] = True
    usable, leads_out, in_large = flags
    reason = np.full(m, "", dtype=object)
    reason[known] = CUT_OFF
    reason[in_large] = NO_WAY_OUT
    reason[leads_out] = NO_WAY_IN
    reason[usable] = ""
    left_out = reason != ""
    return Mainland(
        usable, reason, int(((total > 0) & ~large).sum()), float(length_m[left_out].sum())
    )


def islands_of(
    land: Mainland, tail: Ints, head: Ints, length_m: Floats, geometry: Geometries, crs: CRS
) -> gpd.GeoDataFrame:
    """Return what is left out of the mainland, piece by piece, the longest first.

    Parameters
    ----------
    land
        The mainland.
    tail, head, length_m, geometry
        Nodes, length and line of each edge, (m,).
    crs
        CRS of the lines.

    Returns
    -------
    GeoDataFrame
        piece (0, 1, ...), edges (how many), length_m, reason, geometry (MultiLineString).
    """
    edge = np.flatnonzero(land.reason != "")
    words, word = np.unique(land.reason[edge].astype(str), return_inverse=True)
    n_nodes = int(max(tail.max(initial=-1), head.max(initial=-1))) + 1
    # One layer of nodes for each reason: pieces of different reasons do not join.
    a, b = tail[edge] + n_nodes * word, head[edge] + n_nodes * word
    size = n_nodes * len(words)
    links = coo_array((np.ones(len(edge)), (a, b)), shape=(size, size))
    _, group = connected_components(links, directed=False)
    _, piece = np.unique(group[a], return_inverse=True)
    total = np.bincount(piece, length_m[edge])
    rank = np.empty(len(total), dtype=np.int64)
    rank[np.argsort(-total, kind="stable")] = np.arange(len(total))
    order = np.argsort(rank[piece], kind="stable")
    piece, edge, word = rank[piece][order], edge[order], word[order]
    _, first, count = np.unique(piece, return_index=True, return_counts=True)
    lines = np.asarray(shapely.multilinestrings(geometry[edge], indices=piece), dtype=object)
    return gpd.GeoDataFrame(
        {
            "piece": np.arange(len(first)),
            "edges": count.astype(np.int64),
            "length_m": np.sort(total)[::-1],
            "reason": words[word[first]].astype(object),
        },
        geometry=gpd.GeoSeries(lines.ravel() if len(edge) else [], crs=crs),
    )


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
