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
    assert "-o FILE.xlsx" in done.stderr


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
    book = openpyxl.load_workbook("lists.xlsx")
    assert "位置不符 moved" in book.sheetnames
    notes = [row[0] for row in book["汇总 summary"].values if row[0].startswith("提示")]
    assert "台账 camera_sheet_27_columns.csv" in notes[0]
    assert any("联网属性" in note for note in notes)
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


def test_a_sheet_full_of_faults_is_compared_as_far_as_it_goes(reconcile):
    head, first, second, *rest = Path(SHEET).read_text("utf-8").splitlines()
    wrong = first.replace("33060200001310000001", "330602000013100001")
    spoilt = first.replace("33060200001310000001", "3.30602E+19")
    other = second.replace("120.7263", "E").replace("2023/4/6", "20x3").replace(",2,垾", ",8,垾")
    lines = [head, wrong, spoilt, other, other, *rest]
    Path("wrong.csv").write_text("\n".join(lines), "utf-8")
    done = reconcile("wrong.csv", CATALOGUE, "--crs", "wgs84", "--json")
    document = json.loads(done.stdout)
    assert "values that cannot be read are left out: 安装时间 2, 经度 2 (an" in done.stderr
    assert document["counts"]["matched"] == 1
    found = document["wrong_codes"]
    assert [(row["sheet_row"], row["code"][:8]) for row in found] == [
        (2, "33060200"),
        (3, "3.30602E"),
        (5, "33060200"),
    ]
    assert found[2]["what"].endswith("is already the code of row 4")


def test_a_sheet_without_codes_cannot_be_compared(reconcile):
    text = Path(SHEET).read_text("utf-8")
    Path("none.csv").write_text(text.replace("设备编码", "编号甲"), "utf-8")
    told = reconcile("none.csv", CATALOGUE, "--crs", "wgs84", code=1).stderr
    assert "the sheet has no column 设备编码 (SBBM)" in told
