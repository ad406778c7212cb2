from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiLineString, Point

from gis.errors import (
    CrsError,
    InputError,
    LayerFaultsError,
    LayerMissingError,
    NotFoundError,
    ParameterError,
)
from gis.streets import Streets

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000
WALK = 4.8 / 3.6


def street(code: str, *places: tuple[float, float], **columns: Any) -> dict[str, Any]:
    line = LineString([(X0 + x, Y0 + y) for x, y in places])
    return {"code": code, "highway": "residential", **columns, "geometry": line}


def layer(*rows: dict[str, Any], crs: str | None = UTM) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(list(rows), geometry="geometry", crs=crs)


def points(*places: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries([Point(X0 + x, Y0 + y) for x, y in places], crs=UTM)


def node_at(network: Streets, x: float, y: float) -> int:
    apart = np.hypot(*(network.xy - (X0 + x, Y0 + y)).T)
    assert apart.min() < 0.01
    return int(np.argmin(apart))


def car_s(network: Streets, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the car's time by networkx, from the drawn node to the drawn node."""
    a, b = node_at(network, *start), node_at(network, *end)
    cars = nx.DiGraph()
    for u, v, seconds in network.graph.edges(data="car_s"):
        if seconds is not None and seconds < cars.get_edge_data(u, v, {"w": math.inf})["w"]:
            cars.add_edge(u, v, w=seconds)
    try:
        return float(nx.shortest_path_length(cars, a, b, weight="w"))
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return math.inf


TEE = (street("main", (0, 0), (100, 0), (200, 0)), street("side", (100, 0), (100, 60)))


def test_shared_vertex_is_a_junction_and_splits_the_street() -> None:
    network = Streets.build(layer(*TEE))
    assert len(network.node_ids) == 4
    assert sorted(network.edge_street) == ["main", "main", "side"]
    assert sorted(network.edge_length_m.tolist()) == [60.0, 100.0, 100.0]
    graph = network.graph
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.number_of_edges() == 6
    data = next(iter(graph.edges(data=True)))[2]
    assert data["foot_s"] == pytest.approx(data["length_m"] / WALK, abs=1 / 1024)
    assert {"length_m", "foot_s", "ebike_s", "car_s", "geometry", "street"} <= set(data)
    for u, v, data in graph.edges(data=True):
        ends = shapely.get_coordinates(data["geometry"])[[0, -1]]
        assert np.allclose(ends, network.xy[[u, v]])


def test_degrees_give_the_same_network_as_metres() -> None:
    metres = Streets.build(layer(*TEE))
    degrees = Streets.build(layer(*TEE).to_crs("EPSG:4326"))
    assert degrees.crs.is_projected
    assert len(degrees.node_ids) == 4
    # UTM on its central meridian is 0.4 per mille short.
    assert np.allclose(np.sort(degrees.edge_length_m), np.sort(metres.edge_length_m), rtol=5e-4)


def test_a_crs_that_is_not_true_to_scale_is_left() -> None:
    mercator = layer(*TEE).to_crs("EPSG:3857")
    network = Streets.build(mercator)
    assert network.crs != mercator.crs
    assert network.edge_length_m.sum() == pytest.approx(260, rel=1e-3)


def test_times_are_whole_ticks() -> None:
    network = Streets.build(layer(*TEE))
    for times in network.seconds.values():
        ticks = times[np.isfinite(times)] * 1024
        assert (ticks == np.rint(ticks)).all()


@pytest.mark.parametrize(
    ("columns", "mode", "along", "against"),
    [
        ({}, "foot", 4.8, 4.8),
        ({"highway": "motorway"}, "foot", None, None),
        ({"highway": "footway"}, "car", None, None),
        ({"highway": "footway", "car": "yes"}, "car", 10, 10),
        ({"car": "no"}, "car", None, None),
        ({"bicycle": "no"}, "ebike", None, None),
        ({"highway": None}, "car", 20, 20),
        ({"highway": "never heard of"}, "car", 20, 20),
        ({"highway": "construction"}, "foot", None, None),
        ({"oneway": "yes"}, "car", 25, None),
        ({"oneway": "reverse"}, "car", None, 25),
        ({"oneway": "yes"}, "foot", 4.8, 4.8),
        ({"oneway": "yes"}, "ebike", 18, None),
        ({"oneway": "yes", "oneway_bicycle": "no"}, "ebike", 18, 18),
        ({"speed_kmh": 30.0}, "car", 21, 21),
        ({"speed_kmh": 7.0}, "ebike", 7, 7),
        ({"speed_kmh": 0.0}, "car", 25, 25),
    ],
)
def test_who_may_go_where_and_how_fast(
    columns: dict[str, Any], mode: str, along: float | None, against: float | None
) -> None:
    network = Streets.build(layer(street("a", (0, 0), (700, 0), **columns)))
    expected = [math.inf if kmh is None else 700 * 3.6 / kmh for kmh in (along, against)]
    assert network.seconds[mode][:2].tolist() == pytest.approx(expected, abs=1 / 2048)


def test_bridge_without_shared_vertex_is_no_junction() -> None:
    network = Streets.build(
        layer(
            street("under", (0, 0), (200, 0)),
            street("over", (100, -50), (100, 50), level=1, bridge=True),
        )
    )
    assert len(network.edge_tail) == 2
    assert nx.number_weakly_connected_components(network.graph) == 2


@pytest.mark.parametrize("side", [1, -1])
def test_loose_end_within_the_tolerance_is_joined_and_outside_not(side: int) -> None:
    main = street("main", (0, 0), (100, 0), (200, 0))
    rows = (main, street("side", (100, side * 0.4), (100, side * 60)))
    near = Streets.build(layer(*rows), tolerance_m=0.5)
    assert near.report.loose_ends_joined == 1
    assert sorted(near.edge_length_m.tolist()) == [60.0, 100.0, 100.0]
    assert nx.number_weakly_connected_components(near.graph) == 1
    far = Streets.build(layer(*rows), tolerance_m=0.3)
    assert nx.number_weakly_connected_components(far.graph) == 2


def test_a_short_street_is_not_swallowed_by_the_tolerance() -> None:
    network = Streets.build(layer(street("a", (0, 0), (0.3, 0)), street("b", (9, 9), (9, 30))))
    assert sorted(network.edge_length_m.round(6).tolist()) == [0.3, 21.0]


def test_loops_parallels_and_parts_are_kept_and_nothings_dropped() -> None:
    loop = street("loop", (0, 0), (50, 0), (50, 50), (0, 0))
    two = street("two", (0, 0), (1, 1))
    two["geometry"] = MultiLineString(
        [[(X0, Y0), (X0, Y0 + 80)], [(X0, Y0), (X0 + 9, Y0 + 40), (X0, Y0 + 80)]]
    )
    nothing = street("nothing", (0, 0), (0, 0))
    network = Streets.build(layer(loop, two, nothing))
    assert sorted(network.edge_street) == ["loop", "two", "two"]
    assert network.graph.number_of_edges() == 6
    assert len(network.node_ids) == 2


def test_caller_frame_is_not_changed() -> None:
    frame = layer(*TEE)
    before = frame.copy()
    Streets.build(frame, barriers=None)
    assert frame.equals(before)


def barrier(x: float, y: float, **access: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        [{"code": "gate", **access, "geometry": Point(X0 + x, Y0 + y)}],
        geometry="geometry",
        crs=UTM,
    )


@pytest.mark.parametrize("x", [100, 50], ids=["at a vertex", "between vertices"])
def test_gate_stops_cars_not_people(x: float) -> None:
    network = Streets.build(
        layer(street("a", (0, 0), (100, 0), (200, 0))), barriers=barrier(x, 0, car="no")
    )
    assert network.report.barriers_used == 1
    assert car_s(network, (0, 0), (200, 0)) == math.inf
    assert car_s(network, (0, 0), (x, 0)) < math.inf
    assert car_s(network, (200, 0), (x, 0)) < math.inf
    a, b = node_at(network, 0, 0), node_at(network, 200, 0)
    on_foot = nx.shortest_path_length(network.graph, a, b, weight="foot_s")
    assert on_foot == pytest.approx(200 / WALK, abs=2 / 1024)


def test_gate_at_a_junction_shuts_every_passage() -> None:
    network = Streets.build(layer(*TEE), barriers=barrier(100, 0, car="no", foot="yes"))
    ends = [(0, 0), (200, 0), (100, 60)]
    assert all(car_s(network, a, b) == math.inf for a in ends for b in ends if a != b)


def test_open_gate_and_gate_off_the_streets() -> None:
    plain = Streets.build(layer(*TEE))
    opened = Streets.build(layer(*TEE), barriers=barrier(50, 0, car="yes"))
    assert len(opened.node_ids) == len(plain.node_ids)
    off = Streets.build(layer(*TEE), barriers=barrier(50, 30, car="no"))
    assert off.report.barriers_off_streets == 1


CROSS = (
    street("west", (0, 0), (100, 0)),
    street("east", (100, 0), (200, 0)),
    street("north", (100, 0), (100, 100)),
    street("south", (100, 0), (100, -100)),
)
WEST, EAST, NORTH, SOUTH = (0, 0), (200, 0), (100, 100), (100, -100)


def ban(kind: str, start: str, end: str, **columns: Any) -> pd.DataFrame:
    row = {"code": "r", "kind": kind, "from_street": start, "to_street": end}
    return pd.DataFrame([{**row, **columns}])


def test_forbidden_turn_costs_the_way_round_by_a_dead_end() -> None:
    free = Streets.build(layer(*CROSS))
    network = Streets.build(layer(*CROSS), restrictions=ban("no_left_turn", "west", "north"))
    assert network.report.restrictions_used == 1
    # Straight on to a dead end, back, and then the right turn is allowed.
    assert car_s(network, WEST, NORTH) == 2 * car_s(free, WEST, NORTH)
    assert car_s(network, WEST, EAST) == car_s(free, WEST, EAST)
    assert car_s(network, NORTH, WEST) == car_s(free, NORTH, WEST)
    a, b = node_at(network, *WEST), node_at(network, *NORTH)
    on_foot = nx.shortest_path_length(network.graph, a, b, weight="foot_s")
    assert on_foot == nx.shortest_path_length(free.graph, a, b, weight="foot_s")


def test_only_turn_forbids_all_others() -> None:
    free = Streets.build(layer(*CROSS))
    network = Streets.build(layer(*CROSS), restrictions=ban("only_straight_on", "west", "east"))
    assert car_s(network, WEST, EAST) == car_s(free, WEST, EAST)
    assert car_s(network, WEST, SOUTH) == 2 * car_s(free, WEST, SOUTH)
    assert car_s(network, SOUTH, NORTH) == car_s(free, SOUTH, NORTH)


def test_restrictions_that_cannot_be_obeyed_are_counted() -> None:
    rows = pd.concat(
        [
            ban("no_left_turn", "west", "north", via_streets="east"),
            ban("no_left_turn", "west", "nowhere"),
            ban("no_u_turn", "west", "west"),
        ]
    )
    network = Streets.build(layer(*CROSS), restrictions=rows)
    assert network.report.restrictions_used == 0
    assert sum(network.report.restrictions_ignored.values()) == 3


def test_place_of_a_turn_tells_junctions_apart() -> None:
    lon, lat = shapely.get_coordinates(points(WEST).to_crs("EPSG:4326").iloc[0])[0]
    both = ban("no_u_turn", "west", "west", via_lon=float(lon), via_lat=float(lat))
    network = Streets.build(layer(*CROSS), restrictions=both)
    assert network.report.restrictions_used == 1


def test_closed_street_is_gone_and_numbers_stay() -> None:
    network = Streets.build(layer(*TEE))
    shut = network.closed(["side"])
    assert "side" not in {street for *_, street in shut.graph.edges(data="street")}
    assert shut.edge_street.tolist() == network.edge_street.tolist()
    assert "side" in {street for *_, street in network.graph.edges(data="street")}
    assert shut.snap(points((100, 40)), mode="foot")["offset_m"].iloc[0] == 40
    with pytest.raises(NotFoundError, match="elm"):
        network.closed(["elm"])


def test_snap_says_edge_fraction_and_offset() -> None:
    network = Streets.build(layer(street("a", (0, 0), (200, 0))))
    where = points((50, 30), (-40, 0), (0, 151)).set_axis(["x", "y", "z"])
    where["w"] = None
    found = network.snap(where, mode="foot")
    assert found.index.tolist() == ["x", "y", "z", "w"]
    assert found["edge"].tolist() == [0, 0, -1, -1]
    assert found["fraction"].tolist()[:2] == [0.25, 0.0]
    assert found["offset_m"].tolist()[:2] == [30.0, 40.0]
    assert found["reason"].tolist() == ["", "", "too_far", "no_point"]
    for limit_m in (151, math.inf):
        found = network.snap(where, mode="foot", limit_m=limit_m)
        assert found["edge"].tolist() == [0, 0, 0, -1]


def test_snap_passes_over_other_modes_and_islands() -> None:
    network = Streets.build(
        layer(
            street("main", (0, 0), (900, 0)),
            street("walk", (0, 60), (900, 60), highway="footway"),
            street("island", (1000, 0), (1040, 0)),
            street("walk far", (0, 400), (900, 400), highway="footway"),
        )
    )
    chosen = network.snap(points((400, 50), (950, 0), (1020, 10)), mode="car")
    assert network.edge_street[chosen["edge"][:2]].tolist() == ["main", "main"]
    assert chosen["offset_m"].tolist()[:2] == [50.0, 50.0]
    refused = network.snap(points((1060, 0), (400, 390)), mode="car")
    assert refused["reason"].tolist() == ["island", "forbidden"]
    assert network.mainland("car").islands == 1


def test_one_way_stub_that_leads_out_of_the_map_is_a_trap() -> None:
    main = [street(f"m{k}", (0, k * 100), (900, k * 100), (900, k * 100 + 100)) for k in range(3)]
    stub = street("stub", (900, 100), (990, 100), oneway="yes")
    network = Streets.build(layer(*main, stub))
    cars, feet = (network.snap(points((985, 100)), mode=mode) for mode in ("car", "foot"))
    assert network.edge_street[cars["edge"]] != ["stub"]
    assert network.edge_street[feet["edge"]] == ["stub"]


def test_a_single_one_way_street_is_no_trap() -> None:
    network = Streets.build(layer(street("a", (0, 0), (200, 0), oneway="yes")))
    assert network.snap(points((50, 5)), mode="car")["edge"].tolist() == [0]


def test_wrong_input_is_named() -> None:
    with pytest.raises(LayerMissingError, match="streets"):
        Streets.build(layer(*TEE).iloc[:0])
    with pytest.raises(CrsError):
        Streets.build(layer(*TEE, crs=None))
    with pytest.raises(ParameterError, match="tolerance_m"):
        Streets.build(layer(*TEE), tolerance_m=-1)
    with pytest.raises(ParameterError, match=r"kinds\.road"):
        Streets.build(
            layer(*TEE),
            speeds={
                "allowed_by_tag": {"foot": 1, "ebike": 1, "car": 1},
                "limit_share": {"other": 1},
                "kinds": {"other": {}, "road": {"foot": 0}},
            },
        )
    wrong = layer(*TEE, street("dot", (0, 0), (1, 1)), street("none", (0, 0), (1, 1)))
    wrong.loc[2, "geometry"] = Point(X0, Y0)
    wrong.loc[3, "geometry"] = None
    with pytest.raises(LayerFaultsError) as caught:
        Streets.build(wrong)
    assert [fault.row for fault in caught.value.faults] == ["dot", "none"]
    network = Streets.build(layer(*TEE))
    with pytest.raises(ParameterError, match="horse"):
        network.snap(points((0, 0)), mode="horse")
    with pytest.raises(CrsError):
        network.snap(gpd.GeoSeries([Point(0, 0)]), mode="foot")
    with pytest.raises(InputError, match="rows 0"):
        network.snap(gpd.GeoSeries([LineString([(0, 0), (1, 1)])], crs=UTM), mode="foot")


def test_summary_is_one_line() -> None:
    assert Streets.build(layer(*TEE)).summary().startswith("4 junctions, 3 edges, 0.3 km")


@pytest.mark.real
def test_streets_of_lujiazui_build(shared_data: Any) -> None:
    roads = gpd.read_file(shared_data / "lujiazui" / "roads.geojson")
    roads = roads[roads["kind"].isin(["major_road", "minor_road", "path"])]
    roads = roads.assign(code=roads["osm_id"].astype(str), highway=roads["kind_detail"])
    network = Streets.build(roads)
    assert network.report.length_m == pytest.approx(
        roads.to_crs(network.crs).length.sum(), rel=1e-3
    )
    assert network.mainland("foot").usable.sum() > 500


@pytest.mark.real
def test_streets_of_tsinghua_build(shared_data: Any) -> None:
    from gis.osm import read_osm

    town = read_osm(shared_data / "tsinghua.osm.pbf")
    network = Streets.build(
        town["streets"], barriers=town["barriers"], restrictions=town["restrictions"]
    )
    assert network.report.length_m == pytest.approx(102_000, rel=0.02)
    assert network.report.barriers_off_streets == 0
    usable = network.mainland("foot").usable
    assert network.edge_length_m[usable].sum() > 0.95 * network.report.length_m
