"""Kinds of long work: what may be asked for, and that one job makes nothing twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api import answers, jobs_kinds
from api.answers import Task
from api.auth import LOCAL
from api.jobs import KINDS, checked_params, submit_job
from api.jobs_files import job_file, job_folder
from api.jobs_kinds import Work
from api.kept import find_answer
from api.roster import make_roster
from api.workspace import Workspace, open_workspace
from gis.errors import NotFoundError, ParameterError
from gis.job_rows import Job
from gis.store import Store
from planner.answer import Answer, Kind


@pytest.fixture
def workspace(town: Path, tmp_path: Path) -> Workspace:
    return open_workspace(shutil.copytree(town, tmp_path / "town"))


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with workspace.open_store() as opened:
        yield opened


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Kind]:
    """Return the kinds of answer that were made, as they are."""
    kinds: list[Kind] = []

    def noting(kind: Kind, task: Task) -> Answer:
        kinds.append(kind)
        return before[kind](task)

    before = answers.MAKE
    noted = {kind: lambda task, kind=kind: noting(kind, task) for kind in before}
    monkeypatch.setattr(answers, "MAKE", noted)
    return kinds


def silent(_step: str, _done: int, _total: int) -> None:
    pass


def do(workspace: Workspace, store: Store, job: Job, progress: Any = silent) -> dict[str, Any]:
    kind = KINDS[job.kind]
    asked = kind.asked.model_validate(dict(job.params))
    return kind.do(Work(workspace, store, job, progress), asked)


def begun(kind: str, **params: Any) -> Job:
    """Return a job that was begun just now."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    return Job(7, kind, checked_params(kind, params), "running", now, "ann", now, attempt=1)


def test_what_is_asked_for_has_one_form(store: Store) -> None:
    assert checked_params("answers", {}) == {
        "kinds": ["coverage", "response", "patrol", "targets", "rectification"]
    }
    assert checked_params("roster", {"from": "2026-11-27", "nights": None}) == {
        "from": "2026-11-27"
    }
    job = submit_job(store, "report", {"format": "pdf"}, LOCAL)
    assert submit_job(store, "report", {"lang": "both"}, LOCAL).id == job.id


def test_every_fault_of_what_is_asked_for_is_told_at_once() -> None:
    with pytest.raises(ParameterError, match=r"date: .*; seed: .*; pace: "):
        checked_params("patrol", {"date": "soon", "seed": -1, "pace": 3})
    with pytest.raises(NotFoundError, match="answers, patrol, roster, report"):
        checked_params("magic", {})


def test_answers_that_fit_the_town_are_not_made_again(
    workspace: Workspace, store: Store, made: list[Kind]
) -> None:
    done = do(workspace, store, begun("answers", kinds=["coverage", "response"]))
    assert made == []
    assert list(done["answers"]) == ["coverage", "response"]
    store.set_town(attribution=["somebody"])
    do(workspace, store, begun("answers", kinds=["response"]))
    assert made == ["coverage", "response"]


def test_steps_of_answers_are_counted_over_all_of_them(workspace: Workspace, store: Store) -> None:
    store.set_town(attribution=["somebody"])
    steps: list[tuple[str, int, int]] = []
    job = begun("answers", kinds=["patrol", "targets"], seconds=0.1)
    do(workspace, store, job, lambda *step: steps.append(step) if step[0] != "done" else None)
    assert steps == [("coverage", 0, 4), ("response", 1, 4), ("targets", 2, 4), ("patrol", 3, 4)]


