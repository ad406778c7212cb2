"""A worker killed in the middle of a job: another one ends it, and nothing is done twice."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api import answers, worker
from api.answers import Task
from api.auth import LOCAL
from api.jobs import submit_job
from api.kept import STANDING, find_answer
from api.workspace import Workspace, open_workspace
from gis.job_rows import Job
from gis.store_jobs import events_after, job_of
from planner.answer import Answer, Kind

LEASE_S = 1.0
# A worker that goes no further than the targets.
HANGS = f"""
import sys, time
from api import answers
from api.worker import work
from api.workspace import open_workspace

def hang(task):
    print("hangs", flush=True)
    time.sleep(600)

answers.MAKE = {{**answers.MAKE, "targets": hang}}
work(open_workspace(sys.argv[1]), lease_s={LEASE_S})
"""


@pytest.fixture
def changed(town: Path, tmp_path: Path) -> Workspace:
    """Return a copy of the tiny town that no answer fits any more."""
    workspace = open_workspace(shutil.copytree(town, tmp_path / "changed"))
    with workspace.open_store() as store:
        store.set_town(attribution=["somebody"])
    return workspace


def ask(workspace: Workspace) -> int:
    with workspace.open_store() as store:
        return submit_job(
            store, "answers", {"date": "2026-11-26", "seed": 3, "seconds": 0.2}, LOCAL
        ).id


def killed_at_the_targets(workspace: Workspace) -> None:
    """Let a worker begin the job, and kill it in the middle."""
    command = [sys.executable, "-P", "-c", HANGS, str(workspace.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hangs\n"
        process.kill()
        assert process.wait() == -signal.SIGKILL


def work_until_over(workspace: Workspace, number: int) -> Job:
    with workspace.open_store() as store:
        while not (job := job_of(store, number)).is_over:
            worker.work(workspace, lease_s=LEASE_S, once=True)
            time.sleep(0.1)
        return job


def documents(workspace: Workspace) -> dict[str, Any]:
    with workspace.open_store() as store:
        found = {kind: find_answer(store, kind) for kind in STANDING}
    return {kind: kept.document for kind, kept in found.items() if kept is not None}


def test_what_was_done_before_a_worker_was_killed_is_not_done_again(
    changed: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = open_workspace(shutil.copytree(changed.folder, tmp_path / "undisturbed"))
    number = ask(changed)
    killed_at_the_targets(changed)
    with changed.open_store() as store:
        left = job_of(store, number)
        done = {kind: find_answer(store, kind) for kind in ("coverage", "response")}
    assert (left.state, left.attempt) == ("running", 1)

    made: list[Kind] = []

    def noting(kind: Kind, make: Callable[[Task], Answer]) -> Callable[[Task], Answer]:
        def note_and_make(task: Task) -> Answer:
            made.append(kind)
            return make(task)

        return note_and_make

    with monkeypatch.context() as patch:
        patch.setattr(answers, "MAKE", {k: noting(k, make) for k, make in answers.MAKE.items()})
        over = work_until_over(changed, number)
    assert (over.state, over.attempt) == ("done", 2)
    assert made == ["targets", "rectification", "patrol"]
    assert over.result is not None
    for kind, kept in done.items():
        assert kept is not None
        assert over.result["answers"][kind]["made_at"] == kept.made_at

    assert work_until_over(undisturbed, ask(undisturbed)).attempt == 1
    assert documents(changed) == documents(undisturbed)

    # Who follows the job sees that it was begun again, and what was not done again.
    with changed.open_store() as store:
        events = events_after(store, number)
    assert [event.id for event in events] == sorted({event.id for event in events})
    kinds = [event.kind for event in events if event.kind != "step"]
    assert kinds == ["queued", "started", "started", "done"]
    begun_again = [event.id for event in events if event.kind == "started"][1]
    told = [event.detail["step"] for event in events if event.kind == "step"]
    assert "coverage" in told
    later = {e.detail["step"] for e in events if e.kind == "step" and e.id > begun_again}
    assert later <= set(made)
