"""The cordon (封控圈): which junctions must be held, by whom, before the runner is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import LayerMissingError
from gis.layers import WGS84, Layers
from gis.streets import Streets
from planner.cordon_params import CordonParams
from planner.cordon_problem import CordonProblem, best_plan, pairs_of, problem_at
from planner.cordon_ring import ring_steps
from planner.cordon_town import CordonTown, prepare_cordon
from planner.results import Missing
from planner.results_cordon import EXIT_COLUMNS, HOLDER_COLUMNS, Cordon
from planner.solvers.cut import SealSolution
from planner.solvers.cut_man import man_soonest
from planner.solvers.cut_reach import reached

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def cordon(
    layers: Layers,
    streets: Streets | None,
    lon: float,
    lat: float,
    params: CordonParams,
    *,
    states: Mapping[str, str] | None = None,
    minute: int | None = None,
) -> Cordon:
    """Return which junctions are held by whom before the runner is there, and what stays open.

    A unit can hold a junction if it is there (turnout, then the way), and has set up, no later
    than the runner at its fastest. Staffed road checkpoints hold theirs from the beginning.

    Parameters
    ----------
    layers
        The town: units, road checkpoints, villages (its border), streets and barriers.
    streets
        Its network at the hour asked about.
    lon, lat
        Where it happened, degrees.
    params
        How the runner moves, since when, and how far from now the ring is drawn.
    states
        Unit code to "ready", "busy" or "off": only ready ones are sent. None = by duty hours.
    minute
        Minute of the week, for the hours of duty; None = everybody is on duty.

    Raises
    ------
    LayerMissingError
        If the town has no streets.
    InputError
        If the runner can use no street near the place.
    """
    if streets is None:
        raise LayerMissingError("cordon", ["streets"])
    town = prepare_cordon(layers, streets, params.tables)
    return cordon_at(town, lon, lat, params, states=states, minute=minute)


def cordon_at(
    town: CordonTown,
    lon: float,
    lat: float,
    params: CordonParams,
    *,
    states: Mapping[str, str] | None = None,
    minute: int | None = None,
) -> Cordon:
    """Return the cordon of a place in a town made ready; see `cordon`."""
    problem = problem_at(town, lon, lat, params, states=states, minute=minute)
    return answer(problem, best_plan(problem))


def answer(problem: CordonProblem, plan: SealSolution) -> Cordon:
    """Return a plan in words and places."""
    params, town = problem.params, problem.town
    units = _units(problem, plan)
    holders = _holders(problem, _checkpoints(problem, plan), units)
    still = np.isin(problem.exits.node, problem.nodes[plan.open_exits])
    total = float(problem.exits.weight.sum())
    standing = holders["holds_s"].max() if len(holders) else None
    place = town.sites_near(_place_xy(problem))[0]
    if not place:
        place = "".join(town.junction_names(problem.start.node[:1].tolist()))
    lacking = tuple(Missing("posts to send", (layer,)) for layer in town.layers.missing("units"))
    # Who stands there all the time closes a part even where nobody comes in time.
    partly = plan.status == "impossible" and plan.open_weight < total
    return Cordon(
        lon=problem.lon,
        lat=problem.lat,
        mode=params.mode,
        head_start_s=params.head_start_s,
        horizon_s=params.horizon_s,
        status="partial" if partly else plan.status,
        closes_at_s=None if standing is None else float(standing),
        closable_share=1 - plan.open_weight / total if total else None,
        units_bound=plan.units_bound,
        open_bound=plan.open_bound,
        exact=plan.exact,
        exits_total=len(problem.exits.node),
        holders=holders,
        open_exits=_open_exits(problem, still),
        place=place,
        ring=ring_steps(problem, units.node, units.holds_s),
        missing=lacking,
    )


@dataclass(frozen=True, eq=False)
class _Posts:
    """Who stands where and from when: rows of a layer, junctions, seconds from now."""

    kind: str
    layer: gpd.GeoDataFrame
    row: Ints
    node: Ints
    arrives_s: Floats
    holds_s: Floats


def _units(problem: CordonProblem, plan: SealSolution) -> _Posts:
    """Return the posts of units, given out so that the last one stands as soon as possible."""
    nodes = problem.nodes[plan.assignment[:, 1]]
    units = problem.units
    chosen = man_soonest(pairs_of(problem), units.holds_s, nodes)
    return _Posts(
        "unit",
        problem.town.layers["units"],
        units.unit[chosen],
        units.node[chosen],
        units.arrives_s[chosen],
        units.holds_s[chosen],
    )


def _checkpoints(problem: CordonProblem, plan: SealSolution) -> _Posts:
    """Return the checkpoints that the runner would run into, sooner or later."""
    holds, k = problem.holds, len(problem.nodes)
    held = problem.local(holds.node[np.isin(holds.node, problem.nodes)])
    closed = np.append(held, plan.assignment[:, 1])
    there = reached(problem.tail, problem.head, k + 1, k, closed)
    touched = np.unique(problem.head[there[problem.tail]])
    at = [int(problem.nodes[node]) for node in np.intersect1d(touched, held)]
    rows = {node: holds.by_node[node] for node in at}
    net = problem.seen.net
    first = set(problem.start.arc.tolist())
    full = np.zeros(net.n_nodes, dtype=bool)
    full[problem.nodes] = there[:k]
    for arc, row in holds.by_arc.items():
        tail, head = int(net.tail[arc]), int(net.head[arc])
        stops = (full[tail] or arc in first) and not full[head]
        if stops and row not in rows.values():
            rows[tail] = row
    posts = np.array(list(rows.values()), dtype=np.int64)
    ready = np.array([problem.checkpoints.from_s(row) for row in rows.values()], dtype=np.float64)
    nodes = np.array(list(rows), dtype=np.int64)
    return _Posts(
        "checkpoint", problem.town.road_checkpoints, posts, nodes, np.zeros(len(posts)), ready
    )


def _holders(problem: CordonProblem, *posts: _Posts) -> pd.DataFrame:
    """Return the posts as a table, those that stand first at the top."""
    town = problem.town
    nodes = np.concatenate([some.node for some in posts])
    holds_s = np.concatenate([some.holds_s for some in posts])
    lon, lat = town.lonlat(nodes)
    code, name = (
        np.concatenate([some.layer[column].to_numpy(object)[some.row] for some in posts])
        for column in ("code", "name")
    )
    named = [code[k] if pd.isna(name[k]) or not name[k] else name[k] for k in range(len(code))]
    table = {
        "kind": np.repeat([some.kind for some in posts], [len(some.row) for some in posts]),
        "code": code,
        "name": named,
        "node": nodes,
        "junction": town.junction_names(nodes.tolist()),
        "lon": lon,
        "lat": lat,
        "arrives_s": np.concatenate([some.arrives_s for some in posts]),
        "holds_s": holds_s,
        "runner_s": problem.runner_s[nodes],
        "streets": [" / ".join(names) for names in town.names_at(nodes.tolist())],
    }
    order = np.lexsort((holds_s, table["kind"] == "unit"))
    return pd.DataFrame(table, columns=list(HOLDER_COLUMNS)).iloc[order].reset_index(drop=True)


def _open_exits(problem: CordonProblem, still: Flags) -> pd.DataFrame:
    exits = problem.exits
    node, edge = exits.node[still], exits.edge[still]
    lon, lat = problem.town.lonlat(node)
    streets, names = problem.town.streets, problem.town.names
    codes = streets.edge_street[edge].tolist()
    table = {
        "node": node,
        "kind": np.where(exits.town[still], "town", "horizon"),
        "junction": problem.town.junction_names(node.tolist()),
        "street": [names.get(code, code) for code in codes],
        "lon": lon,
        "lat": lat,
        "runner_s": problem.runner_s[node],
        "weight": exits.weight[still],
    }
    order = np.lexsort((problem.runner_s[node], -exits.weight[still]))
    return pd.DataFrame(table, columns=list(EXIT_COLUMNS)).iloc[order].reset_index(drop=True)


def _place_xy(problem: CordonProblem) -> Floats:
    at = gpd.GeoSeries.from_xy([problem.lon], [problem.lat], crs=WGS84)
    at = at.to_crs(problem.town.streets.crs)
    return np.column_stack([at.x, at.y])
