"""A town's report: the answers' documents and maps, written as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.answers import Progress, make_answers, silent
from api.answers_once import targets_of
from api.town_targets import town_profile
from api.workspace import Workspace
from gis.layers import Layers
from gis.store import Store
from maps.report import build_report, ending_of, write_report
from maps.report_model import ReportLang
from planner.answer import Kind
from planner.results_coverage import Coverage

# What a report tells, in the order in which it is made.
REPORT_KINDS: tuple[Kind, ...] = ("coverage", "response", "targets", "rectification")
# So many steps are told beside those of the answers: pictures, file.
STEPS = 2


def make_report(
    workspace: Workspace,
    store: Store,
    output: Path,
    *,
    lang: ReportLang = "both",
    profile: str | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Write a town's report, and return the documents it tells, by kind of answer.

    Parameters
    ----------
    workspace, store
        The town; answers that do not fit it any more are made first.
    output
        File that ends in .xlsx, .docx or .pdf; an earlier one stays until it is whole.
    lang
        "zh", "en" or "both".
    profile
        Targets to judge by; None = the town's own.
    progress
        As in `api.answers.make_answers`.

    Raises
    ------
    FormatError
        If the file ends in something else.
    """
    ending = ending_of(output)
    other = None if profile is None else town_profile(workspace, profile)
    made: list[str] = []

    def of_answers(step: str, done: int, total: int) -> None:
        if step != "done":
            made.append(step)
            progress(step, done, total + STEPS)

    layers = workspace.layers(store)
    kept = make_answers(workspace, store, REPORT_KINDS, progress=of_answers)
    documents: dict[str, Any] = {kind: kept[kind].document for kind in REPORT_KINDS}
    if other is not None:
        documents["targets"] = targets_of(workspace, store, other, progress=of_answers).document
    coverage = kept["coverage"].result
    assert isinstance(coverage, Coverage)
    before = len(made)
    progress("pictures", before, before + STEPS)
    pictures = {} if ending == ".xlsx" else _pictures(layers, coverage, lang)
    progress(ending.removeprefix("."), before + 1, before + STEPS)
    day = str(documents["targets"]["today"])
    report = build_report(layers, documents, day=day, lang=lang, pictures=pictures)
    write_report(report, output)
    progress("done", before + STEPS, before + STEPS)
    return documents


def _pictures(layers: Layers, coverage: Coverage, lang: ReportLang) -> dict[str, bytes]:
    """Return the maps of a report as PNG: those there is something to show on."""
    from maps.pictures import Wanted, town_pictures

    seen = coverage.totals["area_rate"].value is not None
    wanted = {"map_cells": Wanted("cells", ("gaps",))} if seen else {}
    if len(coverage.sites):
        wanted["map_sites"] = Wanted("base", ("sites",))
    return town_pictures(layers, coverage, wanted, lang=lang)
