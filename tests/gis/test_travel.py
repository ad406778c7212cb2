from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from gis.errors import CrsError, InputError, ParameterError
from gis.streets import Streets
from gis.travel import matrix, nearest, path, paths, reach

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000
PLACES = [(x * 90.0, y * 70.0) for x in range(4) for y in range(3)]
MODES = ("foot", "ebike", "car")

streets_rows = st.lists(
    st.tuples(
        st.sampled_from(range(len(PLACES))),
        st.sampled_from(range(len(PLACES))),
        st.floats(5, 60),
        st.sampled_from(["residential", "footway", "primary", None]),
        st.sampled_from(["no", "yes", "reverse", None]),
    ),
    min_size=1,
    max_size=24,
)


def way(row: int) -> str:
    """Return a code that keeps streets apart where they cross without a vertex."""
    return f"way/{row}"


def network_of(
    rows: list[Any], gates: list[int] | None = None, bans: list[tuple[int, int]] | None = None
) -> Streets:
    """Return a network of bent lines between places: parallels, loops and one-way streets."""
    records = []
    for at, (a, b, bend, highway, oneway) in enumerate(rows):
        start, end = np.array(PLACES[a]), np.array(PLACES[b])
        # The bend differs from row to row, so that only places are shared.
        middle = (start + end) / 2 + [bend + at * 0.37, bend * 0.5 + at * 0.91 + 0.01]
        other = middle + np.array([7.0 + at * 0.11, -3.0])
        line = LineString(np.array([start, middle, other, end]) + np.array([X0, Y0]))
        records.append((way(at), highway, oneway, line))
    frame = gpd.GeoDataFrame(
        records, columns=["code", "highway", "oneway", "geometry"], geometry="geometry", crs=UTM
    )
    barriers = None
    if gates:
        at = [Point(X0 + PLACES[g][0], Y0 + PLACES[g][1]) for g in gates]
        barriers = gpd.GeoDataFrame({"car": "no"}, index=range(len(at)), geometry=at, crs=UTM)
    restrictions = None
    if bans:
        restrictions = pd.DataFrame(
            [("no_left_turn", way(a), way(b)) for a, b in bans],
            columns=["kind", "from_street", "to_street"],
        )
    return Streets.build(frame, barriers=barriers, restrictions=restrictions, tolerance_m=0)


def points_on(network: Streets, picks: list[tuple[int, float]], crs: str = UTM) -> gpd.GeoSeries:
    edges = [network.edge_geometry[edge % len(network.edge_tail)] for edge, _ in picks]
    places = [
        line.interpolate(fraction, normalized=True)
        for line, (_, fraction) in zip(edges, picks, strict=True)
    ]
    return gpd.GeoSeries(places, crs=network.crs).to_crs(crs)


fractions = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0]))
picks = st.lists(st.tuples(st.integers(0, 100), fractions), min_size=1, max_size=5)


def with_points(network: Streets, snapped: pd.DataFrame, mode: str) -> nx.DiGraph[Any]:
    """Return the network with the points as nodes of chains: the slow, obvious reference."""
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from(network.graph.nodes)

    def add(u: Any, v: Any, seconds: float) -> None:
        if seconds < graph.get_edge_data(u, v, {"w": math.inf})["w"]:
            graph.add_edge(u, v, w=seconds)

    on_edge: dict[int, list[tuple[float, Any]]] = {}
    for at, (edge, fraction) in enumerate(zip(snapped["edge"], snapped["fraction"], strict=True)):
        graph.add_node(("p", at))
        if edge < 0:
            continue
        if fraction in (0, 1):
            ends = network.edge_head if fraction else network.edge_tail
            add(("p", at), int(ends[edge]), 0.0)
            add(int(ends[edge]), ("p", at), 0.0)
        on_edge.setdefault(edge, []).append((fraction, ("p", at)))
    for u, v, arc, data in network.graph.edges(keys=True, data=True):
        seconds = data.get(f"{mode}_s")
        if seconds is None:
            continue
        stops = on_edge.get(data["edge"], [])
        if arc % 2:
            stops = [(1 - fraction, name) for fraction, name in stops]
        chain = [(0.0, u), *sorted(stops, key=lambda stop: stop[0]), (1.0, v)]
        for (f, start), (g, end) in pairwise(chain):
            ticks = np.rint(g * seconds * 1024) - np.rint(f * seconds * 1024)
            add(start, end, float(ticks / 1024))
            if f == g:
                add(end, start, 0.0)
    return graph


