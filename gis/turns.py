"""Turn restrictions: from rows that name streets to rows of arcs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS, Transformer

from gis.modes import MODES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]
Chain = tuple[int, ...]

# How far the stated place of a turn may be from the junction it means.
VIA_REACH_M = 1.0
# More arcs between two streets than any real rule has: what is longer is a mistake.
LONGEST_VIA = 50
MOST_STEPS = 10_000

APART = "streets do not meet"
OFTEN = "streets meet more than once"
UNCLEAR = "it is not clear which turn is meant, or nobody can take it"


@dataclass(frozen=True, eq=False)
class Turns:
    """Forbidden turns, and what became of the rows.

    Parameters
    ----------
    banned
        Mode to forbidden rows of arcs: (arriving, departing), or with arcs between.
    used
        Rows that are obeyed.
    ignored
        Why others are not, with their number.
    """

    banned: dict[str, frozenset[Chain]]
    used: int
    ignored: dict[str, int]


def banned_turns(
    restrictions: pd.DataFrame,
    *,
    tail: Ints,
    head: Ints,
    xy: Floats,
    street: Names,
    permitted: Mapping[str, Flags],
    crs: CRS,
) -> Turns:
    """Return the turns that restrictions forbid.

    A row counts where its streets meet at one junction, or where they meet at the place stated.
    A row over further streets (`via_streets`, in the order of driving) counts where these lead
    from one to the other in one way; it binds those who came by the first street and drove all
    of the way between.

    Parameters
    ----------
    restrictions
        Layer restrictions. `modes` lists modes, such as "ebike car"; missing means cars.
        `via_streets` lists codes with ";" or "," between. `via_lon`, `via_lat` (degrees, may be
        absent or NaN) are the place of the junction.
    tail, head, street
        Nodes (m,) and street code (m,) of each edge.
    xy
        Places of the nodes, (n, 2), metres.
    permitted
        Mode to (2 m,): which arcs it may use.
    crs
        CRS of `xy`.
    """
    town = _Town.of(tail, head, xy, street, permitted, crs)
    banned: dict[str, set[Chain]] = defaultdict(set)
    ignored: dict[str, int] = defaultdict(int)
    used = 0
    for row in restrictions.to_dict("records"):
        found = _one(town, {str(name): value for name, value in row.items()})
        if isinstance(found, str):
            ignored[found] += 1
            continue
        used += 1
        for mode, chains in found.items():
            banned[mode] |= chains
    return Turns({mode: frozenset(turns) for mode, turns in banned.items()}, used, dict(ignored))


@dataclass(frozen=True, eq=False)
class _Town:
    """Arcs by street and by node."""

    tail: Ints  # (2 m,)
    head: Ints
    xy: Floats
    arcs: Mapping[str, list[int]]
    by_tail: tuple[Ints, Ints]
    permitted: Mapping[str, Flags]
    to_crs: Transformer

    @classmethod
    def of(
        cls,
        tail: Ints,
        head: Ints,
        xy: Floats,
        street: Names,
        permitted: Mapping[str, Flags],
        crs: CRS,
    ) -> _Town:
        arcs: dict[str, list[int]] = defaultdict(list)
        for edge, code in enumerate(street):
            arcs[code] += [2 * edge, 2 * edge + 1]
        arc_tail = np.column_stack([tail, head]).ravel()
        arc_head = np.column_stack([head, tail]).ravel()
        order = np.argsort(arc_tail, kind="stable")
        count = np.bincount(arc_tail, minlength=len(xy))
        by_tail = np.concatenate([[0], np.cumsum(count)]), order
        to_crs = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        return cls(arc_tail, arc_head, xy, arcs, by_tail, permitted, to_crs)

    def arcs_of(self, street: object) -> list[int]:
        """Return both arcs of each edge of a street."""
        return self.arcs.get(str(street), [])

    def leaving(self, node: int) -> list[int]:
        """Return the arcs that leave a node."""
        first, order = self.by_tail
        leaving: list[int] = order[first[node] : first[node + 1]].tolist()
        return leaving


def _one(town: _Town, row: Mapping[str, object]) -> dict[str, set[Chain]] | str:
    """Return the rows of arcs that one restriction forbids each mode, or why it is ignored."""
    modes = [mode for mode in MODES if mode in (_text(row.get("modes")) or "car").split()]
    named = (_text(row.get("via_streets")) or "").replace(",", ";").split(";")
    via = [code.strip() for code in named if code.strip()]
    if via:
        middles = {mode: _between(town, row, via, town.permitted[mode]) for mode in modes}
        if not any(middles.values()):
            return APART
        if max(len(found) for found in middles.values()) > 1:
            return OFTEN
    else:
        met = _meeting(town, row)
        if len(met) != 1:
            return OFTEN if met else APART
        middles = {mode: {(): met} for mode in modes}
    chains = {}
    for mode, found in middles.items():
        for middle, (start, *rest) in found.items():
            chains[mode] = _chains(town, row, mode, middle, start, rest[-1] if rest else start)
    return {mode: own for mode, own in chains.items() if own} or UNCLEAR


def _meeting(town: _Town, row: Mapping[str, object]) -> list[int]:
    """Return the nodes at which the two streets of a row meet, at its place if it has one."""
    from_, to = town.arcs_of(row["from_street"]), town.arcs_of(row["to_street"])
    nodes = {int(town.head[arc]) for arc in from_} & {int(town.tail[arc]) for arc in to}
    lon, lat = row.get("via_lon"), row.get("via_lat")
    if not (isinstance(lon, float) and isinstance(lat, float) and np.isfinite(lon + lat)):
        return sorted(nodes)
    place = np.array(town.to_crs.transform(lon, lat))
    return [node for node in sorted(nodes) if np.hypot(*(town.xy[node] - place)) <= VIA_REACH_M]


def _between(
    town: _Town, row: Mapping[str, object], via: list[str], permitted: Flags
) -> dict[Chain, list[int]]:
    """Return the ways over all the via streets, with the nodes where they begin and end.

    A way drives each street in turn, and no node twice.
    """
    from_, to = town.arcs_of(row["from_street"]), town.arcs_of(row["to_street"])
    starts = {int(town.head[arc]) for arc in from_ if permitted[arc]}
    ends = {int(town.tail[arc]) for arc in to if permitted[arc]}
    streets = [{arc for arc in town.arcs_of(code) if permitted[arc]} for code in via]
    found: dict[Chain, list[int]] = {}
    todo: list[tuple[Chain, int, int, frozenset[int]]] = [
        ((), node, 0, frozenset([node])) for node in sorted(starts)
    ]
    for _ in range(MOST_STEPS):
        if not todo:
            break
        way, node, at, seen = todo.pop()
        if at == len(via) - 1 and way and way[-1] in streets[at] and node in ends:
            # Where the way meets the last street it is over; beyond, it would be another rule.
            found[way] = [int(town.tail[way[0]]), node]
            continue
        if len(way) == LONGEST_VIA:
            continue
        todo += [
            ((*way, arc), there, step, seen | {there})
            for arc in town.leaving(node)
            for there in [int(town.head[arc])]
            for step in ((at, at + 1) if way else (0,))
            if step < len(via) and arc in streets[step] and there not in seen
        ]
    shortest = min((len(way) for way in found), default=0)
    return {way: ends for way, ends in found.items() if len(way) == shortest}


def _chains(
    town: _Town, row: Mapping[str, object], mode: str, middle: Chain, start: int, end: int
) -> set[Chain]:
    """Return the rows of arcs that a restriction with these arcs between forbids a mode."""
    may = town.permitted[mode]
    come = [a for a in town.arcs_of(row["from_street"]) if town.head[a] == start and may[a]]
    go = [b for b in town.arcs_of(row["to_street"]) if town.tail[b] == end and may[b]]
    if middle:
        come = [a for a in come if a ^ 1 not in middle and a not in middle]
        go = [b for b in go if b ^ 1 not in middle and b not in middle]
    same = row["from_street"] == row["to_street"] and not middle
    if not come or not go or not (same or max(len(come), len(go)) <= 1):
        return set()
    kind = str(row["kind"])
    both_ways = same and bool({a ^ 1 for a in come} & set(go))
    turns = {
        (a, *middle, b)
        for a in come
        for b in go
        if not both_ways or (b == a ^ 1) == kind.endswith("u_turn")
    }
    if kind.startswith("no_"):
        return turns
    return {(a, *middle, b) for a in come for b in town.leaving(end)} - turns


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
