"""Kinds of long work: what may be asked for, and what is called for it.

A job may be begun more than once, as its worker may end in the middle. So a kind looks at what is
kept before it makes anything: answers are held to what they were made from, what was asked for
anew is made once for the job, and a file is there whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from api.answers import Progress, make_answers, start
from api.compared import compare
from api.jobs_files import job_folder
from api.kept import STANDING, Kept, find_answer
from api.reports import make_report
from api.roster import make_roster
from api.roster_numbers import roster_params
from api.workspace import Workspace
from gis.job_rows import Job
from gis.store import Store
from planner.answer import Kind
from planner.roster_params import RosterParams

Day = date  # a field called date hides the type
Standing = Literal["coverage", "response", "patrol", "targets", "rectification"]
MOST_SEED = 2**31 - 1


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class PatrolAsked(_Params):
    """An evening's routes.

    Parameters
    ----------
    date
        The evening; else that of the day on which it is asked for.
    seed
        Where the search begins; else the town's own.
    seconds
        How long to search; else as many steps as usual.
    """

    date: Day | None = None
    seed: int | None = Field(default=None, ge=0, le=MOST_SEED)
    seconds: float | None = Field(default=None, ge=0.1, le=600)


class AnswersAsked(PatrolAsked):
    """Answers that fit the town as it is: those that do already are not made again.

    Parameters
    ----------
    kinds
        Which; what they need is made with them. `date`, `seed` and `seconds` are of the patrol.
    """

    kinds: tuple[Standing, ...] = Field(
        default=cast(tuple[Standing, ...], STANDING), min_length=1, max_length=len(STANDING)
    )


class RosterAsked(_Params):
    """The routes of many nights.

    Parameters
    ----------
    first
        The first night, "from" in JSON; else that of the day on which it is asked for.
    nights
        How many; else as the town's numbers say.
    seed
        Where all nights' seeds come from; else the town's own.
    """

    first: Day | None = Field(default=None, alias="from")
    nights: int | None = Field(default=None, ge=1, le=92)
    seed: int | None = Field(default=None, ge=0, le=MOST_SEED)


class ReportAsked(_Params):
    """The town's report as one file.

    Parameters
    ----------
    format
        "pdf", "xlsx" or "docx".
    lang
        "zh", "en" or "both".
    """

    format: Literal["pdf", "xlsx", "docx"] = "pdf"
    lang: Literal["zh", "en", "both"] = "both"


class ChangeAsked(_Params):
    """What the cameras see on two days, compared.

    Parameters
    ----------
    against
        The earlier day.
    at
        The later day; else the town as it stands.
    """

    against: Day
    at: Day | None = None


@dataclass(frozen=True)
class Work:
    """One job that is being done.

    Parameters
    ----------
    workspace, store
        The town.
    job
        Which.
    progress
        Called with each step that begins; raises where the work shall end.
    """

    workspace: Workspace
    store: Store
    job: Job
    progress: Progress

    @property
    def day(self) -> date:
        """The day in the town on which the job was asked for: the same for every attempt."""
        zone = ZoneInfo(self.workspace.params().patrol.timezone)
        return datetime.fromisoformat(self.job.made_at).astimezone(zone).date()

    @property
    def today(self) -> date:
        """The same by the clock of the machine, as answers have it."""
        return datetime.fromisoformat(self.job.made_at).astimezone().date()


def do_answers(work: Work, asked: AnswersAsked) -> dict[str, Any]:
    """Make answers, and return when each was made and from which revision."""
    made: list[str] = []
    with_patrol = "patrol" in asked.kinds

    def progress(step: str, done: int, total: int) -> None:
        made.extend([step] if step != "done" else [])
        work.progress(step, done, total + with_patrol)

    others: list[Kind] = [kind for kind in asked.kinds if kind != "patrol"]
    kept = make_answers(work.workspace, work.store, others, today=work.today, progress=progress)
    if with_patrol:
        kept["patrol"] = _patrol(work, asked, before=len(made))
    return {
        "answers": {
            kind: {"made_at": one.made_at, "revision": one.basis["revision"]}
            for kind, one in kept.items()
        }
    }


def do_patrol(work: Work, asked: PatrolAsked) -> dict[str, Any]:
    """Plan an evening anew, and return its date, seed and score."""
    document = _patrol(work, asked, anew=True).document
    return {name: document[name] for name in ("date", "seed", "score")}


def do_roster(work: Work, asked: RosterAsked) -> dict[str, Any]:
    """Plan many nights anew, and return the first and how many they are."""
    first = asked.first or work.day
    numbers = roster_params(work.workspace, nights=asked.nights)
    if not _has_roster(work, asked, first, numbers):
        make_roster(
            work.workspace, work.store,
            first=first, nights=asked.nights, seed=asked.seed, progress=work.progress,
        )  # fmt: skip
    return {"first": first.isoformat(), "nights": numbers.nights}


def do_report(work: Work, asked: ReportAsked) -> dict[str, Any]:
    """Write the report into the job's folder, and return the names of the file."""
    path = job_folder(work.workspace, work.job.id) / f"report.{asked.format}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file():  # whole, if it is there
        make_report(work.workspace, work.store, path, lang=asked.lang, progress=work.progress)
    return {"file": path.name, "bytes": path.stat().st_size, "day": work.today.isoformat()}


