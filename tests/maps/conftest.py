"""A town of a few streets with hand-made answers; those of the larger pages stand beside this."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gis.layers import Layers, conform
from maps.pages import PAGES
from maps.written import LANGUAGES
from planner.compare import Change
from planner.patrol import Patrol
from planner.results_coverage import Coverage
from planner.results_response import Response
from planner.results_targets import Targets
from planner.roster import Roster

# Tests are no packages: what they share is found by its folder.
sys.path.insert(0, str(Path(__file__).parent))

from tiny_coverage import change, coverage
from tiny_frames import EAST, NASTY, NORTH, SOUTH, WEST, YEAR_BEFORE, frame, table
from tiny_patrol import evening
from tiny_response import full, render, response, village_town
from tiny_roster import roster

__all__ = ["change", "coverage", "evening", "full", "render", "response", "roster", "village_town"]


@pytest.fixture(scope="session")
def town() -> Layers:
    streets = frame(
        {
            "code": ["s1", "s2"],
            "name": ["枫溪路", "桥上路"],
            "highway": ["primary", "residential"],
        },
        [
            LineString([(WEST, 30.1525), (EAST, 30.1525)]),
            LineString([(120.723, SOUTH), (120.723, NORTH)]),
        ],
    )
    house = box(120.7212, 30.1530, 120.7218, 30.1535)
    halves = [box(WEST, SOUTH, 120.723, NORTH), box(120.723, SOUTH, EAST, NORTH)]
    cameras = frame(
        {
            "code": ["c1", "c2"],
            "azimuth_deg": [90.0, np.nan],
            "range_m": [50.0, 50.0],
            "status": ["in_use", "repair"],
        },
        [Point(120.7232, 30.1526), Point(120.7215, 30.1522)],
    )
    frames = {
        "streets": streets,
        "buildings": frame({"code": ["b1"]}, [house]),
        "sites": frame(
            {"code": ["p1"], "name": [NASTY], "kind": ["bank"]}, [Point(120.7210, 30.1520)]
        ),
        "villages": frame({"code": ["v1", "v2"], "name": ["东村", "西村"]}, halves),
        "cameras": cameras,
    }
    layers = {name: conform(layer, name) for name, layer in frames.items()}
    extent = box(WEST, SOUTH, EAST, NORTH)
    return Layers("枫桥", layers, extent, True, 7, ("© OpenStreetMap contributors",))


@pytest.fixture(scope="session")
def patrol() -> Patrol:
    evening = "2026-11-24T{}:00+08:00"
    teams = frame(
        {
            "code": ["t1", "t2"],
            "name": ["1", "老街义警"],
            "mode": ["foot", "foot"],
            "depart": [evening.format("19:00")] * 2,
            "return_": [evening.format("20:30"), evening.format("19:00")],
            "length_m": [1234.0, 0.0],
            "duration_s": [5400, 0],
            "base_lon": [120.723, 120.723],
            "base_lat": [30.1525, 30.1525],
        },
        [
            LineString([(120.723, 30.1525), (120.7255, 30.1525), (120.723, 30.154)]),
            LineString(),
        ],
    )
    stops = frame(
        {
            "team": ["t1", "t1"],
            "order": [1, 2],
            "code": ["p1", "g1"],
            "name": [NASTY, None],
            "kind": ["bank", "gap"],
            "reason": ["key_public", "gap"],
            "arrive": [evening.format("19:10"), evening.format("19:30")],
            "wait_s": [0, 60],
            "dwell_s": [60, 120],
            "depart": [evening.format("19:11"), evening.format("19:33")],
            "prize": [6, 8],
            "required": [True, False],
        },
        [Point(120.7255, 30.1525), Point(120.723, 30.154)],
    )
    left_out = pd.DataFrame({"code": ["p9"], "name": ["后山亭"], "reason": ["no_time"]})
    legs = frame(
        {
            "team": ["t1"] * 2,
            "order": [1, 2],
            "length_m": [240.0, 994.0],
            "time_s": [600.0, 1140.0],
        },
        [
            LineString([(120.723, 30.1525), (120.7255, 30.1525)]),
            LineString([(120.7255, 30.1525), (120.723, 30.154)]),
        ],
    )
    return Patrol("2026-11-24", 0, 14, 20, teams, stops, left_out, left_out, legs)


@pytest.fixture(scope="session")
def targets() -> Targets:
    """Return four targets, one of each state; the places that fail one are drawn, of one not."""
    unknown, no_past = (np.nan,) * 3, (np.nan, None, None)
    asked = table(
        "id status unit op limit value low high part whole before before_on trend",
        [
            ("C1", "met", "share", ">=", 0.5, 0.76, 0.71, 0.83, 19, 25, 0.7, YEAR_BEFORE, "better"),
            ("A1", "not_met", "count", ">=", 3, 1.5, 1, 2, 1, 2, *no_past),
            ("A2", "cannot_tell", "share", ">=", 0.8, *unknown, np.nan, 2, *no_past),
            ("R2", "report_only", "share", None, np.nan, 0.25, 0.25, 0.25, 1, 4, *no_past),
        ],
        clause="（一）",
        measure="share",
        scope="village",
        scope_zh="村",
        scope_en="villages",
        **{
            f"{what}_{lang}": "" for what in ("note", "unit", "needs", "take") for lang in LANGUAGES
        },
    )
    titles = [NASTY if name == "A1" else f"Target {name}" for name in asked["id"]]
    failing = table(
        "target layer code name village station value short unit note_zh note_en",
        [
            ("A1", "sites", "p1", NASTY, "v1", None, 1.0, 2.0, "person", "缺2人", "2 missing"),
            ("A1", "villages", "v1", "东村", "v1", None, 1.0, 2.0, "person", "", ""),
            ("A1", "town", "330602017", "枫桥", None, None, 1.0, 2.0, "person", "", ""),
        ],
    )
    cards = table(
        "scope code name target value low high part whole status before trend",
        [
            ("village", "v1", "东村", "A1", 1, 1, 1, 1, 1, "not_met", np.nan, None),
            ("village", "v1", "东村", "A2", *unknown, np.nan, 1, "cannot_tell", np.nan, None),
            ("village", "v2", "西村", "A1", 3, 3, 3, 3, 1, "met", np.nan, None),
            ("village", "v2", "西村", "A2", *unknown, np.nan, 1, "cannot_tell", np.nan, None),
        ],
    )
    return Targets(
        profile="tiny",
        title={"zh": "小镇指标", "en": "Tiny targets"},
        today="2026-11-24",
        targets=asked.assign(title_zh=titles, title_en=titles),
        failing=failing,
        lacking=table(
            "target layer column places zh en",
            [("A2", "facts", "mediators", 2, "未报调解员", "mediators not handed in")],
        ),
        beside=table(
            "target name value low high part whole name_zh name_en unit",
            [("C1", "near", 0.9, 0.9, 0.9, 22, 25, "近旁有摄像机", "a camera is near", "share")],
        ),
        scorecards=cards,
        left_out=(dict.fromkeys(("clause", "zh", "en", "reason_zh", "reason_en"), "（九）"),),
    )


@pytest.fixture(scope="session")
def results(
    coverage: Coverage,
    response: Response,
    patrol: Patrol,
    roster: Roster,
    targets: Targets,
    change: Change,
) -> dict[str, Any]:
    """Return every answer, by the name of its page."""
    return dict(zip(PAGES, (coverage, response, patrol, roster, targets, change), strict=True))


@pytest.fixture(scope="session")
def kept(results: dict[str, Any]) -> dict[str, Any]:
    """Return every answer with its document."""
    assumed = {"layer": "units", "column": "", "value": "one unit by car at each police", "rows": 1}
    document = {"assumed": [assumed], "warnings": [], "params": {"site_class": "observe"}}
    return {name: SimpleNamespace(result=one, document=document) for name, one in results.items()}


@pytest.fixture
def answers(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: SimpleNamespace(**vars(one)) for name, one in kept.items()}
