"""What phones of one team say, put together: in any order, as often as it comes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from api.leader_merge import joined, withdrawn
from gis.patrol_rows import Checkin, TeamNight
from gis.store_field import TeamField
from planner.checkins import CheckinRules, Compared, Report, compare_checkins

NIGHT = date(2026, 11, 24)
SEVEN = datetime(2026, 11, 24, 19, tzinfo=UTC)
PLAN = {
    "date": NIGHT.isoformat(),
    "teams": [
        {
            "code": "t1",
            "size": 4,
            "duration_s": 3600,
            "length_m": 2000.0,
            "stops": [
                {"code": code, "arrive": (SEVEN + timedelta(minutes=at)).isoformat(), "wait_s": 0}
                for code, at in (("a", 10), ("b", 20), ("c", 30))
            ],
        }
    ],
}
RULES = CheckinRules(late_min=10, least_people=3)


def said(stop: str, minute: int) -> Compared:
    at = SEVEN + timedelta(minutes=minute)
    return compare_checkins(PLAN, Report("t1", 4, {stop: at}), RULES)


def together(reports: list[tuple[str, int]]) -> TeamField:
    known = TeamField()
    for stop, minute in reports:
        known = joined(known, said(stop, minute))
    return known


def rows(known: TeamField) -> dict[str, tuple[str, Any]]:
    return {row.stop: (row.status, row.at) for row in known.checkins}


REPORTS = st.lists(st.tuples(st.sampled_from("abcx"), st.integers(0, 60)), max_size=8)


@given(REPORTS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters(reports: list[tuple[str, int]], chance: Any) -> None:
    again = [*reports, *reports]
    chance.shuffle(again)
    assert rows(together(again)) == rows(together(reports))


@given(REPORTS)
def test_each_stop_has_its_earliest_report(reports: list[tuple[str, int]]) -> None:
    """By hand: the earliest minute of each stop, late beyond ten minutes after the plan."""
    due = {"a": 10, "b": 20, "c": 30}
    first = {stop: min(m for s, m in reports if s == stop) for stop in {s for s, _ in reports}}
    expected = {
        stop: ("late" if minute > due[stop] + 10 else "kept") if stop in due else "extra"
        for stop, minute in first.items()
    }
    expected |= {stop: "missed" for stop in due if reports and stop not in first}
    known = rows(together(reports))
    assert {stop: status for stop, (status, _) in known.items()} == expected
    assert {s: at for s, (_, at) in known.items() if at} == {
        s: SEVEN + timedelta(minutes=m) for s, m in first.items()
    }


def test_times_that_were_not_kept_leave_the_better_status() -> None:
    known = TeamField((Checkin(NIGHT, "t1", "a", "late", None),))
    assert rows(joined(known, said("a", 10)))["a"][0] == "kept"
    known = TeamField((Checkin(NIGHT, "t1", "a", "kept", None),))
    assert rows(joined(known, said("a", 50)))["a"] == ("kept", None)


def test_a_stop_no_longer_planned_is_extra_if_it_was_reached() -> None:
    before = (
        Checkin(NIGHT, "t1", "old", "kept", SEVEN),
        Checkin(NIGHT, "t1", "older", "missed", None),
    )
    after = rows(joined(TeamField(before), said("a", 10)))
    assert after["old"] == ("extra", SEVEN)
    assert "older" not in after


def test_a_slip_is_taken_back() -> None:
    known = together([("a", 10), ("x", 12)])
    assert known.hours == TeamNight(NIGHT, "t1", 4, 3600.0, 2000.0)
    known = withdrawn(known, "x", planned=False)
    assert "x" not in rows(known)
    assert known.hours is not None
    known = withdrawn(known, "a", planned=True)
    assert rows(known)["a"] == ("missed", None)
    assert known.hours is None
