"""The town's street network, and its times at an hour of the week."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from gis.layers import Layers
from gis.modes import MODES, emergency_speeds
from gis.profiles import load
from gis.streets import Streets
from gis.time_profiles import factors, period_at
from planner.grounds import grounds_of_edges
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


def at_minute(
    streets: Streets,
    layers: Layers,
    minute: int | None,
    *,
    emergency: bool = False,
    ground: npt.NDArray[np.object_] | None = None,
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
    """
    ground = grounds_of_edges(streets, layers) if ground is None else ground
    return streets.timed(
        {
            mode: factors(streets.edge_kind, ground, mode, minute, emergency=emergency)
            for mode in MODES
        }
    )


def network_assumed(layers: Layers, minute: int | None) -> tuple[Assumed, ...]:
    """Return what a network of some hour takes for granted about the streets.

    Parameters
    ----------
    layers
        The town.
    minute
        As for `at_minute`.
    """
    rows = len(layers["streets"])
    if minute is None or not rows:
        return ()
    told = f"usual traffic of the hour: {period_at(minute)}"
    return (Assumed("streets", "speed_kmh", told, rows),)
