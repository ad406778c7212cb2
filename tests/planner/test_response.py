from __future__ import annotations

import math

import pandas as pd
import pytest
from shapely import LineString, Point, box

from gis.layers import Layers
from planner.assume import complete
from planner.params import ResponseParams
from planner.response import respond
from planner.results import Response
from planner.run import build_streets


def answer(town: Layers, **changes: float) -> Response:
    town = complete(town).layers
    return respond(town, build_streets(town), ResponseParams.default(**changes))


def on_foot(layer, points: list[Point], **columns: list) -> dict:
    return {"units": layer("units", points, {"mode": ["foot"] * len(points), **columns})}


def test_the_time_is_turnout_plus_street_plus_last_metres(town: Layers, layer) -> None:
    town = town.replaced(**on_foot(layer, [Point(150, 200)], turnout_s=[30.0]))
    times = answer(town, last_metres_ms=2.0).times.set_index("site")["time_s"]
    streets = build_streets(town)
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
