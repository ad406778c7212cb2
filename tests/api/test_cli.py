"""The command: what it does, its exit codes, its two outputs."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from api.kept import STANDING
from api.workspace import open_workspace

Run = Callable[..., Result]

CAMERA = {"type": "Point", "coordinates": [120.001, 30.001]}
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[120, 30], [120.002, 30], [120.002, 30.002], [120, 30.002], [120, 30]]],
}


def geojson(path: Path, *features: tuple[dict[str, Any], dict[str, Any]]) -> Path:
    collection = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": g, "properties": p} for g, p in features],
    }
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def rows(workspace: Path, layer: str) -> int:
    with open_workspace(workspace).open_store() as store:
        return len(store.layer(layer))


def test_the_installed_program_speaks_utf8_and_has_no_traceback(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "fengqiao"
    words = ["init", "town", "--name", "枫桥", "--json"]
    made = subprocess.run([program, *words], cwd=tmp_path, capture_output=True, check=True)
    assert json.loads(made.stdout.decode())["town"] == "枫桥"
    assert made.stderr == b""
    again = subprocess.run([program, *words], cwd=tmp_path, capture_output=True, check=False)
    assert (again.returncode, again.stdout) == (1, b"")
    assert again.stderr.decode().count("\n") == 1


def test_help_names_the_commands(run: Run) -> None:
    text = run("--help").stdout
    for command in ("init", "import", "demo", "map", "serve", *STANDING):
        assert command in text


def test_the_version_is_shown(run: Run) -> None:
    assert run("--version").stdout.startswith("fengqiao-grid 0.")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["paint"],
        ["init"],
        ["coverage", "--colour", "red"],
        ["coverage", "--against"],
        ["import", "cameras"],
        ["import", "persons", "file.csv"],
        ["import", "osm", "town.osm", "--crs", "wgs84"],
        ["import", "cameras", "cameras.csv", "--boundary", "area.geojson"],
        ["export", "persons", "file.csv"],
        ["patrol", "--date", "tonight"],
        ["patrol", "--seconds", "0"],
        ["serve", "--port", "70000"],
        ["demo", "demo", "--town", "atlantis"],
        ["map"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(run: Run, words: list[str]) -> None:
    assert not run(*words, code=2).stdout or not words


@pytest.mark.parametrize(
    "words",
    [
        ["coverage"],
        ["response"],
        ["patrol"],
        ["targets"],
        ["rectification"],
        ["map", "-o", "maps"],
        ["import", "cameras", "file.csv"],
        ["export", "cameras", "file.csv"],
        ["serve"],
    ],
    ids=" ".join,
)
def test_a_folder_without_workspace_is_told_how_to_get_one(run: Run, words: list[str]) -> None:
    done = run(*words, code=1)
    assert "fengqiao init" in done.stderr
    assert done.stdout == ""


def test_the_first_steps_and_their_json(run: Run, tmp_path: Path) -> None:
    made = json.loads(run("init", "town", "--name", "枫桥", "--json").stdout)
    assert made["town"] == "枫桥"
    file = geojson(tmp_path / "cameras.geojson", (CAMERA, {"code": "c1", "owner_name": "x"}))
    report = json.loads(run("import", "cameras", file, "-w", "town", "--json").stdout)
    assert report["rows"] == {"cameras": 1}
    assert report["revision"] == 2
    assert report["dropped_columns"] == ["owner_name"]
    assert rows(tmp_path / "town", "cameras") == 1


def test_a_second_file_adds_and_replace_replaces(run: Run, tmp_path: Path) -> None:
    run("init", "town", "--name", "Town")
    for code, more in (("c1", []), ("c2", []), ("c3", ["--replace"])):
        file = geojson(tmp_path / f"{code}.geojson", (CAMERA, {"code": code}))
        run("import", "cameras", file, "-w", "town", *more)
    with open_workspace(tmp_path / "town").open_store() as store:
        assert store.layer("cameras")["code"].tolist() == ["c3"]
        assert store.revision == 4


def test_a_mapping_names_the_columns(run: Run, tmp_path: Path) -> None:
    run("init", "town", "--name", "Town")
    (tmp_path / "sheet.csv").write_text("设备编码,经度,纬度\nk1,120,30\n", encoding="gb18030")
    lines = '"设备编码" = "code"\n"经度" = "lon"\n"纬度" = "lat"\n'
    (tmp_path / "columns.toml").write_text(lines, encoding="utf-8")
    words = ["import", "cameras", "sheet.csv", "--crs", "wgs84", "-w", "town"]
    run(*words, "--mapping", "columns.toml")
    assert rows(tmp_path / "town", "cameras") == 1
    (tmp_path / "columns.toml").write_text("[columns]\na = 1\n", encoding="utf-8")
    assert "in quotes" in run(*words, "--mapping", "columns.toml", code=1).stderr


def test_bad_input_names_every_fault_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    run("init", "town", "--name", "Town")
    bad = [
        (CAMERA, {"code": "c1", "azimuth_deg": 400}),
        (CAMERA, {"code": "c1"}),
        (SQUARE, {"code": "c2", "status": "sleeping"}),
    ]
    file = geojson(tmp_path / "bad.geojson", *bad)
    done = run("import", "cameras", file, "-w", "town", "--json", code=1)
    assert done.stdout == ""
    for said in ("bad.geojson", "layer cameras", "azimuth_deg", "row 2", "sleeping", "geometry"):
        assert said in done.stderr
    with open_workspace(tmp_path / "town").open_store() as store:
        assert store.revision == 1
        assert len(store.layer("cameras")) == 0


@pytest.mark.parametrize("name", ["missing.csv", "missing.osm.pbf"])
def test_a_missing_file_is_named(run: Run, name: str) -> None:
    run("init", "town", "--name", "Town")
    layer = "osm" if "osm" in name else "cameras"
    assert name in run("import", layer, name, "-w", "town", code=1).stderr


def test_an_empty_town_is_an_input_error(run: Run) -> None:
    run("init", "town", "--name", "Town")
    done = run("coverage", "-w", "town", code=1)
    assert done.stderr.strip()
    assert done.stdout == ""


def test_cameras_and_one_polygon_are_enough(run: Run, tmp_path: Path) -> None:
    run("init", "town", "--name", "Town")
    cameras = geojson(tmp_path / "cameras.geojson", (CAMERA, {"code": "c1"}))
    areas = geojson(tmp_path / "areas.geojson", (SQUARE, {"code": "a1", "kind": "patrol"}))
    run("import", "cameras", cameras, "-w", "town")
    run("import", "areas", areas, "-w", "town")
    coverage = json.loads(run("coverage", "-w", "town", "--json").stdout)
    assert coverage["totals"]["cameras"]["total"] == 1
    assert coverage["totals"]["open_ground_m2"] > 0
    response = json.loads(run("response", "-w", "town", "--json").stdout)
    assert "streets" in {layer for m in response["missing"] for layer in m["layers"]}
    patrol = json.loads(run("patrol", "-w", "town", "--json").stdout)
    assert "streets" in {layer for m in patrol["missing"] for layer in m["layers"]}
    run("map", "-o", "maps", "-w", "town")
    assert list((tmp_path / "maps").glob("*.html"))


def test_export_writes_a_layer_that_comes_back_the_same(
    run: Run, town: Path, tmp_path: Path
) -> None:
    run("export", "sites", "sites.geojson", "-w", town)
    run("init", "copy", "--name", "Copy")
    run("import", "sites", "sites.geojson", "-w", "copy")
    assert rows(tmp_path / "copy", "sites") == rows(town, "sites") > 0


def test_a_layer_that_is_not_there_cannot_be_exported(run: Run, town: Path) -> None:
    assert (
        "fengqiao import grids"
        in run("export", "grids", "grids.geojson", "-w", town, code=1).stderr
    )


def test_an_unwritable_folder_is_named(run: Run, town: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert "file" in run("map", "-o", "file/maps", "-w", town, code=1).stderr


def test_the_environment_names_the_workspace(
    run: Run, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_WORKSPACE", str(town))
    assert json.loads(run("export", "sites", "sites.csv", "--json").stdout)["rows"] > 0


def test_a_taken_port_is_named(run: Run, town: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = run("serve", "-w", town, "--port", port, code=1)
    assert port in done.stderr
    assert "--port" in done.stderr
