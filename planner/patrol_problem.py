"""An evening as arrays: who can go where at which pace, and which stops are worth planning with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis import travel
from gis.layers import WGS84
from gis.profiles import load
from gis.streets import Streets
from planner.params import PatrolParams
from planner.prizes import windows_s
from planner.solvers.tours import UNREACHABLE, TourProblem, Vehicle

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pace:
    """How one team moves, and for how long.

    Parameters
    ----------
    mode
        "foot", "ebike" or "car".
    stretch
        The team's time over the street network's.
    shift_s
        Begin and end, seconds after midnight.
    longest_s
        Most seconds under way; None for no limit.
    """

    mode: str
    stretch: float
    shift_s: tuple[int, int]
    longest_s: int | None


def paces(teams: gpd.GeoDataFrame, params: PatrolParams) -> list[Pace]:
    """Return the pace of each team, in order.

    Raises
    ------
    LayerFaultsError
        If a shift is not two times of day.
    """
    usual_kmh = load("speeds")["kinds"]["other"]
    speeds_kmh = teams["speed_kmh"].fillna(teams["mode"].map(params.speed_kmh))
    shifts_s = windows_s(teams, "shifts", "teams", params.unnamed_shift)
    return [
        Pace(
            mode,
            usual_kmh[mode] / speed_kmh,
            shift_s,
            math.floor(params.max_length_m / (speed_kmh / 3.6)) if mode == "foot" else None,
        )
        for mode, speed_kmh, shift_s in zip(teams["mode"], speeds_kmh, shifts_s, strict=True)
    ]


def considered(
    stops: gpd.GeoDataFrame, teams: gpd.GeoDataFrame, streets: Streets, params: PatrolParams
) -> gpd.GeoDataFrame:
    """Return the stops to plan with: those the town named, and others some team can visit at all.

    The required ones come first, then the most worthwhile, the nearer first, as many as the teams
    can be expected to need. A patrol point that nobody can reach stays, so that the plan says so.
    """
    trip_s, able = _round_trips(stops, teams, streets, paces(teams, params))
    required = stops["required"].to_numpy(bool)
    named = required | (stops["kind"] == "patrol_point").to_numpy()
    order = np.lexsort((trip_s, -stops["prize"].to_numpy(), ~named, ~required))
    kept = order[(able | named)[order]][: params.stops_per_team * len(teams)]
    return gpd.GeoDataFrame(stops.iloc[kept].reset_index(drop=True))


def _round_trips(
    stops: gpd.GeoDataFrame, teams: gpd.GeoDataFrame, streets: Streets, team_paces: list[Pace]
) -> tuple[Floats, Bools]:
    """Return the shortest way there and back to each stop, and whether a shift has room for it."""
    shortest_s = np.full(len(stops), np.inf)
    able = np.zeros(len(stops), bool)
    dwell_s = stops["dwell_s"].to_numpy(float)
    for mode in sorted({pace.mode for pace in team_paces}):
        rows = [row for row, pace in enumerate(team_paces) if pace.mode == mode]
        out_s = travel.matrix(streets, teams.iloc[rows], stops, mode=mode)
        back_s = travel.matrix(streets, stops, teams.iloc[rows], mode=mode).T
        for row, way_s in zip(rows, out_s + back_s, strict=True):
            pace = team_paces[row]
            trip_s = way_s * pace.stretch
            begin_s, end_s = pace.shift_s
            able |= (trip_s + dwell_s <= end_s - begin_s) & (trip_s <= (pace.longest_s or np.inf))
            shortest_s = np.minimum(shortest_s, trip_s)
    return shortest_s, able


def tour_problem(
    stops: gpd.GeoDataFrame, teams: gpd.GeoDataFrame, streets: Streets, params: PatrolParams
) -> TourProblem:
    """Return the evening as arrays: the bases first, then the stops; ticks are seconds.

    Parameters
    ----------
    stops
        As `planner.prizes.candidates` returns them.
    teams
        Layer teams.
    streets
        The street network.
    params
        Numbers of the patrols.
    """
    points = gpd.GeoSeries([*teams.geometry, *stops.geometry], crs=WGS84)
    team_paces = paces(teams, params)
    kinds = sorted({(pace.mode, pace.stretch) for pace in team_paces})
    slices = []
    for mode, stretch in kinds:
        seconds = travel.matrix(streets, points, points, mode=mode) * stretch
        # Rounded up: a plan that holds in whole seconds holds on the street.
        slices.append(np.where(np.isfinite(seconds), np.ceil(seconds), UNREACHABLE))
    vehicles = tuple(
        Vehicle(
            number,
            number,
            *pace.shift_s,
            mode=kinds.index((pace.mode, pace.stretch)),
            max_travel=pace.longest_s,
        )
        for number, pace in enumerate(team_paces)
    )

    def column(name: str) -> Ints:
        return np.concatenate([np.zeros(len(teams), np.int64), stops[name].to_numpy(np.int64)])

    return TourProblem(
        np.array(slices, dtype=np.int64),
        column("prize"),
        column("dwell_s"),
        column("opens_s"),
        column("closes_s"),
        column("required").astype(bool),
        vehicles,
    )
