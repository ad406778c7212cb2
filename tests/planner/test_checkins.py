"""Check-ins against the plan: kept, late, missed, extra, and whose times are not kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from gis.errors import FormatError, NotFoundError
from gis.patrol_rows import Checkin, TeamNight
from planner.checkin_code import code_plan, encode, noon
from planner.checkins import (
    CheckinRules,
    Report,
    compare_checkins,
    month_sheet,
    report_of_code,
    report_of_file,
)

RULES = CheckinRules(late_min=10, least_people=3)
NIGHT = date(2026, 11, 25)
DUE = datetime.fromisoformat("2026-11-25T19:10:00+08:00")


def stop(code: str, minutes: int, wait_s: int = 0, kind: str = "site") -> dict[str, object]:
    arrive = (DUE + timedelta(minutes=minutes)).isoformat()
    return {"code": code, "arrive": arrive, "wait_s": wait_s, "kind": kind}


DOCUMENT = {
    "date": "2026-11-25",
    "params": {"timezone": "Asia/Shanghai"},
    "teams": [
        {
            "code": "T1", "size": 4, "duration_s": 5400, "length_m": 3100.0,
            "depart": "2026-11-25T19:00:00+08:00",
            "stops": [stop("A", 0), stop("B", 20, wait_s=300), stop("rest", 30, kind="break"),
                      stop("C", 40)],
        }
    ],
}  # fmt: skip


def test_kept_late_missed_and_extra() -> None:
    at = {
        "A": DUE + timedelta(minutes=10),  # the last moment that is not late
        "B": DUE + timedelta(minutes=36),  # planned at 20 and a wait of 5: 11 too late
        "X": DUE + timedelta(minutes=50),
    }
    compared = compare_checkins(DOCUMENT, Report("T1", 0, at), RULES)
    assert compared.rows == (
        Checkin(NIGHT, "T1", "A", "kept", at["A"]),
        Checkin(NIGHT, "T1", "B", "late", at["B"]),
        Checkin(NIGHT, "T1", "C", "missed"),
        Checkin(NIGHT, "T1", "X", "extra", at["X"]),
    )
    assert compared.hours == TeamNight(NIGHT, "T1", 4, 5400.0, 3100.0)
    assert compared.summary() == "1 kept, 1 late, 1 missed, 1 extra"


def test_a_small_team_leaves_no_times() -> None:
    compared = compare_checkins(DOCUMENT, Report("T1", 2, {"A": DUE}), RULES)
    assert [row.at for row in compared.rows] == [None, None, None]
    assert compared.rows[0].status == "kept"
    assert compared.hours is not None
    assert compared.hours.headcount == 2


def test_a_team_that_checked_in_nowhere_has_no_hours() -> None:
    compared = compare_checkins(DOCUMENT, Report("T1", 4, {}), RULES)
    assert compared.hours is None
    assert compared.counts() == {"kept": 0, "late": 0, "missed": 3, "extra": 0}
    with pytest.raises(NotFoundError, match="no team T9 goes out on 2026-11-25"):
        compare_checkins(DOCUMENT, Report("T9", 4, {}), RULES)


def test_a_code_says_what_a_file_says() -> None:
    plan = code_plan(DOCUMENT, 0)
    # Minutes since noon: 19:11 and 19:51.
    code = encode(plan, [431, None, None, 471], people=5)
    report = report_of_code(code, DOCUMENT, 0)
    assert (report.team, report.people) == ("T1", 5)
    begin = noon(DOCUMENT)
    assert report.at == {"A": begin + timedelta(minutes=431), "C": begin + timedelta(minutes=471)}
    file = {
        "schema": "fengqiao.checkins/1", "night": "2026-11-25", "team": "T1", "people": 5,
        "stops": [{"code": "A", "at": "2026-11-25T11:11:00+00:00"},
                  {"code": "C", "at": "2026-11-25T19:51:00+08:00"}],
    }  # fmt: skip
    assert report_of_file(file) == (NIGHT, report)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "x"}, "its schema must be"),
        ({"night": "tonight"}, "cannot be read"),
        ({"stops": None}, "cannot be read"),
        ({"stops": [{"code": "A"}]}, "cannot be read"),
        ({"stops": [{"code": "A", "at": "2026-11-25T19:11:00"}]}, "times of A lack their offset"),
        ({"people": "many"}, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(change: dict[str, object], message: str) -> None:
    file = {"schema": "fengqiao.checkins/1", "night": "2026-11-25", "team": "T1", "stops": []}
    with pytest.raises(FormatError, match=message):
        report_of_file(file | change)
    with pytest.raises(FormatError):
        report_of_file([])  # type: ignore[arg-type]


def test_a_month_in_totals_without_anything_of_other_months() -> None:
    hours = [
        TeamNight(date(2026, 11, 1), "T1", 4, 5400.0, 3000.0),
        TeamNight(date(2026, 11, 30), "T1", 3, 1800.0, 500.0),
        TeamNight(date(2026, 12, 1), "T1", 9, 9999.0, 9999.0),
        TeamNight(date(2025, 11, 2), "T2", 9, 9999.0, 9999.0),
    ]
    rows = [
        Checkin(date(2026, 11, 1), "T1", "A", "kept"),
        Checkin(date(2026, 11, 1), "T1", "B", "late"),
        Checkin(date(2026, 11, 30), "T3", "A", "missed"),
        Checkin(date(2026, 12, 1), "T1", "A", "kept"),
    ]
    sheet = month_sheet(hours, rows, date(2026, 11, 15))
    assert sheet.index.tolist() == ["T1", "T3"]
    assert sheet.loc["T1"].tolist() == pytest.approx([2, 7, 2.0, 3.5, 1, 1, 0, 0])
    assert sheet.loc["T3"].tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 1, 0])
    assert month_sheet([], [], date(2026, 11, 1)).empty
