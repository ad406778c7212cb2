"""Cells as a file means them: without what nobody sees, and without an export's guard."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

# What our own export puts before a text that a spreadsheet would take for a formula.
_GUARDED = re.compile(r"'+[=+\-@\t\r]")

# Control characters but for tab and line ends, half characters, and marks of no width that turn
# the direction of a text or make two equal codes differ.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069"
    "\ud800-\udfff\ufeff]"
)


def shown(text: str) -> str:
    r"""Return a text without the characters that nobody sees; line ends and tabs stay.

    Examples
    --------
    >>> shown("北门\x07\u200b\n")
    '北门\n'
    """
    # Most texts are printable, and to ask that is far quicker than to search.
    return text if text.isprintable() else _UNSEEN.sub("", text)


def unguarded(text: str) -> str:
    """Return a cell without the apostrophe that an export put before it.

    Examples
    --------
    >>> unguarded("'=1+1"), unguarded("''=1+1"), unguarded("'s Hertogenbosch")
    ('=1+1', "'=1+1", "'s Hertogenbosch")
    """
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def without_unseen(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    r"""Return a frame whose texts have no characters that nobody sees, and a warning if any had.

    Parameters
    ----------
    frame
        Any columns; the geometry is left alone.

    Returns
    -------
    DataFrame
        The same index and columns.
    list
        One warning that counts the cells and names their columns, or none.

    Examples
    --------
    >>> without_unseen(pd.DataFrame({"name": ["北\x07门", "南门"]}))[1]
    ['characters that nobody sees were taken out of 1 cells: name']
    """
    changed: dict[str, list[Any]] = {}
    count = 0
    for name in frame.columns[~frame.columns.duplicated(keep=False)]:
        if not pd.api.types.is_object_dtype(frame[name]) and not pd.api.types.is_string_dtype(
            frame[name]
        ):
            continue
        cells = frame[name].tolist()
        # Nearly all columns are clean, and one search tells.
        if not _UNSEEN.search("".join(cell for cell in cells if isinstance(cell, str))):
            continue
        clean = [shown(cell) if isinstance(cell, str) else cell for cell in cells]
        touched = sum(a is not b and a != b for a, b in zip(cells, clean, strict=True))
        if touched:
            count += touched
            changed[name] = clean
    if not changed:
        return frame, []
    columns = {
        name: pd.Series(cells, index=frame.index, dtype=frame[name].dtype)
        for name, cells in changed.items()
    }
    names = ", ".join(map(str, changed))
    return frame.assign(**columns), [
        f"characters that nobody sees were taken out of {count} cells: {names}"
    ]
