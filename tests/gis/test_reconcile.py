"""What is on file against what is on the platform, on hand-made cameras."""

from __future__ import annotations

import json
import math
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.camera_codes import near_codes
from gis.camera_sheet import read_camera_sheet
from gis.errors import ParameterError
from gis.gb28181 import read_catalogue
from gis.layers import conform
from gis.reconcile import NEAR_M, TITLES, reconcile

DATA = Path(__file__).parents[1] / "data"
# Metres of one degree at 30.1 N, to a thousandth.
LON_M, LAT_M = 96_390.0, 110_860.0


def code(serial: int, type_: str = "132") -> str:
    return f"3306020100{type_}0{serial:06}"


def cameras(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    """Return cameras; `east` and `north` in metres from 120.7, 30.1, or no place."""
    table = pd.DataFrame(rows, columns=sorted({"code", *(key for row in rows for key in row)}))
    shapes = [
        None
        if row.get("east") is None
        else (120.7 + float(row["east"]) / LON_M, 30.1 + float(row.get("north", 0)) / LAT_M)
        for row in rows
    ]
    points = gpd.GeoSeries.from_xy(
        [math.nan if xy is None else xy[0] for xy in shapes],
        [math.nan if xy is None else xy[1] for xy in shapes],
        crs="EPSG:4326",
    ).where([xy is not None for xy in shapes])
    plain = table.drop(columns=["east", "north"], errors="ignore")
    if "platform_online" in plain:
        plain["platform_online"] = plain["platform_online"].astype("boolean")
    return conform(gpd.GeoDataFrame(plain, geometry=points), "cameras")


def test_what_is_on_one_side_only_and_the_two_rates():
    sheet = cameras(*({"code": code(n), "name": f"c{n}", "east": 500 * n} for n in range(1, 5)))
    platform = cameras(*({"code": code(n), "east": 500 * n} for n in range(3, 8)))
    found = reconcile(sheet, platform)
    assert found.sheet_only["code"].tolist() == [code(1), code(2)]
    assert found.sheet_only["name"].tolist() == ["c1", "c2"]
    assert found.platform_only["code"].tolist() == [code(5), code(6), code(7)]
    assert found.matched["code"].tolist() == [code(3), code(4)]
    assert (found.on_file_rate, found.on_platform_rate) == (2 / 5, 2 / 4)
    assert found.moved.empty
    assert found.names.empty
    told = "40.0% of 5 cameras of the platform are on file (建档率) (2 of 5)"
    assert told in found.summary()
    assert found.sheet_only["sheet_row"].tolist() == [0, 1]
    assert found.platform_only["sheet_row"].isna().all()


def test_a_camera_moved_by_more_than_allowed():
    sheet = cameras(*({"code": code(n), "east": 0} for n in range(4)))
    moved = [{"east": 19}, {"east": 21}, {"east": 0, "north": -300}, {}]
    platform = cameras(*({"code": code(n), **place} for n, place in enumerate(moved)))
    found = reconcile(sheet, platform)
    assert found.moved["code"].tolist() == [code(1), code(2)]
    assert found.moved["distance_m"].to_numpy() == pytest.approx([21, 300], rel=1e-3)
    assert found.moved["bearing_deg"].to_numpy() == pytest.approx([90, 180], abs=0.1)
    assert found.moved["what"].tolist()[1] == "the platform has it 300 m away"
    assert reconcile(sheet, platform, moved_m=300.5).moved.empty
    assert found.matched["distance_m"].isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("status", "online", "networked", "what"),
    [
        ("removed", True, None, ["the sheet says removed, the platform has it online"]),
        ("removed", None, False, ["the sheet says removed, the platform still lists it"]),
        ("removed", False, None, ["the sheet says removed, the platform still lists it"]),
        ("repair", True, None, ["the sheet says in repair, the platform has it online"]),
        ("repair", False, True, []),
        ("in_use", False, None, ["the sheet says in use, the platform has it offline"]),
        ("in_use", True, True, []),
        ("in_use", None, None, []),
        ("in_use", True, False, ["the sheet says not networked, the platform lists it"]),
        (None, True, None, []),
    ],
)
def test_contradictory_status(status, online, networked, what):
    sheet = cameras({"code": code(1), "east": 0, "status": status, "networked": networked})
    platform = cameras({"code": code(1), "east": 0, "platform_online": online, "status": "in_use"})
    assert reconcile(sheet, platform).status["what"].tolist() == what


