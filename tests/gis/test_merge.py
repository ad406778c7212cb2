from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gis.layers import WGS84, conform
from gis.merge import compare, merged
from gis.merge_changes import Change, Conflict

# Metres in 0.001 degree of latitude at 30 degrees north (WGS 84 meridian arc).
NORTH_M = 110.85


def rows(codes: str, shapes: object = None, **columns: object) -> gpd.GeoDataFrame:
    places = [Point(120.7 + (ord(code) - ord("a")) / 100, 30.1) for code in codes]
    return gpd.GeoDataFrame(
        {"code": list(codes), **columns}, geometry=places if shapes is None else shapes, crs=WGS84
    )


def test_rows_are_met_by_code_whatever_their_order() -> None:
    store = rows("abcd", name=["w", "x", "y", "z"])
    file = store.iloc[[3, 1, 0]].assign(name=["z", "X", "w"])
    file = pd.concat([file, rows("e", name="new")], ignore_index=True)
    changes = compare(store, file)
    assert changes.added == ("e",)
    assert changes.vanished == ("c",)
    assert changes.changed == (Change("b", "name", "x", "X"),)
    assert changes.counts() == {
        "added": 1, "changed": 1, "vanished": 1, "unchanged": 2, "conflicts": 0
    }  # fmt: skip
    assert merged(store, file, changes)["code"].tolist() == ["a", "b", "c", "d", "e"]
    kept = merged(store, file, changes, vanished="drop")
    assert kept["code"].tolist() == ["a", "b", "d", "e"]
    assert kept["name"].tolist() == ["w", "X", "z", "new"]


def test_the_frames_given_are_not_changed() -> None:
    store, file = rows("ab", n=[1, 2]), rows("bc", n=[5, 6])
    copies = store.copy(), file.copy()
    merged(store, file, compare(store, file))
    assert store.equals(copies[0])
    assert file.equals(copies[1])


def test_blank_cells_and_absent_columns_keep_what_the_store_has() -> None:
    store = conform(rows("ab", name=["x", "y"], height_m=[3.0, 4.0], note=["n", "m"]), "cameras")
    file = conform(rows("ab", name=["x", None], height_m=[3.5, np.nan]), "cameras")
    changes = compare(store, file)
    assert changes.changed == (Change("a", "height_m", 3.0, 3.5),)
    whole = merged(store, file, changes)
    assert whole["name"].tolist() == ["x", "y"]
    assert whole["height_m"].tolist() == [3.5, 4.0]
    assert whole["note"].tolist() == ["n", "m"]


def test_with_a_base_a_cell_made_blank_is_cleared() -> None:
    store = conform(rows("ab", name=["x", "y"], height_m=[3.0, 4.0]), "cameras")
    file = conform(rows("ab", name=["x", None], height_m=[3.0, 4.0]), "cameras")
    changes = compare(store, file, base=store)
    assert changes.changed == (Change("b", "name", "y", None),)
    assert merged(store, file, changes)["name"].isna().tolist() == [False, True]


def test_a_column_made_all_blank_counts_only_where_the_file_is_known_to_have_it() -> None:
    store = rows("a", name=["x"])
    file = rows("a", name=[None])
    assert compare(store, file, base=store).changed == ()
    changes = compare(store, file, base=store, present=["code", "name"])
    assert changes.changed == (Change("a", "name", "x", None),)


def test_numbers_spelled_otherwise_are_no_change() -> None:
    store = rows("a", n=[0.1 + 0.2], m=pd.array([7], dtype="Int64"), t=["x"], f=[True])
    file = rows("a", n=[0.3], m=["7.0"], t=["x "], f=["TRUE"])
    assert compare(store, file).changed == ()
    assert compare(store, rows("a", m=["007a"])).counts()["changed"] == 1


