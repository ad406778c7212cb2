"""An evening as arrays: which stops are worth planning with, and who can be where when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis import travel
from gis.layers import WGS84
from gis.streets import Streets
from gis.ways_to import ways_to
from planner.patrol_params import PatrolParams
from planner.patrol_teams import Pace
from planner.patrol_ways import Ways
from planner.solvers.tours import UNREACHABLE, TourProblem, Vehicle

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Chosen:
    """The stops to plan with, and those set aside.

    Parameters
    ----------
    stops
        As `planner.prizes.candidates` returns them.
    aside
        The others: code, name, required, reason.
    """

    stops: gpd.GeoDataFrame = field(repr=False)
    aside: pd.DataFrame = field(repr=False)


def choose_stops(
    stops: gpd.GeoDataFrame,
    teams: gpd.GeoDataFrame,
    streets: Streets,
    team_paces: Sequence[Pace],
    params: PatrolParams,
) -> Chosen:
    """Return the stops to plan with: those the town named, and others some team can visit at all.

    The required ones come first, then the most worthwhile, the nearer first, as many as the teams
    can be expected to need. A patrol point that nobody can reach stays, so that the plan says so.

    Parameters
    ----------
    stops
        As `planner.prizes.candidates` returns them.
    teams
        Layer teams.
    streets
        The network with its real times.
    team_paces
        As `planner.patrol_teams.paces` returns them.
    params
        Numbers of the patrols.
    """
    trip_s, reason = _alone(stops, teams, streets, team_paces)
    required = stops["required"].to_numpy(bool)
    named = required | (stops["kind"] == "patrol_point").to_numpy()
    order = np.lexsort((trip_s, -stops["prize"].to_numpy(), ~named, ~required))
    fit = ((reason == "") | named)[order]
    kept = order[fit][: params.stops_per_team * len(teams)]
    others = np.setdiff1d(np.arange(len(stops)), kept)
    aside = stops.iloc[others][["code", "name", "required"]]
    why = np.where(reason[others] == "", "lower_prize", reason[others])
    aside = aside.assign(reason=pd.Series(why, aside.index, dtype="str"))
    return Chosen(
        gpd.GeoDataFrame(stops.iloc[kept].reset_index(drop=True)),
        pd.DataFrame(aside).reset_index(drop=True),
    )


def _alone(
    stops: gpd.GeoDataFrame,
    teams: gpd.GeoDataFrame,
    streets: Streets,
    team_paces: Sequence[Pace],
) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Return the shortest way there and back to each stop, and why no team can make that trip.

    By the shortest ways: the ways that are walked may be longer, so that "" is no promise.
    """
    shortest_s = np.full(len(stops), np.inf)
    windows, dwell_s, best = stop_windows(stops), stops["dwell_s"].to_numpy(float), None
    for mode in sorted({pace.mode for pace in team_paces}):
        rows = [row for row, pace in enumerate(team_paces) if pace.mode == mode]
        bases = teams.iloc[rows]
        out_s = travel.matrix(streets, bases, stops, mode=mode)
        snapped, places = streets.snap(stops, mode=mode), streets.snap(bases, mode=mode)
        for row, way_s, edge, fraction in zip(
            rows, out_s, places["edge"], places["fraction"], strict=True
        ):
            back_s = np.full(len(stops), np.inf)
            if edge >= 0:
                back_s = ways_to(streets, snapped, int(edge), float(fraction), mode=mode).time_s
            pace = team_paces[row]
            times = way_s * pace.stretch, back_s * pace.stretch
            level = _level(*times, windows, dwell_s, pace)
            best = level if best is None else np.maximum(best, level)
            shortest_s = np.minimum(shortest_s, times[0] + times[1])
    return shortest_s, _told(np.zeros(len(stops), int) if best is None else best)


# Why a stop cannot be visited, from the worst reason to none: the best of all teams counts.
LEVELS = ("unreachable", "outside_window", "no_time", "")


def _told(levels: Ints) -> npt.NDArray[np.object_]:
    return np.array(LEVELS, object)[levels]


