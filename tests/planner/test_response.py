from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd
import pytest
from shapely import LineString, Point, box

from gis.layers import Layers
from planner.assume import complete
from planner.network import build_network
from planner.packing import pack, unpack
from planner.params import ResponseParams
from planner.response import respond
from planner.results_response import Response


def answer(town: Layers, **changes: Any) -> Response:
    town = complete(town).layers
    return respond(town, build_network(town), ResponseParams.default(**changes))


def on_foot(layer, points: list[Point], **columns: list) -> dict:
    return {"units": layer("units", points, {"mode": ["foot"] * len(points), **columns})}


def test_the_time_is_turnout_plus_street_plus_last_metres(town: Layers, layer) -> None:
    town = town.replaced(**on_foot(layer, [Point(150, 200)], turnout_s=[30.0]))
    times = answer(town, last_metres_ms=2.0).times.set_index("site")["time_s"]
    streets = build_network(town)
    edge = next(d for _, _, d in streets.graph.edges(data=True) if d["length_m"] > 400)
    walk_ms = edge["length_m"] / edge["foot_s"]
    # The bank stands 5 m beside the road, 350 m east of the station.
    assert times["sites/1"] == pytest.approx(30 + 350 / walk_ms + 5 / 2.0, rel=0.01)


def test_a_site_is_late_by_what_its_tier_lacks(town: Layers, layer) -> None:
    sites = layer("sites", [Point(500, 200)] * 2, {"kind": ["bank"] * 2, "tier_min": [1, 10]})
    sites.loc[:, "code"] = ["tight", "easy"]
    town = town.replaced(sites=sites, **on_foot(layer, [Point(150, 200)]))
    judged = answer(town).sites.set_index("code")
    first_s = judged.loc["tight", "first_s"]
    assert not judged.loc["tight", "met"]
    assert judged.loc["tight", "late_s"] == pytest.approx(first_s - 60)
    assert judged.loc["easy", "met"]
    assert judged.loc["easy", "late_s"] == 0


def test_the_nearer_unit_comes_first_and_all_are_listed(town: Layers, layer) -> None:
    town = town.replaced(**on_foot(layer, [Point(0, 200), Point(490, 200)]))
    response = answer(town)
    at_bank = response.times[response.times["site"] == "sites/1"]
    assert at_bank["unit"].tolist() == ["units/1", "units/0"]
    assert response.sites.set_index("code").loc["sites/1", "first_unit"] == "units/1"


def test_a_unit_keeps_its_own_promise_or_not(town: Layers, layer) -> None:
    town = town.replaced(**on_foot(layer, [Point(150, 200)], tier_min=[1]))
    assert answer(town).units["met"].tolist() == [False]


def test_a_site_off_the_network_says_why_and_is_not_met(town: Layers, layer) -> None:
    sites = layer("sites", [Point(590, 450)], {"kind": ["bank"], "tier_min": [5]})
    response = answer(town.replaced(sites=sites))
    site = response.sites.iloc[0]
    assert site["met"] is False or not site["met"]
    assert math.isinf(site["late_s"])
    assert isinstance(site["reason"], str)
    assert response.document()["sites"][0]["late_s"] is None


def test_a_large_site_is_entered_where_a_street_passes(town: Layers, layer) -> None:
    park = layer("sites", [box(200, 210, 580, 390)], {"kind": ["park"], "tier_min": [5]})
    site = answer(town.replaced(sites=park)).sites.iloc[0]
    assert site["met"]


def test_circles_are_nested(town: Layers, layer) -> None:
    circles = answer(town.replaced(**on_foot(layer, [Point(150, 200)]))).circles
    rings = circles.set_index("band_s").geometry
    assert rings.index.tolist() == [60, 180, 300]
    assert rings[180].covers(rings[60])
    assert rings[300].covers(rings[180])


