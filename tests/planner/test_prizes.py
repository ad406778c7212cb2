from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
import pytest
from shapely import LineString, Point

from gis.layers import Layers
from planner.params import PatrolParams
from planner.prizes import candidates

EVENING = date(2026, 11, 25)
PARTS = dict[str, int]


def params(**changes: object) -> PatrolParams:
    return PatrolParams.default(date=EVENING, **changes)


def parts_of(stops: gpd.GeoDataFrame, code: str) -> PARTS:
    row = stops.set_index("code").loc[code]
    assert row["prize"] == sum(part["points"] for part in row["parts"])
    return {part["part"]: part["points"] for part in row["parts"]}


@pytest.fixture
def watched(town: Layers, layer) -> Layers:
    """The two villages with a team that is out from 19:00 to 21:00."""
    base = layer("teams", [Point(150, 200)], {"mode": ["foot"], "shifts": ["19:00-21:00"]})
    return town.replaced(teams=base)


def test_a_site_is_worth_its_class_times_its_weight(watched: Layers) -> None:
    town = watched.replaced(sites=watched["sites"].assign(weight=[2.0, None]))
    stops = candidates(town, params())
    assert parts_of(stops, "sites/0") == {"key_public": 12}
    assert parts_of(stops, "sites/1") == {"key_industry": 5}


def test_sites_that_are_not_in_use_are_no_stops(watched: Layers) -> None:
    town = watched.replaced(sites=watched["sites"].assign(status=["planned", "built"]))
    assert candidates(town, params())["code"].tolist() == ["sites/1"]


def incidents_at(layer, places: list[Point], **columns: list) -> gpd.GeoDataFrame:
    n = len(places)
    usual = {"hour": [20] * n, "count": [10] * n, "date": ["2026-11-01"] * n}
    return layer("incidents", places, {**usual, **columns})


def incident_points(town: Layers, layer, code: str = "sites/1", **columns: list) -> int:
    rows = incidents_at(layer, [Point(500, 200)], **columns)
    return parts_of(candidates(town.replaced(incidents=rows), params()), code).get("incidents", 0)


@pytest.mark.parametrize(
    ("columns", "points"),
    [
        ({}, 5),
        ({"count": [20]}, 10),
        ({"count": [99]}, 10),
        ({"count": [4]}, 0),
        ({"hour": [18]}, 0),
        ({"hour": [21]}, 0),
        # 2 of 24 hours of 120 incidents whose hour nobody knows.
        ({"hour": [None], "count": [120]}, 5),
        ({"date": ["2026-12-01"]}, 0),
        ({"date": [None]}, 5),
    ],
)
def test_incidents_near_a_stop_count_in_the_hours_of_the_shifts(
    watched: Layers, layer, columns: dict[str, list], points: int
) -> None:
    assert incident_points(watched, layer, **columns) == points


def test_incidents_far_from_a_stop_do_not_count_there(watched: Layers, layer) -> None:
    assert incident_points(watched, layer, "sites/0") == 0


def test_the_last_year_is_that_of_the_records_themselves(watched: Layers, layer) -> None:
    rows = incidents_at(
        layer, [Point(500, 200)] * 2, date=["2024-05-01", "2023-04-01"], count=[10, 50]
    )
    stops = candidates(watched.replaced(incidents=rows), params())
    assert parts_of(stops, "sites/1")["incidents"] == 5


def test_incidents_count_only_while_the_stop_is_open(watched: Layers, layer) -> None:
    points = layer("patrol_points", [Point(500, 200)], {"window": ["19:00-19:30"]})
    town = watched.replaced(
        patrol_points=points, incidents=incidents_at(layer, [Point(500, 200)], hour=[20])
    )
    assert parts_of(candidates(town, params()), "patrol_points/0") == {"patrol_point": 20}


def test_many_incidents_away_from_all_stops_are_a_stop(watched: Layers, layer) -> None:
    far = [Point(150, 0), Point(150, 20), Point(500, 200)]
    rows = incidents_at(layer, far, count=[8, 8, 20])
    stops = candidates(watched.replaced(incidents=rows), params(incidents={"apart_m": 250}))
    spots = stops[stops["kind"] == "incidents"]
    assert len(spots) == 1
    spot = spots.iloc[0]
    assert (spot["reason"], spot["prize"], spot["dwell_s"]) == ("incidents", 8, 720)
    assert spot["name"] == "Mill Lane"


