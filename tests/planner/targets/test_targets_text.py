"""The targets in words, of the town whose targets are worked out by hand."""

from __future__ import annotations

import re

import pytest

from planner.results_targets import STATUSES, Targets
from planner.targets_text import ORDER, lines


def block(told: list[str], target: str) -> list[str]:
    """Return the line of a target and those under it."""
    at = next(k for k, line in enumerate(told) if line.startswith(f"  {target} "))
    under = next((k for k in range(at + 1, len(told)) if told[k][:6].strip()), len(told))
    return [line for line in told[at:under] if line]


def test_counts_come_first_and_what_is_not_met_before_all(result: Targets) -> None:
    assert set(ORDER) == set(STATUSES)
    told = lines(result, "zh")
    assert told[0] == f"{result.title['zh']}  {result.today}"
    counts = result.targets["status"].value_counts()
    assert told[1].startswith(f"未达标 {counts['not_met']}  无法判定 {counts['cannot_tell']}")
    assert told[3] == "未达标"
    heads = [line for line in told if line in ("未达标", "无法判定", "达标", "只报数")]
    assert heads == ["未达标", "无法判定", "达标", "只报数"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_target_has_one_line(result: Targets, lang: str) -> None:
    told = [line for line in lines(result, lang) if re.match(r"  [A-Z]\d", line)]
    assert sorted(line.split()[0] for line in told) == sorted(result.targets["id"])


def test_a_line_tells_value_count_limit_and_who_fails(result: Targets) -> None:
    line, fails = block(lines(result, "zh"), "A3")
    assert line.replace("\u202f", "") == "  A3  一村一辅警，50%，1 / 2 村，目标 ≥ 100%"
    assert fails.strip().startswith("1处未达标（补足岗位）：乙村（辅警数缺1人）")
    line, _ = block(lines(result, "en"), "A3")
    assert ", 1 of 2, target ≥ 100" in line


def test_the_year_before_and_the_other_readings_are_told(result: Targets) -> None:
    (line,) = block(lines(result, "en"), "A1")
    assert line.replace("\u202f", "").endswith("better (33.3% on 2024-12-31)")
    beside = block(lines(result, "zh"), "C4")[-1].replace("\u202f", "")
    assert "其他口径：至少有一个摄像机的村 50%、村内空地可见面积 20%" in beside


def test_what_cannot_be_told_says_what_is_missing(result: Targets) -> None:
    targets = result.targets
    unclear = targets.loc[targets["status"] == "cannot_tell", "id"]
    assert len(unclear)
    for target in unclear:
        under = [line.strip() for line in block(lines(result, "zh"), target)[1:]]
        lacking = result.lacking.loc[result.lacking["target"] == target, "zh"].tolist()
        assert lacking
        assert under[: len(lacking)] == lacking
