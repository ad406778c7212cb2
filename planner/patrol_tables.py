"""A plan as tables: teams, stops, the ways between them, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from gis.layers import WGS84
from gis.ways_to import Leg
from planner.patrol_clock import DAY_S, Clock
from planner.patrol_evening import Evening
from planner.patrol_problem import reasons_of
from planner.solvers.tours import TourSolution
from planner.solvers.tours_check import TourCheck

TEAM_COLUMNS = [
    *("code", "name", "mode", "size", "depart", "return_", "length_m", "duration_s"),
    *("base_lon", "base_lat", "shift_begin", "shift_end", "speed_kmh", "break_s"),
]
STOP_COLUMNS = [
    *("team", "order", "code", "name", "kind", "reason", "arrive", "wait_s", "dwell_s"),
    *("depart", "prize", "required", "landmark", "opens", "closes", "parts", "leg_m", "leg_s"),
]
LEG_COLUMNS = ["team", "order", "length_m", "time_s"]
LEFT_COLUMNS = ["code", "name", "reason"]
# A street counts as walked from this share of its length on.
WALKED_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class WalkedLegs:
    """The ways of a plan, in order of team and stop; the last one of each team leads home.

    Parameters
    ----------
    team, order
        Number of the team, and of the stop that the way leads to, from 1, (k,).
    pieces
        Each way, piece by piece.
    table
        As `planner.patrol.Patrol.legs`.
    streets
        Code of each team to the codes of the streets that it goes along.
    """

    team: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]
    pieces: tuple[tuple[Leg, ...], ...] = field(repr=False)
    table: gpd.GeoDataFrame = field(repr=False)
    streets: Mapping[str, tuple[str, ...]] = field(repr=False)


def walked_legs(evening: Evening, solution: TourSolution) -> WalkedLegs:
    """Return the ways that the teams walk, along the streets.

    Parameters
    ----------
    evening, solution
        The plan.
    """
    team, order, pieces, lines, lengths_m, times_s = [], [], [], [], [], []
    problem = evening.problem
    for number, route in enumerate(solution.routes):
        path = [number, *route, number] if route else []
        mode = problem.vehicles[number].mode
        ways = evening.ways(number)
        for at, (here, there) in enumerate(pairwise(path), 1):
            legs = evening.legs(number, here, there)
            team.append(number)
            order.append(at)
            pieces.append(legs)
            lines.append(ways.line(legs))
            lengths_m.append(ways.length_m(legs))
            times_s.append(int(problem.time[mode, here, there]))
    crs = evening.streets.crs
    table = gpd.GeoDataFrame(
        {
            "team": pd.Series(evening.teams["code"].to_numpy()[team], dtype="str"),
            "order": np.array(order, np.int64),
            "length_m": np.array(lengths_m, float),
            "time_s": np.array(times_s, np.int64),
        },
        geometry=gpd.GeoSeries(lines, crs=crs).to_crs(WGS84),
        crs=WGS84,
    )
    streets = {
        code: _streets_of(
            [legs for own, legs in zip(team, pieces, strict=True) if own == at], evening
        )
        for at, code in enumerate(evening.teams["code"])
        if at in team
    }
    return WalkedLegs(
        np.array(team, np.int64), np.array(order, np.int64), tuple(pieces), table, streets
    )


def _streets_of(ways: list[tuple[Leg, ...]], evening: Evening) -> tuple[str, ...]:
    """Return the streets that some ways go along for half of their length or more."""
    network = evening.streets
    share = np.zeros(len(network.edge_length_m))
    pieces = [leg for legs in ways for leg in legs]
    np.add.at(share, [leg.edge for leg in pieces], [abs(leg.end - leg.start) for leg in pieces])
    touched = np.flatnonzero(np.isin(network.edge_street, network.edge_street[share > 0]))
    frame = pd.DataFrame(
        {
            "street": network.edge_street[touched],
            "walked_m": np.minimum(share, 1)[touched] * network.edge_length_m[touched],
            "length_m": network.edge_length_m[touched],
        }
    )
    sums = frame.groupby("street")[["walked_m", "length_m"]].sum()
    return tuple(sums.index[sums["walked_m"] >= sums["length_m"] * WALKED_SHARE].tolist())


def team_table(evening: Evening, times: TourCheck, legs: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the teams with their times, and their whole way."""
    teams, clock = evening.teams, evening.clock
    departs = np.array([route.depart for route in times.routes])
    returns = np.array([route.back for route in times.routes])
    shifts = [pace.shift_s for pace in evening.paces]
    lines = [_joined(legs[legs["team"] == code]) for code in teams["code"]]
    walked = legs.groupby("team")["length_m"].sum()
    return gpd.GeoDataFrame(
        {
            "code": teams["code"].to_numpy(),
            "name": teams["name"].to_numpy(),
            "mode": teams["mode"].to_numpy(),
            "size": teams["size"].to_numpy(),
            "depart": [clock.iso(tick) for tick in departs],
            "return_": [clock.iso(tick) for tick in returns],
            "length_m": teams["code"].map(walked).fillna(0.0).to_numpy(float),
            "duration_s": returns - departs,
            "base_lon": teams.geometry.x.to_numpy(),
            "base_lat": teams.geometry.y.to_numpy(),
            "shift_begin": [clock.iso(begin) for begin, _ in shifts],
            "shift_end": [clock.iso(end) for _, end in shifts],
            "speed_kmh": np.array([pace.speed_kmh for pace in evening.paces], float),
            "break_s": np.array([pace.break_s for pace in evening.paces], np.int64),
        },
        geometry=lines,
        crs=WGS84,
    )


