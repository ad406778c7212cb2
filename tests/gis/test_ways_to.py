"""Ways to one place: the times of the matrix, and legs that add up to them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.streets import Streets
from gis.travel import matrix
from gis.ways_to import line_of, ways_to

CRS = "EPSG:32650"
EAST, NORTH = 500_000, 3_300_000


def network(*wkt: str, **columns: list[object]) -> Streets:
    lines = gpd.GeoSeries.from_wkt(list(wkt), crs=CRS).translate(EAST, NORTH)
    codes = [f"s{i}" for i in range(len(wkt))]
    return Streets.build(gpd.GeoDataFrame({"code": codes, **columns}, geometry=lines))


def points(*xy: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapely.points(np.add(xy, (EAST, NORTH))), crs=CRS)


# Four by four streets, some of them one-way: enough to go wrong on.
GRID = [f"LINESTRING (0 {90 * i}, 270 {90 * i})" for i in range(4)]
GRID += [f"LINESTRING ({90 * i} 0, {90 * i} 270)" for i in range(4)]
xy = st.tuples(st.integers(-10, 280), st.integers(-10, 280))
oneways = st.lists(st.sampled_from(["no", "yes", "reverse"]), min_size=8, max_size=8)


@settings(max_examples=40)
@given(oneways, st.lists(xy, min_size=1, max_size=5), xy, st.sampled_from(["foot", "car"]))
def test_times_are_those_of_the_matrix_and_legs_add_up(
    oneway: list[str], origins: list[tuple[int, int]], place: tuple[int, int], mode: str
) -> None:
    parts = [shapely.from_wkt(w) for w in GRID]
    noded = shapely.get_parts(shapely.node(shapely.union_all(parts)))
    rule = [
        next(o for o, whole in zip(oneway, parts, strict=True) if shapely.covers(whole, part))
        for part in noded
    ]
    streets = network(
        *(part.wkt for part in noded), oneway=rule, highway=["residential"] * len(noded)
    )
    starts, end = points(*origins), points(place)
    snapped = streets.snap(end, mode=mode)
    if snapped["edge"].iloc[0] < 0:
        return
    edge, fraction = int(snapped["edge"].iloc[0]), float(snapped["fraction"].iloc[0])
    ways = ways_to(streets, streets.snap(starts, mode=mode), edge, fraction, mode=mode)
    assert ways.time_s.tolist() == matrix(streets, starts, end, mode=mode)[:, 0].tolist()
    for row in range(len(starts)):
        legs = ways.legs(row)
        assert bool(legs) == np.isfinite(ways.time_s[row])
        if not legs:
            continue
        assert sum(leg.seconds for leg in legs) == ways.time_s[row]
        line = line_of(streets, legs)
        lengths = [abs(leg.end - leg.start) * streets.edge_length_m[leg.edge] for leg in legs]
        assert line.length == pytest.approx(sum(lengths), abs=1e-6)
        # Nobody jumps: each leg begins where the one before ended.
        ends = [
            streets.edge_geometry[leg.edge].interpolate(share, normalized=True)
            for leg in legs
            for share in (leg.start, leg.end)
        ]
        assert all(a.distance(b) < 1e-6 for a, b in zip(ends[1::2], ends[2::2], strict=False))


def test_a_one_way_street_is_driven_round_the_block() -> None:
    square = ["LINESTRING (0 0, 100 0)", "LINESTRING (100 0, 100 100)",
              "LINESTRING (100 100, 0 100)", "LINESTRING (0 100, 0 0)"]  # fmt: skip
    streets = network(*square, oneway=["yes"] * 4, highway=["residential"] * 4)
    snapped = streets.snap(points((60, 0)), mode="car")
    ways = ways_to(streets, snapped, 0, 0.4, mode="car")
    assert [(leg.edge, leg.start, leg.end) for leg in ways.legs(0)] == [
        (0, 0.6, 1.0), (1, 0.0, 1.0), (2, 0.0, 1.0), (3, 0.0, 1.0), (0, 0.0, 0.4),
    ]  # fmt: skip
    on_foot = ways_to(streets, streets.snap(points((60, 0)), mode="foot"), 0, 0.4, mode="foot")
    assert [(leg.start, leg.end) for leg in on_foot.legs(0)] == [(0.6, 0.4)]
    assert ways.summary().startswith("1 of 1 have a way")


def test_who_stands_there_already_and_who_has_no_way() -> None:
    streets = network("LINESTRING (0 0, 100 0)", "LINESTRING (5000 0, 5100 0)")
    snapped = streets.snap(points((50, 0), (5050, 0), (20_000, 0)), mode="foot")
    ways = ways_to(streets, snapped, 0, 0.5, mode="foot")
    assert ways.time_s.tolist() == [0.0, np.inf, np.inf]
    assert len(ways.legs(0)) == 1
    assert line_of(streets, ways.legs(0)).length == 0
    assert ways.legs(1) == ()
    assert line_of(streets, ()).is_empty
