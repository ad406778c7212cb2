"""Areas: closed ways as polygons, the ways of a relation as one valid polygon with its holes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiLineString, MultiPolygon, Point, Polygon

from gis.errors import FormatError
from gis.osm_clip import polygonal
from gis.osm_file import Group, Objects

RING_ROLES = frozenset({"outer", "inner", ""})
INCOMPLETE = "areas with a missing way"
UNCLOSED = "areas with an unclosed ring"
CROSSED = "areas with crossed rings"


def assemble(groups: Sequence[Group], ways: Objects) -> tuple[Objects, dict[str, int]]:
    """Return the areas of relations, and how many could not be assembled, by reason.

    Parameters
    ----------
    groups
        Relations; their ways of role outer, inner or none are the rings.
    ways
        Lines of all ways that these relations use.

    Returns
    -------
    Objects
        One row for each relation that is complete, in order.
    dict
        Reason to count of those left out.
    """
    lines = dict(zip(ways.codes, ways.geometry, strict=True))
    done: list[tuple[Group, Polygon | MultiPolygon]] = []
    dropped: dict[str, int] = {}
    for group in groups:
        refs = [f"way/{m.ref}" for m in group.members if m.type == "w" and m.role in RING_ROLES]
        try:
            done.append((group, _area(refs, lines)))
        except RingError as error:
            dropped[str(error)] = dropped.get(str(error), 0) + 1
    areas = np.empty(len(done), dtype=object)
    areas[:] = [area for _, area in done]
    return Objects(
        [f"relation/{group.ref}" for group, _ in done],
        [group.tags for group, _ in done],
        areas,
    ), dropped


def closed_areas(ways: Objects) -> Objects:
    """Return the closed ways as valid polygons; ways that enclose nothing are left out.

    Parameters
    ----------
    ways
        Ways as lines.
    """
    single = shapely.get_type_id(ways.geometry) == shapely.GeometryType.LINESTRING
    rings = ways.take(single & shapely.is_closed(ways.geometry))
    shapes = polygons_through(rings.geometry)
    return rings.with_geometry(shapes).take(~shapely.is_missing(shapes))


def polygons_through(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the valid polygons whose corners are the vertices of lines, None where they have none.

    A straight side closes a line that is open, or comes in parts.

    Parameters
    ----------
    lines
        Shape (n,), LineString or MultiLineString.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = np.array([LineString([(0, 0), (2, 0), (2, 1)]), LineString([(0, 0), (1, 0)])])
    >>> [shape and shape.area for shape in polygons_through(lines)]
    [1.0, None]
    """
    shapes = np.full(len(lines), None)
    # A closed line repeats its first vertex: fewer than four in all, or three if open, is no ring.
    corners = shapely.get_num_coordinates(lines) - shapely.is_closed(lines)
    fit = np.flatnonzero(corners > 2)
    coords, owner = shapely.get_coordinates(lines[fit], return_index=True)
    rings = shapely.linearrings(coords, indices=owner)
    shapes[fit] = polygonal([Polygon(ring) for ring in np.atleast_1d(rings)])  # type: ignore[arg-type]
    return shapes


class RingError(FormatError):
    """Why lines enclose no area."""


def _area(refs: Sequence[str], lines: dict[str, object]) -> Polygon | MultiPolygon:
    if not refs or any(ref not in lines for ref in refs):
        raise RingError(INCOMPLETE)
    return area_of_lines(np.array([lines[ref] for ref in refs], dtype=object))


def area_of_lines(lines: NDArray[np.object_]) -> Polygon | MultiPolygon:
    """Return the area that lines enclose by the even-odd rule.

    Inside is where a ray meets the lines an odd number of times, so that a ring in a ring is a
    hole and a ring in that hole is land again, whatever the roles say; a stretch drawn twice
    (two outer rings, or two holes, side by side) cancels out and is no border.

    Parameters
    ----------
    lines
        Shape (n,), LineString or MultiLineString, in any order and direction; they meet at
        vertices only.

    Raises
    ------
    RingError
        If the lines leave an open end, or cross each other.

    Examples
    --------
    >>> from shapely import LineString, box
    >>> halves = [LineString([(0, 0), (4, 0), (4, 4)]), LineString([(0, 0), (0, 4), (4, 4)])]
    >>> area_of_lines(np.array([*halves, box(1, 1, 2, 2).exterior])).area
    15.0
    """
    segments = _odd_segments(lines)
    _, degree = np.unique(segments.reshape(-1, 2), axis=0, return_counts=True)
    if len(segments) == 0 or (degree % 2).any():
        raise RingError(UNCLOSED)
    faces = shapely.get_parts(shapely.polygonize([MultiLineString(list(segments))]))
    # Every segment has inside on one side and outside on the other, so that faces inside touch
    # at points only and need no union. Faces of lines that cross are broken or overlap.
    within = [face for face in faces if _is_within(face.representative_point(), segments)]
    area = within[0] if len(within) == 1 else MultiPolygon(within)
    if area.is_empty or not area.is_valid:
        raise RingError(CROSSED)
    return area


def _is_within(point: Point, segments: NDArray[np.float64]) -> bool:
    """Return whether a ray from the point meets an odd number of segments, shape (m, 2, 2)."""
    start, end = segments[:, 0], segments[:, 1]
    spans = (start[:, 1] > point.y) != (end[:, 1] > point.y)
    start, end = start[spans], end[spans]
    share = (point.y - start[:, 1]) / (end[:, 1] - start[:, 1])
    meets = start[:, 0] + share * (end[:, 0] - start[:, 0]) > point.x
    return bool(np.count_nonzero(meets) % 2)


def _odd_segments(lines: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the segments drawn an odd number of times; shape (m, 2, 2)."""
    coords, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    ends = np.stack([coords[:-1], coords[1:]], axis=1)[part[:-1] == part[1:]]
    # Smaller end first, so that both directions of a stretch are one.
    swap = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    ends[swap] = ends[swap][:, ::-1]
    ends = ends[(ends[:, 0] != ends[:, 1]).any(axis=1)]
    unique, times = np.unique(ends.reshape(-1, 4), axis=0, return_counts=True)
    return np.asarray(unique[times % 2 == 1].reshape(-1, 2, 2))
