"""What incidents add to a stop: totals near it in the hours of the shifts, never single ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis import hexes
from gis.crs import crs_of_frames, to_metres
from gis.layers import Layers
from planner.patrol_clock import Clock
from planner.patrol_params import PatrolParams
from planner.patrol_teams import paces
from planner.patrol_windows import hours_of
from planner.prizes_near import apart, named_near
from planner.prizes_places import parts_of, stop_rows, with_part

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Cells of about 50 m: what a place of incidents is called stays the same from night to night.
_NAME_RESOLUTION = 11


def with_incidents(
    stops: gpd.GeoDataFrame, layers: Layers, params: PatrolParams
) -> gpd.GeoDataFrame:
    """Return the stops with what incidents near them add, and new ones where there are many.

    Only the hours count in which a team is out and the stop is open, only the last `days` that
    the layer tells of, and only totals from `least_total` on. An incident whose hour is unknown
    counts by the share of the day.

    Parameters
    ----------
    stops
        Candidates.
    layers
        The town: incidents, teams, and what new stops are named after.
    params
        Numbers of the patrols; the table `incidents`.
    """
    incidents = _of_late(layers["incidents"], params)
    if not len(incidents):
        return stops
    crs = crs_of_frames(incidents)
    xy = shapely.get_coordinates(to_metres(incidents.geometry, crs).to_numpy())
    team_paces = paces(layers["teams"], params)
    shifts = [pace.shift_s for pace in team_paces if pace.out_s > 0]
    clock = Clock(params.date, params.timezone)
    weight = _weights(incidents, hours_of([(clock.wall_s(b), clock.wall_s(e)) for b, e in shifts]))
    spots = _spots(incidents, xy, weight, stops, layers, params)
    if len(stops):
        totals = _totals_of_stops(stops, incidents, xy, shifts, params)
        stops = with_part(stops, "incidents", _points(totals, params))
    if not len(spots):
        return stops
    return gpd.GeoDataFrame(pd.concat([stops, spots], ignore_index=True), crs=spots.crs)


def _totals_of_stops(
    stops: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    xy: Floats,
    shifts: Sequence[tuple[int, int]],
    params: PatrolParams,
) -> Floats:
    """Return the total near each stop in the hours in which it is open and teams are out, (n,)."""
    clock = Clock(params.date, params.timezone)
    here = shapely.get_coordinates(to_metres(stops.geometry, crs_of_frames(incidents)).to_numpy())
    totals = np.zeros(len(stops))
    windows, group = np.unique(
        stops[["opens_s", "closes_s"]].to_numpy(np.int64), axis=0, return_inverse=True
    )
    for number, (opens, closes) in enumerate(windows.tolist()):
        both = [(max(begin, opens), min(end, closes)) for begin, end in shifts]
        hours = hours_of([(clock.wall_s(begin), clock.wall_s(end)) for begin, end in both])
        rows = np.flatnonzero(group.reshape(-1) == number)
        weight = _weights(incidents, hours)
        totals[rows] = _totals(here[rows], xy, weight, params.incidents["near_m"])
    return totals


def _of_late(incidents: gpd.GeoDataFrame, params: PatrolParams) -> gpd.GeoDataFrame:
    """Return the incidents of the last days that the layer tells of, up to the evening."""
    there = incidents[~(incidents.geometry.isna() | incidents.geometry.is_empty)]
    days = pd.to_datetime(there["date"], errors="coerce")
    evening = pd.Timestamp(params.date)
    last = days[days <= evening].max()
    if pd.isna(last):
        return gpd.GeoDataFrame(there[days.isna()])
    first = last - timedelta(days=int(params.incidents["days"]))
    return gpd.GeoDataFrame(there[days.isna() | ((days > first) & (days <= evening))])


def _weights(incidents: pd.DataFrame, hours: npt.NDArray[np.bool_]) -> Floats:
    """Return how much each row counts in some hours of the day, (n,)."""
    count = incidents["count"].fillna(1).to_numpy(float)
    hour = incidents["hour"].astype("Int64")
    known = hour.notna().to_numpy()
    share = np.where(known, hours[hour.fillna(0).to_numpy(int)], hours.mean())
    return np.asarray(count * share)


def _totals(places: Floats, xy: Floats, weight: Floats, near_m: float) -> Floats:
    """Return the total near each place, (n,)."""
    near = cKDTree(xy).query_ball_point(places, near_m)
    return np.array([weight[rows].sum() for rows in near])


def _points(totals: Floats, params: PatrolParams) -> Ints:
    table = params.incidents
    share = np.minimum(totals / table["full_total"], 1.0)
    worth = np.where(totals >= table["least_total"], share * params.prize["incidents"], 0.0)
    return np.rint(worth).astype(np.int64)


def _spots(
    incidents: gpd.GeoDataFrame,
    xy: Floats,
    weight: Floats,
    stops: gpd.GeoDataFrame,
    layers: Layers,
    params: PatrolParams,
) -> gpd.GeoDataFrame:
    """Return a stop where many incidents lie and no other stop is near, the most first."""
    table = params.incidents
    totals = _totals(xy, xy, weight, table["near_m"])
    points = _points(totals, params)
    order = np.lexsort((xy[:, 1], xy[:, 0], -totals))
    order = order[points[order] > 0]
    crs = crs_of_frames(incidents)
    taken = shapely.get_coordinates(to_metres(stops.geometry, crs).to_numpy())
    chosen = order[apart(xy[order], taken, table["apart_m"], int(table["spots"]))]
    places = incidents.geometry.to_numpy()[chosen]
    lon, lat = shapely.get_x(places), shapely.get_y(places)
    cells = hexes.to_text(hexes.cell_of_points(lon, lat, _NAME_RESOLUTION))
    street, landmark = named_near(places, layers)
    return stop_rows(
        {
            "code": [f"incidents/{cell}" for cell in cells],
            "name": street,
            "kind": "incidents",
            "dwell_s": int(params.dwell_s[params.manner["incidents"]]),
            "landmark": landmark,
            "parts": parts_of(["incidents"] * len(chosen), points[chosen].tolist()),
        },
        places,
    )
