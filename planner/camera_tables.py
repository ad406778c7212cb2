"""The cameras of a town row by row: their views, lenses, states and what they stand by."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.layers import Layers
from planner.areas_seen import cameras_inside
from planner.camera_list import camera_table
from planner.camera_views import Views, views_frame
from planner.frames import taken
from planner.ground import Ints
from planner.params import CoverageParams
from planner.places import Places
from planner.sites_seen import SiteCameras, site_cameras


@dataclass(frozen=True, eq=False)
class CameraTables:
    """What is told of the cameras of a layer.

    Parameters
    ----------
    cameras
        The layer.
    views
        Each camera's view.
    shapes
        The same as the table `Coverage.views`.
    table
        The table `Coverage.cameras`.
    lens
        What their lenses show, a row for each camera of the layer: `gis.optics.camera_optics`.
    serving
        Which of them are recorded to serve which sites.
    inside
        (2, p) positions of an area (of `Places.areas`) and of a camera that stands in it.
    """

    cameras: gpd.GeoDataFrame = field(repr=False)
    views: Views
    shapes: gpd.GeoDataFrame = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    lens: pd.DataFrame = field(repr=False)
    serving: SiteCameras
    inside: Ints = field(repr=False)

    def summary(self) -> str:
        """Return one line: the views."""
        return self.views.summary()


def camera_tables(
    layers: Layers, views: Views, lens: pd.DataFrame, places: Places, params: CoverageParams
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
    return CameraTables(
        cameras,
        views,
        views_frame(views),
        camera_table(layers, views, params, lens),
        lens.reset_index(drop=True),
        site_cameras(layers, places.fronts, params),
        cameras_inside(places.areas, cameras),
    )


def spliced_tables(old: CameraTables, new: CameraTables, rows: Ints, view: Ints) -> CameraTables:
    """Return what is told of the cameras at `rows`, some of an old layer and some of a new one.

    Parameters
    ----------
    old, new
        Both.
    rows
        (n,) positions in the old layer, or from its length on in the new one.
    view
        The same for their views: `planner.sights.views_after`.
    """
    count = len(old.table)
    place = np.full(count + len(new.table), -1, np.int64)
    place[rows] = np.arange(len(rows))
    polygons = np.concatenate([old.views.polygons, new.views.polygons])[view]
    return CameraTables(
        taken(old.cameras, new.cameras, rows),
        Views(taken(old.views.cameras, new.views.cameras, view), polygons, old.views.crs),
        taken(old.shapes, new.shapes, view),
        taken(old.table, new.table, rows),
        taken(old.lens, new.lens, rows),
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
