"""A night of a roster as tonight's patrol: the routes that were drawn, told in full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from planner.patrol import Patrol, patrol_of, told_in_full
from planner.patrol_evening import Evening
from planner.solvers.tours import TourSolution
from planner.solvers.tours_bound import bound
from planner.solvers.tours_check import check

# What a document says of a plan that a roster drew.
DRAWN = "drawn"


def is_drawn(document: Mapping[str, Any]) -> bool:
    """Return whether a night's plan was drawn by a roster."""
    return bool(document.get(DRAWN))


def drawn_patrol(evening: Evening, document: Mapping[str, Any]) -> Patrol | None:
    """Return the plan that a roster drew for an evening, or None where it no longer fits.

    Parameters
    ----------
    evening
        The evening as it is known now (`planner.roster.evening_of_roster`).
    document
        The night's plan as it was kept.
    """
    solution = _solution(evening, document)
    return None if solution is None else told_in_full(patrol_of(evening, solution))


def _solution(evening: Evening, document: Mapping[str, Any]) -> TourSolution | None:
    n_teams = len(evening.teams)
    point = {code: n_teams + row for row, code in enumerate(evening.stops["code"])}
    drawn = {team["code"]: team for team in document["teams"]}
    codes = evening.teams["code"].tolist()
    wanted = [stop["code"] for team in drawn.values() for stop in team["stops"]]
    if set(codes) != set(drawn) or not set(wanted) <= set(point):
        return None
    routes = tuple(tuple(point[stop["code"]] for stop in drawn[code]["stops"]) for code in codes)
    midnight = datetime.fromisoformat(evening.clock.iso(0))
    departures = tuple(
        round((datetime.fromisoformat(drawn[code]["depart"]) - midnight).total_seconds())
        if route
        else vehicle.earliest
        for code, route, vehicle in zip(codes, routes, evening.problem.vehicles, strict=True)
    )
    plan = check(evening.problem, routes, departures)
    if not plan.is_feasible():
        return None
    limit = bound(evening.problem)
    return TourSolution(routes, departures, plan.score, limit, plan.missing)
