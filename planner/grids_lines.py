"""Lines that borders of grids may follow, and the faces that they cut the villages into.

Everything is cut at once in the coordinates of the layers themselves (degrees), so that the
vertices of a village stay bit for bit, and both sides of a border, also of one between two
villages, get the same vertices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gis.crs import to_metres
from gis.layers import WGS84, Layers
from planner.ground import Floats, Ints, sums
from planner.solvers.regions_merge import pair_sums

Shapes = npt.NDArray[np.object_]

# A point that noding has put on a line is this near to it, degrees (0.1 mm).
ON_LINE_DEG = 1e-9


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines that a border may follow.

    Parameters
    ----------
    shapes
        (n,) lines, EPSG:4326.
    cost
        (n,) what a metre of border on each costs, in metres of open ground.
    """

    shapes: Shapes = field(repr=False)
    cost: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Faces:
    """Villages cut into faces, and the borders between them.

    Parameters
    ----------
    shapes
        (n,) polygons, EPSG:4326, that fill the villages without a gap or an overlap.
    village
        (n,) position of the village.
    area_m2
        (n,) areas.
    middle
        (n, 2) a middle of each, metres.
    outer_m
        (n,) length of border towards other villages and the outside.
    first, second
        (m,) positions of two faces of one village that touch, first < second.
    border_m, along_m, line_m
        (m,) length that they share, how much of it follows a street or water, and what a border
        of grids there costs.
    """

    shapes: Shapes = field(repr=False)
    village: Ints = field(repr=False)
    area_m2: Floats = field(repr=False)
    middle: Floats = field(repr=False)
    outer_m: Floats = field(repr=False)
    first: Ints = field(repr=False)
    second: Ints = field(repr=False)
    border_m: Floats = field(repr=False)
    along_m: Floats = field(repr=False)
    line_m: Floats = field(repr=False)


def find_lines(layers: Layers, table: Mapping[str, Any]) -> Lines:
    """Return the streets and the banks of water areas in or at a town's villages.

    Parameters
    ----------
    layers
        The town: villages, streets (tunnels are left out), areas of kind water.
    table
        `line` of `data/profiles/grids.toml`.
    """
    streets, areas = layers["streets"], layers["areas"]
    streets = streets[~streets["tunnel"].fillna(False).astype(bool)]
    ways = streets.geometry.to_numpy()
    costs = streets["highway"].map(table["highway"]).fillna(table["street"]).to_numpy(float)
    banks = shapely.boundary(areas[areas["kind"] == "water"].geometry.to_numpy())
    shapes = np.concatenate([ways, banks])
    cost = np.concatenate([costs, np.full(len(banks), table["water"])])
    tree = shapely.STRtree(layers["villages"].geometry.to_numpy())
    near = np.unique(tree.query(shapes, predicate="intersects")[0])
    return Lines(shapes[near], cost[near])


def cut_into_faces(villages: gpd.GeoDataFrame, lines: Shapes) -> tuple[Shapes, Ints]:
    """Return the faces that lines cut the villages into, and the village of each.

    Parameters
    ----------
    villages
        Layer villages, EPSG:4326. Where two overlap, the first has the ground.
    lines
        (n,) lines, EPSG:4326; what ends inside a face does not cut it.
    """
    grounds = villages.geometry.to_numpy()
    borders = shapely.boundary(grounds)
    # With a grid size of none, noding keeps every vertex that there is.
    noded = shapely.union_all(np.concatenate([borders, lines]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inner = shapely.point_on_surface(faces)
    face, village = shapely.STRtree(grounds).query(inner, predicate="within")
    owner = np.full(len(faces), len(grounds), np.int64)
    np.minimum.at(owner, face, village)
    kept = owner < len(grounds)
    return faces[kept], owner[kept]


def measure_faces(shapes: Shapes, village: Ints, lines: Lines, crs: CRS, ground: float) -> Faces:
    """Return faces with their areas and the borders between them.

    Parameters
    ----------
    shapes, village
        As `cut_into_faces` returns them.
    lines
        Lines and what a border on each costs; on several, the cheapest counts.
    crs
        The town's metric CRS.
    ground
        Cost of a metre of border that follows no line.
    """
    metric = to_metres(gpd.GeoSeries(shapes, crs=WGS84), crs)
    ends, face = _segments(shapes)
    same, number = np.unique(ends, axis=0, return_inverse=True)
    number = number.ravel()
    order = np.argsort(number, kind="stable")
    at = np.searchsorted(number[order], np.arange(len(same) + 1))
    shared = np.diff(at) == 2
    one, two = face[order[at[:-1][shared]]], face[order[at[:-1][shared] + 1]]
    within = village[one] == village[two]
    length_m = _lengths(same, crs)

    inner = np.flatnonzero(shared)[within]
    n = len(shapes)
    cost = _line_cost(same[inner], lines)
    drawn = np.isfinite(cost)
    lengths = length_m[inner] * np.stack(
        [np.ones(len(inner)), drawn, np.where(drawn, cost, ground)]
    )
    first, second, added = pair_sums(n, one[within], two[within], lengths)
    is_inner = np.zeros(len(same), bool)
    is_inner[inner] = True
    outer = ~is_inner[number]
    return Faces(
        shapes,
        village,
        np.asarray(metric.area, np.float64),
        shapely.get_coordinates(metric.centroid.to_numpy()),
        sums(face[outer], length_m[number[outer]], n),
        first,
        second,
        *added,
    )


def _segments(shapes: Shapes) -> tuple[Floats, Ints]:
    """Return the ends (x, y, x, y) of every edge of polygons, the lower end first, and whose."""
    rings, owner = shapely.get_rings(shapes, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    along = ring[1:] == ring[:-1]
    a, b = xy[:-1][along], xy[1:][along]
    turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    ends = np.where(turned[:, None], np.hstack([b, a]), np.hstack([a, b]))
    return ends, owner[ring[:-1][along]]


def _lengths(ends: Floats, crs: CRS) -> Floats:
    """Return the length of each edge in metres."""
    points = gpd.GeoSeries(shapely.points(ends.reshape(-1, 2)), crs=WGS84)
    xy = shapely.get_coordinates(to_metres(points, crs).to_numpy()).reshape(-1, 4)
    return np.asarray(np.hypot(xy[:, 2] - xy[:, 0], xy[:, 3] - xy[:, 1]))


def _line_cost(ends: Floats, lines: Lines) -> Floats:
    """Return what a metre of border costs on each edge; infinity where it follows no line."""
    cost = np.full(len(ends), np.inf)
    middles = shapely.points((ends[:, :2] + ends[:, 2:]) / 2)
    edge, line = shapely.STRtree(lines.shapes).query(
        middles, predicate="dwithin", distance=ON_LINE_DEG
    )
    np.minimum.at(cost, edge, lines.cost[line])
    return cost
