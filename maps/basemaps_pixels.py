"""Pixels of base maps put where they belong: any grid and datum as web map tiles of WGS 84.

Where a base map is in another datum it is the base map that is moved, not what lies on it: so what
is clicked, drawn and printed keeps its true place. A tile is a window on at most four tiles of the
source: each of its pixels is the one of the source that lies nearest to its true place, so that no
place is shown more than half a pixel off, and nothing is blended: writing stays sharp.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from PIL import Image

from gis.datum import Pair, wgs84_to_bd09, wgs84_to_gcj02
from maps.basemaps import Basemap
from maps.tiles_grid import MAX_LAT, SIZE_PX, png
from maps.tiles_ground import pixel_places
from maps.tiles_lattice import Floats

Ints = npt.NDArray[np.int64]
Fetch = Callable[[int, int, int], bytes | None]

SHIFTS: Mapping[str, Callable[[npt.ArrayLike, npt.ArrayLike], Pair]] = MappingProxyType(
    {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}
)
# What a picture begins with, and what it is. Others are not let through.
MAGIC: Mapping[bytes, str] = MappingProxyType(
    {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
)
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
# A picture of more pixels each way is no tile.
MOST_PX = 1024


@dataclass(frozen=True, eq=False)
class Window:
    """What of a base map's grid a tile shows.

    Parameters
    ----------
    z
        Zoom of the grid.
    columns, rows
        (256, 256) pixel of the whole grid that each pixel of the tile takes.
    """

    z: int
    columns: Ints
    rows: Ints


def window(basemap: Basemap, z: int, x: int, y: int) -> Window:
    """Return which pixels of a base map a web map tile of WGS 84 shows.

    Parameters
    ----------
    basemap
        Says in which grid and datum it is.
    z, x, y
        The tile.

    Examples
    --------
    >>> shown = window(Basemap("a", "A", "xyz", datum="gcj02"), 16, 54746, 26979)
    >>> int(shown.columns[0, 0]) - 54746 * 256, int(shown.rows[0, 0]) - 26979 * 256
    (199, 132)
    """
    lon, lat = np.meshgrid(*pixel_places(z, x, y, rim=0))
    if basemap.datum in SHIFTS:
        lon, lat = SHIFTS[basemap.datum](lon, lat)
    per_deg = SIZE_PX * 2**z / 360
    across = (lon + 180) * per_deg
    down = (90 - lat) * per_deg if basemap.crs != 3857 else _mercator(lat) * SIZE_PX * 2**z
    return Window(z, np.floor(across).astype(np.int64), np.floor(down).astype(np.int64))


def composed(basemap: Basemap, z: int, x: int, y: int, fetch: Fetch) -> bytes | None:
    """Return a tile as the base map's pixels make it; None where the base map has nothing there.

    Parameters
    ----------
    basemap
        Says in which grid and datum it is.
    z, x, y
        The tile, of a web map of WGS 84.
    fetch
        Returns a tile of the base map's own grid by zoom, column and row; None where there is
        none.

    Raises
    ------
    ValueError
        If what was fetched is no picture, or a far too large one.
    """
    if basemap.crs == 3857 and basemap.datum not in SHIFTS:
        content = fetch(z, x, y) or None
        if content is not None:
            picture_type(content)
        return content
    shown = window(basemap, z, x, y)
    left, top = int(shown.columns.min()) // SIZE_PX, int(shown.rows.min()) // SIZE_PX
    right, bottom = int(shown.columns.max()) // SIZE_PX, int(shown.rows.max()) // SIZE_PX
    parts = {
        (column, row): fetch(z, column, row)
        for column in range(left, right + 1)
        for row in range(top, bottom + 1)
    }
    if not any(parts.values()):
        return None
    size = (right - left + 1) * SIZE_PX, (bottom - top + 1) * SIZE_PX
    canvas = Image.new("RGBA", size)
    for (column, row), content in parts.items():
        if content:
            canvas.paste(_opened(content), ((column - left) * SIZE_PX, (row - top) * SIZE_PX))
    pixels = np.asarray(canvas)
    taken = pixels[shown.rows - top * SIZE_PX, shown.columns - left * SIZE_PX]
    return png(Image.fromarray(taken))


def picture_type(content: bytes) -> str:
    """Return what kind of picture some bytes are, as HTTP says it.

    Raises
    ------
    ValueError
        If they are none.

    Examples
    --------
    >>> picture_type(b"GIF89a")
    'image/gif'
    """
    for magic, kind in MAGIC.items():
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    msg = "what came is no picture"
    raise ValueError(msg)


def clear_tile() -> bytes:
    """Return a tile through which everything is seen."""
    return png(Image.new("LA", (SIZE_PX, SIZE_PX)))


def _opened(content: bytes) -> Image.Image:
    """Return a tile as a picture of the usual size."""
    picture_type(content)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            whole = image.convert("RGBA") if max(image.size) <= MOST_PX else None
    except (OSError, SyntaxError, struct.error, zlib.error) as error:
        msg = "what came is a damaged picture"
        raise ValueError(msg) from error
    if whole is None:
        msg = f"what came is no tile but a picture of {image.width} x {image.height} pixels"
        raise ValueError(msg)
    return whole if whole.size == (SIZE_PX, SIZE_PX) else whole.resize((SIZE_PX, SIZE_PX))


def _mercator(lat: Floats) -> Floats:
    """Return how far down the world's square some latitudes lie, 0 to 1."""
    north = np.radians(np.clip(lat, -MAX_LAT, MAX_LAT))
    return np.asarray((1 - np.arcsinh(np.tan(north)) / math.pi) / 2)
