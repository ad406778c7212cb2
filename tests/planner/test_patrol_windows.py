from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from planner.patrol_windows import of_the_evening, visits_apart


@given(
    begin=st.integers(0, 90_000),
    room=st.integers(0, 20_000),
    visits=st.integers(1, 6),
    gap=st.integers(0, 7200),
    dwell=st.integers(0, 1800),
    least=st.integers(60, 1800),
)
def test_visits_are_apart_whenever_each_begins(
    begin: int, room: int, visits: int, gap: int, dwell: int, least: int
) -> None:
    found = visits_apart((begin, begin + room), visits, gap, dwell, least)
    assert [visit.number for visit in found] == list(range(visits))
    possible = [visit for visit in found if visit.closes_s >= visit.opens_s]
    assert possible
    for earlier, later in pairwise(possible):
        assert later.opens_s - (earlier.closes_s + dwell) >= gap
    for visit in possible:
        assert begin <= visit.opens_s <= visit.closes_s <= begin + room
        assert len(possible) == 1 or visit.closes_s - visit.opens_s >= least
    if len(possible) < visits:
        more = len(possible) + 1
        assert room - (more - 1) * (gap + dwell) < more * least


def test_a_window_after_midnight_is_that_of_the_night_that_began_before() -> None:
    evening = (22 * 3600, 27 * 3600)
    assert of_the_evening((3600, 7200), evening) == (25 * 3600, 26 * 3600)
    assert of_the_evening((22 * 3600, 23 * 3600), evening) == (22 * 3600, 23 * 3600)


def test_a_morning_window_stays_in_the_morning_of_a_morning_shift() -> None:
    assert of_the_evening((7 * 3600, 8 * 3600), (6 * 3600, 9 * 3600)) == (7 * 3600, 8 * 3600)
