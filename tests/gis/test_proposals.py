from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.geometry.base import BaseGeometry

from gis.crs import town_crs
from gis.errors import LayerMissingError
from gis.layers import Layers, conform
from gis.osm import read_town
from gis.proposals import Kind, propose
from gis.proposals_entrances import built_up
from gis.proposals_sites import gather
from gis.read import read_layer
from gis.streets import Streets
from gis.validate import validate
from gis.write import write_layer

CRS = town_crs(120.7, 30.15)


def layer(name: str, *rows: tuple[dict[str, Any], BaseGeometry]) -> gpd.GeoDataFrame:
    columns = [{"code": f"{name}{n}", **columns} for n, (columns, _) in enumerate(rows)]
    shapes = gpd.GeoSeries([shape for _, shape in rows], crs=CRS)
    return conform(gpd.GeoDataFrame(columns, geometry=shapes.to_crs(4326)), name)


def street(*places: tuple[float, float], **columns: Any) -> tuple[dict[str, Any], BaseGeometry]:
    return {"highway": "residential", **columns}, LineString(places)


def town_of(*streets: tuple[dict[str, Any], BaseGeometry], **layers: gpd.GeoDataFrame) -> Layers:
    return Layers("Made", {"streets": layer("streets", *streets), **layers})


def village_of_200_m(*streets: tuple[dict[str, Any], BaseGeometry], **columns: Any) -> Layers:
    """Return a village whose houses fill 200 x 200 m around the middle, and its streets."""
    houses: list[tuple[dict[str, Any], BaseGeometry]] = [
        ({}, box(x - 10, y - 10, x + 10, y + 10))
        for x in range(-90, 91, 60)
        for y in range(-90, 91, 60)
    ]
    village = ({"code": "330602017257", **columns}, box(-1000, -1000, 1000, 1000))
    return town_of(
        *streets, villages=layer("villages", village), buildings=layer("buildings", *houses)
    )


def places_m(sites: gpd.GeoDataFrame) -> list[tuple[int, int]]:
    xy = sites.geometry.to_crs(CRS).get_coordinates().round().astype(int)
    return sorted(map(tuple, xy.to_numpy().tolist()))


# A row of houses at y = 30 ends at x = 100; the built-up area ends 20 m behind it.
EDGE = 120


def test_a_street_through_the_village_has_two_entrances() -> None:
    town = village_of_200_m(
        street((-500, 30), (500, 30), code="r", name="海东路"), name="东海村委会", rural=True
    )
    found = propose("entrance", town).sites
    assert places_m(found) == [(-EDGE, 30), (EDGE, 30)]
    assert sorted(found["name"]) == ["东海村海东路东出入口", "东海村海东路西出入口"]
    for column, value in {
        "kind": "entrance",
        "village": "330602017257",
        "street": "r",
        "area_class": "rural",
        "vehicles": True,
        "proposed": True,
    }.items():
        assert found[column].tolist() == [value, value], column


@pytest.mark.parametrize(
    ("streets", "entrances"),
    [
        ([street((0, 30), (80, 30))], []),
        # Out into a yard, and round a corner of the edge: no way leads away.
        ([street((0, 30), (150, 30))], []),
        ([street((0, 30), (150, 30), (150, 90), (0, 90))], []),
        # The first metres outside are short, what follows is not.
        ([street((0, 30), (130, 30)), street((130, 30), (130, 400))], [(EDGE, 30)]),
        ([street((0, 30), (400, 30), highway="steps")], []),
        ([street((-400, 200), (400, 200))], []),
    ],
    ids=["inside", "yard", "corner", "leads on", "steps", "passes by"],
)
def test_a_way_in_is_a_street_that_leads_away(
    streets: list[tuple[dict[str, Any], BaseGeometry]], entrances: list[tuple[int, int]]
) -> None:
    far_off = street((800, 800), (900, 800))
    assert places_m(propose("entrance", village_of_200_m(*streets, far_off)).sites) == entrances


def test_crossings_side_by_side_are_one_and_vehicles_come_first() -> None:
    town = village_of_200_m(
        street((0, 30), (400, 30), highway="footway"),
        street((0, 35), (400, 35), highway="residential"),
        street((0, 90), (400, 90), highway="footway"),
    )
    found = propose("entrance", town).sites
    assert places_m(found) == [(EDGE, 35), (EDGE, 90)]
    assert sorted(found["vehicles"]) == [False, True]


