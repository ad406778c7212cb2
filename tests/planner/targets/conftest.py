"""A town of three villages whose targets can be worked out by hand.

Metres: villages V1, V2, V3 side by side, each 300 wide and 400 high, from x = 0. V1 and V2 belong
to the station ST1 (V2 has exactly 1000 people), V3, a community, to ST2. One road along y = 200
leaves the town at both ends. What was handed in is in tests/data/targets_facts.csv.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gis.crs import town_crs
from gis.layers import Layers, conform
from planner.params import Params
from planner.results_coverage import Coverage
from planner.results_response import Response
from planner.results_targets import Targets
from planner.targets import evaluate
from planner.targets_profile import load_profile

METRES = town_crs(120.72, 30.15)
TODAY = date(2026, 11, 25)
FACTS = Path(__file__).parents[2] / "data" / "targets_facts.csv"


def layer(name: str, geometry: list[Any], columns: dict[str, Any]) -> gpd.GeoDataFrame:
    return conform(gpd.GeoDataFrame(columns, geometry=geometry, crs=METRES).to_crs(4326), name)


def the_town() -> Layers:
    facts = pd.read_csv(FACTS, dtype=str)
    sites = {
        "school": ("school", "key_public", "built", 3, 50),
        "square": ("square", "key_public", None, 1, 100),
        "bank": ("bank", "key_industry", "built", 10, 700),
        "west": ("entrance", "rural", "built", 5, 10),
        "middle": ("entrance", "rural", "built", 5, 310),
        "estate": ("estate", "other", "built", 5, 800),
        "project": ("estate", "other", "under_construction", 5, 850),
        "shut": ("clinic", "key_public", "closed", 5, 60),
    }
    kind, area_class, status, tier, x = (list(c) for c in zip(*sites.values(), strict=True))
    names = ["创业家园" if code == "estate" else code for code in sites]
    cameras = {
        "code": ["K1", "K2", "K3", "K4"],
        "status": ["in_use", "repair", "removed", "in_use"],
        "point_class": ["1", "1", "1", "2"],
        "networked": [True, False, False, True],
        "online_share": [0.99, 0.99, 0.99, 0.5],
    }
    return Layers(
        "T",
        {
            "villages": layer(
                "villages",
                [box(300 * k, 0, 300 * k + 300, 400) for k in range(3)],
                {
                    "code": ["V1", "V2", "V3"],
                    "name": ["甲村", "乙村", "丙社区"],
                    "kind": ["village", "village", "community"],
                    "rural": [True, True, False],
                    "station": ["ST1", "ST1", "ST2"],
                    "population": [999, 1000, 1001],
                },
            ),
            "grids": layer(
                "grids",
                [box(300 * k, 0, 300 * k + 300, 400) for k in range(3)],
                {"code": ["G1", "G2", "G3"], "village": ["V1", "V2", "V3"]},
            ),
            "stations": layer(
                "stations",
                [Point(150, 200), Point(750, 200), Point(400, 200)],
                {
                    "code": ["ST1", "ST2", "HALL"],
                    "name": ["沥海派出所", "产业园区派出所", "管委会"],
                    "kind": ["police", "police", "town_hall"],
                },
            ),
            "sites": layer(
                "sites",
                [Point(at, 210) for at in x],
                {
                    "code": list(sites),
                    "name": names,
                    "kind": kind,
                    "area_class": area_class,
                    "status": status,
                    "tier_min": tier,
                },
            ),
            "cameras": layer("cameras", [Point(50 * k, 220) for k in range(4)], cameras),
            "teams": layer(
                "teams",
                [Point(150, 200), Point(750, 200)],
                {
                    "code": ["T1", "T2"],
                    "organisation": ["蓝海义警", "反诈宣传队"],
                    "station": ["ST1", "ST2"],
                },
            ),
            "addresses": layer(
                "addresses",
                [Point(20, 20), Point(30, 30), Point(400, 30)],
                {"code": ["A1", "A2", "A3"], "grid": ["G1", "G1", "G2"]},
            ),
            "service_points": layer(
                "service_points", [Point(150, 200)], {"code": ["F1"], "kind": ["self_service_24h"]}
            ),
            "streets": layer(
                "streets",
                [LineString([(-100, 200), (1000, 200)]), LineString([(500, 300), (500, 500)])],
                {"code": ["road", "path"], "highway": ["primary", "footway"]},
            ),
            "road_checkpoints": layer("road_checkpoints", [Point(100, 200)], {"code": ["K"]}),
            "facts": conform(facts.assign(code=[f"Q{k}" for k in range(len(facts))]), "facts"),
        },
    )


def the_coverage(layers: Layers) -> Coverage:
    words = {
        "school": ("perhaps", 0.2, 0.6, 1.0, None),
        "square": ("yes", 1.0, 1.0, 1.0, None),
        "bank": ("no", 0.1, 0.1, 0.1, None),
        "west": ("yes", 1.0, 1.0, 1.0, 2),
        "middle": ("no", 0.5, 0.5, 0.5, 2),
    }
    columns = ["in_view", "low", "value", "high", "arms"]
    table = pd.DataFrame(words.values(), columns=columns).assign(code=list(words))
    table = table.assign(
        at_class="no", in_service="no", attached="yes", near="yes", level="seen"
    ).astype({"arms": "Int64"})
    villages = pd.DataFrame(
        {
            "code": ["V1", "V2", "V3"],
            "open_ground_m2": [1000.0, 3000.0, 500.0],
            **{end: [0.5, 0.1, 1.0] for end in ("low", "value", "high")},
            "cameras": [2, 0, 5],
        }
    )
    nothing: Any = pd.DataFrame()
    sites: Any = table
    return Coverage(
        12,
        None,
        "detect",
        {},
        nothing,
        villages,
        nothing,
        sites,
        nothing,
        nothing,
        nothing,
        nothing,  # type: ignore[arg-type]
    )


def the_response() -> Response:
    sites: Any = pd.DataFrame(
        {
            "code": ["school", "square", "bank", "west", "middle", "estate"],
            "tier_min": [3, 1, 10, 5, 5, 5],
            "met": pd.array([True, False, True, True, True, None], dtype="boolean"),
            "late_s": [0.0, 30.0, 0.0, 0.0, 0.0, math.inf],
        }
    )
    nothing: Any = pd.DataFrame()
    return Response((60, 180, 300), sites, nothing, nothing, nothing, nothing)


def answer(layers: Layers | None = None, profile: str = "binhai-2019", **changes: Any) -> Targets:
    layers = layers or the_town()
    given = {"coverage": the_coverage(layers), "response": the_response(), "today": TODAY}
    given |= changes
    return evaluate(
        layers,
        given["coverage"],
        given["response"],
        given.get("targets") or load_profile(profile),
        Params.default(),
        given["today"],
        before=given.get("before"),
    )


Answer = Callable[..., Targets]


@pytest.fixture(scope="session")
def hand_town() -> Layers:
    return the_town()


@pytest.fixture(scope="session")
def hand_coverage(hand_town: Layers) -> Coverage:
    return the_coverage(hand_town)


@pytest.fixture(scope="session")
def answer_of() -> Answer:
    """Return the function that answers for a town, with what it is given changed."""
    return answer


@pytest.fixture(scope="session")
def result() -> Targets:
    return answer()
