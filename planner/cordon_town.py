"""A town made ready for cordons: what no place and no hour changes, kept between questions."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.layers import WGS84, Layers
from gis.streets import Streets
from planner.cordon_exits import border_nodes, outline_of, outward, street_weights
from planner.cordon_fields import Place, Reached, times_to
from planner.cordon_posts import Checkpoints, checkpoints_at
from planner.cordon_runner import RunnerNet, runner_net
from planner.cordon_tables import profile_tables

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# How closely the streets of a drawing follow the true ones, metres.
THIN_M = 3.0
# A site so near names a place.
NEAR_M = 150.0


@dataclass(frozen=True, eq=False)
class RunnerTown:
    """The town as a runner of one mode sees it.

    Parameters
    ----------
    net
        Its junctions and arcs.
    border
        (n,) junctions over the border of the town.
    to_border_s
        (n,) seconds to the nearest of them.
    weight
        (m,) what an exit by each street weighs.
    """

    net: RunnerNet
    border: Flags = field(repr=False)
    to_border_s: Floats = field(repr=False)
    weight: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class CordonTown:
    """A town and its network; what is made of them is made once, by whoever asks first.

    Parameters
    ----------
    layers
        The town, completed.
    streets
        Its network, with the times of the hour that is asked about.
    tables
        How runners move, what exits weigh and what checkpoints do
        (`planner.cordon_params.CordonParams.tables`).
    """

    layers: Layers
    streets: Streets
    tables: Mapping[str, Any] = field(default_factory=profile_tables, repr=False)
    _seen: dict[str, RunnerTown] = field(default_factory=dict, init=False, repr=False)
    _checkpoints: dict[tuple[str, int | None], Checkpoints] = field(
        default_factory=dict, init=False, repr=False
    )
    _fields: dict[Place, Reached] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def seen_by(self, mode: str) -> RunnerTown:
        """Return the town as a runner of a mode sees it."""
        with self._lock:
            if mode not in self._seen:
                net = runner_net(self.streets, self.layers, mode, self.tables)
                border = border_nodes(net, self.outline)
                weight = street_weights(self.streets, self.tables["exit_weight"])
                self._seen[mode] = RunnerTown(net, border, outward(net, border), weight)
        return self._seen[mode]

    def warmed(self) -> CordonTown:
        """Return the town with the networks of all modes and its names made ready."""
        self.junction_names([0] if len(self.streets.edge_tail) else [])
        _ = self.thin_lines
        for mode in ("foot", "ebike", "car"):
            self.seen_by(mode)
            self.streets.adjacency(mode)
            self.streets.mainland(mode)
        return self

    def unit_times(self, points: gpd.GeoSeries, nodes: Ints, mode: str, limit_s: float) -> Floats:
        """Return when units from some points are at junctions, (points, nodes) s, inf = never.

        Where a unit was asked for before, nothing is searched again.
        """
        with self._lock:
            return times_to(
                self.streets, points, nodes, mode=mode, limit_s=limit_s, kept=self._fields
            )

    def with_units(self, layers: Layers) -> CordonTown:
        """Return the same town with its units where other layers say; what is ready stays."""
        other = CordonTown(layers, self.streets, self.tables)
        for name in ("_seen", "_checkpoints", "_fields", "_lock"):
            object.__setattr__(other, name, getattr(self, name))
        ready = ("outline", "names", "thin_lines", "road_checkpoints", "_sites", "_edges_at")
        vars(other).update({name: vars(self)[name] for name in ready if name in vars(self)})
        return other

    @cached_property
    def road_checkpoints(self) -> gpd.GeoDataFrame:
        """The layer of road checkpoints, empty where there is none."""
        return self.layers["road_checkpoints"]

    def checkpoints(self, mode: str, minute: int | None) -> Checkpoints:
        """Return the checkpoints that stop a runner of a mode at a minute (None = all)."""
        with self._lock:
            if (mode, minute) not in self._checkpoints:
                net = self._seen[mode].net
                self._checkpoints[mode, minute] = checkpoints_at(
                    self.road_checkpoints, net, self.streets, minute, self.tables["checkpoints"]
                )
            return self._checkpoints[mode, minute]

    @cached_property
    def thin_lines(self) -> npt.NDArray[np.object_]:
        """The streets with fewer vertices, to be drawn, (m,) in the network's CRS."""
        return np.asarray(shapely.simplify(self.streets.edge_geometry, THIN_M))

    @cached_property
    def outline(self) -> shapely.Geometry | None:
        """The area of the town in the network's CRS, None where nothing tells."""
        return outline_of(self.layers, self.streets)

    def names_at(self, nodes: Sequence[int]) -> list[tuple[str, ...]]:
        """Return the names of the streets that meet at each junction, of those that have one."""
        first, edges = self._edges_at
        codes = self.streets.edge_street
        found = []
        for node in nodes:
            meet = {self.names.get(codes[edge]) for edge in edges[first[node] : first[node + 1]]}
            found.append(tuple(sorted(name for name in meet if name)))
        return found

    def junction_names(self, nodes: Sequence[int]) -> list[str]:
        """Return how people call each junction: its streets, the site beside it, or nothing.

        Two streets name it ("A / B"); one street stands with the nearest site within 150 m.
        """
        names = self.names_at(nodes)
        sites = self.sites_near(self.streets.xy[np.asarray(nodes, dtype=np.int64)])
        return [
            " / ".join(met) if len(met) > 1 else " · ".join([*met, *filter(None, [site])])
            for met, site in zip(names, sites, strict=True)
        ]

    def sites_near(self, xy: Floats) -> list[str]:
        """Return the name of the nearest site within 150 m of each place, "" without one."""
        tree, names = self._sites
        out = [""] * len(xy)
        if len(names) and len(xy):
            at, site = tree.query_nearest(
                shapely.points(xy), max_distance=NEAR_M, all_matches=False
            )
            for one, other in zip(at.tolist(), site.tolist(), strict=True):
                out[one] = names[other]
        return out

    def lonlat(self, nodes: Ints) -> tuple[Floats, Floats]:
        """Return where junctions are, degrees, rounded to 0.1 m."""
        xy = self.streets.xy[nodes]
        at = gpd.GeoSeries.from_xy(xy[:, 0], xy[:, 1], crs=self.streets.crs).to_crs(WGS84)
        return np.round(at.x.to_numpy(), 6), np.round(at.y.to_numpy(), 6)

    def checkpoint_at(self, nodes: Ints) -> Flags:
        """Return at which junctions a road checkpoint stands, (k,)."""
        posts = self.road_checkpoints.geometry.to_crs(self.streets.crs).to_numpy()
        near_m = self.tables["checkpoints"]["at_junction_m"]
        apart = shapely.distance(
            np.asarray(shapely.points(self.streets.xy[nodes]))[:, None], np.asarray(posts)[None, :]
        )
        return np.asarray((apart <= near_m).any(axis=1))

    @cached_property
    def _edges_at(self) -> tuple[Ints, Ints]:
        """Where the edges of each junction begin, and those edges."""
        streets = self.streets
        ends = np.concatenate([streets.edge_tail, streets.edge_head])
        edges = np.argsort(ends, kind="stable") % len(streets.edge_tail)
        count = np.bincount(ends, minlength=len(streets.xy))
        return np.concatenate([[0], np.cumsum(count)]), edges

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of each street by its code, those that have one."""
        rows = self.layers["streets"]
        named = rows["name"].notna() & rows["name"].ne("")
        return dict(zip(rows["code"][named].tolist(), rows["name"][named].tolist(), strict=True))

    @cached_property
    def _sites(self) -> tuple[shapely.STRtree, list[str]]:
        sites: pd.DataFrame = self.layers["sites"]
        sites = sites[sites["name"].notna() & sites["name"].ne("")]
        shapes = sites.geometry.to_crs(self.streets.crs).to_numpy()
        return shapely.STRtree(shapes), sites["name"].tolist()


def prepare_cordon(
    layers: Layers, streets: Streets, tables: Mapping[str, Any] | None = None
) -> CordonTown:
    """Return a town made ready, for many questions about the same hour.

    Parameters
    ----------
    layers
        The town; `planner.assume.complete` fills in what is unknown, and units stand where
        `planner.duty.moved_units` has put them.
    streets
        Its network at the hour (`planner.network.at_minute`).
    tables
        `CordonParams.tables` of the town; None = those of the profile.
    """
    return CordonTown(layers, streets, profile_tables() if tables is None else tables)
