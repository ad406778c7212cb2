"""Routes, moves, squeezing in and ejecting on arrays, against routes driven stop by stop."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.solvers.tours_bound import reachable_alone
from planner.solvers.tours_ejection import _rules, _state
from planner.solvers.tours_ejection_kernels import FIRST, LEAST, PLACE, VEHICLE, _ejection
from planner.solvers.tours_ejection_moves import move_by_chance
from planner.solvers.tours_ejection_routes import (
    NOBODY,
    Rules,
    Tours,
    fits,
    holds,
    overrun,
    overrun_joined,
    retime,
    splice,
    swap_ends,
)
from planner.solvers.tours_ejection_squeeze import NONE, Old, _best_move, _move, squeeze
from planner.solvers.tours_problem import TourProblem, Vehicle


def drawn(seed: int, limited: bool = False, alike: bool = True) -> tuple[Rules, Tours, list[int]]:
    """Return rules, tours within them, and the stops that are in none, of two or three teams."""
    rng = np.random.default_rng(seed)
    n = 10
    xy = rng.integers(0, 30, (n, 2))
    time = np.abs(xy[:, None] - xy).sum(axis=2)
    opens = rng.integers(0, 70, n)
    extra = {"max_travel": int(rng.integers(60, 140))} if limited else {}
    teams = tuple(
        Vehicle(0, 0, 0, 160 if alike else 150 + k, **extra)  # type: ignore[arg-type]
        for k in range(int(rng.integers(2, 4)))
    )
    problem = TourProblem(
        time, rng.integers(1, 9, n), rng.integers(0, 9, n), opens,
        opens + rng.integers(5, 90, n), np.zeros(n, bool), teams,
    )  # fmt: skip
    able = reachable_alone(problem)
    rules = _rules(problem, able)
    routes: list[list[int]] = [[] for _ in teams]
    out = []
    for stop in rng.permutation(np.arange(1, n)).tolist():
        route = routes[int(rng.integers(len(teams)))]
        place = int(rng.integers(len(route) + 1))
        longer = [*route[:place], stop, *route[place:]]
        if able[stop].all() and driven(rules, 0, longer):
            route[:] = longer
        elif able[stop].all():
            out.append(stop)
    stops = np.flatnonzero(able.any(axis=1))
    tours = _state(problem, tuple(map(tuple, routes)), stops).tours
    for k in range(len(teams)):
        retime(rules, tours, k)
    return rules, tours, out


def driven(rules: Rules, team: int, route: list[int]) -> bool:
    """Return whether a team can drive a route: stop by stop, as one would by hand."""
    start, end, now, _, until, mode, _, most, *_ = rules.teams[team].tolist()
    here, travel = start, 0
    for stop in route:
        opens, closes, service = rules.stops[stop].tolist()
        travel += int(rules.time[mode, here, stop])
        now = max(now + int(rules.time[mode, here, stop]), opens)
        if now > closes:
            return False
        now, here = now + service, stop
    way = int(rules.time[mode, here, end])
    return now + way <= until and (most < 0 or travel + way <= most)


def lateness(rules: Rules, team: int, route: list[int]) -> int:
    """Return by how much a team is late in all if it goes back in time whenever it is late."""
    start, end, now, _, until, mode, *_ = rules.teams[team].tolist()
    here, late = start, 0
    for stop in route:
        opens, closes, service = rules.stops[stop].tolist()
        now = max(now + int(rules.time[mode, here, stop]), opens)
        late += max(now - closes, 0)
        now, here = min(now, closes) + service, stop
    return late + max(now + int(rules.time[mode, here, end]) - until, 0)


def listed(tours: Tours) -> list[list[int]]:
    return [row[:many].tolist() for row, many in zip(tours.order, tours.many, strict=True)]


def times_of(rules: Rules, tours: Tours) -> np.ndarray:
    """Return the times of the tours, computed anew, without what lies behind the routes."""
    copy = Tours(tours.order.copy(), tours.many.copy(), np.zeros_like(tours.times))
    for k in range(len(tours.many)):
        retime(rules, copy, k)
    return np.concatenate([copy.times[:, k, : many + 1] for k, many in enumerate(copy.many)], 1)


@given(st.integers(0, 2**20), st.booleans())
def test_what_fits_is_what_can_be_driven(seed: int, limited: bool) -> None:
    rules, tours, out = drawn(seed, limited)
    room = np.zeros(tours.order.shape[1], np.int64)
    for k, route in enumerate(listed(tours)):
        assert holds(rules, k, tours.order[k], len(route))
        for low in range(len(route) + 1):
            for high in range(low, min(low + 2, len(route) + 1)):
                for stop in (NOBODY, *out):
                    new = [*route[:low], *([] if stop == NOBODY else [stop]), *route[high:]]
                    expected = driven(rules, k, new)
                    assert fits(rules, tours, k, low, stop, high, room) == expected
                    assert holds(rules, k, np.array([*new, 0]), len(new)) == expected
                    late = overrun(rules, tours, k, low, stop, high)
                    assert late == lateness(rules, k, new)


@given(st.integers(0, 2**20))
def test_lateness_of_changed_ends_and_of_late_routes(seed: int) -> None:
    rules, tours, out = drawn(seed)
    for stop in out[:2]:  # pressed in where they do not fit
        splice(rules, tours, 0, int(tours.many[0]) // 2, stop, int(tours.many[0]) // 2)
    one, other = listed(tours)[:2]
    for low in range(len(one) + 1):
        assert overrun(rules, tours, 0, low, NOBODY, low) == lateness(rules, 0, one)
        for high in range(len(other) + 1):
            expected = lateness(rules, 0, one[:low] + other[high:])
            assert overrun_joined(rules, tours, 0, low, 1, high) == expected


@given(st.integers(0, 2**20))
def test_the_best_move_of_a_late_route_is_the_best_there_is(seed: int) -> None:
    rules, tours, out = drawn(seed)
    for stop in out[:2]:
        splice(rules, tours, 0, int(tours.many[0]) // 2, stop, int(tours.many[0]) // 2)
    routes = listed(tours)
    late = np.array([lateness(rules, k, route) for k, route in enumerate(routes)])
    if late[0] == 0:
        return
    ways = []
    for k, other in enumerate(routes[1:], 1):
        for at in range(len(routes[0]) + 1):
            for place in range(len(other) + 1):
                before, after = routes[0][:at], routes[0][at + 1 :]
                mine, theirs = routes[0][at : at + 1], other[place : place + 1]
                ways.append((k, before + after, other[:place] + mine + other[place:]))
                if mine and theirs:
                    changed = other[:place] + mine + other[place + 1 :]
                    ways.append((k, before + theirs + after, changed))
                ways.append((k, before + other[place:], other[:place] + routes[0][at:]))
    gains = [
        late[0] + late[k] - lateness(rules, 0, one) - lateness(rules, k, two)
        for k, one, two in ways
    ]
    kind, at, k, place = _best_move(rules, tours, 0, late, np.random.default_rng(seed))
    if max(gains) <= 0:
        assert kind == NONE
        return
    assert kind != NONE
    _move(rules, tours, kind, 0, at, k, place)
    now = [lateness(rules, j, route) for j, route in enumerate(listed(tours))]
    assert late.sum() - sum(now) == max(gains)


@given(st.integers(0, 2**20), st.booleans())
def test_what_is_squeezed_in_is_in_and_nobody_is_late(seed: int, alike: bool) -> None:
    rules, tours, out = drawn(seed, alike=alike)
    old = Old(tours.order.copy(), tours.many.copy(), tours.many.copy())
    for stop in out:
        before = listed(tours)
        done = squeeze(rules, tours, stop, old, np.random.default_rng(seed))
        after = listed(tours)
        assert all(driven(rules, k, route) for k, route in enumerate(after))
        if done:
            expected = sorted([stop, *chain.from_iterable(before)])
            assert sorted(chain.from_iterable(after)) == expected
        else:
            assert after == before
        now = np.concatenate([tours.times[:, k, : m + 1] for k, m in enumerate(tours.many)], 1)
        assert (now == times_of(rules, tours)).all()


def test_a_stop_is_squeezed_in_where_another_one_can_go() -> None:
    # Team 0 goes west first, team 1 is back by 25: neither can take the stop at 10, to be there by
    # 10 and for 5; but team 1 can if the other team takes the one at 12.
    spots = [0, 10, -10, 12]
    time = np.abs(np.array(spots)[:, None] - spots)
    problem = TourProblem(
        time, [0, 1, 1, 1], [0, 5, 0, 0], [0] * 4, [99, 10, 10, 99], [False] * 4,
        (Vehicle(0, 0, 0, 60), Vehicle(0, 0, 0, 25)),
    )  # fmt: skip
    rules = _rules(problem, reachable_alone(problem))
    state = _state(problem, ((2,), (3,)), np.arange(1, 4))
    tours, room = state.tours, state.room
    for k in (0, 1):
        retime(rules, tours, k)
        assert not any(fits(rules, tours, k, at, 1, at, room) for at in range(2))
    chance = np.random.default_rng(0)
    assert squeeze(rules, tours, 1, state.old, chance)
    assert listed(tours) == [[2, 3], [1]]


@given(st.integers(0, 2**20))
def test_limited_teams_are_not_squeezed_into(seed: int) -> None:
    rules, tours, out = drawn(seed, limited=True)
    before = listed(tours)
    for stop in out:
        old = Old(tours.order.copy(), tours.many.copy(), tours.many.copy())
        assert not squeeze(rules, tours, stop, old, np.random.default_rng(seed))
    assert listed(tours) == before


@given(st.integers(0, 2**20), st.data())
def test_changes_leave_routes_and_times_as_if_made_anew(seed: int, data: st.DataObject) -> None:
    rules, tours, out = drawn(seed)
    one, other, *rest = listed(tours)
    low = data.draw(st.integers(0, len(one)))
    high = data.draw(st.integers(0, len(other)))
    swap_ends(rules, tours, 0, low, 1, high)
    one, other = one[:low] + other[high:], other[:high] + one[low:]
    assert listed(tours) == [one, other, *rest]
    stop = data.draw(st.sampled_from([NOBODY, *out[:1]]))
    gone = data.draw(st.integers(0, min(1, len(one) - low)))
    splice(rules, tours, 0, low, stop, low + gone)
    one = [*one[:low], *([] if stop == NOBODY else [stop]), *one[low + gone :]]
    assert listed(tours) == [one, other, *rest]
    now = np.concatenate([tours.times[:, k, : m + 1] for k, m in enumerate(tours.many)], 1)
    assert (now == times_of(rules, tours)).all()


@given(st.integers(0, 2**20), st.booleans(), st.booleans())
def test_moves_by_chance_keep_every_stop_and_every_rule(
    seed: int, limited: bool, alike: bool
) -> None:
    rules, tours, _ = drawn(seed, limited, alike)
    before = listed(tours)
    room = np.zeros(tours.order.shape[1], np.int64)
    chance = np.random.default_rng(seed)
    for _ in range(300):
        move_by_chance(rules, tours, room, chance)
    after = listed(tours)
    assert sorted(chain.from_iterable(after)) == sorted(chain.from_iterable(before))
    assert all(driven(rules, k, route) for k, route in enumerate(after))
    now = np.concatenate([tours.times[:, k, : m + 1] for k, m in enumerate(tours.many)], 1)
    assert (now == times_of(rules, tours)).all()


def test_two_routes_that_cross_are_untangled_by_their_ends() -> None:
    # Teams 0 and 1 go out on one line and back on the other; only 2-opt* lets them change sides
    # at once, as each has no time for a stop more.
    stops = [(0, 0), (10, 0), (20, 0), (10, 9), (20, 9)]
    time = np.abs(np.array(stops)[:, None] - np.array(stops)).sum(axis=2)
    team = Vehicle(0, 0, 0, 58)
    problem = TourProblem(
        time, [0, 1, 1, 1, 1], [0] * 5, [0] * 5, [99] * 5, [False] * 5, (team, team)
    )
    routes = ((1, 4), (3, 2))
    tours = _state(problem, routes, np.arange(1, 5)).tours
    rules = _rules(problem, reachable_alone(problem))
    for k in (0, 1):
        retime(rules, tours, k)
    assert overrun_joined(rules, tours, 0, 1, 1, 1) == 0
    swap_ends(rules, tours, 0, 1, 1, 1)
    assert listed(tours) == [[1, 2], [3, 4]]
    assert tours.times[0, :, 2].tolist() == [20, 29]


@given(st.integers(0, 2**20), st.booleans())
def test_those_that_leave_are_the_least_hard(seed: int, limited: bool) -> None:
    rules, tours, out = drawn(seed, limited)
    hard = np.random.default_rng(seed).integers(1, 6, len(rules.stops))
    room = np.zeros(tours.order.shape[1], np.int64)
    pick = np.zeros(7, np.int64)
    for stop in out:
        best = None
        for k, route in enumerate(listed(tours)):
            for gone in some(range(len(route))):
                left = [one for at, one in enumerate(route) if at not in gone]
                if any(
                    driven(rules, k, [*left[:p], stop, *left[p:]]) for p in range(len(left) + 1)
                ):
                    total = sum(int(hard[route[at]]) for at in gone)
                    best = total if best is None else min(best, total)
        before = listed(tours)
        _ejection(rules, tours, stop, hard, room, np.random.default_rng(seed), pick)
        assert listed(tours) == before
        if best is None:
            assert pick[VEHICLE] == -1
            continue
        assert pick[LEAST] == best
        route = listed(tours)[pick[VEHICLE]]
        longer = [*route[: pick[PLACE]], stop, *route[pick[PLACE] :]]
        gone = pick[FIRST:].tolist()
        assert sum(int(hard[longer[at]]) for at in gone if at >= 0) == best
        left = [one for at, one in enumerate(longer) if at not in gone]
        assert stop in left
        assert driven(rules, int(pick[VEHICLE]), left)


def some(places: range) -> list[tuple[int, ...]]:
    """Return every choice of one to three places."""
    return [gone for size in (1, 2, 3) for gone in combinations(places, size)]
