"""Places judged one by one, and the one number that they make together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.targets_facts import Floats

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64] | slice
# Kind of sentence, layer, column.
Lack = tuple[str, str, str]
How = Literal["share", "least", "total"]

# Shares are sums of floats: what misses a limit by less than this meets it.
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Judged:
    """Places with what each adds to a target's value.

    Parameters
    ----------
    places
        layer, code, name, village, station; RangeIndex.
    how
        "share" (sum of the parts over the sum of the wholes), "least" (the place that is worst
        off) or "total" (sum of the parts).
    low, value, high
        (n,) each place's part: at least, expected (NaN = unknown), at most.
    whole
        (n,) what the part is a part of: 1 where places are counted, metres, square metres.
    fails
        (n,) True where the place fails for certain.
    shown, short
        (n,) the number that a reader sees, and what is missing to hold; NaN where there is none.
    words
        (n,) unit of `short`, and what is missing: (unit, zh, en); None where nothing is.
    lacks
        What is not known, and for which places: (kind of sentence, layer, column), (n,) bool.
    both
        (n,) True where two readings apply.
    old
        (n,) True where facts of an earlier year had to do.
    """

    places: pd.DataFrame = field(repr=False)
    how: How
    low: Floats
    value: Floats
    high: Floats
    whole: Floats
    fails: Bools
    shown: Floats
    short: Floats
    words: Sequence[tuple[str, str, str] | None] = field(repr=False)
    lacks: tuple[tuple[Lack, Bools], ...] = field(repr=False, default=())
    both: Bools = field(repr=False, default_factory=lambda: np.zeros(0, bool))
    old: Bools = field(repr=False, default_factory=lambda: np.zeros(0, bool))

    def known(self) -> bool:
        """Return whether anything is known of any place."""
        return bool((~np.isnan(self.value)).any())


class Total(NamedTuple):
    """A target's number over some of its places; NaN where nothing is known.

    `part` of `whole` are the places (or their sizes) behind `value`: those that are known.
    """

    value: float
    low: float
    high: float
    part: float
    whole: float


ALL = slice(None)
NOTHING = Total(np.nan, np.nan, np.nan, np.nan, 0.0)


def joined(parts: Sequence[Judged]) -> Judged:
    """Return places that were judged layer by layer as one."""
    if len(parts) == 1:
        return parts[0]
    sizes = [len(part.places) for part in parts]
    starts = np.cumsum([0, *sizes])
    lacks = []
    for part, start in zip(parts, starts, strict=False):
        for lack, which in part.lacks:
            mask = np.zeros(starts[-1], bool)
            mask[start : start + len(which)] = which
            lacks.append((lack, mask))

    def stacked(name: str) -> npt.NDArray[np.generic]:
        return np.concatenate([getattr(part, name) for part in parts])

    columns = ("low", "value", "high", "whole", "fails", "shown", "short")
    return Judged(
        pd.concat([part.places for part in parts], ignore_index=True),
        parts[0].how,
        **{name: stacked(name) for name in columns},  # type: ignore[arg-type]
        words=[word for part in parts for word in part.words],
        lacks=tuple(lacks),
        both=stacked("both").astype(bool),
        old=stacked("old").astype(bool),
    )


def total(judged: Judged, which: Rows, op: str | None, limit: float) -> Total:
    """Return the value of a target over some of its places.

    Parameters
    ----------
    judged
        Every place of the target.
    which
        Positions of the places meant, or a slice.
    op, limit
        What is asked; the worst place is the least for ">=", the greatest for "<=".
    """
    low, value, high = judged.low[which], judged.value[which], judged.high[which]
    known = ~np.isnan(value)
    if not len(value):
        return NOTHING
    if judged.how == "least":
        return _worst(low, value, high, known, op, limit)
    whole = judged.whole[which]
    part = float(value[known].sum())
    if judged.how == "total":
        told = part if known.any() else np.nan
        return Total(told, float(low.sum()), float(high.sum()), told, float(len(value)))
    of_known, of_all = float(whole[known].sum()), float(whole.sum())
    if of_all <= 0:
        return NOTHING
    expected = part / of_known if of_known > 0 else np.nan
    ends = float(low.sum()) / of_all, float(high.sum()) / of_all
    return Total(expected, *ends, *((part, of_known) if of_known > 0 else (np.nan, of_all)))


def meets(op: str, number: float, limit: float) -> bool:
    """Return whether a number meets a limit; a number that is not known does not.

    Examples
    --------
    >>> meets(">=", 0.1 + 0.2, 0.3), meets("<=", 5.0, 4.0), meets(">=", float("nan"), 0.0)
    (True, False, False)
    """
    return number >= limit - TOLERANCE if op == ">=" else number <= limit + TOLERANCE


def status_of(number: Total, op: str | None, limit: float) -> str:
    """Return "met" only if the value meets at its worst, "not_met" only if not even at its best.

    Parameters
    ----------
    number
        The value with its doubt.
    op, limit
        What is asked; None asks nothing, a limit that is NaN is not known.

    Examples
    --------
    >>> status_of(Total(0.8, 0.7, 0.9, 4, 5), ">=", 0.8)
    'cannot_tell'
    """
    if op is None:
        return "cannot_tell" if np.isnan(number.value) else "report_only"
    if np.isnan(limit) or np.isnan(number.low) or number.whole <= 0:
        return "cannot_tell"
    worst, best = (number.low, number.high) if op == ">=" else (number.high, number.low)
    if meets(op, worst, limit):
        return "met"
    return "cannot_tell" if meets(op, best, limit) else "not_met"


def _worst(
    low: Floats, value: Floats, high: Floats, known: Bools, op: str | None, limit: float
) -> Total:
    worst = np.max if op == "<=" else np.min
    told = float(worst(value[known])) if known.any() else np.nan
    holds = sum(op is not None and meets(op, number, limit) for number in value[known].tolist())
    part = float(holds) if known.any() and op is not None else np.nan
    count = known.sum() if known.any() else len(value)
    return Total(told, float(worst(low)), float(worst(high)), part, float(count))
