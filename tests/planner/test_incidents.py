"""Who comes, on a town that fits in the head (`conftest.town`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import pytest
from shapely import Point, box

from gis.errors import InputError, NotFoundError
from gis.layers import WGS84, Layers
from planner.assume import complete
from planner.coverage import cover
from planner.duty import UnitState
from planner.incident_teams import TeamPlace
from planner.incidents import IncidentTown, prepare_incidents, who_comes
from planner.network import build_network
from planner.params import CoverageParams, ResponseParams

MakeLayer = Callable[..., Any]


@pytest.fixture
def manned(town: Layers, layer: MakeLayer) -> Layers:
    """Return the town with three units on foot on the main road, a gate, a checkpoint, a team."""
    units = layer(
        "units",
        [Point(0, 200), Point(300, 200), Point(600, 200)],
        {
            "code": ["W", "M", "E"],
            "name": ["West Post", "Middle Guard", "East Post"],
            "kind": ["street_post", "school_guard", "traffic"],
            "mode": ["foot"] * 3,
            "turnout_s": [0.0, 10.0, 0.0],
            "duty_hours": [None, "07:00-17:00", None],
        },
    )
    gates = layer(
        "road_checkpoints",
        [Point(590, 200), Point(5, 200)],
        {"kind": ["staffed", "temporary"], "road": ["Main Road"] * 2, "hours": ["08:00-20:00"] * 2},
    )
    teams = layer("teams", [Point(200, 210)], {"name": ["Team One"], "shifts": ["19:00-21:00"]})
    return town.replaced(units=units, road_checkpoints=gates, teams=teams)


def prepared(layers: Layers, *, seen: bool = False) -> IncidentTown:
    full = complete(layers).layers
    coverage = cover(full, CoverageParams.default()) if seen else None
    return prepare_incidents(full, build_network(full), coverage, ResponseParams.default())


def at(layer: MakeLayer, x: float, y: float) -> tuple[float, float]:
    point = layer("sites", [Point(x, y)], {}).geometry.iloc[0]
    return point.x, point.y


NOON = 2 * 1440 + 720
EVENING = 2 * 1440 + 1200


def test_units_come_in_order_with_time_way_and_turns(manned: Layers, layer: MakeLayer) -> None:
    found = who_comes(prepared(manned), *at(layer, 150, 100), "help", minute=NOON)
    assert [unit.code for unit in found.units] == ["W", "M", "E"]
    west = found.units[0]
    assert (west.drive_s + west.walk_s + west.turnout_s, west.preferred) == (west.time_s, True)
    assert west.length_m == pytest.approx(250, abs=0.5)
    assert [(zh.turn, zh.street) for zh, _ in west.steps] == [
        ("start", "Main Road"),
        ("right", "Mill Lane"),
    ]
    assert west.geometry is not None
    ends = gpd.GeoSeries(
        [Point(west.geometry.coords[0]), Point(west.geometry.coords[-1])], crs=WGS84
    )
    wanted = gpd.GeoSeries([Point(*at(layer, 0, 200)), Point(*at(layer, 150, 100))], crs=WGS84)
    assert ends.to_crs(32651).distance(wanted.to_crs(32651)).max() < 0.5
    assert all(unit.met == (unit.time_s <= found.tier_min * 60) for unit in found.units)
    assert all(unit.late_s == max(0, unit.time_s - found.tier_min * 60) for unit in found.units)


def test_a_preferred_kind_goes_before_one_that_is_hardly_sooner(
    manned: Layers, layer: MakeLayer
) -> None:
    # 290 m from the west, 310 m from the east: 15 s apart on foot.
    town, place = prepared(manned), at(layer, 290, 200)
    units = manned["units"]
    alone = town.layers.replaced(units=units[units["code"] != "M"].reset_index(drop=True))
    town = prepared(alone)
    assert [u.code for u in who_comes(town, *place, "other").units] == ["W", "E"]
    assert [u.code for u in who_comes(town, *place, "traffic").units] == ["E", "W"]


def test_duty_states_and_those_sent_are_not_offered(manned: Layers, layer: MakeLayer) -> None:
    town, place = prepared(manned), at(layer, 150, 100)
    evening = who_comes(town, *place, minute=EVENING)
    assert [u.code for u in evening.units] == ["W", "E"]
    assert [(u.code, u.state, u.reason) for u in evening.away] == [("M", "off", "off duty")]
    until = datetime(2026, 11, 25, 21, tzinfo=UTC)
    states = {"W": UnitState("W", "busy", until=until), "M": "ready"}
    found = who_comes(town, *place, minute=EVENING, states=states, sent={"E"})
    assert [u.code for u in found.units] == ["M"]
    assert [(u.code, u.state, u.until) for u in found.away] == [
        ("W", "busy", "2026-11-25T21:00:00+00:00"),
        ("E", "sent", None),
    ]


def test_a_standby_point_moves_a_unit(manned: Layers, layer: MakeLayer) -> None:
    town, place = prepared(manned), at(layer, 150, 300)
    lon, lat = at(layer, 150, 390)
    states = {"E": UnitState("E", "ready", place="P", lon=lon, lat=lat)}
    first = who_comes(town, *place, minute=EVENING, states=states).units[0]
    assert (first.code, first.place) == ("E", "P")
    assert first.length_m == pytest.approx(90, abs=0.5)
    # The town itself is as it was.
    assert who_comes(town, *place, minute=EVENING).units[0].code == "W"


def test_the_tier_is_of_the_kind_the_ground_and_the_site(town: Layers, layer: MakeLayer) -> None:
    sites = town["sites"].assign(tier_min=[1, 7]).astype({"tier_min": "Int64"})
    villages = town["villages"].assign(rural=[False, False]).astype({"rural": "boolean"})
    here = prepared(town.replaced(sites=sites, villages=villages))
    away = at(layer, 300, 100)
    assert who_comes(here, *away, "fight").tier_min == 1
    assert who_comes(here, *away, "dispute").tier_min == 5
    assert who_comes(here, *at(layer, 100, 310), "dispute").tier_min == 1  # at the school
    assert who_comes(here, *at(layer, 500, 195), "dispute").tier_min == 5  # the bank's is longer
    rural = villages.assign(rural=[True, True]).astype({"rural": "boolean"})
    there = prepared(town.replaced(sites=sites, villages=rural))
    found = who_comes(there, *away, "fight")
    assert (found.ground, found.tier_min) == ("countryside", 10)


def test_cameras_that_see_the_place_or_only_near_by(manned: Layers, layer: MakeLayer) -> None:
    town = prepared(manned, seen=True)
    seen = who_comes(town, *at(layer, 100, 330)).cameras
    assert [(c.sees, c.repair, round(c.distance_m)) for c in seen] == [("place", False, 30)]
    assert seen[0].px_per_m is not None
    near = who_comes(town, *at(layer, 100, 348)).cameras
    assert [(c.sees, c.px_per_m, c.picture) for c in near] == [("near", None, None)]
    assert who_comes(town, *at(layer, 100, 380)).cameras == ()
    broken = manned.replaced(cameras=manned["cameras"].assign(status="repair"))
    told = who_comes(prepared(broken, seen=True), *at(layer, 100, 330)).cameras
    assert [c.repair for c in told] == [True]


def test_checkpoints_and_teams_are_told_and_never_sent(manned: Layers, layer: MakeLayer) -> None:
    town, place = prepared(manned), at(layer, 200, 200)
    noon, evening = (who_comes(town, *place, minute=minute) for minute in (NOON, EVENING))
    assert [(c.code, c.staffed) for c in noon.checkpoints] == [
        ("road_checkpoints/1", False),
        ("road_checkpoints/0", True),
    ]
    assert [c.staffed for c in evening.checkpoints] == [False, False]
    assert noon.teams == ()
    assert [(t.name, round(t.distance_m), t.send) for t in evening.teams] == [
        ("Team One", 10, False)
    ]
    assert "Team One" not in {unit.name for unit in (*evening.units, *evening.away)}
    assert "do not send" in evening.summary()


def test_where_it_is_in_words(manned: Layers, layer: MakeLayer) -> None:
    found = who_comes(prepared(manned), *at(layer, 100, 250), "theft", minute=NOON)
    assert found.village == "villages/0"
    assert found.place_text("en").startswith("60 m south of Mill School")
    assert found.place_text("zh").startswith("Mill School南 60 米")
    assert [line.split()[0] for line in found.lines("zh")[1:4]] == ["W", "M", "E"]


def test_a_closed_street_is_not_used(manned: Layers, layer: MakeLayer) -> None:
    full = complete(manned).layers
    place = at(layer, 150, 350)
    params = ResponseParams.default()
    shut = prepare_incidents(full, build_network(full, closures=["streets/1"]), None, params)
    driven = {
        zh.street for unit in who_comes(prepared(manned), *place).units for zh, _ in unit.steps
    }
    assert driven == {"Main Road", "Mill Lane"}
    driven = {zh.street for unit in who_comes(shut, *place).units for zh, _ in unit.steps}
    assert driven == {"Main Road"}
    # 150 m are left from a street that is not its own.
    assert [u.walk_s for u in who_comes(shut, *place).units] == [pytest.approx(600, abs=1)] * 3


def test_a_team_is_where_the_plan_of_the_evening_says(manned: Layers, layer: MakeLayer) -> None:
    town, place = prepared(manned), at(layer, 600, 210)
    code = str(town.layers["teams"]["code"].iloc[0])
    lon, lat = at(layer, 600, 240)
    evening = 2 * 1440 + 20 * 60
    planned = {code: TeamPlace(lon, lat, "Mill Gate", False)}
    found = who_comes(town, *place, minute=evening, planned=planned)
    [team] = found.teams
    assert team.distance_m == pytest.approx(30, abs=0.1)
    assert (team.lon, team.lat, team.where, team.stop) == (lon, lat, "way", "Mill Gate")
    assert team.send is False
    assert "（志愿者，不可派警力）" in "".join(found.lines("zh"))
    assert "按计划前往Mill Gate途中" in "".join(found.lines("zh"))
    assert "do not send" in found.summary()
    # Not out by the plan: not near, whatever its shift says.
    assert who_comes(town, *place, minute=evening, planned={code: None}).teams == ()
    [base] = who_comes(town, *place, minute=evening, planned={}).teams
    assert (base.where, base.stop, round(base.distance_m)) == ("base", None, 400)


def test_a_town_that_knows_little_says_what_is_missing(layer: MakeLayer) -> None:
    bare = Layers("Bare", {"villages": layer("villages", [box(0, 0, 300, 300)], {})})
    found = who_comes(prepared(bare), *at(layer, 150, 150))
    assert found.units == ()
    assert {m.figure for m in found.missing} == {"units", "cameras"}
    assert "No unit can be sent" in found.summary()
    document = found.document()
    assert [one["layer"] for one in document["assumed"]] == []


def test_a_place_in_no_village_is_said_to_be_outside(manned: Layers, layer: MakeLayer) -> None:
    town = prepared(manned)
    inside, at_sea = who_comes(town, *at(layer, 150, 150)), who_comes(town, 125.0, 30.0)
    assert (inside.outside, at_sea.outside, at_sea.units) == (False, True, ())
    assert "outside the town" not in inside.summary()
    assert at_sea.lines("en")[0].startswith("other incident · 125.00000, 30.00000, outside")
    assert "不在本镇范围内" in at_sea.lines("zh")[0]


def test_hours_that_cannot_be_read_keep_nobody_from_coming(manned: Layers) -> None:
    units = manned["units"].assign(duty_hours="白班也许")
    unread = complete(manned.replaced(units=units))
    assert unread.layers["units"]["duty_hours"].isna().all()
    assert ("duty_hours", "always on duty: cannot be read") in {
        (a.column, a.value) for a in unread.assumed
    }


def test_questions_that_cannot_be_answered(manned: Layers) -> None:
    town = prepared(manned)
    with pytest.raises(NotFoundError, match="no kind of incident 'suspect'; there are: fight"):
        who_comes(town, 120.72, 30.15, "suspect")
    with pytest.raises(InputError, match="lon first"):
        who_comes(town, 30.15, 120.72)


def test_the_document_is_json(manned: Layers, layer: MakeLayer) -> None:
    import json

    found = who_comes(prepared(manned, seen=True), *at(layer, 100, 330), "traffic", minute=NOON)
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["at"] == "Wed 12:00"
    assert document["kind_title"] == {"zh": "交通事故", "en": "traffic accident"}
    first = document["units"][0]
    assert {"code", "time_s", "met", "late_s", "mode", "geometry", "steps"} <= set(first)
    assert set(first["steps"][0]["text"]) == {"zh", "en"}
    assert all(team["send"] is False for team in document["teams"])
