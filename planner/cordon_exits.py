"""Where a runner would get out: over the horizon, or over the border of the town."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.layers import WGS84, Layers
from gis.profiles import load
from gis.streets import Streets
from gis.travel_kernels import field as dijkstra
from planner.cordon_runner import RunnerNet

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# A street that ends so near to the border leads out of the town.
BORDER_M = 20.0


@dataclass(frozen=True, eq=False)
class Exits:
    """The ways out, each once.

    Parameters
    ----------
    node
        (e,) junctions that must not be reached, ascending.
    weight
        (e,) of the largest street that leads there.
    town
        (e,) True if it lies over the border of the town, False if over the horizon.
    edge
        (e,) a street that leads there, the largest.
    pocket
        (n,) junctions over the horizon that lead nowhere: whoever runs in is still in the ring.
    """

    node: Ints
    weight: Floats
    town: Flags
    edge: Ints = field(repr=False)
    pocket: Flags = field(repr=False)


def outline_of(layers: Layers, streets: Streets) -> shapely.Geometry | None:
    """Return the area of the town in the network's CRS: its villages, else its extent."""
    if layers.has("villages"):
        shapes = layers["villages"].geometry.to_crs(streets.crs).to_numpy()
        area = shapely.union_all(shapely.buffer(shapes, 0.5))
    elif layers.extent is not None:
        area = gpd.GeoSeries([layers.extent], crs=WGS84).to_crs(streets.crs).iloc[0]
    else:
        return None
    return shapely.Polygon() if area.is_empty else area


def border_nodes(net: RunnerNet, outline: shapely.Geometry | None) -> Flags:
    """Return the junctions over the border of the town, (n,).

    Those are the first ones outside on every street that leaves, and ends of streets within
    20 m of the border.
    """
    out = np.zeros(net.n_nodes, dtype=bool)
    if outline is None or not net.n_nodes:
        return out
    shapely.prepare(outline)
    inside = shapely.contains_xy(outline, net.xy[:, 0], net.xy[:, 1])
    out[net.head[inside[net.tail] & ~inside[net.head]]] = True
    streets_at = np.bincount(net.head, minlength=net.n_nodes)
    ends = np.flatnonzero(inside & (streets_at == 1))
    near = shapely.dwithin(shapely.points(net.xy[ends]), shapely.boundary(outline), BORDER_M)
    out[ends[near]] = True
    return out


def outward(net: RunnerNet, border: Flags) -> Floats:
    """Return the seconds from each junction to the nearest way out of the town, (n,)."""
    order = np.argsort(net.head, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(net.head, minlength=net.n_nodes))])
    doors = np.flatnonzero(border)
    time_s = dijkstra(
        indptr, net.tail[order], net.seconds[order], doors, np.zeros(len(doors)), np.inf
    )[0]
    return np.asarray(time_s)


def exits_of(
    net: RunnerNet,
    weight: Floats,
    time_s: Floats,
    border: Flags,
    *,
    horizon_s: float,
    kinds: str,
) -> Exits:
    """Return where the runner gets out.

    Parameters
    ----------
    net
        The network as the runner sees it.
    weight
        (m,) what an exit by each street weighs (`street_weights`).
    time_s
        (n,) the runner's earliest arrivals, up to somewhat more than the horizon, else inf: what
        lies over the horizon and leads nowhere by then is no exit.
    border
        (n,) junctions over the border of the town.
    horizon_s
        How long the runner moves.
    kinds
        "horizon", "town" or "both".
    """
    inside = time_s <= horizon_s
    town = np.flatnonzero(border & inside) if kinds != "horizon" else np.empty(0, dtype=np.int64)
    ends = np.zeros(net.n_nodes, dtype=bool)
    ends[town] = True
    over = inside[net.tail] & ~ends[net.tail] & ~inside[net.head]
    far = np.unique(net.head[over])
    leads_on = _leads_on(net, time_s, border, inside)
    far = far[leads_on[far]]
    node = np.unique(np.concatenate([town, far]))
    pocket = ~inside & np.isfinite(time_s) & ~leads_on
    edge = _main_edge(net, weight, node, inside)
    return Exits(node, weight[edge], border[node], edge, pocket)


def _main_edge(net: RunnerNet, weight: Floats, node: Ints, inside: Flags) -> Ints:
    """Return the largest street that leads to each node, from within the horizon if one does."""
    ends = np.concatenate([net.head, net.tail])
    wanted = np.zeros(net.n_nodes, dtype=bool)
    wanted[node] = True
    mine = np.flatnonzero(wanted[ends])
    arc = mine % len(net.head)
    from_within = (mine < len(net.head)) & inside[net.tail[arc]]
    order = np.lexsort((-weight[net.edge[arc]], ~from_within, ends[mine]))
    arc, end = arc[order], ends[mine][order]
    _, first = np.unique(end, return_index=True)
    return net.edge[arc[first]]


def _leads_on(net: RunnerNet, time_s: Floats, border: Flags, inside: Flags) -> Flags:
    """Return which junctions over the horizon lead farther than was looked, or over the border."""
    near = ~inside & np.isfinite(time_s)
    beyond = ~inside & ~near
    leaves = near[net.tail]
    far = beyond[net.head] & leaves
    both = leaves & near[net.head]
    links = csr_array(
        (np.ones(int(both.sum()), dtype=np.int8), (net.tail[both], net.head[both])),
        shape=(net.n_nodes, net.n_nodes),
    )
    _, piece = connected_components(links, directed=False)
    good = np.zeros(net.n_nodes, dtype=bool)
    good[piece[net.tail[far]]] = True
    good[piece[border & near]] = True
    return np.asarray((near & good[piece]) | beyond)


def street_weights(streets: Streets, table: Mapping[str, float] | None = None) -> Floats:
    """Return what an exit by each street weighs, (m,), by kind; None = as the profile says."""
    table = load("cordon")["exit_weight"] if table is None else table
    other = float(table["other"])
    kinds, kind = np.unique(streets.edge_kind.astype(str), return_inverse=True)
    return np.array([float(table.get(name, other)) for name in kinds])[kind]
