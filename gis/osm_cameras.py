"""Cameras out of OpenStreetMap's man_made=surveillance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gis.osm_clip import inside
from gis.osm_file import Objects
from gis.osm_found import Found, layer_of
from gis.osm_tags import Tags, angle, direction, first, flag, metres

MAX_HEIGHT_M = 300.0


def cameras(objects: Objects, clip: Polygon | MultiPolygon, profile: Mapping[str, Any]) -> Found:
    """Return the cameras of the clip area, and what was left out.

    `camera:angle` is the tilt below the horizon (the wiki's and the viewers' reading) and goes
    into `tilt_deg`; the horizontal opening has no tag, so `fov_deg` is known only where a range
    of directions is stated, and 360 for cameras that turn. Guards, and readers of number plates,
    are left out. Names of operators are not read: they may be persons.

    Parameters
    ----------
    objects
        Nodes, ways and areas; the last two stand at their representative point.
    clip
        Area in EPSG:4326.
    profile
        `data/profiles/osm.toml`.
    """
    rules = profile["cameras"]
    status = [_status(tags, rules) for tags in objects.tags]
    rows = objects.take(np.array([word is not None for word in status], dtype=bool))
    places = shapely.point_on_surface(rows.geometry)
    here = inside(clip, places)
    watching = np.array([_is_camera(tags, rules) for tags in rows.tags], dtype=bool)
    dropped = Counter(
        {
            "cameras outside the clip area": int((~here).sum()),
            "guards and readers of number plates": int((here & ~watching).sum()),
        }
    )
    kept = rows.take(here & watching)
    records = [
        {"code": code, **_columns(tags, profile)}
        for code, tags in zip(kept.codes, kept.tags, strict=True)
    ]
    return layer_of(records, "cameras", places[here & watching]), dropped


def _status(tags: Tags, rules: Mapping[str, Any]) -> str | None:
    """Return the camera's status by its life cycle, None for what is no camera."""
    if tags.get("man_made") == "surveillance":
        standing = (word for word in rules["prefix"] if tags.get(word) == "yes")
        return next((str(rules["prefix"][word]) for word in standing), "in_use")
    for prefix, word in rules["prefix"].items():
        if tags.get(f"{prefix}:man_made") == "surveillance":
            return str(word)
    return None


def _is_camera(tags: Tags, rules: Mapping[str, Any]) -> bool:
    """Return whether at least one of the stated types is a camera; no type is one."""
    types = {word.strip() for word in tags.get("surveillance:type", "camera").split(";")}
    return not types <= set(rules["left_out_types"])


def _columns(tags: Tags, profile: Mapping[str, Any]) -> dict[str, Any]:
    rules = profile["cameras"]
    height = metres(first(tags, rules["heights"]))
    azimuth, sector = direction(first(tags, rules["directions"]))
    kind = rules["kind"].get(tags.get("camera:type"))
    if math.isnan(sector) and kind in rules["turning"]:
        sector = 360.0
    return {
        "name": first(tags, profile["names"]["keys"]),
        "height_m": height if 0 < height <= MAX_HEIGHT_M else math.nan,
        "azimuth_deg": azimuth,
        "fov_deg": sector,
        "tilt_deg": angle(first(tags, rules["tilts"]), -90, 90),
        "kind": kind,
        "indoor": _indoor(tags),
        "status": _status(tags, rules),
    }


def _indoor(tags: Tags) -> bool | None:
    said = flag(tags.get("surveillance"), ("indoor",), ("outdoor", "public"))
    return (
        flag(tags.get("indoor"), ("yes", "room", "area", "corridor"), ("no",))
        if said is None
        else said
    )
