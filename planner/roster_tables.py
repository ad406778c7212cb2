"""The tables of many nights: nights, teams, stops, grids, what is overdue, drawn and fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers import Layers
from gis.villages_of import village_of
from planner.patrol import Patrol
from planner.patrol_evening import Evening
from planner.roster_figures import (
    Visits,
    habits,
    hours_of,
    overlap,
    shares_by_slot,
    visits_of,
    waits,
)
from planner.roster_nights import Night, Stops
from planner.roster_times import Timed
from planner.solvers.tours import TourProblem, Vehicle
from planner.solvers.tours_check import best_departure, check

Ints = npt.NDArray[np.int64]

# Only where a window leaves a choice can a visit be hard to foresee.
WIDE_WINDOW_MIN = 90
FIGURES = (
    *("common_share_worst", "common_share_mean", "spread_min_mean", "required_worst_idle_h"),
    *("required_mean_idle_h", "worst_idle_h", "mean_idle_h", "never_visited", "covered"),
    *("overlap", "team_hours_least", "team_hours_most"),
)


@dataclass(frozen=True, eq=False)
class RosterTables:
    """What `planner.roster.Roster` holds of many nights."""

    figures: Mapping[str, Any]
    nights: pd.DataFrame = field(repr=False)
    teams: pd.DataFrame = field(repr=False)
    stops: gpd.GeoDataFrame = field(repr=False)
    grids: pd.DataFrame = field(repr=False)
    overdue: pd.DataFrame = field(repr=False)
    slots: pd.DataFrame = field(repr=False)


def fixed_nights(
    problem: TourProblem, vehicles: Sequence[tuple[Vehicle, ...]], nights: Sequence[Night]
) -> list[Night]:
    """Return the nights of a town that walks the best plan it knows every time.

    Parameters
    ----------
    problem
        An evening with all teams.
    vehicles
        The teams of each night; nights with the same shifts have the same plan.
    nights
        The nights drawn, with the best plans that were found on the way.
    """
    known: dict[tuple[Vehicle, ...], Night] = {}
    for out, night in zip(vehicles, nights, strict=True):
        if out not in known or night.best > known[out].score:
            known[out] = _walked(replace(problem, vehicles=out), night)
    return [known[out] for out in vehicles]


def _walked(problem: TourProblem, night: Night) -> Night:
    """Return the best plan of a night as it is walked when nobody takes chances."""
    departures = [
        best_departure(problem, k, route) or vehicle.earliest
        for k, (route, vehicle) in enumerate(zip(night.best_routes, problem.vehicles, strict=True))
    ]
    times = check(problem, night.best_routes, departures).routes
    tours = tuple(
        Timed(route, time.depart, tuple(stop.begin for stop in time.stops), time.back)
        if route
        else None
        for route, time in zip(night.best_routes, times, strict=True)
    )
    return Night(night.seed, night.teams, tours, night.best, night.best)


def roster_tables(
    evening: Evening,
    layers: Layers,
    nights: Sequence[Night],
    fixed: Sequence[Night],
    plans: Sequence[Patrol],
    days: Sequence[date],
    turns: Stops,
) -> RosterTables:
    """Return the tables of some nights, beside those of a fixed plan.

    Parameters
    ----------
    evening
        What all nights are plans of.
    layers
        The town, for its grids.
    nights, fixed
        The nights drawn, and those of the fixed plan.
    plans
        The nights as plans, for their length.
    days
        Their days.
    turns
        When each stop is due.
    """
    points = len(evening.problem.prize)
    drawn, same = visits_of(nights, points), visits_of(fixed, points)
    stops = _stop_table(evening, drawn, same, turns)
    return RosterTables(
        {
            "drawn": _figures(evening, nights, drawn, turns),
            "fixed": _figures(evening, fixed, same, turns),
        },
        _night_table(nights, days, overlap(drawn)),
        _team_table(evening, nights, plans),
        stops,
        _grid_table(stops, layers),
        _overdue_table(evening, nights, days),
        _slot_table(evening, drawn),
    )


def _window_min(evening: Evening) -> npt.NDArray[np.float64]:
    """Return for each point how long its window is, as far as some team is out, minutes."""
    problem = evening.problem
    begin = min(vehicle.earliest for vehicle in problem.vehicles)
    end = max(vehicle.latest_return for vehicle in problem.vehicles)
    shared = np.minimum(problem.closes, end) - np.maximum(problem.opens, begin)
    return np.asarray(np.maximum(shared, 0) / 60.0)


def _figures(
    evening: Evening, nights: Sequence[Night], visits: Visits, turns: Stops
) -> dict[str, float | None]:
    """Return the figures of some nights."""
    problem, n_teams = evening.problem, len(evening.teams)
    table = habits(visits)
    wide = table[(_window_min(evening) > WIDE_WINDOW_MIN)[table.index]]
    idle = waits(visits, turns.place)
    places = turns.place[n_teams:]
    needed = idle.loc[np.unique(places[problem.required[n_teams:]])]
    every = idle.loc[np.unique(places)]
    worth = int(problem.prize[n_teams:].sum())
    shared = overlap(visits)
    hours = hours_of(nights, n_teams)["hours"]
    values = (
        _most(wide["common_share"]), _mean(wide["common_share"]), _mean(wide["spread_min"]),
        _most(needed["worst_idle_h"]), _mean(needed["mean_idle_h"]),
        _most(every["worst_idle_h"]), _mean(every["mean_idle_h"]),
        int((every["visits"] == 0).sum()),
        None if not worth else sum(n.score for n in nights) / len(nights) / worth,
        _mean(pd.Series(shared).dropna()),
        None if hours.empty else float(hours.min()), _most(hours),
    )  # fmt: skip
    return dict(zip(FIGURES, values, strict=True))


def _mean(values: pd.Series[float]) -> float | None:
    return None if values.empty else float(values.mean())


def _most(values: pd.Series[float]) -> float | None:
    return None if values.empty else float(values.max())


def _night_table(nights: Sequence[Night], days: Sequence[date], shared: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "night": pd.Series([day.isoformat() for day in days], dtype="str"),
            "seed": [night.seed for night in nights],
            "teams": [sum(tour is not None for tour in night.tours) for night in nights],
            "stops": [sum(map(len, night.routes)) for night in nights],
            "score": [night.score for night in nights],
            "best": [night.best for night in nights],
            "overlap": shared,
            "overdue": [len(night.overdue) for night in nights],
        }
    )


def _team_table(evening: Evening, nights: Sequence[Night], plans: Sequence[Patrol]) -> pd.DataFrame:
    km = np.sum([plan.teams["length_m"].to_numpy(float) for plan in plans], axis=0) / 1000.0
    table = hours_of(nights, len(evening.teams)).assign(km=km)
    names = evening.teams[["code", "name"]].reset_index(drop=True)
    return pd.concat([names, table], axis=1)


def _stop_table(evening: Evening, drawn: Visits, fixed: Visits, turns: Stops) -> gpd.GeoDataFrame:
    n_teams = len(evening.teams)
    own = np.arange(n_teams, len(evening.problem.prize))
    place = turns.place[own]
    seen, before = habits(drawn).reindex(own), habits(fixed).reindex(own)
    wait, waited = waits(drawn, turns.place).loc[place], waits(fixed, turns.place).loc[place]
    clock = evening.clock
    slots = [
        None if np.isnan(tick) else clock.iso(int(tick))[11:16] for tick in seen["common_slot"]
    ]
    stops = evening.stops[["code", "name", "kind", "reason", "geometry"]].reset_index(drop=True)
    table = stops.assign(
        window_min=_window_min(evening)[own],
        visits=seen["visits"].fillna(0).to_numpy(np.int64),
        mean_idle_h=wait["mean_idle_h"].to_numpy(),
        worst_idle_h=wait["worst_idle_h"].to_numpy(),
        spread_min=seen["spread_min"].to_numpy(),
        common_half_hour=pd.Series(slots, dtype="str"),
        common_share=seen["common_share"].to_numpy(),
        fixed_visits=before["visits"].fillna(0).to_numpy(np.int64),
        fixed_worst_idle_h=waited["worst_idle_h"].to_numpy(),
        fixed_common_share=before["common_share"].to_numpy(),
    )
    return gpd.GeoDataFrame(table[table["kind"] != "break"].reset_index(drop=True))


def _grid_table(stops: gpd.GeoDataFrame, layers: Layers) -> pd.DataFrame:
    grids = layers["grids"]
    owner = village_of(stops.geometry.x, stops.geometry.y, grids)
    inside = stops.assign(grid=owner)[owner >= 0]
    grouped = inside.groupby("grid")
    at = grouped.size().index.to_numpy(np.int64)
    return pd.DataFrame(
        {
            "code": grids["code"].to_numpy()[at],
            "name": grids["name"].to_numpy()[at],
            "stops": grouped.size().to_numpy(),
            "mean_idle_h": grouped["mean_idle_h"].mean().to_numpy(),
            "worst_idle_h": grouped["worst_idle_h"].max().to_numpy(),
        }
    )


def _overdue_table(evening: Evening, nights: Sequence[Night], days: Sequence[date]) -> pd.DataFrame:
    rows = [
        (day.isoformat(), *evening.stops.loc[point - len(evening.teams), ["code", "name"]])
        for night, day in zip(nights, days, strict=True)
        for point in night.overdue
    ]
    return pd.DataFrame(rows, columns=["night", "code", "name"])


def _slot_table(evening: Evening, visits: Visits) -> pd.DataFrame:
    """Return the share of each stop's visits in each half hour."""
    table, n_teams = shares_by_slot(visits), len(evening.teams)
    stops = evening.stops.iloc[table["stop"] - n_teams]
    times = [evening.clock.iso(int(tick))[11:16] for tick in table["slot"]]
    made = pd.DataFrame(
        {
            "code": stops["code"].to_numpy(),
            "half_hour": pd.Series(times, dtype="str"),
            "share": table["share"].to_numpy(),
        }
    )
    return made[(stops["kind"] != "break").to_numpy()].reset_index(drop=True)
