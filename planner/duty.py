"""Which post is ready, busy or off, and where it stands: roster, hand-set states and duty hours.

What was set by hand counts first, then what the roster says, then the duty hours of the unit. A
unit that was sent to an open incident is busy whatever those say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.duty_rows import DAY_MIN, HandSet, RosterRow, State
from gis.layers import Layers
from planner.week import on_duty

Source = Literal["hand", "roster", "hours", "sent"]


@dataclass(frozen=True)
class UnitState:
    """What one unit does at one moment.

    Parameters
    ----------
    unit
        Its code.
    state
        "ready", "busy" or "off".
    source
        What says so: "hand", "roster", "hours" (its duty hours) or "sent" (to an open incident).
    place
        Code of the place it stands by at; None = its own post, or lon and lat.
    lon, lat
        Where it stands, degrees; None = at its own post.
    since, until
        Where the source tells.
    version
        Of the hand-set state, 0 where there is none: what a writer has looked at.
    """

    unit: str
    state: State
    source: Source = "hand"
    place: str | None = None
    lon: float | None = None
    lat: float | None = None
    since: datetime | None = None
    until: datetime | None = None
    version: int = 0

    def document(self) -> dict[str, Any]:
        """Return the state as it is given out as JSON."""
        times = {"since": _text(self.since), "until": _text(self.until)}
        return asdict(self) | times


def duty_states(
    layers: Layers,
    now: datetime,
    *,
    by_hand: Sequence[HandSet] = (),
    roster: Sequence[RosterRow] = (),
    sent: Collection[str] = (),
) -> dict[str, UnitState]:
    """Return what every unit does now, by code, in the order of the layer.

    The roster speaks for a unit on the days of its own weekday rows, and from the first to the
    last date of the whole roster if it names the unit with dates: there the unit is off where no
    row covers the moment. A row that began the evening before counts to its end. Rows with a date
    come before rows with weekdays, and later rows before earlier ones.

    Parameters
    ----------
    layers
        The town with its units.
    now
        The moment, with the town's offset from UTC.
    by_hand
        What was set by hand; what has run out is passed over.
    roster
        The roster.
    sent
        Units that were sent to open incidents.

    Returns
    -------
    dict
        Unknown units of the roster and of `by_hand` are left out.
    """
    units = layers["units"]
    codes = units["code"].tolist()
    hours = hours_ready(units, now)
    held = {row.unit: row for row in by_hand if row.since <= now and not _over(row.until, now)}
    versions = {row.unit: row.version for row in by_hand}
    of_unit: dict[str, list[RosterRow]] = {}
    for row in roster:
        of_unit.setdefault(row.unit, []).append(row)
    days = [row.day for row in roster if row.day is not None]
    states: dict[str, UnitState] = {}
    for code, ready in zip(codes, hours.tolist(), strict=True):
        state = _by_hand(held.get(code), now) or _by_roster(code, of_unit.get(code, []), days, now)
        state = state or UnitState(code, "ready" if ready else "off", "hours")
        states[code] = _settled(state, code in sent, versions.get(code, 0))
    places = places_of(layers)
    return {code: _placed(state, places) for code, state in states.items()}


def hours_ready(units: gpd.GeoDataFrame, now: datetime) -> npt.NDArray[np.bool_]:
    """Return which units have duty hours at a moment, (n,); unknown hours are all hours."""
    texts = units["duty_hours"].astype(object).where(units["duty_hours"].notna(), None)
    minute = now.weekday() * DAY_MIN + now.hour * 60 + now.minute
    return np.asarray(on_duty(texts.tolist(), minute), dtype=bool)


def state_words(states: Mapping[str, UnitState]) -> dict[str, str]:
    """Return the state of each unit as a word, as `planner.response.respond` takes it.

    Units that go by their duty hours are left out: the level of duty may recall them.
    """
    return {code: one.state for code, one in states.items() if one.source != "hours"}


def moved_units(layers: Layers, states: Mapping[str, UnitState] | None) -> Layers:
    """Return the town with its units where they stand by now; the same where none has moved."""
    units = layers["units"]
    moved = {
        code: (state.lon, state.lat)
        for code, state in (states or {}).items()
        if state.lon is not None and state.lat is not None
    }
    if not moved:
        return layers
    shapes = [
        shapely.Point(moved[code]) if code in moved else shape
        for code, shape in zip(units["code"], units.geometry, strict=True)
    ]
    return layers.replaced(units=units.set_geometry(gpd.GeoSeries(shapes, units.index, units.crs)))


def places_of(layers: Layers) -> dict[str, tuple[float, float]]:
    """Return where a unit may stand by: units, sites, stations, patrol points, by code, lon, lat.

    Of two places with one code the first of this order counts.
    """
    found: dict[str, tuple[float, float]] = {}
    for name in ("units", "sites", "stations", "patrol_points", "road_checkpoints"):
        if not layers.has(name):
            continue
        inner = shapely.point_on_surface(layers[name].geometry.to_numpy())
        lonlat = zip(shapely.get_x(inner).tolist(), shapely.get_y(inner).tolist(), strict=True)
        for code, at in zip(layers[name]["code"].tolist(), lonlat, strict=True):
            found.setdefault(code, at)
    return found


def _by_hand(row: HandSet | None, now: datetime) -> UnitState | None:
    if row is None:
        return None
    times = row.since.astimezone(now.tzinfo), row.until and row.until.astimezone(now.tzinfo)
    return UnitState(row.unit, row.state, "hand", row.place, row.lon, row.lat, *times)


def _by_roster(
    code: str, rows: list[RosterRow], days: list[date], now: datetime
) -> UnitState | None:
    """Return what the roster says of a unit, None where it says nothing."""
    minute = now.hour * 60 + now.minute
    covering: list[tuple[bool, int, RosterRow, date]] = []
    for position, row in enumerate(rows):
        for back in (0, 1):
            day = now.date() - timedelta(days=back)
            if _begins(row, day) and row.start_min <= minute + back * DAY_MIN < row.end_min:
                covering.append((row.day is not None, position, row, day))
    if covering:
        _, _, row, day = max(covering, key=lambda found: found[:2])
        midnight = datetime.combine(day, time(), now.tzinfo)
        since, until = (
            midnight + timedelta(minutes=minutes) for minutes in (row.start_min, row.end_min)
        )
        return UnitState(code, row.state, "roster", row.place, row.lon, row.lat, since, until)
    dated = any(row.day is not None for row in rows) and min(days) <= now.date() <= max(days)
    weekly = any(row.day is None for row in rows)
    return UnitState(code, "off", "roster") if dated or weekly else None


def _begins(row: RosterRow, day: date) -> bool:
    return row.day == day if row.day is not None else day.weekday() in row.weekdays


def _settled(state: UnitState, sent: bool, version: int) -> UnitState:
    """Return the state with its version, busy where the unit was sent."""
    fields = asdict(state) | {"version": version}
    return UnitState(**(fields | {"state": "busy", "source": "sent"} if sent else fields))


def _placed(state: UnitState, places: Mapping[str, tuple[float, float]]) -> UnitState:
    """Return the state with the position of the place it names, where the town knows it."""
    if state.place is None or state.lon is not None or state.place not in places:
        return state
    lon, lat = places[state.place]
    return UnitState(**(asdict(state) | {"lon": lon, "lat": lat}))


def _over(until: datetime | None, now: datetime) -> bool:
    return until is not None and until <= now


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
