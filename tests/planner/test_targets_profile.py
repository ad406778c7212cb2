from __future__ import annotations

import contextlib
import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import FormatError, NotFoundError
from gis.profiles import load
from planner.targets_measures import MEASURES as FUNCTIONS
from planner.targets_profile import MEASURES, load_profile, profile_of

NOTICE = [
    *(f"A{k}" for k in range(1, 18)),
    *(f"C{k}" for k in range(1, 6)),
    *("R1", "R2", "R3", "S1", "S2", "S3", "B1"),
]


def profile(**changes: Any) -> dict[str, Any]:
    target = {
        "id": "X1",
        "clause": "-",
        "zh": "甲",
        "en": "a",
        "measure": "places_where",
        "scope": "village",
        "places": [{"layer": "villages"}],
        "where": [{"fact": "officers", "op": ">=", "value": 1}],
        "threshold": {"op": ">=", "value": 1},
        "needs_zh": "数",
        "needs_en": "data",
    }
    return {"zh": "自", "en": "own", "target": [{**target, **changes}]}


def faults(table: dict[str, Any]) -> str:
    with pytest.raises(FormatError) as caught:
        profile_of(table, "own")
    return str(caught.value)


def test_the_notice_is_there_as_a_whole() -> None:
    notice = load_profile("binhai-2019")
    assert sorted(t.id for t in notice.targets) == sorted(NOTICE)
    set_by_notice = {t.id for t in notice.targets if t.threshold is None}
    assert set_by_notice == {"A1", "A8", "A13", "R2"}
    assert next(t for t in notice.targets if t.id == "A15").due == (
        date(2022, 8, 7),
        date(2024, 8, 7),
    )
    assert all(t.clause.startswith("[") for t in notice.targets)


@pytest.mark.parametrize("name", ["binhai-2019", "national-2015"])
def test_no_profile_asks_what_cameras_recognise(name: str) -> None:
    targets = load_profile(name).targets
    questions = [t.question for t in targets]
    questions += [q for t in targets for *_, q in t.beside]
    assert {q.measure for q in questions} <= set(MEASURES) - {"places_with_camera"}


def test_what_is_left_out_has_its_reason_in_both_languages() -> None:
    items = load_profile("binhai-2019").left_out
    assert len(items) >= 8
    for item in items:
        assert all(item[k] for k in ("clause", "zh", "en", "reason_zh", "reason_en"))


def test_every_measure_has_its_function() -> None:
    assert set(FUNCTIONS) == set(MEASURES)


def test_words_are_there_in_both_languages() -> None:
    words = load("targets")
    for part in ("scopes", "units", "short", "columns", "layers", "lacking", "notes"):
        for name, pair in words[part].items():
            assert set(pair) == {"zh", "en"}, name
    for target in load_profile("binhai-2019").targets:
        for name in target.words:
            assert name.replace("_zh", "_en") in target.words


