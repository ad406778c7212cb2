"""Networks with gates, restrictions and turn costs against rules on rows of arcs."""

from __future__ import annotations

import heapq
import math
from functools import cache
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
from gis.ticks import whole_ticks
from gis.trip_ends import arrivals, departures, ends_at
from gis.turns import banned_turns

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000
PLACES = [(0.0, 0.0), (90.0, 0.0), (180.0, 10.0), (90.0, 80.0), (20.0, 95.0)]

rows = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 4),
        st.floats(3, 40),
        st.sampled_from(["residential", "residential", "primary", "primary_link", "footway"]),
        st.sampled_from(["no", "no", "no", "yes", "reverse"]),
    ),
    min_size=3,
    max_size=8,
)
KINDS = ["no_left_turn", "no_u_turn", "only_straight_on", "no_entry"]
number = st.integers(0, 7)
bans = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        number,
        st.lists(number, max_size=2),
        number,
        st.sampled_from(["car", "car ebike"]),
    ),
    max_size=6,
)
gates = st.lists(st.integers(0, 4), max_size=1)


def frame_of(drawn: list[Any]) -> gpd.GeoDataFrame:
    """Return bent lines between places; each bends its own way and is on its own level."""
    records = []
    for at, (a, b, bend, highway, oneway) in enumerate(drawn):
        start, end = np.array(PLACES[a]), np.array(PLACES[b])
        middle = (start + end) / 2 + [bend + at * 0.37, bend * 0.5 + at * 0.91 + 0.01]
        other = middle + np.array([7.0 + at * 0.11, -3.0])
        line = LineString(np.array([start, middle, other, end]) + np.array([X0, Y0]))
        # Levels keep lines that cross apart; shared ends join them all the same.
        records.append((str(at), highway, oneway, at, line))
    names = ["code", "highway", "oneway", "level", "geometry"]
    return gpd.GeoDataFrame(records, columns=names, geometry="geometry", crs=UTM)


def restrictions_of(given_bans: list[Any], n: int) -> pd.DataFrame:
    known = [ban for ban in given_bans if max(ban[1], ban[3], *ban[2], 0) < n]
    return pd.DataFrame(
        [
            (kind, str(a), ";".join(map(str, via)) or None, str(b), modes)
            for kind, a, via, b, modes in known
        ],
        columns=["kind", "from_street", "via_streets", "to_street", "modes"],
    )


def built(drawn: list[Any], given_bans: list[Any], shut: list[int], priced: bool) -> Streets:
    places = [Point(X0 + PLACES[g][0], Y0 + PLACES[g][1]) for g in shut]
    barriers = gpd.GeoDataFrame({"car": "no"}, index=range(len(places)), geometry=places, crs=UTM)
    return Streets.build(
        frame_of(drawn),
        barriers=barriers if shut else None,
        restrictions=restrictions_of(given_bans, len(drawn)),
        tolerance_m=0,
        turn_costs=load("turns") if priced else None,
    )


def rules_of(free: Streets, given_bans: pd.DataFrame, mode: str) -> set[tuple[int, ...]]:
    """Return the forbidden rows of arcs; `test_streets_turns` says what they must be."""
    m = len(free.edge_tail)
    may = {one: np.isfinite(free.seconds[one][: 2 * m]) for one in ("foot", "ebike", "car")}
    turns = banned_turns(
        given_bans,
        tail=free.edge_tail,
        head=free.edge_head,
        xy=free.xy,
        street=free.edge_street,
        permitted=may,
        crs=free.crs,
    )
    return set(turns.banned.get(mode, ()))


