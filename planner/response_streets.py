"""When each piece of street is reached: exactly along its edge, by the first two units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from gis.streets import Streets
from planner.response_beside import Beside, nearest_times, node_times
from planner.response_crew import Crew
from planner.response_times import Posts

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
    >>> import geopandas as gpd
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
    starts: Beside,
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
    starts
        The streets beside the points.
    mode
        "foot", "ebike" or "car".
    limit_s
        Largest time to look for.
    reverse
        True for the time from the pieces to the nearest of the points.
    """
    node_s = nearest_times(streets, starts, mode, limit_s=limit_s, reverse=reverse)
    found, time_s = _from_nodes(streets, pieces, mode, node_s, reverse)
    out = np.full(len(pieces.edge), np.inf)
    out[found] = time_s
    _reach_own(streets, pieces, mode, starts, reverse, out)
    return np.where(out <= limit_s, out, np.inf)


def soonest(
    streets: Streets, pieces: Pieces, crew: Crew, posts: Sequence[Posts], limit_s: float
) -> Floats:
    """Return when each piece is first reached by the units that come, turnout included, (k,).

    Parameters
    ----------
    streets, pieces, crew, posts
        The network, its pieces, the units, and where they stand.
    limit_s
        Largest time to look for; inf stands behind it.
    """
    time_s = np.full(len(pieces.edge), np.inf)
    for mine in posts:
        coming = mine.among(crew)
        starts = coming.starts.later(crew.turnout_s[coming.rows])
        found_s = piece_times(streets, pieces, starts, mode=mine.mode, limit_s=limit_s)
        time_s = np.minimum(time_s, found_s)
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
    streets: Streets, pieces: Pieces, crew: Crew, posts: Posts, limit_s: float
) -> FirstTwo:
    """Return the first two of some units at each piece within a time, turnout included.

    Parameters
    ----------
    streets, pieces, crew
        The network, its pieces, and the units.
    posts
        Where units of one mode stand.
    limit_s
        Largest time.
    """
    two = FirstTwo.nobody(len(pieces.edge))
    mode = posts.mode
    starts = posts.starts.later(crew.turnout_s[posts.rows])
    node_s = node_times(streets, starts, mode, limit_s=limit_s)
    first = np.searchsorted(starts.point, np.arange(starts.n + 1))
    # Room for one unit, which is cleared behind it.
    own_s = np.full(len(pieces.edge), np.inf)
    for k, unit in enumerate(posts.rows.tolist()):
        at, time_s = _from_nodes(streets, pieces, mode, node_s[k], False)
        own_s[at] = time_s
        mine = starts.rows(np.arange(first[k], first[k + 1]))
        at = np.union1d(at, _reach_own(streets, pieces, mode, mine, False, own_s))
        near = own_s[at] <= limit_s
        two.arrive(unit, at[near], own_s[at[near]])
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
    streets: Streets, pieces: Pieces, mode: str, starts: Beside, reverse: bool, out: Floats
) -> Ints:
    """Lower the times of the pieces of the edges that points are beside; return those pieces."""
    begin = pieces.first[starts.edge]
    count = pieces.first[starts.edge + 1] - begin
    row = np.repeat(np.arange(len(count)), count)
    piece = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + begin[row]
    gone = pieces.fraction[piece] - starts.fraction[row]
    along_s, against_s = (streets.seconds[mode][2 * starts.edge[row] + back] for back in (0, 1))
    pace_s = np.where((gone >= 0) != reverse, along_s, against_s)
    may = np.isfinite(pace_s) | (gone == 0)
    direct_s = np.abs(gone) * np.where(np.isfinite(pace_s), pace_s, 0.0) + starts.seconds[row]
    np.minimum.at(out, piece, np.where(may, direct_s, np.inf))
    return np.asarray(piece)


def _passing(streets: Streets, mode: str, edge: Ints) -> tuple[Floats, Floats]:
    """Return what edges take along and against; 0 where not permitted: they are not entered so."""
    seconds = streets.seconds[mode]
    both = seconds[2 * edge], seconds[2 * edge + 1]
    along_s, against_s = (np.where(np.isfinite(part), part, 0.0) for part in both)
    return along_s, against_s
