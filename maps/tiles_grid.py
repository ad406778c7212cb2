"""The grid of web map tiles: 256 px, spherical Mercator, x from the west, y from the north."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator

from PIL import Image

from gis.errors import NotFoundError

SIZE_PX = 256
MAX_ZOOM = 20
EARTH_M = 40_075_016.686
# Where the square world of the tiles ends.
MAX_LAT = 85.051128

Bounds = tuple[float, float, float, float]
# Tiles reach past the town by this share of its size, at least by this many degrees.
MARGIN = 0.15
LEAST_MARGIN_DEG = 0.001


def check_tile(z: int, x: int, y: int) -> None:
    """Raise if there is no such tile.

    Raises
    ------
    NotFoundError
        If the zoom is not 0 to 20 or the tile lies outside the world.
    """
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        msg = f"no tile {z}/{x}/{y}"
        raise NotFoundError(msg)


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Return x and y of the tile a place lies in.

    Examples
    --------
    >>> tile_of(24.94, 60.17, 14)
    (9327, 4742)
    """
    last = 2**z - 1
    lat = min(max(lat, -MAX_LAT), MAX_LAT)
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return min(max(int((lon + 180) / 360 * 2**z), 0), last), min(max(int(row * 2**z), 0), last)


def tiles_within(bounds: Bounds, z: int) -> Iterator[tuple[int, int]]:
    """Yield x and y of every tile of a zoom that touches a box of west, south, east, north."""
    west, south, east, north = bounds
    left, top = tile_of(west, north, z)
    right, bottom = tile_of(east, south, z)
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            yield x, y


def tile_count(bounds: Bounds, z: int) -> int:
    """Return how many tiles of a zoom touch a box.

    Examples
    --------
    >>> tile_count((-180, -85, 180, 85), 3)
    64
    """
    west, south, east, north = bounds
    left, top = tile_of(west, north, z)
    right, bottom = tile_of(east, south, z)
    return (right - left + 1) * (bottom - top + 1)


def widened(bounds: Bounds) -> Bounds:
    """Return the box that tiles are drawn for: a town's own and some ground around.

    Examples
    --------
    >>> widened((24.0, 60.0, 25.0, 61.0))
    (23.85, 59.85, 25.15, 61.15)
    """
    west, south, east, north = bounds
    wide = max((east - west) * MARGIN, LEAST_MARGIN_DEG)
    high = max((north - south) * MARGIN, LEAST_MARGIN_DEG)
    return west - wide, max(south - high, -MAX_LAT), east + wide, min(north + high, MAX_LAT)


def metres_per_px(lat: float, z: float) -> float:
    """Return the ground length of one pixel of a tile."""
    return EARTH_M * math.cos(math.radians(lat)) / (SIZE_PX * float(2.0**z))


def middle_lat(z: int, y: int) -> float:
    """Return the latitude of the middle of a row of tiles, degrees."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + 0.5) / 2**z))))


def png(image: Image.Image) -> bytes:
    """Return an image as PNG bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()
