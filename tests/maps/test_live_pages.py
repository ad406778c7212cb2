"""The pages of an incident, a cordon and the duty board, as text."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gis.duty_rows import Closure, OpenIncident, SentUnit
from gis.layers import WGS84, Layers, conform
from maps.overlays_cordon import RunnerReach
from maps.pages import LIVE, PAGES, PageView, unavailable_page
from maps.pages_cordon import cards_page, cordon_page, no_cordon_page
from maps.pages_duty import duty_page
from maps.pages_incident import incident_page
from maps.panels_cordon import better_text, one_more_text
from maps.panels_live import at_place
from maps.views import town_bounds
from maps.words import words
from planner.cordon_cards import Card
from planner.cordon_params import CordonParams, preset
from planner.cordon_plans import OneMore
from planner.directions import Step
from planner.duty import UnitState
from planner.results_cordon import EXIT_COLUMNS, HOLDER_COLUMNS, Cordon
from planner.results_incident import (
    AwayUnit,
    CameraThere,
    CheckpointNear,
    ComingUnit,
    Incident,
    NamedNear,
    TeamNear,
)

NASTY = "<script>alert(1)</script>&amp;</b>"
NOW = datetime(2026, 11, 25, 20, 14, tzinfo=timezone(timedelta(hours=8)))
LON, LAT = 120.7225, 30.1525
STEP = Step("start", "枫溪路", "primary", 120.0, 20.0, 90.0)


@pytest.fixture(scope="module")
def manned(town: Layers) -> Layers:
    """Return the town with two units."""
    units = gpd.GeoDataFrame(
        {
            "code": ["u1", "u/2"],
            "name": [NASTY, None],
            "kind": ["station"] * 2,
            "mode": ["car"] * 2,
        },
        geometry=[Point(120.721, 30.1525), Point(120.725, 30.1525)],
        crs=WGS84,
    )
    return town.replaced(units=conform(units, "units"))


def view(town: Layers, lang: str = "zh") -> PageView:
    links = {page: f"{page}?lang={lang}" for page in (*PAGES, *LIVE)} | {"lang": "x"}
    return PageView(town.town, lang, links, town_bounds(town), made_up=True)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def incident() -> Incident:
    way = LineString([(120.721, 30.1525), (LON, LAT)])
    steps = (
        (
            Step(**{**vars(STEP), "text": "沿枫溪路向东行"}),
            Step(**{**vars(STEP), "text": "Go east"}),
        ),
    )
    first = ComingUnit(
        "u1",
        NASTY,
        "station",
        "car",
        True,
        None,
        50.0,
        20.0,
        25.0,
        5.0,
        True,
        0.0,
        150.0,
        steps,
        way,
    )
    second = ComingUnit("u/2", None, "station", "car", False, "p1", 100, 20, 75, 5, False, 40.0)
    camera = CameraThere("c1", "枫溪路口", "place", False, True, 40.0, 130.0, "identify", LON, LAT)
    broken = CameraThere("c2", None, "near", True, False, 60.0, None, None, 120.7215, 30.1522)
    return Incident(
        "fight", LON, LAT, 2 * 1440 + 1214, 3, "town", "v1", 1,
        (NamedNear("sites", "bank", "p1", NASTY, 5.0, 0.0),),
        (first, second),
        (AwayUnit("u3", "三号岗", "street_post", "off", "off duty", NOW.isoformat()),),
        (camera, broken),
        (CheckpointNear("k1", "东卡口", "staffed", "枫溪路", "both", True, 300.0, 120.7255, LAT),),
        (TeamNear("t1", "老街义警", 200.0, 120.724, 30.153),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def cordon() -> Cordon:
    rows = [
        ("checkpoint", "k1", "东卡口", 4, "枫溪路", 120.7255, LAT, 0.0, 0.0, 90.0, "枫溪路"),
        ("unit", "u1", NASTY, 7, "枫溪路 / 桥上路", 120.723, LAT, 40.0, 70.0, 130.0, "枫溪路"),
    ]
    open_exits = pd.DataFrame(
        [
            (9, "town", NASTY, "桥上路", 120.723, 30.155, 200.0, 4.0),
            (8, "horizon", "", "桥上路", 120.723, 30.15, -30.0, 2.0),
        ],
        columns=list(EXIT_COLUMNS),
    )
    return Cordon(
        LON, LAT, "foot", 300.0, 600.0, "partial", 70.0, 0.4, 3, 6.0, False, 4,
        pd.DataFrame(rows, columns=list(HOLDER_COLUMNS)), open_exits, "枫桥银行",
    )  # fmt: skip


def posts_of(page: str) -> list[tuple[str, dict[str, Any], dict[str, Any] | None]]:
    """Return where each button sends what, and what it opens before."""
    found = []
    for button in re.findall(r"<button[^>]*data-post[^>]*>", page):
        told = {k: html.unescape(v) for k, v in re.findall(r'data-(\w+)="([^"]*)"', button)}
        first = json.loads(told["first"]) if "first" in told else None
        found.append((told["post"], json.loads(told["body"]), first))
    return found


def data(page: str) -> Any:
    text = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page, re.S)
    assert text is not None
    return json.loads(text.group(1))


def policy(page: str) -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert found is not None
    return html.unescape(found.group(1))


def opened(*units: SentUnit) -> OpenIncident:
    return OpenIncident("fight", LON, LAT, NOW, "枫桥银行", "v1", 3, units, 5)


def every_page(town: Layers, incident: Incident, cordon: Cordon, lang: str) -> dict[str, str]:
    shown = view(town, lang)
    states = {code: UnitState(code, "ready", "hours") for code in town["units"]["code"]}
    card = Card("unit", "u1", NASTY, NASTY, LON, LAT, 1, 2, 3, ("枫溪路",), ("走",), ("Go",))
    return {
        "incident": incident_page(town, incident, shown, opened=opened(SentUnit("u1", NOW))),
        "cordon": cordon_page(town, cordon, shown, cards="cards?x=1", later="later?x=1"),
        "duty": duty_page(town, states, shown, now=NOW, opened=[opened()]),
        "cards": cards_page(cordon, [card], shown, now=NOW, when="20:14", back="cordon?x=1"),
        "none": no_cordon_page("no way", shown, "incident?x=1"),
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_from_files_are_text_and_scripts_known_by_hash(
    manned: Layers, incident: Incident, cordon: Cordon, lang: str
) -> None:
    for name, page in every_page(manned, incident, cordon, lang).items():
        assert NASTY not in page
        assert "style=" not in page
        assert not re.search(r"\son\w+=", page)
        assert "unsafe" not in policy(page)
        assert "connect-src 'self'" in policy(page), name
        assert "<title>" in page
    assert html.escape(NASTY) in every_page(manned, incident, cordon, lang)["cards"]


def test_no_chinese_of_ours_is_left_in_english_pages(
    manned: Layers, incident: Incident, cordon: Cordon
) -> None:
    told = {"枫溪路", "枫溪路口", "桥上路", "东卡口", "老街义警", "三号岗", "枫桥银行"}
    told |= {"枫桥", "东村", "西村", "中文"}
    for name, page in every_page(manned, incident, cordon, "en").items():
        shown = page + (json.dumps(data(page), ensure_ascii=False) if name in LIVE else "")
        assert set(re.findall(r"[\u4e00-\u9fff]+", shown)) <= told, name


def test_an_incident_sends_whom_it_names(manned: Layers, incident: Incident) -> None:
    page = incident_page(manned, incident, view(manned))
    where = {"lon": LON, "lat": LAT, "kind": "fight"}
    assert posts_of(page) == [
        ("incidents/{number}/send", {"unit": "u1"}, where),
        ("incidents/{number}/send", {"unit": "u/2"}, where),
    ]
    assert "50″" in page
    assert "晚 0′40″" in page
    assert "不派警" in page
    items = data(page)["items"]
    assert items["unit:u1"]["lists"][0]["entries"][0][0] == "沿枫溪路向东行"
    assert items["unit:u/2"]["lists"] == []
    west, south, east, north = data(page)["bounds"]
    assert west < 120.721 < LON < east < 120.7255 + 0.01
    assert south < LAT < north
    assert data(page)["routes"] == ["route_1", "route_0"]


def test_another_moment_is_looked_at_and_nobody_is_sent(manned: Layers, incident: Incident) -> None:
    page = incident_page(manned, incident, view(manned, "en"), at="Wed 20:14")
    assert posts_of(page) == []
    assert "now, " not in page
    assert "at=Wed+20%3A14" in page


def test_an_open_incident_shows_what_comes_next(manned: Layers, incident: Incident) -> None:
    later = NOW + timedelta(minutes=2)
    known = opened(
        SentUnit("u1", NOW), SentUnit("u/2", NOW, later), SentUnit("u9", NOW, later, later)
    )
    page = incident_page(manned, incident, view(manned), opened=known)
    assert posts_of(page) == [
        ("incidents/5/arrived", {"unit": "u1"}, None),
        ("incidents/5/clear", {"unit": "u1"}, None),
        ("incidents/5/clear", {"unit": "u/2"}, None),
        ("incidents/5/close", {}, None),
        ("incidents/5/send", {"unit": "u1"}, None),
        ("incidents/5/send", {"unit": "u/2"}, None),
    ]
    assert "用时 2′00″" in page


def test_nobody_to_send_is_said(manned: Layers, incident: Incident) -> None:
    page = incident_page(manned, replace(incident, units=()), view(manned))
    assert "没有可派警力" in page
    assert posts_of(page) == []


def test_a_town_s_own_cordons_are_offered_at_an_incident(
    manned: Layers, incident: Incident
) -> None:
    own = {"id": "boat-now", "mode": "foot", "head_start_s": 120, "horizon_s": 300}
    town = CordonParams.default(presets=[own | {"zh": "划船", "en": "By boat"}])
    assert "preset=boat-now" in incident_page(manned, incident, view(manned), cordon=town)
    assert "preset=boat-now" not in incident_page(manned, incident, view(manned))


def test_a_cordon_shows_open_exits_first_and_its_presets(manned: Layers, cordon: Cordon) -> None:
    params = preset("foot-5").params()
    ring = box(120.722, 30.151, 120.724, 30.154)
    reach = RunnerReach(LineString([(LON, LAT), (120.723, LAT)]), ring)
    page = cordon_page(manned, cordon, view(manned), reach=reach, params=params, cards="cards?x=1")
    assert "▲ 未能合围：4 个出口中 2 个未封。" in page
    chosen = re.findall(
        r'<a class="button" href="(cordon[^"]*)"[^>]*?( aria-current="true")?>', page
    )
    assert len(chosen) == 9
    assert [html.unescape(href) for href, now in chosen if now] == [
        at_place("cordon?lang=zh", LON, LAT, preset="foot-5")
    ]
    items = data(page)["items"]
    assert ["余量", "1′00″"] in items["post:unit:u1:7"]["rows"]
    assert ["可能已离开", "0′30″"] in items["exit:8"]["rows"]
    assert items["exit:8"]["title"] == "桥上路"
    assert page.index("最要紧的未封出口") < page.index("封控点 <span")


def test_a_sealed_cordon_has_nothing_to_add(manned: Layers, cordon: Cordon) -> None:
    sealed = replace(cordon, status="sealed", open_exits=cordon.open_exits.iloc[:0])
    page = cordon_page(manned, sealed, view(manned, "en"))
    assert "The ring can be closed: all posts stand after 1′10″" in page
    assert 'id="later"' not in page
    assert "Open exits: the heaviest" not in page


def test_what_more_would_change_is_said_only_if_it_does(cordon: Cordon) -> None:
    say = words("en")
    more = one_more_text(cordon, OneMore(3, "枫溪路 / 桥上路", 90.0, 0.8), say)
    assert more.startswith("One more unit at 枫溪路 / 桥上路, there within 1′30″, would close 80")
    for none in (OneMore(-1, "", float("nan"), 0.9), OneMore(3, "x", 90.0, 0.4)):
        assert one_more_text(cordon, none, say) == "One more unit would close no more."
    assert better_text(cordon, cordon, say) == ""
    assert "2 exits stay open" in better_text(cordon, replace(cordon, closable_share=0.5), say)


def test_cards_tell_by_when_to_stand(manned: Layers, cordon: Cordon) -> None:
    steps = ("沿枫溪路向东行 120 米",)
    card = Card(
        "unit", "u1", "甲岗", "枫溪路", LON, LAT, 40, 70, 130, ("枫溪路", "桥上路"), steps, ("Go",)
    )
    page = cards_page(cordon, [card, card], view(manned), now=NOW, when="20:14", back="x")
    assert page.count("<article") == 2
    assert "20:16:10 (2′10″)" in page
    assert "20:15:10 (1′10″)" in page
    assert "枫溪路、桥上路" in page
    assert "封控点 2 / 2" in page
    assert steps[0] in page
    assert "20:16:10" not in cards_page(cordon, [card], view(manned), back="x")


def test_the_duty_board_sets_states_as_they_were_seen(manned: Layers) -> None:
    states = {
        "u1": UnitState("u1", "busy", "hand", "p1", 120.721, 30.152, NOW, None, 4),
        "u/2": UnitState("u/2", "ready", "hours"),
    }
    closed = [Closure("s1", NOW, NOW + timedelta(hours=1), "施工")]
    page = duty_page(manned, states, view(manned), now=NOW, opened=[opened()], closed=closed)
    sent = posts_of(page)
    assert ("duty/u1", {"state": "off", "seen": 4, "place": "p1"}, None) in sent
    assert ("duty/u/2", {"state": "busy", "seen": 0}, None) in sent
    assert len([path for path, _, _ in sent if path.startswith("duty/")]) == 6
    assert page.count('aria-pressed="true"') == 2
    assert "至 21:14 · 施工" in page
    assert 'data-post="closures/s1"' in page
    assert 'data-method="DELETE"' in page
    assert '"closed:s1"' in page
    assert "警情 5：打架斗殴" in page
    assert "1 / 2" in page


def test_pages_of_answers_lead_to_now_only_on_a_server(manned: Layers) -> None:
    served = unavailable_page("coverage", view(manned))
    assert 'href="duty?lang=zh"' in served
    links = dict.fromkeys(PAGES, "x.html") | {"lang": "y.html"}
    written = unavailable_page("coverage", PageView("枫桥", "zh", links, town_bounds(manned)))
    assert "duty" not in written
