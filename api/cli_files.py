"""Commands that write files: map, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    progress_bar,
    show,
    show_json,
    the_workspace,
)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("map")(map_)
    app.command()(export)


def map_(
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the maps as pages that open from a folder, on any computer."""
    place = the_workspace(workspace)
    from api.answers import make_answers
    from api.kept import last_on_demand
    from maps.written import write_maps

    with progress_bar() as tell:
        with place.open_store() as store:
            answers = make_answers(place, store, progress=tell)
            layers = place.layers(store)
            answers |= last_on_demand(store, layers.revision)
        pages = [page.name for page in write_maps(output, layers, answers, tell)]
    if as_json:
        show_json(
            {
                "schema": "fengqiao.map/1",
                "town": layers.town,
                "made_up": layers.made_up,
                "revision": layers.revision,
                "folder": str(output),
                "pages": pages,
            }
        )
    else:
        show(f"{output}: {', '.join(pages)}")


def export(
    layer: Annotated[str, typer.Argument(metavar="LAYER")],
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one layer to a file; its ending says the format (gpkg, geojson, csv, xlsx)."""
    from gis.errors import LayerMissingError
    from gis.schema import SCHEMAS

    if layer not in SCHEMAS:
        msg = f"no layer {layer!r}; there are: {', '.join(SCHEMAS)}"
        raise typer.BadParameter(msg, param_hint="LAYER")
    place = the_workspace(workspace)
    from gis.made_up import marked
    from gis.write import write_layer

    with place.open_store() as store:
        frame, revision, town = store.layer(layer), store.revision, store.town
    if not len(frame):
        raise LayerMissingError(f"the export to {file}", [layer])
    write_layer(marked(frame) if town.made_up else frame, file, layer, revision=revision)
    if as_json:
        show_json(
            {
                "schema": "fengqiao.export/1",
                "town": place.name,
                "made_up": town.made_up,
                "revision": revision,
                "layer": layer,
                "file": str(file),
                "rows": len(frame),
            }
        )
    else:
        show(f"{file}: {layer} {len(frame)}")
