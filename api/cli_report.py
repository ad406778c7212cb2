"""The command report: what the answers say, as a workbook, a Word document or a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    document_head,
    progress_bar,
    show,
    show_json,
    the_workspace,
)


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(report)


def report(
    *,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="FILE.xlsx, FILE.docx or FILE.pdf."),
    ],
    lang: Annotated[
        Literal["zh", "en", "both"], typer.Option(help="Language of the report.")
    ] = "both",
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Targets to judge by instead of the town's own; see `fengqiao targets`.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the town's figures, targets, gaps, cameras and rectification list as one file."""
    place = the_workspace(workspace)
    from api.reports import make_report

    with place.open_store() as store, progress_bar() as tell:
        layers = place.layers(store)
        documents = make_report(place, store, output, lang=lang, profile=profile, progress=tell)
    if as_json:
        params = {"lang": lang, "profile": documents["targets"]["profile"]}
        head = document_head("report", layers, params=params)
        show_json({**head, "file": str(output), "answers": list(documents)})
    else:
        show(str(output))
