"""What a tour problem is: points with prizes and windows, vehicles, times between the points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, ParameterError

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# A time of this many ticks or more stands for "no way": 2**31 seconds are 68 years.
UNREACHABLE = 2**31
# Prizes and windows up to here keep every sum inside 64 bits.
LARGEST = 2**40


@dataclass(frozen=True)
class Vehicle:
    """One team, car or walker that makes one tour.

    Parameters
    ----------
    start, end
        Positions among the points of the problem.
    earliest, latest
        The shift, ticks: departure and return lie in [earliest, latest]. Where the two are equal
        and `max_duration` is given, the vehicle departs exactly then and only that limits it.
    max_duration
        Longest time from departure to return, waiting included.
    mode
        Which matrix of times holds, where the problem has several.
    max_travel
        Longest time under way, waiting and service excluded.

    Raises
    ------
    ParameterError
        If a number cannot be right; all of them are named at once.
    """

    start: int
    end: int
    earliest: int
    latest: int
    max_duration: int | None = None
    mode: int = 0
    max_travel: int | None = None

    def __post_init__(self) -> None:
        whole = ("start", "end", "earliest", "latest", "mode")
        limits = [n for n in ("max_duration", "max_travel") if getattr(self, n) is not None]
        faults = [
            f"{name} must be a whole number, not {getattr(self, name)!r}"
            for name in (*whole, *limits)
            if not _is_whole(getattr(self, name))
        ]
        if not faults:
            faults += [
                f"{name} must be 0 or more, not {getattr(self, name)}"
                for name in ("start", "end", "mode", *limits)
                if getattr(self, name) < 0
            ]
            faults += [
                f"{name} must be within +-{LARGEST}, not {getattr(self, name)}"
                for name in ("earliest", "latest")
                if abs(getattr(self, name)) > LARGEST
            ]
            if self.latest < self.earliest:
                faults.append(f"latest {self.latest} is before earliest {self.earliest}")
        if faults:
            msg = f"vehicle: {'; '.join(faults)}"
            raise ParameterError(msg)

    @property
    def latest_return(self) -> int:
        """Return the last tick at which the vehicle may be back."""
        if self.earliest == self.latest and self.max_duration is not None:
            return self.earliest + min(self.max_duration, LARGEST)
        return self.latest

    @property
    def span(self) -> int:
        """Return the longest duration that shift and `max_duration` leave."""
        shift = self.latest_return - self.earliest
        return shift if self.max_duration is None else min(shift, self.max_duration)


@dataclass(frozen=True, eq=False)
class TourProblem:
    """Which points to visit, by whom and when, for the largest sum of prizes.

    Each point is visited at most once. The start and end of a vehicle are never stops: their
    prize, service and window are not read. A point with neither a prize nor `required` is no
    stop either.

    Parameters
    ----------
    time
        (n, n) or (modes, n, n) ticks from row to column; `UNREACHABLE` or more = no way.
        The diagonal is not read.
    prize
        (n,) what a visit is worth, 0 or more.
    service
        (n,) ticks spent at the stop.
    opens, closes
        (n,) service begins within [opens, closes]; who comes early waits. No point can be
        visited where closes is before opens.
    required
        (n,) stops that must be visited, whatever else is lost.
    vehicles
        Those who go.
    allowed
        (n, vehicles) who may visit what; None = everybody everything.

    Raises
    ------
    InputError
        If shapes do not fit or values cannot be right; all faults at once.

    Examples
    --------
    >>> time = [[0, 10, 40], [10, 0, 40], [40, 40, 0]]
    >>> problem = TourProblem(
    ...     time, prize=[0, 5, 7], service=[0, 3, 3], opens=[0, 0, 0], closes=[99, 99, 99],
    ...     required=[False] * 3, vehicles=(Vehicle(0, 0, earliest=0, latest=50),),
    ... )
    >>> problem.time.shape, problem.stops.tolist()
    ((1, 3, 3), [1, 2])
    """

    time: Ints = field(repr=False)
    prize: Ints = field(repr=False)
    service: Ints = field(repr=False)
    opens: Ints = field(repr=False)
    closes: Ints = field(repr=False)
    required: Flags = field(repr=False)
    vehicles: tuple[Vehicle, ...]
    allowed: Flags | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        faults: list[str] = []
        time = _whole(self.time, "time", faults)
        if time.ndim == 2:
            time = time[None]
        if time.ndim != 3 or time.shape[1] != time.shape[2]:
            faults.append(f"time must be (n, n) or (modes, n, n), not {np.shape(self.time)}")
            raise InputError(_message(faults))
        n = time.shape[1]
        columns = {
            name: _column(_whole(getattr(self, name), name, faults), name, n, faults)
            for name in ("prize", "service", "opens", "closes")
        }
        required = _column(_flags(self.required, "required", faults), "required", n, faults)
        vehicles = tuple(self.vehicles)
        allowed = np.ones((n, len(vehicles)), bool)
        if self.allowed is not None:
            allowed = _flags(self.allowed, "allowed", faults)
            if allowed.shape != (n, len(vehicles)):
                faults.append(f"allowed must be ({n}, {len(vehicles)}), not {allowed.shape}")
        faults += _vehicle_faults(vehicles, n, len(time))
        faults += _value_faults(time, columns)
        if not faults:
            ends = [p for v in vehicles for p in (v.start, v.end) if required[p]]
            faults += [f"point {p} is required but is a start or end" for p in sorted({*ends})]
        if faults:
            raise InputError(_message(faults))
        for name, value in {"time": time, **columns, "required": required}.items():
            object.__setattr__(self, name, _frozen(value))
        object.__setattr__(self, "vehicles", vehicles)
        if self.allowed is not None:
            object.__setattr__(self, "allowed", _frozen(allowed))

    @property
    def stops(self) -> Ints:
        """Return the points worth a visit: a prize or `required`, and nobody's start or end."""
        worth = (self.prize > 0) | self.required
        worth[[p for v in self.vehicles for p in (v.start, v.end)]] = False
        return np.flatnonzero(worth)

    def may_visit(self, vehicle: int) -> Flags:
        """Return which points a vehicle is allowed to visit, (n,)."""
        return np.ones(len(self.prize), bool) if self.allowed is None else self.allowed[:, vehicle]


