"""Small totals hidden, together with whatever would tell them.

A table of totals with the sums of its groups and the sum of all is published. A total from 1 to
`least` - 1 is hidden (zero stays: it says nothing about anybody). What is left must not tell it:
wherever a sum is published, either none of its parts is hidden, or at least two are, which
together make `least` or more; otherwise the smallest further part is hidden as well, and where
there is none, the sum itself. The sums of groups are treated the same way against the sum of all.

This keeps a hidden total from being computed. It does not keep a reader who knows the rule from
narrowing it down to a few numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]


class Hidden(NamedTuple):
    """What is hidden: of the rows (n,), of the groups' sums (g,), and the sum of all."""

    rows: Bools
    groups: Bools
    all: bool


def hide_small(totals: npt.ArrayLike, groups: npt.ArrayLike, least: float) -> Hidden:
    """Return which totals and which sums must be hidden.

    Parameters
    ----------
    totals
        (n,) totals, none negative; what is unknown counts as 0.
    groups
        (n,) number of each row's group, from 0.
    least
        Smallest total that may be shown.

    Examples
    --------
    >>> hide_small([2, 9, 5, 20, 30], [0, 0, 0, 1, 1], 3).rows.tolist()
    [True, False, True, False, False]
    >>> hide_small([2, 9, 8], [0, 1, 1], 3)
    Hidden(rows=array([ True, False,  True]), groups=array([ True,  True]), all=False)
    """
    number, group = np.asarray(totals, float), np.asarray(groups, np.int64)
    count = int(group.max()) + 1 if len(group) else 0
    sums = np.bincount(group, number, count) if count else np.zeros(0)
    rows = (number > 0) & (number < least)
    hidden = (sums > 0) & (sums < least)
    for one in range(count):
        members = np.flatnonzero(group == one)
        if not hidden[one] and not _widen(number, rows, members, least):
            hidden[one] = True
    everything = bool(0 < sums.sum() < least)
    while hidden.any() and not everything:
        members = np.flatnonzero(hidden[group])
        if _safe(number, rows, members, least):
            break
        shown = np.flatnonzero(~hidden & (sums > 0))
        if len(shown):  # the smallest further sum, with the smallest of its rows
            further = shown[np.argmin(sums[shown])]
            hidden[further] = True
            own = np.flatnonzero((group == further) & ~rows & (number > 0))
            if len(own) and not rows[group == further].any():
                rows[own[np.argmin(number[own])]] = True
        else:
            everything = not _widen(number, rows, members, least)
    return Hidden(rows, hidden, everything)


def _safe(
    number: npt.NDArray[np.float64], rows: Bools, members: npt.NDArray[np.int64], least: float
) -> bool:
    """Return whether the hidden ones of these rows stay hidden though their sum is told."""
    own = members[rows[members]]
    return not len(own) or (len(own) > 1 and float(number[own].sum()) >= least)


def _widen(
    number: npt.NDArray[np.float64], rows: Bools, members: npt.NDArray[np.int64], least: float
) -> bool:
    """Hide further rows, the smallest first, until the sum tells nothing; False if it cannot be."""
    while not _safe(number, rows, members, least):
        shown = members[~rows[members] & (number[members] > 0)]
        if not len(shown):
            return False
        rows[shown[np.argmin(number[shown])]] = True
    return True
