"""What is selected on the planner's pages, as a table to take out."""

from __future__ import annotations

import pandas as pd

from api.planner_desk import Desk
from gis.errors import NotFoundError
from maps.words import Words


def selected_table(desk: Desk, key: str, say: Words) -> pd.DataFrame:
    """Return what is selected as rows.

    Parameters
    ----------
    desk
        The town and its answers.
    key
        What the page calls it: "target:C1", "gap:8c..", "sites:P1", "village:..", "mend:..".
    say
        Words of the language.

    Raises
    ------
    NotFoundError
        If there is no such thing.
    """
    kind, _, code = key.partition(":")
    found = _READERS.get(kind, _failing)(desk, kind, code, say)
    if found is None or found.empty:
        msg = f"there is no {key}"
        raise NotFoundError(msg)
    return found


def _target(desk: Desk, kind: str, code: str, say: Words) -> pd.DataFrame | None:
    """Return the places that fail a target; the target itself where none does."""
    if desk.targets is None:
        return None
    failing = desk.targets.failing[desk.targets.failing["target"] == code]
    table = desk.targets.targets
    return failing if len(failing) else pd.DataFrame(table[table["id"] == code])


def _gap(desk: Desk, kind: str, code: str, say: Words) -> pd.DataFrame | None:
    if desk.coverage is None:
        return None
    gaps = desk.coverage.gaps
    rows = pd.DataFrame(gaps[gaps["id"].astype(str) == code].drop(columns="geometry"))
    return rows.assign(reason=[say.term("reason", one) for one in rows["reason"]])


def _card(desk: Desk, kind: str, code: str, say: Words) -> pd.DataFrame | None:
    if desk.targets is None:
        return None
    cards = desk.targets.scorecards
    return pd.DataFrame(cards[(cards["scope"] == kind) & (cards["code"] == code)])


def _fault(desk: Desk, kind: str, code: str, say: Words) -> pd.DataFrame | None:
    faults = desk.checks().faults
    rows = faults[[str(at) == code for at in range(len(faults))]]
    plain = pd.DataFrame(rows.drop(columns="geometry"))
    return plain.assign(codes=plain["codes"].map(" ".join))


def _mend(desk: Desk, kind: str, code: str, say: Words) -> pd.DataFrame | None:
    if desk.rectification is None:
        return None
    items = desk.rectification.items
    return pd.DataFrame(items[items["id"] == code])


def _failing(desk: Desk, kind: str, code: str, say: Words) -> pd.DataFrame | None:
    """Return the targets that a place fails."""
    if desk.targets is None:
        return None
    rows = desk.targets.failing
    return pd.DataFrame(rows[(rows["layer"] == kind) & (rows["code"] == code)])


_READERS = {
    "target": _target,
    "gap": _gap,
    "village": _card,
    "station": _card,
    "fault": _fault,
    "mend": _mend,
}
