"""Commands on sites: sites propose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    document_head,
    show,
    show_json,
    the_workspace,
)

if TYPE_CHECKING:
    from gis.proposals import Kind

What = Literal["entrances", "junctions"]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    sites = typer.Typer(no_args_is_help=True, help="Places that the rates are counted by.")
    sites.command()(propose)
    # With one command alone Typer would leave its name out.
    sites.callback()(_sites)
    app.add_typer(sites, name="sites")


def _sites() -> None:
    """Places that the rates are counted by."""


def propose(
    what: Annotated[What, typer.Argument(metavar="entrances|junctions", show_default=False)],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="List to check by hand: .gpkg, .xlsx, .geojson or .csv.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose village entrances or junctions; check the list, then `import sites` it."""
    place = the_workspace(workspace)
    from gis.made_up import MARK, marked
    from gis.proposals import propose as proposals_for
    from gis.write import write_layer

    kind: Kind = "entrance" if what == "entrances" else "junction"
    with place.open_store() as store:
        layers = place.layers(store)
    found = proposals_for(kind, layers)
    if output is not None:
        write_layer(marked(found.sites) if layers.made_up else found.sites, output, "sites")
    if as_json:
        head = document_head("sites", layers, params={"kind": kind})
        file = None if output is None else str(output)
        show_json({**head, "file": file, **found.document()})
        return
    if layers.made_up:
        show(MARK)
    show(found.summary())
    if output is not None:
        # A table does not say what its coordinates are.
        crs = " --crs wgs84" if output.suffix.lower() in (".xlsx", ".csv") else ""
        show(f"{output}: check the list, then `fengqiao import sites {output}{crs}`")
