from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon

from gis.layers import WGS84, conform
from gis.store_rows import decode, encode, merge_extra

FINITE = st.floats(allow_nan=False, allow_infinity=False)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": st.none() | st.text(max_size=8),
    "float64": st.just(math.nan) | FINITE,
    "float32": st.floats(width=32, allow_infinity=False),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "uint8": st.integers(0, 255),
    "Int64": st.none() | st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "boolean": st.none() | st.booleans(),
    "object": st.none() | st.booleans() | st.integers() | FINITE | st.text(max_size=8),
    "datetime64[us, UTC]": st.none()
    | st.datetimes(
        min_value=pd.Timestamp("1900-01-01").to_pydatetime(),
        max_value=pd.Timestamp("2100-01-01").to_pydatetime(),
    ).map(lambda t: pd.Timestamp(t, tz="UTC")),
}


def back(frame: gpd.GeoDataFrame, layer: str = "cameras") -> gpd.GeoDataFrame:
    rows = encode(frame, layer, "a test")
    return decode(layer, rows.extra, rows.code, rows.geometry, rows.attributes)


@st.composite
def frames(draw: st.DrawFn) -> gpd.GeoDataFrame:
    n = draw(st.integers(0, 6))
    coordinates = st.tuples(st.floats(-179, 179), st.floats(-80, 80))
    columns = {
        f"extra {dtype}": pd.Series(
            draw(st.lists(VALUES[dtype], min_size=n, max_size=n)), dtype=dtype
        )
        for dtype in draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=5))
    }
    columns["height_m"] = pd.Series(
        draw(st.lists(VALUES["float64"], min_size=n, max_size=n)), dtype="float64"
    )
    code = pd.Series([f"点{i}" for i in range(n)], dtype="str")
    shapes = draw(st.lists(st.none() | coordinates.map(Point), min_size=n, max_size=n))
    return gpd.GeoDataFrame({"code": code, **columns}, geometry=shapes, crs=WGS84)


@given(frames())
def test_every_value_and_type_comes_back(frame: gpd.GeoDataFrame) -> None:
    expected = conform(frame, "cameras")
    found = back(frame)
    assert list(found.columns) == list(expected.columns)
    for name in expected.columns.drop("geometry"):
        pd.testing.assert_series_equal(found[name], expected[name], check_exact=True)
    assert_geodataframe_equal(found, expected)


def test_geometry_comes_back_to_the_last_bit() -> None:
    shapes = [
        Point(8.123456789012345, 49.4, 113.25),
        Point(),
        None,
        Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
    ]
    frame = gpd.GeoDataFrame({"code": list("abcd")}, geometry=shapes, crs=WGS84)
    rows = encode(frame, "sites", "x")
    found = back(frame, "sites").geometry
    assert shapely.to_wkb(found.to_numpy()).tolist() == shapely.to_wkb(np.array(shapes)).tolist()
    assert rows.box[1] == rows.box[2] == (None,) * 4
    assert rows.cell[1] is None
    assert rows.cell[2] is None
    assert rows.box[3] == (0, 0, 1, 1)


def test_numbers_of_numpy_and_dates_inside_objects() -> None:
    values = [np.int32(3), np.float64(0.5), pd.Timestamp("2024-05-01").date(), [1, "a"]]
    frame = gpd.GeoDataFrame(
        {"code": list("abcd"), "any": pd.Series(values, dtype="object")},
        geometry=[Point(0, 0)] * 4,
        crs=WGS84,
    )
    assert back(frame)["any"].tolist() == [3, 0.5, "2024-05-01", [1, "a"]]


def test_categories_become_plain_values() -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["a", "b"], "group": pd.Categorical(["x", None])},
        geometry=[Point(0, 0)] * 2,
        crs=WGS84,
    )
    assert back(frame)["group"].tolist() == ["x", None]


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ("int64", "int64", "int64"),
        ("int64", "str", "object"),
        ("int64", "Int64", "object"),
        ("bool", None, "boolean"),
        (None, "uint8", "UInt8"),
        (None, "str", "str"),
    ],
)
def test_columns_of_two_imports(old: str | None, new: str | None, merged: str) -> None:
    sides = [{} if side is None else {"x": side} for side in (old, new)]
    assert merge_extra(*sides) == {"x": merged}
