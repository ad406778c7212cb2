"""Turn restrictions and turn costs drawn by hand."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from gis.errors import ParameterError
from gis.profiles import load
from gis.streets import Streets
from gis.travel import path, reachable

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000


def street(code: str, *places: tuple[float, float], **columns: Any) -> dict[str, Any]:
    line = LineString([(X0 + x, Y0 + y) for x, y in places])
    return {"code": code, "highway": "residential", **columns, "geometry": line}


def layer(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(list(rows), geometry="geometry", crs=UTM)


def ban(kind: str, start: str, end: str, via: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "from_street": start, "via_streets": via, "to_street": end}


def node_at(network: Streets, x: float, y: float) -> int:
    return int(np.argmin(np.hypot(*(network.xy[: network.report.nodes] - (X0 + x, Y0 + y)).T)))


def seconds(
    network: Streets, start: tuple[float, float], end: tuple[float, float], mode: str = "car"
) -> float:
    """Return the time by networkx from one drawn node to another."""
    graph = nx.DiGraph()
    for u, v, s in network.graph.edges(data=f"{mode}_s"):
        if s is not None and s < graph.get_edge_data(u, v, {"w": math.inf})["w"]:
            graph.add_edge(u, v, w=s)
    a, b = int(network.source[node_at(network, *start)]), node_at(network, *end)
    try:
        return float(nx.shortest_path_length(graph, a, b, weight="w"))
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return math.inf


# Two carriageways, one way each, with a link between: a way to turn round.
#
#   L <--- back --- 0 <-- back2 --- R
#                   | link
#   L' -- ahead --> 1 -- ahead2 --> R'
TWIN = (
    street("ahead", (0, 0), (100, 0), oneway="yes"),
    street("ahead2", (100, 0), (200, 0), oneway="yes"),
    street("back2", (200, 20), (100, 20), oneway="yes"),
    street("back", (100, 20), (0, 20), oneway="yes"),
    street("link", (100, 0), (100, 20)),
    street("out", (100, 20), (100, 120)),
)
START, BACK, OUT, ON = (0, 0), (0, 20), (100, 120), (200, 0)


def test_no_u_turn_over_a_link_holds_only_those_who_came_by_the_one_street() -> None:
    free = Streets.build(layer(*TWIN))
    rows = pd.DataFrame([ban("no_u_turn", "ahead", "back", "link")])
    network = Streets.build(layer(*TWIN), restrictions=rows)
    assert (network.report.restrictions_used, network.report.restrictions_ignored) == (1, {})
    assert seconds(network, START, OUT) == seconds(free, START, OUT) < math.inf
    # The way round: back along the link, and over it once more.
    extra = 2 * seconds(free, (100, 0), (100, 20))
    assert seconds(network, START, BACK) == seconds(free, START, BACK) + extra
    # Who starts on the link, or comes from elsewhere, may turn.
    assert seconds(network, (100, 0), BACK) == seconds(free, (100, 0), BACK)
    assert seconds(network, OUT, BACK) == seconds(free, OUT, BACK)
    assert seconds(network, START, BACK, "foot") == seconds(free, START, BACK, "foot")


def test_only_over_a_link_leaves_one_way_on() -> None:
    free = Streets.build(layer(*TWIN))
    rows = pd.DataFrame([ban("only_straight_on", "ahead", "out", "link")])
    network = Streets.build(layer(*TWIN), restrictions=rows)
    assert seconds(network, START, OUT) == seconds(free, START, OUT)
    assert seconds(network, START, BACK) > seconds(free, START, BACK)
    assert seconds(network, START, ON) == seconds(free, START, ON)


def test_paths_and_reach_through_copies_are_those_of_the_street() -> None:
    rows = pd.DataFrame([ban("no_u_turn", "ahead", "back", "link")])
    network = Streets.build(layer(*TWIN), restrictions=rows)
    start, end = Point(X0 + 50, Y0), Point(X0 + 100, Y0 + 110)
    way = path(network, start, end, mode="car")
    assert (way.streets, way.length_m) == (("ahead", "link", "out"), pytest.approx(160))
    on_link = path(network, start, Point(X0 + 100, Y0 + 12), mode="car")
    assert (on_link.streets, on_link.length_m) == (("ahead", "link"), pytest.approx(62))
    from_link = path(network, Point(X0 + 100, Y0 + 8), Point(X0 + 20, Y0 + 20), mode="car")
    assert from_link.streets == ("link", "back")
    point = gpd.GeoSeries([start], crs=UTM)
    got = reachable(network, point, mode="car", limit_s=60)
    assert {"link", "out"} <= set(got["street"])
    assert (network.arc_edge[2 * len(network.edge_tail) :] >= 0).any()


def test_two_via_ways_in_either_spelling() -> None:
    chain = (
        street("a", (0, 0), (100, 0)),
        street("b", (100, 0), (200, 0)),
        street("c", (200, 0), (300, 0)),
        street("d", (300, 0), (400, 0)),
        street("e", (300, 0), (300, 90)),
        street("x", (200, 0), (200, 90)),
    )
    free = Streets.build(layer(*chain))
    for between in ("b;c", "b; c", "b, c"):
        rows = pd.DataFrame([ban("no_left_turn", "a", "e", between)])
        network = Streets.build(layer(*chain), restrictions=rows)
        assert network.report.restrictions_used == 1
        # By the dead end x the way behind is another one.
        beside = 2 * seconds(free, (200, 0), (200, 90))
        assert seconds(network, (0, 0), (300, 90)) == seconds(free, (0, 0), (300, 90)) + beside
        assert seconds(network, (0, 0), (400, 0)) == seconds(free, (0, 0), (400, 0))
        assert seconds(network, (200, 90), (300, 90)) == seconds(free, (200, 90), (300, 90))
    wrong = pd.DataFrame([ban("no_left_turn", "a", "e", "c; b")])
    network = Streets.build(layer(*chain), restrictions=wrong)
    assert network.report.restrictions_ignored == {"streets do not meet": 1}


def test_a_via_street_in_pieces_is_followed_through_its_junctions() -> None:
    drawn = (
        street("a", (0, 0), (100, 0)),
        street("b", (100, 0), (150, 0), (200, 0)),
        street("x", (150, 0), (150, 500)),
        street("c", (200, 0), (200, 90)),
    )
    free = Streets.build(layer(*drawn))
    network = Streets.build(
        layer(*drawn), restrictions=pd.DataFrame([ban("no_left_turn", "a", "c", "b")])
    )
    assert network.report.restrictions_used == 1
    assert seconds(network, (0, 0), (200, 90)) > seconds(free, (0, 0), (200, 90))
    assert seconds(network, (150, 500), (200, 90)) == seconds(free, (150, 500), (200, 90))


CROSS = (
    street("west", (0, 0), (200, 0)),
    street("east", (200, 0), (400, 0)),
    street("north", (200, 0), (200, 200)),
    street("south", (200, 0), (200, -200)),
)
WEST, EAST, NORTH, SOUTH = (0, 0), (400, 0), (200, 200), (200, -200)
TABLE = load("turns")
COST = TABLE["seconds"]


def cost(network: Streets, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return what turns add to a trip."""
    bare = Streets.build(layer(*CROSS))
    return seconds(network, start, end) - seconds(bare, start, end)


