"""What is known of posts and incidents as they go on: plain rows, never about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

State = Literal["ready", "busy", "off"]
STATES: tuple[State, ...] = ("ready", "busy", "off")

DAY_MIN = 24 * 60


@dataclass(frozen=True)
class HandSet:
    """What was set by hand about one unit.

    Parameters
    ----------
    unit
        Its code.
    state
        "ready", "busy" or "off".
    since, until
        With offset from UTC; until None = until it is set again.
    place
        Code of the unit, site or station it stands by at; None = its own post, or lon and lat.
    lon, lat
        Where it stands by, degrees.
    version
        Number of the change, never used twice; 0 before it is kept.
    """

    unit: str
    state: State
    since: datetime
    until: datetime | None = None
    place: str | None = None
    lon: float | None = None
    lat: float | None = None
    version: int = 0


@dataclass(frozen=True)
class RosterRow:
    """One row of a roster of posts.

    Parameters
    ----------
    unit
        Its code.
    day
        The day on which it begins; None where weekdays say it.
    weekdays
        Days of the week on which it begins, Monday = 0.
    start_min, end_min
        Minutes after midnight of that day; the end is later than 1440 where it lies on the next.
    state, place, lon, lat
        As in `HandSet`.
    """

    unit: str
    day: date | None
    weekdays: tuple[int, ...]
    start_min: int
    end_min: int
    state: State = "ready"
    place: str | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Closure:
    """A street that is closed now: its code, since and until when (None = until reopened)."""

    street: str
    since: datetime
    until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class SentUnit:
    """A unit that was sent to an incident, and when it arrived and was free again."""

    unit: str
    sent_at: datetime
    arrived_at: datetime | None = None
    cleared_at: datetime | None = None


@dataclass(frozen=True)
class OpenIncident:
    """An incident that goes on; nothing of it but totals is left when it is closed.

    Parameters
    ----------
    kind
        Kind of `data/profiles/incidents.toml`.
    lon, lat
        Where, degrees.
    opened_at
        With offset from UTC.
    place
        Where it is, in words.
    village
        Code of the village, None outside all of them.
    tier_min
        Minutes within which a unit shall be there, None where nobody knows.
    units
        Who was sent.
    number
        Its number, 0 before it is kept.
    """

    kind: str
    lon: float
    lat: float
    opened_at: datetime
    place: str | None = None
    village: str | None = None
    tier_min: int | None = None
    units: tuple[SentUnit, ...] = ()
    number: int = 0

    def engaged(self) -> tuple[str, ...]:
        """Return the units that are on the way or there."""
        return tuple(sent.unit for sent in self.units if sent.cleared_at is None)


@dataclass(frozen=True)
class IncidentTotal:
    """Closed incidents of one month, village, kind, tier and band of response time.

    Parameters
    ----------
    month
        YYYY-MM in which they began, local time.
    village
        Code, "" outside all of them.
    kind
        Kind of incident.
    tier_min
        Minutes within which a unit had to be there; 0 where nobody knew.
    band_s
        Longest response time of the band, seconds; `NOBODY_CAME` and `LONGER` for the rest.
    incidents, within_tier
        How many, and of these in time.
    sum_s
        Their response times together: first arrival after the beginning.
    """

    month: str
    village: str
    kind: str
    tier_min: int
    band_s: int
    incidents: int = 1
    within_tier: int = 0
    sum_s: float = 0.0


# Bands that have no longest time.
NOBODY_CAME = 0
LONGER = -1
