"""Check-in codes: what is put in comes out, slips are found, the page's script says the same."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import FormatError, ParameterError
from planner.checkin_code import (
    ALPHABET,
    FIRST_NIGHT,
    MOST_MINUTES,
    CodePlan,
    code_plan,
    decode,
    encode,
    head_of,
    noon,
)

SCRIPT = Path(__file__).parents[2] / "maps" / "templates" / "patrol_code.js"
PLAN = CodePlan(date(2026, 11, 25), 2, 77, (440, 455, 470))


@st.composite
def reports(draw: Any) -> tuple[CodePlan, list[int | None], int]:
    due = draw(st.lists(st.integers(0, 1500), max_size=30))
    late = st.none() | st.integers(-20, 60) | st.integers(-MOST_MINUTES, MOST_MINUTES)
    at = [None if (by := draw(late)) is None else minute + by for minute in due]
    night = date.fromordinal(FIRST_NIGHT.toordinal() + draw(st.integers(0, 8191)))
    plan = CodePlan(night, draw(st.integers(0, 127)), draw(st.integers(0, 1023)), tuple(due))
    return plan, at, draw(st.integers(0, 31))


@given(reports())
def test_what_is_put_in_comes_out(report: tuple[CodePlan, list[int | None], int]) -> None:
    plan, at, people = report
    code = encode(plan, at, people)
    assert head_of(code) == (plan.night, plan.team, plan.mark)
    read = decode(code.lower().replace("0", "o").replace("-", " "), plan)
    assert (read.at_min, read.people) == (tuple(at), people)


def test_an_evening_of_ten_stops_is_short_enough_to_be_read_out() -> None:
    plan = CodePlan(date(2026, 11, 25), 0, 5, tuple(range(420, 520, 10)))
    code = encode(plan, [minute + n % 5 for n, minute in enumerate(plan.due_min)], 4)
    assert len(code.replace("-", "")) <= 24


@given(st.integers(0, 200), st.sampled_from(ALPHABET))
def test_every_wrong_sign_is_found(at: int, sign: str) -> None:
    code = encode(PLAN, [441, None, 474], 4).replace("-", "")
    at %= len(code)
    if code[at] != sign:
        with pytest.raises(FormatError, match="sign by sign"):
            decode(code[:at] + sign + code[at + 1 :], PLAN)


def test_every_two_signs_exchanged_are_found() -> None:
    code = encode(PLAN, [441, None, 474], 4).replace("-", "")
    for at in range(len(code) - 1):
        other = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        if other != code:
            with pytest.raises(FormatError):
                decode(other, PLAN)


def test_a_code_of_another_plan_is_refused() -> None:
    code = encode(PLAN, [441, None, 474])
    with pytest.raises(FormatError, match="planned again"):
        decode(code, CodePlan(PLAN.night, 2, 78, PLAN.due_min))
    with pytest.raises(FormatError, match="night or team"):
        decode(code, CodePlan(PLAN.night, 3, 77, PLAN.due_min))
    with pytest.raises(FormatError, match=r"short|more"):
        decode(code, CodePlan(PLAN.night, 2, 77, (440,)))


@pytest.mark.parametrize("code", ["", "???", "4ATG", "报到"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(FormatError):
        head_of(code)


def test_what_has_no_room_is_refused() -> None:
    with pytest.raises(ParameterError, match="2 minutes for 3 stops"):
        encode(PLAN, [1, 2])
    with pytest.raises(ParameterError, match="no time of that night"):
        encode(PLAN, [440 + MOST_MINUTES + 1, None, None])


def test_minutes_count_through_the_night_when_clocks_are_put_back() -> None:
    stops = [
        {"code": "a", "arrive": "2026-10-25T02:30:00+02:00"},
        {"code": "b", "arrive": "2026-10-25T02:30:00+01:00"},
    ]
    document = {
        "date": "2026-10-24",
        "params": {"timezone": "Europe/Berlin"},
        "teams": [{"code": "t", "depart": "2026-10-24T22:00:00+02:00", "stops": stops}],
    }
    assert noon(document).isoformat() == "2026-10-24T10:00:00+00:00"
    assert code_plan(document, 0).due_min == (14 * 60 + 30, 15 * 60 + 30)


@settings(max_examples=1)
@given(st.lists(reports(), min_size=60, max_size=60))
def test_the_script_of_the_page_makes_the_same_codes(rows: list[Any]) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node to run the page's script")
    asked = [
        [
            {
                "day": (plan.night - FIRST_NIGHT).days,
                "team": plan.team,
                "mark": plan.mark,
                "due": plan.due_min,
            },
            at,
            people,
        ]
        for plan, at, people in rows
    ]
    code = SCRIPT.read_text("utf-8") + (
        "\nconst rows = JSON.parse(require('fs').readFileSync(0, 'utf-8'));"
        "console.log(JSON.stringify(rows.map(([plan, at, n]) => codeOf(plan, at, n))));"
    )
    done = subprocess.run(
        [node, "-e", code], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [encode(*row) for row in rows]
