from __future__ import annotations

import math

import numpy as np
import pytest
from shapely import LineString, Point, box

from gis.errors import ParameterError
from gis.layers import Layers
from planner.assume import complete
from planner.coverage import cover
from planner.params import CoverageParams
from planner.results_coverage import Coverage


def answer(town: Layers, **changes: float) -> Coverage:
    return cover(complete(town).layers, CoverageParams.default(**changes))


def test_every_cell_belongs_to_one_village_and_none_is_lost(town: Layers) -> None:
    coverage = answer(town)
    per_village = coverage.cells.groupby("village", observed=False)["open_m2"].sum()
    assert per_village["villages/0"] == pytest.approx(300 * 400, rel=0.03)
    assert per_village["villages/1"] == pytest.approx(300 * 400 - 40 * 40, rel=0.03)
    assert coverage.totals["cells"] == len(coverage.cells) == coverage.cells.index.nunique()


def test_a_dome_in_the_open_sees_its_circle(town: Layers) -> None:
    coverage = answer(town)
    seen_m2 = (coverage.cells["open_m2"] * coverage.cells["value"]).sum()
    assert seen_m2 == pytest.approx(math.pi * 40**2, rel=0.05)
    for part in ("low", "high"):
        np.testing.assert_allclose(coverage.cells[part], coverage.cells["value"])
    assert coverage.totals["area_rate"].value == pytest.approx(
        seen_m2 / coverage.cells["open_m2"].sum()
    )


def test_an_unknown_direction_is_nothing_at_least_and_the_circle_at_most(
    town: Layers, layer
) -> None:
    cameras = layer(
        "cameras", [Point(100, 300)], {"kind": ["fixed"], "fov_deg": [90.0], "range_m": [40.0]}
    )
    cells = answer(town.replaced(cameras=cameras)).cells
    circle = math.pi * 40**2
    assert cells["low"].max() == 0
    assert (cells["open_m2"] * cells["high"]).sum() == pytest.approx(circle, rel=0.05)
    assert (cells["open_m2"] * cells["value"]).sum() == pytest.approx(circle / 4, rel=0.05)


def test_cameras_that_watch_no_street_see_nothing(town: Layers, layer) -> None:
    cameras = layer(
        "cameras",
        [Point(100, 300)] * 4,
        {
            "fov_deg": [360.0] * 4,
            "range_m": [40.0] * 4,
            "status": ["repair", "removed", "in_use", None],
            "indoor": [None, None, True, None],
            "mobile": [None, None, None, True],
        },
    )
    coverage = answer(town.replaced(cameras=cameras))
    assert coverage.cells["high"].max() == 0
    assert coverage.totals["cameras"] == {
        "total": 4,
        "in_use": 2,
        "repair": 1,
        "removed": 1,
        "not_yet": 0,
        "indoor": 1,
        "mobile": 1,
        "no_place": 0,
        "no_azimuth": 0,
        "private": 0,
        "consent": 0,
        "unsigned": 0,
    }


def test_a_place_where_cameras_must_not_look_is_cut_out_of_every_view(town: Layers, layer) -> None:
    areas = layer("areas", [box(60, 300, 140, 340)], {"kind": ["no_camera"]})
    cells = answer(town.replaced(areas=areas)).cells
    assert (cells["open_m2"] * cells["value"]).sum() == pytest.approx(math.pi * 40**2 / 2, rel=0.08)


def test_water_is_no_ground_to_watch(town: Layers, layer) -> None:
    lake = layer("areas", [box(0, 0, 300, 200)], {"kind": ["water"]})
    wet = answer(town.replaced(areas=lake))
    ground = wet.villages.set_index("code")["open_ground_m2"]
    assert ground["villages/0"] == pytest.approx(300 * 200, rel=0.08)
    assert ground["villages/1"] == pytest.approx(300 * 400 - 40 * 40, rel=0.03)
    assert not len(wet.areas)


def test_the_site_beside_the_camera_is_seen_and_the_other_is_not(town: Layers) -> None:
    coverage = answer(town)
    assert coverage.sites["level"].tolist() == ["seen", "unseen"]
    assert coverage.totals["site_rate"]["in_view"].value == pytest.approx(0.5)
    assert coverage.totals["site_rate"]["near"].value == 0.5
    assert coverage.totals["site_rate"]["attached"].value == 0


def test_the_worst_gap_is_where_the_unseen_bank_stands(town: Layers) -> None:
    worst = answer(town).gaps.iloc[0]
    assert worst["near"] == "East Bank"
    assert worst["village"] == "villages/1"
    assert worst["reason"] == "nothing_in_reach"
    assert worst["nearest_camera"] == "cameras/0"
    assert worst["distance_m"] > 100


