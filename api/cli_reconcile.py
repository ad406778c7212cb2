"""The command that sets the sheet of cameras against the platform's catalogue: reconcile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    document_head,
    say,
    show,
    show_json,
    the_town_if_any,
)

CRS = "EPSG:..|wgs84|gcj02|bd09"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(reconcile)


def reconcile(
    sheet: Annotated[Path, typer.Argument(metavar="SHEET", show_default=False)],
    catalogue: Annotated[
        list[Path],
        typer.Argument(metavar="CATALOGUE...", show_default=False, help="XML files or folders."),
    ],
    *,
    crs: Annotated[
        str | None, typer.Option(metavar=CRS, help="What the coordinates of both are in.")
    ] = None,
    sheet_crs: Annotated[
        str | None, typer.Option(metavar=CRS, help="Those of the sheet, where they differ.")
    ] = None,
    catalogue_crs: Annotated[
        str | None, typer.Option(metavar=CRS, help="Those of the catalogue, where they differ.")
    ] = None,
    sheet_profile: Annotated[
        str | None,
        typer.Option(
            metavar="1-networked|0-networked|function-28181",
            help="What 联网属性 and 摄像机功能类型 mean on the sheet; several divided by commas.",
        ),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of a CSV sheet.")] = None,
    moved_m: Annotated[
        float, typer.Option(min=0, help="Metres above which a camera counts as moved.")
    ] = 20.0,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE.xlsx", help="Workbook to write the lists to."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the one-camera-one-file sheet with the platform's GB/T 28181 catalogue."""
    if output is not None and output.suffix.lower() != ".xlsx":
        msg = "the lists are written as .xlsx"
        raise typer.BadParameter(msg, param_hint="-o")
    town = the_town_if_any(workspace)
    from gis.camera_sheet import DEFAULT_PROFILE, read_camera_sheet
    from gis.gb28181 import read_catalogue
    from gis.reconcile import reconcile as compare
    from gis.reconcile_xlsx import write_reconciliation

    on_file = read_camera_sheet(
        sheet,
        crs=sheet_crs or crs,
        encoding=encoding,
        profile=sheet_profile or DEFAULT_PROFILE,
        town=town,
        strict=False,
    )
    platform = read_catalogue(catalogue, crs=catalogue_crs or crs, town=town)
    found = compare(on_file.listed, platform.listed, moved_m=moved_m)
    warnings = [*on_file.warnings, *platform.warnings]
    if output is not None:
        compared = [f"台账 {on_file.source}", f"平台 {platform.source}"]
        write_reconciliation(found, output, notes=[*compared, *warnings])
    say("\n".join([on_file.summary(), platform.summary()]))
    say("Write the lists with -o FILE.xlsx" if output is None else f"{output}: the lists")
    if as_json:
        files = {"sheet": str(sheet), "catalogue": [str(path) for path in catalogue]}
        params = {"moved_m": moved_m}
        head = document_head("reconcile", town, params=params, warnings=warnings)
        show_json({**found.document(), **head, **files})
    else:
        show(found.summary())
