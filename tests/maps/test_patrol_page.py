"""The page of an evening's routes: why, what it costs, what is left out, how to get there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tiny_browser import opened

from gis.layers import Layers
from maps.overlays_patrol import routes, stops
from maps.pages import PAGES, PageView, patrol_page
from maps.panels_patrol import patrol_panel
from maps.style import style, team_css, team_line, team_look
from maps.views import town_bounds
from maps.words import words
from maps.written import write_maps
from planner.patrol import Patrol

Page = Callable[..., str]


@pytest.fixture
def page(town: Layers, evening: Patrol) -> Page:
    def html(lang: str = "zh", patrol: Patrol = evening) -> str:
        links: dict[str, str] = dict.fromkeys((*PAGES, "lang"), "x.html")
        view = PageView(town.town, lang, links, town_bounds(town))  # type: ignore[arg-type]
        return patrol_page(town, patrol, view)

    return html


def item(html: str, key: str) -> Any:
    text = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', html, re.S)
    assert text is not None
    return json.loads(text.group(1))["items"][key]


def seen(html: str) -> str:
    """Return the words of a page without its scripts."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.split("<script")[0]).split())


def test_no_two_teams_look_alike_and_every_look_is_drawn() -> None:
    table = style()["teams"]
    number = len(table["colours"]) * len(table["dashes"])
    assert number >= 32
    lines = {(team_line(position)[0], team_line(position)[2]) for position in range(number)}
    assert len(lines) == number
    assert len({team_css(position) for position in range(number)}) == number
    assert len({team_look(position) for position in range(number)}) == number


def test_the_ninth_team_has_another_dash(evening: Patrol) -> None:
    say = words("en")
    ninth = routes(evening, say)[8].features
    assert [one["properties"]["look"] for one in ninth] == ["casing", "team_0_1", *["leg"] * 3]
    signs = stops(evening, say)[8].features
    assert [one["properties"]["css"] for one in signs] == [
        "team-0 round-1 required fifth",
        "team-0 round-1 rest fifth",
    ]
    assert [one["properties"]["tag"] for one in signs] == ["1", "rest"]


def test_a_leg_is_selected_with_the_stop_that_it_leads_to(evening: Patrol) -> None:
    keys = [one["properties"].get("key") for one in routes(evening, words("en"))[8].features]
    assert keys == [None, "team:t9", "stop:t9:1", "stop:t9:2", "home:t9"]


def test_rests_are_no_stops_and_no_required_ones(evening: Patrol) -> None:
    figures = {figure.title: figure for figure in patrol_panel(evening, words("en")).figures}
    assert figures["Stops visited"].count == "1 / 7"
    assert figures["Required stops"].count == "1 / 2"
    assert figures["Required stops"].met is False


def test_the_gap_is_told_in_words_and_never_rounded_up(page: Page, evening: Patrol) -> None:
    almost = replace(evening, score=999)
    assert "at least 78 % of what any plan could reach" in seen(page("en"))
    assert "at least 99\u202f%" in page("en", almost)
    assert "linear program that knows what can be reached" in seen(page("en"))
    assert "不低于任何方案所能达到的 78\u202f%" in page("zh")
    assert "any plan could reach" not in page("en", replace(evening, bound=None))


def test_conflicts_stand_on_top_as_sentences(page: Page, evening: Patrol) -> None:
    html = seen(page("en"))
    assert html.index("East gate and south gate collide") < html.index("Stops of t9")
    assert "东门与南门冲突" in seen(page("zh"))
    assert "东门与南门冲突" not in seen(page("en"))
    silent = seen(page("en", replace(evening, told={})))
    assert re.search("Required stops nobody visits ▲ 点7 [a-z ]*time", silent)


