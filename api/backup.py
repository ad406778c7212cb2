"""Backups: one file that holds a town as it was at one moment, and a town out of such a file.

The file is a zip archive: `backup.json` says what it holds, with checksums; `town.db` is a copy
that SQLite makes while servers go on writing; the rest are the workspace's other files. Accounts,
sessions and keys of links are in the database, so only its owner may read the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from api.version import program_version
from api.workspace import CONFIG, DATABASE, Workspace, open_workspace
from gis.errors import FileMissingError, FormatError, InputError, ParameterError, StoreError

ABOUT = "backup.json"
SCHEMA = "fengqiao.backup/1"
# What a zip archive of ours ends with: a backup in the workspace is not put into the next one.
MARK = b"fengqiao backup"
# Folders of the workspace that hold what is on its way only.
PASSING = frozenset({"uploads"})
BLOCK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """What a backup holds.

    Parameters
    ----------
    path
        The file.
    town
        Name of the town.
    revision
        Number of its last change.
    made_at
        When the backup was made, UTC.
    program
        Version of the program that made it.
    files
        Path in the workspace to its SHA-256.
    """

    path: Path
    town: str
    revision: int
    made_at: datetime
    program: str
    files: Mapping[str, str]

    def summary(self) -> str:
        """Return one line for a person.

        Examples
        --------
        >>> made_at = datetime(2026, 11, 26, tzinfo=UTC)
        >>> Backup(Path("b.zip"), "Town", 7, made_at, "0.1.0", {"town.db": ""}).summary()
        'b.zip: Town, revision 7, 1 file, made 2026-11-26 00:00 UTC by fengqiao-grid 0.1.0'
        """
        count = f"{len(self.files)} file{'s' if len(self.files) != 1 else ''}"
        return (
            f"{self.path}: {self.town}, revision {self.revision}, {count}, made "
            f"{self.made_at:%Y-%m-%d %H:%M} UTC by fengqiao-grid {self.program}"
        )


def make_backup(workspace: Workspace, path: Path) -> Backup:
    """Write a town to one file, while servers may go on, and return what it holds.

    Parameters
    ----------
    workspace
        The town.
    path
        File to make; it is there complete or not at all, and readable by its owner alone.

    Raises
    ------
    InputError
        If there is such a file already.
    FileMissingError
        If there is no such folder.
    ParameterError
        If the town's database is not `town.db`: it has tools of its own.
    StoreError
        If the database is damaged.
    """
    _check_makeable(workspace, path)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as scratch:
        copy = Path(scratch) / DATABASE
        revision = _copy_database(workspace, copy)
        others = dict(_other_files(workspace.folder, leave={part, path}))
        made = datetime.now(UTC)
        try:
            with _private_zip(part) as archive:
                files = {
                    name: _put(archive, zipfile.ZipInfo(name, made.timetuple()[:6]), file)
                    for name, file in [(DATABASE, copy), *sorted(others.items())]
                }
                backup = Backup(path, workspace.name, revision, made, program_version(), files)
                archive.writestr(ABOUT, _told(backup))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return backup


def read_backup(path: Path) -> Backup:
    """Return what a backup holds, all of it compared with its checksums.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If it is not a backup, or damaged.
    """
    with _opened(path) as archive:
        backup = _about(path, archive)
        for name, expected in backup.files.items():
            digest = hashlib.sha256()
            with archive.open(name) as file:
                while block := file.read(BLOCK):
                    digest.update(block)
            if digest.hexdigest() != expected:
                msg = f"{path}: {name} is damaged; nothing was changed"
                raise FormatError(msg)
    return backup


def restore_backup(path: Path, folder: Path) -> Backup:
    """Make a workspace out of a backup and return what the backup holds.

    Whoever was logged in when the backup was made has to log in again.

    Parameters
    ----------
    path
        The file.
    folder
        New or empty folder; a town is there complete or not at all.

    Raises
    ------
    InputError
        If the folder holds something.
    FileMissingError, FormatError
        As from `read_backup`.
    StoreError
        If a newer program made the backup.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        msg = f"{folder} is no folder: name a new one"
        raise InputError(msg)
    if folder.exists() and any(folder.iterdir()):
        msg = f"{folder} holds something already: name a new folder; nothing was changed"
        raise InputError(msg)
    backup = read_backup(path)
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.absolute().parent, prefix=".restore-") as scratch:
        place = Path(scratch) / "town"
        place.mkdir()
        with _opened(path) as archive:
            for name in backup.files:
                archive.extract(name, place)
        _try_out(place)
        place.replace(folder)
    return backup


def _check_makeable(workspace: Workspace, path: Path) -> None:
    """Raise unless this town can be written to this file."""
    if workspace.url is not None:
        msg = (
            f"the town's layers are in a database of their own ([store] in {CONFIG}): save that "
            f"with its own tool, such as pg_dump, and {workspace.folder} by copying it"
        )
        raise ParameterError(msg)
    if path.exists():
        msg = f"{path} is there already: name another file; nothing was changed"
        raise InputError(msg)
    if not path.absolute().parent.is_dir():
        msg = f"{path}: there is no folder {path.absolute().parent}"
        raise FileMissingError(msg)


