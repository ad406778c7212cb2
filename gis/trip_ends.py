"""Where trips begin and end: points on edges as seeds of a search.

A point counts from where it was snapped to; the way across to the street is not in any time.
The part of an edge up to the point is rounded to 1/1024 s, the rest is what remains. A point
within a millimetre of a junction stands on the junction, free to leave by any street.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError
from gis.streets import Streets
from gis.ticks import whole_ticks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ends:
    """Points as places on edges.

    Parameters
    ----------
    edge, fraction
        Edge (-1 = refused) and share of its length from its tail, (p,).
    along_s
        Time along the edge from its tail to the point, (p,); inf = not permitted.
    against_s
        Time against the edge from its head to the point, (p,).
    past_along_s, past_against_s
        Time from the point onward to the head, and onward to the tail, (p,).
    mode
        Who travels.
    """

    edge: Ints
    fraction: Floats
    along_s: Floats
    against_s: Floats
    past_along_s: Floats
    past_against_s: Floats
    mode: str

    def at(self, rows: slice) -> Ends:
        """Return some of the points."""
        arrays = [part.name for part in fields(self) if part.name != "mode"]
        return replace(self, **{name: getattr(self, name)[rows] for name in arrays})


@dataclass(frozen=True, eq=False)
class Seeds:
    """Nodes with times, point by point.

    Parameters
    ----------
    indptr
        Seeds of point i are at indptr[i] to indptr[i + 1], (p + 1,).
    node, seconds, point
        Node, time and point of each seed, (k,).
    way
        0 = along the point's edge, 1 = against it, 2 = the point stands on the node, (k,).
    """

    indptr: Ints
    node: Ints
    seconds: Floats
    point: Ints
    way: Ints


def ends_of(streets: Streets, points: gpd.GeoSeries | gpd.GeoDataFrame, mode: str) -> Ends:
    """Return points as places on the edges a mode can use."""
    places = streets.places(points, mode=mode)
    return _ends(streets, places.edge, places.fraction, mode)


def ends_at(streets: Streets, snapped: pd.DataFrame, mode: str) -> Ends:
    """Return snapped points, as `Streets.snap` gives them, with their times on the edge."""
    edge = snapped["edge"].to_numpy(dtype=np.int64)
    fraction = snapped["fraction"].to_numpy(dtype=np.float64)
    there = edge >= 0
    if not (np.isfinite(fraction[there]).all() and (edge < len(streets.edge_tail)).all()):
        msg = "snapped points must have an edge of this network and a fraction"
        raise InputError(msg)
    return _ends(streets, edge, fraction, mode)


def _ends(streets: Streets, edge: Ints, fraction: Floats, mode: str) -> Ends:
    there = edge >= 0
    along = np.where(there, streets.seconds[mode][2 * edge], np.inf)
    against = np.where(there, streets.seconds[mode][2 * edge + 1], np.inf)
    along_s = _share(along, fraction)
    against_s = _share(against, 1 - fraction)
    return Ends(
        edge=edge,
        fraction=fraction,
        along_s=along_s,
        against_s=against_s,
        past_along_s=_rest(along, along_s),
        past_against_s=_rest(against, against_s),
        mode=mode,
    )


def departures(streets: Streets, ends: Ends) -> Seeds:
    """Return where travellers who start at the points are first, and when."""
    edge = ends.edge
    ahead, back = streets.arc_head[2 * edge], streets.arc_head[2 * edge + 1]
    # Who stands on a junction may leave by any street, or turn round at a gate.
    here, there = streets.source[streets.edge_head[edge]], streets.source[streets.edge_tail[edge]]
    return _seeds(
        ends,
        (ahead, ends.past_along_s),
        (back, ends.past_against_s),
        (ahead, _zero_where(ends.fraction == 1)),
        (back, _zero_where(ends.fraction == 0)),
        (here, _zero_where((ends.fraction == 1) & (here != ahead))),
        (there, _zero_where((ends.fraction == 0) & (there != back))),
    )


def arrivals(streets: Streets, ends: Ends) -> Seeds:
    """Return the last nodes of travellers to the points, and how far before the end."""
    first, arcs = streets.arcs_of_edges()
    there = ends.edge >= 0
    size = np.where(there, first[ends.edge + 1] - first[ends.edge], 0)
    point = np.repeat(np.arange(len(size)), size)
    offset = np.arange(len(point)) - np.repeat(np.cumsum(size) - size, size)
    arc = arcs[first[ends.edge[point]] + offset]
    seconds = np.where(streets.arc_forward[arc], ends.along_s[point], ends.against_s[point])
    by_arc = np.isfinite(seconds) & np.isfinite(streets.seconds[ends.mode][arc])
    point, arc, seconds = point[by_arc], arc[by_arc], seconds[by_arc]
    on_head, on_tail = (np.flatnonzero(there & (ends.fraction == end)) for end in (1, 0))
    points = np.concatenate([point, on_head, on_tail])
    nodes = (
        streets.arc_tail[arc],
        streets.edge_head[ends.edge[on_head]],
        streets.edge_tail[ends.edge[on_tail]],
    )
    standing = np.full(len(on_head) + len(on_tail), 2)
    way = np.concatenate([np.where(streets.arc_forward[arc], 0, 1), standing])
    order = np.argsort(points, kind="stable")
    count = np.bincount(points, minlength=len(size))
    return Seeds(
        indptr=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        node=np.concatenate(nodes)[order],
        seconds=np.concatenate([seconds, np.zeros(len(standing))])[order],
        point=points[order],
        way=way[order].astype(np.int64),
    )


def on_one_edge(start: Ends, end: Ends) -> tuple[Ints, Ints, Floats]:
    """Return the trips that can stay on one edge: start, end, seconds, (k,) each."""
    left = pd.DataFrame({"edge": start.edge, "start": np.arange(len(start.edge))})
    right = pd.DataFrame({"edge": end.edge, "end": np.arange(len(end.edge))})
    both = left[left["edge"] >= 0].merge(right, on="edge")
    a, b = both["start"].to_numpy(dtype=np.int64), both["end"].to_numpy(dtype=np.int64)
    ahead = end.fraction[b] - start.fraction[a]
    with np.errstate(invalid="ignore"):  # inf - inf where the mode may not go that way
        seconds = np.where(
            ahead >= 0, end.along_s[b] - start.along_s[a], end.against_s[b] - start.against_s[a]
        )
    seconds = np.where(ahead == 0, 0.0, seconds)
    return a, b, np.where(np.isnan(seconds), np.inf, seconds)


def _seeds(ends: Ends, *ways: tuple[Ints, Floats]) -> Seeds:
    node = np.column_stack([node for node, _ in ways])
    seconds = np.column_stack([time for _, time in ways])
    good = np.isfinite(seconds) & (ends.edge >= 0)[:, None]
    count = good.sum(axis=1)
    return Seeds(
        indptr=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        node=node[good].astype(np.int64),
        seconds=seconds[good],
        point=np.repeat(np.arange(len(count)), count),
        way=np.minimum(np.nonzero(good)[1], 2),
    )


def _share(seconds: Floats, fraction: Floats) -> Floats:
    """Return a share of the time, also inf where the share is 0 of a way not permitted."""
    known = np.isfinite(seconds) & np.isfinite(fraction)
    return np.where(known, whole_ticks(np.where(known, seconds, 0.0) * fraction), np.inf)


def _rest(whole: Floats, part: Floats) -> Floats:
    known = np.isfinite(part)
    return np.where(known, np.where(known, whole, 0.0) - np.where(known, part, 0.0), np.inf)


def _zero_where(flag: npt.NDArray[np.bool_]) -> Floats:
    return np.where(flag, 0.0, np.inf)
