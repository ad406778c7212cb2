"""The open ground of a town as H3 cells, and what the cameras see of it.

A cell is measured by its seven children (the next finer resolution): a child is closed (under a
building, or water) or open, and an open child is seen, perhaps seen, or not. So every share is a
count of sevenths, and no polygon of a view is ever united with another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis import crs as coordinates
from gis import hexes, optics, sight
from gis.hexes_index import index_layer
from gis.layers import WGS84, Layers
from planner.results import Assumed

Cells = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Step of the vertices of a view's far limit: 3 degrees keep it within 0.04 % of the range.
CHORD_DEG = 3.0


@dataclass(frozen=True, eq=False)
class Ground:
    """The cells of the town.

    Parameters
    ----------
    resolution
        H3 resolution of `cells`.
    cells
        (n,) ids, ascending.
    village
        (n,) position of the village each cell belongs to, by the cell's centre.
    open_children
        (n,) how many of the seven children are neither built over nor water.
    closed
        (m,) ids of the children under a building or in water, ascending.
    cell_m2
        (n,) area of each cell.
    """

    resolution: int
    cells: Cells
    village: Ints
    open_children: Ints
    closed: Cells
    cell_m2: Floats

    @property
    def open_m2(self) -> Floats:
        """Return the open ground of each cell (n,), in square metres."""
        return self.cell_m2 * self.open_children / 7

    def summary(self) -> str:
        """Return one line: cells and open ground."""
        return (
            f"{len(self.cells)} cells of resolution {self.resolution}, {self.open_m2.sum():.0f} m2"
        )


@dataclass(frozen=True, eq=False)
class Seen:
    """What the cameras see, by child.

    Parameters
    ----------
    children
        (k,) ids that some camera sees or may see, ascending.
    low, value, high
        (k,) share seen for certain, to be expected, and at most.
    cameras
        (k,) how many cameras may see it.
    known
        False where no camera is known at all: then every share is NaN, not 0.
    """

    children: Cells
    low: Floats
    value: Floats
    high: Floats
    cameras: Ints
    known: bool = True

    def at(self, children: Cells) -> Floats:
        """Return low, value and high of these children, shape (3, len(children))."""
        shares = np.full((3, len(children)), 0.0 if self.known else np.nan)
        hit = is_in(children, self.children)
        where = np.searchsorted(self.children, children[hit])
        shares[:, hit] = np.stack([self.low, self.value, self.high])[:, where]
        return shares


def is_in(cells: Cells, ascending: Cells) -> npt.NDArray[np.bool_]:
    """Return which cells are among others that are sorted."""
    if not len(ascending):
        return np.zeros(len(cells), bool)
    where = np.minimum(np.searchsorted(ascending, cells), len(ascending) - 1)
    return np.asarray(ascending[where] == cells)


def sums(group: Ints, values: npt.NDArray[Any], count: int) -> Floats:
    """Return the sum of the values in each of `count` groups."""
    return np.asarray(np.bincount(group, values, count), np.float64)


def measure_ground(layers: Layers, resolution: int) -> Ground:
    """Return the cells of all villages with their open ground.

    Parameters
    ----------
    layers
        The town, with villages; buildings and areas of kind water where they are known.
    resolution
        H3 resolution, 14 at most.
    """
    # Where villages overlap, the first one keeps the cell, so that nothing counts twice.
    index = index_layer(layers["villages"], resolution)
    cells, village = index.cells[~index.shared], index.owner[~index.shared]
    areas = layers["areas"]
    under, _ = hexes.cells_of_polygons(layers["buildings"].geometry, resolution + 1)
    wet, _ = hexes.cells_of_polygons(areas[areas["kind"] == "water"].geometry, resolution + 1)
    closed = np.unique(np.concatenate([under, wet]))
    parents = hexes.parents(closed, resolution)
    parents = parents[is_in(parents, cells)]
    covered = np.bincount(np.searchsorted(cells, parents), minlength=len(cells))
    return Ground(resolution, cells, village, 7 - covered, closed, hexes.near_areas_m2(cells))


def camera_views(layers: Layers) -> gpd.GeoDataFrame:
    """Return what each working outdoor camera sees past the buildings.

    A camera whose direction is not known gets the whole circle it may see: `certain` is False,
    and `chance` is the share of that circle it sees at any one time.

    Parameters
    ----------
    layers
        The town: cameras, buildings, and the areas of kind no_camera, which are cut out.

    Returns
    -------
    GeoDataFrame
        One row a camera: camera (code), certain, chance, range_m, fov_deg, azimuth_deg, geometry
        (EPSG:4326, may be empty).
    """
    cameras = working(layers["cameras"])
    if not len(cameras):
        columns = ["camera", "certain", "chance", "range_m", "fov_deg", "azimuth_deg"]
        return gpd.GeoDataFrame({c: [] for c in columns}, geometry=[], crs=WGS84)
    lens = optics.camera_optics(cameras)
    all_round = lens["fov_deg"] >= 360
    certain = all_round | cameras["azimuth_deg"].notna()
    crs = coordinates.crs_of_frames(cameras)
    lon, lat = cameras.geometry.x.to_numpy(), cameras.geometry.y.to_numpy()
    azimuth_deg = optics.grid_azimuth_deg(cameras["azimuth_deg"].to_numpy(), lon, lat, crs)
    seen = sight.visible(
        lens.assign(
            azimuth_deg=np.where(all_round, np.nan, azimuth_deg),
            fov_deg=lens["fov_deg"].where(certain, 360.0),
        ).pipe(gpd.GeoDataFrame, geometry=coordinates.to_metres(cameras, crs).geometry),
        coordinates.to_metres(layers["buildings"], crs).geometry,
        chord_deg=CHORD_DEG,
    ).to_crs(WGS84)
    areas = layers["areas"]
    private = areas[areas["kind"] == "no_camera"].geometry
    if len(private):
        seen = seen.difference(shapely.union_all(private.to_numpy()))
    return gpd.GeoDataFrame(
        {
            "camera": cameras["code"].to_numpy(),
            "certain": certain.to_numpy(),
            "chance": np.where(certain, 1.0, lens["fov_deg"] / 360),
            "range_m": lens["range_m"].to_numpy(),
            "fov_deg": lens["fov_deg"].to_numpy(),
            "azimuth_deg": cameras["azimuth_deg"].to_numpy(),
        },
        geometry=seen.to_numpy(),
        crs=WGS84,
    )


def camera_assumptions(layers: Layers) -> tuple[Assumed, ...]:
    """Return what `camera_views` takes for granted about lenses, with the number of cameras."""
    lens = optics.camera_optics(working(layers["cameras"]))
    rows = {
        name: int(lens[f"{name.rpartition('_')[0]}_assumed"].sum())
        for name in ("fov_deg", "range_m")
    }
    return tuple(
        Assumed("cameras", name, "by kind of camera", count)
        for name, count in rows.items()
        if count
    )


def working(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cameras that watch open ground: in use, outdoors, fixed to a place."""
    in_use = cameras["status"].isna() | (cameras["status"] == "in_use")
    elsewhere = cameras["indoor"].fillna(False) | cameras["mobile"].fillna(False)
    return cameras[in_use & ~elsewhere.astype(bool)]


