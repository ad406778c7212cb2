"""What a file may ask of the machine (`data/profiles/limits.toml`), and its bytes within that."""

from __future__ import annotations

from pathlib import Path

from gis.errors import FileMissingError, FormatError
from gis.profiles import load

_CHUNK = 1 << 20


def limit(part: str, name: str) -> int:
    """Return one limit.

    Parameters
    ----------
    part, name
        Section and name in `data/profiles/limits.toml`.

    Examples
    --------
    >>> limit("layer", "vertices")
    5000000
    """
    return int(load("limits")[part][name])


def check_count(source: object, count: int, part: str, name: str) -> None:
    """Raise if a file has more of something than its limit.

    Parameters
    ----------
    source
        The file, for the message.
    count
        How many there are.
    part, name
        The limit; its name says what is counted.

    Raises
    ------
    FormatError
        If there are more; the message says how many are read.
    """
    most = limit(part, name)
    if count > most:
        what = name.replace("_", " ")
        msg = f"{source} has {count:,} {what}; at most {most:,} are read: split the file"
        raise FormatError(msg)


def read_bytes(path: Path, *, ends: bytes = b"", run: str = "") -> bytes:
    r"""Return the bytes of a text file, refused while reading where it is too much.

    Parameters
    ----------
    path
        The file.
    ends
        Bytes of which one must come again and again, such as b"\n"; empty for none.
    run
        Name of the limit on a stretch without any of them.

    Raises
    ------
    FormatError
        If the file, or a stretch of it, is longer than is read.
    FileMissingError
        If it cannot be opened.

    Examples
    --------
    >>> read_bytes(Path(__file__), ends=b"\n", run="csv_run_bytes")[3:7]
    b'What'
    """
    most = limit("text", "bytes")
    longest = limit("text", run) if run else most
    chunks: list[bytes] = []
    size = stretch = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    msg = f"{path} is larger than {most:,} bytes: split the file"
                    raise FormatError(msg)
                last = max((chunk.rfind(end) for end in ends), default=-1)
                stretch = stretch + len(chunk) if last < 0 else len(chunk) - last - 1
                if ends and stretch > longest:
                    msg = (
                        f"{path} goes on for more than {longest:,} bytes without any of "
                        f"{ends.decode()!r} near byte {size:,}: it is not such a file"
                    )
                    raise FormatError(msg)
                chunks.append(chunk)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise FileMissingError(msg) from error
    return b"".join(chunks)
