from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import Point

from planner.frames import columns_of, found_at, framed, geo_frame, rows_of_both, taken
from planner.frames import table as frame_of


def table(words: list[str | None], numbers: list[float]) -> pd.DataFrame:
    flags = pd.array([None if word is None else word > "b" for word in words], "boolean")
    columns = {"word": pd.array(words, "str"), "number": np.array(numbers, float), "flag": flags}
    return pd.DataFrame(columns)


def placed(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    places = [Point(number, 1) if number > 0 else None for number in frame["number"]]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(places), crs=4326)


rows_of = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", None]), st.sampled_from([1.0, 2.0, np.nan])),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("shaped", [False, True])
@given(rows_of, rows_of, st.data())
def test_rows_of_two_tables_are_those_of_both_put_together(
    shaped: bool, one: list[Any], two: list[Any], data: st.DataObject
) -> None:
    old, new = (table(*map(list, zip(*rows, strict=True))) for rows in (one, two))
    if shaped:
        old, new = placed(old), placed(new)
    both = pd.concat([old, new], ignore_index=True)
    count = len(old)
    swap = st.lists(st.integers(0, len(both) - 1), max_size=6)
    in_place = st.tuples(*(st.sampled_from([k, *range(count, len(both))]) for k in range(count)))
    rows = np.array(data.draw(st.one_of(swap, in_place)), np.int64)
    assert_frame_equal(
        pd.DataFrame(taken(old, new, rows)), pd.DataFrame(both.take(rows).reset_index(drop=True))
    )


def test_what_is_changed_afterwards_leaves_the_first_table_alone() -> None:
    old, new = table(["a", "b"], [1.0, 2.0]), table(["c"], [2.0])
    after = taken(old, new, np.array([0, 2]))
    after.loc[0, "number"] = 9.0
    after.loc[0, "word"] = "z"
    assert_frame_equal(old, table(["a", "b"], [1.0, 2.0]))


def test_shapes_keep_their_crs() -> None:
    old = placed(table(["a", "b"], [1.0, 2.0]))
    columns = {name: old[name] for name in old.columns}
    assert_geodataframe_equal(geo_frame(columns, old.index), old)
    assert taken(old, old.iloc[:1], np.array([0, 2])).crs == old.crs
    assert taken(old, old.iloc[:0], np.array([1])).crs == old.crs


def test_a_table_of_ready_columns_is_that_of_pandas() -> None:
    frame = table(["a", None], [1.0, np.nan])
    assert_frame_equal(frame_of(columns_of(frame)), frame)
    assert_frame_equal(frame_of(columns_of(frame), pd.Index([7, 9])), frame.set_index([[7, 9]]))


def test_values_are_found_among_others() -> None:
    assert found_at(["b", "x", "a", "b"], ["a", "b"]).tolist() == [1, -1, 0, 1]
    assert found_at([], ["a"]).dtype == np.int64


def test_rows_of_both_keep_the_types_of_those_that_have_rows() -> None:
    some = {"a": np.array([1.5, 2.5]), "b": np.array(["x", None], object)}
    none = {name: np.zeros(0) for name in some}
    for told in (
        rows_of_both(some, none, np.array([1, 0])),
        rows_of_both(none, some, np.array([1, 0])),
    ):
        assert told["a"].tolist() == [2.5, 1.5]
        assert told["b"].tolist() == [None, "x"]
        assert told["b"].dtype == object


def test_a_table_of_columns_may_be_written_to() -> None:
    columns = {"a": np.array([1.0]), "name": np.array(["x"], object)}
    frame = framed({**columns, "geometry": np.array([Point(1, 2)], object)})
    frame["a"] += 1
    frame.loc[0, "name"] = "y"
    assert frame.crs == 4326
    assert frame.geometry.x.tolist() == [1.0]
    assert (columns["a"].tolist(), columns["name"].tolist()) == ([1.0], ["x"])
