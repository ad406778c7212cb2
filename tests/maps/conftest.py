"""A town of a few streets with hand-made answers, and a real browser to look at its pages."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gis import hexes
from gis.layers import WGS84, Layers, conform
from maps.pages import PAGES
from maps.panels_rates import STAGES
from maps.written import LANGUAGES
from planner.compare import Change, compare
from planner.patrol import Patrol
from planner.results import Interval, Missing
from planner.results_coverage import STEPS, Coverage
from planner.results_response import Response
from planner.results_targets import Targets

WEST, SOUTH, EAST, NORTH = 120.7200, 30.1500, 120.7260, 30.1550
YEAR_BEFORE = "2025-11-25"
NASTY = "<script>alert(1)</script>&amp;</b>"
SIGHTS = ["seen", "perhaps", "unseen"]


def frame(columns: dict[str, Any], geometry: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=WGS84)


def table(columns: str, rows: list[tuple[Any, ...]], **same: Any) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split()).assign(**same)


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
def coverage(town: Layers) -> Coverage:
    ids = hexes.cells_in(box(WEST, SOUTH, EAST, NORTH), 12)
    lon, _ = hexes.centres(ids)
    value = np.clip((lon - WEST) / (EAST - WEST), 0, 1)
    cells = pd.DataFrame(
        {
            "village": "v1",
            "open_m2": 300.0,
            "low": value * 0.5,
            "value": value,
            "high": np.sqrt(value),
            "cameras": (value * 4).astype(int),
            "px_per_m": value * 300,
            "networked": value * 0.4,
            "in_service": value * 0.2,
            "repaired": value,
        },
        index=pd.Index(ids, name="cell"),
    )
    sites = frame(
        {
            "code": ["p1", "p2", "p3"],
            "name": [NASTY, None, "第三小学"],
            "kind": ["bank", "market", "school"],
            "area_class": ["key_public", "other", "other"],
            "level": SIGHTS[::-1],
            "value": [0.0, 0.4, 1.0],
            "low": [0.0, 0.1, 1.0],
            "high": [0.0, 0.9, 1.0],
            "village": ["v1", None, "v2"],
            "arms": pd.array([None, None, None], "Int64"),
            "px_per_m": [0.0, 10.0, 130.0],
            **{step: ["no", "perhaps", "yes"] for step in STEPS},
        },
        [Point(120.7210, 30.1520), box(120.722, 30.151, 120.7222, 30.1512), Point(120.725, 30.154)],
    )
    corners = [(WEST + 0.001 * k, SOUTH + 0.001) for k in range(4)]
    gaps = frame(
        {
            "id": [f"8c{k}" for k in range(4)],
            "rank": [1, 2, 3, 4],
            "weight": [9.0, 8.0, 7.5, 0.2],
            "cells": [17, 70, 1, 1],
            "village": ["v1", "v1", None, "v2"],
            "ground": ["site", "street", "open", "open"],
            "street_m": [0.0, 120.0, 0.0, 0.0],
            "incidents": pd.array([5, None, 0, 0], "Int64"),
            "area_m2": [5e3, 2e4, 300.0, 100.0],
            "lon": [x + 0.0003 for x, _ in corners],
            "lat": [y + 0.0003 for _, y in corners],
            "near": [NASTY, "枫溪路", None, None],
            "sites": [2, 0, 0, 0],
            "reason": ["hidden", "nothing_in_reach", "direction_unknown", "hidden"],
            "nearest_camera": ["c1", "c1", "c2", None],
            "distance_m": [31.0, 1500.0, 4.0, np.nan],
        },
        [box(x, y, x + 0.0006, y + 0.0006) for x, y in corners],
    )
    villages = town["villages"].assign(
        open_ground_m2=1e5,
        value=[0.2, 0.8],
        low=[0.1, 0.7],
        high=[0.3, 0.9],
        networked=[0.1, 0.7],
        in_service=[0.0, 0.6],
        repaired=[0.25, 0.8],
        cameras=[2, 0],
    )
    cameras = pd.DataFrame(
        {
            "code": ["c1", "c2"],
            "name": ["枫溪路口", None],
            "state": ["in_use", "repair"],
            "village": ["v2", "v1"],
            "builder": ["government", None],
            "point_class": ["1", None],
            "police_unit": [None, None],
            "azimuth_deg": [90.0, np.nan],
            "doubt_deg": [22.5, 180.0],
            "fov_deg": [80.0, 80.0],
            "range_m": [50.0, 50.0],
            "near_m": [5.4, 0.0],
            "reach_detect_m": [110.0, 50.0],
            "reach_observe_m": [44.0, 20.0],
            "view_m2": [1500.0, 0.0],
            "moved_m": [1.2, 0.0],
            "past_walls": [True, False],
            "private_m2": [80.0, 0.0],
            "private": ["a1", ""],
            "consent": ["", "a2"],
            "networked": pd.array([True, None], "boolean"),
            "in_service": pd.array([True, False], "boolean"),
            "sign_posted": pd.array([False, None], "boolean"),
        }
    )
    streets = table("street name length_m value low high", [("s1", "枫溪路", 500.0, 0.5, 0.3, 0.6)])
    views = frame(
        {"camera": ["c1", "c2"], "certain": [False, False], "repair": [False, True]},
        [Point(120.7232, 30.1526).buffer(4e-4), Point(120.7215, 30.1522).buffer(4e-4)],
    )
    share = Interval(0.5, 0.25, 0.75)
    totals = {
        "cameras": {"total": 2, "in_use": 1, "repair": 1, "removed": 0, "no_azimuth": 1},
        "cells": 800,
        "open_ground_m2": 2e5,
        "area_rate": share,
        "street_rate": share,
        "site_rate": dict.fromkeys(STEPS, share),
        "site_rate_by_class": {"key_public": dict.fromkeys(STEPS, Interval(0.1, 0.0, 0.2))},
        "build_counts": {
            "sites": {
                "all": {"required": 3, **dict.fromkeys(STAGES[1:], Interval(1.5, 1, 2))},
                "key_public": {"required": 1, **dict.fromkeys(STAGES[1:], Interval(0, 0, 0))},
            }
        },
        "cameras_by": {
            "builder": [
                {
                    "value": "government",
                    "cameras": 1,
                    "in_use": 1,
                    "networked": 1,
                    "in_service": 1,
                    "networked_unknown": 0,
                    "in_service_unknown": 0,
                }
            ]
        },
        "village_rate": Interval(0.5, 0.5, 0.5),
        "entrance_rate": Interval(None, None, None),
        "junction_rate": Interval(None, None, None),
    }
    missing = (Missing("junction_rate", ("sites of kind junction",)),)
    empty = villages.head(0)
    return Coverage(
        resolution=12,
        at=None,
        picture_class="detect",
        totals=totals,
        cells=cells,
        villages=villages,
        areas=empty,
        sites=sites,
        streets=streets,
        cameras=cameras,
        gaps=gaps,
        views=views,
        missing=missing,
    )


@pytest.fixture(scope="session")
def response() -> Response:
    sites = frame(
        {
            "code": ["p1", "p2", "p3"],
            "name": [NASTY, None, "第三小学"],
            "kind": ["bank", "market", "school"],
            "tier_min": pd.array([3, 3, 5], dtype="Int64"),
            "first_unit": [None, "u1", "u1"],
            "first_s": [np.inf, 250.0, 100.0],
            "met": pd.array([False, False, True], dtype="boolean"),
            "late_s": [np.inf, 70.0, 0.0],
            "reason": ["no unit can get there by street", None, None],
            "village": ["v1", None, "v2"],
            "promise": pd.array([False, False, None], dtype="boolean"),
            "rank": pd.array([1, 2, None], dtype="Int64"),
        },
        [Point(120.7210, 30.1520), Point(120.722, 30.151), Point(120.725, 30.154)],
    )
    columns = "code name kind mode sites_first tier_min comes reason own_sites own_in sites_alone"
    columns += " alone lost_sites lost_street_m lost_households"
    who = ("u1", "枫桥派出所", "station", "car")
    station = [(*who, 2, 3, True, None, 3, 1, 1, True, 2, 1234.0, 0.0)]
    units = gpd.GeoDataFrame(
        table(columns, station).astype({"alone": "boolean", "reason": "str"}),
        geometry=[Point(120.723, 30.1525)],
        crs=WGS84,
    )
    rings = [Point(120.723, 30.1525).buffer(0.0007 * k) for k in (1, 2, 3)]
    circles = frame({"mode": ["car"] * 3, "band_s": [60.0, 180.0, 300.0]}, rings)
    tiers = pd.DataFrame({"tier_min": [3, 5], "sites": [2, 1], "met": [0, 1], "share": [0.0, 1.0]})
    times = pd.DataFrame({"site": ["p2"], "unit": ["u1"], "time_s": [250.0]})
    return Response((60.0, 180.0, 300.0), sites, times, tiers, units, circles)


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
    return Patrol("2026-11-24", 0, 14, 20, teams, stops, left_out, left_out)


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
def change(coverage: Coverage) -> Change:
    """Return what became of a town whose eastern half was dark and whose bank was in view."""
    cells = coverage.cells.assign(
        value=coverage.cells["value"].where(coverage.cells["value"] < 0.5, 0.3)
    )
    was = {"p1": "seen", "p2": "unseen", "p3": "seen"}
    earlier = replace(
        coverage,
        cells=cells,
        sites=coverage.sites.assign(level=coverage.sites["code"].map(was)),
        cameras=coverage.cameras.assign(state=["not_yet", "in_use"]),
        villages=coverage.villages.assign(value=[0.3, 0.5]),
    )
    return compare(earlier, coverage, "2025-01-01", "2026-11-24")


@pytest.fixture(scope="session")
def results(
    coverage: Coverage, response: Response, patrol: Patrol, targets: Targets, change: Change
) -> dict[str, Any]:
    """Return every answer, by the name of its page."""
    return dict(zip(PAGES, (coverage, response, patrol, targets, change), strict=True))


@pytest.fixture(scope="session")
def kept(results: dict[str, Any]) -> dict[str, Any]:
    """Return every answer with its document."""
    assumed = {"layer": "units", "column": "", "value": "one unit by car at each police", "rows": 1}
    document = {"assumed": [assumed], "warnings": [], "params": {"site_class": "observe"}}
    return {name: SimpleNamespace(result=one, document=document) for name, one in results.items()}


@pytest.fixture
def answers(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: SimpleNamespace(**vars(one)) for name, one in kept.items()}
