"""Who is ready: hand-set states before the roster, the roster before duty hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from gis.duty_rows import HandSet, RosterRow
from gis.layers import Layers, conform
from planner.duty import duty_states, moved_units, state_words

SHANGHAI = timezone(timedelta(hours=8))
# A Wednesday.
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=SHANGHAI)

MakeLayer = Callable[..., Any]


@pytest.fixture
def posts(town: Layers, layer: MakeLayer) -> Layers:
    """Return the town with three posts: always, by day, and by night over midnight."""
    units = layer(
        "units",
        [Point(10, 200), Point(300, 200), Point(590, 200)],
        {
            "code": ["A", "D", "N"],
            "mode": ["foot"] * 3,
            "duty_hours": [None, "08:00-18:00", "20:00-06:00"],
        },
    )
    return town.replaced(units=units)


def states(posts: Layers, now: datetime, **rows: Any) -> dict[str, str]:
    return {code: one.state for code, one in duty_states(posts, now, **rows).items()}


def test_units_that_go_by_their_hours_have_no_word_of_their_own(posts: Layers) -> None:
    """The level of duty may recall them; only a hand or a roster overrules it."""
    hand = (HandSet("D", "busy", NOON - timedelta(hours=1)),)
    assert state_words(duty_states(posts, NOON, by_hand=hand)) == {"D": "busy"}


def test_duty_hours_hold_where_nothing_else_speaks(posts: Layers) -> None:
    assert states(posts, NOON) == {"A": "ready", "D": "ready", "N": "off"}
    assert states(posts, NOON.replace(hour=23)) == {"A": "ready", "D": "off", "N": "ready"}
    assert states(posts, NOON.replace(hour=5)) == {"A": "ready", "D": "off", "N": "ready"}
    assert states(posts, NOON.replace(hour=6)) == {"A": "ready", "D": "off", "N": "off"}


def test_what_is_set_by_hand_goes_first_until_it_runs_out(posts: Layers) -> None:
    rows = [RosterRow("D", date(2026, 11, 25), (), 480, 1080, "busy")]
    hand = [HandSet("D", "off", NOON, NOON + timedelta(hours=1), version=7)]
    for minutes, expected in ((-1, "busy"), (0, "off"), (59, "off"), (60, "busy")):
        now = NOON + timedelta(minutes=minutes)
        assert states(posts, now, by_hand=hand, roster=rows)["D"] == expected, minutes
    # A writer is told what it has to look at, also where the hand-set state has run out.
    late = duty_states(posts, NOON + timedelta(hours=2), by_hand=hand)["D"]
    assert (late.source, late.version) == ("hours", 7)


def test_times_are_told_in_the_time_of_the_town(posts: Layers) -> None:
    hand = [HandSet("D", "off", NOON.astimezone(UTC), None)]
    since = duty_states(posts, NOON, by_hand=hand)["D"].since
    assert since is not None
    assert since.isoformat() == "2026-11-25T12:00:00+08:00"


def test_a_roster_row_over_midnight_counts_to_its_end(posts: Layers) -> None:
    rows = [RosterRow("D", date(2026, 11, 25), (), 22 * 60, 30 * 60)]
    for hour, day, expected in (
        (21, 25, "off"),  # the roster speaks for the day, and does not name this hour
        (22, 25, "ready"),
        (5, 26, "ready"),
        (6, 26, "off"),  # by duty hours: the roster says nothing of the 26th
        (8, 26, "ready"),
    ):
        now = datetime(2026, 11, day, hour, tzinfo=SHANGHAI)
        assert states(posts, now, roster=rows)["D"] == expected, (day, hour)


def test_a_weekly_row_of_sunday_night_ends_on_monday(posts: Layers) -> None:
    rows = [RosterRow("D", None, (6,), 22 * 60, 30 * 60)]
    sunday = datetime(2026, 11, 29, 23, tzinfo=SHANGHAI)
    for now, expected in (
        (sunday - timedelta(hours=2), "off"),
        (sunday, "ready"),
        (sunday + timedelta(hours=6), "ready"),
        (sunday + timedelta(hours=7), "off"),
        (sunday + timedelta(days=1), "off"),
    ):
        assert states(posts, now, roster=rows)["D"] == expected, now


def test_rows_near_a_day_and_the_ends_of_a_roster_tell_what_the_whole_tells(posts: Layers) -> None:
    """What `gis.store_duty.roster` leaves out for a day changes no state of that day."""
    days = [date(2026, 11, day) for day in range(1, 29)]
    rows = [RosterRow("A", day, (), 20 * 60, 30 * 60) for day in days]
    rows += [RosterRow("N", days[9], (), 0, 600, "busy")]
    near = [rows[0], rows[13], rows[14], rows[27], rows[28]]
    for hour in (1, 7, 12, 21):
        moment = datetime(2026, 11, 15, hour, tzinfo=SHANGHAI)
        told = duty_states(posts, moment, roster=near)
        assert told == duty_states(posts, moment, roster=rows), hour
    assert told["A"].state == "ready"


def test_dates_go_before_weekdays_and_later_rows_before_earlier(posts: Layers) -> None:
    every_day = RosterRow("A", None, tuple(range(7)), 0, 1440, "ready")
    holiday = RosterRow("A", date(2026, 11, 25), (), 0, 1440, "off")
    assert states(posts, NOON, roster=[holiday, every_day])["A"] == "off"
    assert states(posts, NOON + timedelta(days=1), roster=[holiday, every_day])["A"] == "ready"
    again = RosterRow("A", date(2026, 11, 25), (), 660, 780, "busy")
    assert states(posts, NOON, roster=[holiday, again])["A"] == "busy"


def test_inside_the_dates_of_a_roster_a_free_day_is_off(posts: Layers) -> None:
    rows = [
        RosterRow("A", date(2026, 11, 24), (), 0, 1440),
        RosterRow("D", date(2026, 11, 26), (), 0, 1440),
    ]
    assert states(posts, NOON, roster=rows) == {"A": "off", "D": "off", "N": "off"}
    assert states(posts, NOON + timedelta(days=2), roster=rows)["A"] == "ready"


def test_a_unit_that_was_sent_is_busy_whatever_else_is_set(posts: Layers) -> None:
    hand = [HandSet("A", "ready", NOON, place="D")]
    found = duty_states(posts, NOON, by_hand=hand, sent={"A"})["A"]
    assert (found.state, found.source, found.place) == ("busy", "sent", "D")


def test_a_standby_point_moves_the_unit(posts: Layers) -> None:
    hand = [
        HandSet("A", "ready", NOON, place="N"),
        HandSet("D", "ready", NOON, lon=120.7, lat=30.1),
    ]
    found = duty_states(posts, NOON, by_hand=hand)
    moved = moved_units(posts, found)["units"].set_index("code").geometry
    before = posts["units"].set_index("code").geometry
    assert moved["A"].equals_exact(before["N"], 1e-9)
    assert (moved["D"].x, moved["D"].y) == (120.7, 30.1)
    assert moved["N"].equals(before["N"])
    assert moved_units(posts, duty_states(posts, NOON)) is posts


def test_rows_of_units_that_the_town_has_not_are_left_out(posts: Layers) -> None:
    rows = [RosterRow("gone", None, (2,), 0, 1440)]
    assert set(states(posts, NOON, roster=rows, by_hand=[HandSet("gone", "off", NOON)])) == {
        "A",
        "D",
        "N",
    }


rows_of_one_unit = st.builds(
    RosterRow,
    st.just("A"),
    st.none(),
    st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
    st.integers(0, 1439),
    st.integers(1, 1440),
).map(
    lambda row: RosterRow(row.unit, None, row.weekdays, row.start_min, row.start_min + row.end_min)
)


@given(st.lists(rows_of_one_unit, min_size=1, max_size=4), st.integers(0, 7 * 1440 - 1))
def test_weekly_rows_agree_with_a_table_of_minutes(rows: list[RosterRow], minute: int) -> None:
    table = [False] * (7 * 1440)
    for row in rows:
        for day in row.weekdays:
            for at in range(row.start_min, row.end_min):
                table[(day * 1440 + at) % (7 * 1440)] = True
    town = Layers("One post", {"units": conform(pd.DataFrame({"code": ["A"]}), "units")})
    monday = datetime(2026, 11, 23, tzinfo=SHANGHAI)
    found = states(town, monday + timedelta(minutes=minute), roster=rows)
    assert found == {"A": "ready" if table[minute] else "off"}
