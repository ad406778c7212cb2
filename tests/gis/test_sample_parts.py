from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from gis.sample_addresses import chinese
from gis.sample_drawn import houses_along
from gis.sample_ground import quarter_lines
from gis.sample_plan import Plan, rectangles
from gis.sample_streets import end_nodes, lay_streets, main_roads

FLAT = Plan(0.0, (), ())
BENT = Plan(-9.0, ((95.0, 9000.0, 0.4),), ((120.0, 11000.0, 2.2),))


def street(wkt: str, highway: str = "residential", **more: Any) -> dict[str, Any]:
    return {"geometry": shapely.from_wkt(wkt), "highway": highway, "name": None, **more}


def laid(*rows: dict[str, Any], water: Any = None) -> Any:
    return lay_streets(list(rows), Point() if water is None else water, ["residential"])


def test_a_plan_without_bends_is_the_ground() -> None:
    assert FLAT.ground([3.0, -2.0], [4.0, 5.0]).tolist() == [[3.0, 4.0], [-2.0, 5.0]]
    assert FLAT.turn_at([0.0], [0.0]).tolist() == [0.0]


@given(st.floats(-4500, 4500), st.floats(-3300, 3300))
def test_bends_hardly_change_lengths(u: float, v: float) -> None:
    step = BENT.ground([u + 10, u], [v, v + 10]) - BENT.ground([u, u], [v, v])
    assert np.hypot(*step.T) == pytest.approx(10, rel=0.01)
    east = np.degrees(np.arctan2(step[0, 1], step[0, 0]))
    assert BENT.turn_at([u], [v])[0] == pytest.approx(east, abs=0.1)


def test_rectangles_have_their_sides_and_direction() -> None:
    turned = rectangles(np.array([[10.0, 20.0]]), np.array([8.0]), np.array([6.0]), np.array([90]))
    assert turned[0].equals(box(7, 16, 13, 24))


def test_streets_of_a_quarter_share_out_its_width() -> None:
    us, vs = quarter_lines(np.array([0.0, 0.0, 800.0, 100.0]), 270.0)
    assert us.tolist() == pytest.approx([0, 800 / 3, 1600 / 3, 800])
    assert vs.tolist() == [0, 100]


@given(
    st.lists(st.floats(-12, 12), min_size=6, max_size=12),
    st.lists(st.integers(1, 6), min_size=9, max_size=9),
    st.floats(0.5, 6),
)
def test_houses_of_a_row_never_overlap_where_the_lane_bends_gently(
    heights: list[float], groups: list[int], gap_m: float
) -> None:
    lane = np.stack([np.arange(len(heights)) * 60.0, heights], axis=1)
    smooth = shapely.get_coordinates(shapely.segmentize(LineString(lane), 3.0))
    smooth[:, 1] = np.convolve(np.pad(smooth[:, 1], 10, mode="edge"), np.ones(21) / 21, "valid")
    widths = np.full(sum(groups), 8.0)
    houses, group = houses_along(smooth, widths, np.array(groups, float), gap_m, np.full(9, 10.0))
    assert shapely.is_valid(houses).all()
    assert len(houses) <= len(widths)
    a, b = shapely.STRtree(houses).query(houses, predicate="intersects")
    a, b = a[a < b], b[a < b]
    assert (b == a + 1).all()
    assert (group[a] == group[b]).all()
    shared = shapely.intersection(houses[a], houses[b])
    assert (shapely.length(shared) > 9.9).all()
    assert shapely.area(shared).max(initial=0.0) < 1e-6


def test_houses_stop_where_the_lane_does() -> None:
    lane = np.array([[0.0, 0.0], [25.0, 0.0]])
    houses, group = houses_along(lane, np.full(6, 8.0), np.full(3, 2.0), 3.0, np.full(3, 9.0))
    assert [house.bounds for house in houses] == [(0, 0, 8, 9), (8, 0, 16, 9)]
    assert group.tolist() == [0, 0]


def test_a_dual_road_has_a_carriageway_for_each_direction_and_keeps_right() -> None:
    roads = [{"name": "A", "highway": "primary", "dual": True, "geometry": "LINESTRING (0 0, 9 0)"}]
    frame = pd.DataFrame(roads).assign(geometry=lambda f: list(shapely.from_wkt(f["geometry"])))
    south, north = main_roads(frame, 18.0)
    assert shapely.get_coordinates(south["geometry"]).tolist() == [[0, -9], [9, -9]]
    assert shapely.get_coordinates(north["geometry"]).tolist() == [[9, 9], [0, 9]]
    assert south["oneway"] == north["oneway"] == "yes"


def test_streets_are_cut_where_they_cross_and_what_stands_over_falls_off() -> None:
    streets = laid(street("LINESTRING (0 0, 100 0)"), street("LINESTRING (50 -40, 50 0.6)"))
    assert len(streets) == 3
    tail, head, places = end_nodes(streets["geometry"].to_numpy())
    assert len(places) == 4
    assert np.bincount(np.concatenate([tail, head])).max() == 3


def test_crossings_nearly_at_one_place_are_one() -> None:
    streets = laid(
        street("LINESTRING (0 0, 100 0)"),
        street("LINESTRING (50 0, 50 40)"),
        street("LINESTRING (50.3 0, 50.3 -40)"),
    )
    assert len(streets) == 4
    assert len(end_nodes(streets["geometry"].to_numpy())[2]) == 5


def test_streets_cross_water_on_bridges_and_tracks_end_there() -> None:
    water = box(40, -60, 60, 60)
    streets = laid(
        street("LINESTRING (0 0, 100 0)"),
        street("LINESTRING (0 0, 0 30)"),
        street("LINESTRING (0 30, 100 30)", "track"),
        water=water,
    )
    bridges = streets[streets["bridge"]]
    assert bridges["highway"].tolist() == ["residential"]
    assert bridges["geometry"].iloc[0].length == pytest.approx(20)
    tracks = streets[streets["highway"] == "track"]
    assert tracks["geometry"].iloc[0].length == pytest.approx(40)


def test_a_drive_ends_at_the_first_road_and_one_without_a_road_is_left_out() -> None:
    streets = laid(
        street("LINESTRING (0 0, 300 0)", "tertiary"),
        street("LINESTRING (150 50, 150 -80)", "service", drive=True),
        street("LINESTRING (400 50, 400 20)", "service", drive=True),
    )
    drives = streets[streets["highway"] == "service"]
    assert [line.length for line in drives["geometry"]] == pytest.approx([50])


def test_only_the_largest_piece_of_network_stays() -> None:
    streets = laid(street("LINESTRING (0 0, 300 0)"), street("LINESTRING (0 90, 200 90)"))
    assert [line.length for line in streets["geometry"]] == [300]


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")]
)
def test_chinese_numerals(number: int, text: str) -> None:
    assert chinese(number) == text
