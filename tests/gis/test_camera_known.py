"""Azimuths of eight directions beside what a town knows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from gis.camera_known import finer_azimuths, kept_finer
from gis.gb28181 import read_catalogue
from gis.layers import Layers, conform

CODE = "33060200001320000001"


def cameras(azimuth_deg: float | None, doubt_deg: float | None) -> gpd.GeoDataFrame:
    table = {"code": [CODE], "azimuth_deg": [azimuth_deg], "azimuth_doubt_deg": [doubt_deg]}
    place = gpd.points_from_xy([120.7], [30.1], crs="EPSG:4326")
    return conform(gpd.GeoDataFrame(table, geometry=place), "cameras")


@pytest.mark.parametrize(
    ("told", "known", "kept"),
    [
        ((45, 22.5), (37, 2), (37, 2)),
        ((0, 22.5), (350, 2), (350, 2)),
        ((0, 22.5), (22, None), (22, None)),
        ((45, 22.5), (70, 2), (45, 22.5)),
        ((45, 22.5), (37, 22.5), (45, 22.5)),
        ((45, 22.5), (None, None), (45, 22.5)),
        ((45, None), (37, 2), (45, None)),
        ((None, None), (37, 2), (None, None)),
    ],
)
def test_the_finer_of_two_that_agree_is_kept(told, known, kept):
    file = cameras(*told)
    before = file.copy()
    found, count = finer_azimuths(file, Layers("town", {"cameras": cameras(*known)}))
    names = ["azimuth_deg", "azimuth_doubt_deg"]
    np.testing.assert_array_equal(
        found[names].to_numpy(dtype=float)[0], np.array(kept, dtype=float)
    )
    assert count == (kept != told)
    assert file.equals(before)


def test_cameras_that_the_town_has_not_got():
    file = cameras(45, 22.5)
    for town in (None, Layers("empty", {})):
        assert finer_azimuths(file, town) == (file, 0)
    other = cameras(37, 2).assign(code="33060200001320000009")
    assert finer_azimuths(file, Layers("town", {"cameras": other}))[1] == 0


def test_a_catalogue_leaves_a_surveyed_azimuth(tmp_path):
    item = (
        f"<Item><DeviceID>{CODE}</DeviceID><Longitude>120.7</Longitude><Latitude>30.1</Latitude>"
        "<DirectionType>6</DirectionType></Item>"
    )
    (tmp_path / "a.xml").write_text(
        f"<Response><CmdType>Catalog</CmdType><DeviceList>{item}</DeviceList></Response>", "utf-8"
    )
    town = Layers("town", {"cameras": cameras(37, 2)})
    read = read_catalogue(tmp_path, crs="wgs84", town=town)
    assert read.frame[["azimuth_deg", "azimuth_doubt_deg"]].values.tolist() == [[37, 2]]
    assert read.frame["direction"].tolist() == ["northeast"]
    assert kept_finer(1)[0] in read.warnings
    assert read_catalogue(tmp_path, crs="wgs84").frame["azimuth_deg"].tolist() == [45]
