from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from gis.errors import ParameterError
from gis.layers import Layers, conform
from gis.places import PlaceIndex, build_index
from gis.streets import Streets
from gis.villages_of import village_of

LON, LAT = 120.70, 30.15


def layer(name: str, *rows: tuple[dict[str, Any], BaseGeometry]) -> gpd.GeoDataFrame:
    columns = [columns for columns, _ in rows]
    shapes = [shape for _, shape in rows]
    return conform(gpd.GeoDataFrame(columns, geometry=shapes, crs=4326), name)


def at(east: float, north: float) -> Point:
    return Point(LON + east / 1000, LAT + north / 1000)


def line(*places: tuple[float, float]) -> LineString:
    return LineString([at(*place) for place in places])


def square(west: float, south: float, side: float) -> BaseGeometry:
    corner, far = at(west, south), at(west + side, south + side)
    return box(corner.x, corner.y, far.x, far.y)


@pytest.fixture(scope="module")
def town() -> Layers:
    """Return two villages and a few places, most of them with something odd in the name."""
    return Layers(
        "沥海",
        {
            "villages": layer(
                "villages",
                ({"code": "330602017257", "name": "东海村", "kind": "village"}, square(0, 0, 10)),
                ({"code": "330602017245", "name": "百沥村"}, square(10, 0, 10)),
            ),
            "grids": layer(
                "grids", ({"code": "g1", "name": "一网格", "village": "elsewhere"}, square(0, 0, 5))
            ),
            "streets": layer(
                "streets",
                ({"code": "r1", "name": "海东路", "highway": "primary"}, line((0, 5), (5, 5))),
                ({"code": "r2", "name": "海东路", "highway": "primary"}, line((5, 5), (15, 5))),
                ({"code": "r3", "name": "长宁路"}, line((5, 5), (5, 9))),
                ({"code": "r4"}, line((5, 9), (9, 9))),
            ),
            "sites": layer(
                "sites",
                ({"code": "s1", "name": "海东路小学", "kind": "school"}, square(3, 3, 1)),
                ({"code": "s2", "name": "农贸市场", "kind": "market"}, at(2, 2)),
                ({"code": "s3", "name": "农贸市场", "kind": "market"}, at(12, 2)),
                ({"code": "s4", "kind": "junction"}, at(14, 5)),
                ({"code": "way/123", "name": "Töölön Kirkko", "kind": "worship"}, at(1, 1)),
            ),
            "addresses": layer(
                "addresses",
                ({"code": "a1", "name": "海东路12号", "aliases": "老供销社；大礼堂"}, at(1, 5)),
                ({"code": "a2", "name": "海东路十三号"}, at(1, 5.1)),
                ({"code": "a3", "name": "海东路112号"}, at(11, 5)),
            ),
            "cameras": layer(
                "cameras",
                ({"code": "33060201711321000001", "pole_no": "海东-07杆"}, at(4, 5)),
                ({"code": "33060201711321000002"}, at(14, 5)),
            ),
            "units": layer("units", ({"code": "u1", "name": "海东路岗"}, at(4, 5))),
            "buildings": layer("buildings", ({"code": "b1"}, square(4, 6, 1))),
        },
    )


@pytest.fixture(scope="module")
def index(town: Layers) -> PlaceIndex:
    return build_index(town, Streets.build(town["streets"]))


def codes(index: PlaceIndex, words: str, limit: int = 20) -> list[str]:
    return [place.code for place in index.find(words, limit)]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("海东路", "r2"),
        ("海东路 12号", "a1"),
        ("12号 海东路", "a1"),
        ("１２号 海东路", "a1"),
        ("海东路十二号", "a1"),
        ("海东路13号", "a2"),
        ("haidonglu", "r2"),
        ("HaiDong Lu", "r2"),
        ("hdl", "r2"),
        ("hdl13h", "a2"),
        ("haidl xx", "s1"),
        ("changning", "r3"),
        ("供销社", "a1"),
        ("dlt", "a1"),
        ("330602017245", "330602017245"),
        ("baili", "330602017245"),
        ("海东07", "33060201711321000001"),
        ("way/123", "way/123"),
        ("toolon kirkko", "way/123"),
        ("kirkko töölön", "way/123"),
    ],
)
def test_the_first_place_found(index: PlaceIndex, words: str, first: str) -> None:
    assert codes(index, words)[0] == first


def test_the_best_found_comes_first_then_the_shortest(index: PlaceIndex) -> None:
    names = [place.name for place in index.find("海东路")]
    assert names == [
        "海东路",
        "海东路小学",
        "海东路12号",
        "海东路十三号",
        "海东路 / 长宁路",
        "海东路112号",
    ]
    # 12号 begins a word in one and stands inside the other.
    assert codes(index, "12号") == ["a1", "a3"]


@pytest.mark.parametrize(
    "words", ["海东路与长宁路口", "长宁路 海东路", "长宁路/海东路", "cnl hdl", "changning haidong"]
)
def test_a_junction_is_found_by_its_two_roads(index: PlaceIndex, words: str) -> None:
    (place,) = index.find(words)
    assert (place.layer, place.kind, place.name) == ("streets", "junction", "海东路 / 长宁路")
    assert place.lon == pytest.approx(LON + 0.005, abs=1e-6)
    assert place.lat == pytest.approx(LAT + 0.005, abs=1e-6)
    assert place.village == "330602017257"


