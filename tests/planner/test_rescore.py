from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import Point, box

from gis.errors import InputError
from gis.layers import Layers
from planner.coverage import cover, finish
from planner.params import CoverageParams
from planner.prepared import prepare
from planner.rescore import rates_at_once, rescore
from planner.results import UNKNOWN, Interval
from planner.results_coverage import Coverage

PARAMS = CoverageParams.default(gap_parent=10)


@pytest.fixture
def watched(town: Layers, layer) -> Layers:
    """Return the made-up town with cameras of several kinds, a yard, a gate and incidents."""
    places = [Point(100, 300), Point(420, 220), Point(150, 210), Point(500, 190), Point(250, 100)]
    cameras = layer(
        "cameras",
        places,
        {
            "kind": ["dome", "fixed", "fixed", "fixed", "fixed"],
            "fov_deg": [360.0, 90.0, 70.0, None, 80.0],
            "azimuth_deg": [None, 0.0, 180.0, None, 270.0],
            "azimuth_doubt_deg": [None, None, 22.5, None, 2.0],
            "range_m": [40.0, 60.0, 50.0, 45.0, 70.0],
            "status": ["in_use", "in_use", None, "in_use", "repair"],
            "networked": [True, False, None, True, True],
            "site_code": ["sites/0", None, None, None, None],
        },
    )
    sites = layer(
        "sites",
        [Point(100, 310), Point(500, 195), Point(150, 200), Point(300, 200)],
        {
            "name": ["Mill School", "East Bank", "Cross", "Gate"],
            "kind": ["school", "bank", "junction", "entrance"],
            "area_class": ["key_public", "key_industry", "other", "rural"],
        },
    )
    areas = layer(
        "areas",
        [box(80, 250, 120, 290), box(0, 0, 600, 400)],
        {
            "kind": ["no_camera", "town"],
        },
    )
    incidents = layer("incidents", [Point(450, 350)], {"count": [7], "date": ["2025-02-01"]})
    return town.replaced(cameras=cameras, sites=sites, areas=areas, incidents=incidents)


def assert_same(one: Coverage, other: Coverage) -> None:
    for name in ("cells", "streets", "cameras", "villages", "areas", "sites", "gaps", "views"):
        mine, full = getattr(one, name), getattr(other, name)
        if isinstance(full, gpd.GeoDataFrame):
            assert mine.crs == full.crs
            shapes = [frame.geometry.to_wkb().tolist() for frame in (mine, full)]
            assert shapes[0] == shapes[1], name
            mine, full = (pd.DataFrame(f.drop(columns="geometry")) for f in (mine, full))
        assert_frame_equal(mine, full, check_exact=True, obj=name)
    assert one.totals == other.totals
    assert one.assumed == other.assumed
    assert one.missing == other.missing


def changed(cameras: gpd.GeoDataFrame, at: int, how: str, x: float, turn: float) -> Any:
    row = cameras.iloc[[at]].copy()
    if how == "moved":
        row = row.set_geometry(row.geometry.translate(x * 1e-5, -x * 5e-6))
    elif how == "turned":
        row["azimuth_deg"] = turn
    elif how == "doubted":
        row["azimuth_doubt_deg"] = turn / 2
    elif how in ("networked", "indoor", "sign_posted"):
        row[how] = turn < 180
    elif how == "online":
        row["online_share"] = turn / 359
    elif how == "named":
        row = row.assign(builder="operator", name=f"{turn:.0f}", site_code="sites/3")
    elif how == "added":
        row = row.set_geometry(row.geometry.translate(x * 1e-5, 1e-4)).assign(code="new")
    else:
        row["status"] = how
    return row


