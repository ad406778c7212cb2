"""Building footprints made ready for sight: pieces that do not overlap, as edges with heights."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.errors import ParameterError
from gis.sight_kernels import grid_index, widest_opening

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

# Side of a square of the index; near the usual reach of a camera.
SQUARE_M = 40.0
# A camera on a wall stands this far off it, so that it is on one side.
OFF_WALL_M = 1e-6
# A gap between footprints narrower than this is none to look out of.
SEAM_M = 1e-3
# Ways tried from a wall to open ground.
WAYS = 64


@dataclass(frozen=True, eq=False)
class Footprints:
    """Footprints that do not overlap.

    Parameters
    ----------
    polygons
        (k,) pieces; two that touch differ in height.
    polygon_top_m
        (k,) height of each above the ground; inf where it is unknown.
    edges
        (m, 4) x and y of both ends of each edge, the solid on its left. Where two pieces touch
        only the higher one has a wall.
    top_m
        (m,) height of each edge's piece.
    grid, indptr, members
        Index of the edges by square, see `gis.sight_kernels.grid_index`.
    """

    polygons: Shapes = field(repr=False)
    polygon_top_m: Floats = field(repr=False)
    edges: Floats = field(repr=False)
    top_m: Floats = field(repr=False)
    grid: Floats
    indptr: Ints = field(repr=False)
    members: Ints = field(repr=False)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Return the index of the polygons."""
        return shapely.STRtree(self.polygons)

    def summary(self) -> str:
        """Return one line: polygons and edges."""
        known = int(np.isfinite(self.polygon_top_m).sum())
        return f"{len(self.polygons)} footprints, {known} of known height, {len(self.edges)} edges"


def dissolve(buildings: Any) -> Footprints:
    """Return footprints united where they touch or overlap, all of unknown height.

    Overlapping footprints break the sweep, since their edges cross.

    Parameters
    ----------
    buildings
        (n,) polygons, metres; missing and empty ones are passed over, invalid ones mended.
    """
    return prepare(buildings)


def prepare(buildings: Any, height_m: Any = None) -> Footprints:
    """Return footprints as pieces that do not overlap, with their heights.

    Where footprints overlap the highest one stands; one of unknown height is taken as higher than
    all. Those of one height that touch are united.

    Parameters
    ----------
    buildings
        (n,) polygons, metres; missing and empty ones are passed over, invalid ones mended.
    height_m
        (n,) height above the ground, NaN where unknown; None where none is known.

    Raises
    ------
    ParameterError
        If there is not one height for each building.

    Examples
    --------
    >>> low_and_high = [shapely.box(0, 0, 4, 4), shapely.box(2, 0, 6, 4)]
    >>> pieces = prepare(low_and_high, [3.0, 9.0])
    >>> pieces.polygon_top_m, shapely.area(pieces.polygons)
    (array([3., 9.]), array([ 8., 16.]))
    """
    polygons, top_m = _cleaned(buildings, height_m)
    first, second = _touching(polygons)
    group = _groups(first, second, len(polygons))
    # Where two of different heights only touch, they are pieces already.
    differ = top_m[first] != top_m[second]
    first, second = first[differ], second[differ]
    across = first[~shapely.touches(polygons[first], polygons[second])]
    cut = np.isin(group, group[across])
    whole = _united(polygons[~cut], group[~cut], top_m[~cut])
    pieces = _united(*_pieces(polygons[cut], group[cut], top_m[cut]))
    return _indexed(*(np.concatenate(part) for part in zip(whole, pieces, strict=True)))


def _touching(polygons: Shapes) -> tuple[Ints, Ints]:
    """Return the pairs of polygons that have a point in common."""
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = first < second
    return first[once], second[once]


