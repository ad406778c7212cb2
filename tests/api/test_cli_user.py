"""Accounts by command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.auth_passwords import verify_password
from api.cli import app
from api.workspace import create_workspace, open_workspace
from gis.store_audit import audit_rows
from gis.store_sessions import Session, start_session
from gis.store_users import password_of

Ask = Callable[..., Result]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Return a function that calls `fengqiao user` for an empty town, typing what is given."""
    create_workspace(tmp_path / "town", "Town")

    def call(*words: str, typed: str = "", code: int = 0) -> Result:
        given = ["user", words[0], "-w", str(tmp_path / "town"), *words[1:]]
        done = CliRunner().invoke(app, given, input=typed)
        assert isinstance(done.exception, SystemExit | None), done.exception
        assert done.exit_code == code, done.output
        return done

    return call


def kept(tmp_path: Path, name: str) -> str | None:
    with open_workspace(tmp_path / "town").open_store() as store:
        return password_of(store, name)


def test_the_password_is_typed_twice_and_not_shown(ask: Ask, tmp_path: Path) -> None:
    typed = "right horse 1\nright horse 1\n"
    done = ask("add", "chief", "--role", "admin", typed=typed)
    assert done.stdout.endswith("\nchief  admin\n")
    assert "horse" not in done.output
    assert verify_password("right horse 1", kept(tmp_path, "chief")) == (True, None)
    assert verify_password("right horse 2", kept(tmp_path, "chief")) == (False, None)
    ask("add", "desk", typed="right horse 1\nright horse 2\n", code=1)
    assert kept(tmp_path, "desk") is None


def test_the_password_is_read_from_a_file_or_the_input(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("one two three\r\nand more\n", encoding="utf-8")
    ask("add", "chief", "--role", "admin", "--password-file", str(file))
    assert verify_password("one two three", kept(tmp_path, "chief"))[0]
    ask("password", "chief", "--password-file", "-", typed="four five six\n")
    assert verify_password("four five six", kept(tmp_path, "chief"))[0]
    told = ask("password", "chief", "--password-file", str(tmp_path / "none"), code=1).stderr
    assert "there is no such file" in told
    file.write_bytes(b"\xff\xfe\x00password")
    assert "UTF-8" in ask("password", "chief", "--password-file", str(file), code=1).stderr


@pytest.mark.parametrize(
    ("name", "password", "fault"),
    [
        ("chief", "too short", "10 to 200 letters"),
        ("long-enough", "LONG-enough", "must not be the name"),
        ("chief", "x" * 201, "10 to 200 letters"),
        ("a b", "right horse 1", "cannot be the name"),
        ("-chief", "right horse 1", "cannot be the name"),
        ("chief:", "right horse 1", "cannot be the name"),
        ("x" * 41, "right horse 1", "cannot be the name"),
        ("a/b", "right horse 1", "cannot be the name"),
    ],
)
def test_names_and_passwords_that_will_not_do(
    ask: Ask, name: str, password: str, fault: str
) -> None:
    words = ("add", "--role", "admin", "--password-file", "-", "--", name)
    done = ask(*words, typed=password, code=1)
    assert fault in done.stderr
    assert password not in done.output


def test_chinese_names_are_fine(ask: Ask) -> None:
    made = ask("add", "值班室.1", "--role", "admin", "--password-file", "-", typed="right horse 1")
    assert made.stdout == "值班室.1  admin\n"


def test_the_first_account_is_an_administrator_and_one_stays(ask: Ask) -> None:
    told = ask("add", "eye", "--password-file", "-", typed="right horse 1", code=1).stderr
    assert "fengqiao user add eye --role admin" in told
    ask("add", "chief", "--role", "admin", "--password-file", "-", typed="right horse 1")
    for words in (("disable", "chief"), ("role", "chief", "viewer")):
        assert "one administrator must be able to log in" in ask(*words, code=1).stderr
    ask("add", "chief", "--password-file", "-", typed="right horse 1", code=1)


def test_accounts_are_listed_and_changed(ask: Ask) -> None:
    assert "no account yet" in ask("list").stderr
    ask("add", "chief", "--role", "admin", "--password-file", "-", typed="right horse 1")
    ask("add", "eye", "--password-file", "-", typed="right horse 1")
    assert ask("role", "eye", "planner").stdout == "eye  planner\n"
    assert ask("disable", "eye").stdout == "eye  planner  disabled\n"
    assert ask("list").stdout == "chief  admin\neye  planner  disabled\n"
    document = json.loads(ask("list", "--json").stdout)
    assert document["schema"] == "fengqiao.users/1"
    assert [set(row) for row in document["users"]] == [
        {"name", "role", "disabled", "made_at", "changed_at"}
    ] * 2
    assert ask("enable", "eye").stdout == "eye  planner\n"
    assert "no account nobody" in ask("role", "nobody", "admin", code=1).stderr
    ask("role", "eye", "king", code=2)
    assert "argon2" not in ask("list", "--json").stdout


def test_sessions_are_listed_and_ended(ask: Ask, tmp_path: Path) -> None:
    ask("add", "chief", "--role", "admin", "--password-file", "-", typed="right horse 1")
    now = datetime.now(UTC)
    with open_workspace(tmp_path / "town").open_store() as store:
        for token in ("hash-1", "hash-2"):
            ends = now + timedelta(days=1)
            start_session(store, Session(token, "chief", "admin", "csrf-1", now, now, ends))
    shown = ask("sessions").stdout
    assert len(re.findall(r"^chief  admin  since \d{4}-\d\d-\d\d", shown, re.MULTILINE)) == 2
    assert "hash-" not in shown
    assert "csrf" not in shown
    assert "0 sessions ended" in ask("sessions", "nobody", "--end").stderr
    assert "2 sessions ended" in ask("sessions", "chief", "--end").stderr
    assert ask("sessions").stdout == ""


def test_what_the_command_did_is_in_the_log(ask: Ask, tmp_path: Path) -> None:
    ask("add", "chief", "--role", "admin", "--password-file", "-", typed="right horse 1")
    ask("add", "eye", "--password-file", "-", typed="right horse 1")
    ask("role", "eye", "planner")
    ask("password", "eye", "--password-file", "-", typed="right horse 2")
    ask("disable", "eye")
    with open_workspace(tmp_path / "town").open_store() as store:
        rows = audit_rows(store)
    assert {row.who for row in rows} == {"command"}
    assert [dict(row.detail) for row in reversed(rows)] == [
        {"did": "add", "user": "chief", "role": "admin"},
        {"did": "add", "user": "eye", "role": "viewer"},
        {"did": "role", "user": "eye", "role": "planner"},
        {"did": "password", "user": "eye"},
        {"did": "disable", "user": "eye"},
    ]
    assert len(ask("audit").stdout.splitlines()) == 5
    assert len(ask("audit", "--most", "2").stdout.splitlines()) == 2
    assert ask("audit", "--action", "login").stdout == ""
    document = json.loads(ask("audit", "--who", "command", "--json").stdout)
    assert [row["action"] for row in document["rows"]] == ["user"] * 5
