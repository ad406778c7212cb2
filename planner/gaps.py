"""Gaps of camera coverage: unseen cells joined into places, explained and ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from geopandas.array import from_shapely
from scipy.spatial import cKDTree

from gis import hexes
from gis.footprints import Footprints
from gis.layers import WGS84
from planner.frames import geo_frame
from planner.gap_ground import GapGround
from planner.gap_kernels import smallest_joined
from planner.gap_patches import describe_patches
from planner.gap_reasons import KINDS, kinds_of, reasons_of
from planner.params import CoverageParams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLUMNS = [
    *("id", "rank", "weight", "area_m2", "cells", "lon", "lat", "village", "near", "ground"),
    *("sites", "incidents", "street_m", "reason", "nearest_camera", "distance_m"),
]


@dataclass(frozen=True, eq=False)
class Gaps:
    """The gaps of a town, and what a change of a few cameras needs to know of them.

    Parameters
    ----------
    table
        The table `Coverage.gaps`: index 0..k-1 in order of rank, EPSG:4326.
    first
        (k,) position of the smallest cell of each, in order of rank.
    patch
        (n,) the same position for each cell of the town, -1 where it belongs to no gap.
    patches
        One row for each gap, not ranked: see `planner.gap_patches.describe_patches`.
    """

    table: gpd.GeoDataFrame = field(repr=False)
    first: Ints = field(repr=False)
    patch: Ints = field(repr=False)
    patches: pd.DataFrame = field(repr=False)

    def summary(self) -> str:
        """Return one line: how many gaps and cells."""
        return f"{len(self.patches)} gaps of {int((self.patch >= 0).sum())} cells"


def join_gaps(
    ground: GapGround,
    seen: Mapping[str, Floats],
    cameras: pd.DataFrame,
    footprints: Footprints | None,
    params: CoverageParams,
    *,
    before: Gaps | None = None,
    parts: Ints | None = None,
) -> Gaps:
    """Return the gaps, heaviest first.

    Cells seen less than `gap_share` are joined where they touch, within one village and one H3
    cell of `gap_parent`, so that each gap is one place. Cells that a camera of unknown direction
    may see, those that one in repair would see, and those seen only by cameras known to be off
    the network make gaps of their own; where no camera may look, there is none. The id of a gap
    is that of its smallest cell, so that it stays between runs.

    The reason of any other gap is the one that holds for most of its open ground, told at the
    centre of each cell (`planner.gap_reasons.reasons_of`). So is what ground it is: at a site's
    front, with a street through it, or open. It is `near` its heaviest site with a name, else the
    named street with the longest way inside.

    Parameters
    ----------
    ground
        The town's cells and what stands there.
    seen
        (n,) each: value, high, repaired and linked, see `planner.gap_reasons.kinds_of`.
    cameras
        As `planner.gap_reasons.gap_cameras` returns them.
    footprints
        The town's buildings; None takes every line of sight as clear.
    params
        Numbers of coverage.
    before, parts
        The gaps as they were, and the parts in which anything may have changed, ascending; the
        rest is kept. That is where a cell is seen otherwise, and wherever a camera that changed
        reaches, before or after (`planner.gap_ground.parts_within` with its coarse_m).
    """
    where = _members(ground, parts)
    kind = kinds_of({name: share[where] for name, share in seen.items()}, params.gap_share)
    kind[ground.barred[where]] = KINDS.index("seen")
    patch = np.full(len(ground.cells), -1) if before is None else before.patch.copy()
    patch[where] = _joined(ground, where, kind, parts)
    reason = np.full(len(where), -1)
    unseen = np.flatnonzero(kind == KINDS.index("unseen"))
    reason[unseen] = reasons_of(ground, where[unseen], cameras, footprints)
    patches = describe_patches(ground, where, kind, reason, patch, params)
    drawn: dict[int, Any] = {}
    if before is not None and parts is not None:
        kept = before.patches[~np.isin(ground.part[before.patches.index], parts)]
        patches = pd.concat([frame for frame in (kept, patches) if len(frame)] or [kept])
        patches = patches.sort_index()
        drawn = _drawn(before, kept.index)
    return _ranked(ground, patches, patch, cameras, drawn, params)


def _members(ground: GapGround, parts: Ints | None) -> Ints:
    """Return the positions of the cells of some parts, or of all, ascending."""
    if parts is None:
        return np.arange(len(ground.cells))
    return np.sort(ground.members[_runs(ground.member_start, parts)])


def _runs(start: Ints, rows: Ints) -> Ints:
    """Return the positions that belong to some rows of an index of row starts."""
    size = start[rows + 1] - start[rows]
    skip = np.repeat(np.cumsum(size) - size, size)
    return np.asarray(np.repeat(start[rows], size) + np.arange(size.sum()) - skip)


def _joined(ground: GapGround, where: Ints, kind: Ints, parts: Ints | None) -> Ints:
    """Return the smallest cell of the patch that each cell belongs to, -1 for none."""
    pairs = ground.touching
    if parts is not None:
        pairs = pairs[:, _runs(ground.touching_start, parts)]
    slot = np.full(len(ground.cells), -1)
    slot[where] = np.arange(len(where))
    smallest = smallest_joined(slot[pairs[0]], slot[pairs[1]], kind)
    return np.where(smallest < 0, -1, where[smallest])


def _drawn(before: Gaps, kept: pd.Index[Any]) -> dict[int, Any]:
    """Return the outlines that stay, by the smallest cell of their gap."""
    shapes = np.asarray(before.table.geometry.array, dtype=object)
    there = np.flatnonzero(before.table.geometry.notna().to_numpy())
    there = there[np.isin(before.first[there], kept)]
    return dict(zip(before.first[there].tolist(), shapes[there], strict=True))


def _ranked(
    ground: GapGround,
    patches: pd.DataFrame,
    patch: Ints,
    cameras: pd.DataFrame,
    drawn: Mapping[int, Any],
    params: CoverageParams,
) -> Gaps:
    """Return the gaps by weight, those of one weight by id, the first ones with their outline."""
    order = np.argsort(-patches["weight"].to_numpy(float), kind="stable")
    told = {name: patches[name].array[order] for name in patches.columns}
    first, middle = patches.index.to_numpy()[order], np.asarray(told["middle"])
    lon, lat = hexes.centres(ground.cells[middle])
    nearest, distance_m = _nearest(ground.xy[middle], cameras)
    told |= {
        "id": pd.array(hexes.to_text(ground.cells[first]), dtype="str"),
        "rank": np.arange(1, len(order) + 1),
        "lon": lon,
        "lat": lat,
        "village": pd.array(ground.village[first], dtype="str"),
        "nearest_camera": pd.array(nearest, dtype="str"),
        "distance_m": distance_m,
    }
    shapes = np.full(len(order), None, object)
    for rank, smallest in enumerate(first[: params.gap_outlines].tolist()):
        if smallest in drawn:
            shapes[rank] = drawn[smallest]
        else:
            shapes[rank] = hexes.outline(ground.cells[_cells_of(ground, patch, smallest)])
    columns = {name: told[name] for name in COLUMNS}
    columns["geometry"] = from_shapely(shapes, crs=WGS84)
    return Gaps(geo_frame(columns, pd.RangeIndex(len(order))), first, patch, patches)


def _cells_of(ground: GapGround, patch: Ints, smallest: int) -> Ints:
    """Return the cells of one patch: all lie in the part of its smallest."""
    part = ground.part[smallest]
    cells = ground.members[ground.member_start[part] : ground.member_start[part + 1]]
    return np.asarray(cells[patch[cells] == smallest])


def _nearest(xy: Floats, cameras: pd.DataFrame) -> tuple[npt.NDArray[np.object_], Floats]:
    """Return the code of the nearest working camera of each place, and how far off it is."""
    at_work = np.flatnonzero(~cameras["repair"].to_numpy(bool))
    if not len(at_work):
        return np.full(len(xy), None, object), np.full(len(xy), np.nan)
    at = np.stack([cameras[name].to_numpy(float)[at_work] for name in ("x", "y")], axis=1)
    distance_m, nearest = cKDTree(at).query(xy)
    return cameras["code"].to_numpy(object)[at_work[nearest]], np.asarray(distance_m, float)
