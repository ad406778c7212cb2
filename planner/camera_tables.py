"""The cameras of a town row by row: their views, lenses, states and what they stand by."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np

from gis.layers import Layers
from planner.areas_seen import cameras_inside
from planner.camera_list import assumed_lenses, camera_columns
from planner.camera_views import Views, views_columns
from planner.frames import Columns, rows_of_both
from planner.gap_reasons import gap_cameras
from planner.ground import Ints
from planner.params import CoverageParams
from planner.places import Places
from planner.sites_seen import SiteCameras, site_cameras


@dataclass(frozen=True, eq=False)
class CameraTables:
    """What is told of the cameras of a layer; tables are columns, which `frames.framed` joins.

    Parameters
    ----------
    cameras
        The layer.
    shapes
        Their views, as the table `Coverage.views`.
    around
        The same as `planner.gap_reasons.gap_cameras` returns them.
    table
        The table `Coverage.cameras`.
    lens
        As `planner.camera_list.assumed_lenses` returns it.
    serving
        Which of them are recorded to serve which sites.
    inside
        (2, p) positions of an area (of `Places.areas`) and of a camera that stands in it.
    """

    cameras: gpd.GeoDataFrame = field(repr=False)
    shapes: Columns = field(repr=False)
    around: Columns = field(repr=False)
    table: Columns = field(repr=False)
    lens: Columns = field(repr=False)
    serving: SiteCameras
    inside: Ints = field(repr=False)

    def summary(self) -> str:
        """Return one line: cameras and views."""
        return f"{len(self.cameras)} cameras, {len(self.shapes['camera'])} views"


def camera_tables(
    layers: Layers, views: Views, lens: Columns, places: Places, params: CoverageParams
) -> CameraTables:
    """Return what is told of the cameras of a town, or of some of them: each stands for itself.

    Parameters
    ----------
    layers
        The town.
    views, lens
        Their views, and `planner.camera_list.camera_lenses` of them.
    places
        As `planner.places.prepare_places` returns them.
    params
        Numbers of coverage.
    """
    cameras = layers["cameras"]
    table = camera_columns(layers, views, params, lens)
    return CameraTables(
        cameras,
        views_columns(views),
        gap_cameras(views.columns, table, params),
        table,
        assumed_lenses(layers, lens),
        site_cameras(layers, places.fronts, params),
        cameras_inside(places.areas, cameras),
    )


def spliced_tables(
    old: CameraTables, new: CameraTables, rows: Ints, view: Ints, cameras: gpd.GeoDataFrame
) -> CameraTables:
    """Return what is told of the cameras at `rows`, some of an old layer and some of a new one.

    Parameters
    ----------
    old, new
        Both.
    rows
        (n,) positions in the old layer, or from its length on in the new one.
    view
        The same for their views: `planner.sights.views_after`.
    cameras
        The layer, put together.
    """
    count = len(old.cameras)
    place = np.full(count + len(new.cameras), -1, np.int64)
    place[rows] = np.arange(len(rows))
    return CameraTables(
        cameras,
        rows_of_both(old.shapes, new.shapes, view),
        rows_of_both(old.around, new.around, view),
        rows_of_both(old.table, new.table, rows),
        rows_of_both(old.lens, new.lens, rows),
        SiteCameras(
            _renumbered(old.serving.attached, new.serving.attached, place, count),
            _renumbered(old.serving.close, new.serving.close, place, count),
        ),
        _renumbered(old.inside, new.inside, place, count),
    )


def _renumbered(old: Ints, new: Ints, place: Ints, count: int) -> Ints:
    """Return both sets of pairs with a camera, those of `new` numbered from `count` on."""
    pairs = np.hstack([old, new + np.array([[0], [count]])])
    pairs[1] = place[pairs[1]]
    return pairs[:, pairs[1] >= 0]