def test_a_patrol_asked_for_anew_is_planned_anew_and_once_for_a_job(
    workspace: Workspace, store: Store, made: list[Kind]
) -> None:
    job = begun("patrol", date="2026-11-27", seed=4, seconds=0.1)
    done = do(workspace, store, job)
    assert (done["date"], done["seed"]) == ("2026-11-27", 4)
    assert made == ["patrol"]
    assert do(workspace, store, replace(job, attempt=2)) == done
    assert made == ["patrol"]
    do(workspace, store, begun("patrol", date="2026-11-27", seed=4, seconds=0.1))
    assert made == ["patrol"] * 2
    # As one of many answers it is taken if it is what is asked for, and only then.
    do(workspace, store, begun("answers", kinds=["patrol"], date="2026-11-27", seed=4, seconds=0.1))
    assert made == ["patrol"] * 2
    do(workspace, store, begun("answers", kinds=["patrol"], date="2026-11-28", seed=4, seconds=0.1))
    assert made == ["patrol"] * 3


def test_a_job_is_of_the_day_on_which_it_was_asked_for_however_late_it_is_done(
    workspace: Workspace, store: Store
) -> None:
    job = replace(begun("patrol", seconds=0.1), made_at="2026-11-26T18:30:00.000000+00:00")
    assert Work(workspace, store, job, silent).day == date(2026, 11, 27)  # in the town
    assert do(workspace, store, job)["date"] == "2026-11-27"


def test_nights_are_planned_once_for_a_job(
    workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[date] = []

    def make(*given: Any, first: date, **more: Any) -> Any:
        calls.append(first)
        return before(*given, first=first, **more)

    before = make_roster
    monkeypatch.setattr(jobs_kinds, "make_roster", make)
    job = begun("roster", **{"from": "2026-11-27", "nights": 2})
    assert do(workspace, store, job) == {"first": "2026-11-27", "nights": 2}
    do(workspace, store, replace(job, attempt=2))
    assert calls == [date(2026, 11, 27)]
    do(workspace, store, begun("roster", **{"from": "2026-11-27", "nights": 2}))
    do(workspace, store, replace(job, params={"from": "2026-11-27", "nights": 3}))
    assert len(calls) == 3


def test_a_report_is_written_once_for_a_job(
    workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def make(_place: Any, _store: Any, output: Path, **_more: Any) -> str:
        written.append(output)
        output.write_bytes(b"%PDF-1.7")
        return "2026-11-26"

    monkeypatch.setattr(jobs_kinds, "make_report", make)
    job = begun("report", format="pdf")
    done = do(workspace, store, job)
    assert (done["file"], done["bytes"]) == ("report.pdf", 8)
    assert do(workspace, store, replace(job, attempt=2)) == done
    assert written == [job_folder(workspace, job.id) / "report.pdf"]
    assert job_file(workspace, replace(job, result=done)) == written[0]
    for result in (None, {}, {"file": "report.xlsx"}, {"file": "../../fengqiao.toml"}):
        with pytest.raises(NotFoundError, match="job 7 has no file"):
            job_file(workspace, replace(job, result=result))


def test_an_answer_made_before_the_job_was_begun_is_not_taken_for_its_own(
    workspace: Workspace, store: Store, made: list[Kind]
) -> None:
    job = begun("patrol", date="2026-11-27", seed=4, seconds=0.1)
    do(workspace, store, job)
    later = datetime.now(UTC) + timedelta(hours=1)
    do(workspace, store, replace(job, started_at=later.isoformat(timespec="microseconds")))
    assert made == ["patrol"] * 2


def test_two_days_are_compared_once_for_a_job(
    workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    before = jobs_kinds.compare

    def noting(place: Workspace, town: Store, against: str, **more: Any) -> Any:
        compared.append(against)
        return before(place, town, against, **more)

    monkeypatch.setattr(jobs_kinds, "compare", noting)
    job, steps = begun("change", against="2021-01-01", at="2022-01-01"), []
    done = do(workspace, store, job, lambda step, *_: steps.append(step))
    assert done == {"before": "2021-01-01", "after": "2022-01-01"}
    assert steps == ["before", "after", "change", "done"]
    assert do(workspace, store, replace(job, attempt=2)) == done
    assert compared == ["2021-01-01"]
    kept = find_answer(store, "change")
    assert kept is not None
    assert kept.basis["before"] == "2021-01-01"
