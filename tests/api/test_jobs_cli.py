"""The commands of long work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.auth import LOCAL
from api.cli import app
from api.jobs import submit_job
from api.workspace import open_workspace


@pytest.fixture
def folder(town: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(town, tmp_path / "town"))


def call(*words: str, code: int = 0) -> tuple[str, str]:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.stderr
    return done.stdout, done.stderr


def test_jobs_are_listed_cancelled_and_done(folder: Path) -> None:
    where = ["-w", str(folder)]
    with open_workspace(folder).open_store() as store:
        numbers = [
            submit_job(store, "answers", {"kinds": [kind]}, LOCAL).id
            for kind in ("coverage", "response")
        ]
    told = call("jobs", "cancel", str(numbers[0]), *where)[0]
    assert told.startswith(f"{numbers[0]} answers cancelled, asked for at ")
    assert call("worker", "--once", *where)[1] == "1 job done\n"
    lines = call("jobs", "list", *where)[0].splitlines()
    assert [line.split(",")[0] for line in lines[:2]] == [
        f"{numbers[1]} answers done", f"{numbers[0]} answers cancelled",
    ]  # fmt: skip
    document = json.loads(call("jobs", "list", "--limit", "1", "--json", *where)[0])
    assert document["schema"] == "fengqiao.jobs/1"
    assert [(job["id"], job["state"]) for job in document["jobs"]] == [(numbers[1], "done")]
    assert call("jobs", "cancel", "999", *where, code=1)[1] == "there is no job 999\n"
