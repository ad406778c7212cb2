from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.travel_kernels import field

arcs_of_few_nodes = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from([0.0, 0.25, 3.0, 40.0, 900.0])),
    max_size=40,
)


@given(
    arcs_of_few_nodes,
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from([0.0, 1.5, 70.0])), max_size=4),
    st.sampled_from([0.0, 39.75, 4000.0, 9000.0, math.inf]),
)
def test_buckets_equal_a_table_of_all_ways(
    arcs: list[Any], seeds: list[Any], limit_s: float
) -> None:
    """Check times and seeds, limits on both sides of one bucket a second, zero costs and loops."""
    arcs = sorted(arcs)
    tail, head = (np.array([arc[k] for arc in arcs], dtype=np.int64) for k in (0, 1))
    cost = np.array([arc[2] for arc in arcs], dtype=np.float64)
    between = np.full((8, 8), math.inf)
    np.fill_diagonal(between, 0)
    np.minimum.at(between, (tail, head), cost)
    for middle in range(8):
        between = np.minimum(between, between[:, [middle]] + between[[middle], :])
    node = np.array([seed[0] for seed in seeds], dtype=np.int64)
    begin = np.array([seed[1] for seed in seeds], dtype=np.float64)
    by_seed = begin[:, None] + between[node]
    expected = by_seed.min(axis=0, initial=math.inf)
    expected[expected > limit_s] = math.inf
    indptr = np.searchsorted(tail, np.arange(9)).astype(np.int64)
    time_s, seed = field(indptr, head, cost, node, begin, limit_s)
    assert time_s.tolist() == expected.tolist()
    there = np.isfinite(expected)
    assert (seed[~there] == -1).all()
    assert (by_seed[seed[there], np.flatnonzero(there)] == expected[there]).all()
