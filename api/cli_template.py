"""The command that makes a workbook to be filled in: template."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    document_head,
    say,
    show,
    show_json,
    the_town_if_any,
)


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(template)


def template(
    what: Annotated[
        str, typer.Argument(metavar="LAYER|facts", help="What is asked for.", show_default=False)
    ],
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.xlsx", help="Workbook to write.")
    ],
    period: Annotated[
        list[str] | None,
        typer.Option(
            metavar="YYYY|YYYY-MM", help="Year or month to ask facts for; may be given often."
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a workbook for villages to fill in: what is known is filled in already."""
    from gis.schema import SCHEMAS

    if what not in SCHEMAS:
        msg = f"no layer {what!r}; there are: {', '.join(SCHEMAS)}"
        raise typer.BadParameter(msg, param_hint="LAYER|facts")
    if output.suffix.lower() != ".xlsx":
        msg = "a template is written as .xlsx"
        raise typer.BadParameter(msg, param_hint="-o")
    if period and what != "facts":
        msg = f"not for `template {what}`"
        raise typer.BadParameter(msg, param_hint="--period")
    _check_periods(period or [])
    town = the_town_if_any(workspace)
    from gis.template import write_template

    write_template(output, what, town=town, periods=period)
    villages = 0 if town is None else len(town["villages"])
    if town is None:
        say("no workspace here: the template is blank")
    if as_json:
        params = {"what": what, "periods": period or []}
        rows = 0 if town is None else len(town[what])
        told = {"what": what, "file": str(output), "villages": villages, "rows": rows}
        show_json({**document_head("template", town, params=params), **told})
    else:
        show(f"{output}: {what}, {villages} villages")


def _check_periods(periods: list[str]) -> None:
    """Raise a usage error for what is no year and no month."""
    from datetime import date

    for period in periods:
        form = {4: "{}-01-01", 7: "{}-01"}.get(len(period), "")
        try:
            date.fromisoformat(form.format(period))
        except ValueError:
            msg = f"{period!r} is no year such as 2025 and no month such as 2025-03"
            raise typer.BadParameter(msg, param_hint="--period") from None
