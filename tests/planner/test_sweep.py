"""Sweeps of areas of a tiny town, and of lattices drawn at random."""

from __future__ import annotations

import json
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from gis.errors import LayerMissingError, NotFoundError, ParameterError
from gis.layers import Layers
from planner.network import build_network
from planner.sweep import Sweep, plan_sweep
from planner.sweep_graph import inside, sweep_graph

WEST, EAST = "villages/0", "villages/1"


def swept(layers: Layers, area: str, teams: int = 1, **options: object) -> Sweep:
    return plan_sweep(layers, build_network(layers), area, teams, **options)


def lengths(found: Sweep) -> list[int]:
    return [round(length_m) for length_m in found.teams["length_m"]]


@pytest.fixture
def based(town: Layers, layer) -> Layers:
    """The town with one base at the crossing and one 100 m east of it."""
    bases = layer("teams", [Point(150, 200), Point(250, 200)], {"name": ["Mill", None]})
    return town.replaced(teams=bases)


def test_every_street_of_a_village_is_walked_and_walked_back(based: Layers) -> None:
    """West has 300 m of the road and the 400 m lane: a cross, so that every end is walked twice."""
    found = swept(based, WEST)
    assert found.area == {"code": WEST, "name": "West", "layer": "villages"}
    # The road is one edge east of the crossing, and most of it lies in the other village.
    assert round(found.streets_m) == 550
    assert lengths(found) == [1100]
    assert found.bound_m == pytest.approx(1100, abs=0.5)
    assert found.base["code"] == "teams/0"
    row = found.teams.iloc[0]
    assert row["minutes"] == pytest.approx(1100 / 60, rel=1e-3)
    assert (round(row["first_m"]), round(row["again_m"])) == (550, 550)


def test_two_teams_share_it_and_begin_at_the_base_that_was_named(based: Layers) -> None:
    found = swept(based, WEST, 2, team="teams/1")
    assert found.base["name"] is None
    # Each comes 100 m and goes back as far: 2 * (100 + 200) for one end of the lane, and one of
    # the two takes the western road of 150 m, too.
    assert sorted(lengths(found)) == [600, 900]
    for line in found.teams.geometry:
        ends = line.coords[0], line.coords[-1]
        assert ends[0] == pytest.approx(ends[1])
        assert ends[0] == pytest.approx((found.base["lon"], found.base["lat"]), abs=2e-5)


def test_a_team_more_than_there_is_work_stays(based: Layers) -> None:
    found = swept(based, EAST, 3)
    assert sorted(lengths(found))[:2] == [0, 0]
    assert found.document()["teams"][0]["geometry"] is not None


def test_streets_in_order(based: Layers) -> None:
    streets = swept(based, WEST).streets
    assert set(streets["name"]) == {"Main Road", "Mill Lane"}
    assert streets["order"].tolist() == list(range(1, len(streets) + 1))
    assert streets["length_m"].sum() == pytest.approx(1100, abs=0.5)
    assert streets.loc[~streets["again"], "length_m"].sum() == pytest.approx(550, abs=0.5)


def test_without_bases_it_begins_in_the_middle(town: Layers) -> None:
    found = swept(town, WEST)
    assert found.base["code"] is None
    assert lengths(found) == [1100]


def test_what_cannot_be_swept_is_told(based: Layers, layer) -> None:
    more = layer(
        "streets",
        [LineString([(0, 200), (150, 200), (600, 200)]), LineString([(20, 50), (80, 50)]),
         LineString([(150, 200), (200, 300)])],
        {"name": ["Main Road", "Island", "No Way"], "foot": ["yes", "yes", "no"]},
    )  # fmt: skip
    found = swept(based.replaced(streets=more), WEST)
    assert dict(zip(found.left_out["name"], found.left_out["reason"], strict=True)) == {
        "Island": "cut_off",
        "No Way": "closed",
    }
    assert "left out: 2 streets" in found.summary()


