"""The rectification list in words: grouped by unit and fault, what is due first stands first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planner.rectification_text import NAMED, lines
from planner.results_rectification import COLUMNS, Rectification, no_items


def item(fault: str, code: str, **more: Any) -> dict[str, Any]:
    whole = dict.fromkeys(COLUMNS) | {
        "id": f"{fault}/{code}",
        "fault": fault,
        "code": code,
        "name": code.upper(),
        "unit": "West",
        "due": "2026-12-02",
        "state": "open",
        "times": 1,
        "zh": "摄像机待维修",
        "en": "camera in repair",
    }
    return whole | more


def listed(*items: dict[str, Any]) -> Rectification:
    table = pd.DataFrame(list(items), columns=list(COLUMNS)).astype(no_items().dtypes.to_dict())
    return Rectification("2026-11-25", 1, table)


TARGET: dict[str, Any] = {
    "target": "A2",
    "zh": "指标A2（社区岗位）未达标：补足岗位：辅警数缺1人",
    "en": "target A2 (posts) not met: Fill the posts: Auxiliaries: short of 1",
    "due": "2027-02-23",
}
CLOSED: dict[str, Any] = {"state": "closed", "closed": "2026-11-24"}


def test_a_list_is_told_by_unit_and_fault() -> None:
    told = listed(
        item("camera_repair", "c1", due="2026-11-20", state="overdue", unit="East"),
        item("camera_repair", "c2"),
        item("camera_repair", "c3", due="2026-12-09", times=2),
        item("target", "v1", **TARGET),
        item("camera_repair", "c4", **CLOSED),
    )
    assert lines(told, "en") == [
        "Rectification list  2026-11-25  to mend 4, of them overdue 1, closed 1",
        "",
        "East  to mend 1, of them overdue 1",
        "  camera in repair  1, 1 of them overdue, the first was due 2026-11-20",
        "    overdue, C1 (c1)",
        "",
        "West  to mend 3, of them overdue 0",
        "  camera in repair  2, the first due 2026-12-02",
        "    C2 (c2)  due 2026-12-02",
        "    C3 (c3)  opened 2 times  due 2026-12-09",
        "  target A2 (posts) not met  1, due 2027-02-23",
        "    V1 (v1)  Fill the posts: Auxiliaries: short of 1",
    ]
    zh = lines(told, "zh", closed=True)
    assert zh[0] == "整改清单  2026-11-25  待整改 4，其中已逾期 1，已销号 1"
    assert "    V1 (v1)  补足岗位：辅警数缺1人" in zh
    assert zh[-2:] == ["已销号", "  已销号（2026-11-24） C4 (c4)  摄像机待维修"]


def test_many_places_of_a_fault_are_cut_short_unless_one_unit_is_asked_for() -> None:
    told = listed(*(item("camera_repair", f"c{k}") for k in range(NAMED + 3)))
    short = lines(told, "zh")
    assert short[-1] == "    另有 3处（列全：--unit West）"
    assert len(short) == 4 + NAMED + 1
    whole = lines(told, "zh", unit="West")
    assert [line.strip() for line in whole[4:]] == [f"C{k} (c{k})" for k in range(NAMED + 3)]


@pytest.mark.parametrize(("lang", "said"), [("zh", "没有责任单位为“North”"), ("en", "by North")])
def test_a_unit_that_has_nothing_to_mend_is_answered_with_those_that_have(
    lang: str, said: str
) -> None:
    (line,) = lines(listed(item("camera_repair", "c1")), lang, unit="North")
    assert said in line
    assert "West" in line


def test_what_nobody_can_tell_any_more_says_so() -> None:
    note = {"note_zh": "资料缺失", "note_en": "no data"}
    assert lines(listed(item("camera_repair", "c1", **note)), "zh")[-1].endswith("[资料缺失]")


def test_an_empty_list_is_a_line() -> None:
    assert lines(listed(), "en") == [
        "Rectification list  2026-11-25  to mend 0, of them overdue 0, closed 0"
    ]
