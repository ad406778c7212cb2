"""The strip of the week, the tables and the keyboard on the response page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from gis.layers import Layers
from maps.written import write_maps
from planner.results_response import Response

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(
    village_town: Layers, full: Response, kept: dict[str, Any], tmp_path_factory: Any
) -> str:
    """Return the address of the page, written out."""
    folder: Path = tmp_path_factory.mktemp("response")
    # A third kind of place, of which the half is reached at last.
    late = full.bands[(full.bands["scope"] == "kind") & (full.bands["code"] == "bank")]
    market = late.assign(code="market", name="market", sites=2, sites_in=[0, 0, 1])
    answer = replace(full, bands=pd.concat([full.bands, market], ignore_index=True))
    document: dict[str, Any] = {"assumed": [], "warnings": [], "params": {}}
    kept = kept | {"response": SimpleNamespace(result=answer, document=document)}
    write_maps(folder, village_town, kept, most_tiles=60)
    return f"{folder.as_uri()}/response.en.html"


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    tab, wrong = context.new_page(), list[str]()
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.goto(address)
    tab.wait_for_selector("body.ready")
    yield tab
    context.close()
    assert wrong == []


def told(page: Any) -> str:
    text: str = page.locator("#week-told").inner_text()
    return text


def test_an_hour_is_told_by_pointing_and_by_arrow_keys(page: Any) -> None:
    strip = page.locator("#week")
    assert told(page).startswith("Mon 20:00")
    strip.locator("rect[data-hour]").nth(17).hover()
    assert told(page).startswith("Mon 17:00: 0 / 3 in time")
    strip.focus()
    page.keyboard.press("ArrowRight")
    assert told(page).startswith("Mon 18:00: 1 / 3")
    page.keyboard.press("ArrowDown")
    assert told(page).startswith("Tue 18:00")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # there is no day before the first
    assert told(page).startswith("Mon 18:00")
    pointer = strip.locator(".pointer")
    assert pointer.get_attribute("visibility") == "visible"
    assert strip.locator("circle").count() == 7  # 17:00 of each day is the worst


def test_a_click_leaves_no_frame_and_the_tab_key_does(page: Any) -> None:
    outline = "(e) => getComputedStyle(e).outlineStyle"
    entry = page.locator("#list [data-key]:visible").first
    entry.click()
    page.locator("#details").wait_for()
    page.locator("#back").click()
    assert entry.evaluate(outline) == "none"
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert entry.evaluate("(e) => e === document.activeElement")
    assert entry.evaluate(outline) == "solid"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.key") != entry.get_attribute("data-key")


def test_a_table_is_sorted_by_the_head_that_is_pressed(page: Any) -> None:
    title = "Places by kind, most of them late first"
    page.locator("details.more > summary", has_text=title).click()
    table = page.locator("details.more", has_text=title).locator("table")
    heads = table.locator("thead button")
    assert heads.count() == 3

    def order() -> list[str]:
        return [text.split()[0] for text in table.locator("tbody th").all_inner_texts()]

    first = order()
    heads.nth(2).focus()
    page.keyboard.press("Enter")
    column = table.locator("thead th").nth(2)
    assert column.get_attribute("aria-sort") == "ascending"
    rising = order()
    shares = [text.split()[0] for text in table.locator("tbody td:last-child").all_inner_texts()]
    assert shares == sorted(shares, key=lambda text: int(text.strip("%")))
    heads.nth(2).click()
    assert column.get_attribute("aria-sort") == "descending"
    assert order()[0] == rising[-1]
    assert sorted(order()) == sorted(first)
    heads.nth(0).click()
    assert column.get_attribute("aria-sort") is None


def test_a_village_shows_its_tables(page: Any) -> None:
    page.locator("details.more > summary", has_text="Villages, worst reached first").click()
    page.locator("[data-key='village:v1']").click()
    heads = page.locator("#details-tables h3").all_inner_texts()
    assert heads == ["Within reach", "Service points"]
    cells = page.locator("#details-tables table").first.locator("thead th").all_inner_texts()
    assert cells == ["1\u00a0min", "3\u00a0min", "5\u00a0min"]
