from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import Point, Polygon, affinity, box

from gis.errors import CrsError, LayerFaultsError, ParameterError
from gis.sight import visible

CRS = 32651
RANGE_M = 50.0


def sector(x: float, y: float, azimuth: float, fov: float, range_m: float, chord: float) -> Polygon:
    """Return the sector with its chords, vertices as the face states them."""
    arcs = math.ceil(fov / chord)
    turns = np.radians(azimuth - fov / 2 + np.arange(arcs + 1) * fov / arcs)
    arc = np.stack([x + range_m * np.sin(turns), y + range_m * np.cos(turns)], axis=1)
    return Polygon(arc[:-1]) if fov == 360 else Polygon([(x, y), *arc])


def shadow(x: float, y: float, a: tuple[float, float], b: tuple[float, float]) -> Polygon:
    """Return what an edge hides: the quadrilateral from the edge far out, away from the point."""

    def far(point: tuple[float, float]) -> tuple[float, float]:
        dx, dy = point[0] - x, point[1] - y
        length = math.hypot(dx, dy)
        return point[0] + dx / length * 1e4, point[1] + dy / length * 1e4

    middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    return Polygon([a, far(a), far(middle), far(b), b])


def reference(camera: dict[str, float], buildings: list[Polygon], chord: float = 1.0) -> Polygon:
    """Return the same view by cutting every edge's shadow out of the sector."""
    x, y = camera["x"], camera["y"]
    view = sector(x, y, camera["azimuth"], camera["fov"], camera["range"], chord)
    solid = shapely.union_all(buildings)
    shadows = [
        shadow(x, y, a, b)
        for ring in shapely.get_rings(shapely.get_parts(solid))
        for a, b in zip(ring.coords[:-1], ring.coords[1:], strict=True)
        if shadow(x, y, a, b).is_valid
    ]
    return view.difference(shapely.union_all([*shadows, solid]))


def look(camera: dict[str, float], buildings: list[Polygon], **columns: float) -> Polygon:
    frame = gpd.GeoDataFrame(
        {
            "azimuth_deg": [camera["azimuth"]],
            "fov_deg": [camera["fov"]],
            "range_m": [camera["range"]],
            **{name: [value] for name, value in columns.items()},
        },
        geometry=[Point(camera["x"], camera["y"])],
        crs=CRS,
    )
    return visible(frame, gpd.GeoSeries(buildings, crs=CRS)).iloc[0]


def camera(azimuth: float = 0.0, fov: float = 90.0, x: float = 0.0, y: float = 0.0) -> dict:
    return {"x": x, "y": y, "azimuth": azimuth, "fov": fov, "range": RANGE_M}


L_SHAPE = Polygon([(0, 0), (20, 0), (20, 8), (8, 8), (8, 20), (0, 20)])
COURTYARD = Polygon(box(-15, -15, 15, 15).exterior, [box(-10, -10, 10, 10).exterior.coords[::-1]])

# Whole micrometres: offsets of 1e-300 make GEOS itself divide by zero.
offsets_m = st.integers(-45_000_000, 45_000_000).map(lambda um: um / 1e6)
shapes = st.sampled_from([box(0, 0, 10, 6), box(0, 0, 30, 4), L_SHAPE, COURTYARD])
places = st.builds(
    lambda shape, turn, x, y: affinity.translate(affinity.rotate(shape, turn), x, y),
    shape=shapes,
    turn=st.floats(0, 360),
    x=offsets_m,
    y=offsets_m,
)


@given(
    buildings=st.lists(places, max_size=7),
    azimuth=st.floats(0, 360),
    fov=st.sampled_from([20.0, 60.0, 90.0, 179.0, 180.0, 270.0, 360.0]),
)
def test_the_view_is_the_sector_without_its_shadows(
    buildings: list[Polygon], azimuth: float, fov: float
) -> None:
    solid = shapely.union_all(buildings)
    if solid.distance(Point(0, 0)) < 1e-3:
        return  # on or in a wall: the tests below
    here = camera(azimuth, fov)
    view, expected = look(here, buildings), reference(here, buildings)
    assert view.is_valid
    assert view.symmetric_difference(expected).area <= 1e-6 * max(expected.area, 1.0)


