"""What a team's phone delivers: check-ins, signals, hazards; taken or refused one by one.

A phone sends what it has written down until it hears that it arrived, and several phones of one
team may say the same. So whatever comes twice changes nothing: of two check-ins at a stop the one
on time counts, else the earlier one; a hazard is kept once by its uid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import ValidationError

from api.given_plans import shift_of, team_row
from api.leader_items import ITEM, CheckinItem, Delivery, HazardItem, Item, SignalItem, WithdrawItem
from api.leader_merge import joined, withdrawn
from api.links import SLACK, TeamLink
from api.roster_numbers import roster_params
from api.workspace import Workspace
from gis.errors import FormatError
from gis.layers import Layers
from gis.profiles import load
from gis.store import Store
from gis.store_field import (
    Hazard,
    Signal,
    TeamField,
    change_team_field,
    forget_teams,
    hazards_of,
    save_hazard,
    team_field,
)
from gis.store_patrols import plates
from maps.panels_leader import point_of
from maps.plates import plate_numbers, read_plate
from planner.checkins import Report, compare_checkins

Reason = Literal["time", "plate", "stop", "outside", "many", "unreadable"]
METRES_PER_DEG = 111_319.49


@dataclass(frozen=True)
class Refused:
    """An item that was not taken, and why."""

    uid: str
    reason: Reason


@dataclass(frozen=True)
class Taken:
    """What became of a delivery, and what is known of the team's night after it."""

    taken: tuple[str, ...]
    refused: tuple[Refused, ...]
    known: TeamField = field(repr=False)
    hazards: tuple[Hazard, ...] = field(repr=False)

    def summary(self) -> str:
        """Return one line: how many items were taken and refused."""
        return f"{len(self.taken)} taken, {len(self.refused)} refused"


@dataclass(frozen=True)
class Night:
    """What a delivery is held against.

    Parameters
    ----------
    workspace, store, layers
        The town.
    plan
        Of the night, as it was given out.
    link
        Whose team it is.
    """

    workspace: Workspace
    store: Store = field(repr=False)
    layers: Layers = field(repr=False)
    plan: Mapping[str, Any] = field(repr=False)
    link: TeamLink = field(repr=False)


def take_delivery(night: Night, delivery: Delivery, now: datetime) -> Taken:
    """Keep what a phone delivers, and return what became of it.

    Parameters
    ----------
    night
        What it is held against.
    delivery
        What came.
    now
        By the server's clock; the phone's is corrected by it.
    """
    read, refused = _read(delivery.items)
    sound: list[tuple[Item, datetime]] = []
    for item in read:
        at = _moment(item.at, delivery.now, now)
        reason = _fault(night, item, at, now)
        if reason is None:
            sound.append((item, at))
        else:
            refused.append(Refused(item.uid, reason))
    refused += _keep_hazards(night, sound)
    known = _keep_rest(night, sound)
    gone = {one.uid for one in refused}
    taken = tuple(item.uid for item, _ in sound if item.uid not in gone)
    return Taken(taken, tuple(refused), known, team_hazards(night))


def team_hazards(night: Night) -> tuple[Hazard, ...]:
    """Return what this team reported tonight and some nights before, the newest first."""
    since = night.link.night - timedelta(days=load("hazards")["shown_nights"])
    return hazards_of(night.store, team=night.link.team, since=since)


