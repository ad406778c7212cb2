"""Arms of junctions and entrances: the streets that leave them, as far as they must be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis import crs as coordinates
from gis.layers import Layers
from planner.frames import Columns
from planner.looks import Scores
from planner.params import CoverageParams
from planner.streets_seen import along

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

KINDS = ("junction", "entrance")
# A street that passes the place makes two arms; one that ends so near to it makes one.
CUT_M = 1.5
# Streets that pass this much farther off than the nearest one still belong to the place.
BESIDE_M = 1.5
# Shorter pieces are where the circle only touches a street.
SHORTEST_M = 1.0
# Streets are joined where they share a vertex, to this.
SAME_M = 0.1
_QUARTER_STEPS = 16


@dataclass(frozen=True, eq=False)
class Arms:
    """Points along the arms of junctions and entrances.

    Parameters
    ----------
    site
        (a,) position of the site of each arm, ascending.
    arm
        (m,) arm of each point, ascending; each has one at least.
    xy
        (m, 2) points, metres.
    """

    site: Ints = field(repr=False)
    arm: Ints = field(repr=False)
    xy: Floats = field(repr=False)

    @cached_property
    def sites(self) -> Ints:
        """Return the positions of the sites that have arms, (s,)."""
        return np.unique(self.site)

    @cached_property
    def first_arm(self) -> Ints:
        """Return where the arms of each of `sites` begin, (s,)."""
        return np.searchsorted(self.site, self.sites)

    @cached_property
    def first_point(self) -> Ints:
        """Return where the points of each arm begin, (a,)."""
        return np.searchsorted(self.arm, np.arange(len(self.site)))

    def summary(self) -> str:
        """Return one line: places, arms, points."""
        return f"{len(self.sites)} places, {len(self.site)} arms, {len(self.arm)} points"


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Streets cut at the circles about the places: lines, the site of each, and its length."""

    lines: Shapes
    site: Ints
    length_m: Floats

    def only(self, which: Bools) -> _Pieces:
        return _Pieces(self.lines[which], self.site[which], self.length_m[which])


def arms_of(layers: Layers, crs: CRS, params: CoverageParams) -> Arms:
    """Return the arms of the town's junctions and entrances, as points along them.

    The streets that join, within `arm_m`, the one that passes nearest are its arms; one that
    passes by makes two, cut where it is nearest. Streets over or under it, and the short links
    in the middle of a wide junction, are none. A place without a street within `arm_m` has no
    arms.

    Parameters
    ----------
    layers
        The town: sites and streets.
    crs
        Its metric CRS.
    params
        `arm_m` and `arm_sample_m`.
    """
    sites = layers["sites"]
    rows = np.flatnonzero(sites["kind"].isin(KINDS).to_numpy() & sites.geometry.notna().to_numpy())
    streets = layers["streets"]
    if not len(rows) or not len(streets):
        return Arms(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2)))
    shapes = np.asarray(coordinates.to_metres(sites.geometry, crs).array, object)
    points = np.full(len(sites), None, object)
    points[rows] = shapely.point_on_surface(shapes[rows])
    lines = np.asarray(coordinates.to_metres(streets.geometry, crs).array, object)
    pieces = _within(points, rows, shapely.get_parts(lines), params.arm_m)
    pieces = _joined(pieces, points)
    pieces = pieces.only(~_links(pieces, points, params.arm_m))
    return _sampled(pieces, points, params.arm_sample_m)


def arms_seen(arms: Arms, scores: Scores, known: bool = True) -> Columns:
    """Return the share of the arms of each place that is seen.

    An arm is seen when all of it is. A place is covered when all its arms are.

    Parameters
    ----------
    arms
        As `arms_of` returns them.
    scores
        What is seen of each of their points.
    known
        False where the town has no camera layer, so that nobody can tell.

    Returns
    -------
    dict
        Columns, one row for each of `Arms.sites`: site (its position), arms (count), low (share
        seen for certain), value (to be expected, each arm by its worst point), high (at most),
        px_per_m (the best for certain at any point, 0 where none is seen).
    """
    sites, first_arm, first_point = arms.sites, arms.first_arm, arms.first_point
    count = np.diff(first_arm, append=len(arms.site))
    columns: Columns = {"site": sites, "arms": count.astype(np.int64)}
    if not len(sites):
        return columns | dict.fromkeys(("low", "value", "high", "px_per_m"), np.zeros(0))
    for name, part in (("low", scores.low), ("value", scores.value), ("high", scores.high)):
        worst = np.minimum.reduceat(part, first_point)
        share = np.add.reduceat(worst, first_arm) / count
        columns[name] = share if known else np.full(len(sites), np.nan)
    best = np.maximum.reduceat(scores.px_per_m, first_point)
    columns["px_per_m"] = np.maximum.reduceat(best, first_arm)
    return columns


