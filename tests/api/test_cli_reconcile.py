"""The command that sets the sheet against the catalogue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import typer
from typer.testing import CliRunner, Result

from api import cli_reconcile
from api.cli_terms import ErrorsToExit

Run = Callable[..., Result]
DATA = Path(__file__).parents[1] / "data"
SHEET, CATALOGUE = "camera_sheet_27_columns.csv", "catalogue_2016_says_gb2312.xml"


@pytest.fixture
def reconcile(tmp_path, monkeypatch) -> Run:
    """Return a function that calls the command in a folder with both files."""
    for name in (SHEET, CATALOGUE):
        shutil.copy(DATA / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    app = typer.Typer(cls=ErrorsToExit, pretty_exceptions_enable=False)
    cli_reconcile.add_to(app)
    app.callback()(lambda: None)

    def call(*words: str | Path, code: int = 0) -> Result:
        done = CliRunner().invoke(app, ["reconcile", *map(str, words)])
        assert isinstance(done.exception, SystemExit | None), done.exception
        assert done.exit_code == code, done.stderr
        return done

    return call


def test_without_a_workspace(reconcile):
    done = reconcile(SHEET, CATALOGUE, "--crs", "wgs84")
    assert "50.0% of 4 cameras of the platform are on file" in done.stdout
    assert "Fields dropped: Owner, IPAddress" in done.stderr


def test_the_document(reconcile):
    done = reconcile(SHEET, CATALOGUE, "--crs", "wgs84", "--moved-m", "30", "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "fengqiao.reconcile/1"
    assert document["counts"]["moved"] == 0
    assert document["params"]["moved_m"] == 30
    assert (document["town"], document["assumed"]) == (None, [])
    assert any("联网属性" in warning for warning in document["warnings"])


def test_the_workbook(reconcile):
    reconcile(SHEET, CATALOGUE, "--crs", "wgs84", "-o", "lists.xlsx")
    assert "moved" in openpyxl.load_workbook("lists.xlsx").sheetnames
    reconcile(SHEET, CATALOGUE, "--crs", "wgs84", "-o", "lists.csv", code=2)


def test_each_file_in_its_own_datum(reconcile):
    words = ["--sheet-crs", "gcj02", "--catalogue-crs", "wgs84", "--json"]
    moved = json.loads(reconcile(SHEET, CATALOGUE, *words).stdout)["moved"]
    assert [450 < row["distance_m"] < 540 for row in moved] == [True, True]


def test_coordinates_that_nobody_declared(reconcile, town):
    assert "does not say what its coordinates are" in reconcile(SHEET, CATALOGUE, code=1).stderr
    told = reconcile(SHEET, CATALOGUE, "-w", town, code=1).stderr
    assert "--crs" in told


def test_the_town_of_a_workspace(reconcile, town):
    done = reconcile(SHEET, CATALOGUE, "--crs", "wgs84", "-w", town, "--json")
    assert json.loads(done.stdout)["town"] == "枫桥"
    reconcile(SHEET, CATALOGUE, "--crs", "wgs84", "-w", "nowhere", code=1)


def test_wrong_codes_are_listed_and_other_faults_refused(reconcile):
    text = Path(SHEET).read_text("utf-8")
    Path("wrong.csv").write_text(
        text.replace("33060200001310000001", "330602000013100001"), "utf-8"
    )
    done = reconcile("wrong.csv", CATALOGUE, "--crs", "wgs84", "--json")
    assert json.loads(done.stdout)["wrong_codes"][0]["code"] == "330602000013100001"
    Path("wrong.csv").write_text(text.replace("120.7254", "E"), "utf-8")
    assert "row 2, column 经度" in reconcile("wrong.csv", CATALOGUE, code=1).stderr
