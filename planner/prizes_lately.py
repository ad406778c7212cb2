"""What is worth a visit because nobody was there lately: streets not walked, places not visited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.crs import crs_of_frames, to_metres
from gis.layers import WGS84, Layers
from planner.patrol_params import PatrolParams
from planner.prizes_near import apart, named_near
from planner.prizes_places import parts_of, stop_rows, with_part

Ints = npt.NDArray[np.int64]


def with_unwalked(
    stops: gpd.GeoDataFrame,
    layers: Layers,
    params: PatrolParams,
    walked: Mapping[str, date] | None,
    closures: Collection[str] = (),
) -> gpd.GeoDataFrame:
    """Return the stops with what an unwalked street before them adds, and stops on further ones.

    Parameters
    ----------
    stops
        Candidates.
    layers
        The town: streets, and sites as landmarks.
    params
        Numbers of the patrols; the table `lately`.
    walked
        The last night on which each street was on a route, by its code. None or empty = nothing
        is known, so that nothing is added.
    closures
        Codes of streets that are closed: no stop is made there.
    """
    table, streets = params.lately, layers["streets"]
    drawn = ~(streets.geometry.isna() | streets.geometry.is_empty)
    fit = streets["highway"].isin(table["kinds"]) & (streets["foot"].fillna("yes") != "no")
    streets = streets[drawn & fit & ~streets["code"].isin(list(closures))]
    if not walked or not len(streets):
        return stops
    points = _points(streets["code"], walked, params.prize["unwalked"], params)
    crs = crs_of_frames(streets)
    lines = to_metres(streets.geometry, crs).to_numpy()
    here = to_metres(stops.geometry, crs).to_numpy()
    if len(stops):
        near = shapely.STRtree(lines).query_nearest(
            here, max_distance=float(table["near_m"]), all_matches=False
        )
        worth = np.zeros(len(stops), np.int64)
        worth[near[0]] = points[near[1]]
        stops = with_part(stops, "unwalked", worth)
    length_m = shapely.length(lines)
    code = streets["code"].to_numpy(str)
    order = np.lexsort((code, -length_m, -points))
    order = order[(length_m[order] >= table["least_m"]) & (points[order] > 0)]
    middle = shapely.line_interpolate_point(_single(lines), 0.5, normalized=True)
    taken = shapely.get_coordinates(here)
    xy = shapely.get_coordinates(middle)
    chosen = order[apart(xy[order], taken, float(table["apart_m"]), int(table["stops"]))]
    if not len(chosen):
        return stops
    places = gpd.GeoSeries(middle[chosen], crs=crs).to_crs(WGS84).to_numpy()
    more = stop_rows(
        {
            "code": [f"street/{code}" for code in streets["code"].iloc[chosen]],
            "name": streets["name"].to_numpy()[chosen],
            "kind": "street",
            "dwell_s": int(params.dwell_s[params.manner["street"]]),
            "landmark": named_near(places, layers)[1],
            "parts": parts_of(["unwalked"] * len(chosen), points[chosen].tolist()),
        },
        places,
    )
    return gpd.GeoDataFrame(pd.concat([stops, more], ignore_index=True), crs=WGS84)


def with_unvisited(
    stops: gpd.GeoDataFrame, params: PatrolParams, last_visit: Mapping[str, date] | None
) -> gpd.GeoDataFrame:
    """Return the stops with what it adds that nobody was there for long.

    Parameters
    ----------
    stops
        Candidates; further visits of one place ("#2") count as the place.
    params
        Numbers of the patrols; the table `lately`.
    last_visit
        The last night on which each place was visited, by its code. None or empty = nothing is
        known, so that nothing is added.
    """
    if not last_visit or not len(stops):
        return stops
    place = stops["code"].str.replace(r"#\d+$", "", regex=True)
    points = _points(place, last_visit, params.prize["long_unvisited"], params)
    return with_part(stops, "long_unvisited", points)


def _points(
    codes: pd.Series[str], last: Mapping[str, date], full: float, params: PatrolParams
) -> Ints:
    """Return what it is worth that nobody came since; all of it where nobody ever did, (n,)."""
    seen = pd.to_datetime(codes.map(dict(last)))
    days = (pd.Timestamp(params.date) - seen).dt.days.to_numpy(float)
    share = np.clip(np.nan_to_num(days / params.lately["days"], nan=1.0), 0.0, 1.0)
    return np.asarray(np.rint(share * full), np.int64)


def _single(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return the longest part of each line."""
    parts, row = shapely.get_parts(lines, return_index=True)
    order = np.lexsort((-shapely.length(parts), row))
    return np.asarray(parts[order][np.searchsorted(row[order], np.arange(len(lines)))])
