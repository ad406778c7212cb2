"""The ladder of an evening: for each stop of each route, what to do when the plan fails there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.profiles import load
from planner.solvers.rungs import Rest, best_rest
from planner.solvers.tours_check import RouteTimes, TourCheck
from planner.solvers.tours_problem import TourProblem, Vehicle

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rung:
    """What is left of one route when something happens after one of its stops.

    Parameters
    ----------
    team
        Number of the vehicle.
    name
        Which rung: a table of `data/profiles/ladder.toml`.
    after
        How many stops are done; 0 = still at the base.
    stops
        Points that are still visited, in order.
    back
        Ticks from leaving there until home.
    score
        Prizes of these stops.
    late
        True where the straight way home takes longer than asked.
    """

    team: int
    name: str
    after: int
    stops: tuple[int, ...]
    back: int
    score: int
    late: bool = False


@dataclass(frozen=True)
class Ladder:
    """All rungs of an evening's routes, and the ways between stops that the routes do not have.

    Parameters
    ----------
    rungs
        By team, stops done and order of the data file.
    shortcuts
        (team, point, point): ways of a rung that are no leg of the team's route, each once.
    """

    rungs: tuple[Rung, ...] = field(repr=False)
    shortcuts: tuple[tuple[int, int, int], ...] = field(repr=False)

    def summary(self) -> str:
        """Return one line: how many rungs, and how many ways they need beside the routes."""
        return f"{len(self.rungs)} rungs, {len(self.shortcuts)} ways beside the routes"

    def document(self, team: int, codes: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rungs of one team as JSON-ready values.

        Parameters
        ----------
        team
            Number of the vehicle.
        codes
            What each point is called.
        """
        return [
            {
                "rung": rung.name,
                "after": rung.after,
                "stops": [codes[point] for point in rung.stops],
                "back": rung.back,
                "score": rung.score,
                "reason": "straight_home" if rung.late else None,
            }
            for rung in self.rungs
            if rung.team == team
        ]


def build_ladder(problem: TourProblem, plan: TourCheck, kinds: Sequence[str]) -> Ladder:
    """Return what each team can switch to after each of its stops.

    A rung starts when the plan leaves the stop, keeps the order of the stops that are left, their
    windows, the shift and the longest way, and is the best such choice. Where no choice is home in
    the time that a rung asks for, it is the straight way home.

    Parameters
    ----------
    problem
        The evening; ticks are seconds.
    plan
        The times of its routes.
    kinds
        Kind of each point; those of bases are not read.

    Examples
    --------
    >>> from planner.solvers.tours_check import check
    >>> problem = TourProblem(
    ...     [[0, 600, 900], [600, 0, 600], [900, 600, 0]], prize=[0, 5, 7], service=[0, 120, 120],
    ...     opens=[0, 0, 0], closes=[9999] * 3, required=[False] * 3,
    ...     vehicles=(Vehicle(0, 0, earliest=0, latest=7200),),
    ... )
    >>> ladder = build_ladder(problem, check(problem, [[1, 2]], [0]), ["", "site", "site"])
    >>> [(rung.name, rung.stops) for rung in ladder.rungs if rung.after == 0]
    [('fewer', (1, 2)), ('left_40', (1, 2)), ('left_20', ()), ('skip', (2,)), ('rain', ())]
    >>> ladder.shortcuts
    ((0, 0, 2), (0, 1, 0))
    """
    rungs: list[Rung] = []
    shortcuts: set[tuple[int, int, int]] = set()
    for team, route in enumerate(plan.routes):
        if not route.stops:
            continue
        vehicle = problem.vehicles[team]
        points = [vehicle.start, *(visit.stop for visit in route.stops), vehicle.end]
        own = {(points[0], points[-1]), *itertools.pairwise(points)}
        for after in range(len(route.stops) + 1):
            for name, rule in load("ladder").items():
                rung = _rung(problem, team, route, after, name, rule, kinds)
                rungs.append(rung)
                walk = [points[after], *rung.stops, vehicle.end]
                steps = set(itertools.pairwise(walk)) - own
                shortcuts |= {(team, here, there) for here, there in steps}
    return Ladder(tuple(rungs), tuple(sorted(shortcuts)))


def _rung(
    problem: TourProblem,
    team: int,
    route: RouteTimes,
    after: int,
    name: str,
    rule: dict[str, Any],
    kinds: Sequence[str],
) -> Rung:
    vehicle = problem.vehicles[team]
    ahead = [visit.stop for visit in route.stops[after + rule.get("skip", 0) :]]
    ahead = [stop for stop in ahead if kinds[stop] not in rule.get("without", ())]
    here = route.stops[after - 1].stop if after else vehicle.start
    now = route.stops[after - 1].leave if after else route.depart
    latest = min(vehicle.latest_return, route.depart + vehicle.span)
    asked = min(latest, now + 60 * rule["limit_min"]) if "limit_min" in rule else latest
    most_s = rule.get("longest_dwell_s", np.inf)
    walked = _travel(problem, vehicle, [vehicle.start, *(v.stop for v in route.stops[:after])])
    rest = _rest_within(problem, vehicle, [here, *ahead], now, asked, most_s, walked)
    straight = now + int(problem.time[vehicle.mode, here, vehicle.end])
    late = rest.back is None
    back = straight if rest.back is None else rest.back
    stops = tuple(ahead[position] for position in rest.kept)
    return Rung(team, name, after, stops, back - now, rest.prize, late)


def _rest_within(
    problem: TourProblem,
    vehicle: Vehicle,
    walk: list[int],
    now: int,
    latest: int,
    most_s: float,
    walked: int,
) -> Rest:
    """Return the best rest of a tour that also keeps the longest way.

    Ways that avoid a dangerous street may break the triangle inequality, so that fewer stops can
    mean a longer way; then the latest time is drawn in until the way fits.
    """
    ahead = np.array(walk[1:], dtype=np.int64)
    points = np.array([*walk, vehicle.end], dtype=np.int64)
    while True:
        rest = best_rest(
            problem.time[vehicle.mode][np.ix_(points, points)],
            np.minimum(problem.service[ahead], most_s).astype(np.int64),
            problem.opens[ahead],
            problem.closes[ahead],
            problem.prize[ahead],
            problem.required[ahead],
            now=now,
            latest=latest,
        )
        way = [walk[0], *ahead[list(rest.kept)].tolist(), vehicle.end]
        travel = walked + _travel(problem, vehicle, way)
        fits = vehicle.max_travel is None or travel <= vehicle.max_travel
        if fits or rest.back is None or not rest.kept:
            return rest
        latest = rest.back - 1


def _travel(problem: TourProblem, vehicle: Vehicle, walk: Sequence[int]) -> int:
    time = problem.time[vehicle.mode]
    return sum(int(time[a, b]) for a, b in itertools.pairwise(walk))
