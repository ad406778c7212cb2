"""Take the README's pictures of a workspace that is being served, with tonight's routes planned.

    fengqiao patrol -w workspace/sample
    fengqiao roster plan -w workspace/sample --nights 14
    fengqiao serve -w workspace/sample
    python -P docs/take_screenshots.py http://127.0.0.1:8000

Desktop in English, phone in Chinese; reduced to 112 colours, so that all stay under 1.5 MB.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent / "images"
LOOKS = {
    "": ({"width": 1280, "height": 800}, "en", False),
    "-phone": ({"width": 390, "height": 844}, "zh", True),
}
# What each picture shows.
PAGES = {
    "dashboard": "/",
    "coverage": "/pages/coverage",
    "response": "/pages/response",
    "patrol": "/pages/patrol",
    "roster": "/pages/roster",
    "targets": "/pages/targets",
    "planner": "/planner",
}
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# Time for what a page asks for after it is there, ms.
SETTLED_MS = 4000


def main(address: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=os.environ.get("FENGQIAO_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        for ending, (viewport, lang, mobile) in LOOKS.items():
            context = browser.new_context(viewport=viewport, is_mobile=mobile, has_touch=mobile)
            context.set_default_timeout(120_000)
            shown = PAGES | ({"leader": leader_link(context, address)} if mobile else {})
            for name, path in shown.items():
                page = context.new_page()
                # Set out before its hour, it is kept on the phone.
                page.route("**/reports", lambda route: route.abort())
                page.goto(f"{address}{path}?lang={lang}")
                if name == "leader":
                    set_out(page)
                page.wait_for_timeout(SETTLED_MS)
                take(page, f"{name}{ending}")
                page.close()
        browser.close()
    total = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{FOLDER}: {total / 1000:.0f} kB")


def leader_link(context: Any, address: str) -> str:
    """Return the path of the page of a team's leader, of the night that is planned."""
    night = context.request.get(f"{address}/patrols").json()["date"]
    made = context.request.post(f"{address}/patrols/{night}/links", data={}).json()["links"]
    return str(made[0]["path"])


def set_out(page: Any) -> None:
    """Lead on to the first stop, as the leader does with two presses."""
    page.click("#go")
    page.click("#go")


def take(page: Any, name: str) -> None:
    """Save what a page shows in few colours."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = picture.quantize(112, dither=Image.Dither.NONE)
    small.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
