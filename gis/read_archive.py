"""Zip archives: refused where they would unpack to too much, and unpacked part by part."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from gis.errors import FormatError
from gis.read_limits import check_count, limit

_CHUNK = 1 << 20
_ARCHIVES = frozenset({".zip", ".kmz", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst"})
_ENCRYPTED = 0x1

# The record that ends an archive and its longest comment; what one entry takes in its list.
_END_BYTES = 22 + 65_535
_ENTRY_BYTES = 1_000


def check_archive(path: Path, *, nested: bool = False) -> list[zipfile.ZipInfo]:
    """Return the entries of an archive, refused where it may do harm.

    Nothing is unpacked. What an entry is said to unpack to is also the most that is ever
    unpacked of it, so a false size does not help.

    Parameters
    ----------
    path
        A zip archive, or a workbook.
    nested
        Whether archives inside it are let be (a workbook may carry attachments, which are never
        opened); else they are refused.

    Raises
    ------
    FormatError
        If it is damaged, has too many entries, unpacks to too much in all or for its size, or
        holds an encrypted entry, a link, another archive, or a name that leads out of it.
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        msg = f"{path} is a damaged archive: {error}"
        raise FormatError(msg) from error
    check_count(path, len(entries), "archive", "entries")
    size = sum(entry.file_size for entry in entries)
    check_count(path, size, "archive", "unpacked_bytes")
    ratio = size / max(path.stat().st_size, 1)
    if size > limit("archive", "free_bytes") and ratio > limit("archive", "ratio"):
        msg = (
            f"{path} unpacks to {ratio:,.0f} times its size; at most {limit('archive', 'ratio')} "
            "times is read: no file of a town is like that"
        )
        raise FormatError(msg)
    for entry in entries:
        problem = _problem(entry, nested)
        if problem is not None:
            msg = f"{path}: its entry {entry.filename!r} {problem}"
            raise FormatError(msg)
    return entries


def unpack(path: Path, endings: Collection[str], folder: Path) -> dict[str, list[Path]]:
    """Unpack the entries with these endings into a fresh folder and return where they are.

    Parameters
    ----------
    path
        A zip archive.
    endings
        Such as ".shp", in lower case; all other entries are left alone.
    folder
        Where to; the files are numbered there, so that no name of the archive is used.

    Returns
    -------
    dict
        Name inside the archive without its ending -> its files.

    Raises
    ------
    FormatError
        As `check_archive`, or if an entry is damaged.
    """
    parts: dict[str, list[Path]] = {}
    numbers: dict[str, int] = {}
    entries = check_archive(path)
    with zipfile.ZipFile(path) as archive:
        for entry in entries:
            name = PurePosixPath(_name(entry))
            ending = name.suffix.lower()
            # Some systems add a shadow of each file.
            if entry.is_dir() or ending not in endings or name.parts[0] == "__MACOSX":
                continue
            stem = str(name.with_suffix(""))
            number = numbers.setdefault(stem, len(numbers))
            place = folder / f"{number}{ending}"
            _unpack_one(path, archive, entry, place)
            parts.setdefault(stem, []).append(place)
    return parts


def _check_directory(path: Path) -> None:
    """Raise if the list of entries is too long to be read at all."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - _END_BYTES, 0))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if size > limit("archive", "entries") * _ENTRY_BYTES:
        msg = f"{path} has more than {limit('archive', 'entries')} entries: split the archive"
        raise FormatError(msg)


def _problem(entry: zipfile.ZipInfo, nested: bool) -> str | None:
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if entry.flag_bits & _ENCRYPTED:
        return "is locked with a password: unlock the file first"
    if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
        return "has a name that leads out of the archive"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link, not a file"
    if not nested and name.suffix.lower() in _ARCHIVES:
        return "is an archive itself: unpack it first"
    return None


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry; archives of Chinese systems write it in GB 18030."""
    name = entry.filename.replace("\\", "/")
    if entry.flag_bits & 0x800:
        return name
    raw = name.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _unpack_one(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path) -> None:
    left = entry.file_size
    try:
        with archive.open(entry) as source, place.open("xb") as target:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    msg = "it is longer than it says"
                    raise zipfile.BadZipFile(msg)
                target.write(chunk)
    except FileExistsError as error:
        msg = f"{path} holds two files named {entry.filename!r}"
        raise FormatError(msg) from error
    except Exception as error:  # each way of packing raises errors of its own
        msg = f"{path}: its entry {entry.filename!r} is damaged: {error}"
        raise FormatError(msg) from error
