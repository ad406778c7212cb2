"""Many cells of many polygons at once: whole families of cells where no border is near.

A coarse cell that is farther from every border than any of its descendants' centres is inside with
all of them, or outside; only families that a border may cut are opened. The result is that of
`gis.hexes.cells_of_polygons`.
"""

from __future__ import annotations

from typing import Any

import h3.api.numpy_int as h3
import h3ronpy
import numpy as np
import numpy.typing as npt
import shapely

from gis.hexes import FINEST, POLYGONAL, Cells, Floats, Ints, cells_of_polygons, centres
from gis.hexes_kernels import INSIDE, NEAR, bin_segments, classify

# Levels above the wanted one at which the search begins.
_LEVELS = 3
# A polygon with fewer cells than this is filled cell by cell.
_FEW_CELLS = 200
# No child's centre lies farther from its parent's than 1.91 mean edges of its own resolution
# (greatest of 200,000 random cells, all over the earth, at each of three resolutions).
_CHILD_REACH = 1.95
# The shortest degree of latitude, and how far from the poles and from 180 degrees all this holds.
_METRES_PER_DEGREE = 110_574.0
_WORLD = (-179.0, -80.0, 179.0, 80.0)


def fill_polygons(polygons: Any, resolution: int) -> tuple[Cells, Ints]:
    """Return the cells whose centre lies in each polygon.

    Parameters
    ----------
    polygons
        (n,) Polygon or MultiPolygon in EPSG:4326 as an array; missing and empty ones have no
        cells.
    resolution
        H3 resolution, 0 to 15.

    Returns
    -------
    cells, positions
        One entry for each (cell, polygon) pair, in no particular order: the id, and 0..n-1.

    Raises
    ------
    InputError
        As for `gis.hexes.cells_in`.

    Examples
    --------
    >>> square = shapely.box(120.7, 30.1, 120.72, 30.12)
    >>> len(fill_polygons(np.array([square]), 12)[0]) == len(cells_of_polygons([square], 12)[0])
    True
    """
    shapes = np.asarray(polygons, dtype=object)
    large = np.flatnonzero(_are_large(shapes, resolution))
    rest = shapes.copy()
    rest[large] = None
    found = [cells_of_polygons(rest, resolution)]
    if len(large):
        families = _fill_by_families(shapes[large], resolution)
        cells, which = families or cells_of_polygons(shapes[large], resolution)
        found.append((cells, large[which]))
    return np.concatenate([c for c, _ in found]), np.concatenate([p for _, p in found])


def _are_large(shapes: npt.NDArray[Any], resolution: int) -> npt.NDArray[np.bool_]:
    """Return which shapes are worth the search; those that cannot be filled are not among them."""
    box = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        here = (box[:, :2] >= _WORLD[:2]).all(axis=1) & (box[:, 2:] <= _WORLD[2:]).all(axis=1)
        narrowing = np.cos(np.radians((box[:, 1] + box[:, 3]) / 2))
        area_m2 = shapely.area(shapes) * narrowing * _METRES_PER_DEGREE**2
    if not 1 <= resolution <= FINEST:
        return np.zeros(len(shapes), dtype=bool)
    few_m2 = _FEW_CELLS * h3.average_hexagon_area(resolution, unit="m^2")
    kinds = np.isin(shapely.get_type_id(shapes), POLYGONAL)
    return np.asarray(here & kinds & (area_m2 > few_m2), dtype=bool)


def _fill_by_families(shapes: npt.NDArray[Any], resolution: int) -> tuple[Cells, Ints] | None:
    """Return cells and positions, or None where a pentagon, which has no whole family, is near."""
    top = max(resolution - _LEVELS, 0)
    reach_deg = _reaches_deg(top, resolution)
    cells, of_cell, of_shape, narrowing = _candidates(shapes, top, reach_deg[0])
    if len(np.asarray(h3ronpy.change_resolution(cells, top + 1))) != 7 * len(cells):
        return None
    segments, first = _segments(shapes)
    bins = bin_segments(segments, first)
    found: list[Cells] = []
    owners: list[Ints] = []
    for level, radius in zip(range(top, resolution + 1), reach_deg, strict=True):
        lon, lat = centres(cells)
        state = classify(lon, lat, of_cell, of_shape, narrowing, radius, segments, bins)
        whole = state == INSIDE
        families = _descendants(cells[of_cell[whole]], resolution - level, resolution)
        found.append(families.ravel())
        owners.append(np.repeat(of_shape[whole], families.shape[1]))
        near = state == NEAR
        opened = np.zeros(len(cells), dtype=bool)
        opened[of_cell[near]] = True
        number = np.cumsum(opened) - 1
        of_cell = (7 * number[of_cell[near]][:, None] + np.arange(7)).ravel()
        of_shape = np.repeat(of_shape[near], 7)
        cells = _descendants(cells[opened], 1, level + 1).ravel() if near.any() else cells[:0]
    return np.concatenate(found), np.concatenate(owners)


def _reaches_deg(top: int, resolution: int) -> list[float]:
    """Return how far a descendant's centre may lie from a cell's, for each level; -1 at the last.

    In degrees of latitude.
    """
    steps = [
        _CHILD_REACH * h3.average_hexagon_edge_length(level, unit="m") / _METRES_PER_DEGREE
        for level in range(top + 1, resolution + 1)
    ]
    return [*(sum(steps[at:]) for at in range(len(steps))), -1.0]


def _candidates(
    shapes: npt.NDArray[Any], top: int, reach_deg: float
) -> tuple[Cells, Ints, Ints, Floats]:
    """Return coarse cells, pairs of cell and shape that may share ground, and each shape's scale.

    The scale is the cosine of the latitude farthest from the equator, so that distances are never
    overrated.
    """
    box = shapely.bounds(shapes)
    farthest = np.abs(box[:, [1, 3]]).max(axis=1) + reach_deg
    narrowing = np.cos(np.radians(farthest))
    east = reach_deg / narrowing
    around = shapely.box(
        box[:, 0] - east, box[:, 1] - reach_deg, box[:, 2] + east, box[:, 3] + reach_deg
    )
    all_cells, of_shape = cells_of_polygons(around, top)
    cells, of_cell = np.unique(all_cells, return_inverse=True)
    return cells, of_cell.astype(np.int64), of_shape, narrowing


def _segments(shapes: npt.NDArray[Any]) -> tuple[Floats, Ints]:
    """Return all borders, (m, 4) x1, y1, x2, y2, and where those of each shape begin, (n+1,)."""
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    of_shape = of_part[part]
    xy, of_ring = shapely.get_coordinates(rings, return_index=True)
    same = of_ring[1:] == of_ring[:-1]
    segments = np.hstack([xy[:-1][same], xy[1:][same]])
    owner = of_shape[of_ring[:-1][same]]
    return segments, np.searchsorted(owner, np.arange(len(shapes) + 1))


def _descendants(cells: Cells, levels: int, resolution: int) -> Cells:
    """Return the descendants at `resolution`, so many levels down, of hexagons, (n, 7**levels)."""
    digits = np.zeros(1, dtype=np.uint64)
    unused = np.uint64(0)
    for level in range(resolution - levels + 1, resolution + 1):
        place = np.uint64(3 * (FINEST - level))
        unused |= np.uint64(7) << place
        digits = (digits[:, None] | (np.arange(7, dtype=np.uint64) << place)).ravel()
    field = np.uint64(15 << 52)
    base = (cells & ~field & ~unused) | np.uint64(resolution << 52)
    return base[:, None] | digits
