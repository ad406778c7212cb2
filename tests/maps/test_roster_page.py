"""The page of many nights: figures beside the fixed plan's, charts, and stops that wait."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tiny_browser import opened

from gis.layers import Layers
from maps.overlays_roster import roster_overlays, wait_look
from maps.pages import PAGES, PageView
from maps.pages_roster import roster_page
from maps.panels_roster import roster_panel
from maps.panels_roster_charts import foreseeable, half_hours, roster_charts
from maps.style import contrast, style
from maps.views import render_page, town_bounds
from maps.words import words
from maps.written import write_maps
from planner.roster import Roster, no_roster


def page(town: Layers, roster: Roster, lang: str = "en") -> str:
    links: dict[str, str] = dict.fromkeys((*PAGES, "lang"), "x.html")
    return roster_page(town, roster, PageView(town.town, lang, links, town_bounds(town)))  # type: ignore[arg-type]


def seen(html: str) -> str:
    """Return the words of a page without its scripts; thin spaces as plain ones."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.split("<script")[0]).split())


def test_every_figure_stands_beside_the_fixed_plan_s(town: Layers, roster: Roster) -> None:
    text = seen(page(town, roster))
    assert "on average 40 % fixed plan: 100 %" in text
    assert "Longest wait of a required stop 26 h fixed plan: 24 h" in text
    assert "Covered in a night 78 % fixed plan: 80 %" in text
    assert "Stops as the night before 62 % fixed plan: 100 %" in text
    assert "Hours of a team 6–9 h fixed plan: 5–10 h" in text
    assert "nights: 5, 2026-11-26 to 2026-12-01" in text


def test_an_answer_without_some_figures_says_so(town: Layers, roster: Roster) -> None:
    drawn = {**roster.figures["drawn"], "overlap": None}
    fixed = {k: v for k, v in roster.figures["fixed"].items() if not k.startswith("team_")}
    text = seen(page(town, replace(roster, figures={"drawn": drawn, "fixed": fixed})))
    assert "Stops as the night before – fixed plan: 100 %" in text
    assert "Hours of a team 6–9 h fixed plan: –" in text


def test_the_most_foreseeable_stops_have_a_choice_and_several_visits(roster: Roster) -> None:
    # p3 has a short window, x1 two visits only, x9 none.
    assert foreseeable(roster.stops, 5)["code"].tolist() == ["p1", "p2"]
    seldom = roster.stops.assign(visits=roster.stops["visits"].clip(upper=2))
    assert foreseeable(seldom, 5)["code"].tolist() == ["x1", "p1", "p2"]
    assert foreseeable(roster.stops[roster.stops["visits"] == 0], 5).empty
    # Of 15 nights, four visits are too few.
    assert foreseeable(roster.stops, 15)["code"].tolist() == ["p1"]


def test_half_hours_run_past_midnight(roster: Roster) -> None:
    columns = half_hours(roster.slots)
    assert (columns[0], columns[-1]) == (19 * 60, 24 * 60 + 30)
    assert {late - early for early, late in pairwise(columns)} == {30}
    assert half_hours(roster.slots.head(0)) == []


def test_heat_tells_the_share_of_each_half_hour(roster: Roster) -> None:
    charts = roster_charts(roster, words("en"))
    assert charts.hours == ("19:00", "20:00", "21:00", "22:00", "23:00", "00:00")
    first, second = charts.rows
    assert [(cell.number, cell.level) for cell in first.cells[1:3]] == [("80", 3), ("20", 0)]
    assert [cell.number for cell in second.cells] == [""] * 9 + ["50", "50", ""]
    assert first.cells[1].text == "19:30: 80\u202f% of its visits"
    assert second.title == "coverage gap"


def test_nights_are_a_calendar_from_monday_on(roster: Roster) -> None:
    weeks = roster_charts(roster, words("en")).weeks
    assert [len(week) for week in weeks] == [7, 7]
    days = [[night and night.day for night in week] for week in weeks]
    assert days[0] == [None, None, None, "11/26", "11/27", "11/28", "11/29"]
    assert days[1] == [None, "12/1", *[None] * 5]
    nights = [night for week in weeks for night in week if night]
    assert [night.share for night in nights] == ["100", "99", "98", "96", "100"]
    assert [night.level for night in nights] == [0, 1, 2, 4, 0]  # pale = good
    assert [night.overdue for night in nights] == [0, 1, 0, 2, 0]


def test_hours_are_bars_the_longest_first(roster: Roster) -> None:
    bars = roster_charts(roster, words("en")).bars
    assert [(bar.title, bar.hours) for bar in bars] == [("Team 1", "9.0 h"), ("老街", "6.0 h")]
    assert [bar.part for bar in bars] == [1.0, pytest.approx(2 / 3)]


