"""Every page in a browser, of a town whose texts are attacks.

In both languages, on a phone and a desktop, light and dark: nothing is asked of other hosts,
nothing is complained of, nothing of an attack is run, and axe finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.responses import HTMLResponse
from hostile_town import ATTACK, PLACE, TOKEN, code_of, make_hostile
from real_server import serving

from api.auth_sessions import CSRF, SESSION, SHOWN
from maps.pages import PAGES

pytestmark = pytest.mark.browser

AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WHERE = "lon={}&lat={}".format(*PLACE)
SITE = quote(code_of("sites", 0), safe="")
# Each route that gives a page, and addresses of it; {names} are those of `make_hostile`.
ADDRESSES: dict[str, list[str]] = {
    "/": ["/", "/?wall=1", "/?theme=patrol#theme=patrol"],
    "/briefing": ["/briefing", "/briefing?sheet=handover"],
    "/pages/duty": ["/pages/duty", f"/pages/duty?{WHERE}"],
    "/pages/incident": [f"/pages/incident?{WHERE}&kind=fight&number={{number}}"],
    "/pages/cordon": [f"/pages/cordon?{WHERE}"],
    "/pages/cards": [f"/pages/cards?{WHERE}"],
    "/pages/{name}": [*(f"/pages/{name}" for name in PAGES), "/pages/response?at=now"],
    "/login": ["/login"],
    "/ogc": ["/ogc?f=html"],
    "/ogc/": ["/ogc/?f=html"],
    "/ogc/conformance": ["/ogc/conformance?f=html"],
    "/ogc/collections": ["/ogc/collections?f=html"],
    "/ogc/collections/{layer}": ["/ogc/collections/cameras?f=html"],
    "/ogc/collections/{layer}/items": ["/ogc/collections/sites/items?f=html"],
    "/ogc/collections/{layer}/items/{code:path}": [f"/ogc/collections/sites/items/{SITE}?f=html"],
    "/p/{token}": ["/p/{token}", "/p/{ended}"],
    "/planner": ["/planner"],
    "/planner/cards": ["/planner/cards"],
    "/planner/checks": ["/planner/checks"],
    "/planner/list": ["/planner/list"],
    "/planner/files": ["/planner/files"],
    "/planner/files/{identity}": ["/planner/files/{good}", "/planner/files/{bad}"],
    "/planner/reports": ["/planner/reports"],
    "/planner/compare": ["/planner/compare"],
    "/planner/teams": ["/planner/teams?night={night}"],
    "/docs": ["/docs"],
}
SIZES = {"phone": (390, 844), "desktop": (1440, 900), "wall": (3840, 1080)}
FULL = {"runOnly": RULES, "resultTypes": ["violations"], "iframes": False}
# Of the other scheme only colours are new.
COLOURS = {**FULL, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
FOUND = """(rules) => axe.run(document, rules).then((found) => found.violations.map(
    (one) => [one.id, ...one.nodes.slice(0, 4).map((node) => node.html.slice(0, 300))]))"""
# What an attack would leave in the page.
RUN = """() => [...document.querySelectorAll(
    'img[src="x"], [onerror], [href^="javascript:" i], [src^="javascript:" i]')]
    .map((part) => part.outerHTML.slice(0, 200))"""
TEXT = "document.body.innerText"
# Pages that tell nothing of the town.
WITHOUT = ("/login", "/ogc/conformance?f=html", "/ogc/collections?f=html", "/p/{ended}")
# Everything that can be selected, in turn: what stands beside the map then is made by scripts.
SELECTED = """() => {
    const data = document.getElementById('page-data');
    if (!data || !window.fengqiao || !fengqiao.select) return;
    for (const key of Object.keys(JSON.parse(data.textContent).items)) fengqiao.select(key);
}"""
# Routes are all told alike; of more than these axe would take half a minute.
ALIKE = """() => ['main article', 'nav li'].forEach((one) =>
    [...document.querySelectorAll(one)].slice(12).forEach((part) => part.remove()))"""
# The name of the page one is on, where the names of all do not fit.
OUT_OF_VIEW = """() => [...document.querySelectorAll('body.ready header > nav [aria-current=page]')]
  .map((name) => name.getBoundingClientRect()).filter((box) => box.width > 0)
  .filter((box) => box.left < -1 || box.right > innerWidth + 1).map((box) => box.right)"""
WIDE = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return what `make_hostile` says, and the address of a server of its town."""
    folder = tmp_path_factory.mktemp("hostile") / "town"
    known = make_hostile(folder)
    with serving(folder, "--no-worker") as server:
        yield known | {"root": server.address}


