"""Which units can be at a place, when, and by which way: as in the circles, for one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely import Point

from gis.snapping import EdgeIndex
from gis.streets import Streets
from gis.ways_to import Leg, ways_to
from planner.params import ResponseParams
from planner.response_beside import Beside, beside, node_times, permitted, times_between
from planner.response_times import LAST_LIMIT_M, POST_LIMIT_M, Posts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ride:
    """What one mode may use: the streets now, and those on the map.

    Parameters
    ----------
    index
        Streets that are open to it.
    drawn
        The network with nothing closed.
    """

    index: EdgeIndex = field(repr=False)
    drawn: Streets = field(repr=False)


@dataclass(frozen=True, eq=False)
class Standing:
    """Units of one mode beside the streets, with when each is where at an hour.

    Parameters
    ----------
    posts
        The units.
    node_s
        (units, nodes) seconds from the post.
    """

    posts: Posts
    node_s: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Way:
    """The streets beside a unit, and where it stops: mode, edge, share of the edge's length."""

    starts: Beside
    stop: tuple[str, int, float]


@dataclass(frozen=True, eq=False)
class Trips:
    """How long each unit takes to a place.

    Parameters
    ----------
    drive_s, walk_s
        (n,) seconds from the post along the streets, and from there to the place; inf where it
        cannot come.
    """

    drive_s: Floats
    walk_s: Floats
    _streets: Streets = field(repr=False)
    _ways: Mapping[int, Way] = field(repr=False)

    def legs(self, rows: Sequence[int]) -> list[tuple[Leg, ...]]:
        """Return the ways of some units along the streets; empty where one cannot come."""
        legs: dict[int, tuple[Leg, ...]] = dict.fromkeys(rows, ())
        going = [row for row in rows if row in self._ways]
        for mode, edge, fraction in dict.fromkeys(self._ways[row].stop for row in going):
            mine = [row for row in going if self._ways[row].stop == (mode, edge, fraction)]
            starts = [self._ways[row].starts for row in mine]
            snapped = pd.concat([one.snapped() for one in starts], ignore_index=True)
            found, first = ways_to(self._streets, snapped, edge, fraction, mode=mode), 0
            for row, one in zip(mine, starts, strict=True):
                time_s = found.time_s[first : first + len(one.edge)] + one.seconds
                legs[row] = found.legs(first + int(np.argmin(time_s)))
                first += len(one.edge)
        return [legs[row] for row in rows]

    def summary(self) -> str:
        """Return one line: how many can come."""
        return f"{int(np.isfinite(self.drive_s).sum())} of {len(self.drive_s)} units can come"


def rides_of(streets: Streets, drawn: Streets, modes: Sequence[str]) -> dict[str, Ride]:
    """Return what each mode may use.

    Parameters
    ----------
    streets, drawn
        The network, and the same with nothing closed.
    modes
        The modes that are asked for.
    """
    return {mode: Ride(permitted(streets, mode), drawn) for mode in sorted(set(modes))}


def posts_at(
    streets: Streets,
    rides: Mapping[str, Ride],
    units: gpd.GeoDataFrame,
    rows: Ints,
    params: ResponseParams,
) -> tuple[Posts, ...]:
    """Return where some units stand beside the streets, by mode.

    Parameters
    ----------
    streets
        The network, at any hour.
    rides
        From `rides_of`.
    units
        (n,) the units, where they stand by now.
    rows
        Positions of those that are asked for.
    params
        Numbers of response.
    """
    modes = units["mode"].to_numpy(object)
    found = []
    for mode in sorted(set(modes[rows].tolist())):
        mine = rows[modes[rows] == mode]
        points = gpd.GeoSeries(units.geometry.iloc[mine])
        starts = _beside(streets, rides[mode], points, mode, params.post_ms(mode), POST_LIMIT_M)
        found.append(Posts(mode, mine, starts))
    return tuple(found)


def standing_of(streets: Streets, posts: Sequence[Posts]) -> tuple[Standing, ...]:
    """Return units with when each is where, on the network of an hour."""
    return tuple(Standing(one, node_times(streets, one.starts, one.mode)) for one in posts)


def trips_to(
    streets: Streets,
    rides: Mapping[str, Ride],
    standing: Sequence[Standing],
    n: int,
    place: Point,
    params: ResponseParams,
) -> Trips:
    """Return how long units take to a place, and how they go.

    Each unit stops in the street from which it is at the place soonest, and goes the rest on foot
    (`planner.response_beside`).

    Parameters
    ----------
    streets
        The network at the hour.
    rides
        From `rides_of`; of any hour.
    standing
        The units; of one that stands twice the last counts.
    n
        Number of all units.
    place
        In the CRS of the network.
    params
        Numbers of response.
    """
    drive_s, walk_s = np.full(n, np.inf), np.full(n, np.inf)
    ways: dict[int, Way] = {}
    at = gpd.GeoSeries([place], crs=streets.crs)
    for mine in standing:
        mode, starts = mine.posts.mode, mine.posts.starts
        stops = _beside(streets, rides[mode], at, mode, params.last_ms(mode), LAST_LIMIT_M)
        drive_s[mine.posts.rows] = np.inf
        if not len(stops.edge):
            continue
        there_s = times_between(streets, starts, mine.node_s, stops, mode)
        best = np.argmin(there_s + stops.seconds, axis=1)
        drive_s[mine.posts.rows] = there_s[np.arange(len(best)), best]
        walk_s[mine.posts.rows] = stops.seconds[best]
        for number, row in enumerate(mine.posts.rows.tolist()):
            if np.isfinite(drive_s[row]):
                own, at_stop = starts.rows(starts.point == number), best[number]
                stop = int(stops.edge[at_stop]), float(stops.fraction[at_stop])
                ways[row] = Way(own, (mode, *stop))
    return Trips(drive_s, walk_s, streets, ways)


def _beside(
    streets: Streets,
    ride: Ride,
    points: gpd.GeoSeries,
    mode: str,
    paces_ms: tuple[float, float],
    limit_m: float,
) -> Beside:
    return beside(streets, ride.drawn, points, mode, paces_ms, limit_m=limit_m, index=ride.index)
