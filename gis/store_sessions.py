"""Who is logged in: sessions in the store. Of a session's token only its hash is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update

from gis import store_tables_users as tables
from gis.store import Store
from gis.store_engine import reading, writing
from gis.store_users import utc_text


@dataclass(frozen=True)
class Session:
    """Somebody who is logged in.

    Parameters
    ----------
    token
        Hash of what the browser sends.
    user, role
        The account and what it may do now.
    csrf
        What a request that changes something must say besides.
    made_at, seen_at, expires_at
        Moments, UTC: of the login, of the last request (not to the second), of the end.
    """

    token: str
    user: str
    role: str
    csrf: str
    made_at: datetime
    seen_at: datetime
    expires_at: datetime

    def summary(self) -> str:
        """Return the session as one line, without anything that opens it."""
        made, seen = (f"{at:%Y-%m-%d %H:%M}" for at in (self.made_at, self.seen_at))
        return f"{self.user}  {self.role}  since {made}  last {seen}"


_COLUMNS = tables.sessions.c["token", "user", "csrf", "made_at", "seen_at", "expires_at"]
_LIVE: Select[Any] = (
    select(*_COLUMNS, tables.users.c.role).join(tables.users).where(~tables.users.c.disabled)
)


def start_session(store: Store, session: Session) -> None:
    """Keep a session; those that have ended are forgotten."""
    column = tables.sessions.c
    values = {
        "token": session.token,
        "user": session.user,
        "csrf": session.csrf,
        "made_at": utc_text(session.made_at),
        "seen_at": utc_text(session.seen_at),
        "expires_at": utc_text(session.expires_at),
    }
    with writing(store.engine) as connection:
        past = column.expires_at < utc_text(session.made_at)
        connection.execute(delete(tables.sessions).where(past))
        connection.execute(insert(tables.sessions).values(**values))


def session_of(store: Store, token: str) -> Session | None:
    """Return the session with this hash; None where there is none or its account is disabled."""
    with reading(store.engine) as connection:
        row = connection.execute(_LIVE.where(tables.sessions.c.token == token)).first()
    return None if row is None else _session(row)


def sessions_list(store: Store, user: str | None = None) -> tuple[Session, ...]:
    """Return the sessions of one account or of all, those seen last first."""
    query = _LIVE if user is None else _LIVE.where(tables.sessions.c.user == user)
    with reading(store.engine) as connection:
        rows = connection.execute(query.order_by(tables.sessions.c.seen_at.desc()))
        return tuple(_session(row) for row in rows)


def see_session(store: Store, token: str, at: datetime | None = None) -> None:
    """Write down that a session is still in use."""
    seen = utc_text(at or datetime.now(UTC))
    query = update(tables.sessions).where(tables.sessions.c.token == token).values(seen_at=seen)
    with writing(store.engine) as connection:
        connection.execute(query)


def end_session(store: Store, token: str) -> None:
    """End one session."""
    with writing(store.engine) as connection:
        connection.execute(delete(tables.sessions).where(tables.sessions.c.token == token))


def end_sessions(store: Store, user: str | None = None) -> int:
    """End every session of one account or of all, and return how many."""
    query = delete(tables.sessions)
    with writing(store.engine) as connection:
        done = connection.execute(
            query if user is None else query.where(tables.sessions.c.user == user)
        )
        return int(done.rowcount)


def _session(row: Row[Any]) -> Session:
    moments = (datetime.fromisoformat(at) for at in (row.made_at, row.seen_at, row.expires_at))
    return Session(row.token, row.user, row.role, row.csrf, *moments)
