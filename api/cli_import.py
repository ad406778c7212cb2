"""Commands that fill a workspace: init, import, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    progress_bar,
    say,
    show,
    show_json,
    the_folder,
    the_workspace,
)

FolderArgument = Annotated[
    Path | None,
    typer.Argument(metavar="DIR", show_default=False, help="Folder to make; else that of -w."),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("init")(init)
    app.command("import")(import_)
    app.command("demo")(demo)


def init(
    folder: FolderArgument = None,
    *,
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the town.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an empty workspace for one town."""
    from api.workspace import create_workspace

    made = create_workspace(folder or the_folder(workspace), name)
    if as_json:
        show_json({"schema": "fengqiao.init/1", "town": name, "workspace": str(made.folder)})
    else:
        show(f"{made.folder}: an empty workspace for {name}")


def import_(
    layer: Annotated[str, typer.Argument(metavar="LAYER", help="A layer's name, or `osm`.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    *,
    crs: Annotated[
        str | None,
        typer.Option(metavar="EPSG:..|wgs84|gcj02|bd09", help="What the coordinates are in."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of a text file.")] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Which column of the file is which of the layer."),
    ] = None,
    boundary: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Polygons: the part of an OpenStreetMap file to read."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what the layers hold, not add to it.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import one layer, or `osm`: every layer of an OpenStreetMap file."""
    _check_import(layer, crs=crs, encoding=encoding, mapping=mapping, boundary=boundary)
    place = the_workspace(workspace)
    from api.imports import import_file, import_osm, read_boundary
    from api.workspace import read_mapping

    with place.open_store() as store:
        if layer == "osm":
            area = None if boundary is None else read_boundary(boundary)
            report = import_osm(store, file, area, replace=replace)
        else:
            report = import_file(
                store,
                layer,
                file,
                crs=crs,
                encoding=encoding,
                mapping=None if mapping is None else read_mapping(mapping),
                replace=replace,
            )
        head = {
            "schema": "fengqiao.import/1",
            "town": place.name,
            "made_up": store.town.made_up,
            "revision": report.revision,
        }
    if as_json:
        say(report.summary())
        show_json({**head, **report.document()})
    else:
        show(report.summary())


def _check_import(layer: str, **options: object) -> None:
    """Raise a usage error for an unknown layer, or an option that this import does not take."""
    from gis.schema import SCHEMAS

    if layer != "osm" and layer not in SCHEMAS:
        msg = f"no layer {layer!r}; there are: osm, {', '.join(SCHEMAS)}"
        raise typer.BadParameter(msg, param_hint="LAYER")
    foreign = {"crs", "encoding", "mapping"} if layer == "osm" else {"boundary"}
    for name in sorted(foreign):
        if options[name] is not None:
            msg = f"not for `import {layer}`"
            raise typer.BadParameter(msg, param_hint=f"--{name}")


def demo(
    folder: FolderArgument = None,
    *,
    town: Annotated[
        Literal["sample", "helsinki"],
        typer.Option(help="The made-up sample town, or a real one from OpenStreetMap."),
    ] = "sample",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace to look at, with every answer; does nothing where it is made."""
    from api.demo import finished, make_demo

    place = folder or the_folder(workspace)
    ready = finished(place, town)
    if not ready:
        with progress_bar() as tell:
            make_demo(place, town, progress=tell)
    if as_json:
        show_json({"schema": "fengqiao.demo/1", "town": town, "workspace": str(place)})
    else:
        show(f"{place}: the demo of {town} is ready; open it with `fengqiao serve -w {place}`")
