"""A generated town of a million cells in headless Chromium: until it is drawn, what it costs.

    python -P benchmarks/browser_cells.py [WORKSPACE]

Makes the town (or takes one made before), serves it and opens its coverage page, best of five:
from a server that has just started (cold), in a new browser from a server that has drawn it before
(new browser), again in the same browser (warm), and as a phone of 390 x 844 with a fourth of this
machine's speed. Drawn means that the page is ready and every tile of the view is there. Then the
map is moved and zoomed for some seconds, while the browser tells which task kept it longest.
Beside the clock stand the CPU seconds of the server and of the page's own process, which other
work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from playwright.sync_api import sync_playwright

from api.answers import make_answers, start
from api.kept import keep
from api.workspace import create_workspace, open_workspace
from gis import hexes
from gis.layers import WGS84, conform
from planner.answer import Answer

FENGQIAO = Path(sys.executable).with_name("fengqiao")
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
RUNS = 5
WEST, SOUTH, WIDE, HIGH = 120.60, 30.05, 0.17, 0.146
PARTS = 5  # villages each way
BLOCKS = 36  # streets each way
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
SLOWER = 4
DRAWN = """(() => {
  const tiles = [...document.querySelectorAll('.leaflet-tile')];
  return Boolean(document.body?.classList.contains('ready')) && tiles.length > 0
    && tiles.every((tile) => tile.complete && tile.naturalWidth > 0);
})()"""
LOOK_S = 0.02
WATCH = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({ entryTypes: ['longtask'] });
}"""


def make_town(folder: Path) -> None:
    """Make a workspace of 1,000,000 cells: villages, streets, and a coverage drawn at random."""
    create_workspace(folder, "Million")
    workspace = open_workspace(folder)
    across, up = np.linspace(0, WIDE, PARTS + 1) + WEST, np.linspace(0, HIGH, PARTS + 1) + SOUTH
    villages = [
        shapely.box(across[i], up[j], across[i + 1], up[j + 1])
        for i in range(PARTS)
        for j in range(PARTS)
    ]
    lines = [
        shapely.LineString([(x, SOUTH), (x, SOUTH + HIGH)])
        for x in np.linspace(0, WIDE, BLOCKS) + WEST
    ] + [
        shapely.LineString([(WEST, y), (WEST + WIDE, y)])
        for y in np.linspace(0, HIGH, BLOCKS) + SOUTH
    ]
    frames = {
        "villages": _layer("villages", villages, name=[f"V{n}" for n in range(len(villages))]),
        "cameras": _layer(
            "cameras", [v.centroid for v in villages], range_m=[80.0] * len(villages)
        ),
        "streets": _layer("streets", lines, highway=["residential"] * len(lines)),
    }
    with workspace.open_store() as store:
        store.import_layers(frames, source="generated")
        kept = make_answers(workspace, store, ["coverage"])["coverage"]
        coverage = kept.result
        lon, lat = hexes.centres(coverage.cells.index.to_numpy(np.uint64))
        waves = 0.5 + 0.5 * np.sin(lon * 900) * np.cos(lat * 700)
        noise = np.random.default_rng(1).normal(0, 0.15, len(lon))
        value = np.clip(waves + noise, 0, 1)
        cells = coverage.cells.assign(
            value=value, low=value * 0.8, high=np.sqrt(value), networked=value * 0.9,
            in_service=value * 0.7, repaired=value, cameras=(value * 4).astype(int),
            px_per_m=value * 300,
        )  # fmt: skip
        result = replace(coverage, cells=cells)
        answer = Answer("coverage", result, kept.document, (), ())
        keep(store, answer, start(workspace, store).basis("coverage"))
        print(f"{len(cells):,} cells")


