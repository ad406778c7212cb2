"""Circles that follow closures and the duty state, on the command line and over HTTP."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import Result

from api.app import create_app
from api.kept import Kept, find_answer
from api.settings import Settings
from api.workspace import open_workspace

Run = Callable[..., Result]

UNIT = "assumed/unit/node/11"
# The only street of the tiny town.
STREET = "way/21"


@pytest.fixture
def copy(town: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(town, tmp_path / "town"))


@pytest.fixture
def client(copy: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(workspace=copy)), "http://127.0.0.1") as client:
        yield client


def test_now_goes_by_the_duty_state_and_is_not_kept(run: Run, copy: Path) -> None:
    run("response", "-w", copy)
    kept = _kept(copy)
    now = _json(run("response", "--now", "-w", copy, "--json"))
    assert (now["by_duty"], [unit["comes"] for unit in now["units"]]) == (True, [True])
    assert now["at"] is not None
    run("duty", "set", UNIT, "busy", "-w", copy)
    (unit,) = _json(run("response", "--now", "-w", copy, "--json"))["units"]
    assert (unit["comes"], unit["reason"]) == (False, "busy")
    (unit,) = _json(run("response", "--level", "2", "-w", copy, "--json"))["units"]
    assert unit["comes"]
    assert _kept(copy).made_at == kept.made_at
    assert not kept.document["by_duty"]
    run("response", "--now", "--at", "Mon 20:00", "-w", copy, code=2)


def test_a_unit_comes_from_where_it_stands_by(run: Run, copy: Path) -> None:
    run("duty", "set", UNIT, "ready", "--at", "node/12", "-w", copy)
    at_base = _json(run("response", "-w", copy, "--json"))
    moved = _json(run("response", "--now", "-w", copy, "--json"))
    times = [{site["code"]: site["units"] for site in told["sites"]} for told in (at_base, moved)]
    assert times[1]["node/12"][0]["time_s"] < times[0]["node/12"][0]["time_s"]


def test_a_closure_counts_and_makes_the_kept_answer_stale(
    run: Run, copy: Path, client: TestClient
) -> None:
    run("response", "-w", copy)
    assert client.get("/response").json()["warnings"] == _kept(copy).document["warnings"]
    run("closures", "add", STREET, "-w", copy)
    assert "closed or opened" in client.get("/response").json()["warnings"][0]
    assert "closed or opened" not in str(client.get("/coverage").json()["warnings"])
    run("targets", "-w", copy)
    kept = _kept(copy)
    assert kept.document["params"]["closures"] == [STREET]
    assert kept.basis["closures"] == [STREET]
    assert client.get("/response").json()["warnings"] == kept.document["warnings"]


def test_the_server_answers_for_now(client: TestClient) -> None:
    first = client.get("/response", params={"at": "now"}).json()
    assert (first["by_duty"], first["units"][0]["comes"]) == (True, True)
    changed = client.post(f"/duty/{UNIT}", json={"state": "off"})
    assert changed.status_code == 200
    after = client.get("/response", params={"at": "now"}).json()
    assert (after["units"][0]["comes"], after["units"][0]["reason"]) == (False, "off")
    page = client.get("/pages/response", params={"at": "now", "lang": "en"})
    assert page.headers["cache-control"] == "no-store"
    assert "at=now" in page.text
    assert client.get("/response", params={"at": "Mon 20:00"}).status_code == 400


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_the_ends_of_the_calendar_are_refused(client: TestClient, until: str) -> None:
    answer = client.post(f"/duty/{UNIT}", json={"state": "off", "until": until})
    assert (answer.status_code, "the year" in answer.json()["detail"]) == (400, True)
    answer = client.post("/incidents/1/send", json={"unit": UNIT, "at": until})
    assert answer.status_code == 400


def _json(done: Result) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _kept(folder: Path) -> Kept:
    with open_workspace(folder).open_store() as store:
        kept = find_answer(store, "response")
    assert kept is not None
    return kept
