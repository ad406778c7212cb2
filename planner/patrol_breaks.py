"""Rests on long shifts: where a team rests, and the required stop that stands for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.layers import Layers
from planner.patrol_params import PatrolParams
from planner.patrol_teams import Pace
from planner.patrol_ways import Ways
from planner.prizes_places import parts_of, stop_rows
from planner.solvers.tours_bound import reachable_alone
from planner.solvers.tours_check import TourCheck, check
from planner.solvers.tours_problem import TourProblem
from planner.solvers.tours_search import build_search

Ints = npt.NDArray[np.int64]

# Steps of the search for the quick plan by which places to rest are chosen.
ROUGH_STEPS = 100


def shelters_of(layers: Layers, params: PatrolParams) -> gpd.GeoDataFrame:
    """Return the sheltered places of a town: stations and service points of some kinds.

    Parameters
    ----------
    layers
        The town.
    params
        Numbers of the patrols; the table `rest`.

    Returns
    -------
    GeoDataFrame
        name, geometry (a point, EPSG:4326).
    """
    parts = []
    for layer in ("stations", "service_points"):
        rows = layers[layer]
        rows = rows[rows["kind"].isin(params.rest[layer])]
        points = shapely.point_on_surface(rows.geometry.to_numpy())
        frame = {"name": rows["name"].to_numpy(object)}
        parts.append(gpd.GeoDataFrame(frame, geometry=list(points), crs=rows.crs))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)


def rests(pace: Pace) -> bool:
    """Return whether a team has a rest, and a shift with room for it."""
    return 0 < pace.break_s < pace.out_s


def break_window(pace: Pace, params: PatrolParams) -> tuple[int, int]:
    """Return when a team's rest may begin: within a part of its shift around the middle, ticks."""
    room_s = pace.out_s - pace.break_s
    middle = pace.start_s + room_s / 2
    half_s = room_s * min(float(params.rest["window_share"]), 1.0) / 2
    return int(middle - half_s), int(middle + half_s)


def break_places(
    team_paces: Sequence[Pace],
    problem: TourProblem,
    ways: Mapping[str, Ways],
    shelters: Sequence[int],
    params: PatrolParams,
) -> dict[int, int]:
    """Return where each team with a rest takes it: the shelter that costs the least way round.

    Parameters
    ----------
    team_paces
        All teams.
    problem
        The evening without rests; its points are the first of those of `ways`.
    ways
        By mode, the ways between bases, stops and shelters, in this order.
    shelters
        Points that are shelters.
    params
        Numbers of the patrols.

    Returns
    -------
    dict of int to int
        Team to point of `ways`; its own base where no shelter is nearer to its way.
    """
    times = _rough_times(problem, params.seed)
    found = {}
    for team, pace in enumerate(team_paces):
        if not rests(pace) or not times.routes[team].stops:
            continue
        time_s = ways[pace.mode].time_s
        opens, closes = break_window(pace, params)
        stops = times.routes[team].stops
        path = [(team, times.routes[team].depart), *((s.stop, s.leave) for s in stops), (team, 0)]
        legs = [
            (here, there)
            for (here, left), (there, _) in pairwise(path)
            if opens - pace.break_s <= left <= closes
        ] or [(team, team)]
        places = np.array([team, *shelters])
        here, there = np.array(legs, np.int64).T
        detour_s = time_s[np.ix_(here, places)] + time_s[np.ix_(places, there)].T
        round_s = detour_s - np.where(here == there, 0.0, time_s[here, there])[:, None]
        found[team] = int(places[np.argmin(np.nan_to_num(round_s.min(axis=0), nan=np.inf))])
    return found


def _rough_times(problem: TourProblem, seed: int) -> TourCheck:
    """Return the times of a quick plan, which tells where everybody is at mid-shift."""
    able = reachable_alone(problem)
    routes: tuple[tuple[int, ...], ...] = ((),) * len(problem.vehicles)
    if able.any():
        search = build_search(problem, able)
        begin = search.all_with_one(seed, 0)
        routes = search.run(seed, iterations=ROUGH_STEPS, seconds=None, first=begin).routes
    return check(problem, routes, [vehicle.earliest for vehicle in problem.vehicles])


def break_rows(
    places: Mapping[int, int],
    teams: gpd.GeoDataFrame,
    team_paces: Sequence[Pace],
    points: gpd.GeoSeries,
    names: Mapping[int, object],
    params: PatrolParams,
) -> gpd.GeoDataFrame:
    """Return the rests as stops: required, for one team only (column `team`), worth nothing.

    Parameters
    ----------
    places
        As `break_places` returns them.
    teams, team_paces
        The teams.
    points
        The points that `places` are among.
    names
        What those that are shelters are called.
    params
        Numbers of the patrols.
    """
    windows = [break_window(team_paces[team], params) for team in places]
    rows = stop_rows(
        {
            "code": [f"break/{teams['code'].iloc[team]}" for team in places],
            "name": [names.get(at) for at in places.values()],
            "kind": "break",
            "dwell_s": np.array([team_paces[team].break_s for team in places], np.int64),
            "opens_s": np.array([opens for opens, _ in windows], np.int64),
            "closes_s": np.array([closes for _, closes in windows], np.int64),
            "required": True,
            "parts": parts_of(["break"] * len(places), [0] * len(places)),
        },
        [points.iloc[at] for at in places.values()],
    )
    return rows.assign(team=np.array(list(places), np.int64), reason="break")
