"""Building footprints made ready for sight: dissolved, oriented, as edges."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis.sight_kernels import grid_index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Side of a square of the index; near the usual reach of a camera.
SQUARE_M = 40.0
# A camera on a wall stands this far off it, so that it is on one side.
OFF_WALL_M = 1e-6


@dataclass(frozen=True, eq=False)
class Footprints:
    """Footprints that do not overlap.

    Parameters
    ----------
    polygons
        (k,) dissolved polygons.
    edges
        (m, 4) x and y of both ends of each edge, the solid on its left.
    grid, indptr, members
        Index of the edges by square, see `gis.sight_kernels.grid_index`.
    """

    polygons: npt.NDArray[np.object_] = field(repr=False)
    edges: Floats = field(repr=False)
    grid: Floats
    indptr: Ints = field(repr=False)
    members: Ints = field(repr=False)

    def summary(self) -> str:
        """Return one line: polygons and edges."""
        return f"{len(self.polygons)} footprints, {len(self.edges)} edges"


def dissolve(buildings: Any) -> Footprints:
    """Return footprints dissolved where they touch or overlap.

    Overlapping footprints break the sweep, since their edges cross.

    Parameters
    ----------
    buildings
        (n,) polygons, metres; missing and empty ones are passed over, invalid ones mended.
    """
    polygons = np.asarray(buildings, dtype=object)
    polygons = polygons[~shapely.is_missing(polygons) & ~shapely.is_empty(polygons)]
    wrong = ~shapely.is_valid(polygons)
    if wrong.any():
        polygons = polygons.copy()
        polygons[wrong] = shapely.make_valid(polygons[wrong], method="structure")
    parts = shapely.get_parts(shapely.union_all(polygons))
    parts = parts[shapely.get_dimensions(parts) == 2]
    parts = np.asarray(shapely.orient_polygons(parts, exterior_cw=False), dtype=object)
    edges = _edges(parts)
    if not len(edges):
        return Footprints(
            parts, edges, np.array([0, 0, 1, 0, 0.0]), np.zeros(1, int), np.zeros(0, int)
        )
    x, y = edges[:, [0, 2]], edges[:, [1, 3]]
    # Squares grow where the town is vast, so that the grid itself stays small.
    width, height = float(np.ptp(x)), float(np.ptp(y))
    size = max(SQUARE_M, math.sqrt(width * height / 4e6))
    nx, ny = int(width / size) + 1, int(height / size) + 1
    grid = np.array([x.min(), y.min(), size, nx, ny], float)
    indptr, members = grid_index(edges, grid[0], grid[1], size, nx, ny)
    return Footprints(parts, edges, grid, indptr, members)


def _edges(polygons: npt.NDArray[np.object_]) -> Floats:
    rings = shapely.get_rings(polygons)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    edges = np.hstack([xy[:-1][same], xy[1:][same]])
    return np.ascontiguousarray(edges, dtype=np.float64).reshape(-1, 4)


def step_outside(points: Floats, footprints: Footprints, limit_m: float) -> Floats:
    """Return points moved just off the footprints they stand in or on.

    Parameters
    ----------
    points
        (n, 2) metres.
    footprints
        Dissolved footprints.
    limit_m
        A point deeper inside than this has no place outside.

    Returns
    -------
    ndarray
        (n, 2); NaN where a point is too deep inside.
    """
    moved = points.copy()
    if not len(footprints.polygons):
        return moved
    tree = shapely.STRtree(footprints.polygons)
    point, polygon = tree.query(
        shapely.points(points), predicate="dwithin", distance=OFF_WALL_M / 2
    )
    for at in np.unique(point):
        solids = footprints.polygons[polygon[point == at]]
        moved[at] = _just_outside(points[at], solids, limit_m)
    return moved


def _just_outside(point: Floats, solids: npt.NDArray[np.object_], limit_m: float) -> Floats:
    """Return the place just off the nearest wall of the footprints (k,) around one point."""
    place = shapely.Point(point)
    walls = shapely.boundary(solids)
    away_m = shapely.distance(walls, place)
    if away_m.min() > limit_m:
        return np.full(2, np.nan)
    wall = walls[away_m.argmin()]
    foot = shapely.get_coordinates(wall.interpolate(wall.project(place)))[0]
    turns = np.arange(64) * (2 * math.pi / 64)
    ways = np.stack([np.sin(turns), np.cos(turns)], axis=1)
    x, y = (foot + OFF_WALL_M * ways).T
    free = ~shapely.intersects_xy(solids[:, None], x, y).any(axis=0)
    if free.all() or not free.any():
        # A tip, or a notch, finer than the directions tried.
        return np.asarray(foot + OFF_WALL_M * ways[0] if free.all() else np.full(2, np.nan))
    # Where footprints touch at a corner the open directions fall apart: the widest run is taken,
    # and its middle, which is square to a straight wall.
    shift = -int(free.argmin())
    free, ways = np.roll(free, shift), np.roll(ways, shift, axis=0)
    run = np.cumsum(~free)
    widest = free & (run == np.bincount(run[free]).argmax())
    way = ways[widest].sum(axis=0)
    return np.asarray(foot + OFF_WALL_M * way / np.hypot(*way))
