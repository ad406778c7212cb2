"""The attribute table of a Shapefile as text, digit by digit as the file has it.

Layout of dBASE III files: Xbase "Data File Header Structure" (public description).
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import FormatError, ParameterError
from gis.read_limits import check_count

_FIELD_BYTES = 32
_END_OF_FIELDS = 0x0D
_DELETED = b"*"

# Chinese code pages are parts of GB 18030.
_CODE_PAGES = {"65001": "utf-8", "utf8": "utf-8", "54936": "gb18030", "big5": "big5", "950": "big5"}
_CHINESE = ("936", "cp936", "gbk", "gb2312", "gb18030", "ms936")


@dataclass(frozen=True)
class _Field:
    name: bytes
    kind: str
    start: int
    size: int


def read_dbf(
    path: Path, encoding: str | None = None, code_page: str | None = None
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_], list[str]]:
    """Return the records of a .dbf file as text, which are marked deleted, and warnings.

    Parameters
    ----------
    path
        The file.
    encoding
        Of its texts, as the caller says; None to find out.
    code_page
        What a .cpg file beside it says. Without either: UTF-8 if all texts are, else GB 18030.

    Returns
    -------
    DataFrame
        Text, "" where blank, dates as YYYY-MM-DD, flags as "true" and "false"; index = number
        of the record, from 1, deleted ones included.
    ndarray
        (n,) whether each record is marked deleted.
    list
        Warnings.

    Raises
    ------
    FormatError
        If the file is no such table, cut short, or not text in its encoding.
    ParameterError
        If there is no such encoding.
    """
    check_count(path, path.stat().st_size, "child", "input_bytes")
    data = path.read_bytes()
    fields, records = _layout(path, data)
    check_count(path, len(records) * len(fields), "table", "cells")
    kept = [field for field in fields if field.kind not in "MGBP0"]
    columns = [_cells(records, field) for field in kept]
    texts = [field.name for field in kept]
    texts += [
        cell
        for field, column in zip(kept, columns, strict=True)
        if field.kind == "C"
        for cell in set(column)
    ]
    name, warnings = _encoding(path, texts, encoding, code_page)
    names = [_text(field.name, name).strip() for field in kept]
    rows = pd.RangeIndex(1, len(records) + 1)
    frame = pd.DataFrame(
        {
            at: _values(column, field, name)
            for at, (field, column) in enumerate(zip(kept, columns, strict=True))
        },
        index=rows,
        dtype=str,
    ).set_axis(names, axis=1)
    if len(kept) < len(fields):
        warnings.append(f"{path.name}: columns of long texts lie in another file and were left out")
    return frame, np.array([record[:1].tobytes() == _DELETED for record in records], bool), warnings


def _layout(path: Path, data: bytes) -> tuple[list[_Field], npt.NDArray[np.uint8]]:
    """Return the fields and the records, (n, bytes of one record)."""
    msg = f"{path} is not a table of a Shapefile, or is damaged"
    if len(data) < _FIELD_BYTES:
        raise FormatError(msg)
    count = int.from_bytes(data[4:8], "little")
    head, size = (int.from_bytes(data[at : at + 2], "little") for at in (8, 10))
    fields: list[_Field] = []
    start = 1
    for at in range(_FIELD_BYTES, min(head, len(data)) - 1, _FIELD_BYTES):
        if data[at] == _END_OF_FIELDS:
            break
        field = data[at : at + _FIELD_BYTES]
        name, kind = field[:11].partition(b"\0")[0], chr(field[11])
        fields.append(_Field(name, kind, start, field[16]))
        start += field[16]
    if not fields or start > size or head < _FIELD_BYTES:
        raise FormatError(msg)
    if head + count * size > len(data):
        msg = f"{path} is cut short: it says {count} records, and has {(len(data) - head) // size}"
        raise FormatError(msg)
    return fields, np.frombuffer(data, np.uint8, count * size, head).reshape(count, size)


def _cells(records: npt.NDArray[np.uint8], field: _Field) -> list[bytes]:
    if not field.size or not len(records):
        return [b""] * len(records)
    part = np.ascontiguousarray(records[:, field.start : field.start + field.size])
    cells: list[bytes] = part.view(f"S{field.size}").ravel().tolist()
    return [cell.partition(b"\0")[0] for cell in cells]


def _encoding(
    path: Path, texts: list[bytes], encoding: str | None, code_page: str | None
) -> tuple[str, list[str]]:
    """Return the first encoding in which all texts are right, and a warning if it surprises."""
    said = encoding or (code_page and _codec(code_page))
    if encoding:
        try:
            codecs.lookup(encoding)
        except LookupError as error:
            msg = f"there is no encoding {encoding!r}; common ones are utf-8, gb18030"
            raise ParameterError(msg) from error
    tried = [encoding] if encoding else [*([said] if said else []), "utf-8", "gb18030"]
    for name in tried:
        try:
            for text in texts:
                _text(text, name)
        except UnicodeDecodeError:
            continue
        if said and name != said:
            return name, [f"{path.name}: its .cpg says {code_page}, but its text is {name}"]
        return name, []
    msg = f"{path} is not text in {' or '.join(tried)}: name its encoding with --encoding"
    raise FormatError(msg)


def _codec(code_page: str) -> str | None:
    plain = code_page.strip().casefold().removeprefix("ansi ").removeprefix("oem ").replace("-", "")
    if plain in _CHINESE:
        return "gb18030"
    try:
        return _CODE_PAGES.get(plain) or codecs.lookup(code_page.strip()).name
    except (LookupError, UnicodeEncodeError, ValueError):
        return None


def _text(raw: bytes, encoding: str) -> str:
    """Return a text; where the field was too short for its last character, without that."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        cut = error.reason in ("unexpected end of data", "incomplete multibyte sequence")
        if cut and len(raw) - error.start < 4:
            return raw[: error.start].decode(encoding)
        raise


def _values(cells: list[bytes], field: _Field, encoding: str) -> list[str]:
    known: dict[bytes, str] = {}
    for cell in set(cells):
        text = _text(cell, encoding).strip()
        if field.kind == "D" and len(text) == 8:
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}" if text.strip("0") else ""
        elif field.kind == "L":
            text = {"T": "true", "Y": "true", "F": "false", "N": "false"}.get(text.upper(), "")
        elif field.kind in "NF":
            text = _number(text)
        known[cell] = text
    return [known[cell] for cell in cells]


def _number(text: str) -> str:
    """Return the digits of a number: without the noughts that fill its places."""
    if not text.strip("*"):
        return ""
    whole, point, rest = text.partition(".")
    return whole if point and not rest.strip("0") else text
