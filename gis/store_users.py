"""Accounts in the store, the keys that sign links, and how often somebody has tried.

They are no change of the town: the revision stays. Every function is one transaction.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from gis import store_tables_users as tables
from gis.errors import ConflictError, NotFoundError
from gis.store import Store
from gis.store_engine import reading, writing

ADMIN = "admin"
# Attempts are kept this long, whatever is asked about them.
KEPT_ATTEMPTS = timedelta(days=1)
SECRET_BYTES = 32


@dataclass(frozen=True)
class User:
    """An account.

    Parameters
    ----------
    name
        What it is called.
    role
        What it may do.
    made_at, changed_at
        Moments, UTC.
    disabled
        True where it may not log in.
    """

    name: str
    role: str
    made_at: datetime
    changed_at: datetime
    disabled: bool = False

    def summary(self) -> str:
        """Return the account as one line.

        Examples
        --------
        >>> User("duty", "commander", datetime(2026, 1, 1), datetime(2026, 1, 1), True).summary()
        'duty  commander  disabled'
        """
        return "  ".join([self.name, self.role, *(["disabled"] if self.disabled else [])])


def users_list(store: Store) -> tuple[User, ...]:
    """Return every account, by name."""
    with reading(store.engine) as connection:
        return _users(connection)


def any_user(store: Store) -> bool:
    """Return whether there is an account, if only a disabled one."""
    with reading(store.engine) as connection:
        return connection.execute(select(tables.users.c.name).limit(1)).first() is not None


def has_admin(store: Store) -> bool:
    """Return whether there is an administrator who may log in."""
    return any(user.role == ADMIN and not user.disabled for user in users_list(store))


def add_user(
    store: Store, name: str, role: str, password: str, *, now: datetime | None = None
) -> User:
    """Keep a new account and return it.

    Parameters
    ----------
    store
        The town's.
    name, role
        Of the account; the first one must be an administrator.
    password
        Its hash.
    now
        The moment; None = this one.

    Raises
    ------
    ConflictError
        If there is one of this name, in whatever case, or it is the first and no administrator.
    """
    at = now or datetime.now(UTC)
    made = User(name, role, at, at)
    with writing(store.engine) as connection:
        before = _users(connection)
        same = [user.name for user in before if user.name.casefold() == name.casefold()]
        if same:
            msg = f"there is an account {same[0]} already"
            raise ConflictError(msg)
        _check_admin((*before, made))
        values = {"name": name, "role": role, "password": password, "disabled": False}
        at_text = utc_text(at)
        values |= {"made_at": at_text, "changed_at": at_text}
        connection.execute(insert(tables.users).values(**values))
    return made


def change_user(
    store: Store,
    name: str,
    *,
    role: str | None = None,
    password: str | None = None,
    disabled: bool | None = None,
    now: datetime | None = None,
) -> User:
    """Change an account and return it; a new password and disabling end its sessions.

    Parameters
    ----------
    store
        The town's.
    name
        Of the account.
    role, password, disabled
        What becomes of it, the password as hash; None stays as it is.
    now
        The moment; None = this one.

    Raises
    ------
    NotFoundError
        If there is no such account.
    ConflictError
        If no administrator would be left who may log in.
    """
    changes = {"role": role, "password": password, "disabled": disabled}
    values = {key: value for key, value in changes.items() if value is not None}
    values["changed_at"] = utc_text(now or datetime.now(UTC))
    with writing(store.engine) as connection:
        of_user = tables.users.c.name == name
        if not connection.execute(update(tables.users).where(of_user).values(**values)).rowcount:
            msg = f"there is no account {name}: see `fengqiao user list`"
            raise NotFoundError(msg)
        if password is not None or disabled:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.user == name))
        after = _users(connection)
        if role is not None or disabled:
            _check_admin(after)
        return next(user for user in after if user.name == name)


def password_of(store: Store, name: str) -> str | None:
    """Return the hash of an account's password; None where nobody of this name may log in."""
    query = select(*tables.users.c["password", "disabled"]).where(tables.users.c.name == name)
    with reading(store.engine) as connection:
        row = connection.execute(query).first()
    return None if row is None or row.disabled else str(row.password)


