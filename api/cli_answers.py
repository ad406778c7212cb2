"""Commands that answer: coverage, response, patrol."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    progress_bar,
    say,
    show,
    show_json,
    the_workspace,
)

if TYPE_CHECKING:
    from api.answers import Kind


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(coverage)
    app.command()(response)
    app.command()(patrol)


def coverage(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Answer what the cameras see, and where the gaps are."""
    _answer("coverage", workspace, as_json)


def response(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Answer who can be at each place in 1, 3 and 5 minutes."""
    _answer("response", workspace, as_json)


def patrol(
    *,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The evening; else today's.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Where the search begins.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="How long to search.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer which way each team walks tonight."""
    day = None if date is None else date.date()
    given = {"date": day, "seed": seed, "seconds": seconds}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if seconds is not None:
        options["iterations"] = None  # as long as was asked for, not as many steps as usual
    _answer("patrol", workspace, as_json, options)


def _answer(
    kind: Kind, workspace: Path | None, as_json: bool, options: dict[str, Any] | None = None
) -> None:
    """Compute one answer, keep it, and show it."""
    place = the_workspace(workspace)
    from api.answers import make_answers

    with place.open_store() as store, progress_bar() as tell:
        kept = make_answers(place, store, [kind], again=True, options=options, progress=tell)[kind]
    if as_json:
        for warning in kept.document["warnings"]:
            say(warning)
        show_json(kept.document)
    else:
        show(kept.summary())
