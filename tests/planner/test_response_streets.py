"""When pieces of street are reached, against a search written down step by step."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from gis.streets import Streets
from planner.response_beside import Beside
from planner.response_streets import FirstTwo, piece_times, pieces_of

CRS = "EPSG:32650"
X, Y = 500_000, 3_300_000


def network(lines: list[list[tuple[int, int]]], **columns: list[str]) -> Streets:
    shapes = [LineString([(X + x, Y + y) for x, y in line]) for line in lines]
    return Streets.build(gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS))


def at(*points: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries([Point(X + x, Y + y) for x, y in points], crs=CRS)


def beside_own(town: Streets, points: gpd.GeoSeries, mode: str) -> Beside:
    """Return the street that each point stands on, and no other."""
    found = town.snap(points, mode=mode)
    row = np.flatnonzero(found["edge"] >= 0)
    edge, fraction = (found[name].to_numpy()[row] for name in ("edge", "fraction"))
    return Beside(len(points), row, edge, fraction, np.zeros(len(row)))


def test_pieces_are_short_and_add_up() -> None:
    pieces = pieces_of(network([[(0, 0), (95, 0)], [(95, 0), (95, 7)]]))
    assert pieces.length_m.max() <= 10
    assert pieces.length_m.sum() == pytest.approx(102)
    assert sorted(pieces.xy[:, 0].round(2))[:2] == [X + 4.75, X + 14.25]


def test_a_piece_is_reached_from_the_nearer_end() -> None:
    # A ring of 400 m: opposite the start both ways are as long, on foot 0.75 s a metre.
    ring = network([[(0, 0), (100, 0)], [(100, 0), (100, 100), (0, 100), (0, 0)]])
    pieces = pieces_of(ring)
    times = piece_times(ring, pieces, beside_own(ring, at((0, 0)), "foot"), mode="foot")
    assert times.max() == pytest.approx(195 * 0.75, abs=0.1)
    assert times.min() == pytest.approx(5 * 0.75, abs=0.1)


def test_on_its_own_street_a_unit_goes_both_ways_but_for_one_way_streets() -> None:
    road = network([[(0, 0), (200, 0)]], highway=["residential"], oneway=["yes"])
    pieces = pieces_of(road)
    start = at((105, 0))
    on_foot = piece_times(road, pieces, beside_own(road, start, "foot"), mode="foot")
    car = beside_own(road, start, "car")
    by_car = piece_times(road, pieces, car, mode="car")
    behind = pieces.xy[:, 0] < X + 105
    assert np.isfinite(on_foot).all()
    assert np.isinf(by_car[behind]).all()
    assert np.isfinite(by_car[~behind & (pieces.xy[:, 0] > X + 105)]).all()
    # To the post instead of from it: the other side.
    back = piece_times(road, pieces, car, mode="car", reverse=True)
    assert np.isfinite(back[behind]).all()
    assert np.isinf(back[pieces.xy[:, 0] > X + 105]).all()


def test_nothing_lies_within_a_shorter_limit_than_it_takes() -> None:
    road = network([[(0, 0), (200, 0)]])
    pieces = pieces_of(road)
    start = beside_own(road, at((0, 0)), "foot")
    times = piece_times(road, pieces, start, mode="foot", limit_s=60)
    assert times[np.isfinite(times)].max() <= 60
    assert np.isfinite(times).sum() == 8


grids = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans(), st.sampled_from(["no", "yes"])),
    min_size=1,
    max_size=14,
    unique_by=lambda row: row[:3],
)
# Not in the middle of a piece: rounding would decide which of the two comes first.
metres_along = st.integers(5, 95).filter(lambda metres: metres != 50)
spots = st.lists(st.tuples(st.integers(0, 13), metres_along), min_size=1, max_size=3)


@settings(max_examples=25, deadline=None)
@given(rows=grids, spots=spots, mode=st.sampled_from(["foot", "car"]), reverse=st.booleans())
def test_it_agrees_with_networkx_over_the_middles(
    rows: list[tuple[int, int, bool, str]], spots: list[tuple[int, int]], mode: str, reverse: bool
) -> None:
    lines = [
        [(x * 100, y * 100), ((x + along) * 100, (y + (not along)) * 100)]
        for x, y, along, _ in rows
    ]
    town = network(lines, highway=["residential"] * len(rows), oneway=[row[3] for row in rows])
    pieces = pieces_of(town, longest_m=40)
    starts = []
    for line, metres in spots:
        (x, y), (end_x, end_y) = lines[line % len(lines)]
        starts.append((x + (end_x - x) * metres / 100, y + (end_y - y) * metres / 100))
    points = at(*starts)
    snapped = town.snap(points, mode=mode)
    graph = nx.DiGraph()
    seconds = town.seconds[mode]
    for arc in np.flatnonzero(np.isfinite(seconds)).tolist():
        tail, head = int(town.arc_tail[arc]), int(town.arc_head[arc])
        length = graph.get_edge_data(tail, head, {"s": np.inf})["s"]
        graph.add_edge(tail, head, s=min(length, float(seconds[arc])))
    # Each edge once more through its middles, and through where a point stands.
    stops: dict[int, list[tuple[float, str]]] = {}
    for piece, (edge, fraction) in enumerate(zip(pieces.edge, pieces.fraction, strict=True)):
        stops.setdefault(int(edge), []).append((float(fraction), f"piece {piece}"))
    for point, (edge, fraction) in enumerate(
        zip(snapped["edge"], snapped["fraction"], strict=True)
    ):
        if edge >= 0:
            stops.setdefault(int(edge), []).append((float(fraction), f"point {point}"))
    for arc in np.flatnonzero(np.isfinite(seconds) & (town.arc_edge >= 0)).tolist():
        inner = sorted(stops.get(int(town.arc_edge[arc]), []))
        inner = inner if town.arc_forward[arc] else [(1 - f, name) for f, name in inner[::-1]]
        chain = [(0.0, int(town.arc_tail[arc])), *inner, (1.0, int(town.arc_head[arc]))]
        for (f, a), (g, b) in pairwise(chain):
            length = graph.get_edge_data(a, b, {"s": np.inf})["s"]
            graph.add_edge(a, b, s=min(length, (g - f) * float(seconds[arc])))
    if reverse:
        graph = graph.reverse()
    sources = [f"point {k}" for k in range(len(starts)) if f"point {k}" in graph]
    slow = nx.multi_source_dijkstra_path_length(graph, sources, weight="s") if sources else {}
    starts_on = beside_own(town, points, mode)
    quick = piece_times(town, pieces, starts_on, mode=mode, reverse=reverse)
    expected = [slow.get(f"piece {piece}", np.inf) for piece in range(len(pieces.edge))]
    assert quick == pytest.approx(expected, abs=0.01)


times_of_units = st.lists(
    st.lists(st.one_of(st.integers(0, 9), st.just(None)), min_size=4, max_size=4), max_size=5
)


@given(times=times_of_units)
def test_the_first_two_are_the_two_smallest(times: list[list[int | None]]) -> None:
    matrix = np.array([[np.inf if t is None else float(t) for t in row] for row in times])
    padded = np.vstack([matrix.reshape(-1, 4), np.full((2, 4), np.inf)])
    halves = [FirstTwo.nobody(4), FirstTwo.nobody(4)]
    for unit, row in enumerate(padded[:-2]):
        there = np.flatnonzero(np.isfinite(row))
        halves[unit % 2].arrive(unit, there, row[there])
    both = halves[0].merged(halves[1])
    first_s, second_s = np.sort(padded, axis=0)[:2]
    assert both.first_s.tolist() == first_s.tolist()
    assert both.second_s.tolist() == second_s.tolist()
    for place, owner in enumerate(both.owner.tolist()):
        assert owner < 0 if np.isinf(first_s[place]) else padded[owner, place] == first_s[place]
