from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from gis.profiles import load
from gis.streets import Streets
from gis.travel import nearest, reach

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000
PLACES = [(0.0, 0.0), (0.0, 70.0), (90.0, 0.0), (90.0, 70.0), (180.0, 30.0)]
MODES = ("foot", "ebike", "car")

# Few places, so that most streets meet at one of them.
street_rows = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 4),
        st.sampled_from(["residential", "residential", "footway"]),
        st.sampled_from(["no", "no", "yes"]),
    ).filter(lambda row: row[0] != row[1]),
    min_size=4,
    max_size=9,
)
gate_rows = st.lists(st.integers(0, 4), max_size=1)
turn_pairs = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=8)
fractions = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0]))
picks = st.lists(st.tuples(st.integers(0, 100), fractions), min_size=1, max_size=5)


def network_of(rows: list[Any], gates: list[int], bans: list[tuple[int, int]]) -> Streets:
    """Return a network of bent lines between places with gates, forbidden and priced turns."""
    records = []
    for at, (a, b, highway, oneway) in enumerate(rows):
        start, end = np.array(PLACES[a]), np.array(PLACES[b])
        # The bend differs from row to row, so that only places are shared.
        middle = (start + end) / 2 + [9 + at * 0.37, 5 + at * 0.91]
        line = LineString(np.array([start, middle, end]) + np.array([X0, Y0]))
        records.append((f"way/{at}", highway, oneway, line))
    columns = ["code", "highway", "oneway", "geometry"]
    at = [Point(X0 + PLACES[g][0], Y0 + PLACES[g][1]) for g in gates]
    return Streets.build(
        gpd.GeoDataFrame(records, columns=columns, geometry="geometry", crs=UTM),
        barriers=gpd.GeoDataFrame({"car": "no"}, index=range(len(at)), geometry=at, crs=UTM),
        restrictions=pd.DataFrame(
            [
                ("no_left_turn", f"way/{a}", f"way/{b}")
                for a, b in bans
                if a != b and max(a, b) < len(rows)
            ],
            columns=["kind", "from_street", "to_street"],
        ),
        tolerance_m=0,
        turn_costs=load("turns"),
    )


def points_on(network: Streets, picks: list[tuple[int, float]]) -> gpd.GeoSeries:
    edges = [network.edge_geometry[edge % len(network.edge_tail)] for edge, _ in picks]
    places = [
        line.interpolate(fraction, normalized=True)
        for line, (_, fraction) in zip(edges, picks, strict=True)
    ]
    return gpd.GeoSeries(places, crs=network.crs)


def time_to(network: Streets, snapped: pd.DataFrame, mode: str) -> list[float]:
    """Return the time from each node to one point, as networkx finds it on the graph reversed."""
    edge, fraction = int(snapped["edge"].iloc[0]), float(snapped["fraction"].iloc[0])
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from([*network.graph.nodes, "point"])

    def add(u: Any, v: Any, seconds: float) -> None:
        if seconds < graph.get_edge_data(v, u, {"w": math.inf})["w"]:
            graph.add_edge(v, u, w=seconds)

    for u, v, data in network.graph.edges(data=True):
        seconds = data.get(f"{mode}_s")
        if seconds is None:
            continue
        add(u, v, seconds)
        if data["edge"] == edge:
            share = fraction if data["forward"] else 1 - fraction
            add(u, "point", float(np.rint(share * seconds * 1024)) / 1024)
    if edge >= 0 and fraction in (0, 1):
        add(int((network.edge_head if fraction else network.edge_tail)[edge]), "point", 0.0)
    lengths = nx.single_source_dijkstra_path_length(graph, "point", weight="w")
    at = [lengths.get(node, math.inf) for node in network.node_ids.tolist()]
    return [min(seconds, at[begin]) for seconds, begin in zip(at, network.source, strict=True)]


@settings(max_examples=60)
@given(street_rows, gate_rows, turn_pairs, picks, st.sampled_from(MODES))
def test_the_way_back_begins_where_trips_begin(
    rows: list[Any], gates: list[int], bans: list[tuple[int, int]], where: Any, mode: str
) -> None:
    network = network_of(rows, gates, bans)
    points = points_on(network, where)
    snapped = network.snap(points, mode=mode)
    each = [time_to(network, snapped.iloc[[at]], mode) for at in range(len(points))]
    got = nearest(network, points, mode=mode, reverse=True)
    assert got.time_s.tolist() == np.min(each, axis=0).tolist()
    for node in np.flatnonzero(got.owner >= 0).tolist():
        assert each[got.owner[node]][node] == got.time_s[node]
    assert (np.isinf(got.time_s) == (got.owner < 0)).all()
    reached = reach(network, points, mode=mode, limit_s=20, reverse=True)
    for at in range(len(points)):
        own = slice(reached.indptr[at], reached.indptr[at + 1])
        expected = {node: t for node, t in enumerate(each[at]) if t <= 20}
        assert dict(zip(reached.node[own], reached.time_s[own], strict=True)) == expected
        assert len(reached.node[own]) == len(expected)
        assert (np.diff(reached.time_s[own]) >= 0).all()


def test_cars_at_a_priced_crossing_have_a_way_to_the_post() -> None:
    tee = gpd.GeoDataFrame(
        {"code": ["main", "side"], "highway": "residential", "oneway": ["yes", "no"]},
        geometry=[
            LineString([(X0, Y0), (X0 + 200, Y0), (X0 + 400, Y0)]),
            LineString([(X0 + 200, Y0), (X0 + 200, Y0 + 120)]),
        ],
        crs=UTM,
    )
    network = Streets.build(tee, turn_costs=load("turns"))
    crossing = int(np.flatnonzero((network.xy == (X0 + 200, Y0)).all(axis=1))[0])
    assert network.source[crossing] != crossing
    post = gpd.GeoSeries([Point(X0 + 400, Y0)], crs=UTM)
    field = nearest(network, post, mode="car", reverse=True)
    assert (field.time_s[crossing], field.owner[crossing]) == (
        network.seconds["car"][2 * network.edge_street.tolist().index("main") + 2],
        0,
    )
    reached = reach(network, post, mode="car", limit_s=60, reverse=True)
    assert reached.time_s[reached.node == crossing].tolist() == [field.time_s[crossing]]
