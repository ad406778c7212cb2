"""Patrol: tonight's routes for all teams at once, on real streets, with times."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.layers import WGS84, Layers
from gis.streets import Streets
from planner.patrol_evening import Evening, evening_of, without_needless_rests
from planner.patrol_params import PatrolParams
from planner.patrol_tables import (
    LEFT_COLUMNS,
    LEG_COLUMNS,
    STOP_COLUMNS,
    TEAM_COLUMNS,
    left_out_table,
    line_document,
    stop_table,
    team_table,
    walked_legs,
)
from planner.patrol_told import told_of
from planner.results import Missing, missing_lines, records
from planner.solvers.tours import TourProblem, TourSolution, solve
from planner.solvers.tours_check import check

# Starts of the search that run side by side; the answer is the same with any number of them.
THREADS = 2


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
        code, name, mode, size, depart, return_, shift_begin, shift_end (ISO 8601), length_m,
        duration_s, speed_kmh, break_s (its rest, 0 = none), base_lon, base_lat, geometry (the way
        along the streets; empty for a team that stays).
    stops
        team, order (from 1), code, name, kind ("break" for a rest), reason (what it is mostly worth
        a visit for), parts (a tuple of dicts part, points: what its prize is made of), landmark,
        opens, closes (nothing where it is open all night), arrive, wait_s, dwell_s, depart,
        leg_m, leg_s (the way from the stop before or from the base), prize, required, geometry (a
        point).
    left_out
        code, name, reason: "unreachable", "outside_window", "no_time" or "lower_prize".
    unmet
        code, name, reason: the required ones among them.
    legs
        team, order (of the stop that the way leads to; the last one leads to the base), length_m,
        time_s, geometry (the way as it is walked).
    streets
        Code of each team to the codes of the streets that its route goes along.
    told
        What the document says beside the tables (`planner.patrol_told.told_of`); empty until
        `told_in_full`.
    missing
        Figures that cannot be had.
    evening, solution
        What was solved and how, for whoever plans on with it; not stored.
    """

    date: str
    seed: int
    score: int
    bound: int | None
    teams: gpd.GeoDataFrame = field(repr=False)
    stops: gpd.GeoDataFrame = field(repr=False)
    left_out: pd.DataFrame = field(repr=False)
    unmet: pd.DataFrame = field(repr=False)
    legs: gpd.GeoDataFrame = field(repr=False)
    streets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    told: Mapping[str, Any] = field(default_factory=dict, repr=False)
    missing: tuple[Missing, ...] = ()
    evening: Evening | None = field(default=None, repr=False, metadata={"stored": False})
    solution: TourSolution | None = field(default=None, repr=False, metadata={"stored": False})

    @property
    def problem(self) -> TourProblem | None:
        """What was solved: bases first, then the stops of `candidates`; None once stored."""
        return None if self.evening is None else self.evening.problem

    @property
    def candidates(self) -> gpd.GeoDataFrame | None:
        """The stops that were planned with; None once stored."""
        return None if self.evening is None else self.evening.stops

    def summary(self) -> str:
        """Return a few lines a person can read."""
        lines = [f"Patrols of {self.date}: {int((self.stops['kind'] != 'break').sum())} stops"]
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
        why = self.told.get("sentences", {})
        return {
            "date": self.date,
            "seed": self.seed,
            "score": self.score,
            "bound": self.bound,
            "teams": [self._team(row) for row in records(self.teams, TEAM_COLUMNS)],
            "left_out": records(self.left_out, LEFT_COLUMNS),
            "unmet": [
                {**row, **({"sentence": why[row["code"]]} if row["code"] in why else {})}
                for row in records(self.unmet, LEFT_COLUMNS)
            ],
        }

    def _team(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return one team with its stops and legs."""
        code = row["code"]
        stops, legs = self.stops[self.stops["team"] == code], self.legs[self.legs["team"] == code]
        lines = self.teams.geometry[self.teams["code"] == code]
        costs, told = self.told.get("costs", {}), dict(self.told.get("teams", {}).get(code, {}))
        steps = told.pop("steps", [[]] * len(legs))
        row["return"] = row.pop("return_")
        return {
            **row,
            "geometry": line_document(lines.iloc[0]),
            "streets": list(self.streets.get(code, ())),
            "stops": [
                {**stop, **({"cost": costs[stop["code"]]} if stop["code"] in costs else {})}
                for stop in _stops(stops)
            ],
            "legs": [
                {**leg, "geometry": line_document(line), "steps": list(way)}
                for leg, line, way in zip(
                    records(legs, LEG_COLUMNS[1:]), legs.geometry, steps, strict=True
                )
            ],
            **told,
        }


def _stops(stops: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the stops of a team as JSON-ready values."""
    plain = stops.assign(
        lon=stops.geometry.x,
        lat=stops.geometry.y,
        # A table read from a store holds lists of dicts of another kind.
        parts=pd.Series(
            [[dict(p) for p in parts] for parts in stops["parts"]], stops.index, object
        ),
    )
    head = ["order", "code", "name", "kind", "reason", "lon", "lat"]
    return records(plain, [*head, *(c for c in STOP_COLUMNS if c not in (*head, "team"))])


def plan_patrol(
    layers: Layers,
    streets: Streets | None,
    params: PatrolParams,
    *,
    coverage_gaps: gpd.GeoDataFrame | None = None,
    closures: Collection[str] = (),
    walked: Mapping[str, date] | None = None,
    last_visit: Mapping[str, date] | None = None,
) -> Patrol:
    """Return tonight's routes: required stops first, then the most worthwhile.

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
        The last night on which each street was on a route, and on which each place was visited,
        by code; None = nothing is known of earlier nights.

    Raises
    ------
    LayerMissingError
        If there are no streets, teams or places to visit.
    LayerFaultsError
        If a shift or a window is not two times of day.
    """
    evening = evening_of(
        layers,
        streets,
        params,
        coverage_gaps=coverage_gaps,
        closures=closures,
        walked=walked,
        last_visit=last_visit,
    )
    solution = solve(
        evening.problem,
        iterations=params.iterations,
        seconds=params.seconds,
        seed=params.seed,
        threads=THREADS,
    )
    return told_in_full(patrol_of(evening, solution))


def told_in_full(patrol: Patrol) -> Patrol:
    """Return the same plan with what its document says beside the tables.

    Parameters
    ----------
    patrol
        A plan that was just made; one from a store is returned as it is.
    """
    evening, solution = patrol.evening, patrol.solution
    if evening is None or solution is None:
        return patrol
    times = check(evening.problem, solution.routes, solution.departures)
    return replace(patrol, told=told_of(evening, times))


def patrol_of(evening: Evening, solution: TourSolution) -> Patrol:
    """Return a plan of an evening with its times, ways and what it leaves out.

    Parameters
    ----------
    evening
        As `planner.patrol_evening.evening_of` makes it.
    solution
        Any plan that keeps the rules of its problem; who is soon home needs no rest.
    """
    solution = without_needless_rests(evening, solution)
    times = check(evening.problem, solution.routes, solution.departures)
    walked = walked_legs(evening, solution)
    left_out = left_out_table(evening, solution, times)
    required = left_out["required"].to_numpy(bool)
    return Patrol(
        evening.params.date.isoformat(),
        evening.params.seed,
        solution.score,
        solution.bound,
        team_table(evening, times, walked.table),
        stop_table(evening, times, walked.table),
        left_out[LEFT_COLUMNS],
        left_out[LEFT_COLUMNS][required].reset_index(drop=True),
        walked.table,
        walked.streets,
        evening=evening,
        solution=solution,
    )


def no_patrol(params: PatrolParams, missing: tuple[Missing, ...]) -> Patrol:
    """Return the answer of a town that lacks what a patrol needs."""
    teams = gpd.GeoDataFrame({c: [] for c in TEAM_COLUMNS}, geometry=[], crs=WGS84)
    stops = gpd.GeoDataFrame({c: [] for c in STOP_COLUMNS}, geometry=[], crs=WGS84)
    legs = gpd.GeoDataFrame({c: [] for c in LEG_COLUMNS}, geometry=[], crs=WGS84)
    none = pd.DataFrame({c: [] for c in LEFT_COLUMNS})
    day = params.date.isoformat()
    return Patrol(day, params.seed, 0, None, teams, stops, none, none, legs, {}, {}, missing)
