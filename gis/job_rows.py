"""What is known of long work: plain rows of jobs and of how they went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
STATES: tuple[JobState, ...] = ("queued", "running", "done", "failed", "cancelled")
# States that nothing comes after; a job's last event is named like them.
OVER: tuple[JobState, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Job:
    """One piece of long work.

    Parameters
    ----------
    id
        Its number.
    kind
        "answers", "patrol", "roster" or "report".
    params
        What was asked for, as JSON.
    state
        One of `STATES`.
    made_at, started_at, finished_at
        ISO 8601, UTC; None where it has not come to that. `started_at` is of the first attempt.
    made_by
        Name of the account that asked for it.
    attempt
        How often it was begun.
    worker
        Who works on it.
    lease_until
        Until when nobody else takes it, ISO 8601, UTC.
    cancelled
        Whether it shall end at its next step.
    result
        What came of it, as JSON.
    message
        Why it failed.
    """

    id: int
    kind: str
    params: Mapping[str, Any]
    state: JobState
    made_at: str
    made_by: str
    started_at: str | None = None
    finished_at: str | None = None
    attempt: int = 0
    worker: str | None = None
    lease_until: str | None = None
    cancelled: bool = False
    result: Mapping[str, Any] | None = None
    message: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing comes after."""
        return self.state in OVER

    def summary(self) -> str:
        """Return one line: number, kind, state, and why it failed.

        Examples
        --------
        >>> Job(7, "patrol", {}, "failed", "2026-11-26T20:00:00+00:00", "local",
        ...     message="no streets").summary()
        '7 patrol failed, asked for at 2026-11-26T20:00:00+00:00 by local: no streets'
        """
        why = "" if self.message is None else f": {self.message}"
        asked = f"asked for at {self.made_at} by {self.made_by}"
        return f"{self.id} {self.kind} {self.state}, {asked}{why}"


@dataclass(frozen=True)
class JobEvent:
    """One thing that happened to a job.

    Parameters
    ----------
    id
        Its number, rising over all jobs.
    job
        The job's.
    at
        ISO 8601, UTC.
    kind
        "queued", "started", "step", "cancelling", "returned", or a state out of `OVER`.
    detail
        Such as step, done and total.
    """

    id: int
    job: int
    at: str
    kind: str
    detail: Mapping[str, Any]

    def summary(self) -> str:
        """Return one line: when, what, and its detail."""
        told = ", ".join(f"{name} {value}" for name, value in self.detail.items())
        return f"{self.at} {self.kind}{': ' if told else ''}{told}"

    def document(self) -> dict[str, Any]:
        """Return it as JSON gives it."""
        return {**asdict(self), "detail": dict(self.detail)}
