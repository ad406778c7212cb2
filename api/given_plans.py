"""The plan of a night, as given out or as answered last; and what it says of teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from api.kept import find_answer
from gis.errors import NotFoundError
from gis.patrol_rows import PlannedNight
from gis.store import Store
from gis.store_patrols import night_mark, planned_nights, save_nights


def known_plan(store: Store, night: date) -> Mapping[str, Any] | None:
    """Return the plan of a night as given out, else the last answer if it is that night's."""
    given = planned_nights(store, since=night, until=night)
    if given:
        return given[0].document
    kept = find_answer(store, "patrol")
    if kept is None or kept.document["date"] != night.isoformat():
        return None
    return kept.document


@dataclass(frozen=True)
class GivenNow:
    """The plan that teams are on or go out on next, as far as one was given out.

    Parameters
    ----------
    document
        None if none was given out.
    until
        When last night's teams are back and another plan counts; None = not by itself.
    marks
        What tells the plans of last night and tonight from others.
    """

    document: Mapping[str, Any] | None
    until: datetime | None
    marks: tuple[object, ...]


def given_now(store: Store, now: datetime, known: GivenNow | None = None) -> GivenNow:
    """Return the plan that teams are on or go out on next.

    Before noon it is last night's plan, as long as a team may be out on it.

    Parameters
    ----------
    store
        The town's.
    now
        Local time.
    known
        What was returned before: returned again, plans unread, if it is still so.
    """
    nights = (night_of(now), now.date())
    marks = tuple((night, night_mark(store, night)) for night in nights)
    if known is not None and known.marks == marks and (known.until is None or now < known.until):
        return known
    plans = {p.night: p.document for p in planned_nights(store, since=nights[0], until=nights[1])}
    last = plans.get(nights[0])
    if last is not None and nights[0] < nights[1]:
        back = max((shift_of(row)[1] for row in last["teams"]), default=now)
        if now < back:
            return GivenNow(last, back, marks)
    return GivenNow(plans.get(nights[1]), None, marks)


def night_of(moment: datetime) -> date:
    """Return the night of a local time: before noon it is still that of the day before.

    Examples
    --------
    >>> night_of(datetime(2026, 11, 25, 11, 59)), night_of(datetime(2026, 11, 25, 12))
    (datetime.date(2026, 11, 24), datetime.date(2026, 11, 25))
    """
    return (moment - timedelta(hours=12)).date()


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
