"""Every page in a real browser: from files and from a server, large and small, zh and en."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from browser_waits import wait_until

from gis.layers import Layers
from maps.pages import PAGES
from maps.written import write_maps

pytestmark = pytest.mark.browser

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SIGNS = {
    "coverage": ".tag-rank",
    "response": ".tag-minutes",
    "patrol": ".tag-stop",
    "roster": ".tag-label",
    "targets": ".tag-label",
    "change": ".tag-label",
}
DRAWN = """() => [...document.querySelectorAll('.leaflet-tile')]
    .map((tile) => [tile.src, tile.complete && tile.naturalWidth > 0])"""

LOADED = "[...document.querySelectorAll('.leaflet-tile')].every((tile) => tile.complete)"
# Moves the map until a unit is 20 px from its right or left edge.
AT_EDGE = """(side) => {
  const name = document.querySelector('.leaflet-container .tag-unit > span');
  const x = () => name.parentElement.getBoundingClientRect().left;
  const wide = map_town.getContainer().clientWidth;
  map_town.panBy([x() - (side === 'right' ? wide - 20 : 20), 0], { animate: false });
  const { left, right, width } = name.getBoundingClientRect();
  return { text: name.textContent, x: x(), left, right, width, space: Math.min(x(), wide - x()) };
}"""
# Moves the map until the unit is in its middle.
IN_THE_MIDDLE = """() => {
  const name = document.querySelector('.leaflet-container .tag-unit > span');
  const x = name.parentElement.getBoundingClientRect().left;
  map_town.panBy([x - map_town.getContainer().clientWidth / 2, 0], { animate: false });
  return name.style.translate;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def folder(town: Layers, kept: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the pages of the town, written out."""
    place = tmp_path_factory.mktemp("maps")
    write_maps(place, town, kept, most_tiles=600)
    return place


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


class Visit:
    """One page, opened, with what it asked for and complained about."""

    def __init__(self, browser: Any, address: str, size: str = "desktop") -> None:
        width, height = SIZES[size]
        phone = size == "phone"
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=2 if phone else 1,
            is_mobile=phone,
            has_touch=phone,
        )
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", lambda request: self.complaints.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on(
            "console",
            lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        self.page.goto(address)
        self.page.wait_for_selector("body.ready")
        wait_until(self.page, LOADED)

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: Any) -> None:
        self.context.close()


# Each page in both languages, at both sizes, served and from files: any two of them together.
@pytest.mark.parametrize(
    ("served", "size", "ending"),
    [
        (True, "desktop", ".html"),
        (True, "phone", ".en.html"),
        (False, "desktop", ".en.html"),
        (False, "phone", ".html"),
    ],
)
def test_pages_show_their_layers_and_stay_at_home(
    browser: Any, folder: Path, server: str, served: bool, size: str, ending: str
) -> None:
    root = server if served else folder.as_uri()
    for name in PAGES:
        with Visit(browser, f"{root}/{name}{ending}", size) as visit:
            tiles = dict(visit.page.evaluate(DRAWN))
            assert tiles
            assert all(tiles.values())
            assert any("/base/" in tile for tile in tiles)
            assert any("/cells/" in tile for tile in tiles) == (name == "coverage")
            assert visit.page.locator(f".leaflet-marker-pane {SIGNS[name]}").count() >= 2
            own = ("data:", "blob:", f"{root}/")
            assert [url for url in visit.asked if not url.startswith(own)] == []
            assert visit.complaints == []
            assert visit.page.evaluate("document.body.scrollWidth") <= SIZES[size][0]


def test_list_and_map_point_at_each_other(browser: Any, folder: Path) -> None:
    with Visit(browser, f"{folder.as_uri()}/coverage.html") as visit:
        page = visit.page
        page.locator(".worst button").nth(1).click()
        assert page.locator("#details-title").inner_text() == "枫溪路"
        assert "2 / 4" in page.locator("#details-rows").inner_text()
        page.wait_for_timeout(900)
        assert "show=gap:8c1" in unquote(page.url)
        page.keyboard.press("Escape")
        page.locator("#list").wait_for()
        assert page.evaluate("document.activeElement.dataset.key") == "gap:8c1"
        page.locator(".leaflet-marker-pane .tag-rank > span").first.click()
        page.locator("#details").wait_for()
        assert page.locator("[data-key='gap:8c0']").get_attribute("aria-current") == "true"
        assert visit.complaints == []


def test_address_holds_the_view(browser: Any, folder: Path) -> None:
    address = f"{folder.as_uri()}/coverage.html#at=17/30.15250/120.72300&show=site:p3"
    with Visit(browser, f"{address}&theme=cells_low&off=cameras") as visit:
        assert visit.page.locator("#details-title").inner_text() == "第三小学"
        assert visit.page.locator("[data-layer=cells_low]").is_checked()
        assert not visit.page.locator("[data-layer=cameras]").is_checked()
        tiles = [url for url, _ in visit.page.evaluate(DRAWN)]
        assert any("/cells_low/" in url for url in tiles)
        assert not any("/cells/" in url for url in tiles)
        assert visit.complaints == []


def test_themes_switch_tiles_and_legend(browser: Any, folder: Path) -> None:
    with Visit(browser, f"{folder.as_uri()}/coverage.html") as visit:
        page = visit.page
        legend = "#legend [data-with]:visible .edges"
        assert page.locator(f"{legend} >> nth=0").inner_text().split()[:2] == ["0", "20"]
        for theme, words in (
            ("cells_cameras", ["0", "1", "2", "3", "台以上"]),
            ("cells_picture", ["不可见", "发现", "观察", "识别", "辨认"]),
        ):
            page.locator(f"[data-layer={theme}]").check()
            page.wait_for_load_state("networkidle")
            tiles = [url for url, _ in page.evaluate(DRAWN)]
            assert any(f"/{theme}/" in url for url in tiles)
            assert not any("/cells/" in url for url in tiles)
            assert page.locator(f"{legend} >> nth=0").inner_text().split() == words
            assert f"theme={theme}" in page.url
        # What views look like is in the legend while they are on the map.
        row = page.locator("#legend .row", has_text="维修中摄像机的视域")
        row.wait_for(state="hidden")
        page.locator("[data-layer=views]").check()
        row.wait_for()
        assert visit.complaints == []


def test_a_camera_tells_its_reach_and_what_it_lacks(browser: Any, folder: Path) -> None:
    with Visit(browser, f"{folder.as_uri()}/coverage.html#show=camera:c1") as visit:
        told = visit.page.locator("#details-rows").inner_text()
        for text in (
            "90° ± 22°",
            "发现 110 米 · 观察 44 米",
            "1.2 米",
            "80 平方米 · a1",
            "未设标识",
        ):
            assert text in told
        assert visit.complaints == []


def test_targets_lead_to_their_places_and_back(browser: Any, folder: Path) -> None:
    with Visit(browser, f"{folder.as_uri()}/targets.en.html") as visit:
        page = visit.page
        page.locator("[data-key='target:A1']").click()
        told = page.locator("#details").inner_text()
        assert "▲ not met" in told
        assert "1.5 (1–2)" in told
        assert "Places that fail: 3" in told
        # The town as a whole has no place to point at.
        assert page.locator("#details-lists button").count() == 2
        page.locator("#details-lists button", has_text="东村").click()
        assert page.locator("#details-title").inner_text() == "东村"
        assert "not met: 1" in page.locator("#details-lists").inner_text()
        assert "show=village:v1" in unquote(page.url)
        page.keyboard.press("Escape")
        assert "Places that fail: 3" in page.locator("#details").inner_text()
        page.keyboard.press("Escape")
        page.locator("#list").wait_for()
        assert visit.complaints == []


def test_a_village_shows_its_scorecard(browser: Any, folder: Path) -> None:
    with Visit(browser, f"{folder.as_uri()}/targets.html") as visit:
        page = visit.page
        page.locator(".folium-map").click(position={"x": 330, "y": 300})
        assert page.locator("#details-title").inner_text() in ("东村", "西村")
        assert "无法判定 1 项" in page.locator("#details-lists").inner_text()
        page.locator("#details-lists button").first.click()
        assert "target:A" in unquote(page.url)
        assert visit.complaints == []


NASTY_KEYS = (
    *(("coverage", "site:p1"), ("response", "site:p1"), ("patrol", "stop:t1:1")),
    *(("targets", "target:A1"), ("targets", "sites:p1")),
)


def test_names_from_files_do_nothing(browser: Any, folder: Path) -> None:
    for name, key in NASTY_KEYS:
        with Visit(browser, f"{folder.as_uri()}/{name}.html#show={key}") as visit:
            title = visit.page.locator("#details-title").inner_text()
            assert title == "<script>alert(1)</script>&amp;</b>"
            assert visit.complaints == []


def test_phone_has_large_targets_and_a_sheet(browser: Any, folder: Path) -> None:
    with Visit(browser, f"{folder.as_uri()}/patrol.html", "phone") as visit:
        page = visit.page
        page.locator("#panel-body").wait_for(state="hidden")
        page.locator("#sheet-handle").tap()
        page.locator("#panel-body").wait_for()
        page.locator("#legend > summary").tap()
        for target in page.locator("button:visible, summary:visible, label:visible, nav a").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44, target.inner_text()
        assert visit.complaints == []


def test_a_name_at_the_edge_of_a_phone_is_whole_and_stands_on_its_point(
    browser: Any, folder: Path
) -> None:
    with Visit(browser, f"{folder.as_uri()}/response.html", "phone") as visit:
        page = visit.page
        for side in ("right", "left"):
            name = page.evaluate(AT_EDGE, side)
            assert name["text"]
            assert 0 <= name["left"] <= name["x"] <= name["right"] <= page.viewport_size["width"]
            assert name["width"] > 2 * name["space"], "it would have been whole anyway"
        assert page.evaluate(IN_THE_MIDDLE) == ""
        assert visit.complaints == []


def test_a_first_view_loads_each_tile_once(browser: Any, folder: Path) -> None:
    with Visit(browser, f"{folder.as_uri()}/response.html") as visit:
        tiles = [url for url in visit.asked if "/tiles/" in url]
        assert tiles
        assert len(tiles) == len(set(tiles))
        zooms = {url.split("/tiles/base/")[1].split("/")[0] for url in tiles}
        assert len(zooms) == 1
