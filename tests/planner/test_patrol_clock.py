from __future__ import annotations

from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from planner.patrol_clock import Clock

ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Europe/Helsinki", "America/New_York"])
# In 2026 clocks change on 8 and 29 March, 25 October and 1 November.
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31)) | st.sampled_from(
    [date(2026, 3, 28), date(2026, 10, 24), date(2026, 3, 7), date(2026, 10, 31)]
)


@given(day=DAYS, zone=ZONES, tick=st.integers(0, 2 * 86_400))
def test_ticks_are_seconds_that_pass(day: date, zone: str, tick: int) -> None:
    clock = Clock(day, zone)
    begin, then = (datetime.fromisoformat(clock.iso(t)) for t in (0, tick))
    assert (then - begin).total_seconds() == tick


@given(day=DAYS, zone=ZONES, minute=st.integers(0, 2 * 1440 - 1))
def test_a_tick_shows_the_time_it_was_made_from(day: date, zone: str, minute: int) -> None:
    clock = Clock(day, zone)
    shown = clock.wall_s(clock.tick(minute * 60))
    # An hour that clocks leave out is shown as the one after it.
    assert shown - minute * 60 in (0, 3600)


def test_a_night_on_which_clocks_go_back_is_an_hour_longer() -> None:
    clock = Clock(date(2026, 10, 24), "Europe/Berlin")
    assert clock.tick(28 * 3600) - clock.tick(22 * 3600) == 7 * 3600
    assert clock.iso(clock.tick(28 * 3600)) == "2026-10-25T04:00:00+01:00"
