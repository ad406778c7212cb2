"""Overlaps, uncovered ground and slivers of polygons in a plane: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
# An object array of shapely geometries.
Shapes = npt.NDArray[Any]

# Borders nearer than this are taken as shared.
TOUCH_M = 0.01
# Grid on which a union is made, so that cracks of rounding between neighbours close.
_GRID_M = 0.001
# WGS 84.
_EQUATOR_M = 6_378_137.0
_ECCENTRICITY2 = 0.00669437999014


@dataclass(frozen=True)
class Plane:
    """Metres around one place, in which a line that is straight in degrees stays straight.

    In a map projection the long border of one polygon and the many short ones of its neighbours
    would part by decimetres, and every T-junction would look like a fault. Lengths are true at the
    centre and right within 0.1 % in a town of 20 km.

    Parameters
    ----------
    lon, lat
        Centre, degrees.
    """

    lon: float
    lat: float

    @property
    def metres_per_degree(self) -> Floats:
        """Metres of one degree of longitude and of latitude, (2,), WGS 84 at the centre."""
        sine = np.sin(np.radians(self.lat))
        curved = 1 - _ECCENTRICITY2 * sine**2
        east = _EQUATOR_M / np.sqrt(curved) * np.cos(np.radians(self.lat))
        north = _EQUATOR_M * (1 - _ECCENTRICITY2) / curved**1.5
        return np.array([np.radians(east), np.radians(north)])

    def to_metres(self, shapes: Shapes) -> Shapes:
        """Return shapes in degrees as shapes in metres."""
        centre, scale = np.array([self.lon, self.lat]), self.metres_per_degree
        return np.asarray(shapely.transform(shapes, lambda xy: (xy - centre) * scale))

    def to_degrees(self, shapes: Shapes) -> Shapes:
        """Return shapes in metres as shapes in degrees."""
        centre, scale = np.array([self.lon, self.lat]), self.metres_per_degree
        return np.asarray(shapely.transform(shapes, lambda xy: xy / scale + centre))


def plane_around(shapes: Shapes) -> Plane:
    """Return the plane around the middle of some shapes in degrees, not all of them empty.

    Examples
    --------
    >>> plane = plane_around(np.array([shapely.box(120.7, 30.1, 120.8, 30.2)]))
    >>> plane.metres_per_degree.round().tolist()
    [96341.0, 110855.0]
    """
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return Plane((west + east) / 2, (south + north) / 2)


def width_m(polygons: Shapes) -> Floats:
    """Return the mean width of each polygon, (n,): the short side of a rectangle like it.

    Like it means of the same area and perimeter; a polygon rounder than a square gets the side
    of the square of its area.

    Examples
    --------
    >>> width_m(np.array([shapely.box(0, 0, 500, 2), shapely.box(0, 0, 9, 9)])).tolist()
    [2.0, 9.0]
    """
    area, around = shapely.area(polygons), shapely.length(polygons)
    round_ones = around**2 <= 16 * area
    long_side = (around + np.sqrt(np.where(round_ones, 0, around**2 - 16 * area))) / 4
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(round_ones, np.sqrt(area), area / long_side))


def large_pieces(pieces: Shapes, least_area_m2: float, least_width_m: float) -> Bools:
    """Return which pieces are more than rounding, (n,)."""
    large = (shapely.area(pieces) >= least_area_m2) & (width_m(pieces) >= least_width_m)
    return np.asarray(large, dtype=bool)


def compactness(polygons: Shapes) -> Floats:
    """Return 4 pi area / perimeter squared of each polygon, (n,): 1 for a circle, 0 for a line.

    Examples
    --------
    >>> compactness(np.array([shapely.box(0, 0, 1, 1)])).round(2).tolist()
    [0.79]
    """
    area, around = shapely.area(polygons), shapely.length(polygons)
    return np.asarray(4 * np.pi * area / np.where(around > 0, around, 1) ** 2)


def overlaps(
    polygons: Shapes, least_area_m2: float, least_width_m: float
) -> tuple[Shapes, list[Ints]]:
    """Return every place that lies in two polygons or more, each place once.

    Parameters
    ----------
    polygons
        (n,) valid polygons or multipolygons, metres.
    least_area_m2, least_width_m
        A smaller or narrower place is taken as rounding.

    Returns
    -------
    pieces, members
        (m,) polygons, and for each the positions of the polygons it lies in, ascending.
    """
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    common = shapely.intersection(polygons[first], polygons[second])
    pieces, pair = polygon_parts(common)
    large = large_pieces(pieces, least_area_m2, least_width_m)
    pieces, pair = pieces[large], pair[large]
    members = [np.array([a, b]) for a, b in zip(first[pair], second[pair], strict=True)]
    return _each_place_once(polygons, pieces, members, least_area_m2, least_width_m)


def uncovered(
    polygons: Shapes, outline: shapely.Geometry | None, gap_width_m: float
) -> tuple[Shapes, Bools]:
    """Return the ground that no polygon covers though it lies among them.

    With an outline that is all of it inside the outline. Without, it is every hole of their
    union, and every slit narrower than `gap_width_m` that opens to the outside (the morphological
    closing of the union, less the union).

    Parameters
    ----------
    polygons
        (n,) valid polygons or multipolygons, metres.
    outline
        What they should cover, metres, or None where that is not known.
    gap_width_m
        How wide a slit may be.

    Returns
    -------
    pieces, enclosed
        (m,) polygons, and whether each lies inside the outline or a hole; else it is a slit that
        is a fault only if it has polygons on both sides.
    """
    union = shapely.union_all(polygons, grid_size=_GRID_M)
    parts = shapely.get_parts(union)
    filled: shapely.Geometry = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))
    inside = filled if outline is None else outline
    closed = inside
    if outline is None:
        # Round outward, so that sharp corners do not reach out for each other; sharp inward, so
        # that the corners between two polygons stay as they are.
        wide = shapely.buffer(filled, gap_width_m / 2)
        closed = shapely.buffer(wide, -gap_width_m / 2, join_style="mitre")
    rest = shapely.difference(closed, union, grid_size=_GRID_M)
    rough, _ = polygon_parts(np.array([rest], dtype=object))
    # Two borders of one line, rounded apart, are no fault at any size.
    pieces = _along_borders(rough[width_m(rough) > TOUCH_M], polygons, closed)
    shapely.prepare(inside)
    return pieces, shapely.intersects(inside, shapely.point_on_surface(pieces))


def beyond(polygons: Shapes, outline: shapely.Geometry) -> tuple[Shapes, Ints]:
    """Return the pieces of polygons that lie outside an outline, and the position of each."""
    shapely.prepare(outline)
    over = np.flatnonzero(~shapely.covers(outline, polygons))
    pieces, which = polygon_parts(shapely.difference(polygons[over], outline))
    return pieces, over[which]


def shared_borders_m(pieces: Shapes, polygons: Shapes) -> Floats:
    """Return the length of the border that each piece shares with its polygon, (n,)."""
    near = shapely.buffer(polygons, TOUCH_M, join_style="mitre")
    return np.asarray(shapely.length(shapely.intersection(shapely.boundary(pieces), near)))


def touching(pieces: Shapes, polygons: Shapes) -> tuple[Ints, Ints]:
    """Return the positions of each piece and polygon that touch, by piece and then by polygon."""
    tree = shapely.STRtree(polygons)
    piece, polygon = tree.query(pieces, predicate="dwithin", distance=TOUCH_M)
    order = np.lexsort((polygon, piece))
    return piece[order], polygon[order]


def distant_parts(polygon: shapely.Geometry, distance_m: float) -> tuple[Shapes, Floats]:
    """Return the parts of a multipolygon that lie farther than this from its largest part.

    Returns
    -------
    parts, away_m
        (k,) polygons, and how far each is from the largest.
    """
    parts = shapely.get_parts(polygon)
    away = shapely.distance(parts, parts[np.argmax(shapely.area(parts))])
    return parts[away > distance_m], away[away > distance_m]


def as_one(shape: shapely.Geometry | None) -> shapely.Geometry:
    """Return the polygons of a shape as one Polygon or MultiPolygon; lines and points are left."""
    parts, _ = polygon_parts(np.array([shape], dtype=object))
    one: shapely.Geometry = parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
    return one


def polygon_parts(shapes: Shapes) -> tuple[Shapes, Ints]:
    """Return the polygons that some shapes are made of, and the position of each one's shape."""
    parts, position = shapely.get_parts(shapes, return_index=True)
    # What two polygons have in common may be a collection of lines and polygons.
    parts, inner = shapely.get_parts(parts, return_index=True)
    real = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    real &= ~shapely.is_empty(parts)
    return parts[real], position[inner][real]


