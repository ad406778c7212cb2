"""Commands about grids: propose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli_terms import (
    ErrorsToExit,
    JsonOption,
    WorkspaceOption,
    progress_bar,
    say,
    show,
    show_json,
    the_workspace,
)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    grids = typer.Typer(
        cls=ErrorsToExit, help="Draw the grids of the villages.", no_args_is_help=True
    )
    # A name of its own keeps it a group while it has one command.
    grids.callback()(_grids)
    grids.command()(propose)
    app.add_typer(grids, name="grids")


def _grids() -> None:
    """Draw the grids of the villages."""


def propose(
    *,
    households: Annotated[
        tuple[int, int],
        typer.Option(metavar="MIN MAX", help="Households that a grid should have."),
    ],
    village: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Divide this village only; may be given again."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="File for the grids (gpkg, geojson, csv, xlsx)."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where the search begins.")] = 0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose grids of MIN to MAX households in each village; the town is not changed.

    Look at the file, change what you know better, and import it: fengqiao import grids FILE.
    """
    place = the_workspace(workspace)
    from gis.write import write_layer
    from planner.grids import propose as propose_grids

    with place.open_store() as store:
        layers = place.layers(store)
    low, high = households
    with progress_bar() as tell:
        proposal = propose_grids(
            layers, low=low, high=high, villages=village or None, seed=seed, progress=tell
        )
    if output is not None:
        write_layer(proposal.grids, output, "grids")
    if as_json:
        for warning in proposal.warnings:
            say(warning)
        show_json({**proposal.document(), "file": None if output is None else str(output)})
    else:
        show(proposal.summary())
        if output is not None:
            show(f"{output}: grids {len(proposal.grids)}")
