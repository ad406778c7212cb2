"""Commands of patrols: cards, sheets, files and plates from a workspace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import gpxpy
import pypdf
import pytest
from typer.testing import Result

from gis.store import open_store
from gis.store_patrols import planned_nights, plates

Run = Callable[..., Result]

NIGHT = date(2026, 11, 24)
POINTS = """code,name,landmark,lon,lat
X1,北门巡更点,老桥头,120.0001,30.0001
X2,<b>桥</b>,,120.0019,30.0
"""


@pytest.fixture
def own(town: Path, tmp_path: Path) -> Path:
    """Return a copy of the town that a test may write to."""
    return Path(shutil.copytree(town, tmp_path / "own"))


@pytest.fixture
def pointed(own: Path, run: Run, tmp_path: Path) -> Path:
    """Return a town with two patrol points."""
    (tmp_path / "points.csv").write_text(POINTS, encoding="utf-8")
    run("import", "patrol_points", "points.csv", "--crs", "wgs84", "-w", own)
    return own


def test_publish_writes_a_page_and_a_picture_a_team_and_keeps_the_plan(
    own: Path, run: Run, tmp_path: Path
) -> None:
    words = ["--json", "--call", "派出所=0575 82170110"]
    told = json.loads(run("patrol", "publish", "-w", own, "-o", "out", *words).stdout)
    assert told["schema"] == "fengqiao.patrol-cards/1"
    assert told["date"] == "2026-11-24"
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(files) == len(told["files"]) >= 2
    assert {Path(name).suffix for name in files} == {".html", ".png"}
    page = next((tmp_path / "out").glob("*.html")).read_text("utf-8")
    assert "tel:057582170110" in page
    with open_store(own / "town.db") as store:
        (night,) = planned_nights(store, since=NIGHT, until=NIGHT)
    assert night.document["teams"]
    again = run("patrol", "publish", "-w", own, "-o", "out", "--date", "2026-11-24")
    assert "another plan" not in again.stderr


def test_export_writes_each_format(own: Path, run: Run, tmp_path: Path) -> None:
    run("patrol", "-w", own, "export", "-o", "files")
    endings = {path.suffix for path in (tmp_path / "files").iterdir()}
    assert endings == {".gpx", ".kml", ".geojson", ".ics"}
    run("patrol", "export", "-w", own, "-o", "one", "--format", "gpx", "--datum", "bd09")
    shifted = list((tmp_path / "one").iterdir())
    assert all(path.name.endswith(".bd09.gpx") for path in shifted)
    assert gpxpy.parse(shifted[0].read_text("utf-8")).waypoints


def test_a_team_that_is_not_there_is_named(own: Path, run: Run) -> None:
    done = run("patrol", "export", "-w", own, "-o", "files", "--team", "nobody", code=1)
    assert "no route on 2026-11-24" in done.stderr


def test_numbers_of_the_plan_before_the_command_are_refused(own: Path, run: Run) -> None:
    done = run("patrol", "--seed", "2", "publish", "-w", own, "-o", "out", code=2)
    assert "publish" in done.stderr


def test_a_call_that_is_no_number_is_refused(own: Path, run: Run) -> None:
    run("patrol", "publish", "-w", own, "-o", "out", "--call", "所长", code=2)


def test_sheets_are_one_pdf(own: Path, run: Run, tmp_path: Path) -> None:
    run("patrol", "sheets", "-w", own, "-o", "sheets.pdf", "--lang", "en")
    text = pypdf.PdfReader(tmp_path / "sheets.pdf").pages[0].extract_text()
    assert "Patrol route" in text
    assert "page 1 of" in text


def test_plates_are_issued_once_reissued_and_revoked(
    pointed: Path, run: Run, tmp_path: Path
) -> None:
    assert "2 plates" in run("plates", "-w", pointed, "-o", "a.pdf").stdout
    run("plates", "-w", pointed, "-o", "b.pdf")
    assert "<b>桥</b>" in pypdf.PdfReader(tmp_path / "b.pdf").pages[0].extract_text()
    told = run("plates", "-w", pointed, "--reissue", "X1", "-o", "c.pdf", "--json").stdout
    assert json.loads(told)["printed"] == 1
    run("plates", "-w", pointed, "--revoke", "X2")
    with open_store(pointed / "town.db") as store:
        there = [(one.point, one.serial, one.revoked_at is None) for one in plates(store)]
    assert there == [("X1", 1, False), ("X1", 2, True), ("X2", 1, False)]
    listed = run("plates", "-w", pointed, "--list").stdout
    assert listed.count("revoked") == 2
    assert (
        "no plate in force at: X2" in run("plates", "-w", pointed, "--revoke", "X2", code=1).stderr
    )


def test_plates_need_points_and_something_to_do(own: Path, pointed: Path, run: Run) -> None:
    assert "X9" in run("plates", "-w", pointed, "-o", "a.pdf", "--point", "X9", code=1).stderr
    run("plates", "-w", pointed, code=2)
    run("plates", "-w", pointed, "--revoke", "X1", "--reissue", "X2", code=2)
