"""The way between a point and the streets: closed never sooner, opened never later."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from gis.layers import Layers, conform
from gis.modes import walking_ms
from gis.profiles import load
from gis.streets import Streets
from planner.network import build_network, drawn
from planner.params import ResponseParams
from planner.response_beside import beside, node_times, soonest_of, times_between
from planner.response_kernels import buckets, first_two_beside
from planner.response_streets import piece_times, pieces_of

CRS = "EPSG:32650"
X, Y = 500_000, 3_300_000
PARAMS = ResponseParams.default()
PACES = (1.25, 0.25)


def town_of(lines: list[list[tuple[float, float]]], **columns: list[str]) -> Layers:
    shapes = [LineString([(X + x, Y + y) for x, y in line]) for line in lines]
    codes = [f"S{k}" for k in range(len(lines))]
    frame = gpd.GeoDataFrame({"code": codes, **columns}, geometry=shapes, crs=CRS)
    return Layers("T", {"streets": conform(frame.to_crs("EPSG:4326"), "streets")})


def at(*points: tuple[float, float]) -> gpd.GeoSeries:
    shapes = [Point(X + x, Y + y) for x, y in points]
    return gpd.GeoSeries(shapes, crs=CRS).to_crs("EPSG:4326")


def test_the_own_street_is_the_nearest_on_the_map_whatever_is_closed() -> None:
    layers = town_of([[(0, 0), (90, 0)], [(0, 50), (90, 50)], [(90, 0), (90, 50)]])
    free = build_network(layers)
    shut = build_network(layers, closures=["S0"])
    assert free is not None and shut is not None
    post = at((45, 20))
    found = beside(free, free, post, "foot", PACES, limit_m=44)
    assert found.edge.tolist() == [0, 1]
    assert found.seconds.tolist() == pytest.approx([20 / 1.25, 30 / 0.25], abs=0.1)
    found = beside(shut, drawn(shut, layers), post, "foot", PACES, limit_m=44)
    # The other street does not become its own.
    assert found.edge.tolist() == [1]
    assert found.seconds.tolist() == pytest.approx([30 / 0.25], abs=0.1)


def test_too_far_from_any_street_there_is_no_way() -> None:
    layers = town_of([[(0, 0), (90, 0)]])
    streets = build_network(layers)
    assert streets is not None
    found = beside(streets, streets, at((45, 41), (45, 39)), "foot", PACES, limit_m=40)
    assert found.point.tolist() == [1]
    assert found.n == 2


def test_the_drawn_network_is_the_one_before_the_closing() -> None:
    layers = town_of(
        [[(0, 0), (90, 0)], [(90, 0), (90, 90)], [(90, 90), (0, 0)]],
        highway=["residential", "footway", "primary"],
        oneway=["yes", "no", "no"],
    )
    free, shut = build_network(layers), build_network(layers, closures=["S0", "S1"])
    assert free is not None and shut is not None
    for mode in ("foot", "ebike", "car"):
        np.testing.assert_array_equal(
            np.isfinite(drawn(shut, layers).seconds[mode]), np.isfinite(free.seconds[mode])
        )
    assert drawn(free, layers) is free


def test_nobody_on_foot_is_faster_off_the_streets_than_on_them() -> None:
    for paces in (PARAMS.post_ms("foot"), PARAMS.last_ms("foot")):
        assert max(paces) <= walking_ms()
    # Whoever drives up to a place is sooner there than whoever leaves the vehicle before.
    kmh = [row[mode] for row in load("speeds")["kinds"].values() for mode in ("ebike", "car")
           if mode in row]  # fmt: skip
    for mode in ("ebike", "car"):
        assert max(*PARAMS.last_ms(mode), *PARAMS.post_ms(mode)) < min(kmh) / 3.6


BLOCKS = [
    *([(x, y), (x + 100, y)] for x in range(0, 300, 100) for y in range(0, 300, 100)),
    *([(x, y), (x, y + 100)] for x in range(0, 400, 100) for y in range(0, 200, 100)),
]
numbers = st.integers(0, len(BLOCKS) - 1)
spots = st.lists(st.tuples(st.integers(-60, 360), st.integers(-60, 260)), min_size=1, max_size=3)
kinds = st.lists(
    st.sampled_from(["residential", "footway", "primary"]),
    min_size=len(BLOCKS),
    max_size=len(BLOCKS),
)
ways = st.lists(
    st.sampled_from(["no", "yes", "reverse"]), min_size=len(BLOCKS), max_size=len(BLOCKS)
)


def times(layers: Layers, shut: set[int], posts: Any, places: Any, mode: str) -> Any:
    streets = build_network(layers, closures=[f"S{k}" for k in shut])
    assert streets is not None
    whole = drawn(streets, layers)
    starts = beside(streets, whole, posts, mode, PARAMS.post_ms(mode), limit_m=150)
    stops = beside(streets, whole, places, mode, PARAMS.last_ms(mode), limit_m=200)
    node_s = node_times(streets, starts, mode)
    return soonest_of(stops, times_between(streets, starts, node_s, stops, mode))


@settings(max_examples=30, deadline=None)
@given(
    kinds=kinds,
    ways=ways,
    posts=spots,
    places=spots,
    more=st.sets(numbers, max_size=12),
    some=st.integers(0, 12),
    mode=st.sampled_from(["foot", "ebike", "car"]),
)
def test_closing_makes_nobody_sooner_and_opening_nobody_later(
    kinds: list[str],
    ways: list[str],
    posts: list[tuple[int, int]],
    places: list[tuple[int, int]],
    more: set[int],
    some: int,
    mode: str,
) -> None:
    layers = town_of(BLOCKS, highway=kinds, oneway=ways)
    fewer = set(sorted(more)[:some])
    found = [times(layers, shut, at(*posts), at(*places), mode) for shut in (set(), fewer, more)]
    assert (found[1] >= found[0]).all()
    assert (found[2] >= found[1]).all()


def test_with_every_street_at_the_post_closed_a_unit_is_late_and_not_sooner() -> None:
    # The post stands 5 m from a one-way street that leads round the block, 25 m from another.
    lines = [[(0, 0), (200, 0)], [(0, 30), (200, 30)], [(200, 0), (200, 30)], [(0, 0), (0, 30)]]
    layers = town_of(lines, highway=["residential"] * 4, oneway=["yes", "no", "no", "no"])
    post, place = at((100, 5)), at((50, 32))
    free = times(layers, set(), post, place, "car")[0, 0]
    shut = times(layers, {0}, post, place, "car")[0, 0]
    assert free < shut
    assert shut >= 25 / PARAMS.way_out_ms


def test_the_first_two_at_a_place_are_those_of_the_slow_search() -> None:
    rng = np.random.default_rng(7)
    xy, places = rng.uniform(0, 300, (60, 2)), rng.uniform(-50, 350, (40, 2))
    times_s = np.sort(rng.uniform(0, 90, (60, 2)), axis=1)
    owner = rng.integers(0, 4, 60)
    # The second is the next unit, so each piece has its own second owner in the slow search.
    second = (owner + 1 + rng.integers(0, 3, 60)) % 4
    own = rng.integers(-1, 60, 40)
    soon, next_s, who = first_two_beside(
        places, own, xy, np.arange(60), times_s[:, 0], times_s[:, 1], owner, 2.0, 0.5, 80.0
    )
    for i, place in enumerate(places):
        best: dict[int, float] = {}
        for k in range(60) if own[i] >= 0 else ():
            apart = float(np.hypot(*(xy[k] - place)))
            if apart <= 80:
                walk = apart / (2.0 if own[i] == k else 0.5)
                for unit, seconds in ((owner[k], times_s[k, 0]), (second[k], times_s[k, 1])):
                    best[int(unit)] = min(best.get(int(unit), np.inf), seconds + walk)
        order = sorted(best.items(), key=lambda item: item[1])
        assert soon[i] == pytest.approx(order[0][1] if order else np.inf)
        assert next_s[i] == pytest.approx(order[1][1] if len(order) > 1 else np.inf)
        assert who[i] == (order[0][0] if order else -1)


def test_every_point_is_in_its_square() -> None:
    xy = np.random.default_rng(1).uniform(-50, 70, (30, 2))
    first, point, corner, across, up = buckets(xy, 25.0)
    assert sorted(point.tolist()) == list(range(30))
    for square in range(across * up):
        inside = point[first[square] : first[square + 1]]
        at_square = ((xy[inside] - corner) // 25.0).astype(int)
        assert (at_square[:, 1] * across + at_square[:, 0] == square).all()


def test_what_it_costs_to_get_to_the_street_delays_every_piece() -> None:
    layers = town_of([[(0, 0), (200, 0)]])
    streets = build_network(layers)
    assert isinstance(streets, Streets)
    pieces = pieces_of(streets)
    on, off = (
        beside(streets, streets, at((100, y)), "car", (1.0, 0.1), limit_m=150) for y in (0, 40)
    )
    near_s, far_s = (piece_times(streets, pieces, one, mode="car") for one in (on, off))
    assert far_s - near_s == pytest.approx(np.full(len(near_s), 40.0), abs=0.1)
