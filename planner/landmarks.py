"""Landmarks: bridges, canals, gates, shops, schools and what else people look out for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.crs import to_metres
from gis.layers import WGS84, Layers
from gis.profiles import load
from gis.streets import Streets

Ints = npt.NDArray[np.int64]

COLUMNS = ["code", "name", "kind", "rank"]


@dataclass(frozen=True, eq=False)
class Marks:
    """Landmarks that can be looked up by place, in the CRS of a network; `Marks.of` makes it.

    Parameters
    ----------
    code, name, kind
        Of each landmark, (k,); a name may be None.
    rank
        The lower the sooner it is named, (k,).
    shapes
        Points, lines and polygons, metres, (k,).
    bridges
        Codes of the streets that are bridges, and which landmark each is.
    """

    code: tuple[str, ...] = field(repr=False)
    name: tuple[str | None, ...] = field(repr=False)
    kind: tuple[str, ...]
    rank: Ints = field(repr=False)
    shapes: npt.NDArray[np.object_] = field(repr=False)
    tree: shapely.STRtree = field(repr=False)
    bridges: dict[str, int] = field(repr=False)

    @classmethod
    def of(cls, streets: Streets, marks: gpd.GeoDataFrame) -> Marks:
        """Return landmarks, as `landmarks_of` gives them, for a network."""
        shapes = to_metres(gpd.GeoSeries(marks.geometry), streets.crs).to_numpy()
        codes = tuple(map(str, marks["code"]))
        kinds = tuple(map(str, marks["kind"]))
        lines = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
        bridges = {codes[at]: at for at in np.flatnonzero(lines).tolist() if kinds[at] == "bridge"}
        names = tuple(name if isinstance(name, str) else None for name in marks["name"])
        rank = marks["rank"].to_numpy(np.int64)
        return cls(codes, names, kinds, rank, shapes, shapely.STRtree(shapes), bridges)

    def near(self, place: shapely.Geometry, within_m: float) -> list[int]:
        """Return the landmarks within a distance of a place, those named first at the front."""
        found = self.tree.query(place, predicate="dwithin", distance=within_m)
        far_m = shapely.distance(self.shapes[found], place)
        return [int(at) for at in found[np.lexsort((found, far_m, self.rank[found]))]]

    def summary(self) -> str:
        """Return one line: how many landmarks."""
        return f"{len(self.code)} landmarks, {len(self.bridges)} of them bridges of streets"


def landmarks_of(layers: Layers) -> gpd.GeoDataFrame:
    """Return the landmarks of a town.

    Parameters
    ----------
    layers
        The town: sites, streets (bridge), areas (water), barriers (gates, traffic lights),
        patrol_points (landmark); those that are absent give none.

    Returns
    -------
    GeoDataFrame
        EPSG:4326: code, name (None = it has none), kind (that of the site, or "bridge", "canal",
        "pond", "gate", "lights", "mark"), rank (the lower the sooner it is named), geometry.
    """
    table = load("landmarks")
    parts = [
        _sites(layers["sites"], table["sites"]),
        _bridges(layers["streets"], table["ranks"]),
        _water(layers["areas"], table),
        _gates(layers["barriers"], layers["sites"], table),
        _lights(layers["barriers"], table),
        _known_by(layers["patrol_points"], layers["sites"], table["ranks"]),
    ]
    rows = pd.concat([part[[*COLUMNS, "geometry"]] for part in parts if len(part)] or [parts[0]])
    there = rows.geometry.notna() & ~rows.geometry.is_empty
    return gpd.GeoDataFrame(rows[there].reset_index(drop=True), crs=WGS84)


def _sites(sites: gpd.GeoDataFrame, ranks: dict[str, int]) -> gpd.GeoDataFrame:
    known = sites[sites["kind"].isin(list(ranks)) & sites["name"].notna()]
    return known.assign(rank=known["kind"].map(ranks))


def _bridges(streets: gpd.GeoDataFrame, ranks: dict[str, int]) -> gpd.GeoDataFrame:
    bridges = streets[streets["bridge"].fillna(False).astype(bool)]
    # The name is that of the street that leads over it, not its own.
    return bridges.assign(name=None, kind="bridge", rank=ranks["bridge"])


def _water(areas: gpd.GeoDataFrame, table: dict[str, Any]) -> gpd.GeoDataFrame:
    water = areas[areas["kind"] == "water"]
    if not len(water):
        return water.assign(rank=0)
    shapes = water.to_crs(water.estimate_utm_crs())
    # Of a strip, area over the square of half its border is s / (1 + s)^2, s its width over its
    # length; of several strips it is less, which are canals all the more.
    share = float(table["water"]["canal_width_share"])
    narrow = (shapes.area / (shapes.length / 2) ** 2).to_numpy() < share / (1 + share) ** 2
    called = water["name"].fillna("").str.contains("|".join(table["water"]["pond_names"]))
    canal = narrow & ~called.to_numpy(bool)
    ranks = np.where(canal, table["ranks"]["canal"], table["ranks"]["pond"])
    return water.assign(kind=np.where(canal, "canal", "pond"), rank=ranks)


def _gates(
    barriers: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, table: dict[str, Any]
) -> gpd.GeoDataFrame:
    """Return gates, named like the site whose they are."""
    rules = table["gates"]
    gates = barriers[barriers["kind"].isin(rules["kinds"])]
    named = sites[sites["kind"].isin(rules["of_sites"]) & sites["name"].notna()]
    gates = gates.assign(name=None, kind="gate", rank=table["ranks"]["gate"])
    if not len(gates) or not len(named):
        return gates
    crs = gates.estimate_utm_crs()
    tree = shapely.STRtree(named.to_crs(crs).geometry.to_numpy())
    at, site = tree.query_nearest(
        gates.to_crs(crs).geometry.to_numpy(),
        max_distance=float(rules["near_m"]),
        all_matches=False,
    )
    name = gates["name"].astype(object).to_numpy().copy()
    name[at] = named["name"].to_numpy()[site]
    return gates.assign(name=name)


def _lights(barriers: gpd.GeoDataFrame, table: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return traffic lights, which have no names."""
    lights = barriers[barriers["kind"].isin(table["lights"]["kinds"])]
    return lights.assign(name=None, kind="lights", rank=table["ranks"]["lights"])


def _known_by(
    points: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, ranks: dict[str, int]
) -> gpd.GeoDataFrame:
    """Return what patrol points are known by, unless that is a site."""
    known = points[points["landmark"].notna() & ~points["landmark"].isin(sites["name"])]
    return known.assign(name=known["landmark"], kind="mark", rank=ranks["mark"])
