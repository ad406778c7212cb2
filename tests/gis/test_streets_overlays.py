"""Times and closures laid over a network, its revision, its islands."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from gis.errors import ParameterError
from gis.profiles import load
from gis.streets import Streets

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000


def street(code: str, *places: tuple[float, float], **columns: Any) -> dict[str, Any]:
    line = LineString([(X0 + x, Y0 + y) for x, y in places])
    return {"code": code, "highway": "residential", **columns, "geometry": line}


def built(*rows: dict[str, Any], turns: bool = True) -> Streets:
    frame = gpd.GeoDataFrame(list(rows), geometry="geometry", crs=UTM)
    return Streets.build(frame, turn_costs=load("turns") if turns else None)


TEE = (
    street("main", (0, 0), (100, 0), (200, 0), highway="primary"),
    street("side", (100, 0), (100, 60), highway=None),
)


def test_edges_know_their_street_and_arcs_their_edge() -> None:
    network = built(*TEE)
    assert network.edge_kind.tolist() == ["primary", "primary", None]
    assert network.edge_row.tolist() == [0, 0, 1]
    m = len(network.edge_tail)
    assert network.arc_edge[: 2 * m].tolist() == np.repeat(np.arange(m), 2).tolist()
    assert network.arc_forward[: 2 * m].tolist() == [True, False] * m
    for arc in np.flatnonzero(network.arc_edge >= 0):
        ends = [network.edge_tail, network.edge_head][:: 1 if network.arc_forward[arc] else -1]
        edge = network.arc_edge[arc]
        nodes = [network.arc_tail[arc], network.arc_head[arc]]
        assert network.junction[nodes].tolist() == [end[edge] for end in ends]


def test_factors_change_the_time_on_streets_alone() -> None:
    network = built(*TEE)
    factor = np.array([2.0, 1.0, 0.3])
    slow = network.timed({"car": factor})
    edge = network.arc_edge
    own, was = slow.seconds["car"], network.seconds["car"]
    whole = np.where(edge >= 0, np.rint(was * factor[edge] * 1024) / 1024, was)
    assert own.tolist() == whole.tolist()
    assert slow.seconds["foot"].tolist() == network.seconds["foot"].tolist()
    assert network.timed({}).revision == network.revision != slow.revision
    for wrong in ({"horse": factor}, {"car": factor[:2]}, {"car": factor * 0}):
        with pytest.raises(ParameterError):
            network.timed(wrong)


def test_revision_is_the_same_for_the_same_town_and_another_for_any_other() -> None:
    same = [built(*TEE).revision for _ in range(2)]
    assert same[0] == same[1]
    assert len(same[0]) == 12
    assert int(same[0], 16) >= 0
    moved = built(TEE[0], street("side", (100, 0), (100, 61), highway=None))
    network = built(*TEE)
    others = {moved.revision, built(*TEE, turns=False).revision, network.closed(["side"]).revision}
    assert len({same[0], *others}) == 4


def test_islands_and_traps_are_listed_with_their_reason() -> None:
    main = [street(f"m{k}", (0, k * 100), (900, k * 100), (900, k * 100 + 100)) for k in range(3)]
    network = built(
        *main,
        street("out", (900, 100), (990, 100), oneway="yes"),
        street("in", (980, 200), (900, 200), oneway="yes"),
        street("island", (2000, 0), (2040, 0), (2040, 60)),
        street("near it", (2040, 60), (2080, 60)),
        street("walk", (3000, 0), (3040, 0), highway="footway"),
    )
    table = network.islands("car")
    assert table.columns.tolist() == ["piece", "edges", "length_m", "reason", "geometry"]
    assert table["piece"].tolist() == [0, 1, 2]
    assert table["reason"].tolist() == ["cut off", "no way out", "no way in"]
    assert table["edges"].tolist() == [2, 1, 1]
    assert table["length_m"].tolist() == pytest.approx([140, 90, 80])
    assert table.geometry.length.tolist() == pytest.approx([140, 90, 80])
    assert network.islands("foot")["reason"].tolist() == ["cut off"] * 2
    none = built(*TEE).islands("car")
    assert (len(none), none.crs) == (0, network.crs)


def test_turn_costs_leave_the_mainland_as_it_is() -> None:
    rows = (*TEE, street("stub", (200, 0), (260, 0), oneway="yes"))
    bare, priced = built(*rows, turns=False), built(*rows)
    for mode in ("foot", "ebike", "car"):
        usable = bare.mainland(mode).usable
        assert priced.mainland(mode).usable.tolist() == usable.tolist()


def test_times_share_what_depends_on_permission_alone() -> None:
    network = built(*TEE)
    slower = network.timed({"car": np.full(len(network.edge_tail), 2.0)})
    assert slower.mainland("car") is network.mainland("car")
    shut = network.closed(["side"])
    assert network.mainland("car").usable.all()
    assert shut.mainland("car").usable.tolist() == [True, True, False]
    # In the other order, too: a network of some hour is asked first.
    again = built(*TEE)
    later = again.timed({"foot": np.full(len(again.edge_tail), 3.0)})
    assert again.closed(["side"]).mainland("foot").usable.tolist() == [True, True, False]
    assert later.mainland("foot").usable.all()
    assert again.mainland("foot") is later.mainland("foot")
