from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from gis.errors import NotFoundError, StoreError
from gis.store import Store, open_store
from gis.store_features import FeatureQuery, known_features, read_features
from gis.store_known import KnownLayer, RevisionWatch, known_layer

SIDE = 9


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Return a store with 81 cameras in a lattice, one with a height and one nowhere."""
    at = np.random.default_rng(2).permutation(SIDE * SIDE)
    points = [Point(120 + one % SIDE / 100, 30 + one // SIDE / 100) for one in at]
    points[3] = Point(points[3].x, points[3].y, 7.5)
    cameras = gpd.GeoDataFrame(
        {"code": [f'c"{one:02}' for one in at], "name": "路口", "contact": "not for everybody"},
        geometry=points,
        crs=4326,
    )
    line = LineString([(120, 30), (120.1, 30.1)])
    streets = gpd.GeoDataFrame({"code": ["way/1"]}, geometry=[line], crs=4326)
    with open_store("sqlite://", create=True) as store:
        store.import_layers({"cameras": cameras, "streets": streets}, source="a lattice")
        store.set_town(made_up=True)
        yield store


@pytest.fixture(scope="module")
def known(store: Store) -> KnownLayer:
    """Return the cameras, kept."""
    kept = known_layer(store, "cameras")
    assert kept is not None
    return kept


degrees = st.integers(-1, SIDE).map(lambda n: n / 100 + 0.005)


@settings(max_examples=60)
@given(west=degrees, south=degrees, width=st.integers(0, SIDE), limit=st.integers(1, 30))
def test_pages_are_those_that_the_store_gives(
    store: Store, known: KnownLayer, west: float, south: float, width: int, limit: int
) -> None:
    box = (120 + west, 30 + south, 120 + west + width / 100, 30 + south + width / 100)
    after: str | None = ""
    while after is not None:
        query = FeatureQuery("cameras", (box,), after=after, limit=limit)
        page, stored = known_features(known, query), read_features(store, query)
        assert page == stored
        after = stored.after


@pytest.mark.parametrize("asked", [{}, {"boxes": ((0, 0, 1, 1),), "where": {"status": "in_use"}}])
def test_other_questions_are_for_the_store(known: KnownLayer, asked: Any) -> None:
    assert known_features(known, FeatureQuery("cameras", **asked)) is None


def test_what_is_kept_says_no_more_than_the_store(known: KnownLayer) -> None:
    first = json.loads(known.features(np.array([0]))[0])
    assert set(first["properties"]) == {"code", "name", "made_up"}


def test_only_points_are_kept_and_not_too_many(store: Store) -> None:
    assert known_layer(store, "streets") is None
    assert known_layer(store, "cameras", most_bytes=5000) is None
    with pytest.raises(NotFoundError):
        known_layer(store, "faces")


def test_a_watch_tells_each_change(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    with open_store(path, create=True) as store:
        watch = RevisionWatch(store)
        assert watch.now() == 0
        with open_store(path) as other:
            other.set_town(name="New")
        assert watch.now() == 1 == store.revision
        watch.close()
        assert watch.now() == 1  # on a new connection
        watch.close()


def test_a_watch_of_what_is_no_town_any_more_says_so(tmp_path: Path) -> None:
    with open_store(tmp_path / "town.db", create=True) as store:
        watch = RevisionWatch(store)
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE revisions RENAME TO gone")
        with pytest.raises(StoreError, match="revisions"):
            watch.now()
        watch.close()
