"""What several phones of one team say of its stops, put together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gis.patrol_rows import Checkin
from gis.store_field import TeamField
from planner.checkins import Compared

# Of two reports of a stop the one that stands first here counts.
RANK = {"kept": 0, "late": 1, "extra": 2, "missed": 3}
LAST = datetime.max.replace(tzinfo=UTC)


def joined(known: TeamField, new: Compared) -> TeamField:
    """Return what is known with what was said besides; in which order it is said does not matter.

    Of two check-ins at one stop the one on time counts, then the earlier one. A stop that is no
    longer planned is extra if it was reached, and forgotten if not.

    Parameters
    ----------
    known
        So far.
    new
        A report against the plan.
    """
    before = {row.stop: row for row in known.checkins}
    rows = [
        row if row.stop not in before else min(before.pop(row.stop), row, key=_order)
        for row in new.rows
    ]
    rows += [_unplanned(row) for row in before.values() if row.status != "missed"]
    hours = new.hours or known.hours
    return replace(known, checkins=tuple(rows), hours=hours)


def withdrawn(known: TeamField, stop: str, *, planned: bool) -> TeamField:
    """Return what is known without the check-in at a stop.

    Parameters
    ----------
    known
        So far.
    stop
        Code of the stop.
    planned
        Whether the plan has it: it is missed then; one that was extra is forgotten.
    """
    rows = [
        replace(row, status="missed", at=None) if row.stop == stop else row
        for row in known.checkins
        if planned or row.stop != stop
    ]
    went = any(row.status != "missed" for row in rows)
    return replace(known, checkins=tuple(rows), hours=known.hours if went else None)


def _order(row: Checkin) -> tuple[int, datetime]:
    return RANK[row.status], row.at or LAST


def _unplanned(row: Checkin) -> Checkin:
    return row if row.status == "extra" else replace(row, status="extra")
