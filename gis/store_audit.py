"""The audit log in the store: who changed, exported or gave out what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from gis import store_tables_users as tables
from gis.store import Store
from gis.store_engine import reading, writing
from gis.store_users import utc_text


@dataclass(frozen=True)
class AuditRow:
    """One thing that somebody did.

    Parameters
    ----------
    at
        When, UTC.
    who
        Name of the account; "local" where there are none, "link" for whoever has a team's link.
    action
        Which kind of thing.
    detail
        What it was done to.
    """

    at: datetime
    who: str
    action: str
    detail: Mapping[str, Any]

    def summary(self) -> str:
        """Return the row as one line.

        Examples
        --------
        >>> AuditRow(datetime(2026, 11, 26, 20), "duty", "link", {"team": "T1"}).summary()
        '2026-11-26 20:00:00  duty  link  team=T1'
        """
        said = " ".join(f"{key}={value}" for key, value in self.detail.items())
        return f"{self.at:%Y-%m-%d %H:%M:%S}  {self.who}  {self.action}  {said}".rstrip()


def add_audit(
    store: Store, who: str, action: str, detail: Mapping[str, Any], *, now: datetime | None = None
) -> None:
    """Write a row of the log; `detail` must be JSON."""
    at = utc_text(now or datetime.now(UTC), "milliseconds")
    values = {"at": at, "who": who, "action": action, "detail": dict(detail)}
    with writing(store.engine) as connection:
        connection.execute(insert(tables.audit).values(**values))


def audit_rows(
    store: Store, *, most: int = 100, who: str | None = None, action: str | None = None
) -> tuple[AuditRow, ...]:
    """Return the last rows of the log, newest first.

    Parameters
    ----------
    store
        The town's.
    most
        How many at most.
    who, action
        Only those of one account or kind.
    """
    column = tables.audit.c
    query = select(tables.audit).order_by(column.id.desc()).limit(most)
    query = query if who is None else query.where(column.who == who)
    query = query if action is None else query.where(column.action == action)
    with reading(store.engine) as connection:
        return tuple(
            AuditRow(datetime.fromisoformat(row.at), row.who, row.action, row.detail)
            for row in connection.execute(query)
        )


def prune_audit(store: Store, before: datetime) -> int:
    """Forget what was done before a moment, and return how many rows that were."""
    old = tables.audit.c.at < utc_text(before, "milliseconds")
    with writing(store.engine) as connection:
        return int(connection.execute(delete(tables.audit).where(old)).rowcount)