def test_nothing_is_told_of_incidents_where_there_are_too_few(watched: Layers, layer) -> None:
    rows = incidents_at(layer, [Point(150, 0)], count=[4])
    assert (
        "incidents" not in candidates(watched.replaced(incidents=rows), params())["kind"].tolist()
    )


def walked_points(town: Layers, days: int | None) -> PARTS:
    main = EVENING - timedelta(days=days or 0)
    walked = {"elsewhere": EVENING} if days is None else {"streets/0": main}
    return parts_of(candidates(town, params(), walked=walked), "sites/1")


@pytest.mark.parametrize(("days", "points"), [(0, None), (7, 3), (14, 6), (90, 6), (None, 6)])
def test_a_street_not_walked_lately_adds_to_the_stops_on_it(
    watched: Layers, days: int | None, points: int | None
) -> None:
    rows = watched["streets"].assign(highway=["residential", "residential"])
    found = walked_points(watched.replaced(streets=rows), days)
    assert found.get("unwalked") == points


def test_nothing_is_added_while_no_night_is_known(watched: Layers) -> None:
    for walked in (None, {}):
        stops = candidates(watched, params(), walked=walked, last_visit=walked)
        assert {part["part"] for parts in stops["parts"] for part in parts} == {
            "key_public",
            "key_industry",
        }


def test_a_street_away_from_all_stops_becomes_one_unless_it_is_closed(
    watched: Layers, layer
) -> None:
    lanes = layer(
        "streets",
        [LineString([(0, 200), (600, 200)]), LineString([(150, 0), (150, 200)])],
        {"highway": ["secondary", "residential"], "name": ["Main Road", "Mill Lane"]},
    )
    town = watched.replaced(streets=lanes, sites=watched["sites"].iloc[1:])
    walked = {"elsewhere": EVENING}
    near = params(lately={"apart_m": 100})
    stop = candidates(town, near, walked=walked).set_index("code").loc["street/streets/1"]
    assert (stop["kind"], stop["name"], stop["dwell_s"], stop["prize"]) == (
        *("street", "Mill Lane"),
        *(0, 6),
    )
    shut = candidates(town, near, walked=walked, closures=["streets/1"])
    assert "street/streets/1" not in shut["code"].tolist()


def test_a_place_not_visited_for_long_is_worth_more(watched: Layers) -> None:
    seen = {"sites/0": EVENING - timedelta(days=7), "sites/1": EVENING}
    stops = candidates(watched, params(), last_visit=seen)
    assert parts_of(stops, "sites/0") == {"key_public": 6, "long_unvisited": 3}
    assert parts_of(stops, "sites/1") == {"key_industry": 5}


def test_further_visits_of_a_point_count_as_the_point(watched: Layers, layer) -> None:
    town = watched.replaced(patrol_points=layer("patrol_points", [Point(0, 200)], {"visits": [2]}))
    stops = candidates(town, params(), last_visit={"patrol_points/0": EVENING})
    assert parts_of(stops, "patrol_points/0#2") == {"patrol_point": 20}


def test_the_manner_of_a_visit_gives_its_time_unless_seconds_are_stated(
    watched: Layers, layer
) -> None:
    points = layer(
        "patrol_points",
        [Point(x, 200) for x in (0, 100, 200, 300)],
        {
            "manner": ["pass_by", "presence", None, "presence"],
            "dwell_s": [None, None, None, 900.0],
        },
    )
    stops = candidates(watched.replaced(patrol_points=points), params()).set_index("code")
    assert [int(stops.loc[f"patrol_points/{k}", "dwell_s"]) for k in range(4)] == [0, 720, 120, 900]


def test_two_visits_are_as_far_apart_as_the_point_asks(watched: Layers, layer) -> None:
    points = layer(
        "patrol_points",
        [Point(0, 200)],
        {"visits": [2], "visit_gap_s": [3600.0], "dwell_s": [60.0], "window": ["19:00-21:00"]},
    )
    stops = candidates(watched.replaced(patrol_points=points), params()).set_index("code")
    first, second = stops.loc["patrol_points/0"], stops.loc["patrol_points/0#2"]
    assert second["opens_s"] - (first["closes_s"] + 60) == 3600
    assert (first["opens_s"], second["closes_s"]) == (19 * 3600, 21 * 3600)


def test_a_town_without_any_place_has_no_candidates(watched: Layers) -> None:
    bare = watched.replaced(sites=watched["sites"].iloc[:0])
    assert len(candidates(bare, params())) == 0
