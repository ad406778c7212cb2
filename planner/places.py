"""Everything about a town that no camera changes, made ready once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gis import crs as coordinates
from gis import hexes
from gis.footprints import Footprints
from gis.layers import Layers
from planner.areas_seen import AreaGround, area_ground
from planner.arms import Arms, arms_of
from planner.camera_views import building_footprints, town_metres
from planner.gap_ground import GapGround, gap_ground
from planner.ground import Floats, Ground, measure_ground, places_xy
from planner.params import CoverageParams
from planner.sites_seen import SiteGround, site_ground
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
