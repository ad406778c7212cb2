"""The commands find and sites propose, as the program is called."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import typer
from shapely import LineString, Point, box
from shapely.geometry.base import BaseGeometry
from typer.testing import CliRunner, Result

from api import cli_find, cli_sites
from api.cli_terms import ErrorsToExit
from api.workspace import create_workspace, open_workspace
from gis.made_up import MARK
from gis.read import read_layer

# One village of nine houses; two streets meet between them and lead away.
HOUSES = [
    box(120 + x, 30 + y, 120 + x + 3e-4, 30 + y + 3e-4)
    for x in (0, 5e-4, 1e-3)
    for y in (0, 5e-4, 1e-3)
]
HAIDONG = LineString([(119.995, 30.0006), (120.0006, 30.0006), (120.006, 30.0006)])
CHANGNING = LineString([(120.0006, 30.0006), (120.0006, 30.006)])
LAYERS: dict[str, list[tuple[BaseGeometry, dict[str, Any]]]] = {
    "villages": [
        (box(119.99, 29.99, 120.01, 30.01), {"code": "330602017257", "name": "东海村"}),
    ],
    "streets": [
        (HAIDONG, {"code": "r1", "name": "海东路", "highway": "primary"}),
        (CHANGNING, {"code": "r2", "name": "长宁路", "highway": "residential"}),
    ],
    "buildings": [(house, {"code": f"b{n}"}) for n, house in enumerate(HOUSES)],
    "sites": [(Point(120.001, 30.001), {"code": "s1", "name": "沥海农贸市场", "kind": "market"})],
}


@pytest.fixture(scope="module")
def program() -> typer.Typer:
    app = typer.Typer(cls=ErrorsToExit, pretty_exceptions_enable=False)
    for commands in (cli_find, cli_sites):
        commands.add_to(app)
    return app


def call(program: typer.Typer, *words: str | Path, code: int = 0) -> Result:
    done = CliRunner().invoke(program, [str(word) for word in words])
    assert isinstance(done.exception, SystemExit | None), done.exception
    assert done.exit_code == code, done.stderr
    return done


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace of a village with two named streets; tests do not change it."""
    place = create_workspace(tmp_path_factory.mktemp("village") / "town", "沥海")
    frames = {
        layer: gpd.GeoDataFrame(
            [columns for _, columns in rows], geometry=[shape for shape, _ in rows], crs=4326
        )
        for layer, rows in LAYERS.items()
    }
    with place.open_store() as store:
        store.import_layers(frames, source="a test")
    return place.folder


def test_find_writes_one_document(program: typer.Typer, village: Path) -> None:
    done = call(program, "find", "nong", "mao", "-w", village, "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "fengqiao.find/1"
    assert document["town"] == "沥海"
    (place,) = document["results"]
    assert list(place) == ["layer", "kind", "code", "name", "lon", "lat", "village"]
    assert (place["layer"], place["name"]) == ("sites", "沥海农贸市场")
    assert (place["lon"], place["lat"], place["village"]) == (120.001, 30.001, "330602017257")


def test_find_writes_a_line_for_each_place(program: typer.Typer, village: Path) -> None:
    lines = call(program, "find", "hdl", "-w", village).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["海东路", "海东路 / 长宁路"]
    assert call(program, "find", "hdl", "--limit", "1", "-w", village).stdout.count("\n") == 1
    junction = call(program, "find", "海东路与长宁路口", "-w", village).stdout
    assert re.search(
        r"\tstreets junction\tjunction-330602017257-\w+\t120.0006\d,30.0006\d", junction
    )


def test_made_up_data_say_so(program: typer.Typer, village: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(village, tmp_path / "town")
    with open_workspace(copy).open_store() as store:
        store.set_town(made_up=True)
    assert call(program, "find", "hdl", "-w", copy).stderr.startswith(MARK)
    file = tmp_path / "list.gpkg"
    assert call(program, "sites", "propose", "junctions", "-o", file, "-w", copy).stdout.startswith(
        MARK
    )
    assert (gpd.read_file(file, layer="sites")["made_up"] == MARK).all()


def test_a_full_list_says_that_there_may_be_more(program: typer.Typer, village: Path) -> None:
    assert "--limit 2" in call(program, "find", "hdl", "--limit", "1", "-w", village).stderr
    assert call(program, "find", "hdl", "-w", village).stderr == ""


def test_nothing_found_is_no_fault(program: typer.Typer, village: Path) -> None:
    done = call(program, "find", "xyzzy", "-w", village)
    assert done.stdout == ""
    assert "xyzzy" in done.stderr
    assert (
        json.loads(call(program, "find", "xyzzy", "-w", village, "--json").stdout)["results"] == []
    )


def test_a_question_without_letters_is_refused(program: typer.Typer, village: Path) -> None:
    assert "nothing to find" in call(program, "find", "///", "-w", village, code=1).stderr


@pytest.mark.parametrize(
    "words",
    [["find"], ["find", "x", "--limit", "0"], ["sites", "propose"], ["sites", "propose", "banks"]],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(program: typer.Typer, words: list[str]) -> None:
    call(program, *words, code=2)


@pytest.mark.parametrize(
    ("what", "count"), [("entrances", 3), ("junctions", 1)], ids=["entrances", "junctions"]
)
def test_a_list_is_proposed_checked_and_imported(
    program: typer.Typer, village: Path, tmp_path: Path, what: str, count: int
) -> None:
    copy = shutil.copytree(village, tmp_path / "town")
    file = tmp_path / "list.xlsx"
    words: list[str | Path] = ["sites", "propose", what, "-w", copy]
    document = json.loads(call(program, *words, "-o", file, "--json").stdout)
    assert document["schema"] == "fengqiao.sites/1"
    assert (len(document["sites"]), document["known"]) == (count, 0)
    assert {site["village"] for site in document["sites"]} == {"330602017257"}
    told = call(program, *words, "-o", file).stdout
    assert "--crs wgs84" in told
    checked = read_layer(file, "sites", crs="wgs84").frame
    with open_workspace(copy).open_store() as store:
        store.import_layers({"sites": checked}, source=str(file), mode="append")
    again = json.loads(call(program, *words, "--json").stdout)
    assert (again["sites"], again["known"], again["file"]) == ([], count, None)
    with open_workspace(copy).open_store() as store:
        sites = store.layer("sites")
    assert set(document["sites"][0]) - {"lon", "lat"} <= set(sites)
    assert sites["proposed"].notna().sum() == count


def test_a_town_without_villages_is_told_what_is_missing(
    program: typer.Typer, tmp_path: Path
) -> None:
    create_workspace(tmp_path / "town", "Town")
    done = call(program, "sites", "propose", "entrances", "-w", tmp_path / "town", code=1)
    assert "fengqiao import villages" in done.stderr
