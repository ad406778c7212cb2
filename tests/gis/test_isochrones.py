from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from gis.errors import ParameterError
from gis.isochrones_draw import CELL_M, FAVOUR_M
from gis.streets import Streets
from gis.travel import isochrones, nearest, reachable

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000


def block(start: tuple[float, float], end: tuple[float, float], **columns: Any) -> dict[str, Any]:
    line = LineString([(X0 + x, Y0 + y) for x, y in (start, end)])
    return {"highway": "residential", **columns, "geometry": line}


@pytest.fixture(scope="module")
def grid_town() -> Streets:
    """Return nine by nine streets, blocks of 100 m; every third street across is one-way."""
    rows = []
    for k in range(9):
        for j in range(8):
            way = "yes" if k % 3 == 1 else "no"
            rows.append(block((j * 100, k * 100), (j * 100 + 100, k * 100), oneway=way))
            rows.append(block((k * 100, j * 100), (k * 100, j * 100 + 100)))
    return Streets.build(gpd.GeoDataFrame(rows, geometry="geometry", crs=UTM))


def posts(*places: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries([Point(X0 + x, Y0 + y) for x, y in places], crs=UTM)


def length_in(lines: gpd.GeoDataFrame, area: BaseGeometry) -> float:
    return float(lines.intersection(area).length.sum())


@pytest.mark.parametrize("mode", ["foot", "ebike", "car"])
def test_areas_hold_the_reachable_streets_and_little_else(grid_town: Streets, mode: str) -> None:
    where = posts((330, 260), (405, 400))
    areas = isochrones(grid_town, where, mode=mode, bands_s=(30, 60, 120))
    streets = gpd.GeoDataFrame(geometry=grid_town.edge_geometry, crs=grid_town.crs)
    assert areas["point"].tolist() == [0, 0, 0, 1, 1, 1]
    for row in areas.itertuples():
        true = reachable(grid_town, where.iloc[[row.point]], mode=mode, limit_s=row.band_s)
        assert length_in(true, row.geometry) >= 0.999 * true.length.sum()
        # Where reached meets not reached, the area leans to the first, and by part of a cell.
        reached = true.union_all()
        rest = streets.geometry.difference(reached.buffer(1e-6))
        ends = rest[~rest.is_empty].explode().boundary.explode()
        tips = int((ends.distance(reached) < 1e-3).sum())
        assert length_in(streets, row.geometry) <= true.length.sum() + tips * (
            FAVOUR_M + CELL_M / 2
        )


def test_bands_nest_and_merged_holds_each(grid_town: Streets) -> None:
    where = posts((330, 260), (610, 640)).to_crs("EPSG:4326")
    each = isochrones(grid_town, where, mode="foot", bands_s=(180, 60, 100))
    merged = isochrones(grid_town, where, mode="foot", bands_s=(180, 60, 100), merge=True)
    assert each.crs == where.crs == merged.crs
    assert each.is_valid.all()
    assert merged["point"].tolist() == [-1, -1, -1]
    for frame in (each, merged):
        for _, bands in frame.groupby("point"):
            assert bands["band_s"].is_monotonic_increasing
            small, middle, large = bands.geometry
            assert middle.covers(small)
            assert large.covers(middle)
    for band, area in zip(merged["band_s"], merged.geometry, strict=True):
        for one in each[each["band_s"] == band].geometry:
            assert one.difference(area).area < 1e-3 * one.area


def test_merged_is_the_union_of_streets(grid_town: Streets) -> None:
    where = posts((330, 260), (410, 260))
    together = reachable(grid_town, where, mode="foot", limit_s=90)
    apart = [reachable(grid_town, where.iloc[[k]], mode="foot", limit_s=90) for k in (0, 1)]
    union = apart[0].union_all().union(apart[1].union_all())
    assert together.length.sum() == pytest.approx(union.length, rel=1e-6)


def test_a_park_without_streets_is_a_hole() -> None:
    corners = [(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)]
    rows = [block(a, b) for a, b in pairwise(corners)]
    town = Streets.build(gpd.GeoDataFrame(rows, geometry="geometry", crs=UTM))
    area = isochrones(town, posts((0, 0)), mode="foot", bands_s=(900,)).geometry.iloc[0]
    assert area.geom_type == "Polygon"
    assert len(area.interiors) == 1
    assert not area.covers(Point(X0 + 200, Y0 + 200))


def test_reachable_by_hand() -> None:
    street = block((0, 0), (400, 0), oneway="yes")
    town = Streets.build(gpd.GeoDataFrame([street], geometry="geometry", crs=UTM))
    on_foot = reachable(town, posts((100, 0)), mode="foot", limit_s=60)
    assert on_foot.geometry.iloc[0].equals(LineString([(X0 + 20, Y0), (X0 + 180, Y0)]))
    driven = reachable(town, posts((100, 0)), mode="car", limit_s=14.4)
    assert driven.total_bounds[[0, 2]] == pytest.approx([X0 + 100, X0 + 200], abs=0.02)


def test_edge_reached_from_both_ends_but_not_in_the_middle() -> None:
    rows = [block((0, 0), (400, 0)), block((-50, 0), (0, 0)), block((400, 0), (450, 0))]
    town = Streets.build(gpd.GeoDataFrame(rows, geometry="geometry", crs=UTM))
    parts = reachable(town, posts((-40, 0), (440, 0)), mode="foot", limit_s=60)
    assert parts.length.sum() == pytest.approx(2 * (80 + 10), abs=0.01)
    assert parts["edge"].value_counts().max() == 2


def test_refused_point_has_empty_areas(grid_town: Streets) -> None:
    areas = isochrones(grid_town, posts((5000, 0), (400, 400)), mode="foot")
    assert areas.is_empty.tolist() == [True] * 3 + [False] * 3
    assert len(isochrones(grid_town, posts(), mode="foot")) == 0
    assert len(reachable(grid_town, posts((5000, 0)), mode="foot", limit_s=60)) == 0


def test_wrong_bands_are_named(grid_town: Streets) -> None:
    for bands in [(), (0, 60), (np.nan,), (np.inf,)]:
        with pytest.raises(ParameterError, match="bands_s"):
            isochrones(grid_town, posts((0, 0)), mode="foot", bands_s=bands)
    with pytest.raises(ParameterError, match="limit_s"):
        reachable(grid_town, posts((0, 0)), mode="foot", limit_s=np.inf)


def parts_of(town: Streets, where: gpd.GeoSeries, mode: str, band_s: float) -> tuple[float, float]:
    """Return recall and false share of an area, by lengths of the streets the mode may use."""
    area = isochrones(town, where, mode=mode, bands_s=(band_s,)).geometry.iloc[0]
    true = reachable(town, where, mode=mode, limit_s=band_s)
    seconds = town.seconds[mode][: 2 * len(town.edge_tail)].reshape(-1, 2)
    usable = np.isfinite(seconds).any(axis=1)
    streets = gpd.GeoDataFrame(geometry=town.edge_geometry[usable], crs=town.crs)
    inside = length_in(streets, area)
    return length_in(true, area) / true.length.sum(), 1 - length_in(true, area) / inside


def test_of_two_streets_side_by_side_only_the_reached_one_is_inside() -> None:
    # The other begins at the far end of the first, 15 m beside it.
    rows = [block((0, 0), (600, 0)), block((600, 0), (600, 15)), block((600, 15), (0, 15))]
    town = Streets.build(gpd.GeoDataFrame(rows, geometry="geometry", crs=UTM))
    recall, false = parts_of(town, posts((0, 0)), "foot", 300)
    assert recall == pytest.approx(1)
    assert false < 0.01


def test_a_street_against_which_no_car_may_drive_is_outside() -> None:
    rows = [
        block((0, 0), (500, 0)),
        block((250, 0), (250, 400), oneway="reverse"),
        block((250, 400), (500, 400)),
        block((500, 0), (500, 400)),
    ]
    town = Streets.build(gpd.GeoDataFrame(rows, geometry="geometry", crs=UTM))
    driven = isochrones(town, posts((0, 0)), mode="car", bands_s=(60,)).geometry.iloc[0]
    assert not driven.covers(Point(X0 + 250, Y0 + 100))
    walked = isochrones(town, posts((0, 0)), mode="foot", bands_s=(300,)).geometry.iloc[0]
    assert walked.covers(Point(X0 + 250, Y0 + 100))
    recall, false = parts_of(town, posts((0, 0)), "car", 60)
    assert recall == pytest.approx(1)
    assert false < 0.03


def test_a_courtyard_that_is_not_reached_is_a_hole() -> None:
    ring = [(0, 0), (120, 0), (120, 120), (0, 120), (0, 0)]
    yard = [(40, 40), (80, 40), (80, 80), (60, 80), (40, 80), (40, 40)]
    rows = [block(a, b, code="way/1") for a, b in [*pairwise(ring), *pairwise(yard)]]
    # The way in leads far round and over the ring, so that the yard is far off, but no island.
    way_in = [(120, 120), (120, 2500), (60, 2500), (60, 80)]
    line = LineString([(X0 + x, Y0 + y) for x, y in way_in])
    rows += [{"highway": "residential", "code": "way/2", "geometry": line}]
    town = Streets.build(gpd.GeoDataFrame(rows, geometry="geometry", crs=UTM))
    area = isochrones(town, posts((0, 0)), mode="foot", bands_s=(300,)).geometry.iloc[0]
    assert not area.covers(Point(X0 + 40, Y0 + 60))
    assert area.covers(Point(X0, Y0 + 60))
    recall, false = parts_of(town, posts((0, 0)), "foot", 300)
    assert recall == pytest.approx(1)
    assert false < 0.03


def test_places_far_apart_are_drawn_apart_and_merged() -> None:
    corners = [(0, 0), (300, 0), (90_000, 90_000), (90_300, 90_000)]
    rows = [block(a, b) for a, b in pairwise(corners)]
    town = Streets.build(gpd.GeoDataFrame(rows, geometry="geometry", crs=UTM))
    where = posts((100, 0), (90_100, 90_000))
    whole = isochrones(town, where, mode="foot", bands_s=(60,), merge=True).geometry.iloc[0]
    each = isochrones(town, where, mode="foot", bands_s=(60,)).geometry
    assert len(whole.geoms) == 2
    assert whole.symmetric_difference(each.union_all()).area == pytest.approx(0, abs=1e-3)


corners = st.tuples(st.integers(0, 4), st.integers(0, 4))
lanes = st.lists(
    st.tuples(corners, corners, st.sampled_from(["no", "yes"])).filter(
        lambda row: row[0] != row[1]
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=40)
@given(lanes, st.integers(0, 13), st.floats(0, 1), st.sampled_from(["foot", "car"]))
@example([((0, 2), (3, 2), "no")], 2, 0.0, "foot")
def test_any_town_has_valid_nested_areas_that_hold_what_is_reached(
    rows: list[Any], street: int, fraction: float, mode: str
) -> None:
    blocks = [
        block((a[0] * 37.0, a[1] * 29.0), (b[0] * 37.0, b[1] * 29.0), oneway=way)
        for a, b, way in rows
    ]
    town = Streets.build(gpd.GeoDataFrame(blocks, geometry="geometry", crs=UTM))
    line = blocks[street % len(blocks)]["geometry"]
    where = gpd.GeoSeries([line.interpolate(fraction, normalized=True)], crs=UTM)
    made = isochrones(town, where, mode=mode, bands_s=(5, 20, 60))
    assert made.is_valid.all()
    small, middle, large = made.geometry
    # A car at the end of a one-way street gets nowhere.
    assert small.is_empty or middle.covers(small)
    assert middle.is_empty or large.covers(middle)
    for band_s, area in zip(made["band_s"], made.geometry, strict=True):
        true = reachable(town, where, mode=mode, limit_s=band_s)
        # Streets that cross lose at most a step of the raster at each crossing.
        assert true.length.sum() - length_in(true, area) <= CELL_M * len(rows)


@given(lanes, st.integers(0, 13), st.floats(0, 1), st.sampled_from(["foot", "car"]))
@settings(max_examples=40)
def test_reachable_equals_times_taken_place_by_place(
    rows: list[Any], street: int, fraction: float, mode: str
) -> None:
    blocks = [
        block((a[0] * 37.0, a[1] * 29.0), (b[0] * 37.0, b[1] * 29.0), oneway=way)
        for a, b, way in rows
    ]
    town = Streets.build(gpd.GeoDataFrame(blocks, geometry="geometry", crs=UTM))
    line = blocks[street % len(blocks)]["geometry"]
    where = gpd.GeoSeries([line.interpolate(fraction, normalized=True)], crs=UTM)
    true = reachable(town, where, mode=mode, limit_s=20)
    share = np.linspace(0.05, 0.95, 7)
    for edge in np.flatnonzero(town.mainland(mode).usable).tolist():
        line = town.edge_geometry[edge]
        places = [line.interpolate(f, normalized=True) for f in share]
        own = true[true["edge"] == edge].union_all()
        places_s = times_on(town, where, mode, edge, share)
        for place, seconds in zip(places, places_s, strict=True):
            # Whether a one-way street passes its own post is for rounding to tell.
            if abs(seconds - 20) > 0.01 and where.iloc[0].distance(place) > 1e-3:
                assert (own.distance(place) < 1e-6) == (seconds < 20)


def times_on(town: Streets, where: gpd.GeoSeries, mode: str, edge: int, share: Any) -> Any:
    """Return the times to shares of an edge, from the arcs one by one."""
    node_s = nearest(town, where, mode=mode).time_s
    best = np.full(len(share), np.inf)
    for arc in np.flatnonzero(town.arc_edge == edge).tolist():
        whole = town.seconds[mode][arc]
        if np.isfinite(whole):
            gone = share if town.arc_forward[arc] else 1 - share
            best = np.minimum(best, node_s[town.arc_tail[arc]] + gone * whole)
    snapped = town.snap(where, mode=mode).iloc[0]
    if snapped["edge"] == edge:
        for arc, way in ((2 * edge, 1), (2 * edge + 1, -1)):
            gone = way * (share - snapped["fraction"])
            whole = town.seconds[mode][arc]
            if np.isfinite(whole):
                best = np.where(gone >= 0, np.minimum(best, gone * whole), best)
    return best


@pytest.mark.real
def test_areas_of_tsinghua_hold_what_is_reachable(shared_data: Any) -> None:
    from gis.osm import read_osm

    town = read_osm(shared_data / "tsinghua.osm.pbf")
    network = Streets.build(town["streets"], barriers=town["barriers"])
    usable = np.flatnonzero(network.mainland("foot").usable)[::150]
    where = gpd.GeoSeries(
        [network.edge_geometry[e].interpolate(0.3, normalized=True) for e in usable],
        crs=network.crs,
    )
    for row in isochrones(network, where, mode="foot").itertuples():
        true = reachable(network, where.iloc[[row.point]], mode="foot", limit_s=row.band_s)
        assert length_in(true, row.geometry) >= 0.995 * true.length.sum()
