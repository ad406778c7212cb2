from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import Point

from gis.layers import WGS84, conform
from gis.made_up import COLUMN, MARK, marked, unmarked
from gis.read import read_layer
from gis.write import write_layer


def cameras() -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[Point(120, 30)] * 2, crs=WGS84)
    return conform(frame, "cameras")


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "csv", "xlsx"])
def test_the_mark_goes_with_every_row_of_a_file_and_comes_back(tmp_path, ending: str) -> None:
    path = write_layer(marked(cameras()), tmp_path / f"cameras.{ending}", "cameras")
    read = read_layer(path, "cameras", crs="wgs84").frame
    assert set(read[COLUMN]) == {MARK}
    plain, made_up = unmarked(read)
    assert made_up
    assert list(plain.columns) == list(cameras().columns)


def test_a_real_layer_carries_no_mark_even_with_a_column_of_that_name() -> None:
    assert not unmarked(cameras())[1]
    assert not unmarked(cameras().assign(made_up="no"))[1]
    assert not unmarked(cameras().assign(made_up=None))[1]


def test_the_layer_marked_is_left_as_it_was() -> None:
    frame = cameras()
    marked(frame)
    assert COLUMN not in frame