@given(
    grid=st.sets(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), max_size=30),
    azimuth=st.sampled_from([0.0, 45.0, 90.0, 180.0, 300.0]),
    fov=st.sampled_from([90.0, 360.0]),
)
@example(grid={(1, 1), (1, 2), (2, 1)}, azimuth=45.0, fov=90.0)
def test_blocks_in_line_with_the_camera_hide_neither_more_nor_less(
    grid: set[tuple[int, int]], azimuth: float, fov: float
) -> None:
    # The camera is the corner point of a lattice: many edges lie exactly on its rays, and blocks
    # touch along edges and at corners.
    blocks = [
        box(8 * i, 8 * j, 8 * i + 8, 8 * j + 8)
        for i, j in grid - {(0, 0), (-1, 0), (0, -1), (-1, -1)}
    ]
    here = camera(azimuth, fov)
    view, expected = look(here, blocks), reference(here, blocks)
    assert view.symmetric_difference(expected).area <= 1e-6 * max(expected.area, 1.0)


def test_open_ground_gives_the_whole_sector() -> None:
    here = camera(30, 90)
    whole = sector(0, 0, 30, 90, RANGE_M, 1.0)
    assert look(here, []).symmetric_difference(whole).area < 1e-9


def test_a_wall_across_the_view_cuts_it_to_a_triangle() -> None:
    assert look(camera(), [box(-100, 10, 100, 20)]).area == pytest.approx(100)


def test_a_camera_in_a_courtyard_sees_the_courtyard() -> None:
    assert look(camera(fov=360), [COURTYARD]).equals_exact(box(-10, -10, 10, 10), 1e-6) or (
        look(camera(fov=360), [COURTYARD]).symmetric_difference(box(-10, -10, 10, 10)).area < 1e-6
    )


def test_a_camera_on_a_facade_sees_its_outer_half() -> None:
    half = look(camera(fov=360), [box(-5, -10, 5, 0)])
    upper = sector(0, 0, 0, 360, RANGE_M, 1.0).intersection(box(-60, 0, 60, 60))
    assert half.area >= upper.area - 1e-3
    assert half.intersection(box(-5, -10, 5, 0)).area < 1e-3
    assert half.intersects(Point(30, -10)) is False


def test_a_camera_on_a_corner_sees_three_quarters() -> None:
    view = look(camera(fov=360), [box(-10, -10, 0, 0)])
    assert view.area == pytest.approx(0.75 * sector(0, 0, 0, 360, RANGE_M, 1.0).area, rel=1e-4)


def test_a_camera_where_two_corners_touch_looks_through_neither() -> None:
    blocks = [box(0, 0, 10, 10), box(-10, -10, 0, 0)]
    view = look(camera(fov=360), blocks)
    # Two quarters are open; it is put into one of them.
    assert view.area == pytest.approx(sector(0, 0, 0, 360, RANGE_M, 1.0).area / 4, rel=1e-4)
    assert view.intersection(shapely.union_all(blocks)).area < 1e-3


def test_a_camera_on_the_tip_of_a_needle_sees_nearly_all_round() -> None:
    needle = Polygon([(0, 0), (1, -40), (2, -40)])
    whole = sector(0, 0, 0, 360, RANGE_M, 1.0)
    assert look(camera(fov=360), [needle]).area == pytest.approx(whole.area, rel=0.01)


def test_a_camera_just_inside_a_wall_is_moved_to_the_facade() -> None:
    inside = look(camera(fov=360, x=0.0, y=-1.5), [box(-50, -20, 50, 0)])
    assert inside.area == pytest.approx(math.pi * RANGE_M**2 / 2, rel=1e-3)
    assert inside.bounds[1] >= -1e-3


def test_a_camera_deep_inside_a_building_sees_nothing() -> None:
    assert look(camera(fov=360, y=-5), [box(-50, -20, 50, 0)]).is_empty


def test_footprints_that_overlap_are_one() -> None:
    left, right = box(-20, 10, 5, 20), box(-5, 12, 20, 22)
    view = look(camera(), [left, right])
    assert view.symmetric_difference(reference(camera(), [left, right])).area < 1e-6


@pytest.mark.parametrize("width_m", [1e-8, 1e-160], ids=["slivers", "vanishing"])
def test_slivers_neither_hide_nor_break_anything(width_m: float) -> None:
    hole = [(0, 15), (width_m, 15), (0, 15 + width_m)]
    yard = Polygon(box(-5, 10, 5, 20).exterior, [hole])
    speck = Polygon([(20, 10), (20 + width_m, 10), (20, 10 + width_m)])
    plain = look(camera(), [box(-5, 10, 5, 20)])
    assert look(camera(), [yard, speck]).area == pytest.approx(plain.area, rel=1e-6)


