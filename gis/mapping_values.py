"""What columns of a file hold, and so what they may be, where their names say nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

import pandas as pd

from gis.columns import vocabulary_of, word_named
from gis.schema import Column, schema
from gis.validate_values import PLAIN_NUMBER

# Degrees of China: a longitude is never a latitude there.
LON_DEG = (73.0, 135.5)
LAT_DEG = (3.0, 54.0)

# Share of the filled cells that must be alike.
ENOUGH = 0.9

_CODE = re.compile(r"[0-9]{20}|[0-9]{12}|[0-9]{15}")
_DATE = re.compile(r"(19|20)[0-9]{2}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?([T ][0-9:.Z+-]+)?")
_DEGREES = re.compile(r"[0-9]{1,3}\.[0-9]{3,}")


def by_values(
    frame: pd.DataFrame, layer: str, taken: Collection[str], is_placed: bool
) -> dict[str, str]:
    """Return which columns can only be one column of the layer, by what they hold.

    Parameters
    ----------
    frame
        Columns of a file that nobody knows by their names.
    layer
        Name of the layer.
    taken
        Columns of the layer that were found already.
    is_placed
        Whether the rows have their geometry, so that none is looked for.

    Returns
    -------
    dict
        Column of the file to column of the layer; only where one of each fits the other.

    Examples
    --------
    >>> rows = pd.DataFrame({"A": ["120.7012", "120.7113"], "B": ["30.1021", "30.1102"]})
    >>> by_values(rows, "cameras", (), is_placed=False)
    {'A': 'lon', 'B': 'lat'}
    """
    cells = {str(name): _filled(frame[name]) for name in frame.columns}
    wanted = [c for c in schema(layer).columns if c.name not in taken]
    tests: dict[str, Callable[[list[str]], bool]] = {c.name: _fits(c) for c in wanted}
    if not is_placed and not {"lon", "lat"} & set(taken):
        tests["lon"] = lambda texts: _between(texts, LON_DEG)
        tests["lat"] = lambda texts: _between(texts, LAT_DEG)
    found = {
        name: [column for column, fits in tests.items() if texts and fits(texts)]
        for name, texts in cells.items()
    }
    counts = pd.Series([c for columns in found.values() for c in columns], dtype=str).value_counts()
    return {
        name: columns[0]
        for name, columns in found.items()
        if len(columns) == 1 and counts[columns[0]] == 1
    }


def _filled(column: pd.Series[Any]) -> list[str]:
    texts = [str(cell).strip() for cell in column.dropna().tolist()]
    return [text for text in texts if text]


def _fits(column: Column) -> Callable[[list[str]], bool]:
    """Return the test whether texts are values of a column and could hardly be of another."""
    if column.name == "code":
        return lambda texts: _share(texts, _CODE.fullmatch) and len(set(texts)) == len(texts)
    if column.type == "date":
        return lambda texts: _share(texts, _DATE.fullmatch)
    vocabulary = vocabulary_of(column)
    if vocabulary is not None:
        return lambda texts: _share(
            texts, lambda text: text in column.words or word_named(vocabulary, text)
        )
    return lambda texts: False


def _between(texts: list[str], limits: tuple[float, float]) -> bool:
    def inside(text: str) -> bool:
        # A latitude is written with many places; a plain 30 may be anything.
        is_number = PLAIN_NUMBER.fullmatch(text) and _DEGREES.match(text)
        return bool(is_number) and limits[0] <= float(text) <= limits[1]

    return _share(texts, inside)


def _share(texts: list[str], fits: Callable[[str], object]) -> bool:
    known = {text: bool(fits(text)) for text in set(texts)}
    return sum(known[text] for text in texts) >= ENOUGH * len(texts)
