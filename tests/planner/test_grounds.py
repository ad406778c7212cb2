from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from gis.crs import town_crs
from gis.layers import WGS84, Layers, conform
from gis.streets import Streets
from planner.grounds import grounds_of, grounds_of_edges

METRES = town_crs(120.72, 30.15)
TABLE = {
    "fringe_m": 100,
    "rural_villages": ["village"],
    "built_up_areas": ["key_public"],
    "rural_areas": ["rural"],
}


def lonlat(points: list[Point]) -> np.ndarray:
    return shapely.get_coordinates(gpd.GeoSeries(points, crs=METRES).to_crs(WGS84).to_numpy())


@pytest.fixture
def halves(layer) -> Layers:
    """A built-up west, a rural east, 1 km each; a key area and a rural area in the wrong half."""
    villages = layer(
        "villages", [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], {"rural": [False, True]}
    )
    areas = layer(
        "areas",
        [box(1500, 400, 1600, 500), box(400, 400, 600, 600), box(0, 0, 2000, 1000)],
        {"kind": ["key_public", "rural", "town"]},
    )
    return Layers("T", {"villages": villages, "areas": areas})


@pytest.mark.parametrize(
    ("x", "y", "ground"),
    [
        (100, 100, "town"),
        (1050, 100, "fringe"),
        (1099, 900, "fringe"),
        (1101, 900, "countryside"),
        (1550, 450, "town"),  # the key area
        (1650, 450, "fringe"),  # within 100 m of it
        (500, 500, "fringe"),  # rural ground inside a village that is not
        (-50, 500, "fringe"),  # outside of every village
        (-500, 500, "countryside"),
    ],
)
def test_the_ground_of_a_place(halves: Layers, x: float, y: float, ground: str) -> None:
    assert grounds_of(halves, lonlat([Point(x, y)]), TABLE).tolist() == [ground]


def test_a_village_that_does_not_say_is_judged_by_its_kind(layer) -> None:
    villages = layer(
        "villages",
        [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        {"kind": ["community", "village"]},
    )
    town = Layers("T", {"villages": villages})
    places = lonlat([Point(500, 500), Point(1500, 500)])
    assert grounds_of(town, places, TABLE).tolist() == ["town", "countryside"]
    assert grounds_of(town, places, {**TABLE, "rural_villages": []}).tolist() == ["town"] * 2


def test_where_nothing_is_rural_all_is_town(layer) -> None:
    village = layer("villages", [box(0, 0, 100, 100)], {})
    area = layer("areas", [box(0, 0, 100, 100)], {"kind": ["key_public"]})
    for frames in ({}, {"villages": village}, {"areas": area}):
        places = [[120.0, 30.0], [0.0, 0.0]]
        assert grounds_of(Layers("T", frames), places).tolist() == ["town", "town"]


def test_a_place_that_is_unknown_is_town_and_no_place_is_none(halves: Layers) -> None:
    assert grounds_of(halves, [[np.nan, 30.0], [np.nan, np.nan]]).tolist() == ["town", "town"]
    assert grounds_of(halves, np.empty((0, 2))).tolist() == []


def test_an_edge_lies_where_its_middle_lies(halves: Layers) -> None:
    # Both begin in the town; the middle of the second lies on the fringe.
    lines = [LineString([(0, 700), (900, 700)]), LineString([(950, 20), (1950, 20)])]
    streets = Streets.build(gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=lines, crs=METRES))
    grounds = dict(zip(streets.edge_street, grounds_of_edges(streets, halves), strict=True))
    assert grounds == {"a": "town", "b": "fringe"}


def to_layer(name: str, boxes: list[Polygon], column: str, values: list) -> gpd.GeoDataFrame:
    frame = {"code": [str(row) for row in range(len(boxes))], column: values}
    return conform(gpd.GeoDataFrame(frame, geometry=boxes, crs=METRES).to_crs(WGS84), name)


# Boxes of whole hectometres, and places that are on no border and 100 m from none.
BOXES = st.lists(
    st.builds(
        lambda x, y, w, h: box(100 * x, 100 * y, 100 * (x + w), 100 * (y + h)),
        *[st.integers(0, 8), st.integers(0, 8), st.integers(1, 4), st.integers(1, 4)],
    ),
    max_size=3,
)
STEPS = st.integers(-3, 12)
PLACES = st.builds(lambda x, y: Point(100 * x + 37, 100 * y + 41), STEPS, STEPS)


@settings(max_examples=60, deadline=None)
@given(BOXES, BOXES, BOXES, BOXES, st.lists(PLACES, min_size=1, max_size=8))
def test_grounds_agree_with_distances_one_by_one(
    rural: list[Polygon],
    other: list[Polygon],
    key: list[Polygon],
    farms: list[Polygon],
    places: list[Point],
) -> None:
    flags = [True] * len(rural) + [False] * len(other)
    kinds = ["key_public"] * len(key) + ["rural"] * len(farms)
    town = Layers(
        "T",
        {
            "villages": to_layer("villages", [*rural, *other], "rural", flags),
            "areas": to_layer("areas", [*key, *farms], "kind", kinds),
        },
    )
    for place, ground in zip(places, grounds_of(town, lonlat(places), TABLE), strict=True):
        inside = {
            name: any(shape.contains(place) for shape in shapes)
            for name, shapes in (("other", other), ("key", key), ("farm", farms))
        }
        near = any(shape.distance(place) < 100 for shape in [*other, *key])
        if inside["key"] or not (inside["farm"] or (rural and not inside["other"])):
            assert ground == "town"
        else:
            assert ground == ("fringe" if near else "countryside")
