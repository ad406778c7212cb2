"""Small blocks joined, weak contacts kept or not, pieces tied."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.solvers.regions_merge import firm_contacts, join_small, pair_sums, tie_pieces

# Faces in a row: 0 and 1 share 6 m, 1 and 2 share 7 m.
ROW: dict[str, Any] = {
    "area_m2": np.array([9.0, 1.0, 9.0]),
    "households": np.array([3, 1, 3]),
    "first": np.array([0, 1]),
    "second": np.array([1, 2]),
    "border_m": np.array([6.0, 7.0]),
    "wanted_m": np.zeros(2),
    "min_area_m2": 2.0,
    "max_households": 5.0,
    "contact_m": 5.0,
}


def joined(**change: Any) -> list[int]:
    return join_small(**{**ROW, **change}).tolist()


def test_a_small_face_goes_where_it_shares_most() -> None:
    assert joined() == [0, 1, 1]


def test_a_wanted_border_is_not_joined_over() -> None:
    assert joined(wanted_m=np.array([0.0, 7.0])) == [0, 0, 1]


def test_a_crowded_neighbour_is_passed_over() -> None:
    assert joined(households=np.array([3, 1, 5])) == [0, 0, 1]


def test_a_small_face_stays_where_all_around_is_crowded() -> None:
    assert joined(households=np.array([5, 1, 5])) == [0, 1, 2]


def test_a_face_that_touches_at_corners_only_is_joined_whatever_its_size() -> None:
    loose = {"area_m2": np.full(3, 9.0), "border_m": np.array([9.0, 1.0])}
    assert joined(**loose) == [0, 1, 1]
    assert joined(**loose, households=np.array([1, 9, 9])) == [0, 1, 1]


def test_small_faces_are_joined_until_they_are_large_enough() -> None:
    chain = {
        "area_m2": np.ones(6),
        "households": np.zeros(6, int),
        "first": np.arange(5),
        "second": np.arange(1, 6),
        "border_m": np.full(5, 9.0),
        "wanted_m": np.zeros(5),
    }
    block = np.array(joined(**chain))
    assert np.bincount(block).min() >= 2
    assert (np.diff(block) >= 0).all()  # numbered by their first face


def test_a_face_without_neighbours_stays() -> None:
    nothing = np.zeros(0, int)
    alone = {"first": nothing, "second": nothing, "border_m": nothing, "wanted_m": nothing}
    assert joined(**alone) == [0, 1, 2]


PAIRS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] != p[1]), max_size=15
)


@given(PAIRS, st.integers(0, 9))
def test_weak_contacts_keep_together_what_touches(
    pairs: list[tuple[int, int]], strength: int
) -> None:
    first, second, _ = pair_sums(
        8, *np.array(pairs, int).reshape(-1, 2).T, np.ones((1, len(pairs)))
    )
    border_m = (first * 7 + second * 3 + strength) % 10 + 0.5
    firm = firm_contacts(8, first, second, border_m, 5.0)
    assert firm[border_m >= 5].all()
    all_touching = nx.Graph(list(zip(first, second, strict=True)))
    kept = nx.Graph(list(zip(first[firm], second[firm], strict=True)))
    assert nx.number_connected_components(kept) == nx.number_connected_components(all_touching)
    assert set(kept) == set(all_touching)
    # A contact that is not needed is not taken.
    strong = nx.Graph(list(zip(first[border_m >= 5], second[border_m >= 5], strict=True)))
    strong.add_nodes_from(all_touching)
    more = nx.number_connected_components(strong) - nx.number_connected_components(all_touching)
    assert int(firm.sum()) - int((border_m >= 5).sum()) == more


@given(PAIRS)
def test_ties_make_one_piece_of_all(pairs: list[tuple[int, int]]) -> None:
    x = np.array([0.0, 1, 2, 3, 10, 11, 30, 31])
    one, two = np.array(pairs, int).reshape(-1, 2).T
    first, second = tie_pieces(x, np.zeros(8), one, two)
    net = nx.Graph(pairs)
    net.add_nodes_from(range(8))
    assert len(first) == nx.number_connected_components(net) - 1
    net.add_edges_from(zip(first.tolist(), second.tolist(), strict=True))
    assert nx.is_connected(net)


def test_an_island_is_tied_to_what_lies_nearest() -> None:
    first, second = tie_pieces(
        np.array([0.0, 5, 9, 20]), np.zeros(4), np.array([0, 1]), np.array([1, 2])
    )
    assert (first.tolist(), second.tolist()) == ([2], [3])


def test_pairs_are_counted_once_whatever_their_order() -> None:
    first, second, sums = pair_sums(
        4, np.array([3, 0, 1, 2]), np.array([0, 3, 1, 1]), np.array([[1.0, 2.0, 9.0, 4.0]])
    )
    assert (first.tolist(), second.tolist(), sums.tolist()) == ([0, 1], [3, 2], [[3.0, 4.0]])
