"""What must hold of the circles wherever units and places stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from gis.layers import Layers
from planner.assume import complete
from planner.network import build_network
from planner.params import ResponseParams
from planner.response import respond
from planner.results_response import Response

few = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PARAMS = ResponseParams.default(bands_s=(30, 60, 180))
# Streets every 100 m, each block a street of its own.
BLOCKS = [
    *([(x, y), (x + 100, y)] for x in range(0, 400, 100) for y in range(0, 400, 100)),
    *([(x, y), (x, y + 100)] for x in range(0, 500, 100) for y in range(0, 300, 100)),
]
corners = st.tuples(st.integers(0, 4), st.integers(0, 3)).map(lambda at: (at[0] * 100, at[1] * 100))
units_of = st.lists(
    st.tuples(corners, st.sampled_from(["foot", "ebike", "car"]), st.sampled_from([0.0, 25.0])),
    min_size=2,
    max_size=5,
)


@pytest.fixture
def blocks(town: Layers, layer) -> Layers:
    middles = [Point((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in BLOCKS]
    n = len(BLOCKS)
    return town.replaced(
        streets=layer("streets", list(map(LineString, BLOCKS)), {"highway": ["residential"] * n}),
        sites=layer(
            "sites", middles, {"kind": ["bank"] * n, "tier_min": [1 + k % 3 for k in range(n)]}
        ),
    )


def answer(town: Layers, layer: Any, units: list[Any], **options: Any) -> Response:
    at, mode, turnout_s = zip(*units, strict=True)
    columns = {"mode": list(mode), "turnout_s": list(turnout_s)}
    town = complete(
        town.replaced(units=layer("units", [Point(*place) for place in at], columns))
    ).layers
    return respond(town, build_network(town, **options), PARAMS)


def amounts(response: Response) -> pd.DataFrame:
    return response.bands[["sites_in", "street_in_m", "households_in"]].fillna(0)


@few
@given(units=units_of)
def test_one_more_unit_is_never_later_and_shares_are_nested(
    blocks: Layers, layer: Any, units: list[Any]
) -> None:
    fewer, more = answer(blocks, layer, units[:-1]), answer(blocks, layer, units)
    assert (more.sites["first_s"] <= fewer.sites["first_s"]).all()
    assert (amounts(more) >= amounts(fewer) - 1e-6).all().all()
    assert more.sites["met"].sum() >= fewer.sites["met"].sum()
    rings = more.circles.set_index(["mode", "band_s"]).geometry
    for mode, part in rings.groupby(level="mode"):
        for inner, outer in zip(part, part.iloc[1:], strict=False):
            assert outer.buffer(1e-9).covers(inner), mode
    for _, part in more.bands.groupby(["scope", "code"]):
        inside = part[["sites_in", "street_in_m"]].fillna(0).to_numpy()
        assert (np.diff(inside, axis=0) >= 0).all()


@few
@given(units=units_of, shut=st.sets(st.integers(0, len(BLOCKS) - 1), min_size=1, max_size=6))
def test_a_closed_street_is_never_sooner(
    blocks: Layers, layer: Any, units: list[Any], shut: set[int]
) -> None:
    free = answer(blocks, layer, units)
    codes = [f"streets/{block}" for block in shut]
    closed = answer(blocks, layer, units, closures=codes)
    assert (closed.sites["first_s"] >= free.sites["first_s"]).all()
    assert (amounts(closed) <= amounts(free) + 1e-6).all().all()


@few
@given(units=units_of)
def test_a_later_start_is_never_better(blocks: Layers, layer: Any, units: list[Any]) -> None:
    response = answer(blocks, layer, units)
    rows = response.sensitivity
    for _, part in rows.groupby(rows["tier_min"].fillna(0)):
        assert (np.diff(part["met"].to_numpy()) <= 0).all()
    later = [(place, mode, turnout_s + 30) for place, mode, turnout_s in units]
    whole = rows[rows["tier_min"].isna()].set_index("delay_s")["met"]
    assert answer(blocks, layer, later).sites["met"].sum() == whole[30]
