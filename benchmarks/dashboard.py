"""The overview of the sample town: until it can be used, what is transferred, what it costs.

    python -P benchmarks/dashboard.py [WORKSPACE]

Serves the workspace (else makes the sample town) and asks for the page as soon as the server says
where it is, and for a first cell (`/cells/{h3}`). Then opens `/` in headless Chromium and measures,
best of five: until the page is ready, and until the layers of its first theme are there. Then the
CPU time of the server for one page, once it is warm. Goal: used within 2 s.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

FENGQIAO = Path(sys.executable).with_name("fengqiao")
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
RUNS = 5
PAGES = 20


def seconds_until_used(address: str) -> tuple[float, float, int]:
    """Return seconds until ready and until the first theme is there, and the bytes that came."""
    with sync_playwright() as tools:
        chromium = os.environ.get("FENGQIAO_CHROMIUM", "/usr/bin/chromium")
        browser = tools.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        came: list[int] = []
        page.on("requestfinished", lambda r: came.append(r.sizes()["responseBodySize"]))
        begin = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector("body.ready")
        ready = time.perf_counter() - begin
        page.wait_for_selector("body[data-theme]")
        themed = time.perf_counter() - begin
        page.wait_for_load_state("networkidle")
        total = sum(came)
        browser.close()
        return ready, themed, total


def seconds_of_a_cell(address: str) -> float:
    """Return how long a new server takes to tell of a cell, one in the worst gap."""
    root = address.partition("/?")[0]
    with urllib.request.urlopen(f"{root}/coverage?limit=1") as answer:
        cell = json.load(answer)["gaps"][0]["id"]
    begin = time.perf_counter()
    with urllib.request.urlopen(f"{root}/cells/{cell}") as answer:
        answer.read()
    return time.perf_counter() - begin


def cpu_seconds(process: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        town = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "town"
        if len(sys.argv) == 1:
            subprocess.run([FENGQIAO, "demo", town], check=True, capture_output=True)
        command = [str(FENGQIAO), "serve", "-w", str(town), "--port", "0", "--no-worker"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            found = re.search(r"http://\S+", server.stderr.readline())
            assert found is not None
            address = f"{found.group()}/?lang=zh"
            try:
                measure(address, server.pid)
            finally:
                server.terminate()


def measure(address: str, process: int) -> None:
    """Print the figures of one server."""
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores")
    begin = time.perf_counter()
    with urllib.request.urlopen(address) as page:
        text = page.read()
    print(f"first page of a new server: {time.perf_counter() - begin:.2f} s")
    print(f"HTML {len(text) / 1e3:.0f} kB, gzip {len(gzip.compress(text)) / 1e3:.0f} kB")
    print(f"first cell: {seconds_of_a_cell(address):.2f} s")
    runs = [seconds_until_used(address) for _ in range(RUNS)]
    ready, themed, came = (min(column) for column in zip(*runs, strict=True))
    print(f"ready {ready:.2f} s, first theme {themed:.2f} s, {came / 1e3:.0f} kB in all")
    used = cpu_seconds(process)
    for _ in range(PAGES):
        with urllib.request.urlopen(address) as page:
            page.read()
    print(f"server, warm: {(cpu_seconds(process) - used) / PAGES * 1e3:.0f} ms CPU a page")


if __name__ == "__main__":
    main()