def test_the_gaps_are_all_the_unseen_cells_once(town: Layers) -> None:
    coverage = answer(town)
    unseen = coverage.cells["value"] < 0.5
    assert coverage.gaps["cells"].sum() == unseen.sum()
    assert coverage.gaps["area_m2"].sum() == pytest.approx(
        coverage.cells.loc[unseen, "open_m2"].sum()
    )
    assert coverage.gaps["rank"].tolist() == list(range(1, len(coverage.gaps) + 1))
    assert coverage.gaps["id"].is_unique


def test_gap_ids_and_ranks_stay_between_runs(town: Layers) -> None:
    first, second = answer(town).gaps, answer(town).gaps
    assert first["id"].tolist() == second["id"].tolist()


def test_a_gap_behind_a_wall_says_hidden_and_one_beside_the_view_says_looks_elsewhere(
    town: Layers, layer
) -> None:
    cameras = layer(
        "cameras",
        [Point(420, 220)],
        {"azimuth_deg": [0.0], "fov_deg": [60.0], "range_m": [150.0], "status": ["in_use"]},
    )
    east = town["villages"].iloc[[1]]
    gaps = answer(
        town.replaced(cameras=cameras, villages=east), gap_parent=11, gap_outlines=300
    ).gaps
    behind = gaps[gaps.geometry.intersects(_degrees(layer, Point(420, 300)))]
    beside = gaps[gaps.geometry.intersects(_degrees(layer, Point(500, 150)))]
    assert behind["reason"].tolist() == ["hidden"]
    assert beside["reason"].tolist() == ["looks_elsewhere"]


def _degrees(layer, point: Point) -> Point:
    return layer("cameras", [point], {}).geometry.iloc[0]


def test_streets_are_measured_by_length(town: Layers) -> None:
    # The dome's circle meets neither the road (100 m off) nor the lane (50 m off).
    assert answer(town).totals["street_rate"].value == 0


def test_without_cameras_every_share_is_unknown_and_the_layer_is_named(town: Layers) -> None:
    blind = Layers("T", {k: v for k, v in town.frames.items() if k != "cameras"})
    coverage = answer(blind)
    assert coverage.totals["area_rate"].value is None
    assert coverage.totals["site_rate"]["in_view"].value is None
    assert coverage.villages["value"].isna().all()
    assert not len(coverage.gaps)
    lacking = {m.figure: m.layers for m in coverage.missing}
    assert lacking["area_rate"] == ("cameras",)
    assert "null" not in coverage.summary()


def test_cameras_and_one_polygon_layer_are_enough(layer) -> None:
    areas = layer("areas", [box(0, 0, 200, 200)], {"kind": ["key_public"]})
    cameras = layer("cameras", [Point(100, 100)], {"fov_deg": [360.0], "range_m": [50.0]})
    coverage = answer(Layers("T", {"areas": areas, "cameras": cameras}))
    share = math.pi * 50**2 / 200**2
    assert coverage.areas["value"].iloc[0] == pytest.approx(share, rel=0.05)
    lacking = {m.figure: m.layers for m in coverage.missing}
    assert lacking["street_rate"] == ("streets",)
    assert lacking["site_rate"] == ("sites",)


def test_a_town_too_large_for_its_cells_takes_coarser_ones(town: Layers) -> None:
    assert answer(town, max_cells=400).resolution == 11


def test_a_camera_without_lens_data_is_listed_as_assumed(town: Layers, layer) -> None:
    cameras = layer(
        "cameras", [Point(100, 300)] * 2, {"kind": ["dome", None], "range_m": [40.0, None]}
    )
    found = {a.column: a.rows for a in answer(town.replaced(cameras=cameras)).assumed}
    assert found["fov_deg"] == 1
    assert found["azimuth_deg"] == 1
    assert found["height_m"] == 1  # that of the one building


def test_two_cells_and_one_wall_by_hand(town: Layers, layer) -> None:
    # The camera looks north along x = 420 at the block of 240 to 280: of its 100 m it sees the
    # 20 m up to the wall, in a sector of 90 degrees: a triangle of 20 x 20 m.
    cameras = layer(
        "cameras", [Point(420, 220)], {"azimuth_deg": [0.0], "fov_deg": [90.0], "range_m": [100.0]}
    )
    coverage = answer(town.replaced(cameras=cameras))
    seen_m2 = (coverage.cells["open_m2"] * coverage.cells["low"]).sum()
    # The edges of its sector meet the wall's ends, so it sees nothing beside it.
    assert seen_m2 == pytest.approx(20 * 20, rel=0.15)
    assert coverage.cameras["view_m2"].iloc[0] == pytest.approx(20 * 20, rel=1e-3)
    by_village = coverage.villages.set_index("code")
    assert by_village.loc["villages/1", "low"] * by_village.loc[
        "villages/1", "open_ground_m2"
    ] == pytest.approx(seen_m2)
    assert by_village["cameras"].tolist() == [0, 1]


