"""What must hold of the grids of any town, however its streets and houses lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, box

from gis.layers import Layers
from planner.grids import propose

NUMBER = st.integers(0, 400)
POINT = st.tuples(NUMBER, NUMBER)
# Two villages of 200 x 400 m whose border bends.
BEND = st.integers(-80, 80)


def pieces_by_edges(shape: shapely.Geometry) -> int:
    """Return in how many pieces a shape falls where it only touches itself at a corner."""
    return len(shapely.get_parts(shapely.buffer(shape, -1e-7)))


@given(
    bend=BEND,
    ways=st.lists(st.lists(POINT, min_size=2, max_size=4, unique=True), max_size=6),
    houses=st.lists(st.tuples(POINT, st.integers(0, 60)), max_size=30, unique_by=lambda h: h[0]),
    pond=st.none() | st.tuples(POINT, st.integers(5, 80)),
    low=st.integers(40, 150),
    spread=st.integers(0, 150),
    seed=st.integers(0, 100),
)
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_grids_are_whole_nested_and_hold_every_household(
    layer: Callable[..., Any],
    bend: int,
    ways: list[list[tuple[int, int]]],
    houses: list[tuple[tuple[int, int], int]],
    pond: tuple[tuple[int, int], int] | None,
    low: int,
    spread: int,
    seed: int,
) -> None:
    bent = [(200, 0), (200 + bend, 200), (200, 400)]
    west = shapely.Polygon([(0, 0), *bent, (0, 400)])
    east = shapely.Polygon([(400, 0), *bent, (400, 400)])
    villages = layer("villages", [west, east], {"households": [100, None]})
    frames = {"villages": villages}
    if ways:
        frames["streets"] = layer("streets", [LineString(way) for way in ways], {})
    if houses:
        homes = [box(x - 3, y - 3, x + 3, y + 3) for (x, y), _ in houses]
        held = [count for _, count in houses]
        frames["buildings"] = layer("buildings", homes, {"households": held})
    if pond:
        (x, y), size = pond
        frames["areas"] = layer("areas", [box(x, y, x + size, y + size)], {"kind": ["water"]})
    town = Layers("Town", frames)
    proposal = propose(town, low=low, high=low + spread, seed=seed)
    grids = proposal.grids

    assert (grids.geometry.geom_type == "Polygon").all()
    assert all(pieces_by_edges(shape) == 1 for shape in grids.geometry)
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    for code, village in zip(villages["code"], villages.geometry, strict=True):
        mine = grids[grids["village"] == code]
        whole = shapely.union_all(mine.geometry.to_numpy())
        assert shapely.symmetric_difference(whole, village).area < 1e-9 * village.area

    # Each household of a village is counted in one of its grids.
    homes = town["buildings"]
    middles = shapely.centroid(homes.geometry.to_numpy())
    for row, village in zip(proposal.villages.itertuples(), villages.geometry, strict=True):
        mine = grids[grids["village"] == row.code]
        if row.basis == "unknown":
            assert mine["households"].isna().all()
            continue
        assert mine["households"].sum() == row.households
        if row.basis == "buildings":
            inside = homes["households"][shapely.covers(village, middles)].sum()
            on_border = homes["households"][shapely.dwithin(middles, village.boundary, 1e-7)].sum()
            assert inside - on_border <= row.households <= inside + on_border

    again = propose(town, low=low, high=low + spread, seed=seed).grids
    assert again.equals(grids)
    assert np.array_equal(shapely.to_wkb(again.geometry), shapely.to_wkb(grids.geometry))
