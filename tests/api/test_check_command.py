"""The command check: its two outputs, its files, its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import box
from typer.testing import Result

from api.workspace import create_workspace, open_workspace
from gis.layers import conform
from gis.made_up import MARK

Run = Callable[..., Result]


@pytest.fixture
def overlapping(tmp_path: Path) -> Path:
    """Return a workspace with two villages that overlap by about 9.6 x 111 m."""
    squares = [box(120, 30, 120.0011, 30.001), box(120.001, 30, 120.002, 30.001)]
    codes = ["330602017001", "330602017002"]
    villages = gpd.GeoDataFrame({"code": codes}, geometry=squares, crs=4326)
    place = create_workspace(tmp_path / "town", "枫桥")
    with place.open_store() as store:
        store.import_layers({"villages": conform(villages, "villages")}, source="test")
    return place.folder


def document(result: Result) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


def test_faults_are_shown_and_do_not_fail_the_command(run: Run, overlapping: Path) -> None:
    shown = run("check", "-w", overlapping)
    assert "错误 1" in shown.stdout
    assert "村（社区） 330602017001、330602017002 相互重叠" in shown.stdout
    assert "outline is not known" in shown.stderr
    assert "overlap by" in run("check", "-w", overlapping, "--lang", "en").stdout


def test_json_has_the_common_head_and_every_fault(run: Run, overlapping: Path) -> None:
    got = document(run("check", "-w", overlapping, "--json", "--gap-width-m", "2"))
    assert (got["schema"], got["town"], got["made_up"]) == ("fengqiao.check/1", "枫桥", False)
    assert got["params"]["gap_width_m"] == 2
    assert got["params"]["codes"] == "division"
    assert got["assumed"] == []
    assert got["revision"] > 0
    (fault,) = got["faults"]
    assert fault["kind"] == "overlap"
    assert fault["codes"] == ["330602017001", "330602017002"]
    assert fault["give_to"] in fault["codes"]
    assert 1060 < fault["area_m2"] < 1080


def test_files_are_written_and_the_town_is_not_changed(run: Run, overlapping: Path) -> None:
    before = document(run("check", "-w", overlapping, "--json"))
    run("check", "-w", overlapping, "-o", "out")
    assert sorted(file.name for file in Path("out").iterdir()) == [
        "check-mends.geojson",
        "check.geojson",
        "check.gpkg",
        "check.json",
        "check.xlsx",
    ]
    written = json.loads(Path("out/check.json").read_text("utf-8"))
    assert written == before == document(run("check", "-w", overlapping, "--json"))


def test_an_empty_town_and_wrong_usage_are_told_apart(run: Run) -> None:
    run("init", "town", "--name", "枫桥")
    assert "villages and grids" in run("check", "-w", "town", code=1).stderr
    run("check", "-w", "town", "--gap-width-m", "0", code=2)
    run("check", "-w", "town", "--lang", "fr", code=2)


def test_made_up_data_say_so_and_the_way_to_all_faults_is_told(run: Run, overlapping: Path) -> None:
    plain = run("check", "-w", overlapping)
    assert MARK not in plain.stdout
    assert "-o 目录" in plain.stderr
    with open_workspace(overlapping).open_store() as store:
        store.set_town(made_up=True)
    assert run("check", "-w", overlapping, "-o", "out").stdout.startswith(MARK)
    assert (gpd.read_file("out/check.geojson")["made_up"] == MARK).all()
