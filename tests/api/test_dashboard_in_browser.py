"""The overview in a real browser: an incident from search to its end, two taps, the wall."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

pytestmark = pytest.mark.browser


# What is written smaller than 28 px on the wall.
SMALL = """() => [...document.querySelectorAll(
    "header *, #panel *, #wall-side *, #bar *, #legend *, #hours *, .leaflet-marker-pane *")]
  .filter((e) => e.checkVisibility() && e.getClientRects().length)
  .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
  .filter((e) => e.getClientRects()[0].width > 2)
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) * (e.currentCSSZoom || 1) < 28)
  .map((e) => e.outerHTML.slice(0, 80))"""


def until(page: Any, script: str, seconds: float = 10) -> None:
    """Wait until a script of the page gives true.

    The page's policy lets nobody evaluate a text within it, so it is asked from outside.
    """
    begin = time.monotonic()
    while not page.evaluate(script):
        assert time.monotonic() - begin < seconds, script
        page.wait_for_timeout(20)


class Tab:
    """A tab that counts presses, and keeps what its page complains of or asks of others."""

    def __init__(self, browser: Any, root: str, size: tuple[int, int], **more: Any) -> None:
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, base_url=root, **more
        )
        # On a new machine the first incident compiles what it runs.
        self.context.set_default_timeout(120_000)
        self.page = self.context.new_page()
        self.presses = 0
        self.wrong: list[str] = []
        self.page.on(
            "console",
            lambda m: self.wrong.append(m.text) if m.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        own = (root, "data:", "blob:")
        self.page.on(
            "request", lambda r: None if r.url.startswith(own) else self.wrong.append(r.url)
        )

    def opened(self, address: str = "") -> Any:
        if address:
            self.page.goto(address)
        self.page.wait_for_selector("body.ready")
        return self.page

    def press(self, place: Any) -> None:
        self.presses += 1
        if isinstance(place, str):
            self.page.keyboard.press(place)
        else:
            place.click()


@pytest.fixture
def open_tab(browser: Any, client: httpx2.Client) -> Iterator[Any]:
    """Return a function that opens a tab; what any of them complains of fails the test."""
    tabs: list[Tab] = []

    def opened(size: tuple[int, int] = (1440, 900), **more: Any) -> Tab:
        tabs.append(Tab(browser, str(client.base_url).rstrip("/"), size, **more))
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.context.close()
    assert [tab.wrong for tab in tabs] == [[]] * len(tabs)


def test_an_incident_from_words_to_its_end_in_six_presses(
    open_tab: Any, client: httpx2.Client
) -> None:
    tab = open_tab()
    page = tab.opened("/?lang=zh")
    page.locator("#find-words").fill("fqpcs")
    page.wait_for_selector("#find-results li")
    tab.press("Enter")
    page.wait_for_url("**/pages/incident?**")
    tab.opened()
    assert page.locator(".coming .live-row .title").first.inner_text()
    tab.press(page.locator(".coming .act").first)
    page.wait_for_url(re.compile("number="))
    tab.opened()
    tab.press(page.locator("nav a").first)  # back to the overview
    page.wait_for_url(re.compile(r"/\?lang=zh"))
    tab.opened()
    tab.press(page.locator(".case-line .act", has_text="已到达"))
    closing = page.locator(".case-line .act", has_text="结束警情")
    closing.wait_for()
    tab.press(closing)
    page.wait_for_selector("[data-part=cases]:not(:has(.open-case))")
    assert client.get("/incidents").json()["incidents"] == []
    assert tab.presses <= 6


def test_a_unit_is_set_by_two_taps_and_the_page_stays(open_tab: Any, client: httpx2.Client) -> None:
    tab = open_tab()
    page = tab.opened("/?lang=en")
    page.evaluate("window.stays = true")
    tab.press(page.locator(".board > summary"))
    tab.press(page.locator("[data-post^='duty/']", has_text="off"))
    page.wait_for_selector("[aria-pressed=true]:has-text('off')")
    assert tab.presses == 2
    assert client.get("/duty").json()["units"][0]["state"] == "off"
    assert page.locator(".board").get_attribute("open") is not None
    assert page.evaluate("window.stays")
    page.locator("[data-post^='duty/']", has_text="ready").click()
    page.wait_for_selector("[aria-pressed=true]:has-text('ready')")


def test_what_one_types_and_has_open_stays_when_parts_change(
    open_tab: Any, client: httpx2.Client
) -> None:
    tab = open_tab()
    page = tab.opened("/?lang=zh")
    page.wait_for_load_state("networkidle")
    page.locator(".board > summary").click()
    page.locator("#find-words").fill("枫")
    page.locator("#find-words").focus()
    made = client.post("/incidents", json={"lon": 120.0018, "lat": 30.0019}).json()
    number = made["incident"]["number"]
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector(".open-case")
    assert page.locator("#find-words").input_value() == "枫"
    assert page.evaluate("document.activeElement.id") == "find-words"
    assert page.locator(".board").get_attribute("open") is not None
    assert page.locator(".open-case .since").inner_text().endswith("″")
    assert client.post(f"/incidents/{number}/close", json={}).status_code == 200


def test_themes_come_when_they_are_chosen_and_the_address_holds_them(open_tab: Any) -> None:
    tab = open_tab()
    page = tab.opened("/?lang=zh")
    page.wait_for_selector("body[data-theme=coverage]")
    with page.expect_response("**/dashboard/layers/response?**"):
        page.locator("#themes label", has_text="1-3-5").click()
    page.wait_for_selector("body[data-theme=response]")
    page.locator("[data-with=circles] .entry, [data-with=circles] p").first.wait_for()
    assert "theme=circles" in page.url
    again = open_tab()
    again.opened(page.url)
    again.page.wait_for_selector("body[data-theme=response]")
    assert again.page.locator("#themes input:checked").get_attribute("data-layer") == "circles"


def test_the_wall_follows_the_laptop(open_tab: Any, client: httpx2.Client) -> None:
    laptop, wall = open_tab(), open_tab((3840, 1080))
    screen = wall.opened("/?lang=zh&wall=1")
    page = laptop.opened("/?lang=zh")
    page.wait_for_selector("body[data-theme=coverage]")
    screen.wait_for_selector("body[data-theme=coverage]")
    page.locator("#to-wall").click()
    until(screen, "location.hash.includes('at=')")

    # What the operator chooses, and where they look.
    page.locator("#themes label", has_text="卡口").click()
    until(
        screen,
        "document.querySelector('#themes input:checked').dataset.theme === 'checkpoints'",
    )
    page.evaluate("window[document.querySelector('.folium-map').id].setView([30.001, 120.001], 18)")
    until(screen, "location.hash.includes('at=18/30.00100/120.00100')")

    # The page of an incident, and back.
    page.goto("/pages/incident?lang=zh&lon=120.0018&lat=30.0019")
    screen.wait_for_url("**/pages/incident?**wall=1**", wait_until="commit")
    wall.opened()
    screen.locator(".where").wait_for()
    screen.locator("#wall-side [data-part=duty] .state").first.wait_for()
    screen.locator("nav").wait_for(state="hidden")

    # Not followed any more.
    laptop.opened()
    page.locator("#to-wall").click()
    page.goto("/pages/duty?lang=zh")
    laptop.opened()
    screen.wait_for_timeout(900)
    assert "/pages/incident" in screen.url


def test_a_laptop_that_was_cut_off_goes_on_by_itself(open_tab: Any, client: httpx2.Client) -> None:
    client.post("/displays/1", json={"address": "/pages/duty"})
    laptop = open_tab()
    laptop.context.route("**/displays/1", lambda route: route.abort())
    page = laptop.opened("/?lang=zh")
    page.locator("#to-wall").click()
    page.wait_for_selector("#to-wall[aria-pressed=true][title^='未上屏']")
    assert client.get("/displays/1").json()["address"] == "/pages/duty"
    laptop.context.unroute("**/displays/1")
    page.wait_for_selector("#to-wall[aria-pressed=true][title='']")
    assert client.get("/displays/1").json()["address"].startswith("/?lang=zh#at=")
    laptop.wrong[:] = [text for text in laptop.wrong if "ERR_FAILED" not in text]


def test_a_wall_is_read_from_afar(open_tab: Any, client: httpx2.Client) -> None:
    client.post("/displays/hall", json={"address": "/?lang=zh"})
    wall = open_tab((3840, 1080))
    page = wall.opened("/?lang=zh&wall=hall")
    page.wait_for_load_state("load")
    page.locator("#lost").wait_for(state="hidden")
    assert page.evaluate(SMALL) == []
    for place in ("#panel-body", "#wall-side", "#legend"):
        high = page.locator(place).evaluate("(e) => e.scrollHeight - e.clientHeight")
        assert high <= 1, place


def test_a_wall_says_when_it_is_cut_off_and_comes_back(
    open_tab: Any, client: httpx2.Client
) -> None:
    client.post("/displays/back", json={"address": "/?lang=zh"})
    wall = open_tab((3840, 1080))
    wall.context.route("**/displays/back/events", lambda route: route.abort())
    page = wall.opened("/?lang=zh&wall=back")
    page.wait_for_selector("#lost:visible")
    assert re.search(r"连接中断，自 \d\d:\d\d 起", page.locator("#lost").inner_text())
    wall.context.unroute("**/displays/back/events")
    page.wait_for_selector("#lost", state="hidden")
    wall.wrong[:] = [text for text in wall.wrong if "ERR_FAILED" not in text]
