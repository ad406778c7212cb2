"""The overview, its parts, and the sheets for paper, as text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from gis.duty_rows import Closure, OpenIncident, SentUnit
from gis.layers import WGS84, Layers, conform
from gis.store_field import Hazard, Signal
from maps.overlays_dashboard import (
    LAYERS,
    THEMES,
    checkpoints_theme,
    coverage_theme,
    empty_layers,
    patrol_theme,
    response_theme,
)
from maps.pages import HOME, LIVE, PAGES, PageView
from maps.pages_briefing import Shift, briefing_page
from maps.pages_dashboard import Moment, dashboard_page, dashboard_parts, now_layers, overview
from maps.panels_dashboard import Answers, guard_text, key_figures, worst_exits, worst_lists
from maps.panels_dashboard_hours import day_hours
from maps.panels_dashboard_live import hazards_seen, open_cases, state_counts, teams_tonight
from maps.views import town_bounds
from maps.words import words
from planner.duty import UnitState
from planner.patrol import Patrol
from planner.results_coverage import Coverage
from planner.results_response import Response
from planner.results_targets import Targets

NASTY = "<script>alert(1)</script>&amp;</b>"
NOW = datetime(2026, 11, 24, 19, 20, tzinfo=timezone(timedelta(hours=8)))
LINKS = {page: f"pages/{page}?lang=zh" for page in (*PAGES, *LIVE)} | {HOME: "./", "lang": "x"}
ZH = words("zh")


def exits_of(*rows: tuple[str, float, bool, bool]) -> gpd.GeoDataFrame:
    """Return roads out of town: code, weight, whether the ways in and out are guarded."""
    codes, weights, inward, outward = (list(column) for column in zip(*rows, strict=True))
    both = [a and b for a, b in zip(inward, outward, strict=True)]
    table = {
        "code": codes, "name": codes, "weight": weights, "inward": inward, "outward": outward,
        "both": both, "checkpoints": [""] * len(codes),
    }  # fmt: skip
    spots = [Point(120.72 + n / 1000, 30.15) for n in range(len(codes))]
    return gpd.GeoDataFrame(table, geometry=spots, crs=WGS84)


EXITS = exits_of(
    ("a", 3.0, False, False), ("b", 5.0, True, False), ("c", 4.0, False, False),
    ("d", 5.0, True, True), ("e", 3.0, False, False),
)  # fmt: skip


@pytest.fixture(scope="module")
def answers(coverage: Coverage, response: Response, targets: Targets, patrol: Patrol) -> Answers:
    return Answers(coverage, response, targets, patrol, EXITS)


@pytest.fixture(scope="module")
def manned(town: Layers) -> Layers:
    """Return the town with three units."""
    units = gpd.GeoDataFrame(
        {"code": ["u1", "u2", "u3"], "name": [NASTY, "二号岗", None], "kind": ["station"] * 3},
        geometry=[Point(120.721 + n / 1000, 30.1525) for n in range(3)],
        crs=WGS84,
    ).assign(mode="car")
    return town.replaced(units=conform(units, "units"))


def incident(number: int, minutes: int, *units: SentUnit) -> OpenIncident:
    opened = NOW - timedelta(minutes=minutes)
    return OpenIncident("fight", 120.722, 30.152, opened, NASTY, "v1", 1, units, number)


@pytest.fixture
def moment() -> Moment:
    there = SentUnit("u1", NOW, NOW)
    return Moment(
        NOW,
        2,
        {
            "u1": UnitState("u1", "busy", "sent"),
            "u2": UnitState("u2", "ready"),
            "u3": UnitState("u3", "off"),
        },
        (incident(1, 30, there), incident(2, 5, SentUnit("u2", NOW)), incident(3, 1)),
        (Closure("s1", NOW, None, "抢修"),),
        (Signal(date(2026, 11, 24), "t1", "set_out", None, NOW),),
        (Hazard("h", "lamp", 120.722, 30.152, date(2026, 11, 24), "t1", NOW, number=7),),
    )


def view(town: Layers, lang: str = "zh") -> PageView:
    return PageView(town.town, lang, LINKS, town_bounds(town), made_up=True)  # type: ignore[arg-type]


def test_a_key_figure_is_that_of_the_target_else_of_the_answer(
    answers: Answers, response: Response
) -> None:
    figures = key_figures(answers, LINKS, ZH)
    target = figures[0]
    assert (target.state, target.sign, target.word) == ("met", "●", "达标")
    assert target.figure.value == "76\u202f%"
    assert target.figure.doubt == "(71–83)"
    assert target.figure.count == "19 / 25"
    assert target.figure.target == "目标 ≥\u202f50\u202f%"
    assert target.href == "pages/targets?lang=zh#show=target:C1"
    tiers = response.tiers
    met, sites = int(tiers["met"].sum()), int(tiers["sites"].sum())
    in_time = figures[2]
    assert in_time.figure.count == f"{met} / {sites}"
    assert (in_time.state, in_time.href) == ("", "pages/response?lang=zh")


def test_required_stops_count_those_nobody_visits(answers: Answers, patrol: Patrol) -> None:
    figure = key_figures(answers, LINKS, ZH)[3]
    assert len(patrol.unmet) == 1
    assert figure.figure.count == "1 / 2"
    assert (figure.figure.value, figure.state) == ("50\u202f%", "not_met")
    alone = replace(answers, patrol=replace(patrol, unmet=patrol.unmet.iloc[:0]))
    assert key_figures(alone, LINKS, ZH)[3].state == "met"


def test_without_answers_nothing_can_be_told() -> None:
    figures = key_figures(Answers(), LINKS, ZH)
    assert [one.state for one in figures] == ["cannot_tell"] * 4
    assert {one.figure.value for one in figures} == {"无法判定"}
    assert worst_lists(Answers(), ZH) == {}


def test_the_widest_unguarded_roads_come_first() -> None:
    assert worst_exits(EXITS)["code"].tolist() == ["c", "a", "e"]
    assert worst_exits(exits_of(("x", 1.0, True, True))).empty
    told = [guard_text(row, ZH) for row in EXITS.itertuples()]
    assert told == ["无卡口", "仅单向有卡口", "无卡口", "双向有卡口", "无卡口"]


def test_worst_three_of_each_theme_lead_to_their_place(answers: Answers) -> None:
    lists = worst_lists(answers, ZH)
    assert tuple(lists) == THEMES
    assert all(len(section.entries) <= 3 for section in lists.values())
    assert lists["coverage"].entries[0].key.startswith("gap:")
    assert lists["response"].entries[0].key.startswith("reach:")
    assert [one.key for one in lists["checkpoints"].entries] == ["exit:c", "exit:a", "exit:e"]


def test_each_theme_draws_the_layers_it_is_known_by(
    answers: Answers, town: Layers, coverage: Coverage, response: Response, patrol: Patrol
) -> None:
    made = {
        "coverage": coverage_theme(town, coverage, ZH),
        "response": response_theme(town, response, ZH),
        "patrol": patrol_theme(patrol, ZH),
        "checkpoints": checkpoints_theme(
            town, EXITS, worst_exits(EXITS), 0, lambda row: guard_text(row, ZH), ZH
        ),
    }
    for theme, layers in made.items():
        first, close = layers.document(close=False), layers.document(close=True)
        assert sorted([*first, *close]) == sorted(LAYERS[theme])  # type: ignore[index]
        assert all(layer["from_zoom"] for layer in close.values())
        assert not any(layer["from_zoom"] for layer in first.values())
    names = [layer.name for layer in empty_layers()]
    assert len(names) == len(set(names))
    keys = {
        theme: {f["properties"].get("key") for one in layers.overlays for f in one.features}
        for theme, layers in made.items()
    }
    # What one selects stays in its theme.
    for one in THEMES:
        for other in THEMES:
            assert one == other or not (keys[one] & keys[other]) - {None}
    worst = worst_lists(answers, ZH)
    for theme in ("coverage", "response", "checkpoints"):
        assert {one.key for one in worst[theme].entries} <= keys[theme]  # type: ignore[index]


def test_circles_of_all_modes_become_one(response: Response, town: Layers) -> None:
    rings = response_theme(town, response, ZH).document(close=False)["circles"]["features"]
    bands = [f for f in rings if f["properties"]["look"].startswith("band_")]
    assert len(bands) == response.circles["band_s"].nunique()


def test_incidents_to_whom_nobody_was_sent_come_first(moment: Moment) -> None:
    cases = open_cases(moment.opened, {"u1": "一号岗"}, LINKS, ZH)
    assert [(one.state, one.key) for one in cases] == [
        ("waiting", "case:3"), ("coming", "case:2"), ("there", "case:1"),
    ]  # fmt: skip
    assert cases[0].since == "2026-11-24T19:19:00+08:00"
    free = replace(moment.opened[0], units=(SentUnit("u1", NOW, None, NOW),))
    assert open_cases((free,), {}, LINKS, ZH)[0].state == "waiting"


def test_units_are_counted_by_state(moment: Moment) -> None:
    counts = state_counts(moment.states, {"u2": "二号岗"}, ZH)
    assert [(one.word, one.count, one.names) for one in counts] == [
        ("待命", 1, "二号岗"), ("处警中", 1, "u1"), ("离线", 1, "u3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("signals", "now", "state", "word"),
    [
        ([], NOW, "late", "尚未报出发"),
        ([], NOW.replace(hour=18), "planned", "按计划"),
        ([("set_out", None, NOW)], NOW, "out", "已出发 19:20"),
        ([("set_out", None, NOW), ("people", 3, NOW)], NOW, "out", "已出发 19:20 · 3 人"),
        ([("set_out", None, None)], NOW, "out", "已出发"),
        ([("set_out", None, NOW), ("safe", None, NOW)], NOW, "safe", "平安结束 19:20"),
    ],
)
def test_a_team_is_told_by_what_it_said(
    patrol: Patrol, signals: list[Any], now: datetime, state: str, word: str
) -> None:
    told = [Signal(date(2026, 11, 24), "t1", *one) for one in signals]
    (team,) = teams_tonight(patrol, told, now, ZH)  # the other one stays
    assert (team.state, team.word) == (state, word)
    assert team.entry.note == "19:00–20:30"
    assert teams_tonight(None, told, now, ZH) == ()


def test_a_hazard_offers_its_next_step(moment: Moment) -> None:
    (open_one,) = hazards_seen(moment.hazards, ZH)
    assert open_one.buttons[0].path == "hazards/7"
    assert json.loads(open_one.buttons[0].body) == {"state": "mending", "answer": None}
    mending = replace(moment.hazards[0], state="mending", answer="明早来")
    (seen,) = hazards_seen((mending,), ZH)
    assert json.loads(seen.buttons[0].body) == {"state": "done", "answer": "明早来"}
    assert hazards_seen((replace(mending, state="done"),), ZH) == ()
    assert hazards_seen((mending,), ZH, changes=False)[0].buttons == ()


def test_a_day_is_that_of_the_week(response: Response) -> None:
    assert day_hours(None, 0, 5, ZH) is None
    week = pd.DataFrame(
        [(h, 3, 10, h // 24, h / 168) for h in range(168)], columns=response.week.columns
    )
    hours = day_hours(replace(response, week=week), 1, 5, ZH)
    assert hours is not None
    assert (len(hours.cells), hours.day, hours.now) == (24, "周二", 5)
    assert hours.cells[5].text.startswith("周二 05:00：按时 1 / 10")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_are_text_and_scripts_known_by_hash(
    answers: Answers, manned: Layers, moment: Moment, lang: str
) -> None:
    seen, say = view(manned, lang), words(lang)
    about = overview(manned, answers, LINKS, say)
    page = dashboard_page(manned, about, moment, seen)
    shift = Shift(NOW, NOW + timedelta(hours=12), 4)
    parts = "".join(dashboard_parts(manned, about, moment, seen).values())
    sheets = [
        briefing_page(manned, about, moment, shift, seen, sheet)
        for sheet in ("briefing", "handover")
    ]
    for text in (page, parts, *sheets):
        assert NASTY not in text
        assert "&lt;script&gt;alert(1)" in text
        assert "style=" not in text
        assert not re.search(r"\son\w+=", text)
        assert "unsafe" not in text
    assert "connect-src &#39;self&#39;" in page
    assert lang == "en" or "已结束 4 起" in sheets[1]


def test_who_may_only_look_gets_no_buttons(
    answers: Answers, manned: Layers, moment: Moment
) -> None:
    about = overview(manned, answers, LINKS, ZH)
    shown = dashboard_parts(manned, about, replace(moment, changes=False), view(manned))
    assert not any("data-post" in text for text in shown.values())
    acted = dashboard_parts(manned, about, moment, view(manned))
    assert {part for part, text in acted.items() if "data-post" in text} == {
        "cases", "duty", "hazards",
    }  # fmt: skip


def test_open_incidents_carry_a_word_beside_the_ranks(manned: Layers, moment: Moment) -> None:
    layers = {one.name: one for one in now_layers(manned, moment, ZH)}
    assert layers["cases"].features[0]["properties"]["tag"] == "警情 1"
    assert layers["hazards"].features[0]["properties"]["title"] == "路灯不亮"


def test_a_sheet_for_paper_stands_alone(answers: Answers, manned: Layers, moment: Moment) -> None:
    about = overview(manned, answers, LINKS, ZH)
    shift = Shift(NOW - timedelta(minutes=10), NOW + timedelta(hours=12))
    text = briefing_page(manned, about, moment, shift, view(manned), on_paper=True)
    assert "<style>" in text
    assert not re.search(r'(href|src)="(?!data:)', text)
    assert "其中上班次遗留 1 起" in text
    assert "抢修" in text
