"""What turns cost cars: sorted by angle and by who gives way, from a table of seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import ParameterError
from gis.ticks import whole_ticks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

# Over this length from the junction on, a street says which way it leaves.
AIM_M = 15.0
# A closed one-way line up to this length is a roundabout.
ROUNDABOUT_M = 500.0

SORTS = ("straight", "right", "left", "sharp_right", "sharp_left", "u_turn", "dead_end")


@dataclass(frozen=True, eq=False)
class Prices:
    """What is needed to price the turn from one arc to another.

    Parameters
    ----------
    priced
        Nodes at which turns cost time, (n,).
    arms
        Edges open to cars that end at each node, (n,); one that begins and ends there counts twice.
    head
        Node at the end of each arc, (2 m,).
    leave_deg, arrive_deg
        Direction in which each arc begins and ends, (2 m,), against the clock from east.
    rank, free
        Rank of each edge, and whether turns from and onto it cost nothing, (m,).
    greater
        Rank of the streets that pass each node, (n,): that of the second greatest arm.
    table
        A table like `data/profiles/turns.toml`.
    """

    priced: Flags
    arms: Ints
    head: Ints
    leave_deg: Floats
    arrive_deg: Floats
    rank: Ints
    free: Flags
    greater: Ints
    table: Mapping[str, Any]

    def seconds(self, come: Ints, go: Ints) -> Floats:
        """Return what it costs to go on from arcs to arcs at their node, whole ticks.

        Parameters
        ----------
        come, go
            Arriving and departing arcs, (k,) each.
        """
        cost = self.table["seconds"]
        price = np.array([cost[sort] for sort in SORTS])[self.sorts(come, go)]
        node, turned = self.head[come], go == come ^ 1
        waits = (self.rank[come // 2] < self.greater[node]) & ~turned
        price = price + np.where(waits, cost["give_way"], 0.0)
        free = (self.free[come // 2] | self.free[go // 2] | (self.arms[node] <= 2)) & ~turned
        return whole_ticks(np.where(free, 0.0, price))

    def sorts(self, come: Ints, go: Ints) -> Ints:
        """Return the sort of turns as positions in `SORTS`, (k,)."""
        off = (self.leave_deg[go] - self.arrive_deg[come] + 180) % 360 - 180
        off = -off if self.table["drive_on"] == "left" else off
        angle = self.table["angle_deg"]
        ahead, sharp = np.abs(off) <= angle["straight"], np.abs(off) >= angle["sharp"]
        turned = go == come ^ 1
        alone = self.arms[self.head[come]] == 1
        sorts = [turned & alone, turned, ahead, sharp & (off < 0), sharp, off < 0]
        names = ["dead_end", "u_turn", "straight", "sharp_right", "sharp_left", "right"]
        return np.select(sorts, [SORTS.index(name) for name in names], SORTS.index("left"))


def prices_of(
    table: Mapping[str, Any],
    *,
    tail: Ints,
    head: Ints,
    n_nodes: int,
    geometry: Geometries,
    kind: Geometries,
    roundabout: Flags,
    permitted: Flags,
) -> Prices:
    """Return what turns cost on a network.

    Parameters
    ----------
    table
        A table like `data/profiles/turns.toml`.
    tail, head, geometry, kind, roundabout
        Nodes, line, `highway` of each edge and whether it is part of a roundabout, (m,).
    n_nodes
        Number of nodes.
    permitted
        Arcs that cars may use, (2 m,).

    Raises
    ------
    ParameterError
        If the table lacks something or a cost is no number of seconds.
    """
    check_turn_table(table)
    open_edge = permitted.reshape(-1, 2).any(axis=1)
    rank = np.array([table["rank"].get(name, 0) for name in kind], dtype=np.int64)
    node = np.concatenate([tail[open_edge], head[open_edge]])
    arm_rank = np.tile(rank[open_edge], 2)
    arms = np.bincount(node, minlength=n_nodes)
    order = np.lexsort((-arm_rank, node))
    first = np.cumsum(arms) - arms
    greater = np.zeros(n_nodes, dtype=np.int64)
    many = arms >= 2
    greater[many] = arm_rank[order][first[many] + 1]
    leave, arrive = _directions(geometry)
    return Prices(
        priced=np.asarray(arms > 0),
        arms=arms.astype(np.int64),
        head=np.column_stack([head, tail]).ravel(),
        leave_deg=leave,
        arrive_deg=arrive,
        rank=rank,
        free=roundabout | np.isin(kind.astype(str), table["free"]["kinds"]),
        greater=greater,
        table=table,
    )


def roundabouts(lines: Geometries, oneway: Flags, marked: Flags) -> Flags:
    """Return which lines are roundabouts: marked as such, or short closed one-way lines, (k,)."""
    closed = np.asarray(shapely.is_closed(lines)) & (shapely.length(lines) <= ROUNDABOUT_M)
    return marked | (closed & oneway)


def check_turn_table(table: Mapping[str, Any]) -> None:
    """Raise ParameterError if a table of turn costs is not as it should be; all faults at once."""
    parts = ("angle_deg", "seconds", "rank", "free")
    faults = [f"it lacks [{part}]" for part in parts if not isinstance(table.get(part), Mapping)]
    if table.get("drive_on") not in ("right", "left"):
        faults.append('drive_on is neither "right" nor "left"')
    if not faults:
        costs, angle = table["seconds"], table["angle_deg"]
        faults += [
            f"seconds.{sort} is not a number of 0 or more"
            for sort in (*SORTS, "give_way")
            if not (isinstance(costs.get(sort), int | float) and 0 <= costs[sort] < np.inf)
        ]
        steps = [angle.get("straight"), angle.get("sharp")]
        if not (all(isinstance(s, int | float) for s in steps) and 0 < steps[0] < steps[1] <= 180):
            faults.append("angle_deg must have 0 < straight < sharp <= 180")
        faults += [
            f"rank.{kind} is not a whole number"
            for kind, rank in table["rank"].items()
            if not isinstance(rank, int)
        ]
        if not isinstance(table["free"].get("kinds"), list):
            faults.append("free.kinds is not a list")
    if faults:
        msg = f"the table of turn costs cannot be used: {'; '.join(faults)}"
        raise ParameterError(msg)


def _directions(geometry: Geometries) -> tuple[Floats, Floats]:
    """Return the direction in which each arc begins and ends, (2 m,) degrees."""
    coords, edge = shapely.get_coordinates(geometry, return_index=True)
    first = np.flatnonzero(np.append(True, edge[1:] != edge[:-1])) if len(edge) else edge
    last = np.append(first[1:], len(coords)) - 1 if len(edge) else edge
    from_tail = _points(shapely.line_interpolate_point(geometry, AIM_M)) - coords[first]
    to_head = coords[last] - _points(shapely.line_interpolate_point(geometry, -AIM_M))
    ahead, back = _degrees(from_tail), _degrees(-to_head)
    leave = np.column_stack([ahead, back]).ravel()
    arrive = np.column_stack([_degrees(to_head), _degrees(-from_tail)]).ravel()
    return leave, arrive


def _points(places: Geometries) -> Floats:
    return shapely.get_coordinates(places)


def _degrees(step: Floats) -> Floats:
    return np.asarray(np.degrees(np.arctan2(step[:, 1], step[:, 0])))