def kinds_of(problem: TourProblem) -> tuple[tuple[int, ...], ...]:
    """Return the vehicles that can stand in for each other, a tuple a kind, first ones first."""
    alike: dict[tuple[object, bytes], list[int]] = {}
    for k, team in enumerate(problem.vehicles):
        alike.setdefault((team, problem.may_visit(k).tobytes()), []).append(k)
    return tuple(map(tuple, alike.values()))


def _message(faults: list[str]) -> str:
    return f"tour problem: {'; '.join(faults)}"


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _whole(values: Any, name: str, faults: list[str]) -> Ints:
    given = np.asarray(values)
    if given.dtype.kind in "iu":
        return given.astype(np.int64)
    whole = given.dtype.kind == "f" and np.isfinite(given).all() and (given == given.round()).all()
    if not whole and given.size:
        faults.append(f"{name} must hold whole numbers")
        return np.zeros(given.shape, np.int64)
    return given.astype(np.int64)


def _flags(values: Any, name: str, faults: list[str]) -> Flags:
    given = np.asarray(values)
    if given.dtype.kind != "b" and not np.isin(given, (0, 1)).all():
        faults.append(f"{name} must hold true or false")
        return np.zeros(given.shape, bool)
    return given.astype(bool)


def _column(values: Any, name: str, n: int, faults: list[str]) -> Any:
    if values.shape != (n,):
        faults.append(f"{name} must be ({n},), not {values.shape}")
    return values


def _vehicle_faults(vehicles: tuple[Vehicle, ...], n: int, modes: int) -> list[str]:
    faults = []
    for k, vehicle in enumerate(vehicles):
        faults += [
            f"vehicle {k}: {name} {getattr(vehicle, name)} is not among the {n} points"
            for name in ("start", "end")
            if getattr(vehicle, name) >= n
        ]
        if vehicle.mode >= modes:
            faults.append(f"vehicle {k}: mode {vehicle.mode}, but time has {modes}")
    return faults


def _value_faults(time: Ints, columns: dict[str, Ints]) -> list[str]:
    away = ~np.eye(time.shape[1], dtype=bool)
    faults = ["time is negative somewhere"] if (time[:, away] < 0).any() else []
    for name in ("prize", "service"):
        wrong = np.flatnonzero((columns[name] < 0) | (columns[name] > LARGEST))
        if len(wrong):
            faults.append(f"{name} is outside 0 to {LARGEST} at point {wrong[0]}")
    return faults


def _frozen(values: Any) -> Any:
    copy = values.copy()
    copy.flags.writeable = False
    return copy