def _layer(layer: str, geometry: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    codes = [f"{layer[0]}{n:04d}" for n in range(len(geometry))]
    frame = gpd.GeoDataFrame({"code": codes, **columns}, geometry=geometry, crs=WGS84)
    return conform(frame, layer)


@contextmanager
def served(town: Path) -> Iterator[tuple[str, int]]:
    """Serve a town; give the address of its coverage page and the number of the process."""
    command = [FENGQIAO, "serve", "-w", town, "--port", "0", "--no-worker"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        found = re.search(r"http://\S+", server.stderr.readline())
        assert found is not None
        try:
            yield f"{found.group().rstrip('/')}/pages/coverage?lang=zh", server.pid
        finally:
            server.terminate()


class Visit:
    """One browser window with what came to it."""

    def __init__(self, browser: Any, look: dict[str, Any], slower: int = 1) -> None:
        self.page = browser.new_context(**look).new_page()
        self.came, self.cpu, self.own = 0, (0.0, 0.0), 0.0
        self.devtools = self.page.context.new_cdp_session(self.page)
        self.devtools.send("Network.enable")
        self.devtools.send("Performance.enable")
        self.devtools.on("Network.loadingFinished", self._count)
        if slower > 1:
            self.devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})

    def _count(self, event: Any) -> None:
        self.came += int(event["encodedDataLength"])

    def seconds(self, address: str, server: int) -> float:
        """Return the seconds until the page is drawn; `cpu` is the server's and the page's."""
        self.came = 0
        used, begin = cpu_seconds(server), time.perf_counter()
        self.page.goto(address, wait_until="commit")
        # Asked from outside: what Playwright puts into a page to wait takes a slow phone its time.
        while not self._holds(DRAWN):
            time.sleep(LOOK_S)
        taken = time.perf_counter() - begin
        told = self.devtools.send("Performance.getMetrics")["metrics"]
        own = {one["name"]: one["value"] for one in told}["ProcessTime"]
        self.cpu, self.own = (cpu_seconds(server) - used, own - self.own), own
        return taken

    def _holds(self, script: str) -> bool:
        """Return whether a script gives true in the page as it is now."""
        told = self.devtools.send("Runtime.evaluate", {"expression": script})
        return told["result"].get("value") is True

    def heap_mb(self) -> float:
        """Return what the page's scripts hold, after what is not needed was given back."""
        self.devtools.send("HeapProfiler.collectGarbage")
        return float(self.devtools.send("Runtime.getHeapUsage")["usedSize"]) / 1e6

    def longest_ms(self) -> float:
        """Return the longest task while the map is moved and zoomed."""
        self.page.evaluate(WATCH)
        box = self.page.locator(".folium-map").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
        for step in range(6):
            self.page.mouse.move(x, y)
            self.page.mouse.down()
            side = -80 if step % 2 else 90
            self.page.mouse.move(x + side, y + side / 2, steps=8)
            self.page.mouse.up()
            self.page.mouse.wheel(0, -240 if step < 4 else 480)
            self.page.wait_for_timeout(500)
        return float(self.page.evaluate("window.longest"))


def cpu_seconds(process: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def visits(tools: Any, address: str, server: int) -> dict[str, tuple[float, ...]]:
    """Return for each visit: seconds, CPU of server and page, bytes, heap in MB, longest task."""
    chromium = os.environ.get("FENGQIAO_CHROMIUM", "/usr/bin/chromium")
    browser = tools.chromium.launch(executable_path=chromium, args=FLAGS)
    told = {}
    for name, look, slower in (
        ("cold server", DESKTOP, 1),
        ("new browser", DESKTOP, 1),
        ("phone", PHONE, SLOWER),
    ):
        visit = Visit(browser, look, slower)
        first = visit.seconds(address, server), *visit.cpu, visit.came
        if name == "new browser":
            again = visit.seconds(address, server), *visit.cpu, visit.came
            told["again"] = (*again, visit.heap_mb(), visit.longest_ms())
        told[name] = (*first, visit.heap_mb(), visit.longest_ms())
    browser.close()
    return told


def measure(town: Path) -> None:
    """Print the best of some runs."""
    runs = []
    with sync_playwright() as tools:
        for _ in range(RUNS):
            with served(town) as (address, server):
                runs.append(visits(tools, address, server))
    print(f"best of {RUNS}, load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores")
    for name in runs[0]:
        best = [min(column) for column in zip(*(run[name] for run in runs), strict=True)]
        print(
            f"{name}: {best[0]:.2f} s (CPU server {best[1]:.2f}, page {best[2]:.2f}), "
            f"{best[3] / 1e3:.0f} kB, scripts {best[4]:.1f} MB, longest task {best[5]:.0f} ms"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", nargs="?", type=Path, help="made by a run before, or now")
    given = parser.parse_args().workspace
    with tempfile.TemporaryDirectory() as folder:
        town = given or Path(folder) / "town"
        if not town.exists():
            make_town(town)
        measure(town)


if __name__ == "__main__":
    main()
