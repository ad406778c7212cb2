"""Lines to nodes and edges: where streets meet, and the pieces between.

Lines meet where they share a vertex, whatever their levels: somebody drew it on purpose, and in
OpenStreetMap a bridge shares no vertex with what it crosses. A loose end also meets a vertex of
another line within the tolerance. Lines that only cross are not joined.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely import STRtree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

# What a place put in by interpolation may be off by, so that a tolerance of 0 still finds it.
ROUNDING_M = 1e-6


@dataclass(frozen=True, eq=False)
class Noded:
    """Nodes and the edges between them.

    Parameters
    ----------
    xy
        Places of the nodes, (n, 2).
    tail, head
        Node at the first and last vertex of each edge, (m,). Loops and parallel edges stay.
    line
        Position of the line each edge is a piece of, (m,).
    geometry
        LineString of each edge, drawn like its line, (m,).
    break_node
        Node at each point asked for, (k,); -1 where no line passes.
    loose_ends_joined
        How many loose ends were moved onto another line's vertex.
    """

    xy: Floats
    tail: Ints
    head: Ints
    line: Ints
    geometry: Geometries
    break_node: Ints
    loose_ends_joined: int


def node_lines(
    lines: Geometries, *, breaks: Floats | None = None, tolerance_m: float = 0.5
) -> Noded:
    """Return the nodes and edges of lines.

    Parameters
    ----------
    lines
        LineStrings and MultiLineStrings, (k,), in metres. Pieces without length are dropped.
    breaks
        Points (j, 2) at which a passing line is cut as well, such as gates.
    tolerance_m
        How far a loose end, or a point of `breaks`, may be from the line it belongs to.

    Returns
    -------
    Noded
        Nodes in order of x, then y; edges in order of their lines.

    Examples
    --------
    >>> cross = shapely.from_wkt(["LINESTRING (0 0, 5 0, 9 0)", "LINESTRING (5 0, 5 7)"])
    >>> noded = node_lines(cross)
    >>> noded.tail.tolist(), noded.head.tolist(), noded.line.tolist()
    ([0, 1, 1], [1, 3, 2], [0, 0, 1])
    """
    points = np.empty((0, 2)) if breaks is None else breaks
    parts, line_of_part = shapely.get_parts(shapely.force_2d(lines), return_index=True)
    parts = _with_vertices(parts, points, tolerance_m)
    coords, part = shapely.get_coordinates(parts, return_index=True)
    vertex, xy = _vertices(coords)
    keep = _no_repeats(vertex, part)
    vertex, part = vertex[keep], part[keep]

    merged = _join_loose_ends(vertex, part, xy, tolerance_m)
    joined = int((merged != np.arange(len(xy))).sum())
    vertex = merged[vertex]
    keep = _no_repeats(vertex, part)
    vertex, part = vertex[keep], part[keep]

    at_break = _nearest_vertex(xy, np.unique(vertex), points, tolerance_m)
    junction = np.bincount(vertex, minlength=len(xy)) > 1
    junction[vertex[_is_end(part)]] = True
    junction[at_break[at_break >= 0]] = True
    first, last = _cuts(junction[vertex], part)

    nodes, ends = np.unique(np.concatenate([vertex[first], vertex[last]]), return_inverse=True)
    flat, edge = _ranges(first, last)
    node_of_vertex = np.full(len(xy) + 1, -1)
    node_of_vertex[nodes] = np.arange(len(nodes))
    return Noded(
        xy=xy[nodes],
        tail=ends[: len(first)].astype(np.int64),
        head=ends[len(first) :].astype(np.int64),
        line=line_of_part[part[first]].astype(np.int64),
        geometry=np.asarray(shapely.linestrings(xy[vertex[flat]], indices=edge), dtype=object),
        break_node=node_of_vertex[at_break],
        loose_ends_joined=joined,
    )


def _with_vertices(parts: Geometries, points: Floats, tolerance_m: float) -> Geometries:
    """Return the parts with a vertex put in where a point lies on a line between its vertices."""
    if not len(points) or not len(parts):
        return parts
    vertices = cKDTree(shapely.get_coordinates(parts))
    reach_m = tolerance_m + ROUNDING_M
    far = points[vertices.query(points)[0] > reach_m]
    if not len(far):
        return parts
    which, where = STRtree(parts).query_nearest(
        shapely.points(far), max_distance=reach_m, all_matches=False
    )
    parts = parts.copy()
    for at in np.unique(where):
        line = parts[at]
        along = shapely.line_locate_point(line, shapely.points(far[which[where == at]]))
        own = shapely.get_coordinates(line)
        steps = np.hypot(*np.diff(own, axis=0).T)
        position = np.concatenate([[0.0], np.cumsum(steps)])
        extra = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
        order = np.argsort(np.concatenate([position, along]), kind="stable")
        parts[at] = shapely.linestrings(np.vstack([own, extra])[order])
    return parts


def _vertices(coords: Floats) -> tuple[Ints, Floats]:
    """Return the number of each coordinate's vertex and the places of the vertices."""
    values, inverse = np.unique(coords[:, 0] + 1j * coords[:, 1], return_inverse=True)
    return inverse.astype(np.int64), np.column_stack([values.real, values.imag])


