"""A card in a real browser, from a file: checked in, switched, reported, without a request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gis.layers import Layers
from maps.patrol_card import TeamCard, team_cards
from maps.patrol_card_ground import ground_of
from maps.patrol_card_page import card_page
from planner.checkin_code import decode

pytestmark = pytest.mark.browser

EVENING = Path(__file__).parents[1] / "data" / "patrol_evening.json"
# 19:05:30 of that evening in the town.
NOW = "2026-11-24T11:05:30Z"
SMALL_TEXTS = """() => [...document.querySelectorAll('body *')].filter((part) =>
    part.checkVisibility() && !part.closest('svg') && part.childNodes.length &&
    [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
    parseFloat(getComputedStyle(part).fontSize) < 20).map((part) => part.textContent)"""


@pytest.fixture(scope="module")
def card() -> TeamCard:
    return team_cards(json.loads(EVENING.read_text("utf-8")))[0]


@pytest.fixture(scope="module")
def context(card: TeamCard, town: Layers, browser: Any, tmp_path_factory: Any) -> Any:
    file = tmp_path_factory.mktemp("card") / "card.html"
    file.write_text(card_page(card, ground_of(card, town)), encoding="utf-8")
    return browser, file.as_uri()


class Phone:
    """The card opened on a phone, with what it asked for and complained about."""

    def __init__(self, chrome: Any, address: str) -> None:
        size = {"width": 390, "height": 844}
        self.context = chrome.new_context(viewport=size, has_touch=True, is_mobile=True)
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.clock.set_fixed_time(NOW)
        self.page.goto(address)

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).inner_text())


@pytest.fixture
def phone(context: Any) -> Iterator[Phone]:
    opened = Phone(*context)
    yield opened
    opened.context.close()


def test_it_asks_nobody_and_complains_of_nothing(phone: Phone) -> None:
    for tab in ("list", "map", "report", "help", "route"):
        phone.page.click(f"[data-to={tab}]")
    assert [url for url in phone.asked if not url.startswith(("file:", "data:"))] == []
    assert phone.said == []


def test_every_text_is_large_and_nothing_is_wider_than_the_phone(phone: Phone) -> None:
    for tab in ("route", "list", "report", "help", "map"):
        phone.page.click(f"[data-to={tab}]")
        assert phone.page.evaluate(SMALL_TEXTS) == []
        assert phone.page.evaluate("document.documentElement.scrollWidth") == 390


def test_one_tap_checks_in_and_the_next_stop_comes_up(phone: Phone) -> None:
    assert phone.text("#name") == '<b>老街 & "银行"</b>'
    assert phone.text("#mark") == "老桥头旁"
    assert phone.text("#far") == "4 分钟 · 240 米"
    phone.page.click("#go")
    phone.page.click("#go")
    assert phone.text("#name") == "北门巡更点"
    assert phone.text("#count") == "第 2 站 / 共 3 站"
    phone.page.reload()
    assert phone.text("#count") == "第 2 站 / 共 3 站"


def test_the_code_tells_what_was_tapped(phone: Phone, card: TeamCard) -> None:
    phone.page.click("#more")
    phone.page.click("#go")
    phone.page.click("#go")
    phone.page.click("[data-to=report]")
    read = decode(phone.text("#code"), card.plan)
    assert (read.at_min, read.people) == ((425, None, None), 5)
    with phone.page.expect_download() as download:
        phone.page.click("#save")
    file = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert file["stops"] == [{"code": "p1", "at": "2026-11-24T11:05:30.000Z"}]
    assert (file["team"], file["night"], file["mark"]) == ("t1", "2026-11-24", card.plan.mark)


def test_another_way_is_taken_and_given_up(phone: Phone) -> None:
    phone.page.click("#go")
    phone.page.click("#go")
    phone.page.click("#change")
    phone.page.click("#sheet button:has-text('跳过下一站')")
    assert phone.text("#now") == "现在走：跳过下一站"
    assert phone.text("#count") == "第 3 站 / 共 3 站"
    phone.page.click("#change")
    phone.page.click("#sheet button:has-text('照原计划走')")
    assert phone.text("#count") == "第 2 站 / 共 3 站"
    phone.page.click("#change")
    phone.page.click("#sheet button:has-text('下雨了')")
    assert phone.text("#name") == "回集合点"
    phone.page.click("#go")
    assert phone.text("#name") == "辛苦了，今晚走完了"


def test_few_people_take_the_way_for_few(phone: Phone) -> None:
    for _ in range(2):
        phone.page.click("#less")
    phone.page.click("#go")
    assert phone.text("#now") == "现在走：人少了"


def test_a_check_in_can_be_undone(phone: Phone) -> None:
    phone.page.click("#go")
    phone.page.click("#go")
    phone.page.click("[data-to=list]")
    assert "19:05 已签到" in phone.text("#list")
    phone.page.click("#list .done button")
    assert "已签到" not in phone.text("#list")


def test_map_apps_are_offered_for_the_next_stop(phone: Phone) -> None:
    phone.page.click("#take")
    links = phone.page.locator("#sheet a")
    assert links.count() == 5
    assert re.match(
        r"https://uri\.amap\.com/navigation\?to=120\.7", links.nth(0).get_attribute("href")
    )


def test_the_map_zooms_to_the_leg(phone: Phone) -> None:
    phone.page.click("[data-to=map]")
    before = phone.page.locator("#map svg").get_attribute("viewBox")
    phone.page.click("#leg-view")
    after = phone.page.locator("#map svg").get_attribute("viewBox")
    assert float(after.split()[2]) < float(before.split()[2])
    phone.page.click("#whole")
    assert phone.page.locator("#map svg").get_attribute("viewBox") == before
