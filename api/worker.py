"""The worker: does the jobs of one town, one after another."""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from api.jobs_files import remove_files
from api.jobs_kinds import KINDS, Work
from api.jobs_watch import JobCancelledError, JobLostError, JobWatch
from api.workspace import Workspace
from gis.errors import ConflictError, FengqiaoError, StoreError
from gis.job_rows import Job
from gis.store import Store
from gis.store_jobs import LEASE_S, claim, end_cancelled, fail, finish, forget_jobs, give_back

log = logging.getLogger(__name__)

IDLE_S = 0.5
# A store that another program writes to is asked again after so long, so often.
AGAIN_S = 2.0
TRIES = 5
# Jobs that are over and their files are kept so long.
KEPT_DAYS = 30
BUG = "it failed: the worker's log says more"


def work(
    workspace: Workspace, *, lease_s: float = LEASE_S, idle_s: float = IDLE_S, once: bool = False
) -> int:
    """Do jobs until the process is interrupted, and return how many were taken.

    Parameters
    ----------
    workspace
        The town.
    lease_s
        How long another worker waits before it takes a job whose worker does not stir.
    idle_s
        How long to wait where there is nothing to do.
    once
        Return as soon as there is nothing to do.

    Raises
    ------
    KeyboardInterrupt
        If the process is told to end; the job it is at waits for another worker then.
    """
    name, taken = worker_name(), 0
    with workspace.open_store() as store:
        _tidy(workspace, store)
        while True:
            job = _next(store, name, lease_s)
            if job is not None:
                do_job(workspace, store, job, name, lease_s=lease_s)
                _tidy(workspace, store)
                taken += 1
            elif once:
                return taken
            else:
                time.sleep(idle_s)


def worker_name() -> str:
    """Return a name that no other worker has."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def do_job(
    workspace: Workspace, store: Store, job: Job, worker: str, *, lease_s: float = LEASE_S
) -> None:
    """Do a job, and keep what came of it; no error of the job leaves this function.

    Parameters
    ----------
    workspace, store
        The town.
    job
        Claimed by `worker`.
    worker
        Who works on it.
    lease_s
        How long a lease holds.
    """
    end = _outcome(workspace, store, job, worker, lease_s)
    for _ in range(TRIES):
        try:
            end()
        except ConflictError:
            log.warning("job %s was taken over by another worker", job.id)
        except StoreError as error:
            log.warning("job %s: %s", job.id, error)
            time.sleep(AGAIN_S)
            continue
        return


def _outcome(
    workspace: Workspace, store: Store, job: Job, worker: str, lease_s: float
) -> Callable[[], object]:
    """Do a job, and return what keeps its outcome."""
    kind = KINDS.get(job.kind)
    if kind is None:
        return partial(fail, store, job.id, worker, f"no kind of job {job.kind!r}")
    try:
        with JobWatch(store, job, worker, lease_s=lease_s) as watch:
            done = Work(workspace, store, job, watch.progress)
            result = kind.do(done, kind.asked.model_validate(dict(job.params)))
    except JobCancelledError:
        return partial(end_cancelled, store, job.id, worker)
    except JobLostError:
        return lambda: log.warning("job %s was taken over by another worker", job.id)
    except StoreError as error:  # another program writes for long: worth another attempt
        return partial(give_back, store, job.id, worker, counted=True, message=str(error))
    except FengqiaoError as error:
        return partial(fail, store, job.id, worker, str(error))
    except KeyboardInterrupt:
        give_back(store, job.id, worker, counted=False)
        raise
    except Exception:
        log.exception("job %s (%s) failed", job.id, job.kind)
        return partial(fail, store, job.id, worker, BUG)
    return partial(finish, store, job.id, worker, result)


def _next(store: Store, worker: str, lease_s: float) -> Job | None:
    """Return the next job, or None where there is none or the store is busy."""
    try:
        return claim(store, worker, lease_s)
    except StoreError as error:
        log.warning("%s", error)
        return None


def _tidy(workspace: Workspace, store: Store) -> None:
    """Forget old jobs, and remove their files."""
    try:
        remove_files(workspace, forget_jobs(store, datetime.now(UTC) - timedelta(days=KEPT_DAYS)))
    except StoreError as error:  # next time will do
        log.warning("%s", error)
