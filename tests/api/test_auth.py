"""Logging in and out of a server that has accounts, and the sessions between."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from api.auth_passwords import hash_password
from api.auth_sessions import token_hash
from api.login_pages import own_path
from gis import store_tables_users as tables
from gis.profiles import load
from gis.store import Store
from gis.store_engine import writing
from gis.store_sessions import sessions_list
from gis.store_users import change_user, forget_attempts

PASSWORD = "right horse 电池"
PAGE = {"Accept": "text/html,*/*;q=0.8"}
Enter = Callable[[str], Any]


@pytest.fixture
def store(guarded: Any) -> Store:
    store: Store = guarded.state.accounts.store
    return store


@pytest.fixture(autouse=True)
def unlimited(guarded: Any) -> Iterator[None]:
    """Forget the logins of each test, so that the next one has its own limits."""
    yield
    for key in ("login testclient", *(f"login testclient {name}" for name in ("commander",))):
        forget_attempts(guarded.state.accounts.store, key)


def log_in(client: Any, name: str = "commander", **more: str) -> Any:
    return client.post("/login", data={"name": name, "password": PASSWORD, **more})


def change(client: Any, **headers: str) -> Any:
    """Return the answer to something that fails only behind the door: there is no such street."""
    return client.request("DELETE", "/closures/way/1", json={}, headers=headers)


def remember_nothing(client: Any) -> None:
    """Let the server ask its store about every session again, as it does some seconds later."""
    client.app.state.accounts._remembered.clear()


def test_a_page_leads_to_the_login_and_back(enter: Enter) -> None:
    client = enter("")
    answer = client.get("/pages/coverage?lang=en&a=1", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fpages%2Fcoverage%3Flang%3Den%26a%3D1"
    page = client.get(answer.headers["location"], headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert '<input type="hidden" name="next" value="/pages/coverage?lang=en&amp;a=1">' in page.text
    entered = log_in(client, next="/pages/coverage?lang=en&a=1")
    assert entered.status_code == 303
    assert entered.headers["location"] == "/pages/coverage?lang=en&a=1"
    assert client.get("/pages/coverage?lang=en", headers=PAGE).status_code == 200


def test_a_program_is_told_to_log_in(enter: Enter) -> None:
    answer = enter("").get("/coverage", headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "请先登录"
    assert enter("").get("/healthz").status_code == 200


def test_who_may_not_is_told_which_role_is_needed(enter: Enter) -> None:
    client = enter("viewer")
    answer = change(client, **{"Accept-Language": "zh-CN"})
    assert answer.status_code == 403
    assert answer.json()["detail"] == "此项需要指挥员权限，当前账号为查看员"
    page = client.get("/patrols/2026-11-26/links", headers={**PAGE, "Accept-Language": "en"})
    assert page.status_code == 403
    assert "This needs the role commander; yours is viewer" in page.text
    assert "You are logged in as viewer (viewer)." in page.text
    assert 'action="../../assets/../logout"' in page.text
    assert 'name="csrf" value="csrf of viewer"' in page.text


def test_cookies_are_kept_from_scripts_and_other_sites(enter: Enter) -> None:
    client = enter("")
    answer = log_in(client)
    cookies = {text.split("=")[0]: text for text in answer.headers.get_list("set-cookie")}
    assert set(cookies) == {"fq_session", "fq_csrf", "fq_user"}
    assert "HttpOnly" in cookies["fq_session"]
    assert all("SameSite=lax" in text and "Path=/" in text for text in cookies.values())
    assert not any("Domain" in text or "Secure" in text for text in cookies.values())
    assert client.cookies["fq_user"] == "commander:commander"
    assert "no-store" in client.get("/login").headers["cache-control"]


def test_under_tls_cookies_are_bound_to_the_host(enter: Enter) -> None:
    app = enter("").app
    client = TestClient(app, base_url="https://localhost", follow_redirects=False)
    answer = log_in(client)
    assert "__Host-fq_session" in client.cookies
    assert all("Secure" in text for text in answer.headers.get_list("set-cookie"))
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert client.get("/coverage").status_code == 404
    # The name that could be set without TLS counts for nothing there.
    bare = TestClient(app, base_url="https://localhost")
    bare.cookies["fq_session"] = client.cookies["__Host-fq_session"]
    assert bare.get("/coverage").status_code == 401
    plain = TestClient(app, base_url="http://localhost").get("/healthz")
    assert "strict-transport-security" not in plain.headers


def test_the_store_holds_nothing_that_opens_a_session(enter: Enter, store: Store) -> None:
    client = enter("")
    log_in(client)
    token = client.cookies["fq_session"]
    (session,) = sessions_list(store)
    assert session.token == token_hash(token)
    assert token not in repr(session)
    assert session.csrf not in session.summary()


def test_a_login_is_a_new_session(enter: Enter, store: Store) -> None:
    """Neither a token that was there before nor an older session of the browser goes on."""
    client = enter("")
    first = log_in(client).cookies["fq_session"]
    (before,) = sessions_list(store)
    for planted in ("planted", first):
        browser = enter("")
        browser.cookies["fq_session"] = planted
        given = log_in(browser).cookies["fq_session"]
        assert given not in ("planted", first)
    assert before.token not in [one.token for one in sessions_list(store)]
    assert len({one.csrf for one in sessions_list(store)} | {before.csrf}) == 3
    assert client.get("/coverage").status_code == 401


@pytest.mark.parametrize("how", ["altered", "cut", "empty", "hash", "foreign"])
def test_a_token_that_nobody_was_given_opens_nothing(enter: Enter, how: str) -> None:
    enter("commander")
    token = "token of commander"
    bad = {
        "altered": token[:-1] + "R",
        "cut": token[:-1],
        "empty": "",
        "hash": token_hash(token),  # what a reader of the store could send
        "foreign": "é" * 43,
    }[how]
    client = enter("")
    assert client.get("/coverage", headers={"Cookie": f"fq_session={token}"}).status_code == 404
    cookie = f"fq_session={bad}".encode()
    assert client.get("/coverage", headers={"Cookie": cookie}).status_code == 401


@pytest.mark.parametrize(
    ("column", "ago", "works"),
    [
        ("seen_at", timedelta(hours=11, minutes=59), True),
        ("seen_at", timedelta(hours=12, seconds=1), False),
        ("expires_at", timedelta(seconds=1), False),
    ],
)
def test_a_session_ends_by_idleness_and_by_age(
    enter: Enter, store: Store, column: str, ago: timedelta, works: bool
) -> None:
    client = enter("viewer")
    at = (datetime.now(UTC) - ago).isoformat(timespec="seconds")
    with writing(store.engine) as connection:
        connection.execute(update(tables.sessions).values({column: at}))
    remember_nothing(client)
    assert (client.get("/coverage").status_code == 404) == works
    assert len(sessions_list(store)) == works
    if works:  # seen now, and written down so
        assert datetime.now(UTC) - sessions_list(store)[0].seen_at < timedelta(minutes=1)


def test_a_session_lasts_a_week_at_most(enter: Enter, store: Store) -> None:
    log_in(enter(""))
    (session,) = sessions_list(store)
    assert session.expires_at - session.made_at == timedelta(days=7)
    assert load("accounts")["session"]["remembered_s"] <= 5


def test_a_disabled_account_is_out_within_seconds(enter: Enter, store: Store) -> None:
    client = enter("commander")
    assert client.get("/coverage").status_code == 404
    change_user(store, "commander", disabled=True)
    deadline = time.monotonic() + 30
    while client.get("/coverage").status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert log_in(client).status_code == 401


def test_a_role_that_is_taken_away_is_gone(enter: Enter, store: Store) -> None:
    client = enter("commander")
    assert change(client).status_code == 404
    change_user(store, "commander", role="viewer")
    remember_nothing(client)
    assert change(client).status_code == 403


def test_logging_out_needs_the_token_and_ends_the_session(enter: Enter, store: Store) -> None:
    client = enter("planner")
    assert client.post("/logout", data={}).status_code == 403
    assert client.post("/logout", data={"csrf": "wrong"}).status_code == 403
    assert client.get("/coverage").status_code == 404
    answer = client.post("/logout", data={"csrf": "csrf of planner"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "fq_session" not in client.cookies
    assert sessions_list(store) == ()
    client.cookies["fq_session"] = "token of planner"
    assert client.get("/coverage").status_code == 401
    assert client.post("/logout", data={}).status_code == 303  # nobody is logged in


def test_names_are_not_told_apart_by_the_answer(enter: Enter) -> None:
    texts = set()
    for name in ("commander", "nobody"):
        data = {"name": name, "password": "wrong horse 1"}
        answer = enter("").post("/login", data=data, headers={"Accept-Language": "zh"})
        assert answer.status_code == 401
        assert "账号或密码不正确" in answer.text
        assert "wrong horse" not in answer.text
        texts.add(answer.text.replace(name, "NAME"))
    assert len(texts) == 1


def test_a_name_that_is_not_there_takes_the_same_work(
    enter: Enter, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    class Hasher:
        def hash(self, password: str) -> str:
            return hash_password(password)

        def verify_and_update(self, password: str, kept: str) -> tuple[bool, None]:
            checked.append(kept.rsplit("$", 2)[0])
            return False, None

    change_user(store, "planner", disabled=True)
    monkeypatch.setattr("api.auth_passwords._hasher", Hasher)
    for name in ("commander", "planner", "nobody"):
        assert log_in(enter(""), name).status_code == 401
        change_user(store, "planner", disabled=True)
    assert checked[0].startswith("$argon2id$v=19$m=65536,t=3,p=4")
    assert checked == [checked[0]] * 3


def test_one_spelling_of_a_password_is_as_good_as_another(enter: Enter, store: Store) -> None:
    change_user(store, "viewer", password=hash_password("caf\u00e9 pass word"))
    data = {"name": " viewer ", "password": "cafe\u0301 pass word"}
    assert enter("").post("/login", data=data).status_code == 303


def test_a_failed_login_shows_text_as_text(enter: Enter) -> None:
    bad = '"><script>alert(1)</script>'
    answer = enter("").post("/login", data={"name": bad, "password": "x", "next": bad})
    assert "<script" not in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_login_works_without_scripts_and_from_this_server_alone(
    enter: Enter, lang: str
) -> None:
    client = enter("")
    text = client.get("/login", params={"lang": lang}).text
    assert re.search(rf'<html lang="{lang}', text)
    assert "<script" not in text
    assert not re.findall(r'(?:src|href)="(https?:|//)', text)
    for path in re.findall(r'href="(assets/[^"]+)"', text):
        assert client.get(f"/{path}").status_code == 200, path


@pytest.mark.parametrize(
    "next_path",
    [
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "https://elsewhere.example/",
        "javascript:alert(1)",
        "/\t/elsewhere.example",
        "/a\r\nSet-Cookie: x=1",
        "elsewhere.example",
        "///elsewhere.example",
        "/\x00",
        " //elsewhere.example",
        "",
    ],
)
def test_the_login_leads_to_paths_of_this_server_only(enter: Enter, next_path: str) -> None:
    assert own_path(next_path) == "/"
    client = enter("")
    assert 'name="next" value="/"' in client.get("/login", params={"next": next_path}).text


def test_a_login_that_should_lead_elsewhere_leads_to_the_start(enter: Enter) -> None:
    assert log_in(enter(""), next="//elsewhere.example").headers["location"] == "/"