kinds = st.sampled_from(
    [
        *("moved", "turned", "doubted", "added", "repair", "removed", "in_use"),
        *("networked", "indoor", "sign_posted", "online", "named"),
    ]
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), kinds), min_size=1, max_size=3), st.data())
def test_the_numbers_are_those_of_a_full_run(
    watched: Layers, steps: list[tuple[int, str]], data: st.DataObject
) -> None:
    prepared = prepare(watched, PARAMS)
    for at, how in steps:
        cameras = prepared.layers["cameras"]
        if how == "added" and "new" in set(cameras["code"]):
            how = "turned"
        x, turn = data.draw(st.floats(-40, 40)), data.draw(st.floats(0, 359))
        prepared = rescore(prepared, changed(cameras, at, how, x, turn))
        if data.draw(st.booleans()):
            finish(prepared)
    rates, full = rates_at_once(prepared), cover(prepared.layers, PARAMS)
    assert_same(finish(prepared), full)
    assert rates.area_rate == full.totals["area_rate"]
    told = full.villages[["value", "low", "high"]].to_numpy(float).tolist()
    assert rates.villages == tuple(
        UNKNOWN if np.isnan(row).any() else Interval(*row) for row in told
    )


def test_what_is_finished_is_not_told_again(watched: Layers) -> None:
    prepared = prepare(watched, PARAMS)
    once = rescore(prepared, changed(watched["cameras"], 1, "turned", 0, 90))
    twice = rescore(once, changed(watched["cameras"], 3, "moved", 9, 0))
    assert [change.codes for change in twice.changes] == [("cameras/1",), ("cameras/3",)]
    finish(once)
    again = rescore(once, changed(watched["cameras"], 3, "moved", 9, 0))
    assert [change.codes for change in again.changes] == [("cameras/3",)]
    assert_same(finish(twice), finish(again))


def test_tables_read_late_are_those_of_their_own_state(watched: Layers) -> None:
    before = prepare(watched, PARAMS)
    first = finish(before)
    turned = rescore(before, changed(watched["cameras"], 1, "turned", 0, 90))
    second = finish(turned)
    moved = rescore(turned, changed(watched["cameras"], 3, "moved", 9, 0))
    third = finish(moved)
    third.cameras["view_m2"] = -1.0
    third.sites["low"] = 2.0
    third.villages["low"] = 2.0
    for state, coverage in ((turned, second), (before, first), (moved, finish(moved))):
        assert_same(coverage, cover(state.layers, PARAMS))


def test_without_any_camera_no_rate_is_known(watched: Layers) -> None:
    codes = watched["cameras"]["code"].tolist()
    bare = rescore(prepare(watched, PARAMS), watched["cameras"].iloc[:0], codes)
    rates = rates_at_once(bare)
    assert rates.area_rate == UNKNOWN
    assert set(rates.villages) == {UNKNOWN}
    assert_same(finish(bare), cover(watched.replaced(cameras=watched["cameras"].iloc[:0]), PARAMS))
    back = rescore(bare, watched["cameras"])
    assert_same(finish(back), cover(watched, PARAMS))


def test_a_camera_taken_out_leaves_no_trace(watched: Layers) -> None:
    prepared = rescore(prepare(watched, PARAMS), watched["cameras"].iloc[:0], ["cameras/1"])
    coverage = finish(prepared)
    assert "cameras/1" not in set(coverage.cameras["code"])
    without = watched["cameras"].drop(index=1).reset_index(drop=True)
    assert_same(coverage, cover(watched.replaced(cameras=without), PARAMS))
    assert prepared.layers["cameras"]["code"].tolist() == without["code"].tolist()


def test_what_was_prepared_is_not_changed(watched: Layers) -> None:
    prepared = prepare(watched, PARAMS)
    rescore(prepared, changed(watched["cameras"], 1, "turned", 0, 90))
    again = rescore(prepared, watched["cameras"].iloc[[1]])
    assert_same(finish(again), cover(watched, PARAMS))


def test_cameras_that_cannot_be_changed_are_all_named(watched: Layers) -> None:
    twice = watched["cameras"].iloc[[1, 1, 2]]
    with pytest.raises(InputError) as told:
        rescore(prepare(watched, PARAMS), twice, ["cameras/2", "nowhere"])
    for part in ("cameras/1: twice", "cameras/2: both", "nowhere: not in the town"):
        assert part in str(told.value)


def test_turning_a_camera_changes_what_it_sees(watched: Layers) -> None:
    prepared = prepare(watched, PARAMS)
    coverage = finish(rescore(prepared, changed(watched["cameras"], 1, "turned", 0, 180)))
    before = cover(watched, PARAMS).cells["low"].to_numpy()
    assert np.nansum(np.abs(coverage.cells["low"].to_numpy() - before)) > 1
