"""What came back of a night against its plan, and a month of each team in totals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from gis.errors import FormatError, NotFoundError
from gis.patrol_rows import Checkin, CheckinStatus, TeamNight
from planner.checkin_code import code_plan, decode, noon

SCHEMA = "fengqiao.checkins/1"


@dataclass(frozen=True)
class CheckinRules:
    """When a check-in is late, and whose times are kept; see `data/profiles/nights.toml`."""

    late_min: float
    least_people: int


@dataclass(frozen=True)
class Report:
    """What one team says of its night.

    Parameters
    ----------
    team
        Code.
    people
        How many went; 0 = not said.
    at
        Stop code to the moment of its check-in, with offset.
    """

    team: str
    people: int
    at: Mapping[str, datetime]


@dataclass(frozen=True)
class Compared:
    """A team's night against its plan.

    Parameters
    ----------
    rows
        Planned stops in order, then the extra ones.
    hours
        Totals of the team; None where it checked in nowhere.
    """

    rows: tuple[Checkin, ...]
    hours: TeamNight | None

    def counts(self) -> dict[str, int]:
        """Return how many are kept, late, missed and extra."""
        names = ("kept", "late", "missed", "extra")
        return {name: sum(row.status == name for row in self.rows) for name in names}

    def summary(self) -> str:
        """Return one line: how many are kept, late, missed and extra."""
        return ", ".join(f"{count} {name}" for name, count in self.counts().items())


def report_of_code(code: str, document: Mapping[str, Any], team: int) -> Report:
    """Return what a code says of a team's night.

    Parameters
    ----------
    code
        As the team's card shows it.
    document
        The plan of that night, as it was given out.
    team
        Position of the team in it.

    Raises
    ------
    FormatError
        If the code has a wrong sign, or belongs to another plan.
    """
    row = document["teams"][team]
    said = decode(code, code_plan(document, team))
    begin = noon(document)
    at = {
        stop["code"]: begin + timedelta(minutes=minute)
        for stop, minute in zip(row["stops"], said.at_min, strict=True)
        if minute is not None
    }
    return Report(row["code"], said.people, at)


def report_of_file(content: Mapping[str, Any]) -> tuple[date, Report]:
    """Return the night and what a team's file says of it.

    Parameters
    ----------
    content
        The JSON document that a card saves.

    Raises
    ------
    FormatError
        If it is no such document, or a part of it cannot be read.
    """
    if not isinstance(content, Mapping) or content.get("schema") != SCHEMA:
        msg = f"this is no file of check-ins: its schema must be {SCHEMA}"
        raise FormatError(msg)
    try:
        at = {str(stop["code"]): datetime.fromisoformat(stop["at"]) for stop in content["stops"]}
        naive = [code for code, moment in at.items() if moment.tzinfo is None]
        if naive:
            msg = f"the times of {', '.join(naive)} lack their offset from UTC"
            raise FormatError(msg)
        night, team = date.fromisoformat(content["night"]), str(content["team"])
        return night, Report(team, max(int(content.get("people", 0)), 0), at)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"the file of check-ins cannot be read: {error!r}"
        raise FormatError(msg) from error


def compare_checkins(document: Mapping[str, Any], report: Report, rules: CheckinRules) -> Compared:
    """Return a team's night against its plan.

    A check-in is late if it is more than `late_min` after the planned one. Of a team with fewer
    people than `least_people` no times are kept: they would be those of a person.

    Parameters
    ----------
    document
        The plan of that night.
    report
        What the team says.
    rules
        When a check-in is late, and whose times are kept.

    Raises
    ------
    NotFoundError
        If the plan has no such team.
    """
    night = date.fromisoformat(document["date"])
    team = next((row for row in document["teams"] if row["code"] == report.team), None)
    if team is None:
        msg = f"no team {report.team} goes out on {night}"
        raise NotFoundError(msg)
    people = report.people or int(team.get("size") or 0)
    timed = people >= rules.least_people
    planned = {stop["code"]: stop for stop in team["stops"] if stop.get("kind") != "break"}
    rows = []
    for code in [*planned, *(code for code in report.at if code not in planned)]:
        at = report.at.get(code)
        status = _status(planned.get(code), at, rules)
        rows.append(Checkin(night, report.team, code, status, at if timed else None))
    if not report.at:
        return Compared(tuple(rows), None)
    hours = TeamNight(
        night, report.team, people, float(team["duration_s"]), float(team["length_m"])
    )
    return Compared(tuple(rows), hours)


def _status(
    stop: Mapping[str, Any] | None, at: datetime | None, rules: CheckinRules
) -> CheckinStatus:
    if stop is None:
        return "extra"
    if at is None:
        return "missed"
    due = datetime.fromisoformat(stop["arrive"]) + timedelta(seconds=stop["wait_s"])
    return "late" if at > due + timedelta(minutes=rules.late_min) else "kept"


def month_sheet(hours: Collection[TeamNight], rows: Sequence[Checkin], month: date) -> pd.DataFrame:
    """Return a month of each team in totals.

    Parameters
    ----------
    hours
        Nights of teams; those of other months are left out.
    rows
        Check-ins, likewise.
    month
        Any day of the month.

    Returns
    -------
    DataFrame
        Index team: nights, headcount (people of all nights together), hours, km, kept, late,
        missed, extra.

    Examples
    --------
    >>> night = TeamNight(date(2026, 11, 2), "T1", 4, 5400.0, 3200.0)
    >>> month_sheet([night, night], [], date(2026, 11, 30)).loc["T1"].tolist()
    [2.0, 8.0, 3.0, 6.4, 0.0, 0.0, 0.0, 0.0]
    """
    of_month = (month.year, month.month)
    went = pd.DataFrame(
        [
            {
                "team": one.team,
                "nights": 1,
                "headcount": one.headcount,
                "hours": one.seconds / 3600.0,
                "km": one.length_m / 1000.0,
            }
            for one in hours
            if (one.night.year, one.night.month) == of_month
        ],
        columns=["team", "nights", "headcount", "hours", "km"],
    )
    sheet = went.groupby("team").sum()
    marks = pd.DataFrame(
        [(r.team, r.status) for r in rows if (r.night.year, r.night.month) == of_month],
        columns=["team", "status"],
    )
    counted = pd.crosstab(marks["team"], marks["status"])
    counted = counted.reindex(columns=["kept", "late", "missed", "extra"], fill_value=0)
    return sheet.join(counted, how="outer").fillna(0).rename_axis("team").sort_index()
