"""Files that came by upload: kept apart under names of our own until they are imported.

Each upload is a folder below `uploads/` in the workspace that only this user may read: the files,
numbered, and `upload.json` with what was said of them. A name that somebody gave is shown and kept
as text; it never becomes a path.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from api.workspace import Workspace
from gis.errors import ConflictError, FormatError, NotFoundError
from gis.profiles import load

FOLDER = "uploads"
ABOUT = "upload.json"
IDENTITY = re.compile(r"^[A-Za-z0-9_-]{22}$")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Choices:
    """What was said of an upload.

    Parameters
    ----------
    layer
        What it is: a layer, "osm", "gb28181" or "cameras-sheet"; "" to find out.
    crs
        What its coordinates are, as `gis.datum.declared` knows it; "" for what the file says.
    profile
        Code table that a camera sheet follows; "" for the usual one.
    conflicts
        Whose state is taken where both changed it: "stop" (ask), "store" or "file".
    vanished
        Whether rows that the file has no more are kept or dropped.
    """

    layer: str = ""
    crs: str = ""
    profile: str = ""
    conflicts: str = "stop"
    vanished: str = "keep"


@dataclass(frozen=True)
class Upload:
    """Files that came together.

    Parameters
    ----------
    folder
        Where they are.
    id
        What the address calls it; nobody can guess it.
    by
        Name of the account.
    made_at
        When it came, ISO 8601.
    names
        What the sender calls its files, shortened to what can be shown.
    files
        What they are called here.
    bytes
        Size of all together.
    choices
        What was said of it.
    revision
        Revision that it made of the town; None while it is not imported.
    """

    folder: Path
    id: str
    by: str
    made_at: str
    names: tuple[str, ...]
    files: tuple[str, ...]
    bytes: int
    choices: Choices = Choices()
    revision: int | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its files."""
        return tuple(self.folder / name for name in self.files)

    def title(self) -> str:
        """Return what to call it: the name of its first file, and how many more there are."""
        more = len(self.names) - 1
        return f"{self.names[0]} +{more}" if more else self.names[0]

    def told(self, text: str) -> str:
        """Return a message that names files as their sender does, without any folder of ours."""
        for name, path in zip(self.names, self.paths, strict=True):
            text = text.replace(str(path), name).replace(path.name, name)
        return text.replace(f"{self.folder}{os.sep}", "").replace(str(self.folder), self.title())


def shown_name(given: str) -> str:
    r"""Return the name of a file as it can be shown: its last part, one line, not too long.

    Examples
    --------
    >>> shown_name("../../etc/passwd"), shown_name("C:\\x\\摄像机\u202e.csv"), shown_name("")
    ('passwd', '摄像机.csv', '-')
    """
    last = re.split(r"[/\\]", given)[-1]
    plain = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    most = int(load("planner")["uploads"]["name"])
    return plain[-most:] or "-"


def ending_of(name: str) -> str:
    """Return the ending of a file that is read.

    Raises
    ------
    FormatError
        If files of such a name are not read; the message lists those that are.

    Examples
    --------
    >>> ending_of("town.OSM.PBF"), ending_of("a.b.csv")
    ('.pbf', '.csv')
    """
    known: list[str] = load("planner")["uploads"]["endings"]
    found = [one for one in known if name.lower().endswith(one)]
    if not found:
        msg = f"{shown_name(name)} is of none of the kinds that are read: {', '.join(known)}"
        raise FormatError(msg)
    return max(found, key=len)