def test_entrances_of_one_name_are_numbered() -> None:
    both = [street((0, y), (400, y)) for y in (-25, 25)]
    english = propose("entrance", village_of_200_m(*both)).sites["name"]
    assert sorted(english) == ["330602017257, entrance east", "330602017257, entrance east 2"]
    chinese = propose("entrance", village_of_200_m(*both, name="东海村")).sites["name"]
    assert sorted(chinese) == ["东海村东出入口", "东海村东出入口2"]


def test_an_entrance_without_names_is_called_by_code_and_side() -> None:
    town = village_of_200_m(street((0, 0), (0, -400)))
    assert propose("entrance", town).sites["name"].tolist() == ["330602017257, entrance south"]


def test_a_village_without_houses_is_named() -> None:
    town = village_of_200_m(street((0, 0), (400, 0)))
    empty = ({"code": "empty"}, box(1000, 0, 2000, 1000))
    village = ({"code": "v"}, box(-1000, -1000, 1000, 1000))
    found = propose("entrance", town.replaced(villages=layer("villages", village, empty)))
    assert found.villages_without == ("empty",)
    assert "empty" in found.summary()
    assert len(found.sites) == 1


def test_one_house_is_no_built_up_area() -> None:
    houses = np.array([box(0, 0, 10, 10), box(500, 0, 510, 10)])
    assert built_up(houses, reach_m=40, least_area_m2=10_000).is_empty
    assert not built_up(houses, reach_m=40, least_area_m2=1000).is_empty


def test_a_yard_inside_is_built_up() -> None:
    ring = [box(x, y, x + 20, y + 20) for x in range(0, 201, 40) for y in (0, 200)]
    ring += [box(x, y, x + 20, y + 20) for x in (0, 200) for y in range(40, 200, 40)]
    area = built_up(np.array(ring), reach_m=30, least_area_m2=1000)
    assert area.contains(box(100, 100, 110, 110))


def test_junctions_need_three_arms_of_streets_that_count() -> None:
    town = town_of(
        street((0, 0), (100, 0), (200, 0), name="High Street", highway="primary"),
        street((100, 0), (100, 100), name="Mill Lane"),
        street((200, 0), (300, 0), name="High Street"),
        street((200, 0), (200, 100), highway="footway"),
        street((100, 100), (100, 200)),
    )
    found = propose("junction", town).sites
    assert places_m(found) == [(100, 0)]
    assert found["name"].tolist() == ["High Street / Mill Lane"]
    assert found[["kind", "arms", "proposed"]].values.tolist() == [["junction", 3, True]]