@given(streets_rows, picks, st.sampled_from(MODES), st.booleans())
def test_nearest_equals_networkx(rows: list[Any], where: Any, mode: str, reverse: bool) -> None:
    network = network_of(rows)
    points = points_on(network, where)
    graph = with_points(network, network.snap(points, mode=mode), mode)
    searched = graph.reverse() if reverse else graph
    each = [
        nx.single_source_dijkstra_path_length(searched, ("p", at), weight="w")
        for at in range(len(points))
    ]
    got = nearest(network, points, mode=mode, reverse=reverse)
    for node in network.node_ids.tolist():
        times = [lengths.get(node, math.inf) for lengths in each]
        assert got.time_s[node] == min(times)
        assert (got.owner[node] == -1) == (min(times) == math.inf)
        if got.owner[node] >= 0:
            assert times[got.owner[node]] == min(times)


@given(streets_rows, picks, picks, st.sampled_from(MODES))
def test_matrix_equals_networkx(rows: list[Any], here: Any, there: Any, mode: str) -> None:
    network = network_of(rows)
    origins, destinations = points_on(network, here), points_on(network, there)
    both = pd.concat([network.snap(p, mode=mode) for p in (origins, destinations)])
    graph = with_points(network, both, mode)
    got = matrix(network, origins, destinations, mode=mode)
    assert got.shape == (len(here), len(there))
    for a in range(len(here)):
        lengths = nx.single_source_dijkstra_path_length(graph, ("p", a), weight="w")
        expected = [lengths.get(("p", len(here) + b), math.inf) for b in range(len(there))]
        assert got[a].tolist() == expected


@given(streets_rows, picks, st.sampled_from(MODES), st.floats(0, 200), st.booleans())
def test_reach_is_the_field_of_each_point_cut_off(
    rows: list[Any], where: Any, mode: str, limit_s: float, reverse: bool
) -> None:
    network = network_of(rows)
    points = points_on(network, where)
    got = reach(network, points, mode=mode, limit_s=limit_s, reverse=reverse)
    assert len(got.indptr) == len(points) + 1
    for at in range(len(points)):
        one = nearest(network, points.iloc[[at]], mode=mode, reverse=reverse)
        own = slice(got.indptr[at], got.indptr[at + 1])
        within = np.flatnonzero(one.time_s <= limit_s)
        assert sorted(got.node[own].tolist()) == within.tolist()
        assert got.time_s[own].tolist() == one.time_s[got.node[own]].tolist()
        assert (np.diff(got.time_s[own]) >= 0).all()
        cut = nearest(network, points.iloc[[at]], mode=mode, reverse=reverse, limit_s=limit_s)
        assert (np.isfinite(cut.time_s) == (one.time_s <= limit_s)).all()


@given(streets_rows, picks, st.sampled_from(MODES))
def test_paths_are_as_long_as_their_time(rows: list[Any], where: Any, mode: str) -> None:
    network = network_of(rows)
    origins, destinations = points_on(network, where), points_on(network, where[::-1])
    times = matrix(network, origins, destinations, mode=mode).diagonal()
    ways = paths(network, origins, destinations, mode=mode)
    assert ways["time_s"].tolist() == times.tolist()
    snapped = [network.snap(p, mode=mode) for p in (origins, destinations)]
    for at, way in enumerate(ways.itertuples()):
        if math.isinf(way.time_s):
            assert way.geometry.is_empty
            continue
        assert way.length_m == pytest.approx(way.geometry.length)
        for found, end in zip(snapped, (0, -1), strict=True):
            line = network.edge_geometry[found["edge"].iloc[at]]
            place = line.interpolate(found["fraction"].iloc[at], normalized=True)
            assert Point(way.geometry.coords[end]).distance(place) < 2e-3
        if mode == "foot":
            assert way.time_s == pytest.approx(way.length_m * 3.6 / 4.8, abs=0.05)


# Few places, so that most streets meet at one of them.
dense_rows = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 4),
        st.floats(5, 60),
        st.just("residential"),
        st.sampled_from(["no", "no", "yes"]),
    ).filter(lambda row: row[0] != row[1]),
    min_size=4,
    max_size=9,
)
turn_pairs = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=8)