def test_a_point_that_moved_tells_by_how_far() -> None:
    store, file = rows("a"), rows("a", [Point(120.7, 30.101)])
    (change,) = compare(store, file).changed
    assert change.column == "geometry"
    assert change.moved_m == pytest.approx(NORTH_M, abs=0.1)
    assert "a, geometry: moved by 110.9 m" in compare(store, file).summary()


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        (Point(120.7, 30.1), Point(120.7 + 4e-7, 30.1), True),
        (Point(120.7, 30.1), Point(120.7 + 1e-6, 30.1), False),
        (LineString([(0, 0), (1, 1)]), LineString([(0, 0), (1, 1 + 4e-7)]), False),
        (box(0, 0, 1, 1), Polygon([(0, 0), (1, 0), (1, 1), (0, 1)]), True),
        (box(0, 0, 1, 1), MultiPolygon([box(0, 0, 1, 1)]), True),
        (box(0, 0, 1, 1), box(0, 0, 1, 1.001), False),
        (LineString([(0, 0), (1, 1)]), LineString([(1, 1), (0, 0)]), False),
        (Point(0, 0), box(0, 0, 1, 1), False),
        (Point(0, 0), None, True),
    ],
    ids=[
        "hardly_moved",
        "moved",
        "bent",
        "turned",
        "part",
        "taller",
        "reversed_street",
        "to_polygon",
        "no_shape",
    ],
)
def test_which_shapes_are_the_same(before: object, after: object, is_same: bool) -> None:
    changes = compare(rows("a", [before]), rows("a", [after], name="x"))
    redrawn = [change for change in changes.changed if change.column == "geometry"]
    assert (redrawn == []) == is_same


def test_what_both_sides_changed_is_a_conflict_and_what_one_did_is_not() -> None:
    base = rows("abcd", name=["1", "1", "1", "1"])
    store = rows("abcd", name=["1", "2", "2", "2"])
    file = rows("abcd", name=["3", "1", "3", "2"])
    changes = compare(store, file, base=base)
    assert changes.changed == (Change("a", "name", "1", "3"),)
    assert changes.conflicts == (Conflict("c", "name", "1", "2", "3"),)
    assert changes.unchanged == 2
    assert merged(store, file, changes)["name"].tolist() == ["3", "2", "2", "2"]
    theirs = merged(store, file, changes, conflicts="file")
    assert theirs["name"].tolist() == ["3", "2", "3", "2"]
    assert "conflict c, name: was 1, store 2, file 3" in changes.summary()


def test_rows_that_one_side_dropped() -> None:
    base = rows("abcde", n=[1, 1, 1, 1, 1])
    store = rows("abcx", n=[1, 1, 9, 1])  # dropped d and e, changed c, got x
    file = rows("ade", n=[1, 1, 5])  # dropped b and c, changed e
    changes = compare(store, file, base=base)
    assert changes.added == ()
    assert changes.vanished == ("b",)
    assert [(c.code, c.column, c.reason) for c in changes.conflicts if c.column is None] == [
        ("e", None, "the store dropped the row"),
        ("c", None, "the file dropped the row"),
    ]
    ours = merged(store, file, changes, vanished="drop")
    assert ours["code"].tolist() == ["a", "c", "x"]
    theirs = merged(store, file, changes, vanished="drop", conflicts="file")
    assert theirs["code"].tolist() == ["a", "x", "e"]
    assert theirs["n"].tolist() == [1, 1, 5]


def test_one_code_given_on_both_sides_to_different_things_is_a_conflict() -> None:
    base = rows("a", name=["1"])
    changes = compare(rows("ab", name=["1", "x"]), rows("ab", name=["1", "y"]), base=base)
    assert [(c.code, c.column, c.base) for c in changes.conflicts] == [("b", "name", None)]


def test_further_columns_keep_a_type_that_can_hold_them() -> None:
    store = rows("ab", lanes=[2, 3], seen=[True, False])
    file = rows("bc", lanes=[2.5, 4.0], colour=["red", "blue"])
    whole = merged(store, file, compare(store, file))
    assert whole["lanes"].tolist() == [2, 2.5, 4.0]
    assert str(whole["seen"].dtype) == "boolean"
    assert whole["seen"].tolist() == [True, False, pd.NA]
    assert whole["colour"].tolist()[1:] == ["red", "blue"]