def test_turns_cost_cars_by_their_angle_and_nobody_else() -> None:
    network = Streets.build(layer(*CROSS), turn_costs=TABLE)
    assert cost(network, WEST, EAST) == COST["straight"]
    assert cost(network, WEST, NORTH) == COST["left"]
    assert cost(network, WEST, SOUTH) == COST["right"]
    assert cost(network, NORTH, EAST) == COST["left"]
    # Who begins at the junction leaves by any street for nothing.
    assert cost(network, (200, 0), NORTH) == 0
    for mode in ("foot", "ebike"):
        bare = Streets.build(layer(*CROSS))
        assert seconds(network, WEST, NORTH, mode) == seconds(bare, WEST, NORTH, mode)
    assert network.report.turns_priced == 5


def test_left_hand_traffic_mirrors_turns() -> None:
    network = Streets.build(layer(*CROSS), turn_costs={**TABLE, "drive_on": "left"})
    assert cost(network, WEST, NORTH) == COST["right"]
    assert cost(network, WEST, SOUTH) == COST["left"]


def test_a_lesser_street_gives_way_to_a_greater_one_that_passes() -> None:
    greater = [
        {**row, "highway": "primary"} if row["code"] in ("west", "east") else row for row in CROSS
    ]
    network = Streets.build(layer(*greater), turn_costs=TABLE)
    bare = Streets.build(layer(*greater))

    def extra(start: tuple[float, float], end: tuple[float, float]) -> float:
        return seconds(network, start, end) - seconds(bare, start, end)

    assert extra(SOUTH, NORTH) == COST["straight"] + COST["give_way"]
    assert extra(SOUTH, EAST) == COST["right"] + COST["give_way"]
    assert extra(WEST, NORTH) == COST["left"]
    # A greater street that ends here passes nobody.
    one = [{**row, "highway": "primary"} if row["code"] == "west" else row for row in CROSS]
    network, bare = Streets.build(layer(*one), turn_costs=TABLE), Streets.build(layer(*one))
    assert extra(SOUTH, NORTH) == COST["straight"]


