"""The command report: one file with what the answers say."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from typer.testing import Result

Run = Callable[..., Result]


@pytest.fixture
def place(town: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(town, tmp_path / "town"))


def numbers_of(page: Any) -> set[float]:
    cells = [cell.value for row in page.iter_rows() for cell in row]
    return {float(v) for v in cells if isinstance(v, int | float) and not isinstance(v, bool)}


def answer(run: Run, kind: str, place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(kind, "-w", place, "--json").stdout)
    return found


def test_a_workbook_has_the_numbers_of_the_other_commands(run: Run, place: Path) -> None:
    run("report", "-w", place, "-o", "r.xlsx")
    book = openpyxl.load_workbook("r.xlsx")
    coverage, targets = answer(run, "coverage", place), answer(run, "targets", place)
    area = coverage["totals"]["area_rate"]
    assert {area["value"], area["low"], area["high"]} <= numbers_of(book["摘要 summary"])
    assert coverage["gaps"]
    gaps = numbers_of(book["盲区 gaps"])
    assert {gap["area_m2"] for gap in coverage["gaps"]} <= gaps
    told = numbers_of(book["指标 targets"])
    values = [target["value"] for target in targets["targets"] if target["value"] is not None]
    assert values
    assert {value["value"] for value in values} <= told
    ids = [row[0].value for row in book["指标 targets"].iter_rows()]
    assert {target["id"] for target in targets["targets"]} <= set(ids)


def test_a_document_is_written_in_one_language(run: Run, place: Path) -> None:
    run("report", "-w", place, "-o", "r.docx", "--lang", "en")
    document = docx.Document("r.docx")
    headings = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert headings[0] == "Key figures"
    assert headings[-1] == "What it rests on"
    assert len(document.inline_shapes) == 2


def test_a_pdf_is_written_and_told_of_as_json(run: Run, place: Path) -> None:
    told = json.loads(run("report", "-w", place, "-o", "r.pdf", "--json").stdout)
    assert Path("r.pdf").read_bytes().startswith(b"%PDF-")
    assert told["schema"] == "fengqiao.report/1"
    assert told["town"] == "枫桥"
    assert told["file"] == "r.pdf"
    assert told["answers"] == ["coverage", "response", "targets", "rectification"]


def test_other_targets_are_judged_by_for_once(run: Run, place: Path) -> None:
    words = ("report", "-w", place, "-o", "r.xlsx", "--profile", "national-2015", "--json")
    assert json.loads(run(*words).stdout)["params"]["profile"] == "national-2015"
    assert answer(run, "targets", place)["profile"] == "binhai-2019"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-o", "r.odt"], ".xlsx, .docx, .pdf"),
        (["-o", "absent/r.pdf"], "cannot be written"),
        (["-o", "r.pdf", "--profile", "nobody"], "nobody"),
    ],
)
def test_what_cannot_be_done_is_told_without_a_trace(
    run: Run, place: Path, words: list[str], told: str
) -> None:
    assert told in run("report", "-w", place, *words, code=1).stderr
    assert not list(Path().glob("r.*"))


def test_a_language_nobody_speaks_is_a_wrong_use(run: Run, place: Path) -> None:
    run("report", "-w", place, "-o", "r.pdf", "--lang", "fr", code=2)
