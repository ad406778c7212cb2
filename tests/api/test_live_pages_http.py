"""The pages of now behind a real server, and in a real browser from the click to the cordon."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

FENGQIAO = Path(sys.executable).parent / "fengqiao"
UNIT = "assumed/unit/node/11"
WHERE = {"lon": 120.0018, "lat": 30.0019}
PAGES = ("duty", "incident", "cordon", "cards")


def page_of(client: httpx2.Client, name: str, **asked: Any) -> httpx2.Response:
    given = {} if name == "duty" else WHERE
    return client.get(f"/pages/{name}", params={**given, **asked})


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_hold_for_now_only(client: httpx2.Client, name: str, lang: str) -> None:
    answer = page_of(client, name, lang=lang)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert f'lang="{"zh-CN" if lang == "zh" else "en"}"' in answer.text
    assert "枫桥" in answer.text


def test_the_other_language_asks_the_same(client: httpx2.Client) -> None:
    page = page_of(client, "incident", lang="zh", kind="fight", at="Mon 20:00").text
    found = re.search(r'href="([^"]*)"[^>]*hreflang="en"', page)
    assert found is not None
    query = httpx2.URL(found.group(1).replace("&amp;", "&")).params
    expected = {"lang": "en", "lon": "120.0018", "lat": "30.0019", "kind": "fight"}
    assert dict(query) == {**expected, "at": "Mon 20:00"}


def test_places_are_found_by_name_and_pinyin(client: httpx2.Client) -> None:
    for words in ("枫桥", "fqpcs", "fengqiao"):
        found = client.get("/find", params={"q": words}).json()
        assert found["schema"] == "fengqiao.find/1"
        assert "枫桥派出所" in [one["name"] for one in found["results"]], words
    assert client.get("/find", params={"q": "  "}).json()["results"] == []
    assert client.get("/find", params={"q": "x" * 101}).status_code == 400
    assert len(client.get("/find", params={"q": "r", "limit": 1}).json()["results"]) <= 1


def test_where_no_cordon_can_be_had_the_page_says_why(client: httpx2.Client) -> None:
    answer = client.get("/pages/cordon", params={"lon": 121, "lat": 31, "lang": "zh"})
    assert (answer.status_code, answer.headers["content-type"][:9]) == (400, "text/html")
    assert "此处无法布设封控圈" in answer.text
    assert "没有可通行的道路（步行）" in answer.text


@pytest.mark.parametrize(
    ("name", "asked", "status", "zh"),
    [
        ("cordon", {"preset": "rocket"}, 404, "没有封控方案"),
        ("incident", {"kind": "person"}, 404, "没有警情类型"),
        ("incident", {"at": "soon"}, 400, "不是时刻"),
        ("incident", {"lon": 500}, 400, "不能大于 180"),
        ("nowhere", {}, 404, "没有页面"),
    ],
)
def test_a_page_that_cannot_be_shown_says_why_and_leads_back(
    client: httpx2.Client, name: str, asked: dict[str, Any], status: int, zh: str
) -> None:
    page = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "zh-CN"}
    shown = client.get(f"/pages/{name}", params={**WHERE, **asked}, headers=page)
    assert (shown.status_code, shown.headers["content-type"][:9]) == (status, "text/html")
    assert zh in shown.text
    assert 'href="duty?lang=zh"' in shown.text
    assert ('href="incident?lang=zh&amp;lon=120.0018' in shown.text) == ("lon" not in asked)
    assert "unsafe" not in shown.headers["content-security-policy"]
    told = client.get(f"/pages/{name}", params={**WHERE, **asked})
    problem = (told.status_code, told.headers["content-type"])
    assert problem == (status, "application/problem+json")


def test_a_cordon_tells_later_what_takes_longer(client: httpx2.Client) -> None:
    told = client.get("/pages/cordon/later", params={**WHERE, "lang": "en", "preset": "foot-now"})
    assert told.status_code == 200
    assert set(told.json()) == {"better", "href", "one_more"}
    assert told.json()["one_more"].startswith("One more unit")
    assert "seconds=7" in told.json()["href"]


def test_answers_lead_to_the_pages_of_now(client: httpx2.Client) -> None:
    page = client.get("/pages/response?lang=en").text
    assert '<template id="here">' in page
    assert "here.js" in page
    assert "connect-src &#39;self&#39;" in page  # the button that shows it on the wall


def test_what_the_buttons_send_is_refused_from_other_sites(client: httpx2.Client) -> None:
    page = page_of(client, "incident", kind="fight", lang="en").text
    assert 'data-post="incidents/{number}/send"' in page
    for path, body in (
        ("/incidents", WHERE),
        ("/incidents/1/send", {"unit": UNIT}),
        ("/incidents/1/close", {}),
        (f"/duty/{UNIT}", {"state": "off"}),
    ):
        for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert client.post(path, json=body, headers=headers).status_code == 403
    assert client.get("/incidents").json()["incidents"] == []


@pytest.fixture
def visit(browser: Any, client: httpx2.Client) -> Iterator[Any]:
    """Return a tab; whatever it complains about, or asks of another host, fails the test."""
    root = str(client.base_url).rstrip("/")
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=root)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda r: None if r.url.startswith((root, "data:", "blob:")) else wrong.append(r.url),
    )
    yield page
    context.close()
    assert wrong == []


def opened(page: Any) -> None:
    page.wait_for_selector("body.ready")
    page.wait_for_load_state("networkidle")


@pytest.mark.browser
def test_from_a_click_on_the_map_to_a_unit_sent_and_a_cordon(
    visit: Any, client: httpx2.Client
) -> None:
    visit.goto("/pages/response?lang=en#at=17/30.00100/120.00100")
    opened(visit)
    visit.locator(".folium-map").click(position={"x": 500, "y": 420})
    links = visit.locator(".leaflet-popup .button")
    assert links.count() == 3
    for link in links.all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    links.filter(has_text="Who comes here").click()
    visit.wait_for_url("**/pages/incident?**&lon=120.0**")
    opened(visit)
    assert visit.locator(".coming .live-row").count() == 1
    visit.locator(f"[data-key='unit:{UNIT}']").first.click()
    assert "Turns" in visit.locator("#details-lists").inner_text()
    visit.keyboard.press("Escape")

    visit.locator(".coming .act").click()
    visit.wait_for_url(re.compile("number="))
    opened(visit)
    assert "sent at" in visit.locator(".case").inner_text()
    assert visit.locator(".coming .act").count() == 0
    (incident,) = client.get("/incidents").json()["incidents"]
    assert [unit["unit"] for unit in incident["units"]] == [UNIT]

    visit.locator("#presets .button", has_text="just now").first.click()
    visit.wait_for_url("**/pages/cordon?**")
    opened(visit)
    visit.locator(".verdict").wait_for()
    assert visit.locator("#presets [aria-current=true]").inner_text() == "just now"

    visit.goto("/pages/duty?lang=en")
    opened(visit)
    visit.locator(".case .act", has_text="Has arrived").click()
    visit.wait_for_selector("text=there at")
    visit.locator(".case .act", has_text="Close incident").click()
    visit.wait_for_selector("text=None. Click the map")
    assert client.get("/incidents").json()["incidents"] == []


@pytest.mark.browser
def test_a_place_is_found_while_one_types(visit: Any) -> None:
    visit.goto("/pages/duty?lang=zh")
    opened(visit)
    visit.locator("#find-words").fill("fqpcs")
    visit.wait_for_selector("#find-results li")
    visit.keyboard.press("ArrowDown")
    chosen = visit.locator("#find-results li[aria-selected=true]").inner_text().splitlines()
    assert chosen[0] == "枫桥派出所"
    assert chosen[1].startswith("场所 · ")
    visit.keyboard.press("Enter")
    visit.wait_for_url("**/pages/incident?**")
    opened(visit)
    assert "枫桥派出所" in visit.locator(".where").inner_text()


@pytest.mark.browser
def test_a_unit_is_set_and_a_stale_board_says_so(
    visit: Any, browser: Any, client: httpx2.Client
) -> None:
    visit.goto("/pages/duty?lang=en")
    opened(visit)
    visit.locator("[data-post^='duty/']", has_text="off").click()
    visit.wait_for_selector("[aria-pressed=true]:has-text('off')")
    context = browser.new_context(base_url=str(client.base_url))
    stale = context.new_page()
    stale.goto("/pages/duty?lang=en")
    opened(stale)
    assert client.post(f"/duty/{UNIT}", json={"state": "busy"}).status_code == 200
    stale.locator("[data-post^='duty/']", has_text="ready").click()
    stale.wait_for_selector("#told:visible")
    told = stale.locator("#told").inner_text()
    assert "load the page again" in told
    assert client.get("/duty").json()["units"][0]["state"] == "busy"
    context.close()
    assert client.post(f"/duty/{UNIT}", json={"state": "ready"}).status_code == 200


@pytest.mark.browser
def test_a_street_is_closed_from_the_map_and_opened_again(
    visit: Any, client: httpx2.Client
) -> None:
    visit.goto("/pages/duty?lang=zh#at=18/30.00000/120.00100")
    opened(visit)
    visit.locator(".folium-map").click(position={"x": 500, "y": 420})
    visit.locator(".leaflet-popup .button", has_text="封闭此处道路").click()
    visit.wait_for_url("**/pages/duty?**&lon=120.0**")
    opened(visit)
    assert "Ring" in visit.locator("#closing").inner_text()
    visit.locator("#closing [name=until]").fill("23:59")
    visit.locator("#closing [name=reason]").fill("水管抢修")
    visit.locator("#closing button[type=submit]").click()
    visit.wait_for_selector(".closures .live-row")
    assert "至 23:59 · 水管抢修" in visit.locator(".closures").inner_text()
    opened(visit)
    (closed,) = client.get("/closures").json()["closures"]
    assert (closed["street"], closed["reason"]) == ("way/21", "水管抢修")
    visit.locator(".closures [data-key]").click()
    assert "way/21" in visit.locator("#details-rows").inner_text()
    visit.keyboard.press("Escape")
    visit.locator(".closures .act", has_text="恢复通行").click()
    visit.wait_for_selector(".closures:not(:has(.live-row))")
    assert client.get("/closures").json()["closures"] == []
