"""Which units can be at a place, when, and by which way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely import Point

from gis.snapping import JUNCTION_M
from gis.streets import Streets
from gis.ways_to import Leg, WaysTo, ways_to

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Farther than this from any street, a place counts as off the network (as in the circles).
LAST_LIMIT_M = 200.0


@dataclass(frozen=True, eq=False)
class Ride:
    """The streets one mode may use, ready to find those near a place: edges (k,), their lines."""

    edge: Ints = field(repr=False)
    tree: shapely.STRtree = field(repr=False)


@dataclass(frozen=True, eq=False)
class Trips:
    """How long each of some units takes to a place.

    Parameters
    ----------
    drive_s, walk_s
        (n,) seconds along the streets, and from there to the place; inf where it cannot come.
    """

    drive_s: Floats
    walk_s: Floats
    _ways: Sequence[tuple[WaysTo, int] | None] = field(repr=False)

    def legs(self, row: int) -> tuple[Leg, ...]:
        """Return the way of one unit; empty where it cannot come."""
        way = self._ways[row]
        return () if way is None else way[0].legs(way[1])

    def summary(self) -> str:
        """Return one line: how many can come."""
        return f"{int(np.isfinite(self.drive_s).sum())} of {len(self.drive_s)} units can come"


def rides_of(streets: Streets, modes: Sequence[str]) -> dict[str, Ride]:
    """Return the streets that each mode may use."""
    m = len(streets.edge_tail)
    rides = {}
    for mode in sorted(set(modes)):
        open_edges = np.isfinite(streets.seconds[mode][: 2 * m]).reshape(m, 2).any(axis=1)
        edge = np.flatnonzero(open_edges)
        rides[mode] = Ride(edge, shapely.STRtree(streets.edge_geometry[edge]))
    return rides


def snap_units(streets: Streets, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return where units stand on the streets of their own modes, as `Streets.snap` has it."""
    parts = [
        streets.snap(units[units["mode"] == mode], mode=mode)
        for mode in sorted(units["mode"].unique().tolist())
    ]
    if not parts:
        return pd.DataFrame({"edge": np.empty(0, np.int64), "fraction": np.empty(0)})
    return pd.concat(parts).reindex(units.index)


def trips_to(
    streets: Streets,
    rides: Mapping[str, Ride],
    modes: Sequence[str],
    snapped: pd.DataFrame,
    place: Point,
    *,
    last_metres_ms: float,
    stops: int,
) -> Trips:
    """Return how long units take to a place, and how they go.

    Each unit stops in the street nearest the place that it can reach, and goes the rest on foot.

    Parameters
    ----------
    streets
        The network at the hour.
    rides
        From `rides_of`; of any hour.
    modes
        (n,) modes of the units.
    snapped
        (n,) where they stand, from `snap_units`.
    place
        In the CRS of the network.
    last_metres_ms
        Speed on foot from the street to the place, m/s.
    stops
        At most so many streets are tried.
    """
    count = len(modes)
    drive_s, walk_s = np.full(count, np.inf), np.full(count, np.inf)
    ways: list[tuple[WaysTo, int] | None] = [None] * count
    of_mode = np.asarray(modes, dtype=object)
    standing = snapped["edge"].to_numpy(np.int64) >= 0
    for mode in sorted(set(modes)):
        left = np.flatnonzero((of_mode == mode) & standing)
        for edge, fraction, apart_m in _stops(streets, rides[mode], place, stops):
            if not len(left):
                break
            found = ways_to(streets, snapped.iloc[left], edge, fraction, mode=mode)
            there = np.isfinite(found.time_s)
            drive_s[left[there]] = found.time_s[there]
            walk_s[left[there]] = apart_m / last_metres_ms
            for position in np.flatnonzero(there).tolist():
                ways[left[position]] = (found, position)
            left = left[~there]
    return Trips(drive_s, walk_s, ways)


def _stops(streets: Streets, ride: Ride, place: Point, most: int) -> list[tuple[int, float, float]]:
    """Return edges near a place, nearest first: edge, fraction, metres from there."""
    near = ride.edge[ride.tree.query(place, predicate="dwithin", distance=LAST_LIMIT_M)]
    lines = streets.edge_geometry[near]
    apart_m = shapely.distance(lines, place)
    order = np.lexsort((near, apart_m))[:most]
    along = shapely.line_locate_point(lines[order], place)
    length_m = streets.edge_length_m[near[order]]
    along = np.where(along <= JUNCTION_M, 0.0, along)
    whole = (along > 0) & (along >= length_m - JUNCTION_M)
    fraction = np.where(whole, 1.0, np.minimum(along / length_m, 1.0))
    return list(zip(near[order].tolist(), fraction.tolist(), apart_m[order].tolist(), strict=True))
