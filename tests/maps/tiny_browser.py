"""A page in a real browser, which may ask no other host and may not complain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

OWN = ("file:", "data:", "blob:")


@contextmanager
def opened(
    browser: Any, address: str, size: tuple[int, int], scheme: str = "light"
) -> Iterator[Any]:
    """Yield a written page; afterwards nothing may have been asked of others or complained of."""
    phone, wrong = size[0] < 760, list[str]()
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        is_mobile=phone,
        has_touch=phone,
        color_scheme=scheme,
    )
    tab = context.new_page()
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("dialog", lambda dialog: wrong.append(dialog.message))
    tab.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    tab.on("request", lambda r: None if r.url.startswith(OWN) else wrong.append(r.url))
    tab.goto(address)
    tab.wait_for_selector("body.ready")
    yield tab
    context.close()
    assert wrong == []