def _copy_database(workspace: Workspace, copy: Path) -> int:
    """Copy the town's database as it is at one moment, and return the revision copied."""
    with workspace.open_store() as store:  # raises where it is none, or a newer program's
        store.town  # noqa: B018
    source = f"{(workspace.folder / DATABASE).absolute().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(source, uri=True, timeout=60)) as town,
            closing(sqlite3.connect(copy)) as saved,
        ):
            town.backup(saved)  # in one step: writers are not held up, and change nothing in it
            saved.execute("PRAGMA journal_mode = DELETE")
            ((told,),) = saved.execute("PRAGMA quick_check(1)").fetchall()
            ((revision,),) = saved.execute("SELECT coalesce(max(id), 0) FROM revisions")
    except sqlite3.Error as error:
        msg = f"{workspace.folder / DATABASE}: cannot be copied: {error}"
        raise StoreError(msg) from error
    if told != "ok":
        msg = f"{workspace.folder / DATABASE}: is damaged: {told}"
        raise StoreError(msg)
    return int(revision)


def _other_files(folder: Path, leave: set[Path]) -> Iterator[tuple[str, Path]]:
    """Give name and path of each file of a workspace that belongs into a backup."""
    left = {path.absolute() for path in leave}
    for path in sorted(folder.absolute().rglob("*")):
        parts = path.relative_to(folder.absolute()).parts
        passing = parts[0] in PASSING or any(part.startswith(".") for part in parts)
        database = len(parts) == 1 and parts[0].startswith(DATABASE)
        if passing or database or path in left or path.is_symlink() or not path.is_file():
            continue
        if not path.name.endswith(".part") and not _is_backup(path):
            yield _storable("/".join(parts)), path


def _storable(name: str) -> str:
    """Return a name if it is text, as the names in an archive are."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        msg = f"{name!r}: the name is not in UTF-8: rename the file"
        raise InputError(msg) from error
    return name


def _is_backup(path: Path) -> bool:
    """Return whether a file ends as a backup does."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(file.tell() - len(MARK), 0))
        return file.read() == MARK


@contextmanager
def _private_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give a new archive that only its owner may read, written to the disk at the end."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.comment = MARK
            yield archive
        file.flush()
        os.fsync(file.fileno())


def _put(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> str:
    """Put a file into an archive, and return the SHA-256 of what was put there."""
    digest = hashlib.sha256()
    entry.compress_type = zipfile.ZIP_DEFLATED
    with path.open("rb") as file, archive.open(entry, "w", force_zip64=True) as put:
        while block := file.read(BLOCK):
            digest.update(block)
            put.write(block)
    return digest.hexdigest()


def _told(backup: Backup) -> str:
    document = {
        "schema": SCHEMA,
        "town": backup.town,
        "revision": backup.revision,
        "made_at": backup.made_at.isoformat(),
        "program": backup.program,
        "files": dict(backup.files),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give an archive that is read; what is wrong with it is told by name."""
    if not path.is_file():
        msg = f"{path}: there is no such file"
        raise FileMissingError(msg)
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        msg = f"{path}: is not a backup of fengqiao-grid, or is damaged: {error}"
        raise FormatError(msg) from error


def _about(path: Path, archive: zipfile.ZipFile) -> Backup:
    """Return what an archive says it holds, if it holds just that."""
    try:
        told = json.loads(archive.read(ABOUT))
        files = {str(name): str(digest) for name, digest in told["files"].items()}
        backup = Backup(
            path, str(told["town"]), int(told["revision"]),
            datetime.fromisoformat(told["made_at"]), str(told["program"]), files,
        )  # fmt: skip
        known = told["schema"] == SCHEMA
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"{path}: is not a backup of fengqiao-grid"
        raise FormatError(msg) from error
    inside = sorted(set(archive.namelist()) - {ABOUT})
    if not known or inside != sorted(files) or not {DATABASE, CONFIG} <= set(files):
        msg = f"{path}: is not a backup that fengqiao-grid {program_version()} knows"
        raise FormatError(msg)
    if any(not _inside(name) for name in files):
        msg = f"{path}: names a file outside the town's folder; nothing was changed"
        raise FormatError(msg)
    return backup


def _inside(name: str) -> bool:
    """Return whether a name stays within the folder that it is put into.

    Examples
    --------
    >>> [_inside(name) for name in ("jobs/1/report.pdf", "../x", "/x", "a/../../x", "")]
    [True, False, False, False, False]
    """
    path = PurePosixPath(name)
    return path.as_posix() == name and not path.is_absolute() and ".." not in path.parts


def _try_out(folder: Path) -> None:
    """Open a town that was just unpacked, bring it up to date, and end its old sessions."""
    from gis.store_sessions import end_sessions

    folder.chmod(0o700)
    (folder / DATABASE).chmod(0o600)
    with open_workspace(folder).open_store() as store:
        end_sessions(store)
