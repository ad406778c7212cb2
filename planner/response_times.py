"""How long each unit takes to each place: turnout, way to the street, streets, last metres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.streets import Streets
from planner.params import ResponseParams
from planner.response_beside import Beside, beside, node_times, soonest_of, times_between
from planner.response_crew import Crew

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Farther than this from any street, a unit has no way, and a place counts as off the network.
POST_LIMIT_M = 150.0
LAST_LIMIT_M = 200.0


@dataclass(frozen=True, eq=False)
class Posts:
    """Where the units of one mode stand beside the streets.

    Parameters
    ----------
    mode
        How they move.
    rows
        (u,) positions of the units.
    starts
        The streets beside them.
    """

    mode: str
    rows: Ints
    starts: Beside = field(repr=False)

    def among(self, crew: Crew) -> Posts:
        """Return the same with those alone that come."""
        comes = crew.comes[self.rows]
        number = np.cumsum(comes) - 1
        kept = self.starts.rows(comes[self.starts.point])
        starts = Beside(
            int(comes.sum()), number[kept.point], kept.edge, kept.fraction, kept.seconds
        )
        return Posts(self.mode, self.rows[comes], starts)


def posts_of(
    streets: Streets, drawn: Streets, crew: Crew, params: ResponseParams
) -> tuple[Posts, ...]:
    """Return the units of a town beside the streets, by mode, whether they come or not.

    Parameters
    ----------
    streets, drawn
        The network, and the same with nothing closed.
    crew
        The units.
    params
        Numbers of response.
    """
    found = []
    for mode in sorted(set(crew.mode.tolist())):
        rows = np.flatnonzero(crew.mode == mode)
        starts = beside(
            streets, drawn, crew.stands(rows), mode, params.post_ms(mode), limit_m=POST_LIMIT_M
        )
        found.append(Posts(mode, rows, starts))
    return tuple(found)


def stops_of(
    streets: Streets,
    drawn: Streets,
    posts: tuple[Posts, ...],
    places: gpd.GeoSeries,
    params: ResponseParams,
) -> dict[str, Beside]:
    """Return where units of each mode may stop on their way to each place.

    Parameters
    ----------
    streets, drawn
        The network, and the same with nothing closed.
    posts
        The units.
    places
        (n,) points, any CRS.
    params
        Numbers of response.
    """
    return {
        mode: beside(streets, drawn, places, mode, params.last_ms(mode), limit_m=LAST_LIMIT_M)
        for mode in (mine.mode for mine in posts)
    }


def unit_times(
    streets: Streets,
    crew: Crew,
    posts: tuple[Posts, ...],
    stops: Mapping[str, Beside],
    known: dict[bytes, Floats] | None = None,
) -> Floats:
    """Return seconds from each unit to each place, (units, n), inf where it cannot come.

    Parameters
    ----------
    streets
        The network that the stops were found on, at any hour.
    crew, posts, stops
        The units, where they stand, and where they may stop.
    known
        Ways found before, by the times of the streets, for an hour when those of a mode are the
        same; those found now are put in.
    """
    known = {} if known is None else known
    n = next((stop.n for stop in stops.values()), 0)
    time_s = np.full((len(crew.units), n), np.inf)
    for mine in posts:
        key = mine.mode.encode() + streets.seconds[mine.mode].tobytes()
        if key not in known:
            node_s = node_times(streets, mine.starts, mine.mode)
            stop = stops[mine.mode]
            there_s = times_between(streets, mine.starts, node_s, stop, mine.mode)
            known[key] = soonest_of(stop, there_s)
        time_s[mine.rows] = crew.turnout_s[mine.rows, None] + known[key]
    return time_s