@settings(max_examples=60)
@given(dense_rows, st.lists(st.integers(0, 4), max_size=1), turn_pairs)
def test_gates_and_turns_equal_a_search_over_arcs(
    rows: list[Any], gates: list[int], bans: list[tuple[int, int]]
) -> None:
    """Check against a graph whose nodes are arcs just driven, built from the rules alone."""
    bans = [(a, b) for a, b in bans if a != b and max(a, b) < len(rows)]
    network = network_of(rows, gates, bans)
    free = network_of(rows)
    times = free.seconds["car"]
    tail, head = free.arc_tail, free.arc_head
    shut = {PLACES[g] for g in gates}
    place = [tuple(np.round(xy - (X0, Y0)).tolist()) for xy in free.xy]
    code = np.repeat(free.edge_street, 2)
    drivable = np.flatnonzero(np.isfinite(times)).tolist()

    def clear(a: int, b: int) -> set[int]:
        """Return the places at which it is clear which turn from a to b is meant."""
        ends = {
            x: {place[head[arc]] for arc in range(len(code)) if code[arc] == way(x)} for x in (a, b)
        }
        meet = ends[a] & ends[b]
        if len(meet) != 1:
            return set()
        come = [k for k in drivable if code[k] == way(a) and place[head[k]] in meet]
        go = [k for k in drivable if code[k] == way(b) and place[tail[k]] in meet]
        return meet if len(come) == len(go) == 1 else set()

    banned = {(way(a), way(b), where) for a, b in bans for where in clear(a, b)}
    arcs: nx.DiGraph[int] = nx.DiGraph()
    arcs.add_nodes_from(drivable)
    for a in drivable:
        for b in drivable:
            where = place[head[a]]
            if head[a] != tail[b] or (where in shut and b != a ^ 1):
                continue
            if (code[a], code[b], where) in banned:
                continue
            arcs.add_edge(a, b, w=times[b])
    cars: nx.DiGraph[int] = nx.DiGraph()
    for u, v, seconds in network.graph.edges(data="car_s"):
        if seconds is not None and seconds < cars.get_edge_data(u, v, {"w": math.inf})["w"]:
            cars.add_edge(u, v, w=seconds)
    for first in drivable:
        by_arc = nx.single_source_dijkstra_path_length(arcs, first, weight="w")
        expected: dict[int, float] = {}
        for arc, seconds in by_arc.items():
            drawn = int(head[arc])
            expected[drawn] = min(expected.get(drawn, math.inf), seconds)
        by_node = nx.single_source_dijkstra_path_length(
            cars, int(network.arc_head[first]), weight="w"
        )
        got = {node: t for node, t in by_node.items() if node < len(free.xy)}
        assert got == expected


TEE = gpd.GeoDataFrame(
    {"code": ["main", "side"], "highway": "residential", "oneway": ["yes", "no"]},
    geometry=[
        LineString([(X0, Y0), (X0 + 200, Y0), (X0 + 400, Y0)]),
        LineString([(X0 + 200, Y0), (X0 + 200, Y0 + 120)]),
    ],
    crs=UTM,
)


