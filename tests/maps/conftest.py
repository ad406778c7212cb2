"""A town of a few streets with hand-made answers, and a real browser to look at its pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gis import hexes
from gis.layers import WGS84, Layers, conform
from maps.written import write_maps
from planner.patrol import Patrol
from planner.results import Interval, Missing, Response
from planner.results_coverage import Coverage

WEST, SOUTH, EAST, NORTH = 120.7200, 30.1500, 120.7260, 30.1550
NASTY = "<script>alert(1)</script>&amp;</b>"
SIGHTS = ["seen", "perhaps", "unseen"]


def frame(columns: dict[str, Any], geometry: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=WGS84)


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
        {"open_m2": 300.0, "low": value * 0.5, "value": value, "high": np.sqrt(value)},
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
        },
        [Point(120.7210, 30.1520), box(120.722, 30.151, 120.7222, 30.1512), Point(120.725, 30.154)],
    )
    corners = [(WEST + 0.001 * k, SOUTH + 0.001) for k in range(4)]
    gaps = frame(
        {
            "id": [f"8c{k}" for k in range(4)],
            "rank": [1, 2, 3, 4],
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
        open_ground_m2=1e5, value=[0.2, 0.8], low=[0.1, 0.7], high=[0.3, 0.9]
    )
    views = frame(
        {"camera": ["c1", "c2"], "certain": [True, False]},
        [Point(120.7232, 30.1526).buffer(4e-4), Point(120.7215, 30.1522).buffer(4e-4)],
    )
    share = Interval(0.5, 0.25, 0.75)
    totals = {
        "cameras": {"total": 2, "in_use": 1, "repair": 1, "removed": 0, "no_azimuth": 1},
        "open_ground_m2": 2e5,
        "area_rate": share,
        "street_rate": share,
        "site_rate": {"attached": share, "near": share, "in_view": share},
        "village_rate": Interval(0.5, 0.5, 0.5),
        "entrance_rate": Interval(None, None, None),
        "junction_rate": Interval(None, None, None),
    }
    missing = (Missing("junction_rate", ("sites of kind junction",)),)
    empty = villages.head(0)
    return Coverage(12, totals, cells, villages, empty, sites, gaps, views, missing)


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
        },
        [Point(120.7210, 30.1520), Point(120.722, 30.151), Point(120.725, 30.154)],
    )
    units = frame(
        {
            "code": ["u1"],
            "name": ["枫桥派出所"],
            "kind": ["station"],
            "mode": ["car"],
            "sites_first": [2],
        },
        [Point(120.723, 30.1525)],
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


def answers_of(coverage: Coverage, response: Response, patrol: Patrol) -> dict[str, Any]:
    assumed = {"layer": "units", "column": "", "value": "one unit by car at each police", "rows": 1}
    document = {"assumed": [assumed], "warnings": []}
    results = {"coverage": coverage, "response": response, "patrol": patrol}
    return {
        name: SimpleNamespace(result=result, document=document) for name, result in results.items()
    }


@pytest.fixture
def answers(coverage: Coverage, response: Response, patrol: Patrol) -> dict[str, Any]:
    return answers_of(coverage, response, patrol)


@pytest.fixture(scope="session")
def folder(
    town: Layers,
    coverage: Coverage,
    response: Response,
    patrol: Patrol,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return the pages of the town, written out."""
    place = tmp_path_factory.mktemp("maps")
    write_maps(place, town, answers_of(coverage, response, patrol), most_tiles=400)
    return place


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    chromium = Path(os.environ.get("FENGQIAO_CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        pytest.skip(f"no browser at {chromium}: install chromium or set FENGQIAO_CHROMIUM")
    from playwright.sync_api import sync_playwright

    flags = ["--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=str(chromium), args=flags)
        yield chrome
        chrome.close()
