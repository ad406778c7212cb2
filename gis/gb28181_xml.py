"""Catalogue messages of GB/T 28181 out of XML files, of any encoding and from anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from gis.errors import FileMissingError, FormatError

# A camera takes about 1 kB; a message of a platform holds from one to some thousand.
MAX_BYTES = 20_000_000
MAX_DEPTH = 16
MAX_FIELD_CHARACTERS = 10_000

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_DECLARATION = re.compile(r"<\?xml\s[^<>]{0,200}\?>")


@dataclass(frozen=True)
class Message:
    """One message about a catalogue.

    Parameters
    ----------
    source
        File it stands in.
    notify
        True if it tells of changes, False if it answers a query.
    sn, device_id
        Serial number of the query, and who answers.
    total
        Items that all the messages of this query hold together (SumNum); None if not said.
    stated
        Items that this message says it holds (Num); None if not said.
    items
        Each item as tag in lower case -> text; fields inside `Info` stand beside the others.
    """

    source: str
    notify: bool
    sn: str
    device_id: str
    total: int | None
    stated: int | None
    items: tuple[Mapping[str, str], ...] = field(repr=False)


def read_messages(paths: Iterable[Path]) -> tuple[list[Message], int]:
    """Return the catalogue messages of XML files, in the order in which they are given.

    Parameters
    ----------
    paths
        Files, each with one message or several one after another. Text is UTF-8 where it can be,
        else GB 18030; what the XML declaration says of it is not believed.

    Returns
    -------
    list
        Messages about a catalogue.
    int
        Number of other messages, which are passed over.

    Raises
    ------
    FileMissingError
        If a file cannot be opened.
    FormatError
        If a file is too large, no XML, cut short, nested too deep, of no encoding, or declares a
        document type (which could name other files, or make much of little).
    """
    messages: list[Message] = []
    others = 0
    for path in paths:
        for part in _DECLARATION.split(_text(path)):
            if part.strip():
                message = _parsed(path, part)
                others += message is None
                messages += [] if message is None else [message]
    return messages, others


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            msg = f"{path} holds more than {MAX_BYTES / 1e6:.0f} MB: divide it by messages"
            raise FormatError(msg)
        data = path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be opened: {error.strerror}"
        raise FileMissingError(msg) from error
    if not data.strip():
        msg = f"{path} has no bytes in it"
        raise FormatError(msg)
    marked = [name for mark, name in _MARKS.items() if data.startswith(mark)]
    for name in marked or ("utf-8", "gb18030"):
        try:
            return data.decode(name)
        except UnicodeDecodeError as error:
            if name == "utf-8" and _is_damaged_utf8(data):
                msg = f"{path} is UTF-8 that is damaged or cut short at byte {error.start}"
                raise FormatError(msg) from error
    msg = f"{path} is text in neither UTF-8 nor GB 18030: it is damaged or of another encoding"
    raise FormatError(msg)


def _is_damaged_utf8(data: bytes) -> bool:
    """Return whether most of what is not ASCII is good UTF-8; in GB 18030 hardly any is."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    other = len(text) - len(text.encode("ascii", errors="ignore"))
    return other - broken > broken


def _parsed(path: Path, text: str) -> Message | None:
    """Return the message of one document, None if it is no catalogue."""
    target = _Target()
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        # At one go: in pieces, a single tag of many megabytes would be begun again with each.
        parser.feed(text)
        parser.close()
    except DefusedXmlException as error:
        msg = f"{path} declares a document type or entities, which no catalogue needs: not read"
        raise FormatError(msg) from error
    except ParseError as error:
        hint = (
            "; a bare & or < in a name must be written &amp; or &lt;"
            if "token" in str(error)
            else ""
        )
        msg = f"{path} is no XML, damaged or cut short: {error}{hint}"
        raise FormatError(msg) from error
    except _TooMuchError as error:
        msg = f"{path} is no catalogue: {error}"
        raise FormatError(msg) from error
    return target.message(str(path))


class _TooMuchError(Exception):
    """Raised by the target, to leave the parser at once."""


class _Target:
    """What the parser tells its findings to."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.text: list[str] = []
        self.length = 0
        self.head: dict[str, str] = {}
        self.items: list[dict[str, str]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2].lower()
        if len(self.path) >= MAX_DEPTH:
            msg = f"it is nested deeper than {MAX_DEPTH} elements"
            raise _TooMuchError(msg)
        self.path.append(name)
        self._clear()
        if self.path[1:] == ["devicelist", "item"]:
            self.items.append({})
        elif self.path[1:] == ["devicelist"]:
            self.head["num"] = {key.lower(): value for key, value in attributes.items()}.get(
                "num", ""
            )

    def data(self, text: str) -> None:
        self.length += len(text)
        if self.length > MAX_FIELD_CHARACTERS:
            msg = f"element {self.path[-1]} has more than {MAX_FIELD_CHARACTERS} characters"
            raise _TooMuchError(msg)
        self.text.append(text)

    def end(self, tag: str) -> None:
        text = "".join(self.text).strip()
        name = self.path[-1]
        if text and self.path[1:3] == ["devicelist", "item"] and len(self.path) > 3:
            self.items[-1].setdefault(name, text)
        elif text and len(self.path) == 2:
            self.head.setdefault(name, text)
        elif len(self.path) == 1:
            self.head["root"] = name
        self.path.pop()
        self._clear()

    def close(self) -> None:
        """Do nothing: the message is asked for by itself."""

    def message(self, source: str) -> Message | None:
        head = self.head
        is_catalogue = head.get("cmdtype", "").lower() == "catalog"
        if head.get("root") not in ("response", "notify") or not is_catalogue:
            return None
        return Message(
            source,
            head["root"] == "notify",
            head.get("sn", ""),
            head.get("deviceid", ""),
            _count(head.get("sumnum", "")),
            _count(head.get("num", "")),
            tuple(self.items),
        )

    def _clear(self) -> None:
        self.text.clear()
        self.length = 0


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None
