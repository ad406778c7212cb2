"""Turn restrictions: from rows that name streets to pairs of arcs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS, Transformer

from gis.modes import MODES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.object_]

# How far the stated place of a turn may be from the junction it means.
VIA_REACH_M = 1.0


@dataclass(frozen=True, eq=False)
class Turns:
    """Forbidden turns, and what became of the rows.

    Parameters
    ----------
    banned
        Mode to forbidden (arriving arc, departing arc) pairs.
    used
        Rows that are obeyed.
    ignored
        Why others are not, with their number.
    """

    banned: dict[str, frozenset[tuple[int, int]]]
    used: int
    ignored: dict[str, int]


def banned_turns(
    restrictions: pd.DataFrame,
    *,
    tail: Ints,
    head: Ints,
    xy: Floats,
    street: Names,
    permitted: dict[str, npt.NDArray[np.bool_]],
    crs: CRS,
) -> Turns:
    """Return the turns that restrictions forbid.

    A row counts where its streets meet at one junction, or where they meet at the place stated.
    Restrictions over further streets (`via_streets`) are not obeyed yet.

    Parameters
    ----------
    restrictions
        Layer restrictions. `modes` lists modes, such as "ebike car"; missing means cars.
        `via_lon`, `via_lat` (degrees, may be absent or NaN) are the place of the junction.
    tail, head, street
        Nodes (m,) and street code (m,) of each edge.
    xy
        Places of the nodes, (n, 2), metres.
    permitted
        Mode to (2 m,): which arcs it may use.
    crs
        CRS of `xy`.
    """
    edges_of: dict[str, list[int]] = defaultdict(list)
    for edge, code in enumerate(street):
        edges_of[code].append(edge)
    arc_head = np.column_stack([head, tail]).ravel()
    banned: dict[str, set[tuple[int, int]]] = defaultdict(set)
    ignored: dict[str, int] = defaultdict(int)
    used = 0
    to_crs = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    for row in restrictions.to_dict("records"):
        if _text(row.get("via_streets")):
            ignored["passes over further streets"] += 1
            continue
        arriving = _arcs(edges_of[str(row["from_street"])])
        leaving = _arcs(edges_of[str(row["to_street"])])
        via = {int(arc_head[a]) for a in arriving} & {int(arc_head[a ^ 1]) for a in leaving}
        via = _at_place(via, xy, row.get("via_lon"), row.get("via_lat"), to_crs)
        if len(via) != 1:
            ignored["streets do not meet" if not via else "streets meet more than once"] += 1
            continue
        node = via.pop()
        everything = [a ^ 1 for a in np.flatnonzero(arc_head == node).tolist()]
        arriving = [a for a in arriving if arc_head[a] == node]
        leaving = [a for a in leaving if arc_head[a ^ 1] == node]
        modes = [m for m in MODES if m in (_text(row.get("modes")) or "car").split()]
        pairs = {}
        for mode in modes:
            come = [a for a in arriving if permitted[mode][a]]
            go = [b for b in leaving if permitted[mode][b]]
            same = row["from_street"] == row["to_street"]
            if come and go and (same or max(len(come), len(go)) <= 1):
                pairs[mode] = _pairs(str(row["kind"]), come, go, everything)
        if not any(pairs.values()):
            ignored["it is not clear which turn is meant, or nobody can take it"] += 1
            continue
        used += 1
        for mode, turns in pairs.items():
            banned[mode] |= turns
    return Turns({mode: frozenset(turns) for mode, turns in banned.items()}, used, dict(ignored))


def _pairs(
    kind: str, arriving: list[int], leaving: list[int], everything: list[int]
) -> set[tuple[int, int]]:
    """Return the forbidden pairs of one row at its junction."""
    same_street = {a ^ 1 for a in arriving} & set(leaving)
    turns = {
        (a, b)
        for a in arriving
        for b in leaving
        if not same_street or (b == a ^ 1) == kind.endswith("u_turn")
    }
    if kind.startswith("no_"):
        return turns
    return {(a, b) for a in arriving for b in everything} - turns


def _arcs(edges: list[int]) -> list[int]:
    return [arc for edge in edges for arc in (2 * edge, 2 * edge + 1)]


def _at_place(via: set[int], xy: Floats, lon: object, lat: object, to_crs: Transformer) -> set[int]:
    if not (isinstance(lon, float) and isinstance(lat, float) and np.isfinite(lon + lat)):
        return via
    x, y = to_crs.transform(lon, lat)
    return {node for node in via if np.hypot(*(xy[node] - (x, y))) <= VIA_REACH_M}


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
