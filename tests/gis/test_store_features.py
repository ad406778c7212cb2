from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point

from gis.errors import NotFoundError
from gis.made_up import MARK
from gis.store import Store, open_store
from gis.store_features import FeatureQuery, read_feature, read_features, stored_layers

SIDE = 12


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Return a store with 144 cameras in a lattice, in no order of codes, and one street."""
    at = np.random.default_rng(1).permutation(SIDE * SIDE)
    cameras = gpd.GeoDataFrame(
        {
            "code": [f"c{one:03}" for one in at],
            "status": np.where(at % 3 == 0, "repair", "in_use"),
            "height_m": (at % 5).astype(float),
            "networked": at % 2 == 0,
            "contact": "not for everybody",
        },
        geometry=[Point(120 + one % SIDE / 100, 30 + one // SIDE / 100) for one in at],
        crs=4326,
    )
    line = shapely.LineString([(120, 30), (120.1, 30.1)])
    streets = gpd.GeoDataFrame({"code": ["way/1"], "name": ["斜路"]}, geometry=[line], crs=4326)
    with open_store("sqlite://", create=True) as store:
        store.import_layers({"cameras": cameras, "streets": streets}, source="a lattice")
        yield store


def walked(store: Store, **asked: Any) -> list[dict[str, Any]]:
    """Return all features, page by page."""
    found, after = [], ""
    while True:
        page = read_features(store, FeatureQuery("cameras", after=after, **asked))
        assert len(page.features) <= asked.get("limit", 100)
        found += [json.loads(text) for text in page.features]
        if page.after is None:
            return found
        after = page.after


def test_what_the_schema_does_not_know_is_not_told(store: Store) -> None:
    first = json.loads(read_features(store, FeatureQuery("cameras", limit=1)).features[0])
    assert first == {
        "type": "Feature",
        "id": "c000",
        "geometry": {"type": "Point", "coordinates": [120.0, 30.0]},
        "properties": {"code": "c000", "status": "repair", "height_m": 0.0, "networked": True},
    }


degrees = st.integers(-1, SIDE).map(lambda n: n / 100 + 0.005)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    west=degrees,
    south=degrees,
    width=st.integers(0, SIDE),
    height=st.integers(0, SIDE),
    limit=st.integers(1, 50),
    status=st.sampled_from(["in_use", "repair", None]),
)
def test_pages_together_are_what_a_search_through_all_rows_finds(
    store: Store, west: float, south: float, width: int, height: int, limit: int, status: str | None
) -> None:
    box = (120 + west, 30 + south, 120 + west + width / 100, 30 + south + height / 100)
    where = {} if status is None else {"status": status}
    frame = store.layer("cameras")
    fits = frame.geometry.intersects(shapely.box(*box)).to_numpy()
    if status is not None:
        fits = fits & frame["status"].eq(status).to_numpy(dtype=bool)
    found = walked(store, boxes=(box,), where=where, limit=limit)
    assert [one["id"] for one in found] == sorted(frame.loc[fits, "code"])


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({"height_m": 3.0}, 29),
        ({"networked": False}, 72),
        ({"code": "c007"}, 1),
        ({"kind": "x"}, 0),
    ],
)
def test_columns_of_each_type_are_compared(store: Store, where: Any, count: int) -> None:
    assert len(walked(store, where=where)) == count


def test_a_line_is_found_by_where_it_runs_not_by_its_box(store: Store) -> None:
    off, on = (120.0, 30.08, 120.01, 30.09), (120.04, 30.04, 120.06, 30.06)
    for box, count in ((off, 0), (on, 1)):
        page = read_features(store, FeatureQuery("streets", boxes=(box,)))
        assert len(page.features) == count


def test_a_box_in_two_parts_finds_what_touches_either(store: Store) -> None:
    boxes = ((120.0, 30.0, 120.0, 30.0), (120.01, 30.0, 120.01, 30.0))
    assert [one["id"] for one in walked(store, boxes=boxes, limit=1)] == ["c000", "c001"]


def test_a_box_may_be_a_line(store: Store) -> None:
    for box in ((120.0, 30.0, 120.0, 30.02), (120.0, 30.0, 120.02, 30.0)):
        assert len(walked(store, boxes=(box,))) == 3


def test_one_feature_by_its_code(store: Store) -> None:
    assert json.loads(read_feature(store, "streets", "way/1"))["properties"]["name"] == "斜路"
    with pytest.raises(NotFoundError, match="way/2"):
        read_feature(store, "streets", "way/2")


def test_layers_with_their_boxes(store: Store) -> None:
    revision, layers = stored_layers(store)
    assert (revision, [(one.name, one.rows) for one in layers]) == (
        1,
        [("streets", 1), ("cameras", 144)],
    )
    assert layers[1].box == pytest.approx((120, 30, 120.11, 30.11))


def test_made_up_data_say_so_in_each_feature() -> None:
    frame = gpd.GeoDataFrame({"code": ["a"], "kind": ["park"]}, geometry=[Point(8, 49)], crs=4326)
    with open_store("sqlite://", create=True) as store:
        store.import_layers({"areas": frame}, source="an example")
        store.set_town(made_up=True)
        told = json.loads(read_feature(store, "areas", "a"))["properties"]
    assert told == {"code": "a", "kind": "park", "made_up": MARK}
