"""What is in one OpenStreetMap file: tagged nodes, ways with their lines, relations."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from osmium.osm import NODE, RELATION, WAY, Relation, Way

from gis.errors import FileMissingError, FormatError

Bounds = tuple[float, float, float, float]
Positions = dict[int, tuple[float, float]]
Places = NDArray[np.void]

# A row of osmium's `sparse_file_array`; coordinates are in 1e-7 degrees.
PLACE = np.dtype([("ref", "=u8"), ("x", "=i4"), ("y", "=i4")])

# Ending of the name to osmium's name of the format; the longer endings first.
FORMATS = {
    ".osm.pbf": "pbf",
    ".osm.gz": "osm.gz",
    ".osm.bz2": "osm.bz2",
    ".pbf": "pbf",
    ".osm": "osm",
}


@dataclass(frozen=True, eq=False)
class Objects:
    """Nodes, ways or areas side by side: row i of each field is one object.

    Parameters
    ----------
    codes
        "node/5", "way/123" or "relation/7", each once.
    tags
        Tags of each.
    geometry
        Shape (n,), EPSG:4326: points, lines as drawn (in parts where nodes are missing), polygons.
    """

    codes: list[str]
    tags: list[dict[str, str]] = field(repr=False)
    geometry: NDArray[np.object_] = field(repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Objects:
        """Return the rows at these positions, or where this mask is True."""
        at = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return Objects(
            [self.codes[i] for i in at],
            [self.tags[i] for i in at],
            self.geometry[at],
        )

    def joined(self, other: Objects) -> Objects:
        """Return these rows, then those of the other."""
        return Objects(
            self.codes + other.codes,
            self.tags + other.tags,
            np.concatenate([self.geometry, other.geometry]),
        )

    def with_geometry(self, geometry: NDArray[np.object_]) -> Objects:
        """Return the same rows with another geometry each."""
        return replace(self, geometry=geometry)


class Member(NamedTuple):
    """One member of a relation: "n", "w" or "r", its id, its role."""

    type: str
    ref: int
    role: str


class Group(NamedTuple):
    """One relation: its id, tags and members in order."""

    ref: int
    tags: dict[str, str]
    members: tuple[Member, ...]


@dataclass(frozen=True, eq=False)
class OsmFile:
    """The objects of one file that a town needs.

    Parameters
    ----------
    box
        Box the header states, (left, bottom, right, top) in degrees, or None.
    extent
        Box of all nodes.
    nodes, ways
        Objects with a wanted tag; ways also where a relation uses them.
    groups
        Relations with a wanted type.
    positions
        (lon, lat) of the nodes that relations use as "via".
    dropped
        Reason to number of objects that could not be used.
    """

    box: Bounds | None
    extent: Bounds
    nodes: Objects
    ways: Objects
    groups: tuple[Group, ...] = field(repr=False)
    positions: Positions = field(repr=False)
    dropped: dict[str, int]


def read_file(path: str | Path, keys: Collection[str], types: Collection[str]) -> OsmFile:
    """Return the objects of a file that carry one of some keys.

    Relations, nodes and ways are passed in turn, so that the order in the file does not matter.

    Parameters
    ----------
    path
        .osm.pbf, .pbf, .osm, .osm.gz or .osm.bz2.
    keys
        Keys of nodes and ways to keep, at least one.
    types
        Values of `type` of the relations to keep.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If the file is damaged, of another format, or has no nodes.
    """
    path = Path(path)
    source = _source(path)
    wanted = frozenset(keys)
    try:
        box, ordered = _header(source, path)
        groups = _groups(source, frozenset(types))
        fresh = _fresh(source, ordered)
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / "places"
            locations = osmium.NodeLocationsForWays(
                osmium.index.create_map(f"sparse_file_array,{table}")
            )
            locations.ignore_errors()
            nodes = _nodes(source, locations, wanted)
            places = _places(table)
            members = {m.ref for group in groups for m in group.members if m.type == "w"}
            ways, dropped = _ways(source, locations, wanted, members, fresh)
    except FormatError:
        raise
    # osmium's own errors; coordinates, then dates and letters, that are none.
    except (RuntimeError, osmium.InvalidLocationError, ValueError) as error:
        msg = f"{path}: cannot be read as OpenStreetMap data, it may be damaged: {error}"
        raise FormatError(msg) from error
    extent = _extent(places, fresh)
    if extent is None:
        msg = f"{path}: there are no nodes in it, so it shows no place"
        raise FormatError(msg)
    positions = _positions(places, fresh, groups)
    return OsmFile(box, extent, nodes, ways, groups, positions, dropped)


def _source(path: Path) -> osmium.io.File:
    """Return the file with its format told by its name, never by a URL or `-` in the name."""
    if not path.is_file():
        msg = f"{path}: there is no such file"
        raise FileMissingError(msg)
    for ending, name in FORMATS.items():
        if path.name.lower().endswith(ending):
            return osmium.io.File(str(path.resolve()), name)
    msg = f"{path}: not an OpenStreetMap file; the name must end in {', '.join(sorted(FORMATS))}"
    raise FormatError(msg)


def _header(source: osmium.io.File, path: Path) -> tuple[Bounds | None, bool]:
    """Return the box that is stated, and whether the objects are said to be in order."""
    with osmium.io.Reader(source, osmium.osm.NOTHING) as reader:
        header = reader.header()
    if header.has_multiple_object_versions:
        msg = f"{path}: holds several versions of its objects; cut out the state of one day first"
        raise FormatError(msg)
    ordered = header.get("sorting") == "Type_then_ID"
    box = header.box()
    if not box.valid():
        return None, ordered
    low, high = box.bottom_left, box.top_right
    return (low.lon, low.lat, high.lon, high.lat), ordered


def _groups(source: osmium.io.File, types: frozenset[str]) -> tuple[Group, ...]:
    found: dict[int, Group] = {}
    with osmium.io.Reader(source, RELATION) as reader:
        for item in osmium.OsmFileIterator(reader):
            if isinstance(item, Relation) and item.tags.get("type") in types:
                members = tuple(Member(m.type, m.ref, m.role) for m in item.members)
                found[item.id] = Group(item.id, dict(item.tags), members)
    return tuple(found.values())


def _fresh(source: osmium.io.File, ordered: bool) -> Positions:
    """Return where nodes with negative ids are, which osmium's tables cannot hold.

    Editors give such ids to what was not uploaded.
    """
    fresh: Positions = {}
    with osmium.io.Reader(source, NODE) as reader:
        for node in osmium.OsmFileIterator(reader):
            if node.id < 0:
                place = node.location  # type: ignore[union-attr]
                if place.valid():
                    fresh[node.id] = (place.lon, place.lat)
            elif ordered and node.id > 0:
                break  # negative ids come first
    return fresh


def _nodes(
    source: osmium.io.File, locations: osmium.NodeLocationsForWays, keys: frozenset[str]
) -> Objects:
    """Note the places of all nodes; return those with a wanted tag."""
    found: dict[int, tuple[dict[str, str], tuple[float, float]]] = {}
    tagged = osmium.filter.KeyFilter(*keys)
    with osmium.io.Reader(source, NODE) as reader:
        for node in osmium.OsmFileIterator(reader, locations, tagged):
            place = node.location  # type: ignore[union-attr]
            if place.valid():
                found[node.id] = (dict(node.tags), (place.lon, place.lat))
    return Objects(
        [f"node/{ref}" for ref in found],
        [tags for tags, _ in found.values()],
        np.asarray(shapely.points(np.reshape([at for _, at in found.values()], (-1, 2)))),
    )


def _places(table: Path) -> Places:
    """Return the rows that osmium noted and that are on earth; nodes without a place are not."""
    rows: Places = np.fromfile(table, dtype=PLACE)
    there = (rows["x"] >= -180 * 10**7) & (rows["x"] <= 180 * 10**7)
    there &= (rows["y"] >= -90 * 10**7) & (rows["y"] <= 90 * 10**7)
    return np.asarray(rows[there])


def _extent(places: Places, fresh: Positions) -> Bounds | None:
    """Return the box of all nodes, None without any."""
    if not (len(places) or fresh):
        return None
    noted, more = np.column_stack([places["x"], places["y"]]) / 1e7, list(fresh.values())
    xy = np.concatenate([noted, np.reshape(more, (-1, 2))])
    (left, bottom), (right, top) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
    return left, bottom, right, top


def _ways(
    source: osmium.io.File,
    locations: osmium.NodeLocationsForWays,
    keys: frozenset[str],
    members: set[int],
    fresh: Positions,
) -> tuple[Objects, dict[str, int]]:
    factory = osmium.geom.WKBFactory()
    found: dict[int, tuple[dict[str, str], str | bytes]] = {}
    without = 0
    with osmium.io.Reader(source, WAY) as reader:
        for way in osmium.OsmFileIterator(reader, locations):
            tags = dict(way.tags)
            if keys.isdisjoint(tags) and way.id not in members:
                continue
            line = _line(way, factory, fresh)  # type: ignore[arg-type]
            if line is None:
                without += 1
            else:
                found[way.id] = (tags, line)
    ways = Objects(
        [f"way/{ref}" for ref in found],
        [tags for tags, _ in found.values()],
        np.asarray(shapely.from_wkb([wkb for _, wkb in found.values()]), dtype=object),
    )
    return ways, {"ways without a segment": without} if without else {}


def _line(way: Way, factory: osmium.geom.WKBFactory, fresh: Positions) -> str | bytes | None:
    """Return the WKB of a way; in parts where nodes are missing, None with no segment left."""
    try:
        return str(factory.create_linestring(way))
    except (osmium.InvalidLocationError, RuntimeError):  # a node without a place; no two places
        parts = [part for part in _runs(way, fresh) if len(part) > 1]
    line = shapely.LineString(parts[0]) if len(parts) == 1 else shapely.MultiLineString(parts)
    return bytes(shapely.to_wkb(line)) if parts else None


def _runs(way: Way, fresh: Positions) -> Iterator[list[tuple[float, float]]]:
    """Yield the positions of a way, each once in a row, cut wherever a node is missing."""
    run: list[tuple[float, float]] = []
    for node in way.nodes:
        place = (node.lon, node.lat) if node.location.valid() else fresh.get(node.ref)
        if place is None:
            yield run
            run = []
        elif run[-1:] != [place]:
            run.append(place)
    yield run


def _positions(places: Places, fresh: Positions, groups: tuple[Group, ...]) -> Positions:
    """Return where the nodes are that relations go by way of; those missing are left out."""
    refs = {m.ref for g in groups for m in g.members if m.type == "n" and m.role == "via"}
    known = places[np.isin(places["ref"], [ref for ref in refs if ref >= 0])]
    positions = {ref: fresh[ref] for ref in refs if ref in fresh}
    return positions | {ref: (x / 1e7, y / 1e7) for ref, x, y in known.tolist()}
