"""Gaps of camera coverage: unseen cells joined into places, explained and ranked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis import hexes
from gis.footprints import Footprints
from planner.frames import Columns, framed
from planner.gap_ground import GapGround
from planner.gap_kernels import nearest_of, smallest_joined
from planner.gap_patches import describe_patches, with_others
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
    ground
        The town's cells.
    patch
        (n,) position of the smallest cell of the gap that each cell of the town belongs to, -1
        where it belongs to none.
    patches
        The gaps by smallest cell, not ranked: see `planner.gap_patches.describe_patches`.
    order
        (k,) their positions in `patches`, in order of rank.
    nearest
        nearest_camera and distance_m of each, in order of rank.
    outlines
        So many of the first ranks are drawn.
    """

    ground: GapGround = field(repr=False)
    patch: Ints = field(repr=False)
    patches: Columns = field(repr=False)
    order: Ints = field(repr=False)
    nearest: Columns = field(repr=False)
    outlines: int

    @property
    def first(self) -> Ints:
        """Return the position of the smallest cell of each, in order of rank, (k,)."""
        return np.asarray(self.patches["first"][self.order])

    @cached_property
    def table(self) -> gpd.GeoDataFrame:
        """Return the table `Coverage.gaps`: index 0..k-1 in order of rank, EPSG:4326."""
        drawn = self.order[: self.outlines]
        _draw(self.ground, self.patches, self.patch, drawn)
        shapes = np.full(len(self.order), None, object)
        shapes[: self.outlines] = self.patches["outline"][drawn]
        told = {
            **{name: values.take(self.order) for name, values in self.patches.items()},
            **self.nearest,
            "rank": np.arange(1, len(self.order) + 1),
        }
        columns = {name: told[name] for name in COLUMNS}
        frame: gpd.GeoDataFrame = framed({**columns, "geometry": shapes})
        return frame

    def summary(self) -> str:
        """Return one line: how many gaps and cells."""
        return f"{len(self.order)} gaps of {int((self.patch >= 0).sum())} cells"


def join_gaps(
    ground: GapGround,
    seen: Callable[[Ints], Mapping[str, Floats]],
    cameras: Columns,
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
        Gives of some cells (m,), ascending, their value, high, repaired and linked, (m,) each: see
        `planner.gap_reasons.kinds_of`.
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
    kind = kinds_of(seen(where), params.gap_share)
    kind[ground.barred[where]] = KINDS.index("seen")
    patch = np.full(len(ground.cells), -1) if before is None else before.patch.copy()
    patch[where] = _joined(ground, where, kind, parts)
    reason = np.full(len(where), -1)
    unseen = np.flatnonzero(kind == KINDS.index("unseen"))
    reason[unseen] = reasons_of(ground, where[unseen], cameras, footprints)
    patches = describe_patches(ground, where, kind, reason, patch, params)
    if before is not None and parts is not None:
        kept = np.flatnonzero(~np.isin(ground.part[before.patches["first"]], parts))
        patches = with_others(patches, before.patches, kept)
    # By weight, those of one weight by id.
    order = np.argsort(-patches["weight"], kind="stable")
    nearest = _nearest(ground.xy[patches["middle"][order]], cameras)
    return Gaps(ground, patch, patches, order, nearest, params.gap_outlines)


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
        pairs = np.searchsorted(where, pairs[:, _runs(ground.touching_start, parts)])
    smallest = smallest_joined(pairs[0], pairs[1], kind)
    return np.where(smallest < 0, -1, where[smallest])


def _draw(ground: GapGround, patches: Columns, patch: Ints, which: Ints) -> None:
    """Put in the outlines of some patches that are not drawn yet."""
    for at in which.tolist():
        if patches["outline"][at] is None:
            cells = _cells_of(ground, patch, int(patches["first"][at]))
            patches["outline"][at] = hexes.outline(ground.cells[cells])


def _cells_of(ground: GapGround, patch: Ints, smallest: int) -> Ints:
    """Return the cells of one patch: all lie in the part of its smallest."""
    part = ground.part[smallest]
    cells = ground.members[ground.member_start[part] : ground.member_start[part + 1]]
    return np.asarray(cells[patch[cells] == smallest])


def _nearest(xy: Floats, cameras: Columns) -> Columns:
    """Return the code of the nearest working camera of each place, and how far off it is."""
    at_work = np.flatnonzero(~cameras["repair"])
    if not len(at_work):
        none = np.full(len(xy), None, object)
        return {"nearest_camera": none, "distance_m": np.full(len(xy), np.nan)}
    at = np.stack([cameras["x"], cameras["y"]], axis=1)[at_work]
    nearest, distance_m = nearest_of(xy, at, np.argsort(at[:, 0]))
    return {"nearest_camera": cameras["code"][at_work[nearest]], "distance_m": distance_m}
