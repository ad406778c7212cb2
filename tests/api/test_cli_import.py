"""Files into a town by the command: merged by code, previewed, refused; nothing is lost unseen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from api.workspace import open_workspace
from gis.datum import wgs84_to_gcj02

Run = Callable[..., Any]

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def empty(run: Run, tmp_path: Path) -> Path:
    run("init", "town", "--name", "滨海新城")
    return tmp_path / "town"


def camera_file(path: Path, rows: Mapping[str, str]) -> Path:
    """Write cameras on a line, code to name."""
    lines = [
        f"{code},{name},{120.7 + at / 1000},30.1" for at, (code, name) in enumerate(rows.items())
    ]
    path.write_text("\n".join(["code,name,lon,lat", *lines]), encoding="utf-8")
    return path


def answer(run: Run, *words: str | Path) -> dict[str, Any]:
    return json.loads(run("import", *words, "--json", "-w", "town").stdout)


def names(folder: Path, layer: str = "cameras") -> dict[str, str]:
    with open_workspace(folder).open_store() as store:
        frame = store.layer(layer)
        return dict(zip(frame["code"], frame["name"], strict=True))


def test_a_second_file_is_merged_by_code_and_what_vanished_stays(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    first = camera_file(tmp_path / "first.csv", {"a": "东门", "b": "西门", "c": "南门"})
    second = camera_file(tmp_path / "second.csv", {"a": "东门", "b": "西大门", "d": "北门"})
    answer(run, "cameras", first, "--crs", "wgs84")
    preview = answer(run, "cameras", second, "--crs", "wgs84", "--preview")
    assert (preview["preview"], preview["revision"]) == (True, 2)
    assert names(empty) == {"a": "东门", "b": "西门", "c": "南门"}
    report = answer(run, "cameras", second, "--crs", "wgs84")
    counts = report["changes"]["cameras"]["counts"]
    assert counts == {"added": 1, "changed": 2, "vanished": 1, "unchanged": 1, "conflicts": 0} | {
        "changed": counts["changed"]
    }
    assert names(empty) == {"a": "东门", "b": "西大门", "c": "南门", "d": "北门"}
    said = run("import", "cameras", second, "--crs", "wgs84", "-w", "town", "--preview").stdout
    assert "nothing was changed" in said
    assert "vanished c" in said
    answer(run, "cameras", second, "--crs", "wgs84", "--replace")
    assert names(empty) == {"a": "东门", "b": "西大门", "d": "北门"}


def test_a_blank_cell_clears_nothing_unless_the_layer_is_replaced(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    answer(run, "cameras", camera_file(tmp_path / "a.csv", {"a": "东门"}), "--crs", "wgs84")
    blank = camera_file(tmp_path / "b.csv", {"a": ""})
    report = answer(run, "cameras", blank, "--crs", "wgs84")
    assert report["changes"]["cameras"]["counts"]["unchanged"] == 1
    assert names(empty) == {"a": "东门"}
    report = answer(run, "cameras", blank, "--crs", "wgs84", "--replace")
    assert report["changes"]["cameras"]["counts"]["changed"] == 1
    assert pd.isna(names(empty)["a"])


def edit(path: Path, layer: str, code: str, name: str | None) -> None:
    """Change a name in an exported GeoPackage as a map program would; None deletes the row."""
    with sqlite3.connect(path) as base:
        # Triggers of the spatial index need functions that only map programs bring.
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            base.execute(f'DROP TRIGGER "{trigger}"')
        if name is None:
            base.execute(f"DELETE FROM {layer} WHERE code = ?", (code,))
        else:
            base.execute(f"UPDATE {layer} SET name = ? WHERE code = ?", (name, code))


def test_edits_on_both_sides_of_an_export_are_told_apart(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    rows = {"a": "东门", "b": "西门", "c": "南门"}
    answer(run, "cameras", camera_file(tmp_path / "first.csv", rows), "--crs", "wgs84")
    run("export", "cameras", "cameras.gpkg", "-w", "town")
    assert (tmp_path / "cameras.qml").is_file()
    # The town changes a and b after the export, the file b and c.
    later = camera_file(tmp_path / "later.csv", {**rows, "a": "东大门", "b": "西一门"})
    answer(run, "cameras", later, "--crs", "wgs84")
    edit(tmp_path / "cameras.gpkg", "cameras", "b", "西二门")
    edit(tmp_path / "cameras.gpkg", "cameras", "c", "南大门")
    before = names(empty)
    said = run("import", "cameras", "cameras.gpkg", "-w", "town", code=1).stderr
    assert "conflict b, name: was 西门, store 西一门, file 西二门" in said
    assert "--conflicts file" in said
    assert names(empty) == before
    answer(run, "cameras", "cameras.gpkg", "--conflicts", "store")
    assert names(empty) == {"a": "东大门", "b": "西一门", "c": "南大门"}
    answer(run, "cameras", "cameras.gpkg", "--conflicts", "file")
    assert names(empty) == {"a": "东大门", "b": "西二门", "c": "南大门"}


def test_a_row_deleted_in_an_export_is_dropped_on_demand_and_no_other_change_is_lost(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    rows = {"a": "东门", "b": "西门"}
    answer(run, "cameras", camera_file(tmp_path / "first.csv", rows), "--crs", "wgs84")
    run("export", "cameras", "cameras.gpkg", "-w", "town")
    later = camera_file(tmp_path / "later.csv", {"a": "东大门", "b": "西门", "c": "南门"})
    answer(run, "cameras", later, "--crs", "wgs84")
    edit(tmp_path / "cameras.gpkg", "cameras", "b", None)
    said = run("import", "cameras", "cameras.gpkg", "-w", "town").stdout
    assert "what vanished from the file stays in cameras: --vanished drop drops it" in said
    assert names(empty) == {"a": "东大门", "b": "西门", "c": "南门"}
    answer(run, "cameras", "cameras.gpkg", "--vanished", "drop")
    assert names(empty) == {"a": "东大门", "c": "南门"}


def test_what_is_there_already_makes_no_new_revision(run: Run, empty: Path, tmp_path: Path) -> None:
    path = camera_file(tmp_path / "a.csv", {"a": "东门"})
    first = answer(run, "cameras", path, "--crs", "wgs84")
    again = answer(run, "cameras", path, "--crs", "wgs84")
    assert (first["revision"], again["revision"], again["preview"]) == (2, 2, False)
    said = run("import", "cameras", path, "--crs", "wgs84", "-w", "town").stdout
    assert said.startswith("a.csv: cameras 1 (all of it is there already; revision 2)\n")
    assert "0 added, 0 changed, 0 vanished, 1 unchanged" in said


def test_a_column_deleted_from_an_export_clears_nothing(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    answer(run, "cameras", camera_file(tmp_path / "a.csv", {"a": "东门"}), "--crs", "wgs84")
    run("export", "cameras", "cameras.gpkg", "-w", "town")
    with sqlite3.connect(tmp_path / "cameras.gpkg") as base:
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            base.execute(f'DROP TRIGGER "{trigger}"')
        base.execute("ALTER TABLE cameras DROP COLUMN name")
    counts = answer(run, "cameras", "cameras.gpkg")["changes"]["cameras"]["counts"]
    assert (counts["changed"], counts["unchanged"]) == (0, 1)
    assert names(empty) == {"a": "东门"}


STREETS = [((120.70, 30.10), (120.71, 30.10)), ((120.705, 30.095), (120.705, 30.105))]


def street_file(path: Path) -> Path:
    lines = [shapely.LineString(line) for line in STREETS]
    frame = gpd.GeoDataFrame({"code": ["s1", "s2"]}, geometry=lines, crs=4326)
    path.write_text(frame.to_json(), encoding="utf-8")
    return path


def test_an_undeclared_datum_stops_and_shows_the_evidence_for_each(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    answer(run, "streets", street_file(tmp_path / "streets.geojson"))
    places = [
        shapely.LineString(STREETS[0]).interpolate(k / 20, normalized=True) for k in range(20)
    ]
    lon, lat = wgs84_to_gcj02([p.x for p in places], [p.y for p in places])
    table = pd.DataFrame({"code": [f"k{k}" for k in range(20)], "lon": lon, "lat": lat})
    table.to_csv(tmp_path / "cameras.csv", index=False)
    said = run("import", "cameras", "cameras.csv", "-w", "town", code=1).stderr
    assert "does not say what its coordinates are" in said
    assert "--crs gcj02" in said
    lines = {line.split()[0]: line for line in said.splitlines() if "within 15 m" in line}
    assert set(lines) == {"wgs84", "gcj02", "bd09"}
    assert "100% within 15 m of a street" in lines["gcj02"]
    wrong = answer(run, "cameras", "cameras.csv", "--crs", "wgs84", "--preview")
    assert any("gcj02" in warning for warning in wrong["warnings"])
    right = answer(run, "cameras", "cameras.csv", "--crs", "gcj02")
    assert right["warnings"] == []
    with open_workspace(empty).open_store() as store:
        stored = store.layer("cameras").geometry
    assert max(abs(stored.y - 30.1)) < 1e-9


def test_a_declaration_that_cannot_be_is_refused(run: Run, empty: Path, tmp_path: Path) -> None:
    answer(run, "streets", street_file(tmp_path / "streets.geojson"))
    cameras = camera_file(tmp_path / "cameras.csv", {"a": "东门", "b": "西门"})
    said = run("import", "cameras", cameras, "--crs", "EPSG:4549", "-w", "town", code=1).stderr
    assert "look like degrees" in said
    swapped = tmp_path / "swapped.csv"
    swapped.write_text("code,lon,lat\na,30.1,120.7\nb,30.1,120.701\n", encoding="utf-8")
    said = run("import", "cameras", swapped, "--crs", "wgs84", "-w", "town", code=1).stderr
    assert "axes exchanged" in said


def test_a_catalogue_and_a_sheet_come_in_and_everything_left_out_is_named(
    run: Run, empty: Path
) -> None:
    catalogue = DATA / "catalogue_2016_says_gb2312.xml"
    assert "--crs" in run("import", "gb28181", catalogue, "-w", "town", code=1).stderr
    report = answer(run, "gb28181", catalogue, "--crs", "wgs84")
    assert report["rows"] == {"cameras": 3}
    assert {"Password", "IPAddress"} <= set(report["dropped_columns"])
    assert sum(report["left_out"].values()) == len(report["devices"]) + len(report["without_place"])
    again = answer(run, "gb28181", catalogue, "--crs", "wgs84")
    assert again["changes"]["cameras"]["counts"]["unchanged"] == 3
    sheet = DATA / "camera_sheet_27_columns.csv"
    report = answer(run, "cameras-sheet", sheet, "--crs", "wgs84")
    assert report["rows"]["cameras"] > 0
    assert report["dropped_columns"]


LINES = '[columns]\n"探头编号" = "code"\n"位置说明" = "name"'


def test_a_guess_writes_a_mapping_that_the_import_takes(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    text = "探头编号,位置说明,东经,北纬,联系电话\n00017,东门,120.7,30.1,13800000000\n"
    (tmp_path / "list.csv").write_text(text, encoding="gb18030")
    said = run("import", "cameras", "list.csv", "--guess", "-w", "town").stdout
    assert "00017" in said
    assert "13800000000" not in said
    mapping = tmp_path / "list.mapping.toml"
    assert "list.mapping.toml" in run("import", "cameras", "list.csv", "--guess", code=2).stderr
    text = mapping.read_text("utf-8").replace("[columns]", LINES)
    mapping.write_text(text, encoding="utf-8")
    words = ["cameras", "list.csv", "--mapping", "list.mapping.toml", "--crs", "gcj02"]
    report = answer(run, *words)
    assert report["dropped_columns"] == ["联系电话"]
    assert names(empty) == {"00017": "东门"}


def villages(path: Path) -> Path:
    shapes = [shapely.box(120.7 + k / 100, 30.1, 120.71 + k / 100, 30.11) for k in range(2)]
    columns = {"code": ["330602017200", "330602017203"], "name": ["阮家村", "四联村"]}
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)
    path.write_text(frame.to_json(), encoding="utf-8")
    return path


def test_a_folder_of_returned_templates_is_merged_and_who_is_missing_is_listed(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    answer(run, "villages", villages(tmp_path / "villages.geojson"))
    run("template", "facts", "-o", "facts.xlsx", "--period", "2025", "-w", "town")
    book = openpyxl.load_workbook(tmp_path / "facts.xlsx")
    page = book["阮家村"]
    heads = [cell.value for cell in page[1]]
    row = next(
        row for row in page.iter_rows(min_row=2) if row[heads.index("指标")].value == "officers"
    )
    row[heads.index("数值（*）")].value = 2
    (tmp_path / "returned").mkdir()
    book.save(tmp_path / "returned" / "阮家（已填）.xlsx")
    report = answer(run, "facts", "returned")
    assert report["rows"]["facts"] == 1
    silent = [one for one in report["missing"] if one["code"] is None]
    assert [one["name"] for one in silent] == ["四联村"]
    with open_workspace(empty).open_store() as store:
        fact = store.layer("facts").iloc[0]
    assert (fact["place_code"], fact["period"], fact["value"]) == ("330602017200", "2025", "2")


def test_made_up_rows_mark_the_town_that_takes_them(run: Run, empty: Path, tmp_path: Path) -> None:
    with open_workspace(empty).open_store() as store:
        store.set_town(made_up=True)
    answer(run, "cameras", camera_file(tmp_path / "a.csv", {"a": "东门"}), "--crs", "wgs84")
    for ending in ("gpkg", "xlsx", "csv", "geojson"):
        run("export", "cameras", f"out.{ending}", "-w", "town")
    assert "示例数据" in (tmp_path / "out.csv").read_text("utf-8-sig")
    assert set(pyogrio.read_dataframe(tmp_path / "out.gpkg", layer="cameras")["made_up"]) != {None}
    run("init", "other", "--name", "Other")
    document = json.loads(
        run("import", "cameras", "out.xlsx", "--crs", "wgs84", "-w", "other", "--json").stdout
    )
    assert document["made_up"] is True
    with open_workspace(tmp_path / "other").open_store() as store:
        assert "made_up" not in store.layer("cameras")


@pytest.mark.parametrize(
    "words",
    [
        ["osm", "a.osm", "--crs", "wgs84"],
        ["gb28181", "a.xml", "--mapping", "m.toml"],
        ["cameras", "a.csv", "--boundary", "b.geojson"],
        ["cameras", "a.csv", "b.csv"],
        ["cameras", "a.csv", "--conflicts", "both"],
    ],
)
def test_what_an_import_does_not_take_is_a_usage_error(
    run: Run, empty: Path, words: list[str]
) -> None:
    run("import", *words, "-w", "town", code=2)
