"""The head row of a sheet: which row it is, and which columns of a layer its heads mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from gis.columns import column_named, plain_head, titles
from gis.errors import Fault, FormatError
from gis.read_clean import shown
from gis.read_limits import check_count, limit
from gis.schema import schema

_REQUIRED_MARK = re.compile(r"[(（]\s*[*＊]\s*[)）]|[*＊]")

# What a Shapefile keeps of a name.
_DBF_NAME_BYTES = 10


@dataclass(frozen=True, eq=False)
class SheetTable:
    """A sheet below its head row.

    Parameters
    ----------
    frame
        Text, "" where blank; index = row of the sheet, from 1. Rows above the head, rows that
        repeat the head under other names, blank rows and blank columns are left out.
    faults
        What is wrong with it, by row.
    head_row
        Number of its head row, from 1.
    warnings
        What the reader of the sheet should know.
    """

    frame: pd.DataFrame = field(repr=False)
    faults: list[Fault]
    head_row: int
    warnings: tuple[str, ...] = ()


def clean_head(text: str) -> str:
    r"""Return a head as one line, without the mark of a required column.

    Examples
    --------
    >>> clean_head(" 安装高度\n（米）（*）")
    '安装高度 （米）'
    """
    return " ".join(_REQUIRED_MARK.sub("", shown(text)).split())


def known_heads(cells: Sequence[str], layer: str, named: Collection[str] = ()) -> int:
    """Return how many cells of a row are heads of a layer's columns, or one of `named`.

    Examples
    --------
    >>> known_heads(["编码", "经度", "纬度", "备注"], "cameras")
    3
    """
    found = set()
    for cell in cells[: limit("table", "columns")]:
        head = clean_head(cell)
        name = head if head in named else column_named(layer, head) if head else None
        if name is not None:
            found.add(name)
    return len(found)


def head_row(rows: Sequence[Sequence[str]], layer: str, named: Collection[str] = ()) -> int:
    """Return the position of the head row: the first of those with most known heads.

    Without any known head it is the first row.

    Examples
    --------
    >>> head_row([["海东镇监控一览表"], [], ["编码", "名称"], ["01", "北门"]], "cameras")
    2
    """
    counts = [known_heads(row, layer, named) for row in rows[: limit("table", "head_rows")]]
    return counts.index(max(counts)) if counts else 0


def table(
    path: Path,
    rows: list[list[str]],
    layer: str,
    *,
    header_row: int | None = None,
    named: Collection[str] = (),
    ragged: bool = True,
) -> SheetTable:
    """Return the rows of a sheet below its head row, and what is wrong with the sheet.

    Parameters
    ----------
    path
        The file, for messages.
    rows
        Cells as text, from the first row of the sheet.
    layer
        Name of the layer, by whose titles the head row is known.
    header_row
        Number of the head row, from 1; None to find it.
    named
        Further names that a head may have.
    ragged
        Whether a row may have more cells than the head; else the file is refused.

    Raises
    ------
    FormatError
        If there is no head row, or the sheet is larger than is read.
    """
    at = head_row(rows, layer, named) if header_row is None else header_row - 1
    heads = [clean_head(cell) for cell in rows[at]] if 0 <= at < len(rows) else []
    if not any(heads):
        which = "first row" if at == 0 else f"row {at + 1}"
        msg = f"{path} has no column names in its {which}"
        raise FormatError(msg)
    width = _width(path, rows, at, ragged)
    heads = heads[:width] + [""] * (width - len(heads))
    body = {
        number: [*row[:width], *[""] * (width - len(row))]
        for number, row in enumerate(rows[at + 1 :], start=at + 2)
        if "".join(row).strip()
    }
    for number in [n for n in (at + 2, at + 3) if _repeats(body.get(n, []), heads, layer)]:
        del body[number]
    check_count(path, len(body), "table", "rows")
    check_count(path, len(body) * width, "table", "cells")
    cells = pd.DataFrame(list(body.values()), index=list(body), columns=range(width), dtype=str)
    filled = [i for i in range(width) if heads[i] or cells[i].str.strip().ne("").any()]
    faults = [
        Fault(at + 1, None, f"column {i + 1} has values but no name")
        for i in filled
        if not heads[i]
    ]
    return SheetTable(cells[filled].set_axis([heads[i] for i in filled], axis=1), faults, at + 1)


def recognised(
    names: Sequence[str], layer: str, *, cut: bool = False, apart: Collection[str] = ()
) -> tuple[dict[str, str], list[Fault]]:
    """Return which columns of a file are which of a layer, by their names alone.

    The very name goes before a title, and a title before an alias.

    Parameters
    ----------
    names
        Columns of the file.
    layer
        Name of the layer.
    cut
        Whether names may be cut to ten bytes, as a Shapefile does.
    apart
        Columns of the layer that are not looked for.

    Returns
    -------
    dict
        Column of the file to column of the layer, where the two differ.
    list
        A fault for each column of the layer that several of the file may be.

    Examples
    --------
    >>> recognised(["设备编码", "name", "名称", "颜色"], "cameras")[0]
    {'设备编码': 'code'}
    """
    found: dict[str, list[str]] = {}
    for name in names:
        column = column_named(layer, clean_head(name)) or (_uncut(name, layer) if cut else None)
        if column is not None and column not in names and column not in apart:
            found.setdefault(column, []).append(name)
    best = {column: _titled(heads, column, layer) for column, heads in found.items()}
    faults = [
        Fault(
            None,
            column,
            f"may be {' or '.join(heads)}: say which in a mapping file, and ignore the other",
        )
        for column, heads in best.items()
        if len(heads) > 1
    ]
    return {heads[0]: column for column, heads in best.items() if len(heads) == 1}, faults


def _titled(heads: list[str], column: str, layer: str) -> list[str]:
    """Return the heads that are the title of a column; if none is, all of them."""
    title = titles(layer)[column]
    known = {plain_head(title.zh), plain_head(title.en)}
    return [head for head in heads if plain_head(clean_head(head)) in known] or heads


def _uncut(name: str, layer: str) -> str | None:
    """Return the one column whose name, title or alias begins so and was cut off there."""
    sizes = {len(name.encode("utf-8")), len(name.encode("gb18030"))}
    # A cut never leaves half a character, so of Chinese one to three bytes may be missing.
    if not any(_DBF_NAME_BYTES - 3 < size <= _DBF_NAME_BYTES for size in sizes):
        return None
    plain = name.casefold()
    begun = {
        title.name
        for title in titles(layer).values()
        for head in (title.name, title.zh, title.en, *title.aliases)
        if head.casefold().startswith(plain) and title.name in schema(layer).by_name
    }
    return begun.pop() if len(begun) == 1 else None


def _width(path: Path, rows: list[list[str]], at: int, ragged: bool) -> int:
    """Return how many columns the sheet has, counted to its last cell that is not blank."""
    head = max((i for i, cell in enumerate(rows[at], start=1) if cell.strip()), default=0)
    width = head
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        if len(row) <= width:
            continue
        last = max((i for i, cell in enumerate(row, start=1) if cell.strip()), default=0)
        if last > max(width, len(rows[at])) and not ragged:
            msg = (
                f"{path} is not a CSV table: Expected {len(rows[at])} fields in line {number}, "
                f"saw {last}"
            )
            raise FormatError(msg)
        width = max(width, last)
    check_count(path, width, "table", "columns")
    return width


def _repeats(cells: list[str], heads: list[str], layer: str) -> bool:
    """Return whether a row below the head only names its columns once more."""
    pairs = [(cell, head) for cell, head in zip(cells, heads, strict=False) if cell.strip()]
    return len(pairs) > 1 and all(
        head and column_named(layer, clean_head(cell)) == column_named(layer, head) is not None
        for cell, head in pairs
    )
