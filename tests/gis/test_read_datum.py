"""What coordinates are: declared, undeclared with evidence, in doubt, and unshifted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

from gis.datum import wgs84_to_bd09, wgs84_to_gcj02
from gis.errors import CrsError, DatumUndeclaredError, LayerFaultsError
from gis.layers import Layers, conform
from gis.read import read_layer

LON = np.linspace(120.70, 120.72, 40)
LAT = np.full(40, 30.10)
SHIFTS = {"wgs84": lambda lon, lat: (lon, lat), "gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


@pytest.fixture(scope="module")
def town():
    """One long street, with nothing else for a degree around."""
    street = gpd.GeoDataFrame(
        {"code": ["s"]}, geometry=[LineString([(120.69, 30.10), (120.73, 30.10)])], crs=4326
    )
    return Layers("one street", {"streets": conform(street, "streets")})


@pytest.fixture
def cameras(tmp_path):
    """Forty cameras along the street, in a datum, as a file of some format."""

    def write(datum, ending, **columns):
        lon, lat = SHIFTS[datum](LON, LAT)
        codes = [str(n) for n in range(40)]
        path = tmp_path / f"cameras{ending}"
        frame = gpd.GeoDataFrame(
            {"code": codes, **columns}, geometry=gpd.points_from_xy(lon, lat), crs=4326
        )
        if ending == ".csv":
            frame.drop(columns="geometry").assign(lon=lon, lat=lat).to_csv(path, index=False)
        else:
            frame.to_file(path, driver={".geojson": "GeoJSON"}.get(ending))
        return path

    return write


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("ending", [".csv", ".geojson", ".gpkg", ".shp"])
def test_a_declared_datum_is_undone_whatever_the_format(cameras, town, datum, ending):
    result = read_layer(cameras(datum, ending), "cameras", crs=datum, town=town)
    east = (result.frame.geometry.x - LON).abs().max()
    north = (result.frame.geometry.y - LAT).abs().max()
    # The GeoJSON is written to seven places, a Shapefile and a GeoPackage to all.
    assert max(east, north) < 1e-6
    assert result.warnings == ()


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_an_undeclared_one_comes_with_evidence(cameras, town, datum):
    path = cameras(datum, ".csv")
    with pytest.raises(DatumUndeclaredError) as raised:
        read_layer(path, "cameras", town=town)
    assert raised.value.evidence[0].name == datum
    assert str(path) in str(raised.value)
    assert f"--crs {datum}" in str(raised.value)


def test_other_faults_come_with_it_in_one_message(cameras, town):
    path = cameras("wgs84", ".csv", height_m=["tall"] + ["4"] * 39)
    with pytest.raises(LayerFaultsError) as raised:
        read_layer(path, "cameras", town=town)
    assert [(f.row, f.column) for f in raised.value.faults] == [(None, "geometry"), (2, "height_m")]


@pytest.mark.parametrize("ending", [".geojson", ".gpkg"])
def test_a_file_that_says_wgs84_and_looks_otherwise(cameras, town, ending):
    [warning] = read_layer(cameras("gcj02", ending), "cameras", town=town).warnings
    assert "--crs gcj02" in warning
    assert read_layer(cameras("wgs84", ending), "cameras", town=town).warnings == ()
    assert read_layer(cameras("gcj02", ending), "cameras").warnings == ()


def test_a_datum_is_not_said_of_metres(tmp_path):
    frame = gpd.GeoDataFrame({"code": ["a"]}, geometry=[Point(120.7, 30.1)], crs=4326)
    path = tmp_path / "cameras.gpkg"
    frame.to_crs(4549).to_file(path)
    with pytest.raises(CrsError, match="CM 120E: only degrees can be in gcj02"):
        read_layer(path, "cameras", crs="gcj02")


def test_cgcs2000_and_wgs84_are_one(tmp_path):
    frame = gpd.GeoDataFrame({"code": ["a"]}, geometry=[Point(120.7, 30.1)], crs=4490)
    path = tmp_path / "cameras.gpkg"
    frame.to_file(path)
    for crs in (None, "wgs84", "cgcs2000", "epsg:4490"):
        assert read_layer(path, "cameras", crs=crs).frame.geometry.loc[1].equals(Point(120.7, 30.1))


def test_tables_without_geometry_need_none(tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("code,place_layer,place_code,key\n1,villages,v,visits\n")
    assert read_layer(path, "facts").rows == 1
    path.write_text("code,name\n1,x\n")
    with pytest.raises(LayerFaultsError, match="there is no geometry"):
        read_layer(path, "cameras")
