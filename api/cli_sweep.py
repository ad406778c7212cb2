"""The command `sweep`: every street of an area walked."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    document_head,
    say_made_up,
    show,
    show_json,
    the_workspace,
)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(sweep)


def sweep(
    *,
    area: Annotated[
        str, typer.Option(metavar="CODE", help="Code of a village, grid, beat or other area.")
    ],
    teams: Annotated[int, typer.Option(min=1, help="How many teams share the work.")],
    base: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            show_default="the base nearest to the area",
            help="Team from whose base all begin.",
        ),
    ] = None,
    mode: Annotated[Literal["foot", "ebike", "car"], typer.Option(help="How they move.")] = "foot",
    speed_kmh: Annotated[
        float | None,
        typer.Option(metavar="KMH", show_default="3.6 on foot", help="Pace while looking."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where the search begins.")] = 0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer which way K teams walk to see every street and lane of an area."""
    place = the_workspace(workspace)
    from planner.network import build_network
    from planner.sweep import plan_sweep

    with place.open_store() as store:
        layers = place.layers(store)
    found = plan_sweep(
        layers,
        build_network(layers),
        area,
        teams,
        team=base,
        mode=mode,
        speed_kmh=speed_kmh,
        seed=seed,
    )
    if as_json:
        asked = {"area": area, "teams": teams, "base": base, "mode": mode, "seed": seed}
        show_json({**document_head("sweep", layers, params=asked), **found.document()})
        return
    say_made_up(layers)
    show(found.summary())
