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


@dataclass(frozen=True)
class _Leg:
    """A piece of an edge, from one fraction of it to another."""

    edge: int
    start: float
    end: float


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
    tail = streets.arc_tail[arcs.arc]
    found: list[tuple[float, list[_Leg]]] = []
    for row in range(len(start.edge)):
        mine = slice(leave.indptr[row], leave.indptr[row + 1])
        theirs = slice(arrive.indptr[row], arrive.indptr[row + 1])
        seconds, steps, first, last = route(
            arcs.indptr, arcs.node, arcs.seconds, tail,
            leave.node[mine], leave.seconds[mine], arrive.node[theirs], arrive.seconds[theirs],
        )  # fmt: skip
        edge, here, there = int(start.edge[row]), start.fraction[row], end.fraction[row]
        if np.isfinite(direct[row]) and direct[row] <= seconds:
            found.append((float(direct[row]), [_Leg(edge, here, there)]))
        elif last < 0:
            found.append((np.inf, []))
        else:
            legs = [
                *_first_leg(leave, mine.start + first, edge, here),
                *_legs(arcs.arc[steps], len(streets.edge_tail)),
                *_last_leg(arrive, theirs.start + last, int(end.edge[row]), there),
            ]
            found.append((seconds, legs or [_Leg(edge, here, here)]))
    lines = gpd.GeoSeries([_line(streets, legs) for _, legs in found], crs=streets.crs)
    moved = lines.to_crs(CRS(origins.crs))
    return [
        Path(
            time_s=seconds,
            length_m=float(line.length) if legs else np.inf,
            geometry=cast(LineString, shown),
            streets=tuple(code for code, _ in groupby(streets.edge_street[g.edge] for g in legs)),
        )
        for (seconds, legs), line, shown in zip(found, lines, moved, strict=True)
    ]


def _first_leg(seeds: Seeds, seed: int, edge: int, fraction: float) -> list[_Leg]:
    return [] if seeds.way[seed] == 2 else [_Leg(edge, fraction, 1.0 - seeds.way[seed])]


def _last_leg(seeds: Seeds, seed: int, edge: int, fraction: float) -> list[_Leg]:
    return [] if seeds.way[seed] == 2 else [_Leg(edge, float(seeds.way[seed]), fraction)]


def _legs(arcs: Ints, n_edges: int) -> list[_Leg]:
    """Return whole edges; connectors have no length."""
    return [
        _Leg(arc // 2, float(arc % 2), 1.0 - arc % 2) for arc in arcs.tolist() if arc < 2 * n_edges
    ]


def _line(streets: Streets, legs: list[_Leg]) -> LineString:
    if not legs:
        return LineString()
    pieces = [
        shapely.get_coordinates(
            substring(streets.edge_geometry[leg.edge], leg.start, leg.end, normalized=True)
        )
        for leg in legs
    ]
    coords = np.vstack(pieces)
    keep = np.append(True, (np.diff(coords, axis=0) != 0).any(axis=1))
    kept = coords[keep]
    return LineString(kept if len(kept) > 1 else np.repeat(kept, 2, axis=0))