def test_turnout_eats_into_the_circles(town: Layers, layer) -> None:
    quick = answer(town.replaced(**on_foot(layer, [Point(150, 200)]))).circles
    slow = answer(town.replaced(**on_foot(layer, [Point(150, 200)], turnout_s=[90.0]))).circles
    assert slow["band_s"].tolist() == [180, 300]
    at_300_s = [c.set_index("band_s").to_crs(3857).area[300] for c in (slow, quick)]
    assert at_300_s[0] < at_300_s[1]


def test_tiers_count_met_over_sites(town: Layers, layer) -> None:
    sites = layer(
        "sites",
        [Point(150, 210), Point(590, 450), Point(160, 200)],
        {"kind": ["bank"] * 3, "tier_min": [3, 3, 5]},
    )
    tiers = answer(town.replaced(sites=sites)).tiers.set_index("tier_min")
    assert tiers.loc[3, ["sites", "met"]].tolist() == [2, 1]
    assert tiers.loc[5, "share"] == 1


def test_without_streets_nothing_stops_and_the_layer_is_named(town: Layers) -> None:
    plain = Layers("T", {k: v for k, v in town.frames.items() if k != "streets"})
    response = answer(plain)
    assert {m.figure: m.layers for m in response.missing} == {
        "circles": ("streets",),
        "sites": ("streets",),
    }
    assert not len(response.circles)
    # Nobody can tell, which is not that nobody comes.
    assert response.sites["met"].isna().all()
    assert response.sites["rank"].isna().all()
    assert "cannot tell" in response.summary()


def test_a_site_in_a_street_nobody_can_enter_is_reached_from_the_next(town: Layers, layer) -> None:
    # A one-way street that only comes in from outside the map, joined to the main road at its end.
    inward = layer(
        "streets",
        [LineString([(500, 260), (500, 200)])],
        {"name": ["From Outside"], "highway": ["residential"], "oneway": ["yes"]},
    ).assign(code="inward")
    streets = pd.concat([town["streets"], inward], ignore_index=True)
    streets.loc[0, "geometry"] = LineString(
        [
            *streets.geometry[0].coords[:2],
            inward.geometry[0].coords[-1],
            streets.geometry[0].coords[-1],
        ]
    )
    sites = layer("sites", [Point(500, 255)], {"kind": ["bank"], "tier_min": [5]})
    response = answer(town.replaced(streets=streets, sites=sites))
    assert response.sites["met"].tolist() == [True]
    # The car stops on the main road; 55 m are walked at 2 m/s.
    assert response.times["time_s"].iloc[0] > 55 / 2


# On foot 4.8 km/h: 0.75 s a metre, whatever the hour and the ground.
def on_main_road(layer, x: list[int], **columns: list) -> dict:
    points = [Point(at, 200) for at in x]
    return {"sites": layer("sites", points, {"kind": ["bank"] * len(x), **columns})}


def test_by_place_as_in_tianjin(town: Layers, layer) -> None:
    # 70 m are walked in 52.5 s, 160 m in 120 s, 390 m in 292.5 s.
    town = town.replaced(
        **on_main_road(layer, [220, 310, 540], tier_min=[1, 1, 5], weight=[1.0, 2.0, 3.0]),
        **on_foot(layer, [Point(150, 200)]),
    )
    response = answer(town)
    assert response.sites["first_s"].tolist() == pytest.approx([52.5, 120, 292.5], abs=1)
    assert response.sites["met"].tolist() == [True, False, True]
    assert response.sites["late_s"].tolist() == pytest.approx([0, 60, 0], abs=1)
    assert response.sites["rank"].fillna(0).tolist() == [0, 1, 0]
    assert response.tiers[["tier_min", "sites", "met"]].to_numpy().tolist() == [
        [1, 2, 1],
        [5, 1, 1],
    ]