def keep_password(store: Store, name: str, password: str) -> None:
    """Keep another hash of the same password; sessions go on."""
    of_user = tables.users.c.name == name
    with writing(store.engine) as connection:
        connection.execute(update(tables.users).where(of_user).values(password=password))


def count_attempt(
    store: Store, key: str, most: int, within_s: float, *, now: datetime | None = None
) -> float:
    """Count one more attempt, and return the seconds to wait if there were too many, else 0.

    Counted and asked in one transaction, so that several servers share one limit. What is
    refused is not counted: who waits long enough may go on.

    Parameters
    ----------
    store
        The town's.
    key
        For whom it is counted, such as "login 10.1.2.3".
    most
        How many there may be.
    within_s
        In which time, in seconds; at most a day.
    now
        The moment; None = this one.
    """
    at = now or datetime.now(UTC)
    column = tables.attempts.c
    since = utc_text(at - timedelta(seconds=within_s), "microseconds")
    query = select(column.at).where(column.key == key, column.at > since).order_by(column.at.desc())
    with writing(store.engine) as connection:
        known = connection.execute(query.limit(most)).scalars().all()
        if len(known) >= most:
            free = datetime.fromisoformat(known[-1]) + timedelta(seconds=within_s)
            return max((free - at).total_seconds(), 1.0)
        old = utc_text(at - KEPT_ATTEMPTS, "microseconds")
        connection.execute(delete(tables.attempts).where(column.at < old))
        values = {"key": key, "at": utc_text(at, "microseconds")}
        connection.execute(insert(tables.attempts).values(**values))
    return 0.0


def forget_attempts(store: Store, key: str, *, last: int | None = None) -> None:
    """Forget what was counted for a key: all of it, or the last attempts."""
    column = tables.attempts.c
    mine = select(column.id).where(column.key == key).order_by(column.id.desc()).limit(last)
    with writing(store.engine) as connection:
        found = connection.execute(mine).scalars().all()
        connection.execute(delete(tables.attempts).where(column.id.in_(found)))


def secret(store: Store, name: str) -> bytes:
    """Return a key that only this town's servers know, made when it is first asked for.

    Parameters
    ----------
    store
        The town's.
    name
        What it is for, such as "links".
    """
    query = select(tables.secrets.c.value).where(tables.secrets.c.name == name)
    with reading(store.engine) as connection:
        known = connection.execute(query).scalar()
    if known is None:
        with writing(store.engine) as connection:
            known = connection.execute(query).scalar()  # another one may have been quicker
            if known is None:
                known = secrets.token_hex(SECRET_BYTES)
                connection.execute(insert(tables.secrets).values(name=name, value=known))
    return bytes.fromhex(known)


def utc_text(moment: datetime, unit: str = "seconds") -> str:
    """Return a moment as the store keeps it: UTC, so that texts sort as times do.

    Examples
    --------
    >>> utc_text(datetime.fromisoformat("2026-11-26T08:00:00+08:00"))
    '2026-11-26T00:00:00+00:00'
    """
    return moment.astimezone(UTC).isoformat(timespec=unit)


def _users(connection: Connection) -> tuple[User, ...]:
    column = tables.users.c
    query = select(*column["name", "role", "made_at", "changed_at", "disabled"])
    return tuple(
        User(
            row.name,
            row.role,
            datetime.fromisoformat(row.made_at),
            datetime.fromisoformat(row.changed_at),
            row.disabled,
        )
        for row in connection.execute(query.order_by(func.lower(column.name), column.name))
    )


def _check_admin(users: tuple[User, ...]) -> None:
    """Raise unless one of the accounts is an administrator who may log in."""
    if not any(user.role == ADMIN and not user.disabled for user in users):
        msg = (
            "one administrator must be able to log in: make one with "
            "`fengqiao user add NAME --role admin`"
        )
        raise ConflictError(msg)
