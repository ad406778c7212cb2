"""The command report: what the answers say, as a workbook, a Word document or a PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

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

if TYPE_CHECKING:
    from api.workspace import Workspace
    from gis.layers import Layers
    from gis.store import Store
    from planner.answer import Kind
    from planner.results_coverage import Coverage

# What a report tells, in the order in which it is made.
KINDS: tuple[Kind, ...] = ("coverage", "response", "targets", "rectification")
# So many steps are told beside those of the answers: pictures, file.
STEPS = 2


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
    from maps.report import build_report, ending_of, write_report

    ending = ending_of(output)
    with progress_bar() as tell:
        with place.open_store() as store:
            layers = place.layers(store)
            documents, coverage, day = _documents(place, store, profile, tell)
        tell("pictures", 0, STEPS)
        pictures = {} if ending == ".xlsx" else _pictures(layers, coverage, lang)
        tell(ending.removeprefix("."), 1, STEPS)
        made = build_report(layers, documents, day=day, lang=lang, pictures=pictures)
        write_report(made, output)
        tell("done", STEPS, STEPS)
    if as_json:
        params = {"lang": lang, "profile": documents["targets"]["profile"]}
        head = document_head("report", layers, params=params)
        show_json({**head, "file": str(output), "answers": list(documents)})
    else:
        show(str(output))


def _documents(
    place: Workspace, store: Store, profile: str | None, tell: Callable[[str, int, int], None]
) -> tuple[dict[str, Any], Coverage, str]:
    """Return each answer's document, the coverage itself, and the day they hold for."""
    from api.answers import make_answers
    from api.answers_once import targets_of
    from api.town_targets import town_profile

    other = None if profile is None else town_profile(place, profile)
    kept = make_answers(place, store, KINDS, progress=tell)
    documents: dict[str, Any] = {kind: kept[kind].document for kind in KINDS}
    if other is not None:
        documents["targets"] = targets_of(place, store, other, progress=tell).document
    coverage: Any = kept["coverage"].result
    return documents, coverage, str(documents["targets"]["today"])


def _pictures(layers: Layers, coverage: Coverage, lang: Any) -> dict[str, bytes]:
    """Return the maps of a report."""
    from maps.pictures import Wanted, town_pictures

    seen = coverage.totals["area_rate"].value is not None
    wanted = {"map_cells": Wanted("cells", ("gaps",))} if seen else {}
    if len(coverage.sites):
        wanted["map_sites"] = Wanted("base", ("sites",))
    return town_pictures(layers, coverage, wanted, lang=lang)
