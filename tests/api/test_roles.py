"""Who may ask for what: every route with every role, and the table itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from api.app import create_app
from api.auth_guard import Guard
from api.auth_roles import HELD, ROLES, Role, allows, read_rules, rule_of, rules
from api.auth_sessions import SESSION, Accounts, token_hash
from api.settings import Settings
from api.workspace import create_workspace
from gis.errors import ParameterError
from gis.store_sessions import Session, start_session
from gis.store_users import add_user

# Written by hand: what the table must say of the routes that matter most.
WANTED: dict[tuple[str, str], Role] = {
    ("GET", "/healthz"): "public",
    ("GET", "/login"): "public",
    ("POST", "/login"): "public",
    ("POST", "/logout"): "public",
    ("GET", "/assets/page.css"): "public",
    ("GET", "/assets/images/marker.png"): "public",
    ("GET", "/p/abc"): "public",
    ("GET", "/"): "viewer",
    ("GET", "/pages/duty"): "viewer",
    ("GET", "/pages/cordon/later"): "viewer",
    ("GET", "/coverage"): "viewer",
    ("GET", "/response"): "viewer",
    ("GET", "/response/now"): "viewer",
    ("GET", "/targets"): "viewer",
    ("GET", "/tiles/base/16/1/2.png"): "viewer",
    ("GET", "/duty"): "viewer",
    ("GET", "/incidents"): "viewer",
    ("GET", "/openapi.json"): "viewer",
    ("GET", "/docs"): "viewer",
    ("POST", "/duty/unit/node/11"): "commander",
    ("POST", "/closures"): "commander",
    ("DELETE", "/closures/way/21"): "commander",
    ("POST", "/incidents"): "commander",
    ("POST", "/incidents/7/send"): "commander",
    ("POST", "/incidents/7/close"): "commander",
    ("POST", "/patrols/2026-11-26/links"): "commander",
    ("GET", "/patrols/2026-11-26/links"): "commander",
}
# For anybody, and they change something: each has a check of its own.
OPEN_CHANGES = {"/login", "/logout", "/p/**", "/p/{token}/{what}"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """Return the application of an empty town with an account of each role, all logged in."""
    folder = tmp_path_factory.mktemp("roles") / "town"
    create_workspace(folder, "Bare")
    made = create_app(Settings(workspace=folder))
    store, now = made.state.accounts.store, datetime.now(UTC)
    for role in reversed(HELD):  # an administrator first
        add_user(store, role, role, "no hash")
        ends = now + timedelta(days=1)
        start_session(
            store, Session(token_hash(f"t-{role}"), role, role, f"c-{role}", now, now, ends)
        )
    yield made
    made.state.incidents.close()
    made.state.source.close()


def asked(app: FastAPI, method: str, path: str, role: Role, **headers: str) -> tuple[int, bytes]:
    """Return status and content of what the door says; behind it there is a plain 200."""
    said = {"host": "localhost", **headers}
    if role != "public":
        said |= {"cookie": f"{SESSION}=t-{role}", "x-csrf-token": f"c-{role}"}
    scope: dict[str, Any] = {
        "type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http",
        "headers": [(key.encode(), value.encode()) for key, value in said.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "app": app, "http_version": "1.1",
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    accounts: Accounts = app.state.accounts
    asyncio.run(Guard(PlainTextResponse("through"), accounts)(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Return method and path of every route there is."""
    found = []
    for route in app.routes:
        included = getattr(route, "effective_route_contexts", None)
        for one in included() if included else [route]:
            found += [(method, one.path) for method in one.methods or ()]
    return sorted(found)


def example(path: str) -> str:
    """Return a path that a route is for."""
    return re.sub(r"{\w+(:\w+)?}", lambda hole: "a/1" if hole.group(1) else "1", path)


def test_all_routes_are_seen(app: FastAPI) -> None:
    known = {path for _, path in routes(app)}
    assert {"/login", "/pages/{name}", "/duty/{unit:path}", "/openapi.json", "/docs"} <= known