def test_a_table_has_no_shapes_to_compare() -> None:
    facts = pd.DataFrame({"code": ["f"], "place_layer": "sites", "place_code": "s", "key": "k"})
    store = conform(facts.assign(value=["1"]), "facts")
    file = conform(facts.assign(value=["2"]), "facts")
    changes = compare(store, file)
    assert changes.changed == (Change("f", "value", "1", "2"),)
    assert merged(store, file, changes)["value"].tolist() == ["2"]


def test_lists_are_cut_where_they_are_long_and_the_counts_are_not() -> None:
    codes = [f"{n:03d}" for n in range(50)]
    file = gpd.GeoDataFrame({"code": codes}, geometry=[Point(0, 0)] * 50, crs=WGS84)
    changes = compare(file.iloc[:0], file)
    document = changes.document(limit=20)
    assert len(document["added"]) == 20
    assert document["counts"]["added"] == 50
    assert changes.summary().endswith("  ... and 40 more")
    assert len(changes.table()) == 50


def test_a_table_of_changes_for_people() -> None:
    store, file = rows("ab", name=["x", "y"]), rows("a", [Point(120.7, 30.101)], name=["z"])
    table = compare(store, file).table()
    assert table[["code", "what", "column"]].values.tolist() == [
        ["a", "changed", "name"],
        ["a", "changed", "geometry"],
        ["b", "vanished", None],
    ]
    assert table["old"].tolist()[:2] == ["x", "120.7000000, 30.1000000"]


CELLS = st.sampled_from([None, "1", "2", "3"])
ROWS = st.dictionaries(st.sampled_from("abcdef"), st.tuples(CELLS, CELLS), max_size=6)


def frame_of(table: dict[str, tuple[str | None, str | None]]) -> gpd.GeoDataFrame:
    columns = {name: [table[code][at] for code in table] for at, name in enumerate(("p", "q"))}
    frame = pd.DataFrame({"code": list(table), **columns}, dtype="str")
    return gpd.GeoDataFrame(frame, geometry=[None] * len(table), crs=WGS84)


def merged_slowly(store: dict, file: dict, base: dict | None, drop: bool) -> dict:
    """Return the rows as a person would join them, cell by cell, the store's where contested."""
    whole = {}
    base = base if store else None  # a layer without a row has dropped none
    for code in [*store, *(code for code in file if code not in store)]:
        ours, theirs = store.get(code), file.get(code)
        if ours is None:
            if base is None or code not in base:
                whole[code] = theirs
        elif theirs is None:
            untouched = base is None or base.get(code) == ours
            by_file = base is None or code in base
            if not (drop and untouched and by_file):
                whole[code] = ours
        else:
            origin = (None, None) if base is None else base.get(code, (None, None))
            cells = []
            for o, s, f in zip(origin, ours, theirs, strict=True):
                takes = (f is not None) if base is None else (f != o and s == o)
                cells.append(f if takes else s)
            whole[code] = tuple(cells)
    return whole


@settings(max_examples=60)
@given(store=ROWS, file=ROWS, base=st.none() | ROWS, drop=st.booleans())
def test_joined_as_cell_by_cell(store: dict, file: dict, base: dict | None, drop: bool) -> None:
    before, after = frame_of(store), frame_of(file)
    origin = None if base is None else frame_of(base)
    changes = compare(before, after, base=origin, present=["code", "p", "q"])
    whole = merged(before, after, changes, vanished="drop" if drop else "keep")
    expected = merged_slowly(store, file, base, drop)
    cells = whole[["p", "q"]].astype(object).where(whole[["p", "q"]].notna(), None)
    found = dict(zip(whole["code"], map(tuple, cells.to_numpy().tolist()), strict=True))
    assert list(found.items()) == list(expected.items())
    # Asked a second time, a file whose changes are taken changes nothing more.
    if base is None:
        assert compare(whole, after).changed == ()


def test_a_column_that_changes_everywhere_does_not_hide_the_rest() -> None:
    codes = "abcdefghijkl"
    store = rows(codes, name="x")
    file = rows(codes, name=["x"] * 11 + ["y"], seen=1)
    lines = compare(store, file).summary().splitlines()
    assert lines[1:3] == ["  changed by column: seen 12, name 1", "  changed l, name: x -> y"]
    assert lines[3] == "  changed a, seen: (blank) -> 1"
    assert lines[-1] == "  ... and 3 more"