def delivery_document(night: Night, done: Taken, mark: int, now: datetime) -> dict[str, Any]:
    """Return what the phone is told, JSON-ready: only of this team.

    Parameters
    ----------
    night
        What it was held against.
    done
        What became of it.
    mark
        Number that tells the plan from another one.
    now
        The server's clock.
    """
    rows = [row for row in done.known.checkins if row.status != "missed"]
    planned = set(_planned(night))
    signals = {one.kind: one for one in done.known.signals}
    names = _names(night.layers)
    people = signals.get("people")
    return {
        "schema": "fengqiao.field/1",
        "now": now.isoformat(),
        "mark": mark,
        "taken": list(done.taken),
        "refused": [{"uid": one.uid, "reason": one.reason} for one in done.refused],
        "checked": [{"stop": row.stop, "at": _text(row.at)} for row in rows if row.stop in planned],
        "extra": [
            {"stop": row.stop, "name": names.get(row.stop, row.stop)}
            for row in rows
            if row.stop not in planned
        ],
        "people": None if people is None else people.value,
        "set_out": _said(signals.get("set_out")),
        "safe": _said(signals.get("safe")),
        "hazards": [
            {
                "uid": one.uid,
                "kind": one.kind,
                "at": one.made_at.isoformat(),
                "state": one.state,
                "answer": one.answer,
            }
            for one in done.hazards
        ],
    }


def _read(items: Sequence[dict[str, Any]]) -> tuple[list[Item], list[Refused]]:
    """Return the items that can be read; of others the name, so that the phone lets them go."""
    read: list[Item] = []
    refused: list[Refused] = []
    for item in items:
        try:
            read.append(ITEM.validate_python(item))
        except ValidationError:
            refused.append(Refused(str(item.get("uid", ""))[:64], "unreadable"))
    return read, refused


def _moment(at_ms: int, phone_ms: int, now: datetime) -> datetime:
    """Return when something happened, the phone's clock put right where it is off."""
    off_s = now.timestamp() - phone_ms / 1000
    right_s = at_ms / 1000 + (off_s if abs(off_s) > load("leader")["clock_s"] else 0)
    return datetime.fromtimestamp(min(max(right_s, 0), 2**32), UTC).replace(microsecond=0)


def _fault(night: Night, item: Item, at: datetime, now: datetime) -> Reason | None:
    """Return why an item is refused, None where it is not."""
    begin, end = shift_of(team_row(night.plan, night.link.team))
    if not begin - SLACK <= at <= min(end + SLACK, now + timedelta(minutes=1)):
        return "time"
    if isinstance(item, HazardItem):
        if item.hazard not in load("hazards")["kinds"]:
            return "unreadable"
        return None if _inside(night.layers, item.lon, item.lat) else "outside"
    if isinstance(item, CheckinItem):
        return _checkin_fault(night, item)
    if isinstance(item, SignalItem) and item.signal == "people" and item.people is None:
        return "unreadable"
    return None


def _checkin_fault(night: Night, item: CheckinItem) -> Reason | None:
    if item.plate is not None:
        try:
            read = read_plate(item.plate)
        except FormatError:
            return "plate"
        there = {(one.point, one.serial) for one in plates(night.store) if one.revoked_at is None}
        ours = read.town == night.layers.town.replace("|", "/")
        if not ours or (read.point, read.serial) not in there:
            return "plate"
        return None if item.stop in (None, *_visits(night, read.point)) else "stop"
    stop = _stop(night, item)
    return None if stop in (*_planned(night), *_names(night.layers)) else "stop"


def _stop(night: Night, item: CheckinItem) -> str | None:
    """Return the stop that a check-in means: its code, else the point of its plate or number."""
    if item.stop is not None:
        return item.stop
    if item.plate is not None:
        return read_plate(item.plate).point
    numbers = plate_numbers(list(_names(night.layers)))
    return next(
        (code for code, one in numbers.items() if one.upper() == str(item.number).upper()), None
    )


def _planned(night: Night) -> list[str]:
    return [stop["code"] for stop in team_row(night.plan, night.link.team)["stops"]]


def _visits(night: Night, point: str) -> list[str]:
    return [code for code in _planned(night) if point_of(code) == point]


def _names(layers: Layers) -> dict[str, str]:
    """Return patrol points: code to name."""
    points = layers["patrol_points"]
    return {
        str(code): name if isinstance(name, str) and name else str(code)
        for code, name in zip(points["code"], points["name"], strict=True)
    }


