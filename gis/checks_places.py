"""Rows against the polygons they should lie in: grids, addresses, cameras, sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.checks_faults import Found, limits
from gis.layers import Layers
from gis.topology_kernels import Plane, Shapes, as_one, large_pieces, width_m


def grid_faults(layers: Layers, plane: Plane, gap_width_m: float) -> list[Found]:
    """Return grids that name no village, or reach out of the village they name into another.

    A strip no wider than `gap_width_m` along the border is left to the eye of who drew it. What
    lies in no village at all is told once, as what is outside of them all (`gis.topology`).
    """
    grids, villages = _drawn(layers["grids"]), _drawn(layers["villages"])
    if not len(grids) or not len(villages):
        return []
    places = plane.to_metres(villages.geometry.to_numpy())
    codes = villages["code"].astype(str).tolist()
    near = _Villages(codes, places, plane, shapely.STRtree(places))
    found = []
    metres = plane.to_metres(grids.geometry.to_numpy())
    for (code, named, shape), drawn in zip(_rows(grids, "code", "village"), metres, strict=True):
        if pd.isna(named):
            words = {"expected": near.around(drawn)}
            found.append(Found("grid_no_village", "grids", (code,), shape, words=words))
        elif named in near.codes:
            found += _out_of_village(code, drawn, named, near, gap_width_m)
    return found


def address_faults(layers: Layers) -> list[Found]:
    """Return addresses in no grid or in several, or not where their columns say.

    Not looked at where the town has no grids (or villages); an address on a border is in both.
    """
    addresses = _drawn(layers["addresses"])
    rows = _rows(addresses, "code", "grid", "village")
    found = []
    if layers.has("grids"):
        inside = _containing(addresses, layers["grids"])
        known = set(layers["grids"]["code"])
        for (code, grid, _, shape), at in zip(rows, inside, strict=True):
            # A grid that is not there at all is told as a reference.
            found += _address_in_grids(code, grid if grid in known else None, shape, at)
    if layers.has("villages"):
        inside = _containing(addresses, layers["villages"])
        known = set(layers["villages"]["code"])
        found += [
            _misplaced("address_other_village", code, village, shape, at)
            for (code, _, village, shape), at in zip(rows, inside, strict=True)
            if at and village in known and village not in at
        ]
    return found


def position_faults(layers: Layers, plane: Plane, town: shapely.Geometry) -> list[Found]:
    """Return cameras, sites and addresses without a place, and those far out of town.

    Parameters
    ----------
    layers
        The town.
    plane
        Metres around it.
    town
        Its area, EPSG:4326.

    Notes
    -----
    A mobile camera needs no place.
    """
    area = plane.to_metres(np.array([town], dtype=object))[0]
    shapely.prepare(area)
    found = []
    for layer in ("cameras", "sites", "addresses"):
        frame = layers[layer]
        if layer == "cameras":
            frame = frame[~frame["mobile"].fillna(False).astype(bool)]
        lost = frame.geometry.isna() | frame.geometry.is_empty
        found += [Found("no_place", layer, (str(code),)) for code in frame["code"][lost]]
        there = frame[~lost]
        away_m = shapely.distance(plane.to_metres(there.geometry.to_numpy()), area)
        found += [
            Found("out_of_town", layer, (code,), shape, words={"value": away})
            for (code, shape), away in zip(_rows(there, "code"), away_m.tolist(), strict=True)
            if away > limits()["out_of_town_m"]
        ]
    return found


def _drawn(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that have a valid shape; the others are told by other checks."""
    shapes = frame.geometry
    return frame[~shapes.isna() & ~shapes.is_empty & shapes.is_valid]


@dataclass(frozen=True, eq=False)
class _Villages:
    """The villages in metres, to look up by code and by place."""

    codes: list[str]
    places: Shapes
    plane: Plane
    tree: shapely.STRtree

    def around(self, shape: shapely.Geometry) -> str:
        """Return the code of the village that most of a shape lies in, or a question mark."""
        near = self.tree.query(shape, predicate="intersects")
        shared = shapely.area(shapely.intersection(self.places[near], shape))
        if not (shared > 0).any():
            return "?"
        return self.codes[int(near[np.argmax(shared)])]

    def others(self, home: int, shape: shapely.Geometry) -> shapely.Geometry:
        """Return the part of a shape that lies in other villages and not at home."""
        away = shapely.difference(shape, self.places[home])
        near = self.tree.query(away, predicate="intersects")
        there = shapely.union_all(self.places[near[near != home]])
        part: shapely.Geometry = shapely.intersection(away, there)
        return part


def _out_of_village(
    code: str, shape: shapely.Geometry, named: str, villages: _Villages, gap_width_m: float
) -> list[Found]:
    home = villages.codes.index(named)
    if shapely.covers(villages.places[home], shape):
        return []
    parts = shapely.get_parts(as_one(villages.others(home, shape)))
    parts = parts[large_pieces(parts, limits()["least_area_m2"], gap_width_m)]
    if not len(parts):
        return []
    piece = as_one(shapely.MultiPolygon(list(parts)))
    words = {"value": villages.around(piece), "expected": named}
    where = villages.plane.to_degrees(np.array([piece], dtype=object))
    area, width = float(shapely.area(piece)), float(width_m(parts).max())
    return [Found("grid_elsewhere", "grids", (code,), where[0], area, width, words=words)]


def _rows(frame: gpd.GeoDataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return the values of some columns, and the shape, of each row; codes as text."""
    values = [frame[name].astype(str) if name == "code" else frame[name] for name in columns]
    return list(zip(*(v.tolist() for v in values), frame.geometry.to_numpy(), strict=True))


def _containing(points: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame) -> list[list[str]]:
    """Return the codes of the polygons that each point lies in or on, by position."""
    drawn = _drawn(polygons)
    tree = shapely.STRtree(drawn.geometry.to_numpy())
    point, polygon = tree.query(points.geometry.to_numpy(), predicate="intersects")
    codes = drawn["code"].astype(str).tolist()
    inside: list[list[str]] = [[] for _ in range(len(points))]
    for at, which in sorted(zip(point.tolist(), polygon.tolist(), strict=True)):
        inside[at].append(codes[which])
    return inside


def _address_in_grids(
    code: str, named: str | None, shape: shapely.Geometry, inside: list[str]
) -> list[Found]:
    if not inside:
        return [Found("address_no_grid", "addresses", (code,), shape)]
    found = []
    if len(inside) > 1:
        words = {"value": " ".join(inside)}
        found.append(Found("address_several_grids", "addresses", (code,), shape, words=words))
    if named is not None and named not in inside:
        found.append(_misplaced("address_other_grid", code, named, shape, inside))
    return found


def _misplaced(
    kind: str, code: str, named: str, shape: shapely.Geometry, inside: list[str]
) -> Found:
    words = {"value": " ".join(inside), "expected": named}
    return Found(kind, "addresses", (code,), shape, words=words)
