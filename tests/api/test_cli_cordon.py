"""The command cordon, as the program is called, and the same over HTTP."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx2
import pytest
import typer
from real_server import serving
from shapely import LineString, Point, box
from typer.testing import CliRunner, Result

from api import cli_cordon
from api.cli_terms import ErrorsToExit
from api.workspace import create_workspace

# One road of 24 pieces east to west, a unit 1 km west of its middle and a checkpoint to the east.
ROAD = [LineString([(120 + k * 5e-3, 30), (120 + (k + 1) * 5e-3, 30)]) for k in range(-12, 12)]
LAYERS: dict[str, list[tuple[Any, dict[str, Any]]]] = {
    "villages": [(box(119.9, 29.9, 120.1, 30.1), {"code": "330602017257", "name": "东海村"})],
    "streets": [
        (line, {"code": f"r{k}", "name": f"海东路{k}段", "highway": "residential"})
        for k, line in enumerate(ROAD)
    ],
    "units": [(Point(119.99, 30), {"code": "U1", "name": "巡逻车", "mode": "car"})],
    "sites": [(Point(120, 30.0001), {"code": "P1", "name": "海东小学", "kind": "school"})],
    "road_checkpoints": [(Point(120.01, 30), {"code": "K1", "name": "东卡口", "kind": "staffed"})],
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cordon") / "town"
    place = create_workspace(folder, "沥海镇")
    frames = {
        layer: gpd.GeoDataFrame(
            [columns for _, columns in rows], geometry=[shape for shape, _ in rows], crs=4326
        )
        for layer, rows in LAYERS.items()
    }
    with place.open_store() as store:
        store.import_layers(frames, source="a test")
    return folder


def call(*words: str | Path, code: int = 0) -> Result:
    app = typer.Typer(cls=ErrorsToExit, pretty_exceptions_enable=False)

    @app.callback()
    def main() -> None:
        """Make the command a command of a group."""

    cli_cordon.add_to(app)
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert isinstance(done.exception, SystemExit | None), done.exception
    assert done.exit_code == code, done.stderr
    return done


def cordon(town: Path, *words: str, code: int = 0) -> Result:
    return call("cordon", "-w", town, *words, code=code)


PLACE = ("--lon", "120", "--lat", "30")


def test_the_document_has_its_head_and_its_posts(town: Path) -> None:
    done = cordon(town, *PLACE, "--mode", "foot", "--horizon-s", "300", "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "fengqiao.cordon/1"
    assert document["status"] == "sealed"
    assert {holder["code"] for holder in document["holders"]} == {"U1", "K1"}
    assert document["params"]["horizon_s"] == 300
    assert document["open_exits"] == []
    assert "cards" not in document


def test_sentences_and_cards_in_both_languages(town: Path) -> None:
    shown = cordon(town, *PLACE, "--preset", "foot-now", "--cards").stdout
    assert "东卡口守住" in shown
    assert "【封控卡】巡逻车" in shown
    shown = cordon(town, *PLACE, "--preset", "car-10", "--lang", "en").stdout
    assert "by car, 10 min ago" in shown


def test_another_moment_and_plans(town: Path) -> None:
    document = json.loads(cordon(town, *PLACE, "--at", "Mon 20:00", "--json").stdout)
    assert document["params"]["at"] == "Mon 20:00"
    plans = json.loads(cordon(town, "--plans", "--json").stdout)
    assert plans["schema"] == "fengqiao.cordon-plans/1"
    assert plans["town_exits"]["head_start_s"] == 0


def test_plans_are_kept_until_the_town_changes(town: Path, tmp_path: Path) -> None:
    own = tmp_path / "town"
    shutil.copytree(town, own)
    now = json.loads(cordon(own, "--site", "P1", "--json").stdout)
    cordon(own, "--plans")
    kept = json.loads(cordon(own, "--site", "P1", "--json").stdout)
    assert kept["kept_at"] is not None
    assert set(kept["presets"]) == {"foot-now", "ebike-5", "car-5"}
    assert kept["presets"]["foot-now"]["status"] == now["presets"]["foot-now"]["status"]
    one = cordon(own, "--site", "P1", "--preset", "car-5", "--lang", "en")
    assert "by car, 5 min ago" in one.stdout
    assert "worked out now" not in one.stderr
    # Another number of the town's own: what is kept is of an earlier state.
    with (own / "fengqiao.toml").open("a", encoding="utf-8") as config:
        config.write("\n[cordon]\nsetup_s = 45\n")
    assert json.loads(cordon(own, "--site", "P1", "--json").stdout)["kept_at"] is None
    assert "worked out now" in cordon(own, "--site", "P1").stderr
    assert "no site" in cordon(own, "--site", "P9", code=1).stderr
    assert "planned for" in cordon(own, "--site", "P1", "--preset", "car-10", code=1).stderr


def test_faults_end_with_their_message(town: Path) -> None:
    assert "--plans" in cordon(town, code=2).stderr
    assert "no preset" in cordon(town, *PLACE, "--preset", "swim", code=1).stderr
    assert "no mode" in cordon(town, *PLACE, "--mode", "boat", code=1).stderr
    assert "no street" in cordon(town, "--lon", "121", "--lat", "30", code=1).stderr
    assert "horizon_s" in cordon(town, *PLACE, "--horizon-s", "-1", code=1).stderr


@pytest.fixture(scope="module")
def client(town: Path) -> Iterator[httpx2.Client]:
    """Return a client of a server of the town."""
    with serving(town) as server, httpx2.Client(base_url=server.address, timeout=200) as client:
        yield client


def test_the_same_over_http(client: httpx2.Client) -> None:
    asked = {"lon": "120", "lat": "30", "mode": "foot", "horizon_s": "300", "cards": "true"}
    document = client.get("/cordon", params=asked).json()
    assert document["schema"] == "fengqiao.cordon/1"
    assert document["status"] == "sealed"
    assert {card["code"] for card in document["cards"]} == {"U1", "K1"}
    assert len(client.get("/cordon/presets").json()["presets"]) == 9
    assert client.get("/cordon/plans", params={"site": "P1"}).json()["presets"]["foot-now"]
    assert client.get("/cordon/plans", params={"site": "P9"}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"lon": "120", "lat": "95"}, 400),
        ({"lon": "120", "lat": "30", "mode": "boat"}, 400),
        ({"lon": "120", "lat": "30", "preset": "swim"}, 404),
        ({"lon": "121", "lat": "30"}, 400),
        ({"lon": "120", "lat": "30", "horizon_s": "nan"}, 400),
    ],
)
def test_wrong_questions_are_problem_documents(
    client: httpx2.Client, asked: dict[str, str], status: int
) -> None:
    answer = client.get("/cordon", params=asked)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
