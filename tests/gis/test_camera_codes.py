"""Codes of devices against hand-made ones, and there and back again."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.camera_codes import channels, clean_code, near_codes, parse_codes

CAMERA = "33060217001320000045"
DIGITS = st.text("0123456789", min_size=20, max_size=20)


def problem_of(code: str, **options: object) -> str | None:
    told = parse_codes(pd.Series([code]), **options)["problem"][0]
    return told if isinstance(told, str) else None


def test_every_part_of_a_code():
    row = parse_codes(pd.Series([CAMERA], index=["a"])).loc["a"]
    assert row[["centre", "industry", "type", "network", "serial"]].tolist() == [
        "33060217",
        "00",
        "132",
        "0",
        "000045",
    ]
    assert row["type_name"] == "network camera"
    assert row["industry_name"] == "road and public areas"
    assert row["network_name"] == "police video net"
    assert row["camera"]
    assert not row["region"]
    assert pd.isna(row["problem"])


@pytest.mark.parametrize("type_", ["111", "118", "121", "130", "134", "200", "215", "999"])
def test_other_types_are_no_cameras(type_):
    parts = parse_codes(pd.Series([f"3306021700{type_}0000045"])).loc[0]
    assert not parts["camera"]
    assert pd.isna(parts["problem"])
    assert pd.isna(parts["type_name"]) == (type_ == "999")


@pytest.mark.parametrize("code", ["33", "3306", "330602", "33060217"])
def test_bare_codes_are_regions(code):
    parts = parse_codes(pd.Series([code])).loc[0]
    assert parts["region"]
    assert not parts["camera"]
    assert pd.isna(parts["problem"])
    assert pd.isna(parts["type"])


@pytest.mark.parametrize("length", [16, 17, 18])
def test_rule_b_is_told_by_name(length):
    assert "old rule B" in str(problem_of("3" * length))


@pytest.mark.parametrize("length", [1, 3, 5, 7, 9, 12, 15, 19, 21])
def test_other_lengths(length):
    assert problem_of("3" * length) == (
        f'"{"3" * length}" has {length} digits, where a device has 20'
    )


def test_letters_and_nothing():
    assert "digits alone" in str(problem_of("3306020000131000000A"))
    told = parse_codes(pd.Series([None, "", " "], dtype=object))["problem"]
    assert told.tolist() == ["is missing"] * 3


def test_blanks_and_full_width_digits_are_put_right():
    assert clean_code("３３０６02 00001310000045\n") == "33060200001310000045"
    assert problem_of(" 33060200001310000045 ") is None


def test_the_division_is_checked_where_it_is_asked_for():
    assert problem_of(CAMERA, prefixes=["330602"]) is None
    assert problem_of(CAMERA, prefixes=["330603", "3306021"]) is None
    assert "another division than 330603" in str(problem_of(CAMERA, prefixes=["330603"]))


@given(st.lists(st.text("0123456789 ", max_size=22), max_size=8))
def test_a_code_has_parts_or_a_reason_why_not(codes):
    parts = parse_codes(pd.Series(codes, dtype=object))
    whole = parts["serial"].notna()
    assert (whole.astype(int) + parts["region"] + parts["problem"].notna()).eq(1).all()
    assert (parts["code"].str.len()[whole] == 20).all()


def test_channels_of_recorders_are_cameras():
    nvr = "33060217001180000001"
    items = [nvr, "33060217001180000009", "33060217001340000009", "33060217001710000009", "3306"]
    under = [f"33060200002000000001/{nvr}"] * 5
    # The recorder itself, a channel, an alarm input, a channel of an unknown type, a region.
    assert channels(pd.Series(items), pd.Series(under)).tolist() == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert not channels(pd.Series(items), pd.Series(["33060217002000000001"] * 5)).any()
    assert not channels(pd.Series(items), pd.Series([None] * 5, dtype=object)).any()


@given(DIGITS, st.integers(0, 19), st.integers(1, 9))
def test_one_wrong_digit_is_one_slip(code, at, by):
    wrong = code[:at] + str((int(code[at]) + by) % 10) + code[at + 1 :]
    assert near_codes(code, wrong) == f"digit {at + 1} is {code[at]}, not {wrong[at]}"
    assert near_codes(code, code) is None


@given(DIGITS, st.integers(0, 18))
def test_two_exchanged_digits_are_one_slip(code, at):
    wrong = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    told = near_codes(code, wrong)
    assert told == (f"digits {at + 1} and {at + 2} are exchanged" if wrong != code else None)


def test_a_digit_left_out_or_too_many():
    assert near_codes("12345", "1245") == "digit 3 is one too many"
    assert near_codes("1245", "12345") == "digit 3 is left out"
    assert near_codes("12345", "123") is None
    assert near_codes("12345", "54321") is None
