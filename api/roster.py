"""Nights to come of one town, what came back of those that were, and months in totals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from api.answers import Progress, make_answers, silent, start
from api.kept import Kept, keep
from api.roster_numbers import roster_params
from api.workspace import Workspace
from gis.errors import FileMissingError, FormatError, InputError, NotFoundError
from gis.patrol_rows import PlannedNight
from gis.store import Store
from gis.store_patrols import (
    checkins,
    forget_times,
    planned_nights,
    save_checkins,
    save_nights,
    team_nights,
)
from planner.answers_ahead import answer_roster, planned_nights_of
from planner.checkin_code import head_of
from planner.checkins import Compared, compare_checkins, month_sheet, report_of_code, report_of_file
from planner.results_coverage import Coverage
from planner.roster import Roster
from planner.roster_params import RosterParams


@dataclass(frozen=True)
class CameBack:
    """What one team's code or file says: of which night and team, and against the plan."""

    night: date
    team: str
    compared: Compared

    def summary(self) -> str:
        """Return one line."""
        return f"{self.night} {self.team}: {self.compared.summary()}"


def make_roster(
    workspace: Workspace,
    store: Store,
    *,
    first: date,
    nights: int | None = None,
    seed: int | None = None,
    progress: Progress = silent,
) -> Kept:
    """Return the plans of many nights; each night is kept, in the place of an earlier plan.

    Parameters
    ----------
    workspace, store
        The town.
    first
        The first night.
    nights
        How many; None = as the town's numbers say.
    seed
        Where all nights' seeds come from; None = that of the patrols.
    progress
        As in `api.answers.make_answers`.
    """
    numbers = roster_params(workspace, nights=nights)
    options = {"date": first} | ({} if seed is None else {"seed": seed})
    task = start(workspace, store, options=options)
    coverage = make_answers(workspace, store, ["coverage"], progress=progress)["coverage"].result
    assert isinstance(coverage, Coverage)
    progress("roster", 0, 1)
    answer = answer_roster(
        task.layers, task.params, numbers,
        coverage=coverage, streets=task.streets, closures=task.closed,
    )  # fmt: skip
    assert isinstance(answer.result, Roster)
    save_nights(store, planned_nights_of(task.layers, task.params, answer.result))
    kept = keep(store, answer, {**task.basis("roster"), "first": first.isoformat()})
    progress("done", 1, 1)
    return kept


def take_checkins(
    workspace: Workspace, store: Store, given: Sequence[str], *, today: date
) -> list[CameBack]:
    """Return what teams' codes and files say, after keeping it; old times are deleted.

    Parameters
    ----------
    workspace, store
        The town.
    given
        Codes, or paths of files that teams' cards saved.
    today
        The day; times older than the town keeps them are deleted.

    Raises
    ------
    NotFoundError
        If no plan of that night is kept, or it has no such team.
    FormatError
        If a code or file cannot be read, or belongs to another plan.
    """
    numbers = roster_params(workspace)
    came = []
    for text in given:
        is_file = text.lower().endswith(".json") or Path(text).is_file()
        came.append(_of_file(store, text, numbers) if is_file else _of_code(store, text, numbers))
    rows = [row for one in came for row in one.compared.rows]
    hours = [one.compared.hours for one in came if one.compared.hours is not None]
    save_checkins(store, rows, hours)
    forget_times(store, today - timedelta(days=numbers.keep_times_days))
    return came


def month_of(store: Store, month: date) -> pd.DataFrame:
    """Return a month of each team in totals; see `planner.checkins.month_sheet`."""
    first = month.replace(day=1)
    span = {"since": first, "until": _last_day(first)}
    return month_sheet(team_nights(store, **span), checkins(store, **span), first)


def month_named(text: str) -> date:
    """Return the first day of a month such as 2026-11.

    Raises
    ------
    InputError
        If the text is no month.

    Examples
    --------
    >>> month_named("2026-11")
    datetime.date(2026, 11, 1)
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        msg = f"a month is written such as 2026-11, not {text!r}"
        raise InputError(msg) from error


def _last_day(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _of_code(store: Store, code: str, numbers: RosterParams) -> CameBack:
    night, team, _ = head_of(code)
    plan = _plan_of(store, night)
    if team >= len(plan.document["teams"]):
        msg = f"the code is one of team {team + 1} of {night}, and that night has not so many"
        raise NotFoundError(msg)
    report = report_of_code(code, plan.document, team)
    compared = compare_checkins(plan.document, report, numbers.checkin_rules)
    return CameBack(night, report.team, compared)


def _of_file(store: Store, name: str, numbers: RosterParams) -> CameBack:
    path = Path(name)
    if not path.is_file():
        msg = f"there is no file {name}"
        raise FileMissingError(msg)
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        msg = f"{name} cannot be read as JSON: {error}"
        raise FormatError(msg) from error
    night, report = report_of_file(content)
    plan = _plan_of(store, night)
    return CameBack(
        night, report.team, compare_checkins(plan.document, report, numbers.checkin_rules)
    )


def _plan_of(store: Store, night: date) -> PlannedNight:
    plans = planned_nights(store, since=night, until=night)
    if not plans:
        msg = (
            f"no plan of {night} is kept: `fengqiao roster plan` and `fengqiao patrol publish` "
            f"keep what they give out"
        )
        raise NotFoundError(msg)
    return plans[0]
