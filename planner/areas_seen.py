"""What the cameras see of the open ground of villages and other areas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis import crs as coordinates
from gis.hexes_fill import fill_polygons
from gis.layers import Layers
from planner.cells_seen import SHARES, CellsSeen
from planner.ground import Floats, Ground, Ints, open_inside, rows_of, sums
from planner.results import UNKNOWN, Interval

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
    cell_area, cell
        (p,) positions of an area and of a cell whose centre lies in it.
    child_area, child
        (q,) position of an area, and the place of an open child whose centre lies in it.
    open_m2
        (n,) open ground of each area.
    """

    areas: gpd.GeoDataFrame = field(repr=False)
    cell_area: Ints = field(repr=False)
    cell: Ints = field(repr=False)
    child_area: Ints = field(repr=False)
    child: Ints = field(repr=False)
    open_m2: Floats = field(repr=False)

    def summary(self) -> str:
        """Return one line: areas and their ground."""
        return f"{len(self.areas)} areas, {self.open_m2.sum():.0f} m2 of open ground"


def area_ground(layers: Layers, ground: Ground) -> AreaGround:
    """Return the open ground of each area inside the town; water has none.

    Parameters
    ----------
    layers
        The town.
    ground
        Its cells.
    """
    areas = layers["areas"]
    areas = areas[areas["kind"] != "water"]
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
    return AreaGround(areas, cell_area, cell, child_area, child, open_m2)


def areas_seen(
    areas: AreaGround, ground: Ground, seen: CellsSeen, cameras: Shapes, known: bool
) -> gpd.GeoDataFrame:
    """Return the table `Coverage.areas`.

    Parameters
    ----------
    areas
        Their ground.
    ground
        The cells of the town.
    seen
        What is seen of them.
    cameras
        (c,) places of the working cameras, EPSG:4326.
    known
        False where the town has no camera layer.
    """
    n = len(areas.areas)
    # Most cells are seen by nobody: only the others are looked at.
    some = seen.sevenths[2] + seen.sevenths[5] > 0
    hit = some[areas.cell]
    area, cell = areas.cell_area[hit], areas.cell[hit]
    at = rows_of(areas.child, seen.places)
    small, at = areas.child_area[at >= 0], at[at >= 0]
    seen_m2 = np.stack(
        [
            sums(area, sevenths[cell] * ground.cell_m2[cell] / 7, n)
            + sums(small, part[at] * ground.cell_m2[seen.places[at] // 7] / 7, n)
            for sevenths, part in zip(seen.sevenths, seen.parts, strict=True)
        ]
    )
    tree = shapely.STRtree(cameras)
    inside, _ = tree.query(np.asarray(areas.areas.geometry.array, object), predicate="intersects")
    told = _told(areas.open_m2, seen_m2, np.bincount(inside, minlength=n), known)
    return areas.areas[["code", "name", "kind", "geometry"]].assign(**told)


def villages_seen(
    layers: Layers, ground: Ground, seen: CellsSeen, cameras: Ints, known: bool
) -> gpd.GeoDataFrame:
    """Return the table `Coverage.villages`.

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
    villages, n = layers["villages"], len(layers["villages"])
    rows = np.flatnonzero(seen.sevenths[2] + seen.sevenths[5])
    village, m2 = ground.village[rows], ground.cell_m2[rows] / 7
    seen_m2 = np.stack([sums(village, part[rows] * m2, n) for part in seen.sevenths])
    told = _told(sums(ground.village, ground.open_m2, n), seen_m2, cameras, known)
    columns = ["code", "name", "kind", "rural", "station", "geometry"]
    return villages[columns].assign(**told)


def rate_of(villages: gpd.GeoDataFrame) -> Interval:
    """Return the share of the open ground of all villages that is seen."""
    whole_m2 = villages["open_ground_m2"].to_numpy(float)
    known = ~np.isnan(villages["value"].to_numpy(float)) & (whole_m2 > 0)
    total_m2 = float(whole_m2[known].sum())
    if not total_m2:
        return UNKNOWN
    low, value, high = (
        float((villages[name].to_numpy(float)[known] * whole_m2[known]).sum() / total_m2)
        for name in ("low", "value", "high")
    )
    return Interval(min(max(value, low), high), low, high)


def _only(shapes: Shapes, which: npt.NDArray[np.bool_]) -> Shapes:
    """Return the shapes with the others missing."""
    some = shapes.copy()
    some[~which] = None
    return some


def _told(whole_m2: Floats, seen_m2: Floats, cameras: Ints, known: bool) -> dict[str, Any]:
    """Return the columns that tell of a place's ground; without a camera layer they are blank."""
    tellable = (whole_m2 > 0) & known
    shares = np.divide(seen_m2, whole_m2, out=np.full(seen_m2.shape, np.nan), where=tellable)
    low, value, high, *others = np.minimum(shares, 1.0)
    count = pd.array(cameras, dtype="Int64")
    return {
        "open_ground_m2": whole_m2,
        "value": value,
        "low": low,
        "high": high,
        **dict(zip(SHARES[3:], others, strict=True)),
        "cameras": count if known else pd.array([pd.NA] * len(count), dtype="Int64"),
    }
