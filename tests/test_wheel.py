"""The wheel: everything is in it, and it works in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGES = ["gis", "planner", "maps", "api", "data"]

# One street with a camera beside it, in Helsinki's harbour.
TOWN = """<osm version="0.6">
<node id="1" version="1" lat="60.165" lon="24.95"/>
<node id="2" version="1" lat="60.166" lon="24.95"/>
<node id="3" version="1" lat="60.1655" lon="24.9501">
  <tag k="man_made" v="surveillance"/><tag k="camera:direction" v="0"/>
</node>
<node id="4" version="1" lat="60.1657" lon="24.9502">
  <tag k="amenity" v="police"/><tag k="name" v="Police"/>
</node>
<way id="5" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
</osm>
"""


def call(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    hatchling = [sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    call(*hatchling, cwd=PROJECT)
    (built,) = folder.glob("*.whl")
    return built


def test_everything_is_in_the_wheel(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    there = {
        str(path.relative_to(PROJECT))
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == there


def test_the_wheel_works_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    tools = tmp_path / "env" / "bin"
    pip = [tools / "pip", "install", "--quiet", "--disable-pip-version-check"]
    locked = PROJECT / "requirements" / "run.txt"
    call(*pip, "--require-hashes", "-r", locked, cwd=tmp_path)
    call(*pip, "--no-deps", wheel, cwd=tmp_path)
    fengqiao = tools / "fengqiao"
    assert call(fengqiao, "--version", cwd=tmp_path).startswith("fengqiao-grid ")

    (tmp_path / "town.osm").write_text(TOWN, encoding="utf-8")
    call(fengqiao, "init", "town", "--name", "Harbour", cwd=tmp_path)
    call(fengqiao, "import", "osm", "town.osm", "-w", "town", cwd=tmp_path)
    coverage = json.loads(call(fengqiao, "coverage", "--json", "-w", "town", cwd=tmp_path))
    assert coverage["town"] == "Harbour"
    assert coverage["totals"]["cameras"]["total"] == 1
    call(fengqiao, "map", "-o", "maps", "-w", "town", cwd=tmp_path)
    assert list((tmp_path / "maps").glob("*.html"))
