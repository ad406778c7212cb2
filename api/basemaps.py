"""Tiles of the town's own base maps: fetched by the server, so that no page asks another host."""

from __future__ import annotations

import gzip
import mmap
import struct
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol

import httpx2
from fastapi import Depends, Request
from pmtiles.reader import Reader
from pmtiles.tile import Compression, MagicNumberNotFound, SpecVersionUnsupported, TileType

from gis.errors import FileMissingError, FormatError, NotFoundError
from gis.profiles import load
from maps.basemaps import Basemap
from maps.basemaps_pixels import clear_tile, composed
from maps.tiles_grid import check_tile

PICTURES = (TileType.PNG, TileType.JPEG, TileType.WEBP)
# What reading a damaged file of tiles ends in.
DAMAGED = (ValueError, IndexError, EOFError, struct.error, zlib.error, OSError)
# What a server says where it has no tile.
NOTHING = (204, 404)


class UpstreamError(Exception):
    """A base map cannot be had now."""


class Source(Protocol):
    """Where the tiles of a base map come from."""

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile of the base map's own grid, None where there is none."""
        ...


class Basemaps:
    """The base maps of one town; many threads may ask it.

    Parameters
    ----------
    basemaps
        What they are.
    folder
        Folder that paths of files begin at.

    Raises
    ------
    FileMissingError
        If the file of one is not there.
    FormatError
        If it is none of pictures.
    """

    def __init__(self, basemaps: Sequence[Basemap], folder: Path) -> None:
        self.known: Mapping[str, Basemap] = {one.name: one for one in basemaps}
        self._sources: dict[str, Source] = {
            one.name: TileFile(folder / one.file) if one.kind == "pmtiles" else TileServer(one)
            for one in basemaps
        }
        self._kept = _Kept()

    def tile(self, name: str, z: int, x: int, y: int) -> bytes:
        """Return a tile in the usual web map grid of WGS 84; a clear one where there is none.

        Raises
        ------
        NotFoundError
            If there is no such base map, or it has no such zoom.
        UpstreamError
            If its server does not answer, or not with a picture.
        """
        if name not in self.known:
            msg = f"no base map called {name!r}; there are: {', '.join(self.known) or 'none'}"
            raise NotFoundError(msg)
        basemap = self.known[name]
        check_tile(z, x, y)
        if not basemap.min_zoom <= z <= basemap.max_zoom:
            msg = f"the base map {name} has zooms {basemap.min_zoom} to {basemap.max_zoom}"
            raise NotFoundError(msg)
        return self._kept.get((name, z, x, y), lambda: self._made(basemap, z, x, y))

    def close(self) -> None:
        """Close what is open."""
        for source in self._sources.values():
            if isinstance(source, TileServer):
                source.close()

    def _made(self, basemap: Basemap, z: int, x: int, y: int) -> bytes:
        try:
            made = composed(basemap, z, x, y, lambda *at: self._fetched(basemap, *at))
        except ValueError as error:
            msg = f"the base map {basemap.name} sends no pictures"
            raise UpstreamError(msg) from error
        return clear_tile() if made is None else made

    def _fetched(self, basemap: Basemap, z: int, x: int, y: int) -> bytes | None:
        """Return a tile of its own grid, kept where several tiles want a part of it."""
        rows = 2**z if basemap.crs == 3857 else 2 ** max(z - 1, 0)
        if not (0 <= x < 2**z and 0 <= y < rows):
            return None
        source = self._sources[basemap.name]
        key = (f"{basemap.name} own", z, x, y)
        return self._kept.get(key, lambda: source.tile(z, x, y) or b"") or None


