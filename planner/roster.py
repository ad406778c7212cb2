"""Many nights ahead: who goes when, past which stops, and how little of it can be foreseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers import WGS84, Layers
from gis.streets import Streets
from planner.patrol import Patrol, patrol_of
from planner.patrol_evening import Evening, evening_of
from planner.patrol_history import place_of
from planner.patrol_params import PatrolParams
from planner.patrol_teams import paces
from planner.results import Missing, missing_lines, records
from planner.roster_nights import Night, Stops, draw_nights
from planner.roster_params import RosterParams
from planner.roster_tables import FIGURES, fixed_nights, roster_tables
from planner.solvers.tours import TourSolution, Vehicle

NIGHT_COLUMNS = ["night", "seed", "teams", "stops", "score", "best", "overlap", "overdue"]
TEAM_COLUMNS = ["code", "name", "nights", "hours", "km"]
STOP_COLUMNS = [
    *("code", "name", "kind", "reason", "lon", "lat", "window_min", "visits", "mean_idle_h"),
    *("worst_idle_h", "spread_min", "common_half_hour", "common_share", "fixed_visits"),
    *("fixed_worst_idle_h", "fixed_common_share"),
]
GRID_COLUMNS = ["code", "name", "stops", "mean_idle_h", "worst_idle_h"]
OVERDUE_COLUMNS = ["night", "code", "name"]
SLOT_COLUMNS = ["code", "half_hour", "share"]


@dataclass(frozen=True, eq=False)
class Roster:
    """The plans of many nights, and what they come to beside one plan walked every night.

    Parameters
    ----------
    first, seed
        The first night, and the number that all nights' seeds come from.
    figures
        `drawn` and `fixed`, each with common_share (largest and mean over stops whose window is
        over 90 minutes), worst_idle_h and mean_idle_h (over the required stops, and over all),
        covered (share of the prizes visited in a night), overlap.
    nights
        night (date), seed, teams (how many go), stops, score, best, overlap (share of the stops
        that the night before had too), overdue (stops that were due and are not visited).
    teams
        code, name, nights, hours, km.
    stops
        One row a stop: visits, mean_idle_h and worst_idle_h (of its place), spread_min (standard
        deviation of the time of day), common_half_hour (its begin, HH:MM), common_share (visits
        in it), and the same of the fixed plan; window_min; a point, EPSG:4326.
    grids
        code, name, stops, mean_idle_h, worst_idle_h of the places in each grid.
    overdue
        night, code, name.
    slots
        code, half_hour (its begin, HH:MM), share: how the visits of each stop are spread.
    missing
        Figures that cannot be had.
    plans
        The plan of each night; not stored with the answer.
    """

    first: str
    seed: int
    figures: Mapping[str, Any]
    nights: pd.DataFrame = field(repr=False)
    teams: pd.DataFrame = field(repr=False)
    stops: gpd.GeoDataFrame = field(repr=False)
    grids: pd.DataFrame = field(repr=False)
    overdue: pd.DataFrame = field(repr=False)
    slots: pd.DataFrame = field(repr=False)
    missing: tuple[Missing, ...] = ()
    plans: tuple[Patrol, ...] = field(default=(), repr=False, metadata={"stored": False})

    def summary(self) -> str:
        """Return a few lines a person can read."""
        if self.nights.empty:
            return "\n".join(["No nights are planned", *missing_lines(self.missing)])
        drawn, fixed = self.figures["drawn"], self.figures["fixed"]
        hours, visits = self.teams["hours"], int(self.nights["stops"].sum())
        common = [_percent(drawn[f"common_share_{name}"]) for name in ("mean", "worst")]
        lines = [
            f"{len(self.nights)} nights from {self.first}: {visits} visits, "
            f"{len(self.overdue)} stops overdue",
            f"  most common half hour of a stop whose window is over 90 minutes: {common[0]} of "
            f"its visits (mean of the stops), {common[1]} at most (the same plan every night: "
            f"{_percent(fixed['common_share_mean'])})",
            f"  longest wait of a required stop: {_hours(drawn['required_worst_idle_h'])} "
            f"(the same plan every night: {_hours(fixed['required_worst_idle_h'])})",
            f"  hours of a team: {hours.min():.0f} to {hours.max():.0f}",
        ]
        return "\n".join(lines + missing_lines(self.missing))

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values."""
        stops = self.stops.assign(lon=self.stops.geometry.x, lat=self.stops.geometry.y)
        return {
            "first": self.first,
            "seed": self.seed,
            "figures": dict(self.figures),
            "nights": records(self.nights, NIGHT_COLUMNS),
            "teams": records(self.teams, TEAM_COLUMNS),
            "stops": records(stops, STOP_COLUMNS),
            "grids": records(self.grids, GRID_COLUMNS),
            "overdue": records(self.overdue, OVERDUE_COLUMNS),
            "slots": records(self.slots, SLOT_COLUMNS),
        }


