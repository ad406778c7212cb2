from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gis.datum import wgs84_to_bd09, wgs84_to_gcj02
from gis.errors import FormatError
from maps.basemaps import Basemap, read_basemaps
from maps.basemaps_pixels import composed, picture_type
from maps.tiles_grid import tile_of

PLAIN = {"name": "a", "title": "A", "kind": "xyz", "address": "http://m/{z}/{x}/{y}.png"}
SHIFTS = {"wgs84": lambda lon, lat: (lon, lat), "gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}
EAST, NORTH = 120.72, 30.15


def saved(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


class Drawn:
    """A base map whose pixels hold their own number in its grid."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, int]] = []

    def __call__(self, z: int, x: int, y: int) -> bytes:
        self.asked.append((z, x, y))
        column, row = np.meshgrid(np.arange(256) + 256 * x, np.arange(256) + 256 * y)
        parts = [column % 256, row % 256, column // 256 % 16 + 16 * (row // 256 % 16)]
        return saved(np.stack(parts, axis=2).astype(np.uint8))


def place_of(pixel: np.ndarray, x: int, y: int) -> tuple[int, int]:
    """Return column and row of a pixel of the source, near to a tile of it."""
    column, row = (
        int(pixel[0]) + 256 * (int(pixel[2]) % 16),
        int(pixel[1]) + 256 * (int(pixel[2]) // 16),
    )
    turn = 256 * 16
    return (
        column + turn * round((256 * x - column) / turn),
        row + turn * round((256 * y - row) / turn),
    )


def in_grid(lon: float, lat: float, z: int, crs: int) -> tuple[float, float]:
    """Return where a place lies in a grid, in pixels, the slow way."""
    across = (lon + 180) / 360 * 2**z * 256
    if crs != 3857:
        return across, (90 - lat) / 360 * 2**z * 256
    down = np.log(np.tan(np.pi / 4 + np.radians(lat) / 2))
    return across, float((1 - down / np.pi) / 2 * 2**z * 256)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["wgs84", "gcj02", "bd09"]),
    st.sampled_from([3857, 4490]),
    st.integers(10, 18),
    st.integers(0, 255),
    st.integers(0, 255),
    st.floats(75, 130),
    st.floats(18, 50),
)
def test_a_pixel_shows_its_true_place_within_a_pixel(
    datum: str, crs: int, z: int, column: int, row: int, lon: float, lat: float
) -> None:
    x, y = tile_of(lon, lat, z)
    source = Drawn()
    made = composed(Basemap("a", "A", "xyz", datum=datum, crs=crs), z, x, y, source)
    assert made is not None
    pixel = np.asarray(Image.open(io.BytesIO(made)).convert("RGB"))[row, column]
    true_lon = 360 * (x + (column + 0.5) / 256) / 2**z - 180
    true_lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + (row + 0.5) / 256) / 2**z))))
    shifted = SHIFTS[datum](true_lon, true_lat)
    wanted = in_grid(float(shifted[0]), float(shifted[1]), z, crs)
    shown = place_of(pixel, int(wanted[0]) // 256, int(wanted[1]) // 256)
    assert abs(shown[0] + 0.5 - wanted[0]) <= 1
    assert abs(shown[1] + 0.5 - wanted[1]) <= 1
    assert len(source.asked) <= 4


def test_a_base_map_of_the_same_grid_and_datum_is_passed_on_as_it_is() -> None:
    source = Drawn()
    assert composed(Basemap("a", "A", "xyz"), 3, 1, 2, source) == Drawn()(3, 1, 2)
    assert source.asked == [(3, 1, 2)]


def test_where_a_base_map_has_nothing_there_is_nothing() -> None:
    shifted = Basemap("a", "A", "xyz", datum="gcj02")
    assert composed(shifted, 16, *tile_of(EAST, NORTH, 16), lambda *_: None) is None
    assert composed(Basemap("a", "A", "xyz"), 16, 1, 1, lambda *_: None) is None


def test_a_part_that_is_missing_stays_clear() -> None:
    shifted, z = Basemap("a", "A", "xyz", datum="gcj02"), 16
    x, y = tile_of(EAST, NORTH, z)
    whole = saved(np.full((256, 256, 3), 200, np.uint8))
    made = composed(shifted, z, x, y, lambda _, a, b: whole if (a, b) == (x, y) else None)
    assert made is not None
    clear = np.asarray(Image.open(io.BytesIO(made)).convert("RGBA"))[..., 3] == 0
    assert clear.any()
    assert not clear.all()


@pytest.mark.parametrize("content", [b"<html>", b"\x89PNG\r\n\x1a\nnot so", b"GIF89a"])
def test_what_is_no_picture_is_not_shown(content: bytes) -> None:
    with pytest.raises(ValueError, match="picture"):
        composed(Basemap("a", "A", "xyz", datum="bd09"), 16, 54746, 26979, lambda *_: content)
    with pytest.raises(ValueError, match="picture"):
        picture_type(b"<html>")


def test_a_huge_picture_is_not_opened() -> None:
    huge = saved(np.zeros((1025, 1, 3), np.uint8))
    with pytest.raises(ValueError, match="1 x 1025"):
        composed(Basemap("a", "A", "xyz", datum="gcj02"), 16, 54746, 26979, lambda *_: huge)


def test_tiles_of_another_size_are_fitted() -> None:
    large = saved(np.full((512, 512, 3), 99, np.uint8))
    made = composed(Basemap("a", "A", "xyz", datum="gcj02"), 16, 54746, 26979, lambda *_: large)
    assert made is not None
    assert (np.asarray(Image.open(io.BytesIO(made)).convert("RGB")) == 99).all()


def test_addresses() -> None:
    wmts = Basemap(
        "a", "A", "wmts", "https://t{s}.x/?m={z}&r={y}&c={x}", crs=4490, subdomains=("0", "1")
    )
    assert wmts.address_of(14, 13686, 2724) == "https://t0.x/?m=14&r=2724&c=13686"
    assert wmts.address_of(14, 13687, 2724) == "https://t1.x/?m=14&r=2724&c=13687"
    south = Basemap("a", "A", "xyz", "http://m/{z}/{x}/{-y}", crs=4326, zoom_offset=-1)
    assert south.address_of(2, 0, 0) == "http://m/1/0/1"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "A b"}, "name must be"),
        ({"name": "own"}, "name must be"),
        ({"title": ""}, "title is missing"),
        ({"kind": "wms"}, "kind must be one of xyz, wmts, pmtiles"),
        ({"crs": 4549}, "crs must be one of 3857, 4490, 4326"),
        ({"crs": "3857"}, "crs must be a whole number"),
        ({"datum": "utm"}, "datum must be one of"),
        ({"addres": "x"}, "does not know addres"),
        ({"address": "file:///etc/{z}/{x}/{y}"}, "http:// or https://"),
        ({"address": "http://m/{z}/{x}.png"}, "must hold {y}"),
        ({"address": "http://m/{z}/{x}/{y}?{key}"}, "does not know {key}"),
        ({"address": "http://{x}.m/{z}/{x}/{y}"}, "name of its server"),
        ({"address": "http://{s}.m/{z}/{x}/{y}"}, "subdomains"),
        ({"subdomains": "ab"}, "list of texts"),
        ({"min_zoom": 9, "max_zoom": 8}, "min_zoom not above max_zoom"),
        ({"max_zoom": 21}, "from 0 to 20"),
        ({"kind": "pmtiles"}, "file is missing"),
        ({"kind": "pmtiles", "file": "a", "crs": 4490}, "must be 3857"),
    ],
)
def test_faults_of_the_settings_are_told(change: dict[str, object], told: str) -> None:
    with pytest.raises(FormatError) as error:
        read_basemaps([PLAIN | change], "fengqiao.toml")
    assert told in str(error.value)


def test_all_faults_are_told_at_once_and_names_are_there_once() -> None:
    with pytest.raises(FormatError, match=r"1: kind.*2: datum"):
        read_basemaps([PLAIN | {"kind": "x"}, PLAIN | {"datum": "x"}], "t")
    with pytest.raises(FormatError, match="a is there twice"):
        read_basemaps([PLAIN, PLAIN], "t")
    for wrong in ({}, ["a"], "a"):
        with pytest.raises(FormatError, match="sections of their own"):
            read_basemaps(wrong, "t")
