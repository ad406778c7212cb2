from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from gis import hexes
from planner.gap_touching import touching_within

# Shaoxing, Helsinki, New York, Sydney, and near a border of two faces of the icosahedron.
PLACES = [(120.72, 30.15), (24.94, 60.17), (-73.98, 40.72), (151.2, -33.87), (31.3, 58.3)]


def pairs_of(cells: np.ndarray, parent: int) -> set[tuple[int, int]]:
    """Return the touching pairs of one ancestor, told by all neighbours on earth."""
    ancestor = hexes.parents(cells, parent)
    first, second = hexes.neighbours(cells)
    same = ancestor[first] == ancestor[second]
    return set(zip(first[same].tolist(), second[same].tolist(), strict=True))


@pytest.mark.parametrize(("lon", "lat"), PLACES)
@pytest.mark.parametrize(("resolution", "parent"), [(12, 9), (11, 9), (12, 8), (9, 9), (12, 5)])
def test_pairs_are_those_of_all_neighbours_of_one_ancestor(
    lon: float, lat: float, resolution: int, parent: int
) -> None:
    cells = hexes.cells_in(box(lon, lat, lon + 0.02, lat + 0.01), resolution)
    first, second = touching_within(cells, parent)
    found = list(zip(first.tolist(), second.tolist(), strict=True))
    assert (first < second).all()
    assert len(found) == len(set(found))
    assert set(found) == pairs_of(cells, parent)


@settings(max_examples=25)
@given(
    st.floats(-170, 170),
    st.floats(-70, 70),
    st.lists(st.booleans(), min_size=49, max_size=49),
)
def test_holes_in_the_town_make_no_pairs(lon: float, lat: float, kept: list[bool]) -> None:
    ancestor = hexes.cell_of_points([lon], [lat], 9)
    cells = hexes.children(hexes.children(ancestor).ravel()).ravel()[np.array(kept)]
    first, second = touching_within(cells, 9)
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == pairs_of(cells, 9)


def test_no_cells_make_no_pairs() -> None:
    first, second = touching_within(np.zeros(0, np.uint64), 9)
    assert len(first) == len(second) == 0