def _no_repeats(vertex: Ints, part: Ints) -> npt.NDArray[np.bool_]:
    keep = np.ones(len(vertex), dtype=bool)
    keep[1:] = (vertex[1:] != vertex[:-1]) | (part[1:] != part[:-1])
    # A part that shrank to one vertex has no length.
    size = np.bincount(part[keep], minlength=int(part.max(initial=-1)) + 1)
    return np.asarray(keep & (size[part] > 1))


def _is_end(part: Ints) -> npt.NDArray[np.bool_]:
    end = np.ones(len(part), dtype=bool)
    end[1:-1] = (part[1:-1] != part[:-2]) | (part[1:-1] != part[2:])
    return end


def _join_loose_ends(vertex: Ints, part: Ints, xy: Floats, tolerance_m: float) -> Ints:
    """Return for each vertex the one it is merged into, mostly itself."""
    same = np.arange(len(xy), dtype=np.int64)
    uses = np.bincount(vertex, minlength=len(xy))
    loose = np.flatnonzero(_is_end(part) & (uses[vertex] == 1))
    if tolerance_m <= 0 or not len(loose):
        return same
    is_loose = np.isin(same, vertex[loose])
    near = cKDTree(xy[vertex[loose]]).sparse_distance_matrix(
        cKDTree(xy), tolerance_m, output_type="ndarray"
    )
    end, other, apart = loose[near["i"]], near["j"].astype(np.int64), near["v"]
    # A line never joins itself: its own short last segment is not a gap.
    own = np.unique(part * len(xy) + vertex)
    foreign = (uses[other] > 0) & ~np.isin(part[end] * len(xy) + other, own)
    end, other, apart = end[foreign], other[foreign], apart[foreign]
    # All loose ends near each other are one place; of other vertices only the nearest is meant.
    order = np.lexsort((other, apart, end))
    end, other = end[order], other[order]
    to_loose = is_loose[other]
    nearest = np.flatnonzero(~to_loose)[np.unique(end[~to_loose], return_index=True)[1]]
    chosen = np.concatenate([np.flatnonzero(to_loose), nearest])
    end, other = end[chosen], other[chosen]
    links = coo_array((np.ones(len(end)), (vertex[end], other)), shape=(len(xy), len(xy)))
    _, group = connected_components(links, directed=False)
    # A vertex that is no loose end stays where it is.
    order = np.lexsort((same, is_loose, group))
    _, first = np.unique(group[order], return_index=True)
    return np.asarray(order[first][group], dtype=np.int64)


def _nearest_vertex(xy: Floats, used: Ints, points: Floats, tolerance_m: float) -> Ints:
    """Return the vertex in use at each point, -1 where there is none within the tolerance."""
    if not len(points) or not len(used):
        return np.full(len(points), -1, dtype=np.int64)
    apart, at = cKDTree(xy[used]).query(points)
    return np.where(apart <= tolerance_m + 2 * ROUNDING_M, used[at], -1).astype(np.int64)


def _cuts(at_junction: npt.NDArray[np.bool_], part: Ints) -> tuple[Ints, Ints]:
    """Return the first and last position of each edge in the row of all coordinates."""
    cuts = np.flatnonzero(at_junction)
    inside = part[cuts[:-1]] == part[cuts[1:]]
    return cuts[:-1][inside], cuts[1:][inside]


def _ranges(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return all positions from first to last of each edge in one row, and whose they are."""
    size = last - first + 1
    edge = np.repeat(np.arange(len(size)), size)
    offset = np.arange(len(edge)) - np.repeat(np.cumsum(size) - size, size)
    return first[edge] + offset, edge
