"""Roads over the border and who guards them; presets, and numbers of a town beside them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gis.crs import town_crs
from gis.errors import ParameterError
from gis.layers import WGS84, Layers, conform
from planner.cordon_params import preset, presets
from planner.cordon_roads import directions_of, guarded_roads, guarded_share
from planner.params import Params

METRES = town_crs(120.72, 30.15)


def frame(layer: str, shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    codes = {"code": [f"{layer[0].upper()}{k}" for k in range(len(shapes))]}
    made = gpd.GeoDataFrame({**codes, **columns}, geometry=shapes, crs=METRES)
    return conform(made.to_crs(WGS84), layer)


def posts(*at: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    usual = {"kind": ["staffed"] * len(at), "directions": ["both"] * len(at)}
    return frame("road_checkpoints", [Point(place) for place in at], **{**usual, **columns})


# A street over the border at x = -2200 and 2200.
STREET = frame("streets", [LineString([(-2500, 0), (2500, 0)])], highway=["residential"])


def town_of(checkpoints: gpd.GeoDataFrame) -> Layers:
    village = frame("villages", [box(-2200, -300, 2200, 300)], name=["V"])
    frames = {"streets": STREET, "villages": village, "road_checkpoints": checkpoints}
    return Layers("Drawn", frames)


def test_roads_over_the_border_and_their_guards() -> None:
    roads = guarded_roads(town_of(posts((2000, 0), directions=["out"])))
    east, west = roads.sort_values("lon", ascending=False).to_dict("records")
    assert (east["inward"], east["outward"], east["both"], east["staffed"]) == (
        *(False, True, False, True),
    )
    assert not west["outward"]
    assert guarded_share(roads) == 0.0
    assert roads["village"].tolist() == ["V0", "V0"]
    two = posts((2000, 0), (2300, 10), directions=["out", "in"])
    assert guarded_share(guarded_roads(town_of(two))) == 0.5
    gate = posts((-2000, 0), kind=["camera_gate"])
    watched = guarded_roads(town_of(gate)).sort_values("lon")
    told = watched[["both", "staffed", "checkpoints"]].iloc[0].tolist()
    assert told == [True, False, "R0"]
    far = posts((1800, 0))
    assert not guarded_roads(town_of(far))["both"].any()
    assert guarded_share(guarded_roads(Layers("None", {"streets": STREET}))) is None


def test_directions_are_read_in_both_languages() -> None:
    into, out = directions_of(pd.Series(["IN ", "双向", "出镇"]))
    assert into.tolist() == [True, True, False]
    assert out.tolist() == [False, True, True]


def test_presets_are_three_ways_at_three_times() -> None:
    assert {(one.mode, one.head_start_s) for one in presets()} == {
        (mode, start) for mode in ("foot", "ebike", "car") for start in (0, 300, 600)
    }
    assert preset("ebike-5").params().head_start_s == 300


def test_numbers_of_a_town_hold_beside_those_of_a_preset() -> None:
    own = Params.from_toml({"cordon": {"setup_s": 45, "horizon_s": 900}}).cordon
    pressed = preset("car-5").params(own)
    assert (pressed.setup_s, pressed.horizon_s, pressed.mode) == (45, 600, "car")
    with pytest.raises(ParameterError, match="does not know speed"):
        Params.from_toml({"cordon": {"speed": 3}})
    with pytest.raises(ParameterError, match="setup_s"):
        Params.from_toml({"cordon": {"setup_s": -3}})