def at(*places: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries([Point(X0 + x, Y0 + y) for x, y in places], crs=UTM)


def test_matrix_by_hand() -> None:
    network = Streets.build(TEE)
    times = matrix(network, at((100, 5), (150, 0)), at((150, 0), (200, 80)), mode="foot")
    assert times.tolist() == [[37.5, 135.0], [0.0, 97.5]]


def test_one_way_holds_cars_on_one_edge_but_not_people() -> None:
    network = Streets.build(TEE)
    ahead, behind = at((50, 0)), at((150, 0))
    assert matrix(network, ahead, behind, mode="car")[0, 0] == pytest.approx(14.4, abs=2e-3)
    assert matrix(network, behind, ahead, mode="car")[0, 0] == math.inf
    assert matrix(network, behind, ahead, mode="foot")[0, 0] == 75.0


def test_points_in_degrees_and_metres_agree() -> None:
    network = Streets.build(TEE)
    metres = at((100, 5), (200, 80))
    degrees = metres.to_crs("EPSG:4326")
    one, other = (matrix(network, p, p, mode="foot") for p in (metres, degrees))
    assert np.abs(one - other).max() <= 1 / 1024


@pytest.mark.parametrize("first", ["lane", "side"])
@pytest.mark.parametrize("oneway", ["yes", "reverse"])
@pytest.mark.parametrize("drawn", [1, -1])
def test_point_on_a_junction_leaves_and_is_reached_by_any_street(
    first: str, oneway: str, drawn: int
) -> None:
    lane, side = [(0, 0), (200, 0)][::drawn], [(200, 0), (200, 300)]
    rows = [("lane", oneway, lane), ("side", "no", side)]
    rows = rows if first == "lane" else rows[::-1]
    network = Streets.build(
        gpd.GeoDataFrame(
            {"code": [row[0] for row in rows], "oneway": [row[1] for row in rows]},
            geometry=[LineString(np.array(row[2]) + np.array([X0, Y0])) for row in rows],
            crs=UTM,
        )
    )
    corner, end = at((200, 0)), at((200, 300))
    whole = network.seconds["car"][2 * network.edge_street.tolist().index("side")]
    assert matrix(network, corner, end, mode="car")[0, 0] == whole
    assert matrix(network, end, corner, mode="car")[0, 0] == whole


def test_one_search_leaves_nothing_to_the_next() -> None:
    corners = [(0, 0), (500, 0), (600, 0), (610, 0), (610, 400)]
    network = Streets.build(
        gpd.GeoDataFrame(
            geometry=[LineString(at(*ends).tolist()) for ends in pairwise(corners)], crs=UTM
        )
    )
    # The first search ends at its neighbour, when it has seen but not settled the node at 500 m,
    # which the second must pass.
    times = matrix(network, at((600, 0), (0, 0)), at((610, 0)), mode="foot")
    assert times[:, 0].tolist() == [7.5, 457.5]


def test_refused_points_reach_nothing() -> None:
    network = Streets.build(TEE)
    far = at((0, 5000), (100, 0))
    assert np.isinf(matrix(network, far, far, mode="foot")).tolist() == [
        [True, True],
        [True, False],
    ]
    assert (nearest(network, far.iloc[:1], mode="foot").owner == -1).all()
    assert reach(network, far, mode="foot", limit_s=60).indptr.tolist()[:2] == [0, 0]
    way = path(network, far.iloc[0], far.iloc[1], mode="foot")
    assert (way.time_s, way.streets, way.summary()) == (math.inf, (), "no way")


def test_no_points_give_empty_answers() -> None:
    network = Streets.build(TEE)
    none = at()
    assert matrix(network, none, at((0, 0)), mode="foot").shape == (0, 1)
    assert np.isinf(nearest(network, none, mode="foot").time_s).all()
    assert reach(network, none, mode="foot", limit_s=9).indptr.tolist() == [0]
    assert len(paths(network, none, none, mode="foot")) == 0


def test_path_by_hand() -> None:
    network = Streets.build(TEE)
    way = path(network, Point(X0 + 300, Y0 + 9), Point(X0 + 200, Y0 + 60), mode="foot")
    assert way.geometry.equals(LineString([(X0 + 300, Y0), (X0 + 200, Y0), (X0 + 200, Y0 + 60)]))
    assert (way.time_s, way.length_m, way.streets) == (120.0, 160.0, ("main", "side"))
    assert way.summary() == "120 s, 160 m, 2 streets"
    still = path(network, Point(X0 + 300, Y0), Point(X0 + 300, Y0), mode="foot")
    assert (still.time_s, still.length_m, len(still.geometry.coords)) == (0.0, 0.0, 2)


def test_path_in_degrees() -> None:
    network = Streets.build(TEE)
    start, end = at((300, 9), (200, 60)).to_crs("EPSG:4326")
    way = path(network, start, end, mode="foot", crs="EPSG:4326")
    assert way.length_m == pytest.approx(160, abs=0.01)
    assert Point(way.geometry.coords[-1]).distance(end) < 1e-7


def test_closure_changes_the_times() -> None:
    network = Streets.build(TEE)
    here, there = at((100, 0)), at((200, 100))
    assert math.isfinite(matrix(network, here, there, mode="foot")[0, 0])
    # The nearest street that is left is the main one, 100 m away.
    assert matrix(network.closed(["side"]), here, there, mode="foot")[0, 0] == 75.0


def test_wrong_input_is_named() -> None:
    network = Streets.build(TEE)
    with pytest.raises(ParameterError, match="limit_s"):
        nearest(network, at((0, 0)), mode="foot", limit_s=-1)
    with pytest.raises(ParameterError, match="horse"):
        matrix(network, at((0, 0)), at((0, 0)), mode="horse")
    with pytest.raises(CrsError):
        reach(network, gpd.GeoSeries([Point(0, 0)]), mode="foot", limit_s=1)
    with pytest.raises(InputError, match="2 origins"):
        paths(network, at((0, 0), (1, 1)), at((0, 0)), mode="foot")
