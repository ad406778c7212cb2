"""The login in a browser: the header, buttons by role, what axe finds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from real_server import serving

from api.auth_passwords import hash_password
from api.workspace import open_workspace
from gis.store_duty import hand_set
from gis.store_users import add_user

pytestmark = pytest.mark.browser

PASSWORD = "right horse 电池"
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tiny town with three accounts."""
    copy = shutil.copytree(town, tmp_path_factory.mktemp("staffed") / "town")
    hashed = hash_password(PASSWORD)
    with open_workspace(copy).open_store() as store:
        for name, role in (("值班长", "admin"), ("desk", "commander"), ("eye", "viewer")):
            add_user(store, name, role, hashed)
    return copy


@pytest.fixture(scope="module")
def root(folder: Path) -> Iterator[str]:
    """Return the address of a server of it."""
    with serving(folder, "--no-worker") as server:
        yield server.address


@pytest.fixture
def visit(browser: Any, root: str) -> Iterator[Visit]:
    """Return a function that opens a tab; what it asks of another host fails the test."""
    contexts, wrong = [], []

    def open_tab(**how: Any) -> Any:
        context = browser.new_context(base_url=root, **{"locale": "zh-CN", **how})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda m: wrong.append(m.text) if "Content Security Policy" in m.text else None,
        )
        page.on(
            "request",
            lambda r: None if r.url.startswith((root, "data:", "blob:")) else wrong.append(r.url),
        )
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert not wrong


def log_in(page: Any, name: str) -> None:
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("#account:not([hidden])")


def test_somebody_comes_in_is_shown_and_goes(visit: Visit) -> None:
    page = visit()
    page.goto("/pages/duty?lang=zh")
    assert page.evaluate("document.activeElement.id") == "name"
    log_in(page, "值班长")
    assert page.url.endswith("/pages/duty?lang=zh")
    assert page.inner_text("#account .name") == "值班长"
    assert page.inner_text("#account .role:not([hidden])") == "管理员"
    page.goto("/pages/coverage?lang=en")
    assert page.inner_text("#account .role:not([hidden])") == "administrator"
    page.click("#account button")
    page.wait_for_selector("#password")
    assert page.context.cookies() == []
    page.goto("/pages/duty?lang=zh")
    assert "/login?next=" in page.url


def test_a_commander_acts_and_a_viewer_finds_no_button(visit: Visit, folder: Path) -> None:
    page = visit()
    page.goto("/pages/duty?lang=zh")
    log_in(page, "eye")
    assert page.locator("[data-post]").count() > 0
    page.locator("[data-post]").first.wait_for(state="hidden")
    desk = visit()
    desk.goto("/pages/duty?lang=zh")
    log_in(desk, "desk")
    button = desk.locator("[data-post]:not([aria-pressed=true])").first
    path = button.get_attribute("data-post")
    with desk.expect_response(lambda answer: answer.request.method == "POST") as told:
        button.click()
    assert told.value.status == 200
    assert told.value.url.endswith(path)
    with open_workspace(folder).open_store() as store:
        assert len(hand_set(store)) == 1


def test_who_is_out_meanwhile_is_led_to_the_login(visit: Visit) -> None:
    page = visit()
    page.goto("/pages/duty?lang=zh")
    log_in(page, "desk")
    page.context.clear_cookies(name="fq_session")
    page.locator("[data-post]").first.click()
    page.wait_for_selector("#password")
    assert "next=%2Fpages%2Fduty%3Flang%3Dzh" in page.url


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing(visit: Visit, size: tuple[int, int], scheme: str, lang: str) -> None:
    page = visit(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    axe, rules = Axe(), {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    page.goto(f"/login?lang={lang}")
    assert axe.run(page, options=rules).violations_count == 0
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size[0]
    targets = page.locator("a, button, input:not([type=hidden])")
    heights = targets.evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
    assert min(heights) >= 44
    page.press("#name", "Enter")  # the browser asks for what lacks
    page.fill("#name", "eye")
    page.fill("#password", "wrong horse 1")
    page.press("#password", "Enter")
    page.wait_for_selector("#fault")
    assert axe.run(page, options=rules).violations_count == 0
