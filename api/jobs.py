"""Long work of a town: asked for here, done by a worker (`api.worker`).

jobs_kinds    what may be asked for, and what is called for it
jobs_watch    the lease, the progress, the cancelling
jobs_report   reports as files
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from api.auth import Who
from api.jobs_kinds import KINDS
from gis.errors import NotFoundError, ParameterError
from gis.job_rows import Job, JobEvent
from gis.store import Store
from gis.store_jobs import last_step, submit

__all__ = ["KINDS", "checked_params", "job_document", "submit_job"]


def submit_job(store: Store, kind: str, params: Mapping[str, Any], who: Who) -> Job:
    """Return a new job, or the one that waits or runs already for the same.

    Parameters
    ----------
    store
        The town's.
    kind
        Name out of `KINDS`.
    params
        What exactly, as JSON; see `api.jobs_kinds`.
    who
        Who asks.

    Raises
    ------
    NotFoundError
        If there is no such kind.
    ParameterError
        If the kind does not know a parameter, or cannot use it; all of them are named.
    ConflictError
        If too many jobs wait.
    """
    return submit(store, kind, checked_params(kind, params), who.name)


def checked_params(kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked for as JSON: in one form, so that the same is known as the same.

    Examples
    --------
    >>> checked_params("patrol", {"date": "2026-11-26", "seed": "7"})
    {'date': '2026-11-26', 'seed': 7}
    >>> checked_params("report", {})
    {'format': 'pdf', 'lang': 'both'}
    """
    if kind not in KINDS:
        msg = f"no kind of job {kind!r}; there are: {', '.join(KINDS)}"
        raise NotFoundError(msg)
    try:
        asked = KINDS[kind].asked.model_validate(params)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise ParameterError("; ".join(faults)) from error
    return asked.model_dump(mode="json", by_alias=True, exclude_none=True)


def job_document(job: Job, step: JobEvent | None = None) -> dict[str, Any]:
    """Return a job as JSON gives it.

    Parameters
    ----------
    job
        Which.
    step
        What was told last of how far it is.
    """
    return {
        "id": job.id,
        "kind": job.kind,
        "params": dict(job.params),
        "state": job.state,
        "cancelling": job.cancelled and not job.is_over,
        "made_at": job.made_at,
        "made_by": job.made_by,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "attempt": job.attempt,
        "progress": None if step is None or job.state != "running" else dict(step.detail),
        "result": None if job.result is None else dict(job.result),
        "message": job.message,
    }


def with_step(store: Store, job: Job) -> dict[str, Any]:
    """Return a job as JSON gives it, with how far it is."""
    return job_document(job, last_step(store, job.id) if job.state == "running" else None)
