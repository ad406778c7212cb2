"""What the answers share: shares with their doubt, what was assumed, what is missing, rows as JSON.

Every answer is a frozen dataclass of plain values and tables with `summary()`, so that
`planner.packing` carries any of them to a store and back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Interval:
    """A share with its doubt: what holds at least, is expected, and holds at most (0..1)."""

    value: float | None
    low: float | None
    high: float | None


UNKNOWN = Interval(None, None, None)


@dataclass(frozen=True)
class Assumed:
    """One thing the layers do not say and the program had to take for granted.

    Parameters
    ----------
    layer, column
        Where it is missing; column "" stands for whole rows.
    value
        What was taken, in words or as a number.
    rows
        For how many rows.
    """

    layer: str
    column: str
    value: str | float
    rows: int


@dataclass(frozen=True)
class Missing:
    """One figure that cannot be had, and the layers it lacks."""

    figure: str
    layers: tuple[str, ...]


def records(frame: pd.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    """Return the rows as dicts of plain JSON values: NaN, NA and inf become None.

    Examples
    --------
    >>> records(pd.DataFrame({"a": [1.5, float("nan")]}), ["a"])
    [{'a': 1.5}, {'a': None}]
    """
    return [dict(zip(columns, row, strict=True)) for row in records_of(frame, columns)]


def records_of(frame: pd.DataFrame, columns: list[str]) -> list[list[Any]]:
    """Return the rows as lists of plain JSON values, in the order of `columns`."""
    rows = zip(*(frame[name].tolist() for name in columns), strict=True)
    return [[plain(value) for value in row] for row in rows]


def plain(value: Any) -> Any:
    """Return a value, or what holds values, as JSON knows it: NaN, NA and inf become None."""
    if isinstance(value, Interval):
        return asdict(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or pd.isna(value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and math.isinf(value) else value


def with_interval(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the table with columns value, low and high as one column of intervals as well."""
    shares = [Interval(*part) for part in records_of(frame, ["value", "low", "high"])]
    return frame.assign(**{name: pd.Series(shares, index=frame.index, dtype=object)})


def share_text(share: Interval) -> str:
    """Return a share as people read it: value, then its doubt.

    Examples
    --------
    >>> share_text(Interval(0.762, 0.71, 0.83)), share_text(Interval(0.5, 0.5, 0.5))
    ('76 % (71-83)', '50 %')
    """
    if share.value is None or share.low is None or share.high is None:
        return "unknown"
    text = f"{share.value:.0%}".replace("%", " %")
    if round(share.low, 2) == round(share.high, 2):
        return text
    return f"{text} ({share.low * 100:.0f}-{share.high * 100:.0f})"


def names_of(places: pd.DataFrame) -> pd.Series[str]:
    """Return the name of each place, or its code where it has none."""
    return places["name"].where(places["name"].notna() & places["name"].ne(""), places["code"])


def missing_lines(missing: Iterable[Missing]) -> list[str]:
    """Return one line for each figure that cannot be had."""
    return [f"No {m.figure}: needs the layer {' and '.join(m.layers)}" for m in missing]
