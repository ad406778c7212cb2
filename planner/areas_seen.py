"""What the cameras see of the open ground of villages and other areas."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis import crs as coordinates
from gis.hexes_fill import fill_polygons
from gis.layers import Layers
from planner.camera_views import Areas, watched_areas
from planner.cells_seen import SHARES, CellsSeen
from planner.frames import Columns, columns_of
from planner.ground import CLOSED_KINDS, Floats, Ground, Ints, open_inside, rows_of, sums
from planner.results import UNKNOWN, Interval

Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

# An area of fewer cells than this is measured by the children of cells, a larger one by cells.
FEW_CELLS = 200


@dataclass(frozen=True, eq=False)
class AreaGround:
    """The open ground of the areas: cells of the large ones, children of the small ones.

    Parameters
    ----------
    areas
        The layer's areas that have ground to watch.
    mix, mixes
        (cells,) number of the mix of large areas that the centre of each cell lies in, and (m, n)
        which areas each mix is of.
    child_area, child
        (q,) position of an area, and the place of an open child whose centre lies in it.
    open_m2
        (n,) open ground of each area.
    watched
        Those that no camera may look into, or only with consent: `camera_views.watched_areas`.
    """

    areas: gpd.GeoDataFrame = field(repr=False)
    mix: Ints = field(repr=False)
    mixes: Bools = field(repr=False)
    child_area: Ints = field(repr=False)
    child: Ints = field(repr=False)
    open_m2: Floats = field(repr=False)
    watched: Areas = field(repr=False)

    def summary(self) -> str:
        """Return one line: areas and their ground."""
        return f"{len(self.areas)} areas, {self.open_m2.sum():.0f} m2 of open ground"


def area_ground(layers: Layers, ground: Ground) -> AreaGround:
    """Return the open ground of each area inside the town.

    Areas of `planner.ground.CLOSED_KINDS` have none.

    Parameters
    ----------
    layers
        The town.
    ground
        Its cells.
    """
    watched = watched_areas(layers["areas"], ground.crs)
    areas = layers["areas"]
    areas = areas[~areas["kind"].isin(CLOSED_KINDS)]
    n = len(areas)
    shapes = np.asarray(areas.geometry.array, dtype=object)
    metres = np.asarray(coordinates.to_metres(areas.geometry, ground.crs).array, dtype=object)
    few_m2 = FEW_CELLS * float(ground.cell_m2.mean()) if len(ground.cells) else 0.0
    large = shapely.area(metres) >= few_m2
    cells, cell_area = fill_polygons(_only(shapes, large), ground.resolution)
    cell = rows_of(cells, ground.cells)
    cell_area, cell = cell_area[cell >= 0], cell[cell >= 0]
    child_area, child = open_inside(ground, _only(metres, ~large))
    open_m2 = sums(cell_area, ground.open_m2[cell], n)
    open_m2 += sums(child_area, ground.cell_m2[child // 7] / 7, n)
    mix, mixes = _mixes(cell_area, cell, n, len(ground.cells))
    return AreaGround(areas, mix, mixes, child_area, child, open_m2, watched)


def _mixes(cell_area: Ints, cell: Ints, n: int, cells: int) -> tuple[Ints, Bools]:
    """Return the number of the mix of areas each cell lies in, and the areas of each mix."""
    mix, mixes = np.zeros(cells, np.int64), np.zeros((1, n), bool)
    order = np.argsort(cell_area, kind="stable")
    begin = np.searchsorted(cell_area[order], np.arange(n + 1))
    for area in range(n):
        inside = cell[order[begin[area] : begin[area + 1]]]
        there = np.bincount(mix[inside], minlength=len(mixes)) > 0
        mix[inside] = (len(mixes) + np.cumsum(there) - 1)[mix[inside]]
        more = mixes[there]
        more[:, area] = True
        mixes = np.concatenate([mixes, more])
    return mix, mixes


def cameras_inside(areas: AreaGround, cameras: gpd.GeoDataFrame) -> Ints:
    """Return every pair of an area and a camera that stands in it, (2, p) positions.

    Parameters
    ----------
    areas
        Their ground.
    cameras
        Layer cameras, EPSG:4326, or some rows of it.
    """
    tree = shapely.STRtree(np.asarray(cameras.geometry.array, dtype=object))
    shapes = np.asarray(areas.areas.geometry.array, dtype=object)
    return np.asarray(tree.query(shapes, predicate="intersects"), np.int64)


def areas_seen(
    areas: AreaGround, ground: Ground, seen: CellsSeen, cameras: Ints, known: bool
) -> Columns:
    """Return the columns of the table `Coverage.areas`.

    Parameters
    ----------
    areas
        Their ground.
    ground
        The cells of the town.
    seen
        What is seen of them.
    cameras
        (n,) how many working cameras stand in each area.
    known
        False where the town has no camera layer.
    """
    n = len(areas.areas)
    mix, m2 = areas.mix[seen.rows], ground.cell_m2[seen.rows] / 7
    child = rows_of(areas.child, seen.places)
    small, child = areas.child_area[child >= 0], child[child >= 0]
    child_m2 = ground.cell_m2[seen.places[child] // 7] / 7
    of_mix = np.stack([sums(mix, part * m2, len(areas.mixes)) for part in _shares(seen)])
    of_small = np.stack([sums(small, part[child] * child_m2, n) for part in seen.parts])
    # Summed mix by mix, so that the order is always the same.
    seen_m2 = np.where(areas.mixes[None], of_mix[:, :, None], 0.0).sum(axis=1) + of_small
    told = _told(areas.open_m2, _shares_of(areas.open_m2, seen_m2, known), cameras, known)
    return _with(areas.areas, ("code", "name", "kind"), told)


def villages_seen(
    layers: Layers, ground: Ground, seen: CellsSeen, cameras: Ints, known: bool
) -> Columns:
    """Return the columns of the table `Coverage.villages`.

    Parameters
    ----------
    layers
        The town.
    ground
        Its cells.
    seen
        What is seen of them.
    cameras
        (n,) how many working cameras stand in each village.
    known
        False where the town has no camera layer.
    """
    villages = layers["villages"]
    open_m2, shares = village_shares(ground, seen, len(villages), known)
    told = _told(open_m2, shares, cameras, known)
    return _with(villages, ("code", "name", "kind", "rural", "station"), told)


def village_shares(
    ground: Ground, seen: CellsSeen, count: int, known: bool
) -> tuple[Floats, Floats]:
    """Return the open ground of each village, (n,) m2, and the seen shares of it, (6, n).

    Parameters
    ----------
    ground
        The cells of the town.
    seen
        What is seen of them.
    count
        How many villages there are, n.
    known
        False where the town has no camera layer: every share is NaN then.
    """
    open_m2 = np.zeros(count)
    open_m2[: len(ground.village_open_m2)] = ground.village_open_m2
    village, m2 = ground.village[seen.rows], ground.cell_m2[seen.rows] / 7
    seen_m2 = np.stack([sums(village, part * m2, count) for part in _shares(seen)])
    return open_m2, _shares_of(open_m2, seen_m2, known)


def _shares(seen: CellsSeen) -> Floats:
    """Return the sevenths of `SHARES` of each cell that may be seen, (6, c)."""
    return seen.sevenths[: len(SHARES)]


def _with(frame: gpd.GeoDataFrame, columns: tuple[str, ...], told: Columns) -> Columns:
    """Return some columns of a layer, its shapes, and what is told of them."""
    layer = columns_of(frame)
    return {**{name: layer[name] for name in (*columns, "geometry")}, **told}


def rate_of(villages: Columns) -> Interval:
    """Return the share of the open ground of all villages that is seen."""
    shares = np.stack([villages[name] for name in SHARES[:3]])
    return rate_of_shares(villages["open_ground_m2"], shares)


def rate_of_shares(open_m2: Floats, shares: Floats) -> Interval:
    """Return the share of all open ground that is seen.

    Parameters
    ----------
    open_m2
        (n,) open ground of each village.
    shares
        (3, n) low, value and high of each; NaN where nobody can tell.
    """
    known = ~np.isnan(shares[1]) & (open_m2 > 0)
    total_m2 = float(open_m2[known].sum())
    if not total_m2:
        return UNKNOWN
    low, value, high = (float((share[known] * open_m2[known]).sum() / total_m2) for share in shares)
    return Interval(min(max(value, low), high), low, high)


def _only(shapes: Shapes, which: npt.NDArray[np.bool_]) -> Shapes:
    """Return the shapes with the others missing."""
    some = shapes.copy()
    some[~which] = None
    return some


def _shares_of(whole_m2: Floats, seen_m2: Floats, known: bool) -> Floats:
    """Return seen by whole, at most 1; NaN without ground, or without a camera layer."""
    tellable = (whole_m2 > 0) & known
    shares = np.divide(seen_m2, whole_m2, out=np.full(seen_m2.shape, np.nan), where=tellable)
    return np.asarray(np.minimum(shares, 1.0))


def _told(whole_m2: Floats, shares: Floats, cameras: Ints, known: bool) -> Columns:
    """Return the columns that tell of a place's ground; without a camera layer they are blank."""
    low, value, high, *others = shares
    count = pd.arrays.IntegerArray(cameras, np.full(len(cameras), not known))
    return {
        "open_ground_m2": whole_m2,
        "value": value,
        "low": low,
        "high": high,
        **dict(zip(SHARES[3:], others, strict=True)),
        "cameras": count,
    }
