"""An evening with more teams than colours, a rest, directions, a ladder, costs and conflicts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from shapely import LineString, Point
from tiny_frames import NASTY, frame

from gis.layers import WGS84
from planner.patrol import Patrol

EVENING = "2026-11-24T{}:00+08:00"
TEAMS = 9
STEP = {
    "turn": "left",
    "street": "枫溪路",
    "landmark": {"zh": "老桥", "en": "Old Bridge"},
    "length_m": 240.0,
    "minutes": 4.0,
    "lon": 120.723,
    "lat": 30.1525,
    "text": {"zh": f"到老桥左转{NASTY}", "en": "Turn left at Old Bridge"},
}


def told() -> dict[str, Any]:
    rung = {"rung": "left_20", "after": 0, "stops": [], "back": 600, "score": 0, "reason": None}
    return {
        "teams": {"t9": {"steps": [[STEP], [], [STEP]], "ladder": [rung], "ladder_legs": []}},
        "costs": {"p1": {"score": 12, "seconds": 300}},
        "sentences": {"p7": {"zh": "东门与南门冲突", "en": "East gate and south gate collide"}},
    }


@pytest.fixture(scope="session")
def evening(patrol: Patrol) -> Patrol:
    """Return nine teams, of which the last one goes out with a required stop and a rest."""
    ends = [Point(120.7255, 30.1525), Point(120.724, 30.1530)]
    way = [Point(120.723, 30.1525), *ends, Point(120.723, 30.1525)]
    ways = [LineString(pair) for pair in pairwise(way)]
    codes = [f"t{number + 1}" for number in range(TEAMS)]
    teams = pd.concat([patrol.teams.iloc[[1]]] * TEAMS, ignore_index=True).assign(code=codes)
    teams["name"] = codes
    teams.loc[8, "length_m"] = 800.0
    teams = teams.set_geometry([*[LineString()] * (TEAMS - 1), LineString(way)], crs=WGS84)
    stops = frame(
        {
            "team": ["t9", "t9"],
            "order": [1, 2],
            "code": ["p1", "break/t9"],
            "name": ["东门", None],
            "kind": ["bank", "break"],
            "reason": ["gap", "break"],
            "arrive": [EVENING.format("19:10"), EVENING.format("19:30")],
            "wait_s": [180, 0],
            "dwell_s": [120, 600],
            "depart": [EVENING.format("19:15"), EVENING.format("19:40")],
            "prize": [20, 0],
            "required": [True, True],
            "landmark": ["老桥头", None],
            "opens": [EVENING.format("19:10"), None],
            "closes": [EVENING.format("21:00"), None],
            "parts": [
                ({"part": "key_public", "points": 6}, {"part": "gap", "points": 14}),
                ({"part": "break", "points": 0},),
            ],
        },
        ends,
    )
    legs = frame(
        {
            "team": ["t9"] * 3,
            "order": [1, 2, 3],
            "length_m": [240.0, 60.0, 500.0],
            "time_s": [600, 60, 500],
        },
        ways,
    )
    reasons = ["lower_prize"] * 5 + ["no_time"]
    left_out = pd.DataFrame(
        {"code": [f"p{n}" for n in range(2, 8)], "name": [f"点{n}" for n in range(2, 8)]}
    ).assign(reason=reasons)
    unmet = left_out.tail(1).reset_index(drop=True)
    return replace(
        patrol,
        score=787,
        bound=1000,
        teams=teams,
        stops=stops,
        legs=legs,
        left_out=left_out,
        unmet=unmet,
        told=told(),
    )
