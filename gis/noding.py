"""Lines to nodes and edges: where streets meet, and the pieces between.

Lines meet where they share a vertex, whatever their levels: somebody drew it on purpose, and in
OpenStreetMap a bridge shares no vertex with what it crosses. A loose end also meets a vertex, or
else the line, of another line of its level within the tolerance. Lines that only cross are not
joined, unless the level is the same and one of them is said to be the town's own drawing.
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

from gis.noding_meets import (
    LOOSE_END,
    Drawing,
    Repairs,
    crossed,
    ends_on_lines,
    line_at,
    no_repairs,
    repeats,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

# What a place put in by interpolation may be off by, so that a tolerance of 0 still finds it.
ROUNDING_M = 1e-6
# Height of the strips by which nodes are numbered.
STRIP_M = 300.0


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
    repairs
        What was mended.
    """

    xy: Floats
    tail: Ints
    head: Ints
    line: Ints
    geometry: Geometries
    break_node: Ints
    repairs: Repairs


def node_lines(
    lines: Geometries,
    *,
    breaks: Floats | None = None,
    tolerance_m: float = 0.5,
    level: Ints | None = None,
    own: Flags | None = None,
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
    level
        Level of each line, (k,), 0 = on the ground, which is the default.
    own
        Lines that are joined to what they cross, (k,); by default none.

    Returns
    -------
    Noded
        Nodes by strips of `STRIP_M` from south to north, in each in order of x, then y; edges in
        order of their lines.

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
    levels = np.zeros(len(lines), dtype=np.int64) if level is None else level
    owned = np.zeros(len(lines), dtype=bool) if own is None else own
    drawing = _drawing(parts, line_of_part.astype(np.int64), levels, owned)
    drawing, at_crossings = crossed(drawing, tolerance_m)
    drawing, at_ends = _join_loose_ends(drawing, parts, tolerance_m)
    vertex, part, xy = drawing.vertex, drawing.part, drawing.xy
    uses = np.bincount(vertex, minlength=len(xy))
    at_break = _nearest_vertex(xy, np.flatnonzero(uses), points, tolerance_m)
    junction = uses > 1
    junction[vertex[drawing.is_end]] = True
    junction[at_break[at_break >= 0]] = True
    first, last = _cuts(junction[vertex], part)
    repairs = Repairs.all(at_crossings, *at_ends, repeats(drawing, first, last))

    nodes, ends = np.unique(np.concatenate([vertex[first], vertex[last]]), return_inverse=True)
    order = _by_place(xy[nodes])
    rank = np.empty(len(nodes), dtype=np.int64)
    rank[order] = np.arange(len(nodes))
    flat, edge = _ranges(first, last)
    node_of_vertex = np.full(len(xy) + 1, -1)
    node_of_vertex[nodes] = rank
    return Noded(
        xy=xy[nodes[order]],
        tail=rank[ends[: len(first)]],
        head=rank[ends[len(first) :]],
        line=drawing.line[part[first]],
        geometry=np.asarray(shapely.linestrings(xy[vertex[flat]], indices=edge), dtype=object),
        break_node=node_of_vertex[at_break],
        repairs=repairs,
    )


def _by_place(xy: Floats) -> Ints:
    """Return places in an order in which neighbours are near each other, as searches like it."""
    north = xy[:, 1] - xy[:, 1].min(initial=np.inf)
    return np.lexsort((xy[:, 1], xy[:, 0], north // STRIP_M)).astype(np.int64)


def _drawing(parts: Geometries, line: Ints, level: Ints, own: Flags) -> Drawing:
    """Return the parts as a row of vertices: equal coordinates are one vertex."""
    coords, part = shapely.get_coordinates(parts, return_index=True)
    values, vertex = np.unique(coords[:, 0] + 1j * coords[:, 1], return_inverse=True)
    xy = np.column_stack([values.real, values.imag])
    drawing = Drawing(vertex.astype(np.int64), part, xy, line, level[line], own[line])
    return drawing.merged(np.arange(len(xy)))


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


def _join_loose_ends(
    drawing: Drawing, parts: Geometries, tolerance_m: float
) -> tuple[Drawing, list[Repairs]]:
    """Return the drawing with loose ends moved onto a vertex near by, or else onto a line."""
    uses = np.bincount(drawing.vertex, minlength=len(drawing.xy))
    loose = np.flatnonzero(drawing.is_end & (uses[drawing.vertex] == 1))
    if tolerance_m <= 0 or not len(loose):
        return drawing, [no_repairs()]
    same = _meeting_vertices(drawing, loose, uses, tolerance_m)
    is_loose = np.zeros(len(same), dtype=bool)
    is_loose[drawing.vertex[loose]] = True
    moved = loose[same[drawing.vertex[loose]] != drawing.vertex[loose]]
    found = _moved(drawing, moved, same)
    # What met a vertex of another line is at home; ends that met only each other are not.
    left = np.zeros(len(same), dtype=bool)
    left[same[drawing.vertex[loose]]] = True
    joined = drawing.merged(same)
    more, on_lines = ends_on_lines(joined, parts, np.flatnonzero(left & is_loose), tolerance_m)
    return more, [found, on_lines]


def _meeting_vertices(drawing: Drawing, loose: Ints, uses: Ints, tolerance_m: float) -> Ints:
    """Return for each vertex the one it is merged into, mostly itself."""
    vertex, part, xy = drawing.vertex, drawing.part, drawing.xy
    same = np.arange(len(xy), dtype=np.int64)
    is_loose = np.zeros(len(xy), dtype=bool)
    is_loose[vertex[loose]] = True
    near = cKDTree(xy[vertex[loose]]).sparse_distance_matrix(
        cKDTree(xy), tolerance_m, output_type="ndarray"
    )
    end, other, apart = loose[near["i"]], near["j"].astype(np.int64), near["v"]
    # A line never joins itself: its own short last segment is not a gap. Nor another level.
    _, level = np.unique(drawing.level, return_inverse=True)
    asked = np.zeros(len(xy), dtype=bool)
    asked[other] = True
    own = np.flatnonzero(asked[vertex])
    fit = (uses[other] > 0) & ~np.isin(
        part[end] * len(xy) + other, part[own] * len(xy) + vertex[own]
    )
    fit &= np.isin(level[part[end]] * len(xy) + other, level[part[own]] * len(xy) + vertex[own])
    end, other, apart = end[fit], other[fit], apart[fit]
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


def _moved(drawing: Drawing, moved: Ints, same: Ints) -> Repairs:
    """Return the repairs of ends that were moved onto another vertex."""
    at = drawing.vertex[moved]
    line_of_vertex = np.full(len(drawing.xy), -1, dtype=np.int64)
    line_of_vertex[drawing.vertex[::-1]] = line_at(drawing, np.arange(len(drawing.part)))[::-1]
    step = drawing.xy[same[at]] - drawing.xy[at]
    return Repairs.of(
        LOOSE_END, line_at(drawing, moved), line_of_vertex[same[at]], np.hypot(*step.T),
        drawing.xy[same[at]],
    )  # fmt: skip


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
