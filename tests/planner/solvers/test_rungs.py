"""The rest of a tour in less time, against every choice of stops."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.solvers.rungs import best_rest


def every_choice(time, service, opens, closes, prize, required, now, latest):
    """Return the best (required, prize, -back) over all subsets, None where nobody comes home."""
    count, found = len(prize), []
    subsets = chain.from_iterable(combinations(range(count), k) for k in range(count + 1))
    for subset in subsets:
        tick, here, kept = now, 0, True
        for stop in subset:
            begin = max(tick + time[here][stop + 1], opens[stop])
            kept &= begin <= closes[stop]
            tick, here = begin + service[stop], stop + 1
        tick += time[here][count + 1]
        if kept and tick <= latest:
            found.append((sum(required[s] for s in subset), sum(prize[s] for s in subset), -tick))
    return max(found, default=None)


@st.composite
def tours(draw):
    count = draw(st.integers(0, 6))
    ticks = st.integers(0, 12)
    column = st.lists(ticks, min_size=count, max_size=count)
    time = draw(st.lists(st.lists(ticks, min_size=count + 2, max_size=count + 2),
                         min_size=count + 2, max_size=count + 2))  # fmt: skip
    service, opens, span, prize = (draw(column) for _ in range(4))
    closes = [begin + wide for begin, wide in zip(opens, span, strict=True)]
    required = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    return time, service, opens, closes, prize, required, draw(ticks), draw(st.integers(0, 80))


@given(tours())
@settings(max_examples=300)
def test_the_best_of_all_choices_is_found(tour) -> None:
    *columns, now, latest = tour
    rest = best_rest(*map(np.array, columns[:5]), np.array(columns[5], bool), now=now,
                     latest=latest)  # fmt: skip
    best = every_choice(*tour)
    if best is None:
        assert (rest.kept, rest.back) == ((), None)
    else:
        assert rest.back is not None
        assert (rest.required, rest.prize, -rest.back) == best
        assert list(rest.kept) == sorted(set(rest.kept))


def test_many_labels_do_not_overflow_the_arrays() -> None:
    """Prizes and services that are powers of two keep every choice alive."""
    count = 11
    powers = 2 ** np.arange(count)
    time = np.zeros((count + 2, count + 2), int)
    none = np.zeros(count, int)
    for latest in (0, 700, 2**count):
        rest = best_rest(time, powers, none, none + 10**6, powers, none > 0, now=0, latest=latest)
        assert rest.prize == min(latest, 2**count - 1)
