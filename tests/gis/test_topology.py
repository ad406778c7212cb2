"""Overlaps, gaps, holes and slivers: hand-made faults in small sheets, and in a town of 400."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Polygon, box

from gis.crs import to_metres, town_crs
from gis.errors import CrsError, InputError, ParameterError
from gis.topology import check_polygons
from gis.topology_kernels import Plane, overlaps
from gis.topology_mend import mend, mendable

# All squares are drawn in metres around this place.
PLANE = Plane(120.72, 30.15)


def sheet(*shapes: shapely.Geometry | None) -> gpd.GeoDataFrame:
    """Return a layer of shapes drawn in metres, with the codes a, b, c ..."""
    codes = [chr(ord("a") + at) for at in range(len(shapes))]
    drawn = np.array(shapes, dtype=object)
    return gpd.GeoDataFrame({"code": codes}, geometry=PLANE.to_degrees(drawn), crs=4326)


def degrees(shape: shapely.Geometry) -> shapely.Geometry:
    return next(iter(PLANE.to_degrees(np.array([shape], dtype=object))))


def voronoi(count: int, seed: int) -> gpd.GeoDataFrame:
    """Return a town of 10 x 12 km cut into villages, without a fault."""
    random = np.random.default_rng(seed)
    town = box(0, 0, 10_000, 12_000)
    seats = shapely.multipoints(random.uniform([0, 0], [10_000, 12_000], (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seats, extend_to=town))
    shapes = PLANE.to_degrees(shapely.intersection(cells, town))
    return gpd.GeoDataFrame({"code": [f"v{k}" for k in range(count)]}, geometry=shapes, crs=4326)


def only(faults: gpd.GeoDataFrame) -> Any:
    assert faults["kind"].tolist() == [faults["kind"].iloc[0]]
    return next(faults.itertuples())


def test_a_plane_has_the_metres_of_the_ellipsoid() -> None:
    east, north = PLANE.metres_per_degree
    geod = Geod(ellps="WGS84")
    assert geod.inv(120.719, 30.15, 120.721, 30.15)[2] == pytest.approx(0.002 * east, rel=1e-7)
    assert geod.inv(120.72, 30.149, 120.72, 30.151)[2] == pytest.approx(0.002 * north, rel=1e-7)


def test_an_overlap_is_measured_and_goes_to_the_longer_border() -> None:
    # b reaches 10 m into a. The piece of 10 x 60 m meets the rest of a along 60 + 10 + 10 m, the
    # rest of b along 60 m.
    frame = sheet(box(0, 0, 100, 100), box(90, 20, 300, 80))
    fault = only(check_polygons(frame, "grids"))
    assert (fault.kind, fault.codes, fault.give_to) == ("overlap", ("a", "b"), "a")
    assert fault.area_m2 == pytest.approx(600, rel=1e-4)
    assert fault.width_m == pytest.approx(10, rel=1e-4)
    assert fault.geometry.contains(shapely.Point(fault.lon, fault.lat))
    mended = mend(frame, check_polygons(frame, "grids"))
    assert len(check_polygons(mended, "grids")) == 0
    assert mended.geometry[0].equals(frame.geometry[0])


def test_one_drawn_twice_is_an_overlap_that_empties_neither() -> None:
    frame = sheet(box(0, 0, 100, 100), box(100, 0, 200, 100), box(1, 1, 99, 99))
    fault = only(check_polygons(frame, "grids"))
    assert (fault.codes, fault.give_to) == (("a", "c"), "c")


def test_three_on_one_place_are_one_fault_of_three() -> None:
    frame = sheet(box(0, 0, 100, 100), box(50, 0, 150, 100), box(50, 50, 150, 150))
    faults = check_polygons(frame, "grids")
    found = dict(zip(faults["codes"], faults["area_m2"].round(), strict=True))
    assert found == {("a", "b"): 2500, ("b", "c"): 2500, ("a", "b", "c"): 2500}
    assert len(check_polygons(mend(frame, faults), "grids")) == 0


def test_a_narrow_gap_is_closed_into_the_longest_border() -> None:
    frame = sheet(box(0, 0, 100, 200), box(102, 0, 200, 150), box(102, 150, 200, 200))
    faults = check_polygons(frame, "villages")
    fault = only(faults)
    assert (fault.kind, fault.codes, fault.give_to) == ("gap", ("a", "b", "c"), "a")
    # At each open end the closing stays 0.2 m behind the corners.
    assert fault.area_m2 == pytest.approx(400, abs=1.2)
    assert fault.width_m == pytest.approx(2, rel=0.01)
    mended = mend(frame, faults)
    assert len(check_polygons(mended, "villages")) == 0
    assert mended.geometry[1].equals(frame.geometry[1])
    grown = PLANE.to_metres(mended.geometry.to_numpy())[0]
    assert grown.symmetric_difference(box(0, 0, 102, 200)).area < 1.2


def test_a_table_of_all_kinds_keeps_who_gets_nothing_apart() -> None:
    frame = sheet(box(0, 0, 100, 100), box(95, 0, 200, 100), box(5000, 0, 5001, 500))
    faults = check_polygons(frame, "villages")
    assert faults[["kind", "give_to"]].to_numpy().tolist() == [["overlap", "a"], ["sliver", None]]
    assert mendable(faults).tolist() == [True, False]
    assert len(check_polygons(mend(frame, faults), "villages")) == 1


def test_a_gap_wider_than_asked_is_no_fault_at_the_open_edge() -> None:
    frame = sheet(box(0, 0, 100, 200), box(107, 0, 200, 200))
    assert len(check_polygons(frame, "villages")) == 0
    assert only(check_polygons(frame, "villages", gap_width_m=8)).kind == "gap"


def test_a_corner_of_two_polygons_is_no_gap() -> None:
    # The outer border turns inward between them, at a right and at a sharp angle.
    corner = sheet(box(0, 0, 100, 100), box(100, 0, 200, 40))
    sharp = sheet(box(0, 0, 100, 100), Polygon([(100, 0), (300, 90), (300, 0)]))
    assert len(check_polygons(corner, "villages")) == 0
    assert len(check_polygons(sharp, "villages")) == 0


def test_a_missing_polygon_in_the_middle_is_a_hole() -> None:
    squares = [box(x, y, x + 100, y + 100) for x in (0, 100, 200) for y in (0, 100, 200)]
    del squares[4]
    fault = only(check_polygons(sheet(*squares), "villages"))
    assert (fault.kind, fault.give_to, round(fault.area_m2)) == ("hole", None, 10_000)
    assert len(fault.codes) == 4


def test_a_missing_polygon_at_the_edge_is_found_with_the_outline_only() -> None:
    frame = sheet(box(0, 0, 100, 100), box(100, 0, 200, 100))
    outline = degrees(box(0, 0, 300, 100))
    assert len(check_polygons(frame, "villages")) == 0
    fault = only(check_polygons(frame, "villages", outline=outline))
    assert (fault.kind, fault.codes, round(fault.area_m2)) == ("hole", ("b",), 10_000)


def test_what_sticks_out_of_the_town_is_cut_off() -> None:
    frame = sheet(box(0, 0, 100, 100), box(100, 0, 220, 100))
    outline = degrees(box(0, 0, 200, 100))
    faults = check_polygons(frame, "villages", outline=outline)
    fault = only(faults)
    assert (fault.kind, fault.codes, round(fault.area_m2)) == ("outside", ("b",), 2000)
    mended = mend(frame, faults)
    assert len(check_polygons(mended, "villages", outline=outline)) == 0


def test_a_long_border_with_t_junctions_is_no_fault() -> None:
    # One polygon of 20 km beside ten of 2 km: a map projection would part them by metres.
    long = box(120.5, 30.1, 120.7, 30.2)
    short = [box(120.5 + k / 50, 30.2, 120.52 + k / 50, 30.25) for k in range(10)]
    frame = gpd.GeoDataFrame({"code": list("abcdefghijk")}, geometry=[long, *short], crs=4326)
    assert len(check_polygons(frame, "villages")) == 0


def test_a_sliver_is_found_by_its_shape() -> None:
    frame = sheet(box(0, 0, 100, 500), box(100, 0, 101, 500))
    fault = only(check_polygons(frame, "grids"))
    assert (fault.kind, fault.codes, round(fault.width_m, 3)) == ("sliver", ("b",), 1)


def test_a_far_part_goes_to_its_neighbour() -> None:
    island = box(1000, 0, 1050, 50)
    frame = sheet(shapely.MultiPolygon([box(0, 0, 100, 100), island]), box(1050, 0, 1200, 100))
    faults = check_polygons(frame, "villages")
    fault = only(faults)
    assert (fault.kind, fault.codes, fault.give_to) == ("scattered", ("a",), "b")
    assert fault.value == "900"
    mended = mend(frame, faults)
    assert mended.geometry.geom_type.tolist() == ["Polygon", "Polygon"]
    assert len(check_polygons(mended, "villages")) == 0


def test_a_far_part_beside_nobody_is_told_but_not_mended() -> None:
    frame = sheet(shapely.MultiPolygon([box(0, 0, 100, 100), box(1000, 0, 1050, 50)]))
    faults = check_polygons(frame, "villages")
    assert not mendable(faults).any()
    assert mend(frame, faults).geometry[0].equals(frame.geometry[0])


def test_shapes_that_are_missing_or_cross_themselves_are_told_and_left_out() -> None:
    bow_tie = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    frame = sheet(None, Polygon(), bow_tie, box(500, 0, 600, 100))
    faults = check_polygons(frame, "grids")
    assert sorted(zip(faults["kind"], faults["codes"], strict=True)) == [
        ("empty", ("a",)),
        ("empty", ("b",)),
        ("invalid", ("c",)),
    ]
    assert mend(frame, faults).geometry[2].is_valid


def test_no_frame_is_changed_and_rows_and_crs_come_back() -> None:
    frame = sheet(box(0, 0, 100, 100), box(90, 0, 300, 100)).to_crs(town_crs(120.72, 30.15))
    frame.index = [7, 3]
    before = frame.geometry.to_wkb().tolist()
    mended = mend(frame, check_polygons(frame, "grids"))
    assert frame.geometry.to_wkb().tolist() == before
    assert mended.index.tolist() == [7, 3]
    assert mended.crs == frame.crs
    assert mended.geometry.area.sum() == pytest.approx(30_000, rel=1e-4)


def test_what_cannot_be_checked_or_mended_is_refused() -> None:
    frame = sheet(box(0, 0, 100, 100), box(90, 0, 300, 100))
    with pytest.raises(ParameterError, match="above 0"):
        check_polygons(frame, "grids", gap_width_m=0)
    with pytest.raises(CrsError):
        check_polygons(
            gpd.GeoDataFrame(frame[["code"]], geometry=frame.geometry.to_numpy()), "grids"
        )
    with pytest.raises(InputError, match="0 rows have the code 'b'"):
        mend(frame.head(1), check_polygons(frame, "grids"))
    assert len(check_polygons(frame.head(0), "grids")) == 0


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), which=st.integers(0, 39))
def test_a_moved_village_is_found_and_a_clean_town_has_no_fault(seed: int, which: int) -> None:
    town = voronoi(40, seed)
    outline = degrees(box(0, 0, 10_000, 12_000))
    assert len(check_polygons(town, "villages", outline=outline)) == 0
    moved = town.geometry.array.copy()
    moved[which] = shapely.transform(moved[which], lambda xy: xy + np.array([3e-4, 2e-4]))
    faults = check_polygons(town.set_geometry(moved), "villages", outline=outline)
    assert all(f"v{which}" in codes for codes in faults.loc[faults["kind"] == "overlap", "codes"])
    mended = mend(town.set_geometry(moved), faults)
    left = check_polygons(mended, "villages", outline=outline)
    assert set(left["kind"]) <= {"hole"}
    # What it uncovers and what it covers twice or outside are equal, as its area stays.
    sums = faults.groupby("kind")["area_m2"].sum()
    lost = sums.reindex(["gap", "hole"]).sum()
    assert lost == pytest.approx(sums.reindex(["overlap", "outside"]).sum(), rel=0.02, abs=200)


@settings(max_examples=40)
@given(st.lists(st.tuples(*[st.integers(0, 20)] * 4), min_size=2, max_size=6))
def test_places_of_several_polygons_are_those_a_raster_counts(
    boxes: list[tuple[int, int, int, int]],
) -> None:
    polygons = np.array([box(x, y, x + w + 5, y + h + 5) for x, y, w, h in boxes], dtype=object)
    pieces, within = overlaps(polygons, 0.5, 0.1)
    counted: dict[tuple[int, ...], int] = {}
    for x in range(50):
        for y in range(50):
            at = [
                k
                for k, (left, low, w, h) in enumerate(boxes)
                if left <= x < left + w + 5 and low <= y < low + h + 5
            ]
            if len(at) > 1:
                counted[tuple(at)] = counted.get(tuple(at), 0) + 1
    found: dict[tuple[int, ...], float] = {}
    for piece, members in zip(pieces, within, strict=True):
        found[tuple(members)] = found.get(tuple(members), 0) + piece.area
    assert found == pytest.approx(counted)


def test_two_faults_among_400_villages_are_the_only_ones_found() -> None:
    town = voronoi(400, 8)
    crs = town_crs(120.72, 30.15)
    shapes = np.asarray(to_metres(town, crs).geometry.array, dtype=object)
    shapes[5] = shapely.buffer(shapes[5], -1)
    faults = check_polygons(
        gpd.GeoDataFrame(town[["code"]], geometry=shapes, crs=crs), "villages", gap_width_m=5
    )
    gap = only(faults[faults["kind"] == "gap"])
    assert "v5" in gap.codes
    assert gap.width_m == pytest.approx(1, rel=0.1)
