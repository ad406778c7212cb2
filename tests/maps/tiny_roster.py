"""Five nights of a few stops, made by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point
from tiny_frames import NASTY, table

from gis.layers import WGS84
from planner.roster import GRID_COLUMNS, OVERDUE_COLUMNS, Roster
from planner.roster_tables import FIGURES

# What the figures are, of the nights drawn and of the fixed plan.
DRAWN = (0.8, 0.4, 41.0, 26.0, 24.0, 96.0, 30.0, 1, 0.78, 0.62, 6.0, 9.0)
FIXED = (1.0, 1.0, 0.0, 24.0, 24.0, 120.0, 40.0, 2, 0.8, 1.0, 5.0, 10.0)


@pytest.fixture(scope="session")
def roster() -> Roster:
    """Return five nights from a Thursday on; p1 is easy to foresee, x9 is never visited."""
    columns = (
        "code name kind reason window_min visits mean_idle_h worst_idle_h spread_min "
        "common_half_hour common_share fixed_visits fixed_worst_idle_h fixed_common_share"
    )
    rows = [
        ("p1", NASTY, "bank", "key_public", 240, 5, 24, 25, 9, "19:30", 0.8, 5, 24, 1),
        ("p2", None, "gap", "gap", 240, 4, 30, 50, 60, "23:30", 0.5, 5, 24, 1),
        ("p3", "短窗", "school", "rural", 60, 5, 24, 24, 2, "21:00", 1, 5, 24, 1),
        (
            "x1",
            "后山亭",
            "patrol_point",
            "patrol_point",
            240,
            2,
            60,
            200,
            15,
            "20:00",
            1,
            0,
            120,
            1,
        ),
        ("x9", "空点", "market", "other", 240, 0, 120, 120, np.nan, None, np.nan, 0, 120, np.nan),
    ]
    at = [Point(120.7210 + step * 0.001, 30.1515 + step * 0.0005) for step in range(len(rows))]
    stops = gpd.GeoDataFrame(table(columns, rows), geometry=at, crs=WGS84)
    nights = [
        (f"2026-11-{day}" if day <= 30 else "2026-12-01", day, 2, 3, score, 1000, share, late)
        for day, score, share, late in [
            (26, 1000, np.nan, 0),
            (27, 992, 0.5, 1),
            (28, 985, 0.6, 0),
            (29, 960, 0.7, 2),
            (31, 999, 0.68, 0),
        ]
    ]
    slots = [
        *[("p1", "19:30", 0.8), ("p1", "20:00", 0.2), ("p2", "23:30", 0.5), ("p2", "00:00", 0.5)],
        *[("p3", "21:00", 1.0), ("x1", "20:00", 1.0)],
    ]
    late = [("2026-11-27", "p2", None), ("2026-11-29", "p2", None), ("2026-11-29", "z", "别处")]
    return Roster(
        "2026-11-26",
        7,
        {
            "drawn": dict(zip(FIGURES, DRAWN, strict=True)),
            "fixed": dict(zip(FIGURES, FIXED, strict=True)),
        },
        table("night seed teams stops score best overlap overdue", nights),
        table(
            "code name nights hours km", [("t1", "1", 5, 9.0, 15.5), ("t2", "老街", 4, 6.0, 12.0)]
        ),
        stops,
        pd.DataFrame([("g1", "东片", 3, 40.0, 200.0)], columns=GRID_COLUMNS),
        pd.DataFrame(late, columns=OVERDUE_COLUMNS),
        table("code half_hour share", slots),
    )
