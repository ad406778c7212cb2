"""Regions drawn on lattices of unit squares, against every division there is."""

from __future__ import annotations

from functools import cache

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError, ParameterError
from planner.solvers.regions import Blocks, Division, Search, Weights, divide
from planner.solvers.regions_kernels import stays_whole

WEIGHTS = Weights(outside=8.0, excess=40.0, spread=1.0, shape=1.0, line=0.35)
SEARCH = Search(starts=6, steps_per_block=400, hot=4.0, cold=0.005)


def lattice(households: list[list[int]], *, line_m: float = 1.0) -> Blocks:
    """Return unit squares in rows and columns; block r * columns + c."""
    held = np.array(households)
    rows, columns = held.shape
    at = np.arange(rows * columns).reshape(rows, columns)
    first = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    second = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    y, x = np.divmod(np.arange(held.size), columns)
    inner = np.bincount(np.concatenate([first, second]), minlength=held.size)
    m = len(first)
    return Blocks(
        *(x.astype(float), y.astype(float), held.ravel(), np.ones(held.size)),
        *(4.0 - inner, first, second, np.ones(m), np.full(m, line_m), np.ones(m, bool)),
    )


def solved(blocks: Blocks, parts: int, low: int, high: int, seed: int = 0) -> Division:
    return divide(blocks, parts, low, high, weights=WEIGHTS, search=SEARCH, seed=seed)


# --- an obvious reference: every region as a set of blocks


def graph(blocks: Blocks) -> nx.Graph:
    net = nx.Graph()
    net.add_nodes_from(range(len(blocks.x)))
    pairs = zip(blocks.first.tolist(), blocks.second.tolist(), blocks.firm, strict=True)
    net.add_edges_from((a, b) for a, b, firm in pairs if firm)
    return net


def is_whole(blocks: Blocks, region: np.ndarray) -> bool:
    net = graph(blocks)
    return all(
        nx.is_connected(net.subgraph(np.flatnonzero(region == r).tolist()))
        for r in range(int(region.max()) + 1)
    )


def cost(blocks: Blocks, region: np.ndarray, parts: int, low: int, high: int) -> float:
    apart = region[blocks.first] != region[blocks.second]
    mean = max(blocks.households.sum() / parts, 1e-9)
    total = 0.0
    for r in range(parts):
        mine = region == r
        edge = apart & (mine[blocks.first] | mine[blocks.second])
        around = blocks.outer_m[mine].sum() + blocks.border_m[edge].sum()
        held = blocks.households[mine].sum()
        beyond = max(low - held, held - high, 0)
        total += WEIGHTS.spread * ((held - mean) / mean) ** 2
        total += WEIGHTS.shape * around**2 / (4 * np.pi * blocks.area_m2[mine].sum())
        if beyond:
            total += WEIGHTS.outside + WEIGHTS.excess * (beyond / mean) ** 2
    side = np.sqrt(blocks.area_m2.sum() / parts)
    return float(total + WEIGHTS.line * blocks.line_m[apart].sum() / side)


@cache
def halves_of_eight() -> list[np.ndarray]:
    """Return every division of 2 x 4 squares in two, each once."""
    blocks = lattice([[1] * 4] * 2)
    halves = (np.array([members >> k & 1 for k in range(8)]) for members in range(1, 128))
    return [half for half in halves if is_whole(blocks, half)]


# Much heavier blocks than these make a rugged landscape, in which a search is no proof.
FAIR = st.lists(st.lists(st.integers(8, 16), min_size=4, max_size=4), min_size=2, max_size=2)


@given(FAIR, st.integers(0, 2**31))
@settings(max_examples=15)
def test_nothing_is_cheaper_in_small_lattices(households: list[list[int]], seed: int) -> None:
    blocks = lattice(households)
    found = solved(blocks, 2, 40, 60, seed)
    assert is_whole(blocks, found.region)
    assert found.cost == pytest.approx(cost(blocks, found.region, 2, 40, 60))
    cheapest = min(cost(blocks, half, 2, 40, 60) for half in halves_of_eight())
    assert found.cost == pytest.approx(cheapest)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=6, max_size=6), min_size=4, max_size=6),
    st.integers(1, 8),
    st.integers(0, 2**31),
)
@settings(max_examples=30)
def test_regions_hang_together_and_hold_everything(
    households: list[list[int]], parts: int, seed: int
) -> None:
    blocks = lattice(households, line_m=-0.3)
    found = solved(blocks, parts, 10, 40, seed)
    assert is_whole(blocks, found.region)
    assert sorted(set(found.region.tolist())) == list(range(parts))
    held = [int(blocks.households[found.region == r].sum()) for r in range(parts)]
    assert found.households.tolist() == held
    assert found.outside == sum(not 10 <= h <= 40 for h in held)
    assert found.cost == pytest.approx(cost(blocks, found.region, parts, 10, 40))
    assert (solved(blocks, parts, 10, 40, seed).region == found.region).all()


