"""A made-up town of 600 x 400 m that fits in the head.

Metres from its south-west corner (x east, y north):

    villages   west 0-300, east 300-600
    streets    main road y = 200 from x = 0 to 600; lane x = 150 from y = 0 to 400
    buildings  a block of 40 x 40 m at (400, 240)-(440, 280)
    cameras    dome at (100, 300) seeing 40 m all round
    sites      school at (100, 310) beside the dome, bank at (500, 195) that nothing sees
    stations   police at (150, 200), where road and lane cross
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import pytest
from shapely import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from gis.crs import town_crs
from gis.layers import WGS84, Layers, conform

METRES = town_crs(120.72, 30.15)

MakeLayer = Callable[[str, Sequence[BaseGeometry], dict[str, Any]], gpd.GeoDataFrame]


def make_layer(
    layer: str, geometry: Sequence[BaseGeometry], columns: dict[str, Any]
) -> gpd.GeoDataFrame:
    """Return one layer from metres."""
    columns = {"code": [f"{layer}/{k}" for k in range(len(geometry))], **columns}
    frame = gpd.GeoDataFrame(columns, geometry=list(geometry), crs=METRES)
    return conform(frame.to_crs(WGS84), layer)


@pytest.fixture
def layer() -> MakeLayer:
    return make_layer


@pytest.fixture
def town() -> Layers:
    return Layers(
        "Two Villages",
        {
            "villages": make_layer(
                "villages",
                [box(0, 0, 300, 400), box(300, 0, 600, 400)],
                {"name": ["West", "East"], "rural": [False, True]},
            ),
            "streets": make_layer(
                "streets",
                [
                    LineString([(0, 200), (150, 200), (600, 200)]),
                    LineString([(150, 0), (150, 200), (150, 400)]),
                ],
                {"name": ["Main Road", "Mill Lane"], "highway": ["secondary", "residential"]},
            ),
            "buildings": make_layer("buildings", [box(400, 240, 440, 280)], {}),
            "cameras": make_layer(
                "cameras",
                [Point(100, 300)],
                {"kind": ["dome"], "fov_deg": [360.0], "range_m": [40.0], "status": ["in_use"]},
            ),
            "sites": make_layer(
                "sites",
                [Point(100, 310), Point(500, 195)],
                {
                    "name": ["Mill School", "East Bank"],
                    "kind": ["school", "bank"],
                    "area_class": ["key_public", "key_industry"],
                },
            ),
            "stations": make_layer(
                "stations", [Point(150, 200)], {"name": ["Police"], "kind": ["police"]}
            ),
        },
    )
