"""The worker: jobs done, failed, cancelled, handed back; its lease held; begun again if it dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from api import worker, worker_child
from api.jobs_files import job_folder
from api.jobs_kinds import JobKind, Work
from api.jobs_watch import JobWatch
from api.worker import do_job, work
from api.worker_child import kept_running, worker_command
from api.workspace import Workspace, open_workspace
from gis import store_jobs
from gis.errors import LayerMissingError, StoreError
from gis.job_rows import Job
from gis.store import Store
from gis.store_jobs import cancel, claim, events_after, finish, job_of, jobs_list, last_step, submit


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


@pytest.fixture
def workspace(town: Path, tmp_path: Path) -> Workspace:
    return open_workspace(shutil.copytree(town, tmp_path / "town"))


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with workspace.open_store() as opened:
        yield opened


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Work], dict[str, Any]]], None]:
    """Return a function that says what jobs of the kind "test" do."""

    def say(do: Callable[[Work], dict[str, Any]]) -> None:
        kind = JobKind(Anything, lambda work, _: do(work))
        monkeypatch.setattr(worker, "KINDS", {"test": kind})

    return say


def begun(store: Store, name: str = "w1") -> Job:
    submit(store, "test", {}, "ann")
    job = claim(store, name)
    assert job is not None
    return job


def told(store: Store, job: int) -> list[str]:
    return [event.kind for event in events_after(store, job)]


def test_a_job_is_done_and_says_what_came_of_it(
    workspace: Workspace, store: Store, doing: Any
) -> None:
    def do(work: Work) -> dict[str, Any]:
        work.progress("first", 0, 1)
        work.progress("done", 1, 1)
        return {"n": 1}

    doing(do)
    number = submit(store, "test", {}, "ann").id
    assert work(workspace, once=True) == 1
    job = job_of(store, number)
    assert (job.state, job.result, job.attempt) == ("done", {"n": 1}, 1)
    assert told(store, number) == ["queued", "started", "step", "done"]


def test_a_job_that_cannot_be_done_says_why_and_is_not_tried_again(
    workspace: Workspace, store: Store, doing: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def lacks(_: Work) -> dict[str, Any]:
        raise LayerMissingError("the patrol", ["teams"])

    def breaks(_: Work) -> dict[str, Any]:
        raise ZeroDivisionError

    for do in (lacks, breaks):
        doing(do)
        submit(store, "test", {}, "ann")
        assert work(workspace, once=True) == 1
    submit(store, "no such kind", {}, "ann")
    assert work(workspace, once=True) == 1
    unknown, bug, missing = jobs_list(store, limit=3)
    assert {job.state for job in (unknown, bug, missing)} == {"failed"}
    assert missing.message is not None
    assert missing.message.startswith("the patrol needs the layer teams")
    assert bug.message == "it failed: the worker's log says more"
    assert unknown.message == "no kind of job 'no such kind'"
    assert "ZeroDivisionError" in caplog.text


def test_a_store_that_is_busy_is_worth_another_attempt(
    workspace: Workspace, store: Store, doing: Any
) -> None:
    attempts: list[int] = []

    def do(work: Work) -> dict[str, Any]:
        attempts.append(work.job.attempt)
        if len(attempts) < 2:
            msg = "another program is writing to it"
            raise StoreError(msg)
        return {}

    doing(do)
    number = submit(store, "test", {}, "ann").id
    assert work(workspace, once=True) == 2
    assert attempts == [1, 2]
    assert job_of(store, number).state == "done"
    assert told(store, number) == ["queued", "started", "returned", "started", "done"]


def test_an_outcome_is_kept_although_the_store_is_busy_at_first(
    workspace: Workspace, store: Store, doing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    doing(lambda work: {})
    tries: list[int] = []

    def busy(*given: Any) -> Job:
        tries.append(1)
        if len(tries) < 3:
            msg = "busy"
            raise StoreError(msg)
        return finish(*given)

    monkeypatch.setattr(worker, "finish", busy)
    monkeypatch.setattr(worker, "AGAIN_S", 0)
    job = begun(store)
    do_job(workspace, store, job, "w1")
    assert job_of(store, job.id).state == "done"


def test_a_running_job_ends_at_its_next_step_when_it_is_cancelled(
    workspace: Workspace, store: Store, doing: Any
) -> None:
    steps: list[str] = []

    def do(work: Work) -> dict[str, Any]:
        for step in ("first", "second", "third"):
            time.sleep(0.6)  # longer than a tick
            work.progress(step, 0, 3)
            steps.append(step)
            if step == "second":
                cancel(work.store, work.job.id)
        return {}

    doing(do)
    job = begun(store)
    do_job(workspace, store, job, "w1")
    assert steps == ["first", "second"]
    assert job_of(store, job.id).state == "cancelled"
    assert told(store, job.id)[-2:] == ["cancelling", "cancelled"]


def test_a_lease_is_held_for_as_long_as_the_work_takes(
    workspace: Workspace, store: Store, doing: Any
) -> None:
    lease_s, asked = 2.0, []

    def do(work: Work) -> dict[str, Any]:
        until = time.monotonic() + 2 * lease_s
        while time.monotonic() < until:
            time.sleep(0.2)
            asked.append(claim(work.store, "w2", lease_s))
        return {}

    doing(do)
    submit(store, "test", {}, "ann")
    job = claim(store, "w1", lease_s)
    assert job is not None
    do_job(workspace, store, job, "w1", lease_s=lease_s)
    assert set(asked) == {None}
    assert job_of(store, job.id).state == "done"


def test_a_worker_that_lost_its_job_leaves_it_and_spoils_nothing(
    workspace: Workspace, store: Store, doing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def do(work: Work) -> dict[str, Any]:
        with monkeypatch.context() as patch:  # as if this process had slept
            later = datetime.now(UTC) + timedelta(hours=1)
            patch.setattr(store_jobs, "_now", lambda: later)
            assert claim(work.store, "w2") is not None
        time.sleep(0.6)
        work.progress("first", 0, 1)
        steps.append("first")
        return {"by": "w1"}

    doing(do)
    job = begun(store)
    do_job(workspace, store, job, "w1")
    assert steps == []
    assert (job_of(store, job.id).state, job_of(store, job.id).worker) == ("running", "w2")
    finish(store, job.id, "w2", {"by": "w2"})
    assert job_of(store, job.id).result == {"by": "w2"}


def test_steps_that_follow_fast_are_told_at_most_twice_a_second_and_the_last_one_is(
    store: Store,
) -> None:
    job = begun(store)
    began = time.monotonic()
    with JobWatch(store, job, "w1") as watch:
        for step in range(200):
            watch.progress(f"s{step}", step, 200)
            time.sleep(0.005)
        for _ in range(100):  # the last one is told a moment later
            last = last_step(store, job.id)
            if last is not None and last.detail["step"] == "s199":
                break
            time.sleep(0.1)
        took = time.monotonic() - began
    steps = [e.detail["step"] for e in events_after(store, job.id) if e.kind == "step"]
    assert steps[0] == "s0"
    assert steps[-1] == "s199"
    assert len(steps) <= 1 + took / 0.5


def test_an_interrupted_worker_hands_its_job_back(
    workspace: Workspace, store: Store, doing: Any
) -> None:
    def do(_: Work) -> dict[str, Any]:
        raise KeyboardInterrupt

    doing(do)
    job = begun(store)
    with pytest.raises(KeyboardInterrupt):
        do_job(workspace, store, job, "w1")
    back = job_of(store, job.id)
    assert (back.state, back.attempt, back.worker) == ("queued", 0, None)
    doing(lambda work: {})
    assert work(workspace, once=True) == 1
    assert job_of(store, job.id).state == "done"


def test_old_jobs_and_their_files_are_removed(
    workspace: Workspace, store: Store, doing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    doing(lambda work: {})
    old = begun(store)
    with monkeypatch.context() as patch:
        past = datetime.now(UTC) - timedelta(days=31)
        patch.setattr(store_jobs, "_now", lambda: past)
        finish(store, old.id, "w1", {"file": "report.pdf"})
    new = begun(store)
    finish(store, new.id, "w1", {})
    for job in (old, new):
        job_folder(workspace, job.id).mkdir(parents=True)
        (job_folder(workspace, job.id) / "report.pdf").write_bytes(b"%PDF")
    assert work(workspace, once=True) == 0
    assert [job.id for job in jobs_list(store)] == [new.id]
    assert not job_folder(workspace, old.id).exists()
    assert (job_folder(workspace, new.id) / "report.pdf").exists()


def test_the_command_ends_when_it_is_told_to_or_its_input_ends(workspace: Workspace) -> None:
    command = worker_command(workspace.folder)
    for end in ("input", "signal"):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdin is not None
            time.sleep(1)
            assert process.poll() is None
            if end == "input":
                process.stdin.close()
            else:
                process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) in (0, -signal.SIGTERM)  # or told before it listened
            assert process.stderr is not None
            assert process.stderr.read() == b""


def test_a_process_kept_running_is_begun_again_when_it_dies_and_ends_with_the_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_child, "FIRST_PAUSE_S", 0.01)
    begun = tmp_path / "begun"
    code = (
        f"import os, sys; open({str(begun)!r}, 'a').write(f'{{os.getpid()}}\\n'); sys.stdin.read()"
    )

    def pids(at_least: int) -> list[int]:
        for _ in range(600):
            found = begun.read_text().split() if begun.exists() else []
            if len(found) >= at_least:
                return [int(pid) for pid in found]
            time.sleep(0.05)
        raise TimeoutError

    with kept_running([sys.executable, "-c", code]):
        (first,) = pids(1)
        os.kill(first, signal.SIGKILL)
        second = pids(2)[1]
        assert second != first
        os.kill(second, 0)  # it is there
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)
    assert not [t for t in threading.enumerate() if t.name == "worker-keeper"]
