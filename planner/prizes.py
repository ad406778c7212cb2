"""Why a stop is worth visiting: the candidates of an evening, each with its prize, part by part.

The stops themselves are made in `planner.prizes_places`, what may add to them in
`planner.prizes_incidents` and `planner.prizes_lately`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.layers import WGS84, Layers
from planner.patrol_params import PatrolParams
from planner.prizes_incidents import with_incidents
from planner.prizes_lately import with_unvisited, with_unwalked
from planner.prizes_places import gaps_of, patrol_points_of, sites_of, stop_rows


def candidates(
    layers: Layers,
    params: PatrolParams,
    gaps: gpd.GeoDataFrame | None = None,
    *,
    closures: Collection[str] = (),
    walked: Mapping[str, date] | None = None,
    last_visit: Mapping[str, date] | None = None,
) -> gpd.GeoDataFrame:
    """Return every place worth a visit, the most worthwhile first.

    Parameters
    ----------
    layers
        The town: patrol points, sites, incidents, streets, and the teams for their hours.
    params
        Prizes, dwell times and distances.
    gaps
        Gaps of camera coverage in order of rank, or None.
    closures
        Codes of streets that are closed.
    walked
        The last night on which each street was on a route, by its code; others never were. None
        or empty = nothing is known of earlier nights.
    last_visit
        The last night on which each place was visited, by its code, likewise.

    Returns
    -------
    GeoDataFrame
        code, name, kind, reason (the part worth most), prize (the sum of the parts), dwell_s,
        opens_s, closes_s (ticks of the evening, `planner.patrol_clock`; closes before opens where
        no visit is possible), required, landmark, parts (a tuple of dicts part, points),
        geometry (a point, EPSG:4326).

    Raises
    ------
    LayerFaultsError
        If a window or a shift cannot be read.
    """
    places = [patrol_points_of(layers, params), sites_of(layers, params)]
    if gaps is not None and len(gaps):
        places.append(gaps_of(gaps.head(params.gap_stops), params))
    places = [part for part in places if len(part)]
    stops = (
        gpd.GeoDataFrame(pd.concat(places, ignore_index=True), crs=WGS84)
        if places
        else stop_rows({}, [])
    )
    stops = with_incidents(stops, layers, params)
    stops = with_unwalked(stops, layers, params, walked, closures)
    stops = with_unvisited(stops, params, last_visit)
    return _added_up(stops).sort_values(
        ["required", "prize", "code"], ascending=[False, False, True], ignore_index=True
    )


def _added_up(stops: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the stops with their prize and what it is mostly for."""
    best = [max(parts, key=lambda part: int(part["points"])) for parts in stops["parts"]]
    return stops.assign(
        prize=np.array([sum(p["points"] for p in parts) for parts in stops["parts"]], np.int64),
        reason=pd.Series([part["part"] for part in best], stops.index, dtype="str"),
    )
