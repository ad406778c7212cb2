"""Lines of a town's own drawing that meet without a common vertex; cases named for what is odd."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from gis.noding import Noded, node_lines
from gis.streets import Streets

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000


def noded(*lines: str, level: list[int] | None = None, tolerance_m: float = 0.5) -> Noded:
    drawn = np.asarray(shapely.from_wkt([f"LINESTRING ({line})" for line in lines]), dtype=object)
    levels = None if level is None else np.array(level)
    own = np.ones(len(drawn), dtype=bool)
    return node_lines(drawn, tolerance_m=tolerance_m, level=levels, own=own)


def degrees(network: Noded) -> list[int]:
    """Return how many edges meet at each node, in order of x, then y."""
    ends = np.r_[network.tail, network.head]
    return np.bincount(ends, minlength=len(network.xy)).tolist()


@pytest.mark.parametrize(
    ("lines", "nodes", "kinds"),
    [
        (["0 0, 10 0", "5 -5, 5 5"], [1, 1, 4, 1, 1], ["crossing"]),
        (["0 0, 10 0", "5 0, 5 5"], [1, 3, 1, 1], ["end on line"]),
        (["0 0, 10 0", "5 0.3, 5 5"], [1, 3, 1, 1], ["end on line"]),
        (["0 0, 10 0", "5 -0.3, 5 5"], [1, 3, 1, 1], ["crossing", "overshoot"]),
        (["0 0, 10 0", "3 5, 5 0, 7 5"], [1, 1, 4, 1, 1], ["crossing"]),
        (["0 0, 10 0, 10 10, 4 -6"], [1, 1, 4], ["crossing"]),
        (["0 0, 10 0", "4 0, 16 0"], [1, 3, 3, 1], ["end on line"] * 2 + ["drawn twice"]),
        (["0 0, 10 0", "0 0, 4 0, 4 8"], [2, 4, 1, 1], ["crossing", "drawn twice"]),
        (["0 0, 10 0", "0 0, 10 0"], [2, 2], ["drawn twice"]),
        (["0 0, 10 0", "10 0, 0 0"], [2, 2], ["drawn twice"]),
        (["0 0, 10 0", "0 3, 10 -3", "0 -3, 10 3"], [1, 1, 1, 6, 1, 1, 1], ["crossing"] * 3),
        (
            ["0 0, 10 0", "5 0.2, 5 9", "5 -0.2, 5 -9"],
            [1, 1, 4, 1, 1],
            ["end on line", "loose end"],
        ),
        (["0 0, 10 0", "0 0.4, 5 9"], [2, 1, 1], ["loose end"]),
        (["0 0, 10 0", "0 2, 10 2"], [1, 1, 1, 1], []),
    ],
    ids=[
        "crossing",
        "end exactly on a line",
        "end short of a line",
        "end beyond a line",
        "bend on a line",
        "line across itself",
        "overlapping lines",
        "line along the beginning of another",
        "same line twice",
        "same line twice the other way",
        "three lines through one place",
        "two ends at one place of a line",
        "ends near each other",
        "parallels",
    ],
)
def test_own_lines_meet(lines: list[str], nodes: list[int], kinds: list[str]) -> None:
    network = noded(*lines)
    assert sorted(degrees(network)) == sorted(nodes)
    assert sorted(network.repairs.kind.tolist()) == sorted(kinds)
    assert (shapely.length(network.geometry) > 0.01).all()
    for edge, line in enumerate(network.geometry):
        ends = shapely.get_coordinates(line)[[0, -1]]
        assert np.allclose(network.xy[[network.tail[edge], network.head[edge]]], ends, atol=2e-3)


def test_levels_keep_lines_apart_but_not_at_a_shared_vertex() -> None:
    bridge = noded("0 0, 10 0", "5 -5, 5 5", level=[0, 1])
    assert degrees(bridge) == [1, 1, 1, 1]
    near = noded("0 0, 10 0", "5 0.3, 5 5", level=[0, 1])
    assert degrees(near) == [1, 1, 1, 1]
    close = noded("0 0, 10 0", "10.3 0, 20 0", level=[0, -1])
    assert degrees(close) == [1, 1, 1, 1]
    ramp = noded("0 0, 5 0, 10 0", "5 0, 5 5", level=[0, 1])
    assert degrees(ramp) == [1, 3, 1, 1]
    # Two levels that each cross at one place: two junctions, one above the other.
    stack = noded("0 0, 10 0", "5 -5, 5 5", "0 1, 10 -1", "4 -5, 6 5", level=[0, 0, 1, 1])
    assert degrees(stack).count(4) == 2


def test_crossings_of_openstreetmap_are_on_purpose_unless_an_own_line_crosses() -> None:
    lines = np.asarray(
        shapely.from_wkt(["LINESTRING (0 0, 10 0)", "LINESTRING (5 -5, 5 5)"]), dtype=object
    )
    for own, nodes in (([False, False], 4), ([True, False], 5), ([False, True], 5)):
        assert len(node_lines(lines, own=np.array(own)).xy) == nodes


def street(code: str, line: str, **columns: Any) -> dict[str, Any]:
    geometry = shapely.transform(shapely.from_wkt(line), lambda xy: xy + np.array([X0, Y0]))
    return {"code": code, "geometry": geometry, **columns}


def test_every_repair_is_a_row_of_the_network() -> None:
    rows = [
        street("main", "LINESTRING (0 0, 100 0)"),
        street("side", "LINESTRING (30 0.4, 30 50)"),
        street("over", "LINESTRING (60 -9, 60 9)", bridge=True),
        street("across", "LINESTRING (80 -9, 80 9)"),
        street("under", "LINESTRING (90 -9, 90 9)", tunnel=True, level=0),
    ]
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=UTM)
    network = Streets.build(frame)
    table = network.repairs
    assert table.columns.tolist() == ["kind", "street", "other", "moved_m", "lon", "lat"]
    found = {(row.kind, frozenset([row.street, row.other])) for row in table.itertuples()}
    assert found == {
        ("end on line", frozenset(["side", "main"])),
        ("crossing", frozenset(["across", "main"])),
        ("crossing", frozenset(["under", "main"])),
    }
    assert table["moved_m"].max() == pytest.approx(0.4)
    assert network.report.repairs == {"crossing": 2, "end on line": 1}
    assert network.report.loose_ends_joined == 1
    places = gpd.GeoSeries.from_xy(table["lon"], table["lat"], crs="EPSG:4326").to_crs(UTM)
    assert sorted((places.x - X0).round(3)) == [30, 80, 90]
    assert "repairs 3, crossing 2, end on line 1" in network.summary()


def test_streets_of_openstreetmap_by_their_code() -> None:
    rows = [street("way/1", "LINESTRING (0 0, 100 0)"), street("way/2", "LINESTRING (50 -9, 50 9)")]
    network = Streets.build(gpd.GeoDataFrame(rows, geometry="geometry", crs=UTM))
    assert (network.report.nodes, len(network.repairs)) == (4, 0)


places = st.tuples(st.integers(0, 60), st.integers(0, 60))
segments = st.lists(
    st.tuples(places, places).filter(lambda ends: ends[0] != ends[1]), min_size=1, max_size=9
)


@settings(max_examples=60)
@given(segments)
def test_pieces_are_those_of_an_exact_overlay(drawn: list[Any]) -> None:
    """Compare lengths and nodes with the overlay of all lines, where no two overlap."""
    lines = np.array([LineString(ends) for ends in drawn])
    meets = [a.intersection(b) for k, a in enumerate(lines) for b in lines[:k]]
    if any(shapely.length(meet) > 0 for meet in meets):
        return
    network = node_lines(lines, own=np.ones(len(lines), dtype=bool), tolerance_m=0)
    pieces = shapely.get_parts(shapely.union_all(lines))
    assert len(network.geometry) == len(pieces)
    assert shapely.length(network.geometry).sum() == pytest.approx(shapely.length(pieces).sum())
    ends = shapely.get_coordinates(pieces.tolist())
    assert np.hypot(*(network.xy[:, None] - ends[None]).transpose(2, 0, 1)).min(axis=1).max() < 1e-6
