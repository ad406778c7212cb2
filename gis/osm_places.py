"""Sites, stations and villages out of OpenStreetMap objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gis.osm_clip import inside
from gis.osm_file import Objects
from gis.osm_found import Found, layer_of
from gis.osm_rings import closed_areas
from gis.osm_tags import Tags, first, integer

Area = Polygon | MultiPolygon
CLOSED_TO_PUBLIC = frozenset({"private", "no"})


def sites(
    nodes: Objects, ways: Objects, areas: Objects, clip: Area, profile: Mapping[str, Any]
) -> Found:
    """Return the public places of the clip area, and what was left out.

    The table `sites` of the profile says which tags make a site of which kind; a place counts
    by its representative point, and one closed to the public is left out.

    Parameters
    ----------
    nodes, ways, areas
        Tagged nodes, tagged ways as lines, areas of relations.
    clip
        Area in EPSG:4326.
    profile
        `data/profiles/osm.toml`.
    """
    table = profile["sites"]
    classes = {kind: word for word, kinds in profile["area_class"].items() for kind in kinds}
    rows, dropped = _places(
        nodes, ways, areas, clip, "sites", lambda tags: site_kind(tags, table) is not None
    )
    public = np.array(
        [tags.get("access") not in CLOSED_TO_PUBLIC for tags in rows.tags], dtype=bool
    )
    dropped["sites closed to the public"] = int((~public).sum())
    rows = rows.take(public)
    kinds = [site_kind(tags, table) for tags in rows.tags]
    records = [
        {
            "code": code,
            "name": first(tags, profile["names"]["keys"]),
            "kind": kind,
            "area_class": classes.get(kind, "other"),
        }
        for code, tags, kind in zip(rows.codes, rows.tags, kinds, strict=True)
    ]
    return layer_of(records, "sites", rows.geometry), dropped


def site_kind(tags: Tags, table: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return the kind of site that tags make, None where they make none.

    Examples
    --------
    >>> from gis.profiles import load
    >>> table = load("osm")["sites"]
    >>> kinds = ({"amenity": "bench"}, {"amenity": "bench", "shop": "books"}, {"shop": "no"})
    >>> [site_kind(tags, table) for tags in kinds]
    [None, 'shop', None]
    """
    for key, kinds in table.items():
        if key in tags:
            kind = kinds.get(tags[key], kinds.get("*"))
            if kind:
                return kind
    return None


def stations(
    nodes: Objects, ways: Objects, areas: Objects, clip: Area, profile: Mapping[str, Any]
) -> Found:
    """Return police stations, town halls and fire stations, and what was left out.

    Parameters
    ----------
    nodes, ways, areas
        As for `sites`.
    clip
        Area in EPSG:4326.
    profile
        `data/profiles/osm.toml`.
    """
    kinds = profile["stations"]
    rows, dropped = _places(
        nodes, ways, areas, clip, "stations", lambda tags: tags.get("amenity") in kinds
    )
    records = [
        {
            "code": code,
            "name": first(tags, profile["names"]["keys"]),
            "kind": kinds[tags["amenity"]],
        }
        for code, tags in zip(rows.codes, rows.tags, strict=True)
    ]
    return layer_of(records, "stations", rows.geometry), dropped


def _places(
    nodes: Objects,
    ways: Objects,
    areas: Objects,
    clip: Area,
    what: str,
    wanted: Callable[[Tags], bool],
) -> tuple[Objects, Counter[str]]:
    """Return the wanted points and polygons whose representative point is in the area."""
    picked = [
        rows.take(np.array([wanted(tags) for tags in rows.tags], dtype=bool))
        for rows in (nodes, ways, areas)
    ]
    closed = closed_areas(picked[1])
    rows = picked[0].joined(closed).joined(picked[2])
    here = inside(clip, shapely.point_on_surface(rows.geometry))
    dropped = Counter(
        {
            f"{what} with an unclosed outline": len(picked[1]) - len(closed),
            f"{what} outside the clip area": int((~here).sum()),
        }
    )
    return rows.take(here), dropped


def villages(areas: Objects, clip: Area, profile: Mapping[str, Any]) -> Found:
    """Return the administrative areas of one level, cut to the clip area, and what was left out.

    Streets and buildings are known inside the clip area only, so a village is what lies inside
    of it. The level is the deepest that covers most of what any level covers.

    Parameters
    ----------
    areas
        Areas of relations.
    clip
        Area in EPSG:4326.
    profile
        `data/profiles/osm.toml`.
    """
    rules = profile["clip"]
    levels = {str(level) for level in rules["admin_levels"]}
    rows = areas.take(
        np.array(
            [
                tags.get("boundary") == "administrative" and tags.get("admin_level") in levels
                for tags in areas.tags
            ],
            dtype=bool,
        )
    )
    cut = shapely.intersection(rows.geometry, clip)
    inner = shapely.area(cut)
    enough = inner >= rules["village_share"] * np.minimum(shapely.area(rows.geometry), clip.area)
    dropped = Counter({"villages outside the clip area": int((~enough).sum())})
    rows, cut = rows.with_geometry(cut).take(enough), cut[enough]
    level = np.array([int(tags["admin_level"]) for tags in rows.tags], dtype=int)
    best = _best_level(level, shapely.area(cut), rules["level_share"])
    dropped["villages of another level"] = int((level != best).sum())
    rows = rows.take(level == best)
    shapes = np.array([*map(_only_areas, rows.geometry), None], dtype=object)[:-1]
    records = [
        {
            "code": code,
            "name": first(tags, profile["names"]["keys"]),
            "kind": "village",
            "population": integer(tags.get("population"), 0, 10**10),
        }
        for code, tags in zip(rows.codes, rows.tags, strict=True)
    ]
    return layer_of(records, "villages", shapes), dropped


def _best_level(level: NDArray[np.int64], area: NDArray[np.float64], share: float) -> int:
    """Return the deepest level that covers this share of what the best one covers; -1 for none."""
    covered = {int(one): float(area[level == one].sum()) for one in np.unique(level)}
    most = max(covered.values(), default=0.0)
    return max((one for one, sum_ in covered.items() if sum_ >= share * most), default=-1)


def _only_areas(shape: shapely.Geometry) -> Area:
    """Return the polygons of an intersection without the lines where it only touches."""
    parts = [p for p in shapely.get_parts(shape) if isinstance(p, Polygon)]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