def test_every_route_has_a_rule(app: FastAPI) -> None:
    lacking = [pair for pair in routes(app) if rule_of(pair[0], example(pair[1])) is None]
    assert lacking == [], "add them to data/profiles/roles.toml"


def test_every_rule_is_for_a_route(app: FastAPI) -> None:
    used = {rule_of(method, example(path)) for method, path in routes(app)}
    assert [rule.path for rule in rules() if rule not in used] == []


@pytest.mark.parametrize(("method", "path"), WANTED)
def test_the_table_says_what_it_should(method: str, path: str) -> None:
    rule = rule_of(method, path)
    assert rule is not None
    assert rule.role == WANTED[method, path]


def test_nobody_changes_anything_unknown_but_by_few_paths() -> None:
    unsafe = [rule for rule in rules() if set(rule.methods) - {"GET"}]
    assert {rule.path for rule in unsafe if rule.role == "public"} <= OPEN_CHANGES
    assert not [rule.path for rule in unsafe if rule.role == "viewer"]


@pytest.mark.parametrize("role", ROLES)
def test_every_route_with_every_role(app: FastAPI, role: Role) -> None:
    wrong = []
    for method, path in routes(app):
        rule = rule_of(method, example(path))
        assert rule is not None
        status, content = asked(app, method, example(path), role)
        may = ROLES.index(role) >= ROLES.index(rule.role)
        want = 200 if may else 401 if role == "public" else 403
        if status != want or (want == 403 and rule.role.encode() not in content):
            wrong.append((method, path, rule.role, status))
    assert not wrong


@pytest.mark.parametrize("path", ["/planner/", "//duty", "/duty/../planner", "/DUTY", "/duty "])
def test_paths_are_taken_as_they_stand(app: FastAPI, path: str) -> None:
    """What differs from a route is none, and has no rule."""
    assert rule_of("PUT", path) is None
    assert asked(app, "PUT", path, "public")[0] == 401


def test_what_no_rule_is_for_is_for_administrators(app: FastAPI) -> None:
    app.add_api_route("/backdoor", lambda: "", methods=["DELETE"])
    try:
        seen = {role: asked(app, "DELETE", "/backdoor", role)[0] for role in ROLES}
        # Where nothing is, nothing is kept from them.
        nothing = asked(app, "DELETE", "/nothing", "viewer")[0]
    finally:
        app.router.routes.pop()
    assert seen == dict.fromkeys(ROLES, 403) | {"public": 401, "admin": 200}
    assert nothing == 200


def test_roles_are_in_order() -> None:
    table = {(has, needs) for has in ROLES for needs in ROLES if allows(has, needs)}
    assert ("admin", "planner") in table
    assert ("viewer", "commander") not in table
    assert len(table) == 15


def test_rules_are_read_as_routes_are() -> None:
    first, second, third = read_rules(
        [
            {"path": "/a/{x}", "role": "viewer"},
            {"path": "/b/**", "methods": ["POST"], "role": "admin", "action": "export"},
            {"path": "/c/{x:path}", "role": "public"},
        ]
    )
    assert first.fits("GET", "/a/1")
    assert not first.fits("GET", "/a/1/2")
    assert not first.fits("POST", "/a/1")
    assert all(second.fits("POST", path) for path in ("/b", "/b/", "/b/1/2", "/b/\n"))
    assert not second.fits("POST", "/bc")
    assert third.fits("GET", "/c/1/2")
    assert second.action == "export"


def test_every_fault_of_the_table_is_named() -> None:
    with pytest.raises(ParameterError, match=r"/a: no word 'rule'; /a: its role.*; /b: its action"):
        read_rules(
            [
                {"path": "/a", "rule": "viewer"},
                {"path": "/b", "role": "viewer", "action": "theft"},
            ]
        )


def test_head_is_asked_for_as_get() -> None:
    assert rule_of("HEAD", "/coverage") == rule_of("GET", "/coverage")
    assert rule_of("PATCH", "/coverage") is None