def test_by_unit_as_in_wuhan(town: Layers, layer) -> None:
    # The post promises one minute, the station five: the second place is the station's.
    town = town.replaced(
        **on_main_road(layer, [220, 310], tier_min=[1, 1]),
        **on_foot(layer, [Point(150, 200), Point(0, 200)], tier_min=[1, 5]),
    )
    response = answer(town)
    assert response.sites["met"].tolist() == [True, False]
    assert response.sites["promise"].tolist() == [True, True]
    columns = ["tier_min", "units", "sites", "met"]
    assert response.promises[columns].to_numpy().tolist() == [[1, 1, 2, 1], [5, 1, 2, 2]]
    # The post is first at both and keeps its minute at one of them only.
    assert response.units["met"].tolist() == [False, True]


def test_without_promises_nobody_can_tell_by_unit(town: Layers, layer) -> None:
    response = answer(town.replaced(**on_foot(layer, [Point(150, 200)])))
    assert response.sites["promise"].isna().all()
    assert not len(response.promises)


def test_the_places_of_its_beat_are_a_units_own(town: Layers, layer) -> None:
    beat = layer("areas", [box(0, 0, 330, 400)], {"kind": ["beat"]})
    town = town.replaced(
        **on_main_road(layer, [220, 310, 540]),
        **on_foot(layer, [Point(150, 200), Point(590, 200)], tier_min=[1, 1]),
        areas=beat,
    )
    units = answer(town).units
    assert units["beat"].fillna("").tolist() == ["areas/0", ""]
    assert units["own_sites"].tolist() == [2, 0]
    assert units["own_in"].tolist() == [1, 0]


def test_off_any_beat_the_places_of_its_station_are_a_units_own(town: Layers, layer) -> None:
    villages = town["villages"].assign(station=["S1", "S2"])
    town = town.replaced(
        **on_main_road(layer, [220, 310, 540]),
        **on_foot(layer, [Point(150, 200)], tier_min=[10], station=["S2"]),
        villages=villages,
    )
    assert answer(town).units[["own_sites", "own_in"]].to_numpy().tolist() == [[2, 2]]


@pytest.mark.parametrize(
    ("at", "comes"),
    [
        (None, True),
        ("Mon 03:00", True),
        ("周一 06:00", False),
        ("Mon 12:00", False),
        ("Sun 23:59", True),
    ],
)
def test_a_shift_over_midnight(town: Layers, layer, at: str | None, comes: bool) -> None:
    night = on_foot(layer, [Point(150, 200)], duty_hours=["20:00-06:00"])
    response = answer(town.replaced(**on_main_road(layer, [220], tier_min=[1]), **night), at=at)
    assert response.units["comes"].tolist() == [comes]
    assert response.sites["met"].tolist() == [comes]
    if not comes:
        assert response.units["reason"].tolist() == ["off_duty"]
        assert response.sites["reason"].tolist() == ["no unit is on duty"]
        assert math.isinf(response.sites["late_s"].iloc[0])
        assert response.units["sites_alone"].isna().all()
        assert not len(response.circles)


def test_a_state_goes_before_duty_hours(town: Layers, layer) -> None:
    posts = on_foot(
        layer,
        [Point(150, 200), Point(220, 200), Point(300, 200)],
        duty_hours=["20:00-06:00", "00:00-24:00", "00:00-24:00"],
    )
    town = complete(town.replaced(**posts)).layers
    params = ResponseParams.default(at="Mon 12:00")
    states = {"units/0": "ready", "units/1": "busy"}
    units = respond(town, build_network(town), params, states=states).units
    assert units["comes"].tolist() == [True, False, True]
    assert units["reason"].fillna("").tolist() == ["", "busy", ""]


def test_duty_hours_that_nobody_can_read_count_as_always_and_are_named(town: Layers, layer) -> None:
    whole = complete(town.replaced(**on_foot(layer, [Point(150, 200)]))).layers
    units = whole["units"].assign(duty_hours="now and then")
    params = ResponseParams.default(at="Mon 12:00")
    response = respond(whole.replaced(units=units), build_network(whole), params)
    assert response.units["comes"].tolist() == [True]
    said = {(a.column, a.rows) for a in response.assumed if "cannot be read" in str(a.value)}
    assert said == {("duty_hours", 1)}