def test_cars_obey_one_ways(town: Layers, layer) -> None:
    ring = [(0, 0), (200, 0), (200, 200), (0, 200), (0, 0)]
    streets = layer(
        "streets",
        [LineString(pair) for pair in pairwise(ring)],
        {"oneway": ["yes", "yes", "yes", "yes"], "highway": ["residential"] * 4},
    )
    bases = layer("teams", [Point(100, 0)], {"name": ["Mill"]})
    layers = town.replaced(streets=streets, teams=bases)
    found = swept(layers, WEST, mode="car")
    assert lengths(found) == [800]
    line = found.teams.geometry.iloc[0]
    assert shapely.is_ccw(shapely.LinearRing(line.coords))


def test_every_fault_has_its_name(town: Layers) -> None:
    with pytest.raises(NotFoundError, match="no area has the code 'nowhere'"):
        swept(town, "nowhere")
    with pytest.raises(NotFoundError, match="no team has the code 'x'"):
        swept(town, WEST, team="x")
    with pytest.raises(ParameterError, match=r"teams is 0.*speed_kmh is 99"):
        swept(town, WEST, 0, speed_kmh=99.0)
    with pytest.raises(ParameterError, match="no mode 'boat'"):
        swept(town, WEST, mode="boat")
    with pytest.raises(LayerMissingError, match="streets"):
        swept(Layers("T", {"villages": town["villages"]}), WEST)
    with pytest.raises(LayerMissingError, match="villages"):
        swept(Layers("T", {"streets": town["streets"]}), WEST)
    barred = town["streets"].assign(foot="no")
    with pytest.raises(ParameterError, match="no street in villages/0 can be swept"):
        swept(town.replaced(streets=barred), WEST)


def test_the_document_is_json(based: Layers) -> None:
    document = json.loads(json.dumps(swept(based, WEST, 2).document()))
    assert {"area", "base", "teams", "left_out", "bound_m", "streets_m"} <= set(document)
    assert [set(team) >= {"length_m", "minutes", "streets"} for team in document["teams"]]


@settings(
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_walks_cover_the_area_and_follow_streets(layer, seed: int, teams: int) -> None:
    rng = np.random.default_rng(seed)
    net = nx.grid_2d_graph(4, 4)
    net.remove_edges_from([edge for edge in list(net.edges) if rng.random() < 0.2])
    net = net.subgraph(max(nx.connected_components(net), key=len))
    lines = [LineString([(80 * x, 80 * y) for x, y in edge]) for edge in net.edges]
    villages = layer("villages", [box(-20, -20, 140, 400), box(140, -20, 400, 400)], {})
    layers = Layers("T", {"streets": layer("streets", lines, {}), "villages": villages})
    streets = build_network(layers)
    area = villages.geometry.to_crs(streets.crs).iloc[0]
    own = inside(streets, area, 15, 0.5)
    if not (own & streets.mainland("foot").usable).any():
        return
    found = plan_sweep(layers, streets, WEST, teams)
    ways = found.teams.geometry.to_crs(streets.crs).to_numpy()
    walked = shapely.union_all(ways).buffer(0.2)
    assert shapely.covers(walked, streets.edge_geometry[own]).all()
    ground = shapely.union_all(streets.edge_geometry).buffer(0.2)
    # A team that is not needed has an empty way, which nothing covers.
    assert shapely.covers(ground, ways[~shapely.is_empty(ways)]).all()
    assert found.teams["length_m"].to_numpy() == pytest.approx(shapely.length(ways), abs=0.01)
    assert found.teams["first_m"].sum() == pytest.approx(found.streets_m)


def test_a_base_in_the_middle_of_a_street_cuts_it(town: Layers) -> None:
    streets = build_network(town)
    graph = sweep_graph(streets, "foot", 0, 0.25)
    assert len(graph.ends) == len(streets.edge_tail) + 1
    assert graph.length_m.sum() == pytest.approx(streets.edge_length_m.sum())
    assert (graph.ends == graph.base).sum() == 2
    assert sweep_graph(streets, "foot", 0, 1.0).base < graph.base
