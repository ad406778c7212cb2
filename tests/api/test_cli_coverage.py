"""The command coverage for a day, and against a day or another workspace."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from api.kept import find_answer
from api.workspace import open_workspace

Run = Callable[..., Result]

# Some 190 x 220 m, and another square 10 km away.
CORNERS = [[120, 30], [120.002, 30], [120.002, 30.002], [120, 30.002], [120, 30]]
FAR = [[lon + 0.1, lat] for lon, lat in CORNERS]
TODAY = date.today().isoformat()


def write(path: Path, geometry: str, *rows: tuple[Any, dict[str, Any]]) -> Path:
    listed = [
        {"type": "Feature", "geometry": {"type": geometry, "coordinates": c}, "properties": p}
        for c, p in rows
    ]
    text = json.dumps({"type": "FeatureCollection", "features": listed})
    path.write_text(text, encoding="utf-8")
    return path


def make(run: Run, name: str, corners: list[list[float]], *more: dict[str, Any]) -> None:
    """Make a workspace with a village and domes in its middle."""
    folder = Path.cwd()
    middle = [corners[0][0] + 0.001, 30.001]
    cameras = [
        (middle, {"code": f"c{k}", "kind": "dome", "range_m": 30, "networked": True, **columns})
        for k, columns in enumerate(more, start=1)
    ]
    run("init", name, "--name", "Town")
    villages = write(folder / "villages.geojson", "Polygon", ([corners], {"code": "v1"}))
    run("import", "villages", villages, "-w", name)
    run("import", "cameras", write(folder / "cameras.geojson", "Point", *cameras), "-w", name)


@pytest.fixture
def square(run: Run, tmp_path: Path) -> Path:
    """Return a town with a camera since 2020, which one of 2024 replaced for a wider view."""
    make(
        run,
        "square",
        CORNERS,
        {"installed": "2020-05-01", "removed": "2024-03-01", "status": "removed"},
        {"installed": "2024-03-01", "range_m": 60, "status": "in_use"},
    )
    return tmp_path / "square"


def told(run: Run, *words: str | Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return document


def seen(document: dict[str, Any]) -> float:
    return float(document["totals"]["area_rate"]["value"])


def states(document: dict[str, Any]) -> list[str]:
    return [camera["state"] for camera in document["cameras"]]


def test_the_day_decides_which_cameras_count(run: Run, square: Path) -> None:
    days = {
        day: told(run, "coverage", "--at", day, "-w", square)
        for day in ("2019-01-01", "2022-01-01", "2024-03-01", "2025-01-01")
    }
    assert {day: document["at"] for day, document in days.items()} == {day: day for day in days}
    assert [states(document) for document in days.values()] == [
        ["not_yet", "not_yet"],
        ["in_use", "not_yet"],
        ["removed", "in_use"],
        ["removed", "in_use"],
    ]
    none, narrow, wide, later = (seen(document) for document in days.values())
    assert none == 0 < narrow < wide == later


def test_the_answer_of_another_day_is_not_kept(run: Run, square: Path) -> None:
    now = told(run, "coverage", "-w", square)
    done = run("coverage", "--at", "2022-01-01", "-w", square)
    assert done.stdout.startswith("On 2022-01-01:")
    assert "not kept" in done.stderr
    with open_workspace(square).open_store() as store:
        kept = find_answer(store, "coverage")
    assert kept is not None
    assert kept.document == now


def test_the_answer_of_today_is_kept(run: Run, square: Path) -> None:
    done = run("coverage", "--at", TODAY, "-w", square, "--json")
    assert "not kept" not in done.stderr
    with open_workspace(square).open_store() as store:
        kept = find_answer(store, "coverage")
    assert kept is not None
    assert kept.document["at"] == TODAY


def test_two_days_are_compared_and_the_maps_get_it(run: Run, square: Path) -> None:
    document = told(run, "coverage", "--against", "2022-01-01", "-w", square)
    assert document["schema"] == "fengqiao.change/1"
    assert (document["town"], document["made_up"]) == ("Town", False)
    text = json.dumps(document, ensure_ascii=False)
    assert "2022-01-01" in text
    assert TODAY in text
    before = told(run, "coverage", "--at", "2022-01-01", "-w", square)
    after = told(run, "coverage", "-w", square)
    assert document["totals"]["before"]["area_rate"] == before["totals"]["area_rate"]
    assert document["totals"]["after"]["area_rate"] == after["totals"]["area_rate"]
    with open_workspace(square).open_store() as store:
        kept = find_answer(store, "change")
    assert kept is not None
    assert kept.document == document
    assert kept.summary()
    run("map", "-o", "maps", "-w", square)
    assert "2022-01-01" in Path("maps/change.html").read_text("utf-8")


def test_both_days_may_be_given(run: Run, square: Path) -> None:
    words = ["coverage", "--at", "2022-01-01", "--against", "2019-01-01", "-w", str(square)]
    document = told(run, *words)
    assert document["totals"]["before"]["area_rate"]["value"] == 0
    assert document["totals"]["after"]["area_rate"]["value"] > 0


def test_two_workspaces_are_compared_and_the_other_is_left_alone(run: Run, square: Path) -> None:
    make(run, "plan", CORNERS, {"range_m": 30})
    document = told(run, "coverage", "--against", "plan", "-w", square)
    text = json.dumps(document, ensure_ascii=False)
    assert "plan" in text
    assert "square" in text
    rates = (document["totals"][side]["area_rate"]["value"] for side in ("before", "after"))
    before, after = rates
    assert before < after
    with open_workspace("plan").open_store() as store:
        assert find_answer(store, "coverage") is None
    # The other way round, what was gained is lost.
    document = told(run, "coverage", "--against", square, "-w", "plan")
    rates = (document["totals"][side]["area_rate"]["value"] for side in ("before", "after"))
    assert tuple(rates) == (after, before)


def test_other_numbers_of_the_other_workspace_do_not_count(run: Run, square: Path) -> None:
    make(run, "plan", CORNERS, {"range_m": 30})
    usual = told(run, "coverage", "--against", "plan", "-w", square)
    with Path("plan/fengqiao.toml").open("a", encoding="utf-8") as config:
        config.write("\n[coverage]\nresolution = 11\n")
    run("coverage", "-w", "plan")
    assert told(run, "coverage", "--against", "plan", "-w", square)["totals"] == usual["totals"]


@pytest.mark.parametrize("against", ["2024-02-30", "nowhere", "."])
def test_what_cannot_be_compared_with_is_named(run: Run, square: Path, against: str) -> None:
    done = run("coverage", "--against", against, "-w", square, code=1)
    assert "2024-01-31 or the folder of a workspace" in done.stderr
    assert done.stdout == ""


def test_towns_without_a_common_cell_are_not_compared(run: Run, square: Path) -> None:
    make(run, "far", FAR, {})
    done = run("coverage", "--against", "far", "-w", square, code=1)
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("day", ["2024-02-30", "yesterday", "20240101"])
def test_a_day_that_is_none_ends_with_2(run: Run, square: Path, day: str) -> None:
    assert not run("coverage", "--at", day, "-w", square, code=2).stdout
