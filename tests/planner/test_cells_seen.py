from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.cell_kernels import add_up_cells
from planner.cells_seen import cells_again, cells_seen
from planner.ground_kernels import merge_looks
from planner.looks import Looks, score

looks_of = st.dictionaries(
    st.tuples(st.integers(0, 40), st.integers(0, 4)),
    st.tuples(st.sampled_from([0.25, 0.5, 1.0]), st.sampled_from([5.0, 9.0])),
    max_size=30,
)


def sorted_looks(pairs: dict[tuple[int, int], tuple[float, float]]) -> Looks:
    keys = sorted(pairs)
    point, camera = np.array(keys, np.int64).reshape(-1, 2).T
    chance, px_per_m = np.array([pairs[key] for key in keys], float).reshape(-1, 2).T
    return Looks(camera.copy(), point.copy(), chance.copy(), px_per_m.copy())


@given(
    looks_of, st.lists(st.tuples(*[st.sampled_from([0.0, 0.5, 1.0])] * 2), min_size=5, max_size=5)
)
def test_children_and_cells_add_up_as_points_scored_one_by_one(pairs, counts) -> None:
    looks, weights = sorted_looks(pairs), np.array(counts)
    places, parts, rows, sevenths, cameras, px_per_m = add_up_cells(
        looks.camera, looks.point, looks.chance, looks.px_per_m, weights
    )
    main, other = (score(looks, 49, weights[:, variant]) for variant in (0, 1))
    assert places.tolist() == sorted({point for point, _ in pairs})
    assert rows.tolist() == sorted({point // 7 for point, _ in pairs})
    for part, whole in zip(parts, (main.low, main.value, main.high, other.value), strict=True):
        assert part.tolist() == whole[places].tolist()
        assert not np.delete(whole, places).any()
    for part, whole in zip(sevenths, (main.low, main.value, main.high, other.value), strict=True):
        np.testing.assert_allclose(part, whole.reshape(7, 7).sum(axis=1)[rows])
    assert cameras.tolist() == main.cameras.reshape(7, 7).max(axis=1)[rows].tolist()
    assert px_per_m.tolist() == main.px_per_m.reshape(7, 7).max(axis=1)[rows].tolist()


@given(looks_of, looks_of, st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6)))
def test_cells_added_up_again_are_those_of_a_full_run(one, two, changed, besides) -> None:
    counts = np.linspace(0.1, 1, 25).reshape(5, 5).round()
    kept = {key: look for key, look in one.items() if key[0] // 7 not in changed}
    after = sorted_looks(kept | {key: v for key, v in two.items() if key[0] // 7 in changed})
    touched = np.array(sorted(changed | besides), np.int64)
    told = cells_again(cells_seen(sorted_looks(one), counts), after, counts, touched)
    full = cells_seen(after, counts)
    for name in ("places", "parts", "rows", "sevenths", "cameras", "px_per_m"):
        mine, its = getattr(told, name), getattr(full, name)
        assert mine.dtype == its.dtype
        assert mine.tolist() == its.tolist(), name


@given(looks_of, looks_of, st.sets(st.integers(0, 4)))
def test_merged_looks_are_sorted_and_none_is_lost(one, two, out) -> None:
    kept = [camera for camera in range(5) if camera not in out]
    to = np.array([2 * kept.index(k) if k in kept else -1 for k in range(5)], np.int64)
    first, second = (
        sorted_looks(one),
        sorted_looks({(p, 2 * c + 1): v for (p, c), v in two.items()}),
    )
    merged = merge_looks(
        *(first.camera, first.point, first.chance, first.px_per_m, to),
        *(second.camera, second.point, second.chance, second.px_per_m),
    )
    wanted = {(p, int(to[c])): v for (p, c), v in one.items() if c in kept}
    wanted |= {(p, 2 * c + 1): v for (p, c), v in two.items()}
    whole = sorted_looks(wanted)
    for told, expected in zip(
        merged, (whole.camera, whole.point, whole.chance, whole.px_per_m), strict=True
    ):
        assert told.tolist() == expected.tolist()
