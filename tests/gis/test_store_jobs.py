"""Jobs in the store: one worker at a time, and nothing lost when it dies."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gis import store_jobs
from gis.errors import ConflictError, NotFoundError
from gis.store import Store, open_store
from gis.store_jobs import (
    MOST_ATTEMPTS,
    cancel,
    claim,
    end_cancelled,
    events_after,
    fail,
    finish,
    forget_jobs,
    give_back,
    job_of,
    jobs_list,
    last_step,
    renew,
    submit,
    tell,
)

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


class Clock:
    """A time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(store_jobs, "_now", lambda: clock.now)
    return clock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "town.db", create=True) as opened:
        yield opened


def kinds(store: Store, job: int) -> list[str]:
    return [event.kind for event in events_after(store, job)]


def test_a_job_goes_from_queued_to_done_and_is_no_change_of_the_town(store: Store) -> None:
    before = store.stamp
    asked = submit(store, "patrol", {"seed": 1}, "ann")
    assert (asked.state, asked.made_by, asked.attempt) == ("queued", "ann", 0)
    held = claim(store, "w1")
    assert held is not None
    assert (held.id, held.state, held.worker, held.attempt) == (asked.id, "running", "w1", 1)
    tell(store, held.id, "w1", "step", {"step": "patrol", "done": 0, "total": 1})
    done = finish(store, held.id, "w1", {"score": 7})
    assert (done.state, done.result, done.worker, done.lease_until) == (
        "done", {"score": 7}, None, None,
    )  # fmt: skip
    assert done.is_over
    assert kinds(store, done.id) == ["queued", "started", "step", "done"]
    assert events_after(store, done.id)[-1].detail == {"result": {"score": 7}}
    assert claim(store, "w1") is None
    assert store.stamp == before


def test_the_same_is_not_asked_for_twice_while_it_waits_or_runs(store: Store) -> None:
    first = submit(store, "patrol", {"seed": 1}, "ann")
    assert submit(store, "patrol", {"seed": 1}, "bob") == first
    assert submit(store, "patrol", {"seed": 2}, "ann").id != first.id
    assert submit(store, "roster", {"seed": 1}, "ann").id != first.id
    claim(store, "w1")
    assert submit(store, "patrol", {"seed": 1}, "bob").id == first.id
    finish(store, first.id, "w1", {})
    assert submit(store, "patrol", {"seed": 1}, "bob").id != first.id


def test_what_is_being_cancelled_may_be_asked_for_again(store: Store) -> None:
    first = submit(store, "patrol", {}, "ann")
    claim(store, "w1")
    cancel(store, first.id)
    assert submit(store, "patrol", {}, "ann").id != first.id


def test_not_any_number_of_jobs_may_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_jobs, "MOST_QUEUED", 3)
    for seed in range(3):
        submit(store, "patrol", {"seed": seed}, "ann")
    with pytest.raises(ConflictError, match="3 jobs wait already"):
        submit(store, "patrol", {"seed": 3}, "ann")
    assert submit(store, "patrol", {"seed": 0}, "ann").id == 1  # the same as one that waits
    claim(store, "w1")
    assert submit(store, "patrol", {"seed": 3}, "ann").state == "queued"


def test_a_lease_keeps_others_away_until_it_runs_out(store: Store, clock: Clock) -> None:
    number = submit(store, "patrol", {}, "ann").id
    assert claim(store, "w1", 30)
    clock.passes(29)
    assert claim(store, "w2", 30) is None
    renew(store, number, "w1", 30)
    clock.passes(29)
    assert claim(store, "w2", 30) is None
    clock.passes(2)
    taken = claim(store, "w2", 30)
    assert taken is not None
    assert (taken.id, taken.worker, taken.attempt) == (number, "w2", 2)
    assert taken.started_at == NOON.isoformat(timespec="microseconds")  # of the first attempt
    # Whatever the first worker still says of it is refused.
    for late in (
        lambda: renew(store, number, "w1"),
        lambda: tell(store, number, "w1", "step", {}),
        lambda: finish(store, number, "w1", {}),
        lambda: fail(store, number, "w1", "no"),
        lambda: end_cancelled(store, number, "w1"),
        lambda: give_back(store, number, "w1", counted=True),
    ):
        with pytest.raises(ConflictError, match=f"job {number} is not this worker's"):
            late()
    assert job_of(store, number) == taken
    assert finish(store, number, "w2", {}).state == "done"
    with pytest.raises(ConflictError):
        finish(store, number, "w2", {})


def test_a_late_worker_whose_job_nobody_took_goes_on(store: Store, clock: Clock) -> None:
    number = submit(store, "patrol", {}, "ann").id
    claim(store, "w1", 30)
    clock.passes(300)
    assert renew(store, number, "w1", 30).worker == "w1"
    assert claim(store, "w2", 30) is None


def test_a_job_that_kills_its_workers_is_given_up(store: Store, clock: Clock) -> None:
    number = submit(store, "patrol", {}, "ann").id
    for attempt in range(MOST_ATTEMPTS):
        held = claim(store, f"w{attempt}", 30)
        assert held is not None
        assert held.attempt == attempt + 1
        clock.passes(31)
    assert claim(store, "w9", 30) is None
    failed = job_of(store, number)
    assert (failed.state, failed.worker) == ("failed", None)
    assert failed.message == "its worker ended 3 times before it was done"
    assert kinds(store, number) == ["queued", *["started"] * MOST_ATTEMPTS, "failed"]


