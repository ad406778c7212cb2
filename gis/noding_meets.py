"""Where drawn lines meet without a common vertex: crossings, ends on lines, overlaps.

Everything here works on a drawing as a row of vertices, and gives it more of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely import STRtree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Nearer than this, two places of a drawing are one.
TOUCH_M = 1e-3

CROSSING, END_ON_LINE = "crossing", "end on line"
LOOSE_END, OVERSHOOT, DUPLICATE = "loose end", "overshoot", "drawn twice"


@dataclass(frozen=True, eq=False)
class Drawing:
    """Lines as a row of vertices, part after part.

    Parameters
    ----------
    vertex, part
        Number of the vertex at, and of the part of, each position of the row, (c,).
    xy
        Places of the vertices, (v, 2).
    line, level, own
        Line of each part, its level, and whether what it crosses is joined to it, (parts,).
    """

    vertex: Ints
    part: Ints
    xy: Floats
    line: Ints
    level: Ints
    own: Flags

    @property
    def is_end(self) -> Flags:
        """Which positions begin or end a part, (c,)."""
        end = np.ones(len(self.part), dtype=bool)
        end[1:-1] = (self.part[1:-1] != self.part[:-2]) | (self.part[1:-1] != self.part[2:])
        return end

    def merged(self, same: Ints) -> Drawing:
        """Return the drawing with each vertex replaced, without the repeats that makes."""
        vertex = same[self.vertex]
        keep = np.ones(len(vertex), dtype=bool)
        keep[1:] = (vertex[1:] != vertex[:-1]) | (self.part[1:] != self.part[:-1])
        # A part that shrank to one vertex has no length.
        size = np.bincount(self.part[keep], minlength=len(self.line))
        keep &= size[self.part] > 1
        return replace(self, vertex=vertex[keep], part=self.part[keep])

    def with_vertices(self, after: Ints, share: Floats, vertex: Ints) -> Drawing:
        """Return the drawing with vertices put in behind positions, by their share of the way."""
        position = np.concatenate([np.arange(len(self.vertex)), after])
        order = np.lexsort((np.concatenate([np.zeros(len(self.vertex)), share]), position))
        return replace(
            self,
            vertex=np.concatenate([self.vertex, vertex])[order],
            part=np.concatenate([self.part, self.part[after]])[order],
        )


@dataclass(frozen=True, eq=False)
class Repairs:
    """What was mended: kind, the two lines, how far something moved, and where, (r,) each."""

    kind: npt.NDArray[np.object_]
    line: Ints
    other: Ints
    moved_m: Floats
    xy: Floats

    @classmethod
    def of(
        cls,
        kind: str | npt.NDArray[np.object_],
        line: Ints,
        other: Ints,
        moved_m: Floats,
        xy: Floats,
    ) -> Repairs:
        """Return repairs, all of one kind or each of its own."""
        kinds = np.full(len(line), kind, dtype=object) if isinstance(kind, str) else kind
        return cls(kinds, line, other, moved_m, xy)

    @classmethod
    def all(cls, *some: Repairs) -> Repairs:
        """Return several one after the other, each only once."""
        kind, line, other, moved_m = (
            np.concatenate([getattr(one, name) for one in some])
            for name in ("kind", "line", "other", "moved_m")
        )
        xy = np.concatenate([one.xy for one in some])
        low, high = np.minimum(line, other), np.maximum(line, other)
        steps = np.rint(xy / TOUCH_M)
        # Of the two sides of one meeting the first tells it; what is drawn twice is another matter.
        table = np.column_stack([low, high, steps, kind == DUPLICATE])
        _, first = np.unique(table, axis=0, return_index=True)
        first.sort()
        return cls(kind[first], line[first], other[first], moved_m[first], xy[first])


def crossed(drawing: Drawing, tolerance_m: float) -> tuple[Drawing, Repairs]:
    """Return the drawing with a vertex wherever two lines of one level cross or touch.

    At least one of the two must be the town's own. Overlapping lines get each other's vertices.
    What a line overshoots a crossing by is cut off.

    Parameters
    ----------
    drawing
        The lines.
    tolerance_m
        How long an overshoot may be.
    """
    if not drawing.own.any():
        return drawing, no_repairs()
    first, a, b = _segment_pairs(drawing)
    here, there = first[a], first[b]
    ends = [_touches(drawing, p, q) for p, q in _endpoints(here, there)]
    touching = np.zeros(len(here), dtype=bool)
    for end in ends:
        touching |= end.near
    t, u = _meet(drawing, here, there)
    cross = ~touching & (t > 0) & (t < 1) & (u > 0) & (u < 1)
    new = np.flatnonzero(cross)
    place = drawing.xy[drawing.vertex[here[new]]]
    place = place + t[new, None] * (drawing.xy[drawing.vertex[here[new] + 1]] - place)
    number = len(drawing.xy) + np.arange(len(new))
    after, share, vertex = [here[new], there[new]], [t[new], u[new]], [number, number]
    found = [
        Repairs.of(
            CROSSING, line_at(drawing, here[new]), line_at(drawing, there[new]),
            np.zeros(len(new)), place,
        )
    ]  # fmt: skip
    links = []
    for end in ends:
        inside = end.near & end.inside
        after.append(end.after[inside])
        share.append(end.share[inside])
        vertex.append(drawing.vertex[end.at[inside]])
        links.append(end.link[end.near & ~end.inside])
        found.append(_touch_repairs(drawing, end))
    xy = np.vstack([drawing.xy, place])
    put = np.concatenate(vertex)
    levels = drawing.level[drawing.part[np.concatenate(after)]]
    same = _one_place(xy, put, levels, np.concatenate(links))
    more = replace(drawing, xy=xy).with_vertices(np.concatenate(after), np.concatenate(share), put)
    trimmed, cut = _without_overshoots(more.merged(same), same[put], tolerance_m)
    return trimmed, Repairs.all(*found, cut)


def ends_on_lines(
    drawing: Drawing, lines: npt.NDArray[np.object_], ends: Ints, tolerance_m: float
) -> tuple[Drawing, Repairs]:
    """Return the drawing with ends moved onto the line of their level that they nearly reach.

    Parameters
    ----------
    drawing
        The lines.
    lines
        Its parts as they were drawn, (parts,): where to look.
    ends
        Vertices that end lines and that no other line passes, (e,).
    tolerance_m
        How far an end may be from the line.
    """
    position = np.full(len(drawing.xy), -1, dtype=np.int64)
    position[drawing.vertex[::-1]] = np.arange(len(drawing.vertex))[::-1]
    ends = ends[position[ends] >= 0]
    place = drawing.xy[ends]
    near, part = STRtree(lines).query(
        shapely.points(place), predicate="dwithin", distance=tolerance_m + TOUCH_M
    )
    level = drawing.level[drawing.part[position[ends[near]]]]
    asked = np.zeros(len(drawing.xy), dtype=bool)
    asked[ends] = True
    at = np.flatnonzero(asked[drawing.vertex])
    own = drawing.part[at] * len(drawing.xy) + drawing.vertex[at]
    fit = (level == drawing.level[part]) & ~np.isin(part * len(drawing.xy) + ends[near], own)
    near, part = near[fit], part[fit]
    pair, segment = _segments_of(drawing, part)
    near = near[pair]
    apart, share = _distance(drawing, place[near], segment)
    length = np.hypot(*np.diff(drawing.xy[drawing.vertex[[segment, segment + 1]]], axis=0)[0].T)
    # A vertex that near would have been met already, if it were not on the end's own line.
    inside = (share * length > TOUCH_M) & ((1 - share) * length > TOUCH_M)
    order = np.lexsort((segment, apart, near))
    order = order[(inside & (apart <= tolerance_m))[order]]
    chosen = order[np.unique(near[order], return_index=True)[1]]
    end, segment, share = ends[near[chosen]], segment[chosen], share[chosen]
    start = drawing.xy[drawing.vertex[segment]]
    foot = start + share[:, None] * (drawing.xy[drawing.vertex[segment + 1]] - start)
    xy = drawing.xy.copy()
    xy[end] = foot
    found = Repairs.of(
        END_ON_LINE, line_at(drawing, position[end]), line_at(drawing, segment), apart[chosen], foot
    )
    more = replace(drawing, xy=xy).with_vertices(segment, share, end)
    return more.merged(np.arange(len(xy))), found


@dataclass(frozen=True, eq=False)
class _Touches:
    """For each pair of segments: one end of the one against the other."""

    at: Ints  # position of the end
    after: Ints  # position where the other segment begins
    share: Floats
    near: Flags
    inside: Flags  # apart from the other's ends
    apart: Floats
    link: Ints  # the end's vertex and the nearer one of the other, (k, 2)


def _segment_pairs(drawing: Drawing) -> tuple[Ints, Ints, Ints]:
    """Return where segments begin, and the pairs that may meet, as positions in these."""
    first = np.flatnonzero(drawing.part[:-1] == drawing.part[1:])
    own = np.flatnonzero(drawing.own[drawing.part[first]])
    ends = np.column_stack([drawing.vertex[first], drawing.vertex[first + 1]])
    segments = np.asarray(shapely.linestrings(drawing.xy[ends]), dtype=object)
    a, b = STRtree(segments).query(segments[own])
    a = own[a]
    level = drawing.level[drawing.part[first]]
    mine = drawing.own[drawing.part[first]]
    fit = (level[a] == level[b]) & ((a < b) | ~mine[b])
    return first, a[fit], b[fit]


def _without_overshoots(
    drawing: Drawing, crossings: Ints, tolerance_m: float
) -> tuple[Drawing, Repairs]:
    """Return the drawing without the loose last steps behind crossings, if short."""
    uses = np.bincount(drawing.vertex, minlength=len(drawing.xy))
    loose = drawing.is_end & (uses[drawing.vertex] == 1)
    same = np.arange(len(drawing.xy), dtype=np.int64)
    found = []
    for step in (1, -1):
        end = np.flatnonzero(loose)
        end = end[(end + step >= 0) & (end + step < len(loose))]
        end = end[drawing.part[end] == drawing.part[end + step]]
        here, there = drawing.vertex[end], drawing.vertex[end + step]
        apart = np.hypot(*(drawing.xy[here] - drawing.xy[there]).T)
        cut = np.isin(there, crossings) & (apart <= tolerance_m)
        same[here[cut]] = there[cut]
        line = line_at(drawing, end[cut])
        found.append(Repairs.of(OVERSHOOT, line, line, apart[cut], drawing.xy[there[cut]]))
    return drawing.merged(same), Repairs.all(*found)


def _endpoints(here: Ints, there: Ints) -> list[tuple[Ints, Ints]]:
    return [(here, there), (here + 1, there), (there, here), (there + 1, here)]


def _touches(drawing: Drawing, at: Ints, after: Ints) -> _Touches:
    apart, share = _distance(drawing, drawing.xy[drawing.vertex[at]], after)
    start, stop = drawing.vertex[after], drawing.vertex[after + 1]
    length = np.hypot(*(drawing.xy[stop] - drawing.xy[start]).T)
    inside = (share * length > TOUCH_M) & ((1 - share) * length > TOUCH_M)
    link = np.column_stack([drawing.vertex[at], np.where(share > 0.5, stop, start)])
    return _Touches(at, after, share, apart <= TOUCH_M, inside, apart, link)


def _touch_repairs(drawing: Drawing, end: _Touches) -> Repairs:
    news = end.near & (end.inside | (end.link[:, 0] != end.link[:, 1]))
    at, is_end = end.at[news], drawing.is_end[end.at[news]]
    other_end = np.where(end.inside[news], END_ON_LINE, LOOSE_END)
    kind = np.where(is_end, other_end, CROSSING).astype(object)
    return Repairs.of(
        kind, line_at(drawing, at), line_at(drawing, end.after[news]), end.apart[news],
        drawing.xy[drawing.vertex[at]],
    )  # fmt: skip


def _distance(drawing: Drawing, place: Floats, segment: Ints) -> tuple[Floats, Floats]:
    """Return how far places are from segments, and the share of the way of the nearest place."""
    start = drawing.xy[drawing.vertex[segment]]
    step = drawing.xy[drawing.vertex[segment + 1]] - start
    square = (step**2).sum(axis=1)
    along = ((place - start) * step).sum(axis=1)
    share = np.clip(np.divide(along, square, out=np.zeros_like(along), where=square > 0), 0, 1)
    return np.hypot(*(place - start - share[:, None] * step).T), share


def _meet(drawing: Drawing, here: Ints, there: Ints) -> tuple[Floats, Floats]:
    """Return the shares of two segments at which their straight lines cross, NaN if parallel."""
    p, q = drawing.xy[drawing.vertex[here]], drawing.xy[drawing.vertex[there]]
    r = drawing.xy[drawing.vertex[here + 1]] - p
    s = drawing.xy[drawing.vertex[there + 1]] - q
    w = q - p
    turn = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
    none = np.full(len(turn), np.nan)
    t = np.divide(w[:, 0] * s[:, 1] - w[:, 1] * s[:, 0], turn, out=none.copy(), where=turn != 0)
    u = np.divide(w[:, 0] * r[:, 1] - w[:, 1] * r[:, 0], turn, out=none, where=turn != 0)
    return t, u


def _one_place(xy: Floats, put: Ints, level: Ints, links: Ints) -> Ints:
    """Return for each vertex the one it is, where several lines meet at one place."""
    used, first = np.unique(put, return_index=True)
    # Levels lie a kilometre apart, so that nothing joins across them.
    tree = cKDTree(np.column_stack([xy[used], 1000.0 * level[first]]))
    near = used[tree.query_pairs(TOUCH_M, output_type="ndarray")].reshape(-1, 2)
    pairs = np.vstack([near, links])
    same = np.arange(len(xy), dtype=np.int64)
    if not len(pairs):
        return same
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xy), len(xy)))
    _, group = connected_components(graph, directed=False)
    _, first = np.unique(group, return_index=True)
    return first[group].astype(np.int64)


def _segments_of(drawing: Drawing, part: Ints) -> tuple[Ints, Ints]:
    """Return for parts, which of them and the position where each of their segments begins."""
    size = np.bincount(drawing.part, minlength=len(drawing.line))
    begin = np.cumsum(size) - size
    count = np.maximum(size[part] - 1, 0)
    which = np.repeat(np.arange(len(part)), count)
    offset = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return which, begin[part][which] + offset


def line_at(drawing: Drawing, position: Ints) -> Ints:
    """Return the line at each position, (k,)."""
    return drawing.line[drawing.part[position]]


def no_repairs() -> Repairs:
    """Return nothing mended."""
    none = np.empty(0, dtype=np.int64)
    return Repairs.of(CROSSING, none, none, np.empty(0), np.empty((0, 2)))


def repeats(drawing: Drawing, begin: Ints, last: Ints) -> Repairs:
    """Return the edges that are drawn twice, vertex by vertex; both stay.

    Parameters
    ----------
    drawing
        The lines.
    begin, last
        Positions of the first and last vertex of each edge, (m,).
    """
    low, high = drawing.vertex[begin], drawing.vertex[last]
    key = np.column_stack([np.minimum(low, high), np.maximum(low, high), last - begin])
    order = np.lexsort(key.T)
    same = (np.diff(key[order], axis=0) == 0).all(axis=1)
    alike = np.zeros(len(begin), dtype=bool)
    alike[order[1:][same]] = alike[order[:-1][same]] = True
    first: dict[tuple[int, ...], int] = {}
    rows = []
    for edge in np.flatnonzero(alike).tolist():
        row = tuple(drawing.vertex[begin[edge] : last[edge] + 1].tolist())
        before = first.setdefault(min(row, row[::-1]), edge)
        if before != edge:
            rows.append((begin[edge], begin[before], row[len(row) // 2]))
    one, other, vertex = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    lines = line_at(drawing, one), line_at(drawing, other)
    return Repairs.of(DUPLICATE, *lines, np.zeros(len(one)), drawing.xy[vertex])