def divided(name: str, offset: float, along: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Return two carriageways of one road, a vertex at each place another may cross."""
    stops = sorted({-300.0, -offset, offset, 300.0})
    forth = [(s, -offset) if along == "x" else (offset, s) for s in stops]
    back = [(-x, -y) for x, y in forth]
    return [street(*way, name=name, highway="primary", oneway="yes") for way in (forth, back)]


@pytest.mark.parametrize("offset_m", [8, 14, 20])
def test_a_crossing_of_two_divided_roads_is_one_junction(offset_m: float) -> None:
    town = town_of(*divided("海东路", offset_m, "x"), *divided("长宁路", offset_m, "y"))
    found = propose("junction", town).sites
    assert places_m(found) == [(0, 0)]
    assert found["name"].tolist() == ["海东路 / 长宁路"]
    assert found["arms"].tolist() == [8]


def test_where_a_road_divides_there_is_no_junction() -> None:
    town = town_of(
        street((-200, 0), (0, 0), name="A"),
        street((0, 0), (100, 10), name="A", oneway="yes"),
        street((100, -10), (0, 0), name="A", oneway="yes"),
    )
    assert len(propose("junction", town).sites) == 0


def test_lanes_in_a_row_are_not_all_one_junction() -> None:
    stops = [(25.0 * n, 0.0) for n in range(9)]
    lanes = [street((x, 0), (x, 50), name=f"Lane {x:.0f}") for x, _ in stops[1:-1]]
    town = town_of(street(*stops, name="A", highway="secondary"), *lanes)
    found = propose("junction", town).sites
    assert len(found) == 4
    assert all(name.startswith("A / Lane") for name in found["name"])


def test_a_site_that_is_there_is_not_proposed_again() -> None:
    town = village_of_200_m(
        street((-400, 0), (0, 0), (400, 0), name="A"), street((0, 0), (0, 400), name="B")
    )
    counts: dict[Kind, int] = {"entrance": 3, "junction": 1}
    for kind, count in counts.items():
        found = propose(kind, town)
        again = propose(kind, town)
        assert found.sites.equals(again.sites)
        assert (len(found.sites), found.known) == (count, 0)
        kept = propose(kind, town.replaced(sites=found.sites))
        assert (len(kept.sites), kept.known) == (0, count)
        # A site of another kind does not stand for it.
        other = found.sites.assign(kind="other")
        assert len(propose(kind, town.replaced(sites=other)).sites) == count


def test_codes_name_the_village_and_do_not_change_with_the_rest_of_the_town() -> None:
    one = street((-400, 0), (400, 0))
    alone = propose("entrance", village_of_200_m(one)).sites
    more = propose("entrance", village_of_200_m(street((0, 400), (0, -400)), one)).sites
    assert set(alone["code"]) < set(more["code"])
    assert alone["code"].str.fullmatch(r"entrance-330602017257-8d[0-9a-f]{13}").all()


@pytest.mark.parametrize("ending", [".gpkg", ".xlsx", ".geojson"])
def test_a_list_comes_back_as_sites(tmp_path: Path, ending: str) -> None:
    town = village_of_200_m(street((-400, 0), (400, 0), name="海东路"))
    found = propose("entrance", town)
    file = write_layer(found.sites, tmp_path / f"list{ending}", "sites")
    back = read_layer(file, "sites", crs="wgs84").frame
    assert sorted(back["code"]) == sorted(found.sites["code"])
    assert "proposed" in back
    assert (
        validate(found.sites, "sites")
        .drop(columns="geometry")
        .equals(found.sites.drop(columns="geometry"))
    )


def test_the_document_is_plain() -> None:
    town = village_of_200_m(street((-400, 0), (0, 0)))
    (site,) = propose("entrance", town).document()["sites"]
    assert site["vehicles"] is True
    assert site["lat"] == pytest.approx(30.15, abs=1e-4)
    crossing = town_of(street((0, 0), (50, 0), (90, 0)), street((50, 0), (50, 50)))
    (site,) = propose("junction", crossing).document()["sites"]
    assert (site["name"], site["village"], site["arms"]) == (None, None, 3)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(LayerMissingError, match="villages and buildings"):
        propose("entrance", town_of(street((0, 0), (1, 0))))
    with pytest.raises(LayerMissingError, match="streets"):
        propose("junction", Layers("Empty", {}))


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=25),
    st.randoms(use_true_random=False),
)
def test_points_gather_as_one_by_one(places: list[tuple[int, int]], random: Any) -> None:
    order = list(range(len(places)))
    random.shuffle(order)
    xy = np.array(places, float).reshape(-1, 2)
    slow = [-1] * len(places)
    for point in order:
        if slow[point] < 0:
            for other, place in enumerate(places):
                if slow[other] < 0 and np.hypot(*(xy[point] - place)) <= 20:
                    slow[other] = point
    assert gather(xy, order, 20.0).tolist() == slow


@pytest.mark.real
def test_liechtenstein(shared_data: Path) -> None:
    extract = read_town(shared_data / "liechtenstein.osm.pbf")
    town = Layers("Liechtenstein", extract.layers, extract.clip)
    network = Streets.build(town["streets"])
    junctions = propose("junction", town, network).sites
    entrances = propose("entrance", town, network).sites
    for found in (junctions, entrances):
        assert found["code"].is_unique
        assert set(found["village"].dropna()) == set(town["villages"]["code"])
    assert len(junctions) > 500
    assert 100 < len(entrances) < 1000
    apart = junctions.geometry.to_crs(network.crs)
    assert apart.sindex.nearest(apart, exclusive=True, return_distance=True)[1].min() > 10