class Tab:
    """A tab of one size, used for all pages in turn, with what went wrong in the one it shows."""

    def __init__(self, browser: Any, root: str, size: str) -> None:
        width, height = SIZES[size]
        phone = size == "phone"
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            is_mobile=phone,
            has_touch=phone,
            base_url=root,
        )
        self.context.set_default_timeout(120_000)
        self.context.add_init_script(AXE)
        for name, value in ((SESSION, TOKEN), (CSRF, "csrf"), (SHOWN, quote(f"{ATTACK}:admin"))):
            self.context.add_cookies([{"name": name, "value": value, "url": root}])
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", self._asked)
        self.page.on(
            "console",
            lambda m: self.wrong.append(m.text) if m.type in ("error", "warning") else None,
        )
        own = (root, "data:", "blob:")
        self.page.on(
            "request", lambda r: None if r.url.startswith(own) else self.wrong.append(r.url)
        )

    def _asked(self, dialog: Any) -> None:
        self.wrong.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def shows(self, address: str, scheme: str) -> int:
        """Open a page in light or dark, and return the status of its answer."""
        self.wrong.clear()
        self.page.emulate_media(color_scheme=scheme)
        status: int = self.page.goto(address).status
        if self.page.locator(".folium-map").count():
            self.page.wait_for_selector("body.ready", state="attached")
        return status


@pytest.fixture(scope="module")
def tabs(browser: Any, served: dict[str, str]) -> Iterator[dict[str, Tab]]:
    """Return a tab of each size."""
    made = {size: Tab(browser, served["root"], size) for size in SIZES}
    yield made
    for tab in made.values():
        tab.context.close()


def test_every_page_has_an_address(guarded: Any) -> None:
    """A route that gives a page and is not among the addresses would never be looked at."""
    found = set()
    for route in guarded.routes:
        included = getattr(route, "effective_route_contexts", None)
        for one in included() if included else [route]:
            asked = getattr(one, "dependant", None)
            formats = asked is not None and "f" in [part.name for part in asked.query_params]
            page = getattr(one, "response_class", None) is HTMLResponse
            if "GET" in (one.methods or ()) and (page or formats):
                found.add(one.path)
    assert found == set(ADDRESSES)


@pytest.mark.parametrize("address", [one for many in ADDRESSES.values() for one in many])
def test_page(tabs: dict[str, Tab], served: dict[str, str], address: str) -> None:
    sizes = ("wall",) if "wall=" in address else ("phone", "desktop")
    for size, lang in product(sizes, ("zh", "en")):
        tab = tabs[size]
        first, other = ("light", "dark") if lang == "zh" else ("dark", "light")
        face = (size, lang)
        status = 410 if "{ended}" in address else 200
        assert tab.shows(in_language(address.format(**served), lang), first) == status, face
        if size == "phone" and tab.page.locator("#sheet-handle").is_visible():
            tab.page.click("#sheet-handle")
        if address not in WITHOUT:
            assert ATTACK in tab.page.evaluate(TEXT), face
        if size == "desktop" and lang == "zh":
            tab.page.evaluate(SELECTED)
        if address == "/docs":
            tab.page.evaluate(ALIKE)
        assert tab.page.evaluate(FOUND, FULL) == [], (*face, first)
        tab.page.emulate_media(color_scheme=other)
        assert tab.page.evaluate(FOUND, COLOURS) == [], (*face, other)
        assert tab.page.evaluate(RUN) == [], face
        assert tab.page.evaluate(OUT_OF_VIEW) == [], face
        assert tab.page.evaluate(WIDE) <= 0, face
        said = [text for text in tab.wrong if not (status == 410 and "410" in text)]
        assert said == [], face


def in_language(address: str, lang: str) -> str:
    """Return an address with a language."""
    asked, hash_, state = address.partition("#")
    return f"{asked}{'&' if '?' in asked else '?'}lang={lang}{hash_}{state}"
