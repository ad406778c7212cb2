"""The commands of backups: backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli_terms import JsonOption, WorkspaceOption, say, show, show_json, the_workspace

# Whom the audit log names where the command did something.
COMMAND = "command"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(backup)
    app.command()(restore)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="New file.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save the town to one file, while the server goes on."""
    from api.backup import make_backup
    from gis.store_audit import add_audit

    place = the_workspace(workspace)
    made = make_backup(place, file)
    with place.open_store() as store:
        add_audit(store, COMMAND, "export", {"kind": "backup", "revision": made.revision})
    if as_json:
        show_json(
            {
                "schema": "fengqiao.backup/1",
                "town": made.town,
                "revision": made.revision,
                "made_at": made.made_at.isoformat(),
                "program": made.program,
                "file": str(file),
                "files": dict(made.files),
            }
        )
    else:
        show(made.summary())


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A backup.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", show_default=False, help="New folder for the town.")
    ],
) -> None:
    """Make a town out of a backup, in a folder of its own."""
    from api.backup import restore_backup

    show(restore_backup(file, folder).summary())
    say(f"restored: `fengqiao serve -w {folder}`")
