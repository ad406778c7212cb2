from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString
from shapely.ops import linemerge, substring

from gis.paths import paths
from gis.streets import Streets

UTM = "EPSG:32650"
X0, Y0 = 500_000, 3_300_000
BENDS = [
    [(0, 0), (60, 10), (100, 0)],
    [(200, 0), (150, -20), (120, 5), (100, 0)],  # drawn against the others
    [(200, 0), (230, 30), (300, 0)],
]
ROAD = Streets.build(
    gpd.GeoDataFrame(
        {"code": ["a", "b", "c"]},
        geometry=[LineString(np.array(line) + np.array([X0, Y0])) for line in BENDS],
        crs=UTM,
    )
)
fractions = st.one_of(st.floats(0.01, 0.99), st.sampled_from([0.0, 1.0]))
ends = st.tuples(st.integers(0, 2), fractions)


@given(ends, ends)
def test_a_way_along_one_road_is_the_part_of_its_line(
    here: tuple[int, float], there: tuple[int, float]
) -> None:
    """Check whole edges, travelled as drawn and backwards, and parts of them, against one line."""
    whole = linemerge(ROAD.edge_geometry.tolist())
    whole = whole if whole.coords[0] == (X0, Y0) else shapely.reverse(whole)
    start, end = (
        ROAD.edge_geometry[edge].interpolate(fraction, normalized=True)
        for edge, fraction in (here, there)
    )
    expected = substring(whole, whole.project(start), whole.project(end))
    found = paths(ROAD, gpd.GeoSeries([start], crs=UTM), gpd.GeoSeries([end], crs=UTM), mode="foot")
    way = found.geometry.iloc[0]
    assert found["length_m"].iloc[0] == pytest.approx(expected.length, abs=3e-3)
    if expected.length < 1:
        return
    assert way.hausdorff_distance(expected) < 3e-3
    for at in (0, -1):
        assert np.hypot(*np.subtract(way.coords[at], expected.coords[at])) < 3e-3
    steps = np.diff(shapely.get_coordinates(way), axis=0)
    assert (steps != 0).any(axis=1).all()
