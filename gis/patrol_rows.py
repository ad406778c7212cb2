"""What the store keeps of patrols: nights planned, check-ins, hours of teams, plates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

CheckinStatus = Literal["kept", "late", "missed", "extra"]


@dataclass(frozen=True)
class PlannedNight:
    """The plan of one night as it was given out.

    Parameters
    ----------
    night
        The day on whose evening it begins.
    seed
        The random numbers it was drawn with.
    document
        The answer, as `planner.patrol.Patrol.document` gives it.
    """

    night: date
    seed: int
    document: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Checkin:
    """A stop of a night, and what came back of it.

    Parameters
    ----------
    night, team, stop
        Of which plan; a stop that was not planned is "extra".
    status
        "kept", "late", "missed" or "extra".
    at
        When, with offset from UTC; None where it was missed, or where times are not kept.
    """

    night: date
    team: str
    stop: str
    status: CheckinStatus
    at: datetime | None = None


@dataclass(frozen=True)
class TeamNight:
    """A night of one team in totals: how many went, how long, how far; no names."""

    night: date
    team: str
    headcount: int
    seconds: float
    length_m: float


@dataclass(frozen=True)
class Plate:
    """A plate at a patrol point; of those with a point's code only one is not revoked."""

    point: str
    serial: int
    issued_at: datetime
    revoked_at: datetime | None = None
