from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from gis import hexes
from gis.layers import Layers
from planner.gap_ground import GapGround, gap_ground
from planner.gaps import COLUMNS, Gaps, join_gaps
from planner.ground import measure_ground
from planner.params import CoverageParams
from planner.sites_seen import site_ground
from planner.streets_seen import street_samples

WHOLE = CoverageParams.default(gap_parent=5)  # nothing is cut but by villages
NO_CAMERAS = {
    **{name: np.zeros(0) for name in ("x", "y", "range_m", "near_m", "coarse_m", "height_m")},
    **{name: np.zeros(0) for name in ("azimuth_deg", "doubt_deg", "fov_deg")},
    "code": np.zeros(0, object),
    "repair": np.zeros(0, bool),
}


def ground_of(town: Layers, params: CoverageParams = WHOLE) -> GapGround:
    ground = measure_ground(town, 12)
    fronts = site_ground(town, ground, params)
    samples = street_samples(town, ground, params.street_sample_m)
    return gap_ground(town, ground, fronts, samples, params)


def blind(ground: GapGround, **shares: Any) -> dict[str, Any]:
    """Return cells that nothing sees, but for some shares."""
    dark = np.where(ground.open_m2 > 0, 0.0, np.nan)
    seen = dict.fromkeys(("value", "high", "repaired", "linked"), dark)
    return {**seen, **shares}


def gaps_of(
    ground: GapGround, seen: dict[str, Any], params: CoverageParams = WHOLE, **again: Any
) -> Gaps:
    def shares(cells: Any) -> dict[str, Any]:
        return {name: part[cells] for name, part in seen.items()}

    return join_gaps(ground, shares, NO_CAMERAS, None, params, **again)


def by_village(gaps: Gaps) -> pd.DataFrame:
    return gaps.table.set_index("village")


def test_the_table_has_every_column_of_the_contract_even_without_a_gap(town: Layers) -> None:
    ground = ground_of(town)
    all_seen = blind(
        ground, **dict.fromkeys(("value", "high", "linked"), np.ones(len(ground.part)))
    )
    for found in (gaps_of(ground, blind(ground)).table, gaps_of(ground, all_seen).table):
        assert found.columns.tolist() == [*COLUMNS, "geometry"]
        assert found.crs == 4326
        assert str(found["incidents"].dtype) == "Int64"
    assert len(gaps_of(ground, all_seen).table) == 0
    unknown = np.full(len(ground.part), np.nan)
    nobody = dict.fromkeys(("value", "high", "repaired", "linked"), unknown)
    assert len(gaps_of(ground, nobody).table) == 0


def test_the_weight_is_sites_streets_ground_and_incidents(town: Layers, layer) -> None:
    incidents = layer("incidents", [Point(50, 50), Point(250, 350)], {"count": [4, None]})
    found = by_village(gaps_of(*_with(town.replaced(incidents=incidents))))
    west, east = found.loc["villages/0"], found.loc["villages/1"]
    assert west["street_m"] == pytest.approx(300 + 400, abs=15)
    assert west["area_m2"] == pytest.approx(300 * 400, rel=0.03)
    assert east["area_m2"] == pytest.approx(300 * 400 - 40 * 40, rel=0.03)
    assert west["incidents"] == 5
    assert east["incidents"] == 0
    key = 5.0
    for gap in (west, east):
        by_hand = key + gap["street_m"] / 100 + 0.2 * gap["area_m2"] / 1e4 + 0.2 * gap["incidents"]
        assert gap["weight"] == pytest.approx(by_hand)
    assert west["near"] == "Mill School"
    assert found["rank"].tolist() == [1, 2]


def _with(town: Layers) -> tuple[GapGround, dict[str, Any]]:
    ground = ground_of(town)
    return ground, blind(ground)


