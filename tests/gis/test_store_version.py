from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from gis.errors import DependencyError, FileMissingError, FormatError, ParameterError, StoreError
from gis.store import open_store
from gis.store_tables_users import metadata
from gis.store_version import PROGRAM, migrations


@pytest.fixture
def town_db(tmp_path: Path) -> Path:
    path = tmp_path / "town.db"
    with open_store(path, create=True) as store:
        store.set_town(name="A")
    return path


def ask(path: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file, file:
        return file.execute(question).fetchall()


def test_the_migrations_make_the_tables(town_db: Path) -> None:
    engine = create_engine(f"sqlite:///{town_db}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_way_back_leaves_nothing(town_db: Path) -> None:
    engine = create_engine(f"sqlite:///{town_db}")
    with engine.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    engine.dispose()
    tables = ask(town_db, "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    assert {name for (name,) in tables} <= {"alembic_version", "sqlite_autoindex_alembic_version_1"}


def test_the_tables_are_postgresql_too() -> None:
    dialect = postgresql.dialect()
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert len(str(index.name)) < 63
            assert "CREATE INDEX" in str(CreateIndex(index).compile(dialect=dialect))


def test_the_migrations_can_be_written_out_for_postgresql() -> None:
    config = migrations()
    config.output_buffer = io.StringIO()
    config.set_main_option("sqlalchemy.url", "postgresql://host/town")
    command.upgrade(config, "head", sql=True)
    script = config.output_buffer.getvalue()
    assert "id SERIAL NOT NULL" in script
    assert "cell BIGINT" in script
    assert "geometry BYTEA" in script
    assert script.count("CREATE TABLE") == len(metadata.tables) + 1


def test_a_store_opens_again(town_db: Path) -> None:
    for address in (town_db, str(town_db), f"sqlite:///{town_db}"):
        with open_store(address) as store:
            assert store.town.name == "A"
    with open_store(town_db, create=True) as store:
        assert store.town.name == "A"
    assert ask(town_db, "PRAGMA journal_mode") == [("wal",)]
    assert ask(town_db, "SELECT value FROM town WHERE key = 'program'") == [(f'"{PROGRAM}"',)]


def test_the_pragmas_hold_on_every_connection(town_db: Path) -> None:
    with open_store(town_db, busy_timeout_s=2.5) as store, store._engine.connect() as connection:
        for pragma, value in {"synchronous": 2, "foreign_keys": 1, "busy_timeout": 2500}.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_newer_store_names_the_version_it_needs(town_db: Path) -> None:
    ask(town_db, "UPDATE alembic_version SET version_num = '9999'")
    ask(town_db, "UPDATE town SET value = '\"7.1.0\"' WHERE key = 'program'")
    for create in (False, True):
        with pytest.raises(StoreError, match=rf"town.db: .* 7\.1\.0; this is {PROGRAM}"):
            open_store(town_db, create=create)


def test_an_older_store_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with open_store(path) as store:
        assert store.set_town(name="B") == 1


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    with pytest.raises(FileMissingError, match=r"town\.db: no such file; .*fengqiao init"):
        open_store(path)
    assert not path.exists()
    with pytest.raises(FileMissingError, match="there is no folder"):
        open_store(tmp_path / "none" / "town.db", create=True)
    with pytest.raises(FileMissingError, match="fengqiao init"):
        open_store("sqlite://")


@pytest.mark.parametrize("create", [False, True])
def test_what_is_not_ours_is_named_and_not_touched(tmp_path: Path, create: bool) -> None:
    text = tmp_path / "notes.db"
    text.write_text("not a database, but long enough to have a header" * 50)
    other = tmp_path / "other.gpkg"
    ask(other, "CREATE TABLE gpkg_contents (x)")
    for path in (text, other, tmp_path):
        before = path.read_bytes() if path.is_file() else b""
        with pytest.raises(FormatError, match=path.name):
            open_store(path, create=create)
        assert (path.read_bytes() if path.is_file() else b"") == before


def test_an_empty_file_may_be_filled(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    path.touch()
    with pytest.raises(FormatError):
        open_store(path)
    with open_store(path, create=True) as store:
        assert store.revision == 0


def test_addresses_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="address") as caught:
        open_store("postgresql://user:secret@host:port/town")
    assert "secret" not in str(caught.value)
    with pytest.raises(ParameterError, match="no such kind"):
        open_store("abacus://user:secret@host/town")
    with pytest.raises(DependencyError, match=r"user:\*\*\*@host/town needs the Python package"):
        open_store("postgresql+pg8000://user:secret@host/town")


def test_a_damaged_file_is_told(town_db: Path) -> None:
    content = bytearray(town_db.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    town_db.write_bytes(content)
    with pytest.raises((StoreError, FormatError), match=r"town\.db"), open_store(town_db) as store:
        store.layers()
