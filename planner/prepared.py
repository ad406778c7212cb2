"""A town made ready for coverage: what stays while cameras change, and what the cameras see."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from gis import crs as coordinates
from gis import hexes
from gis.footprints import Footprints
from gis.layers import Layers
from planner.areas_seen import AreaGround, area_ground, cameras_inside
from planner.arms import Arms, arms_of
from planner.camera_list import camera_lenses, camera_table
from planner.camera_views import Views, building_footprints, camera_views, town_metres, views_frame
from planner.cells_seen import SHARES, CellsSeen, cell_shares, cells_seen, look_at_ground
from planner.gap_ground import GapGround, gap_ground
from planner.gap_reasons import gap_cameras
from planner.gaps import Gaps, join_gaps
from planner.ground import Floats, Ground, Ints, measure_ground, places_xy
from planner.looks import Looks, look_at_each
from planner.params import CoverageParams
from planner.sites_seen import SiteCameras, SiteGround, site_cameras, site_ground
from planner.streets_seen import StreetSamples, street_samples


@dataclass(frozen=True, eq=False)
class Places:
    """Everything about a town that no camera changes.

    Parameters
    ----------
    ground
        Its cells.
    footprints
        Its buildings, ready for sight.
    areas, fronts, arms, streets
        The ground of its areas and sites, and points along its streets and the arms of its
        junctions.
    fronts_xy
        (k, 2) centres of the children in `fronts`, metres.
    villages
        (n,) code of the village of each cell.
    gaps
        The cells with what stands on them.
    """

    ground: Ground
    footprints: Footprints
    areas: AreaGround
    fronts: SiteGround
    fronts_xy: Floats = field(repr=False)
    villages: pd.Categorical = field(repr=False)
    arms: Arms
    streets: StreetSamples
    gaps: GapGround

    def summary(self) -> str:
        """Return one line for each part."""
        parts = (self.ground, self.footprints, self.areas, self.fronts, self.arms, self.streets)
        return "\n".join(part.summary() for part in parts)


@dataclass(frozen=True, eq=False)
class Sight:
    """What the cameras see of the places.

    Parameters
    ----------
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
    ground, fronts, arms, streets
        Who sees which open child, which child of a site's front, which point of an arm and which
        point of a street.
    """

    views: Views
    shapes: gpd.GeoDataFrame = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    lens: pd.DataFrame = field(repr=False)
    serving: SiteCameras
    inside: Ints = field(repr=False)
    ground: Looks
    fronts: Looks
    arms: Looks
    streets: Looks

    def summary(self) -> str:
        """Return one line: the views."""
        return self.views.summary()


@dataclass(frozen=True, eq=False)
class Prepared:
    """A town ready to be scored, or to be scored again with other cameras.

    Parameters
    ----------
    layers
        The town.
    params
        Numbers of coverage.
    places
        What no camera changes.
    sight
        What the cameras see of it.
    around
        Its cameras as `planner.gap_reasons.gap_cameras` returns them.
    seen
        What they see, summed by cell.
    shares
        (7, n) seen shares of each cell, see `planner.cells_seen.cell_shares`.
    gaps
        The cells that are not seen, joined.
    """

    layers: Layers = field(repr=False)
    params: CoverageParams = field(repr=False)
    places: Places
    sight: Sight
    around: pd.DataFrame = field(repr=False)
    seen: CellsSeen
    shares: Floats = field(repr=False)
    gaps: Gaps

    def summary(self) -> str:
        """Return a few lines: the places and the views."""
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
    sight = see(layers, places, params)
    around = gap_cameras(sight.views.cameras, sight.table, params)
    return score_cells(layers, params, places, sight, around)


def score_cells(
    layers: Layers,
    params: CoverageParams,
    places: Places,
    sight: Sight,
    around: pd.DataFrame,
    before: Gaps | None = None,
    parts: Ints | None = None,
) -> Prepared:
    """Return a town with its cells scored and its gaps joined.

    Parameters
    ----------
    layers
        The town.
    params
        Numbers of coverage.
    places, sight
        What there is, and what the cameras see of it.
    around
        The cameras as `planner.gap_reasons.gap_cameras` returns them.
    before, parts
        The gaps as they were, and the parts of the town where they may have changed.
    """
    ground = places.ground
    seen = cells_seen(sight.ground, sight.views)
    shares = cell_shares(ground, seen, layers.has("cameras"))
    named = dict(zip((*SHARES, "linked"), shares, strict=True))
    gaps = join_gaps(
        places.gaps, named, around, places.footprints, params, before=before, parts=parts
    )
    return Prepared(layers, params, places, sight, around, seen, shares, gaps)


def prepare_places(layers: Layers, params: CoverageParams) -> Places:
    """Return everything about a town that no camera changes.

    Parameters
    ----------
    layers
        The town with its villages.
    params
        Numbers of coverage.
    """
    footprints = building_footprints(layers, town_metres(layers))
    ground = measure_ground(layers, resolution_for(layers, params), footprints)
    fronts = site_ground(layers, ground, params)
    streets = street_samples(layers, ground, params.street_sample_m)
    return Places(
        ground,
        footprints,
        area_ground(layers, ground),
        fronts,
        places_xy(ground, fronts.place),
        pd.Categorical.from_codes(ground.village, pd.Index(layers["villages"]["code"].array)),
        arms_of(layers, ground.crs, params),
        streets,
        gap_ground(layers, ground, fronts, streets, params),
    )


def see(layers: Layers, places: Places, params: CoverageParams) -> Sight:
    """Return what the cameras of a town see of its places.

    Parameters
    ----------
    layers
        The town, or the same with some of its cameras: each is looked at by itself.
    places
        As `prepare_places` returns them.
    params
        Numbers of coverage.
    """
    views = camera_views(layers, params, places.footprints, crs=places.ground.crs)
    lens = camera_lenses(layers, params)
    return Sight(
        views,
        views_frame(views),
        camera_table(layers, views, params, lens),
        lens.reset_index(drop=True),
        site_cameras(layers, places.fronts, params),
        cameras_inside(places.areas, layers["cameras"]),
        look_at_ground(places.ground, views),
        *look_at_each(views, places.fronts_xy, places.arms.xy, places.streets.xy),
    )


def resolution_for(layers: Layers, params: CoverageParams) -> int:
    """Return the finest resolution, from the wanted one down, that keeps within `max_cells`."""
    villages = layers["villages"]
    metres = coordinates.to_metres(villages.geometry, coordinates.crs_of_frames(villages))
    area_m2 = float(metres.area.sum())
    west, south, east, north = villages.total_bounds
    middle = np.array([(west + east) / 2]), np.array([(south + north) / 2])
    for resolution in range(params.resolution, 0, -1):
        cell = hexes.cell_of_points(*middle, resolution)
        if area_m2 / hexes.areas_m2(cell)[0] <= params.max_cells:
            return resolution
    return 0
