"""Files that jobs make, kept in the workspace until their job is forgotten."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from api.workspace import Workspace
from gis.errors import NotFoundError
from gis.job_rows import Job

FOLDER = "jobs"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def job_folder(workspace: Workspace, job: int) -> Path:
    """Return where a job's files are."""
    return workspace.folder / FOLDER / str(job)


def job_file(workspace: Workspace, job: Job) -> Path:
    """Return the file that a job made.

    Raises
    ------
    NotFoundError
        If it made none, or not on this machine, or it was removed.
    """
    name = None if job.result is None else job.result.get("file")
    path = job_folder(workspace, job.id) / Path(str(name)).name
    if name is not None and path.is_file():
        return path
    msg = f"job {job.id} has no file"
    raise NotFoundError(msg)


def remove_files(workspace: Workspace, jobs: Iterable[int]) -> None:
    """Remove what jobs made; what cannot be removed stays."""
    for job in jobs:
        shutil.rmtree(job_folder(workspace, job), ignore_errors=True)
