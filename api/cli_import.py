"""Commands that fill a workspace: init, import, demo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

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

if TYPE_CHECKING:
    from api.incoming import Incoming
    from gis.store import Store

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
    layer: Annotated[
        str,
        typer.Argument(metavar="LAYER", help="A layer, `osm`, `gb28181` or `cameras-sheet`."),
    ],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", show_default=False, help="A file; a folder of returned templates."
        ),
    ],
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
    guess: Annotated[
        bool, typer.Option("--guess", help="Write such a mapping file to correct; import nothing.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="1-networked|0-networked|function-28181",
            help="What 联网属性 and 摄像机功能类型 mean on the sheet; several divided by commas.",
        ),
    ] = None,
    boundary: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Polygons: the part of an OpenStreetMap file to read."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what the layers hold, not merge with it.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what would change; change nothing.")
    ] = False,
    conflicts: Annotated[
        Literal["stop", "store", "file"],
        typer.Option(help="Whose state is taken where the town and the file changed the same."),
    ] = "stop",
    vanished: Annotated[
        Literal["keep", "drop"],
        typer.Option(help="What becomes of rows of the town that the file has no more."),
    ] = "keep",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import files into a layer: rows are merged by their code, and what changes is shown."""
    given = {"crs": crs, "encoding": encoding, "mapping": mapping, "guess": guess or None}
    given |= {"profile": profile, "boundary": boundary}
    _check_import(layer, files, given)
    if guess:
        _guess(files[0], layer, crs, encoding, mapping, as_json)
        return
    place = the_workspace(workspace)
    from api.imports import bring_in

    with place.open_store() as store:
        incoming = _read(store, layer, files, given, whole=replace)
        report = bring_in(
            store,
            incoming,
            replace_layers=replace,
            conflicts=conflicts,
            vanished=vanished,
            preview=preview,
        )
        head = {
            "schema": "fengqiao.import/1",
            "town": place.name,
            "made_up": store.town.made_up,
            "revision": store.revision,
            "params": {
                **{name: None if value is None else str(value) for name, value in given.items()},
                "replace": replace,
                "conflicts": conflicts,
                "vanished": vanished,
            },
            "assumed": [],
        }
    if as_json:
        say(report.summary())
        show_json({**report.document(), **head})
    else:
        show(report.summary())


def _read(
    store: Store, layer: str, files: list[Path], given: Mapping[str, Any], *, whole: bool
) -> Incoming:
    """Return what files bring to a layer, or to all that they are about."""
    from api import incoming as read
    from gis.mapping import read_mapping
    from gis.template_returned import is_returned

    path, crs, encoding = files[0], given["crs"], given["encoding"]
    if layer == "osm":
        area = None if given["boundary"] is None else read.read_boundary(given["boundary"])
        return read.from_osm(path, area, whole=whole)
    town = store.layers()
    if layer == "gb28181":
        return read.from_catalogue(files, town, crs=crs)
    if layer == "cameras-sheet":
        profile = given["profile"]
        return read.from_camera_sheet(path, town, crs=crs, encoding=encoding, profile=profile)
    if is_returned(path):
        return read.from_returned(path, layer, town)
    mapping = None if given["mapping"] is None else read_mapping(given["mapping"])
    return read.from_file(path, layer, town, crs=crs, encoding=encoding, mapping=mapping)


def _guess(
    path: Path,
    layer: str,
    crs: str | None,
    encoding: str | None,
    mapping: Path | None,
    as_json: bool,
) -> None:
    """Write a mapping file for a file and show it."""
    from gis.mapping_guess import guess_mapping
    from gis.mapping_write import write_mapping

    place = mapping or path.with_suffix(".mapping.toml")
    if place.exists():
        msg = f"{place} is there already: name another with --mapping"
        raise typer.BadParameter(msg, param_hint="--mapping")
    found = guess_mapping(path, layer, crs=crs, encoding=encoding)
    write_mapping(found, place)
    if as_json:
        show_json({"schema": "fengqiao.guess/1", "mapping": str(place), **found.document()})
    else:
        show(f"{found.summary()}\n{place}: correct it, then import with --mapping {place}")


# What each kind of import takes besides files.
OPTIONS = {
    "osm": {"boundary"},
    "gb28181": {"crs"},
    "cameras-sheet": {"crs", "encoding", "profile"},
}
LAYER_OPTIONS = {"crs", "encoding", "mapping", "guess"}


def _check_import(layer: str, files: list[Path], given: Mapping[str, object]) -> None:
    """Raise a usage error for an unknown layer, or what this import does not take."""
    from gis.schema import SCHEMAS

    if layer not in OPTIONS and layer not in SCHEMAS:
        msg = f"no layer {layer!r}; there are: {', '.join([*OPTIONS, *SCHEMAS])}"
        raise typer.BadParameter(msg, param_hint="LAYER")
    taken = OPTIONS.get(layer, LAYER_OPTIONS)
    for name in sorted(given.keys() - taken):
        if given[name] is not None:
            msg = f"not for `import {layer}`"
            raise typer.BadParameter(msg, param_hint=f"--{name}")
    if len(files) > 1 and layer != "gb28181":
        msg = f"`import {layer}` takes one file at a time"
        raise typer.BadParameter(msg, param_hint="FILE")


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