def test_a_junction_that_is_a_site_is_found_once(town: Layers) -> None:
    known = layer("sites", ({"code": "j", "name": "海东路长宁路口", "kind": "junction"}, at(5, 5)))
    index = build_index(town.replaced(sites=known), Streets.build(town["streets"]))
    assert codes(index, "海东路与长宁路口") == ["j"]


def test_without_the_network_there_are_no_junctions(town: Layers) -> None:
    assert build_index(town).find("海东路与长宁路口") == ()


def test_characters_of_the_same_sound_are_tried_where_nothing_is_found(index: PlaceIndex) -> None:
    assert codes(index, "海冻路")[0] == "r2"
    assert codes(index, "农冒市场") == ["s2", "s3"]
    assert codes(index, "海冻路 小雪") == ["s1"]
    # What is written so is found alone, and one syllable is not tried.
    assert codes(index, "农贸") == ["s2", "s3"]
    assert codes(index, "冻") == []


def test_cameras_come_behind_the_places_they_are_named_after(town: Layers) -> None:
    named = town["cameras"].assign(name=["海东路小学", "海东路"])
    index = build_index(town.replaced(cameras=named))
    assert [place.layer for place in index.find("海东")][-2:] == ["cameras", "cameras"]
    # Found whole, they stand beside the others of the name.
    assert [place.layer for place in index.find("海东路小学")] == ["sites", "cameras"]
    assert codes(index, "33060201711321000001") == ["33060201711321000001"]


def test_a_code_is_found_by_its_beginning_else_by_its_end(index: PlaceIndex) -> None:
    assert codes(index, "3306020171132") == ["33060201711321000001", "33060201711321000002"]
    assert codes(index, "33060201711321000002") == ["33060201711321000002"]
    assert codes(index, "11321000002") == ["33060201711321000002"]
    assert codes(index, "1321") == []
    assert codes(index, "17257") == ["330602017257"]


def test_the_village_may_be_one_of_the_words(index: PlaceIndex) -> None:
    assert codes(index, "百沥村 农贸市场") == ["s3"]
    assert codes(index, "donghai nmsc") == ["s2"]
    # Alone it is the village that is meant, not all that is in it.
    assert codes(index, "百沥村") == ["330602017245"]


def test_a_village_of_the_file_comes_before_the_map(index: PlaceIndex) -> None:
    assert index.find("一网格")[0].village == "elsewhere"
    assert {place.village for place in index.find("农贸市场")} == {"330602017257", "330602017245"}


def test_people_and_nameless_buildings_are_not_searched(index: PlaceIndex) -> None:
    assert {place.layer for place in index.places} == {
        *("villages", "grids", "streets", "sites", "addresses", "cameras")
    }


def test_a_place_says_where_it_is(index: PlaceIndex) -> None:
    (school,) = index.find("海东路小学")
    assert school.document() == {
        "layer": "sites",
        "kind": "school",
        "code": "s1",
        "name": "海东路小学",
        "lon": pytest.approx(LON + 0.0035),
        "lat": pytest.approx(LAT + 0.0035),
        "village": "330602017257",
    }
    assert index.find("33060201711321000002")[0].name is None


def test_a_street_stands_in_the_middle_of_its_longest_piece(index: PlaceIndex) -> None:
    street = index.find("海东路")[0]
    assert (street.code, street.kind) == ("r2", "primary")
    assert street.lon == pytest.approx(LON + 0.010)


def test_the_limit_keeps_the_best(index: PlaceIndex) -> None:
    everything = codes(index, "海东路")
    for limit in range(1, len(everything) + 2):
        assert codes(index, "海东路", limit) == everything[:limit]
    with pytest.raises(ParameterError, match="limit"):
        index.find("海东路", 0)


def test_nothing_is_found_in_an_empty_town() -> None:
    index = build_index(Layers("Empty", {}))
    assert index.find("海东路") == () == index.find("hdl 12")
    assert index.summary() == "0 places: "


def test_a_place_without_geometry_is_found_nowhere(town: Layers) -> None:
    lost = town["sites"].iloc[[1]].copy()
    lost.geometry = gpd.GeoSeries(pd.Series(None, lost.index, dtype=object), crs=4326)
    (place,) = build_index(town.replaced(sites=lost)).find("农贸市场")
    assert (place.lon, place.lat, place.village) == (None, None, None)


def test_the_layers_are_not_changed(town: Layers) -> None:
    before = {name: frame.copy() for name, frame in town.frames.items()}
    build_index(town, Streets.build(town["streets"])).find("海东路")
    for name, frame in before.items():
        assert frame.equals(town.frames[name])


@given(st.lists(st.tuples(st.floats(-1, 25), st.floats(-1, 12)), min_size=1, max_size=8))
def test_a_point_lies_in_the_first_village_that_holds_it(places: list[tuple[float, float]]) -> None:
    shapes = [square(0, 0, 10), square(5, 2, 10), square(12, 0, 10)]
    villages = gpd.GeoDataFrame(geometry=shapes, crs=4326)
    points = [at(*place) for place in places]
    slow = [next((v for v, s in enumerate(shapes) if s.intersects(p)), -1) for p in points]
    found = village_of([p.x for p in points], [p.y for p in points], villages)
    assert found.tolist() == slow
    assert village_of([np.nan], [LAT], villages).tolist() == [-1]


@given(st.text("海东路长宁小学十二号12 hdlcnx/", max_size=9))
def test_any_question_is_answered_or_refused(index: PlaceIndex, words: str) -> None:
    try:
        found = index.find(words)
    except ParameterError:
        assert not any(sign.isalnum() for sign in words)
    else:
        assert len(set(found)) == len(found)
