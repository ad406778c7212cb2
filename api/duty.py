"""Duty states of one town: asked for, set by hand, read from a roster; streets that are closed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from api.workspace import Workspace
from gis.duty_rows import STATES, Closure, HandSet, State
from gis.errors import InputError, LayerMissingError, NotFoundError
from gis.layers import WGS84, Layers
from gis.modes import MODES
from gis.roster import RosterFile, read_roster
from gis.store import Store
from gis.store_duty import (
    add_closure,
    closures,
    hand_set,
    remove_closure,
    replace_roster,
    roster,
    set_by_hand,
)
from gis.store_incidents import open_incidents
from gis.streets import Streets
from planner.assume import complete
from planner.duty import UnitState, duty_states, places_of

YEARS = (1900, 2200)
# A click so far from a street still means it, metres.
NEAR_STREET_M = 50
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def town_time(workspace: Workspace) -> datetime:
    """Return the time in the town now."""
    return datetime.now(ZoneInfo(workspace.params().patrol.timezone)).replace(microsecond=0)


def town_moment(workspace: Workspace, text: str, *, now: datetime) -> datetime:
    """Return the moment that a text names: the next time of day "22:00", or a date and time.

    Parameters
    ----------
    workspace
        The town.
    text
        "22:00", "2026-11-25T22:00", or with an offset.
    now
        The time in the town.

    Raises
    ------
    InputError
        If the text is neither.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is not None:
        moment = now.replace(hour=int(match[1]), minute=int(match[2]), second=0)
        return moment if moment > now else moment + timedelta(days=1)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        msg = f"{text!r} is no time such as 22:00 or 2026-11-25T22:00"
        raise InputError(msg) from error
    zone = ZoneInfo(workspace.params().patrol.timezone)
    moment = plausible(moment)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def plausible(moment: datetime) -> datetime:
    """Return a moment, if a town can mean it.

    Raises
    ------
    InputError
        If its year is out of all reason; another offset from UTC may have no such date.
    """
    first, last = YEARS
    if not first <= moment.year <= last:
        msg = f"the year {moment.year} is not from {first} to {last}"
        raise InputError(msg)
    return moment


def town_past(workspace: Workspace, text: str, *, now: datetime) -> datetime:
    """Return the moment that a text names: the last time of day "20:05", or a date and time.

    Parameters and errors are those of `town_moment`; a moment to come is refused.
    """
    moment = town_moment(workspace, text, now=now)
    if _CLOCK.fullmatch(text.strip()):
        return moment - timedelta(days=1)
    if moment > now:
        msg = f"{text!r} is yet to come"
        raise InputError(msg)
    return moment


def duty_now(layers: Layers, store: Store, now: datetime) -> dict[str, UnitState]:
    """Return what every unit does now; those sent to open incidents are busy."""
    sent = [unit for incident in open_incidents(store) for unit in incident.engaged()]
    return duty_states(
        layers, now, by_hand=hand_set(store), roster=roster(store, now.date()), sent=frozenset(sent)
    )


def duty_then(layers: Layers, store: Store, moment: datetime) -> dict[str, UnitState]:
    """Return what every unit does at another time: by roster and duty hours alone."""
    return duty_states(layers, moment, roster=roster(store, moment.date()))


def set_duty(
    layers: Layers,
    store: Store,
    unit: str,
    state: str,
    *,
    now: datetime,
    place: str | None = None,
    lonlat: tuple[float, float] | None = None,
    until: datetime | None = None,
    seen: int | None = None,
) -> UnitState:
    """Set by hand what a unit does, and return its state as it is then.

    Parameters
    ----------
    layers, store
        The town.
    unit
        Code of the unit.
    state
        "ready", "busy" or "off".
    now
        The time in the town.
    place
        Code of the place where it stands by; None = its own post, or `lonlat`.
    lonlat
        Where it stands by, degrees.
    until
        Until when; None = until it is set again.
    seen
        Version of the state that the caller has looked at; see `gis.store_duty.set_by_hand`.

    Raises
    ------
    NotFoundError
        If the town has no such unit or place.
    InputError
        If the state is none, the place is not on earth, or `until` is over.
    ConflictError
        If somebody else has set the unit since.
    """
    known = layers["units"]["code"].tolist()
    if unit not in known:
        msg = f"no unit {unit!r}; there are: {', '.join(known[:20])}"
        raise NotFoundError(msg)
    if place is not None and place not in places_of(layers):
        msg = f"no place {place!r}: name the code of a unit, site, station or patrol point"
        raise NotFoundError(msg)
    faults = []
    if state not in STATES:
        faults.append(f"{state!r} is not one of: {', '.join(STATES)}")
    if lonlat is not None and not _on_earth(*lonlat):
        faults.append(f"lon {lonlat[0]}, lat {lonlat[1]} is not on earth")
    if until is not None and until <= now:
        faults.append(f"until {until.isoformat(timespec='minutes')} is over")
    if faults:
        raise InputError("; ".join(faults))
    lon, lat = lonlat or (None, None)
    row = HandSet(unit, cast(State, state), now, until, place, lon, lat)
    set_by_hand(store, row, seen=seen)
    return duty_now(layers, store, now)[unit]


