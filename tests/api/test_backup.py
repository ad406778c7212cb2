"""Backups: what is in them, what comes out of them, and what is refused."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.backup import ABOUT, make_backup, read_backup, restore_backup
from api.cli import app
from api.workspace import CONFIG, Workspace, create_workspace, open_workspace
from gis.errors import FileMissingError, FormatError, InputError, ParameterError, StoreError
from gis.store_audit import audit_rows
from gis.store_sessions import Session, sessions_list, start_session
from gis.store_users import add_user, secret, users_list


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "town", "滨海 新城")


def names(path: Path) -> set[str]:
    return set(zipfile.ZipFile(path).namelist())


def test_a_town_comes_back_as_it_was(place: Workspace, tmp_path: Path) -> None:
    (place.folder / "our-targets.toml").write_text("a = 1\n", encoding="utf-8")
    with place.open_store() as store:
        add_user(store, "chief", "admin", "hash")
        key = secret(store, "links")
        revision = store.set_town(name="滨海 新城 二")
    made = make_backup(place, tmp_path / "b.zip")
    assert (made.town, made.revision) == ("滨海 新城", revision)
    assert restore_backup(tmp_path / "b.zip", tmp_path / "new" / "town") == made

    back = open_workspace(tmp_path / "new" / "town")
    for name in (CONFIG, "our-targets.toml"):
        assert (back.folder / name).read_bytes() == (place.folder / name).read_bytes()
    with back.open_store() as store:
        assert store.revision == revision
        assert store.town.name == "滨海 新城 二"
        assert [user.name for user in users_list(store)] == ["chief"]
        assert secret(store, "links") == key
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"town"}
    assert {path.name for path in tmp_path.iterdir()} == {"town", "new", "b.zip"}


def test_only_the_owner_may_read_it(place: Workspace, tmp_path: Path) -> None:
    make_backup(place, tmp_path / "b.zip")
    restore_backup(tmp_path / "b.zip", tmp_path / "back")
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "back").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "back" / "town.db").stat().st_mode) == 0o600


def test_what_is_still_in_the_log_file_is_saved(place: Workspace, tmp_path: Path) -> None:
    with place.open_store() as store:
        store.set_town(name="one")
        before = (place.folder / "town.db").read_bytes()
        revision = store.set_town(name="two")
        # What was changed last is not in the database's own file yet.
        assert (place.folder / "town.db").read_bytes() == before
        make_backup(place, tmp_path / "b.zip")
    restore_backup(tmp_path / "b.zip", tmp_path / "back")
    with open_workspace(tmp_path / "back").open_store() as store:
        assert (store.revision, store.town.name) == (revision, "two")


def test_a_writer_in_the_middle_of_a_change_is_not_waited_for(
    place: Workspace, tmp_path: Path
) -> None:
    other = sqlite3.connect(place.folder / "town.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE town SET value = '\"half\"' WHERE key = 'name'")
    make_backup(place, tmp_path / "b.zip")
    other.execute("COMMIT")
    other.close()
    restore_backup(tmp_path / "b.zip", tmp_path / "back")
    with open_workspace(tmp_path / "back").open_store() as store:
        assert store.town.name == "滨海 新城"


def test_files_on_their_way_and_earlier_backups_stay_out(place: Workspace) -> None:
    make_backup(place, place.folder / "first.zip")
    for name in ("uploads/1/x.csv", "jobs/7/report.pdf", ".hidden/x", "half.part", "town.db.old"):
        (place.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (place.folder / name).write_text("x", encoding="utf-8")
    (place.folder / "away").symlink_to("/etc/hostname")
    make_backup(place, place.folder / "second.zip")
    assert names(place.folder / "second.zip") == {ABOUT, "town.db", CONFIG, "jobs/7/report.pdf"}


def test_old_sessions_do_not_come_back(place: Workspace, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with place.open_store() as store:
        add_user(store, "chief", "admin", "hash")
        ends = now + timedelta(days=7)
        start_session(store, Session("a" * 64, "chief", "admin", "b", now, now, ends))
    make_backup(place, tmp_path / "b.zip")
    restore_backup(tmp_path / "b.zip", tmp_path / "back")
    with place.open_store() as store:
        assert len(sessions_list(store)) == 1
    with open_workspace(tmp_path / "back").open_store() as store:
        assert not sessions_list(store)


def test_nothing_is_written_over(place: Workspace, tmp_path: Path) -> None:
    made = make_backup(place, tmp_path / "b.zip")
    before = made.path.read_bytes()
    with pytest.raises(InputError, match="is there already"):
        make_backup(place, tmp_path / "b.zip")
    assert made.path.read_bytes() == before
    with pytest.raises(InputError, match="holds something"):
        restore_backup(made.path, place.folder)
    with pytest.raises(InputError, match="no folder"):
        restore_backup(made.path, made.path)
    with pytest.raises(FileMissingError, match="no folder"):
        make_backup(place, tmp_path / "none" / "b.zip")
    with pytest.raises(FileMissingError, match="no such file"):
        read_backup(tmp_path / "none.zip")


def test_a_database_of_its_own_is_saved_with_its_own_tool(place: Workspace, tmp_path: Path) -> None:
    with (place.folder / CONFIG).open("a", encoding="utf-8") as file:
        file.write('\n[store]\nurl = "postgresql+psycopg://u:secret@h/town"\n')
    with pytest.raises(ParameterError, match="pg_dump") as told:
        make_backup(open_workspace(place.folder), tmp_path / "b.zip")
    assert "secret" not in str(told.value)


def changed(path: Path, change: Callable[[dict[str, bytes]], Iterator[tuple[str, bytes]]]) -> Path:
    """Return a copy of a backup with other entries."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    made = path.with_name("changed.zip")
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in change(entries):
            archive.writestr(name, data)
    return made


