"""Jobs in the store against a plain list of them: whatever happens, in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import store_jobs
from gis.errors import ConflictError
from gis.store import Store, open_store
from gis.store_jobs import (
    MOST_ATTEMPTS,
    cancel,
    claim,
    end_cancelled,
    events_after,
    fail,
    finish,
    give_back,
    jobs_list,
    renew,
    submit,
)

LEASE_S = 30
OVER = ("done", "failed", "cancelled")

params = st.integers(0, 2)
workers = st.sampled_from(["w1", "w2"])
# A worker ends the job it holds, or one that it thinks it holds.
ends = st.sampled_from(["renew", "finish", "fail", "end_cancelled", "counted", "not counted"])
steps = st.one_of(
    st.tuples(st.just("submit"), params),
    st.tuples(st.just("claim"), workers),
    st.tuples(ends, workers, st.integers(1, 4)),
    st.tuples(st.just("cancel"), st.integers(1, 4)),
    st.tuples(st.just("pass"), st.sampled_from([1, 20, 40])),
)


class Model:
    """Jobs as a list of dicts."""

    def __init__(self) -> None:
        self.now = 0
        self.jobs: list[dict[str, Any]] = []

    def do(self, step: tuple[Any, ...]) -> Any:
        """Return what the store must return: a number, None, or "refused"."""
        name, *given = step
        return getattr(self, f"_{name}", lambda *g: self._end(name, *g))(*given)

    def _submit(self, seed: int) -> int:
        for n, job in enumerate(self.jobs, 1):
            if job["seed"] == seed and job["state"] not in OVER and not job["cancelled"]:
                return n
        new = {"seed": seed, "state": "queued", "attempt": 0, "cancelled": False, "worker": None}
        self.jobs.append(new)
        return len(self.jobs)

    def _free(self, job: dict[str, Any]) -> bool:
        left = job["state"] == "running" and job["until"] < self.now
        return bool(left or job["state"] == "queued")

    def _claim(self, worker: str) -> int | None:
        for n, job in enumerate(self.jobs, 1):
            if self._free(job):
                if job["cancelled"]:
                    job["state"] = "cancelled"
                elif job["attempt"] >= MOST_ATTEMPTS:
                    job["state"] = "failed"
                else:
                    job |= {"state": "running", "worker": worker, "until": self.now + LEASE_S}
                    job["attempt"] += 1
                    return n
        return None

    def _cancel(self, number: int) -> Any:
        if number > len(self.jobs):
            return "none"
        job = self.jobs[number - 1]
        if self._free(job):
            job["state"] = "cancelled"
        elif job["state"] == "running":
            job["cancelled"] = True
        return number

    def _pass(self, seconds: int) -> None:
        self.now += seconds

    def _end(self, name: str, worker: str, number: int) -> Any:
        if number > len(self.jobs):
            return "none"
        job = self.jobs[number - 1]
        if job["state"] != "running" or job["worker"] != worker:
            return "refused"
        if name == "renew":
            job["until"] = self.now + LEASE_S
        elif name in ("counted", "not counted"):
            job["attempt"] -= name == "not counted"
            given_up = job["attempt"] >= MOST_ATTEMPTS
            job["state"] = "cancelled" if job["cancelled"] else "failed" if given_up else "queued"
        else:
            job["state"] = {"finish": "done", "fail": "failed"}.get(name, "cancelled")
        return number


def do(store: Store, clock: list[datetime], step: tuple[Any, ...]) -> Any:
    """Do a step in the store."""
    name, *given = step
    calls: dict[str, Callable[..., Any]] = {
        "submit": lambda seed: submit(store, "patrol", {"seed": seed}, "ann"),
        "claim": lambda worker: claim(store, worker, LEASE_S),
        "cancel": lambda number: cancel(store, number),
        "renew": lambda worker, number: renew(store, number, worker, LEASE_S),
        "finish": lambda worker, number: finish(store, number, worker, {}),
        "fail": lambda worker, number: fail(store, number, worker, "no"),
        "end_cancelled": lambda worker, number: end_cancelled(store, number, worker),
        "counted": lambda worker, number: give_back(store, number, worker, counted=True),
        "not counted": lambda worker, number: give_back(store, number, worker, counted=False),
    }
    if name == "pass":
        clock[0] += timedelta(seconds=given[0])
        return None
    try:
        job = calls[name](*given)
    except ConflictError:
        return "refused"
    except LookupError:
        return "none"
    return None if job is None else job.id


@settings(max_examples=25)
@given(st.lists(steps, min_size=5, max_size=40))
def test_the_store_does_what_a_list_of_jobs_does(taken: list[tuple[Any, ...]]) -> None:
    model, clock = Model(), [datetime(2026, 11, 26, tzinfo=UTC)]
    with pytest.MonkeyPatch.context() as patch, open_store("sqlite://", create=True) as store:
        patch.setattr(store_jobs, "_now", lambda: clock[0])
        for step in taken:
            assert do(store, clock, step) == model.do(step), step
        kept = jobs_list(store)[::-1]
        assert [(job.state, job.attempt) for job in kept] == [
            (job["state"], job["attempt"]) for job in model.jobs
        ]
        for job in kept:
            told = [event.kind for event in events_after(store, job.id)]
            # Over once, as the last thing, or not at all.
            assert [kind for kind in told if kind in OVER] == [job.state] * job.is_over
            assert not job.is_over or told[-1] == job.state
            assert told.count("started") >= job.attempt
