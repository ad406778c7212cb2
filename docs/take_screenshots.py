"""Take the README's pictures of a workspace that is being served.

    fengqiao serve -w workspace/sample
    python -P docs/take_screenshots.py http://127.0.0.1:8000

Desktop in English, phone in Chinese; reduced to 112 colours, so that all stay under 800 kB.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent / "images"
LOOKS = {
    "": ({"width": 1280, "height": 800}, "en", False),
    "-phone": ({"width": 390, "height": 844}, "zh", True),
}
PAGES = ("coverage", "response", "patrol", "targets")
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main(address: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=os.environ.get("FENGQIAO_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        for ending, (viewport, lang, mobile) in LOOKS.items():
            context = browser.new_context(viewport=viewport, is_mobile=mobile, has_touch=mobile)
            for name in PAGES:
                page = context.new_page()
                page.goto(f"{address}/pages/{name}?lang={lang}", wait_until="networkidle")
                page.wait_for_timeout(4000)
                picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
                small = picture.quantize(112, dither=Image.Dither.NONE)
                small.save(FOLDER / f"{name}{ending}.png", optimize=True)
        browser.close()
    total = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{FOLDER}: {total / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1])
