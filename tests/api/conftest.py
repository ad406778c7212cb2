"""A tiny town as files, and the command run as a program of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

FENGQIAO = Path(sys.executable).parent / "fengqiao"

# A square of four streets around one block, 220 x 220 m, with a police post at a corner, a bank
# and a camera looking north along the western street.
OSM = """<osm version="0.6">
<node id="1" version="1" lat="30.000" lon="120.000"/>
<node id="2" version="1" lat="30.002" lon="120.000"/>
<node id="3" version="1" lat="30.002" lon="120.002"/>
<node id="4" version="1" lat="30.000" lon="120.002"/>
<node id="5" version="1" lat="30.0007" lon="120.0007"/>
<node id="6" version="1" lat="30.0013" lon="120.0007"/>
<node id="7" version="1" lat="30.0013" lon="120.0013"/>
<node id="8" version="1" lat="30.0007" lon="120.0013"/>
<node id="11" version="1" lat="30.0002" lon="120.0001">
  <tag k="amenity" v="police"/><tag k="name" v="枫桥派出所"/>
</node>
<node id="12" version="1" lat="30.0019" lon="120.0018">
  <tag k="amenity" v="bank"/><tag k="name" v="Bank"/>
</node>
<node id="13" version="1" lat="30.0005" lon="120.0001">
  <tag k="man_made" v="surveillance"/><tag k="camera:direction" v="0"/>
</node>
<way id="21" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
  <tag k="highway" v="residential"/><tag k="name" v="Ring"/>
</way>
<way id="22" version="1"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="5"/>
  <tag k="building" v="yes"/>
</way>
</osm>
"""


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def write_geojson(path: Path, *features: dict[str, Any]) -> Path:
    collection = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs `fengqiao` in the test's folder."""

    def call(*words: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [FENGQIAO, *words],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return call


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of the tiny town with every answer; tests do not change it."""
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "town.osm").write_text(OSM, encoding="utf-8")
    for words in (
        ["init", "town", "--name", "枫桥"],
        ["import", "osm", "town.osm", "-w", "town"],
        ["coverage", "-w", "town"],
        ["response", "-w", "town"],
        ["patrol", "-w", "town", "--seconds", "1", "--seed", "1", "--date", "2026-11-24"],
    ):
        done = subprocess.run(
            [FENGQIAO, *words], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return folder / "town"