def _groups(first: Ints, second: Ints, count: int) -> Ints:
    """Return the group of each of `count` shapes, those of a pair being in one (count,)."""
    links = csr_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _cleaned(buildings: Any, height_m: Any) -> tuple[Shapes, Floats]:
    """Return valid polygons, multipolygons taken apart, with a height each, inf if unknown."""
    polygons = np.asarray(buildings, dtype=object)
    top_m = np.full(len(polygons), np.inf) if height_m is None else np.asarray(height_m, float)
    if top_m.shape != polygons.shape:
        msg = f"{len(polygons)} buildings need as many heights, not {top_m.size}"
        raise ParameterError(msg)
    there = ~shapely.is_missing(polygons) & ~shapely.is_empty(polygons)
    polygons, top_m = polygons[there], top_m[there]
    wrong = ~shapely.is_valid(polygons)
    polygons[wrong] = shapely.make_valid(polygons[wrong], method="structure")
    parts, row = shapely.get_parts(polygons, return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    tops = top_m[row[solid]]
    return parts[solid], np.where(np.isnan(tops), np.inf, tops)


def _united(polygons: Shapes, group: Ints, top_m: Floats) -> tuple[Shapes, Floats]:
    """Return the polygons of each group united height by height, taken apart, with heights."""
    order = np.lexsort([top_m, group])
    polygons, group, top_m = polygons[order], group[order], top_m[order]
    new = np.ones(len(polygons), bool)
    new[1:] = (group[1:] != group[:-1]) | (top_m[1:] != top_m[:-1])
    number = np.cumsum(new) - 1
    several = np.bincount(number)[number] > 1
    _, first, number = np.unique(number[several], return_index=True, return_inverse=True)
    together = union_by(polygons[several], number)
    parts, row = shapely.get_parts(together, return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    return (
        np.concatenate([polygons[~several], parts[solid]]),
        np.concatenate([top_m[~several], top_m[several][first][row[solid]]]),
    )


def union_by(shapes: Shapes, number: Ints, grid_m: float | None = None) -> Shapes:
    """Return the union of the shapes of each number.

    Parameters
    ----------
    shapes
        (n,) polygons or lines, which may overlap.
    number
        (n,) from 0 up without a gap, ascending.
    grid_m
        Step to round coordinates to, which closes gaps finer than this; None = exact.
    """
    bags = np.asarray(shapely.geometrycollections(shapes, indices=number), dtype=object)
    return np.asarray(shapely.union_all(bags[:, None], grid_size=grid_m, axis=1), dtype=object)


def _pieces(polygons: Shapes, group: Ints, top_m: Floats) -> tuple[Shapes, Ints, Floats]:
    """Return what the outlines of overlapping polygons cut: pieces, their groups and heights.

    All outlines are noded at once, so that pieces that touch have the very same vertices.
    """
    if not len(polygons):
        return polygons, group, top_m
    order = np.argsort(group, kind="stable")
    number = np.unique(group[order], return_inverse=True)[1]
    lines = union_by(shapely.boundary(polygons[order]), number)
    cut = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = shapely.point_on_surface(cut)
    piece, owner = shapely.STRtree(polygons).query(inside, predicate="intersects")
    top, of = np.full(len(cut), -np.inf), np.full(len(cut), -1)
    np.maximum.at(top, piece, top_m[owner])
    of[piece] = group[owner]
    return cut[of >= 0], of[of >= 0], top[of >= 0]


def _indexed(polygons: Shapes, top_m: Floats) -> Footprints:
    """Return polygons that do not overlap with their edges and the index of these."""
    polygons = np.asarray(shapely.orient_polygons(polygons, exterior_cw=False), dtype=object)
    edges, owner = _edges(polygons)
    wall = _is_wall(edges, top_m[owner])
    edges, owner = edges[wall], owner[wall]
    if not len(edges):
        grid, none = np.array([0, 0, 1, 0, 0.0]), np.zeros(0, int)
        return Footprints(polygons, top_m, edges, top_m[owner], grid, np.zeros(1, int), none)
    x, y = edges[:, [0, 2]], edges[:, [1, 3]]
    # Squares grow where the town is vast, so that the grid itself stays small.
    width, height = float(np.ptp(x)), float(np.ptp(y))
    size = max(SQUARE_M, math.sqrt(width * height / 4e6))
    nx, ny = int(width / size) + 1, int(height / size) + 1
    grid = np.array([x.min(), y.min(), size, nx, ny], float)
    indptr, members = grid_index(edges, grid[0], grid[1], size, nx, ny)
    return Footprints(polygons, top_m, edges, top_m[owner], grid, indptr, members)


def _edges(polygons: Shapes) -> tuple[Floats, Ints]:
    """Return the edges of all rings, (m, 4), and the polygon of each."""
    rings, owner = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    edges = np.hstack([xy[:-1][same], xy[1:][same]])
    edges = np.ascontiguousarray(edges, dtype=np.float64).reshape(-1, 4)
    return edges, np.asarray(owner[ring[:-1][same]], dtype=np.int64)


def _is_wall(edges: Floats, top_m: Floats) -> npt.NDArray[np.bool_]:
    """Return which edges can be seen from outside: not those against a piece as high or higher."""
    turned = (edges[:, 0] > edges[:, 2]) | (
        (edges[:, 0] == edges[:, 2]) & (edges[:, 1] > edges[:, 3])
    )
    same = np.where(turned[:, None], edges[:, [2, 3, 0, 1]], edges)
    order = np.lexsort(same.T)
    twin = (same[order][1:] == same[order][:-1]).all(axis=1)
    one, other = order[:-1][twin], order[1:][twin]
    wall = np.ones(len(edges), bool)
    wall[one[top_m[one] <= top_m[other]]] = False
    wall[other[top_m[other] <= top_m[one]]] = False
    return wall


def step_outside(points: Floats, footprints: Footprints, limit_m: float) -> Floats:
    """Return points moved just off the footprints they stand in or on.

    Parameters
    ----------
    points
        (n, 2) metres.
    footprints
        Pieces that do not overlap.
    limit_m
        A point deeper inside than this has no place outside.

    Returns
    -------
    ndarray
        (n, 2); NaN where a point is too deep inside. How far each was moved is
        `np.hypot(*(moved - points).T)`.
    """
    moved = points.copy()
    places = np.asarray(shapely.points(points), dtype=object)
    tree = footprints.tree
    at = np.unique(tree.query(places, predicate="dwithin", distance=OFF_WALL_M / 2)[0])
    if not len(at):
        return moved
    point, piece = tree.query(places[at], predicate="dwithin", distance=limit_m)
    order = np.argsort(point, kind="stable")
    pieces, point = footprints.polygons[piece[order]], point[order]
    foot, away_m = _nearest_wall(places[at], pieces, point)
    turns = np.arange(WAYS) * (2 * math.pi / WAYS)
    tried = foot[:, None, :] + OFF_WALL_M * np.stack([np.sin(turns), np.cos(turns)], axis=1)
    solids = np.asarray(shapely.multipolygons(pieces, indices=point), dtype=object)
    shapely.prepare(solids)
    free = ~shapely.intersects_xy(solids[:, None], tried[..., 0], tried[..., 1])
    # The middle of the widest run of open ways: square to a straight wall. NaN where a notch is
    # finer than the ways tried.
    turn = widest_opening(free) * (2 * math.pi / WAYS)
    outside = foot + OFF_WALL_M * np.stack([np.sin(turn), np.cos(turn)], axis=1)
    outside[away_m > limit_m] = np.nan
    moved[at] = outside
    return moved


def _nearest_wall(places: Shapes, pieces: Shapes, number: Ints) -> tuple[Floats, Floats]:
    """Return the nearest point (n, 2) on the outer walls of the pieces around each place.

    `pieces` and the `number` of their place are (k,), ascending. Another piece may stand right
    behind a wall: the way out is that of all of them together, and how far it is comes second.
    """
    several = np.bincount(number)[number] > 1
    crowded, crowd = np.unique(number[several], return_inverse=True)
    block = np.empty(len(places), dtype=object)
    block[number[~several]] = pieces[~several]
    block[crowded] = union_by(pieces[several], crowd, SEAM_M)
    foot = shapely.get_point(shapely.shortest_line(shapely.boundary(block), places), 0)
    # The union is rounded: its wall is not quite the wall.
    walls = shapely.geometrycollections(shapely.boundary(pieces[several]), indices=crowd)
    foot[crowded] = shapely.get_point(shapely.shortest_line(walls, foot[crowded]), 0)
    return shapely.get_coordinates(foot), np.asarray(shapely.distance(foot, places))
