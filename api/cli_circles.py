"""The command that writes the circles as a layer: circles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli_terms import JsonOption, WorkspaceOption, show, show_json, the_workspace


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(circles)


def circles(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    *,
    what: Annotated[
        Literal["streets", "areas"],
        typer.Option(help="Exact parts of streets, or the areas that maps show."),
    ] = "streets",
    within: Annotated[
        float | None, typer.Option(metavar="MIN", help="One circle; else those of 1, 3 and 5.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="Such as 'Mon 20:00'; else every unit counts."),
    ] = None,
    level: Annotated[int | None, typer.Option(min=1, max=3, help="Level of duty.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what units reach in 1, 3 and 5 minutes as a layer (gpkg, geojson)."""
    place = the_workspace(workspace)
    from api.circles import circles_layer
    from api.duty import closed_codes, town_time
    from api.incidents import prepared
    from gis.write import write_layer

    given = {"at": at, "level": level}
    options = {name: value for name, value in given.items() if value is not None}
    with place.open_store() as store:
        layers = place.layers(store)
        closed = closed_codes(layers, store, town_time(place))
    town = prepared(place, layers, closed, None)
    frame = circles_layer(town, what, minutes=within, options=options)
    write_layer(frame, file, "circles", styles=False)
    if as_json:
        show_json(
            {
                "schema": "fengqiao.circles/1",
                "town": layers.town,
                "made_up": layers.made_up,
                "revision": layers.revision,
                "what": what,
                "minutes": sorted(frame["minutes"].unique().tolist()),
                "closed": list(closed),
                "file": str(file),
                "rows": len(frame),
            }
        )
    else:
        show(f"{file}: {len(frame)} {what}")
