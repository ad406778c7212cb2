from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.schema import Column, schema
from gis.validate_values import cast

LIMITED = Column("fov_deg", "number", low=0.1, high=360)
WHOLE = Column("tier_min", "integer", low=1, high=60)
WORD = Column("status", "word", words=("in_use", "repair", "removed"))


def cast_one(value, column):
    values, problems = cast(pd.Series([value], dtype=object), column)
    assert bool(problems) <= bool(values.isna().all()), "a wrong value was kept"
    return problems[0] if problems else values.iloc[0]


@pytest.mark.parametrize("column", [LIMITED, WHOLE, WORD, Column("a"), Column("a", "flag")])
@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT, "", "  ", "\u3000"])
def test_missing_is_not_a_fault(missing, column):
    values, problems = cast(pd.Series([missing], dtype=object), column)
    assert values.isna().all()
    assert problems == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("12.5", 12.5), (" 7 ", 7.0), ("1e2", 100.0), (".5", 0.5), (12, 12.0), (np.float32(2), 2.0)],
)
def test_numbers(value, expected):
    assert cast_one(value, LIMITED) == expected


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("12,5", '"12,5" is not a number'),
        ("nan", '"nan" is not a number'),
        ("1_0", '"1_0" is not a number'),
        ("0x1A", '"0x1A" is not a number'),
        ("１２", '"１２" is not a number'),
        (True, '"True" is not a number'),
        (np.inf, "inf is not a finite number"),
        ("1e999", "inf is not a finite number"),
        (0, "0 is below 0.1"),
        ("360.5", "360.5 is above 360"),
        ([1], "holds a list, not a single value"),
        (dt.date(2024, 1, 5), '"2024-01-05" is not a number'),
    ],
)
def test_what_is_no_number(value, problem):
    assert cast_one(value, LIMITED) == problem


def test_whole_numbers():
    assert cast_one("3.0", WHOLE) == 3
    assert cast_one(3.0, WHOLE) == 3
    assert cast_one(2.5, WHOLE) == '"2.5" is not a whole number'
    assert cast_one("61", WHOLE) == "61 is above 60"
    assert cast_one(2**60, Column("population", "integer")).endswith("is not a whole number")


@given(st.lists(st.integers(-(2**53) + 1, 2**53 - 1) | st.none(), min_size=1))
def test_whole_numbers_come_back_from_text(numbers):
    text = pd.Series([None if n is None else str(n) for n in numbers], dtype=object)
    values, problems = cast(text, Column("count", "integer"))
    assert [None if pd.isna(v) else int(v) for v in values] == numbers
    assert problems == {}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_come_back_from_text(numbers):
    values, problems = cast(pd.Series([repr(n) for n in numbers]), Column("weight", "number"))
    assert values.tolist() == numbers
    assert problems == {}


@pytest.mark.parametrize("value", [True, np.True_, 1, 1.0, "1", "YES", "True", "是", np.int64(1)])
def test_yes(value):
    assert cast_one(value, Column("lit", "flag")) is np.True_


@pytest.mark.parametrize("value", [False, np.False_, 0, 0.0, "0", "no", "FALSE", "否"])
def test_no(value):
    assert cast_one(value, Column("lit", "flag")) is np.False_


@pytest.mark.parametrize("value", ["2", 2, 0.5, "y?", "perhaps"])
def test_neither_yes_nor_no(value):
    assert cast_one(value, Column("lit", "flag")) == f'"{value}" is not yes or no'


@pytest.mark.parametrize(
    "value",
    [
        "2024-01-05",
        "2024/1/5",
        "2024.1.5",
        "2024年1月5日",
        "2024-01-05 00:00:00",
        "2024-01-05T13:45:00Z",
        pd.Timestamp("2024-01-05 13:45"),
        dt.date(2024, 1, 5),
        np.datetime64("2024-01-05"),
    ],
)
def test_dates(value):
    assert cast_one(value, Column("installed", "date")) == "2024-01-05"


@pytest.mark.parametrize("value", ["05.01.2024", "2024-13-05", "2023-02-29", "soon", 45296, "2024"])
def test_what_is_no_date(value):
    assert cast_one(value, Column("installed", "date")).endswith("is not a date such as 2026-03-31")


def test_words():
    assert cast_one("In-Use", WORD) == "in_use"
    assert cast_one("in use ", WORD) == "in_use"
    assert cast_one("repairs", WORD) == '"repairs" is not a known word; nearest: repair'
    assert cast_one("x", WORD) == '"x" is not a known word; one of: in_use, repair, removed'


def test_a_chinese_word_is_answered_in_chinese() -> None:
    kind = schema("sites").by_name["kind"]
    assert cast_one("政府", kind) == '"政府" is not a known word; nearest: 政府机关'
    assert cast_one("维修厂", WORD) == '"维修厂" is not a known word; nearest: 维修'
    assert cast_one("甲", WORD) == '"甲" is not a known word; one of: 在用, 维修, 已拆除'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("007", "007"),
        (" a b ", "a b"),
        (330602017001, "330602017001"),
        (33060201001310000001, "33060201001310000001"),
        (330602017001.0, "330602017001"),
        (1.5, "1.5"),
        (True, "true"),
        (pd.Timestamp("2024-01-05"), "2024-01-05T00:00:00"),
    ],
)
def test_text(value, expected):
    assert cast_one(value, Column("code")) == expected


@pytest.mark.parametrize("value", ["3.30602E+19", "330602017001.0", 3.3e19, b"a", {"a": 1}])
def test_what_is_no_code(value):
    values, problems = cast(pd.Series([value], dtype=object), Column("code"))
    assert values.isna().all()
    assert list(problems) == [0]


def test_only_codes_are_taken_for_damaged():
    assert cast_one("330602017001.0", Column("name")) == "330602017001.0"


def test_a_flag_and_a_number_that_are_equal_stay_apart():
    values, problems = cast(pd.Series([1, True], dtype=object), Column("weight", "number"))
    assert values.iloc[0] == 1
    assert list(problems) == [1]
