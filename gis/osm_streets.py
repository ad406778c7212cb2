"""Streets, barriers and turn restrictions out of OpenStreetMap objects."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from itertools import compress
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gis.osm_clip import whole_segments
from gis.osm_file import Group, Objects, Positions
from gis.osm_found import Found, layer_of
from gis.osm_tags import Tags, access, first, flag, integer, oneway, oneway_bicycle, speed_kmh
from gis.schema import schema

KINDS = schema("restrictions").by_name["kind"].words
MODES = ("foot", "bicycle", "car")


def streets(ways: Objects, clip: Polygon | MultiPolygon, profile: Mapping[str, Any]) -> Found:
    """Return the streets of the clip area, and what was left out.

    A street keeps whole segments between nodes that lie in the area, so that every vertex is a
    node of the map, bit for bit; two streets meet where they share a vertex. Access is what tags
    say and missing otherwise: what a footway or a motorway means is the business of
    `gis.streets`.

    Parameters
    ----------
    ways
        Tagged ways.
    clip
        Area in EPSG:4326.
    profile
        `data/profiles/osm.toml`.
    """
    rules = profile["streets"]
    excluded = frozenset(rules["no_street"])
    rows = ways.take(np.array([_is_street(tags, excluded) for tags in ways.tags], dtype=bool))
    lines = np.array([*whole_segments(clip, rows.geometry), None], dtype=object)[:-1]
    kept = np.array([line is not None for line in lines], dtype=bool)
    records = [
        {"code": code, **_street_columns(tags, profile)}
        for code, tags, keep in zip(rows.codes, rows.tags, kept, strict=True)
        if keep
    ]
    dropped = Counter({"streets outside the clip area": int((~kept).sum())})
    return layer_of(records, "streets", lines[kept]), dropped


def _is_street(tags: Tags, excluded: frozenset[str]) -> bool:
    return "highway" in tags and tags["highway"] not in excluded and tags.get("area") != "yes"


def _street_columns(tags: Tags, profile: Mapping[str, Any]) -> dict[str, Any]:
    rules = profile["streets"]
    return {
        "name": first(tags, profile["names"]["keys"]),
        "highway": tags["highway"],
        "oneway": oneway(tags, rules),
        "oneway_bicycle": oneway_bicycle(tags, rules),
        **{mode: access(tags, mode, profile["access"]) for mode in MODES},
        "speed_kmh": speed_kmh(tags.get("maxspeed")),
        "lit": flag(tags.get("lit"), rules["lit_yes"], rules["lit_no"]),
        "bridge": tags.get("bridge", "no") != "no",
        "tunnel": tags.get("tunnel", "no") != "no",
        "junction": _roundabout(tags, rules),
        "level": integer(tags.get("layer"), -10, 10),
    }


def _roundabout(tags: Tags, rules: Mapping[str, Any]) -> str | None:
    junction = tags.get("junction")
    return junction if junction in rules["oneway_junctions"] else None


def barriers(nodes: Objects, lines: gpd.GeoDataFrame, profile: Mapping[str, Any]) -> Found:
    """Return gates, bollards and signals on a vertex of a street, and what was left out.

    Signals (`traffic_signals`, `crossing_signals`) keep nobody out. Where a barrier stands at a
    signal, the node is a barrier.

    Parameters
    ----------
    nodes
        Tagged nodes.
    lines
        The layer streets.
    profile
        `data/profiles/osm.toml`.
    """
    kinds = [_kind(tags, profile) for tags in nodes.tags]
    there = np.array([bool(kind) for kind in kinds], dtype=bool)
    on_street = np.zeros(len(there), dtype=bool)
    on_street[there] = _at_vertices(nodes.geometry[there], lines)
    rows = nodes.take(on_street)
    records = [
        {"code": code, "kind": kind, **_who_passes(kind, tags, profile)}
        for code, kind, tags in zip(rows.codes, compress(kinds, on_street), rows.tags, strict=True)
    ]
    dropped = Counter({"barriers and signals on no street": int((there & ~on_street).sum())})
    return layer_of(records, "barriers", rows.geometry), dropped


def _kind(tags: Tags, profile: Mapping[str, Any]) -> str:
    """Return the kind of a barrier or, where there is none, of signals; "" without either."""
    barrier = tags.get("barrier", "")
    if barrier in profile["barriers"]:
        return barrier
    told = (kinds.get(tags.get(key)) for key, kinds in profile["signals"].items())
    return next(filter(None, told), "")


def _who_passes(kind: str, tags: Tags, profile: Mapping[str, Any]) -> dict[str, str]:
    """Return each mode's access past a barrier; who may not ride over signals rides past them."""
    usual = profile["barriers"].get(kind)
    if usual is None:
        return dict.fromkeys(MODES, "yes")
    return {
        mode: _passes(tags, mode, open_to, profile["access"])
        for mode, open_to in zip(MODES, usual, strict=True)
    }


