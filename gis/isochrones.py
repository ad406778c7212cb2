"""How far one gets in a time: exactly, as parts of streets, and as areas on a map.

The exact answer is `reachable`: times run evenly along each edge. The areas of `isochrones` are
contours of a raster of 10 m. The time at a raster point is the least of the streets within 17 m,
so the four raster points around any place on a street know its time and the area of a band holds
every street part of that band. Up to 30 m from a street the way there on foot is added. Bands
nest because they are contours of one surface.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import contourpy
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely import MultiPolygon, Polygon
from shapely.ops import substring

from gis.errors import ParameterError
from gis.streets import Streets
from gis.travel_kernels import field, least_around
from gis.trip_ends import Ends, departures, ends_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CELL_M = 10.0
SAMPLE_M = 5.0
# The diagonal of a cell and half the way between two samples.
NEAR_M = CELL_M * 2**0.5 + SAMPLE_M / 2
FAR_M = 30.0
WALK_M_PER_S = 4.8 / 3.6
# The surface goes on this far behind the last band, so that its contour is between two times.
BEYOND_S = 40.0


def isochrones(
    streets: Streets,
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    mode: str,
    bands_s: Sequence[float] = (60, 180, 300),
    merge: bool = False,
) -> gpd.GeoDataFrame:
    """Return the areas reached from points within each of some times.

    Parameters
    ----------
    streets
        The network.
    points
        Points in any CRS.
    mode
        "foot", "ebike" or "car".
    bands_s
        Times. The area of a band holds those of the shorter ones.
    merge
        True for the areas reached from any of the points.

    Returns
    -------
    GeoDataFrame
        In the CRS of the points: point (position in the points; -1 if merged), band_s, geometry
        (polygons with their holes, empty for a point that no street takes), bands in rising order.

    Raises
    ------
    CrsError, InputError
        If the points have no CRS, or are not points.
    ParameterError
        If there is no such mode, or a band is not a time above 0.
    """
    bands = sorted({float(band) for band in bands_s})
    if not bands or not all(0 < band < np.inf for band in bands):
        msg = f"bands_s is {tuple(bands_s)}; it must be times above 0 s"
        raise ParameterError(msg)
    ends = ends_of(streets, points, mode)
    groups = [(-1, slice(None))] if merge else [(i, slice(i, i + 1)) for i in range(len(ends.edge))]
    areas = [_areas(streets, ends.at(part), mode, bands) for _, part in groups]
    frame = gpd.GeoDataFrame(
        {
            "point": np.repeat([point for point, _ in groups], len(bands)).astype(np.int64),
            "band_s": np.tile(np.array(bands), len(groups)),
        },
        geometry=gpd.GeoSeries([area for each in areas for area in each], crs=streets.crs),
    )
    return frame.to_crs(CRS(points.crs))


def reachable(
    streets: Streets,
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    mode: str,
    limit_s: float,
) -> gpd.GeoDataFrame:
    """Return the parts of streets reached from any of the points within a time.

    Parameters
    ----------
    streets
        The network.
    points
        Points in any CRS.
    mode
        "foot", "ebike" or "car".
    limit_s
        The time.

    Returns
    -------
    GeoDataFrame
        In the CRS of the points: edge, street (code), geometry; an edge reached from both ends
        but not in its middle has two rows.

    Raises
    ------
    CrsError, InputError
        If the points have no CRS, or are not points.
    ParameterError
        If there is no such mode, or the limit is not a time.

    Examples
    --------
    >>> line = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 800 0)"], crs="EPSG:32650")
    >>> line = line.translate(500_000, 3_300_000)
    >>> network = Streets.build(line.to_frame("geometry"))
    >>> post = gpd.GeoSeries.from_xy([500_200], [3_300_010], crs="EPSG:32650")
    >>> reachable(network, post, mode="foot", limit_s=60).length.round().tolist()
    [160.0]
    """
    if not 0 <= limit_s < np.inf:
        msg = f"limit_s is {limit_s}; it must be 0 or more seconds"
        raise ParameterError(msg)
    ends = ends_of(streets, points, mode)
    times = _EdgeTimes.of(streets, ends, mode, limit_s)
    from_tail = times.share_along(limit_s - times.tail_s)
    from_head = times.share_against(limit_s - times.head_s)
    whole = from_tail + from_head >= 1
    parts: dict[int, list[tuple[float, float]]] = {
        int(edge): [(0.0, float(a)), (1 - float(b), 1.0)]
        for edge, a, b in zip(times.edge[~whole], from_tail[~whole], from_head[~whole], strict=True)
    }
    position = {int(edge): at for at, edge in enumerate(times.edge)}
    for edge, fraction in zip(ends.edge.tolist(), ends.fraction.tolist(), strict=True):
        if edge in parts:
            at = np.array([position[edge]])
            ahead = times.share_along(np.array([limit_s]), at)[0]
            back = times.share_against(np.array([limit_s]), at)[0]
            parts[edge].append((max(0.0, fraction - back), min(1.0, fraction + ahead)))
    rows = [(int(edge), 0.0, 1.0) for edge in times.edge[whole]]
    rows += [(edge, *piece) for edge, pieces in parts.items() for piece in _merged(pieces)]
    rows.sort()
    lines = [
        streets.edge_geometry[edge]
        if (start, end) == (0.0, 1.0)
        else substring(streets.edge_geometry[edge], start, end, normalized=True)
        for edge, start, end in rows
    ]
    edges = np.array([edge for edge, _, _ in rows], dtype=np.int64)
    frame = gpd.GeoDataFrame(
        {"edge": edges, "street": streets.edge_street[edges]},
        geometry=gpd.GeoSeries(lines, crs=streets.crs),
    )
    return frame.to_crs(CRS(points.crs))


@dataclass(frozen=True, eq=False)
class _EdgeTimes:
    """When the edges that are reached at all are entered, and what it takes to pass them.

    Parameters
    ----------
    edge
        Edges, (k,).
    tail_s, head_s
        When one can set out along it from its tail, against it from its head; inf = never.
    along_s, against_s
        What the whole edge takes; 0 where it may not be passed (the other time is inf then).
    """

    edge: Ints
    tail_s: Floats
    head_s: Floats
    along_s: Floats
    against_s: Floats

    @classmethod
    def of(cls, streets: Streets, ends: Ends, mode: str, limit_s: float) -> _EdgeTimes:
        """Return the times of the edges reached from any of the ends within a limit."""
        seeds = departures(streets, ends)
        arcs = streets.adjacency(mode)
        node_s, _, _ = field(
            arcs.indptr, arcs.node, arcs.seconds, seeds.node, seeds.seconds, limit_s
        )
        n_edges = len(streets.edge_tail)
        enter_s = node_s[streets.arc_tail[: 2 * n_edges]]
        pass_s = streets.seconds[mode][: 2 * n_edges]
        enter_s = np.where(np.isfinite(pass_s), enter_s, np.inf).reshape(-1, 2)
        pass_s = np.where(np.isfinite(pass_s), pass_s, 0.0).reshape(-1, 2)
        reached = np.asarray(np.isfinite(enter_s).any(axis=1))
        reached[ends.edge[ends.edge >= 0]] = True
        edge = np.flatnonzero(reached)
        return cls(edge, *enter_s[edge].T, *pass_s[edge].T)

    def share_along(self, left_s: Floats, at: Ints | slice = slice(None)) -> Floats:
        """Return the share of edges one gets along in the time left."""
        return _share(left_s, self.along_s[at])

    def share_against(self, left_s: Floats, at: Ints | slice = slice(None)) -> Floats:
        """Return the share of edges one gets against their direction in the time left."""
        return _share(left_s, self.against_s[at])


def _share(left_s: Floats, whole_s: Floats) -> Floats:
    share = np.divide(left_s, whole_s, out=np.zeros_like(whole_s), where=whole_s > 0)
    return np.clip(share, 0.0, 1.0)


def _merged(pieces: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return pieces with some length, joined where they overlap or touch."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(piece for piece in pieces if piece[1] > piece[0]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _areas(
    streets: Streets, ends: Ends, mode: str, bands: list[float]
) -> list[Polygon | MultiPolygon]:
    limit_s = bands[-1] + BEYOND_S
    times = _EdgeTimes.of(streets, ends, mode, limit_s)
    xy, seconds = _samples(streets, ends, times)
    near = seconds <= limit_s
    xy, seconds = xy[near], seconds[near]
    if not len(xy):
        return [Polygon()] * len(bands)
    # The raster's points are whole multiples of the cell, and its border is out of reach.
    first = np.floor((xy.min(axis=0) - FAR_M) / CELL_M) - 1
    columns, rows = (np.ceil((xy.max(axis=0) + FAR_M) / CELL_M) + 2 - first).astype(int)
    step_x, step_y = (xy / CELL_M - first).T
    surface = least_around(
        step_x, step_y, seconds,
        NEAR_M / CELL_M, FAR_M / CELL_M, CELL_M / WALK_M_PER_S,
        rows, columns, bands[-1] + 2 * BEYOND_S,
    )  # fmt: skip
    contours = contourpy.contour_generator(
        (first[0] + np.arange(columns)) * CELL_M,
        (first[1] + np.arange(rows)) * CELL_M,
        surface,
        fill_type=contourpy.FillType.OuterOffset,
    )
    return [_area(*contours.filled(-1.0, band)) for band in bands]


def _samples(streets: Streets, ends: Ends, times: _EdgeTimes) -> tuple[Floats, Floats]:
    """Return places on the edges, (k, 2), and when they are reached, (k,)."""
    length_m = streets.edge_length_m[times.edge]
    pieces = np.ceil(length_m / SAMPLE_M).astype(np.int64)
    at = np.repeat(np.arange(len(pieces)), pieces + 1)
    first = np.concatenate([[0], np.cumsum(pieces + 1)])
    fraction = (np.arange(len(at)) - first[at]) / pieces[at]
    seconds = np.minimum(
        times.tail_s[at] + fraction * times.along_s[at],
        times.head_s[at] + (1 - fraction) * times.against_s[at],
    )
    position = {int(edge): at for at, edge in enumerate(times.edge)}
    for edge, origin, along_s, against_s in zip(
        ends.edge.tolist(), ends.fraction, ends.along_s, ends.against_s, strict=True
    ):
        if edge < 0:
            continue
        own = slice(first[position[edge]], first[position[edge] + 1])
        gone = fraction[own] - origin
        may = np.where(gone >= 0, np.isfinite(along_s), np.isfinite(against_s))
        pace = np.where(gone >= 0, times.along_s[position[edge]], times.against_s[position[edge]])
        direct = np.where(may, np.abs(gone) * pace, np.inf)
        seconds[own] = np.minimum(seconds[own], direct)
    places = shapely.line_interpolate_point(
        streets.edge_geometry[times.edge[at]], fraction, normalized=True
    )
    return shapely.get_coordinates(places), seconds


def _rings(xy: Floats, offsets: npt.NDArray[np.uint32]) -> list[Floats]:
    return np.split(xy, offsets[1:-1])


def _area(points: list[Floats], offsets: list[npt.NDArray[np.uint32]]) -> Polygon | MultiPolygon:
    polygons = [Polygon(rings[0], rings[1:]) for rings in map(_rings, points, offsets)]
    area = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    if area.is_valid:
        return area
    # Rings may touch in a saddle point.
    return cast(MultiPolygon, shapely.make_valid(area, method="structure", keep_collapsed=False))
