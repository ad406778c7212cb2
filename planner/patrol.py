"""Patrol: tonight's routes for all teams at once, on real streets, with times."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely import LineString

from gis import travel
from gis.errors import LayerMissingError
from gis.layers import WGS84, Layers
from gis.streets import Streets
from planner.params import PatrolParams
from planner.patrol_problem import considered, tour_problem
from planner.prizes import candidates
from planner.results import Missing, missing_lines, records
from planner.solvers.tours import UNREACHABLE, TourProblem, TourSolution, solve
from planner.solvers.tours_check import TourCheck, check

Ints = npt.NDArray[np.int64]

# Starts of the search that run side by side; the answer is the same with any number of them.
THREADS = 2
TEAM_COLUMNS = [
    *("code", "name", "mode", "size", "depart", "return_", "length_m", "duration_s"),
    *("base_lon", "base_lat"),
]
STOP_COLUMNS = [
    *("team", "order", "code", "name", "kind", "reason", "arrive", "wait_s", "dwell_s"),
    *("depart", "prize", "required"),
]


@dataclass(frozen=True, eq=False)
class Patrol:
    """The routes of one evening.

    Parameters
    ----------
    date, seed
        For which evening, and with which random numbers.
    score, bound
        Prizes of the stops visited, and a bound no plan can beat.
    teams
        code, name, mode, size, depart, return_ (ISO 8601), length_m, duration_s, base_lon,
        base_lat, geometry (the way along the streets; empty for a team that stays).
    stops
        team, order (from 1), code, name, kind, reason (why it is worth a visit), arrive, wait_s,
        dwell_s, depart, prize, required, geometry (a point).
    left_out
        code, name, reason: "unreachable" or "no_time".
    unmet
        code, name, reason: the required ones among them.
    missing
        Figures that cannot be had.
    problem, solution
        What was solved, for an independent check; not stored.
    """

    date: str
    seed: int
    score: int
    bound: int | None
    teams: gpd.GeoDataFrame = field(repr=False)
    stops: gpd.GeoDataFrame = field(repr=False)
    left_out: pd.DataFrame = field(repr=False)
    unmet: pd.DataFrame = field(repr=False)
    missing: tuple[Missing, ...] = ()
    problem: TourProblem | None = field(default=None, repr=False, metadata={"stored": False})
    solution: TourSolution | None = field(default=None, repr=False, metadata={"stored": False})

    def summary(self) -> str:
        """Return a few lines a person can read."""
        lines = [f"Patrols of {self.date}: {len(self.stops)} stops"]
        if self.bound is not None:
            lines[0] += (
                f", score {self.score} of at most {self.bound}, {len(self.left_out)} left out, "
                f"{len(self.unmet)} required ones unmet"
            )
        for team in records(self.teams, TEAM_COLUMNS):
            count = int((self.stops["team"] == team["code"]).sum())
            lines.append(
                f"  team {team['name'] or team['code']}: {team['depart'][11:16]}-"
                f"{team['return_'][11:16]}, {count} stops, {team['length_m'] / 1000:.1f} km"
            )
        return "\n".join(lines + missing_lines(self.missing))

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values, as `fengqiao patrol --json` prints it."""
        stops = self.stops.assign(lon=self.stops.geometry.x, lat=self.stops.geometry.y)
        columns = ["order", "code", "name", "kind", "reason", "lon", "lat", *STOP_COLUMNS[6:]]
        teams = []
        for row, line in zip(records(self.teams, TEAM_COLUMNS), self.teams.geometry, strict=True):
            visits = stops[stops["team"] == row["code"]]
            row["return"] = row.pop("return_")
            geometry = shapely.geometry.mapping(line)
            teams.append({**row, "geometry": geometry, "stops": records(visits, columns)})
        return {
            "date": self.date,
            "seed": self.seed,
            "score": self.score,
            "bound": self.bound,
            "teams": teams,
            "left_out": records(self.left_out, ["code", "name", "reason"]),
            "unmet": records(self.unmet, ["code", "name", "reason"]),
        }


def plan_patrol(
    layers: Layers,
    streets: Streets | None,
    params: PatrolParams,
    *,
    coverage_gaps: gpd.GeoDataFrame | None = None,
) -> Patrol:
    """Return tonight's routes: required stops first, then the most worthwhile.

    Parameters
    ----------
    layers
        The town with its teams; `planner.assume.complete` provides them where unknown.
    streets
        Its street network.
    params
        Numbers of the patrols.
    coverage_gaps
        Gaps of camera coverage, worst first, which become stops.

    Raises
    ------
    LayerMissingError
        If there are no streets, teams or places to visit.
    LayerFaultsError
        If a shift or a window is not two times of day.
    """
    lacking = layers.missing("streets", "teams")
    stops = candidates(layers, params, coverage_gaps)
    if lacking or streets is None or not len(stops):
        raise LayerMissingError("patrol routes", lacking or ["sites"])
    teams = layers["teams"]
    stops = considered(stops, teams, streets, params)
    problem = tour_problem(stops, teams, streets, params)
    solution = solve(
        problem,
        iterations=params.iterations,
        seconds=params.seconds,
        seed=params.seed,
        threads=THREADS,
    )
    times = check(problem, solution.routes, solution.departures)
    left_out = _left_out(stops, len(teams), problem, solution)
    return Patrol(
        params.date.isoformat(),
        params.seed,
        solution.score,
        solution.bound,
        _team_table(teams, stops, streets, solution, times, params),
        _stop_table(teams, stops, times, params),
        left_out.drop(columns="required"),
        left_out[left_out["required"]].drop(columns="required").reset_index(drop=True),
        (),
        problem,
        solution,
    )


