"""What must hold of coverage wherever cameras and houses stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point, box

from gis import hexes
from gis.layers import Layers
from planner.coverage import cover
from planner.params import CoverageParams
from planner.prepared import prepare
from planner.results_coverage import VARIANTS, Coverage

PARAMS = CoverageParams.default(gap_outlines=0)
few = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])

places = st.tuples(st.integers(20, 280), st.integers(20, 380))
directions = st.one_of(st.none(), st.integers(0, 359))
cameras_of = st.lists(
    st.tuples(
        places,
        directions,
        st.sampled_from([None, 10.0, 40.0]),
        st.sampled_from([60.0, 120.0, 360.0]),
        st.sampled_from(["in_use", "repair"]),
        st.sampled_from([True, False, None]),
    ),
    min_size=1,
    max_size=4,
)


def with_cameras(town: Layers, layer: Any, rows: list[Any]) -> Layers:
    at, azimuth, doubt, fov, status, networked = zip(*rows, strict=True)
    columns = {
        "azimuth_deg": azimuth,
        "azimuth_doubt_deg": doubt,
        "fov_deg": fov,
        "range_m": [60.0] * len(rows),
        "status": status,
        "networked": networked,
    }
    points = [Point(xy) for xy in at]
    west = town["villages"].iloc[[0]]
    frame = layer("cameras", points, {name: list(value) for name, value in columns.items()})
    return town.replaced(cameras=frame, villages=west)


def seen_m2(coverage: Coverage, name: str) -> np.ndarray:
    cells = coverage.cells
    return np.nan_to_num(cells[name].to_numpy(float)) * cells["open_m2"].to_numpy(float)


@few
@given(cameras_of)
def test_every_share_is_an_interval_and_children_add_up(
    town: Layers, layer: Any, rows: list[Any]
) -> None:
    there = with_cameras(town, layer, rows)
    coverage = cover(there, PARAMS)
    for table in (coverage.cells, coverage.villages, coverage.areas, coverage.streets):
        known = table[["low", "value", "high"]].dropna()
        assert (known["low"] <= known["value"] + 1e-12).all()
        assert (known["value"] <= known["high"] + 1e-12).all()
    for name in ("networked", "in_service"):
        assert (coverage.cells[name].dropna() <= coverage.cells["value"].dropna() + 1e-12).all()
    assert (coverage.cells["repaired"].dropna() >= coverage.cells["value"].dropna() - 1e-12).all()
    # Sevenths of the open children, and of the whole village.
    prepared = prepare(there, PARAMS)
    count = prepared.places.ground.open_children[prepared.seen.rows]
    assert (prepared.seen.sevenths[2] <= count).all()
    assert prepared.seen.sevenths[2].sum() == len(prepared.seen.places) or "repair" in str(rows)
    for name in ("value", "low", "high", *VARIANTS):
        row = coverage.villages.iloc[0]
        assert row[name] * row["open_ground_m2"] == pytest.approx(seen_m2(coverage, name).sum())


@few
@given(cameras_of, st.integers(0, 3))
def test_adding_a_camera_never_lowers_any_seen_area(
    town: Layers, layer: Any, rows: list[Any], at: int
) -> None:
    every = cover(with_cameras(town, layer, rows), PARAMS)
    rest = [row for k, row in enumerate(rows) if k != at % len(rows)]
    if not rest:
        return
    fewer = cover(with_cameras(town, layer, rest), PARAMS)
    for name in ("low", "value", "high", *VARIANTS):
        assert (seen_m2(every, name) >= seen_m2(fewer, name) - 1e-9).all()
    assert (every.cells["px_per_m"] >= fewer.cells["px_per_m"]).all()
    lengths = ("low", "value", "high")
    for name in lengths:
        assert (every.streets[name] >= fewer.streets[name] - 1e-12).all()


@few
@given(cameras_of, places, st.integers(4, 40))
def test_adding_a_building_off_the_cameras_never_raises_it(
    town: Layers, layer: Any, rows: list[Any], corner: tuple[int, int], side: int
) -> None:
    x, y = corner
    house = box(x, y, x + side, y + side)
    rows = [row for row in rows if house.distance(Point(row[0])) > 0.5]
    if not rows:
        return
    free = with_cameras(town, layer, rows)
    built = free.replaced(buildings=layer("buildings", [box(400, 240, 440, 280), house], {}))
    before, after = cover(free, PARAMS), cover(built, PARAMS)
    for name in ("low", "value", "high"):
        assert (seen_m2(after, name) <= seen_m2(before, name) + 1e-9).all()
        assert (after.streets[name] <= before.streets[name] + 1e-12).all()


def test_a_view_covers_the_children_whose_centre_it_holds(town: Layers, layer: Any) -> None:
    """The slow way: every child of every cell, one by one."""
    rows = [
        ((100, 300), 45, None, 120.0, "in_use", True),
        ((150, 120), None, None, 60.0, "in_use", None),
    ]
    coverage = cover(with_cameras(town, layer, rows), PARAMS)
    views = coverage.views.geometry.tolist()
    chance = [1.0, 60 / 360]
    for cell, row in list(coverage.cells.iterrows())[::7]:
        lon, lat = hexes.centres(hexes.children(np.array([cell], np.uint64))[0])
        inside = np.array(
            [[view.contains(Point(p)) for view in views] for p in zip(lon, lat, strict=True)]
        )
        missed = np.prod(1 - inside * chance, axis=1)
        assert row["value"] == pytest.approx((1 - missed).mean())
        assert row["low"] == pytest.approx(inside[:, 0].mean())
        assert row["high"] == pytest.approx(inside.any(axis=1).mean())
        assert row["cameras"] == inside.sum(axis=1).max()