def about(entries: dict[str, bytes], **more: object) -> bytes:
    return json.dumps({**json.loads(entries[ABOUT]), **more}).encode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda e: [*e.items()][:1], "not a backup"),
        (lambda e: [(ABOUT, b"[]")], "not a backup"),
        (lambda e: {**e, CONFIG: b"other"}.items(), "is damaged"),
        (lambda e: {**e, "more": b"other"}.items(), "not a backup that"),
        (lambda e: {**e, ABOUT: about(e, schema="fengqiao.backup/2")}.items(), "not a backup that"),
        (
            lambda e: {
                **e,
                ABOUT: about(e, files={**json.loads(e[ABOUT])["files"], "../x": "0"}),
                "../x": b"",
            }.items(),
            "outside",
        ),
    ],
    ids=["cut", "foreign", "altered", "more", "newer", "outside"],
)
def test_a_file_that_is_no_sound_backup_is_refused(
    change: Callable[..., Iterator[tuple[str, bytes]]],
    told: str,
    place: Workspace,
    tmp_path: Path,
) -> None:
    made = make_backup(place, tmp_path / "b.zip")
    with pytest.raises(FormatError, match=told):
        restore_backup(changed(made.path, change), tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_file_cut_short_or_with_a_turned_bit_is_refused(
    share: float, place: Workspace, tmp_path: Path
) -> None:
    data = make_backup(place, tmp_path / "b.zip").path.read_bytes()
    at = int(len(data) * share)
    (tmp_path / "cut.zip").write_bytes(data[:at])
    with pytest.raises(FormatError):
        read_backup(tmp_path / "cut.zip")
    at = 200 + int(share * 1000)  # within the database
    (tmp_path / "bit.zip").write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
    with pytest.raises(FormatError):
        read_backup(tmp_path / "bit.zip")


def test_a_damaged_database_is_not_saved(place: Workspace, tmp_path: Path) -> None:
    with sqlite3.connect(place.folder / "town.db") as town:
        town.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((page,),) = town.execute("SELECT rootpage FROM sqlite_master WHERE name = 'revisions'")
        ((size,),) = town.execute("PRAGMA page_size")
    town.close()
    with (place.folder / "town.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(StoreError):
        make_backup(place, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_backup_of_a_newer_program_is_refused(place: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "newer"
    shutil.copytree(place.folder, copy)
    made = make_backup(open_workspace(copy), tmp_path / "b.zip")
    with zipfile.ZipFile(made.path) as archive:
        archive.extract("town.db", tmp_path)
    with sqlite3.connect(tmp_path / "town.db") as town:
        town.execute("UPDATE alembic_version SET version_num = '9999'")
    town.close()

    def newer(entries: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
        import hashlib

        data = (tmp_path / "town.db").read_bytes()
        files = {**made.files, "town.db": hashlib.sha256(data).hexdigest()}
        yield from {**entries, "town.db": data, ABOUT: about(entries, files=files)}.items()

    with pytest.raises(StoreError, match="newer"):
        restore_backup(changed(made.path, newer), tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_the_commands(
    run: Callable[..., Result], town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(town, tmp_path / "town")
    monkeypatch.setenv("FENGQIAO_WORKSPACE", "town")
    told = json.loads(run("backup", "b.zip", "--json").stdout)
    assert (told["schema"], told["town"]) == ("fengqiao.backup/1", "枫桥")
    assert run("backup", "c.zip").stdout.startswith("c.zip: 枫桥, revision ")
    assert "is there already" in run("backup", "b.zip", code=1).stderr
    with open_workspace(tmp_path / "town").open_store() as store:
        rows = audit_rows(store, action="export")
    assert [row.detail["kind"] for row in rows] == ["backup", "backup"]
    assert run("restore", "b.zip", "back").stdout.startswith("b.zip: 枫桥, revision ")
    before = run("coverage", "--json", "-w", "town").stdout
    assert run("coverage", "--json", "-w", "back").stdout == before
    assert CliRunner().invoke(app, ["restore", "town/town.db", "again"]).exit_code == 1
