"""The short way for features in a box: it says what the route says, or leaves it to the route."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.ogc_town import OfferedTown
from api.settings import Settings

ITEMS = "/ogc/collections/cameras/items"
BOX = f"{ITEMS}?bbox=119.9,29.9,120.1,30.1"


@contextmanager
def kept(folder: Path) -> Iterator[TestClient]:
    """Give a client of a town whose cameras are kept."""
    app = create_app(Settings(workspace=folder))
    client = TestClient(app, base_url="http://localhost", headers={"Accept-Language": "en"})
    assert client.get(BOX).status_code == 200
    wait_for(lambda: app.state.offered._known["cameras"])
    yield client
    app.state.revisions.close()
    app.state.incidents.close()
    app.state.source.close()


@pytest.fixture(scope="module")
def client(town: Path) -> Iterator[TestClient]:
    """Return a client of the tiny town, which asks only."""
    with kept(town) as client:
        yield client


def wait_for(true: Any) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def refuse(_: OfferedTown, query: Any) -> Any:
    """Be what the route asks, where it must not be asked."""
    raise AssertionError(query)


@pytest.mark.parametrize("query", ["", "&limit=1", "&after=node/1", "&after=zzz", "&f=json"])
def test_it_says_what_the_route_says(
    client: TestClient, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("api.ogc_lane.Lane.__call__", lambda self, *asked: self._app(*asked))
        routed = client.get(BOX + query)
    monkeypatch.setattr(OfferedTown, "page", refuse)
    short = client.get(BOX + query)
    assert (short.status_code, short.content) == (200, routed.content)
    assert short.headers == routed.headers
    known = {"If-None-Match": short.headers["etag"]}
    assert client.get(BOX + query, headers=known).status_code == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{BOX}&f=html", 200),
        (f"{BOX}&limit=5000", 200),
        (f"{BOX}&status=in_use", 200),
        (f"{BOX}&colour=red", 400),
        ("/ogc/collections/streets/items?bbox=119.9,29.9,120.1,30.1", 200),
        ("/ogc/collections/facts/items?bbox=119.9,29.9,120.1,30.1", 404),
        (ITEMS, 200),
    ],
)
def test_all_else_is_for_the_route(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_a_change_of_the_town_is_seen_at_once(town: Path, tmp_path: Path) -> None:
    with kept(shutil.copytree(town, tmp_path / "town")) as client:
        before = client.get(BOX)
        assert len(before.json()["features"]) == 1
        store = client.app.state.incidents.store  # type: ignore[attr-defined]
        store.import_layers({"cameras": store.layer("cameras").iloc[:0]}, source="an empty file")
        after = client.get(BOX)
    assert after.json()["features"] == []
    assert after.headers["etag"] != before.headers["etag"]