def test_few_incidents_are_hidden_and_leave_no_trace_in_the_weight(town: Layers, layer) -> None:
    places, counts = [Point(50, 50), Point(60, 50), Point(350, 50)], [1, 1, 3]
    few = layer("incidents", places, {"count": counts})
    found = by_village(gaps_of(*_with(town.replaced(incidents=few))))
    none = by_village(gaps_of(*_with(town.replaced(incidents=few.iloc[2:]))))
    assert found.loc["villages/0", "incidents"] is pd.NA
    assert found.loc["villages/1", "incidents"] == 3
    assert none.loc["villages/0", "incidents"] == 0
    assert found["weight"].to_dict() == none["weight"].to_dict()
    unknown = by_village(gaps_of(*_with(town)))
    assert unknown["incidents"].isna().all()


def test_doubt_and_a_missing_link_weigh_less(town: Layers) -> None:
    ground = ground_of(town)
    plain = by_village(gaps_of(ground, blind(ground)))["weight"]
    may = by_village(gaps_of(ground, blind(ground, high=np.ones(len(ground.part)))))
    assert may["reason"].tolist() == ["direction_unknown"] * 2
    assert may["weight"].to_dict() == pytest.approx((plain * 0.5).to_dict())
    certain = dict.fromkeys(("value", "high", "repaired"), np.ones(len(ground.part)))
    off = by_village(gaps_of(ground, blind(ground, **certain)))
    assert off["reason"].tolist() == ["not_networked"] * 2
    assert off["weight"].to_dict() == pytest.approx((plain * 0.25).to_dict())


def test_cells_of_different_kinds_make_gaps_of_their_own(town: Layers) -> None:
    ground = ground_of(town)
    repaired = (ground.xy[:, 0] > np.median(ground.xy[:, 0])).astype(float)
    found = gaps_of(ground, blind(ground, repaired=repaired))
    assert set(found.table["reason"]) == {"in_repair", "nothing_in_reach"}
    for gap, first in zip(found.table.itertuples(), found.first.tolist(), strict=True):
        members = found.patch == first
        assert len(np.unique(ground.part[members])) == 1
        assert np.unique(repaired[members]).tolist() == [float(gap.reason == "in_repair")]
        assert hexes.to_text(ground.cells[members]).tolist()[0] == gap.id


def test_every_unseen_cell_is_in_one_gap(town: Layers) -> None:
    ground = ground_of(town)
    value = np.where(np.hypot(*(ground.xy - ground.xy.mean(axis=0)).T) < 80, 0.5, 0.49)
    found = gaps_of(ground, blind(ground, value=value, high=value, linked=value))
    open_unseen = (value < 0.5) & (ground.open_m2 > 0)
    assert found.table["cells"].sum() == np.count_nonzero(value < 0.5)
    assert found.table["area_m2"].sum() == pytest.approx(ground.open_m2[open_unseen].sum())
    for row in found.table.itertuples():
        assert shapely.intersects_xy(row.geometry, row.lon, row.lat)


def test_where_no_camera_may_look_there_is_no_gap(town: Layers, layer) -> None:
    private = layer("areas", [box(100, 100, 200, 200)], {"kind": ["no_camera"]})
    open_town, ground = ground_of(town), ground_of(town.replaced(areas=private))
    inside = ground.barred
    assert 30 < inside.sum() < 50  # 10,000 m2 of cells of 240 m2
    assert (gaps_of(ground, blind(ground)).patch[inside] == -1).all()
    assert (gaps_of(open_town, blind(open_town)).patch[inside] >= 0).all()
    rest = gaps_of(ground, blind(ground)).table["area_m2"].sum()
    assert rest == pytest.approx(ground.open_m2[~inside].sum())


def test_only_the_first_gaps_are_drawn(town: Layers) -> None:
    params = CoverageParams.default(gap_parent=10, gap_outlines=3)
    ground = ground_of(town, params)
    table = gaps_of(ground, blind(ground), params).table
    assert len(table) > 3
    assert table.geometry.notna().tolist() == [True] * 3 + [False] * (len(table) - 3)
    assert table["weight"].is_monotonic_decreasing


