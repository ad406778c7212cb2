"""Tours recomputed from the matrix alone, independent of how they were found.

Plain Python on purpose: nothing is shared with the search, so that a mistake there shows here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from planner.solvers.tours_problem import UNREACHABLE, TourProblem


@dataclass(frozen=True)
class StopTimes:
    """When one stop is reached, served from `begin` after a `wait`, and left; all in ticks."""

    stop: int
    arrive: int
    wait: int
    begin: int
    leave: int


@dataclass(frozen=True)
class RouteTimes:
    """One vehicle's tour, ticks; an unused vehicle departs and returns at its earliest."""

    depart: int
    back: int
    travel: int
    stops: tuple[StopTimes, ...]

    @property
    def duration(self) -> int:
        """Return the time from departure to return."""
        return self.back - self.depart


@dataclass(frozen=True)
class TourCheck:
    """The times of every route, and everything that is wrong with them."""

    routes: tuple[RouteTimes, ...]
    score: int
    missing: tuple[int, ...]
    faults: tuple[str, ...]

    def is_feasible(self) -> bool:
        """Return whether no rule is broken; a missing required stop breaks none."""
        return not self.faults

    def summary(self) -> str:
        """Return one line for the whole, then one for each fault."""
        stops = sum(len(route.stops) for route in self.routes)
        head = f"{stops} stops, score {self.score}, {len(self.faults)} faults"
        return "\n".join([head, *self.faults])


def check(
    problem: TourProblem, routes: Sequence[Sequence[int]], departures: Sequence[int]
) -> TourCheck:
    """Return the times of a plan and every rule it breaks.

    Parameters
    ----------
    problem
        What was to be solved.
    routes
        One sequence of stops a vehicle, without its start and end.
    departures
        When each vehicle departs, ticks.

    Examples
    --------
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 10], [10, 0]], prize=[0, 5], service=[0, 3], opens=[0, 20], closes=[99, 99],
    ...     required=[False, False], vehicles=(Vehicle(0, 0, earliest=0, latest=30),),
    ... )
    >>> check(problem, [[1]], [0]).faults
    ('vehicle 0 is back at 33, after 30',)
    """
    if not len(routes) == len(departures) == len(problem.vehicles):
        fault = (
            f"{len(routes)} routes and {len(departures)} departures "
            f"for {len(problem.vehicles)} vehicles"
        )
        return TourCheck((), 0, tuple(_required(problem)), (fault,))
    timed, faults = [], []
    for k, (route, departure) in enumerate(zip(routes, departures, strict=True)):
        times, wrong = _drive(problem, k, route, departure)
        timed.append(times)
        faults += [f"vehicle {k} {fault}" for fault in wrong]
    visits = [stop for route in routes for stop in route]
    twice = sorted({stop for stop in visits if visits.count(stop) > 1})
    faults += [f"stop {stop} is visited {visits.count(stop)} times" for stop in twice]
    places = range(len(problem.prize))
    score = sum(int(problem.prize[stop]) for stop in set(visits) if stop in places)
    missing = tuple(stop for stop in _required(problem) if stop not in visits)
    return TourCheck(tuple(timed), score, missing, tuple(faults))


def best_departure(problem: TourProblem, vehicle: int, route: Sequence[int]) -> int | None:
    """Return the latest departure that is back as early as possible.

    Such a departure also makes the tour as short as its windows let it be.

    Parameters
    ----------
    problem, vehicle, route
        One vehicle's stops, without start and end.

    Returns
    -------
    int or None
        None where no departure keeps the windows.
    """
    team = problem.vehicles[vehicle]
    if not route:
        return team.earliest
    time = problem.time[team.mode]
    path = [team.start, *route, team.end]
    times, _ = _drive(problem, vehicle, route, team.earliest)
    late = times.back
    for here, there in reversed(list(pairwise(path[1:]))):
        late -= int(time[here, there]) + int(problem.service[here])
        late = min(late, int(problem.closes[here]))
    late = min(late - int(time[path[0], path[1]]), team.latest)
    return None if late < team.earliest else late


def _required(problem: TourProblem) -> list[int]:
    return [stop for stop, needed in enumerate(problem.required) if needed]


def _drive(
    problem: TourProblem, vehicle: int, route: Sequence[int], departure: int
) -> tuple[RouteTimes, list[str]]:
    """Return one tour's times and what is wrong with it."""
    team = problem.vehicles[vehicle]
    depots = {point for v in problem.vehicles for point in (v.start, v.end)}
    unknown = [stop for stop in route if not 0 <= stop < len(problem.prize)]
    if unknown:
        return RouteTimes(departure, departure, 0, ()), [f"visits unknown points {unknown}"]
    if not route:
        return RouteTimes(departure, departure, 0, ()), []
    faults, stops, travel = [], [], 0
    now, here = int(departure), team.start
    for there in route:
        step = int(problem.time[team.mode, here, there])
        arrive = now + step
        begin = max(arrive, int(problem.opens[there]))
        leave = begin + int(problem.service[there])
        stops.append(StopTimes(int(there), arrive, begin - arrive, begin, leave))
        travel += step
        if step >= UNREACHABLE:
            faults.append(f"has no way from {here} to {there}")
        if begin > int(problem.closes[there]):
            faults.append(f"begins at {there} at {begin}, after {int(problem.closes[there])}")
        if problem.allowed is not None and not problem.allowed[there, vehicle]:
            faults.append(f"is not allowed at {there}")
        if there in depots:
            faults.append(f"stops at {there}, a start or end")
        now, here = leave, int(there)
    step = int(problem.time[team.mode, here, team.end])
    travel += step
    if step >= UNREACHABLE:
        faults.append(f"has no way from {here} to {team.end}")
    times = RouteTimes(int(departure), now + step, travel, tuple(stops))
    return times, faults + _limit_faults(problem, vehicle, times)


def _limit_faults(problem: TourProblem, vehicle: int, times: RouteTimes) -> list[str]:
    team = problem.vehicles[vehicle]
    faults = []
    if not team.earliest <= times.depart <= team.latest:
        faults.append(f"departs at {times.depart}, outside {team.earliest} to {team.latest}")
    if times.back > team.latest_return:
        faults.append(f"is back at {times.back}, after {team.latest_return}")
    if team.max_duration is not None and times.duration > team.max_duration:
        faults.append(f"is out for {times.duration}, longer than {team.max_duration}")
    if team.max_travel is not None and times.travel > team.max_travel:
        faults.append(f"is under way for {times.travel}, longer than {team.max_travel}")
    return faults
