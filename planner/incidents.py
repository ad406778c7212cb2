"""Who comes to a place where something happens, and what is there to help."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from shapely import LineString, Point

from gis.errors import InputError, NotFoundError
from gis.layers import WGS84, Layers
from gis.profiles import load
from gis.streets import Streets
from gis.villages_of import village_of
from gis.ways_to import Leg, line_of
from planner.camera_views import town_metres
from planner.directions import said, steps_of
from planner.duty import UnitState, moved_units
from planner.grounds import grounds_of
from planner.incident_near import (
    Around,
    cameras_at,
    checkpoints_at,
    names_at,
    prepare_around,
    teams_at,
)
from planner.incident_teams import TeamPlace
from planner.incident_units import Ride, Standing, posts_at, rides_of, standing_of, trips_to
from planner.network import drawn, town_at
from planner.params import CoverageParams, ResponseParams
from planner.response_times import Posts
from planner.results import Assumed, Missing
from planner.results_coverage import Coverage
from planner.results_incident import AwayUnit, ComingUnit, Incident
from planner.tiers import tiers_at, turnouts_at, units_at, units_on

Floats = npt.NDArray[np.float64]
States = Mapping[str, UnitState | str]

# Hours whose times are kept ready.
HOURS_KEPT = 6


@dataclass(frozen=True, eq=False)
class IncidentTown:
    """A town ready to say who comes; `prepare_incidents` makes it, many threads may share it.

    Parameters
    ----------
    layers
        The town, its units with modes.
    streets
        Its network, or None.
    params
        Numbers of response.
    around
        Cameras, checkpoints, teams and names.
    names
        Street code to name.
    tier_min
        Tier of each site at the level of duty, NaN where it has none.
    counts, turnout_s
        Whether each unit counts at that level, and its turnout, (n,).
    assumed
        What was taken for granted about units and sites.
    """

    layers: Layers
    streets: Streets | None
    params: ResponseParams
    around: Around
    names: Mapping[str, str] = field(repr=False)
    tier_min: Floats = field(repr=False)
    counts: npt.NDArray[np.bool_] = field(repr=False)
    turnout_s: Floats = field(repr=False)
    _rides: Mapping[str, Ride] = field(repr=False)
    _posts: tuple[Posts, ...] = field(repr=False)
    _to_metres: Transformer = field(repr=False)
    _to_streets: Transformer = field(repr=False)
    assumed: tuple[Assumed, ...] = ()
    _hours: dict[int | None, tuple[Streets, tuple[Standing, ...]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def network_at(self, minute: int | None) -> tuple[Streets, tuple[Standing, ...]] | None:
        """Return the network at the hour of a minute of the week, and the units at their posts."""
        if self.streets is None:
            return None
        hour = None if minute is None else minute // 60
        with self._lock:
            if hour not in self._hours:
                while len(self._hours) >= HOURS_KEPT:
                    self._hours.pop(next(iter(self._hours)))
                at = None if hour is None else hour * 60
                timed = town_at(self.streets, self.layers, self.params, minute=at)
                self._hours[hour] = timed, standing_of(timed, self._posts)
            return self._hours[hour]

    def summary(self) -> str:
        """Return one line: units, views and names."""
        return f"{len(self.layers['units'])} units, {self.around.summary()}"


def prepare_incidents(
    layers: Layers,
    streets: Streets | None,
    coverage: Coverage | None,
    params: ResponseParams,
    *,
    ladder: str | None = None,
    assumed: tuple[Assumed, ...] = (),
) -> IncidentTown:
    """Return a town ready to say who comes, to be asked many times.

    Parameters
    ----------
    layers
        The town, its units with modes (`planner.assume.complete`).
    streets
        Its network with closures in it (`planner.network.build_network`), or None.
    coverage
        What its cameras see, if that is known.
    params
        Numbers of response; `level` and `emergency` count.
    ladder
        Ladder of pixel densities; None takes that of `data/profiles/coverage.toml`.
    assumed
        What was taken for granted about the town's units and sites; answers say so.
    """
    units, lines = layers["units"], layers["streets"]
    named = lines[lines["name"].notna()]
    crs = town_metres(layers)
    rides: dict[str, Ride] = {}
    posts: tuple[Posts, ...] = ()
    if streets is not None:
        whole = drawn(streets, layers, emergency=params.emergency)
        rides = rides_of(streets, whole, units["mode"].tolist())
        posts = posts_at(streets, rides, units, np.arange(len(units)), params)
    return IncidentTown(
        layers,
        streets,
        params,
        prepare_around(layers, streets, coverage, crs, ladder or CoverageParams.default().ladder),
        dict(zip(named["code"].astype(str), named["name"], strict=True)),
        tiers_at(layers, params.level, params.levels),
        units_at(layers, params.level, params.levels),
        turnouts_at(layers, params.turnout_s, params.level, params.levels),
        rides,
        posts,
        _from_degrees(crs),
        _from_degrees(crs if streets is None else streets.crs),
        tuple(one for one in assumed if one.layer in ("units", "sites")),
    )


def who_comes(
    town: IncidentTown,
    lon: float,
    lat: float,
    kind: str = "other",
    *,
    minute: int | None = None,
    states: States | None = None,
    sent: Collection[str] = (),
    planned: Mapping[str, TeamPlace | None] | None = None,
) -> Incident:
    """Return the units that can come to a place in order, their ways, and what is there.

    A unit's time is its turnout, the way to and along the streets at that hour, and the last
    metres on foot. Soonest comes first; a unit of a kind that the incident prefers counts as
    `prefer_s` sooner. The place must be reached within the tier of the kind, not below the least
    tier of its ground, and at a site within the site's own tier if that is less.

    Parameters
    ----------
    town
        From `prepare_incidents`.
    lon, lat
        The place, degrees, EPSG:4326.
    kind
        Kind of `data/profiles/incidents.toml`.
    minute
        Minute of the week (`planner.week`); None = any hour: all units on duty, no traffic.
    states
        Unit to its state, as `planner.duty.duty_states` gives it, with where it stands by now; a
        unit that is not named, and None for all, goes by its duty hours.
    sent
        Units that were sent to an incident already; they are not offered.
    planned
        Where volunteer teams are by the plan of the evening
        (`planner.incident_teams.planned_places`); None = at their bases.

    Raises
    ------
    NotFoundError
        If there is no such kind.
    InputError
        If the place is not on earth.
    """
    rules, about = load("incidents"), kind_rules(kind)
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        msg = f"lon {lon}, lat {lat} is no place: degrees are wanted, lon first"
        raise InputError(msg)
    near, metres = rules["near"], Point(town._to_metres.transform(lon, lat))
    ground = str(grounds_of(town.layers, [[lon, lat]], town.params.grounds)[0])
    tier_min = _tier(town, metres, about, ground)
    units, away = _units(town, (lon, lat), about, tier_min, minute, states or {}, set(sent))
    villages = town.layers["villages"]
    village = int(village_of([lon], [lat], villages)[0])
    return Incident(
        kind,
        float(lon),
        float(lat),
        minute,
        town.params.level,
        ground,
        None if village < 0 else str(villages["code"].iloc[village]),
        tier_min,
        names_at(town.around, metres, near["place_m"]),
        units,
        away,
        cameras_at(town.around, metres, near["camera_m"]),
        checkpoints_at(town.around, metres, near["checkpoint_m"], minute),
        teams_at(town.around, metres, near["team_m"], minute, planned),
        _missing(town),
        town.assumed,
    )


def kind_rules(kind: str) -> Mapping[str, Any]:
    """Return what is laid down about a kind of incident.

    Raises
    ------
    NotFoundError
        If there is no such kind; the message lists those there are.
    """
    kinds: Mapping[str, Mapping[str, Any]] = load("incidents")["kinds"]
    if kind not in kinds:
        msg = f"no kind of incident {kind!r}; there are: {', '.join(kinds)}"
        raise NotFoundError(msg)
    return kinds[kind]


def _from_degrees(crs: CRS) -> Transformer:
    return Transformer.from_crs(WGS84, crs, always_xy=True)


def _missing(town: IncidentTown) -> tuple[Missing, ...]:
    lacking = town.layers.missing("streets", "units")
    missing = [Missing("units", tuple(lacking))] if lacking else []
    if town.around.views is None:
        missing.append(Missing("cameras", ("cameras",)))
    return tuple(missing)


def _tier(town: IncidentTown, metres: Point, about: Mapping[str, Any], ground: str) -> int:
    """Return the minutes within which a unit shall be there."""
    rules = load("incidents")
    tier = max(int(about["tier_min"]), int(rules["least_tier_min"][ground]))
    at = town.around.site_tree.query(metres, predicate="dwithin", distance=rules["near"]["site_m"])
    own = town.tier_min[at]
    own = own[np.isfinite(own)]
    return min(tier, int(own.min())) if len(own) else tier


def _units(
    town: IncidentTown,
    lonlat: tuple[float, float],
    about: Mapping[str, Any],
    tier_min: int,
    minute: int | None,
    states: States,
    sent: Collection[str],
) -> tuple[tuple[ComingUnit, ...], tuple[AwayUnit, ...]]:
    """Return the units that come in order, and those that do not with the reason."""
    units, at_hour = town.layers["units"], town.network_at(minute)
    away = _not_ready(town, minute, states, sent)
    rows = np.array([row for row in range(len(units)) if row not in away], np.int64)
    if at_hour is None or not len(rows):
        return (), _away_units(town, away, states)
    streets, standing = at_hour
    modes = units["mode"].tolist()
    there = Point(town._to_streets.transform(*lonlat))
    moved = _moved(town, streets, states)
    trips = trips_to(streets, town._rides, (*standing, *moved), len(units), there, town.params)
    drive_s, walk_s = trips.drive_s[rows], trips.walk_s[rows]
    away |= dict.fromkeys(rows[np.isinf(drive_s)].tolist(), ("ready", "no way"))
    prefer_s = np.where(units["kind"].isin(about["prefer"]), load("incidents")["prefer_s"], 0)[rows]
    time_s = town.turnout_s[rows] + drive_s + walk_s
    order = np.lexsort((time_s, time_s - prefer_s))
    order = order[np.isfinite(time_s[order])]
    first = order[: load("incidents")["near"]["routes"]]
    ways = trips.legs(rows[first].tolist())
    told = _routes(town, streets, ways)
    codes, names, kinds = (units[name].tolist() for name in ("code", "name", "kind"))
    coming = []
    for place, at in enumerate(order.tolist()):
        row, seconds = int(rows[at]), float(time_s[at])
        state = states.get(codes[row])
        coming.append(
            ComingUnit(
                codes[row],
                _text(names[row]),
                _text(kinds[row]),
                modes[row],
                bool(prefer_s[at]),
                state.place if isinstance(state, UnitState) else None,
                seconds,
                float(town.turnout_s[row]),
                float(drive_s[at]),
                float(walk_s[at]),
                seconds <= tier_min * 60,
                max(0.0, seconds - tier_min * 60),
                **(told[place] if place < len(told) else {}),
            )
        )
    return tuple(coming), _away_units(town, away, states)


def _routes(
    town: IncidentTown, streets: Streets, ways: list[tuple[Leg, ...]]
) -> list[dict[str, Any]]:
    """Return length, geometry and steps of some ways, as `ComingUnit` has them."""
    told = []
    for legs in ways:
        line = line_of(streets, legs)
        x, y = np.array(line.coords).T
        lonlat = np.column_stack(town._to_streets.transform(x, y, direction="INVERSE"))
        steps = steps_of(streets, town.names, legs)
        told.append(
            {
                "length_m": float(line.length),
                "geometry": LineString(lonlat.round(7)),
                "steps": tuple(zip(said(steps, "zh"), said(steps, "en"), strict=True)),
            }
        )
    return told


def _not_ready(
    town: IncidentTown, minute: int | None, states: States, sent: Collection[str]
) -> dict[int, tuple[str, str]]:
    """Return the units that cannot be sent: position to state and reason."""
    codes = town.layers["units"]["code"].tolist()
    hours = units_on(town.layers, town.params.level, minute, town.params.levels)
    away = {}
    for row, code in enumerate(codes):
        state = states.get(code)
        by_hours = isinstance(state, UnitState) and state.source == "hours"
        word = state.state if isinstance(state, UnitState) else state
        word = None if by_hours else word
        if code in sent:
            away[row] = ("sent", "sent already")
        elif not town.counts[row]:
            away[row] = (word or "ready", "does not count at this level of duty")
        elif word is None and not hours[row]:
            away[row] = ("off", "off duty")
        elif word not in (None, "ready"):
            away[row] = (str(word), "busy" if word == "busy" else "off duty")
    return away


def _away_units(
    town: IncidentTown, away: Mapping[int, tuple[str, str]], states: States
) -> tuple[AwayUnit, ...]:
    units = town.layers["units"]
    codes, names, kinds = (units[name].tolist() for name in ("code", "name", "kind"))
    found = []
    for row, (word, reason) in sorted(away.items()):
        state = states.get(codes[row])
        until = state.until if isinstance(state, UnitState) else None
        told = None if until is None else until.isoformat(timespec="seconds")
        found.append(AwayUnit(codes[row], _text(names[row]), _text(kinds[row]), word, reason, told))
    return tuple(found)


def _moved(town: IncidentTown, streets: Streets, states: States) -> tuple[Standing, ...]:
    """Return the units that stand elsewhere than at their posts."""
    full = {code: state for code, state in states.items() if isinstance(state, UnitState)}
    moved = [code for code, state in full.items() if state.lon is not None]
    if not moved:
        return ()
    units = moved_units(town.layers, full)["units"]
    rows = np.flatnonzero(units["code"].isin(moved))
    return standing_of(streets, posts_at(streets, town._rides, units, rows, town.params))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