def import_roster(layers: Layers, store: Store, path: Path, encoding: str | None) -> RosterFile:
    """Read a roster and keep it in place of the last one.

    Raises
    ------
    InputError
        If it cannot be used; nothing is changed then.
    """
    units = layers["units"]["code"].tolist()
    read = read_roster(path, units=units, places=places_of(layers), encoding=encoding)
    replace_roster(store, read.rows)
    return read


def duty_document(layers: Layers, states: dict[str, UnitState]) -> list[dict[str, Any]]:
    """Return the states with name and kind of each unit, as JSON gives them."""
    units = layers["units"]
    told = zip(*(units[name].tolist() for name in ("code", "name", "kind")), strict=True)
    return [
        {
            "name": name if isinstance(name, str) else None,
            "kind": kind if isinstance(kind, str) else None,
            **states[code].document(),
        }
        for code, name, kind in told
    ]


def close_street(
    layers: Layers,
    store: Store,
    street: str,
    *,
    now: datetime,
    until: datetime | None = None,
    reason: str | None = None,
) -> Closure:
    """Close a street, or change until when and why it is closed, and return the closure.

    Raises
    ------
    NotFoundError
        If the town has no such street.
    InputError
        If `until` is over, or the reason is no single line.
    """
    if street not in set(layers["streets"]["code"]):
        msg = f"no street has the code {street}: see `fengqiao find NAME`"
        raise NotFoundError(msg)
    if until is not None and until <= now:
        msg = f"until {until.isoformat(timespec='minutes')} is over"
        raise InputError(msg)
    if reason is not None and not reason.isprintable():
        msg = "the reason must be one line of text"
        raise InputError(msg)
    closure = Closure(street, now, until, reason)
    add_closure(store, closure)
    return closure


def open_street(store: Store, street: str) -> None:
    """Open a street again.

    Raises
    ------
    NotFoundError
        If it is not closed.
    """
    remove_closure(store, street)


def street_at(streets: Streets | None, lon: float, lat: float) -> str:
    """Return the code of the street nearest to a place.

    Parameters
    ----------
    streets
        The network, None where the town has none.
    lon, lat
        The place, degrees.

    Raises
    ------
    LayerMissingError
        If there is no network.
    NotFoundError
        If no open street is near.
    """
    if streets is None:
        figure = "closures"
        raise LayerMissingError(figure, ["streets"])
    place = gpd.GeoSeries.from_xy([lon], [lat], crs=WGS84)
    # Modes may use different streets: the nearest of all is meant.
    found = pd.concat(streets.snap(place, mode=mode, limit_m=NEAR_STREET_M) for mode in MODES)
    near = found[found["edge"] >= 0].sort_values("offset_m")
    if near.empty:
        msg = f"no street within {NEAR_STREET_M:.0f} m of this place"
        raise NotFoundError(msg)
    return str(streets.edge_street[near["edge"].iloc[0]])


def closed_now(layers: Layers, store: Store, now: datetime) -> tuple[Closure, ...]:
    """Return the closures that hold now, of streets that the town still has."""
    found = closures(store, now)
    if not found:
        return ()
    known, zone = set(layers["streets"]["code"]), now.tzinfo
    return tuple(
        replace(
            one, since=one.since.astimezone(zone), until=one.until and one.until.astimezone(zone)
        )
        for one in found
        if one.street in known
    )


def closed_codes(layers: Layers, store: Store, now: datetime) -> tuple[str, ...]:
    """Return the codes of the streets that are closed now, in order."""
    return tuple(sorted(closure.street for closure in closed_now(layers, store, now)))


def closures_document(layers: Layers, closed: Sequence[Closure]) -> list[dict[str, Any]]:
    """Return closures with the names of the streets, as JSON gives them."""
    streets = layers["streets"]
    names = dict(zip(streets["code"].tolist(), streets["name"].tolist(), strict=True))
    return [
        {
            "street": one.street,
            "name": name if isinstance(name := names.get(one.street), str) else None,
            "since": one.since.isoformat(timespec="seconds"),
            "until": None if one.until is None else one.until.isoformat(timespec="seconds"),
            "reason": one.reason,
        }
        for one in closed
    ]


def with_units(layers: Layers) -> Layers:
    """Return the town with units and their modes filled in where they are unknown."""
    return complete(layers).layers


def _on_earth(lon: float, lat: float) -> bool:
    return math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
