"""The open ground of a town as H3 cells and their children.

A cell is measured by its seven children (the next finer resolution): a child is closed (under a
building, water, or where no camera may look) or open, and an open child is seen, perhaps seen, or
not. So every share is a count of sevenths, and no polygon of a view is ever united with another.
Inside the program a child is known by its place: seven times the position of its cell, plus its
digit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from gis import crs as coordinates
from gis import hexes
from gis.footprints import Footprints
from gis.hexes_fill import fill_polygons
from gis.hexes_index import index_layer
from gis.layers import WGS84, Layers
from planner.ground_kernels import children_within

Cells = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Kinds of areas whose ground is not open: nobody can, or nobody may, watch it.
CLOSED_KINDS = ("water", "no_camera")
# Cells are kept in bands of y this high; of res 12 there are about two rows in each.
BAND_M = 20.0
# Over a block, the ancestor this many levels up, children lie alike around their cells, to this.
_BLOCK_LEVELS = 3
_SAME_M = 0.005


@dataclass(frozen=True, eq=False)
class Lattice:
    """Where the cells and their seven children are.

    Parameters
    ----------
    xy
        (n, 2) centres of the cells, metres.
    block, offsets_m
        (n,) block of each cell, and (blocks, 7, 2) from its centre to those of its children.
    order, bands, low_m
        (n,) the cells by band of `BAND_M` and x; where each band begins; where the lowest does.
    """

    xy: Floats = field(repr=False)
    block: Ints = field(repr=False)
    offsets_m: Floats = field(repr=False)
    order: Ints = field(repr=False)
    bands: Ints = field(repr=False)
    low_m: float


@dataclass(frozen=True, eq=False)
class Ground:
    """The cells of the town.

    Parameters
    ----------
    resolution
        H3 resolution of `cells`.
    crs
        The town's metric CRS, that of its villages.
    cells
        (n,) ids, ascending.
    village
        (n,) position of the village each cell belongs to, by the cell's centre.
    at
        Where they are.
    is_open
        (n, 7) which children are open: neither built over, nor water, nor in an area of kind
        no_camera, which nobody may watch.
    cell_m2
        (n,) area of each cell.
    """

    resolution: int
    crs: CRS = field(repr=False)
    cells: Cells = field(repr=False)
    village: Ints = field(repr=False)
    at: Lattice = field(repr=False)
    is_open: Bools = field(repr=False)
    cell_m2: Floats = field(repr=False)

    @cached_property
    def open_children(self) -> Ints:
        """Return how many children of each cell are open, (n,)."""
        return np.asarray(self.is_open.sum(axis=1), np.int64)

    @cached_property
    def open_m2(self) -> Floats:
        """Return the open ground of each cell (n,), in square metres."""
        return self.cell_m2 * self.open_children / 7

    @cached_property
    def village_open_m2(self) -> Floats:
        """Return the open ground of each village, up to the last one that has cells."""
        return np.asarray(np.bincount(self.village, self.open_m2), np.float64)

    @cached_property
    def unseen_share(self) -> Floats:
        """Return what share of each cell is seen where nothing is, (n,): 0, NaN without ground."""
        return np.where(self.open_children > 0, 0.0, np.nan)

    @property
    def xy(self) -> Floats:
        """Return the centres of the cells, (n, 2) metres."""
        return self.at.xy

    def summary(self) -> str:
        """Return one line: cells and open ground."""
        return (
            f"{len(self.cells)} cells of resolution {self.resolution}, {self.open_m2.sum():.0f} m2"
        )


def measure_ground(layers: Layers, resolution: int, footprints: Footprints | None = None) -> Ground:
    """Return the cells of all villages with their open ground.

    Parameters
    ----------
    layers
        The town, with villages; buildings and areas where they are known.
    resolution
        H3 resolution, 14 at most.
    footprints
        The buildings in `gis.crs.crs_of_frames(villages)`, if they are at hand.
    """
    # Where villages overlap, the first one keeps the cell, so that nothing counts twice.
    index = index_layer(layers["villages"], resolution)
    cells, village = index.cells[~index.shared], index.owner[~index.shared]
    crs = coordinates.crs_of_frames(layers["villages"])
    at = _located(cells, resolution, crs)
    all_open = np.ones((len(cells), 7), bool)
    areas_m2 = hexes.near_areas_m2(cells)
    ground = Ground(resolution, crs, cells, village, at, all_open, areas_m2)
    is_open = all_open.ravel().copy()
    is_open[_set_apart(layers, ground)] = False
    is_open[_within(at, _buildings(layers, crs, footprints))[1]] = False
    return replace(ground, is_open=is_open.reshape(-1, 7))


def _set_apart(layers: Layers, ground: Ground) -> Ints:
    """Return the places of the children in areas without ground to watch; they may be vast."""
    areas = layers["areas"]
    shapes = np.asarray(areas[areas["kind"].isin(CLOSED_KINDS)].geometry.array, dtype=object)
    places = places_of(ground, fill_polygons(shapes, ground.resolution + 1)[0])
    return places[places >= 0]


def _buildings(layers: Layers, crs: CRS, footprints: Footprints | None) -> npt.NDArray[np.object_]:
    if footprints is not None:
        return footprints.polygons
    metres = coordinates.to_metres(layers["buildings"].geometry, crs)
    return np.asarray(metres.array, dtype=object)


def _located(cells: Cells, resolution: int, crs: CRS) -> Lattice:
    """Return where cells and their children are; the latter by the block of cells around them."""
    xy = centres_xy(cells, crs)
    block = _blocks(cells, max(resolution - _BLOCK_LEVELS, 0))
    first = np.flatnonzero(np.diff(block, prepend=-1))
    offsets_m = _offsets_m(cells, xy, first, crs)
    last = np.append(first[1:], len(cells))[: len(first)] - 1
    if len(cells) and np.abs(_offsets_m(cells, xy, last, crs) - offsets_m).max() > _SAME_M:
        # The earth is not flat enough over a block: large cells, or the edge of an H3 face.
        block = np.arange(len(cells))
        offsets_m = _offsets_m(cells, xy, block, crs)
    low_m = float(xy[:, 1].min(initial=np.inf)) if len(cells) else 0.0
    band = ((xy[:, 1] - low_m) / BAND_M).astype(np.int64)
    bands = np.zeros(int(band.max(initial=0)) + 2, np.int64)
    bands[1:] = np.cumsum(np.bincount(band, minlength=len(bands) - 1))
    return Lattice(xy, block, offsets_m, np.lexsort((xy[:, 0], band)), bands, low_m)


def _blocks(cells: Cells, resolution: int) -> Ints:
    """Return the number of the ancestor of each cell, (n,); ids sort by ancestor."""
    above = hexes.parents(cells, resolution)
    new = np.zeros(len(cells), np.int64)
    new[1:] = above[1:] != above[:-1]
    return np.cumsum(new)


def _offsets_m(cells: Cells, xy: Floats, rows: Ints, crs: CRS) -> Floats:
    """Return the way from the centre of some cells to those of their children, (k, 7, 2)."""
    children = centres_xy(hexes.children(cells[rows]).ravel(), crs)
    return children.reshape(-1, 7, 2) - xy[rows, None]


def _within(at: Lattice, polygons: npt.NDArray[np.object_]) -> tuple[Ints, Ints]:
    """Return polygon and place of the children whose centre lies in each polygon, metres."""
    edges, first = _edges(polygons)
    if not len(edges) or not len(at.xy):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    reach_m = float(np.abs(at.offsets_m).max())
    return children_within(
        *(edges, first, at.xy, at.order, at.bands, at.low_m, BAND_M),
        *(at.block, at.offsets_m, reach_m),
    )


def _edges(polygons: npt.NDArray[np.object_]) -> tuple[Floats, Ints]:
    """Return the edges of all outlines (m, 4), and where those of each polygon begin (n + 1,)."""
    parts, of_part = shapely.get_parts(polygons, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    edges = np.ascontiguousarray(np.hstack([xy[:-1][same], xy[1:][same]]))
    owner = of_part[of_ring[ring[:-1][same]]]
    return edges, np.searchsorted(owner, np.arange(len(polygons) + 1)).astype(np.int64)


def distinct(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the different values, ascending; many times quicker than numpy's for 64-bit ids."""
    ascending = np.sort(values)
    first = np.ones(len(ascending), bool)
    first[1:] = ascending[1:] != ascending[:-1]
    return ascending[first]


