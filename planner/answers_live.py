"""Answers given on the spot about one place: the cordon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis.errors import LayerMissingError
from gis.layers import Layers
from gis.streets import Streets
from planner.answer import Answer, answered, filled_in
from planner.assume import complete
from planner.cordon import cordon_at
from planner.cordon_params import CordonParams
from planner.cordon_town import CordonTown, prepare_cordon
from planner.network import at_minute, build_network
from planner.week import minute_text


def answer_cordon(
    layers: Layers,
    params: CordonParams,
    lon: float,
    lat: float,
    *,
    town: CordonTown | None = None,
    states: Mapping[str, str] | None = None,
    minute: int | None = None,
) -> Answer:
    """Return which junctions can be held before a runner is there, as an answer.

    Parameters
    ----------
    layers
        The town as it is known.
    params
        How the runner moves, since when, and how far from now the ring is drawn.
    lon, lat
        Where it happened, degrees.
    town
        The town made ready for the hour asked about (`cordon_town`); without it that is done here.
    states
        Unit code to "ready", "busy" or "off"; None = by duty hours.
    minute
        Minute of the week; None = everybody is on duty, and no traffic counts.

    Raises
    ------
    LayerMissingError
        If the town has no streets.
    InputError
        If the runner can use no street near the place.
    """
    whole = complete(layers)
    town = town or cordon_town(layers, minute, tables=params.tables)
    result = cordon_at(town, lon, lat, params, states=states, minute=minute)
    at = None if minute is None else minute_text(minute)
    stated = {"lon": lon, "lat": lat, "at": at, **params.stated()}
    return answered("cordon", whole, result, stated, filled_in(whole, "units"), [])


def cordon_town(
    layers: Layers,
    minute: int | None,
    streets: Streets | None = None,
    tables: Mapping[str, Any] | None = None,
) -> CordonTown:
    """Return the town made ready for cordons at a minute of the week.

    Parameters
    ----------
    layers
        The town as it is known.
    minute
        Minute of the week; None leaves traffic out.
    streets
        Its network as `planner.network.build_network` returns it, if it is built already.
    tables
        `CordonParams.tables` of the town; None = those of the profile.

    Raises
    ------
    LayerMissingError
        If the town has no streets.
    """
    whole = complete(layers).layers
    network = streets or build_network(whole)
    if network is None:
        raise LayerMissingError("cordon", ["streets"])
    return prepare_cordon(whole, at_minute(network, whole, minute), tables)