def test_a_lane_between_houses_has_no_cell_but_its_length_counts(town: Layers, layer) -> None:
    # A lane 3 m wide between two long houses: no child of a cell fits into it.
    houses = layer("buildings", [box(50, 20, 58.5, 180), box(61.5, 20, 70, 180)], {})
    streets = layer("streets", [LineString([(60, 20), (60, 180)])], {"name": ["Needle Lane"]})
    cameras = layer(
        "cameras",
        [Point(60, 100)],
        {"azimuth_deg": [0.0], "fov_deg": [20.0], "range_m": [40.0]},
    )
    coverage = answer(town.replaced(buildings=houses, streets=streets, cameras=cameras))
    lane = coverage.streets.iloc[0]
    assert lane["length_m"] == pytest.approx(160)
    assert lane["low"] * lane["length_m"] == pytest.approx(40, abs=5)
    seen_m2 = (coverage.cells["open_m2"] * coverage.cells["low"]).sum()
    assert seen_m2 < 40 * 3 * 2
    assert coverage.totals["street_rate"].low == pytest.approx(0.25, abs=0.03)


def test_the_variants_count_some_of_the_cameras_only(town: Layers, layer) -> None:
    cameras = layer(
        "cameras",
        [Point(60, 60), Point(60, 200), Point(60, 340), Point(200, 60)],
        {
            "fov_deg": [360.0] * 4,
            "range_m": [30.0] * 4,
            "status": ["in_use", "in_use", "in_use", "repair"],
            "networked": [True, False, None, True],
            "online_share": [0.99, 0.5, None, 0.99],
        },
    )
    cells = answer(town.replaced(cameras=cameras)).cells
    circle = math.pi * 30**2
    seen = {
        name: (cells["open_m2"] * cells[name]).sum() / circle
        for name in ("value", "networked", "in_service", "repaired")
    }
    assert seen["value"] == pytest.approx(3, rel=0.05)
    assert seen["repaired"] == pytest.approx(4, rel=0.05)
    # One is, one is not, and of one nobody knows.
    assert seen["networked"] == pytest.approx(1.5, rel=0.05)
    assert seen["in_service"] == pytest.approx(1.5, rel=0.05)


def test_small_areas_and_large_ones_are_measured_alike(town: Layers, layer) -> None:
    shapes = [box(0, 0, 300, 400), box(80, 280, 120, 320)]
    areas = layer("areas", shapes, {"kind": ["key_public", "key_industry"]})
    found = answer(town.replaced(areas=areas)).areas
    circle = math.pi * 40**2
    assert found["open_ground_m2"].tolist() == pytest.approx([300 * 400, 40 * 40], rel=0.05)
    assert found["value"].iloc[0] == pytest.approx(circle / (300 * 400), rel=0.05)
    assert found["value"].iloc[1] == 1
    assert found["cameras"].tolist() == [1, 1]


def test_the_town_as_of_a_day(town: Layers, layer) -> None:
    cameras = layer(
        "cameras",
        [Point(60, 60), Point(60, 200), Point(60, 340), Point(200, 60)],
        {
            "fov_deg": [360.0] * 4,
            "range_m": [30.0] * 4,
            "status": ["in_use", "in_use", "removed", None],
            "installed": ["2024-05-01", "2025-05-01", "2020-01-01", None],
            "removed": [None, None, "2025-01-01", None],
        },
    )
    coverage = cover(
        complete(town.replaced(cameras=cameras)).layers,
        CoverageParams.default(),
        at="2024-12-31",
    )
    assert coverage.at == "2024-12-31"
    assert coverage.cameras["state"].tolist() == ["in_use", "not_yet", "in_use", "in_use"]
    cells = coverage.cells
    assert (cells["open_m2"] * cells["value"]).sum() == pytest.approx(3 * math.pi * 900, rel=0.05)
    notes = {a.column: a.value for a in coverage.assumed if a.layer == "cameras"}
    assert notes["installed"] == "before 2024-12-31"
    assert notes["status"] == "in use before they were removed"
    with pytest.raises(ParameterError, match="2025-06-30"):
        cover(town, CoverageParams.default(), at="yesterday")


def test_where_no_camera_may_look_is_no_open_ground_and_no_gap(town: Layers, layer) -> None:
    yard = box(100, 100, 180, 180)
    areas = layer("areas", [yard], {"kind": ["no_camera"]})
    free, closed = answer(town), answer(town.replaced(areas=areas))
    lost_m2 = free.totals["open_ground_m2"] - closed.totals["open_ground_m2"]
    assert lost_m2 == pytest.approx(yard.area, rel=0.1)
    inside_m2 = free.cells["open_m2"] - closed.cells["open_m2"]
    assert (inside_m2 >= 0).all()
    assert closed.cells.loc[closed.cells["open_m2"] == 0, "value"].isna().all()
    assert (closed.cells["open_m2"] == 0).any()
    # Elsewhere all is as unseen as before, and nothing of the yard is a gap.
    assert closed.gaps["area_m2"].sum() <= free.gaps["area_m2"].sum() - lost_m2 + 1
    assert len(closed.areas) == 0
