from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import Point, box

from gis.errors import FormatError, LayerFaultsError, NotFoundError
from gis.layers import WGS84, conform
from gis.merge import compare
from gis.merge_base import read_base
from gis.read import read_layer
from gis.write import write_layer


@pytest.fixture
def sites() -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"code": ["a", "b", "c"], "kind": "school", "weight": [0.1 + 0.2, None, 2], "n": [1, 2, 3]},
        geometry=[Point(120.7, 30.1), box(120, 30, 120.1, 30.1), Point(120.71, 30.1)],
        crs=WGS84,
    )
    return conform(frame, "sites")


@pytest.fixture
def path(sites: gpd.GeoDataFrame, tmp_path: Path) -> Path:
    return write_layer(sites, tmp_path / "sites.gpkg", "sites", revision=7)


def edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        # The triggers of the spatial index ask for these; no shape is edited here.
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            base.create_function(name, 1, lambda shape: 0)
        for statement in statements:
            base.execute(statement)


def test_a_geopackage_tells_what_it_was_made_from(sites: gpd.GeoDataFrame, path: Path) -> None:
    base = read_base(path, "sites")
    assert base is not None
    assert (base.layer, base.revision) == ("sites", 7)
    assert_geodataframe_equal(base.frame.assign(n=base.frame["n"].astype("int64")), sites)


def test_an_export_comes_back_as_no_change(sites: gpd.GeoDataFrame, path: Path) -> None:
    base = read_base(path, "sites")
    back = read_layer(path, "sites").frame
    assert base is not None
    counts = compare(sites, back, base=base.frame, present=list(back.columns)).counts()
    assert counts["unchanged"] == 3
    assert sum(counts.values()) == 3


def test_edits_in_a_map_program_and_in_the_store_are_told_apart(
    sites: gpd.GeoDataFrame, path: Path
) -> None:
    edit(
        path,
        "UPDATE sites SET kind = 'bank' WHERE code = 'a'",
        "UPDATE sites SET weight = NULL WHERE code = 'c'",
    )
    store = sites.assign(name=["new in the store", None, None])
    store.loc[2, "weight"] = 5.0
    base = read_base(path, "sites")
    assert base is not None
    back = read_layer(path, "sites").frame
    changes = compare(store, back, base=base.frame, present=list(back.columns))
    assert [(c.code, c.column, c.old, c.new) for c in changes.changed] == [
        ("a", "kind", "school", "bank")
    ]
    assert [(c.code, c.column, c.base, c.store, c.file) for c in changes.conflicts] == [
        ("c", "weight", 2.0, 5.0, None)
    ]


def test_an_export_fills_a_layer_that_has_no_rows(sites: gpd.GeoDataFrame, path: Path) -> None:
    base = read_base(path, "sites")
    assert base is not None
    back = read_layer(path, "sites").frame
    changes = compare(sites.iloc[:0], back, base=base.frame, present=list(back.columns))
    assert changes.added == tuple(sites["code"])
    assert not changes.conflicts


def test_a_table_without_shapes_tells_it_too(tmp_path: Path) -> None:
    facts = pd.DataFrame({"code": ["f"], "place_layer": "sites", "place_code": "s", "key": "k"})
    path = write_layer(conform(facts, "facts"), tmp_path / "facts.gpkg", "facts", revision=1)
    base = read_base(path, "facts")
    assert base is not None
    assert base.frame["key"].tolist() == ["k"]


def test_files_that_do_not_tell(sites: gpd.GeoDataFrame, path: Path, tmp_path: Path) -> None:
    plain = write_layer(sites, tmp_path / "plain.gpkg", "sites")
    table = write_layer(sites, tmp_path / "sites.csv", "sites", revision=7)
    assert read_base(plain, "sites") is None
    assert read_base(table, "sites") is None
    assert read_base(path, "cameras") is None
    with pytest.raises(NotFoundError):
        read_base(path, "people")


def test_only_a_layer_with_unique_codes_can_be_told(
    sites: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    with pytest.raises(LayerFaultsError, match="more than once"):
        write_layer(sites.assign(code="a"), tmp_path / "a.gpkg", "sites", revision=1)
    assert list(tmp_path.iterdir()) == []


DEEP = "replace(hex(zeroblob(100000)), '0', '[')"
DROP = "DROP TABLE fengqiao_export"
TABLE = (
    "CREATE TABLE fengqiao_export (layer TEXT NOT NULL, revision INTEGER NOT NULL, version INTEGER"
    " NOT NULL, code TEXT NOT NULL, attributes TEXT NOT NULL, geometry BLOB"
)


@pytest.mark.parametrize(
    ("statements", "match"),
    [
        (["UPDATE fengqiao_export SET version = 99"], "version 99"),
        (["UPDATE fengqiao_export SET code = 'a'"], "a code is there twice"),
        (["UPDATE fengqiao_export SET revision = rowid"], "do not belong together"),
        (["UPDATE fengqiao_export SET geometry = x'00ff'"], "shape"),
        (["UPDATE fengqiao_export SET geometry = 'text'"], "no WKB"),
        (["UPDATE fengqiao_export SET attributes = '[1]'"], "no JSON object"),
        (["UPDATE fengqiao_export SET attributes = '{\"a\":1},{\"b\":2}'"], "Extra data"),
        ([f"UPDATE fengqiao_export SET attributes = {DEEP}"], "damaged"),
        (["UPDATE fengqiao_export SET attributes = '{\"weight\":\"much\"}'"], "much"),
        ([DROP, "CREATE VIEW fengqiao_export AS SELECT 1"], "not the table"),
        (
            [
                DROP,
                TABLE + " GENERATED ALWAYS AS (zeroblob(900000000)) VIRTUAL)",
                "INSERT INTO fengqiao_export VALUES ('sites', 1, 1, 'a', '{}')",
            ],
            "not the table",
        ),
        (
            [
                DROP,
                "CREATE VIRTUAL TABLE fengqiao_export USING rtree(id, a, b)",
            ],
            "not the table",
        ),
    ],
    ids=[
        "newer", "twice", "mixed", "broken_wkb", "text_for_wkb", "list", "two_documents", "deep",
        "text_for_number", "view", "computed_column", "virtual_table",
    ],
)  # fmt: skip
def test_what_is_damaged_or_hostile_is_refused(
    path: Path, statements: list[str], match: str
) -> None:
    edit(path, *statements)
    with pytest.raises(FormatError, match=match):
        read_base(path, "sites")


def test_a_damaged_file_is_refused(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 3])
    with pytest.raises(FormatError, match="damaged"):
        read_base(path, "sites")


def test_reading_writes_nothing(path: Path) -> None:
    before = path.read_bytes()
    read_base(path, "sites")
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} == {"sites.gpkg", "sites.qml"}