def _inside(layers: Layers, lon: float, lat: float) -> bool:
    """Return whether a place is in the town or near it; everywhere is where nobody told."""
    if layers.extent is None:
        return True
    west, south, east, north = layers.extent.bounds
    room = float(load("hazards")["outside_m"]) / METRES_PER_DEG
    wide = room * 2  # longitudes are narrower; this is a check against slips, no border
    return bool(west - wide <= lon <= east + wide and south - room <= lat <= north + room)


def _keep_hazards(night: Night, sound: Sequence[tuple[Item, datetime]]) -> list[Refused]:
    """Keep hazards, each once, and return those beyond what one night may have."""
    link = night.link
    new = [(item, at) for item, at in sound if isinstance(item, HazardItem)]
    if not new:
        return []
    tonight = hazards_of(night.store, team=link.team, since=link.night)
    have = {one.uid for one in tonight}
    refused = []
    for item, at in new:
        if item.uid not in have and len(have) >= load("hazards")["most"]:
            refused.append(Refused(item.uid, "many"))
            continue
        have.add(item.uid)
        row = Hazard(item.uid, item.hazard, item.lon, item.lat, link.night, link.team, at)
        save_hazard(night.store, row)
    return refused


def _keep_rest(night: Night, sound: Sequence[tuple[Item, datetime]]) -> TeamField:
    """Keep check-ins and signals in one transaction, and return what is known then."""
    numbers = roster_params(night.workspace)

    def change(known: TeamField) -> TeamField:
        for item, at in sound:
            known = _changed(night, known, item, at)
        return _private(known, night, numbers.least_people)

    if not any(not isinstance(item, HazardItem) for item, _ in sound):
        return team_field(night.store, night.link.night, night.link.team)
    forget_teams(night.store, night.link.night - timedelta(days=numbers.keep_times_days))
    return change_team_field(night.store, night.link.night, night.link.team, change)


def _changed(night: Night, known: TeamField, item: Item, at: datetime) -> TeamField:
    if isinstance(item, SignalItem):
        value = item.people if item.signal == "people" else None
        return _signalled(known, Signal(night.link.night, night.link.team, item.signal, value, at))
    if isinstance(item, WithdrawItem) and item.signal is not None:
        left = tuple(one for one in known.signals if one.kind != item.signal)
        return replace(known, signals=left)
    if isinstance(item, WithdrawItem) and item.stop is not None:
        return withdrawn(known, item.stop, planned=item.stop in _planned(night))
    if isinstance(item, CheckinItem):
        stop = _stop(night, item)
        assert stop is not None  # else it was refused
        report = Report(night.link.team, _people(known, night), {stop: at})
        rules = roster_params(night.workspace).checkin_rules
        return joined(known, compare_checkins(night.plan, report, rules))
    return known


def _signalled(known: TeamField, new: Signal) -> TeamField:
    """Return what is known with a signal: the last number of people, else the first time."""
    before = next((one for one in known.signals if one.kind == new.kind), None)
    if before is not None and new.kind != "people":
        return known
    others = tuple(one for one in known.signals if one.kind != new.kind)
    hours = known.hours
    if hours is not None and new.kind == "people" and new.value is not None:
        hours = replace(hours, headcount=new.value)
    return replace(known, signals=(*others, new), hours=hours)


def _people(known: TeamField, night: Night) -> int:
    said = next((one.value for one in known.signals if one.kind == "people"), None)
    return said or int(team_row(night.plan, night.link.team).get("size") or 0)


def _private(known: TeamField, night: Night, least_people: int) -> TeamField:
    """Return what is kept: of a team so small that times would be a person's, none."""
    if _people(known, night) >= least_people:
        return known
    return replace(
        known,
        checkins=tuple(replace(row, at=None) for row in known.checkins),
        signals=tuple(replace(one, at=None) for one in known.signals),
    )


def _said(signal: Signal | None) -> dict[str, Any] | None:
    return None if signal is None else {"at": _text(signal.at)}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
