"""Long work in the store: asked for, leased by one worker at a time, told how far it is.

A worker holds a job for as long as it renews its lease. Whose lease ran out, has lost the job:
the next worker takes it, and whatever the first one still says of it is refused. Like duty states
it is no change of the town. Every function is one transaction; times are those of the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from gis.errors import ConflictError, NotFoundError
from gis.job_rows import OVER, Job, JobEvent, JobState
from gis.store import Store
from gis.store_engine import reading, writing
from gis.store_tables_users import job_events, jobs

LEASE_S = 30.0
# A job whose workers ended or failed so often is not begun again.
MOST_ATTEMPTS = 3
# So many may wait.
MOST_QUEUED = 100
LOST = "its worker ended {n} times before it was done"


def submit(store: Store, kind: str, params: Mapping[str, Any], by: str) -> Job:
    """Return a new job, or the one that waits or runs already for the same.

    Parameters
    ----------
    store
        The town's.
    kind
        Which work it is.
    params
        What exactly, as JSON; compared as it stands.
    by
        Name of the account that asks.

    Raises
    ------
    ConflictError
        If too many jobs wait.
    """
    with writing(store.engine) as connection:
        active = _active(connection)
        for job in active:
            if (job.kind, job.params, job.cancelled) == (kind, dict(params), False):
                return job
        if sum(job.state == "queued" for job in active) >= MOST_QUEUED:
            msg = f"{MOST_QUEUED} jobs wait already: wait for some to end, or cancel them"
            raise ConflictError(msg)
        values = {
            "kind": kind, "params": dict(params), "state": "queued", "made_at": _text(_now()),
            "made_by": by, "attempt": 0, "cancelled": False,
        }  # fmt: skip
        key = connection.execute(insert(jobs).values(**values)).inserted_primary_key
        assert key is not None
        _add_event(connection, int(key[0]), "queued")
        return _job(connection, int(key[0]))


def claim(store: Store, worker: str, lease_s: float = LEASE_S) -> Job | None:
    """Return the job that a worker shall do now, leased to it, or None where nothing waits.

    It is the oldest that waits, or whose worker's lease ran out. One that was begun
    `MOST_ATTEMPTS` times fails instead, and one that was to be cancelled is.

    Parameters
    ----------
    store
        The town's.
    worker
        Who asks; no two are called the same.
    lease_s
        How long nobody else takes it unless it is renewed.
    """
    with reading(store.engine) as connection:  # cheap, as idle workers ask all the time
        if connection.execute(select(jobs.c.id).where(_claimable(_now())).limit(1)).first() is None:
            return None
    with writing(store.engine) as connection:
        now = _now()
        query = select(jobs).where(_claimable(now)).order_by(jobs.c.id)
        for job in map(_of_row, connection.execute(query).all()):
            if job.cancelled:
                _end(connection, job.id, "cancelled")
            elif job.attempt >= MOST_ATTEMPTS:
                _end(connection, job.id, "failed", message=LOST.format(n=job.attempt))
            else:
                return _lease(connection, job, worker, now, lease_s)
    return None


def renew(store: Store, job: int, worker: str, lease_s: float = LEASE_S) -> Job:
    """Hold a job for longer, and return it: it says whether it shall be cancelled.

    Raises
    ------
    ConflictError
        If it is not this worker's any more.
    """
    with writing(store.engine) as connection:
        until = _text(_now() + timedelta(seconds=lease_s))
        _change(connection, job, worker, lease_until=until)
        return _job(connection, job)


def tell(store: Store, job: int, worker: str, kind: str, detail: Mapping[str, Any]) -> JobEvent:
    """Keep what happens to a job that a worker holds, and return it.

    Raises
    ------
    ConflictError
        If it is not this worker's any more.
    """
    with writing(store.engine) as connection:
        _held(connection, job, worker)
        return _add_event(connection, job, kind, detail)


def finish(store: Store, job: int, worker: str, result: Mapping[str, Any]) -> Job:
    """End a job that is done, and return it.

    Raises
    ------
    ConflictError
        If it is not this worker's any more.
    """
    with writing(store.engine) as connection:
        _change(connection, job, worker, result=dict(result))
        _end(connection, job, "done")
        return _job(connection, job)


def fail(store: Store, job: int, worker: str, message: str) -> Job:
    """End a job that cannot be done, and return it.

    Raises
    ------
    ConflictError
        If it is not this worker's any more.
    """
    with writing(store.engine) as connection:
        _change(connection, job, worker, message=message)
        _end(connection, job, "failed", message=message)
        return _job(connection, job)


def end_cancelled(store: Store, job: int, worker: str) -> Job:
    """End a job that its worker left because it was to be cancelled, and return it.

    Raises
    ------
    ConflictError
        If it is not this worker's any more.
    """
    with writing(store.engine) as connection:
        _change(connection, job, worker, cancelled=True)
        _end(connection, job, "cancelled")
        return _job(connection, job)


def give_back(
    store: Store, job: int, worker: str, *, counted: bool, message: str | None = None
) -> Job:
    """Let a job wait for another attempt, and return it.

    Parameters
    ----------
    store, job, worker
        Whose job it is.
    counted
        Whether this attempt counts; after `MOST_ATTEMPTS` of them the job fails. One of a worker
        that was told to end does not.
    message
        What went wrong.

    Raises
    ------
    ConflictError
        If it is not this worker's any more.
    """
    with writing(store.engine) as connection:
        held = _held(connection, job, worker)
        attempt = held.attempt if counted else held.attempt - 1
        if held.cancelled:
            _end(connection, job, "cancelled")
        elif attempt >= MOST_ATTEMPTS:
            _end(connection, job, "failed", message=message or LOST.format(n=attempt))
        else:
            values = {"state": "queued", "attempt": attempt, "worker": None, "lease_until": None}
            connection.execute(update(jobs).where(jobs.c.id == job).values(**values))
            _add_event(connection, job, "returned", {} if message is None else {"message": message})
        return _job(connection, job)


def cancel(store: Store, job: int) -> Job:
    """Cancel a job, and return it; one that is over stays as it is.

    One that waits, or whose worker's lease ran out, is cancelled at once. One that runs ends at
    its next step.

    Raises
    ------
    NotFoundError
        If there is no such job.
    """
    with writing(store.engine) as connection:
        found, now = _job(connection, job), _text(_now())
        if found.state == "queued" or (
            found.state == "running" and (found.lease_until or "") < now
        ):
            _end(connection, job, "cancelled")
        elif not found.is_over and not found.cancelled:
            connection.execute(update(jobs).where(jobs.c.id == job).values(cancelled=True))
            _add_event(connection, job, "cancelling")
        return _job(connection, job)


def job_of(store: Store, job: int) -> Job:
    """Return a job.

    Raises
    ------
    NotFoundError
        If there is no such job.
    """
    with reading(store.engine) as connection:
        return _job(connection, job)


def jobs_list(store: Store, *, state: JobState | None = None, limit: int = 50) -> tuple[Job, ...]:
    """Return the last jobs, those asked for last first.

    Parameters
    ----------
    store
        The town's.
    state
        Only those in this state.
    limit
        At most so many.
    """
    query = select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(jobs.c.state == state)
    with reading(store.engine) as connection:
        return tuple(_of_row(row) for row in connection.execute(query))


def events_after(store: Store, job: int, after: int = 0, limit: int = 1000) -> tuple[JobEvent, ...]:
    """Return what happened to a job after an event, in order.

    Parameters
    ----------
    store, job
        Which job.
    after
        Number of the event; 0 = from the first on.
    limit
        At most so many.
    """
    query = select(job_events).where(job_events.c.job == job, job_events.c.id > after)
    with reading(store.engine) as connection:
        rows = connection.execute(query.order_by(job_events.c.id).limit(limit))
        return tuple(JobEvent(**row._mapping) for row in rows)


def last_step(store: Store, job: int) -> JobEvent | None:
    """Return what was told last of how far a job is, or None."""
    query = select(job_events).where(job_events.c.job == job, job_events.c.kind == "step")
    with reading(store.engine) as connection:
        row = connection.execute(query.order_by(job_events.c.id.desc()).limit(1)).first()
        return None if row is None else JobEvent(**row._mapping)


def forget_jobs(store: Store, before: datetime) -> tuple[int, ...]:
    """Delete jobs that were over before a moment, with their events, and return their numbers."""
    old = and_(jobs.c.state.in_(OVER), jobs.c.finished_at < _text(before))
    with writing(store.engine) as connection:
        numbers = tuple(connection.execute(select(jobs.c.id).where(old)).scalars())
        connection.execute(delete(job_events).where(job_events.c.job.in_(numbers)))
        connection.execute(delete(jobs).where(jobs.c.id.in_(numbers)))
    return numbers


def _claimable(now: datetime) -> ColumnElement[bool]:
    """Return which jobs wait for a worker at a moment."""
    left = and_(jobs.c.state == "running", jobs.c.lease_until < _text(now))
    return or_(jobs.c.state == "queued", left)


def _active(connection: Connection) -> list[Job]:
    query = select(jobs).where(jobs.c.state.in_(("queued", "running"))).order_by(jobs.c.id)
    return [_of_row(row) for row in connection.execute(query)]


def _lease(connection: Connection, job: Job, worker: str, now: datetime, lease_s: float) -> Job:
    values = {
        "state": "running",
        "attempt": job.attempt + 1,
        "started_at": job.started_at or _text(now),
        "worker": worker,
        "lease_until": _text(now + timedelta(seconds=lease_s)),
    }
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(**values))
    _add_event(connection, job.id, "started", {"attempt": job.attempt + 1})
    return _job(connection, job.id)


def _held(connection: Connection, job: int, worker: str) -> Job:
    """Return a job that a worker holds."""
    found = _job(connection, job)
    if found.state != "running" or found.worker != worker:
        msg = f"job {job} is not this worker's any more"
        raise ConflictError(msg)
    return found


def _change(connection: Connection, job: int, worker: str, **values: Any) -> None:
    _held(connection, job, worker)
    connection.execute(update(jobs).where(jobs.c.id == job).values(**values))


def _end(connection: Connection, job: int, state: JobState, *, message: str | None = None) -> None:
    """Put a job into its last state; its last event has the result or the message."""
    values = {"state": state, "finished_at": _text(_now()), "worker": None, "lease_until": None}
    more = {} if message is None else {"message": message}
    connection.execute(update(jobs).where(jobs.c.id == job).values(**values, **more))
    result = _job(connection, job).result
    _add_event(connection, job, state, more if result is None else {"result": dict(result)})


def _add_event(
    connection: Connection, job: int, kind: str, detail: Mapping[str, Any] | None = None
) -> JobEvent:
    values: dict[str, Any] = {"job": job, "at": _text(_now()), "kind": kind}
    values["detail"] = dict(detail or {})
    key = connection.execute(insert(job_events).values(**values)).inserted_primary_key
    assert key is not None
    return JobEvent(int(key[0]), **values)


def _job(connection: Connection, job: int) -> Job:
    row = connection.execute(select(jobs).where(jobs.c.id == job)).first()
    if row is None:
        msg = f"there is no job {job}"
        raise NotFoundError(msg)
    return _of_row(row)


def _of_row(row: Row[Any]) -> Job:
    return Job(**row._mapping)


def _now() -> datetime:
    return datetime.now(UTC)


def _text(moment: datetime) -> str:
    """Return a moment as the store keeps it: UTC, of one length, so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
