"""What earlier nights leave behind: on which streets routes went, and which places were visited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gis.patrol_rows import Checkin, PlannedNight

# A planned stop that came back as one of these was visited.
_VISITED = ("kept", "late", "extra")


@dataclass(frozen=True)
class History:
    """The last night of each street and place, by code.

    Parameters
    ----------
    walked
        Streets that were on a route.
    visited
        Places that were visited.
    """

    walked: Mapping[str, date] = field(default_factory=dict, repr=False)
    visited: Mapping[str, date] = field(default_factory=dict, repr=False)

    def summary(self) -> str:
        """Return one line: how many streets and places."""
        return f"{len(self.walked)} streets walked, {len(self.visited)} places visited"


def history_of(nights: Iterable[PlannedNight], checkins: Iterable[Checkin]) -> History:
    """Return what some nights leave behind.

    Parameters
    ----------
    nights
        The plans as they were given out.
    checkins
        What came back. A night of which nothing came back counts as it was planned.

    Examples
    --------
    >>> plan = {"teams": [{"streets": ["a"], "stops": [{"code": "p#2", "kind": "patrol_point"}]}]}
    >>> before = history_of([PlannedNight(date(2026, 11, 24), 0, plan)], [])
    >>> before.walked, before.visited
    ({'a': datetime.date(2026, 11, 24)}, {'p': datetime.date(2026, 11, 24)})
    """
    walked: dict[str, date] = {}
    visited: dict[str, date] = {}
    back = list(checkins)
    told = {row.night for row in back}
    for row in back:
        if row.status in _VISITED:
            _later(visited, place_of(row.stop), row.night)
    for night in nights:
        for team in night.document.get("teams", ()):
            for street in team.get("streets", ()):
                _later(walked, street, night.night)
            if night.night not in told:
                for stop in _stops(team):
                    _later(visited, place_of(stop), night.night)
    return History(walked, visited)


def place_of(stop: str) -> str:
    """Return the code of the place that a stop is a visit of.

    Examples
    --------
    >>> place_of("X001#2"), place_of("X001")
    ('X001', 'X001')
    """
    head, mark, number = stop.rpartition("#")
    return head if mark and number.isdigit() else stop


def _stops(team: Mapping[str, Any]) -> list[str]:
    return [stop["code"] for stop in team.get("stops", ()) if stop.get("kind") != "break"]


def _later(last: dict[str, date], code: str, night: date) -> None:
    last[code] = max(night, last.get(code, night))
