"""Points to the nearest street a mode may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely import STRtree

from gis.errors import CrsError, InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

# A point this near the end of an edge stands on the junction.
JUNCTION_M = 1e-3


def points_in(points: gpd.GeoSeries | gpd.GeoDataFrame, crs: CRS) -> Geometries:
    """Return points in another CRS, (n,); missing and empty ones as None.

    Raises
    ------
    CrsError
        If the points have no CRS.
    InputError
        If a geometry is not a point; the message names the rows.
    """
    geometry = points.geometry
    if geometry.crs is None:
        msg = "the points have no coordinate system: set one with .set_crs()"
        raise CrsError(msg)
    given = np.array(geometry.array, dtype=object)
    kind = shapely.get_type_id(given)  # -1 = missing
    wrong = (kind > 0) & ~shapely.is_empty(given)
    if wrong.any():
        rows = ", ".join(map(str, geometry.index[wrong][:10]))
        msg = f"{int(wrong.sum())} of the points are not points: rows {rows}"
        raise InputError(msg)
    moved = given if geometry.crs is crs else np.array(geometry.to_crs(crs).array, dtype=object)
    moved[shapely.is_empty(moved)] = None
    there = np.flatnonzero(kind >= 0)
    there = there[~shapely.is_missing(moved[there])]
    nowhere = ~np.isfinite(shapely.get_coordinates(moved[there])).all(axis=1)
    moved[there[nowhere]] = None
    return moved


@dataclass(frozen=True, eq=False)
class Snapped:
    """Points as places on edges.

    Parameters
    ----------
    edge, fraction, offset_m, reason
        As the columns of `Streets.snap`, (k,) each.
    """

    edge: Ints
    fraction: Floats
    offset_m: Floats
    reason: Geometries

    def frame(self, index: pd.Index[Any]) -> pd.DataFrame:
        """Return the same as a table."""
        return pd.DataFrame(
            {
                "edge": self.edge,
                "fraction": self.fraction,
                "offset_m": self.offset_m,
                "reason": pd.array(self.reason, dtype="str"),
            },
            index=index,
        )


@dataclass(frozen=True, eq=False)
class EdgeIndex:
    """A spatial index over some edges."""

    edge: Ints
    tree: STRtree

    @classmethod
    def of(cls, geometry: Geometries, chosen: Flags) -> EdgeIndex:
        """Return the index over the chosen edges."""
        edge = np.flatnonzero(chosen)
        return cls(edge, STRtree(geometry[edge]))

    def nearest(self, points: Geometries, limit_m: float) -> tuple[Ints, Ints, Floats]:
        """Return which points are near an edge, the nearest edge, and how far it is."""
        if not len(self.edge) or not len(points):
            none = np.empty(0, dtype=np.int64)
            return none, none, np.empty(0)
        (point, at), apart = self.tree.query_nearest(
            points,
            max_distance=max(limit_m, 1e-9) if np.isfinite(limit_m) else None,
            return_distance=True,
            all_matches=False,
        )
        near = apart <= limit_m
        return point[near], self.edge[at[near]], apart[near]


def snap_points(
    points: Geometries,
    geometry: Geometries,
    length_m: Floats,
    index: EdgeIndex,
    refused: tuple[tuple[str, EdgeIndex], ...],
    limit_m: float,
) -> Snapped:
    """Return the nearest indexed edge of each point, or why there is none.

    Parameters
    ----------
    points
        Points or None, (k,), in the CRS of the edges.
    geometry, length_m
        All edges, (m,).
    index
        The edges that may be chosen.
    refused
        Reasons, and the edges to which each applies: what the nearest edge would have been.
    limit_m
        Farthest distance.

    Returns
    -------
    Snapped
        edge (-1 = none), fraction from the edge's tail, offset_m, reason ("" = snapped).
    """
    edge = np.full(len(points), -1, dtype=np.int64)
    fraction = np.full(len(points), np.nan)
    offset_m = np.full(len(points), np.nan)
    reason = np.full(len(points), "", dtype=object)
    at, found, apart = index.nearest(points, limit_m)
    edge[at], offset_m[at] = found, apart
    left = np.flatnonzero(edge < 0)
    reason[left] = "too_far"
    reason[left[shapely.is_missing(points[left])]] = "no_point"
    for word, others in reversed(refused):
        reason[left[others.nearest(points[left], limit_m)[0]]] = word
    along = shapely.line_locate_point(geometry[found], points[at])
    along = np.where(along <= JUNCTION_M, 0.0, along)
    whole = along >= length_m[found] - JUNCTION_M
    fraction[at] = np.where((along > 0) & whole, 1.0, np.minimum(along / length_m[found], 1.0))
    return Snapped(edge, fraction, offset_m, reason)