def _passes(tags: Tags, mode: str, usual: str, rules: Mapping[str, Any]) -> str:
    """Return whether a mode gets past a barrier of which this is usual."""
    said = access(tags, mode, rules)
    # access=yes on a bollard speaks of the way; only the mode's own keys make the gap wide enough.
    if said == "yes" and usual == "no" and all(key not in tags for key in rules[mode][:-1]):
        return "no"
    return said or usual


def _at_vertices(points: NDArray[np.object_], lines: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which points are, bit for bit, a vertex of a line."""
    # A complex number holds both coordinates of a point as one comparable value.
    vertices = shapely.get_coordinates(lines.geometry.to_numpy()).view(complex).ravel()
    places = shapely.get_coordinates(points).view(complex).ravel()
    return np.isin(places, vertices)


def restrictions(
    groups: tuple[Group, ...],
    lines: gpd.GeoDataFrame,
    positions: Positions,
    profile: Mapping[str, Any],
) -> Found:
    """Return the turn restrictions between streets of the layer, and what was left out.

    Parameters
    ----------
    groups
        Relations of every type.
    lines
        The layer streets; a restriction that names any other way is left out.
    positions
        (lon, lat) of the via nodes.
    profile
        `data/profiles/osm.toml`.

    Returns
    -------
    GeoDataFrame
        Columns of the schema, `modes` as "ebike car", `via_streets` as "way/3;way/4", and
        `via_lon`, `via_lat` of the via node in degrees (NaN where the way goes via streets).
    Counter
        Reason to count.
    """
    known = frozenset(lines["code"])
    records: list[dict[str, Any]] = []
    dropped: Counter[str] = Counter()
    for group in groups:
        if group.tags.get("type") != "restriction":
            continue
        record = _restriction(group, known, positions, profile["restrictions"])
        if isinstance(record, str):
            dropped[record] += 1
        else:
            records.append(record)
    frame = layer_of(records, "restrictions", np.full(len(records), None))
    via = {name: [r[name] for r in records] for name in ("via_lon", "via_lat")}
    return frame.assign(**{k: np.array(v, dtype=float) for k, v in via.items()}), dropped


def _restriction(
    group: Group, known: frozenset[str], positions: Positions, rules: Mapping[str, Any]
) -> dict[str, Any] | str:
    """Return the row of one restriction, or the reason why there is none."""
    key = next((key for key in rules["keys"] if key in group.tags), None)
    if key is None:
        return "restrictions of other vehicles or hours"
    freed = {rules["except"].get(word.strip()) for word in group.tags.get("except", "").split(";")}
    modes = [mode for mode in rules["keys"][key] if mode not in freed]
    if not modes:
        return "restrictions of other vehicles or hours"
    if group.tags[key] not in KINDS:
        return "restrictions of an unknown kind"
    ways = {role: _ways_of(group, role) for role in ("from", "via", "to")}
    nodes = [m.ref for m in group.members if m.type == "n" and m.role == "via"]
    if len(ways["from"]) != 1 or len(ways["to"]) != 1 or bool(ways["via"]) == (len(nodes) == 1):
        return "restrictions with other members than one from, via and to"
    if not known.issuperset(ways["from"] + ways["via"] + ways["to"]):
        return "restrictions on streets left out"
    if nodes and nodes[0] not in positions:
        return "restrictions on streets left out"
    lon, lat = positions[nodes[0]] if nodes else (math.nan, math.nan)
    return {
        "code": f"relation/{group.ref}",
        "kind": group.tags[key],
        "from_street": ways["from"][0],
        "via_point": f"node/{nodes[0]}" if nodes else None,
        "via_streets": ";".join(ways["via"]) or None,
        "to_street": ways["to"][0],
        "modes": " ".join(modes),
        "via_lon": lon,
        "via_lat": lat,
    }


def _ways_of(group: Group, role: str) -> list[str]:
    return [f"way/{m.ref}" for m in group.members if m.type == "w" and m.role == role]