def plan_roster(
    layers: Layers,
    streets: Streets | None,
    params: PatrolParams,
    roster: RosterParams,
    *,
    coverage_gaps: gpd.GeoDataFrame | None = None,
    closures: Collection[str] = (),
) -> Roster:
    """Return plans of the nights from a day on: fair, every stop in its turn, hard to foresee.

    Parameters
    ----------
    layers
        The town with its teams; `planner.assume.complete` provides them where unknown.
    streets
        Its street network, nothing closed.
    params
        Numbers of the patrols; `date` is the first night, and all seeds come from `seed`.
    roster
        Numbers of the plans of many nights.
    coverage_gaps
        Gaps of camera coverage, worst first, which become stops.
    closures
        Codes of streets that are closed.

    Raises
    ------
    LayerMissingError
        If there are no streets, teams or places to visit.
    LayerFaultsError
        If a shift or a window is not two times of day.
    """
    evening = evening_of_roster(
        layers, streets, params, roster, coverage_gaps=coverage_gaps, closures=closures
    )
    days = [params.date + timedelta(days=number) for number in range(roster.nights)]
    vehicles = [_vehicles(evening, day) for day in days]
    turns = _turns(evening, layers, roster)
    seeds = seeds_of(params.seed, days)
    nights = list(draw_nights(evening.problem, vehicles, turns, roster.rules, seeds))
    plans = tuple(
        _told(evening, night, day, out)
        for night, day, out in zip(nights, days, vehicles, strict=True)
    )
    fixed = fixed_nights(evening.problem, vehicles, nights)
    tables = roster_tables(evening, layers, nights, fixed, plans, days, turns)
    return Roster(
        params.date.isoformat(), params.seed, tables.figures, tables.nights, tables.teams,
        tables.stops, tables.grids, tables.overdue, tables.slots, (), plans,
    )  # fmt: skip


def evening_of_roster(
    layers: Layers,
    streets: Streets | None,
    params: PatrolParams,
    roster: RosterParams,
    *,
    coverage_gaps: gpd.GeoDataFrame | None = None,
    closures: Collection[str] = (),
) -> Evening:
    """Return an evening with all the stops that a roster plans with.

    Parameters and errors are those of `plan_roster`.
    """
    per_team = max(1, min(500, roster.most_stops // max(1, len(layers["teams"]))))
    wide = replace(params, stops_per_team=per_team)
    return evening_of(layers, streets, wide, coverage_gaps=coverage_gaps, closures=closures)


def no_roster(params: PatrolParams, missing: tuple[Missing, ...]) -> Roster:
    """Return the answer of a town that lacks what patrols need."""
    none: dict[str, float | None] = dict.fromkeys(FIGURES)
    stops = [name for name in STOP_COLUMNS if name not in ("lon", "lat")]
    return Roster(
        params.date.isoformat(), params.seed, {"drawn": none, "fixed": dict(none)},
        pd.DataFrame({c: [] for c in NIGHT_COLUMNS}), pd.DataFrame({c: [] for c in TEAM_COLUMNS}),
        gpd.GeoDataFrame({c: [] for c in stops}, geometry=[], crs=WGS84),
        pd.DataFrame({c: [] for c in GRID_COLUMNS}),
        pd.DataFrame({c: [] for c in OVERDUE_COLUMNS}),
        pd.DataFrame({c: [] for c in SLOT_COLUMNS}), missing,
    )  # fmt: skip


def seeds_of(seed: int, days: Sequence[date]) -> list[int]:
    """Return the seed of each night: the same for a day, whichever night was planned first.

    Examples
    --------
    >>> monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    >>> seeds_of(7, [monday, tuesday])[1] == seeds_of(7, [tuesday])[0]
    True
    """
    return [
        int(np.random.SeedSequence([seed, day.toordinal()]).generate_state(1)[0]) // 2
        for day in days
    ]


def _vehicles(evening: Evening, day: date) -> tuple[Vehicle, ...]:
    """Return the teams of another day: only shifts differ."""
    that_day = paces(evening.teams, replace(evening.params, date=day))
    return tuple(
        replace(vehicle, earliest=pace.start_s, latest=pace.shift_s[1], max_travel=pace.longest_s)
        for vehicle, pace in zip(evening.problem.vehicles, that_day, strict=True)
    )


def _turns(evening: Evening, layers: Layers, roster: RosterParams) -> Stops:
    """Return when each point of the problem is due."""
    stops, n_teams = evening.stops, len(evening.teams)
    places = [place_of(code) for code in stops["code"]]
    number = np.unique(np.array(places, dtype=object), return_inverse=True)[1]
    points = layers["patrol_points"].set_index("code")
    every = pd.Series(places).map(points["every_nights"]).fillna(1).to_numpy(np.int64)
    longest = stops["reason"].map(dict(roster.longest_gap_nights)).astype(float)
    gap = longest.fillna(np.inf).to_numpy()
    ahead = np.arange(n_teams)
    return Stops(
        np.concatenate([ahead, n_teams + number]),
        np.concatenate([np.ones(n_teams, np.int64), every]),
        np.concatenate([np.full(n_teams, np.inf), gap]),
    )


def _told(evening: Evening, night: Night, day: date, out: tuple[Vehicle, ...]) -> Patrol:
    """Return one night as a plan with its times, ways and what it leaves out."""
    params = replace(evening.params, date=day, seed=night.seed)
    that_day = tuple(paces(evening.teams, params))
    problem = replace(evening.problem, vehicles=out)
    visited = {stop for route in night.routes for stop in route}
    required: npt.NDArray[np.int64] = np.flatnonzero(problem.required)
    solution = TourSolution(
        night.routes,
        tuple(
            vehicle.earliest if tour is None else tour.departure
            for tour, vehicle in zip(night.tours, out, strict=True)
        ),
        night.score,
        None,
        tuple(stop for stop in required.tolist() if stop not in visited),
    )
    return patrol_of(replace(evening, params=params, paces=that_day, problem=problem), solution)


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.0%}".replace("%", " %")


def _hours(hours: float | None) -> str:
    return "unknown" if hours is None else f"{hours:.1f} h"
