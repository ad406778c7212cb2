"""Connections to the store: one reader's view at a time, one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from gis.errors import DependencyError, ParameterError, StoreError

# Execution option that marks the connections of `writing`.
WRITES = "fengqiao_writes"


def store_url(url_or_path: str | Path) -> URL:
    """Return the database address of a path or of an SQLAlchemy URL.

    Raises
    ------
    ParameterError
        If a text with "://" is not a database address.

    Examples
    --------
    >>> str(store_url("town/town.db"))
    'sqlite:///town/town.db'
    """
    if isinstance(url_or_path, Path) or "://" not in url_or_path:
        return URL.create("sqlite", database=str(url_or_path))
    try:
        return make_url(url_or_path)
    except (ArgumentError, ValueError):
        # Neither the text nor the error is shown: they may hold a password.
        msg = "the database address is not of the form postgresql://USER:PASSWORD@HOST:PORT/NAME"
        raise ParameterError(msg) from None


def store_name(url: URL) -> str:
    """Return how messages name a database: the path of a file, else the URL without password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def connect_engine(url: URL, *, busy_timeout_s: float) -> Engine:
    """Return an engine whose transactions are begun and kept as the store needs them.

    Parameters
    ----------
    url
        Address from `store_url`.
    busy_timeout_s
        How long a writer waits for another one, in seconds.

    Raises
    ------
    DependencyError
        If the driver of this kind of database is not installed.
    """
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        msg = f"{store_name(url)} needs the Python package {error.name}, which is not installed"
        raise DependencyError(msg) from error
    except ArgumentError as error:
        msg = f"{store_name(url)}: no such kind of database: use a path or postgresql://"
        raise ParameterError(msg) from error
    if engine.dialect.name == "sqlite":
        _listen_sqlite(engine, busy_timeout_ms=round(busy_timeout_s * 1000))
    return engine


def _listen_sqlite(engine: Engine, *, busy_timeout_ms: int) -> None:
    """Set the PRAGMAs of every new connection and begin transactions ourselves."""

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        # The driver would begin transactions late, and none for CREATE TABLE.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {busy_timeout_ms}",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: asking for it later, after a read, fails without waiting.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the database from its first question on.

    Raises
    ------
    StoreError
        If the database cannot be read.
    """
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with (
        _clear_errors(engine),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give the connection of the one writer: all that is done in the block, or nothing.

    Raises
    ------
    StoreError
        If another program is still writing when the busy timeout ends, or the database cannot
        be written.
    """
    with (
        _clear_errors(engine),
        engine.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        if engine.dialect.name == "postgresql":
            # What BEGIN IMMEDIATE is to SQLite; readers go on. The key is any fixed number.
            connection.execute(text("SELECT pg_advisory_xact_lock(15211963)"))
        yield connection


@contextmanager
def _clear_errors(engine: Engine) -> Iterator[None]:
    """Turn what the driver raises into one clear line."""
    name = store_name(engine.url)
    try:
        yield
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        if "locked" in reason:
            msg = f"{name}: another program is writing to it: wait for it to end and try again"
        elif "readonly" in reason:
            msg = f"{name}: the file or its folder may not be written"
        elif "disk is full" in reason:
            msg = f"{name}: the disk is full; nothing was changed"
        else:
            msg = f"{name}: the database refused: {reason}"
        raise StoreError(msg) from error