class TileServer:
    """A server of tiles, at the address that the town's settings give and no other.

    Parameters
    ----------
    basemap
        Has the address.
    """

    def __init__(self, basemap: Basemap) -> None:
        table = load("tiles")["basemaps"]
        self._basemap = basemap
        self._most_bytes, self._timeout_s = table["most_bytes"], table["timeout_s"]
        self._rest_s, self._rests_until = table["rest_s"], 0.0
        self._free = threading.BoundedSemaphore(table["at_once"])
        self._client = httpx2.Client(
            timeout=self._timeout_s, follow_redirects=False, trust_env=False
        )

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile, None where the server has none.

        Raises
        ------
        UpstreamError
            If it does not answer in time, sends its visitors elsewhere, or sends too much.
        """
        if time.monotonic() < self._rests_until:
            raise UpstreamError(self._told("does not answer"))
        if not self._free.acquire(timeout=self._timeout_s):
            raise UpstreamError(self._told("has too much to do"))
        try:
            return self._asked(self._basemap.address_of(z, x, y))
        except httpx2.HTTPError as error:
            self._rests_until = time.monotonic() + self._rest_s
            raise UpstreamError(self._told("does not answer")) from error
        finally:
            self._free.release()

    def _asked(self, address: str) -> bytes | None:
        until = time.monotonic() + self._timeout_s
        with self._client.stream("GET", address) as answer:
            if answer.status_code in NOTHING:
                return None
            if answer.status_code != httpx2.codes.OK:
                raise UpstreamError(self._told(f"answers {answer.status_code}"))
            content = bytearray()
            for part in answer.iter_bytes():
                content += part
                if len(content) > self._most_bytes:
                    raise UpstreamError(self._told("sends too much for a tile"))
                if time.monotonic() > until:
                    raise UpstreamError(self._told("is too slow"))
        return bytes(content)

    def _told(self, what: str) -> str:
        return f"the server of the base map {self._basemap.name} {what}"


class TileFile:
    """A PMTiles file of pictures.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError as error:
            msg = f"there is no file of a base map {path}"
            raise FileMissingError(msg) from error
        except (OSError, ValueError) as error:
            msg = f"{path} cannot be read as PMTiles"
            raise FormatError(msg) from error
        self._path = path
        self._reader = Reader(lambda offset, length: whole[offset : offset + length])
        try:
            header = self._reader.header()
        except (MagicNumberNotFound, SpecVersionUnsupported, *DAMAGED) as error:
            msg = f"{path} is no PMTiles file of version 3"
            raise FormatError(msg) from error
        if header["tile_type"] not in PICTURES:
            msg = (
                f"{path} holds {header['tile_type'].name} tiles: base maps are pictures (PNG, "
                "JPEG, WebP); a file of shapes must be drawn into pictures first"
            )
            raise FormatError(msg)
        if header["tile_compression"] not in (Compression.NONE, Compression.GZIP):
            msg = f"{path}: tiles packed as {header['tile_compression'].name} cannot be read"
            raise FormatError(msg)
        self._packed = header["tile_compression"] is Compression.GZIP

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile, None where the file has none.

        Raises
        ------
        UpstreamError
            If the file is damaged.
        """
        try:
            content = self._reader.get(z, x, y)
            return gzip.decompress(content) if content and self._packed else content
        except DAMAGED as error:
            msg = f"the file {self._path.name} of a base map is damaged"
            raise UpstreamError(msg) from error


class _Kept:
    """What was made lately, up to so many bytes, the least used given up first."""

    def __init__(self) -> None:
        table = load("tiles")["basemaps"]
        self._most_bytes, self._kept_s = table["kept_bytes"], table["kept_s"]
        self._entries: OrderedDict[Any, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], bytes]) -> bytes:
        """Return what is kept under a key, made anew where it is not there or too old."""
        with self._lock:
            until, content = self._entries.get(key, (0.0, b""))
            if until > time.monotonic():
                self._entries.move_to_end(key)
                return content
        content = make()
        with self._lock:
            self._drop(key)
            self._entries[key] = (time.monotonic() + self._kept_s, content)
            self._bytes += len(content)
            while self._bytes > self._most_bytes:
                self._drop(next(iter(self._entries)))
        return content

    def _drop(self, key: Any) -> None:
        _, content = self._entries.pop(key, (0.0, b""))
        self._bytes -= len(content)


def _basemaps(request: Request) -> Basemaps:
    basemaps: Basemaps = request.app.state.basemaps
    return basemaps


Maps = Annotated[Basemaps, Depends(_basemaps)]