def see(ground: Ground, views: gpd.GeoDataFrame, *, known: bool = True) -> Seen:
    """Return what the views see of the open ground.

    Cameras of unknown direction are taken as independent, each seeing its share of the circle.

    Parameters
    ----------
    ground
        The cells of the town.
    views
        As `camera_views` returns them.
    known
        False where the town has no camera layer, so that nothing can be told.
    """
    children, position = hexes.cells_of_polygons(views.geometry, ground.resolution + 1)
    open_ground = ~is_in(children, ground.closed)
    children, position = children[open_ground], position[open_ground]
    ids, row = np.unique(children, return_inverse=True)
    certain = views["certain"].to_numpy(bool)[position]
    unseen_log = np.log1p(-np.where(certain, 0.0, views["chance"].to_numpy(float)[position]))
    expected = -np.expm1(sums(row, unseen_log, len(ids)))
    low = (sums(row, certain, len(ids)) > 0).astype(float)
    cameras = np.bincount(row, minlength=len(ids))
    return Seen(ids, low, np.maximum(low, expected), np.ones(len(ids)), cameras, known)


def cell_shares(ground: Ground, seen: Seen) -> tuple[Floats, Ints]:
    """Return low, value and high of each cell (3, n), and the most cameras on any child (n,).

    A cell without open ground has NaN, and every cell where no camera is known.
    """
    n = len(ground.cells)
    parents = hexes.parents(seen.children, ground.resolution)
    here = is_in(parents, ground.cells)
    row = np.searchsorted(ground.cells, parents[here])
    parts = [sums(row, part[here], n) for part in (seen.low, seen.value, seen.high)]
    cameras = np.zeros(n, np.int64)
    np.maximum.at(cameras, row, seen.cameras[here])
    tellable = (ground.open_children > 0) & seen.known
    count = np.where(tellable, ground.open_children, np.nan)
    return np.stack(parts) / count, cameras
