"""Links and hazards by the command."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Run
from leader_evening import evening, give_out

from gis.store import open_store
from gis.store_field import Hazard, save_hazard


@pytest.fixture
def place(town: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(town, tmp_path / "town")
    give_out(folder, evening())
    return folder


def test_links_are_made_listed_and_taken_back(run: Run, place: Path) -> None:
    night = evening()["date"]
    made = run("links", "make", "-w", place, "--date", night, "--url", "http://10.0.0.1:8000/")
    first, second = made.stdout.splitlines()
    assert "http://10.0.0.1:8000/p/" in first
    assert "夜莺队" not in first
    assert second.split()[2] == "t3"
    listed = json.loads(run("links", "list", "-w", place, "--json").stdout)["links"]
    assert [(one["team"], one["state"]) for one in listed] == [("t1", "open"), ("t3", "open")]
    assert listed[0]["path"] in first
    ended = run("links", "revoke", listed[0]["jti"], "-w", place).stdout
    assert ended.split()[-1] == "revoked"
    again = run("links", "list", "-w", place, "--date", night).stdout.splitlines()
    assert again[0].endswith("revoked")
    assert run("links", "revoke", "nothing", "-w", place, code=1).stderr.startswith("there is no")
    only = run("links", "make", "-w", place, "--date", night, "--team", "t3", "--json").stdout
    assert [one["team"] for one in json.loads(only)["links"]] == ["t3"]


def test_what_has_no_route_gets_no_link(run: Run, place: Path) -> None:
    wrong = run("links", "make", "-w", place, "--date", "2020-01-01", code=1)
    assert "not planned" in wrong.stderr
    night = evening()["date"]
    assert "no route" in run(
        "links", "make", "-w", place, "--date", night, "--team", "t2", code=1
    ).stderr  # fmt: skip


def test_hazards_are_listed_and_answered(run: Run, place: Path) -> None:
    now = datetime.now(UTC)
    with open_store(place / "town.db") as store:
        hazard = Hazard("uid-0001", "lamp", 120.001, 30.001, now.date(), "t1", now)
        number = save_hazard(store, hazard).number
    shown = run("hazards", "list", "-w", place).stdout
    assert "路灯不亮" in shown
    assert "已收到" in shown
    assert "Lamp out" in run("hazards", "list", "-w", place, "--lang", "en").stdout
    run("hazards", "answer", str(number), "done", "--say", "修好了", "-w", place)
    assert run("hazards", "list", "-w", place, "--state", "open").stdout == ""
    (done,) = json.loads(run("hazards", "list", "-w", place, "--json").stdout)["hazards"]
    assert (done["state"], done["answer"], done["team"]) == ("done", "修好了", "t1")
    run("hazards", "answer", "99", "done", "-w", place, code=1)
    run("hazards", "answer", str(number), "lost", "-w", place, code=2)
