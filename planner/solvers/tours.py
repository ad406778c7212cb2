"""Tours of a team over a time matrix: team orienteering with time windows, by PyVRP.

Arrays in, arrays out. Every plan is recomputed by `planner.solvers.tours_check` from the matrix
alone before it is returned.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.stop import MaxIterations, MaxRuntime

from gis.errors import ParameterError
from planner.solvers.tours_check import check

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Routes = tuple[tuple[int, ...], ...]
Ticks = tuple[int, ...]

# A time of this many ticks or more means: no way there.
UNREACHABLE = 2**31
# PyVRP adds costs in int64; sums of prizes stay below this.
MOST_PRIZE = 2**52
# Starts of the search; on published instances the best of several beats one long run.
STARTS = 3
# Penalties must be able to outweigh a scaled prize, far from where int64 ends.
MAX_PENALTY = 1e8


@dataclass(frozen=True)
class Vehicle:
    """A team for one shift.

    Parameters
    ----------
    start, end
        Positions where it sets out and must return to; they are no stops.
    earliest, latest
        Ticks between which it departs and is back.
    max_duration
        Most ticks between departure and return, waiting included; None for no limit.
    mode
        Which slice of the time matrix it travels by.
    max_travel
        Most ticks under way, stops and waiting left out; None for no limit.
    """

    start: int
    end: int
    earliest: int
    latest: int
    max_duration: int | None = None
    mode: int = 0
    max_travel: int | None = None


@dataclass(frozen=True, eq=False)
class TourProblem:
    """Stops worth visiting, and the vehicles that may.

    Parameters
    ----------
    time
        (n, n) or (modes, n, n) int64 ticks; `UNREACHABLE` or more means no way.
    prize, service, opens, closes
        (n,) int64: worth of a visit, ticks it takes, and when service may start.
    required
        (n,) True where a visit comes before every prize.
    vehicles
        The vehicles.
    allowed
        (n, vehicles) True where that vehicle may visit that stop; None lets all.

    Raises
    ------
    ParameterError
        If shapes or numbers do not fit; all faults are named at once.
    """

    time: Ints = field(repr=False)
    prize: Ints = field(repr=False)
    service: Ints = field(repr=False)
    opens: Ints = field(repr=False)
    closes: Ints = field(repr=False)
    required: Bools = field(repr=False)
    vehicles: tuple[Vehicle, ...]
    allowed: Bools | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        n = self.time.shape[-1]
        faults = [
            f"{name} must have shape ({n},), not {getattr(self, name).shape}"
            for name in ("prize", "service", "opens", "closes", "required")
            if getattr(self, name).shape != (n,)
        ]
        if self.time.ndim not in (2, 3) or self.time.shape[-2] != n:
            faults.append(f"time must be (n, n) or (modes, n, n), not {self.time.shape}")
        elif (self.time < 0).any():
            faults.append("time must not be negative")
        if not faults and ((self.prize < 0).any() or (self.service < 0).any()):
            faults.append("prize and service must not be negative")
        modes = 1 if self.time.ndim == 2 else len(self.time)
        for number, vehicle in enumerate(self.vehicles):
            if not (0 <= vehicle.start < n and 0 <= vehicle.end < n):
                faults.append(f"vehicle {number}: start and end must be below {n}")
            if not 0 <= vehicle.earliest <= vehicle.latest:
                faults.append(f"vehicle {number}: earliest must not be after latest")
            if not 0 <= vehicle.mode < modes:
                faults.append(f"vehicle {number}: mode must be below {modes}")
        if self.allowed is not None and self.allowed.shape != (n, len(self.vehicles)):
            faults.append(f"allowed must have shape ({n}, {len(self.vehicles)})")
        if faults:
            raise ParameterError("; ".join(faults))

    def time_by(self, mode: int) -> Ints:
        """Return the time matrix of one mode, (n, n)."""
        return self.time if self.time.ndim == 2 else self.time[mode]

    def summary(self) -> str:
        """Return one line: stops, of them required, vehicles."""
        return (
            f"{int((self.prize > 0).sum())} stops with a prize, {int(self.required.sum())} "
            f"required, {len(self.vehicles)} vehicles"
        )


@dataclass(frozen=True, eq=False)
class TourSolution:
    """Routes for the vehicles of a problem.

    Parameters
    ----------
    routes
        One tuple of stops per vehicle, in order, without start and end; () if unused.
    departures
        One tick per vehicle.
    score
        Prizes of the stops visited.
    bound
        No plan can score more: the prizes of all stops that some vehicle alone could serve.
    missing
        Required stops that are not visited.
    """

    routes: tuple[tuple[int, ...], ...]
    departures: tuple[int, ...]
    score: int
    bound: int | None
    missing: tuple[int, ...]

    def is_feasible(self) -> bool:
        """Return whether every required stop is visited."""
        return not self.missing

    def summary(self) -> str:
        """Return one line: stops visited, score and bound."""
        visited = sum(map(len, self.routes))
        return f"{visited} stops, score {self.score} of at most {self.bound}"


def solve(
    problem: TourProblem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    threads: int = 1,
) -> TourSolution:
    """Return routes that visit the required stops first, then the most prizes, then the quickest.

    Parameters
    ----------
    problem
        Stops, times and vehicles.
    seconds
        CPU seconds for the whole search; this or `iterations`.
    iterations
        Steps of the search for each start; the same seed then gives the same answer.
    seed
        Of the random numbers.
    threads
        Starts that run side by side.

    Raises
    ------
    ParameterError
        If neither or both of `seconds` and `iterations` are given.

    Examples
    --------
    >>> time = np.array([[0, 5, 9], [5, 0, 5], [9, 5, 0]])
    >>> flat = np.zeros(3, np.int64)
    >>> prize, team = np.array([0, 3, 4]), Vehicle(0, 0, 0, 100, max_duration=12)
    >>> problem = TourProblem(time, prize, flat, flat, flat + 100, flat > 0, (team,))
    >>> solve(problem, iterations=50).routes
    ((1,),)
    """
    until = _stopping(seconds, iterations)
    reachable = _reachable_alone(problem)
    bound = int(problem.prize[reachable.any(axis=1)].sum())
    stops = np.flatnonzero(reachable.any(axis=1) & ((problem.prize > 0) | problem.required))
    if not len(stops):
        return _solution(problem, _unused(problem), bound)
    data, order = _pyvrp_data(problem, stops, reachable)

    def search(start: int) -> tuple[Routes, Ticks]:
        return _search(problem, data, order, stops, until(), seed * STARTS + start)

    with ThreadPoolExecutor(threads) as pool, warnings.catch_warnings():
        # Large prizes drive the penalties up; a plan that is not feasible is refused below.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        plans = list(pool.map(search, range(STARTS)))
    return max(
        (_solution(problem, plan, bound) for plan in [_unused(problem), *plans]),
        key=lambda found: (-len(found.missing), found.score),
    )


def _stopping(
    seconds: float | None, iterations: int | None
) -> Callable[[], pyvrp.stop.StoppingCriterion]:
    """Return what makes the stopping rule of one start."""
    if iterations is not None and seconds is None:
        return lambda: MaxIterations(iterations)
    if seconds is not None and iterations is None:
        return lambda: MaxRuntime(seconds / STARTS)
    msg = "give either seconds or iterations, to say when to stop"
    raise ParameterError(msg)


def _unused(problem: TourProblem) -> tuple[Routes, Ticks]:
    return ((),) * len(problem.vehicles), tuple(v.earliest for v in problem.vehicles)


def _reachable_alone(problem: TourProblem) -> Bools:
    """Return which stops each vehicle could serve if it did nothing else, (n, vehicles)."""
    n = problem.time.shape[-1]
    reachable = np.zeros((n, len(problem.vehicles)), bool)
    for number, vehicle in enumerate(problem.vehicles):
        time = problem.time_by(vehicle.mode)
        out, back = time[vehicle.start], time[:, vehicle.end]
        begin = np.maximum(vehicle.earliest + out, problem.opens)
        # Leaving later costs no waiting; the duration is then travel and service alone.
        least = out + problem.service + back
        fits = (out < UNREACHABLE) & (back < UNREACHABLE) & (begin <= problem.closes)
        fits &= begin + problem.service + back <= vehicle.latest
        fits &= least <= (UNREACHABLE if vehicle.max_duration is None else vehicle.max_duration)
        fits &= out + back <= (UNREACHABLE if vehicle.max_travel is None else vehicle.max_travel)
        reachable[:, number] = fits
    for vehicle in problem.vehicles:
        reachable[[vehicle.start, vehicle.end]] &= problem.required[
            [vehicle.start, vehicle.end], None
        ]
    return reachable if problem.allowed is None else reachable & problem.allowed


def _pyvrp_data(
    problem: TourProblem, stops: Ints, reachable: Bools
) -> tuple[pyvrp.ProblemData, list[list[int]]]:
    """Return the problem as PyVRP knows it, and the vehicles of each of its types.

    Each stop is a client that may be left out at the cost of its prize. Prizes are scaled so that
    one of them outweighs any travel, and a required stop all prizes together.
    """
    vehicles = problem.vehicles
    depots = sorted({place for v in vehicles for place in (v.start, v.end)})
    places = [*depots, *stops.tolist()]
    most_travel = sum(v.latest - v.earliest for v in vehicles) + 1
    prizes = problem.prize[stops]
    worth = prizes + problem.required[stops] * (int(prizes.sum()) + 1)
    scale = max(1, min(most_travel, MOST_PRIZE // max(1, int(worth.sum()))))
    clients = [
        pyvrp.Client(
            len(depots) + k,
            service_duration=int(problem.service[stop]),
            tw_early=int(problem.opens[stop]),
            tw_late=int(problem.closes[stop]),
            prize=int(worth[k]) * scale,
            required=False,
        )
        for k, stop in enumerate(stops)
    ]
    alike: dict[tuple[Vehicle, bytes], list[int]] = {}
    for number, vehicle in enumerate(vehicles):
        alike.setdefault((vehicle, reachable[stops, number].tobytes()), []).append(number)
    # Longer than any shift: an arc of this duration is never driven.
    never = max(v.latest for v in vehicles) + int(problem.service.max()) + 1
    matrices: list[Any] = []
    types: list[pyvrp.VehicleType] = []
    for (vehicle, _), members in alike.items():
        time = problem.time_by(vehicle.mode)[np.ix_(places, places)]
        shut = np.concatenate([np.zeros(len(depots), bool), ~reachable[stops, members[0]]])
        time = np.where(shut[:, None] | shut[None, :], never, np.minimum(time, never))
        np.fill_diagonal(time, 0)
        types.append(
            pyvrp.VehicleType(
                num_available=len(members),
                start_depot=depots.index(vehicle.start),
                end_depot=depots.index(vehicle.end),
                tw_early=vehicle.earliest,
                tw_late=vehicle.latest,
                shift_duration=_limit(vehicle.max_duration),
                max_distance=_limit(vehicle.max_travel),
                profile=len(matrices),
            )
        )
        matrices.append(time)
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in places],
        clients,
        [pyvrp.Depot(k) for k in range(len(depots))],
        types,
        matrices,
        matrices,
    )
    return data, list(alike.values())


def _limit(ticks: int | None) -> int:
    return 2**62 if ticks is None else ticks


def _search(
    problem: TourProblem,
    data: pyvrp.ProblemData,
    order: list[list[int]],
    stops: Ints,
    stop: pyvrp.stop.StoppingCriterion,
    seed: int,
) -> tuple[Routes, Ticks]:
    """Return the routes of one search; a vehicle that is not used keeps an empty one."""
    params = pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(max_penalty=MAX_PENALTY))
    best = pyvrp.solve(data, stop, seed=seed, collect_stats=False, params=params).best
    unused = _unused(problem)
    if not best.is_feasible():
        return unused
    routes, departures = list(unused[0]), list(unused[1])
    free = [list(members) for members in order]
    for route in best.routes():
        number = free[route.vehicle_type()].pop(0)
        routes[number] = tuple(int(stops[a.idx]) for a in route if a.is_client())
        departures[number] = route.start_time()
    return tuple(routes), tuple(departures)


def _solution(problem: TourProblem, plan: tuple[Routes, Ticks], bound: int) -> TourSolution:
    """Return a plan as a solution; one that the checker refuses becomes an empty one."""
    checked = check(problem, *plan)
    if checked.faults:
        plan = _unused(problem)
        checked = check(problem, *plan)
    visited = {stop for route in plan[0] for stop in route}
    missing = [int(stop) for stop in np.flatnonzero(problem.required) if stop not in visited]
    return TourSolution(*plan, checked.score, bound, tuple(missing))