def test_a_level_of_duty_shortens_tiers(town: Layers, layer) -> None:
    # 310 m beyond the post take 232.5 s: in time in five minutes, not in three.
    town = town.replaced(
        **on_main_road(layer, [460], tier_min=[5]), **on_foot(layer, [Point(150, 200)])
    )
    everyday, highest = answer(town), answer(town, level=1)
    assert everyday.sites[["tier_min", "met"]].to_numpy().tolist() == [[5, True]]
    assert highest.sites[["tier_min", "met"]].to_numpy().tolist() == [[3, False]]
    assert highest.document()["level"] == 1


def test_what_is_only_planned_is_left_out(town: Layers, layer) -> None:
    town = town.replaced(
        **on_main_road(layer, [220, 310], status=["planned", "built"]),
        **on_foot(layer, [Point(150, 200)]),
    )
    response = answer(town)
    assert response.sites["code"].tolist() == ["sites/1"]
    assert set(response.times["site"]) == {"sites/1"}


def test_a_later_start_shows_beside_the_figures(town: Layers, layer) -> None:
    town = town.replaced(
        **on_main_road(layer, [220, 300], tier_min=[1, 3]), **on_foot(layer, [Point(150, 200)])
    )
    rows = answer(town).sensitivity
    whole = rows[rows["tier_min"].isna()]
    # 52.5 s of 60 and 112.5 s of 180: half a minute later the first is lost, then none more.
    assert whole["delay_s"].tolist() == [0, 30, 60]
    assert whole["met"].tolist() == [2, 1, 1]
    assert rows[rows["tier_min"].eq(1).fillna(False)]["met"].tolist() == [1, 0, 0]


def test_a_closed_street_is_not_gone_through(town: Layers, layer) -> None:
    # From the lane to the far end of the main road, which is closed.
    town = complete(
        town.replaced(
            **on_main_road(layer, [540], tier_min=[10]), **on_foot(layer, [Point(150, 390)])
        )
    ).layers
    params = ResponseParams.default()
    main_road = town["streets"]["code"].iloc[0]
    closed = respond(town, build_network(town, closures=[main_road]), params)
    free = respond(town, build_network(town), params)
    assert free.sites["met"].tolist() == [True]
    assert closed.sites["met"].tolist() == [False]
    assert closed.network != free.network


def test_the_summary_begins_with_the_worst_three(town: Layers, layer) -> None:
    places = on_main_road(
        layer,
        [300, 400, 500, 600],
        tier_min=[1] * 4,
        name=["one", "two", "three", "four"],
    )
    lines = answer(town.replaced(**places, **on_foot(layer, [Point(150, 200)]))).summary()
    assert [line.split(":")[0] for line in lines.splitlines()[:3]] == [
        "1. four",
        "2. three",
        "3. two",
    ]


def test_the_document_is_plain_json_with_every_table(town: Layers, layer) -> None:
    town = town.replaced(**on_foot(layer, [Point(150, 200)], tier_min=[3]))
    response = answer(town, at="Mon 20:00")
    document = json.loads(json.dumps(response.document(), allow_nan=False))
    assert (document["at"], document["level"], document["emergency"]) == ("Mon 20:00", 3, False)
    assert document["network"] == response.network
    for table in ("tiers", "promises", "units", "sensitivity", "bands", "week", "week_tiers"):
        assert len(document[table]) == len(getattr(response, table)) > 0
    site = document["sites"][0]
    assert {"village", "ground", "area_class", "rank", "late_s", "units"} <= site.keys()
    assert site["units"] == sorted(site["units"], key=lambda unit: unit["time_s"])


def test_it_is_kept_and_found_again_unchanged(town: Layers, layer) -> None:
    response = answer(town.replaced(**on_foot(layer, [Point(150, 200)], tier_min=[3])))
    plain, tables = pack(response)
    again = unpack(Response, json.loads(json.dumps(plain)), tables)
    assert again.document() == response.document()
    assert again.summary() == response.summary()
