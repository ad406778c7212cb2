"""Coded fields against tables, and what they make of a camera."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from gis.camera_fields import pixels, read_fields, schema_columns
from gis.profiles import load
from gis.schema import schema


def read_one(text: str, **rule: object) -> tuple[object, list[str]]:
    read, problems = read_fields(pd.DataFrame({"f": [text]}, dtype="str"), {"f": rule})
    return read["f"][0], [problem for _, _, problem in problems]


def test_every_table_that_a_profile_names_is_there():
    tables = load("camera_codes")["tables"]
    sheet = load("camera_sheet")
    rules = [*load("gb28181")["fields"].values(), *sheet["fields"].values()]
    named = {rule["table"] for rule in rules if "table" in rule}
    named |= {table for profile in sheet["profiles"].values() for table in profile.values()}
    assert named <= set(tables)


def test_words_of_the_tables_are_words_of_the_layer():
    codes = load("camera_codes")
    by_name = schema("cameras").by_name
    assert {kind["kind"] for kind in codes["kinds"].values()} <= set(by_name["kind"].words)
    for table in ("camera_type_28181", "camera_type_sheet"):
        assert {entry[0] for entry in codes["tables"][table].values()} <= set(codes["kinds"])
    assert {entry[0] for entry in codes["tables"]["status"].values()} == set(
        by_name["status"].words
    )
    for table in ("direction_28181", "direction_sheet"):
        words = {entry[0] for entry in codes["tables"][table].values()}
        assert words - {"all_round"} == set(codes["directions"]["azimuth_deg"])


@pytest.mark.parametrize(
    ("code", "azimuth_deg"),
    [("1", 90), ("2", 270), ("3", 180), ("4", 0), ("5", 135), ("6", 45), ("7", 225), ("8", 315)],
)
@pytest.mark.parametrize("table", ["direction_28181", "direction_sheet"])
def test_the_eight_directions(code, azimuth_deg, table):
    read, problems = read_fields(
        pd.DataFrame({"direction": [code]}), {"direction": {"table": table}}
    )
    row = schema_columns(read).loc[0]
    assert (row["azimuth_deg"], row["azimuth_doubt_deg"]) == (azimuth_deg, 22.5)
    assert math.isnan(row["fov_deg"])
    assert not problems


def test_one_code_means_one_thing_in_each_standard():
    assert read_one("1", table="function_sheet")[0] == "vehicle_checkpoint"
    assert read_one("01", table="function_28181")[0] == "face"
    assert read_one("3", table="function_sheet")[0] == "micro_checkpoint"
    assert read_one("03", table="function_28181")[0] == "vehicle"
    assert read_one("1", table="networked_1")[0] == "yes"
    assert read_one("1", table="networked_0")[0] == "no"
    assert read_one("已联网", table="networked_1")[0] == read_one("已联网", table="networked_0")[0]
    assert read_one("9", table="direction_sheet")[0] == "all_round"
    assert len(read_one("9", table="direction_28181")[1]) == 1


@pytest.mark.parametrize("text", ["3", "03", " 3 ", "3.0", "３", "固定枪机", "枪机"])
def test_ways_to_write_one_code(text):
    assert read_one(text, table="camera_type_sheet") == ("fixed_bullet", [])


def test_several_values_and_those_outside_the_table():
    multi = {"table": "position_sheet", "multi": True}
    assert read_one("8/10", **multi)[0] == "school_surroundings/main_traffic_line"
    assert read_one("8/8、8", **multi)[0] == "school_surroundings"
    value, problems = read_one("8/77", **multi)
    assert pd.isna(value)
    assert problems[0].startswith('"8/77" is not a code of this field; known are: 1 provincial')
    assert problems[0].endswith("...")
    assert read_one("13", table="maker", open=True) == ("13", [])
    assert pd.isna(read_one("/", **multi)[0])


@pytest.mark.parametrize(
    ("text", "value", "wrong"),
    [
        ("80", 80.0, False),
        ("80.5米", 80.5, False),
        ("８０ m", 80.0, False),
        ("0", math.nan, False),
        ("-3", math.nan, True),
        ("6000", math.nan, True),
        ("far", math.nan, True),
        ("nan", math.nan, True),
        ("1e999", math.nan, True),
    ],
)
def test_numbers(text, value, wrong):
    number, problems = read_one(text, number=[0.1, 5000])
    assert number == value or (math.isnan(number) and math.isnan(value))
    assert bool(problems) == wrong


@pytest.mark.parametrize(
    "text",
    ["2024-01-05", "2024/1/5", "2024.1.5", "2024年1月5日", "20240105", "2024-01-05T08:00:00+08:00"],
)
def test_ways_to_write_a_day(text):
    assert read_one(text, date=True) == ("2024-01-05", [])


@pytest.mark.parametrize("text", ["2024-13-01", "2024115", "last May", "2024-01"])
def test_what_is_no_day(text):
    assert len(read_one(text, date=True)[1]) == 1


@pytest.mark.parametrize(
    ("words", "kind", "all_round"),
    [
        ("dome", "dome", True),
        ("half_dome", "half_dome", False),
        ("remote_bullet", "panning", True),
        ("fixed_bullet/panorama", "panorama", True),
        ("checkpoint_bullet", "fixed", False),
        ("other", "unknown", False),
    ],
)
def test_what_sees_all_round_has_no_azimuth(words, kind, all_round):
    read = pd.DataFrame(
        {"ptz_type": [words], "direction": ["east"], "horizontal_angle_deg": [60.0]}
    )
    row = schema_columns(read).loc[0]
    assert row["kind"] == kind
    assert row["fov_deg"] == (360 if all_round else 60)
    assert math.isnan(row["azimuth_deg"]) == math.isnan(row["azimuth_doubt_deg"]) == all_round
    assert row["horizontal_angle_deg"] == 60


def test_fields_that_are_not_there_make_no_columns():
    made = schema_columns(pd.DataFrame({"name": ["a"]}))
    assert set(made) == {"name", "fov_deg"}


@pytest.mark.parametrize(
    ("text", "codes", "size"),
    [
        ("1920*1080", False, (1920, 1080)),
        ("704X576/2560×1440", False, (2560, 1440)),
        ("1080P", False, (1920, 1080)),
        ("4K", False, (3840, 2160)),
        ("6", True, (1920, 1080)),
        ("5/4", True, (1280, 720)),
        ("6", False, None),
        ("高清", False, None),
    ],
)
def test_pixels(text, codes, size):
    assert pixels(text, codes=codes) == size


def test_hd_is_what_has_1080_lines():
    read = pd.DataFrame({"resolution": ["1920*1080", "1280*720", None, "高清"]})
    made = schema_columns(read)
    assert made["hd"].tolist() == [True, False, None, None]
    assert made["resolution_px"].tolist()[:2] == [1920, 1280]


def test_the_callers_cells_stay_as_they_are():
    cells = pd.DataFrame({"direction": ["1", "x"]}, index=[7, 9])
    before = cells.copy()
    read, _ = read_fields(cells, {"direction": {"table": "direction_28181"}})
    schema_columns(read)
    pd.testing.assert_frame_equal(cells, before)
    assert list(read.index) == [7, 9]
