"""Hand-made answers about who is inside 1, 3 and 5 minutes in the tiny town."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box
from tiny_frames import NASTY, frame, table

from gis.layers import WGS84, Layers, conform
from maps.pages import PAGES, PageView
from maps.views import render_page, town_bounds
from planner.results_response import (
    AREA,
    BAND,
    PROMISE,
    SENSITIVITY,
    SERVICE,
    WEEK,
    Response,
)

BANDS = (60.0, 180.0, 300.0)
# Scope, code, name; then per band the places, streets and households inside, and how many there
# are: the west is dark, the east is served, and one place lies in no village.
PARTS: list[tuple[Any, ...]] = [
    ("town", "", "枫桥", (0, 1, 2, 3), (50.0, 300.0, 600.0, 1000.0), (0, 10, 60, 100)),
    ("village", "v1", "东村", (0, 1, 2, 2), (50.0, 300.0, 400.0, 500.0), (0, 10, 60, 60)),
    ("village", "v2", "西村", (0, 0, 0, 0), (0.0, 0.0, 200.0, 500.0), (0, 0, 0, 40)),
    ("village", "", "", (0, 0, 0, 1), None, None),
    ("grid", "g1", "第一网格", (0, 1, 2, 2), (50.0, 300.0, 400.0, 500.0), (0, 10, 60, 60)),
    ("tier", "3", "3", (0, 1, 1, 2), None, None),
    ("kind", "bank", "bank", (0, 0, 0, 1), None, None),
    ("kind", "school", "school", (0, 1, 1, 1), None, None),
    ("ground", "fringe", "fringe", (0, 1, 2, 3), (50.0, 300.0, 600.0, 1000.0), (0, 10, 60, 100)),
]


def bands() -> pd.DataFrame:
    nothing = (np.nan,) * 4
    rows = [
        (scope, code, name, band, sites[3], sites[at], *pair(streets, at), *pair(homes, at))
        for scope, code, name, sites, streets, homes in PARTS
        for at, band in enumerate(BANDS)
        for streets, homes in [(streets or nothing, homes or nothing)]
    ]
    return pd.DataFrame(rows, columns=BAND[:10]).assign(open_m2=np.nan, open_in_m2=np.nan)


def pair(amounts: tuple[float, ...], at: int) -> tuple[float, float]:
    return amounts[3], amounts[at]


def services() -> pd.DataFrame:
    rows = [
        ("self_service_24h", "foot", limit, scope, code, name, 1, 3, 1, 1e3, 10.0 * at, 100, at)
        for scope, code, name in (("town", "", "枫桥"), ("village", "v1", "东村"))
        for at, limit in enumerate((300.0, 600.0, 900.0))
    ]
    return pd.DataFrame(rows, columns=SERVICE)


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
def full(response: Response) -> Response:
    """Return the answer with everything that it may hold; the second unit is off duty."""
    hours = np.arange(168)
    met = np.where(hours % 24 == 17, 0, np.where(hours % 24 < 6, 2, 1))
    week = pd.DataFrame(
        dict(zip(WEEK, (hours, hours * 0 + 1, hours * 0 + 3, met, met / 3), strict=True))
    )
    away = response.units.assign(
        code="u2",
        name="桥头岗",
        comes=False,
        reason="busy",
        sites_first=0,
        alone=pd.array([pd.NA], "boolean"),
    )
    units = gpd.GeoDataFrame(pd.concat([response.units, away], ignore_index=True), crs=WGS84)
    sensitivity = [
        (delay, tier, 3, met, met / 3)
        for delay, met in ((0.0, 2), (30.0, 1))
        for tier in (pd.NA, 3)
    ]
    areas = [
        ("a1", "老街", "key_public", 3, 20.0, 200.0, 900.0, 450.0, 0.5, True, False),
        ("a2", "油库", "key_industry", 3, 400.0, np.inf, 100.0, 0.0, 0.0, False, False),
    ]
    shapes = [box(120.7205, 30.1505, 120.7215, 30.1515), box(120.724, 30.153, 120.725, 30.154)]
    return replace(
        response,
        units=units,
        at="Mon 20:00",
        level=2,
        emergency=True,
        by_duty=True,
        times=pd.DataFrame(
            {
                "site": ["p2", "p2", "p3", "p3"],
                "unit": ["u1", "u3", "u1", "u4"],
                "time_s": [250.0, 260.0, 100.0, 310.0],
            }
        ),
        bands=bands(),
        week=week,
        services=services(),
        sensitivity=pd.DataFrame(sensitivity, columns=SENSITIVITY).astype({"tier_min": "Int64"}),
        promises=pd.DataFrame([(3, 1, 3, 1, 1 / 3)], columns=PROMISE),
        areas=gpd.GeoDataFrame(
            pd.DataFrame(areas, columns=AREA).astype({"met": "boolean"}),
            geometry=shapes,
            crs=WGS84,
        ),
    )


@pytest.fixture(scope="session")
def village_town(town: Layers) -> Layers:
    """Return the town with a grid."""
    grids = gpd.GeoDataFrame(
        {"code": ["g1"], "name": ["第一网格"], "village": ["v1"]},
        geometry=[box(120.7200, 30.1500, 120.7230, 30.1520)],
        crs=WGS84,
    )
    return replace(town, frames={**town.frames, "grids": conform(grids, "grids")})


@pytest.fixture
def render(village_town: Layers, full: Response) -> Callable[[str], str]:
    def page(lang: str) -> str:
        links: dict[str, str] = dict.fromkeys((*PAGES, "lang"), "x.html")
        view = PageView("枫桥", lang, links, town_bounds(village_town))  # type: ignore[arg-type]
        document: dict[str, Any] = {"assumed": [], "warnings": [], "params": {}}
        answer = SimpleNamespace(result=full, document=document)
        return render_page("response", village_town, answer, view)

    return page