def _along_borders(rough: Shapes, polygons: Shapes, closed: shapely.Geometry) -> Shapes:
    """Return pieces made on a grid with the exact borders of their neighbours and of the whole."""
    piece, polygon = touching(rough, polygons)
    exact = []
    for at, shape in enumerate(rough):
        around = shapely.union_all(polygons[polygon[piece == at]])
        grown = shapely.buffer(shape, 5 * _GRID_M, join_style="mitre")
        free = shapely.difference(shapely.intersection(grown, closed), around)
        parts, _ = polygon_parts(np.array([free], dtype=object))
        exact.append(parts[np.argmax(shapely.area(parts))] if len(parts) else shape)
    return np.array(exact, dtype=object)


def _each_place_once(
    polygons: Shapes,
    pieces: Shapes,
    members: list[Ints],
    least_area_m2: float,
    least_width_m: float,
) -> tuple[Shapes, list[Ints]]:
    """Return the pieces of pairs cut up where three or more polygons lie on each other."""
    first, second = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    common = shapely.area(shapely.intersection(pieces[first], pieces[second]))
    tied = (first < second) & (common >= least_area_m2)
    links = coo_array(
        (np.ones(int(tied.sum()), bool), (first[tied], second[tied])),
        shape=(len(pieces), len(pieces)),
    )
    group = connected_components(links, directed=False)[1]
    alone = np.bincount(group, minlength=1)[group] == 1 if len(pieces) else np.zeros(0, bool)
    places = list(pieces[alone])
    within = [members[at] for at in np.flatnonzero(alone)]
    for number in np.unique(group[~alone]):
        mine = np.flatnonzero(group == number)
        lines = shapely.union_all(shapely.boundary(pieces[mine]))
        faces = shapely.get_parts(shapely.polygonize([lines]))
        candidates = np.unique(np.concatenate([members[at] for at in mine]))
        points = shapely.point_on_surface(faces)
        inside = shapely.contains(polygons[candidates][:, None], points[None, :])
        wanted = (inside.sum(axis=0) > 1) & large_pieces(faces, least_area_m2, least_width_m)
        places += list(faces[wanted])
        within += [candidates[inside[:, at]] for at in np.flatnonzero(wanted)]
    return np.array(places, dtype=object), within
