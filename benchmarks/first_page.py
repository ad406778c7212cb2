"""Seconds from an empty folder to the first page, with numba's cache cold and warm.

    python -P benchmarks/first_page.py

Does what `make run` does on an installed machine: the demo of the sample town, then the server,
until the coverage page has come.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PORT = 8931
PAGE = f"http://127.0.0.1:{PORT}/"


def seconds_to_first_page(workspace: Path, cache: Path) -> tuple[float, float]:
    """Return seconds until the demo is made, and until the first page has come."""
    command = Path(sys.executable).with_name("fengqiao")
    env = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    begin = time.perf_counter()
    demo = [command, "demo", str(workspace)]
    subprocess.run(demo, check=True, env=env, capture_output=True)
    made = time.perf_counter() - begin
    server = subprocess.Popen(
        [command, "serve", "-w", str(workspace), "--port", str(PORT)],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                with urllib.request.urlopen(PAGE) as page:
                    page.read()
                return made, time.perf_counter() - begin
            except urllib.error.URLError:
                time.sleep(0.05)
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    place = Path(tempfile.mkdtemp())
    cache = place / "cache"
    try:
        print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores")
        for name in ("cold", "warm"):
            made, shown = seconds_to_first_page(place / name, cache)
            print(f"{name} cache, new workspace: demo made {made:.1f} s, first page {shown:.1f} s")
        made, shown = seconds_to_first_page(place / "warm", cache)
        print(f"workspace there already: first page {shown:.1f} s")
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
