"""The commands of long work: worker, jobs."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Annotated, NoReturn

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    document_head,
    say,
    show,
    show_json,
    the_workspace,
)

group = typer.Typer(no_args_is_help=True, help="Long work asked for in pages: look at it, end it.")

ENDS = (signal.SIGINT, signal.SIGTERM)
# Whoever looks at a page goes before the work beside it.
NICE = 10
# A process whose parent is gone ends by itself, at the latest after so long.
PATIENCE_S = 5.0


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(worker)
    app.add_typer(group, name="jobs")


def worker(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End as soon as there is nothing to do.")
    ] = False,
    until_input_ends: Annotated[bool, typer.Option("--until-input-ends", hidden=True)] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Do the long work that pages ask for, until Ctrl-C; several may run at once."""
    import logging

    from api.settings import load_settings

    place = the_workspace(workspace)
    logging.basicConfig(level=load_settings().log_level.upper())
    before = {number: signal.signal(number, _interrupt) for number in ENDS}
    if until_input_ends:
        os.nice(NICE)
        threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        from api.worker import work

        taken = work(place, once=once)
    except KeyboardInterrupt:
        return
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    say(f"{taken} jobs done" if taken != 1 else "1 job done")


@group.command("list")
def list_jobs(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the last jobs, those asked for last first."""
    place = the_workspace(workspace)
    from api.jobs import with_step
    from gis.store_jobs import jobs_list

    with place.open_store() as store:
        found = jobs_list(store, limit=limit)
        documents = [with_step(store, job) for job in found]
        layers = place.layers(store) if as_json else None
    if as_json:
        show_json({**document_head("jobs", layers, params={"limit": limit}), "jobs": documents})
        return
    for job in found:
        show(job.summary())
    if not found:
        say("no job was asked for yet")


@group.command("cancel")
def cancel_job(
    number: Annotated[int, typer.Argument(min=1, help="Number of the job.")],
    *,
    workspace: WorkspaceOption = None,
) -> None:
    """Cancel a job: one that runs ends at its next step, one that is over stays as it is."""
    place = the_workspace(workspace)
    from gis.store_jobs import cancel

    with place.open_store() as store:
        show(cancel(store, number).summary())


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """End the work where it is, once: whoever is impatient does not disturb the handing back."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end_with_input() -> None:
    """End this process when its standard input does: whoever began it is gone."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(PATIENCE_S)
    os._exit(1)  # within one long call of a library
