"""An evening made ready: teams, stops, ways and the problem that all its plans are plans of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import LayerMissingError
from gis.layers import Layers
from gis.streets import Streets
from gis.ways_to import Leg
from planner.network import with_closures
from planner.patrol_breaks import break_places, break_rows, rests, shelters_of
from planner.patrol_clock import Clock
from planner.patrol_network import walking_network
from planner.patrol_params import PatrolParams
from planner.patrol_problem import choose_stops, points_of, tour_problem
from planner.patrol_teams import Pace, paces
from planner.patrol_ways import Ways, ways_between
from planner.prizes import candidates
from planner.solvers.tours import TourProblem, TourSolution
from planner.solvers.tours_check import best_departure, check

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Evening:
    """Everything about an evening but the plan.

    Parameters
    ----------
    layers
        The town.
    params
        Numbers of the patrols.
    teams, paces
        The teams, and how each moves.
    stops
        The stops to plan with (`planner.prizes.candidates`), rests last; row k is point
        `len(teams) + k` of the problem.
    aside
        Candidates that are not planned with: code, name, required, reason.
    streets
        The network with its real times; closed streets are closed.
    problem
        What is to be solved; ticks are seconds after midnight (`planner.patrol_clock`).
    """

    layers: Layers = field(repr=False)
    params: PatrolParams
    teams: gpd.GeoDataFrame = field(repr=False)
    paces: tuple[Pace, ...] = field(repr=False)
    stops: gpd.GeoDataFrame = field(repr=False)
    aside: pd.DataFrame = field(repr=False)
    streets: Streets = field(repr=False)
    problem: TourProblem = field(repr=False)
    _ways: Mapping[str, Ways] = field(repr=False)
    _at: Ints = field(repr=False)

    @property
    def clock(self) -> Clock:
        """The clock of the evening."""
        return Clock(self.params.date, self.params.timezone)

    def ways(self, team: int) -> Ways:
        """Return the ways of one team; its points are not those of the problem, see `legs`."""
        return self._ways[self.paces[team].mode]

    def legs(self, team: int, start: int, end: int) -> tuple[Leg, ...]:
        """Return the way of one team between two points of the problem, piece by piece."""
        return self.ways(team).legs(int(self._at[start]), int(self._at[end]))

    def summary(self) -> str:
        """Return one line: date, teams, stops."""
        aside = len(self.aside)
        return (
            f"{self.params.date}: {len(self.teams)} teams, {len(self.stops)} stops, {aside} aside"
        )


def evening_of(
    layers: Layers,
    streets: Streets | None,
    params: PatrolParams,
    *,
    coverage_gaps: gpd.GeoDataFrame | None = None,
    closures: Collection[str] = (),
    walked: Mapping[str, date] | None = None,
    last_visit: Mapping[str, date] | None = None,
) -> Evening:
    """Return an evening made ready for planning.

    Parameters
    ----------
    layers
        The town with its teams; `planner.assume.complete` provides them where unknown.
    streets
        Its street network, nothing closed.
    params
        Numbers of the patrols.
    coverage_gaps
        Gaps of camera coverage, worst first, which become stops.
    closures
        Codes of streets that are closed.
    walked, last_visit
        The last night on which each street was on a route, and on which each place was visited.

    Raises
    ------
    LayerMissingError
        If there are no streets, teams or places to visit.
    LayerFaultsError
        If a shift or a window is not two times of day.
    """
    lacking = layers.missing("streets", "teams")
    stops = candidates(
        layers, params, coverage_gaps, closures=closures, walked=walked, last_visit=last_visit
    )
    if lacking or streets is None or not len(stops):
        raise LayerMissingError("patrol routes", lacking or ["sites"])
    teams = layers["teams"].reset_index(drop=True)
    team_paces = paces(teams, params)
    real = with_closures(streets, layers, closures)
    chosen = choose_stops(stops, teams, real, team_paces, params)
    return _ready(layers, real, params, teams, team_paces, chosen.stops, chosen.aside)


def _ready(
    layers: Layers,
    real: Streets,
    params: PatrolParams,
    teams: gpd.GeoDataFrame,
    team_paces: list[Pace],
    stops: gpd.GeoDataFrame,
    aside: pd.DataFrame,
) -> Evening:
    """Return the evening of some stops: ways between all points, rests among the stops."""
    resting = any(rests(pace) for pace in team_paces)
    shelters = shelters_of(layers, params).iloc[: None if resting else 0]
    points = points_of(teams, stops)
    at = np.arange(len(points))
    everywhere = points_of(teams, gpd.GeoDataFrame(geometry=[*stops.geometry, *shelters.geometry]))
    walking = walking_network(layers, real, params)
    modes = sorted({pace.mode for pace in team_paces})
    ways = {mode: ways_between(real, walking, everywhere, mode=mode) for mode in modes}
    problem = tour_problem(stops, team_paces, ways, at)
    if resting:
        names = dict(zip(range(len(points), len(everywhere)), shelters["name"], strict=True))
        places = break_places(team_paces, problem, ways, list(names), params)
        pauses = break_rows(places, teams, team_paces, everywhere, names, params)
        stops = stops.assign(team=np.full(len(stops), -1, np.int64))
        stops = gpd.GeoDataFrame(pd.concat([stops, pauses], ignore_index=True), crs=stops.crs)
        at = np.concatenate([at, np.array(list(places.values()), np.int64)])
        problem = tour_problem(stops, team_paces, ways, at)
    return Evening(layers, params, teams, tuple(team_paces), stops, aside, real, problem, ways, at)


def without_needless_rests(evening: Evening, solution: TourSolution) -> TourSolution:
    """Return a plan without the rests of those who are out no longer than a rest is asked for.

    Parameters
    ----------
    evening, solution
        The plan.
    """
    kinds, problem = evening.stops["kind"].to_numpy(), evening.problem
    routes, departures = list(solution.routes), list(solution.departures)
    for team, route in enumerate(solution.routes):
        left = tuple(at for at in route if kinds[at - len(evening.teams)] != "break")
        departure = best_departure(problem, team, left)
        if left == route or departure is None:
            continue
        alone = [left if k == team else () for k in range(len(routes))]
        times = check(problem, alone, [*departures[:team], departure, *departures[team + 1 :]])
        if times.is_feasible() and times.routes[team].duration <= evening.params.rest["over_s"]:
            routes[team], departures[team] = left, departure
    return replace(solution, routes=tuple(routes), departures=tuple(departures))
