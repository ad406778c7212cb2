"""Wait for what a page says of itself."""

from __future__ import annotations

import time
from typing import Any

LOOK_S = 0.02


def wait_until(page: Any, question: str, arg: Any = None, limit_s: float = 60.0) -> None:
    """Ask a page again and again until it answers something true.

    The page is asked from outside: a question that it is to repeat by itself
    (`page.wait_for_function`) is a script from a string, which the policy of our pages forbids.
    A page that loads anew while it is asked is asked again.
    """
    from playwright.sync_api import Error

    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        try:
            if page.evaluate(question, arg):
                return
        except Error as error:
            if "navigation" not in str(error) and "destroyed" not in str(error):
                raise
        page.wait_for_timeout(LOOK_S * 1000)
    raise AssertionError(f"still not so after {limit_s:g} s: {question}")