def test_a_platform_that_says_nothing_of_the_moment():
    sheet = cameras({"code": code(1), "east": 0, "status": "repair"})
    assert reconcile(sheet, cameras({"code": code(1), "east": 0})).status.empty


def test_a_removed_camera_that_the_platform_has_not_got_is_no_difference():
    sheet = cameras({"code": code(1), "east": 0, "status": "removed"}, {"code": code(2), "east": 9})
    found = reconcile(sheet, cameras({"code": code(2), "east": 9}))
    assert found.sheet_only.empty
    assert (found.sheet_cameras, found.on_platform_rate) == (1, 1)


def test_names_differ_by_more_than_blanks_and_width():
    pairs = [("东门１号", "东门 1号"), ("A-1", "a_1"), ("东门", "西门"), (None, "x"), ("y", None)]
    sheet = cameras(*({"code": code(n), "name": a, "east": 0} for n, (a, _) in enumerate(pairs)))
    platform = cameras(*({"code": code(n), "name": b, "east": 0} for n, (_, b) in enumerate(pairs)))
    found = reconcile(sheet, platform).names
    assert found["code"].tolist() == [code(2)]
    assert found["what"].tolist() == ["the platform calls it 西门"]


def test_wrong_codes_of_both_sides():
    sheet = cameras(
        {"code": "330602010013200001", "east": 0},
        {"code": code(2, "200"), "east": 0},
        {"code": code(3, "118"), "east": 0},
        {"code": code(4, "777"), "east": 0},
        {"code": "330602", "east": 0},
        {"code": code(5), "east": 0},
    )
    platform = cameras({"code": "330602010013200001", "east": 0}, {"code": "camera-7"})
    found = reconcile(sheet, platform).wrong_codes
    assert found[["code", "source"]].values.tolist() == [
        ["330602010013200001", "sheet"],
        [code(2, "200"), "sheet"],
        ["330602", "sheet"],
        ["330602010013200001", "platform"],
        ["camera-7", "platform"],
    ]
    assert found["sheet_row"].tolist() == [0, 1, 4, pd.NA, pd.NA]
    assert "rule B" in found["what"].iloc[0]
    assert found["what"].iloc[1] == "the code is that of another device: signalling server"


def test_near_codes_close_by_are_proposed_as_one_camera():
    sheet = cameras(
        {"code": code(12), "name": "near", "east": 0},
        {"code": code(100), "east": 1000},
        {"code": code(555), "east": 3000},
        {"code": code(7), "east": 5000},
        {"code": code(8)},
    )
    platform = cameras(
        {"code": code(21), "name": "platform", "east": 30},
        {"code": code(13), "east": 60},
        {"code": code(101), "east": 1000 + NEAR_M + 1},
        {"code": code(556), "east": 3001},
        {"code": code(555) + "5", "east": 3000},
        {"code": code(999), "east": 5000},
        {"code": code(9)},
    )
    found = reconcile(sheet, platform).near
    pairs = found[["code", "platform_code"]].values.tolist()
    # Sorted by distance: the code with a digit too many stands nearer than that with one wrong.
    assert pairs == [[code(555), code(555) + "5"], [code(12), code(21)]]
    assert found["what"].tolist()[1] == "on file, digits 19 and 20 are exchanged on the platform"
    assert found["platform_name"].tolist()[1] == "platform"
    # A code with a digit too few is wrong, and the platform tells which is meant.
    short = cameras({"code": code(12)[:-1], "east": 0})
    wrong = reconcile(short, cameras({"code": code(12), "east": 30})).wrong_codes
    assert wrong["likely_code"].tolist() == [code(12)]
    assert found["distance_m"].tolist() == pytest.approx([0, 30], rel=1e-3, abs=1e-6)


def test_rows_whose_code_is_none_are_listed_with_their_row_and_not_compared():
    rows = [{"code": code(1), "east": 0}, {"code": code(1), "east": 900}, {"code": "3.3E+19"}]
    sheet = cameras(*rows).set_axis(pd.Index([4, 7, 9]))
    told = pd.Series([None, "is already the code of row 4", "spoilt"], sheet.index, dtype="str")
    found = reconcile(sheet.assign(code_problem=told), cameras({"code": code(1), "east": 0}))
    assert found.wrong_codes[["sheet_row", "what", "source"]].values.tolist() == [
        [7, "is already the code of row 4", "sheet"],
        [9, "spoilt", "sheet"],
    ]
    assert found.moved.empty
    assert found.sheet_only.empty
    assert (found.sheet_cameras, found.on_platform_rate) == (1, 1)