def test_a_job_given_up_does_not_keep_the_next_one_waiting(store: Store, clock: Clock) -> None:
    submit(store, "patrol", {}, "ann")
    for worker in range(MOST_ATTEMPTS):
        claim(store, f"w{worker}", 30)
        clock.passes(31)
    second = submit(store, "roster", {}, "ann")
    held = claim(store, "w9", 30)
    assert held is not None
    assert held.id == second.id


def test_an_attempt_given_back_counts_only_if_it_is_said(store: Store) -> None:
    number = submit(store, "patrol", {}, "ann").id
    for _ in range(5):
        held = claim(store, "w1")
        assert held is not None
        assert held.attempt == 1
        assert give_back(store, number, "w1", counted=False).state == "queued"
    for attempt in range(MOST_ATTEMPTS):
        claim(store, "w1")
        back = give_back(store, number, "w1", counted=True, message="busy")
        assert back.state == ("queued" if attempt + 1 < MOST_ATTEMPTS else "failed")
    assert job_of(store, number).message == "busy"


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_step(
    store: Store,
) -> None:
    waiting, running = (submit(store, "patrol", {"seed": n}, "ann").id for n in (2, 1))
    assert cancel(store, waiting).state == "cancelled"
    held = claim(store, "w1")
    assert held is not None
    assert held.id == running
    assert not held.cancelled
    told = cancel(store, running)
    assert (told.state, told.cancelled) == ("running", True)
    assert renew(store, running, "w1").cancelled
    cancel(store, running)  # pressed twice
    assert end_cancelled(store, running, "w1").state == "cancelled"
    assert kinds(store, running) == ["queued", "started", "cancelling", "cancelled"]
    assert cancel(store, running) == job_of(store, running)
    with pytest.raises(NotFoundError, match="there is no job 99"):
        cancel(store, 99)


def test_a_cancelled_job_is_not_begun_again(store: Store, clock: Clock) -> None:
    left, dead, back = (submit(store, "patrol", {"seed": n}, "ann").id for n in range(3))
    for _ in range(3):
        claim(store, "w1", 30)
    cancel(store, left)
    cancel(store, back)
    assert give_back(store, back, "w1", counted=False).state == "cancelled"
    clock.passes(31)
    assert cancel(store, dead).state == "cancelled"  # nobody is at it
    assert claim(store, "w2", 30) is None
    assert job_of(store, left).state == "cancelled"


def test_a_finished_job_stays_done_however_late_it_was_to_be_cancelled(store: Store) -> None:
    number = submit(store, "patrol", {}, "ann").id
    claim(store, "w1")
    cancel(store, number)
    assert finish(store, number, "w1", {}).state == "done"


def test_a_failed_job_says_why(store: Store) -> None:
    number = submit(store, "patrol", {}, "ann").id
    claim(store, "w1")
    failed = fail(store, number, "w1", "no streets")
    assert failed.summary().endswith("by ann: no streets")
    assert events_after(store, number)[-1].detail == {"message": "no streets"}


def test_events_are_asked_for_from_one_on(store: Store) -> None:
    first, second = (submit(store, kind, {}, "ann").id for kind in ("patrol", "roster"))
    claim(store, "w1")
    steps = [
        tell(store, first, "w1", "step", {"step": step, "done": n, "total": 2})
        for n, step in enumerate(["coverage", "patrol"])
    ]
    every = events_after(store, first)
    assert [event.kind for event in every] == ["queued", "started", "step", "step"]
    assert {event.job for event in every} == {first}
    assert events_after(store, first, every[1].id) == tuple(steps)
    assert events_after(store, first, every[1].id, limit=1) == (steps[0],)
    assert events_after(store, first, every[-1].id) == ()
    assert last_step(store, first) == steps[-1]
    assert last_step(store, second) is None


def test_the_last_jobs_come_first(store: Store) -> None:
    numbers = [submit(store, "patrol", {"seed": seed}, "ann").id for seed in range(4)]
    claim(store, "w1")
    assert [job.id for job in jobs_list(store)] == numbers[::-1]
    assert [job.id for job in jobs_list(store, limit=2)] == numbers[:1:-1]
    assert [job.id for job in jobs_list(store, state="running")] == numbers[:1]


def test_old_jobs_are_forgotten_with_their_events(store: Store, clock: Clock) -> None:
    old, running = (submit(store, "patrol", {"seed": n}, "ann").id for n in range(2))
    claim(store, "w1", 1e9)
    claim(store, "w1", 1e9)
    finish(store, old, "w1", {})
    clock.passes(86_400)
    new = submit(store, "patrol", {"seed": 9}, "ann").id
    claim(store, "w1")
    fail(store, new, "w1", "no")
    assert forget_jobs(store, NOON + timedelta(hours=1)) == (old,)
    assert [job.id for job in jobs_list(store)] == [new, running]
    assert events_after(store, old) == ()
    assert forget_jobs(store, NOON + timedelta(hours=1)) == ()
    assert submit(store, "patrol", {"seed": 0}, "ann").id > new  # no number is used twice


def test_workers_who_ask_at_the_same_time_never_get_the_same_job(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    with open_store(path, create=True) as store:
        numbers = [submit(store, "patrol", {"seed": seed}, "ann").id for seed in range(20)]

    def work(worker: int) -> list[int]:
        taken = []
        with open_store(path) as store:
            while (job := claim(store, f"w{worker}")) is not None:
                taken.append(job.id)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [number for done in pool.map(work, range(4)) for number in done]
    assert sorted(taken) == numbers
