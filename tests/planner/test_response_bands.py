"""Shares by scope, key areas, what is lost without a unit, the week, services, parts of streets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from gis.layers import Layers
from planner.assume import complete
from planner.coverage import cover
from planner.network import build_network
from planner.params import CoverageParams, ResponseParams
from planner.response import reached_streets, respond
from planner.results_response import Response


def answer(town: Layers, **changes: Any) -> Response:
    town = complete(town).layers
    return respond(town, build_network(town), ResponseParams.default(**changes))


@pytest.fixture
def posts(town: Layers, layer) -> Layers:
    """Two posts on foot at (150, 200) and (500, 200), places and homes along the main road."""
    return town.replaced(
        units=layer(
            "units",
            [Point(150, 200), Point(500, 200)],
            {"name": ["west", "east"], "mode": ["foot"] * 2},
        ),
        sites=layer(
            "sites",
            [Point(220, 200), Point(500, 200), Point(330, 200)],
            {"kind": ["bank", "bank", "school"], "tier_min": [1, 1, 3]},
        ),
        buildings=layer(
            "buildings",
            [box(210, 205, 220, 215), box(495, 205, 505, 215)],
            {"kind": ["residential"] * 2, "households": [30, 12]},
        ),
        grids=layer("grids", [box(0, 0, 300, 400)], {"village": ["villages/0"]}),
        areas=layer("areas", [box(200, 100, 400, 300)], {"kind": ["beat"]}),
    )


def rows(response: Response, scope: str, band_s: int) -> pd.DataFrame:
    table = response.bands
    return table[(table["scope"] == scope) & (table["band_s"] == band_s)].set_index("code")


def test_street_length_within_a_minute(posts: Layers) -> None:
    # A minute on foot is 80 m: four ways from the crossing, two from the post in the east.
    town = rows(answer(posts), "town", 60).iloc[0]
    assert town["street_in_m"] == pytest.approx(6 * 80, rel=0.01)
    assert town["street_m"] == pytest.approx(1000, rel=0.001)


def test_households_are_walked_to_from_the_street(posts: Layers) -> None:
    # From the post 48.75 s to beside the western house, and 10 m at 2 m/s: within a minute.
    response = answer(posts)
    town = rows(response, "town", 60).iloc[0]
    assert (town["households"], town["households_in"]) == (42, 42)
    slow = answer(posts, last_metres_ms=0.5)
    assert rows(slow, "town", 60).iloc[0]["households_in"] == 12
    assert rows(slow, "town", 180).iloc[0]["households_in"] == 42


def test_each_scope_counts_its_own(posts: Layers) -> None:
    response = answer(posts)
    assert rows(response, "grid", 60)[["sites", "sites_in"]].to_numpy().tolist() == [[1, 1]]
    assert rows(response, "beat", 60)[["sites", "sites_in"]].to_numpy().tolist() == [[2, 1]]
    assert rows(response, "beat", 180)["street_in_m"].iloc[0] == pytest.approx(200, rel=0.03)
    kinds = rows(response, "kind", 60)
    assert kinds.loc["bank", ["sites", "sites_in"]].tolist() == [2, 2]
    assert kinds.loc["school", ["sites", "sites_in"]].tolist() == [1, 0]
    assert kinds["street_m"].isna().all()
    assert rows(response, "tier", 180).loc["3", ["sites", "sites_in"]].tolist() == [1, 1]


def test_shares_are_nested_and_children_add_up_to_the_town(posts: Layers, layer) -> None:
    # One place lies outside every village: a village without a code holds it.
    outside = layer("sites", [Point(620, 200)], {"kind": ["bank"]}).assign(code="outside")
    sites = pd.concat([posts["sites"], outside], ignore_index=True)
    response = answer(posts.replaced(sites=sites))
    amounts = ["sites", "sites_in", "street_m", "street_in_m", "households", "households_in"]
    inner = ["sites_in", "street_in_m", "households_in"]
    for _, part in response.bands.groupby(["scope", "code"]):
        assert part["band_s"].tolist() == [60, 180, 300]
        assert (np.diff(part[inner].fillna(0).to_numpy(), axis=0) >= 0).all()
        assert (part["sites_in"] <= part["sites"]).all()
    for band_s in (60, 180, 300):
        town = rows(response, "town", band_s)[amounts].iloc[0]
        for scope in ("village", "ground"):
            parts = rows(response, scope, band_s)[amounts].sum()
            assert parts.tolist() == pytest.approx(town.tolist())
    assert rows(response, "village", 60).loc["", "sites"] == 1


def test_open_ground_comes_with_a_coverage_and_not_without(posts: Layers) -> None:
    town = complete(posts).layers
    coverage = cover(town, CoverageParams.default(gap_outlines=0))
    network, params = build_network(town), ResponseParams.default()
    known = rows(respond(town, network, params, coverage=coverage), "town", 300).iloc[0]
    inside = coverage.cells["village"].notna().to_numpy()
    whole = coverage.cells["open_m2"].to_numpy()[inside].sum()
    assert known["open_m2"] == pytest.approx(whole, rel=0.02)
    assert 0.3 * whole < known["open_in_m2"] <= known["open_m2"]
    without = respond(town, network, params)
    assert without.bands["open_m2"].isna().all()
    assert "open ground" in {missing.figure for missing in without.missing}


def test_what_is_lost_while_a_unit_is_away(posts: Layers) -> None:
    units = answer(posts, bands_s=(60,)).units.set_index("name")
    # Within a minute nobody else gets to the first bank, or to the second, or to their houses.
    assert units["sites_alone"].tolist() == [1, 1]
    assert units["lost_sites"].tolist() == [1, 1]
    assert units["lost_households"].tolist() == [30, 12]
    assert units["lost_street_m"].tolist() == pytest.approx([320, 160], abs=10)
    assert units["alone"].tolist() == [True, True]


def test_a_unit_beside_another_serves_nothing_alone(posts: Layers, layer) -> None:
    twice = layer("units", [Point(150, 200)] * 2, {"mode": ["foot"] * 2})
    units = answer(posts.replaced(units=twice)).units
    assert units["alone"].tolist() == [False, False]
    assert units["lost_street_m"].tolist() == [0, 0]
    # The school is reached in 135 s by both: nobody is the only one in time.
    assert units["sites_alone"].tolist() == [0, 0]


def test_what_is_lost_is_what_an_answer_without_the_unit_lacks(posts: Layers) -> None:
    whole = answer(posts)
    for code in posts["units"]["code"]:
        rest = answer(posts.replaced(units=posts["units"][posts["units"]["code"] != code]))
        last = [rows(r, "town", 300).iloc[0] for r in (whole, rest)]
        lost = whole.units.set_index("code").loc[code]
        for column, inner in (
            ("lost_sites", "sites_in"),
            ("lost_street_m", "street_in_m"),
            ("lost_households", "households_in"),
        ):
            assert lost[column] == pytest.approx(last[0][inner] - last[1][inner])
        met = [r.sites["met"].sum() for r in (whole, rest)]
        assert lost["sites_alone"] == met[0] - met[1]


def test_key_areas_are_reached_first_and_last(posts: Layers, layer) -> None:
    # The main road from x = 285 to 415, 15 m beyond both borders; the lane is 135 m away.
    area = layer("areas", [box(300, 150, 400, 250)], {"kind": ["key_public"], "name": ["Market"]})
    found = answer(posts.replaced(areas=area)).areas.iloc[0]
    assert found["tier_min"] == 3
    # From the east 85 m, from the west 135 m; the middle between the posts lies at x = 325.
    assert found["nearest_s"] == pytest.approx(90 * 0.75, abs=5)
    assert found["farthest_s"] == pytest.approx(175 * 0.75, abs=5)
    assert found["street_m"] == pytest.approx(130, abs=10)
    assert (found["met"], found["whole"], found["share"]) == (True, True, 1)


def test_a_key_area_may_be_reached_in_part_only(posts: Layers, layer) -> None:
    alone = posts["units"].iloc[:1]
    area = layer("areas", [box(300, 150, 550, 250)], {"kind": ["key_industry"]})
    found = answer(posts.replaced(units=alone, areas=area)).areas.iloc[0]
    # Three minutes are 240 m: up to x = 390 of 285 to 565.
    assert (found["met"], found["whole"]) == (True, False)
    assert found["share"] == pytest.approx(105 / 280, abs=0.04)


def test_an_area_without_a_street_is_not_judged(posts: Layers, layer) -> None:
    area = layer("areas", [box(450, 330, 480, 350)], {"kind": ["key_public"]})
    found = answer(posts.replaced(areas=area)).areas.iloc[0]
    assert found["street_m"] == 0
    assert pd.isna(found["met"])
    assert pd.isna(found["share"])


def test_every_hour_of_the_week(posts: Layers) -> None:
    # The post in the east works on weekdays and, in one shift over the weekend, to Monday 02:00.
    hours = ["24h", "Mon-Fri 08:00-18:00; Sun 22:00-02:00"]
    response = answer(posts.replaced(units=posts["units"].assign(duty_hours=hours)))
    week = response.week.set_index("hour")
    there = [*range(2), *(d * 24 + h for d in range(5) for h in range(8, 18)), 166, 167]
    assert week.index.tolist() == list(range(168))
    assert np.flatnonzero(week["units"] == 2).tolist() == there
    # Without it the bank beside it is late; the other two places are the western post's.
    assert week["met"].tolist() == [3 if hour in there else 2 for hour in range(168)]
    tiers = response.week_tiers.groupby("hour")["met"].sum()
    assert tiers.tolist() == week["met"].tolist()


def test_the_week_at_one_hour_is_the_answer_of_that_hour(posts: Layers) -> None:
    cars = posts["units"].assign(mode="car", duty_hours=["20:00-06:00", "00:00-24:00"])
    town = posts.replaced(units=cars)
    week = answer(town).week.set_index("hour")
    for at, hour in (("Mon 08:00", 8), ("Fri 23:00", 119), ("Sun 12:00", 156)):
        assert week.loc[hour, "met"] == answer(town, at=at).sites["met"].sum()


def test_reach_of_service_points(posts: Layers, layer) -> None:
    points = layer(
        "service_points",
        [Point(150, 200), Point(150, 200)],
        {"kind": ["self_service_24h", "mediation_room"]},
    )
    villages = posts["villages"].assign(station=["S1", "S2"])
    table = answer(posts.replaced(service_points=points, villages=villages)).services
    assert set(table["kind"]) == {"self_service_24h"}
    walked = table[(table["mode"] == "foot") & (table["within_s"] == 300)].set_index("scope")
    # Five minutes on foot are 400 m: the whole lane, and the main road from 0 to 550.
    assert walked.loc["town", "street_in_m"] == pytest.approx(400 + 550, abs=10)
    assert walked.loc["town", ["points", "households", "households_in"]].tolist() == [1, 42, 42]
    assert walked.loc["station", "points"].tolist() == [1, 0]
    for scope in ("station", "village"):
        parts = walked.loc[[scope], ["street_m", "street_in_m", "households_in", "sites_in"]]
        whole = walked.loc["town", parts.columns]
        assert parts.sum().tolist() == pytest.approx(whole.tolist())


def test_the_parts_of_streets_are_what_the_shares_count(posts: Layers) -> None:
    town = complete(posts).layers
    network, params = build_network(town), ResponseParams.default()
    parts = reached_streets(network, town, params, 60).to_crs(network.crs)
    assert parts.length.sum() == pytest.approx(480, rel=0.001)
    assert parts.columns.tolist() == ["mode", "street", "edge", "geometry"]
    # One post starts half a minute later, the other overlaps nothing of it: 40 m each way less.
    later = town.replaced(units=town["units"].assign(turnout_s=[0.0, 30.0]))
    parts = reached_streets(network, later, params, 60).to_crs(network.crs)
    assert parts.length.sum() == pytest.approx(400, rel=0.001)


def test_parts_that_overlap_count_once(posts: Layers) -> None:
    town = complete(posts).layers
    both = town.replaced(units=town["units"].assign(turnout_s=[0.0, 30.0]))
    network = build_network(town)
    parts = reached_streets(network, both, ResponseParams.default(), 300).to_crs(network.crs)
    # 400 m from the first and 360 m from the second: all but the first 140 m are in both.
    assert parts.length.sum() == pytest.approx(1000, rel=0.001)
