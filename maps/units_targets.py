"""Values of targets as people read them: shares in per cent, counts with their word."""

from __future__ import annotations

import math
from typing import Any

from maps.units import NONE, THIN, known
from maps.words import Words

SIGNS = {">=": "≥", "<=": "≤", "==": "=", ">": ">", "<": "<"}
SHARE = "share"


def value_text(value: Any, row: Any, say: Words) -> str:
    r"""Return a value with the unit of its row.

    Parameters
    ----------
    value
        A number, or unknown.
    row
        With unit, and unit_zh and unit_en where it is no share.
    say
        Words of the language.
    """
    if not known(value):
        return NONE
    if math.isinf(value):
        return "∞"
    if row.unit == SHARE:
        return f"{_digits(100 * value)}{THIN}%"
    unit = getattr(row, f"unit_{say.lang}", "")
    return f"{_digits(value)}{THIN}{unit}".strip() if known(unit) and unit else _digits(value)


def span_text(row: Any, say: Words) -> tuple[str, str]:
    """Return the value of a target, and its interval where that is wider than the rounding."""
    if not known(row.value):
        return say("cannot tell"), ""
    factor = 100 if row.unit == SHARE else 1
    low, high = (_bound(end, factor) for end in (row.low, row.high))
    return value_text(row.value, row, say), "" if low == high else f"({low}–{high})"


def limit_text(row: Any, say: Words) -> str:
    """Return what a target asks for, such as "≥ 80 %"; "" where it sets no number."""
    if not known(row.op) or not known(row.limit):
        return ""
    return f"{SIGNS.get(row.op, row.op)}{THIN}{value_text(row.limit, row, say)}"


def of_all(part: Any, whole: Any) -> str:
    """Return how many of how many.

    Examples
    --------
    >>> of_all(19.0, 25), of_all(float("nan"), 25)
    ('19 / 25', '')
    """
    if not known(part) or not known(whole):
        return ""
    return f"{_digits(part)} / {_digits(whole)}"


def _bound(value: Any, factor: int) -> str:
    if not known(value):
        return NONE
    return "∞" if math.isinf(value) else _digits(factor * value)


def _digits(value: float) -> str:
    """Return a number with no more digits than it needs: 76, 0.5, 1,200."""
    if abs(value) >= 10 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"