def test_far_from_the_origin_the_view_is_the_same() -> None:
    # A UTM northing leaves 5e-10 m to a float.
    turned = [affinity.rotate(L_SHAPE, 30, origin=(0, -20)), affinity.rotate(COURTYARD, 10)]
    near = reference(camera(20, 120, y=-30), turned)
    away = [affinity.translate(solid, 500_000, 3_340_000) for solid in turned]
    view = look(camera(20, 120, x=500_000, y=3_340_000 - 30), away)
    back = affinity.translate(view, -500_000, -3_340_000)
    assert back.symmetric_difference(near).area <= 1e-6 * near.area


def test_an_invalid_footprint_is_mended() -> None:
    bow_tie = Polygon([(-10, 10), (10, 20), (10, 10), (-10, 20)])
    assert look(camera(), [bow_tie]).area < sector(0, 0, 0, 90, RANGE_M, 1.0).area


def test_the_dead_zone_is_cut_out() -> None:
    view = look(camera(fov=90), [], near_m=10.0)
    expected = sector(0, 0, 0, 90, RANGE_M, 1.0).area - sector(0, 0, 0, 90, 10.0, 1.0).area
    assert view.area == pytest.approx(expected)


def test_no_azimuth_is_all_round_whatever_the_field_of_view() -> None:
    view = look(camera(azimuth=math.nan, fov=60), [])
    assert view.area == pytest.approx(sector(0, 0, 0, 360, RANGE_M, 1.0).area)


def test_the_index_and_the_frames_stay_as_they_were() -> None:
    cameras = gpd.GeoDataFrame(
        {"range_m": [20.0, 20.0]}, index=["b", "a"], geometry=[Point(0, 0), Point(9, 9)], crs=CRS
    )
    before = cameras.copy()
    views = visible(cameras, gpd.GeoSeries([box(2, -5, 4, 5)], crs=CRS))
    assert views.index.tolist() == ["b", "a"]
    assert views.crs == cameras.crs
    assert cameras.equals(before)


def test_no_cameras_give_no_views() -> None:
    none = gpd.GeoDataFrame({"range_m": []}, geometry=[], crs=CRS)
    assert len(visible(none, gpd.GeoSeries([box(0, 0, 1, 1)], crs=CRS))) == 0


def test_faults_are_named_by_row_all_at_once() -> None:
    cameras = gpd.GeoDataFrame(
        {
            "fov_deg": [0.0, 90.0, 90.0, 90.0, 90.0],
            "range_m": [10.0, math.nan, 10.0, 10.0, 10.0],
            "azimuth_deg": [None, 5, None, "north", None],
        },
        index=["a", "b", "c", "d", "e"],
        geometry=[Point(0, 0), Point(1, 1), box(0, 0, 1, 1), Point(2, 2), Point(math.nan, 0)],
        crs=CRS,
    )
    with pytest.raises(LayerFaultsError) as caught:
        visible(cameras, gpd.GeoSeries([], crs=CRS))
    assert {(fault.row, fault.column) for fault in caught.value.faults} == {
        ("a", "fov_deg"),
        ("b", "range_m"),
        ("c", "geometry"),
        ("d", "azimuth_deg"),
        ("e", "geometry"),
    }


@pytest.mark.parametrize(
    ("camera_crs", "building_crs"),
    [(4326, 4326), (None, CRS), (CRS, 32650), (2263, 2263)],
    ids=["degrees", "none", "mixed", "feet"],
)
def test_a_crs_not_in_metres_or_not_shared_is_refused(
    camera_crs: int | None, building_crs: int
) -> None:
    cameras = gpd.GeoDataFrame({"range_m": [1.0]}, geometry=[Point(0, 0)], crs=camera_crs)
    with pytest.raises(CrsError):
        visible(cameras, gpd.GeoSeries([box(0, 0, 1, 1)], crs=building_crs))


def test_a_chord_out_of_limits_is_refused() -> None:
    cameras = gpd.GeoDataFrame({"range_m": [1.0]}, geometry=[Point(0, 0)], crs=CRS)
    with pytest.raises(ParameterError):
        visible(cameras, gpd.GeoSeries([], crs=CRS), chord_deg=0)