def no_patrol(params: PatrolParams, missing: tuple[Missing, ...]) -> Patrol:
    """Return the answer of a town that lacks what a patrol needs."""
    teams = gpd.GeoDataFrame({c: [] for c in TEAM_COLUMNS}, geometry=[], crs=WGS84)
    stops = gpd.GeoDataFrame({c: [] for c in STOP_COLUMNS}, geometry=[], crs=WGS84)
    none = pd.DataFrame({"code": [], "name": [], "reason": []})
    return Patrol(params.date.isoformat(), params.seed, 0, None, teams, stops, none, none, missing)


def _clock(params: PatrolParams, seconds: int) -> str:
    """Return a tick as ISO 8601 with the offset of the town's time zone."""
    midnight = datetime.combine(params.date, datetime.min.time(), ZoneInfo(params.timezone))
    return (midnight + timedelta(seconds=seconds)).isoformat()


def _team_table(
    teams: gpd.GeoDataFrame,
    stops: gpd.GeoDataFrame,
    streets: Streets,
    solution: TourSolution,
    times: TourCheck,
    params: PatrolParams,
) -> gpd.GeoDataFrame:
    lines, lengths_m = _ways(teams, stops, streets, solution)
    departs = np.array([route.depart for route in times.routes])
    returns = np.array([route.back for route in times.routes])
    return gpd.GeoDataFrame(
        {
            "code": teams["code"].to_numpy(),
            "name": teams["name"].to_numpy(),
            "mode": teams["mode"].to_numpy(),
            "size": teams["size"].to_numpy(),
            "depart": [_clock(params, int(tick)) for tick in departs],
            "return_": [_clock(params, int(tick)) for tick in returns],
            "length_m": lengths_m,
            "duration_s": returns - departs,
            "base_lon": teams.geometry.x.to_numpy(),
            "base_lat": teams.geometry.y.to_numpy(),
        },
        geometry=lines,
        crs=WGS84,
    )


def _ways(
    teams: gpd.GeoDataFrame, stops: gpd.GeoDataFrame, streets: Streets, solution: TourSolution
) -> tuple[list[LineString], list[float]]:
    """Return each team's way along the streets and its length; empty for a team that stays."""
    lines, lengths_m = [], []
    points = [*teams.geometry, *stops.geometry]
    for number, (mode, route) in enumerate(zip(teams["mode"], solution.routes, strict=True)):
        walk = [number, *route, number] if route else []
        places = gpd.GeoDataFrame(geometry=[points[at] for at in walk], crs=WGS84)
        line, length_m = LineString(), 0.0
        if route:
            legs = travel.paths(streets, places[:-1], places[1:], mode=mode)
            xy = shapely.get_coordinates(legs.to_crs(WGS84).geometry.to_numpy())
            line, length_m = LineString(xy), float(legs["length_m"].sum())
        lines.append(line)
        lengths_m.append(length_m)
    return lines, lengths_m


def _stop_table(
    teams: gpd.GeoDataFrame,
    stops: gpd.GeoDataFrame,
    times: TourCheck,
    params: PatrolParams,
) -> gpd.GeoDataFrame:
    visits = [
        (team, order, visit.stop - len(teams), visit.arrive, visit.wait, visit.leave)
        for team, route in enumerate(times.routes)
        for order, visit in enumerate(route.stops, 1)
    ]
    team, order, at, arrive, wait, leave = np.array(visits, np.int64).reshape(-1, 6).T
    table = (
        stops.iloc[at]
        .reset_index(drop=True)
        .assign(
            team=teams["code"].to_numpy()[team],
            order=order,
            arrive=pd.Series([_clock(params, int(tick)) for tick in arrive], dtype="str"),
            wait_s=wait,
            depart=pd.Series([_clock(params, int(tick)) for tick in leave], dtype="str"),
        )
    )
    return table[[*STOP_COLUMNS, "geometry"]]


def _left_out(
    stops: gpd.GeoDataFrame, n_teams: int, problem: TourProblem, solution: TourSolution
) -> pd.DataFrame:
    """Return the stops that nobody visits, and whether anybody could have come at all."""
    visited = {at - n_teams for route in solution.routes for at in route}
    rest = [row for row in range(len(stops)) if row not in visited]
    out = np.array([problem.time[v.mode][v.start] for v in problem.vehicles])
    reachable: npt.NDArray[np.bool_] = np.min(out, axis=0)[n_teams:] < UNREACHABLE
    table = stops.iloc[rest][["code", "name", "required"]].reset_index(drop=True)
    reason = ["no_time" if reachable[row] else "unreachable" for row in rest]
    return pd.DataFrame(table.assign(reason=pd.Series(reason, dtype="str")))