def _within(points: Shapes, rows: Ints, lines: Shapes, arm_m: float) -> _Pieces:
    """Return the pieces of streets within reach of each place, by site."""
    lines = lines[~shapely.is_missing(lines) & ~shapely.is_empty(lines)]
    near, line = shapely.STRtree(lines).query(points[rows], predicate="dwithin", distance=arm_m)
    discs = shapely.buffer(points[rows], arm_m, quad_segs=_QUARTER_STEPS)
    cut = shapely.intersection(lines[line], discs[near])
    parts, owner = shapely.get_parts(cut, return_index=True)
    real = shapely.get_dimensions(parts) == 1
    parts, site = parts[real], rows[near[owner[real]]]
    length_m = shapely.length(parts)
    order = np.argsort(site, kind="stable")
    order = order[length_m[order] >= SHORTEST_M]
    return _Pieces(parts[order], site[order].astype(np.int64), length_m[order])


def _vertices(pieces: _Pieces) -> tuple[Ints, Ints]:
    """Return piece and number of every vertex; those of one place that coincide share it."""
    xy, piece = shapely.get_coordinates(pieces.lines, return_index=True)
    cell = np.round(xy / SAME_M).astype(np.int64)
    keys = np.column_stack([pieces.site[piece], cell])
    _, number = np.unique(keys, axis=0, return_inverse=True)
    return piece.astype(np.int64), number.ravel().astype(np.int64)


def _joined(pieces: _Pieces, points: Shapes) -> _Pieces:
    """Return the pieces that hang together with those passing nearest to their place."""
    n = len(pieces.lines)
    if not n:
        return pieces
    piece, vertex = _vertices(pieces)
    size = n + int(vertex.max()) + 1
    links = coo_array((np.ones(len(piece), bool), (piece, n + vertex)), shape=(size, size))
    group = connected_components(links, directed=False)[1][:n]
    off_m = shapely.distance(pieces.lines, points[pieces.site])
    nearest_m = np.full(len(points), np.inf)
    np.minimum.at(nearest_m, pieces.site, off_m)
    beside = off_m <= nearest_m[pieces.site] + BESIDE_M
    return pieces.only(np.isin(group, group[beside]))


def _links(pieces: _Pieces, points: Shapes, arm_m: float) -> Bools:
    """Return which pieces only link others: both ends join some, neither reaches the circle."""
    n = len(pieces.lines)
    if not n:
        return np.zeros(0, bool)
    piece, vertex = _vertices(pieces)
    sharing = np.zeros(int(vertex.max()) + 1, np.int64)
    met = np.unique(np.column_stack([piece, vertex]), axis=0)
    np.add.at(sharing, met[:, 1], 1)
    inner = np.ones(n, bool)
    for end, at in ((0, np.searchsorted(piece, np.arange(n))), (-1, _last(piece, n))):
        place = shapely.get_point(pieces.lines, end)
        # The circle is drawn with straight steps, which lie a little inside.
        edge = shapely.distance(place, points[pieces.site]) >= 0.99 * arm_m
        inner &= ~edge & (sharing[vertex[at]] > 1)
    # A place all of whose streets are links keeps them.
    outer = np.bincount(pieces.site[~inner], minlength=len(points)) > 0
    return np.asarray(inner & outer[pieces.site], bool)


def _last(piece: Ints, n: int) -> Ints:
    return np.searchsorted(piece, np.arange(n), side="right") - 1


def _sampled(pieces: _Pieces, points: Shapes, every_m: float) -> Arms:
    """Return points along the pieces, those on either side of the nearest place apart."""
    if not len(pieces.lines):
        return Arms(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2)))
    piece, xy, step_m = along(pieces.lines, pieces.length_m, every_m)
    number = np.arange(len(piece)) - np.searchsorted(piece, piece)
    at_m = (number + 0.5) * step_m
    cut_m = shapely.line_locate_point(pieces.lines, points[pieces.site])
    passes = (cut_m > CUT_M) & (cut_m < pieces.length_m - CUT_M)
    beyond = passes[piece] & (at_m > cut_m[piece])
    key = 2 * piece + beyond
    first = np.flatnonzero(np.diff(key, prepend=-1))
    arm = np.cumsum(np.diff(key, prepend=-1) > 0) - 1
    return Arms(pieces.site[piece[first]], arm.astype(np.int64), xy)
