"""The command plates: what hangs at the patrol points."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli_terms import (
    JsonOption,
    LangOption,
    WorkspaceOption,
    document_head,
    show,
    show_json,
    the_workspace,
)

CodesOption = Annotated[list[str] | None, typer.Option(metavar="CODE", help="Only this point.")]


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(plates)


def plates(
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.pdf", help="Sheets to print.")
    ] = None,
    point: CodesOption = None,
    reissue: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Revoke the plate of this point and give it a new one."),
    ] = None,
    revoke: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Revoke the plate of this point.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Tell which plates there are.")] = False,
    size: Annotated[Literal["a6", "a5"], typer.Option(help="a6: four on a sheet, a5: two.")] = "a6",
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Address in front of what the QR code says.")
    ] = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the plates of the patrol points: QR code, large number, name."""
    if output is None and not (reissue or revoke or listed):
        msg = "say where to write them (-o FILE.pdf), or --list, --reissue or --revoke"
        raise typer.BadParameter(msg)
    if reissue and revoke:
        msg = "--reissue revokes, too: give one of the two"
        raise typer.BadParameter(msg)
    place = the_workspace(workspace)
    from datetime import UTC, datetime

    from api import plates as changes
    from gis import store_patrols
    from maps.plates import write_plates

    now = datetime.now(UTC)
    with place.open_store() as store:
        layers = place.layers(store)
        meant = changes.check_points(layers, [*(point or ()), *(reissue or ())])
        if revoke:
            there = store_patrols.change_plates(store, changes.revoke(revoke, now))
        elif reissue:
            there = store_patrols.change_plates(store, changes.reissue(reissue, now))
        elif output is not None:
            there = store_patrols.change_plates(store, changes.issue(meant, now))
        else:
            there = store_patrols.plates(store)
    printed = changes.faces(layers, there, meant) if output is not None else []
    if output is not None:
        look = {"size": size, "lang": lang, "made_up": layers.made_up, "url": url}
        write_plates(output, printed, layers.town, **look)
    if as_json:
        head = document_head("plates", layers, params={"size": size})
        rows = changes.plate_rows(there)
        file = None if output is None else str(output)
        show_json({**head, "file": file, "printed": len(printed), "plates": rows})
        return
    if listed or revoke or reissue:
        for plate in there:
            state = "in force" if plate.revoked_at is None else f"revoked {plate.revoked_at:%F}"
            show(f"{plate.point} #{plate.serial} {plate.issued_at:%F} {state}")
    if output is not None:
        show(f"{output}: {len(printed)} plates")
