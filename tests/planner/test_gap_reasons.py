from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from gis import hexes
from gis.footprints import prepare as prepare_footprints
from gis.layers import Layers
from planner.gap_ground import cells_within, parts_within
from planner.gap_kernels import clear_lines, nearest_of, smallest_joined
from planner.gap_reasons import KINDS, kinds_of
from planner.ground import centres_xy
from planner.params import CoverageParams
from planner.prepared import Prepared, prepare

# 1920 px behind a 4 mm lens on a 1/2.8 inch sensor: 55 m at 25 px/m, 110 m at 12.5.
LENS = {"focal_mm": [4.0], "sensor_width_mm": [5.6], "resolution_px": [1920]}


def looked_at(town: Layers, **changes: Any) -> Prepared:
    # Small parts, so that each place has a gap of its own.
    return prepare(town, CoverageParams.default(**{"gap_parent": 11, **changes}))


def gap_at(prepared: Prepared, layer: Any, x: float, y: float) -> pd.Series[Any]:
    """Return the gap at a place of the tiny town."""
    place = layer("cameras", [Point(x, y)], {}).geometry
    cell = hexes.cell_of_points(place.x.to_numpy(), place.y.to_numpy(), 12)
    row = int(np.searchsorted(prepared.places.ground.cells, cell)[0])
    first = prepared.gaps.patch[row]
    assert first >= 0, "there is no gap"
    return prepared.gaps.table.iloc[int(np.flatnonzero(prepared.gaps.first == first)[0])]


def reason_at(prepared: Prepared, layer: Any, x: float, y: float) -> str:
    return str(gap_at(prepared, layer, x, y)["reason"])


def camera(layer: Any, x: float, y: float, **columns: Any) -> Any:
    return layer("cameras", [Point(x, y)], {"kind": ["fixed"], "status": ["in_use"], **columns})


def test_kinds_by_hand() -> None:
    rows = {
        #            seen  dark  perhaps  repair  off   both  blank
        "value": np.array([0.5, 0.4, 0.4, 0.4, 0.9, 0.4, np.nan]),
        "high": np.array([1.0, 0.4, 0.5, 0.4, 1.0, 0.5, np.nan]),
        "repaired": np.array([1.0, 0.4, 0.4, 0.5, 0.9, 0.9, np.nan]),
        "linked": np.array([0.5, 0.1, 0.4, 0.4, 0.4, 0.4, np.nan]),
    }
    words = [KINDS[kind] for kind in kinds_of(rows, 0.5)]
    assert words == [
        *("seen", "unseen", "direction_unknown", "in_repair", "not_networked"),
        *("direction_unknown", "seen"),
    ]


def test_nothing_is_in_reach_far_from_every_camera(town: Layers, layer) -> None:
    gap = gap_at(looked_at(town), layer, 500, 100)
    assert gap["reason"] == "nothing_in_reach"
    assert gap["nearest_camera"] == "cameras/0"
    assert gap["distance_m"] == pytest.approx(np.hypot(400, 200), abs=25)


def test_a_camera_of_unknown_direction_may_see(town: Layers, layer) -> None:
    unsure = camera(layer, 100, 300, fov_deg=[90.0], range_m=[60.0])
    assert reason_at(looked_at(town.replaced(cameras=unsure)), layer, 100, 330) == (
        "direction_unknown"
    )


def test_a_camera_in_repair_would_see(town: Layers, layer) -> None:
    out = camera(layer, 100, 300, fov_deg=[360.0], range_m=[60.0], status=["repair"])
    found = looked_at(town.replaced(cameras=out))
    assert reason_at(found, layer, 100, 330) == "in_repair"
    gap = gap_at(found, layer, 500, 100)
    # No camera works, so none is nearest.
    assert pd.isna(gap["nearest_camera"])
    assert np.isnan(gap["distance_m"])


def test_pictures_that_are_known_not_to_reach_the_network_leave_a_gap(town: Layers, layer) -> None:
    dome = camera(layer, 100, 300, fov_deg=[360.0], range_m=[60.0], networked=[False])
    assert reason_at(looked_at(town.replaced(cameras=dome)), layer, 100, 330) == "not_networked"


@pytest.mark.parametrize("networked", [True, None])
def test_pictures_that_may_reach_the_network_leave_none(
    town: Layers, layer, networked: bool | None
) -> None:
    dome = camera(layer, 100, 300, fov_deg=[360.0], range_m=[60.0], networked=[networked])
    found = looked_at(town.replaced(cameras=dome))
    assert "not_networked" not in set(found.gaps.table["reason"])
    with pytest.raises(AssertionError, match="no gap"):
        gap_at(found, layer, 100, 330)


def test_behind_a_wall_is_hidden_and_beside_the_view_a_camera_looks_elsewhere(
    town: Layers, layer
) -> None:
    north = camera(layer, 420, 220, azimuth_deg=[0.0], fov_deg=[60.0], range_m=[150.0])
    found = looked_at(town.replaced(cameras=north))
    assert reason_at(found, layer, 420, 300) == "hidden"
    assert reason_at(found, layer, 500, 150) == "looks_elsewhere"


def test_a_camera_looks_over_the_ground_below_it(town: Layers, layer) -> None:
    tilt = {"height_m": [20.0], "tilt_deg": [10.0], "azimuth_deg": [90.0], **LENS}
    mast = camera(layer, 100, 100, **tilt)
    found = looked_at(town.replaced(cameras=mast), gap_parent=12)
    near_m = float(found.settled.tables.around["near_m"][0])
    assert near_m > 30
    assert reason_at(found, layer, 110, 100) == "looks_elsewhere"