def test_the_summary_counts_each_contradiction():
    rows = [{"status": "removed"}, {"status": "removed"}, {"status": "repair"}]
    sheet = cameras(*({"code": code(n), "east": 0, **row} for n, row in enumerate(rows)))
    platform = cameras(*({"code": code(n), "east": 0, "platform_online": True} for n in range(3)))
    told = reconcile(sheet, platform).summary().splitlines()
    at = next(i for i, line in enumerate(told) if "contradictory status" in line)
    assert [line.split() for line in told[at : at + 3]] == [
        ["3", "contradictory", "status"],
        ["2", "the", "sheet", "says", "removed,", "the", "platform", "has", "it", "online"],
        ["1", "the", "sheet", "says", "in", "repair,", "the", "platform", "has", "it", "online"],
    ]


@settings(max_examples=15)
@given(st.data())
def test_pairs_are_those_of_a_slow_search(data):
    serials = st.lists(st.integers(0, 40), unique=True, max_size=6)
    east = st.integers(0, 4)
    ours = {n: 40 * data.draw(east) for n in data.draw(serials)}
    theirs = {n: 40 * data.draw(east) + 3 for n in data.draw(serials)}
    frames = [
        cameras(*({"code": code(n), "east": x} for n, x in side.items())) for side in (ours, theirs)
    ]
    found = reconcile(*frames)
    assert set(found.matched["code"]) == {code(n) for n in ours.keys() & theirs.keys()}
    assert set(found.sheet_only["code"]) == {code(n) for n in ours.keys() - theirs.keys()}
    assert set(found.platform_only["code"]) == {code(n) for n in theirs.keys() - ours.keys()}
    possible = {
        (code(a), code(b))
        for a in ours.keys() - theirs.keys()
        for b in theirs.keys() - ours.keys()
        if abs(ours[a] - theirs[b]) <= NEAR_M and near_codes(code(a), code(b))
    }
    pairs = set(map(tuple, found.near[["code", "platform_code"]].values.tolist()))
    assert pairs <= possible
    # One camera is in one pair at most, and no pair is left that could still be made.
    left, right = ({pair[side] for pair in pairs} for side in (0, 1))
    assert len(left) == len(right) == len(pairs)
    assert all(a in left or b in right for a, b in possible)


def test_empty_sides_have_no_rate():
    none, one = cameras().iloc[:0], cameras({"code": code(1), "east": 0})
    assert reconcile(none, none).on_file_rate is None
    assert reconcile(one, none).on_file_rate is None
    assert reconcile(none, one).on_file_rate == 0
    assert "unknown" in reconcile(none, none).summary()
    json.dumps(reconcile(none, none).document(), allow_nan=False)


def test_the_frames_of_the_caller_stay_as_they_are():
    sheet, platform = (cameras({"code": code(n), "east": n}) for n in (1, 2))
    sheet.index = pd.Index([77])
    before = sheet.copy()
    reconcile(sheet, platform)
    pd.testing.assert_frame_equal(sheet, before)


@pytest.mark.parametrize("moved_m", [-1, math.inf, math.nan])
def test_a_distance_that_is_none(moved_m):
    with pytest.raises(ParameterError, match="moved_m"):
        reconcile(cameras(), cameras(), moved_m=moved_m)


@pytest.fixture
def both():
    sheet = read_camera_sheet(DATA / "camera_sheet_27_columns.csv", crs="wgs84")
    platform = read_catalogue(DATA / "catalogue_2016_says_gb2312.xml", crs="wgs84")
    return reconcile(sheet.listed, platform.listed)


def test_the_two_files_of_one_town(both):
    assert both.matched["code"].tolist() == ["33060200001310000001", "33060200001327000002"]
    assert both.platform_only["name"].tolist() == ["没有位置", "录像机通道"]
    assert both.sheet_only.empty
    assert both.moved["distance_m"].round().tolist() == [29]
    assert both.status["what"].tolist() == ["the sheet says in use, the platform has it offline"]
    assert both.on_file_rate == 2 / 4


def test_the_document_is_json_with_nulls(both):
    document = json.loads(json.dumps(both.document(), allow_nan=False))
    assert document["schema"] == "fengqiao.reconcile/1"
    assert document["params"]["moved_m"] == 20
    assert document["counts"] == {name: len(frame) for name, frame in both.lists().items()}
    assert list(document["counts"]) == list(TITLES)
    assert document["platform_only"][0]["lon"] is None
    assert document["moved"][0].keys() >= {"code", "name", "lon", "lat", "what", "distance_m"}
