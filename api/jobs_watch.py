"""A running job watched by its worker: the lease held, the progress told, the cancelling seen."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Any, Self

from gis.errors import ConflictError, StoreError
from gis.job_rows import Job
from gis.store import Store
from gis.store_jobs import LEASE_S, job_of, renew, tell

log = logging.getLogger(__name__)

# Not more than one event in so long; also how often somebody's cancelling is looked for.
TICK_S = 0.5


class JobCancelledError(Exception):
    """A job shall end, and its next step is not to begin."""


class JobLostError(Exception):
    """A job is another worker's by now."""


class JobWatch:
    """Holds the lease of a job and tells how far it is, within a `with` block.

    Parameters
    ----------
    store
        The town's.
    job
        Claimed by `worker`.
    worker
        Who works on it.
    lease_s
        How long a lease holds; it is renewed three times as often.
    tick_s
        How long at least between two events, and about how long until a cancelling is seen.
    """

    def __init__(
        self,
        store: Store,
        job: Job,
        worker: str,
        *,
        lease_s: float = LEASE_S,
        tick_s: float = TICK_S,
    ) -> None:
        self._store, self._job, self._worker = store, job.id, worker
        self._lease_s, self._tick_s = lease_s, tick_s
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"job-{job.id}", daemon=True)
        self._waiting: dict[str, Any] | None = None
        self._told_at = self._looked_at = -float("inf")
        self._cancelled = self._lost = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join()

    def progress(self, step: str, done: int, total: int) -> None:
        """Take note of a step that begins.

        Parameters
        ----------
        step
            Its name; "done" says nothing, as the job itself ends with an event.
        done, total
            Its number, and how many there are.

        Raises
        ------
        JobCancelledError
            If the job shall end.
        JobLostError
            If it is another worker's by now.
        """
        if time.monotonic() - self._looked_at >= self._tick_s:
            self._look()
        if self._lost:
            raise JobLostError
        if self._cancelled:
            raise JobCancelledError
        if step != "done":
            with self._lock:
                self._waiting = {"step": step, "done": done, "total": total}
            self._tell()

    def _beat(self) -> None:
        """Hold the lease until the block ends; a store that is busy is asked again."""
        renewed_at = time.monotonic()
        while not self._ending.wait(min(self._tick_s, self._lease_s / 3) or 0.01):
            try:
                if time.monotonic() - renewed_at >= self._lease_s / 3:
                    renew(self._store, self._job, self._worker, self._lease_s)
                    renewed_at = time.monotonic()
                self._look()
                self._tell()
            except ConflictError:
                self._lost = True
            except StoreError as error:
                log.warning("job %s: %s", self._job, error)

    def _look(self) -> None:
        """See whether the job shall end or is lost."""
        self._looked_at = time.monotonic()
        job = job_of(self._store, self._job)
        self._lost |= job.worker != self._worker or job.state != "running"
        self._cancelled |= job.cancelled

    def _tell(self) -> None:
        """Write the last step, unless one was written just now: then the next beat does."""
        with self._lock:
            now = time.monotonic()
            if self._waiting is None or now - self._told_at < self._tick_s:
                return
            try:
                tell(self._store, self._job, self._worker, "step", self._waiting)
            except ConflictError:
                self._lost = True
            except StoreError as error:  # of no consequence to the work
                log.warning("job %s: %s", self._job, error)
                return
            self._waiting, self._told_at = None, now
