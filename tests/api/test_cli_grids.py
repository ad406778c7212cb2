"""The command about grids: what it prints, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import typer
from typer.testing import CliRunner, Result

from api import cli_grids
from api.cli_terms import ErrorsToExit
from api.workspace import create_workspace, open_workspace
from gis.layers import WGS84, conform
from gis.made_up import MARK
from gis.read import read_layer

Propose = Callable[..., Result]

# 0.01 by 0.005 degrees, 964 x 555 m, with 800 households in all.
WKT = "POLYGON ((120.70 30.10, 120.71 30.10, 120.71 30.105, 120.70 30.105, 120.70 30.10))"


@pytest.fixture
def propose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Propose:
    """Return a function that calls `fengqiao grids propose` on a town of one village."""
    monkeypatch.chdir(tmp_path)
    columns = {"code": ["330602017219"], "name": ["民生村委会"], "households": [800]}
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries.from_wkt([WKT]), crs=WGS84)
    with create_workspace("town", "枫桥").open_store() as store:
        store.import_layers({"villages": conform(frame, "villages")}, source="made here")
    app = typer.Typer(cls=ErrorsToExit)
    app.callback()(lambda: None)
    cli_grids.add_to(app)

    def call(*words: str, code: int = 0) -> Result:
        done = CliRunner().invoke(app, ["grids", "propose", *words, "-w", "town"])
        assert done.exit_code == code, done.stderr
        return done

    return call


def test_it_prints_a_line_a_village_and_the_total(propose: Propose) -> None:
    lines = propose("--households", "300", "500").stdout.splitlines()
    assert lines[0].startswith("330602017219 民生村委会: 2 grids, households ")
    assert ", within 100 %, compactness 0." in lines[0]
    assert lines[1].startswith("All, 300 to 500 households wanted: 2 grids")
    assert lines[2:] == ["Assumed villages households: spread over the area (1)"]


def test_its_file_can_be_imported_and_the_store_stays_as_it_was(propose: Propose) -> None:
    with open_workspace("town").open_store() as store:
        before = store.revision
    done = propose("--households", "300", "500", "-o", "grids.gpkg")
    assert done.stdout.splitlines()[-2:] == [
        "grids.gpkg: grids 2",
        "look at it, then: fengqiao import grids grids.gpkg --replace",
    ]
    grids = read_layer("grids.gpkg", "grids").frame
    assert grids["code"].tolist() == ["330602017219001", "330602017219002"]
    assert grids["name"].tolist() == ["民生村第1网格", "民生村第2网格"]
    assert grids["households"].sum() == 800
    with open_workspace("town").open_store() as store:
        assert store.revision == before
        assert not len(store.layer("grids"))


def test_its_document_is_all_of_standard_output(propose: Propose) -> None:
    done = propose("--households", "300", "500", "--json", "--seed", "3")
    document = json.loads(done.stdout)
    assert document["schema"] == "fengqiao.grids/1"
    assert document["town"] == "枫桥"
    assert document["params"] == {"low": 300, "high": 500, "seed": 3}
    assert document["totals"]["within"] == 1
    assert document["file"] is None


def test_errors_are_one_line(propose: Propose) -> None:
    wrong = propose("--households", "500", "300", code=1)
    assert "MIN must be 1 or more" in wrong.stderr
    unknown = propose("--households", "300", "500", "--village", "x", code=1)
    assert "no village of the code x" in unknown.stderr


@pytest.mark.parametrize("words", [[], ["--households", "300"], ["--households", "a", "b"]])
def test_a_range_is_needed(words: list[str], propose: Propose) -> None:
    propose(*words, code=2)


def test_addresses_get_their_new_grids_and_made_up_data_their_mark(propose: Propose) -> None:
    points = gpd.GeoSeries.from_xy([120.7001, 120.7099, 121], [30.1025] * 3, crs=WGS84)
    columns = {"code": ["a1", "a2", "a3"], "grid": ["old", "old", "old"]}
    frame = conform(gpd.GeoDataFrame(columns, geometry=points), "addresses")
    with open_workspace("town").open_store() as store:
        store.set_town(made_up=True)
        store.import_layers({"addresses": frame}, source="made here")
    words = ["--households", "300", "500", "-o", "grids.xlsx"]
    told = propose(*words).stdout.splitlines()
    assert told[0] == MARK
    assert told[-2].endswith("import grids grids.xlsx --crs wgs84 --replace")
    assert "--addresses FILE" in told[-1]
    told = propose(*words, "--addresses", "addresses.gpkg").stdout.splitlines()
    assert told[-1] == "and: fengqiao import addresses addresses.gpkg"
    written = gpd.read_file("addresses.gpkg", layer="addresses").set_index("code")
    assert written["grid"].to_dict() == {
        "a1": "330602017219001",
        "a2": "330602017219002",
        "a3": "old",
    }
    assert (written["made_up"] == MARK).all()
    document = json.loads(propose(*words, "--json").stdout)
    assert document["files"] == {"grids": "grids.xlsx", "addresses": None}