def _joined(legs: gpd.GeoDataFrame) -> LineString:
    """Return the ways of a team as one line; empty for a team that stays."""
    xy = shapely.get_coordinates(legs.geometry.to_numpy())
    return LineString(xy) if len(xy) > 1 else LineString()


def stop_table(evening: Evening, times: TourCheck, legs: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the stops in order of team and time."""
    n_teams, clock = len(evening.teams), evening.clock
    visits = [
        (team, order, visit.stop - n_teams, visit.arrive, visit.wait, visit.leave)
        for team, route in enumerate(times.routes)
        for order, visit in enumerate(route.stops, 1)
    ]
    team, order, at, arrive, wait, leave = np.array(visits, np.int64).reshape(-1, 6).T
    chosen = evening.stops.iloc[at].reset_index(drop=True)
    code = evening.teams["code"].to_numpy()[team]
    ways = legs.set_index(["team", "order"])
    way = ways.loc[list(zip(code, order, strict=True))] if len(code) else ways.iloc[:0]
    opens, closes = _windows(chosen, clock)
    table = chosen.assign(
        team=pd.Series(code, dtype="str"),
        order=order,
        arrive=_texts([clock.iso(tick) for tick in arrive]),
        wait_s=wait,
        depart=_texts([clock.iso(tick) for tick in leave]),
        opens=opens,
        closes=closes,
        leg_m=way["length_m"].to_numpy(float),
        leg_s=way["time_s"].to_numpy(np.int64),
    )
    return table[[*STOP_COLUMNS, "geometry"]]


def _windows(stops: pd.DataFrame, clock: Clock) -> tuple[pd.Series[str], pd.Series[str]]:
    """Return when each stop opens and closes, ISO 8601; nothing where it is open all night."""
    always = (stops["opens_s"] <= 0) & (stops["closes_s"] >= 2 * DAY_S - 7200)
    opens = [None if a else clock.iso(t) for a, t in zip(always, stops["opens_s"], strict=True)]
    closes = [None if a else clock.iso(t) for a, t in zip(always, stops["closes_s"], strict=True)]
    return _texts(opens), _texts(closes)


def _texts(values: list[Any]) -> pd.Series[str]:
    return pd.Series(values, dtype="str")


def line_document(line: BaseGeometry) -> dict[str, Any]:
    """Return a way as GeoJSON, to a tenth of a metre.

    Examples
    --------
    >>> line_document(LineString([(120.12345678, 30), (120.2, 30.1)]))["coordinates"]
    ((120.123457, 30.0), (120.2, 30.1))
    """
    rounded = shapely.transform(line, lambda xy: xy.round(6))
    return dict(shapely.geometry.mapping(rounded))


def left_out_table(evening: Evening, solution: TourSolution, times: TourCheck) -> pd.DataFrame:
    """Return every candidate that nobody visits, required ones first, and why.

    Parameters
    ----------
    evening, solution, times
        The plan.

    Returns
    -------
    DataFrame
        code, name, required, reason: "unreachable" (no team has a way there and back),
        "outside_window" (nobody is there while it is open), "no_time" (no team has time enough, or
        for a required stop: not beside the others), "lower_prize" (others were worth more).
    """
    n_teams = len(evening.teams)
    visited = {at - n_teams for route in solution.routes for at in route}
    rest = [row for row in range(len(evening.stops)) if row not in visited]
    stops = evening.stops.iloc[rest]
    alone = reasons_of(evening.problem)[n_teams:][rest]
    needed = stops["required"].to_numpy(bool)
    reason = np.where(alone != "", alone, np.where(needed, "no_time", "lower_prize"))
    table = stops[["code", "name", "required", "kind"]].assign(
        reason=pd.Series(reason, stops.index, dtype="str")
    )
    over_s = evening.params.rest["over_s"]
    needless = [
        f"break/{code}"
        for code, route in zip(evening.teams["code"], times.routes, strict=True)
        if route.duration <= over_s
    ]
    table = table[~table["code"].isin(needless)].drop(columns="kind")
    both = pd.concat([table, evening.aside], ignore_index=True)
    return pd.DataFrame(
        both.sort_values("required", ascending=False, kind="stable", ignore_index=True)
    )
