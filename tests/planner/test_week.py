from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError, LayerFaultsError
from planner.week import duty_table, minute_of, minute_text, on_duty
from planner.week_hours import WEEK_MIN


@pytest.mark.parametrize(
    ("minute", "texts"),
    [
        (1200, ["Mon 20:00", "mo20:00", "周一 20:00", "星期一２０：００", "2026-11-23T20:00"]),
        (4080, ["Wed 20:00", "周三 20:00", "2026-11-25T20:00", "2026-11-25 20:00:59"]),
        (0, ["Mon 00:00", "Sun 24:00", "周日 24:00", "2026-11-30T00:00"]),
        (WEEK_MIN - 1, ["Sunday 23:59", "周天 23:59", "礼拜日 23:59", "周7 23:59"]),
    ],
)
def test_a_moment_has_many_names(minute: int, texts: list[str]) -> None:
    assert {text: minute_of(text) for text in texts} == dict.fromkeys(texts, minute)


@pytest.mark.parametrize(
    "text",
    ["", "20:00", "Mon", "Mon 24:30", "Mon 9:60", "Mo-Fr 20:00", "2026-11-25", "2026-02-30T10:00",
     "yesterday", "周一 20:00-21:00"],
)  # fmt: skip
def test_what_is_no_moment_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match="is not a moment such as Mon 20:00, 周一 20:00"):
        minute_of(text)


def test_an_offset_needs_to_know_the_time_of_the_town() -> None:
    with pytest.raises(InputError, match="the town's own time, without an offset"):
        minute_of("2026-11-25T12:00+00:00")
    # 20:00 in Greenwich on Sunday is 04:00 on Monday there.
    assert minute_of("2026-11-29T20:00Z", "Asia/Shanghai") == 240
    assert minute_of("2026-11-25T20:00", "Asia/Shanghai") == 4080


@given(st.integers(-WEEK_MIN, 2 * WEEK_MIN), st.sampled_from(["zh", "en"]))
def test_a_written_minute_is_read_back(minute: int, lang: str) -> None:
    assert minute_of(minute_text(minute, lang)) == minute % WEEK_MIN


def test_a_roster_over_midnight() -> None:
    """A night post and a day post hand over at 20:00 and 06:00, every day alike."""
    hours = ["20:00-06:00", "06:00-20:00"]
    for day in ("Mon", "Thu", "Sun"):
        shown = {
            clock: on_duty(hours, minute_of(f"{day} {clock}")).tolist()
            for clock in ("19:59", "20:00", "23:59", "00:00", "05:59", "06:00")
        }
        assert shown == {
            "19:59": [False, True],
            "20:00": [True, False],
            "23:59": [True, False],
            "00:00": [True, False],
            "05:59": [True, False],
            "06:00": [False, True],
        }


def test_a_roster_over_a_weekend() -> None:
    """The weekday post is relieved on Friday evening until Monday morning; Sunday has a night."""
    hours = ["周五 18:00-周一 08:00", "工作日 08:00-18:00", "周日 22:00-次日06:00"]
    moments = ["周五 17:59", "周五 18:00", "周日 23:00", "周一 05:59", "周一 06:00", "周一 08:00"]
    table = duty_table(hours, [minute_of(text) for text in moments])
    assert table.tolist() == [
        [False, True, False],
        [True, False, False],
        [True, False, True],
        [True, False, True],
        [True, False, False],
        [False, True, False],
    ]


def test_unknown_hours_are_all_hours() -> None:
    assert duty_table([None, float("nan"), "", " "], [0, 5000]).all()
    assert duty_table([], [0, 5000]).shape == (2, 0)


def test_every_text_that_cannot_be_read_is_named_with_its_post() -> None:
    with pytest.raises(LayerFaultsError) as raised:
        on_duty(["早班", "08:00-18:00", "9-17"], 0, codes=["U1", "U2", "U3"], column="hours")
    assert [(fault.row, fault.column) for fault in raised.value.faults] == [
        ("U1", "hours"),
        ("U3", "hours"),
    ]
    assert "'早班' cannot be read as duty hours" in str(raised.value)


@given(
    st.lists(st.sampled_from(["Mon-Fri 08:00-18:00", "22:00-02:00", None, "Sun 12:00-Mon 12:00"]))
)
def test_the_table_is_each_minute_by_itself(hours: list[str | None]) -> None:
    minutes = [0, 60, 479, 480, 1320, 8 * 1440 - 1, WEEK_MIN - 1, -1]
    table = duty_table(hours, minutes)
    assert table.dtype == np.bool_
    assert table.tolist() == [on_duty(hours, minute).tolist() for minute in minutes]
