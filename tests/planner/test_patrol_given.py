"""A plan read back from the document that was given out."""

from __future__ import annotations

import json
from datetime import date

from shapely import Point

from gis.layers import Layers
from planner.assume import complete
from planner.network import build_network
from planner.params import PatrolParams
from planner.patrol import plan_patrol
from planner.patrol_given import given_patrol


def test_a_plan_comes_back_whole_from_its_document(town: Layers, layer) -> None:
    teams = layer(
        "teams",
        [Point(150, 200), Point(0, 200)],
        {"mode": ["foot", "ebike"], "shifts": ["19:00-21:00", "19:00-19:01"]},
    )
    far = Point(300, 5000)  # nobody gets there
    required = {"required": [True, False, True]}
    points = layer("patrol_points", [Point(0, 200), Point(150, 390), far], required)
    full = complete(town.replaced(patrol_points=points, teams=teams)).layers
    params = PatrolParams.default(date=date(2026, 11, 24), iterations=200)
    patrol = plan_patrol(full, build_network(full), params)
    assert len(patrol.unmet) == 1
    assert not patrol.teams.geometry.iloc[1].length
    document = json.loads(json.dumps(patrol.document()))
    given = given_patrol(document)
    assert json.loads(json.dumps(given.document())) == document
    assert given.summary() == patrol.summary()
    assert given.stops.crs == given.teams.crs == patrol.teams.crs


def test_a_document_of_an_earlier_program_is_read_as_far_as_it_goes() -> None:
    team = {"code": "t1", "return": "2026-11-24T21:00:00+08:00", "stops": []}
    given = given_patrol({"date": "2026-11-24", "teams": [team]})
    assert given.teams["code"].tolist() == ["t1"]
    assert given.teams.geometry.is_empty.all()
    assert given.legs.empty
