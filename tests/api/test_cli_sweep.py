"""The command sweep, as the program is called."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, Point, box
from typer.testing import CliRunner

from api.cli import app
from api.workspace import create_workspace


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A square of four streets of some 300 m round one village, a base at a corner."""
    folder = tmp_path_factory.mktemp("sweep") / "town"
    corners = [(120, 30), (120.003, 30), (120.003, 30.003), (120, 30.003), (120, 30)]
    layers = {
        "villages": ([box(119.999, 29.999, 120.004, 30.004)], {"code": ["330602017257"]}),
        "streets": (
            [LineString(corners[k : k + 2]) for k in range(4)],
            {"code": list("abcd"), "name": [f"{k}号路" for k in range(4)]},
        ),
        "teams": ([Point(120, 30)], {"code": ["T1"], "name": ["一队"], "mode": ["foot"]}),
    }
    place = create_workspace(folder, "沥海镇")
    frames = {
        layer: gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)
        for layer, (shapes, columns) in layers.items()
    }
    with place.open_store() as store:
        store.import_layers(frames, source="a test")
    return folder


def test_json_has_the_way_of_each_team(town: Path) -> None:
    words = ["sweep", "-w", str(town), "--area", "330602017257", "--teams", "2", "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["schema"] == "fengqiao.sweep/1"
    assert answer["base"]["code"] == "T1"
    assert len(answer["teams"]) == 2
    assert answer["streets_m"] == pytest.approx(1245, rel=0.02)
    assert max(team["length_m"] for team in answer["teams"]) >= answer["bound_m"] - 1e-6


def test_people_read_a_few_lines(town: Path) -> None:
    words = ["sweep", "-w", str(town), "--area", "330602017257", "--teams", "1"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0
    assert "team 1: 1.24 km, 21 min" in done.stdout


def test_an_area_that_is_not_there_is_named(town: Path) -> None:
    done = CliRunner().invoke(app, ["sweep", "-w", str(town), "--area", "x", "--teams", "1"])
    assert done.exit_code == 1
    assert "no area has the code 'x'" in done.stderr
