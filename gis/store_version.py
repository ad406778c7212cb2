"""The version of a database: made, recognised, brought up to date."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib import metadata as distributions
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, select

from gis import store_tables as tables
from gis.errors import FileMissingError, FormatError, StoreError
from gis.store_engine import reading, store_name, writing
from gis.store_town import write_values

PROGRAM = distributions.version("fengqiao-grid")
MAKE_ONE = "make a town with `fengqiao init DIR --name NAME`"


def migrations() -> Config:
    """Return the settings of Alembic; the scripts come with the package, no file is needed."""
    config = Config()
    config.set_main_option("script_location", "gis:migrations")
    config.set_main_option("path_separator", "os")
    return config


def check_file(path: Path, *, create: bool) -> None:
    """Raise unless a path is a database of this program, or may become one.

    Nothing is written: the file may belong to another program.

    Raises
    ------
    FileMissingError
        If the file, or with `create` its folder, does not exist.
    FormatError
        If the file is something else.
    """
    if not path.exists():
        if not create:
            msg = f"{path}: no such file; {MAKE_ONE}"
            raise FileMissingError(msg)
        if not path.parent.is_dir():
            msg = f"{path}: there is no folder {path.parent}"
            raise FileMissingError(msg)
        return
    if not path.is_file():
        msg = f"{path}: is not a file"
        raise FormatError(msg)
    found = _tables_of_file(path)
    if found >= {"alembic_version", "revisions", "town"} or (create and not found):
        return
    msg = f"{path}: is not a database made by fengqiao"
    raise FormatError(msg)


def _tables_of_file(path: Path) -> set[str]:
    """Return the names of the tables in a SQLite file."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            return {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
    except sqlite3.OperationalError as error:
        msg = f"{path}: cannot be opened: {error}"
        raise StoreError(msg) from error
    except sqlite3.DatabaseError as error:
        msg = f"{path}: is not a database, or is damaged"
        raise FormatError(msg) from error


def bring_up_to_date(engine: Engine, *, create: bool) -> None:
    """Run the migrations that a database lacks, all or none.

    Parameters
    ----------
    engine
        From `gis.store_engine.connect_engine`.
    create
        Whether a database without any table may be filled.

    Raises
    ------
    FileMissingError
        If there are no tables and `create` is not set.
    StoreError
        If a newer program has changed the database already; the message names its version.
    """
    script = ScriptDirectory.from_config(migrations())
    with reading(engine) as connection:
        current = _version(connection)
        known = {step.revision for step in script.walk_revisions()}
        if current is not None and current not in known:
            msg = (
                f"{store_name(engine.url)}: was changed by fengqiao-grid {_program(connection)}; "
                f"this is {PROGRAM}: install that version or a newer one"
            )
            raise StoreError(msg)
    if current is None and not create:
        msg = f"{store_name(engine.url)}: holds no town; {MAKE_ONE}"
        raise FileMissingError(msg)
    _use_write_ahead_log(engine)
    if current == script.get_current_head():
        return
    with writing(engine) as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        write_values(connection, {"program": PROGRAM})


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _program(connection: Connection) -> str:
    """Return the version of the program that last changed the tables."""
    if not inspect(connection).has_table("town"):
        return "of a later version"
    query = select(tables.town.c.value).where(tables.town.c.key == "program")
    return str(connection.execute(query).scalar() or "of a later version")


def _use_write_ahead_log(engine: Engine) -> None:
    """Let readers go on while one writes; the file remembers it."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        # Outside any transaction, as SQLite wants it.
        driver = connection.connection.driver_connection
        assert driver is not None
        try:
            driver.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            msg = f"{store_name(engine.url)}: cannot be written: {error}"
            raise StoreError(msg) from error
