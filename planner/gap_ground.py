"""What does not change about a town's gaps: its cells, which of them touch, and what stands there.

It is made ready once; another view of one camera then asks for a few parts of the town only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis import crs as coordinates
from gis import hexes
from gis.layers import WGS84, Layers
from gis.sight_points import points_within
from planner.gap_touching import touching_within
from planner.ground import Ground, rows_of, sums
from planner.params import CoverageParams
from planner.rates import existing
from planner.sites_seen import SiteGround
from planner.streets_seen import StreetSamples

Bools = npt.NDArray[np.bool_]
Cells = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class GapGround:
    """The cells of a town as gaps need them.

    Parameters
    ----------
    cells
        (n,) ids, ascending.
    village
        (n,) code of the village of each.
    open_m2
        (n,) open ground.
    part
        (n,) number of the part each belongs to: one village in one H3 cell of `gap_parent`.
    members, member_start
        Positions of cells by part, ascending, and where those of each part begin (parts + 1,).
    touching, touching_start
        (2, m) positions of touching cells of one part, by part, and where those begin.
    xy
        (n, 2) centres, metres.
    tree
        Index of the centres of the cells in `open_at`.
    open_at
        (k,) positions of the cells with open ground.
    barred
        (n,) whether no camera may look there: the centre lies in an area of kind no_camera.
    front
        (n,) whether a site's front reaches into the cell.
    street_m
        (n,) length of the streets inside.
    streets
        Pieces of named streets, by cell: cell (position), name (categorical), length_m.
    sites
        Existing sites inside the town: cell (position of the nearest one with open ground),
        name, weight.
    incidents
        (n,) incidents, None where the layer is unknown.
    """

    cells: Cells = field(repr=False)
    village: npt.NDArray[np.object_] = field(repr=False)
    open_m2: Floats = field(repr=False)
    part: Ints = field(repr=False)
    members: Ints = field(repr=False)
    member_start: Ints = field(repr=False)
    touching: Ints = field(repr=False)
    touching_start: Ints = field(repr=False)
    xy: Floats = field(repr=False)
    tree: cKDTree = field(repr=False)
    open_at: Ints = field(repr=False)
    barred: Bools = field(repr=False)
    front: Bools = field(repr=False)
    street_m: Floats = field(repr=False)
    streets: pd.DataFrame = field(repr=False)
    sites: pd.DataFrame = field(repr=False)
    incidents: Ints | None = field(repr=False)

    def summary(self) -> str:
        """Return one line: cells, parts and sites."""
        parts = len(self.member_start) - 1
        return f"{len(self.cells)} cells in {parts} parts, {len(self.sites)} sites"


def gap_ground(
    layers: Layers,
    ground: Ground,
    fronts: SiteGround,
    streets: StreetSamples,
    params: CoverageParams,
) -> GapGround:
    """Return a town's cells with what stands on them.

    Parameters
    ----------
    layers
        The town: villages, areas, sites, incidents.
    ground
        Its cells.
    fronts
        Ground of its sites.
    streets
        Points along its streets.
    params
        Numbers of coverage.
    """
    cells, village, open_m2 = ground.cells, ground.village, ground.open_m2
    codes = layers["villages"]["code"].to_numpy(object)
    part = _parts(cells, village, len(codes), params.gap_parent)
    count = int(part.max(initial=-1)) + 1
    members = np.argsort(part, kind="stable")
    first, second = touching_within(cells, params.gap_parent)
    same = part[first] == part[second]
    touching = np.stack([first[same], second[same]])
    touching = touching[:, np.argsort(part[touching[0]], kind="stable")]
    xy = ground.xy
    open_at = np.flatnonzero(open_m2 > 0)
    tree = cKDTree(xy[open_at], balanced_tree=False, compact_nodes=False)
    front = np.zeros(len(cells), bool)
    front[fronts.place // 7] = True
    places = _Places(ground, tree, open_at)
    return GapGround(
        cells,
        codes[village],
        open_m2,
        part,
        members,
        np.searchsorted(part[members], np.arange(count + 1)),
        touching,
        np.searchsorted(part[touching[0]], np.arange(count + 1)),
        xy,
        tree,
        open_at,
        _barred(layers, ground),
        front,
        sums(streets.row, streets.length_m, len(cells)),
        _named_streets(streets),
        _sites(layers, places, params),
        _incidents(layers, places),
    )


def parts_within(ground: GapGround, xy: Floats, reach_m: Floats) -> Ints:
    """Return the parts with open ground within reach of some points, ascending.

    Parameters
    ----------
    ground
        The town.
    xy
        (c, 2) metres.
    reach_m
        (c,) how far each reaches.
    """
    return np.unique(ground.part[cells_within(ground, xy, reach_m)[1]])


def cells_within(ground: GapGround, xy: Floats, reach_m: Floats) -> tuple[Ints, Ints]:
    """Return every pair of a point and a cell with open ground within its reach.

    Parameters
    ----------
    ground
        The town.
    xy
        (c, 2) metres.
    reach_m
        (c,) how far each reaches, to the centres of cells.

    Returns
    -------
    point, cell
        Positions, by point.
    """
    if not len(xy):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    found = ground.tree.query_ball_point(xy, reach_m)
    sizes = [len(hits) for hits in found]
    cell = np.fromiter(chain.from_iterable(found), np.int64, sum(sizes))
    return np.repeat(np.arange(len(xy)), sizes), ground.open_at[cell]


@dataclass(frozen=True, eq=False)
class _Places:
    """Where points fall: the town's cells, and which of them have open ground."""

    ground: Ground
    tree: cKDTree
    open_at: Ints

    def cell_of(self, frame: gpd.GeoDataFrame) -> Ints:
        """Return the nearest cell with open ground of each row inside the town, else -1."""
        points = shapely.point_on_surface(np.asarray(frame.geometry.array, dtype=object))
        at = np.full(len(frame), -1, np.int64)
        placed = np.flatnonzero(~shapely.is_missing(points) & ~shapely.is_empty(points))
        if not len(placed) or not len(self.open_at):
            return at
        x, y = shapely.get_x(points[placed]), shapely.get_y(points[placed])
        ids = hexes.cell_of_points(x, y, self.ground.resolution)
        at[placed] = rows_of(ids, self.ground.cells)
        # What stands in the middle of a building counts for the ground beside it.
        built = np.flatnonzero((at >= 0) & (self.ground.open_children[at] == 0))
        if len(built):
            metres = coordinates.to_metres(gpd.GeoSeries(points[built], crs=WGS84), self.ground.crs)
            _, near = self.tree.query(shapely.get_coordinates(np.asarray(metres.array, object)))
            at[built] = self.open_at[near]
        return at


