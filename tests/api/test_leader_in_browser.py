"""A leader's evening on a phone: without signal, twice, scanned, taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from leader_evening import Served, evening, serving
from leader_phone import CAMERA, SMALL_TARGETS, SMALL_TEXTS, Phone

from gis.store import open_store
from gis.store_field import TeamField, answer_hazard, change_team_field, hazards_of, signals_of
from gis.store_patrols import checkins, planned_nights, save_nights
from gis.store_tables_users import hazards as hazard_rows
from maps.plates import plate_text

pytestmark = pytest.mark.browser

PLATE = plate_text("枫桥", "x7", 1)


@pytest.fixture(scope="module")
def served(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = shutil.copytree(town, tmp_path_factory.mktemp("phones") / "town")
    with serving(folder, evening()) as one:
        yield one


@pytest.fixture(autouse=True)
def fresh(served: Served) -> None:
    """Forget what the last test's phones delivered."""
    with open_store(served.folder / "town.db") as store:
        change_team_field(store, served.night, "t1", lambda known: TeamField())
        with store.engine.begin() as connection:
            connection.execute(hazard_rows.delete())


@pytest.fixture
def phone(browser: Any, served: Served) -> Iterator[Any]:
    made: list[Phone] = []

    def turn_on(path: str, lang: str = "zh", scheme: str = "dark") -> Phone:
        made.append(Phone(browser, served, path, lang, scheme))
        return made[-1]

    yield turn_on
    for one in made:
        one.context.close()


def stops(served: Served) -> dict[str, str]:
    with open_store(served.folder / "town.db") as store:
        rows = checkins(store, since=served.night, until=served.night)
        return {row.stop: row.status for row in rows if row.team == "t1"}


def reported(served: Served) -> list[str]:
    with open_store(served.folder / "town.db") as store:
        return [one.kind for one in hazards_of(store)]


def test_an_evening_without_signal_is_delivered_once(served: Served, phone: Any) -> None:
    one: Phone = phone(served.link()["path"])
    one.kept()
    assert "没信号也能打开" in one.text("#saved")
    one.context.set_offline(True)
    one.page.click("#more")
    one.page.click("#go")
    assert one.text("#name") == '<b>老街 & "银行"</b>'
    one.page.click("#go")
    one.page.click("#go")
    assert "2 条" not in one.text("#toast")
    one.page.wait_for_selector("#toast small:has-text('没有信号：4 条')")
    one.page.click("[data-to=hazards]")
    one.page.click("[data-hazard=lamp]")
    one.page.click("#sheet button:has-text('第 2 站')")
    assert "待发送" in one.text("#mine")
    assert stops(served) == {}
    one.again()
    assert one.text("#count") == "第 3 站 / 共 3 站"
    one.page.click("[data-to=list]")
    assert one.page.locator("#list .done").count() == 2
    one.context.set_offline(False)
    one.sent()
    assert stops(served) == {"p1": "kept", "x7": "kept", "x7#2": "missed"}
    assert reported(served) == ["lamp"]
    with open_store(served.folder / "town.db") as store:
        said = {row.kind: row.value for row in signals_of(store, served.night)}
    assert said == {"people": 5, "set_out": None}
    one.again()
    one.sent()
    assert (stops(served)["x7"], reported(served)) == ("kept", ["lamp"])
    assert one.text("#count") == "第 3 站 / 共 3 站"
    assert [line for line in one.said if "ERR_INTERNET_DISCONNECTED" not in line] == []


def test_an_answer_that_was_lost_is_not_sent_as_new(served: Served, phone: Any) -> None:
    one: Phone = phone(served.link()["path"])
    one.page.click("#go")
    one.sent()
    one.page.route("**/reports", lambda route: (route.fetch(), route.abort()))
    one.page.click("[data-to=hazards]")
    one.page.click("[data-hazard=road]")
    one.page.click("#sheet button:has-text('集合点')")
    one.until("!busy && !reachable")
    assert reported(served) == ["road"]
    assert "待发送" in one.text("#mine")
    one.page.unroute("**/reports")
    one.page.evaluate("send()")
    one.sent()
    assert reported(served) == ["road"]
    assert "已收到" in one.text("#mine")


def test_two_phones_of_a_team_agree(served: Served, phone: Any) -> None:
    path = served.link()["path"]
    one, other = phone(path), phone(path)
    one.page.click("#go")
    one.page.click("#go")
    one.sent()
    other.page.evaluate("send()")
    other.until("state.out !== null && 'p1' in state.at")
    assert other.text("#count") == "第 2 站 / 共 3 站"
    other.page.click("#go")
    other.sent()
    one.page.click("[data-to=list]")
    one.page.click("#list .done button")
    one.page.click("#sheet button.main")
    one.sent()
    assert stops(served) == {"p1": "missed", "x7": "kept", "x7#2": "missed"}
    assert one.page.evaluate("Object.keys(state.at)") == ["x7"]
    one.page.evaluate("show('hazards')")
    one.page.click("#safe")
    one.page.click("#sheet button.main")
    one.sent()
    other.page.evaluate("send()")
    other.until("state.back !== null")
    assert "辛苦了" in other.text("#over")


