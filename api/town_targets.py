"""Which targets a town is held to: a profile of the program, or a file of the town's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.workspace import Workspace, read_table

if TYPE_CHECKING:
    from planner.targets_profile import TargetsProfile

FILE_ENDING = ".toml"


def town_profile(workspace: Workspace, given: str | None = None) -> TargetsProfile:
    """Return the profile that was named, else the one of the workspace's settings.

    Parameters
    ----------
    workspace
        Its `[targets] profile` counts where none is given; a file there is looked for beside
        `fengqiao.toml`.
    given
        Name of a profile such as "binhai-2019", or path of a TOML file.

    Raises
    ------
    NotFoundError
        If there is no such profile; the message lists those there are.
    FileMissingError, FormatError
        If the file cannot be read, or anything in it cannot be used.
    """
    from planner.targets_profile import load_profile, profile_of

    name = given or workspace.targets
    if not name.endswith(FILE_ENDING):
        return load_profile(name)
    path = Path(name) if given else workspace.folder / name
    return profile_of(read_table(path), path.stem)
