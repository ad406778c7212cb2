"""Programs that read features and tiles say who they are with every request (HTTP Basic)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gis.store_audit import audit_rows
from gis.store_sessions import sessions_list
from gis.store_users import change_user, forget_attempts

PASSWORD = "right horse 电池"
COLLECTIONS = "/ogc/collections"
Enter = Callable[[str], Any]


def said(name: str, password: str = PASSWORD) -> dict[str, str]:
    text = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


@pytest.fixture(autouse=True)
def unlimited(guarded: Any) -> Iterator[None]:
    """Forget the attempts of each test, so that the next one has its own limits."""
    yield
    for name in ("", " viewer", " nobody"):
        forget_attempts(guarded.state.accounts.store, f"login testclient{name}")


def test_a_program_reads_features_with_name_and_password(enter: Enter, guarded: Any) -> None:
    program, store = enter(""), guarded.state.accounts.store
    refused = program.get(COLLECTIONS)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    for _ in range(3):
        assert program.get(COLLECTIONS, headers=said("viewer")).status_code == 200
    # One login, not three; and the program was given no cookie.
    assert [session.user for session in sessions_list(store)] == ["viewer"]
    assert not program.cookies
    assert [row.action for row in audit_rows(store)][:1] == ["login"]


def test_a_wrong_password_is_refused_and_counted(enter: Enter) -> None:
    program = enter("")
    states = [
        program.get(COLLECTIONS, headers=said("viewer", "wrong horse")).status_code
        for _ in range(12)
    ]
    assert states[0] == 401
    assert states[-1] == 429
    assert set(states) == {401, 429}


@pytest.mark.parametrize("given", ["Basic", "Basic !!!", "Basic " + "A" * 9000, "Bearer x"])
def test_what_cannot_be_read_is_refused(enter: Enter, given: str) -> None:
    assert enter("").get(COLLECTIONS, headers={"Authorization": given}).status_code == 401


def test_a_disabled_account_reads_no_more(enter: Enter, guarded: Any) -> None:
    program, accounts = enter(""), guarded.state.accounts
    assert program.get(COLLECTIONS, headers=said("viewer")).status_code == 200
    change_user(accounts.store, "viewer", disabled=True)
    accounts._remembered.clear()  # as some seconds later
    assert program.get(COLLECTIONS, headers=said("viewer")).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/coverage"),
        ("GET", "/"),
        ("POST", "/incidents"),
        ("POST", "/ogc"),
        ("GET", "/jobs"),
    ],
)
def test_it_opens_nothing_else(enter: Enter, method: str, path: str) -> None:
    answer = enter("").request(method, path, headers=said("admin"))
    assert answer.status_code in (401, 403)
    assert "WWW-Authenticate" not in answer.headers


def test_a_browser_is_led_to_the_login(enter: Enter) -> None:
    answer = enter("").get("/ogc", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login")
