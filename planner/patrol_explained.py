"""Why a required stop is missing, what would let it in, and what each required stop costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from planner.solvers.tours_bound import reachable_alone
from planner.solvers.tours_check import TourCheck, best_departure, check
from planner.solvers.tours_fit import fitting
from planner.solvers.tours_problem import UNREACHABLE, TourProblem

# What a required stop keeps others from is told by the best of so many stops left out.
RIVALS = 40

RelaxationKind = Literal[
    "later_home", "earlier_start", "window_closes_later", "window_opens_earlier", "longer_way"
]
Cause = Literal["no_way", "alone", "conflict"]


@dataclass(frozen=True)
class StopCost:
    """What a required stop costs.

    Parameters
    ----------
    stop, team
        Which, and who visits it.
    seconds
        How much shorter the team's tour would be without it.
    score
        Prize of the stops left out that would fit in its place, the best ones first.
    """

    stop: int
    team: int
    seconds: int
    score: int


@dataclass(frozen=True)
class Relaxation:
    """One change by which a stop fits beside the required ones of a team.

    Parameters
    ----------
    kind
        What has to give.
    team
        Whose tour the stop then fits into.
    seconds
        By how much; for "longer_way" the time of the way beyond the limit.
    """

    kind: RelaxationKind
    team: int
    seconds: int


@dataclass(frozen=True)
class UnmetStop:
    """A required stop that nobody visits.

    Parameters
    ----------
    stop
        Which.
    cause
        "no_way": no team has a way there and back; "alone": no team could visit it even if it
        visited nothing else; "conflict": other required stops leave no room.
    conflicts
        Required stops that are visited, each of which leaves room when it is given up.
    relaxation
        The smallest single change that lets it in; None if no single one does.
    """

    stop: int
    cause: Cause
    conflicts: tuple[int, ...]
    relaxation: Relaxation | None


@dataclass(frozen=True)
class Explained:
    """What the required stops of an evening cost, and why some are missing."""

    costs: tuple[StopCost, ...]
    unmet: tuple[UnmetStop, ...]

    def summary(self) -> str:
        """Return one line: how many required stops, and how many of them are missing."""
        return f"{len(self.costs)} required stops visited, {len(self.unmet)} missing"


def explain(problem: TourProblem, plan: TourCheck) -> Explained:
    """Return what each required stop costs, and why each missing one is missing.

    Parameters
    ----------
    problem
        The evening.
    plan
        Its routes, without faults.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 10, 40], [10, 0, 40], [40, 40, 0]], prize=[0, 5, 7], service=[0, 3, 3],
    ...     opens=[0, 0, 0], closes=[99, 99, 99], required=[False, True, True],
    ...     vehicles=(Vehicle(0, 0, earliest=0, latest=50),),
    ... )
    >>> explained = explain(problem, check(problem, [[1]], [0]))
    >>> explained.costs, explained.unmet[0].cause, explained.unmet[0].relaxation
    ((StopCost(stop=1, team=0, seconds=23, score=0),), 'alone',
     Relaxation(kind='later_home', team=0, seconds=46))
    """
    routes = [tuple(visit.stop for visit in route.stops) for route in plan.routes]
    return Explained(
        tuple(_costs(problem, routes)),
        tuple(_unmet(problem, routes, stop) for stop in plan.missing),
    )


def _costs(problem: TourProblem, routes: Sequence[tuple[int, ...]]) -> Iterator[StopCost]:
    visited = {stop for route in routes for stop in route}
    rest = [stop for stop in problem.stops.tolist() if stop not in visited]
    rivals = sorted(rest, key=lambda stop: (-int(problem.prize[stop]), stop))[:RIVALS]
    for team, route in enumerate(routes):
        for stop in route:
            if problem.required[stop] and problem.prize[stop] > 0:
                without = tuple(other for other in route if other != stop)
                saved = _duration(problem, team, route) - _duration(problem, team, without)
                yield StopCost(stop, team, saved, _room(problem, team, without, rivals))


def _duration(problem: TourProblem, team: int, route: tuple[int, ...]) -> int:
    """Return the shortest time from departure to return."""
    empty: list[tuple[int, ...]] = [()] * len(problem.vehicles)
    departures = [vehicle.earliest for vehicle in problem.vehicles]
    empty[team] = route
    departures[team] = best_departure(problem, team, route) or departures[team]
    return check(problem, empty, departures).routes[team].duration


def _room(problem: TourProblem, team: int, route: tuple[int, ...], rivals: list[int]) -> int:
    """Return the prize of the rivals that fit into a route one after another."""
    score = 0
    able = problem.may_visit(team)
    waiting = [stop for stop in rivals if able[stop]]
    while waiting:
        tried = [(stop, longer) for stop in waiting for longer in _with(route, stop)]
        fits = fitting(problem, team, [longer for _, longer in tried])
        first = next((at for at, fit in enumerate(fits.tolist()) if fit), None)
        if first is None:
            break
        stop, route = tried[first]
        score += int(problem.prize[stop])
        waiting = waiting[waiting.index(stop) + 1 :]
    return score


def _with(route: tuple[int, ...], stop: int) -> list[tuple[int, ...]]:
    """Return the routes in which a stop is put in somewhere."""
    return [(*route[:at], stop, *route[at:]) for at in range(len(route) + 1)]


def _unmet(problem: TourProblem, routes: Sequence[tuple[int, ...]], stop: int) -> UnmetStop:
    conflicts: set[int] = set()
    relaxations: list[Relaxation] = []
    ways = False
    for team, route in enumerate(routes):
        vehicle = problem.vehicles[team]
        time = problem.time[vehicle.mode]
        there, back = int(time[vehicle.start, stop]), int(time[stop, vehicle.end])
        if not problem.may_visit(team)[stop] or max(there, back) >= UNREACHABLE:
            continue
        ways = True
        needed = tuple(other for other in route if problem.required[other])
        for other in needed:
            others = tuple(one for one in needed if one != other)
            if fitting(problem, team, _with(others, stop)).any():
                conflicts.add(other)
        for longer in _with(needed, stop):
            relaxations += _relaxations(problem, team, longer, stop)
    nearest = min(relaxations, key=lambda one: (one.seconds, one.team, one.kind), default=None)
    alone = bool(reachable_alone(problem)[stop].any())
    cause: Cause = "conflict" if alone else "alone" if ways else "no_way"
    return UnmetStop(stop, cause, tuple(sorted(conflicts)), nearest)


def _relaxations(
    problem: TourProblem, team: int, route: tuple[int, ...], stop: int
) -> Iterator[Relaxation]:
    """Return the single changes, each large enough alone, by which a team could drive a route."""
    vehicle = problem.vehicles[team]
    path = [vehicle.start, *route, vehicle.end]
    legs = [int(problem.time[vehicle.mode, a, b]) for a, b in pairwise(path)]
    if max(legs) >= UNREACHABLE:
        return
    stops = list(route)
    tour = _Tour(
        legs, problem.service[stops].tolist(), problem.opens[stops].tolist(),
        problem.closes[stops].tolist(), vehicle.earliest, vehicle.latest_return, vehicle.span,
    )  # fmt: skip
    beyond = 0 if vehicle.max_travel is None else sum(legs) - vehicle.max_travel
    if beyond > 0:
        if tour.over() == 0:
            yield Relaxation("longer_way", team, beyond)
        return
    for kind, seconds, changed in _changed(tour, route.index(stop)):
        if seconds > 0 and changed.over() == 0:
            yield Relaxation(kind, team, seconds)


@dataclass(frozen=True)
class _Tour:
    """One tour as lists: `legs` one more than stops."""

    legs: list[int]
    service: list[int]
    opens: list[int]
    closes: list[int]
    earliest: int
    latest: int
    span: int

    def begins(self) -> list[int]:
        """Return when service begins at each stop, as early as can be, and the return."""
        now, times = self.earliest, []
        for leg, service, opens in zip(self.legs[:-1], self.service, self.opens, strict=True):
            times.append(max(now + leg, opens))
            now = times[-1] + service
        return [*times, now + self.legs[-1]]

    def late(self, back: int) -> int:
        """Return the latest departure with which windows are kept and the return is not later."""
        for leg, service, closes in zip(
            self.legs[:0:-1], self.service[::-1], self.closes[::-1], strict=True
        ):
            back = min(back - leg - service, closes)
        return back - self.legs[0]

    def over(self) -> int | None:
        """Return by how much the tour comes home too late, None where it misses a window."""
        *begins, back = self.begins()
        if any(begin > closes for begin, closes in zip(begins, self.closes, strict=True)):
            return None
        return max(back - self.latest, back - self.late(back) - self.span, 0)


def _changed(tour: _Tour, own: int) -> Iterator[tuple[RelaxationKind, int, _Tour]]:
    """Return what might give, by how much, and the tour after it; `own` is the stop's position."""
    over = tour.over()
    if over is not None:
        longer = replace(tour, latest=tour.latest + over, span=tour.span + over)
        yield "later_home", over, longer
        sooner = [*tour.opens[:own], tour.opens[own] - over, *tour.opens[own + 1 :]]
        yield "window_opens_earlier", over, replace(tour, opens=sooner)
        return
    early = tour.earliest - tour.late(tour.latest)
    yield (
        "earlier_start",
        early,
        replace(tour, earliest=tour.earliest - early, span=tour.span + early),
    )
    begin = tour.begins()[own]
    longer_open = [*tour.closes[:own], begin, *tour.closes[own + 1 :]]
    yield "window_closes_later", begin - tour.closes[own], replace(tour, closes=longer_open)
