"""The base maps that a town brings: what its `fengqiao.toml` says of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gis.errors import FormatError

KINDS = ("xyz", "wmts", "pmtiles")
CRS = (3857, 4490, 4326)
DATUMS = ("wgs84", "gcj02", "bd09")
MAX_ZOOM = 20
# Name of the program's own map of streets among them.
OWN = "own"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
HOLE = re.compile(r"\{([^{}]*)\}")
HOLES = frozenset({"z", "x", "y", "-y", "s"})

TEXTS = ("name", "title", "kind", "address", "file", "datum", "attribution")
NUMBERS = ("crs", "min_zoom", "max_zoom", "zoom_offset")
KNOWN = frozenset({*TEXTS, *NUMBERS, "subdomains"})


@dataclass(frozen=True)
class Basemap:
    """One base map.

    Parameters
    ----------
    name
        What the addresses of its tiles call it.
    title
        What people call it.
    kind
        "xyz", "wmts" (both asked for at `address`) or "pmtiles" (read out of `file`).
    address
        With {z}, {x} and {y} ({-y} where rows count from the south), and {s} for `subdomains`.
    file
        Path, from the workspace's folder.
    crs
        Grid of the tiles: 3857, or 4490 and 4326, both degrees.
    datum
        What its pixels show: "wgs84" (CGCS2000 too), "gcj02" or "bd09".
    min_zoom, max_zoom
        Zooms that there are.
    zoom_offset
        The grid's number of a zoom less that of the web map of the same scale at the equator.
    attribution
        Whom the map must name.
    subdomains
        What {s} stands for, in turn.
    """

    name: str
    title: str
    kind: str
    address: str = ""
    file: str = ""
    crs: int = 3857
    datum: str = "wgs84"
    min_zoom: int = 0
    max_zoom: int = 18
    zoom_offset: int = 0
    attribution: str = ""
    subdomains: tuple[str, ...] = ()

    def address_of(self, z: int, x: int, y: int) -> str:
        """Return the address of one tile of its own grid.

        Examples
        --------
        >>> Basemap("a", "A", "xyz", "http://m/{z}/{x}/{-y}.png").address_of(2, 1, 0)
        'http://m/2/1/3.png'
        """
        rows = 2 ** (z if self.crs == 3857 else z - 1)
        part = self.subdomains[(x + y) % len(self.subdomains)] if self.subdomains else ""
        holes = {"z": z + self.zoom_offset, "x": x, "y": y, "-y": rows - 1 - y, "s": part}
        return HOLE.sub(lambda found: str(holes[found.group(1)]), self.address)


def read_basemaps(tables: Any, source: object) -> tuple[Basemap, ...]:
    """Return the base maps of `[[basemaps]]` in a `fengqiao.toml`.

    Parameters
    ----------
    tables
        What the file says under that name.
    source
        The file, for messages.

    Raises
    ------
    FormatError
        If anything is unknown, missing or of the wrong kind; all faults are named at once.

    Examples
    --------
    >>> table = {"name": "a", "title": "A", "kind": "xyz", "address": "http://m/{z}/{x}/{y}.png"}
    >>> [one.title for one in read_basemaps([table], "fengqiao.toml")]
    ['A']
    """
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        msg = f"{source}: base maps are sections of their own: [[basemaps]]"
        raise FormatError(msg)
    faults = [
        f"[[basemaps]] {number}: {fault}"
        for number, table in enumerate(tables, 1)
        for fault in _faults(table)
    ]
    names = [one.get("name") for one in tables]
    faults += [f"[[basemaps]] {n} is there twice" for n in {*names} if names.count(n) > 1]
    if faults:
        msg = f"{source}: {'; '.join(faults)}"
        raise FormatError(msg)
    return tuple(
        Basemap(**{**one, "subdomains": tuple(one.get("subdomains", ()))}) for one in tables
    )


def told_basemaps(basemaps: Sequence[Basemap], root: str) -> dict[str, Any]:
    """Return what the script of a page has to know of base maps, by name.

    Parameters
    ----------
    basemaps
        The base maps.
    root
        Where the server's own addresses begin, as the page refers to it.
    """
    return {
        one.name: {
            "tiles": f"{root}basemaps/{one.name}/{{z}}/{{x}}/{{y}}.png",
            "attribution": one.attribution,
            "min_zoom": one.min_zoom,
            "max_zoom": one.max_zoom,
        }
        for one in basemaps
    }


def _faults(table: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with one base map."""
    faults = [f"does not know {key}" for key in table if key not in KNOWN]
    faults += [f"{k} must be text" for k in TEXTS if not isinstance(table.get(k, ""), str)]
    faults += [f"{k} must be a whole number" for k in NUMBERS if type(table.get(k, 0)) is not int]
    parts = table.get("subdomains", [])
    if not isinstance(parts, list) or not all(isinstance(one, str) for one in parts):
        faults.append("subdomains must be a list of texts")
    return faults or [
        *_choice_faults(table),
        *_zoom_faults(table),
        *(_file_faults(table) if table["kind"] == "pmtiles" else _address_faults(table)),
    ]


def _choice_faults(table: Mapping[str, Any]) -> list[str]:
    faults = [f"{key} is missing" for key in ("name", "title", "kind") if not table.get(key)]
    name = table.get("name", "")
    if name and (not NAME.fullmatch(name) or name == OWN):
        faults.append(f"name must be a-z, 0-9 and -, not {name!r}")
    for key, choices, usual in (
        ("kind", KINDS, ""),
        ("crs", CRS, 3857),
        ("datum", DATUMS, "wgs84"),
    ):
        if table.get(key, usual) not in ("", *choices):
            faults.append(f"{key} must be one of {', '.join(map(str, choices))}")
    return faults


def _zoom_faults(table: Mapping[str, Any]) -> list[str]:
    low, high = table.get("min_zoom", 0), table.get("max_zoom", 18)
    least = 0 if table.get("crs", 3857) == 3857 else 1
    if low < 0 or high > MAX_ZOOM or high < max(low, least):
        return [f"zooms must be from {least} to {MAX_ZOOM}, min_zoom not above max_zoom"]
    return []


def _file_faults(table: Mapping[str, Any]) -> list[str]:
    faults = [] if table.get("file") else ["file is missing"]
    if table.get("crs", 3857) != 3857:
        faults.append("crs of a PMTiles file must be 3857")
    return faults


def _address_faults(table: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the address of a server of tiles."""
    address = table.get("address", "")
    if not address:
        return ["address is missing"]
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return ["address is no web address"]
    plain = address.isascii() and address.isprintable() and " " not in address
    if parts.scheme not in ("http", "https") or not host or not plain:
        return ["address must begin with http:// or https://"]
    holes = HOLE.findall(address)
    lacking = [one for one in ("z", "x") if one not in holes]
    lacking += [] if {"y", "-y"} & {*holes} else ["y"]
    faults = [f"address must hold {{{one}}}" for one in lacking]
    faults += [f"address does not know {{{one}}}" for one in holes if one not in HOLES]
    if HOLE.search(parts.netloc.replace("{s}", "")):
        faults.append("address may have {s} alone in the name of its server")
    if ("s" in holes) != bool(table.get("subdomains")):
        faults.append("{s} in address and subdomains belong together")
    return faults
