"""The network that patrols choose their ways on: some streets are gone round if that can be.

The times of this network are no real ones. They are longer beside unlit water and at crossings of
main roads without signals, so that a way leads there only where there is no other; what is told
of a way are the times of the town's own network (`planner.patrol_ways`).
"""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.crs import to_metres
from gis.layers import Layers
from gis.streets import Streets
from planner.network import with_closures
from planner.patrol_params import PatrolParams
from planner.results import Assumed

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def walking_network(
    layers: Layers, streets: Streets, params: PatrolParams, closures: Collection[str] = ()
) -> Streets:
    """Return the network by whose times patrols choose their ways.

    Parameters
    ----------
    layers
        The town: streets (lit, highway), areas (water), barriers (signals).
    streets
        Its street network (`planner.network.build_network`).
    params
        Numbers of the patrols; the table `avoid`.
    closures
        Codes of streets that are closed; none where `streets` has them closed already.

    Returns
    -------
    Streets
        Nodes, edges and arcs keep their numbers; cars keep their times.

    Raises
    ------
    NotFoundError
        If there is no such street to close.
    """
    table = params.avoid
    streets = with_closures(streets, layers, closures)
    beside_dark_water = _beside_water(layers, streets, table["water_m"]) & _unlit(
        layers, streets, params
    )
    slower = np.where(beside_dark_water, max(1.0, float(table["unlit_factor"])), 1.0)
    crossings = _bare_crossings(layers, streets, params)
    factors = {}
    for mode in table["modes"]:
        # Who crosses passes two ends of such streets: half of the wait at each.
        ends = crossings[streets.junction[streets.edge_tail]].astype(float)
        ends += crossings[streets.junction[streets.edge_head]]
        ends[streets_of_kinds(streets, table["crossing_kinds"])] = 0.0
        seconds = streets.seconds[mode][: 2 * len(ends)].reshape(-1, 2).min(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            waits = np.where(
                np.isfinite(seconds) & (seconds > 0), ends * table["crossing_s"] / 2 / seconds, 0.0
            )
        factors[mode] = slower + waits
    return streets.timed(factors)


def ways_assumed(layers: Layers, params: PatrolParams) -> tuple[Assumed, ...]:
    """Return what the choice of ways takes for granted about light and signals.

    Parameters
    ----------
    layers
        The town.
    params
        Numbers of the patrols.
    """
    table, streets, found = params.avoid, layers["streets"], []
    unknown = int(streets["lit"].isna().sum())
    if unknown:
        found.append(Assumed("streets", "lit", "lit, but for tracks, paths and footways", unknown))
    crossed = int(streets["highway"].isin(table["crossing_kinds"]).sum())
    if crossed and not layers["barriers"]["kind"].isin(table["signals"]).any():
        found.append(Assumed("barriers", "kind", "no signals at crossings of main roads", crossed))
    return tuple(found)


def streets_of_kinds(streets: Streets, kinds: Collection[str]) -> Bools:
    """Return which edges are of some kinds, (m,)."""
    return np.isin(streets.edge_kind.astype(str), list(kinds))


def _unlit(layers: Layers, streets: Streets, params: PatrolParams) -> Bools:
    """Return which edges have no light; where nobody says, those of some kinds."""
    lit = layers["streets"]["lit"]
    dark = (~lit.fillna(True).astype(bool)).to_numpy()[streets.edge_row]
    unknown = lit.isna().to_numpy()[streets.edge_row]
    return np.asarray(dark | (unknown & streets_of_kinds(streets, params.avoid["unlit_kinds"])))


def _beside_water(layers: Layers, streets: Streets, water_m: float) -> Bools:
    """Return which edges lie beside water for half of their length or more; bridges do not."""
    areas = layers["areas"]
    water = areas[areas["kind"] == "water"]
    beside = np.zeros(len(streets.edge_tail), bool)
    if not len(water):
        return beside
    shapes = to_metres(gpd.GeoSeries(water.geometry), streets.crs).to_numpy()
    banks = shapely.buffer(shapes, water_m)
    edge, bank = shapely.STRtree(banks).query(streets.edge_geometry, predicate="intersects")
    near_m = np.zeros(len(beside))
    np.add.at(
        near_m, edge, shapely.length(shapely.intersection(streets.edge_geometry[edge], banks[bank]))
    )
    bridge = layers["streets"]["bridge"].fillna(False).to_numpy(bool)[streets.edge_row]
    return np.asarray(
        (near_m >= 0.5 * streets.edge_length_m) & ~bridge & (streets.edge_length_m > 0)
    )


def _bare_crossings(layers: Layers, streets: Streets, params: PatrolParams) -> Bools:
    """Return which drawn junctions are on a main road without signals, by junction number."""
    table = params.avoid
    main = streets_of_kinds(streets, table["crossing_kinds"])
    there = np.zeros(int(streets.junction.max(initial=-1)) + 1, bool)
    for ends in (streets.edge_tail, streets.edge_head):
        there[streets.junction[ends[main]]] = True
    barriers = layers["barriers"]
    signals = barriers[barriers["kind"].isin(table["signals"])]
    if there.any() and len(signals):
        posts = to_metres(gpd.GeoSeries(signals.geometry), streets.crs).to_numpy()
        node = np.flatnonzero(there[streets.junction])
        at = shapely.points(streets.xy[node])
        near = shapely.STRtree(posts).query(at, predicate="dwithin", distance=table["signal_m"])[0]
        there[streets.junction[node[near]]] = False
    return there
