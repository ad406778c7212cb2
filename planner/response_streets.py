"""When each piece of street is reached: exactly along its edge, by the first two units."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis import travel
from gis.streets import Streets
from planner.response_crew import Crew

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Streets are judged in the middle of pieces no longer than this.
PIECE_M = 10.0


@dataclass(frozen=True, eq=False)
class Pieces:
    """Streets cut into short pieces, edge after edge.

    Parameters
    ----------
    edge
        (k,) edge of each piece.
    fraction
        (k,) where its middle is, as a share of the edge from its tail.
    length_m
        (k,) its length.
    xy
        (k, 2) its middle, in the CRS of the network.
    first
        (m + 1,) the pieces of edge e are first[e] to first[e + 1].
    """

    edge: Ints = field(repr=False)
    fraction: Floats = field(repr=False)
    length_m: Floats = field(repr=False)
    xy: Floats = field(repr=False)
    first: Ints = field(repr=False)

    def summary(self) -> str:
        """Return one line: how many pieces, and how long the streets are."""
        return f"{len(self.edge)} pieces of {self.length_m.sum() / 1000:.1f} km of street"


def pieces_of(streets: Streets, longest_m: float = PIECE_M) -> Pieces:
    """Return the streets of a network in pieces no longer than `longest_m`.

    Examples
    --------
    >>> line = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 25 0)"], crs="EPSG:32650")
    >>> network = Streets.build(line.translate(500_000, 3_300_000).to_frame("geometry"))
    >>> pieces_of(network).length_m.round(2).tolist()
    [8.33, 8.33, 8.33]
    """
    count = np.maximum(1, np.ceil(streets.edge_length_m / longest_m)).astype(np.int64)
    edge = np.repeat(np.arange(len(count)), count)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    fraction = (np.arange(len(edge)) - first[edge] + 0.5) / count[edge]
    middles = shapely.line_interpolate_point(streets.edge_geometry[edge], fraction, normalized=True)
    length_m = (streets.edge_length_m / count)[edge]
    return Pieces(edge, fraction, length_m, shapely.get_coordinates(middles), first)


def piece_times(
    streets: Streets,
    pieces: Pieces,
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    mode: str,
    limit_s: float = np.inf,
    reverse: bool = False,
) -> Floats:
    """Return when the middle of each piece is first reached from some points, (k,), inf = never.

    Parameters
    ----------
    streets, pieces
        The network and its pieces.
    points
        (p,) points, any CRS.
    mode
        "foot", "ebike" or "car".
    limit_s
        Largest time to look for.
    reverse
        True for the time from the pieces to the nearest of the points.
    """
    node_s = travel.nearest(streets, points, mode=mode, limit_s=limit_s, reverse=reverse).time_s
    found, time_s = _from_nodes(streets, pieces, mode, node_s, reverse)
    out = np.full(len(pieces.edge), np.inf)
    out[found] = time_s
    snapped = streets.snap(points, mode=mode)
    ends = zip(snapped["edge"].tolist(), snapped["fraction"].tolist(), strict=True)
    for edge, fraction in ends:
        if edge >= 0:
            _reach_own(streets, pieces, mode, edge, fraction, reverse, out)
    return np.where(out <= limit_s, out, np.inf)


def soonest(streets: Streets, pieces: Pieces, crew: Crew, limit_s: float) -> Floats:
    """Return when each piece is first reached by the units that come, turnout included, (k,).

    Parameters
    ----------
    streets, pieces, crew
        The network, its pieces, and the units.
    limit_s
        Largest time to look for; inf stands behind it.
    """
    time_s = np.full(len(pieces.edge), np.inf)
    for mode, turnout_s, alike in crew.groups():
        if turnout_s <= limit_s:
            left_s = limit_s - turnout_s
            found_s = piece_times(streets, pieces, alike, mode=mode, limit_s=left_s)
            time_s = np.minimum(time_s, found_s + turnout_s)
    return time_s


@dataclass(frozen=True, eq=False)
class FirstTwo:
    """The first and second unit at each place.

    Parameters
    ----------
    first_s, second_s
        (k,) when they are there; inf = never.
    owner
        (k,) position of the first unit; -1 where there is none.
    """

    first_s: Floats = field(repr=False)
    second_s: Floats = field(repr=False)
    owner: Ints = field(repr=False)

    @classmethod
    def nobody(cls, k: int) -> FirstTwo:
        """Return k places that nobody has reached so far."""
        return cls(np.full(k, np.inf), np.full(k, np.inf), np.full(k, -1, np.int64))

    def arrive(self, unit: int, at: Ints, time_s: Floats) -> None:
        """Let one unit come to some places; a unit comes once."""
        first_s, second_s = self.first_s[at], self.second_s[at]
        sooner = time_s < first_s
        self.second_s[at] = np.where(sooner, first_s, np.minimum(second_s, time_s))
        self.first_s[at] = np.where(sooner, time_s, first_s)
        self.owner[at] = np.where(sooner, unit, self.owner[at])

    def at(self, places: Ints, later_s: Floats) -> FirstTwo:
        """Return what holds at places that are so much farther than some of these."""
        return FirstTwo(
            self.first_s[places] + later_s, self.second_s[places] + later_s, self.owner[places]
        )

    def merged(self, other: FirstTwo) -> FirstTwo:
        """Return the first two of both; no unit may be in both."""
        mine = self.first_s <= other.first_s
        return FirstTwo(
            np.where(mine, self.first_s, other.first_s),
            np.minimum(
                np.maximum(self.first_s, other.first_s), np.minimum(self.second_s, other.second_s)
            ),
            np.where(mine, self.owner, other.owner),
        )


def first_two(
    streets: Streets, pieces: Pieces, crew: Crew, rows: Ints, mode: str, limit_s: float
) -> FirstTwo:
    """Return the first two of some units at each piece within a time, turnout included.

    Parameters
    ----------
    streets, pieces, crew
        The network, its pieces, and the units.
    rows
        (u,) positions of the units, which all move by `mode`.
    mode
        "foot", "ebike" or "car".
    limit_s
        Largest time.
    """
    two = FirstTwo.nobody(len(pieces.edge))
    units = crew.stands(rows)
    reach = travel.reach(streets, units, mode=mode, limit_s=limit_s)
    snapped = streets.snap(units, mode=mode)
    edges, fractions = snapped["edge"].tolist(), snapped["fraction"].tolist()
    # Room for one unit, which is cleared behind it.
    node_s, own_s = np.full(len(streets.xy), np.inf), np.full(len(pieces.edge), np.inf)
    for k, unit in enumerate(rows.tolist()):
        part = slice(reach.indptr[k], reach.indptr[k + 1])
        node_s[reach.node[part]] = reach.time_s[part]
        at, time_s = _from_nodes(streets, pieces, mode, node_s, False)
        node_s[reach.node[part]] = np.inf
        own_s[at] = time_s
        if edges[k] >= 0:
            _reach_own(streets, pieces, mode, edges[k], fractions[k], False, own_s)
            at = np.union1d(at, np.arange(pieces.first[edges[k]], pieces.first[edges[k] + 1]))
        there_s = own_s[at] + crew.turnout_s[unit]
        near = there_s <= limit_s
        two.arrive(unit, at[near], there_s[near])
        own_s[at] = np.inf
    return two


def _from_nodes(
    streets: Streets, pieces: Pieces, mode: str, node_s: Floats, reverse: bool
) -> tuple[Ints, Floats]:
    """Return the pieces reached through the ends of their edges, and when."""
    m = len(streets.edge_tail)
    ends = streets.arc_head if reverse else streets.arc_tail
    seconds = streets.seconds[mode]
    enter_s = np.where(np.isfinite(seconds[: 2 * m]), node_s[ends[: 2 * m]], np.inf)
    copies = np.flatnonzero(streets.arc_edge[2 * m :] >= 0) + 2 * m
    if len(copies):
        copies = copies[np.isfinite(seconds[copies])]
        arc = 2 * streets.arc_edge[copies] + ~streets.arc_forward[copies]
        np.minimum.at(enter_s, arc, node_s[ends[copies]])
    by_edge = enter_s.reshape(m, 2)
    reached = np.asarray(np.isfinite(by_edge).any(axis=1))
    at = np.flatnonzero(reached[pieces.edge])
    edge, fraction = pieces.edge[at], pieces.fraction[at]
    along_s, against_s = _passing(streets, mode, edge)
    # Backwards, what is left of the edge in the direction of travel is what lies ahead.
    ahead, behind = (1 - fraction, fraction) if reverse else (fraction, 1 - fraction)
    time_s = np.minimum(by_edge[edge, 0] + ahead * along_s, by_edge[edge, 1] + behind * against_s)
    return at, time_s


def _reach_own(
    streets: Streets,
    pieces: Pieces,
    mode: str,
    edge: int,
    fraction: float,
    reverse: bool,
    out: Floats,
) -> None:
    """Lower the times of the pieces of the edge that a point is on."""
    own = slice(pieces.first[edge], pieces.first[edge + 1])
    gone = pieces.fraction[own] - fraction
    along_s, against_s = streets.seconds[mode][[2 * edge, 2 * edge + 1]]
    pace_s = np.where((gone >= 0) != reverse, along_s, against_s)
    may = np.isfinite(pace_s) | (gone == 0)
    direct_s = np.abs(gone) * np.where(np.isfinite(pace_s), pace_s, 0.0)
    out[own] = np.minimum(out[own], np.where(may, direct_s, np.inf))


def _passing(streets: Streets, mode: str, edge: Ints) -> tuple[Floats, Floats]:
    """Return what edges take along and against; 0 where not permitted: they are not entered so."""
    seconds = streets.seconds[mode]
    both = seconds[2 * edge], seconds[2 * edge + 1]
    along_s, against_s = (np.where(np.isfinite(part), part, 0.0) for part in both)
    return along_s, against_s
