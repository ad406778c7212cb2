"""The application behind a real server, asked as a browser asks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from real_server import serving

from api.version import program_version

# The tile at zoom 16 that holds the tiny town (30 N, 120 E).
TILE = "16/54613/27034"


@pytest.fixture(scope="module")
def server(town: Path) -> Iterator[str]:
    """Return the address of a server of the tiny town."""
    with serving(town) as server:
        yield server.address


@pytest.fixture(scope="module")
def client(server: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server, timeout=60) as client:
        yield client


def test_health(client: httpx2.Client) -> None:
    answer = client.get("/healthz")
    told = {"status": "ok", "version": program_version(), "revision": 2}
    assert (answer.status_code, answer.json()) == (200, told)


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/coverage", "fengqiao.coverage/1"),
        ("/response", "fengqiao.response/1"),
        ("/patrols", "fengqiao.patrol/1"),
        ("/targets", "fengqiao.targets/1"),
        ("/rectification", "fengqiao.rectification/1"),
        ("/change", "fengqiao.change/1"),
    ],
)
def test_answers_are_the_documents_of_the_command(
    client: httpx2.Client, path: str, schema: str
) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"].startswith("application/json")
    document = answer.json()
    assert document["schema"] == schema
    assert (document["town"], document["revision"], document["made_up"]) == ("枫桥", 2, False)
    assert {"params", "assumed", "warnings"} <= set(document)


def test_the_start_leads_to_a_page(client: httpx2.Client) -> None:
    answer = client.get("/", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("kind", ["coverage", "response", "patrol", "targets", "change"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_name_no_other_host_and_no_unhashed_script(
    client: httpx2.Client, kind: str, lang: str
) -> None:
    answer = client.get(f"/pages/{kind}", params={"lang": lang})
    assert answer.status_code == 200
    assert re.search(rf'<html[^>]* lang="{lang}', answer.text)
    assert "枫桥" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src" in policy
    scripts = next(p for p in policy.split(";") if p.strip().startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "unsafe-eval" not in scripts
    for address in re.findall(r'(?:src|href)="(https?://[^"]+)"', answer.text):
        # A link that a person may follow to the licence is no request.
        assert "openstreetmap.org" in address or "opendatacommons.org" in address, address


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.5,zh;q=0.8", "zh"),
        ("fr", "zh"),
        ("en;q=nonsense", "zh"),
        ("", "zh"),
    ],
)
def test_the_language_is_that_of_the_browser(client: httpx2.Client, accept: str, lang: str) -> None:
    answer = client.get("/pages/coverage", headers={"Accept-Language": accept})
    assert re.search(rf'<html[^>]* lang="{lang}', answer.text)
    assert "accept-language" in answer.headers["vary"].lower()


@pytest.mark.parametrize("theme", ["base", "cells"])
def test_tiles_are_pictures_that_browsers_keep(client: httpx2.Client, theme: str) -> None:
    answer = client.get(f"/tiles/{theme}/{TILE}.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["cache-control"]
    known = {"If-None-Match": answer.headers["etag"]}
    again = client.get(f"/tiles/{theme}/{TILE}.png", headers=known)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/base/3/8/0.png",
        "/tiles/base/3/0/8.png",
        "/tiles/base/3/-1/0.png",
        "/tiles/base/-1/0/0.png",
        "/tiles/base/40/0/0.png",
        "/tiles/faces/3/0/0.png",
        "/assets/nothing.js",
        "/assets/..%2fapp.py",
        "/pages/faces",
        "/nothing",
    ],
)
def test_what_is_not_there_is_a_problem_document(client: httpx2.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == 404
    assert body["detail"]


def test_words_for_numbers_are_a_bad_request(client: httpx2.Client) -> None:
    answer = client.get("/tiles/base/a/b/c.png")
    assert answer.status_code == 400
    assert "z: " in answer.json()["detail"]


def test_nothing_can_be_written(client: httpx2.Client) -> None:
    for path in ("/coverage", "/pages/coverage", "/healthz"):
        assert client.post(path, content=b"{}").status_code == 405


def test_every_answer_carries_the_headers(client: httpx2.Client) -> None:
    for path in ("/healthz", "/pages/coverage", "/nothing", f"/tiles/base/{TILE}.png"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"]
        assert headers["content-security-policy"]


def test_the_list_of_routes_asks_no_other_host(client: httpx2.Client) -> None:
    text = client.get("/docs").text
    asked = re.findall(r'(?:src|href|action)="([^"]+)"', text)
    assert len(asked) > 10
    assert [one for one in asked if one.startswith(("http", "//"))] == []
    for path in ("/coverage", "/tiles/{theme}/{z}/{x}/{y}.png", "/healthz"):
        assert path in text
    assert client.get("/openapi.json").status_code == 200
    assert client.get("/redoc").status_code == 404


def test_assets_of_the_pages_are_there(client: httpx2.Client) -> None:
    text = client.get("/pages/coverage").text
    page = httpx2.URL(str(client.base_url)).join("/pages/coverage")
    for address in re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]+)"', text):
        if not address.startswith("data:"):
            assert client.get(page.join(address)).status_code == 200, address


def test_a_change_shows_at_the_next_request(town: Path, tmp_path: Path) -> None:
    """A server of a copy sees an import and a missing answer without being started again."""
    import shutil

    from api.settings import Settings
    from api.town_view import TownSource
    from api.workspace import open_workspace

    folder = tmp_path / "copy"
    shutil.copytree(town, folder)
    source = TownSource(open_workspace(Settings(workspace=folder).workspace), 16)
    try:
        before = source.view()
        assert source.view() is before
        assert before.warnings("coverage") == before.answer("coverage").document["warnings"]
        with open_workspace(folder).open_store() as store:
            frame = store.layer("cameras")
            store.import_layers({"cameras": frame.iloc[:0]}, source="none left")
        after = source.view()
        assert after.layers.revision == before.layers.revision + 1
        assert len(after.layers["cameras"]) == 0
        assert "fengqiao coverage" in after.document("coverage")["warnings"][0]
        assert after.etag("cells") != before.etag("cells")
    finally:
        source.close()


def test_a_town_without_answers_says_which_command_makes_them(tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    from api.app import create_app
    from api.settings import Settings
    from api.workspace import create_workspace

    create_workspace(tmp_path / "bare", "Bare")
    app = create_app(Settings(workspace=tmp_path / "bare"))
    with TestClient(app, "http://127.0.0.1") as client:
        assert client.get("/healthz").json()["status"] == "ok"
        answer = client.get("/patrols")
        assert answer.status_code == 404
        assert "fengqiao patrol" in json.loads(answer.text)["detail"]
        page = client.get("/pages/patrol", params={"lang": "en"})
        assert page.headers["content-type"].startswith("text/html")
        assert "fengqiao patrol" in page.text
        answer = client.get("/change")
        assert answer.status_code == 404
        assert "fengqiao coverage --against" in json.loads(answer.text)["detail"]
