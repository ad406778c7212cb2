from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.workspace import create_workspace


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FENGQIAO_WORKSPACE", raising=False)
    return CliRunner()


def test_a_blank_template_needs_no_workspace(runner: CliRunner, tmp_path: Path) -> None:
    done = runner.invoke(app, ["template", "cameras", "-o", "a.xlsx"])
    assert done.exit_code == 0, done.output
    assert "the template is blank" in done.stderr
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames[1] == "摄像机"


def test_a_template_of_a_town_as_json(runner: CliRunner, tmp_path: Path) -> None:
    create_workspace(tmp_path / "town", "枫桥")
    order = ["template", "facts", "-o", "f.xlsx", "-w", "town", "--period", "2025", "--json"]
    done = runner.invoke(app, order)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["schema"] == "fengqiao.template/1"
    assert (document["town"], document["what"], document["file"]) == ("枫桥", "facts", "f.xlsx")


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (["people", "-o", "a.xlsx"], "no layer 'people'"),
        (["cameras", "-o", "a.csv"], ".xlsx"),
        (["cameras", "-o", "a.xlsx", "--period", "2025"], "not for"),
        (["facts", "-o", "a.xlsx", "--period", "2025-13"], "no year"),
    ],
)
def test_usage_errors(runner: CliRunner, order: list[str], told: str) -> None:
    done = runner.invoke(app, ["template", *order])
    assert done.exit_code == 2
    assert told in done.output.replace("\n", " ")
