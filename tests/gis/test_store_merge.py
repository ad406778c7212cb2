from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import Point, box

from gis.errors import LayerFaultsError, ParameterError
from gis.layers import WGS84
from gis.store import Store, open_store
from gis.store_merge import MergeRules


def cameras(codes: str, **columns: object) -> gpd.GeoDataFrame:
    shapes = [Point(120.7 + (ord(code) - ord("a")) / 100, 30.1) for code in codes]
    return gpd.GeoDataFrame({"code": list(codes), **columns}, geometry=shapes, crs=WGS84)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "town.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path, create=True) as opened:
        frame = cameras("cab", name=["3", "1", "2"], lanes=[3, 1, 2])
        opened.import_layers({"cameras": frame}, source="first.csv", attribution=["the town"])
        yield opened


def last_detail(path: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as base:
        text = base.execute("select detail from revisions order by id desc limit 1").fetchone()[0]
    return json.loads(text)


def test_rows_keep_their_order_and_new_ones_follow(store: Store, path: Path) -> None:
    file = cameras("bdc", name=["two", "four", "3"], note=["n", "m", "o"])
    revision = store.import_layers(
        {"cameras": file}, source="more.xlsx", mode="merge", attribution=["a village"]
    )
    back = store.layer("cameras")
    assert revision == 2
    assert back["code"].tolist() == ["c", "a", "b", "d"]
    assert back["name"].tolist() == ["3", "1", "two", "four"]
    assert back["lanes"].astype(object).tolist()[:3] == [3, 1, 2]
    assert str(back["lanes"].dtype) == "Int64"
    assert back["note"].tolist()[2:] == ["n", "m"]
    assert store.town.attribution == ("the town", "a village")
    assert last_detail(path) == {
        "source": "more.xlsx",
        "mode": "merge",
        "layers": {"cameras": 4},
        "changes": {
            "cameras": {"added": 1, "changed": 2, "vanished": 1, "unchanged": 0, "conflicts": 0}
        },
    }


def test_a_row_that_vanished_is_dropped_only_on_demand(store: Store) -> None:
    rules = {"cameras": MergeRules(vanished="drop")}
    store.import_layers({"cameras": cameras("ab")}, source="x", mode="merge", rules=rules)
    assert store.layer("cameras")["code"].tolist() == ["a", "b"]


def test_what_another_program_wrote_since_the_preview_is_kept(store: Store, path: Path) -> None:
    base = store.layer("cameras")
    file = base.assign(name=["3", "file", "2"])
    with open_store(path) as other:
        other.import_layers(
            {"cameras": base.assign(name=["3", "1", "other"])}, source="y", mode="merge"
        )
    rules = {"cameras": MergeRules(base=base)}
    store.import_layers({"cameras": file}, source="x", mode="merge", rules=rules)
    assert store.layer("cameras")["name"].tolist() == ["3", "file", "other"]


def test_a_layer_that_the_town_has_not_got_is_added_whole(store: Store) -> None:
    sites = cameras("pq", kind="school").rename_geometry("where")
    store.import_layers({"sites": sites}, source="x", mode="merge", extent=box(120, 30, 121, 31))
    assert store.layer("sites")["code"].tolist() == ["p", "q"]
    assert store.layer("sites").geometry.x.tolist() == pytest.approx([120.85, 120.86])
    assert store.town.extent == box(120, 30, 121, 31)


def test_a_fault_in_one_layer_leaves_all_as_they_were(store: Store) -> None:
    frames = {"sites": cameras("p", kind="school"), "cameras": cameras("xx")}
    with pytest.raises(LayerFaultsError, match="more than once"):
        store.import_layers(frames, source="x", mode="merge")
    assert store.revision == 1
    assert set(store.layers().frames) == {"cameras"}


def test_rules_are_for_merging_only(store: Store) -> None:
    with pytest.raises(ParameterError, match="'append'"):
        store.import_layers(
            {"cameras": cameras("z")}, source="x", mode="append", rules={"cameras": MergeRules()}
        )