def test_sharp_turns_turning_round_and_dead_ends() -> None:
    drawn = (
        street("a", (0, 0), (200, 0)),
        street("b", (200, 0), (400, 0)),
        street("sharp", (200, 0), (60, 60)),
    )
    rows = pd.DataFrame([ban("no_left_turn", "a", "sharp")])
    free, bare = Streets.build(layer(*drawn), turn_costs=TABLE), Streets.build(layer(*drawn))
    sharp = seconds(free, (0, 0), (60, 60)) - seconds(bare, (0, 0), (60, 60))
    assert sharp == COST["sharp_left"]
    held = Streets.build(layer(*drawn), turn_costs=TABLE, restrictions=rows)
    end = seconds(bare, (200, 0), (400, 0)) + seconds(bare, (400, 0), (200, 0))
    extra = seconds(held, (0, 0), (60, 60)) - seconds(bare, (0, 0), (60, 60)) - end
    assert extra == COST["straight"] + COST["dead_end"] + COST["straight"]


@pytest.mark.parametrize(
    "other",
    [
        street("north", (200, 0), (200, 200), highway="primary_link"),
        street("north", (200, 0), (200, 200), junction="roundabout"),
    ],
    ids=["link", "roundabout"],
)
def test_links_and_roundabouts_cost_nothing(other: dict[str, Any]) -> None:
    drawn = (CROSS[0], CROSS[1], other)
    network, bare = Streets.build(layer(*drawn), turn_costs=TABLE), Streets.build(layer(*drawn))
    assert seconds(network, WEST, NORTH) == seconds(bare, WEST, NORTH)


def test_a_bend_between_two_streets_costs_nothing_but_turning_round_does() -> None:
    drawn = (street("a", (0, 0), (200, 0)), street("b", (200, 0), (200, 200)))
    network, bare = Streets.build(layer(*drawn), turn_costs=TABLE), Streets.build(layer(*drawn))
    assert seconds(network, (0, 0), (200, 200)) == seconds(bare, (0, 0), (200, 200))
    at = node_at(network, 200, 0)
    a = int(np.flatnonzero(network.edge_street == "a")[0])
    turned = nx.shortest_path_length(
        network.graph, int(network.arc_head[2 * a]), int(network.arc_tail[2 * a + 1]), "car_s"
    )
    assert (turned, int(network.junction[network.arc_head[2 * a]])) == (COST["u_turn"], at)


def test_a_wrong_table_of_turns_is_named_with_all_its_faults() -> None:
    wrong = {**TABLE, "drive_on": "middle", "angle_deg": {"straight": 90, "sharp": 10}}
    wrong["seconds"] = {**COST, "left": -1}
    with pytest.raises(ParameterError, match="drive_on"):
        Streets.build(layer(*CROSS), turn_costs=wrong)
    wrong["drive_on"] = "right"
    with pytest.raises(ParameterError, match=r"seconds\.left.*angle_deg"):
        Streets.build(layer(*CROSS), turn_costs=wrong)
