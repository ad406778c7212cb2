"""When each unit is at each junction: searched once, kept as long as unit and network stay."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.streets import Streets
from gis.travel_kernels import field as dijkstra
from gis.trip_ends import departures, ends_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Place = tuple[float, float, str]

# Fields reach so far at least, so that the next question need not search again.
LEAST_S = 1200.0
# Most fields that are kept; what was kept first goes first.
KEPT = 500


@dataclass(frozen=True, eq=False)
class Reached:
    """Times from one place to all junctions.

    Parameters
    ----------
    limit_s
        Up to which time the streets were searched.
    time_s
        (n,) seconds, inf behind the limit; whole 1/1024 s, exact up to 16,384 s.
    """

    limit_s: float
    time_s: npt.NDArray[np.float32] = field(repr=False)


def times_to(
    streets: Streets,
    points: gpd.GeoSeries,
    nodes: Ints,
    *,
    mode: str,
    limit_s: float,
    kept: MutableMapping[Place, Reached],
) -> Floats:
    """Return when travellers from some points are at junctions, (points, nodes) s.

    Parameters
    ----------
    streets
        The network.
    points
        Where they start, in any CRS.
    nodes
        (k,) junctions.
    mode
        "foot", "ebike" or "car".
    limit_s
        Later than this counts as never, inf.
    kept
        Fields of this network by place (x, y in the points' CRS) and mode: what is there is used,
        what is not is searched and added.
    """
    places = [(x, y, mode) for x, y in zip(points.x.tolist(), points.y.tolist(), strict=True)]
    wanted = dict(zip(places, range(len(places)), strict=True))
    lacking = [
        at for place, at in wanted.items() if place not in kept or kept[place].limit_s < limit_s
    ]
    found = {place: kept[place] for place in wanted if place in kept}
    if lacking:
        far_s = max(LEAST_S, 2.0 ** np.ceil(np.log2(max(limit_s, 1.0))))
        new = gpd.GeoSeries(points.iloc[lacking], crs=points.crs)
        fields = _search(streets, new, mode, far_s)
        fresh = {
            places[at]: Reached(far_s, times) for at, times in zip(lacking, fields, strict=True)
        }
        found.update(fresh)
        kept.update(fresh)
        for place in list(kept)[: max(0, len(kept) - KEPT)]:
            kept.pop(place, None)
    times = np.array([found[place].time_s[nodes] for place in places], dtype=np.float64)
    times = times.reshape(len(places), len(nodes))
    times[times > limit_s] = np.inf
    return times


def _search(
    streets: Streets, points: gpd.GeoSeries, mode: str, limit_s: float
) -> list[npt.NDArray[np.float32]]:
    """Return the time from each point to every junction, over all nodes that stand for it."""
    seeds = departures(streets, ends_of(streets, points, mode))
    arcs = streets.adjacency(mode)
    order = np.argsort(streets.junction, kind="stable")
    first = np.searchsorted(streets.junction[order], np.arange(int(streets.junction.max()) + 1))
    fields = []
    for at in range(len(points)):
        mine = slice(seeds.indptr[at], seeds.indptr[at + 1])
        time_s = dijkstra(
            arcs.indptr, arcs.node, arcs.seconds, seeds.node[mine], seeds.seconds[mine], limit_s
        )[0]
        fields.append(np.minimum.reduceat(time_s[order], first).astype(np.float32))
    return fields