def _parts(cells: Cells, village: Ints, villages: int, parent: int) -> Ints:
    """Return the number of each cell's part, numbered by H3 cell, then by village."""
    place = hexes.parents(cells, parent)
    # Ids sort by ancestor, so that those of one ancestor follow each other.
    number = np.concatenate([[0], np.cumsum(place[1:] != place[:-1])])[: len(cells)]
    key = number * villages + village
    there = np.bincount(key, minlength=1) > 0
    return np.asarray((np.cumsum(there) - 1)[key], np.int64)


def _barred(layers: Layers, ground: Ground) -> Bools:
    """Return which cells no camera may look into, (n,)."""
    barred = np.zeros(len(ground.cells), bool)
    areas = layers["areas"]
    areas = areas[areas["kind"] == "no_camera"]
    if len(areas):
        metres = coordinates.to_metres(areas.geometry, ground.crs)
        barred[points_within(np.asarray(metres.array, object), ground.xy)[1]] = True
    return barred


def _named_streets(streets: StreetSamples) -> pd.DataFrame:
    """Return the pieces of streets that have a name, by cell: cell, name, length_m."""
    names = streets.names[streets.street]
    named = np.flatnonzero(pd.notna(names))
    named = named[np.argsort(streets.row[named], kind="stable")]
    return pd.DataFrame(
        {
            "cell": streets.row[named],
            "name": pd.Categorical(names[named]),
            "length_m": streets.length_m[named],
        }
    )


def _sites(layers: Layers, places: _Places, params: CoverageParams) -> pd.DataFrame:
    sites = layers["sites"][existing(layers)]
    table = pd.DataFrame(
        {
            "cell": places.cell_of(sites),
            "name": sites["name"].to_numpy(object),
            "weight": sites["area_class"].map(params.class_weight).fillna(0).to_numpy(float),
        }
    )
    return table[table["cell"] >= 0].reset_index(drop=True)


def _incidents(layers: Layers, places: _Places) -> Ints | None:
    if not layers.has("incidents"):
        return None
    incidents = layers["incidents"]
    at = places.cell_of(incidents)
    count = incidents["count"].fillna(1).to_numpy(np.int64)
    total = np.bincount(at[at >= 0], count[at >= 0], len(places.ground.cells))
    return total.astype(np.int64)
