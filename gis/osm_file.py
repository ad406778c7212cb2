"""What is in one OpenStreetMap file: tagged nodes, ways with their lines, relations."""

from __future__ import annotations

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

    Three passes (relations, nodes, ways), so that the order within the file does not matter.

    Parameters
    ----------
    path
        .osm.pbf, .pbf, .osm, .osm.gz or .osm.bz2.
    keys
        Keys of nodes and ways to keep.
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
        header = _header(source, path)
        groups = _groups(source, frozenset(types))
        store = osmium.index.create_map("flex_mem")
        nodes, extent, fresh = _nodes(source, store, wanted)
        if extent is None:
            msg = f"{path}: there are no nodes in it, so it shows no place"
            raise FormatError(msg)
        members = {m.ref for group in groups for m in group.members if m.type == "w"}
        ways, dropped = _ways(source, store, wanted, members, fresh)
    except FormatError:
        raise
    # osmium's own errors; coordinates, then dates and letters, that are none.
    except (RuntimeError, osmium.InvalidLocationError, ValueError) as error:
        msg = f"{path}: cannot be read as OpenStreetMap data, it may be damaged: {error}"
        raise FormatError(msg) from error
    positions = _positions(store, fresh, groups)
    return OsmFile(header, extent, nodes, ways, groups, positions, dropped)


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


def _header(source: osmium.io.File, path: Path) -> Bounds | None:
    with osmium.io.Reader(source, osmium.osm.NOTHING) as reader:
        header = reader.header()
    if header.has_multiple_object_versions:
        msg = f"{path}: holds several versions of its objects; cut out the state of one day first"
        raise FormatError(msg)
    box = header.box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return low.lon, low.lat, high.lon, high.lat


def _groups(source: osmium.io.File, types: frozenset[str]) -> tuple[Group, ...]:
    found: dict[int, Group] = {}
    with osmium.io.Reader(source, RELATION) as reader:
        for item in osmium.OsmFileIterator(reader):
            if isinstance(item, Relation) and item.tags.get("type") in types:
                members = tuple(Member(m.type, m.ref, m.role) for m in item.members)
                found[item.id] = Group(item.id, dict(item.tags), members)
    return tuple(found.values())


def _nodes(
    source: osmium.io.File, store: osmium.index.LocationTable, keys: frozenset[str]
) -> tuple[Objects, Bounds | None, Positions]:
    """Fill the store; return the tagged nodes, the box of all, and what the store cannot hold.

    That is nodes with negative ids, which editors give to what was not uploaded.
    """
    fresh: Positions = {}
    found: dict[int, tuple[dict[str, str], tuple[float, float]]] = {}
    left = bottom = 2**31
    right = top = -(2**31)
    # The iterator does not keep its handlers alive: the name must outlast the loop.
    filling = osmium.NodeLocationsForWays(store)
    with osmium.io.Reader(source, NODE) as reader:
        for node in osmium.OsmFileIterator(reader, filling):
            # The integers of 1e-7 degrees: comparing them is exact and twice as fast.
            place = node.location  # type: ignore[union-attr]
            if not place.valid():
                continue
            x, y = place.x, place.y
            left, right = min(left, x), max(right, x)
            bottom, top = min(bottom, y), max(top, y)
            if node.id < 0:
                fresh[node.id] = (place.lon, place.lat)
            if len(node.tags):
                tags = dict(node.tags)
                if not keys.isdisjoint(tags):
                    found[node.id] = (tags, (place.lon, place.lat))
    nodes = Objects(
        [f"node/{ref}" for ref in found],
        [tags for tags, _ in found.values()],
        np.asarray(shapely.points(np.reshape([at for _, at in found.values()], (-1, 2)))),
    )
    if left > right:
        return nodes, None, fresh
    return nodes, (left / 1e7, bottom / 1e7, right / 1e7, top / 1e7), fresh


def _ways(
    source: osmium.io.File,
    store: osmium.index.LocationTable,
    keys: frozenset[str],
    members: set[int],
    fresh: Positions,
) -> tuple[Objects, dict[str, int]]:
    locations = osmium.NodeLocationsForWays(store)
    locations.ignore_errors()
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


def _positions(
    store: osmium.index.LocationTable, fresh: Positions, groups: tuple[Group, ...]
) -> Positions:
    """Return where the nodes are that relations go by way of; those missing are left out."""
    refs = {m.ref for g in groups for m in g.members if m.type == "n" and m.role == "via"}
    positions = {ref: fresh[ref] for ref in refs if ref in fresh}
    for ref in refs:
        try:
            place = store.get(ref)
        except (KeyError, TypeError):  # missing; negative
            continue
        if place.valid():
            positions[ref] = (place.lon, place.lat)
    return positions
