"""One town out of an OpenStreetMap file: streets, buildings, places, cameras, boundaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely import MultiPolygon, Polygon

from gis.osm_buildings import buildings
from gis.osm_cameras import cameras
from gis.osm_clip import clip_area
from gis.osm_file import Group, Objects, OsmFile, read_file
from gis.osm_found import Found
from gis.osm_places import sites, stations, villages
from gis.osm_rings import assemble
from gis.osm_streets import barriers, restrictions, streets
from gis.profiles import load

LAYERS = (
    *("streets", "buildings", "sites", "cameras"),
    *("stations", "villages", "barriers", "restrictions"),
)
AREA_TYPES = frozenset({"multipolygon", "boundary"})


@dataclass(frozen=True, eq=False)
class OsmExtract:
    """What a map file says about one town.

    Parameters
    ----------
    layers
        Layer to its frame, conformed, EPSG:4326; all of `LAYERS`, even without rows.
    clip
        The area that was read, EPSG:4326.
    dropped
        Reason to number of objects that were left out.
    """

    layers: dict[str, gpd.GeoDataFrame] = field(repr=False)
    clip: Polygon | MultiPolygon
    dropped: dict[str, int]

    def summary(self) -> str:
        """Return two lines: the rows of each layer, and what was left out and why."""
        rows = ", ".join(f"{name} {len(self.layers[name])}" for name in LAYERS)
        out = ", ".join(f"{count} {reason}" for reason, count in self.dropped.items())
        return f"{rows}\nleft out: {out or 'nothing'}"


def read_osm(
    path: str | Path, boundary: Polygon | MultiPolygon | gpd.GeoDataFrame | None = None
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of one town from an OpenStreetMap file.

    Parameters
    ----------
    path
        .osm.pbf, .pbf, .osm, .osm.gz or .osm.bz2.
    boundary
        What to read, in EPSG:4326 (a frame: in any CRS). Without it: the header's box if nodes
        fill it, else the extent of the nodes.

    Returns
    -------
    dict
        streets, buildings, sites, cameras, stations, villages, barriers, restrictions: frames in
        EPSG:4326 with every column of their schema. `code` is "node/5", "way/123" or
        "relation/7". Restrictions have `via_lon` and `via_lat` in degrees besides.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If the file is damaged, of another format, or has no nodes.
    CrsError, ParameterError
        If the boundary has no CRS or no area.

    Examples
    --------
    >>> import tempfile
    >>> node = '<node id="{0}" version="1" lat="30.{0}" lon="120.5"/>'
    >>> way = '<way id="7" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way>'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "lane.osm"
    ...     _ = file.write_text(f'<osm version="0.6">{node.format(1)}{node.format(2)}{way}</osm>')
    ...     layers = read_osm(file)
    >>> layers["streets"][["code", "highway", "oneway"]].values.tolist(), len(layers["sites"])
    ([['way/7', 'path', 'no']], 0)
    """
    return read_town(path, boundary).layers


def read_town(
    path: str | Path, boundary: Polygon | MultiPolygon | gpd.GeoDataFrame | None = None
) -> OsmExtract:
    """Return the layers of one town, the area they were read from, and what was left out.

    Parameters, and errors, as for `read_osm`. Only the columns of the layers are read: no
    contacts, operators or house numbers.
    """
    profile = load("osm")
    file = read_file(path, _wanted_keys(profile), {*AREA_TYPES, "restriction"})
    clip = clip_area(boundary, file.box, file.extent, profile["clip"]["fill_share"])
    areas, broken = assemble([g for g in file.groups if _is_area(g, profile)], file.ways)
    found = _layers(file, areas, clip, profile)
    dropped = sum((counts for _, counts in found.values()), Counter({**file.dropped, **broken}))
    return OsmExtract({name: frame for name, (frame, _) in found.items()}, clip, dict(+dropped))


def _layers(
    file: OsmFile, areas: Objects, clip: Polygon | MultiPolygon, profile: Mapping[str, Any]
) -> dict[str, Found]:
    nodes, ways = file.nodes, file.ways
    lines = streets(ways, clip, profile)
    return {
        "streets": lines,
        "buildings": buildings(ways, areas, clip, profile),
        "sites": sites(nodes, ways, areas, clip, profile),
        "cameras": cameras(nodes.joined(ways).joined(areas), clip, profile),
        "stations": stations(nodes, ways, areas, clip, profile),
        "villages": villages(areas, clip, profile),
        "barriers": barriers(nodes, lines[0], profile),
        "restrictions": restrictions(file.groups, lines[0], file.positions, profile),
    }


def _wanted_keys(profile: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys that make a node, way or area worth keeping."""
    once = {f"{prefix}:man_made" for prefix in profile["cameras"]["prefix"]}
    return frozenset({"highway", "building", "barrier", "man_made", *once, *profile["sites"]})


def _is_area(group: Group, profile: Mapping[str, Any]) -> bool:
    """Return whether a relation is an area that some layer may want."""
    if group.tags["type"] not in AREA_TYPES:
        return False
    if group.tags.get("boundary") == "administrative":
        levels = profile["clip"]["admin_levels"]
        return group.tags.get("admin_level") in {str(level) for level in levels}
    return not _wanted_keys(profile).isdisjoint(group.tags)
