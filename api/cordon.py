"""Cordons of one town: prepared for an hour and kept, asked for now or another moment."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from api.duty import closed_codes, duty_now, duty_then
from api.workspace import Workspace
from gis.errors import LayerMissingError
from gis.layers import Layers
from gis.store import Store
from gis.streets import Streets
from planner.answer import Answer
from planner.answers_live import answer_cordon
from planner.cordon_params import CordonParams, preset
from planner.cordon_town import CordonTown, prepare_cordon
from planner.duty import UnitState, moved_units, state_words
from planner.incidents import IncidentTown
from planner.network import at_minute, build_network
from planner.params import Params, ResponseParams
from planner.week import minute_of

DAY_MIN = 24 * 60
# Towns made ready that are kept: hours, as a rule.
KEPT = 3


@dataclass(frozen=True)
class Moment:
    """When a cordon is asked for: minute of the week, and what every unit does then."""

    minute: int
    states: dict[str, UnitState] = field(repr=False)


def moment_of(layers: Layers, store: Store, now: datetime, at: str | None = None) -> Moment:
    """Return the moment that a cordon is asked for.

    Parameters
    ----------
    layers
        The town, with units and modes.
    store
        Its store.
    now
        The time in the town.
    at
        Another moment of the week, such as "Mon 20:00": then the roster and duty hours count;
        what was set by hand and who was sent hold for now only.
    """
    if at is None:
        minute = now.weekday() * DAY_MIN + now.hour * 60 + now.minute
        return Moment(minute, duty_now(layers, store, now))
    minute = minute_of(at)
    start = now.replace(hour=0, minute=0, second=0) - timedelta(days=now.weekday())
    then = start + timedelta(minutes=minute)
    then += timedelta(days=7 if then < now else 0)
    return Moment(minute, duty_then(layers, store, then))


def cordon_base(params: Params) -> CordonParams:
    """Return a town's own numbers of the cordon, with the level of duty of its circles."""
    return replace(params.cordon, level=params.response.level, levels=params.response.levels)


def params_of(
    name: str | None = None,
    *,
    mode: str | None = None,
    head_start_s: float | None = None,
    horizon_s: float | None = None,
    base: CordonParams | None = None,
) -> CordonParams:
    """Return the numbers of a preset, or the usual ones, with what is given in their place.

    Parameters
    ----------
    name
        The preset.
    mode, head_start_s, horizon_s
        What is otherwise than there.
    base
        The town's own numbers, for all the rest; None = those of the profile.

    Raises
    ------
    NotFoundError
        If there is no such preset.
    ParameterError
        If a number is outside its limits, or there is no such mode.
    """
    given = {"mode": mode, "head_start_s": head_start_s, "horizon_s": horizon_s}
    changes: dict[str, Any] = {key: one for key, one in given.items() if one is not None}
    if name is not None:
        return preset(name, base).params(base, **changes)
    return replace(base or CordonParams.default(), **changes)


class CordonKeeper:
    """Towns made ready for the networks that were asked for last; many threads may share it."""

    def __init__(self) -> None:
        self._towns: list[CordonTown] = []
        self._lock = threading.Lock()

    def town(
        self,
        layers: Layers,
        streets: Streets | None,
        moment: Moment,
        base: CordonParams | None = None,
    ) -> CordonTown:
        """Return the town with a network of some hour, its units where they stand by.

        Parameters
        ----------
        layers
            The town, with units and modes.
        streets
            Its network at the hour of the moment; one network is made ready once.
        moment
            When, for where units stand.
        base
            The town's own numbers; None = those of the profile.

        Raises
        ------
        LayerMissingError
            If there is no network.
        """
        if streets is None:
            raise LayerMissingError("cordon", ["streets"])
        tables = (base or CordonParams.default()).tables
        with self._lock:
            alike = (
                town for town in self._towns if town.streets is streets and town.tables == tables
            )
            found = next(alike, None)
            if found is None:
                found = prepare_cordon(layers, streets, tables).warmed()
                self._towns = [*self._towns[-KEPT + 1 :], found]
        return found.with_units(moved_units(layers, moment.states))


def network_now(ready: IncidentTown, minute: int | None) -> Streets | None:
    """Return the network that incidents have at a minute of the week, closures of now included."""
    hour = ready.network_at(minute)
    return None if hour is None else hour[0]


def network_then(
    workspace: Workspace, store: Store, layers: Layers, moment: Moment, now: datetime
) -> Streets | None:
    """Return the town's network with the traffic of a moment and the closures of now."""
    asked = workspace.params().response
    closed = closed_by_now(workspace, store, layers, now)
    return network_at_hour(layers, asked, moment.minute // 60 * 60, closed)


def network_at_hour(
    layers: Layers, asked: ResponseParams, minute: int | None, closed: Collection[str]
) -> Streets | None:
    """Return the town's network with some streets closed, at a minute of the week.

    Parameters
    ----------
    layers
        The town, with units and modes.
    asked
        Its numbers of the circles: blue lights, grounds, traffic.
    minute
        Minute of the week; None leaves traffic out.
    closed
        Codes of streets.
    """
    streets = build_network(layers, emergency=asked.emergency, closures=closed)
    if streets is None:
        return None
    return at_minute(
        streets,
        layers,
        minute,
        emergency=asked.emergency,
        grounds=asked.grounds,
        traffic=asked.traffic,
    )


def closed_by_now(workspace: Workspace, store: Store, layers: Layers, now: datetime) -> list[str]:
    """Return the streets that the town's file and its store close now, ascending."""
    asked = workspace.params().response
    return sorted({*asked.closures, *closed_codes(layers, store, now)})


def ask(
    town: CordonTown,
    layers: Layers,
    params: CordonParams,
    place: tuple[float, float],
    moment: Moment,
) -> Answer:
    """Return the cordon of a place (lon, lat) with its document."""
    return answer_cordon(
        layers,
        params,
        *place,
        town=town,
        states=state_words(moment.states),
        minute=moment.minute,
    )