def stop_windows(stops: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return when each stop opens and closes, ticks, (n,) each."""
    return stops["opens_s"].to_numpy(float), stops["closes_s"].to_numpy(float)


def _level(
    out_s: Floats, back_s: Floats, windows: tuple[Floats, Floats], dwell_s: Floats, pace: Pace
) -> Ints:
    """Return how far one team gets with each stop as its only one, (n,) positions in `LEVELS`."""
    opens, closes = windows
    begin = np.maximum(pace.start_s + out_s, opens)
    there = np.isfinite(out_s) & np.isfinite(back_s)
    open_then = there & (begin <= closes) & (opens <= pace.shift_s[1])
    longest_s = np.inf if pace.longest_s is None else pace.longest_s
    home = begin + dwell_s + back_s <= pace.shift_s[1]
    in_time = open_then & home & (out_s + back_s <= longest_s) & (pace.out_s > 0)
    return np.asarray(there.astype(int) + open_then + in_time)


def reasons_of(problem: TourProblem) -> npt.NDArray[np.object_]:
    """Return why no vehicle can visit each point and nothing else, (n,); "" where one can.

    Parameters
    ----------
    problem
        As `tour_problem` makes it.
    """
    best = np.zeros(len(problem.prize), int)
    for number, team in enumerate(problem.vehicles):
        out_s = problem.time[team.mode][team.start].astype(float)
        back_s = problem.time[team.mode][:, team.end].astype(float)
        out_s[out_s >= UNREACHABLE], back_s[back_s >= UNREACHABLE] = np.inf, np.inf
        pace = Pace("", 1.0, (team.earliest, team.latest_return), team.earliest, 0, team.max_travel)
        windows = problem.opens.astype(float), problem.closes.astype(float)
        level = _level(out_s, back_s, windows, problem.service.astype(float), pace)
        best = np.maximum(best, np.where(problem.may_visit(number), level, 0))
    return _told(best)


def tour_problem(
    stops: gpd.GeoDataFrame, team_paces: Sequence[Pace], ways: Mapping[str, Ways], at: Ints
) -> TourProblem:
    """Return the evening as arrays: the bases first, then the stops; ticks are seconds.

    Parameters
    ----------
    stops
        As `planner.prizes.candidates` returns them; with a column `team` (-1 = any) for those
        that only one team may visit.
    team_paces
        As `planner.patrol_teams.paces` returns them.
    ways
        By mode, ways between points.
    at
        (n,) which of those points the bases and the stops are, in this order.
    """
    kinds = sorted({(pace.mode, pace.stretch) for pace in team_paces})
    slices = []
    for mode, stretch in kinds:
        seconds = ways[mode].time_s[np.ix_(at, at)] * stretch
        # Rounded up: a plan that holds in whole seconds holds on the street.
        slices.append(np.where(np.isfinite(seconds), np.ceil(seconds), UNREACHABLE))
    vehicles = tuple(
        Vehicle(
            number,
            number,
            pace.start_s,
            pace.shift_s[1],
            mode=kinds.index((pace.mode, pace.stretch)),
            max_travel=pace.longest_s,
        )
        for number, pace in enumerate(team_paces)
    )
    n_teams = len(team_paces)

    def column(name: str) -> Ints:
        return np.concatenate([np.zeros(n_teams, np.int64), stops[name].to_numpy(np.int64)])

    allowed = None
    if "team" in stops and (stops["team"] >= 0).any():
        own = column("team")
        own[:n_teams] = -1
        allowed = (own[:, None] < 0) | (own[:, None] == np.arange(n_teams))
    return TourProblem(
        np.array(slices, dtype=np.int64),
        column("prize"),
        column("dwell_s"),
        column("opens_s"),
        column("closes_s"),
        column("required").astype(bool),
        vehicles,
        allowed,
    )


def points_of(teams: gpd.GeoDataFrame, stops: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the points of an evening: the bases, then the stops."""
    return gpd.GeoSeries([*teams.geometry, *stops.geometry], crs=WGS84)
