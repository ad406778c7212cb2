"""A whole town checked: two villages of two grids each, with one thing wrong at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import Point, box

from gis.checks import CheckReport, check_town
from gis.checks_faults import Found, faults_table
from gis.checks_write import write_report
from gis.errors import LayerMissingError, ParameterError
from gis.layers import Layers, conform
from gis.made_up import MARK
from gis.profiles import load
from gis.topology_kernels import Plane

WEST, EAST = "330602017001", "330602017002"
PLANE = Plane(120.72, 30.15)


def layer(name: str, shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    """Return a layer of shapes drawn in metres."""
    drawn = PLANE.to_degrees(np.array(shapes, dtype=object))
    return conform(gpd.GeoDataFrame(columns, geometry=drawn, crs=4326), name)


def clean_town() -> Layers:
    """Return a town of 2 x 1 km without a fault: two villages, four grids, and a few points."""
    grids = [box(x, 0, x + 500, 1000) for x in (0, 500, 1000, 1500)]
    homes = [WEST, WEST, EAST, EAST]
    return Layers(
        "枫桥",
        {
            "villages": layer(
                "villages",
                [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
                code=[WEST, EAST],
                households=[700, 750],
            ),
            "grids": layer(
                "grids",
                grids,
                code=[f"{v}00{k}" for v, k in zip(homes, (1, 2, 1, 2), strict=True)],
                village=homes,
                households=[300, 400, 350, 400],
            ),
            "addresses": layer(
                "addresses",
                [Point(100, 100), Point(1600, 900)],
                code=["a1", "a2"],
                village=[WEST, EAST],
                grid=[f"{WEST}001", f"{EAST}002"],
            ),
            "sites": layer("sites", [Point(50, 50)], code=["s1"], kind=["school"]),
            "cameras": layer(
                "cameras",
                [Point(60, 50)],
                code=["33060200001320000001"],
                site_code=["s1"],
                mobile=[False],
            ),
            "stations": layer("stations", [Point(70, 70)], code=["p1"]),
            "units": layer("units", [Point(70, 70)], code=["u1"], station=["p1"]),
            "facts": conform(
                pd.DataFrame(
                    {
                        "code": ["f1", "f2"],
                        "place_layer": ["villages", "town"],
                        "place_code": [WEST, "枫桥"],
                        "key": ["staff", "staff"],
                    }
                ),
                "facts",
            ),
        },
        extent=shapely.union_all(PLANE.to_degrees(np.array([box(0, 0, 2000, 1000)]))).buffer(1e-9),
    )


def changed(name: str, row: int, **values: Any) -> Layers:
    """Return the clean town with some values of one row replaced; shapes are in metres."""
    town = clean_town()
    frame = town[name].copy()
    for column, value in values.items():
        if column == "geometry":
            value = None if value is None else PLANE.to_degrees(np.array([value], object))[0]
        array = frame[column].to_numpy(dtype=object).copy()
        array[row] = value
        frame[column] = (
            gpd.GeoSeries(array, index=frame.index, crs=4326)
            if column == "geometry"
            else pd.Series(array, index=frame.index).astype(frame[column].dtype)
        )
    return town.replaced(**{name: frame})


def only(report: CheckReport) -> Any:
    assert len(report.faults) == 1, report.summary()
    return next(report.faults.itertuples())


def kinds(report: CheckReport) -> set[str]:
    return set(report.faults["kind"])


def test_a_clean_town_has_no_fault_and_no_warning() -> None:
    report = check_town(clean_town())
    assert len(report.faults) == 0, report.summary()
    assert report.counts == {"error": 0, "warning": 0, "note": 0}
    assert report.warnings == ()
    assert report.outline == "extent"


ADDRESS = ("addresses", 0)


@pytest.mark.parametrize(
    ("town", "kind", "severity", "codes", "value"),
    [
        (changed("grids", 0, village=None), "grid_no_village", "error", (f"{WEST}001",), None),
        (changed(*ADDRESS, grid="nowhere"), "reference", "error", ("a1",), "nowhere"),
        (
            changed(*ADDRESS, grid=f"{WEST}002"),
            "address_other_grid",
            "error",
            ("a1",),
            f"{WEST}001",
        ),
        (changed(*ADDRESS, village=EAST), "address_other_village", "error", ("a1",), WEST),
        (
            changed(*ADDRESS, geometry=Point(500, 100)),
            "address_several_grids",
            "warning",
            ("a1",),
            f"{WEST}001 {WEST}002",
        ),
        (changed(*ADDRESS, geometry=Point(-20, 100)), "address_no_grid", "warning", ("a1",), None),
        (changed("villages", 0, households=701), "households_sum", "warning", (WEST,), "700"),
        (changed("grids", 1, households=500), "households_sum", "warning", (WEST,), "800"),
        (changed("grids", 1, households=None), "households_missing", "note", (f"{WEST}002",), None),
        (
            changed("cameras", 0, site_code="s9"),
            "reference",
            "error",
            ("33060200001320000001",),
            "s9",
        ),
        (changed("units", 0, station="p9"), "reference", "error", ("u1",), "p9"),
        (changed("facts", 0, place_code="x"), "reference", "error", ("f1",), "x"),
        (changed("facts", 0, place_layer="moons"), "reference", "error", ("f1",), WEST),
        (changed("sites", 0, geometry=None), "no_place", "warning", ("s1",), None),
        (changed("sites", 0, geometry=Point(2100, 0)), "out_of_town", "warning", ("s1",), "100"),
        (changed(*ADDRESS, geometry=Point(-90, 100)), "out_of_town", "warning", ("a1",), "90"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_thing_wrong_is_one_fault(
    town: Layers, kind: str, severity: str, codes: tuple[str, ...], value: str | None
) -> None:
    fault = only(check_town(town))
    assert (fault.kind, fault.severity, fault.codes, fault.value) == (kind, severity, codes, value)
    assert fault.zh
    assert fault.mend_zh
    assert codes[0] in fault.en


def test_a_grid_that_reaches_into_the_next_village_is_told_with_the_piece() -> None:
    town = changed("grids", 1, geometry=box(500, 0, 1100, 1000))
    report = check_town(town)
    assert kinds(report) == {"grid_elsewhere", "overlap"}
    fault = next(report.faults[report.faults["kind"] == "grid_elsewhere"].itertuples())
    assert (fault.codes, fault.value) == ((f"{WEST}002",), EAST)
    assert fault.area_m2 == pytest.approx(100_000, rel=1e-3)
    assert fault.geometry.centroid.x > town["villages"].geometry[1].bounds[0]


def test_a_strip_over_the_border_narrower_than_a_gap_is_left_alone() -> None:
    town = changed("grids", 3, geometry=box(1500, 0, 2002, 1000))
    assert kinds(check_town(town)) == set()
    assert kinds(check_town(town, gap_width_m=1)) == {"outside"}


def test_what_lies_in_no_village_is_told_once_and_names_no_village() -> None:
    town = changed("villages", 1, geometry=box(1008, 0, 2000, 1000))
    report = check_town(town)
    places = sorted(zip(report.faults["kind"], report.faults["layer"], strict=True))
    assert places == [("hole", "villages"), ("outside", "grids")]
    assert "各村（社区）" in report.faults["zh"].iloc[1]
    # Half in the neighbour, half in no village: each half is told for itself.
    mixed = changed(
        "grids", 3, geometry=shapely.union(box(1500, 0, 2050, 500), box(900, 0, 1500, 50))
    )
    elsewhere = check_town(mixed).faults.set_index("kind").loc["grid_elsewhere"]
    assert elsewhere["value"] == WEST
    assert elsewhere["area_m2"] == pytest.approx(5000, rel=1e-3)


def test_grids_of_a_missing_village_are_not_cut_to_nothing() -> None:
    town = clean_town()
    report = check_town(town.replaced(villages=town["villages"].head(1)))
    mostly = report.faults[report.faults["kind"] == "outside_mostly"]
    assert [codes[0] for codes in mostly["codes"]] == [f"{EAST}001", f"{EAST}002"]
    assert len(report.mends) == 0


def test_a_shape_without_points_is_told_and_does_not_stop_the_check() -> None:
    report = check_town(changed("grids", 1, geometry=shapely.Polygon(), households=None))
    assert {"empty", "households_missing"} < kinds(report)
    assert report.faults.loc[report.faults["kind"] == "empty", "lon"].isna().all()


def test_a_thousand_of_one_kind_do_not_hide_the_others() -> None:
    town = changed("villages", 0, households=701)
    lost = layer("cameras", [None] * 30, code=[f"c{k}" for k in range(30)], mobile=[False] * 30)
    told = check_town(town.replaced(cameras=lost), codes="none").summary("zh", shown=4)
    assert told.count("没有位置") == 3
    assert "其网格合计 700 户" in told
    assert "    30  警告  无位置" in told
    assert told.endswith("……另有 27 条")


def test_a_mobile_camera_needs_no_place() -> None:
    lost = changed("cameras", 0, geometry=None)
    assert only(check_town(lost)).kind == "no_place"
    assert len(check_town(changed("cameras", 0, geometry=None, mobile=True)).faults) == 0


def test_a_missing_layer_is_one_note_and_not_a_fault_of_each_row() -> None:
    town = clean_town()
    frames = {name: frame for name, frame in town.frames.items() if name != "stations"}
    fault = only(check_town(Layers("t", frames, town.extent)))
    assert (fault.kind, fault.severity, fault.codes) == ("reference_layer", "note", ())
    assert fault.en == "units: station of 1 rows cannot be checked without stations"


def test_a_missing_village_at_the_edge_needs_the_outline() -> None:
    town = clean_town()
    only_west = town.replaced(villages=town["villages"].head(1), grids=town["grids"].head(2))
    assert "hole" in kinds(check_town(only_west))
    box_only = Layers("t", only_west.frames, shapely.envelope(town.extent))
    report = check_town(box_only)
    assert "hole" not in kinds(report)
    assert report.outline is None
    assert "missing at its edge" in report.warnings[0]


def test_an_area_of_kind_town_is_the_outline() -> None:
    town = clean_town()
    whole = gpd.GeoDataFrame({"code": ["t"], "kind": ["town"]}, geometry=[town.extent], crs=4326)
    frames = {**town.frames, "areas": conform(whole, "areas")}
    frames |= {"villages": town["villages"].head(1), "grids": town["grids"].head(2)}
    report = check_town(Layers("t", frames, shapely.envelope(town.extent)))
    assert report.outline == "areas"
    assert "hole" in kinds(report)


def test_a_hole_that_is_water_is_no_missing_village() -> None:
    lake = box(900, 400, 1100, 600)
    town = clean_town()
    for name in ("villages", "grids"):
        frame = town[name]
        hole = PLANE.to_degrees(np.array([lake], dtype=object))[0]
        town = town.replaced(**{name: frame.set_geometry(frame.geometry.difference(hole))})
    assert {("hole", "villages")} == set(
        zip(check_town(town).faults["kind"], check_town(town).faults["layer"], strict=True)
    )
    wet = town.replaced(areas=layer("areas", [lake.buffer(1)], code=["w"], kind=["water"]))
    assert len(check_town(wet).faults) == 0


def test_a_town_from_openstreetmap_says_that_its_codes_were_not_checked() -> None:
    town = Layers("t", {"villages": layer("villages", [box(0, 0, 900, 900)], code=["way/1"])})
    assert "codes were not checked: villages" in check_town(town).warnings[1]


def test_the_document_is_json_and_the_summary_speaks_both_languages() -> None:
    report = check_town(changed("sites", 0, geometry=Point(2100, 0)))
    document = json.loads(json.dumps(report.document(), allow_nan=False))
    (fault,) = document["faults"]
    assert fault["what"]["en"] == "sites s1 lies 100 m outside the town"
    assert fault["what"]["zh"] == "场所 s1 在辖区外 100 米"
    assert fault["area_m2"] is None
    assert document["kinds"] == [{"severity": "warning", "kind": "out_of_town", "faults": 1}]
    assert "警告 1" in report.summary("zh")
    assert report.summary(shown=0).endswith("... and 1 more")


def test_what_cannot_be_checked_is_refused() -> None:
    with pytest.raises(LayerMissingError, match="villages and grids"):
        check_town(Layers("t", {}))
    with pytest.raises(ParameterError, match="above 0"):
        check_town(clean_town(), gap_width_m=float("nan"))


def test_every_kind_of_fault_has_its_words() -> None:
    words = {"value": 1, "expected": 2, "reason": "r", "column": "c", "target": "sites"}
    faults = faults_table(
        [
            Found(kind, "grids", ("g",), area_m2=1.0, width_m=1.0, words=words)
            for kind in load("checks")["kinds"]
        ]
    )
    assert (faults[["zh", "en", "mend_zh", "mend_en"]].map(len) > 0).all(axis=None)
    rank = [list(load("checks")["severities"]).index(s) for s in faults["severity"]]
    assert rank == sorted(rank)
    assert len(faults_table([])) == 0


def test_a_long_list_of_codes_is_cut_in_the_sentence_only() -> None:
    codes = tuple(f"c{k}" for k in range(9))
    fault = next(faults_table([Found("overlap", "grids", codes)]).itertuples())
    assert fault.codes == codes
    assert fault.en.startswith("grids c0, c1, c2, c3, c4, c5 and 3 more")
    assert "等 9 个" in fault.zh


def test_a_report_is_written_as_table_document_and_map_layers(tmp_path: Path) -> None:
    town = changed("grids", 0, geometry=box(0, 0, 510, 1000))
    report = check_town(town)
    folder = tmp_path / "out"
    for _ in range(2):  # the second takes the place of the first
        files = write_report(report, folder, {"schema": "fengqiao.check/1", **report.document()})
    assert sorted(f.name for f in folder.iterdir()) == sorted(f.name for f in files)
    assert json.loads((folder / "check.json").read_text("utf-8"))["counts"]["error"] == 1
    assert pyogrio.list_layers(folder / "check.gpkg")[:, 0].tolist() == ["faults", "mends"]
    mends = gpd.read_file(folder / "check.gpkg", layer="mends")
    assert mends["give_to"].tolist() == [report.faults["give_to"].iloc[0]]
    assert mends.crs.to_epsg() == 4326
    table = pd.read_excel(folder / "check.xlsx", dtype=str)
    assert table["编码 codes"].tolist() == [f"{WEST}001 {WEST}002"]
    assert table["类型 kind"].tolist() == ["重叠 overlap"]
    assert "made_up" not in mends
    shapes = json.loads((folder / "check.geojson").read_text("utf-8"))
    assert shapes["features"][0]["geometry"]["type"] == "Polygon"


def test_made_up_data_are_marked_in_every_file_and_long_cells_are_cut(tmp_path: Path) -> None:
    town = clean_town()
    same = pd.concat([town["grids"].head(1)] * 2000, ignore_index=True)
    same = same.set_geometry(gpd.GeoSeries([None] * 2000, crs=4326))
    report = check_town(town.replaced(grids=same), codes="none")
    write_report(report, tmp_path, {**report.document(), "made_up": True})
    table = pd.read_excel(tmp_path / "check.xlsx", dtype=str)
    assert (table["示例数据 made_up"] == MARK).all()
    twice = table.loc[table["类型 kind"] == "编码重复 code_duplicate", "编码 codes"].iloc[0]
    assert twice.endswith("+1800")
    assert (gpd.read_file(tmp_path / "check.geojson")["made_up"] == MARK).all()
    assert (gpd.read_file(tmp_path / "check.gpkg", layer="faults")["made_up"] == MARK).all()


def test_a_clean_report_is_written_too(tmp_path: Path) -> None:
    report = check_town(clean_town())
    write_report(report, tmp_path, report.document())
    assert len(gpd.read_file(tmp_path / "check.gpkg", layer="faults")) == 0