class Reference:
    """A search whose states are the arcs driven last: slow, and obvious."""

    def __init__(
        self,
        free: Streets,
        drawn: list[Any],
        bans: list[Any],
        shut: list[int],
        mode: str,
        priced: bool,
    ) -> None:
        self.rings = {
            str(at) for at, row in enumerate(drawn) if row[0] == row[1] and row[4] != "no"
        }
        m = len(free.edge_tail)
        self.free, self.seconds = free, free.seconds[mode][: 2 * m]
        self.tail, self.head = free.arc_tail[: 2 * m], free.arc_head[: 2 * m]
        self.arcs = [a for a in range(2 * m) if math.isfinite(self.seconds[a])]
        self.forbidden = rules_of(free, restrictions_of(bans, len(drawn)), mode)
        self.memory = max((len(row) for row in self.forbidden), default=2) - 1
        places = [(PLACES[g][0] + X0, PLACES[g][1] + Y0) for g in shut] if mode == "car" else []
        self.shut = {
            n for n, xy in enumerate(free.xy) if any(math.dist(xy, p) < 0.01 for p in places)
        }
        self.priced = priced and mode == "car"
        self.next = {a: [b for b in self.arcs if self.tail[b] == self.head[a]] for a in self.arcs}
        self.price = cache(self.price_of)
        self.passage = cache(self.passage_of)

    def passage_of(self, way: tuple[int, ...], b: int) -> float:
        """Return what it costs to go on with arc b, inf if that is not allowed."""
        a, node = way[-1], self.tail[b]
        if self.head[a] != node or (node in self.shut and b != a ^ 1):
            return math.inf
        longer = (*way, b)
        if any(longer[k:] in self.forbidden for k in range(len(longer))):
            return math.inf
        return self.price(a, b, int(node)) if self.priced else 0.0

    def price_of(self, a: int, b: int, node: int) -> float:
        """Return the cost of a turn by the words of the table."""
        table, kind = load("turns"), self.free.edge_kind
        open_edges = {arc // 2 for arc in self.arcs}
        ends = [e for e in open_edges for n in (self.tail[2 * e], self.head[2 * e]) if n == node]
        if b == a ^ 1:
            return float(table["seconds"]["dead_end" if len(ends) == 1 else "u_turn"])
        link = {"primary_link"} & {kind[a // 2], kind[b // 2]}
        ring = not self.rings.isdisjoint(self.free.edge_street[[a // 2, b // 2]])
        if len(ends) == 2 or link or ring:
            return 0.0
        ranks = sorted((table["rank"].get(kind[e], 0) for e in ends), reverse=True)
        wait = table["seconds"]["give_way"] if table["rank"].get(kind[a // 2], 0) < ranks[1] else 0
        return float(table["seconds"][self.sort(a, b)] + wait)

    def sort(self, a: int, b: int) -> str:
        def line(arc: int) -> LineString:
            own = self.free.edge_geometry[arc // 2]
            return own.reverse() if arc % 2 else own

        (x0, y0), (x1, y1) = line(a).interpolate(-15).coords[0], line(a).coords[-1]
        (x2, y2), (x3, y3) = line(b).coords[0], line(b).interpolate(15).coords[0]
        angle = math.degrees(math.atan2(y3 - y2, x3 - x2) - math.atan2(y1 - y0, x1 - x0))
        angle = (angle + 180) % 360 - 180
        if abs(angle) <= 40:
            return "straight"
        return ("sharp_" if abs(angle) >= 135 else "") + ("left" if angle > 0 else "right")

    def states(self, begin: list[tuple[float, tuple[int, ...]]]) -> dict[tuple[int, ...], float]:
        """Return when each state, at the end of its last arc, is reached."""
        heap, done = list(begin), {}
        heapq.heapify(heap)
        while heap:
            now, way = heapq.heappop(heap)
            if way in done:
                continue
            done[way] = now
            for b in self.next[way[-1]]:
                then = now + self.passage(way, b) + self.seconds[b]
                if math.isfinite(then):
                    heapq.heappush(heap, (then, (*way, b)[-self.memory :]))
        return done

    def halfway_s(self, start: int, end: int) -> float:
        """Return the time from the middle of an edge to the middle of one, leaving the first."""
        half = {a: float(whole_ticks(self.seconds[a] / 2)) for a in self.arcs}
        begin = [(self.seconds[a] - half[a], (a,)) for a in self.arcs if a // 2 == start]
        times = [
            now + self.passage(way, b) + half[b]
            for way, now in self.states(begin).items()
            for b in self.next[way[-1]]
            if b // 2 == end
        ]
        return min(times, default=math.inf)

    def nodes(self, states: dict[tuple[int, ...], float]) -> dict[int, float]:
        best: dict[int, float] = {}
        for way, seconds in states.items():
            node = int(self.head[way[-1]])
            best[node] = min(best.get(node, math.inf), seconds)
        return best


def lengths(network: Streets, mode: str, seeds: dict[int, float]) -> dict[int, float]:
    """Return the times by networkx from seeds."""
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from([*network.graph.nodes, "begin"])
    for u, v, seconds in network.graph.edges(data=f"{mode}_s"):
        if seconds is not None and seconds < graph.get_edge_data(u, v, {"w": math.inf})["w"]:
            graph.add_edge(u, v, w=seconds)
    for node, seconds in seeds.items():
        graph.add_edge("begin", node, w=seconds)
    return dict(nx.single_source_dijkstra_path_length(graph, "begin", weight="w"))


def halfway_s(network: Streets, mode: str, start: int, end: int) -> float:
    """Return the time from the middle of an edge to the middle of one by way of nodes."""
    middles = pd.DataFrame({"edge": [start, end], "fraction": 0.5})
    both = ends_at(network, middles, mode)
    leave, arrive = (
        departures(network, both.at(slice(0, 1))),
        arrivals(network, both.at(slice(1, 2))),
    )
    seeds: dict[int, float] = {}
    for node, seconds in zip(leave.node.tolist(), leave.seconds.tolist(), strict=True):
        seeds[node] = min(seeds.get(node, math.inf), seconds)
    got = lengths(network, mode, seeds)
    last = zip(arrive.node.tolist(), arrive.seconds.tolist(), strict=True)
    return min((got.get(node, math.inf) + s for node, s in last), default=math.inf)


drawings = st.tuples(rows, bans, gates, st.booleans())


@settings(max_examples=25)
@given(
    drawings,
    st.sampled_from(["car", "car", "ebike", "foot"]),
    st.integers(0, 99),
    st.integers(0, 99),
)
def test_rules_equal_a_search_over_the_way_behind(
    drawing: Any, mode: str, start: int, end: int
) -> None:
    drawn, given_bans, shut, priced = drawing
    network, free = built(drawn, given_bans, shut, priced), built(drawn, [], [], False)
    assert network.edge_street.tolist() == free.edge_street.tolist()
    slow = Reference(free, drawn, given_bans, shut, mode, priced)
    drawn_nodes = range(len(free.xy))
    for first in slow.arcs:
        behind = slow.nodes(slow.states([(0.0, (first,))]))
        got = lengths(network, mode, {int(network.arc_head[first]): 0.0})
        assert {n: t for n, t in got.items() if n in drawn_nodes} == behind
    for node in set(drawn_nodes) - slow.shut:
        begin = [(slow.seconds[a], (a,)) for a in slow.arcs if slow.tail[a] == node]
        fresh = slow.nodes(slow.states(begin))
        got = lengths(network, mode, {int(network.source[node]): 0.0})
        there = {n: t for n, t in got.items() if n in drawn_nodes and n != node}
        assert there == {n: t for n, t in fresh.items() if n != node}
    m = len(free.edge_tail)
    assert halfway_s(network, mode, start % m, end % m) == slow.halfway_s(start % m, end % m)


@settings(max_examples=15)
@given(drawings, st.integers(0, 7), st.floats(0.1, 1))
def test_closed_is_never_sooner_and_faster_never_later(
    drawing: Any, shut_street: int, factor: float
) -> None:
    network = built(*drawing)
    m = len(network.edge_tail)
    code = network.edge_street[shut_street % m]
    closed = network.closed([code])
    faster = network.timed({mode: np.full(m, factor) for mode in network.seconds})
    assert len({network.revision, closed.revision}) == 2
    for mode in ("foot", "car"):
        for node in range(len(network.xy)):
            now = lengths(network, mode, {node: 0.0})
            later = lengths(closed, mode, {node: 0.0})
            sooner = lengths(faster, mode, {node: 0.0})
            assert all(later[n] >= now[n] for n in later)
            assert set(sooner) == set(now)
            assert all(sooner[n] <= now[n] for n in now)
