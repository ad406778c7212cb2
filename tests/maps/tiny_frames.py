"""What the tiny town of these tests is made of: where it lies, frames and tables."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from gis.layers import WGS84

WEST, SOUTH, EAST, NORTH = 120.7200, 30.1500, 120.7260, 30.1550
YEAR_BEFORE = "2025-11-25"
NASTY = "<script>alert(1)</script>&amp;</b>"


def frame(columns: dict[str, Any], geometry: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=WGS84)


def table(columns: str, rows: list[tuple[Any, ...]], **same: Any) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split()).assign(**same)