def test_a_picture_is_too_coarse_where_only_the_coarsest_step_reaches(town: Layers, layer) -> None:
    east = camera(layer, 100, 100, azimuth_deg=[90.0], **LENS)
    town = town.replaced(cameras=east)
    found = looked_at(town)
    assert reason_at(found, layer, 185, 100) == "too_coarse"
    assert reason_at(found, layer, 230, 100) == "nothing_in_reach"
    assert reason_at(found, layer, 100, 140) == "looks_elsewhere"
    # A wall in between lets no picture through.
    wall = layer("buildings", [box(160, 60, 165, 140)], {})
    assert reason_at(looked_at(town.replaced(buildings=wall)), layer, 185, 100) == (
        "nothing_in_reach"
    )
    # Asked for the coarsest step itself, all of it is seen.
    assert "too_coarse" not in set(looked_at(town, picture_class="monitor").gaps.table["reason"])


def test_the_reason_is_the_one_of_most_of_the_ground(town: Layers, layer) -> None:
    north = camera(layer, 420, 220, azimuth_deg=[0.0], fov_deg=[60.0], range_m=[60.0])
    whole = looked_at(town.replaced(cameras=north), gap_parent=5)
    assert set(whole.gaps.table["reason"]) == {"nothing_in_reach"}


def test_parts_within_reach_hold_every_cell_within_reach(town: Layers) -> None:
    ground = looked_at(town).places.gaps
    at, reach_m = ground.xy[[100, 900]], np.array([30.0, 80.0])
    point, cell = cells_within(ground, at, reach_m)
    for k in range(2):
        near = np.hypot(*(ground.xy - at[k]).T) <= reach_m[k]
        assert sorted(cell[point == k]) == np.flatnonzero(near & (ground.open_m2 > 0)).tolist()
    assert parts_within(ground, at, reach_m).tolist() == np.unique(ground.part[cell]).tolist()
    assert len(parts_within(ground, at[:0], reach_m[:0])) == 0


def test_cells_are_placed_within_centimetres(town: Layers) -> None:
    prepared = looked_at(town)
    exact = centres_xy(prepared.places.ground.cells, prepared.places.ground.crs)
    assert np.abs(exact - prepared.places.gaps.xy).max() < 0.05


COORDINATE = st.integers(0, 100).map(float)
PLACE = st.tuples(COORDINATE, COORDINATE)
# Sight lines off the grid of the walls, so that none only touches.
EYE = st.tuples(COORDINATE, COORDINATE).map(lambda p: (p[0] + 0.3217, p[1] + 0.2713))
WALL = st.tuples(PLACE, st.integers(1, 30), st.integers(1, 30), st.integers(2, 9))


@settings(deadline=None)
@given(st.lists(WALL, min_size=1, max_size=6), st.lists(st.tuples(EYE, EYE), min_size=1))
def test_clear_lines_are_those_that_cross_no_wall_as_high_as_the_eye(
    walls: list[Any], lines: list[Any]
) -> None:
    boxes = np.array([box(x, y, x + w, y + h) for (x, y), w, h, _ in walls])
    footprints = prepare_footprints(boxes, np.array([top for *_, top in walls], float))
    ends = np.array([[*a, *b] for a, b in lines])
    for height_m in (5.5, np.nan):
        found = clear_lines(
            ends,
            np.full(len(ends), height_m),
            footprints.edges,
            footprints.top_m,
            footprints.grid,
            footprints.indptr,
            footprints.members,
        )
        counts = np.isnan(height_m) | (footprints.top_m >= height_m)
        edges = shapely.linestrings(footprints.edges[counts].reshape(-1, 2, 2))
        sight = shapely.linestrings(ends.reshape(-1, 2, 2))
        blocked = shapely.intersects(sight[:, None], edges[None, :]).any(axis=1)
        points = shapely.is_closed(sight)  # eye and aim in one place
        assert (found | points).tolist() == (~blocked | points).tolist()


@given(
    st.integers(1, 30).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(0, 2), min_size=n, max_size=n),
            st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=60),
        )
    )
)
@settings(deadline=None)
def test_joined_nodes_share_the_smallest_of_them(
    case: tuple[list[int], list[tuple[int, int]]],
) -> None:
    kind, pairs = case
    label = list(range(len(kind)))
    for _ in kind:  # slow and plain: as many rounds as there are nodes
        for a, b in pairs:
            if kind[a] == kind[b]:
                label[a] = label[b] = min(label[a], label[b])
    wanted = [-1 if not kind[k] else label[k] for k in range(len(kind))]
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    found = smallest_joined(ends[:, 0].copy(), ends[:, 1].copy(), np.array(kind))
    assert found.tolist() == wanted


steps = st.lists(st.tuples(*[st.integers(-4, 4).map(float)] * 2), min_size=1, max_size=8)


@given(steps, steps)
def test_the_nearest_camera_is_the_first_of_those_as_near(places: Any, posts: Any) -> None:
    at, other = np.array(places), np.array(posts)
    nearest, away_m = nearest_of(at, other, np.argsort(other[:, 0]))
    off_m = np.hypot(*(at[:, None] - other[None]).T).T
    assert nearest.tolist() == off_m.round(9).argmin(axis=1).tolist()
    np.testing.assert_allclose(away_m, off_m.min(axis=1))
