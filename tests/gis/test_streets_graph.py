from __future__ import annotations

import gc

import geopandas as gpd
import pytest
from shapely import LineString

from gis.profiles import load
from gis.streets import Streets

X0, Y0 = 500_000, 3_300_000


def town(**built: object) -> Streets:
    """Return a street of two edges, one-way for cars, with a lane at its middle."""
    rows = [[(0, 0), (100, 0), (200, 0)], [(100, 0), (100, 80)]]
    frame = gpd.GeoDataFrame(
        {"code": ["main", "lane"], "highway": "residential", "oneway": ["yes", "no"]},
        geometry=[LineString([(X0 + x, Y0 + y) for x, y in row]) for row in rows],
        crs="EPSG:32650",
    )
    return Streets.build(frame, **built)  # type: ignore[arg-type]


def test_every_arc_is_an_edge_of_the_graph_drawn_as_it_is_travelled() -> None:
    network = town()
    assert (network.arc_edge >= 0).all()
    arcs = list(network.graph.edges(keys=True, data=True))
    assert len(arcs) == 6
    for tail, head, arc, data in arcs:
        ends = [tuple(network.xy[node].tolist()) for node in (tail, head)]
        assert [data["geometry"].coords[0], data["geometry"].coords[-1]] == ends
        assert data["edge"] == arc // 2
        assert data["forward"] == (arc % 2 == 0)
        assert data["street"] == network.edge_street[arc // 2]
        assert data["length_m"] == data["geometry"].length
        assert ("car_s" in data) == (data["street"] == "lane" or data["forward"])


def test_connectors_have_no_length_and_no_street() -> None:
    network = town(turn_costs=load("turns"))
    found = [data for *_, data in network.graph.edges(data=True) if data["edge"] == -1]
    assert found
    assert {(data["length_m"], data["street"]) for data in found} == {(0.0, None)}
    assert all(data["geometry"].length == 0 for data in found)


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_is_left_as_it_was(collects: bool) -> None:
    network, before = town(), gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        assert network.graph.number_of_nodes() == 4
        assert gc.isenabled() == collects
    finally:
        (gc.enable if before else gc.disable)()


def test_the_garbage_collector_comes_back_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    network = town()

    def fails(_: Streets) -> None:
        raise MemoryError

    monkeypatch.setattr("gis.streets_graph._lines", fails)
    with pytest.raises(MemoryError):
        _ = network.graph
    assert gc.isenabled()
