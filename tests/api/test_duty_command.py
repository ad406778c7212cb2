"""The commands duty, closures, incident and incidents."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]

# The post of the tiny town is assumed at its police station.
UNIT = "assumed/unit/node/11"


@pytest.fixture
def copy(town: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(town, tmp_path / "town"))


def test_duty_is_set_listed_imported_and_cleared(run: Run, copy: Path, tmp_path: Path) -> None:
    before = json.loads(run("duty", "list", "-w", copy, "--json").stdout)
    assert before["schema"] == "fengqiao.duty/1"
    assert [(u["unit"], u["state"], u["source"]) for u in before["units"]] == [
        (UNIT, "ready", "hours")
    ]
    run("duty", "set", UNIT, "busy", "--until", "23:59", "--at", "node/12", "-w", copy)
    (unit,) = json.loads(run("duty", "list", "-w", copy, "--json").stdout)["units"]
    assert (unit["state"], unit["source"], unit["place"]) == ("busy", "hand", "node/12")
    assert unit["lon"] == pytest.approx(120.0018)
    assert "T23:59:00+08:00" in unit["until"]
    assert "处警中" in run("duty", "list", "-w", copy).stdout
    assert "busy" in run("duty", "list", "-w", copy, "--lang", "en").stdout

    roster = tmp_path / "roster.csv"
    roster.write_text(
        f"岗位,星期,开始,结束,状态,姓名\n{UNIT},每天,00:00,24:00,休息,张三\n", "utf-8"
    )
    done = run("duty", "import", roster, "-w", copy)
    assert "personal columns dropped: 姓名" in done.stdout
    assert "张三" not in done.stdout + done.stderr
    done = run("duty", "clear", "-w", copy, "--json")
    (unit,) = json.loads(done.stdout)["units"]
    assert (unit["state"], unit["source"]) == ("off", "roster")
    revision = json.loads(run("duty", "list", "-w", copy, "--json").stdout)["revision"]
    assert revision == before["revision"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["duty", "set", "U99", "off"], "no unit 'U99'"),
        (["duty", "set", UNIT, "off", "--at", "nowhere"], "no place 'nowhere'"),
        (["duty", "set", UNIT, "off", "--until", "soon"], "no time such as 22:00"),
        (["duty", "set", UNIT, "off", "--until", "2001-01-01T08:00"], "is over"),
        (["duty", "import", "none.csv"], "no such file"),
        (["closures", "add", "way/99"], "no street has the code way/99"),
        (["closures", "remove", "way/21"], "way/21 is not closed"),
        (["incident", "--lon", "120", "--lat", "30", "--kind", "person"], "no kind of incident"),
        (["incident", "--lon", "120", "--lat", "30", "--at", "some day"], "is not a moment"),
        (["incidents", "send", "7", UNIT], "no incident 7 is open"),
        (["incidents", "send", "7", "U99"], "no unit 'U99'"),
        (["incidents", "close", "7", "--time", "2101-01-01T08:00"], "yet to come"),
    ],
)
def test_what_cannot_be_is_one_clear_line(
    run: Run, copy: Path, words: list[str], problem: str
) -> None:
    done = run(*words, "-w", copy, code=1)
    assert problem in done.stderr
    assert done.stdout == ""


def test_an_incident_from_the_call_to_the_totals(run: Run, copy: Path) -> None:
    where = ("--lon", "120.0018", "--lat", "30.0019", "-w", copy)
    answer = json.loads(run("incident", *where, "--kind", "fight", "--json").stdout)
    assert answer["schema"] == "fengqiao.incident/1"
    assert [unit["code"] for unit in answer["units"]] == [UNIT]
    assert {one["layer"] for one in answer["assumed"]} >= {"units"}
    assert "Ring" in run("incident", *where, "--lang", "en").stdout

    shown = run("incidents", "open", *where, "--kind", "fight").stdout
    assert shown.startswith("1\t")
    run("incidents", "send", "1", UNIT, "-w", copy)
    assert "already" in run("incidents", "send", "1", UNIT, "-w", copy, code=1).stderr
    again = json.loads(run("incident", *where, "--json").stdout)
    assert again["units"] == []
    assert [(u["code"], u["state"]) for u in again["away"]] == [(UNIT, "sent")]
    later = json.loads(run("incident", *where, "--at", "Mon 20:00", "--json").stdout)
    assert (later["at"], len(later["units"])) == ("Mon 20:00", 1)
    run("incidents", "arrived", "1", UNIT, "-w", copy)
    listed = json.loads(run("incidents", "list", "-w", copy, "--json").stdout)
    (one,) = listed["incidents"]
    assert one["units"][0]["arrived_at"] >= one["units"][0]["sent_at"] >= one["opened_at"]
    run("incidents", "clear", "1", UNIT, "-w", copy)
    run("incidents", "close", "1", "-w", copy)
    totals = json.loads(run("incidents", "totals", "-w", copy, "--json").stdout)["totals"]
    # One incident alone tells no times.
    assert [(t["kind"], t["incidents"], t["mean_s"], t["bands"]) for t in totals] == [
        ("fight", 1, None, None)
    ]
    assert "打架斗殴" in run("incidents", "totals", "-w", copy).stdout


def test_a_closed_street_holds_up_who_comes(run: Run, copy: Path) -> None:
    where = ("--lon", "120.0018", "--lat", "30.0019", "-w", copy, "--json")
    assert json.loads(run("incident", *where).stdout)["units"]
    closed = run("closures", "add", "way/21", "--reason", "施工", "--until", "23:59", "-w", copy)
    assert closed.stdout.startswith("way/21\tRing\t")
    assert json.loads(run("incident", *where).stdout)["units"] == []
    run("closures", "remove", "way/21", "-w", copy)
    assert json.loads(run("closures", "list", "-w", copy, "--json").stdout)["closures"] == []
    assert json.loads(run("incident", *where).stdout)["units"]
