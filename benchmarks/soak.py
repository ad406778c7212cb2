"""Mixed load on a server of two processes, one of which is killed: faults, and memory.

    python -P benchmarks/soak.py [WORKSPACE] [--seconds S]

Serves a copy of the workspace (else the sample town) and asks from four connections for pages,
tiles, features and incidents, which are opened, sent to, and closed. A little before the middle a
process that answers is killed. Asked: no fault beyond the connections that died with it, and memory
that grows by no more than 1 % a minute in the second half. Exit 1 where it is not so.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

FENGQIAO = Path(sys.executable).with_name("fengqiao")
WORKERS, CLIENTS = 2, 4
# When a process is killed, as a share of the whole: the new one is warm before the second half.
KILLED_AT = 0.35
PAUSE_S = 0.02
CONFLICT = 409
GROWTH_PER_MINUTE = 0.01
PAGES = (
    "/?lang=zh", "/?lang=en", "/dashboard/parts?lang=zh", "/dashboard/layers/coverage?lang=zh",
    "/pages/coverage?lang=zh", "/pages/response?lang=en", "/pages/patrol?lang=zh",
    "/planner?lang=zh", "/coverage", "/healthz", "/incidents",
)  # fmt: skip
THEMES = ("base", "cells")
LAYERS = ("cameras", "streets", "buildings")

Box = tuple[float, float, float, float]


@dataclass
class Tally:
    """What happened so far; all clients write to it.

    Parameters
    ----------
    box
        (west, south, east, north) of the town, degrees.
    end
        When the clients end, by the monotonic clock; so are all moments here.
    killed_at, killed
        When a process was killed, and which; inf and 0 before.
    """

    box: Box
    end: float
    killed_at: float = float("inf")
    killed: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    faults: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def growth(self) -> float:
        """Return by how much of its mean the memory grows in a minute, in the second half."""
        seconds, used = np.array(self.memory, dtype=float).T
        half = seconds >= (seconds[0] + seconds[-1]) / 2
        slope = np.polyfit(seconds[half] - seconds[-1], used[half], 1)[0]
        return float(slope * 60 / used[half].mean())

    def summary(self) -> str:
        """Return what happened in some lines."""
        used = [one for _, one in self.memory]
        faults = "".join(f"\n  {one}" for one in self.faults[:10])
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.answers.items()))
        return "\n".join(
            [
                f"{self.answers.total():,} answers: {kinds}",
                f"{self.lost} connections died with the killed process",
                f"{len(self.faults)} faults{faults}",
                f"memory of the processes together: {used[0] / 1e6:.0f} MB at first, "
                f"{max(used) / 1e6:.0f} at most, {used[-1] / 1e6:.0f} at last; in the second half "
                f"{self.growth():+.2%} a minute (limit {GROWTH_PER_MINUTE:.0%})",
            ]
        )


class Client:
    """One connection that is used again and again, as a browser does.

    Parameters
    ----------
    address
        Of the server, such as "http://127.0.0.1:8000".
    tally
        Where everything is counted.
    seed
        Of what it asks for.
    """

    def __init__(self, address: str, tally: Tally, seed: int) -> None:
        parts = urlsplit(address)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._tally = tally
        self._random = random.Random(seed)
        self._connection: http.client.HTTPConnection | None = None
        self._since = 0.0

    def run(self) -> None:
        """Ask until it is time to end."""
        kinds: tuple[Callable[[], None], ...] = (self._page, self._tile, self._features)
        for turn in itertools.count():
            if time.monotonic() >= self._tally.end:
                break
            # One incident in a dozen requests, and the rest by turns.
            (self._incident if turn % 12 == 11 else kinds[turn % 3])()
            time.sleep(PAUSE_S)
        self._close()

    def ask(self, kind: str, path: str, sent: object = None, may: int = 200) -> Any:
        """Return the JSON of an answer, True where it is something else, None where it failed.

        A status that it may have is no fault, either.
        """
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, self._port, timeout=120)
            self._since = time.monotonic()
        method, body = ("GET", None) if sent is None else ("POST", json.dumps(sent))
        try:
            self._connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._broken(f"{method} {path}: {error!r}")
            return None
        with self._tally.lock:
            self._tally.answers[kind] += 1
            if answer.status >= 400 and answer.status != may:
                self._tally.faults.append(f"{method} {path}: {answer.status} {content[:300]!r}")
                return None
        if answer.status >= 400:
            return None
        return json.loads(content) if "json" in answer.headers.get_content_type() else True

    def _broken(self, fault: str) -> None:
        """Count a connection that broke: with the process that it led to, or by a fault."""
        self._close()
        with self._tally.lock:
            if self._since < self._tally.killed_at <= time.monotonic():
                self._tally.lost += 1
            else:
                self._tally.faults.append(fault)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _place(self) -> tuple[float, float]:
        west, south, east, north = self._tally.box
        return self._random.uniform(west, east), self._random.uniform(south, north)

    def _page(self) -> None:
        self.ask("pages", self._random.choice(PAGES))

    def _tile(self) -> None:
        (lon, lat), zoom = self._place(), self._random.randint(12, 17)
        across = 2**zoom
        x = int((lon + 180) / 360 * across)
        y = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * across)
        self.ask("tiles", f"/tiles/{self._random.choice(THEMES)}/{zoom}/{x}/{y}.png")

    def _features(self) -> None:
        lon, lat = self._place()
        layer = self._random.choice(LAYERS)
        self.ask(
            "features", f"/ogc/collections/{layer}/items?bbox={lon},{lat},{lon + 0.01},{lat + 0.01}"
        )

    def _incident(self) -> None:
        """Open an incident, send who comes first, and close it again."""
        lon, lat = self._place()
        opened = self.ask("incidents", "/incidents", {"lon": lon, "lat": lat, "kind": "other"})
        if opened is None:
            return
        number, units = opened["incident"]["number"], opened["answer"]["units"]
        if units:  # whom another client may have sent elsewhere by now
            sent = {"unit": units[0]["code"]}
            self.ask("incidents", f"/incidents/{number}/send", sent, may=CONFLICT)
        self.ask("incidents", f"/incidents/{number}/close", {})


def soak(address: str, server: int, seconds: float) -> Tally:
    """Return what happened under load.

    Parameters
    ----------
    address
        Of the server.
    server
        Its process, whose children answer.
    seconds
        How long.
    """
    box = town_box(address)
    wait_until_ready(address, server)
    begin = time.monotonic()
    tally = Tally(box, begin + seconds)
    with ThreadPoolExecutor(CLIENTS) as threads:
        clients = [threads.submit(Client(address, tally, at).run) for at in range(CLIENTS)]
        while time.monotonic() < tally.end:
            if tally.killed_at == float("inf") and time.monotonic() >= begin + KILLED_AT * seconds:
                tally.killed_at = time.monotonic()
                tally.killed = min(answering(server))
                os.kill(tally.killed, signal.SIGKILL)
            tally.memory.append((time.monotonic(), memory(server)))
            time.sleep(min(1.0, seconds / 60))
    for client in clients:
        client.result()  # raises what it raised
    return tally


def town_box(address: str) -> Box:
    """Return the box of the streets of the town that a server shows, degrees."""
    with urllib.request.urlopen(f"{address}/ogc/collections/streets", timeout=300) as answer:
        west, south, east, north = json.load(answer)["extent"]["spatial"]["bbox"][0]
    return west, south, east, north


def wait_until_ready(address: str, server: int) -> None:
    """Wait until the processes have the pages ready: until none of them computes any more."""
    for path in PAGES:
        urllib.request.urlopen(f"{address}{path}", timeout=300).read()
    before = -1.0
    while (now := cpu_seconds(server)) - before > 0.05 * WORKERS:
        before = now
        time.sleep(1)


def cpu_seconds(server: int) -> float:
    """Return the CPU seconds that the processes that answer have used."""
    stats = [Path(f"/proc/{one}/stat").read_text() for one in answering(server)]
    fields = [text.rpartition(")")[2].split() for text in stats]
    return sum(int(part[11]) + int(part[12]) for part in fields) / os.sysconf("SC_CLK_TCK")


def answering(server: int) -> list[int]:
    """Return the processes of a server that answer."""
    listed = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    commands = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in listed}
    return [child for child, words in commands.items() if b"spawn_main" in words]


def memory(server: int) -> int:
    """Return the memory of the processes that answer, bytes."""
    used = 0
    for process in answering(server):
        with contextlib.suppress(OSError):  # it has just ended
            used += int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return used * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, int]]:
    """Give the address and the process of a server that answers by several processes."""
    command = [FENGQIAO, "serve", "-w", folder, "--port", "0", "--workers", str(WORKERS)]
    with subprocess.Popen(
        [*map(str, command), "--no-worker"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found is not None
        # What else it says must not fill the pipe.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        try:
            yield found.group(), process.pid
        finally:
            process.terminate()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", nargs="?", type=Path)
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        town = Path(folder) / "town"
        if options.workspace is None:
            subprocess.run([FENGQIAO, "demo", town], check=True, capture_output=True)
        else:
            shutil.copytree(options.workspace, town)
        print(f"{options.seconds:.0f} s, load before {os.getloadavg()[0]:.2f}", flush=True)
        with serving(town) as (address, server):
            tally = soak(address, server, options.seconds)
    print(f"{tally.summary()}\nload after {os.getloadavg()[0]:.2f}")
    return int(bool(tally.faults) or tally.growth() > GROWTH_PER_MINUTE)


if __name__ == "__main__":
    sys.exit(main())
