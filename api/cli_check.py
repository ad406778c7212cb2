"""The command check: what is wrong with the town's own files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

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

if TYPE_CHECKING:
    from gis.checks import CheckReport
    from gis.layers import Layers

WRITE_ALL = {
    "zh": "加 -o 目录，写出全部问题的表格和地图图层",
    "en": "-o DIR writes a table and map layers of all of them",
}


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(check)


def check(
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Folder for check.xlsx, .json, .gpkg, .geojson."
        ),
    ] = None,
    gap_width_m: Annotated[
        float,
        typer.Option(min=0.1, max=1000, help="Width up to which uncovered ground is a gap."),
    ] = 5.0,
    lang: Annotated[
        Literal["zh", "en"], typer.Option(help="Language of the sentences shown.")
    ] = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check villages, grids, codes, references and totals; the town is not changed.

    Faults do not make the command fail. What a mend would move is in the layer `mends`.
    """
    place = the_workspace(workspace)
    from gis.checks import check_town
    from gis.checks_write import write_report
    from gis.made_up import MARK

    with place.open_store() as store:
        layers = place.layers(store)
    report = check_town(layers, gap_width_m=gap_width_m, codes=place.codes)
    document = _document(layers, report)
    files = [] if output is None else write_report(report, output, document)
    for warning in report.warnings:
        say(warning)
    if as_json:
        show_json(document)
        return
    if layers.made_up:
        show(MARK)
    show(report.summary(lang))
    if output is None and len(report.faults):
        say(WRITE_ALL[lang])
    for file in files:
        show(str(file))


def _document(layers: Layers, report: CheckReport) -> dict[str, Any]:
    """Return the report's document with the common head in front."""
    params = {"gap_width_m": report.gap_width_m, "codes": report.rules.profile}
    head = document_head("check", layers, params=params, warnings=report.warnings)
    return {**head, "attribution": list(layers.attribution), **report.document()}
