"""An independent check of tours: times recomputed from the matrix alone, in plain Python.

It shares no code with the solver, so that a mistake in one shows in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.solvers.tours import TourProblem


@dataclass(frozen=True)
class TourCheck:
    """What routes really take.

    Parameters
    ----------
    arrivals, starts
        Tick of arrival and of start of service at each stop, by route.
    returns
        Tick of return of each route; its departure where it is unused.
    score
        Prizes of the stops visited.
    faults
        Every rule that is broken, in words; empty for a plan that holds.
    """

    arrivals: tuple[tuple[int, ...], ...]
    starts: tuple[tuple[int, ...], ...]
    returns: tuple[int, ...]
    score: int
    faults: tuple[str, ...]

    def summary(self) -> str:
        """Return one line: whether the plan holds."""
        return "; ".join(self.faults) or f"the plan holds, score {self.score}"


def check(
    problem: TourProblem, routes: Sequence[Sequence[int]], departures: Sequence[int]
) -> TourCheck:
    """Return the times of routes, and every rule they break.

    Parameters
    ----------
    problem
        Stops, times and vehicles.
    routes
        Stops of each vehicle, in order, without start and end.
    departures
        Tick at which each vehicle leaves its start.
    """
    faults: list[str] = []
    arrivals, starts, returns = [], [], []
    if not len(routes) == len(departures) == len(problem.vehicles):
        faults.append("there must be one route and one departure for each vehicle")
    for number, (route, departure) in enumerate(zip(routes, departures, strict=False)):
        arrived, started, back = _follow(problem, number, route, departure, faults)
        arrivals.append(arrived)
        starts.append(started)
        returns.append(back)
    visited = [stop for route in routes for stop in route]
    faults += [
        f"stop {stop} is visited twice" for stop in sorted(set(visited)) if visited.count(stop) > 1
    ]
    score = sum(int(problem.prize[stop]) for stop in set(visited))
    return TourCheck(tuple(arrivals), tuple(starts), tuple(returns), score, tuple(faults))


def _follow(
    problem: TourProblem, number: int, route: Sequence[int], departure: int, faults: list[str]
) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Walk one route and note what it breaks."""
    vehicle = problem.vehicles[number]
    time = problem.time if problem.time.ndim == 2 else problem.time[vehicle.mode]
    if not route:
        return (), (), departure
    now, at, travel = departure, vehicle.start, 0
    if departure < vehicle.earliest:
        faults.append(f"vehicle {number} departs at {departure}, before {vehicle.earliest}")
    arrived, started = [], []
    for stop in route:
        if problem.allowed is not None and not problem.allowed[stop, number]:
            faults.append(f"vehicle {number} may not visit stop {stop}")
        travel += int(time[at, stop])
        now += int(time[at, stop])
        arrived.append(now)
        now = max(now, int(problem.opens[stop]))
        if now > problem.closes[stop]:
            faults.append(f"vehicle {number} is at stop {stop} at {now}, after it closes")
        started.append(now)
        now += int(problem.service[stop])
        at = stop
    travel += int(time[at, vehicle.end])
    now += int(time[at, vehicle.end])
    if now > vehicle.latest:
        faults.append(f"vehicle {number} is back at {now}, after {vehicle.latest}")
    if vehicle.max_duration is not None and now - departure > vehicle.max_duration:
        faults.append(f"vehicle {number} is out for {now - departure}, over {vehicle.max_duration}")
    if vehicle.max_travel is not None and travel > vehicle.max_travel:
        faults.append(f"vehicle {number} travels {travel}, over {vehicle.max_travel}")
    return tuple(arrived), tuple(started), now
