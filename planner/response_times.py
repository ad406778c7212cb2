"""How long each unit takes to each place: turnout, the way along the streets, the last metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis import travel
from gis.streets import Streets
from planner.params import ResponseParams
from planner.response_crew import Crew

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Farther than this from any street that a unit can reach, a place counts as off the network.
LAST_LIMIT_M = 200.0


@dataclass(frozen=True, eq=False)
class Alike:
    """Units that move alike and reach the same streets.

    Parameters
    ----------
    mode
        How they move.
    rows
        (k,) positions of the units.
    edges
        (m,) the edges they reach at all.
    """

    mode: str
    rows: Ints
    edges: Bools = field(repr=False)


@dataclass(frozen=True, eq=False)
class Stop:
    """Where units that are alike stop on their way to each place.

    Parameters
    ----------
    units
        The units.
    stands
        (n,) where on a street, in the CRS of the network.
    last_m
        (n,) from there to the place; inf where no street is near enough.
    """

    units: Alike
    stands: gpd.GeoSeries = field(repr=False)
    last_m: Floats = field(repr=False)


def alike_of(streets: Streets, crew: Crew) -> tuple[Alike, ...]:
    """Return the units of a town by what streets they reach, whether they come or not.

    Parameters
    ----------
    streets
        The network.
    crew
        The units.
    """
    found: list[Alike] = []
    for mode in dict.fromkeys(crew.mode.tolist()):
        rows = np.flatnonzero(crew.mode == mode)
        group, edges = _alike(streets, crew.stands(rows), mode)
        found += [Alike(mode, rows[group == at], edges[at]) for at in range(len(edges))]
    return tuple(found)


def stops_of(streets: Streets, alike: Sequence[Alike], places: gpd.GeoSeries) -> tuple[Stop, ...]:
    """Return where units stop on their way to each place: in the nearest street they can reach.

    The street nearest a place may be one that no unit can enter, such as a one-way street whose
    beginning lies outside the map; the unit then stops in the next one and walks. It depends on
    nobody else where a unit stops, so that one more unit makes no other later.

    Parameters
    ----------
    streets
        The network.
    alike
        The units.
    places
        (n,) points, any CRS.
    """
    metres = places.to_crs(streets.crs)
    return tuple(Stop(a, *_nearest_stands(streets, metres, a.edges)) for a in alike)


def unit_times(
    streets: Streets,
    crew: Crew,
    stops: Sequence[Stop],
    n: int,
    params: ResponseParams,
    known: dict[bytes, Floats] | None = None,
) -> Floats:
    """Return seconds from each unit to each place, (units, n), inf where it cannot come.

    Parameters
    ----------
    streets
        The network that the stops were found on, at any hour.
    crew, stops
        The units, and where they stop.
    n
        Number of places.
    params
        Numbers of response.
    known
        Ways found before, by the times of the streets, for an hour when those of a mode are the
        same; those found now are put in.
    """
    known = {} if known is None else known
    time_s = np.full((len(crew.units), n), np.inf)
    for number, stop in enumerate(stops):
        rows, mode = stop.units.rows, stop.units.mode
        key = number.to_bytes(8) + streets.seconds[mode].tobytes()
        if key not in known:
            units = crew.stands(rows)
            known[key] = travel.matrix(streets, units, stop.stands, mode=mode)
        drive_s = known[key]
        walk_s = stop.last_m / params.last_metres_ms
        time_s[rows] = crew.turnout_s[rows, None] + drive_s + walk_s
    return time_s


def reached_edges(streets: Streets, mode: str, node_s: Floats) -> Bools:
    """Return which edges can be entered from nodes that are reached, (m,).

    Parameters
    ----------
    streets
        The network.
    mode
        How one moves.
    node_s
        (nodes,) times; inf = not reached.
    """
    arcs = np.isfinite(streets.seconds[mode]) & np.isfinite(node_s[streets.arc_tail])
    reached = np.zeros(len(streets.edge_tail), bool)
    reached[streets.arc_edge[arcs & (streets.arc_edge >= 0)]] = True
    return reached


def _alike(streets: Streets, units: gpd.GeoSeries, mode: str) -> tuple[Ints, list[Bools]]:
    """Return the group of each unit, (k,), and the edges that each group reaches."""
    edge = streets.snap(units, mode=mode)["edge"].to_numpy(np.int64)
    arcs = 2 * np.maximum(edge, 0)[:, None] + np.array([0, 1])
    permitted = np.isfinite(streets.seconds[mode][arcs]) & (edge >= 0)[:, None]
    group = np.full(len(units), -1, np.int64)
    edges: list[Bools] = []
    for first in range(len(units)):
        if group[first] >= 0:
            continue
        unit = gpd.GeoSeries(units.iloc[[first]])
        out_s = travel.nearest(streets, unit, mode=mode).time_s
        home_s = travel.nearest(streets, unit, mode=mode, reverse=True).time_s
        found = reached_edges(streets, mode, out_s)
        known = [at for at, other in enumerate(edges) if np.array_equal(other, found)]
        group[first] = known[0] if known else len(edges)
        edges += [] if known else [found]
        # Whoever can go to this unit, and no way but where it goes, reaches the same streets.
        ends = streets.arc_head[arcs]
        within = [[_leads_within(streets, mode, end, out_s, found) for end in e] for e in ends]
        both = np.isfinite(home_s)[ends] & np.array(within, bool).reshape(ends.shape)
        same = (both | ~permitted).all(axis=1) & permitted.any(axis=1)
        group[same & (group < 0)] = group[first]
    return group, edges


def _leads_within(streets: Streets, mode: str, node: int, out_s: Floats, found: Bools) -> bool:
    """Return whether one gets from a node nowhere but to nodes and edges that are reached."""
    arcs = streets.adjacency(mode)
    way = slice(arcs.indptr[node], arcs.indptr[node + 1])
    edges = streets.arc_edge[arcs.arc[way]]
    return bool(np.isfinite(out_s[arcs.node[way]]).all() and found[edges[edges >= 0]].all())


def _nearest_stands(
    streets: Streets, metres: gpd.GeoSeries, open_edges: Bools
) -> tuple[gpd.GeoSeries, Floats]:
    """Return the nearest point on some edges to each place, and how far away it is."""
    lines = streets.edge_geometry[open_edges]
    places = metres.to_numpy()
    (place, line), apart_m = shapely.STRtree(lines).query_nearest(
        places, max_distance=LAST_LIMIT_M, return_distance=True, all_matches=False
    )
    stands, last_m = places.copy(), np.full(len(places), np.inf)
    along = shapely.line_locate_point(lines[line], places[place])
    stands[place] = shapely.line_interpolate_point(lines[line], along)
    last_m[place] = apart_m
    return gpd.GeoSeries(stands, metres.index, crs=streets.crs), last_m
