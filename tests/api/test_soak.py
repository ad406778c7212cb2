"""Half a minute of mixed load on two processes, one of which is killed."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

SOAK = Path(__file__).parents[2] / "benchmarks" / "soak.py"
SECONDS = 30.0


@pytest.fixture(scope="module")
def soak() -> ModuleType:
    """Return the benchmark that puts the load on, which is no module of the program."""
    spec = importlib.util.spec_from_file_location("soak", SOAK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["soak"] = module  # dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_a_killed_process_takes_only_its_own_connections_along(
    soak: ModuleType, town: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(town, tmp_path / "town")
    with soak.serving(folder) as (address, server):
        tally = soak.soak(address, server, SECONDS)
        deadline = time.monotonic() + 120  # another process takes the place of the killed one
        while len(soak.answering(server)) < soak.WORKERS and time.monotonic() < deadline:
            time.sleep(0.2)
        after = soak.answering(server)
    assert not tally.faults, tally.summary()
    assert tally.lost <= soak.CLIENTS
    assert set(tally.answers) == {"pages", "tiles", "features", "incidents"}
    assert tally.killed not in after
    assert len(after) == soak.WORKERS


def test_memory_that_grows_is_told(soak: ModuleType) -> None:
    tally = soak.Tally((0, 0, 1, 1), 0)
    # Warm after a minute; then 3 MB a minute more beside 300.
    tally.memory = [(float(at), 300_000_000 + 50_000 * max(at - 60, 0)) for at in range(121)]
    assert tally.growth() == pytest.approx(3 / 301.5, rel=1e-3)


def test_only_connections_older_than_the_kill_may_break(soak: ModuleType) -> None:
    tally = soak.Tally((0, 0, 1, 1), 0)
    client = soak.Client("http://127.0.0.1:9", tally, 0)  # where nobody listens
    assert client.ask("pages", "/") is None
    assert (tally.lost, len(tally.faults)) == (0, 1)