def keep_upload(
    workspace: Workspace, by: str, files: Sequence[tuple[str, BinaryIO]], choices: Choices
) -> Upload:
    """Keep files that came together, and return them.

    Parameters
    ----------
    workspace
        The town.
    by
        Name of the account.
    files
        What each is called, and its content.
    choices
        What was said of them.

    Raises
    ------
    FormatError
        If there is no file, or one of a kind that is not read, or they are too many or too large;
        nothing is kept then.
    ConflictError
        If the account has too many already.
    """
    table = load("planner")["uploads"]
    if not files:
        msg = "no file was sent: choose one"
        raise FormatError(msg)
    if len(files) > table["files"]:
        msg = f"{len(files)} files are too many: at most {table['files']} at a time"
        raise FormatError(msg)
    names = tuple(shown_name(name) for name, _ in files)
    own = _own_names([name for name, _ in files])
    prune_uploads(workspace)
    if len(uploads_of(workspace, by)) >= table["most"]:
        msg = f"{table['most']} uploads wait already: import or remove one first"
        raise ConflictError(msg)
    identity = secrets.token_urlsafe(16)
    folder = _place(workspace) / identity
    folder.mkdir(mode=0o700)
    try:
        size = 0
        for name, (_, content) in zip(own, files, strict=True):
            size += _write(folder / name, content, int(table["bytes"]) - size)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        upload = Upload(folder, identity, by, made, names, own, size, choices)
        save_upload(upload)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return upload


def find_upload(workspace: Workspace, identity: str, by: str) -> Upload:
    """Return an upload of an account.

    Raises
    ------
    NotFoundError
        If there is none of this name, or somebody else sent it.
    """
    found = None
    if IDENTITY.match(identity):
        found = _read(workspace.folder.absolute() / FOLDER / identity)
    if found is None or found.by != by:
        msg = "there is no such upload: it was imported, removed, or kept too long"
        raise NotFoundError(msg)
    return found


def uploads_of(workspace: Workspace, by: str) -> list[Upload]:
    """Return the uploads of an account that are not imported yet, the newest first."""
    found = [one for one in map(_read, _folders(workspace)) if one is not None and one.by == by]
    waiting = [one for one in found if one.revision is None]
    return sorted(waiting, key=lambda one: one.made_at, reverse=True)


def save_upload(upload: Upload) -> None:
    """Write down what is known of an upload, in one step."""
    told: dict[str, Any] = {**vars(upload), "choices": asdict(upload.choices)}
    del told["folder"]
    part = upload.folder / f".{ABOUT}.{secrets.token_hex(4)}"
    part.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    part.replace(upload.folder / ABOUT)


def finish_upload(upload: Upload, revision: int) -> Upload:
    """Note that an upload was imported, remove its files, and return it."""
    done = replace(upload, revision=revision)
    save_upload(done)
    for path in upload.paths:
        path.unlink(missing_ok=True)
    return done


def remove_upload(upload: Upload) -> None:
    """Remove an upload with all its files."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def prune_uploads(workspace: Workspace) -> None:
    """Remove what was kept too long, and what is no whole upload."""
    until = datetime.now(UTC) - timedelta(hours=load("planner")["uploads"]["kept_hours"])
    for folder in _folders(workspace):
        # A folder without a description may be one that another process fills just now.
        if datetime.fromtimestamp(folder.stat().st_mtime, UTC) < until:
            shutil.rmtree(folder, ignore_errors=True)


def _own_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return what files are called here; those of one stem (.shp, .dbf) keep one number."""
    stems: dict[str, int] = {}
    made: list[str] = []
    for name in names:
        ending = ending_of(name)
        stem = name[: -len(ending)].lower()
        alone = f"file-{stems.setdefault(stem, len(stems) + 1):03}{ending}"
        made.append(alone if alone not in made else f"file-{len(made) + 1:03}-{len(made)}{ending}")
    return tuple(made)


def _place(workspace: Workspace) -> Path:
    place = workspace.folder.absolute() / FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def _folders(workspace: Workspace) -> list[Path]:
    place = workspace.folder.absolute() / FOLDER
    return [one for one in place.iterdir() if one.is_dir()] if place.is_dir() else []


def _write(path: Path, content: BinaryIO, most: int) -> int:
    """Write a file that only this user may read, and return its size."""
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > most:
                msg = "the files are larger than is taken: split them"
                raise FormatError(msg)
            file.write(chunk)
    return size


def _read(folder: Path) -> Upload | None:
    """Return what a folder holds; None where it is no whole upload."""
    try:
        told = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    choices = Choices(**told.pop("choices"))
    names, files = tuple(told.pop("names")), tuple(told.pop("files"))
    return Upload(folder=folder, names=names, files=files, choices=choices, **told)
