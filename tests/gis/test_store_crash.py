"""What others see while one writes, and what is left when the writer is killed."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from gis.errors import StoreError
from gis.layers import WGS84, conform
from gis.store import Store, open_store

# Says so when it begins to write, then imports two layers over and over.
WRITER = """
import sys, geopandas as gpd, shapely
from gis.store import open_store
n = 6_000
frame = gpd.GeoDataFrame(
    {"code": [str(i) for i in range(n)], "note": "x" * 200},
    geometry=shapely.points([[8.6 + i / n, 49.4] for i in range(n)]), crs=4326,
)
with open_store(sys.argv[1]) as store:
    for turn in range(1000):
        print(turn, flush=True)
        frames = {"cameras": frame.assign(turn=turn), "sites": frame.assign(turn=turn)}
        store.import_layers(frames, source="a test")
"""


def some(count: int) -> gpd.GeoDataFrame:
    shapes = shapely.points([[8.6, 49.4]] * count)
    return gpd.GeoDataFrame({"code": [str(i) for i in range(count)]}, geometry=shapes, crs=WGS84)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "town.db"
    with open_store(path, create=True) as store:
        store.import_layers({"units": some(50), "cameras": some(20)}, source="before")
    return path


@pytest.fixture
def writer(path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-P", "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def assert_whole(store: Store) -> None:
    layers = store.layers()
    assert_geodataframe_equal(layers["units"], conform(some(50), "units"))
    if layers.revision == 1:
        assert len(layers["cameras"]) == 20
        assert not layers.has("sites")
        return
    cameras, sites = layers["cameras"], layers["sites"]
    assert len(cameras) == len(sites) == 6_000
    # One import, not parts of two.
    assert cameras["turn"].unique().tolist() == sites["turn"].unique().tolist()


@pytest.mark.parametrize("kill", range(8))
def test_a_killed_import_leaves_the_earlier_data_whole(
    path: Path, writer: subprocess.Popen[str], kill: int
) -> None:
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(random.Random(kill).uniform(0.0, 1.2))
    writer.kill()
    writer.wait()
    with open_store(path) as store:
        assert_whole(store)
        before = store.revision
        assert store.import_layers({"units": some(50)}, source="after") == before + 1
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_reader_sees_whole_imports_while_another_program_writes(
    path: Path, writer: subprocess.Popen[str]
) -> None:
    assert writer.stdout is not None
    writer.stdout.readline()
    seen = set()
    with open_store(path) as store:
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            assert_whole(store)
            seen.add(store.revision)
    assert len(seen) > 1


def test_a_second_writer_waits_then_says_so(path: Path) -> None:
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as other,
        open_store(path, busy_timeout_s=0.3) as store,
    ):
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(StoreError, match=r"town\.db: another program is writing"):
            store.import_layers({"units": some(1)}, source="x")
        assert time.monotonic() - started >= 0.3
        assert len(store.layer("units")) == 50
        other.execute("ROLLBACK")
        assert store.import_layers({"units": some(1)}, source="x") == 2


def test_a_second_writer_gets_its_turn(path: Path, writer: subprocess.Popen[str]) -> None:
    assert writer.stdout is not None
    writer.stdout.readline()
    with open_store(path, busy_timeout_s=60) as store:
        revision = store.import_layers({"units": some(7)}, source="second")
        assert store.revision >= revision
        assert len(store.layer("units")) == 7
