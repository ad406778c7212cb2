"""Where teams are by their plan, minute by minute."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from planner.incident_teams import TeamPlace, planned_places

# Out at 19:00, 600 s along one degree to a gate, ten minutes there, ten minutes home.
PLAN: dict[str, Any] = {
    "teams": [
        {
            "code": "T1",
            "depart": "2026-11-25T19:00:00+08:00",
            "return": "2026-11-25T19:30:00+08:00",
            "base_lon": 120.0,
            "base_lat": 30.0,
            "stops": [
                {
                    "order": 1,
                    "code": "P1",
                    "name": "Gate",
                    "lon": 121.0,
                    "lat": 30.0,
                    "arrive": "2026-11-25T19:10:00+08:00",
                    "depart": "2026-11-25T19:20:00+08:00",
                }
            ],
            "legs": [
                {
                    "order": order,
                    "time_s": 600.0,
                    "geometry": {"type": "LineString", "coordinates": line},
                }
                for order, line in ((1, [[120, 30], [121, 30]]), (2, [[121, 30], [120, 30]]))
            ],
        },
        {"code": "T2", "depart": "2026-11-25T19:00:00", "return": "2026-11-25T19:00:00",
         "stops": []},
    ]
}  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("18:59", None),
        ("19:00", TeamPlace(120.0, 30.0, "Gate", False)),
        ("19:05", TeamPlace(120.5, 30.0, "Gate", False)),
        ("19:15", TeamPlace(121.0, 30.0, "Gate", True)),
        ("19:25", TeamPlace(120.5, 30.0, None, False)),
        ("19:31", None),
    ],
)
def test_a_team_is_at_its_stop_or_on_its_way(clock: str, expected: TeamPlace | None) -> None:
    found = planned_places(PLAN, datetime.fromisoformat(f"2026-11-25T{clock}:00+08:00"))
    assert found == {"T1": expected, "T2": None}


def test_a_plan_without_ways_tells_where_the_way_begins() -> None:
    team = {name: value for name, value in PLAN["teams"][0].items() if name != "legs"}
    moments = [datetime(2026, 11, 25, 19, minute) for minute in (5, 25)]
    found = [planned_places({"teams": [team]}, moment)["T1"] for moment in moments]
    assert found == [TeamPlace(120.0, 30.0, "Gate", False), TeamPlace(121.0, 30.0, None, False)]


def test_an_empty_plan_tells_nothing() -> None:
    assert planned_places({}, datetime(2026, 11, 25, 19)) == {}
