"""Key areas by place: when their streets are reached, and how much of them within the tier."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.layers import Layers
from gis.streets import Streets
from planner.grounds import grounds_of
from planner.params import ResponseParams
from planner.response_streets import Pieces
from planner.tiers_tables import level_rules

Floats = npt.NDArray[np.float64]

KEY_AREAS = ("key_public", "key_industry")
# A street along the border of an area belongs to it: half a wide street.
BESIDE_M = 15.0


def areas_table(
    layers: Layers,
    streets: Streets,
    pieces: Pieces,
    time_s: Floats,
    params: ResponseParams,
) -> gpd.GeoDataFrame:
    """Return each key area with when it is reached first and last, and how much in time.

    Parameters
    ----------
    layers
        The town.
    streets, pieces
        Its network and the pieces of its streets.
    time_s
        (k,) seconds until somebody is at each piece.
    params
        Numbers of response: tiers by class of area and ground, and the level of duty.

    Returns
    -------
    GeoDataFrame
        Columns `planner.results_response.AREA` and geometry; an area without a street has NaN
        and NA.
    """
    areas = layers["areas"]
    areas = areas[areas["kind"].isin(KEY_AREAS)].reset_index(drop=True)
    n = len(areas)
    shapes = areas.geometry.to_crs(streets.crs).buffer(BESIDE_M, quad_segs=2).to_numpy()
    middles = shapely.STRtree(np.asarray(shapely.points(pieces.xy), dtype=object))
    area, piece = middles.query(shapes, predicate="intersects")
    tier_min = _tiers(layers, areas, params)
    found = pd.DataFrame(
        {
            "area": area,
            "time_s": time_s[piece],
            "street_m": pieces.length_m[piece],
            "in_time": time_s[piece] <= tier_min[area] * 60,
        }
    )
    found["street_in_m"] = found["street_m"].where(found["in_time"], 0.0)
    groups = found.groupby("area")
    every = pd.RangeIndex(n)
    nearest_s, farthest_s = (
        groups["time_s"].agg(how).reindex(every).to_numpy(float) for how in ("min", "max")
    )
    length = groups[["street_m", "street_in_m"]].sum().reindex(every, fill_value=0.0)
    share = length["street_in_m"] / length["street_m"].where(length["street_m"] > 0)
    return areas[["code", "name", "kind", "geometry"]].assign(
        tier_min=pd.Series(tier_min).astype("Int64"),
        nearest_s=nearest_s,
        farthest_s=farthest_s,
        street_m=length["street_m"].to_numpy(),
        street_in_m=length["street_in_m"].to_numpy(),
        share=share.to_numpy(float),
        met=_in_time(nearest_s, tier_min),
        whole=_in_time(farthest_s, tier_min),
    )


def _in_time(time_s: Floats, tier_min: Floats) -> pd.api.extensions.ExtensionArray:
    flags = pd.array(time_s <= tier_min * 60, dtype="boolean")
    flags[np.isnan(time_s) | np.isnan(tier_min)] = pd.NA
    return flags


def _tiers(layers: Layers, areas: gpd.GeoDataFrame, params: ResponseParams) -> Floats:
    """Return the tier of each area by its class and ground at the level of duty, (n,) minutes."""
    inner = shapely.get_coordinates(shapely.point_on_surface(areas.geometry.to_numpy()))
    table, rules = params.tiers_min, level_rules(params.level, params.levels)
    tiers = []
    for kind, ground in zip(
        areas["kind"].tolist(), grounds_of(layers, inner, params.grounds), strict=True
    ):
        part = {**table, **table.get("by_ground", {}).get(ground, {})}
        tier = float(part["by_area_class"].get(kind, np.nan))
        bound = "*" in rules["classes"] or kind in rules["classes"]
        shorter = {float(old): float(new) for old, new in rules["shorten"].items()} if bound else {}
        tiers.append(min(tier, shorter.get(tier, tier)))
    return np.array(tiers, float)
