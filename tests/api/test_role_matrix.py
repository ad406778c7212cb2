"""Every route with every role, through the whole application: who comes in, and with what token.

What is wanted is said here by what people do, not by the table of roles; a route that belongs to no
group fails.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from api.auth_roles import ROLES
from api.auth_sessions import SESSION

Enter = Callable[[str], Any]
Route = tuple[str, str]

# Who may do it at the least, what it is, and the routes of it (method and path).
GROUPS = (
    ("public", "the way in and what a page is made of", r"GET /(healthz|login|assets/.*)"),
    ("public", "coming and going", r"POST /(login|logout)"),
    ("public", "what a team's link opens", r"(GET|POST) /p/.*"),
    (
        "commander",
        "units, closed streets, incidents",
        r"(POST|DELETE) /(duty|closures|incidents).*",
    ),
    ("commander", "what a wall shows", r"POST /displays/.*"),
    ("commander", "long work", r"POST /jobs.*"),
    ("commander", "links of teams", r"(GET|POST|DELETE) /patrols/{night}/links.*"),
    ("commander", "what becomes of a hazard", r"POST /hazards/.*"),
    ("planner", "the planner's desk", r"(GET|POST) /planner.*"),
    ("planner", "files of one's own", r"(GET|POST|DELETE) /uploads.*"),
    ("viewer", "the overview", r"GET /(|dashboard/.*|displays/.*|briefing.*)"),
    ("viewer", "maps", r"GET /(pages|tiles|basemaps)/?.*"),
    ("viewer", "answers", r"GET /(coverage|response|targets|rectification|change|cells)(/.*)?"),
    ("viewer", "nights", r"GET /(patrols|patrols/{night}/signals|hazards)"),
    ("viewer", "the town now", r"GET /(duty|closures|incidents?|cordon.*|find|jobs.*)"),
    ("viewer", "features and how to ask", r"GET /(ogc.*|docs|openapi\.json)"),
)
# What would not end: here it is asked for what is not there.
HOLES = {"/displays/{name}/events": {"name": "~"}}
# Names in the place of a code, as they travel.
NAMES = (
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "../../../../fengqiao.toml",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "..%5c..%5cfengqiao.toml",
    "c:%5cwindows%5cwin.ini",
    "file:%2f%2f%2fetc%2fpasswd",
    "town.db%00.png",
    "%00",
    "%e6%9e%ab%e6%a1%a5%f0%9f%9a%94",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8f%e2%80%ae",
    "%ed%a0%80",
    "%ff%fe",
    "%0d%0aSet-Cookie:%20a=b",
    "a" * 3000,
    "-1",
    "9" * 40,
)


def routes(app: Any) -> list[Route]:
    """Return method and path of every route, as it is written."""
    found = set()
    for route in app.routes:
        included = getattr(route, "effective_route_contexts", None)
        for one in included() if included else [route]:
            found |= {(method, one.path) for method in one.methods or () if method != "HEAD"}
    return sorted(found)


def wanted(method: str, path: str) -> str:
    """Return the least role of a route: that of its group."""
    asked = f"{method} {path}"
    found = [role for role, _, pattern in GROUPS if re.fullmatch(pattern, asked)]
    assert found, f"{asked}: of which group is it?"
    return found[0]


def example(path: str, hole: str = "1") -> str:
    """Return a path that a route is for."""
    known = HOLES.get(path, {})
    return re.sub(r"{(\w+)(:\w+)?}", lambda found: known.get(found.group(1), hole), path)


def test_every_route_belongs_to_a_group(guarded: Any) -> None:
    found = routes(guarded)
    assert len(found) > 80
    groups = {pattern: 0 for _, _, pattern in GROUPS}
    for method, path in found:
        wanted(method, path)
        for pattern in groups:
            groups[pattern] += re.fullmatch(pattern, f"{method} {path}") is not None
    assert [pattern for pattern, count in groups.items() if not count] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_route_with_every_role(guarded: Any, enter: Enter, role: str) -> None:
    client = enter("" if role == "public" else role)
    wrong = []
    for method, path in routes(guarded):
        if path == "/logout":  # it would end the session; its own tests are in test_auth
            continue
        status = client.request(method, example(path), json={}).status_code
        needs = wanted(method, path)
        inside = ROLES.index(role) >= ROLES.index(needs)
        if needs == "public":
            right = status < 500  # a wrong link is refused by the route itself
        elif inside:
            right = status < 500 and status not in (401, 403)
        else:
            right = status == (401 if role == "public" else 403)
        if not right:
            wrong.append((method, path, needs, status))
    assert wrong == []


@pytest.mark.parametrize("token", [None, "", "csrf of viewer", "csrf of planne", "é"])
def test_no_change_without_the_token_of_the_session(
    guarded: Any, enter: Enter, token: str | None
) -> None:
    enter("viewer")
    client = enter("planner")
    del client.headers["X-CSRF-Token"]
    headers = {} if token is None else {"X-CSRF-Token": token.encode()}
    changes = [
        (method, path)
        for method, path in routes(guarded)
        if method != "GET" and wanted(method, path) != "public"
    ]
    assert len(changes) > 15
    passed = [
        (method, path)
        for method, path in changes
        if client.request(method, example(path), json={}, headers=headers).status_code != 403
    ]
    assert passed == []


def test_a_session_of_another_town_opens_nothing(
    guarded: Any, enter: Enter, tmp_path: Path
) -> None:
    """Tokens are known by the store of one town only."""
    from fastapi.testclient import TestClient

    from api.app import create_app
    from api.settings import Settings
    from api.workspace import create_workspace
    from gis.store_users import add_user

    create_workspace(tmp_path / "other", "Other")
    other = create_app(Settings(workspace=tmp_path / "other"))
    add_user(other.state.accounts.store, "admin", "admin", "no hash")
    try:
        token = enter("admin").cookies[SESSION]
        client = TestClient(other, base_url="http://localhost")
        client.cookies.set(SESSION, token, domain="localhost.local")
        assert client.get("/coverage").status_code == 401
    finally:
        other.state.incidents.close()
        other.state.source.close()


def asked_raw(app: Any, method: str, raw: str, cookie: str, csrf: str) -> tuple[int, bytes]:
    """Return status and content for a path just as it is written, which no client mends."""
    headers = {
        "host": "localhost",
        "cookie": cookie,
        "x-csrf-token": csrf,
        "content-type": "application/json",
        "accept": "text/html",
    }
    scope: dict[str, Any] = {
        "type": "http", "method": method, "query_string": b"", "scheme": "http",
        "path": unquote_to_bytes(raw).decode("utf-8", "replace"), "raw_path": raw.encode(),
        "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "http_version": "1.1",
    }  # fmt: skip
    sent: list[Any] = []
    gives = iter([{"type": "http.request", "body": b"{}"}])

    async def receive() -> Any:
        return next(gives, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    # In a thread of its own: this one may have the loop of a browser already.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])


@pytest.fixture
def files(guarded: Any) -> Iterator[None]:
    """See that there are no other files, and no others changed, beside the database."""
    folder = Path(guarded.state.settings.workspace).parent
    before = sorted(path for path in folder.rglob("*") if not path.name.startswith("town.db"))
    yield
    after = sorted(path for path in folder.rglob("*") if not path.name.startswith("town.db"))
    assert after == before


def test_names_in_paths_lead_nowhere(guarded: Any, enter: Enter, files: None) -> None:
    client = enter("admin")
    cookie = f"{SESSION}={client.cookies[SESSION]}"
    secret = [
        b"root:x:",
        b"[town]",
        b"SQLite format",
        str(guarded.state.settings.workspace).encode(),
    ]
    holed = [route for route in routes(guarded) if "{" in route[1]]
    assert len(holed) > 30
    wrong = []
    for method, path in holed:
        for name in NAMES:
            raw = re.sub(r"{\w+(:\w+)?}", lambda _, name=name: name, path)
            status, content = asked_raw(
                guarded, method, raw, cookie, client.headers["X-CSRF-Token"]
            )
            if status >= 500 or any(one in content for one in secret):
                wrong.append((method, path, name[:40], status))
    assert wrong == []
