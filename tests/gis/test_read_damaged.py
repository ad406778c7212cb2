from __future__ import annotations

import random

import geopandas as gpd
import pytest
from shapely import Point

from gis.errors import FengqiaoError, FormatError
from gis.layers import conform
from gis.read import read_layer
from gis.write import write_layer


@pytest.fixture(scope="module")
def cameras():
    shapes = [Point(120.7, 30.1), Point(120.8, 30.2)]
    frame = gpd.GeoDataFrame(
        {"code": ["a", "b"], "name": ["北门", "南门"]}, geometry=shapes, crs=4326
    )
    return conform(frame, "cameras")


def damaged(whole: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return whole[: rng.randrange(1, len(whole))]
    data = bytearray(whole)
    for _ in range(rng.randrange(1, 20)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


# A GeoPackage is read in a process of its own, which takes its time to start.
@pytest.mark.parametrize(
    ("ending", "times"), [(".gpkg", 8), (".geojson", 100), (".csv", 100), (".xlsx", 60)]
)
def test_damage_is_told_and_never_a_crash(cameras, ending, times, tmp_path):
    path = write_layer(cameras, tmp_path / f"cameras{ending}", "cameras")
    whole, rng = path.read_bytes(), random.Random(7)
    refused = 0
    for _ in range(times):
        path.write_bytes(damaged(whole, rng))
        try:
            read_layer(path, "cameras", crs="wgs84")
        except FengqiaoError as error:
            refused += 1
            assert str(path) in str(error)
    assert refused > times * 0.3


def test_a_broken_character_does_not_turn_into_others(cameras, tmp_path):
    path = write_layer(cameras, tmp_path / "cameras.csv")
    path.write_bytes(path.read_bytes().replace("北".encode(), b"\xe5\x8c\xb1\xb1"))
    with pytest.raises(FormatError, match="is not text in utf-8-sig"):
        read_layer(path, "cameras", crs="wgs84")
