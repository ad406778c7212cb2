"""Hand-made answers about what the cameras of the tiny town see, and what became of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely import Point, box
from tiny_frames import EAST, NASTY, NORTH, SOUTH, WEST, frame, table

from gis import hexes
from gis.layers import Layers
from maps.panels_rates import STAGES
from planner.compare import Change, compare
from planner.results import Interval, Missing
from planner.results_coverage import STEPS, Coverage

SIGHTS = ["seen", "perhaps", "unseen"]


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