def test_what_is_overdue_is_listed_by_stop(roster: Roster) -> None:
    sections = {one.title: one for one in roster_panel(roster, words("en")).sections}
    late = sections["Due, and not visited"]
    assert late.count == "3"
    assert [(entry.title, entry.note, entry.end, entry.key) for entry in late.entries] == [
        ("p2", "11-27, 11-29", "nights: 2", "stop:p2"),
        ("别处", "11-29", "nights: 1", ""),
    ]
    assert sections["Stops that wait longest"].entries[0].key == "stop:x1"
    assert [entry.title for entry in sections["Stops nobody visits"].entries] == ["空点"]


def test_a_night_tells_its_figures_and_what_it_leaves(roster: Roster) -> None:
    items = {one.key: one for one in roster_panel(roster, words("en")).items}
    night = items["night:2026-11-29"]
    assert dict(night.rows)["Worth of the visits"] == "96\u202f% of that night's best plan"
    assert [entry.key for entry in night.lists[0].entries] == ["stop:p2", ""]
    assert items["night:2026-11-26"].lists == ()


def test_stops_are_drawn_by_their_longest_wait(town: Layers, roster: Roster) -> None:
    looks = dict(zip(roster.stops["code"], map(wait_look, roster.stops.itertuples()), strict=True))
    assert looks == {"p1": "wait_0", "p2": "wait_1", "p3": "wait_0", "x1": "wait_4", "x9": "unseen"}
    marks = style()["marks"]
    classes = [marks[f"wait_{number}"] for number in range(5)]
    assert len(style()["waits"]["limits_h"]) + 1 == len(classes)
    assert len({mark[1] for mark in classes}) == 5  # their size tells them apart, too
    for _, _, fill, _, edge in classes:
        assert max(contrast(fill, "#f4f4f4"), contrast(edge, "#f4f4f4")) > 3
    drawn = roster_overlays(town, roster, words("en"))[-1].features
    assert [one["properties"]["key"] for one in drawn][-1] == "stop:x1"


def test_numbers_are_read_upon_every_colour_of_the_heat() -> None:
    table = style()["heat"]
    pairs = list(zip(table["colours"], table["ink"], strict=True))
    assert all(contrast(colour, ink) > 4.5 for colour, ink in pairs)


def test_a_town_that_lacks_what_patrols_need_says_so(town: Layers, roster: Roster) -> None:
    params: Any = SimpleNamespace(date=SimpleNamespace(isoformat=lambda: "2026-11-26"), seed=0)
    nothing = SimpleNamespace(
        result=no_roster(params, ()), document={"assumed": [], "warnings": []}
    )
    links: dict[str, str] = dict.fromkeys((*PAGES, "lang"), "x.html")
    view = PageView(town.town, "en", links, town_bounds(town))
    assert "unavailable" in render_page("roster", town, nothing, view)
    assert "fengqiao roster plan" in render_page("roster", town, None, view)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_languages_are_whole(town: Layers, roster: Roster, lang: str) -> None:
    text = seen(page(town, roster, lang))
    assert ("各队工时" in text) == (lang == "zh")
    assert ("Hours of each team" in text) == (lang == "en")
    assert "{" not in text


@pytest.mark.browser
@pytest.mark.parametrize(
    ("size", "ending", "scheme"),
    [((1440, 900), ".en.html", "dark"), ((390, 844), ".html", "light")],
)
def test_charts_and_map_point_at_each_other(
    browser: Any,
    town: Layers,
    kept: dict[str, Any],
    tmp_path: Path,
    size: tuple[int, int],
    ending: str,
    scheme: str,
) -> None:
    write_maps(tmp_path, town, {"roster": kept["roster"]}, most_tiles=60)
    with opened(browser, f"{tmp_path.as_uri()}/roster{ending}", size, scheme) as tab:
        if size[0] < 760:
            tab.locator("#sheet-handle").click()
        assert tab.locator(".heat tbody tr").count() == 2
        colour = "(e) => getComputedStyle(e).backgroundColor"
        cells = tab.locator(".heat tbody tr").first.locator("td")
        assert cells.nth(1).evaluate(colour) == "rgb(67, 78, 108)"
        assert cells.nth(1).inner_text() == "80"
        assert tab.evaluate("document.body.scrollWidth") <= size[0]
        tab.locator(".nights button", has_text="11/29").click()
        assert "96" in tab.locator("#details-rows").inner_text()
        tab.locator("#details-lists button").first.click()
        assert "11-27" not in tab.locator("#details-title").inner_text()
        assert tab.locator(".leaflet-marker-pane .ring").count() == 1
        tab.keyboard.press("Escape")  # back to the night
        tab.keyboard.press("Escape")
        tab.locator(".heat button").first.click()
        tab.locator("#details").wait_for()
