"""Buildings out of OpenStreetMap objects."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gis.osm_clip import inside
from gis.osm_file import Objects
from gis.osm_found import Found, layer_of
from gis.osm_rings import polygons_through
from gis.osm_tags import Tags, first, metres

MAX_HEIGHT_M = 1000.0
M_PER_DEGREE = 111_195.0  # of latitude, on a sphere of 6,371 km


def buildings(
    ways: Objects, areas: Objects, clip: Polygon | MultiPolygon, profile: Mapping[str, Any]
) -> Found:
    """Return the buildings of the clip area, and what was left out.

    A way counts by its first node, a relation by its representative point. Parts of buildings
    are not buildings, nor is what lies underground. Many files cut buildings at their edge: the
    nodes that are left are closed by a straight side, and two nodes are one thin wall.

    Parameters
    ----------
    ways, areas
        Tagged ways as lines; areas of relations.
    clip
        Area in EPSG:4326.
    profile
        `data/profiles/osm.toml`.
    """
    rules = profile["buildings"]
    drawn = ways.take(np.array([_is_building(tags) for tags in ways.tags], dtype=bool))
    whole = areas.take(np.array([_is_building(tags) for tags in areas.tags], dtype=bool))
    drawn_in = inside(clip, _first_nodes(drawn.geometry))
    whole_in = inside(clip, shapely.point_on_surface(whole.geometry))
    outlines = drawn.take(drawn_in)
    rows = outlines.with_geometry(footprints(outlines.geometry, rules["wall_m"])).joined(
        whole.take(whole_in)
    )
    records = [
        {
            "code": code,
            "name": first(tags, profile["names"]["keys"]),
            "height_m": _height_m(tags, rules["m_per_level"]),
        }
        for code, tags in zip(rows.codes, rows.tags, strict=True)
    ]
    outside = int((~drawn_in).sum() + (~whole_in).sum())
    dropped = Counter({"buildings outside the clip area": outside})
    return layer_of(records, "buildings", rows.geometry), dropped


def footprints(lines: NDArray[np.object_], wall_m: float) -> NDArray[np.object_]:
    """Return the polygons of outlines; those that enclose nothing are walls along their line.

    Parameters
    ----------
    lines
        Shape (n,), EPSG:4326, each with two different vertices at least.
    wall_m
        Thickness of a wall in metres.

    Examples
    --------
    >>> wall = shapely.LineString([(120.0, 30.0), (120.0, 30.001)])
    >>> area = footprints(np.array([wall]), wall_m=0.5)[0].area
    >>> round(area * M_PER_DEGREE**2 * math.cos(math.radians(30)))  # 111 m of it
    56
    """
    shapes = polygons_through(lines)
    flat = np.flatnonzero(shapely.is_missing(shapes))
    shapes[flat] = [_wall(line, wall_m) for line in lines[flat]]
    return shapes


def _wall(line: shapely.Geometry, wall_m: float) -> shapely.Geometry:
    """Return a strip along a line, as thick in both directions on the ground."""
    squeeze = np.array([math.cos(math.radians(shapely.bounds(line)[1])), 1.0])
    level = shapely.transform(line, lambda xy: xy * squeeze)
    strip = shapely.buffer(level, wall_m / 2 / M_PER_DEGREE, cap_style="flat", join_style="mitre")
    return shapely.transform(strip, lambda xy: xy / squeeze)


def _first_nodes(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    coords, owner = shapely.get_coordinates(lines, return_index=True)
    _, start = np.unique(owner, return_index=True)
    return np.asarray(shapely.points(coords[start].reshape(-1, 2)))


def _is_building(tags: Tags) -> bool:
    return tags.get("building", "no") != "no" and tags.get("location") != "underground"


def _height_m(tags: Tags, m_per_level: float) -> float:
    """Return the stated height, else that of the stated levels, in metres."""
    stated = (metres(tags.get("height")), m_per_level * metres(tags.get("building:levels")))
    return next((height for height in stated if 0 < height <= MAX_HEIGHT_M), math.nan)
