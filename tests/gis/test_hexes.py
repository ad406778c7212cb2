from __future__ import annotations

import geopandas as gpd
import h3.api.numpy_int as h3
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, affinity, box
from shapely.ops import split

from gis import hexes
from gis.errors import CrsError, InputError, ParameterError

LON, LAT = 120.72, 30.15

polygons = st.builds(
    lambda x, y, w, h, turn: affinity.rotate(
        box(LON + x, LAT + y, LON + x + w, LAT + y + h), turn, origin="center"
    ),
    x=st.floats(-0.05, 0.05),
    y=st.floats(-0.05, 0.05),
    w=st.floats(0.0005, 0.02),
    h=st.floats(0.0005, 0.02),
    turn=st.floats(0, 90),
)


@given(polygon=polygons, angle=st.floats(0, 180), resolution=st.integers(9, 12))
def test_cells_of_neighbours_partition_their_union(
    polygon: Polygon, angle: float, resolution: int
) -> None:
    middle = polygon.centroid
    cut = affinity.rotate(LineString([(middle.x - 1, middle.y), (middle.x + 1, middle.y)]), angle)
    parts = list(split(polygon, cut).geoms)
    cells, owner = hexes.cells_of_polygons(np.array(parts, object), resolution)
    # A centre exactly on the cut could go either way; no such centre is met by floats in practice.
    assert len(np.unique(cells)) == len(cells)
    assert set(cells.tolist()) == set(hexes.cells_in(polygon, resolution).tolist())
    assert set(owner.tolist()) <= set(range(len(parts)))


@given(polygon=polygons)
def test_cells_are_those_whose_centre_is_inside(polygon: Polygon) -> None:
    inside = set(hexes.cells_in(polygon, 11).tolist())
    lon, lat = hexes.centres(hexes.cells_in(polygon.buffer(0.002), 11))
    around = hexes.cell_of_points(lon, lat, 11)
    assert inside == set(around[shapely.contains_xy(polygon, lon, lat)].tolist())


def test_holes_and_parts_of_a_multipolygon_are_respected() -> None:
    outer = box(LON, LAT, LON + 0.01, LAT + 0.01)
    hole = box(LON + 0.004, LAT + 0.004, LON + 0.006, LAT + 0.006)
    far = box(LON + 0.02, LAT, LON + 0.021, LAT + 0.001)
    both = MultiPolygon([Polygon(outer.exterior, [hole.exterior.coords]), far])
    expected = set(hexes.cells_in(outer, 12)) - set(hexes.cells_in(hole, 12))
    assert set(hexes.cells_in(both, 12)) == expected | set(hexes.cells_in(far, 12))


def test_missing_and_empty_polygons_have_no_cells_and_keep_positions() -> None:
    places = np.array([None, Polygon(), box(LON, LAT, LON + 0.001, LAT + 0.001)], object)
    cells, owner = hexes.cells_of_polygons(places, 12)
    assert len(cells) > 0
    assert set(owner.tolist()) == {2}


@pytest.mark.parametrize(
    "wrong",
    [
        box(500, 30, 501, 31),
        box(30, 120, 31, 121),
        box(13_000_000, 3_500_000, 13_000_100, 3_500_100),
    ],
    ids=["500 degrees", "swapped axes", "metres"],
)
def test_places_that_are_not_on_earth_are_refused(wrong: Polygon) -> None:
    with pytest.raises(InputError, match="not on earth"):
        hexes.cells_in(wrong, 9)


def test_a_line_has_no_cells_and_is_refused() -> None:
    with pytest.raises(InputError, match="polygons only"):
        hexes.cells_in(LineString([(LON, LAT), (LON, LAT + 1)]), 9)


def test_a_line_inside_a_collection_brings_no_cells_of_its_own() -> None:
    mixed = shapely.GeometryCollection(
        [box(LON, LAT, LON + 0.001, LAT + 0.001), LineString([(LON, LAT), (LON + 0.1, LAT)])]
    )
    with pytest.raises(InputError, match="polygons only"):
        hexes.cells_in(mixed, 9)


def test_polygons_in_metres_are_refused_by_their_crs() -> None:
    # These numbers would pass for degrees.
    with pytest.raises(CrsError, match="in degrees"):
        hexes.cells_of_polygons(gpd.GeoSeries([box(10, 20, 30, 40)], crs=32651), 5)


@pytest.mark.parametrize("resolution", [-1, 16])
def test_resolutions_that_h3_has_not_are_refused(resolution: int) -> None:
    with pytest.raises(ParameterError, match="from 0 to 15"):
        hexes.cells_in(box(LON, LAT, LON + 0.001, LAT + 0.001), resolution)
    with pytest.raises(ParameterError, match="from 0 to 15"):
        hexes.cell_of_points([LON], [LAT], resolution)


