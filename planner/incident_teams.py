"""Where volunteer teams are by their plan of the evening: at a stop, or on the way between two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from shapely import LineString, Point


@dataclass(frozen=True)
class TeamPlace:
    """Where a team is by its plan.

    Parameters
    ----------
    lon, lat
        Degrees.
    stop
        Name of the stop it is at, or goes to next; None on its way home.
    there
        Whether it is at that stop.
    """

    lon: float
    lat: float
    stop: str | None
    there: bool


def planned_places(document: Mapping[str, Any], moment: datetime) -> dict[str, TeamPlace | None]:
    """Return where each team of a plan is at a moment, None while it is not out.

    Parameters
    ----------
    document
        A plan of an evening, as `planner.patrol.Patrol.document` gives it.
    moment
        Local time.

    Examples
    --------
    >>> stop = {"order": 1, "code": "P1", "name": "Gate", "lon": 120.0, "lat": 30.0,
    ...         "arrive": "2026-11-25T19:10:00", "depart": "2026-11-25T19:20:00"}
    >>> team = {"code": "T1", "depart": "2026-11-25T19:00:00", "return": "2026-11-25T20:00:00",
    ...         "stops": [stop]}
    >>> planned_places({"teams": [team]}, datetime(2026, 11, 25, 19, 15))["T1"]
    TeamPlace(lon=120.0, lat=30.0, stop='Gate', there=True)
    """
    found: dict[str, TeamPlace | None] = {}
    for team in document.get("teams", ()):
        out = team.get("stops") and _local(team["depart"]) <= _plain(moment) <= _local(
            team["return"]
        )
        found[str(team["code"])] = _place(team, _plain(moment)) if out else None
    return found


def _place(team: Mapping[str, Any], moment: datetime) -> TeamPlace | None:
    """Return where a team that is out is."""
    left, before = _local(team["depart"]), _base(team)
    for stop in [*team["stops"], None]:
        if stop is None or moment < _local(stop["arrive"]):
            leg = _leg(team, len(team["stops"]) + 1 if stop is None else stop["order"])
            return _under_way(before, stop, leg, (moment - left).total_seconds())
        here = Point(stop["lon"], stop["lat"])
        if moment <= _local(stop["depart"]):
            return TeamPlace(here.x, here.y, stop.get("name") or stop["code"], True)
        left, before = _local(stop["depart"]), here
    return None


def _under_way(
    before: Point | None,
    stop: Mapping[str, Any] | None,
    leg: tuple[LineString, float] | None,
    gone_s: float,
) -> TeamPlace | None:
    """Return where a team is on a leg; where no leg is known, where the leg begins."""
    name = None if stop is None else stop.get("name") or stop["code"]
    at = before
    if leg is not None:
        line, time_s = leg
        share = min(gone_s / time_s, 1.0) if time_s > 0 else 1.0
        at = line.interpolate(share, normalized=True)
    elif at is None and stop is not None:
        at = Point(stop["lon"], stop["lat"])
    return None if at is None else TeamPlace(round(at.x, 6), round(at.y, 6), name, False)


def _leg(team: Mapping[str, Any], order: int) -> tuple[LineString, float] | None:
    """Return line and seconds of the way to a stop, or home, where the plan tells them."""
    return next(_legs(team, order), None)


def _legs(team: Mapping[str, Any], order: int) -> Iterator[tuple[LineString, float]]:
    for leg in team.get("legs", ()):
        if leg["order"] == order and leg.get("geometry"):
            line = shapely.geometry.shape(leg["geometry"])
            if isinstance(line, LineString) and not line.is_empty:
                yield line, float(leg["time_s"])


def _base(team: Mapping[str, Any]) -> Point | None:
    lon, lat = team.get("base_lon"), team.get("base_lat")
    return None if lon is None or lat is None else Point(lon, lat)


def _local(text: str) -> datetime:
    return _plain(datetime.fromisoformat(text))


def _plain(moment: datetime) -> datetime:
    """Return a moment of the town's clock without its zone."""
    return moment.replace(tzinfo=None)
