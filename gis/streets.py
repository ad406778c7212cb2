"""Streets: the network people look at, its frozen arrays, snapping to edges, closures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeVar

import geopandas as gpd
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gis.errors import NotFoundError, ParameterError
from gis.islands import Mainland, islands_of, mainland
from gis.modes import MODES, check_mode
from gis.snapping import EdgeIndex, Snapped, points_in, snap_points
from gis.streets_build import parts_of
from gis.streets_graph import graph_of
from gis.streets_report import StreetsReport
from gis.ticks import whole_ticks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]
T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True)
class Adjacency:
    """The arcs one mode may use, by the node they leave (or, backwards, arrive at).

    Parameters
    ----------
    indptr
        Where the arcs of each node begin, (n + 1,).
    node
        The node at the other end, (a,).
    seconds
        Time, (a,).
    arc
        Number of the arc in `Streets`, (a,).
    """

    indptr: Ints
    node: Ints
    seconds: Floats
    arc: Ints


@dataclass(frozen=True, eq=False)
class Streets:
    """A street network for people on foot, e-bikes and cars.

    Edge e, drawn from `edge_tail` to `edge_head`, is arc 2 e along and arc 2 e + 1 against;
    behind them follow the connectors through gates and turn restrictions (`gis.junctions`).

    Parameters
    ----------
    crs
        CRS of all places, metres.
    xy
        Places of the nodes, (n, 2).
    junction
        The drawn junction each node belongs to, (n,); several share one behind a gate.
    source
        The node at which a trip from a node may begin, (n,): mostly itself.
    edge_tail, edge_head, edge_length_m, edge_geometry, edge_street
        Nodes, length, LineString and street code of each edge, (m,).
    edge_kind, edge_row
        Its `highway` (None = unknown) and the position of its street in the layer, (m,).
    arc_tail, arc_head
        Nodes of each arc, (a,).
    arc_edge, arc_forward
        Edge of each arc (-1 = connector), and whether it runs as the edge is drawn, (a,).
    seconds
        Mode to time of each arc, (a,), in whole 1/1024 s; inf = not permitted.
    report
        What was built, and what of the layers was used.
    repairs
        What was mended in the drawing, a row each (`gis.noding`): kind, street, other, moved_m,
        lon, lat.
    """

    crs: CRS
    xy: Floats = field(repr=False)
    junction: Ints = field(repr=False)
    source: Ints = field(repr=False)
    edge_tail: Ints = field(repr=False)
    edge_head: Ints = field(repr=False)
    edge_length_m: Floats = field(repr=False)
    edge_geometry: Geometries = field(repr=False)
    edge_street: Geometries = field(repr=False)
    edge_kind: Geometries = field(repr=False)
    edge_row: Ints = field(repr=False)
    arc_tail: Ints = field(repr=False)
    arc_head: Ints = field(repr=False)
    arc_edge: Ints = field(repr=False)
    arc_forward: npt.NDArray[np.bool_] = field(repr=False)
    seconds: Mapping[str, Floats] = field(repr=False)
    report: StreetsReport
    repairs: pd.DataFrame = field(repr=False)
    _cache: dict[tuple[str, ...], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    # By mode: what depends on who may go where, but not on how fast; shared by `timed`.
    _open: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {mode: {} for mode in MODES}, init=False, repr=False, compare=False
    )

    @classmethod
    def build(
        cls,
        streets: gpd.GeoDataFrame,
        *,
        speeds: Mapping[str, Any] | None = None,
        barriers: gpd.GeoDataFrame | None = None,
        restrictions: pd.DataFrame | None = None,
        tolerance_m: float = 0.5,
        turn_costs: Mapping[str, Any] | None = None,
    ) -> Streets:
        """Return the network of a layer of streets.

        Parameters
        ----------
        streets
            Layer streets, any CRS. Without `code` the row labels are the codes; further columns
            that are absent count as unknown.
        speeds
            A table like `data/profiles/speeds.toml`, which is the default.
        barriers
            Layer barriers: points on the streets. A mode with "no" cannot pass there.
        restrictions
            Layer restrictions: turns that are forbidden or the only ones allowed.
        tolerance_m
            How far a loose end may be from the street it belongs to.
        turn_costs
            A table like `data/profiles/turns.toml`: what turns cost cars; None = nothing.

        Returns
        -------
        Streets
            In the CRS of the streets if that is metric and true to scale, else in the town's.

        Raises
        ------
        LayerMissingError
            If there are no streets.
        CrsError
            If they have no CRS.
        LayerFaultsError
            If some are not lines; every such row is listed.
        ParameterError
            If the tolerance is negative or a table of speeds or turns is wrong.

        Examples
        --------
        >>> lines = ["LINESTRING (0 0, 100 0)", "LINESTRING (100 0, 100 80)"]
        >>> frame = gpd.GeoDataFrame(
        ...     {"code": ["a", "b"], "highway": ["residential", "footway"]},
        ...     geometry=gpd.GeoSeries.from_wkt(lines), crs="EPSG:32650",
        ... ).translate(500_000, 3_300_000)
        >>> network = Streets.build(frame.to_frame("geometry"))
        >>> network.graph.number_of_nodes(), network.graph.number_of_edges()
        (3, 4)
        """
        parts = parts_of(
            streets,
            speeds=speeds,
            barriers=barriers,
            restrictions=restrictions,
            tolerance_m=tolerance_m,
            turn_costs=turn_costs,
        )
        return cls(**vars(parts))

    @property
    def node_ids(self) -> Ints:
        """Names of the nodes in `graph`, in the order of every array over nodes, (n,)."""
        return np.arange(len(self.xy))

    @cached_property
    def graph(self) -> nx.MultiDiGraph[int]:
        """The network as networkx sees it (`gis.streets_graph`); changing it changes no array."""
        return graph_of(self)

    @cached_property
    def revision(self) -> str:
        """Twelve hex digits that change with whatever may change an answer."""
        digest = sha256(self.crs.to_wkt().encode())
        for part in (self.xy, self.arc_tail, self.arc_head, *(self.seconds[m] for m in MODES)):
            digest.update(np.ascontiguousarray(part).tobytes())
        digest.update(shapely.get_coordinates(self.edge_geometry).tobytes())
        digest.update("\n".join(self.edge_street.tolist()).encode())
        return digest.hexdigest()[:12]

    def adjacency(self, mode: str, *, reverse: bool = False) -> Adjacency:
        """Return the arcs of one mode by the node they leave, or backwards."""
        key = ("adjacency", mode, str(reverse))
        return _once(self._cache, key, lambda: self._adjacency(mode, reverse))

    def mainland(self, mode: str) -> Mainland:
        """Return the edges that one mode can stand on: neither islands nor traps."""
        check_mode(mode)
        return _once(
            self._open[mode],
            "mainland",
            lambda: mainland(
                self.arc_tail,
                self.arc_head,
                self.arc_edge,
                self.seconds[mode],
                self.edge_length_m,
                len(self.xy),
            ),
        )

    def islands(self, mode: str) -> gpd.GeoDataFrame:
        """Return the streets open to a mode that it cannot get to or away from.

        Parameters
        ----------
        mode
            "foot", "ebike" or "car".

        Returns
        -------
        GeoDataFrame
            In the CRS of the network, the longest first: piece, edges (how many), length_m,
            reason ("cut off", "no way out", "no way in"), geometry.

        Raises
        ------
        ParameterError
            If there is no such mode.
        """
        return islands_of(
            self.mainland(mode),
            self.edge_tail,
            self.edge_head,
            self.edge_length_m,
            self.edge_geometry,
            self.crs,
        )

    def arcs_of_edges(self) -> tuple[Ints, Ints]:
        """Return where the arcs of each edge begin in a row of arcs, (m + 1,), and that row."""
        return _once(self._cache, ("arcs of edges",), self._arcs_of_edges)

    def snap(
        self,
        points: gpd.GeoSeries | gpd.GeoDataFrame,
        *,
        mode: str,
        limit_m: float = 150,
    ) -> pd.DataFrame:
        """Return the nearest edge that a mode can use and get away from.

        Parameters
        ----------
        points
            Points in any CRS.
        mode
            "foot", "ebike" or "car".
        limit_m
            Farthest distance from the street.

        Returns
        -------
        DataFrame
            Index of the points; edge (position in the arrays over edges, -1 = refused), fraction
            0..1 of its length from its tail, offset_m to the street, and reason: "" or why not:
            "too_far", "forbidden" (only streets closed to the mode are near), "island" (the
            mode is cut off there) or "no_point" (the geometry is missing).

        Raises
        ------
        CrsError
            If the points have no CRS.
        InputError
            If a geometry is not a point.
        ParameterError
            If there is no such mode, or the limit is not a distance.
        """
        return self.places(points, mode=mode, limit_m=limit_m).frame(points.index)

    def places(
        self, points: gpd.GeoSeries | gpd.GeoDataFrame, *, mode: str, limit_m: float = 150
    ) -> Snapped:
        """Return what `snap` does, as arrays."""
        check_mode(mode)
        if not limit_m >= 0:
            msg = f"limit_m is {limit_m}; it must be 0 or more metres"
            raise ParameterError(msg)
        usable, *refused = _once(self._open[mode], "index", lambda: self._indexes(mode))
        return snap_points(
            points_in(points, self.crs),
            self.edge_geometry,
            self.edge_length_m,
            usable,
            tuple(zip(("island", "forbidden"), refused, strict=True)),
            limit_m,
        )

    def closed(self, streets: Iterable[str]) -> Streets:
        """Return the same network with some streets closed to every mode.

        Nodes and edges keep their numbers, so results before and after compare one to one.

        Parameters
        ----------
        streets
            Codes of streets.

        Raises
        ------
        NotFoundError
            If a code is not in the network; the message lists those.
        """
        codes = {str(code) for code in ([streets] if isinstance(streets, str) else streets)}
        unknown = sorted(codes - set(self.edge_street))
        if unknown:
            msg = f"no street has the code {', '.join(unknown[:10])}"
            raise NotFoundError(msg)
        factor = np.where(np.isin(self.edge_street, list(codes)), np.inf, 1.0)
        return self.timed(dict.fromkeys(MODES, factor))

    def timed(self, factors: Mapping[str, Floats]) -> Streets:
        """Return the same network with the time of each edge times a factor.

        Nodes, edges and arcs keep their numbers; what turns cost stays.

        Parameters
        ----------
        factors
            Mode to (m,) factors above 0, inf = closed; a mode that is absent stays as it is.

        Raises
        ------
        ParameterError
            If there is no such mode, or its factors are not one number above 0 for each edge.
        """
        seconds = dict(self.seconds)
        for mode, factor in factors.items():
            check_mode(mode)
            if np.shape(factor) != self.edge_tail.shape or not (np.asarray(factor) > 0).all():
                msg = f"the factors of {mode} must be {len(self.edge_tail)} numbers above 0"
                raise ParameterError(msg)
            own = np.append(np.asarray(factor, dtype=np.float64), 1.0)[self.arc_edge]
            with np.errstate(invalid="ignore"):  # 0 s times inf: a street without length, closed
                times = whole_ticks(self.seconds[mode] * own)
            seconds[mode] = np.where(np.isnan(times), np.inf, times)
        timed = replace(self, seconds=seconds)
        for mode in MODES:
            if np.array_equal(np.isfinite(seconds[mode]), np.isfinite(self.seconds[mode])):
                timed._open[mode] = self._open[mode]
        return timed

    def summary(self) -> str:
        """Return one line: size, repairs, what of barriers and restrictions was used."""
        return self.report.summary()

    def _arcs_of_edges(self) -> tuple[Ints, Ints]:
        arc = np.flatnonzero(self.arc_edge >= 0)
        arc = arc[np.argsort(self.arc_edge[arc], kind="stable")]
        count = np.bincount(self.arc_edge[arc], minlength=len(self.edge_tail))
        return np.concatenate([[0], np.cumsum(count)]).astype(np.int64), arc

    def _adjacency(self, mode: str, reverse: bool) -> Adjacency:
        arc = np.flatnonzero(np.isfinite(self.seconds[check_mode(mode)]))
        start, end = (self.arc_head, self.arc_tail) if reverse else (self.arc_tail, self.arc_head)
        arc = arc[np.argsort(start[arc], kind="stable")]
        count = np.bincount(start[arc], minlength=len(self.xy))
        return Adjacency(
            indptr=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
            node=end[arc],
            seconds=self.seconds[mode][arc],
            arc=arc,
        )

    def _indexes(self, mode: str) -> tuple[EdgeIndex, EdgeIndex, EdgeIndex]:
        usable = self.mainland(mode).usable
        times = self.seconds[mode][: 2 * len(usable)]
        permitted = np.asarray(np.isfinite(times).reshape(-1, 2).any(axis=1))
        return (
            EdgeIndex.of(self.edge_geometry, usable),
            EdgeIndex.of(self.edge_geometry, permitted & ~usable),
            EdgeIndex.of(self.edge_geometry, ~permitted),
        )


def _once(made: dict[K, Any], key: K, make: Callable[[], T]) -> T:
    found: T = made[key] if key in made else made.setdefault(key, make())
    return found
