"""The circles as a layer to take away, from the command and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from fastapi.testclient import TestClient
from typer.testing import Result

from api.app import create_app
from api.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def client(town: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(workspace=town)), "http://127.0.0.1") as client:
        yield client


def length_m(layer: gpd.GeoDataFrame, minutes: float) -> float:
    metric = layer[layer["minutes"] == minutes].to_crs(layer.estimate_utm_crs())
    return float(metric.length.sum())


def test_streets_of_a_longer_time_hold_those_of_a_shorter_one(run: Run, town: Path) -> None:
    run("circles", "reached.geojson", "-w", town)
    layer = gpd.read_file("reached.geojson")
    assert layer["minutes"].unique().tolist() == [1, 3, 5]
    assert {"mode", "street", "edge"} <= set(layer.columns)
    one, three, five = (length_m(layer, minutes) for minutes in (1, 3, 5))
    assert 0 < one <= three <= five


def test_areas_hold_the_streets_of_their_time(run: Run, town: Path) -> None:
    run("circles", "streets.gpkg", "--within", 1, "-w", town)
    told = json.loads(
        run("circles", "areas.gpkg", "--what", "areas", "--within", 1, "-w", town, "--json").stdout
    )
    streets, areas = gpd.read_file("streets.gpkg"), gpd.read_file("areas.gpkg")
    assert (told["minutes"], told["rows"]) == ([1], len(areas))
    crs = streets.estimate_utm_crs()
    left = streets.to_crs(crs).difference(areas.to_crs(crs).union_all().buffer(0.5))
    assert left.length.sum() < 0.01 * streets.to_crs(crs).length.sum()


def test_http_gives_what_the_command_writes(run: Run, town: Path, client: TestClient) -> None:
    run("circles", "reached.geojson", "--within", 3, "-w", town)
    answer = client.get("/response/streets", params={"minutes": 3})
    assert answer.headers["content-type"] == "application/geo+json"
    sent = gpd.GeoDataFrame.from_features(answer.json()["features"], crs="EPSG:4326")
    written = gpd.read_file("reached.geojson")
    assert len(sent) == len(written)
    assert length_m(sent, 3) == pytest.approx(length_m(written, 3), rel=1e-6)


@pytest.mark.parametrize(
    "path", ["streets?minutes=0", "streets?minutes=nan", "streets?at=Xday", "nothing"]
)
def test_odd_questions_are_problems(client: TestClient, path: str) -> None:
    answer = client.get(f"/response/{path}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_time_that_is_none_is_refused(run: Run, town: Path) -> None:
    assert "minutes" in run("circles", "x.gpkg", "--within", -1, "-w", town, code=1).stderr
    assert not Path("x.gpkg").exists()
