"""A town made ready for coverage, and brought up to date after a few of its cameras changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np

from gis.layers import Layers
from planner.camera_list import camera_lenses
from planner.camera_tables import CameraTables, camera_tables, spliced_tables
from planner.camera_views import Views, camera_views
from planner.cells_seen import SHARES, CellsSeen, cell_shares, cells_seen
from planner.frames import Columns, taken
from planner.fronts_seen import FrontsSeen, fronts_seen, fronts_unknown, seen_steps
from planner.gap_ground import GapGround, parts_within
from planner.gaps import Gaps, join_gaps
from planner.ground import Floats, Ints, distinct
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
    touched, sites
        Cells, and sites by their front, that a view which goes, or one that comes, looks at;
        ascending.
    codes
        All cameras that changed, came or went.
    """

    cameras: gpd.GeoDataFrame = field(repr=False)
    views: Views
    lens: Columns = field(repr=False)
    rows: Ints = field(repr=False)
    view: Ints = field(repr=False)
    touched: Ints = field(repr=False)
    sites: Ints = field(repr=False)
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
    fronts
        What is seen of the front of each site.
    gaps
        The cells that are not seen, joined.
    """

    layers: Layers = field(repr=False)
    tables: CameraTables
    fronts: FrontsSeen
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
        if not self.changes:
            return self.base.layers
        return self.base.layers.replaced(cameras=self._cameras[-1])

    @cached_property
    def _cameras(self) -> list[gpd.GeoDataFrame]:
        """Return the layer cameras after each change."""
        layer = [self.base.tables.cameras]
        for change in self.changes:
            layer.append(taken(layer[-1], change.cameras, change.rows))
        return layer[1:]

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
    base = _settled(layers, params, places, tables, sight, seen)
    return Prepared(params, places, sight, seen, base)


def see(layers: Layers, places: Places, params: CoverageParams) -> tuple[Views, Columns]:
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
    views = camera_views(
        *(layers, params, places.footprints),
        crs=places.ground.crs,
        lens=lens,
        areas=places.areas.watched,
    )
    return views, lens


def _settled_again(prepared: Prepared) -> Settled:
    """Return a town whose tables are put together from what was and what changed since."""
    places, params, before = prepared.places, prepared.params, prepared.base
    tables, parts = before.tables, []
    for change, cameras in zip(prepared.changes, prepared._cameras, strict=True):
        few = camera_tables(
            before.layers.replaced(cameras=change.cameras),
            *(change.views, change.lens, places, params),
        )
        parts += _parts(places.gaps, tables, few, change)
        tables = spliced_tables(tables, few, change.rows, change.view, cameras)
    town = prepared.layers, params, places, tables, prepared.sight, prepared.seen
    # With the first camera, or without the last one, every cell becomes another.
    if prepared.layers.has("cameras") != before.layers.has("cameras"):
        return _settled(*town)
    sites = distinct(np.concatenate([change.sites for change in prepared.changes]))
    return _settled(*town, before, sites, distinct(np.concatenate(parts)))


def _settled(
    layers: Layers,
    params: CoverageParams,
    places: Places,
    tables: CameraTables,
    sight: Sight,
    seen: CellsSeen,
    before: Settled | None = None,
    sites: Ints | None = None,
    parts: Ints | None = None,
) -> Settled:
    """Return a town with its gaps joined; sites and parts but for those given are as before."""
    known = layers.has("cameras")

    def shares(cells: Ints) -> dict[str, Floats]:
        told = cell_shares(places.ground, seen, known, None if parts is None else cells)
        return dict(zip((*SHARES, "linked"), told, strict=True))

    gaps = join_gaps(
        places.gaps,
        shares,
        tables.around,
        places.footprints,
        params,
        before=before.gaps if before else None,
        parts=parts,
    )
    if not known:
        return Settled(layers, tables, fronts_unknown(len(places.fronts.shapes)), gaps)
    steps, was = seen_steps(sight.counts, params), before.fronts if before else None
    ground = places.fronts
    fronts = fronts_seen(ground.site, ground.size, sight.fronts, steps, was, sites)
    return Settled(layers, tables, fronts, gaps)


def _parts(
    ground: GapGround, before: CameraTables, few: CameraTables, change: Change
) -> list[Ints]:
    """Return the parts of the town that the cameras of a change reach or see, before or after."""
    gone = np.ones(len(before.around["x"]), bool)
    gone[change.view[change.view < len(gone)]] = False
    parts = [ground.part[change.touched]]
    for told, mine in ((before.around, gone), (few.around, slice(None))):
        xy = np.stack([told["x"], told["y"]], axis=1)[mine]
        parts.append(parts_within(ground, xy, told["coarse_m"][mine]))
    return parts