def do_change(work: Work, asked: ChangeAsked) -> dict[str, Any]:
    """Compare two days, and return which."""
    kept = find_answer(work.store, "change")
    against, at = asked.against.isoformat(), asked.at
    if kept is None or not _is_of(work, kept) or kept.basis["before"] != against:
        kept = compare(
            work.workspace, work.store, against, at=at, today=work.today, progress=work.progress
        )
    return {"before": kept.basis["before"], "after": kept.basis["after"]}


def _patrol(work: Work, asked: PatrolAsked, *, before: int = 0, anew: bool = False) -> Kept:
    """Return an evening's routes, kept or made.

    Parameters
    ----------
    work, asked
        What is done.
    before
        So many steps were taken before.
    anew
        Take those kept only if this job made them.
    """
    options = _patrol_options(work, asked)
    task = start(work.workspace, work.store, options=options, today=work.today)
    kept = find_answer(work.store, "patrol")
    if kept is not None and kept.basis == task.basis("patrol"):
        wanted = _as_json(vars(task.params.patrol))
        if kept.document["params"] == wanted and (_is_of(work, kept) or not anew):
            return kept
    return make_answers(
        work.workspace, work.store, ["patrol"],
        again=True, options=options, today=work.today,
        progress=lambda step, done, total: work.progress(step, done + before, total + before),
    )["patrol"]  # fmt: skip


def _has_roster(work: Work, asked: RosterAsked, first: date, numbers: RosterParams) -> bool:
    """Return whether this job has planned its nights already, in an attempt before."""
    kept = find_answer(work.store, "roster")
    if kept is None or not _is_of(work, kept):
        return False
    options = {"date": first} | ({} if asked.seed is None else {"seed": asked.seed})
    task = start(work.workspace, work.store, options=options)
    wanted = _as_json({**vars(task.params.patrol), **vars(numbers)})
    basis = {**task.basis("roster"), "first": first.isoformat()}
    return bool(kept.document["params"] == wanted and kept.basis == basis)


def _patrol_options(work: Work, asked: PatrolAsked) -> dict[str, Any]:
    """Return the numbers of the plan to change for this time."""
    day = asked.date
    if day is None and "date" not in work.workspace.changes.get("patrol", {}):
        day = work.day
    given = {"date": day, "seed": asked.seed, "seconds": asked.seconds}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if asked.seconds is not None:
        options["iterations"] = None  # as long as was asked for, not as many steps as usual
    return options


def _is_of(work: Work, kept: Kept) -> bool:
    """Return whether an answer was made since the job was begun first."""
    begun = work.job.started_at or work.job.made_at
    return datetime.fromisoformat(kept.made_at) >= datetime.fromisoformat(begun)


def _as_json(value: Mapping[str, Any]) -> Any:
    """Return numbers as JSON gives them back."""
    return json.loads(json.dumps(value, default=str))


@dataclass(frozen=True)
class JobKind:
    """A kind of long work.

    Parameters
    ----------
    asked
        What may be asked for.
    do
        Does it, and returns what came of it as JSON.
    """

    asked: type[BaseModel]
    do: Callable[[Work, Any], dict[str, Any]]


KINDS: Mapping[str, JobKind] = {
    "answers": JobKind(AnswersAsked, do_answers),
    "patrol": JobKind(PatrolAsked, do_patrol),
    "roster": JobKind(RosterAsked, do_roster),
    "report": JobKind(ReportAsked, do_report),
    "change": JobKind(ChangeAsked, do_change),
}
