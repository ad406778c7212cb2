"""Limits on logins, and what the audit log keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient

from api.app import create_app
from api.audit import note, prune
from api.auth_rate import check_rate
from api.auth_roles import Rule, rules
from api.settings import Settings
from gis.profiles import load
from gis.store import Store, open_store
from gis.store_audit import AuditRow, add_audit, audit_rows, prune_audit
from gis.store_users import forget_attempts

Enter = Callable[[str], Any]
PASSWORD = "right horse 电池"


@pytest.fixture
def store(guarded: Any) -> Store:
    """Return the store of `guarded` with an empty log, as no test before had been."""
    store: Store = guarded.state.accounts.store
    prune_audit(store, datetime.now(UTC) + timedelta(days=1))
    for name in ("", " commander", " viewer", *(f" n{number}" for number in range(60))):
        forget_attempts(store, f"login testclient{name}")
    return store


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check passwords in no time: what is counted is the same."""
    monkeypatch.setattr(
        "api.auth_sessions.verify_password",
        lambda given, kept: (given == PASSWORD and kept is not None, None),
    )


def log_in(client: Any, name: str, password: str = "wrong") -> Any:
    headers = {"Accept-Language": "zh"}
    return client.post("/login", data={"name": name, "password": password}, headers=headers)


def log(store: Store) -> list[AuditRow]:
    return list(reversed(audit_rows(store)))


def test_a_name_is_tried_five_times(enter: Enter, store: Store, quick: None) -> None:
    client = enter("")
    assert [log_in(client, "viewer").status_code for _ in range(5)] == [401] * 5
    refused = log_in(client, "viewer", PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert "尝试次数过多，请 15 分钟后再试" in refused.text
    assert log_in(client, "VIEWER", PASSWORD).status_code == 429  # one limit for all spellings
    # Others are let in, and a name from elsewhere.
    assert log_in(client, "commander", PASSWORD).status_code == 303
    elsewhere = TestClient(
        client.app, "http://localhost", follow_redirects=False, client=("10.0.0.9", 1)
    )
    assert log_in(elsewhere, "viewer", PASSWORD).status_code == 303


def test_who_is_let_in_begins_to_count_anew(enter: Enter, store: Store, quick: None) -> None:
    client = enter("")
    for _ in range(3):
        assert [log_in(client, "viewer").status_code for _ in range(4)] == [401] * 4
        assert log_in(client, "viewer", PASSWORD).status_code == 303


def test_an_address_tries_names_fifty_times(enter: Enter, store: Store, quick: None) -> None:
    client = enter("")
    # Whoever is let in does not count: an office may share an address.
    assert [log_in(client, "commander", PASSWORD).status_code for _ in range(3)] == [303] * 3
    seen = [log_in(client, f"n{number}").status_code for number in range(51)]
    assert seen == [401] * 50 + [429]
    assert log_in(client, "commander", PASSWORD).status_code == 429


def test_servers_share_the_limits(guarded: Any, enter: Enter, store: Store, quick: None) -> None:
    other = create_app(Settings(workspace=guarded.state.settings.workspace))
    second = TestClient(other, "http://localhost", follow_redirects=False)
    try:
        clients = [enter(""), second] * 3
        assert [log_in(one, "viewer").status_code for one in clients] == [401] * 5 + [429]
    finally:
        other.state.incidents.close()
        other.state.source.close()


def test_a_limit_says_when_to_come_again(tmp_path: Path) -> None:
    with open_store(tmp_path / "town.db", create=True) as store:
        check_rate(store, "k", 1, 60)
        with pytest.raises(HTTPException) as refused:
            check_rate(store, "k", 1, 60)
    assert refused.value.status_code == 429
    assert 58 <= int((refused.value.headers or {})["Retry-After"]) <= 60
    assert refused.value.detail == "too many attempts: try again in 1 min"


def test_logins_are_noted_and_no_name_but_of_accounts(
    enter: Enter, store: Store, quick: None
) -> None:
    client = enter("")
    log_in(client, "my secret passw0rd")
    log_in(client, "commander")
    log_in(client, "commander", PASSWORD)
    client.post("/logout", data={"csrf": client.cookies["fq_csrf"]})
    assert [(row.who, row.action) for row in log(store)] == [
        ("", "login_failed"),
        ("commander", "login_failed"),
        ("commander", "login"),
        ("commander", "logout"),
    ]
    assert log(store)[0].detail == {"address": "testclient", "status": 401}
    assert "passw0rd" not in repr(log(store))


def test_changes_are_noted_without_their_content(
    enter: Enter, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("planner")
    client.app.add_api_route("/noted/{code}", lambda code: {}, methods=["POST", "GET"])
    client.app.add_api_route("/broken", lambda: 1 // 0, methods=["POST"])
    table = (
        Rule("/noted/{code}", ("POST",), "commander"),
        Rule("/noted/{code}", ("GET",), "viewer", "export"),
        *rules(),
    )
    monkeypatch.setattr("api.auth_roles.rules", lambda: table)
    monkeypatch.setattr("api.auth_guard.rule_of", _rule_of(table))
    try:
        assert client.post("/noted/a?b=1", json={"text": "private"}).status_code == 200
        assert client.get("/noted/a").status_code == 200
        assert client.get("/coverage").status_code == 404
        assert client.request("DELETE", "/closures/way/1").status_code >= 400
        assert enter("").post("/noted/a", json={}).status_code == 401
    finally:
        del client.app.router.routes[-2:]
    about = {"path": "/noted/a", "status": 200, "revision": store.revision}
    assert [(row.who, row.action, row.detail) for row in log(store)] == [
        ("planner", "change", {"method": "POST", **about}),
        ("planner", "export", {"method": "GET", **about}),
    ]


def test_links_are_noted_by_their_rule_alone(
    enter: Enter, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("")
    table = (Rule("/open/**", ("POST",), "public"),)
    client.app.add_api_route("/open/{token}", lambda token: {}, methods=["POST"])
    monkeypatch.setattr("api.auth_guard.rule_of", _rule_of(table))
    try:
        assert client.post("/open/very-secret").status_code == 200
    finally:
        client.app.router.routes.pop()
    (row,) = log(store)
    assert (row.who, row.action, row.detail["path"]) == ("link", "change", "/open/**")
    assert "very-secret" not in repr(row)


def test_the_log_is_kept_for_half_a_year(store: Store) -> None:
    assert load("accounts")["audit"]["kept_days"] == 180
    now = datetime.now(UTC)
    for days in (181, 179):
        add_audit(store, "chief", "change", {"days": days}, now=now - timedelta(days=days))
    assert prune(store) == 1
    assert [row.detail["days"] for row in audit_rows(store)] == [179]


def test_a_server_that_starts_forgets_what_is_old(guarded: Any, store: Store) -> None:
    old = datetime.now(UTC) - timedelta(days=181)
    add_audit(store, "chief", "change", {}, now=old)
    note(store, "chief", "export", file="report.pdf")
    with TestClient(create_app(Settings(workspace=guarded.state.settings.workspace))):
        pass
    assert [row.action for row in audit_rows(store)] == ["export"]


def _rule_of(table: tuple[Rule, ...]) -> Callable[[str, str], Rule | None]:
    return lambda method, path: next((rule for rule in table if rule.fits(method, path)), None)
