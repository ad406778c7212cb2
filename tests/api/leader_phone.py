"""The page of a leader on an emulated phone."""

from __future__ import annotations

from typing import Any

from leader_evening import Served

# What a browser of a phone can do, and the one of the tests cannot.
CAMERA = """(text) => {
  window.BarcodeDetector = class { async detect() { return [{ rawValue: text }]; } };
  const picture = document.createElement("canvas");
  navigator.mediaDevices.getUserMedia = async () => picture.captureStream();
}"""
SMALL_TEXTS = """() => [...document.querySelectorAll('body *')].filter((part) =>
    part.checkVisibility() && !part.closest('svg') &&
    [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
    parseFloat(getComputedStyle(part).fontSize) < 20).map((part) => part.textContent)"""
TARGETS = "button, a, input:not([type=file])"
SMALL_TARGETS = f"""() => [...document.querySelectorAll('{TARGETS}')].filter((part) => {{
    const box = part.getBoundingClientRect();
    return part.checkVisibility() && box.width && (box.width < 44 || box.height < 44);
  }}).map((part) => part.textContent)"""


class Phone:
    """The page on a phone, with what it complained about."""

    def __init__(self, chrome: Any, served: Served, path: str, lang: str, scheme: str) -> None:
        self.context = chrome.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
            color_scheme=scheme, locale="zh-CN" if lang == "zh" else "en-GB",
        )  # fmt: skip
        self.said: list[str] = []
        self.asked: list[str] = []
        self.address = f"{served.url}{path}"
        self.page = self.new_page()

    def new_page(self) -> Any:
        page = self.context.new_page()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(self.address)
        return page

    def until(self, holds: str) -> None:
        """Wait until something holds in the page, whose policy allows no other way to wait."""
        for _ in range(300):
            if self.page.evaluate(holds):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(holds)

    def kept(self) -> None:
        """Wait until the page is kept on the phone."""
        self.page.wait_for_selector("html[data-kept]", state="attached")
        self.until("navigator.serviceWorker.controller !== null")

    def again(self) -> None:
        """Close the page and open it again."""
        self.page.close()
        self.page = self.new_page()

    def sent(self) -> None:
        """Wait until everything is delivered."""
        self.until("!state.queue.length && !busy")

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).inner_text())
