from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gis.errors import CrsError, InputError, LayerFaultsError, NotFoundError, ParameterError
from gis.layers import WGS84, conform
from gis.store import Store, open_store

SQUARE = box(8.60, 49.40, 8.61, 49.41)


def cameras(*codes: str, lon: float = 8.69, **columns: object) -> gpd.GeoDataFrame:
    shapes = [Point(lon + i / 1000, 49.41) for i in range(len(codes))]
    return gpd.GeoDataFrame({"code": list(codes), **columns}, geometry=shapes, crs=WGS84)


def streets(*codes: str) -> gpd.GeoDataFrame:
    shapes = [LineString([(8.69, 49.41), (8.70 + i / 1000, 49.42)]) for i in range(len(codes))]
    return gpd.GeoDataFrame({"code": list(codes)}, geometry=shapes, crs=WGS84)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "town.db", create=True) as opened:
        yield opened


def test_a_new_store_is_empty(store: Store) -> None:
    layers = store.layers()
    assert store.revision == layers.revision == 0
    assert layers.frames == {}
    assert store.town.extent is None
    assert len(store.layer("cameras")) == 0
    with pytest.raises(NotFoundError, match="the layers are"):
        store.layer("camera")


def test_layers_come_back_in_order_with_their_types(store: Store) -> None:
    frame = cameras("b", "a", "c", height_m=[4.5, np.nan, 0.1 + 0.2], networked=[True, None, False])
    revision = store.import_layers({"cameras": frame}, source="sheet.xlsx")
    assert revision == store.revision == 1
    assert_geodataframe_equal(store.layer("cameras"), conform(frame, "cameras"))


def test_the_index_is_not_kept_and_the_frame_not_changed(store: Store) -> None:
    frame = cameras("a", "b").set_index(pd.Index([7, 3])).rename_geometry("where")
    before = frame.copy()
    store.import_layers({"cameras": frame}, source="x")
    assert store.layer("cameras").index.equals(pd.RangeIndex(2))
    assert_geodataframe_equal(frame, before)


def test_an_empty_layer_is_there_an_unknown_one_is_not(store: Store) -> None:
    store.import_layers({"sites": cameras()}, source="x")
    assert set(store.layers().frames) == {"sites"}


def test_a_table_has_rows_without_geometry(store: Store) -> None:
    facts = pd.DataFrame({"code": ["f1"], "place_layer": "sites", "place_code": "s1", "key": "k"})
    store.import_layers({"facts": conform(facts, "facts")}, source="x")
    back = store.layer("facts")
    assert back["key"].tolist() == ["k"]
    assert back.geometry.isna().all()


def test_replace_leaves_other_layers(store: Store) -> None:
    store.import_layers({"cameras": cameras("a", "b"), "streets": streets("s")}, source="x")
    store.import_layers({"cameras": cameras("c")}, source="y")
    assert store.layer("cameras")["code"].tolist() == ["c"]
    assert store.layer("streets")["code"].tolist() == ["s"]
    assert store.layers().revision == 2


def test_append_goes_below_and_joins_columns(store: Store) -> None:
    store.import_layers({"cameras": cameras("b", "a", lanes=[2, 3])}, source="x")
    store.import_layers({"cameras": cameras("z", "k", note=["n", "m"])}, source="y", mode="append")
    store.import_layers({"streets": streets("s")}, source="y", mode="append")
    back = store.layer("cameras")
    assert back["code"].tolist() == ["b", "a", "z", "k"]
    assert back["lanes"].dtype == "Int64"
    assert back["lanes"].tolist() == [2, 3, pd.NA, pd.NA]
    assert back["note"].tolist()[2:] == ["n", "m"]
    assert store.layer("streets")["code"].tolist() == ["s"]


def test_append_names_every_code_that_is_there_and_changes_nothing(store: Store) -> None:
    store.import_layers({"cameras": cameras("a", "b", "c")}, source="x")
    frames = {"streets": streets("s"), "cameras": cameras("c", "d", "a")}
    with pytest.raises(LayerFaultsError) as caught:
        store.import_layers(frames, source="more.csv", mode="append")
    assert [fault.row for fault in caught.value.faults] == ["c", "a"]
    assert "more.csv, layer cameras: 2 faults" in str(caught.value)
    assert set(store.layers().frames) == {"cameras"}
    assert store.revision == 1


@pytest.mark.parametrize(
    ("frame", "columns"),
    [
        (cameras("a", "b", "a"), ["code"]),
        (cameras("a", None, "b"), ["code"]),  # type: ignore[arg-type]
        (cameras("a", "b", load=[np.inf, 1.0], raw=[b"x", b"y"]), ["load", "raw", "raw"]),
        (cameras("a", note=pd.Series(["\ud83d"], dtype="object")), ["note"]),
        (cameras("a").drop(columns="code"), ["code"]),
    ],
    ids=["twice", "missing", "infinite_and_bytes", "half_a_character", "no_code"],
)
def test_what_cannot_be_kept_is_told_at_once(
    store: Store, frame: gpd.GeoDataFrame, columns: list[str]
) -> None:
    with pytest.raises(LayerFaultsError) as caught:
        store.import_layers({"streets": streets("s"), "cameras": frame}, source="bad.csv")
    assert [fault.column for fault in caught.value.faults] == columns
    assert store.revision == 0


def test_a_column_twice(store: Store) -> None:
    frame = cameras("a", x=1)
    frame = pd.concat([frame, frame[["x"]]], axis=1)
    with pytest.raises(LayerFaultsError, match="column x: the layer has this column twice"):
        store.import_layers({"cameras": frame}, source="x")


