"""Links given to teams for a night, in the store; what signs them never leaves it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from gis import store_tables_users as tables
from gis.errors import NotFoundError
from gis.store import Store
from gis.store_engine import reading, writing


@dataclass(frozen=True)
class LinkRow:
    """A link of one team for one night.

    Parameters
    ----------
    jti
        What tells it from all others.
    team, night
        Whose route it shows.
    made_at, made_by
        When, and by which account.
    expires_at
        From then on it shows nothing.
    revoked_at
        When it was taken back; None where it was not.
    """

    jti: str
    team: str
    night: date
    made_at: datetime
    made_by: str
    expires_at: datetime
    revoked_at: datetime | None = None


def save_link(store: Store, link: LinkRow) -> None:
    """Keep a new link."""
    values = {name: _text(value) for name, value in asdict(link).items()}
    with writing(store.engine) as connection:
        connection.execute(insert(tables.links).values(**values))


def find_link(store: Store, jti: str) -> LinkRow | None:
    """Return a link, None where there is none."""
    query = select(tables.links).where(tables.links.c.jti == jti)
    with reading(store.engine) as connection:
        row = connection.execute(query).first()
    return None if row is None else _link(row)


def links_of(store: Store, night: date | None = None) -> tuple[LinkRow, ...]:
    """Return the links of a night, or all of them, by night, team and when they were made."""
    column = tables.links.c
    query = select(tables.links).order_by(column.night, column.team, column.made_at, column.jti)
    if night is not None:
        query = query.where(column.night == night.isoformat())
    with reading(store.engine) as connection:
        return tuple(_link(row) for row in connection.execute(query))


def end_link(store: Store, jti: str, now: datetime) -> LinkRow:
    """Take a link back, and return it; one that was taken back already stays as it is.

    Raises
    ------
    NotFoundError
        If there is no such link.
    """
    column = tables.links.c
    with writing(store.engine) as connection:
        fresh = (column.jti == jti) & column.revoked_at.is_(None)
        connection.execute(update(tables.links).where(fresh).values(revoked_at=_text(now)))
        row = connection.execute(select(tables.links).where(column.jti == jti)).first()
    if row is None:
        msg = f"there is no link {jti}: see `fengqiao links list`"
        raise NotFoundError(msg)
    return _link(row)


def _link(row: Row[Any]) -> LinkRow:
    return LinkRow(
        row.jti, row.team, date.fromisoformat(row.night), datetime.fromisoformat(row.made_at),
        row.made_by, datetime.fromisoformat(row.expires_at),
        None if row.revoked_at is None else datetime.fromisoformat(row.revoked_at),
    )  # fmt: skip


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
