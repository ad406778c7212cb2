"""The plan of a night, as given out or as answered last; and what it says of teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from api.kept import find_answer
from gis.errors import NotFoundError
from gis.patrol_rows import PlannedNight
from gis.store import Store
from gis.store_patrols import planned_nights, save_nights


def known_plan(store: Store, night: date) -> Mapping[str, Any] | None:
    """Return the plan of a night as given out, else the last answer if it is that night's."""
    given = planned_nights(store, since=night, until=night)
    if given:
        return given[0].document
    kept = find_answer(store, "patrol")
    if kept is None or kept.document["date"] != night.isoformat():
        return None
    return kept.document


def plan_of(store: Store, night: date) -> Mapping[str, Any]:
    """Return the plan of a night as `known_plan` does.

    Raises
    ------
    NotFoundError
        If the night is not planned.
    """
    plan = known_plan(store, night)
    if plan is None:
        msg = f"{night} is not planned: run `fengqiao patrol --date {night}`"
        raise NotFoundError(msg)
    return plan


def give_out(store: Store, plan: Mapping[str, Any]) -> bool:
    """Keep a plan as the one that was given out, so that check-ins are read against it.

    Returns
    -------
    bool
        Whether other routes of that night were given out before, and are no longer good.
    """
    night = date.fromisoformat(plan["date"])
    before = planned_nights(store, since=night, until=night)
    if before and before[0].document["teams"] == plan["teams"]:
        return False
    save_nights(store, [PlannedNight(night, int(plan["seed"]), dict(plan))])
    return bool(before)


def team_row(plan: Mapping[str, Any], team: str) -> Mapping[str, Any]:
    """Return what a plan says of one team.

    Raises
    ------
    NotFoundError
        If the team has no route on it.
    """
    going = {row["code"]: row for row in plan["teams"] if row["stops"]}
    if team not in going:
        there = ", ".join(going) or "none"
        msg = f"team {team} has no route on {plan['date']}; teams with one: {there}"
        raise NotFoundError(msg)
    row: Mapping[str, Any] = going[team]
    return row


def teams_out(plan: Mapping[str, Any]) -> Sequence[str]:
    """Return the codes of the teams that have a route on a plan."""
    return [row["code"] for row in plan["teams"] if row["stops"]]


def shift_of(row: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Return begin and end of a team's shift, the way home within it.

    Examples
    --------
    >>> row = {"depart": "2026-11-24T19:05:00+08:00", "return": "2026-11-24T20:40:00+08:00"}
    >>> shift_of({**row, "shift_end": "2026-11-24T21:00:00+08:00"})[1].hour
    21
    """
    begins = (row["depart"], row.get("shift_begin") or row["depart"])
    ends = (row["return"], row.get("shift_end") or row["return"])
    return min(map(datetime.fromisoformat, begins)), max(map(datetime.fromisoformat, ends))
