"""The town's street network, and its times at an hour of the week."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.layers import Layers
from gis.modes import MODES, emergency_speeds, paces
from gis.profiles import load
from gis.streets import Streets
from gis.time_profiles import factors, period_at
from planner.grounds import grounds_of_edges
from planner.params import ResponseParams
from planner.results import Assumed


def build_network(
    layers: Layers, *, emergency: bool = False, closures: Collection[str] = ()
) -> Streets | None:
    """Return the town's street network, or None where it has no streets.

    Parameters
    ----------
    layers
        The town: streets, barriers, turn restrictions.
    emergency
        Cars drive as the table of emergency driving says; a town has to ask for it.
    closures
        Codes of streets that are closed.

    Raises
    ------
    NotFoundError
        If there is no such street to close.
    """
    if not layers.has("streets"):
        return None
    streets = Streets.build(
        layers["streets"],
        speeds=emergency_speeds() if emergency else None,
        barriers=layers["barriers"],
        restrictions=layers["restrictions"],
        turn_costs=load("turns"),
    )
    return with_closures(streets, layers, closures)


def with_closures(streets: Streets, layers: Layers, closures: Collection[str]) -> Streets:
    """Return the network with some streets closed.

    Parameters
    ----------
    streets
        As `build_network` returns them.
    layers
        The town; of its streets, those without a length are in no network.
    closures
        Codes of streets.

    Raises
    ------
    NotFoundError
        If there is no such street to close.
    """
    undrawn = set(layers["streets"]["code"]).difference(streets.edge_street.tolist())
    shut = set(closures) - undrawn
    return streets.closed(shut) if shut else streets


def drawn(streets: Streets, layers: Layers, *, emergency: bool = False) -> Streets:
    """Return the same network with nothing closed, to tell what street is whose own.

    Parameters
    ----------
    streets
        As `build_network` returns them, at any hour.
    layers
        The town.
    emergency
        The network is one of emergency driving.
    """
    speeds = emergency_speeds() if emergency else None
    m = len(streets.edge_tail)
    open_edges = [np.isfinite(streets.seconds[mode][: 2 * m]).reshape(m, 2) for mode in MODES]
    shut = np.unique(streets.edge_row[~np.any(open_edges, axis=(0, 2))])
    rows = layers["streets"].iloc[shut]
    if not any(np.isfinite(paces(rows, mode, speeds)).any() for mode in MODES):
        return streets
    whole = build_network(layers, emergency=emergency)
    assert whole is not None
    return whole


def at_minute(
    streets: Streets,
    layers: Layers,
    minute: int | None,
    *,
    emergency: bool = False,
    ground: npt.NDArray[np.object_] | None = None,
    grounds: Mapping[str, Any] | None = None,
    traffic: Mapping[str, Any] | None = None,
) -> Streets:
    """Return the same network with the times of an hour of the week.

    Nodes, edges and arcs keep their numbers. The minute tells the period it lies in; two of the
    same period (`gis.time_profiles.period_at`) give equal networks.

    Parameters
    ----------
    streets
        As `build_network` returns them.
    layers
        The town, for the ground that each street lies on.
    minute
        Minute of the week (`planner.week`); None leaves the traffic of the hour out, the ground
        still counts.
    emergency
        The network is one of emergency driving.
    ground
        (m,) ground of each edge, if it is known already (`planner.grounds.grounds_of_edges`).
    grounds, traffic
        The town's own tables of grounds and traffic (`planner.params.ResponseParams`); None takes
        those of the profiles.
    """
    ground = grounds_of_edges(streets, layers, grounds) if ground is None else ground
    return streets.timed(
        {
            mode: factors(streets.edge_kind, ground, mode, minute, traffic, emergency=emergency)
            for mode in MODES
        }
    )


def town_at(
    streets: Streets,
    layers: Layers,
    params: ResponseParams,
    *,
    minute: int | None,
    ground: npt.NDArray[np.object_] | None = None,
) -> Streets:
    """Return the network at an hour of the week by the town's own tables and way of driving.

    Parameters
    ----------
    streets, layers, minute, ground
        As for `at_minute`.
    params
        Numbers of response.
    """
    return at_minute(
        streets,
        layers,
        minute,
        emergency=params.emergency,
        ground=ground,
        grounds=params.grounds,
        traffic=params.traffic,
    )


def network_assumed(
    layers: Layers, minute: int | None, traffic: Mapping[str, Any] | None = None
) -> tuple[Assumed, ...]:
    """Return what a network of some hour takes for granted about the streets.

    Parameters
    ----------
    layers
        The town.
    minute, traffic
        As for `at_minute`.
    """
    rows = len(layers["streets"])
    if minute is None or not rows:
        return ()
    told = f"usual traffic of the hour: {period_at(minute, traffic)}"
    return (Assumed("streets", "speed_kmh", told, rows),)
