"""The planner's pages in a browser: a wrong datum mended, a failing target followed to its gap."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from browser_waits import wait_until
from real_server import serving

from gis.datum import wgs84_to_gcj02

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server of a copy of the tiny town, with a worker."""
    folder = shutil.copytree(town, tmp_path_factory.mktemp("planned") / "town")
    with serving(folder) as server:
        yield server.address


class Visit:
    """A page that notes what goes wrong and which other hosts are asked."""

    def __init__(self, browser: Any, size: tuple[int, int]) -> None:
        width, height = size
        self.context = browser.new_context(viewport={"width": width, "height": height})
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._said)
        self.page.on("request", lambda request: self._asked(request.url))

    def _said(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def _asked(self, url: str) -> None:
        if urlsplit(url).hostname not in (None, "127.0.0.1", ""):
            self.faults.append(url)


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    made = Visit(browser, (1440, 900))
    yield made
    made.context.close()
    assert made.faults == []


def test_an_upload_with_a_wrong_datum_is_mended(visit: Visit, address: str, tmp_path: Path) -> None:
    rows = ["code,kind,lon,lat"]
    for at in range(30):
        x, y = wgs84_to_gcj02([120.00002], [30.0001 + 0.00006 * at])
        rows.append(f"N{at},fixed,{x[0]:.7f},{y[0]:.7f}")
    file = tmp_path / "cameras.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    page = visit.page
    page.goto(f"{address}/planner/files?lang=zh")
    page.set_input_files("input[type=file]", str(file))
    # Whoever made the file says WGS 84; its points stand 500 m beside the streets.
    page.select_option("select[name=crs]", "wgs84")
    page.click("#upload button")
    page.wait_for_selector("#preview")
    assert "多半应选 gcj02" in page.inner_text("#preview .warning")
    taken = page.locator(".guess.best h3").inner_text()
    assert "WGS 84" in taken
    assert "当前采用" in taken
    page.click("[data-say=crs][data-value=gcj02]")
    page.wait_for_selector(".guess.best:has-text('GCJ-02')")
    assert page.locator("#preview .warning").count() == 0
    page.click("[data-apply]")
    page.wait_for_selector("#imported")
    page.wait_for_selector("#work[data-state=done]", timeout=120_000)
    page.goto(f"{address}/coverage")
    assert '"N29"' in page.content()


def test_a_target_is_followed_to_its_gap_and_back_from_the_map(visit: Visit, address: str) -> None:
    page = visit.page
    page.goto(f"{address}/planner?lang=en")
    page.wait_for_selector("body.ready")
    page.click("#tree details.state > summary >> nth=0")
    page.evaluate("document.querySelectorAll('#tree details').forEach((d) => { d.open = true; })")
    place = page.locator("#tree [data-key^='sites:']").first
    place.click()
    assert page.locator("#details-title").inner_text() == place.locator(".title").inner_text()
    page.locator("#list").wait_for()  # beside the details, not instead of them
    key = place.get_attribute("data-key")
    assert f"show={quote(key, safe='')}" in page.url
    page.evaluate("document.querySelectorAll('#tree details').forEach((d) => { d.open = false; })")
    page.evaluate("(key) => fengqiao.select(key)", key)
    place.wait_for()  # the branch opens for what is selected on the map
    export = page.locator("#details a.export")
    assert page.request.get(f"{address}/{export.get_attribute('href')}").ok
    # The same address shows the same.
    page.goto("about:blank")
    page.goto(f"{address}/planner?lang=en#show={quote(key, safe='')}")
    wait_until(page, "(key) => fengqiao.selected() === key", key)


def test_a_click_on_the_ground_tells_of_its_hexagon(visit: Visit, address: str) -> None:
    page = visit.page
    page.goto(f"{address}/planner?lang=en#at=18/30.00045/120.00002")
    page.wait_for_selector("body.ready")
    box = page.locator("main .folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 60)
    wait_until(page, "() => (fengqiao.selected() || '').startsWith('cell:')")
    assert page.inner_text("#details-title") == "This hexagon"
    assert "Seen" in page.inner_text("#details-rows")
