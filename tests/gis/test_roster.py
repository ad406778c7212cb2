"""Rosters of posts as people write them, and everything that is wrong with them by row."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import openpyxl
import pytest

from gis.duty_rows import RosterRow
from gis.errors import FormatError, LayerFaultsError
from gis.roster import RosterFile, read_roster

HEAD = "unit,date or weekday,from,to,state,standby point\n"
UNITS = ("U01", "U02")


def read(tmp_path: Path, *rows: str, head: str = HEAD) -> RosterFile:
    file = tmp_path / "roster.csv"
    file.write_text(head + "\n".join(rows), encoding="utf-8")
    return read_roster(file, units=UNITS, places=("P1", "U02"))


def faults(tmp_path: Path, *rows: str) -> list[tuple[int | str | None, str | None, str]]:
    with pytest.raises(LayerFaultsError) as caught:
        read(tmp_path, *rows)
    return [(fault.row, fault.column, fault.problem) for fault in caught.value.faults]


def test_rows_with_dates_weekdays_states_and_places(tmp_path: Path) -> None:
    read_file = read(
        tmp_path,
        "U01,2026-11-25,08:00,18:00,ready,P1",
        "U02,Mon-Fri,22:00,06:00,,",
        'U01,Sat,09:00,12:00,busy,"120.712345,30.123456"',
        "U02,周日,0:00,24:00,off,U02",
    )
    assert read_file.rows == (
        RosterRow("U01", date(2026, 11, 25), (), 480, 1080, "ready", "P1"),
        RosterRow("U02", None, (0, 1, 2, 3, 4), 1320, 1800),
        RosterRow("U01", None, (5,), 540, 720, "busy", None, 120.712345, 30.123456),
        RosterRow("U02", None, (6,), 0, 1440, "off", "U02"),
    )
    assert read_file.summary() == f"{tmp_path / 'roster.csv'}: 4 rows for 2 posts"


def test_a_chinese_workbook_without_the_names_in_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["某派出所一周勤务安排"])
    sheet.append(
        [
            "警力编码",
            "日期或星期",
            "开始时间",
            "结束时间",
            "状态",
            "待命点",
            "民警姓名",
            "警号",
            "联系电话",
            "备注",
        ]
    )
    sheet.append(
        [
            "U01",
            date(2026, 11, 28),
            time(20, 0),
            time(6, 0),
            "备勤",
            "P1",
            "张三",
            "012345",
            "13800000000",
            "x",
        ]
    )
    sheet.append(
        [
            "Ｕ02",
            "周一至周五",
            "８：３０",
            "17:30",
            "在岗",
            None,
            "李四",
            "012346",
            "13900000000",
            "",
        ]
    )
    file = tmp_path / "勤务.xlsx"
    book.save(file)
    found = read_roster(file, units=UNITS, places=("P1",))
    assert found.rows == (
        RosterRow("U01", date(2026, 11, 28), (), 1200, 1800, "ready", "P1"),
        RosterRow("U02", None, (0, 1, 2, 3, 4), 510, 1050),
    )
    assert found.dropped_columns == ("民警姓名", "联系电话")
    assert found.left_out == ("警号", "备注")
    assert "personal columns dropped: 民警姓名, 联系电话" in found.summary()
    assert "张三" not in repr(found)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("周一至周五", (0, 1, 2, 3, 4)),
        ("周一至五", (0, 1, 2, 3, 4)),
        ("周六、周日", (5, 6)),
        ("星期天", (6,)),
        ("Fri-Mon", (0, 4, 5, 6)),
        ("sat to sun", (5, 6)),
        ("Monday; Wednesday", (0, 2)),
        ("工作日", (0, 1, 2, 3, 4)),
        ("每天", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_days_of_the_week(tmp_path: Path, text: str, days: tuple[int, ...]) -> None:
    assert read(tmp_path, f'U01,"{text}",08:00,09:00,,').rows[0].weekdays == days


@pytest.mark.parametrize(
    "text", ["2026-11-25", "2026/11/25", "2026.11.25", "20261125", "2026年11月25日", "46351"]
)
def test_dates(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, f"U01,{text},08:00,09:00,,").rows[0].day == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("08:00", "18:00", (480, 1080)),
        ("8：00", "18点", (480, 1080)),
        ("0800", "1800", (480, 1080)),
        ("08:00:00", "18:00:00", (480, 1080)),
        ("20:00", "06:00", (1200, 1800)),
        ("20:00", "次日06:00", (1200, 1800)),
        ("08:00", "次日09:00", (480, 1980)),
        ("08:00", "08:00", (480, 1920)),
        ("00:00", "24:00", (0, 1440)),
        ("20:00", "24:00", (1200, 1440)),
    ],
)
def test_times(tmp_path: Path, begin: str, end: str, minutes: tuple[int, int]) -> None:
    row = read(tmp_path, f"U01,Mon,{begin},{end},,").rows[0]
    assert (row.start_min, row.end_min) == minutes


def test_every_fault_is_told_by_row(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "U09,Mon,08:00,18:00,,",
        ",Mon,08:00,18:00,,",
        "U01,someday,25:00,18:99,asleep,nowhere",
        "U01,2026-02-30,24:00,,ready,",
        'U01,Mon,08:00,09:00,,"220.5,30.1"',
        "U01,Mon,8.30,0.75,,",  # half past eight, or a share of the day? nobody knows
    )
    assert [(row, column) for row, column, _ in found] == [
        (2, "unit"),
        (3, "unit"),
        *[(4, c) for c in ("date or weekday", "from", "to", "state", "standby point")],
        *[(5, c) for c in ("date or weekday", "to", "from")],
        (6, "standby point"),
        *[(7, c) for c in ("from", "to")],
    ]
    assert '"U09" is not the code of a unit' in found[0][2]
    assert found[1][2] == "is missing"


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ("U01,Mon,08:00,12:00,ready,", "U01,Mon,11:00,13:00,busy,", True),
        ("U01,Mon,08:00,12:00,ready,", "U01,Mon,12:00,13:00,busy,", False),
        ("U01,Mon,08:00,12:00,ready,", "U02,Mon,11:00,13:00,busy,", False),
        ("U01,Mon,08:00,12:00,ready,", "U01,Mon,11:00,13:00,ready,", False),
        ("U01,Mon,08:00,12:00,ready,P1", "U01,Mon,11:00,13:00,ready,", True),
        ("U01,Sun,22:00,06:00,ready,", "U01,Mon,05:00,07:00,busy,", True),
        ("U01,Sun,22:00,06:00,ready,", "U01,Mon,06:00,07:00,busy,", False),
        ("U01,2026-11-25,22:00,06:00,ready,", "U01,2026-11-26,05:00,07:00,busy,", True),
        ("U01,2026-11-25,22:00,06:00,ready,", "U01,2026-11-26,06:00,07:00,busy,", False),
        # A day off is a date that goes before the weekday: no clash.
        ("U01,Wed,08:00,12:00,ready,", "U01,2026-11-25,00:00,24:00,off,", False),
    ],
)
def test_rows_that_contradict_each_other(
    tmp_path: Path, first: str, second: str, clash: bool
) -> None:
    if not clash:
        assert len(read(tmp_path, first, second).rows) == 2
        return
    assert faults(tmp_path, first, second) == [
        (3, None, "overlaps row 2, which says otherwise of U01")
    ]


def test_a_table_that_is_no_roster_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no column day .*, to "):
        read(tmp_path, "U01,08:00", head="unit,from\n")
    geojson = tmp_path / "roster.geojson"
    geojson.write_text("{}")
    with pytest.raises(FormatError, match=r"\.xlsx or \.csv"):
        read_roster(geojson, units=UNITS)
