"""Long work over HTTP: asked for, followed, cancelled, its file fetched."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from anyio import to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import FileResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Known
from api.cli_terms import document_head
from api.errors import told
from api.incident_source import Source
from api.jobs import submit_job, with_step
from api.jobs_files import MEDIA_TYPES, job_file
from api.routes_results import View
from api.same_site import SameSite
from api.streams import Events, is_over
from api.town_view import TownView
from gis.job_rows import OVER, Job, JobEvent, JobState
from gis.store import Store
from gis.store_jobs import cancel, events_after, job_of, jobs_list

router = APIRouter()

# How often a follower's job is looked at, and how long a connection may be silent.
LOOK_S = 0.5
SILENT_S = 15.0
MOST_JOBS = 200
LARGEST = 2**31 - 1

Number = Annotated[int, Path(ge=1, le=LARGEST, description="Number of the job.")]
After = Annotated[int, Header(alias="Last-Event-ID", ge=0, le=LARGEST)]


class NewJob(BaseModel):
    """Long work to do.

    Parameters
    ----------
    kind
        "answers", "patrol", "roster" or "report".
    params
        What exactly. answers: kinds, date, seed, seconds; patrol: date, seed, seconds;
        roster: from, nights, seed; report: format, lang.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "report", "params": {"format": "pdf"}}]},
    )

    kind: str = Field(max_length=40)
    params: dict[str, Any] = Field(default_factory=dict, max_length=20)


@router.post("/jobs", status_code=202)
def submit(
    new: NewJob, view: View, source: Source, who: Known, request: Request, response: Response,
    _: SameSite,
) -> dict[str, Any]:  # fmt: skip
    """Ask for long work, and return the job: a new one, or the one that does the same already."""
    job = submit_job(source.store, new.kind, new.params, who)
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/jobs/{job.id}"
    return _document(view, source.store, job, request)


@router.get("/jobs")
def jobs(
    view: View,
    source: Source,
    request: Request,
    state: JobState | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_JOBS)] = 50,
) -> dict[str, Any]:
    """Return the last jobs, those asked for last first."""
    found = jobs_list(source.store, state=state, limit=limit)
    return {
        **document_head("jobs", view.layers, params={"state": state, "limit": limit}),
        "jobs": [_told(with_step(source.store, job), request) for job in found],
    }


@router.get("/jobs/{number}")
def job(number: Number, view: View, source: Source, request: Request) -> dict[str, Any]:
    """Return a job: its state, how far it is, what came of it."""
    return _document(view, source.store, job_of(source.store, number), request)


@router.get(
    "/jobs/{number}/events",
    response_class=Events,
    responses={204: {"description": "The last event was seen already."}},
)
async def events(number: Number, source: Source, request: Request, after: After = 0) -> Response:
    """Return what happens to a job as server-sent events, from `Last-Event-ID` on, to its end.

    Events are called queued, started, step, cancelling, returned, done, failed, cancelled; the
    last three end the stream. Whoever has seen the last one is told so by 204.
    """
    found, seen = await to_thread.run_sync(_look, source.store, number, after)
    if found.is_over and not seen:
        return Response(status_code=204)
    return Events(
        _stream(source.store, number, after, request),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.post("/jobs/{number}/cancel")
def cancel_job(
    number: Number, view: View, source: Source, request: Request, _: SameSite
) -> dict[str, Any]:
    """Cancel a job, and return it: one that runs ends at its next step, one that is over stays."""
    return _document(view, source.store, cancel(source.store, number), request)


@router.get("/jobs/{number}/file", response_class=FileResponse)
def file(number: Number, source: Source) -> FileResponse:
    """Return the file that a job made."""
    found = job_of(source.store, number)
    path = job_file(source.workspace, found)
    ending, day = path.suffix.removeprefix("."), (found.result or {}).get("day", found.made_at[:10])
    return FileResponse(
        path,
        media_type=MEDIA_TYPES.get(ending, "application/octet-stream"),
        filename=f"{source.workspace.name}-{day}.{ending}",
        headers={"Cache-Control": "no-store"},
    )


async def _stream(store: Store, number: int, after: int, request: Request) -> AsyncIterator[bytes]:
    """Give a job's events as they come; a thread is taken for each look only."""
    began = spoke = time.monotonic()
    while not is_over(began):
        found, seen = await to_thread.run_sync(_look, store, number, after)
        for event in seen:
            after = event.id
            yield _event(event, request)
        if found.is_over and (not seen or seen[-1].kind in OVER):
            return
        now = time.monotonic()
        if seen:
            spoke = now
        elif now - spoke >= SILENT_S:  # so that no proxy takes the connection for dead
            spoke = now
            yield format_sse_event(comment="still here")
        await anyio.sleep(LOOK_S)


def _look(store: Store, number: int, after: int) -> tuple[Job, tuple[JobEvent, ...]]:
    """Return a job and what has happened to it since an event; the job is not the older of both."""
    seen = events_after(store, number, after)
    return job_of(store, number), seen


def _event(event: JobEvent, request: Request) -> bytes:
    data = _told({"kind": event.kind, "at": event.at, **event.detail}, request)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return format_sse_event(data_str=text, event=event.kind, id=str(event.id))


def _document(view: TownView, store: Store, job: Job, request: Request) -> dict[str, Any]:
    head = document_head("job", view.layers, params=job.params)
    return {**head, **_told(with_step(store, job), request)}


def _told(document: dict[str, Any], request: Request) -> dict[str, Any]:
    """Return a document with its message in the language that is asked for."""
    message = document.get("message")
    return document if message is None else {**document, "message": told(request, message)}
