from __future__ import annotations

import pytest
from shapely import Point, box

from gis.errors import InputError
from gis.layers import Layers
from gis.profiles import load
from planner.assume import complete, study_area


def test_units_stand_at_the_police_station_and_are_named_as_assumed(town: Layers) -> None:
    completed = complete(town)
    units = completed.layers["units"]
    assert units["station"].tolist() == ["stations/0"]
    assert units["mode"].tolist() == ["car"]
    assert {(a.layer, a.column) for a in completed.assumed} == {
        ("sites", "tier_min"),
        ("units", ""),
        ("teams", ""),
    }


def test_tiers_follow_kind_first_and_class_second(town: Layers, layer) -> None:
    sites = layer(
        "sites",
        [Point(0, 0)] * 4,
        {
            "kind": ["government", "shop", "shop", "shop"],
            "area_class": ["other", "rural", None, None],
            "tier_min": [None, None, None, 2],
        },
    )
    completed = complete(town.replaced(sites=sites))
    assert completed.layers["sites"]["tier_min"].tolist() == [1, 10, 5, 2]
    rows = {a.column: a.rows for a in completed.assumed if a.layer == "sites"}
    assert rows == {"area_class": 2, "tier_min": 3}


def test_tiers_of_each_ground_are_told_apart(town: Layers, layer) -> None:
    # The east of the town is rural: 500 m from the west it is countryside.
    villages = layer(
        "villages", [box(0, 0, 300, 400), box(300, 0, 2000, 400)], {"rural": [False, True]}
    )
    points = [Point(100, 100), Point(400, 100), Point(1500, 100), Point(1600, 100)]
    columns = {"kind": ["bank"] * 4, "area_class": ["other"] * 4, "tier_min": [None] * 3 + [4]}
    sites = layer("sites", points, columns)
    completed = complete(town.replaced(villages=villages, sites=sites))
    assert completed.layers["sites"]["tier_min"].tolist() == [3, 5, 15, 4]
    told = {a.value: a.rows for a in completed.assumed if a.column == "tier_min"}
    assert told == {
        "by kind and class of site": 1,
        "by kind and class of site, on the fringe": 1,
        "by kind and class of site, in the countryside": 1,
    }


def test_a_towns_own_tiers_are_taken(town: Layers) -> None:
    table = {**load("response")["tiers_min"], "by_kind": {"school": 2}, "by_ground": {}}
    assert complete(town, table).layers["sites"]["tier_min"].tolist() == [2, 3]


def test_the_town_given_is_left_as_it_was(town: Layers) -> None:
    before = town["sites"].copy()
    complete(town)
    assert town["sites"].equals(before)
    assert not town.has("units")


def test_without_a_station_the_unit_stands_at_the_junction_nearest_the_centre(
    town: Layers, layer
) -> None:
    nowhere = Layers("T", {k: v for k, v in town.frames.items() if k != "stations"})
    point = complete(nowhere).layers["units"].to_crs(layer("areas", [], {"kind": []}).crs).geometry
    assert point.iloc[0].equals_exact(town["stations"].geometry.iloc[0], 1e-9)


@pytest.mark.parametrize("kind", ["town_hall", "fire_station"])
def test_without_police_the_next_kind_of_station_is_taken(town: Layers, layer, kind: str) -> None:
    stations = layer("stations", [Point(10, 10), Point(20, 20)], {"kind": ["post", kind]})
    units = complete(town.replaced(stations=stations)).layers["units"]
    assert units["station"].tolist() == ["stations/1"]


def test_a_town_of_cameras_alone_is_the_ground_around_them(layer) -> None:
    cameras = layer("cameras", [Point(0, 0), Point(300, 100)], {})
    area = study_area(Layers("T", {"cameras": cameras}))
    assert all(area.contains(point) for point in cameras.geometry)


def test_the_areas_are_the_town_where_nothing_else_is(layer) -> None:
    areas = layer("areas", [box(0, 0, 100, 100)], {"kind": ["patrol"]})
    cameras = layer("cameras", [Point(50, 50)], {})
    assert study_area(Layers("T", {"areas": areas, "cameras": cameras})).equals(
        areas.geometry.iloc[0]
    )


def test_a_town_without_any_place_says_what_to_import() -> None:
    with pytest.raises(InputError, match="import villages, areas, or an OpenStreetMap file"):
        complete(Layers("Nowhere", {}))
