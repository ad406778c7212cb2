"""What requests meet that other sites send, or other machines where there are no accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.workspace import create_workspace
from gis.store_users import add_user

Enter = Callable[[str], Any]


def change(client: Any, **headers: str) -> Any:
    """Return the answer to something that fails only behind the door: there is no such street."""
    return client.request("DELETE", "/closures/way/1", json={}, headers=headers)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace of an empty town without accounts."""
    return create_workspace(tmp_path_factory.mktemp("bare") / "town", "Bare").folder


@pytest.fixture
def serve() -> Iterator[Callable[[Settings], FastAPI]]:
    """Return a function that makes an application; it is closed after the test."""
    made: list[FastAPI] = []

    def app(settings: Settings) -> FastAPI:
        made.append(create_app(settings))
        return made[-1]

    yield app
    for one in made:
        one.state.incidents.close()
        one.state.source.close()


Serve = Callable[[Settings], FastAPI]


def test_without_accounts_everything_is_open_to_this_machine(bare: Path, serve: Serve) -> None:
    client = TestClient(serve(Settings(workspace=bare)), base_url="http://127.0.0.1:8000")
    assert client.get("/coverage").status_code == 404
    assert change(client).status_code == 404
    # A name that somebody else may have bound to this machine: for reading, too.
    for host in ("elsewhere.example", "127.0.0.1.elsewhere.example", ""):
        assert client.get("/coverage", headers={"Host": host}).status_code == 403
    for host in ("localhost:8000", "[::1]:8000", "10.1.2.3"):
        assert client.get("/coverage", headers={"Host": host}).status_code == 404


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
def test_without_accounts_a_server_in_front_of_it_is_refused(
    bare: Path, serve: Serve, header: str
) -> None:
    client = TestClient(serve(Settings(workspace=bare)), base_url="http://localhost")
    refused = client.get("/coverage", headers={header: "10.0.0.1"})
    assert refused.status_code == 403
    assert "fengqiao user add NAME --role admin" in refused.json()["detail"]


@pytest.mark.parametrize("more", [{"host": "0.0.0.0"}, {"host": "::"}, {"proxy": "127.0.0.1"}])
def test_without_accounts_other_addresses_are_closed(
    bare: Path, serve: Serve, more: dict[str, Any]
) -> None:
    client = TestClient(serve(Settings(workspace=bare, **more)), base_url="http://localhost")
    assert client.get("/healthz").status_code == 403


def test_the_first_account_closes_a_server_that_runs(tmp_path: Path, serve: Serve) -> None:
    create_workspace(tmp_path / "town", "Bare")
    app = serve(Settings(workspace=tmp_path / "town"))
    client = TestClient(app, base_url="http://localhost")
    assert client.get("/coverage").status_code == 404
    add_user(app.state.accounts.store, "chief", "admin", "no hash")
    app.state.accounts._any = (0.0, False)  # some seconds later
    assert client.get("/coverage").status_code == 401


def test_a_change_must_carry_the_token_of_its_session(enter: Enter) -> None:
    client = enter("commander")
    enter("admin")
    assert change(client).status_code == 404
    for wrong in ("", "wrong", "csrf of admin", "é"):
        refused = client.request("DELETE", "/closures/1", headers={"X-CSRF-Token": wrong.encode()})
        assert refused.status_code == 403, wrong
    del client.headers["X-CSRF-Token"]
    assert change(client).status_code == 403
    # A cookie that somebody has put there does not help.
    cookie = "fq_session=token of commander; fq_csrf=mine"
    assert change(enter(""), **{"Cookie": cookie, "X-CSRF-Token": "mine"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "elsewhere.example"},
        {"Host": "elsewhere.example", "Origin": "http://elsewhere.example"},
    ],
)
def test_other_sites_change_nothing_and_log_nobody_in_or_out(
    enter: Enter, headers: dict[str, str]
) -> None:
    data = {"name": "commander", "password": "right horse 电池"}
    assert enter("").post("/login", data=data, headers=headers).status_code == 403
    client = enter("commander")
    assert change(client, **headers).status_code == 403
    data = {"csrf": "csrf of commander"}
    assert client.post("/logout", data=data, headers=headers).status_code == 403
    assert client.get("/coverage").status_code == 404


def test_what_is_no_json_changes_nothing(enter: Enter) -> None:
    client = enter("commander")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Content-Type": kind}
        answer = client.post("/closures", content=b'{"street": "a"}', headers=headers)
        assert answer.status_code in (400, 415), kind


def test_names_that_the_server_is_known_by(bare: Path, serve: Serve) -> None:
    settings = Settings(workspace=bare, trusted_hosts=("grid.town.lan",))
    client = TestClient(serve(settings), base_url="http://GRID.town.lan:8000")
    assert change(client).status_code == 404
    assert change(client, Host="town.lan").status_code == 403
    assert change(client, Host="grid.town.lan.example").status_code == 403


def test_what_is_too_large_is_not_read(enter: Enter) -> None:
    client = enter("commander")

    def long() -> Iterator[bytes]:
        for _ in range(11):
            yield b" " * 100_000

    headers = {"Content-Type": "application/json"}
    told = client.post("/closures", content=b" " * 1_048_577, headers=headers)
    assert (told.status_code, told.headers["content-type"]) == (413, "application/problem+json")
    headers["Transfer-Encoding"] = "chunked"
    told = client.post("/closures", content=long(), headers=headers)
    assert (told.status_code, told.headers["content-type"]) == (413, "application/problem+json")