def rows_of(values: npt.NDArray[Any], ascending: npt.NDArray[Any]) -> Ints:
    """Return where each value stands among others that are sorted, -1 for those that do not."""
    if not len(ascending):
        return np.full(len(values), -1)
    where = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return np.where(ascending[where] == values, where, -1)


def sums(group: Ints, values: npt.NDArray[Any], count: int) -> Floats:
    """Return the sum of the values in each of `count` groups."""
    return np.asarray(np.bincount(group, values, count), np.float64)


def places_of(ground: Ground, children: Cells) -> Ints:
    """Return the place of each child (seven times its cell's row, plus its digit), -1 outside.

    Parameters
    ----------
    ground
        The cells of the town.
    children
        (m,) ids, one resolution finer than the ground's.
    """
    row = rows_of(hexes.parents(children, ground.resolution), ground.cells)
    return np.where(row < 0, -1, 7 * row + _digit(children, ground.resolution + 1))


def open_inside(ground: Ground, polygons: npt.NDArray[np.object_]) -> tuple[Ints, Ints]:
    """Return the open children whose centre lies in each polygon.

    Parameters
    ----------
    ground
        The cells of the town.
    polygons
        (n,) polygons in the town's metric CRS; missing and empty ones hold nothing.

    Returns
    -------
    polygon, place
        (p,) positions of the polygons, ascending, and (p,) places of the children.
    """
    polygon, place = _within(ground.at, polygons)
    clear = ground.is_open.ravel()[place]
    return polygon[clear], place[clear]


def places_xy(ground: Ground, places: Ints) -> Floats:
    """Return the centre of each child, (m, 2) metres in the town's CRS, within a millimetre or so.

    Parameters
    ----------
    ground
        The cells of the town.
    places
        (m,) as `places_of` returns them, none below 0.
    """
    at, row = ground.at, places // 7
    return at.xy[row] + at.offsets_m[at.block[row], places % 7]


def centres_xy(cells: Cells, crs: CRS) -> Floats:
    """Return the centres of cells, (m, 2) metres in a town's CRS."""
    if not len(cells):
        return np.zeros((0, 2))
    to_metres = Transformer.from_crs(WGS84, crs, always_xy=True)
    return np.stack(to_metres.transform(*hexes.centres(cells)), axis=1)


def lonlat_of(xy: Floats, crs: CRS) -> tuple[Floats, Floats]:
    """Return the degrees of points (m, 2) in a town's metric CRS: lon and lat, (m,) each."""
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(xy[:, 0], xy[:, 1])
    return np.asarray(lon, float), np.asarray(lat, float)


def _digit(children: Cells, resolution: int) -> Ints:
    """Return the last digit of cells of one resolution, 0 to 6."""
    shift = np.uint64(3 * (hexes.FINEST - resolution))
    return ((children >> shift) & np.uint64(7)).astype(np.int64)