@given(st.integers(1, 2**16 - 1), st.integers(0, 15))
def test_a_region_stays_whole_as_a_graph_says(members: int, block: int) -> None:
    region = np.array([members >> k & 1 for k in range(16)])
    region[block] = 1
    blocks = lattice([[1] * 4] * 4)
    net = graph(blocks)
    mine = set(np.flatnonzero(region).tolist())
    # The kernel is asked about whole regions only.
    mine = nx.node_connected_component(net.subgraph(mine), block)
    region = np.isin(np.arange(16), list(mine)).astype(np.int64)
    indptr = np.cumsum([0] + [len(net[k]) for k in range(16)])
    other = np.array([b for k in range(16) for b in net[k]])
    rest = net.subgraph(mine - {block})
    expected = len(rest) > 0 and nx.is_connected(rest)
    firm, seen = np.ones(len(other), bool), np.zeros(16, np.int64)
    assert stays_whole(block, region, indptr, other, firm, seen, 1) == expected


def test_two_by_four_blocks_fall_into_two_squares() -> None:
    found = solved(lattice([[50] * 4] * 2), 2, 150, 250)
    west, east = found.region.reshape(2, 4)[:, :2], found.region.reshape(2, 4)[:, 2:]
    assert len(np.unique(west)) == len(np.unique(east)) == 1
    assert found.households.tolist() == [200, 200]
    assert found.compactness.tolist() == pytest.approx([np.pi / 4] * 2)
    assert found.summary() == (
        "2 regions of 200 to 200 households, 0 out of range, compactness 0.79"
    )


def test_a_border_goes_where_it_is_wanted() -> None:
    blocks = lattice([[10] * 5] * 2)
    wanted = blocks.line_m.copy()
    # Between the second and the third column: as good as between the third and the fourth, but
    # for a canal there.
    canal = (blocks.x[blocks.first] == 1) & (blocks.x[blocks.second] == 2)
    wanted[canal] = -1.0
    parts = (blocks.first, blocks.second, blocks.border_m, wanted, blocks.firm)
    there = Blocks(blocks.x, blocks.y, blocks.households, blocks.area_m2, blocks.outer_m, *parts)
    region = solved(there, 2, 30, 70).region.reshape(2, 5)
    assert (region[:, :2] == region[0, 0]).all()
    assert (region[:, 2:] == region[0, 2]).all()
    assert region[0, 0] != region[0, 2]


def test_a_heavy_block_is_a_region_out_of_range() -> None:
    found = solved(lattice([[500, 10, 10, 10]]), 2, 20, 40)
    assert found.outside == 1
    assert sorted(found.households.tolist()) == [30, 500]


def test_as_many_regions_as_blocks() -> None:
    found = solved(lattice([[1, 2, 3]]), 3, 1, 3)
    assert sorted(found.households.tolist()) == [1, 2, 3]
    assert found.outside == 0


def test_blocks_without_households_are_divided_by_shape() -> None:
    found = solved(lattice([[0] * 4] * 2), 2, 0, 10)
    assert found.compactness.tolist() == pytest.approx([np.pi / 4] * 2)


@pytest.mark.parametrize("parts", [0, 5])
def test_more_regions_than_blocks_are_refused(parts: int) -> None:
    with pytest.raises(ParameterError, match="4 blocks can be divided into 1 to 4 regions"):
        solved(lattice([[1, 1], [1, 1]]), parts, 1, 2)


def test_blocks_that_fall_apart_are_refused() -> None:
    whole = lattice([[1, 1, 1]])
    loose = Blocks(
        *(whole.x, whole.y, whole.households, whole.area_m2, whole.outer_m),
        *(whole.first, whole.second, whole.border_m, whole.line_m, np.array([True, False])),
    )
    with pytest.raises(InputError, match="hang together"):
        solved(loose, 2, 1, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"households": np.array([1, 1])}, "arrays of other lengths"),
        ({"second": np.array([1, 3])}, "within 0..2"),
        ({"area_m2": np.array([1.0, 0.0, 1.0])}, "area above 0"),
        ({"households": np.array([1, -1, 1])}, "households of 0 or more"),
    ],
)
def test_blocks_that_cannot_be_are_refused(change: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Blocks(**{**vars(lattice([[1, 1, 1]])), **change})
