"""Commands about grids: propose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    import geopandas as gpd

    from gis.layers import Layers


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
    addresses: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File for the addresses with the new grid of each, to import too."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where the search begins.")] = 0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose grids of MIN to MAX households in each village; the town is not changed.

    Look at the file, change what you know better, and import it: `fengqiao import grids FILE
    --replace`. Addresses name the grid they lie in, so theirs change with it: write them with
    --addresses FILE, and import them too.
    """
    place = the_workspace(workspace)
    from gis.made_up import MARK, marked
    from gis.write import write_layer
    from planner.grids import propose as propose_grids
    from planner.grids_drawn import readdressed

    with place.open_store() as store:
        layers = place.layers(store)
    low, high = households
    with progress_bar() as tell:
        proposal = propose_grids(
            layers, low=low, high=high, villages=village or None, seed=seed, progress=tell
        )
    files: dict[str, tuple[Path | None, gpd.GeoDataFrame]] = {
        "grids": (output, proposal.grids),
        "addresses": (addresses, readdressed(layers["addresses"], proposal.grids)),
    }
    for layer, (file, frame) in files.items():
        if file is not None:
            write_layer(marked(frame) if layers.made_up else frame, file, layer)
    if as_json:
        for warning in proposal.warnings:
            say(warning)
        written = {layer: None if file is None else str(file) for layer, (file, _) in files.items()}
        show_json({**proposal.document(), "file": written["grids"], "files": written})
        return
    if layers.made_up:
        show(MARK)
    show(proposal.summary())
    for layer, (file, frame) in files.items():
        if file is not None:
            show(f"{file}: {layer} {len(frame)}")
    if output is not None:
        show(_next(layers, output, addresses))


def _next(layers: Layers, output: Path, addresses: Path | None) -> str:
    """Return what to do with the files."""
    lines = [f"look at it, then: fengqiao import grids {output}{_crs(output)} --replace"]
    if addresses is not None:
        lines.append(f"and: fengqiao import addresses {addresses}{_crs(addresses)}")
    elif layers.has("addresses"):
        lines.append("the addresses name their old grids: --addresses FILE writes them anew")
    return "\n".join(lines)


def _crs(file: Path) -> str:
    """Return the option for a table, which does not say what its coordinates are."""
    return " --crs wgs84" if file.suffix.lower() in (".xlsx", ".csv") else ""
