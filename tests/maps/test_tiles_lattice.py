from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from gis import hexes
from maps.tiles_ground import CellGround, Level
from maps.tiles_lattice import build_lattice

# Two faces of the icosahedron meet in the first town; the other lies on one.
PLACES = {"Lihai": (120.72, 30.15), "Helsinki": (24.94, 60.17)}


def asked_one_by_one(cells: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the position of the cell of each crossing as the library tells it."""
    resolution = int(hexes.resolution_of(cells[:1])[0])
    across, down = np.meshgrid(lon, lat)
    found = hexes.cell_of_points(across.ravel(), down.ravel(), resolution)
    at = {cell: k for k, cell in enumerate(cells.tolist())}
    return np.array([at.get(cell, -1) for cell in found.tolist()]).reshape(across.shape)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(-179, 179),
    st.floats(-70, 70),
    st.integers(5, 13),
    st.floats(0.2, 1.0),
    st.integers(0, 2**32 - 1),
)
def test_the_same_cells_as_the_library(
    lon: float, lat: float, resolution: int, part: float, seed: int
) -> None:
    half = 40 * 7 ** (-resolution / 2)
    square = box(max(lon - half, -180), lat - half, min(lon + half, 180), lat + half)
    cells = hexes.cells_in(square, resolution)
    chosen = np.random.default_rng(seed).random(len(cells)) < part
    cells = cells[chosen]
    if not len(cells):
        return
    columns = np.linspace(square.bounds[0], square.bounds[2], 83)
    rows = np.linspace(square.bounds[3], square.bounds[1], 71)
    found = Level(cells).rows(columns, rows)
    assert (found == asked_one_by_one(cells, columns, rows)).all()


@pytest.mark.parametrize(("place", "faces"), [("Lihai", 2), ("Helsinki", 1)])
def test_faces_of_the_icosahedron(place: str, faces: int) -> None:
    lon, lat = PLACES[place]
    cells = hexes.cells_in(box(lon - 0.3, lat - 0.3, lon + 0.3, lat + 0.3), 9)
    lattice = build_lattice(cells)
    assert lattice is not None
    assert len(lattice.faces) == faces


def test_cells_far_apart_and_near_a_pentagon_are_asked_one_by_one() -> None:
    far = np.sort(hexes.cell_of_points([120.0, 121.5], [30.0, 31.0], 12))
    assert build_lattice(far) is None
    pentagon = 0x8C0800000000DFF  # in the Arctic Sea
    lon, lat = hexes.centres(np.array([pentagon], np.uint64))
    around = hexes.cells_in(box(lon[0] - 0.01, lat[0] - 0.004, lon[0] + 0.01, lat[0] + 0.004), 12)
    columns, rows = (
        np.linspace(lon[0] - 0.01, lon[0] + 0.01, 60),
        np.linspace(lat[0], lat[0] + 0.004, 60),
    )
    for cells, across, down in (
        (far, np.array([120.0, 120.5, 121.5]), np.array([31.0, 30.0])),
        (around, columns, rows),
    ):
        found = Level(cells).rows(across, down)
        assert (found == asked_one_by_one(cells, across, down)).all()


def test_levels_hold_all_parents_once() -> None:
    cells = hexes.cells_in(box(120.72, 30.15, 120.73, 30.16), 12)
    mixed = np.random.default_rng(0).permutation(cells)
    ground = CellGround.build(mixed)
    assert (mixed[ground.order] == cells).all()
    for resolution, level in ground.levels.items():
        ancestors = hexes.parents(cells, resolution)
        assert (level.ids == np.unique(ancestors)).all()
        assert (level.ids[ground.parent_rows(resolution)] == ancestors).all()
    assert list(ground.levels) == [12, 11, 10, 9, 8, 7, 6]
    assert CellGround.build(cells[:0]).levels == {}


@pytest.mark.parametrize(("use", "least"), [("cells", 4.0), ("shapes", 7.0)])
def test_cells_of_every_zoom_can_be_told_apart(use: str, least: float) -> None:
    cells = hexes.cells_in(box(120.72, 30.15, 120.73, 30.16), 12)
    ground = CellGround.build(cells)
    widths = []
    for zoom in range(9, 17):
        row = int((0.5 - np.arcsinh(np.tan(np.radians(30.155))) / (2 * np.pi)) * 2**zoom)
        resolution, width = ground.resolution_at(zoom, row, use)
        side_m = np.sqrt(hexes.areas_m2(ground.levels[resolution].ids[:1])[0] / (np.sqrt(3) / 2))
        px_m = 40_075_016.686 * np.cos(np.radians(30.155)) / 256 / 2**zoom
        assert width == pytest.approx(side_m / px_m, rel=0.02)
        widths.append(width)
    assert min(widths) >= least
    assert max(widths[:-1]) <= least * 7**0.5 * 1.01
