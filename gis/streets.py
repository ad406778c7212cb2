"""Streets: the network people look at, its frozen arrays, snapping to edges, closures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar, cast

import geopandas as gpd
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gis.errors import NotFoundError, ParameterError
from gis.junctions import Rules, arcs_of
from gis.modes import MODES, check_mode, paces
from gis.noding import node_lines
from gis.snapping import EdgeIndex, Mainland, mainland, points_in, snap_points
from gis.streets_input import checked_lines, gates_of, metric_crs, shut_nodes
from gis.turns import Turns, banned_turns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]
T = TypeVar("T")

# Times are whole multiples of 1/1024 s: sums of them are exact in any order.
TICKS_PER_S = 1024


def whole_ticks(seconds: Floats) -> Floats:
    """Return seconds rounded to the nearest 1/1024 s.

    Examples
    --------
    >>> whole_ticks(np.array([0.1, np.inf])).tolist()
    [0.099609375, inf]
    """
    return np.asarray(np.rint(seconds * TICKS_PER_S) / TICKS_PER_S)


@dataclass(frozen=True)
class StreetsReport:
    """What became of the layers a network was built from."""

    nodes: int
    edges: int
    length_m: float
    loose_ends_joined: int
    barriers_used: int
    barriers_off_streets: int
    restrictions_used: int
    restrictions_ignored: Mapping[str, int]


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
    edge_tail, edge_head, edge_length_m, edge_geometry, edge_street
        Nodes, length, LineString and street code of each edge, (m,).
    arc_tail, arc_head
        Nodes of each arc, (a,).
    seconds
        Mode to time of each arc, (a,), in whole 1/1024 s; inf = not permitted.
    report
        What was built, and what of the layers was used.
    """

    crs: CRS
    xy: Floats = field(repr=False)
    junction: Ints = field(repr=False)
    edge_tail: Ints = field(repr=False)
    edge_head: Ints = field(repr=False)
    edge_length_m: Floats = field(repr=False)
    edge_geometry: Geometries = field(repr=False)
    edge_street: Geometries = field(repr=False)
    arc_tail: Ints = field(repr=False)
    arc_head: Ints = field(repr=False)
    seconds: Mapping[str, Floats] = field(repr=False)
    report: StreetsReport
    _cache: dict[tuple[str, ...], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
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
            How far a loose end may be from the vertex of the street it belongs to.

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
            If the tolerance is negative or the table of speeds is wrong.

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
        if not 0 <= tolerance_m < np.inf:
            msg = f"tolerance_m is {tolerance_m}; it must be 0 or more metres"
            raise ParameterError(msg)
        crs = metric_crs(streets)
        lines, codes = checked_lines(streets, crs)
        gates = gates_of(barriers)
        at = None if gates is None else shapely.get_coordinates(points_in(gates, crs))
        noded = node_lines(lines, breaks=at, tolerance_m=tolerance_m)
        length_m = shapely.length(noded.geometry)
        times = {}
        for mode in MODES:
            along, against = paces(streets, mode, speeds)
            pace = np.column_stack([along[noded.line], against[noded.line]])
            times[mode] = whole_ticks((length_m[:, None] * pace).ravel())
        turns = Turns({}, 0, {})
        if restrictions is not None and len(restrictions):
            turns = banned_turns(
                restrictions,
                tail=noded.tail,
                head=noded.head,
                xy=noded.xy,
                street=codes[noded.line],
                permitted={mode: np.isfinite(times[mode]) for mode in MODES},
                crs=crs,
            )
        shut = shut_nodes(gates, noded.break_node)
        arcs = arcs_of(noded.tail, noded.head, len(noded.xy), Rules(shut, turns.banned))
        report = StreetsReport(
            nodes=len(noded.xy),
            edges=len(noded.tail),
            length_m=float(length_m.sum()),
            loose_ends_joined=noded.loose_ends_joined,
            barriers_used=int((noded.break_node >= 0).sum()),
            barriers_off_streets=int((noded.break_node < 0).sum()),
            restrictions_used=turns.used,
            restrictions_ignored=turns.ignored,
        )
        return cls(
            crs=crs,
            xy=noded.xy[arcs.junction],
            junction=arcs.junction,
            edge_tail=noded.tail,
            edge_head=noded.head,
            edge_length_m=length_m,
            edge_geometry=noded.geometry,
            edge_street=codes[noded.line],
            arc_tail=arcs.tail,
            arc_head=arcs.head,
            seconds={m: np.concatenate([times[m], arcs.connector_s[m]]) for m in MODES},
            report=report,
        )

    @property
    def node_ids(self) -> Ints:
        """Names of the nodes in `graph`, in the order of every array over nodes, (n,)."""
        return np.arange(len(self.xy))

    @cached_property
    def graph(self) -> nx.MultiDiGraph[int]:
        """The network as networkx sees it: nodes x, y; one edge for each arc, keyed by it.

        Edges carry length_m, foot_s, ebike_s, car_s (absent = not permitted), geometry in the
        direction of travel, street and `edge`, its number here (-1 for a connector, whose street
        is None and whose length is 0). Changing it does not change the arrays.
        """
        graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs=self.crs)
        graph.add_nodes_from(
            (node, {"x": x, "y": y}) for node, (x, y) in enumerate(self.xy.tolist())
        )
        n_edges = len(self.edge_tail)
        both = np.column_stack([self.edge_geometry, shapely.reverse(self.edge_geometry)]).ravel()
        times = {f"{mode}_s": self.seconds[mode].tolist() for mode in MODES}
        nodes = zip(self.arc_tail.tolist(), self.arc_head.tolist(), strict=True)
        for arc, (tail, head) in enumerate(nodes):
            own = {name: row[arc] for name, row in times.items() if row[arc] < np.inf}
            if not own:
                continue
            edge = arc // 2 if arc < 2 * n_edges else -1
            at = self.xy[[tail, head]]
            graph.add_edge(
                tail,
                head,
                key=arc,
                edge=edge,
                length_m=float(self.edge_length_m[edge]) if edge >= 0 else 0.0,
                geometry=both[arc] if edge >= 0 else shapely.LineString(at),
                street=self.edge_street[edge] if edge >= 0 else None,
                **own,
            )
        return graph

    def adjacency(self, mode: str, *, reverse: bool = False) -> Adjacency:
        """Return the arcs of one mode by the node they leave, or backwards."""
        key = ("adjacency", mode, str(reverse))
        return self._once(key, lambda: self._adjacency(mode, reverse))

    def mainland(self, mode: str) -> Mainland:
        """Return the edges that one mode can stand on: neither islands nor traps."""
        check_mode(mode)
        return self._once(
            ("mainland", mode),
            lambda: mainland(
                self.arc_tail, self.arc_head, self.seconds[mode], self.edge_length_m, len(self.xy)
            ),
        )

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
        check_mode(mode)
        if not limit_m >= 0:
            msg = f"limit_m is {limit_m}; it must be 0 or more metres"
            raise ParameterError(msg)
        usable, cut_off, forbidden = self._once(("index", mode), lambda: self._indexes(mode))
        found = snap_points(
            points_in(points, self.crs),
            self.edge_geometry,
            self.edge_length_m,
            usable,
            (("island", cut_off), ("forbidden", forbidden)),
            limit_m,
        )
        return found.set_axis(points.index)

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
        shut = np.zeros(len(self.arc_tail), dtype=bool)
        shut[: 2 * len(self.edge_tail)] = np.repeat(np.isin(self.edge_street, list(codes)), 2)
        seconds = {mode: np.where(shut, np.inf, times) for mode, times in self.seconds.items()}
        return replace(self, seconds=seconds)

    def summary(self) -> str:
        """Return one line: size, and what of the barriers and restrictions was used."""
        r = self.report
        ignored = sum(r.restrictions_ignored.values())
        return (
            f"{r.nodes} junctions, {r.edges} edges, {r.length_m / 1000:.1f} km; "
            f"barriers {r.barriers_used} used, {r.barriers_off_streets} off the streets; "
            f"turn restrictions {r.restrictions_used} used, {ignored} not"
        )

    def _once(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        if key not in self._cache:
            self._cache[key] = make()
        return cast(T, self._cache[key])

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
