"""What is told beside a plan: what to do when it fails, and what required stops cost or lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd

from gis.layers import WGS84
from planner.ladder import Ladder, build_ladder
from planner.landmarks import Marks, landmarks_of
from planner.patrol_evening import Evening
from planner.patrol_explained import explain
from planner.patrol_reasons import unmet_sentence
from planner.patrol_tables import line_document
from planner.results import names_of
from planner.solvers.tours_check import TourCheck
from planner.walk_steps import both

# What the base is called among the codes of a ladder.
BASE = "base"


def told_of(evening: Evening, times: TourCheck) -> dict[str, dict[str, Any]]:
    """Return what is told beside a plan.

    Parameters
    ----------
    evening
        What was planned.
    times
        The plan, as `planner.solvers.tours_check.check` gives it.

    Returns
    -------
    dict
        JSON-ready. "teams": by code of each team that goes out, `steps` (the directions of each
        leg, `planner.walk_steps.both`), `ladder` (`planner.ladder.Ladder.document`) and
        `ladder_legs`, the ways that only its ladder has: from, to (codes, or "base"), length_m,
        time_s, geometry. "costs": by code of each required
        stop that is visited, score and seconds that it costs. "sentences": by code of each that is
        not, why, in zh and en.
    """
    codes = [BASE] * len(evening.teams) + evening.stops["code"].tolist()
    kinds = [""] * len(evening.teams) + evening.stops["kind"].tolist()
    names = [*names_of(evening.teams), *names_of(evening.stops)]
    ladder = build_ladder(evening.problem, times, kinds)
    explained = explain(evening.problem, times)
    named = _Named.of(evening, names)
    speeds_kmh = [pace.speed_kmh for pace in evening.paces]
    return {
        "teams": {
            evening.teams["code"].iloc[team]: {
                "steps": _steps(evening, team, [visit.stop for visit in route.stops], named),
                "ladder": ladder.document(team, codes),
                "ladder_legs": _shortcuts(evening, ladder, team, codes),
            }
            for team, route in enumerate(times.routes)
            if route.stops
        },
        "costs": {
            codes[cost.stop]: {"score": cost.score, "seconds": cost.seconds}
            for cost in explained.costs
            if kinds[cost.stop] != "break"
        },
        "sentences": {
            codes[one.stop]: unmet_sentence(one, evening.problem, names, evening.clock, speeds_kmh)
            for one in explained.unmet
        },
    }


@dataclass(frozen=True)
class _Named:
    """What directions name: streets by code, landmarks, and the points of the evening."""

    streets: Mapping[str, str]
    marks: Marks
    points: Sequence[str]

    @classmethod
    def of(cls, evening: Evening, points: Sequence[str]) -> _Named:
        """Return the names of an evening's town."""
        streets = evening.layers["streets"]
        told = streets[streets["name"].notna() & (streets["name"] != "")]
        names = dict(zip(told["code"].astype(str), told["name"].astype(str), strict=True))
        return cls(names, Marks.of(evening.streets, landmarks_of(evening.layers)), points)


def _steps(
    evening: Evening, team: int, stops: Sequence[int], named: _Named
) -> list[list[dict[str, Any]]]:
    """Return the directions of each leg of a team's route, the way home last."""
    stretch, n_teams = evening.paces[team].stretch, len(evening.teams)
    places = [*evening.teams.geometry, *evening.stops.geometry]
    found = []
    for here, there in pairwise([team, *stops, team]):
        goal = None if there < n_teams else named.points[there]
        found.append(
            both(
                evening.streets,
                named.streets,
                named.marks,
                evening.legs(team, here, there),
                stretch=stretch,
                goal=goal,
                goal_point=places[there],
            )
        )
    return found


def _shortcuts(
    evening: Evening, ladder: Ladder, team: int, codes: list[str]
) -> list[dict[str, Any]]:
    """Return the ways of a team's ladder that its route does not have."""
    ways, mode = evening.ways(team), evening.problem.vehicles[team].mode
    pairs = [(here, there) for number, here, there in ladder.shortcuts if number == team]
    legs = [evening.legs(team, here, there) for here, there in pairs]
    lines = gpd.GeoSeries([ways.line(leg) for leg in legs], crs=evening.streets.crs).to_crs(WGS84)
    return [
        {
            "from": codes[here],
            "to": codes[there],
            "length_m": ways.length_m(leg),
            "time_s": int(evening.problem.time[mode, here, there]),
            "geometry": line_document(line),
        }
        for (here, there), leg, line in zip(pairs, legs, lines, strict=True)
    ]
