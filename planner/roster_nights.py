"""One night after another: who goes, what is due, and a plan that chance draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import numpy.typing as npt

from planner.roster_drawn import nearly_best
from planner.roster_times import SLOT_TICKS, Timed, timed
from planner.solvers.tours import explore
from planner.solvers.tours_check import best_departure
from planner.solvers.tours_pool import RoutePool, pack, pooled
from planner.solvers.tours_problem import TourProblem, Vehicle

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Routes = tuple[tuple[int, ...], ...]

WEEK = 7
# Starts of the search for the best plan that run side by side, and routes weighed there.
THREADS = 2
COLUMNS = 1000


@dataclass(frozen=True)
class NightRules:
    """Numbers of `data/profiles/nights.toml` that the drawing of nights takes.

    Parameters
    ----------
    within
        Share by which a night may be worth less than the best one.
    iterations, first_iterations, nodes
        How long the best plan is searched: of each night that is unlike those before, and of the
        first; and how long routes are put together.
    steps
        Moves that are tried for each stop to find a plan that is hard to foresee.
    noise, idle_worth
        How far chance moves what a visit at some half hour is worth, and what a stop gains that
        has waited its longest gap; a visit at another half hour than ever gains about 1.
    teams_a_night, most_nights_a_week
        Who may go: 0 = all; no team more often than this within seven nights.
    """

    within: float
    iterations: int
    first_iterations: int
    nodes: int
    steps: int
    noise: float
    idle_worth: float
    teams_a_night: int
    most_nights_a_week: int


@dataclass(frozen=True, eq=False)
class Stops:
    """What the nights know of the stops, one entry for each point of the problem.

    Parameters
    ----------
    place
        (n,) number of the place: two visits of a night to one patrol point have the same.
    every
        (n,) a required stop is due so many nights after it was visited last.
    gap
        (n,) nights after which a stop has waited its longest; inf for none.
    """

    place: Ints
    every: Ints
    gap: Floats


@dataclass(frozen=True)
class Night:
    """What one night became.

    Parameters
    ----------
    seed
        Its random numbers.
    teams
        Vehicles that were to go.
    tours
        One for each vehicle; None for those who stay.
    score, best
        Prize of the plan, and of the best plan that was found for that night.
    best_routes
        That plan: what a town walks that takes no chances.
    overdue
        Points whose longest gap or turn has come and that nobody visits.
    """

    seed: int
    teams: tuple[int, ...]
    tours: tuple[Timed | None, ...] = field(repr=False)
    score: int
    best: int
    best_routes: Routes = field(default=(), repr=False)
    overdue: tuple[int, ...] = ()

    @property
    def routes(self) -> Routes:
        """Return the stops of each vehicle."""
        return tuple(() if tour is None else tour.route for tour in self.tours)


def draw_nights(
    problem: TourProblem,
    vehicles: Sequence[tuple[Vehicle, ...]],
    stops: Stops,
    rules: NightRules,
    seeds: Sequence[int],
) -> Iterator[Night]:
    """Return a night for each seed, each drawn from the plans that are nearly the best.

    Of the plans that reach `1 - within` of the best score one is looked for whose visits come at
    half hours in which those stops were seldom visited before; chance decides where the search
    goes, and moves what a half hour is worth.

    Parameters
    ----------
    problem
        An evening with all teams.
    vehicles
        The teams of each night: shifts differ between days; a team that is not out has no time.
    stops
        When each stop is due.
    rules
        How chance works.
    seeds
        One a night; the same seeds give the same nights.
    """
    state = _State.start(problem, stops, seeds)
    pool = pooled(problem, ())
    best: dict[tuple[object, ...], Routes] = {}
    for number, (out, seed) in enumerate(zip(vehicles, seeds, strict=True)):
        rng = np.random.default_rng(seed)
        teams = state.who_goes(out, rules, rng)
        due = state.due(problem, stops)
        tonight = _tonight(problem, out, teams, due)
        key = tonight.vehicles, tonight.required.tobytes()
        if key not in best:
            longer = rules.iterations if number else rules.first_iterations
            best[key], pool = _best(tonight, pool, longer, seed, rules)
        night = state.drawn(tonight, best[key], stops, rules, rng)
        best[key] = max(best[key], night.routes, key=lambda one: _rank(tonight, one))
        there = state.visit(problem, stops, night, teams)
        overdue = tuple(np.flatnonzero(due & ~there).tolist())
        yield replace(
            night, seed=seed, teams=teams, overdue=overdue,
            best=_score(problem, best[key]), best_routes=best[key],
        )  # fmt: skip


def _best(
    tonight: TourProblem, pool: RoutePool, iterations: int, seed: int, rules: NightRules
) -> tuple[Routes, RoutePool]:
    """Return the best plan of a night, and the pool with the routes that were seen."""
    plan, more = explore(tonight, iterations=iterations, seed=seed, threads=THREADS, bounded=False)
    pool = pooled(tonight, chain(pool, more))
    packed = pack(tonight, pool, seconds=None, nodes=rules.nodes, columns=COLUMNS)
    return max(plan.routes, packed, key=lambda one: _rank(tonight, one)), pool


def _rank(problem: TourProblem, routes: Routes) -> tuple[int, int]:
    """Return how many required stops a plan has, and its score."""
    visited = [stop for route in routes for stop in route]
    return int(problem.required[visited].sum()), _score(problem, routes)


@dataclass(eq=False)
class _State:
    """What is known before a night: who went and where, what waits, when each stop was seen."""

    idle: Floats
    seen: Ints
    first_slot: int
    ticks: Floats
    history: list[tuple[int, ...]]
    routes: Routes | None = None

    @classmethod
    def start(cls, problem: TourProblem, stops: Stops, seeds: Sequence[int]) -> _State:
        """Return the state before the first night; not everything is due at once."""
        rng = np.random.default_rng(list(seeds))
        begin = min(vehicle.earliest for vehicle in problem.vehicles) // SLOT_TICKS
        end = max(vehicle.latest_return for vehicle in problem.vehicles) // SLOT_TICKS
        turns = np.where(np.isfinite(stops.gap), np.minimum(stops.gap, stops.every), stops.every)
        _, first, place = np.unique(stops.place, return_index=True, return_inverse=True)
        idle = np.floor(rng.random(len(first)) * turns[first])[place]
        seen = np.zeros((len(problem.prize), end - begin + 1), np.int64)
        return cls(idle, seen, begin, np.zeros(len(problem.vehicles)), [])

    def who_goes(
        self, out: tuple[Vehicle, ...], rules: NightRules, rng: np.random.Generator
    ) -> tuple[int, ...]:
        """Return the teams of a night: who may, those first that have walked the least."""
        week = [team for teams in self.history[-WEEK + 1 :] for team in teams]
        may = [
            k
            for k, vehicle in enumerate(out)
            if vehicle.span > 0 and week.count(k) < rules.most_nights_a_week
        ]
        least = sorted(may, key=lambda k: (self.ticks[k], rng.random()))
        return tuple(sorted(least[: rules.teams_a_night or len(least)]))

    def due(self, problem: TourProblem, stops: Stops) -> Flags:
        """Return the stops whose turn it is, or that would wait longer than they may."""
        turn = problem.required & (self.idle + 1 >= stops.every)
        return turn | ((self.idle + 1 >= stops.gap) & (problem.prize > 0))

    def drawn(
        self, tonight: TourProblem, best: Routes, stops: Stops, rules: NightRules,
        rng: np.random.Generator,
    ) -> Night:  # fmt: skip
        """Return a plan nearly as good as the best one, at times that were seldom used before."""
        departures = [
            best_departure(tonight, k, route) or vehicle.earliest
            for k, (route, vehicle) in enumerate(zip(best, tonight.vehicles, strict=True))
        ]
        found = nearly_best(
            tonight, best, departures, self.gains(stops, rules, rng),
            least_score=(1.0 - rules.within) * _score(tonight, best),
            steps=rules.steps * len(tonight.stops), seed=int(rng.integers(2**31)),
            first_slot=self.first_slot, earlier=self.routes,
        )  # fmt: skip
        tours = timed(tonight, found.routes, found.departures)
        return Night(0, (), tours, _score(tonight, found.routes), 0)

    def gains(self, stops: Stops, rules: NightRules, rng: np.random.Generator) -> Floats:
        """Return what a visit to each point in each half hour is worth, (n, slots).

        How alike the times of a stop are is the sum of the squared shares of its half hours: the
        chance that two of its visits fall into the same one. A visit is worth by how much it
        lowers that, in terms of one visit of all so far; and more where the stop has waited.
        """
        visits = self.seen.sum(axis=1, keepdims=True)
        squares = (self.seen**2).sum(axis=1, keepdims=True)
        alike = squares / np.maximum(visits, 1) ** 2
        then = (squares + 2 * self.seen + 1) / (visits + 1) ** 2
        fresh = np.where(visits > 0, (alike - then) * (visits + 1) / 2, 0.0)
        chance = rules.noise * rng.standard_normal(self.seen.shape)
        waited = rules.idle_worth * np.minimum(self.idle / stops.gap, 1.0)
        return np.asarray(fresh + chance + waited[:, None])

    def visit(
        self, problem: TourProblem, stops: Stops, night: Night, teams: tuple[int, ...]
    ) -> Flags:
        """Remember a night and return which points were visited."""
        visited = np.array([stop for route in night.routes for stop in route], np.int64)
        there: Flags = np.isin(stops.place, stops.place[visited])
        self.idle = np.where(there, 0.0, self.idle + 1.0)
        self.history.append(teams)
        self.routes = night.routes
        for k, tour in enumerate(night.tours):
            if tour is not None:
                slots = np.array(tour.begins) // SLOT_TICKS - self.first_slot
                columns = np.clip(slots, 0, self.seen.shape[1] - 1)
                np.add.at(self.seen, (list(tour.route), columns), 1)
                self.ticks[k] += tour.back - tour.departure
        return there


def _tonight(
    problem: TourProblem, out: tuple[Vehicle, ...], teams: tuple[int, ...], due: Flags
) -> TourProblem:
    """Return the evening with those who go and what is due."""
    allowed = np.zeros((len(problem.prize), len(out)), bool)
    for k in teams:
        allowed[:, k] = problem.may_visit(k)
    return replace(problem, vehicles=out, allowed=allowed, required=due)


def _score(problem: TourProblem, routes: Routes) -> int:
    return int(sum(problem.prize[list(route)].sum() for route in routes))