def test_what_is_left_out_is_grouped_by_reason(page: Page, evening: Patrol) -> None:
    section = next(
        one for one in patrol_panel(evening, words("en")).sections if one.title.startswith("Left")
    )
    assert section.count == "6"
    assert [(entry.end, entry.note) for entry in section.entries] == [
        ("5", "点2, 点3, 点4, 2 more"),
        ("1", "点7"),
    ]
    listed = item(page("en"), "left:lower_prize")["lists"][0]["entries"]
    assert [entry[0] for entry in listed] == ["点2", "点3", "点4", "点5", "点6"]


def test_a_stop_tells_why_what_it_costs_and_how_to_get_there(page: Page) -> None:
    told = item(page("en"), "stop:t9:1")
    rows = dict(told["rows"])
    assert rows["Why"] == "coverage gap, key public area"  # the greatest part first
    assert rows["Costs"] == "5′00″ on the way; in its place: stops worth 12"
    assert (rows["Near"], rows["Open"], rows["Waits"]) == ("老桥头", "19:10–21:00", "3′00″")
    assert [(row[0], row[1][0][0]) for row in told["tables"][0]["rows"]] == [
        ("coverage gap", "14"),
        ("key public area", "6"),
        ("Together", "20"),
    ]
    way = told["lists"][0]
    assert way["title"] == "Way there: 240 m, 10′00″"
    assert way["entries"][0][0] == "Turn left at Old Bridge"
    assert "required: costs 5′00″, 12 points" in seen(page("en"))
    assert item(page("zh"), "stop:t9:1")["lists"][0]["entries"][0][0].startswith("到老桥左转")


def test_a_rest_says_no_more_than_when(page: Page) -> None:
    rows = dict(item(page("en"), "stop:t9:2")["rows"])
    assert "Required" not in rows
    assert "Costs" not in rows
    assert rows["Stays"] == "10′00″"
    assert item(page("en"), "stop:t9:2")["tables"] == []


def test_a_team_tells_what_to_do_if_the_evening_goes_otherwise(page: Page) -> None:
    stops_of, otherwise = item(page("en"), "team:t9")["lists"]
    assert [entry[4] for entry in stops_of["entries"]] == ["stop:t9:1", "stop:t9:2", "home:t9"]
    assert otherwise["entries"][0][:4] == [
        "20 minutes left", "straight back to the base", "", "back in 10′00″",
    ]  # fmt: skip


def test_an_answer_without_directions_is_drawn(page: Page, patrol: Patrol) -> None:
    html = page("en", patrol)
    assert item(html, "stop:t1:2")["lists"][0]["entries"] == []
    assert "Stops of Team 1" in html


@pytest.mark.browser
@pytest.mark.parametrize(("size", "ending"), [((1440, 900), ".html"), ((390, 844), ".en.html")])
def test_a_stop_is_opened_with_its_directions(
    browser: Any,
    town: Layers,
    evening: Patrol,
    kept: dict[str, Any],
    tmp_path: Path,
    size: tuple[int, int],
    ending: str,
) -> None:
    document = kept["patrol"].document
    answers = {"patrol": SimpleNamespace(result=evening, document=document)}
    write_maps(tmp_path, town, answers, most_tiles=60)
    with opened(browser, f"{tmp_path.as_uri()}/patrol{ending}", size) as tab:
        tab.evaluate("document.querySelector('[data-key=\"stop:t9:1\"]').click()")
        assert tab.locator("#details-lists li").count() == 1
        rows = tab.locator("#details-lists li").first.inner_text()
        assert ("到老桥左转<script>" if ending == ".html" else "Old Bridge") in rows
        assert tab.evaluate("document.body.scrollWidth") <= size[0]
        assert tab.locator(".leaflet-marker-pane .tag-stop.rest").count() == 1
        tab.keyboard.press("Escape")
        tab.evaluate("document.querySelector('[data-key=\"team:t9\"]').click()")
        tab.locator("#details-lists button").nth(1).click()
        assert tab.locator("#details-title").inner_text() != "t9"
        tab.keyboard.press("Escape")  # back to the team
        assert tab.locator("#details-title").inner_text() == "t9"
