"""The linear relaxation behind the bound: who can reach what, and how long it takes.

A vehicle's tour is let fall apart into shares of ways between stops that it could drive one after
the other. What stays is that each stop that is visited is entered and left once, that no way is
driven to and fro at once, and that ways, service and forced waiting fit the shift.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog

from planner.solvers.tours_problem import UNREACHABLE, TourProblem, kinds_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Ways from and to each stop that the model knows one by one; all longer ones are two halves, priced
# at the shortest of them, so that the bound holds however few there are.
WAYS = 8
# Steps, not seconds: the same bound on any machine. Nine vehicles and 440 stops take 2,700, 1 s.
LP_STEPS = 10_000


@dataclass(frozen=True, eq=False)
class _Part:
    """Stops and ways of one kind of vehicle.

    Parameters
    ----------
    vehicles
        Those that are alike.
    stops
        (n,) points they can reach.
    tail, head
        Of each way: 0 the start, 1 to n the stops, n + 1 the end, n + 2 nothing, of a half way.
    step, travel
        Ticks from the end of service to the next begin, at least, and under way.
    """

    vehicles: tuple[int, ...]
    stops: Ints = field(repr=False)
    tail: Ints = field(repr=False)
    head: Ints = field(repr=False)
    step: Floats = field(repr=False)
    travel: Floats = field(repr=False)


def relaxed(problem: TourProblem, able: Flags, begin: Floats, steps: int = LP_STEPS) -> float:
    """Return a score that no plan can exceed, of the linear relaxation.

    Parameters
    ----------
    problem
        What is to be solved.
    able
        (n, vehicles) which stops each vehicle could visit alone.
    begin
        (n, vehicles) when it could begin there at the earliest.
    steps
        Most steps of the simplex method; infinity is returned where they do not do.
    """
    parts = [
        _part(problem, able, begin, kind) for kind in kinds_of(problem) if able[:, kind[0]].any()
    ]
    if not parts:
        return 0.0
    gain, equal, limits, most, upper = _model(problem, parts)
    if not gain.any():
        return 0.0
    scale = float(gain.max())
    found = linprog(  # type: ignore[call-overload]
        -gain / scale,
        A_ub=limits,
        b_ub=most,
        A_eq=equal,
        b_eq=np.zeros(equal.shape[0]),
        bounds=np.column_stack([np.zeros(len(upper)), upper]),
        method="highs",
        options={"maxiter": steps},
    )
    if found.status != 0:
        return float("inf")
    # Whatever the multipliers are, the bound of weak duality holds: no rounding can break it.
    price = np.maximum(-found.ineqlin.marginals, 0.0) * scale
    free = -found.eqlin.marginals * scale
    left = gain - price @ limits - free @ equal
    return float(price @ most + np.maximum(left, 0.0) @ upper)


def _part(problem: TourProblem, able: Flags, begin: Floats, kind: tuple[int, ...]) -> _Part:
    """Return the ways of one kind of vehicle: the short ones, and halves of all others."""
    team = problem.vehicles[kind[0]]
    stops = np.flatnonzero(able[:, kind[0]])
    at = [team.start, *stops.tolist(), team.end]
    travel = problem.time[team.mode][np.ix_(at, at)].astype(float)
    opens, closes, service = (
        a[stops].astype(float) for a in (problem.opens, problem.closes, problem.service)
    )
    closes = np.minimum(closes, team.latest_return)
    step = travel.copy()
    step[1:-1, 1:-1] = np.maximum(step[1:-1, 1:-1], opens[None] - (closes + service)[:, None])
    there = travel < UNREACHABLE
    np.fill_diagonal(there, False)
    there[:, 0] = there[-1] = there[0, -1] = False
    leave = begin[stops, kind[0]] + service
    there[1:-1, 1:-1] &= leave[:, None] + travel[1:-1, 1:-1] <= closes[None]
    step, travel = np.where(there, step, np.inf), np.where(there, travel, np.inf)
    near = there & (_rank(step, 1) < WAYS) | there & (_rank(step, 0) < WAYS)
    near[0], near[:, -1] = there[0], there[:, -1]
    tail, head = np.nonzero(near)
    rest, rest_travel = np.where(near, np.inf, step), np.where(near, np.inf, travel)
    inner = np.arange(1, len(at) - 1)
    out = inner[np.isfinite(rest[1:-1].min(axis=1))]
    into = inner[np.isfinite(rest[:, 1:-1].min(axis=0))]
    nothing = len(at)
    tail = np.concatenate([tail, out, np.full(len(into), nothing)])
    head = np.concatenate([head, np.full(len(out), nothing), into])
    steps = [step[near], rest.min(axis=1)[out] / 2, rest.min(axis=0)[into] / 2]
    ways = [travel[near], rest_travel.min(axis=1)[out] / 2, rest_travel.min(axis=0)[into] / 2]
    return _Part(kind, stops, tail, head, np.concatenate(steps), np.concatenate(ways))


def _rank(values: Floats, axis: int) -> Ints:
    """Return the place of each value in its row or column, the smallest 0."""
    order = np.argsort(values, axis=axis, kind="stable")
    return np.argsort(order, axis=axis, kind="stable")


def _model(
    problem: TourProblem, parts: list[_Part]
) -> tuple[Floats, sparse.csr_array, sparse.csr_array, Floats, Floats]:
    """Return gains, rows that are 0, rows that are limited, their limits, and largest values."""
    gains, equal, upper, most = [], [], [], []
    once, limits = [], []
    for part in parts:
        team = problem.vehicles[part.vehicles[0]]
        count, n = len(part.vehicles), len(part.stops)
        ways = len(part.tail)
        columns = np.arange(ways)
        # A column a way; a stop is visited as often as it is entered.
        enters = (part.head >= 1) & (part.head <= n)
        leaves = (part.tail >= 1) & (part.tail <= n)
        shape = (n + 2, ways)
        into = sparse.coo_array(
            (np.ones(enters.sum()), (part.head[enters] - 1, columns[enters])), shape=shape
        )
        out = sparse.coo_array(
            (np.ones(leaves.sum()), (part.tail[leaves] - 1, columns[leaves])), shape=shape
        )
        halves = (part.tail == n + 2).astype(float) - (part.head == n + 2)
        tie = sparse.coo_array(halves[None])
        begins = sparse.coo_array(((part.tail == 0).astype(float) - (part.head == n + 1))[None])
        equal.append(sparse.vstack([into - out, tie, begins]))
        visit = into.tocsr()[:n]
        serve = problem.service[part.stops].astype(float) @ visit
        gains.append(problem.prize[part.stops].astype(float) @ visit)
        rows = [
            (part.step + serve) / max(team.span, 1),
            (part.tail == 0).astype(float),
        ]
        sizes = [float(count), float(count)]
        if team.max_travel is not None:
            rows.append(part.travel / max(team.max_travel, 1))
            sizes.append(float(count))
        both, pairs = _to_and_fro(part, visit)
        limits.append(sparse.vstack([sparse.csr_array(np.array(rows)), both]))
        most += [*sizes, *np.zeros(pairs)]
        upper.append(np.ones(ways))
        place = sparse.coo_array(
            (np.ones(n), (part.stops, np.arange(n))), shape=(len(problem.prize), n)
        )
        once.append(place @ visit)
    rows_once = sparse.hstack(once).tocsr()
    visited = np.flatnonzero(np.diff(rows_once.indptr))
    limited = sparse.vstack([sparse.block_diag(limits), rows_once[visited]]).tocsr()
    return (
        np.concatenate(gains),
        sparse.csr_array(sparse.block_diag(equal)),
        sparse.csr_array(limited),
        np.array([*most, *np.ones(len(visited))]),
        np.concatenate(upper),
    )


def _to_and_fro(part: _Part, visit: sparse.csr_array) -> tuple[sparse.csr_array, int]:
    """Return rows: a way and its way back are driven no more often than their stop is visited."""
    n, ways = len(part.stops), len(part.tail)
    inner = (part.tail >= 1) & (part.tail <= n) & (part.head >= 1) & (part.head <= n)
    known = {
        (int(a), int(b)): way
        for way, a, b in zip(np.flatnonzero(inner), part.tail[inner], part.head[inner], strict=True)
    }
    pairs = [(way, known[b, a], a) for (a, b), way in known.items() if a < b and (b, a) in known]
    if not pairs:
        return sparse.csr_array((0, ways)), 0
    there, back, stop = np.array(pairs).T
    rows = np.arange(len(pairs))
    twice = sparse.coo_array(
        (np.ones(2 * len(pairs)), (np.tile(rows, 2), np.concatenate([there, back]))),
        shape=(len(pairs), ways),
    )
    return sparse.csr_array(twice - visit[stop - 1]), len(pairs)