def test_another_coordinate_system_is_refused(store: Store) -> None:
    with pytest.raises(CrsError, match="EPSG:3857"):
        store.import_layers({"cameras": cameras("a").to_crs(3857)}, source="x")


def test_no_layer_is_refused(store: Store) -> None:
    with pytest.raises(ParameterError, match="no layer"):
        store.import_layers({}, source="x")
    with pytest.raises(NotFoundError):
        store.import_layers({"people": cameras("a")}, source="x")


def test_town_keeps_what_is_not_given(store: Store) -> None:
    assert store.set_town(name="枫桥", extent=SQUARE) == 1
    assert store.set_town(made_up=True) == 2
    assert store.set_town() == 2
    town = store.town
    assert (town.name, town.made_up, town.extent) == ("枫桥", True, SQUARE)
    assert town.summary() == "枫桥 (made-up data)"
    layers = store.layers()
    assert (layers.town, layers.made_up, layers.extent) == ("枫桥", True, SQUARE)


def test_extent_is_replaced_or_grows(store: Store) -> None:
    far = box(9, 50, 9.1, 50.1)
    store.import_layers({"cameras": cameras("a")}, source="x", extent=SQUARE)
    store.import_layers({"cameras": cameras("b")}, source="x", extent=far, mode="append")
    assert store.town.extent == MultiPolygon([SQUARE, far])
    store.import_layers({"sites": cameras("b")}, source="x", extent=far)
    assert store.town.extent == far


def test_attribution_lasts_as_long_as_the_layer(store: Store) -> None:
    store.set_town(attribution=["Town hall"])
    store.import_layers({"cameras": cameras("a")}, source="x", attribution="OSM")
    store.import_layers({"sites": cameras("a")}, source="x", attribution=("OSM", "Survey"))
    assert store.town.attribution == ("Town hall", "OSM", "Survey")
    store.import_layers({"sites": cameras("b")}, source="x", mode="append", attribution=("Post",))
    assert store.layers().attribution == ("Town hall", "OSM", "Survey", "Post")
    store.import_layers({"sites": cameras("a"), "cameras": cameras("z")}, source="own")
    assert store.town.attribution == ("Town hall",)


def test_a_result_is_kept_with_its_revision(store: Store) -> None:
    store.import_layers({"cameras": cameras("a")}, source="x")
    document = {"town": "枫桥", "share": 0.1 + 0.2, "cells": [1, None], "met": True}
    tables = {"cells": b"PAR1\x00\xff", "gaps": b""}
    store.save_result("coverage", document, tables, revision=1)
    store.import_layers({"cameras": cameras("b")}, source="x")
    found = store.load_result("coverage")
    assert (found.kind, found.revision) == ("coverage", 1)
    assert found.document == document
    assert found.tables == tables
    assert found.summary().startswith("coverage of revision 1, made at 20")


def test_a_new_result_takes_the_place_of_the_last(store: Store) -> None:
    store.set_town(name="A")
    store.save_result("coverage", {"n": 1}, {"cells": b"1", "gaps": b"1"}, revision=1)
    store.save_result("response", {"n": 3}, {"cells": b"3"}, revision=1)
    store.save_result("coverage", {"n": 2}, {"cells": b"2"}, revision=1)
    assert store.load_result("coverage").tables == {"cells": b"2"}
    assert store.load_result("response").tables == {"cells": b"3"}


def test_a_result_that_is_not_there_names_its_command(store: Store) -> None:
    with pytest.raises(NotFoundError, match="`fengqiao patrol`"):
        store.load_result("patrol")


def test_a_result_must_be_json_and_of_a_revision(store: Store) -> None:
    store.set_town(name="A")
    with pytest.raises(ParameterError, match="JSON"):
        store.save_result("coverage", {"share": float("nan")}, {}, revision=1)
    with pytest.raises(ParameterError, match="no revision 9"):
        store.save_result("coverage", {}, {}, revision=9)
    with pytest.raises(NotFoundError):
        store.load_result("coverage")


def test_features_in_takes_the_edge_and_keeps_the_order(store: Store) -> None:
    area = Polygon([(8.6, 49.4), (8.7, 49.4), (8.7, 49.5)])
    points = {"on_corner": (8.6, 49.4), "beside": (8.61, 49.49), "inside": (8.69, 49.41)}
    lines = {"through": [(8.5, 49.42), (8.8, 49.42)], "around": [(8.6, 49.41), (8.6, 49.5)]}
    sites = {
        "wide": box(8, 49, 9, 50),
        "far": box(8.71, 49.4, 8.72, 49.5),
        "dot": Point(8.65, 49.4),
    }
    frames = {
        "cameras": gpd.GeoDataFrame(
            {"code": list(points)}, geometry=[Point(p) for p in points.values()], crs=WGS84
        ),
        "streets": gpd.GeoDataFrame(
            {"code": list(lines)}, geometry=[LineString(p) for p in lines.values()], crs=WGS84
        ),
        "sites": gpd.GeoDataFrame({"code": list(sites)}, geometry=list(sites.values()), crs=WGS84),
    }
    store.import_layers(frames, source="x")
    found = {layer: store.features_in(layer, area)["code"].tolist() for layer in frames}
    assert found == {
        "cameras": ["on_corner", "inside"],
        "streets": ["through"],
        "sites": ["wide", "dot"],
    }
    assert store.features_in("units", area).empty
    assert store.features_in("cameras", Polygon()).empty


def test_features_in_refuses_a_bow_tie(store: Store) -> None:
    with pytest.raises(ParameterError, match="Self-intersection"):
        store.features_in("cameras", Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))


def test_positions_in_metres_are_refused(store: Store) -> None:
    with pytest.raises(InputError):
        store.import_layers({"cameras": cameras("a", lon=4_500_000)}, source="x")
    assert store.revision == 0