def test_a_link_taken_back_empties_the_phone(served: Served, phone: Any) -> None:
    link = served.link()
    one: Phone = phone(link["path"])
    one.kept()
    one.page.click("#go")
    one.page.click("#go")
    one.sent()
    one.context.set_offline(True)
    one.page.click("#go")
    served.client.request(
        "DELETE", f"/patrols/{served.night}/links/{link['jti']}",
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    one.context.set_offline(False)
    one.page.wait_for_selector("body.gone")
    assert "已经停用" in one.text("h1")
    assert "北门巡更点" not in one.page.content()
    assert len(one.text("#code").split()) >= 4
    one.context.set_offline(True)
    one.page.close()
    page = one.context.new_page()
    page.goto(one.address)
    assert "没有信号" in page.inner_text("h1 >> nth=0")
    assert "北门巡更点" not in page.content()


def test_a_route_planned_again_is_offered(served: Served, phone: Any) -> None:
    one: Phone = phone(served.link()["path"])
    one.kept()
    one.page.click("#go")
    one.sent()
    with open_store(served.folder / "town.db") as store:
        (given,) = planned_nights(store, since=served.night, until=served.night)
        plan = json.loads(json.dumps(given.document).replace("x7#2", "x7#3"))
        save_nights(store, [replace(given, seed=2, document=plan)])
        try:
            one.page.evaluate("send()")
            one.page.click("#line button:has-text('打开新路线')")
            one.until("document.readyState === 'complete' && card.stops[2].c === 'x7#3'")
            assert one.text("#line") == ""
            assert one.text("#count") == "第 1 站 / 共 3 站"
        finally:
            save_nights(store, [given])


def test_the_ladder_needs_no_server(served: Served, phone: Any) -> None:
    one: Phone = phone(served.link()["path"])
    one.context.set_offline(True)
    one.page.click("#go")
    one.page.click("#change")
    assert one.page.locator("#sheet button:has-text('分钟')").count() == 2
    one.page.click("#sheet button:has-text('跳过下一站')")
    one.page.wait_for_selector("#sheet", state="hidden")
    assert one.text("#now") == "现在走：跳过下一站"
    assert one.text("#count") == "第 2 站 / 共 3 站"
    one.page.click("#change")
    one.page.click("#sheet button:has-text('下雨了')")
    assert one.text("#name") == "回集合点"
    assert one.text("#go") == "我们平安，已结束"
    one.page.click("#go")
    one.page.click("#sheet button.main")
    assert "已报平安" in one.text("#over")
    one.page.click("#go-on")
    assert one.text("#name") == "回集合点"


def test_two_people_take_the_way_for_few_and_no_times_are_kept(served: Served, phone: Any) -> None:
    one: Phone = phone(served.link()["path"])
    for _ in range(2):
        one.page.click("#less")
    one.page.click("#go")
    assert one.text("#now") == "现在走：人少了"
    one.page.click("#go")
    one.sent()
    with open_store(served.folder / "town.db") as store:
        rows = checkins(store, since=served.night, until=served.night)
        said = signals_of(store, served.night, "t1")
    assert {(row.stop, row.at) for row in rows if row.status == "kept"} == {("p1", None)}
    assert {row.at for row in said} == {None}
    one.again()
    one.page.click("[data-to=list]")
    assert "已签到" in one.text("#list .done")


def at_the_gate(one: Phone) -> None:
    """Be on the way to the stop with a plate."""
    one.page.click("#go")
    one.page.click("#go")
    assert one.text("#name") == "北门巡更点"
    one.page.click("#scan")


def test_a_plate_is_scanned_in_the_page(served: Served, phone: Any) -> None:
    one: Phone = phone(served.link()["path"])
    one.page.evaluate(CAMERA, PLATE)
    at_the_gate(one)
    one.page.wait_for_selector("#toast:has-text('北门巡更点：已签到')")
    assert one.page.evaluate("stream") is None
    one.sent()
    assert stops(served)["x7"] == "kept"


def test_a_plate_is_read_from_a_photo_and_from_its_number(
    served: Served, phone: Any, tmp_path: Path
) -> None:
    import segno

    segno.make(PLATE).save(str(tmp_path / "plate.png"), scale=8, border=4)
    segno.make("https://elsewhere.example/").save(str(tmp_path / "other.png"), scale=8, border=4)
    one: Phone = phone(served.link()["path"])
    at_the_gate(one)
    one.page.set_input_files("#sheet input[type=file]", tmp_path / "other.png")
    one.page.wait_for_selector("#sheet .note:has-text('不是巡更点的牌子')")
    one.page.set_input_files("#sheet input[type=file]", tmp_path / "plate.png")
    one.page.wait_for_selector("#toast:has-text('北门巡更点：已签到')")
    one.page.click("#scan")
    one.page.fill("#plate-number", "９")
    one.page.click("#sheet .number button")
    assert "9 号不在今晚路线上" in one.text("#sheet .note")
    one.page.click("#sheet .extra")
    one.sent()
    one.page.click("#scan")
    one.page.fill("#plate-number", "07")
    one.page.press("#plate-number", "Enter")
    one.sent()
    assert stops(served) == {"p1": "kept", "x7": "kept", "x7#2": "kept", "x9": "extra"}
    one.page.click("[data-to=list]")
    assert "南门巡更点" in one.text("#extra")


def test_a_hazard_is_put_on_the_map_and_its_answer_comes_back(served: Served, phone: Any) -> None:
    one: Phone = phone(served.link()["path"])
    one.page.click("[data-to=hazards]")
    assert one.page.locator("[data-hazard]").count() == 8
    one.page.click("[data-hazard=manhole]")
    one.page.click("#sheet button:has-text('在地图上指')")
    one.page.wait_for_selector("#map.aiming")
    one.page.mouse.move(200, 400)
    one.page.mouse.down()
    one.page.mouse.move(140, 330, steps=4)
    one.page.mouse.up()
    aimed = one.page.evaluate("lonLatOf(view.x + view.w / 2, view.y + view.h / 2)")
    one.page.click("#aim-yes")
    one.sent()
    with open_store(served.folder / "town.db") as store:
        (hazard,) = hazards_of(store)
        answer_hazard(store, hazard.number, "mending", "明早来修", datetime.now(UTC))
    assert (hazard.lon, hazard.lat) == pytest.approx(aimed, abs=1e-6)
    base = one.page.evaluate("card.stops[0].at")
    assert hazard.lon > base[0]
    assert hazard.lat < base[1]
    one.page.evaluate("send()")
    one.page.wait_for_selector("#mine li:has-text('明早来修')")
    assert "处理中" in one.text("#mine")


def test_the_phone_says_where_it_is_if_it_may(served: Served, phone: Any) -> None:
    one: Phone = phone(served.link()["path"])
    one.context.grant_permissions(["geolocation"])
    one.context.set_geolocation({"longitude": 120.0011, "latitude": 30.0012})
    one.page.click("[data-to=hazards]")
    one.page.click("[data-hazard=wire]")
    one.page.click("#sheet button:has-text('我现在的位置')")
    one.page.wait_for_selector("#mine li")
    one.sent()
    with open_store(served.folder / "town.db") as store:
        (hazard,) = hazards_of(store)
    assert (hazard.lon, hazard.lat) == (120.0011, 30.0012)


def test_the_phones_own_way_back_closes_and_leads_back(served: Served, phone: Any) -> None:
    one: Phone = phone(served.link()["path"])
    one.page.click("#go")
    one.page.click("[data-to=list]")
    one.page.click("[data-to=hazards]")
    one.page.click("[data-hazard=lamp]")
    one.page.go_back()
    one.page.wait_for_selector("#sheet", state="hidden")
    one.page.locator("#hazards").wait_for()
    one.page.go_back()
    one.page.wait_for_selector("#list")
    one.page.go_back()
    one.page.wait_for_selector("#route")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_screen_is_large_and_has_no_faults(
    served: Served, phone: Any, lang: str, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    one: Phone = phone(f"{served.link()['path']}?lang={lang}", lang, scheme)
    one.kept()

    def look(what: str) -> None:
        assert one.page.evaluate(SMALL_TEXTS) == [], what
        assert one.page.evaluate(SMALL_TARGETS) == [], what
        assert one.page.evaluate("document.documentElement.scrollWidth") == 390, what
        found = Axe().run(one.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
        assert found.response["violations"] == [], what

    look("ready")
    one.page.click("#go")
    one.page.click("#go")
    look("next stop")
    for screen in ("list", "map", "hazards", "help", "route"):
        one.page.evaluate(f"show('{screen}')")
        look(screen)
    for button in ("#how", "#scan", "#change"):
        one.page.click(button)
        look(button)
        one.page.click("#close")
        one.page.wait_for_selector("#sheet", state="hidden")
    one.page.goto(one.address.replace("?", "x?"))
    look("gone")
    host = served.url.removeprefix("http://")
    assert [url for url in one.asked if host not in url and not url.startswith("data:")] == []
    assert [line for line in one.said if "403" not in line] == []
