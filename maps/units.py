"""Numbers as people read them: value, doubt and unit, narrow space between that never breaks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from maps.words import Words
from planner.results import Interval

THIN = "\u202f"
NONE = "–"


def known(value: Any) -> bool:
    """Return whether a value of a table is there."""
    return value is not None and not pd.isna(value)


def each_row(table: pd.DataFrame) -> Iterable[Any]:
    """Return the rows of a table, columns as attributes."""
    return table.itertuples(index=False)


def percent(share: float | None) -> str:
    r"""Return a share in per cent.

    Examples
    --------
    >>> percent(0.762), percent(None)
    ('76\u202f%', '–')
    """
    return f"{share * 100:.0f}{THIN}%" if share is not None and known(share) else NONE


def doubt(share: Interval) -> str:
    """Return the interval of a share, or "" where it is as narrow as its rounding.

    Examples
    --------
    >>> doubt(Interval(0.76, 0.71, 0.83)), doubt(Interval(0.5, 0.5, 0.5))
    ('(71–83)', '')
    """
    if not known(share.low) or not known(share.high):
        return ""
    low, high = round(100 * (share.low or 0)), round(100 * (share.high or 0))
    return "" if low == high else f"({low}–{high})"


def interval(row: Any) -> Interval:
    """Return the interval of a table's row with the columns value, low and high."""
    parts = (row.value, row.low, row.high)
    return Interval(*(float(part) if known(part) else None for part in parts))


def share_text(share: Interval) -> str:
    r"""Return a share with its doubt.

    Examples
    --------
    >>> share_text(Interval(0.76, 0.71, 0.83))
    '76\u202f% (71–83)'
    """
    return f"{percent(share.value)} {doubt(share)}".strip()


def length(metres: float | None, say: Words) -> str:
    """Return a length: metres below 1 km, then km with one decimal."""
    if metres is None or not known(metres):
        return NONE
    if round(metres) < 1000:
        return say("{n} m", n=f"{metres:.0f}")
    return say("{n} km", n=f"{metres / 1000:.1f}")


def ground(square_metres: float | None, say: Words) -> str:
    """Return an area: m² below 1 ha, then ha, from 1 km² on km²."""
    if square_metres is None or not known(square_metres):
        return NONE
    if square_metres < 1e4:
        return say("{n} m²", n=f"{square_metres:,.0f}")
    if square_metres < 1e6:
        return say("{n} ha", n=f"{square_metres / 1e4:.1f}")
    return say("{n} km²", n=f"{square_metres / 1e6:.2f}")


def duration(seconds: float | None, say: Words) -> str:
    """Return a time as minutes and seconds, from one hour on as hours and minutes."""
    if seconds is None or not known(seconds):
        return NONE
    if math.isinf(seconds):
        return say("cannot be reached")
    total = round(seconds)
    if total >= 3600:
        return say("{h} h {m} min", h=total // 3600, m=f"{total % 3600 // 60:02d}")
    return f"{total // 60}′{total % 60:02d}″"


def clock(moment: Any) -> str:
    """Return the time of day of an ISO 8601 text.

    Examples
    --------
    >>> clock("2026-11-24T19:05:00+08:00")
    '19:05'
    """
    return moment[11:16] if isinstance(moment, str) else NONE
