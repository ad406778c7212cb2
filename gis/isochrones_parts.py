"""When each part of an edge is reached, over arrays, compiled.

An edge is entered from its tail, from its head, or begun at a point on it; the time at a fraction
of its length is the least of these. So it is cut at few places into parts that each belong to one
band: the first whose time they are reached within, or behind the last.
"""
# numba ships no types for its decorator.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Times(NamedTuple):
    """When edges are entered, and what it takes to pass them.

    Parameters
    ----------
    enter
        At 2 e when one can set out along edge e, at 2 e + 1 against it, (2 m,); inf = never.
    whole
        What the whole edge takes that way, (2 m,); inf = not permitted.
    own_edge, own_fraction
        Points at which trips begin, by edge, (p,).
    """

    enter: Floats
    whole: Floats
    own_edge: Ints
    own_fraction: Floats


class Trips(NamedTuple):
    """What trips of several groups of points reach.

    Parameters
    ----------
    found_at, node, time_s
        Nodes reached by group i and when are at found_at[i] to found_at[i + 1], (g + 1,), (k,).
    own_at, own_edge, own_fraction
        Points of group i, in order of their edges, are at own_at[i] to own_at[i + 1]: where they
        stand, (g + 1,), (p,).
    indptr, arc
        Arcs by the node they leave, (n + 1,), (a,).
    arc_edge, arc_forward
        Of each arc by its number: the edge, -1 = on none, and whether it leads along it.
    whole
        What whole edges take, along at 2 e and against at 2 e + 1, (2 m,); inf = not permitted.
    """

    found_at: Ints
    node: Ints
    time_s: Floats
    own_at: Ints
    own_edge: Ints
    own_fraction: Floats
    indptr: Ints
    arc: Ints
    arc_edge: Ints
    arc_forward: Flags
    whole: Floats


@njit(cache=True)
def enter_edges(trips: Trips, group: int, enter: Floats, touched: Ints) -> tuple[Ints, Times]:
    """Return the edges that trips of a group enter or begin on, each once, and when.

    Parameters
    ----------
    trips
        What is reached.
    group
        The group.
    enter
        Room, (2 m,), inf everywhere before: the least time at which each way is entered.
    touched
        Room, (m,): the edges.
    """
    count = 0
    for at in range(trips.found_at[group], trips.found_at[group + 1]):
        node, time_s = trips.node[at], trips.time_s[at]
        for arc in trips.arc[trips.indptr[node] : trips.indptr[node + 1]]:
            edge = trips.arc_edge[arc]
            if edge < 0:
                continue
            if min(enter[2 * edge], enter[2 * edge + 1]) == np.inf:
                touched[count] = edge
                count += 1
            way = 2 * edge + (0 if trips.arc_forward[arc] else 1)
            enter[way] = min(enter[way], time_s)
    own = slice(trips.own_at[group], trips.own_at[group + 1])
    before = -1
    for edge in trips.own_edge[own]:
        if edge != before and min(enter[2 * edge], enter[2 * edge + 1]) == np.inf:
            touched[count] = edge
            count += 1
        before = edge
    return touched[:count], Times(enter, trips.whole, trips.own_edge[own], trips.own_fraction[own])


class Parts(NamedTuple):
    """Room for the parts of an edge.

    Parameters
    ----------
    end
        The fractions at which they end, in order.
    band
        The first band within whose time each is reached, or the number of bands.
    cut
        Where the edge may be cut.
    """

    end: Floats
    band: Ints
    cut: Floats


@njit(cache=True)
def room_for(n_bands: int, times: Times) -> Parts:
    """Return room for the parts of any edge."""
    room = 2 * n_bands + (2 * n_bands + 1) * len(times.own_edge) + 1
    return Parts(np.empty(room), np.empty(room, np.int64), np.empty(room))


