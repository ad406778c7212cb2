"""Rosters, check-ins and months from a workspace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from typer.testing import Result

from gis.store import open_store
from gis.store_patrols import planned_nights
from planner.checkin_code import code_plan, encode

Run = Callable[..., Result]
NUMBERS = "\n[nights]\niterations = 20\nfirst_iterations = 40\n"


@pytest.fixture
def own(town: Path, tmp_path: Path) -> Path:
    """Return a copy of the town that plans its nights in no time."""
    copy = Path(shutil.copytree(town, tmp_path / "own"))
    with (copy / "fengqiao.toml").open("a", encoding="utf-8") as file:
        file.write(NUMBERS)
    return copy


def test_nights_are_planned_kept_checked_and_summed_up(own: Path, run: Run, tmp_path: Path) -> None:
    planned = run("roster", "plan", "-w", own, "--from", "2026-11-23", "--nights", "2",
                  "-o", "r.xlsx", "--json")  # fmt: skip
    document = json.loads(planned.stdout)
    assert document["schema"] == "fengqiao.roster/1"
    assert [row["night"] for row in document["nights"]] == ["2026-11-23", "2026-11-24"]
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["总览", "每晚", "各队", "停留点", "网格", "到期未去"]
    assert book["每晚"]["A4"].value == "2026-11-23"
    with open_store(own / "town.db") as store:
        night = planned_nights(store, since=_day(23), until=_day(23))[0]
    tonight = json.loads(run("patrol", "-w", own, "--date", "2026-11-23", "--json").stdout)
    codes = [[stop["code"] for stop in team["stops"]] for team in tonight["teams"]]
    assert codes == [[s["code"] for s in team["stops"]] for team in night.document["teams"]]

    number = next(k for k, team in enumerate(night.document["teams"]) if team["stops"])
    plan = code_plan(night.document, number)
    code = encode(plan, list(plan.due_min), people=4)
    back = json.loads(run("checkins", code, "-w", own, "--json").stdout)
    (team,) = back["teams"]
    # A rest is planned, too, but nobody has to check in there.
    visits = [s for s in night.document["teams"][number]["stops"] if s["kind"] != "break"]
    assert (team["kept"], team["late"], team["missed"]) == (len(visits), 0, 0)
    month = json.loads(
        run("roster", "month", "2026-11", "-w", own, "-o", "m.xlsx", "--json").stdout
    )
    (row,) = month["teams"]
    assert (row["team"], row["nights"], row["headcount"]) == (team["team"], 1, 4)
    assert openpyxl.load_workbook(tmp_path / "m.xlsx").sheetnames == ["月度汇总"]


def test_what_is_wrong_is_said(own: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"schema": "x"}', "utf-8")
    for given, message in (
        ("nothing.json", "there is no file nothing.json"),
        ("other.json", "its schema must be"),
    ):
        result = run("checkins", given, "-w", own, code=1)
        assert message in result.stderr
    assert "such as 2026-11" in run("roster", "month", "november", "-w", own, code=1).stderr


def _day(day: int) -> date:
    return date(2026, 11, day)
