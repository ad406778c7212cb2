"""The area of a map file that a town is read from, and what of a line lies in it."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, MultiPolygon, Polygon

from gis.errors import CrsError, ParameterError
from gis.layers import WGS84

Bounds = tuple[float, float, float, float]

# The least step of OpenStreetMap's coordinates, in degrees.
STEP_DEG = 1e-7


def clip_area(
    boundary: Polygon | MultiPolygon | gpd.GeoDataFrame | None,
    box: Bounds | None,
    extent: Bounds,
    fill_share: float,
) -> Polygon | MultiPolygon:
    """Return the boundary, else the header's box if nodes fill it, else the extent of the nodes.

    Parameters
    ----------
    boundary
        In EPSG:4326, or a frame in any stated CRS, whose rows are joined.
    box
        What the header states, (left, bottom, right, top) in degrees, or None.
    extent
        Box of all nodes, alike.
    fill_share
        Share of the width and of the height of the box that nodes must span, 0..1.

    Raises
    ------
    CrsError
        If the frame states no CRS.
    ParameterError
        If the boundary has no area.

    Examples
    --------
    >>> clip_area(None, (0, 0, 180, 90), (8, 49, 9, 50), 0.5).bounds
    (8.0, 49.0, 9.0, 50.0)
    """
    if boundary is not None:
        return _one_polygon(boundary)
    if box is not None and _fills(extent, box, fill_share):
        return shapely.box(*box)
    left, bottom, right, top = extent
    # Nodes in one row or one place span no area; one step makes it a polygon that holds them.
    if right - left < STEP_DEG or top - bottom < STEP_DEG:
        return shapely.box(left - STEP_DEG, bottom - STEP_DEG, right + STEP_DEG, top + STEP_DEG)
    return shapely.box(left, bottom, right, top)


def _one_polygon(boundary: Polygon | MultiPolygon | gpd.GeoDataFrame) -> Polygon | MultiPolygon:
    if isinstance(boundary, gpd.GeoDataFrame):
        if boundary.crs is None:
            msg = "the boundary has no coordinate system; set its .crs"
            raise CrsError(msg)
        shape = boundary.to_crs(WGS84).union_all()
    else:
        shape = boundary
    area = polygonal([shapely.force_2d(shape)])[0]
    if area is None:
        msg = "the boundary has no area; it must be a polygon or several"
        raise ParameterError(msg)
    return area


def _fills(extent: Bounds, box: Bounds, share: float) -> bool:
    """Return whether the extent spans this share of the box in both directions."""
    return all(
        min(extent[high], box[high]) - max(extent[low], box[low]) >= share * (box[high] - box[low])
        for low, high in ((0, 2), (1, 3))
    )


def polygonal(
    geometry: Sequence[object] | NDArray[np.object_],
) -> list[Polygon | MultiPolygon | None]:
    """Return the valid areas of geometries, repaired where they cross themselves; else None.

    Examples
    --------
    >>> bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> [area and area.area for area in polygonal([bow_tie, shapely.Point(0, 0)])]
    [2.0, None]
    """
    shapes = np.array(geometry, dtype=object)
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    fit = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    return [shape if ok else None for shape, ok in zip(shapes, fit, strict=True)]


def inside(clip: Polygon | MultiPolygon, points: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which points lie in the area or on its border; shape (n,) in and out."""
    shapely.prepare(clip)
    return np.asarray(shapely.intersects_xy(clip, shapely.get_x(points), shapely.get_y(points)))


def whole_segments(
    clip: Polygon | MultiPolygon, lines: NDArray[np.object_]
) -> list[LineString | MultiLineString | None]:
    """Return of each line the segments with both ends in the area, uncut, or None.

    Cutting at the border would make ends that are no nodes of the map; here every vertex is one.
    A segment of an area that is not convex may leave it between its ends.

    Parameters
    ----------
    clip
        Area in the CRS of the lines.
    lines
        Shape (n,), LineString or MultiLineString.

    Examples
    --------
    >>> line = LineString([(0, 0), (1, 0), (3, 0), (1, 1), (0, 1)])
    >>> print(whole_segments(shapely.box(0, 0, 2, 2), np.array([line]))[0])
    MULTILINESTRING ((0 0, 1 0), (1 1, 0 1))
    """
    shapely.prepare(clip)
    parts, owner = shapely.get_parts(lines, return_index=True)
    coords, part = shapely.get_coordinates(parts, return_index=True)
    within = shapely.intersects_xy(clip, coords[:, 0], coords[:, 1])
    kept: list[list[LineString]] = [[] for _ in lines]
    starts = np.searchsorted(part, np.arange(len(parts) + 1))
    for i, line in enumerate(parts):
        here = within[starts[i] : starts[i + 1]]
        if here.all():
            kept[owner[i]].append(line)
        elif here.any():
            kept[owner[i]] += _runs(coords[starts[i] : starts[i + 1]], here)
    return [_joined(pieces) for pieces in kept]


def _runs(coords: NDArray[np.float64], within: NDArray[np.bool_]) -> list[LineString]:
    """Return a line for each run of two or more neighbouring vertices that are within."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], within.astype(np.int8), [0]))))
    return [
        LineString(coords[start:end])
        for start, end in edges.reshape(-1, 2).tolist()
        if end - start > 1
    ]


def _joined(pieces: list[LineString]) -> LineString | MultiLineString | None:
    if not pieces:
        return None
    return pieces[0] if len(pieces) == 1 else MultiLineString(pieces)