def test_what_stands_inside_a_building_counts_for_the_ground_beside_it(town: Layers, layer) -> None:
    hall = layer("buildings", [box(450, 60, 510, 120)], {})
    sites = layer(
        "sites",
        [Point(480, 90), Point(470, 90), Point(480, 80)],
        {
            "name": ["Hall", "Plan", "Past"],
            "kind": ["mall"] * 3,
            "area_class": ["key_public"] * 3,
            "status": ["built", "planned", "closed"],
        },
    )
    incidents = layer("incidents", [Point(480, 90)], {"count": [7]})
    changed = town.replaced(buildings=hall, sites=sites, incidents=incidents)
    east = by_village(gaps_of(*_with(changed))).loc["villages/1"]
    assert (east["sites"], east["near"], east["incidents"]) == (1, "Hall", 7)


def test_a_gap_is_of_the_ground_that_most_of_it_is(town: Layers, layer) -> None:
    strips = [box(0, 192, 300, 208), box(300, 0, 600, 400)]
    villages = layer("villages", strips, {})
    streets = town.replaced(villages=villages)
    assert by_village(gaps_of(*_with(streets)))["ground"].to_dict() == {
        "villages/0": "street",
        "villages/1": "open",
    }
    yard = layer("sites", [box(310, 10, 590, 390)], {"kind": ["park"], "area_class": ["other"]})
    found = by_village(gaps_of(*_with(streets.replaced(sites=yard))))
    assert found.loc["villages/1", "ground"] == "site"
    assert found.loc["villages/0", "near"] == "Main Road"


def test_ids_stay_when_something_changes_elsewhere(town: Layers) -> None:
    params = CoverageParams.default(gap_parent=10)
    ground = ground_of(town, params)
    dark = gaps_of(ground, blind(ground), params)
    part = ground.part[200]
    spot = np.where(ground.open_m2 > 0, ground.part == part, np.nan)
    lit = blind(ground, value=spot, high=spot, repaired=spot, linked=spot)
    found = gaps_of(ground, lit, params)
    elsewhere = ground.part[dark.patches["first"]] != part
    assert 0 < elsewhere.sum() < len(dark.first)
    kept = pd.DataFrame(dark.patches)[elsewhere].reset_index(drop=True)
    told = (table.drop(columns="outline") for table in (kept, pd.DataFrame(found.patches)))
    pd.testing.assert_frame_equal(*told)
    assert set(found.table["id"]) < set(dark.table["id"])


def test_a_few_parts_joined_again_are_the_same_as_the_whole(town: Layers) -> None:
    params = CoverageParams.default(gap_parent=10, gap_outlines=5)
    ground = ground_of(town, params)
    n = len(ground.part)
    rng = np.random.default_rng(4)
    dark = {name: rng.random(n).round(1) for name in blind(ground)}
    before = gaps_of(ground, dark, params)

    @settings(deadline=None, max_examples=25)
    @given(st.lists(st.integers(0, n - 1), max_size=6), st.integers(0, 2**32 - 1))
    def check(cells: list[int], seed: int) -> None:
        parts = np.unique(ground.part[cells]).astype(np.int64)
        changed = np.isin(ground.part, parts)
        other = np.random.default_rng(seed)
        seen = {k: np.where(changed, other.random(n).round(1), part) for k, part in dark.items()}
        whole = gaps_of(ground, seen, params)
        again = gaps_of(ground, seen, params, before=before, parts=parts)
        assert_geodataframe_equal(whole.table, again.table)
        told = (pd.DataFrame(each.patches).drop(columns="outline") for each in (whole, again))
        pd.testing.assert_frame_equal(*told)
        assert whole.patch.tolist() == again.patch.tolist()

    check()
