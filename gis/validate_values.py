"""One column cast to its type: every value that cannot be what it should, by row."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from gis.columns import chinese_words, vocabulary_of
from gis.layers import DTYPES
from gis.schema import Column, ColumnType

FLAGS: Mapping[str, bool] = MappingProxyType(
    {"yes": True, "true": True, "1": True, "是": True, "有": True}
    | {"no": False, "false": False, "0": False, "否": False, "无": False}
)

# float64 holds every whole number up to here, and not those above.
MAX_EXACT = 2**53

PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?([T ][0-9:.Z+-]+)?")

# What a spreadsheet makes of a long code: 3.30602E+19, 330602017001.0
_DAMAGED_CODE = re.compile(r"[0-9]\.[0-9]+E\+[0-9]{2}|[0-9]{6,}\.0+")
# Columns of text that hold codes, beside those whose names end so.
CODES = frozenset({"code", "village", "grid", "station", "pole_no"})


def cast(
    values: pd.Series[Any], column: Column, most: int | None = None
) -> tuple[pd.Series[Any], dict[int, str]]:
    """Return a column in the type of its schema, and what is wrong with which value.

    Parameters
    ----------
    values
        Values as a file gave them: text, numbers, flags or dates. Blank text is missing.
    column
        Type, limits and vocabulary.
    most
        Stop once more values than this are wrong, and leave the rest missing; None for never.

    Returns
    -------
    Series
        Same index; missing where the value is missing or wrong.
    dict
        Position (0..n-1) of each wrong value to its problem.

    Examples
    --------
    >>> lit = pd.Series(["yes", "否", " ", "maybe"])
    >>> flags, problems = cast(lit, Column("lit", "flag"))
    >>> flags.tolist(), problems
    ([True, False, <NA>, <NA>], {3: '"maybe" is not yes or no'})
    """
    parse = _PARSERS[column.type]
    cells = values.tolist()
    good: list[Any] = [None] * len(cells)
    problems: dict[int, str] = {}
    # Most columns repeat few values, so each value is parsed once; True == 1, hence the type.
    seen: dict[tuple[type, Any], tuple[Any, str | None]] = {}
    for position in np.flatnonzero(values.notna()).tolist():
        if most is not None and len(problems) > most:
            break
        cell = cells[position]
        if isinstance(cell, str) and not cell.strip():
            continue
        if isinstance(cell, list | dict | tuple | set | np.ndarray):
            problems[position] = f"holds a {type(cell).__name__}, not a single value"
            continue
        key = (type(cell), cell)
        if key not in seen:
            seen[key] = _try(parse, cell, column)
        good[position], problem = seen[key]
        if problem is not None:
            problems[position] = problem
    return pd.Series(good, index=values.index, dtype=DTYPES[column.type]), problems


def _try(parse: Callable[[Any, Column], Any], cell: Any, column: Column) -> tuple[Any, str | None]:
    plain = cell.item() if isinstance(cell, np.generic) else cell
    try:
        return parse(plain.strip() if isinstance(plain, str) else plain, column), None
    except ValueError as error:
        return None, str(error)


def _text(cell: Any, column: Column) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        if not cell.is_integer():
            return repr(cell)
        if abs(cell) >= MAX_EXACT:
            msg = f"{cell:g} was kept as a number and lost its last digits: keep it as text"
            raise ValueError(msg)
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, bytes):
        msg = "holds bytes, not text"
        raise ValueError(msg)
    text = str(cell)
    is_code = column.name in CODES or column.name.endswith("_code")
    if is_code and _DAMAGED_CODE.fullmatch(text):
        msg = f"{quoted(text)} is a code that a spreadsheet made a number of: keep it as text"
        raise ValueError(msg)
    return text


def _number(cell: Any, column: Column) -> float:
    spelled = isinstance(cell, str) and PLAIN_NUMBER.fullmatch(cell)
    if isinstance(cell, bool) or not (spelled or isinstance(cell, int | float)):
        msg = f"{quoted(cell)} is not a number"
        raise ValueError(msg)
    number = float(cell)
    if not math.isfinite(number):
        msg = f"{number} is not a finite number"
        raise ValueError(msg)
    if column.low is not None and number < column.low:
        msg = f"{number:.15g} is below {column.low:g}"
        raise ValueError(msg)
    if column.high is not None and number > column.high:
        msg = f"{number:.15g} is above {column.high:g}"
        raise ValueError(msg)
    return number


def _integer(cell: Any, column: Column) -> int:
    number = _number(cell, column)
    if not number.is_integer() or abs(number) >= MAX_EXACT:
        msg = f"{quoted(cell)} is not a whole number"
        raise ValueError(msg)
    return int(number)


def _flag(cell: Any, column: Column) -> bool:
    spelled = f"{cell:g}" if isinstance(cell, float) else str(cell).lower()
    if spelled not in FLAGS:
        msg = f"{quoted(cell)} is not yes or no"
        raise ValueError(msg)
    return FLAGS[spelled]


def _date(cell: Any, column: Column) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    match = _DATE.fullmatch(str(cell))
    try:
        if match is not None:
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        pass
    msg = f"{quoted(cell)} is not a date such as 2026-03-31"
    raise ValueError(msg)


def _word(cell: Any, column: Column) -> str:
    text = str(cell)
    plain = re.sub(r"[\s-]+", "_", text.casefold())
    for spelled in (text, plain):
        if spelled in column.words:
            return spelled
    near, every = difflib.get_close_matches(plain, column.words, n=3), list(column.words)
    vocabulary = None if text.isascii() else vocabulary_of(column)
    if vocabulary is not None:
        near, every = chinese_words(vocabulary, text)
    hint = f"nearest: {', '.join(near)}" if near else f"one of: {', '.join(every)}"
    msg = f"{quoted(cell)} is not a known word; {hint}"
    raise ValueError(msg)


def quoted(cell: object) -> str:
    """Return a value as a message shows it: in quotes, cut where it is long.

    Examples
    --------
    >>> quoted("abc")
    '"abc"'
    """
    text = str(cell)
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}..."'


_PARSERS: Mapping[ColumnType, Callable[[Any, Column], Any]] = MappingProxyType(
    {
        "text": _text,
        "number": _number,
        "integer": _integer,
        "flag": _flag,
        "date": _date,
        "word": _word,
    }
)
