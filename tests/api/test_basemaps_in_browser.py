"""Another base map: chosen in the legend, kept in the address, told of when it cannot be had."""

from __future__ import annotations

import http.server
import io
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_waits import wait_until
from PIL import Image
from real_server import serving

pytestmark = pytest.mark.browser

ALL_DRAWN = """(part) => {
  const tiles = [...document.querySelectorAll('.leaflet-tile')].filter((t) => t.src.includes(part));
  return tiles.length > 0 && tiles.every((t) => t.complete && t.naturalWidth > 0);
}"""
BASE = "[...document.querySelectorAll('.leaflet-tile')].some((t) => t.src.includes('tiles/base'))"


class Upstream(http.server.BaseHTTPRequestHandler):
    away = False

    def do_GET(self) -> None:
        buffer = io.BytesIO()
        Image.fromarray(np.full((256, 256, 3), 180, np.uint8)).save(buffer, "PNG")
        content = b"" if type(self).away else buffer.getvalue()
        self.send_response(500 if type(self).away else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = Path(shutil.copytree(town, tmp_path_factory.mktemp("basemaps") / "town"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as upstream:
        thread = threading.Thread(target=upstream.serve_forever)
        thread.start()
        with (folder / "fengqiao.toml").open("a", encoding="utf-8") as file:
            file.write(
                "[[basemaps]]\nname='photo'\ntitle='影像图'\nkind='xyz'\ndatum='gcj02'\n"
                "attribution='某局 <b>'\n"
                f"address='http://127.0.0.1:{upstream.server_port}/{{z}}/{{x}}/{{y}}.png'\n"
            )
        with serving(folder, "--no-worker") as server:
            yield server.address
        upstream.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    made = context.new_page()
    made.set_default_timeout(60_000)
    yield made
    context.close()


def test_a_base_map_is_chosen_and_the_address_keeps_it(page: Any, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/pages/coverage?lang=zh")
    page.wait_for_selector("body.ready")
    assert not any("/basemaps/" in one for one in asked)
    page.get_by_label("影像图").check()
    wait_until(page, ALL_DRAWN, "basemaps/photo")
    assert not page.evaluate(BASE)
    assert page.locator(".leaflet-control-attribution").inner_text().endswith("某局 <b>")
    assert "base=photo" in page.url
    # The cells lie above it, and nothing came from elsewhere.
    depth = "(part) => getComputedStyle([...document.querySelectorAll('.leaflet-layer')]"
    depth += ".find((l) => l.querySelector(`img[src*='${part}']`))).zIndex"
    order = [int(page.evaluate(depth, one)) for one in ("basemaps/photo", "tiles/cells")]
    assert order[0] < order[1]
    assert all(one.startswith((server, "data:")) for one in asked)
    # Opened again, and on the next page, it is there at once.
    page.reload()
    wait_until(page, ALL_DRAWN, "basemaps/photo")
    assert page.get_by_label("影像图").is_checked()
    page.get_by_role("link", name="1-3-5").click()
    wait_until(page, ALL_DRAWN, "basemaps/photo")
    assert "base=photo" in page.url
    # By keyboard back to the program's own.
    page.get_by_label("影像图").focus()
    page.keyboard.press("ArrowUp")
    wait_until(page, ALL_DRAWN, "tiles/base")
    assert "base=" not in page.url


def test_what_cannot_be_had_is_told_and_the_rest_goes_on(
    page: Any, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Upstream, "away", True)
    page.goto(f"{server}/pages/coverage?lang=en#at=10/31/121&base=photo")
    page.wait_for_selector("#basemaps .warning:visible")
    assert "cannot be had now" in page.locator("#basemaps .warning").inner_text()
    monkeypatch.setattr(Upstream, "away", False)
    page.get_by_label("own streets").check()
    wait_until(page, ALL_DRAWN, "tiles/base")
    page.locator("#basemaps .warning").wait_for(state="hidden")
    page.goto(f"{server}/pages/coverage?lang=en#base=nothing")
    page.reload()
    wait_until(page, ALL_DRAWN, "tiles/base")
    assert page.get_by_label("own streets").is_checked()
