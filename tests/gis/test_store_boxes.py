from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.store_boxes import layer_boxes

at = st.integers(-3, 8)
sides = st.one_of(
    st.just((None,) * 4),
    st.tuples(at, at, st.integers(0, 4), st.integers(0, 4)).map(
        lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
    ),
)


@given(rows=st.lists(sides, max_size=12), asked=st.lists(sides, min_size=1, max_size=2), after=at)
def test_boxes_that_meet_are_those_that_a_look_at_each_finds(rows, asked, after) -> None:  # type: ignore[no-untyped-def]
    codes = [f"c{one:02}" for one in np.random.default_rng(len(rows)).permutation(len(rows))]
    boxes = [one for one in asked if one[0] is not None]
    known = layer_boxes(codes, rows)
    start = f"c{after:02}" if after >= 0 else ""
    expected = sorted(
        code
        for code, row in zip(codes, rows, strict=True)
        if code > start
        and row[0] is not None
        and any(
            row[0] <= east and row[2] >= west and row[1] <= north and row[3] >= south
            for west, south, east, north in boxes
        )
    )
    found = known.touching(boxes, start) if boxes else np.array([], dtype=int)
    assert [known.codes[one] for one in found] == expected


def test_the_order_leads_back_to_the_rows() -> None:
    known = layer_boxes(["b", "c", "a"], [(0, 0, 1, 1)] * 3)
    assert known.codes == ("a", "b", "c")
    assert known.order.tolist() == [2, 0, 1]
