from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from gis.errors import ParameterError
from gis.streets import Streets
from gis.travel import isochrones, reachable

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
        # Streets run on for half a cell and what is near counts: at most 45 m at each tip.
        tips = 45 * 4 * (2 + row.band_s / 15)
        assert length_in(streets, row.geometry) <= true.length.sum() + tips


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