def test_parents_are_coarser_and_descendants_finer() -> None:
    cell = hexes.cell_of_points([LON], [LAT], 9)
    assert hexes.parents(cell, 9).tolist() == cell.tolist()
    with pytest.raises(ParameterError):
        hexes.parents(cell, 10)
    with pytest.raises(ParameterError):
        hexes.id_range(int(cell[0]), 8)
    with pytest.raises(ParameterError):
        hexes.children(hexes.cell_of_points([LON], [LAT], 15))


@pytest.mark.parametrize("resolution", [0, 5, 9, 12])
def test_parents_and_children_agree_with_h3(resolution: int) -> None:
    rng = np.random.default_rng(1)
    fine = hexes.cell_of_points(rng.uniform(-180, 180, 200), rng.uniform(-80, 80, 200), 13)
    expected = [h3.cell_to_parent(int(cell), resolution) for cell in fine]
    assert hexes.parents(fine, resolution).tolist() == [int(cell) for cell in expected]
    cells = np.array(
        [c for c in np.unique(hexes.parents(fine, resolution)) if not h3.is_pentagon(int(c))]
    )
    for cell, kids in zip(cells, hexes.children(cells), strict=True):
        assert sorted(kids.tolist()) == sorted(int(k) for k in h3.cell_to_children(int(cell)))


def test_a_pentagon_has_no_seven_children() -> None:
    pentagon = np.array([h3.get_pentagons(3)[0]], np.uint64)
    with pytest.raises(InputError, match="pentagon"):
        hexes.children(pentagon)


@given(
    lon=st.floats(-179, 179),
    lat=st.floats(-85, 85),
    coarse=st.integers(0, 10),
    steps=st.integers(0, 3),
)
def test_the_id_range_holds_all_descendants_and_no_neighbours(
    lon: float, lat: float, coarse: int, steps: int
) -> None:
    cell = int(hexes.cell_of_points([lon], [lat], coarse)[0])
    fine = coarse + steps
    low, high = hexes.id_range(cell, fine)
    kids = [int(k) for k in h3.cell_to_children(cell, fine)]
    assert low <= min(kids)
    assert max(kids) <= high
    beside = [int(k) for n in h3.grid_ring(cell, 1) for k in h3.cell_to_children(int(n), fine)]
    assert not [k for k in beside if low <= k <= high]


@given(
    chosen=st.sets(st.integers(0, 60)), keys=st.lists(st.integers(0, 1), min_size=61, max_size=61)
)
def test_patches_are_networkx_components(chosen: set[int], keys: list[int]) -> None:
    disk = np.sort(h3.grid_disk(h3.latlng_to_cell(LAT, LON, 12), 4).astype(np.uint64))
    cells = disk[sorted(chosen)]
    key = np.array(keys)[sorted(chosen)]
    graph = nx.Graph()
    graph.add_nodes_from(cells.tolist())
    group = dict(zip(cells.tolist(), key.tolist(), strict=True))
    graph.add_edges_from(
        (a, int(b))
        for a in cells.tolist()
        for b in h3.grid_ring(a, 1)
        if int(b) in group and group[a] == group[int(b)]
    )
    label = dict(zip(cells.tolist(), hexes.connected(cells, key).tolist(), strict=True))
    parts = {frozenset(part) for part in nx.connected_components(graph)}
    found: dict[int, set[int]] = {}
    for cell, number in label.items():
        found.setdefault(number, set()).add(cell)
    assert {frozenset(part) for part in found.values()} == parts


def test_the_outline_is_the_union_of_the_cells() -> None:
    cells = hexes.cells_in(box(LON, LAT, LON + 0.002, LAT + 0.002), 12)
    ring = cells[1:]
    outline = hexes.outline(ring)
    area_m2 = outline.area * 111_320**2 * np.cos(np.radians(LAT))
    assert area_m2 == pytest.approx(hexes.areas_m2(ring).sum(), rel=0.01)
    lon, lat = hexes.centres(ring)
    assert shapely.contains_xy(outline, lon, lat).all()


def test_text_and_back() -> None:
    cells = hexes.cells_in(box(LON, LAT, LON + 0.001, LAT + 0.001), 12)
    assert hexes.from_text(hexes.to_text(cells)).tolist() == cells.tolist()
    with pytest.raises(InputError, match="not an H3 cell: zebra"):
        hexes.from_text(["zebra"])
