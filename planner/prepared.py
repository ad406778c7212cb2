"""A town made ready for coverage, and brought up to date after a few of its cameras changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.layers import Layers
from planner.camera_list import camera_lenses
from planner.camera_tables import CameraTables, camera_tables, spliced_tables
from planner.camera_views import Views, camera_views
from planner.cells_seen import SHARES, CellsSeen, cell_shares, cells_seen
from planner.frames import taken
from planner.gap_ground import parts_within
from planner.gap_reasons import gap_cameras
from planner.gaps import Gaps, join_gaps
from planner.ground import Floats, Ints, distinct
from planner.looks import Looks
from planner.params import CoverageParams
from planner.places import Places, prepare_places
from planner.sights import Sight, sight_of


@dataclass(frozen=True, eq=False)
class Change:
    """A few cameras that changed, and how the layer is put together from before and from them.

    Parameters
    ----------
    cameras
        Their rows of the layer.
    views, lens
        Their views, and `planner.camera_list.camera_lenses` of them.
    rows
        (n,) the layer afterwards: positions in the one before, or from its length on in `cameras`.
    view
        The same for the views.
    codes
        All cameras that changed, came or went.
    """

    cameras: gpd.GeoDataFrame = field(repr=False)
    views: Views
    lens: pd.DataFrame = field(repr=False)
    rows: Ints = field(repr=False)
    view: Ints = field(repr=False)
    codes: tuple[str, ...]

    def summary(self) -> str:
        """Return one line: the codes."""
        return f"changed: {', '.join(self.codes)}"


@dataclass(frozen=True, eq=False)
class Settled:
    """A state of the town with its tables put together and its gaps joined.

    Parameters
    ----------
    layers
        The town.
    tables
        Its cameras row by row.
    looks
        Who sees which open child.
    around
        Its cameras as `planner.gap_reasons.gap_cameras` returns them.
    shares
        (7, n) seen shares of each cell, see `planner.cells_seen.cell_shares`.
    gaps
        The cells that are not seen, joined.
    """

    layers: Layers = field(repr=False)
    tables: CameraTables
    looks: Looks
    around: pd.DataFrame = field(repr=False)
    shares: Floats = field(repr=False)
    gaps: Gaps

    def summary(self) -> str:
        """Return two lines: views and gaps."""
        return f"{self.tables.summary()}\n{self.gaps.summary()}"


@dataclass(frozen=True, eq=False)
class Prepared:
    """A town ready to be scored, or to be scored again with other cameras.

    Parameters
    ----------
    params
        Numbers of coverage.
    places
        What no camera changes.
    sight
        What the cameras see of it.
    seen
        What they see, summed by cell.
    base, changes
        The town when its tables were last put together, and what changed since, in order.
    """

    params: CoverageParams = field(repr=False)
    places: Places
    sight: Sight
    seen: CellsSeen
    base: Settled
    changes: tuple[Change, ...] = ()

    @cached_property
    def layers(self) -> Layers:
        """Return the town with its cameras as they are now."""
        cameras = self.base.tables.cameras
        for change in self.changes:
            cameras = taken(cameras, change.cameras, change.rows)
        return self.base.layers.replaced(cameras=cameras) if self.changes else self.base.layers

    @cached_property
    def settled(self) -> Settled:
        """Return the town with its tables put together and its gaps joined; kept once told."""
        return _settled_again(self) if self.changes else self.base

    @property
    def gaps(self) -> Gaps:
        """Return the cells that are not seen, joined."""
        return self.settled.gaps

    def since(self) -> tuple[Settled, tuple[Change, ...]]:
        """Return the last state whose tables are put together, and what changed since."""
        if "settled" in vars(self):
            return self.settled, ()
        return self.base, self.changes

    def summary(self) -> str:
        """Return a few lines: the places and the looks."""
        return f"{self.places.summary()}\n{self.sight.summary()}"


def prepare(layers: Layers, params: CoverageParams) -> Prepared:
    """Return a town made ready for coverage.

    Parameters
    ----------
    layers
        The town with its villages; `planner.assume.complete` provides what is unknown.
    params
        Numbers of coverage.
    """
    places = prepare_places(layers, params)
    views, lens = see(layers, places, params)
    sight = sight_of(layers["cameras"]["code"].to_numpy(object), views, places)
    seen = cells_seen(sight.ground, sight.counts)
    tables = camera_tables(layers, views, lens, places, params)
    return Prepared(
        params, places, sight, seen, _settled(layers, params, places, tables, sight, seen)
    )


def see(layers: Layers, places: Places, params: CoverageParams) -> tuple[Views, pd.DataFrame]:
    """Return the views of the cameras of a town, and what their lenses show.

    Parameters
    ----------
    layers
        The town, or the same with some of its cameras: each is looked at by itself.
    places
        As `planner.places.prepare_places` returns them.
    params
        Numbers of coverage.
    """
    lens = camera_lenses(layers, params)
    return camera_views(layers, params, places.footprints, crs=places.ground.crs, lens=lens), lens


def _settled_again(prepared: Prepared) -> Settled:
    """Return a town whose tables are put together from what was and what changed since."""
    layers, places, params = prepared.layers, prepared.places, prepared.params
    tables = prepared.base.tables
    for change in prepared.changes:
        few = camera_tables(
            layers.replaced(cameras=change.cameras), change.views, change.lens, places, params
        )
        tables = spliced_tables(tables, few, change.rows, change.view)
    codes = {code for change in prepared.changes for code in change.codes}
    return _settled(
        layers, params, places, tables, prepared.sight, prepared.seen, prepared.base, codes
    )


def _settled(
    layers: Layers,
    params: CoverageParams,
    places: Places,
    tables: CameraTables,
    sight: Sight,
    seen: CellsSeen,
    before: Settled | None = None,
    codes: Collection[str] = (),
) -> Settled:
    """Return a town with its gaps joined; where none of the cameras `codes` is, as before."""
    known = layers.has("cameras")
    around = gap_cameras(tables.views.cameras, tables.table, params)
    shares = cell_shares(places.ground, seen, known)
    # With the first camera, or without the last one, every cell becomes another.
    kept = before if before is not None and before.layers.has("cameras") == known else None
    parts = None
    if kept is not None:
        parts = _parts(places, codes, [(kept.around, kept.looks), (around, sight.ground)])
    gaps = join_gaps(
        places.gaps,
        dict(zip((*SHARES, "linked"), shares, strict=True)),
        around,
        places.footprints,
        params,
        before=kept.gaps if kept else None,
        parts=parts,
    )
    return Settled(layers, tables, sight.ground, around, shares, gaps)


def _parts(
    places: Places, codes: Collection[str], times: Collection[tuple[pd.DataFrame, Looks]]
) -> Ints:
    """Return the parts of the town that some cameras reach or see, before or after, ascending."""
    parts = []
    for around, looks in times:
        mine = np.array([code in codes for code in around["code"].tolist()], bool)
        x_m, y_m, reach_m = (around[name].to_numpy(float)[mine] for name in ("x", "y", "coarse_m"))
        parts.append(parts_within(places.gaps, np.column_stack([x_m, y_m]), reach_m))
        parts.append(places.gaps.part[looks.point[mine[looks.camera]] // 7])
    return distinct(np.concatenate(parts))