def test_a_profile_that_nobody_knows() -> None:
    with pytest.raises(NotFoundError, match="binhai-2019"):
        load_profile("nowhere")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"clause": ""}, "lacks clause"),
        ({"measure": "guess"}, "measure 'guess' is none of places_where"),
        ({"measure": "ratio", "part": {"fact": "officers"}}, "ratio lacks whole"),
        ({"scope": "planet"}, "scope 'planet'"),
        ({"unit": "furlong"}, "unit 'furlong'"),
        ({"colour": "red"}, "does not know colour"),
        ({"places": [{"layer": "people"}]}, "layer 'people'"),
        ({"places": [{"layer": "villages", "only": {"tint": ["x"]}}]}, "no column tint"),
        ({"places": [{"layer": "sites", "facts": ["age"]}]}, "no fact 'age'"),
        ({"places": [{"layer": "villages", "known": ["kind"]}]}, "known kind is not in only"),
        ({"where": [{"fact": "name_of_officer"}]}, "no fact 'name_of_officer'"),
        ({"where": [{"fact": "officers", "op": "~", "value": 1}]}, "operator '~'"),
        ({"where": [{"fact": "officers", "op": ">=", "value": "one"}]}, "a number or a day"),
        ({"where": [{"column": "age"}]}, "villages has no column age"),
        ({"where": [{"rows": "teams"}]}, "rows of teams: lacks by"),
        ({"where": [{"rows": "incidents", "by": "village"}]}, "no layer 'incidents' to count"),
        ({"where": [{"fact": "incidents_total", "op": "<", "value": 3}]}, "hidden where small"),
        ({"where": [{}]}, "a figure has one of"),
        ({"cases": [{"where": []}]}, "a case has when and where"),
        ({"threshold": {"op": "~"}}, "threshold needs op"),
        ({"threshold": {"op": ">="}}, "a number as value, or a fact"),
        ({"due": "soon"}, "due must be a day"),
        ({"beside": [{"zh": "甲", "en": "a"}]}, "beside: lacks name"),
        ({"fallback": {"measure": "total"}}, "fallback: total lacks part"),
        ({"places": {"layer": "villages"}}, "places must be a list of tables"),
        ({"places": ["villages"]}, "places must be a list of tables"),
        ({"where": {"fact": "officers"}}, "where must be a list of tables"),
        ({"where": [{"fact": ["officers"]}]}, "where: fact must be a text"),
        ({"cases": [{"when": 3, "where": 4}]}, "cases: when must be a table"),
        ({"beside": "x"}, "beside must be a list of tables"),
        ({"fallback": 3}, "fallback must be a table"),
        ({"camera": ["hd"]}, "camera must be a table of columns"),
        ({"places": [{"layer": "cameras", "since": {"installed": 2016}}]}, "columns and days"),
        ({"threshold": {"op": ">=", "value": 1, "of": 0}}, "a number other than 0"),
        ({"threshold": {"op": ">=", "value": 80}}, "a share is from 0 to 1, not 80"),
        ({"thresold": {}}, "does not know thresold (perhaps threshold)"),
        ({"where": [{"fact": "oficers"}]}, "no fact 'oficers' (perhaps officers)"),
        ({"where": [{"columm": "rural"}]}, "does not know columm (perhaps column)"),
        ({"places": [{"layer": "villages", "only": {"knd": ["x"]}}]}, "knd (perhaps kind)"),
        (
            {"places": [{"layer": "villages", "only": {"kind": "vilage"}}]},
            "never 'vilage' (perhaps",
        ),
        (
            {"where": [{"rows": "cameras", "by": "site_cod"}]},
            "rows: cameras has no column site_cod",
        ),
        ({"camera": {"kind": ["spyglass"]}}, "cameras.kind is never 'spyglass' (fixed, "),
    ],
)
def test_a_fault_is_named(changes: dict[str, Any], said: str) -> None:
    message = faults(profile(**changes))
    assert "target X1: " in message
    assert said in message


@given(data=st.data())
@settings(deadline=None, max_examples=150)
def test_whatever_is_written_is_read_or_named(data: st.DataObject) -> None:
    """One part of a real target is replaced by something else: never another error."""
    table = copy.deepcopy(load("binhai-2019", "targets"))
    part: Any = data.draw(st.sampled_from(table["target"]))
    table["target"] = [part]
    while True:
        at = data.draw(st.sampled_from(list(part) if isinstance(part, dict) else range(len(part))))
        if not (isinstance(part[at], (dict, list)) and part[at] and data.draw(st.booleans())):
            break
        part = part[at]
    part[at] = data.draw(st.sampled_from(["x", 3, -1.5, True, [], {}, ["x"], [{}], {"op": "x"}]))
    with contextlib.suppress(FormatError):
        assert profile_of(table, "own").targets


def test_all_faults_are_named_at_once() -> None:
    table = profile(scope="planet", clause="")
    table["target"].append({**profile()["target"][0], "unit": "furlong"})
    table |= {"en": "", "more": 1, "left_out": [{"clause": "[1]"}]}
    message = faults(table)
    for said in ("10 faults", "lacks en", "does not know more", "planet", "furlong", "left_out 1"):
        assert said in message
    assert "has the id of another target" in message
    assert "has no [[target]]" in faults({"zh": "自", "en": "own"})


def test_a_sound_profile_is_read() -> None:
    target = profile_of(profile(threshold={"op": ">=", "value": 1, "of": 3}), "own").targets[0]
    assert target.threshold is not None
    assert target.threshold.value == pytest.approx(1 / 3)
    assert target.question.cases[0].where[0].figure.name == "officers"
