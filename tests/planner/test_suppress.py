from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.suppress import Hidden, hide_small


def hidden(
    totals: list[int], groups: list[int], least: int = 3
) -> tuple[list[int], list[int], bool]:
    found = hide_small(totals, groups, least)
    rows, sums = (np.flatnonzero(part).tolist() for part in (found.rows, found.groups))
    return rows, sums, found.all


@pytest.mark.parametrize(
    ("totals", "groups", "expected"),
    [
        # Nothing small: nothing hidden; zero tells nothing about anybody.
        ([0, 3, 9], [0, 0, 0], ([], [], False)),
        # A 2 alone would be the sum less the rest: the smallest other one goes with it.
        ([2, 9, 5], [0, 0, 0], ([0, 2], [], False)),
        # Two small ones that make 3 together need no third; two 1s do.
        ([2, 1, 9], [0, 0, 0], ([0, 1], [], False)),
        ([1, 1, 9, 8], [0, 0, 0, 0], ([0, 1, 3], [], False)),
        # Alone in its group: the group's sum goes, and with it another's, or the town would tell.
        ([2, 9, 8], [0, 1, 1], ([0, 2], [0, 1], False)),
        # All that there is.
        ([2], [0], ([0], [0], True)),
        ([], [], ([], [], False)),
    ],
)
def test_by_hand(
    totals: list[int], groups: list[int], expected: tuple[list[int], list[int], bool]
) -> None:
    assert hidden(totals, groups) == expected


def sums_told(found: Hidden, group: np.ndarray) -> list[np.ndarray]:
    """Return the rows of each sum that can be computed from what is shown."""
    told = [group == one for one in range(len(found.groups)) if not found.groups[one]]
    if not found.all and found.groups.any():
        told.append(found.groups[group])
    return told


tables = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=1, max_size=10)


@given(tables, st.integers(1, 6))
def test_nothing_hidden_can_be_computed(table: list[tuple[int, int]], least: int) -> None:
    totals, labels = (np.array(part) for part in zip(*table, strict=True))
    group = np.unique(labels, return_inverse=True)[1]
    found = hide_small(totals, group, least)
    small = (totals > 0) & (totals < least)
    assert found.rows[small].all()
    assert not found.rows[totals == 0].any()
    sums = np.bincount(group, totals)
    assert found.groups[(sums > 0) & (sums < least)].all()
    assert found.all or not 0 < totals.sum() < least
    # What is hidden is an unknown of linear equations: none may have one answer only.
    unknown = np.flatnonzero(found.rows)
    nothing = np.zeros((1, len(totals)))
    told = sums_told(found, group)
    equations = np.vstack([nothing, *(row[None, :] for row in told)])[:, unknown]
    for alone in np.eye(len(unknown)):
        before = np.linalg.matrix_rank(equations)
        assert np.linalg.matrix_rank(np.vstack([equations, alone])) == before + 1
    for row in told:
        own = totals[row & found.rows]
        assert not len(own) or own.sum() >= least


@given(tables)
def test_nothing_is_hidden_where_nothing_is_small(table: list[tuple[int, int]]) -> None:
    totals, labels = (np.array(part) for part in zip(*table, strict=True))
    group = np.unique(labels, return_inverse=True)[1]
    found = hide_small(totals, group, 1)
    assert not found.rows.any()
    assert not found.groups.any()
    assert not found.all
