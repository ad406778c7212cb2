"""The `fengqiao` command.

    cli_terms     options and ways of speaking that the commands share
    cli_import    init, import, demo
    cli_template  template
    cli_reconcile reconcile
    cli_check     check
    cli_find      find
    cli_grids     grids propose
    cli_sites     sites propose
    cli_answers   coverage, response, targets, rectification
    cli_patrol    patrol, patrol publish, sheets, export
    cli_plates    plates
    cli_duty      duty, closures
    cli_incidents incident, incidents
    cli_cordon    cordon
    cli_sweep     sweep
    cli_circles   circles
    cli_report    report
    cli_roster    roster, checkins
    cli_files     map, export
    cli_serve     serve
    cli_user      user
    cli_links     links, hazards
    cli_worker    worker, jobs
    cli_backup    backup, restore

Libraries are imported inside the commands, so that help and usage errors come at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from api import (
    cli_answers,
    cli_backup,
    cli_check,
    cli_circles,
    cli_cordon,
    cli_duty,
    cli_files,
    cli_find,
    cli_grids,
    cli_import,
    cli_incidents,
    cli_links,
    cli_patrol,
    cli_plates,
    cli_reconcile,
    cli_report,
    cli_roster,
    cli_serve,
    cli_sites,
    cli_sweep,
    cli_template,
    cli_user,
    cli_worker,
)
from api.cli_terms import ErrorsToExit, show
from api.version import program_version

app = typer.Typer(
    name="fengqiao",
    cls=ErrorsToExit,
    help="What a town's cameras see, who can be where in 1, 3 and 5 minutes, and which way "
    "each volunteer team walks tonight.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for commands in (
    cli_import,
    cli_template,
    cli_reconcile,
    cli_check,
    cli_find,
    cli_grids,
    cli_sites,
    cli_answers,
    cli_patrol,
    cli_plates,
    cli_duty,
    cli_incidents,
    cli_cordon,
    cli_sweep,
    cli_circles,
    cli_report,
    cli_roster,
    cli_files,
    cli_serve,
    cli_user,
    cli_links,
    cli_worker,
    cli_backup,
):
    commands.add_to(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        show(f"fengqiao-grid {program_version()}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and end."
        ),
    ] = False,
) -> None:
    """Take the options that come before a command."""
