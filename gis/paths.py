"""The way itself: geometry, streets and time of single trips."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely import LineString, Point
from shapely.ops import substring

from gis.errors import InputError
from gis.streets import Streets
from gis.travel_kernels import route
from gis.trip_ends import Seeds, arrivals, departures, ends_of, on_one_edge

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Path:
    """One trip.

    Parameters
    ----------
    time_s
        Time; inf without a way.
    length_m
        Length; inf without a way.
    geometry
        The way, from where the origin was snapped to where the destination was; empty without a
        way, two equal vertices where both are one place.
    streets
        Codes of the streets in order.
    """

    time_s: float
    length_m: float
    geometry: LineString
    streets: tuple[str, ...]

    def summary(self) -> str:
        """Return one line: time, length and number of streets."""
        if not np.isfinite(self.time_s):
            return "no way"
        return f"{self.time_s:.0f} s, {self.length_m:.0f} m, {len(self.streets)} streets"


# A piece of an edge, from one fraction of it to another.
Leg = tuple[int, float, float]


def path(
    streets: Streets, origin: Point, destination: Point, *, mode: str, crs: Any = None
) -> Path:
    """Return the fastest way between two points.

    Parameters
    ----------
    streets
        The network.
    origin, destination
        Points, in `crs`.
    mode
        "foot", "ebike" or "car".
    crs
        CRS of the points and of the geometry; by default that of the network.

    Raises
    ------
    InputError
        If one is not a point.
    ParameterError
        If there is no such mode.

    Examples
    --------
    >>> lines = ["LINESTRING (0 0, 90 0)", "LINESTRING (90 0, 90 60)"]
    >>> geometry = gpd.GeoSeries.from_wkt(lines, crs="EPSG:32650").translate(500_000, 3_300_000)
    >>> network = Streets.build(gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=geometry))
    >>> way = path(network, Point(500_010, 3_300_000), Point(500_090, 3_300_040), mode="foot")
    >>> way.time_s, way.length_m, way.streets
    (90.0, 120.0, ('a', 'b'))
    """
    frame = CRS(crs) if crs is not None else streets.crs
    start, end = (gpd.GeoSeries([point], crs=frame) for point in (origin, destination))
    return _paths(streets, start, end, mode)[0]


def paths(
    streets: Streets,
    origins: gpd.GeoSeries | gpd.GeoDataFrame,
    destinations: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    mode: str,
) -> gpd.GeoDataFrame:
    """Return the fastest way from each origin to the destination in the same row.

    Parameters
    ----------
    streets
        The network.
    origins, destinations
        As many points of the one as of the other, in any CRS.
    mode
        "foot", "ebike" or "car".

    Returns
    -------
    GeoDataFrame
        Index and CRS of the origins; time_s, length_m (both inf without a way), geometry.

    Raises
    ------
    CrsError, InputError
        If the points have no CRS, are not points, or not equally many.
    ParameterError
        If there is no such mode.
    """
    found = _paths(streets, origins, destinations, mode)
    geometry = gpd.GeoSeries([way.geometry for way in found], origins.index, crs=origins.crs)
    return gpd.GeoDataFrame(
        {
            "time_s": np.array([way.time_s for way in found], dtype=np.float64),
            "length_m": np.array([way.length_m for way in found], dtype=np.float64),
        },
        geometry=geometry,
        index=origins.index,
    )


def _paths(
    streets: Streets,
    origins: gpd.GeoSeries | gpd.GeoDataFrame,
    destinations: gpd.GeoSeries | gpd.GeoDataFrame,
    mode: str,
) -> list[Path]:
    """Return the ways row by row, geometry in the CRS of the origins."""
    if len(origins) != len(destinations):
        msg = f"{len(origins)} origins do not pair with {len(destinations)} destinations"
        raise InputError(msg)
    start, end = ends_of(streets, origins, mode), ends_of(streets, destinations, mode)
    leave, arrive = departures(streets, start), arrivals(streets, end)
    direct = np.full(len(start.edge), np.inf)
    for row in np.flatnonzero((start.edge == end.edge) & (start.edge >= 0)).tolist():
        one = slice(row, row + 1)
        direct[row] = on_one_edge(start.at(one), end.at(one))[2][0]
    arcs = streets.adjacency(mode)
    found: list[tuple[float, list[Leg]]] = []
    for row in range(len(start.edge)):
        mine = slice(leave.indptr[row], leave.indptr[row + 1])
        theirs = slice(arrive.indptr[row], arrive.indptr[row + 1])
        seconds, steps, first, last = route(
            arcs.indptr, arcs.node, arcs.seconds, arcs.arc, streets.arc_tail,
            leave.node[mine], leave.seconds[mine], arrive.node[theirs], arrive.seconds[theirs],
        )  # fmt: skip
        edge = int(start.edge[row])
        here, there = float(start.fraction[row]), float(end.fraction[row])
        if np.isfinite(direct[row]) and direct[row] <= seconds:
            found.append((float(direct[row]), [(edge, here, there)]))
        elif last < 0:
            found.append((np.inf, []))
        else:
            legs = [
                *_first_leg(leave, mine.start + first, edge, here),
                *_legs(streets, steps),
                *_last_leg(arrive, theirs.start + last, int(end.edge[row]), there),
            ]
            found.append((seconds, legs or [(edge, here, here)]))
    lines = gpd.GeoSeries([_line(streets, legs) for _, legs in found], crs=streets.crs)
    moved = lines.to_crs(cast(CRS, origins.crs))
    return [
        Path(
            time_s=seconds,
            length_m=float(line.length) if legs else np.inf,
            geometry=cast(LineString, shown),
            streets=tuple(
                code
                for code, _ in groupby(streets.edge_street[[edge for edge, *_ in legs]].tolist())
            ),
        )
        for (seconds, legs), line, shown in zip(found, lines, moved, strict=True)
    ]


def _first_leg(seeds: Seeds, seed: int, edge: int, fraction: float) -> list[Leg]:
    return [] if seeds.way[seed] == 2 else [(edge, fraction, 1.0 - float(seeds.way[seed]))]


def _last_leg(seeds: Seeds, seed: int, edge: int, fraction: float) -> list[Leg]:
    return [] if seeds.way[seed] == 2 else [(edge, float(seeds.way[seed]), fraction)]


def _legs(streets: Streets, arcs: Ints) -> list[Leg]:
    """Return whole edges; connectors have no length."""
    whole = arcs[streets.arc_edge[arcs] >= 0]
    start = np.where(streets.arc_forward[whole], 0.0, 1.0)
    return list(
        zip(streets.arc_edge[whole].tolist(), start.tolist(), (1 - start).tolist(), strict=True)
    )


def _line(streets: Streets, legs: list[Leg]) -> LineString:
    if not legs:
        return LineString()
    edge, start, end = map(np.array, zip(*legs, strict=True))
    pieces = streets.edge_geometry[edge]
    for at in np.flatnonzero(np.abs(end - start) < 1).tolist():
        pieces[at] = substring(pieces[at], start[at], end[at], normalized=True)
    coords, piece = shapely.get_coordinates(pieces, return_index=True)
    after = np.cumsum(np.bincount(piece))
    ends = (np.append(0, after[:-1]) + after - 1)[piece]
    vertex = np.arange(len(coords))
    # A whole edge is travelled as drawn or backwards; what was cut has its direction.
    coords = coords[np.where((start - end == 1)[piece], ends - vertex, vertex)]
    keep = np.append(True, (np.diff(coords, axis=0) != 0).any(axis=1))
    kept = coords[keep]
    return LineString(kept if len(kept) > 1 else np.repeat(kept, 2, axis=0))