@njit(cache=True)
def parts_of(edge: int, times: Times, bands: Floats, parts: Parts) -> int:
    """Write the parts of an edge, each of one band, and return their number.

    Parameters
    ----------
    edge, times
        The edge.
    bands
        Times in rising order, (b,).
    parts
        Out.
    """
    low, high = owned(times, edge)
    along, against = 2 * edge, 2 * edge + 1
    band = _band(min(times.enter[along], times.enter[against]), bands)
    latest = min(
        times.enter[along] + times.whole[along], times.enter[against] + times.whole[against]
    )
    if low == high and (band == len(bands) or latest <= bands[band]):
        parts.end[0], parts.band[0] = 1.0, band
        return 1
    n = _cuts(edge, low, high, times, bands, parts.cut)
    done, count = 0.0, 0
    for at in range(n + 1):
        stop = parts.cut[at] if at < n else 1.0
        if stop == done:
            continue
        band = _band(_time_at((done + stop) / 2, edge, low, high, times), bands)
        count += count == 0 or parts.band[count - 1] != band
        parts.end[count - 1], parts.band[count - 1] = stop, band
        done = stop
    return count


@njit(cache=True)
def _band(seconds: float, bands: Floats) -> int:
    """Return the first band a time is within, or their number."""
    band = 0
    while band < len(bands) and seconds > bands[band]:
        band += 1
    return band


@njit(cache=True)
def _cuts(edge: int, low: int, high: int, times: Times, bands: Floats, out: Floats) -> int:
    """Write the fractions at which an edge is cut, in order, and return their number."""
    along, against = times.whole[2 * edge], times.whole[2 * edge + 1]
    n = 0
    for source in range(low - 1, high):
        start = end = 0.0
        ahead, behind = 0.0, 1.0
        if source < low:
            start, end = times.enter[2 * edge], times.enter[2 * edge + 1]
        else:
            ahead = behind = times.own_fraction[source]
            n = _put(ahead, n, out)
        for band in bands:
            if 0 < along < np.inf and start < band:
                n = _put(ahead + (band - start) / along, n, out)
            if 0 < against < np.inf and end < band:
                n = _put(behind - (band - end) / against, n, out)
    return n


@njit(cache=True)
def _put(cut: float, n: int, out: Floats) -> int:
    """Put a fraction in its place among n others and return how many there are."""
    if not 0 < cut < 1:
        return n
    at = n
    while at > 0 and out[at - 1] > cut:
        out[at] = out[at - 1]
        at -= 1
    out[at] = cut
    return n + 1


@njit(cache=True)
def owned(times: Times, edge: int) -> tuple[int, int]:
    """Return where the points on an edge begin and end."""
    low, high = 0, len(times.own_edge)
    while low < high:
        middle = (low + high) // 2
        if times.own_edge[middle] < edge:
            low = middle + 1
        else:
            high = middle
    end = low
    while end < len(times.own_edge) and times.own_edge[end] == edge:
        end += 1
    return low, end


@njit(cache=True)
def _time_at(fraction: float, edge: int, low: int, high: int, times: Times) -> float:
    along, against = times.whole[2 * edge], times.whole[2 * edge + 1]
    best = np.inf
    if along < np.inf:
        best = times.enter[2 * edge] + fraction * along
    if against < np.inf:
        best = min(best, times.enter[2 * edge + 1] + (1 - fraction) * against)
    for own in range(low, high):
        ahead = fraction - times.own_fraction[own]
        if ahead >= 0 and along < np.inf:
            best = min(best, ahead * along)
        if ahead <= 0 and against < np.inf:
            best = min(best, -ahead * against)
    return best


@njit(cache=True)
def reached_parts(edges: Ints, times: Times, limit_s: float) -> tuple[Ints, Floats, Floats]:
    """Return the parts of edges reached within a time: edge, start, end (fractions), (k,) each."""
    room = 3 * len(edges) + 2 * len(times.own_edge)
    edge, start, end = np.empty(room, dtype=np.int64), np.empty(room), np.empty(room)
    bands, parts = np.array([limit_s]), room_for(1, times)
    count = 0
    for e in edges:
        done = 0.0
        for at in range(parts_of(e, times, bands, parts)):
            if parts.band[at] == 0:
                edge[count], start[count], end[count] = e, done, parts.end[at]
                count += 1
            done = parts.end[at]
    return edge[:count], start[:count], end[:count]
