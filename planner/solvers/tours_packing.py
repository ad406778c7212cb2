"""The model behind `pack`: a column a route and kind of vehicle, a row a stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from planner.solvers.tours_fit import fitting
from planner.solvers.tours_problem import TourProblem, kinds_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Routes = tuple[tuple[int, ...], ...]

# A column counts as chosen from here on, and a sum as reached this near to it.
HALF = 0.5
NEARLY = 1e-6
# Columns the models begin with, and as many are added at a time.
FIRST_COLUMNS = 600
FEW_COLUMNS = 3000


@dataclass(frozen=True)
class Effort:
    """How hard to look: seconds of each model, nodes of its tree, columns it may have.

    A plan is good enough within the share `gap` of the best there may be.
    """

    seconds: float | None = None
    nodes: int | None = None
    columns: int | None = None
    gap: float = 0.0


@dataclass(frozen=True, eq=False)
class Packing:
    """Which route goes to which kind of vehicle, as 0-1 columns.

    Parameters
    ----------
    routes
        The routes of the pool.
    kinds
        Vehicles that are alike, one tuple a kind.
    route, kind
        Of each column.
    visits
        (n, columns) 1 where the column's route visits the point.
    """

    routes: Routes = field(repr=False)
    kinds: tuple[tuple[int, ...], ...]
    route: Ints = field(repr=False)
    kind: Ints = field(repr=False)
    visits: sparse.csc_array = field(repr=False)

    def best(
        self, gain: Floats, floors: Sequence[tuple[Floats, float]], effort: Effort
    ) -> Ints | None:
        """Return the columns of the largest sum of `gain`, or None if none were found.

        The linear model tells what each column could still add. Those that look best are solved
        first; what they give leaves only few columns that could better it.

        Parameters
        ----------
        gain
            (columns,) what each adds.
        floors
            What each column adds to another sum, and what that must reach.
        effort
            When to stop with what was found so far.
        """
        everything = np.arange(len(self.route))
        if not len(everything):
            return None if any(floor > NEARLY for _, floor in floors) else everything
        rows, most = self._rows(floors)
        top, lack = _relaxed(gain, rows, most)
        if top is None:
            return None
        order = np.lexsort((everything, lack))
        some = np.sort(order[:FIRST_COLUMNS])
        found = _integral(gain[some], rows[:, some], most, effort)
        columns = None if found is None else some[found]
        reached = -np.inf if columns is None else float(gain[columns].sum())
        if reached >= top - NEARLY * max(1.0, abs(top)):
            return columns
        left = order[lack[order] <= top - reached + NEARLY * max(1.0, abs(top))]
        left = np.sort(left[: effort.columns])
        if columns is not None and np.isin(left, some).all():
            return columns
        found = _integral(gain[left], rows[:, left], most, effort)
        better = found is not None and float(gain[left[found]].sum()) > reached
        return left[found] if better else columns

    def _rows(self, floors: Sequence[tuple[Floats, float]]) -> tuple[sparse.csc_array, Floats]:
        """Return the rows of the model and the most each sum may be: stops, kinds, floors."""
        used = np.unique(self.visits.indices)
        teams = np.equal.outer(np.arange(len(self.kinds)), self.kind).astype(float)
        units = [float(np.abs(adds).max()) or 1.0 for adds, _ in floors]
        least = [-adds[None] / unit for (adds, _), unit in zip(floors, units, strict=True)]
        rows = sparse.csc_array(
            sparse.vstack([self.visits.tocsr()[used], *map(sparse.csr_array, (teams, *least))])
        )
        sizes = [float(len(vehicles)) for vehicles in self.kinds]
        reach = [NEARLY - floor / unit for (_, floor), unit in zip(floors, units, strict=True)]
        most = [*np.ones(len(used)), *sizes, *reach]
        return rows, np.array(most)

    def worth(self, points: npt.NDArray[Any]) -> Floats:
        """Return what each column is worth if each point, (n,), is worth so much."""
        return np.asarray(points.astype(np.float64) @ self.visits)

    def assigned(self, columns: Ints, made_for: Ints) -> Routes:
        """Return one route or () a vehicle; to whom a route was made for if that one is free."""
        routes: list[tuple[int, ...]] = [()] * sum(map(len, self.kinds))
        free = {k: list(vehicles) for k, vehicles in enumerate(self.kinds)}
        left = []
        for column in columns.tolist():
            kind, route = int(self.kind[column]), int(self.route[column])
            if int(made_for[route]) in free[kind]:
                free[kind].remove(int(made_for[route]))
                routes[made_for[route]] = self.routes[route]
            else:
                left.append((kind, route))
        for kind, route in left:
            routes[free[kind].pop(0)] = self.routes[route]
        return tuple(routes)


def build_packing(problem: TourProblem, made_for: Ints, routes: Routes) -> Packing:
    """Return the model of a pool: every route with every kind of vehicle that can drive it.

    Parameters
    ----------
    problem
        What is to be solved.
    made_for
        (k,) whom each route was made for: only vehicles that start and end alike are tried.
    routes
        One tuple of stops a route.
    """
    kinds = kinds_of(problem)
    columns = [np.zeros(0, np.int64)]
    kind = [np.zeros(0, np.int64)]
    ends = np.array([(v.start, v.end) for v in problem.vehicles]).reshape(-1, 2)
    for number, vehicles in enumerate(kinds):
        alike = (ends[made_for] == ends[vehicles[0]]).all(axis=1)
        rows = np.flatnonzero(alike)
        able = rows[fitting(problem, vehicles[0], [routes[row] for row in rows])]
        columns.append(able)
        kind.append(np.full(len(able), number))
    route = np.concatenate(columns)
    lengths = [len(routes[at]) for at in route]
    indices = np.array([stop for at in route for stop in routes[at]], np.int64)
    visits = sparse.csc_array(
        (np.ones(len(indices)), indices, np.concatenate([[0], np.cumsum(lengths)])),
        shape=(len(problem.prize), len(route)),
    )
    return Packing(routes, kinds, route, np.concatenate(kind), visits)


def _relaxed(gain: Floats, rows: sparse.csc_array, most: Floats) -> tuple[float | None, Floats]:
    """Return the optimum of the linear model and what each column lacks to be part of it.

    Solved over the columns that gain most, to which those are added that could better it. None if
    no sum of columns keeps the limits.
    """
    within = np.zeros(len(gain), bool)
    # What helps to reach a floor has the most negative entry in its row.
    keys = [-gain, *(row for row in rows[np.flatnonzero(most < 0)].toarray())]
    for key in keys:
        within[np.argsort(key, kind="stable")[:FIRST_COLUMNS]] = True
    # Where all are few one solution is cheaper than many that add a handful each.
    within |= len(gain) <= FEW_COLUMNS
    while True:
        columns = np.flatnonzero(within)
        found = linprog(  # type: ignore[call-overload]
            -gain[columns], A_ub=rows[:, columns], b_ub=most, bounds=(0, None), method="highs"
        )
        if found.status != 0:
            if within.all():
                return None, np.zeros(len(gain))
            within[:] = True
            continue
        lack = -gain - np.asarray(found.ineqlin.marginals @ rows)
        new = np.flatnonzero(~within & (lack < -NEARLY * max(1.0, float(np.abs(gain).max()))))
        if not len(new):
            return -float(found.fun), np.maximum(lack, 0.0)
        within[new[np.argsort(lack[new], kind="stable")[:FIRST_COLUMNS]]] = True


def _integral(gain: Floats, rows: sparse.csc_array, most: Floats, effort: Effort) -> Ints | None:
    """Return the columns chosen by the model in whole numbers, None if none were found."""
    options: dict[str, Any] = {"mip_rel_gap": effort.gap}
    if effort.seconds is not None:
        options["time_limit"] = effort.seconds
    if effort.nodes is not None:
        options["node_limit"] = effort.nodes
    found = milp(
        -gain / (float(np.abs(gain).max()) or 1.0),
        constraints=LinearConstraint(rows, -np.inf, most),
        integrality=np.ones(len(gain), np.int64),
        bounds=Bounds(0, 1),
        options=options,  # type: ignore[arg-type]
    )
    return None if found.x is None else np.flatnonzero(found.x > HALF)
