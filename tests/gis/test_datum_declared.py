"""A declaration that cannot be, for a town of one street and for none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from pyproj import Transformer

from gis.datum import declared
from gis.datum_declared import check_declared
from gis.errors import CrsError
from gis.layers import Layers

LON, LAT = np.linspace(120.70, 120.71, 20), np.full(20, 30.1)
STREET = gpd.GeoSeries.from_wkt(["LINESTRING (120.70 30.1, 120.71 30.1)"], crs="EPSG:4326")
TOWN = Layers("one street", {"streets": STREET.to_frame("geometry")})


def metres(code: int) -> tuple[np.ndarray, np.ndarray]:
    return Transformer.from_crs(4490, code, always_xy=True).transform(LON, LAT)


@pytest.mark.parametrize("town", [TOWN, None])
@pytest.mark.parametrize("name", ["wgs84", "gcj02", "bd09", "cgcs2000", "EPSG:4326"])
def test_degrees_declared_to_be_degrees_pass(name, town):
    check_declared("a.csv", declared(name), LON, LAT, town)


@pytest.mark.parametrize("town", [TOWN, None])
@pytest.mark.parametrize("code", [4549, 4528, 3857, 32651])
def test_metres_declared_as_what_they_are_pass(code, town):
    check_declared("a.csv", declared(f"EPSG:{code}"), *metres(code), town)


@pytest.mark.parametrize("town", [TOWN, None])
def test_degrees_declared_to_be_metres(town):
    with pytest.raises(CrsError, match=r"counts in metres.*such as 120\.7, 30\.1.*--crs wgs84"):
        check_declared("a.csv", declared("EPSG:4549"), LON, LAT, town)


@pytest.mark.parametrize("name", ["wgs84", "gcj02", "EPSG:4490"])
@pytest.mark.parametrize(("code", "town"), [(4549, TOWN), (4528, TOWN), (4528, None)])
def test_metres_declared_to_be_degrees(name, code, town):
    x, y = metres(code)
    with pytest.raises(CrsError, match=f"counts in degrees.*: if so, say --crs EPSG:{code}"):
        check_declared("a.csv", declared(name), x, y, town)
    told = f"exchange the two columns and say --crs EPSG:{code}"
    with pytest.raises(CrsError, match=told):
        check_declared("a.csv", declared(name), y, x, town)


def test_metres_from_a_local_origin_declared_to_be_degrees():
    with pytest.raises(CrsError, match="find out which projected system"):
        check_declared("a.csv", declared("wgs84"), [5000.0], [7000.0], TOWN)


@pytest.mark.parametrize("town", [TOWN, None])
@pytest.mark.parametrize("name", ["wgs84", "bd09", "EPSG:4549", "EPSG:4528"])
def test_axes_exchanged_as_chinese_surveyors_write_them(name, town):
    said = declared(name)
    x, y = (LON, LAT) if said.crs.is_geographic else metres(int(name[5:]))
    with pytest.raises(CrsError, match=r"axes exchanged.*100%\. Exchange the two columns"):
        check_declared("a.csv", said, y, x, town)


def test_few_exchanged_rows_are_not_the_matter_of_the_file():
    x, y = LON.copy(), LAT.copy()
    x[:3], y[:3] = LAT[:3], LON[:3]
    check_declared("a.csv", declared("wgs84"), x, y, TOWN)


def test_a_zone_beside_the_right_one():
    x, y = metres(4549)
    with pytest.raises(CrsError, match=r"none of its points lies within 100 km.*EPSG:4549"):
        check_declared("a.csv", declared("EPSG:4548"), x, y, TOWN)
    # Without a town nobody can tell.
    check_declared("a.csv", declared("EPSG:4548"), x, y, None)


def test_another_city_is_not_the_town():
    with pytest.raises(CrsError, match="none of its points lies within 100 km of the town"):
        check_declared("a.csv", declared("wgs84"), LON + 3, LAT, TOWN)


def test_no_point_at_all_says_nothing():
    check_declared("a.csv", declared("EPSG:4549"), [0.0, np.nan], [0.0, 30.1], TOWN)
